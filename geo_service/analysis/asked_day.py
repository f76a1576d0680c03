"""What is asked of a day's patrols: the places, shifts and roads of a town as a patrol problem."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from geo_service.analysis.access import Network, build_network
from geo_service.analysis.beats import Beats, load_beats, windows_of
from geo_service.analysis.camera_credit import count_cameras
from geo_service.analysis.rows import each
from geo_service.analysis.streets import Streets, asked_streets, modes_of
from geo_service.duty.choice import PlannedFor
from geo_service.duty.standing import CLOSED, POST, times
from geo_service.duty.windows import NO_LIMIT_S
from geo_service.progress import Progress, part, silent
from geo_service.publications import plan_in_force
from geo_service.store import Store
from patrol_routing import DEFAULT_MODES, Mode, PatrolProblem
from town_model import DAY_S, InputError, Text

# What being overdue weighs where not every interval can be kept; a planning value of this project.
PRIORITY_WEIGHT = {"1": 4.0, "2": 2.0, "3": 1.0}


@dataclass(frozen=True)
class AskedDay:
    """What is asked of a day, before it is planned.

    Args:
        beats: places and shifts. network: the road graph and access nodes. problem: what is to be solved.
        lost: places that no road comes near; they are not in the problem.
        streets: the required streets as they are asked for.
        seen: what cameras see of each place (``place``, ``share_day``, ``share_night``); None where they do not count.
    """

    beats: Beats
    network: Network
    problem: PatrolProblem
    lost: set[Hashable]
    streets: Streets
    seen: pd.DataFrame | None = None


def ask_day(
    store: Store,
    *,
    planned: PlannedFor | None = None,
    say_name: dict[str, str] | None = None,
    seen: pd.DataFrame | None = None,
    progress: Progress = silent,
) -> AskedDay:
    """Return what a day's plan must do in the town as it stands now. Parameters as of `compute_patrol`.

    Args:
        store: the town.
        planned: for which day.
        say_name: names of the default units.
        seen: where cameras count, what they see of each place as `AskedDay.seen` has it; None asks them as they stand now.
        progress: told how far it is.

    Raises:
        InputError: no place to visit, no roads, or no unit.
    """
    progress(0.0, Text("reading places and units"))
    beats = load_beats(store, say_name=say_name, duty=None if planned is None else planned.duty)
    beats, seen = count_cameras(store, beats, planned, seen=seen, progress=part(progress, 0.0, 0.05))
    roads = store.frame("roads")
    if roads.empty:
        raise InputError("there are no roads to patrol on: import an OpenStreetMap file first")
    units, modes = unit_modes(beats.units)
    kinds = sorted(units["base_mode"].unique())
    sites = pd.concat([beats.places.geometry, gpd.GeoSeries(_bases(units), crs=beats.places.crs)])
    progress(0.05, Text("building the road graph"))
    network = build_network(
        roads,
        gpd.GeoSeries(sites, crs=beats.places.crs),
        kinds=kinds,
        modes=modes,
        turns=store.frame("turn_restrictions"),
        streets=beats.streets.index.tolist(),
    )
    streets = asked_streets(beats.streets, network.streets)
    problem, lost = _problem(beats, units, network, streets, _last_visits(store, planned))
    return AskedDay(beats, network, problem, lost, streets, seen)


def unit_modes(units: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Mode]]:
    """Return the shifts with the mode each one drives in (its own where it has a speed of its own), and these modes."""
    known = {one.name: one for one in DEFAULT_MODES}
    own: dict[str, Mode] = {}
    names = []
    for kind, speed in zip(units["mode"], units["speed_kmh"], strict=True):
        if pd.isna(speed):
            names.append(kind)
            own[kind] = known[kind]
        else:
            name = f"{kind}_{float(speed):g}".replace(".", "_")
            names.append(name)
            own[name] = known[kind].at_speed(float(speed), name)
    return units.assign(base_mode=units["mode"], mode=names), list(own.values())


def _bases(units: gpd.GeoDataFrame) -> dict[Hashable, shapely.Geometry]:
    return {("base", unit): shape for unit, shape in zip(units["unit"], units.geometry, strict=True)}


def _last_visits(store: Store, planned: PlannedFor | None) -> dict[Hashable, float]:
    """Return when the plan in force on the day before left each place last, in seconds of the planned day."""
    if planned is None or planned.date is None:
        return {}
    before = plan_in_force(store, planned.date - dt.timedelta(days=1))
    if before is None:
        return {}
    last = before.frame("visits").groupby("place")["depart_s"].max() - DAY_S
    return {str(place): min(float(moment), 0.0) for place, moment in last.items()}


def _problem(
    beats: Beats, units: gpd.GeoDataFrame, network: Network, streets: Streets, last: dict[Hashable, float]
) -> tuple[PatrolProblem, set[Hashable]]:
    """Return the problem of the places that some road comes near, and those that none does."""
    units = units.assign(base=[network.nodes[("base", one.unit)].get(one.base_mode) for one in each(units)])
    homeless = units.loc[units["base"].isna(), "unit_name"].unique()
    if len(homeless):
        raise InputError(
            "no road within 150 m of the base of {units}: move the base, or draw the missing road",
            units=", ".join(map(str, homeless)),
        )
    reached = [one for one in beats.places.index if network.nodes[one]]
    lost = set(beats.places.index) - set(reached)
    if not reached and streets.frame.empty:
        if lost:
            raise InputError("no road comes near any of the places: check the positions of places and roads")
        raise InputError(
            "no required street can be driven as it was entered: check its one-ways and to which modes it is open"
        )
    places = pd.DataFrame(
        {
            "node": [list(dict.fromkeys(network.nodes[one].values())) for one in reached],
            "dwell_s": beats.places["dwell_s"].loc[reached].clip(lower=60.0).to_numpy(),
            "max_gap_s": beats.places["max_gap_s"].loc[reached].fillna(NO_LIMIT_S).to_numpy(),
            "weight": beats.places["priority"].loc[reached].map(PRIORITY_WEIGHT).fillna(1.0).to_numpy(),
            "windows": [windows_of(one) for one in each(beats.places.loc[reached])],
            "posts": [times(one, POST) for one in beats.places["standing"].loc[reached]],
            "closed": [times(one, CLOSED) for one in beats.places["standing"].loc[reached]],
        },
        index=pd.Index(reached, dtype=object),
    )
    shifts = pd.DataFrame(
        {
            "unit": units["unit"].to_numpy(),
            "mode": units["mode"].to_numpy(),
            "base": units["base"].to_numpy(),
            "start_s": units["start_s"].to_numpy(dtype=float),
            "end_s": units["end_s"].to_numpy(dtype=float),
            "range_m": units["range_m"].to_numpy(dtype=float),
            "breaks": units["breaks"].tolist(),
        },
        index=pd.Index([f"{one.unit}@{one.start_s}" for one in each(units)], dtype=object),
    )
    asked = {*places.index, *streets.frame.index}
    problem = PatrolProblem(
        places,
        shifts,
        (0.0, float(DAY_S)),
        streets=_street_table(streets, units),
        travel=network.graph,
        repeats=True,
        last_visits={one: at for one, at in last.items() if one in asked},
    )
    return problem, lost


def _street_table(streets: Streets, units: pd.DataFrame) -> pd.DataFrame:
    frame = streets.frame
    ways = [streets.sections[key].forward or streets.sections[key].back for key in frame.index]
    return pd.DataFrame(
        {
            "edges": pd.Series([list(one) for one in ways], index=frame.index, dtype=object),
            "max_gap_s": frame["max_gap_s"].astype(float),
            "directions": frame["direction"],
            "weight": frame["priority"].map(PRIORITY_WEIGHT).astype(float),
            "windows": pd.Series([windows_of(one) for one in each(frame)], index=frame.index, dtype=object),
            "modes": pd.Series(
                [modes_of(one, units) for one in frame["kinds"]], index=frame.index, dtype=object
            ),
        }
    )
