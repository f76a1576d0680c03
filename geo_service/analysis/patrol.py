"""A day's patrol plan of a town: from the store to `patrol_routing`, audited, and back as a stored result."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.analysis.access import Network
from geo_service.analysis.asked_day import AskedDay, ask_day
from geo_service.analysis.beats import Beats
from geo_service.analysis.plan_accounts import accounts, standing_frame, tasks
from geo_service.analysis.rows import each
from geo_service.analysis.streets import Streets
from geo_service.duty.choice import PlannedFor
from geo_service.duty.standing import POST
from geo_service.duty.windows import NO_LIMIT_S
from geo_service.progress import Progress, part, silent
from geo_service.store import Store
from patrol_routing import (
    PatrolPlan,
    PatrolProblem,
    PlanAudit,
    PlanProgress,
    audit_plan,
    edge_geometry,
    plan_patrols,
)
from patrol_routing.idleness import Stretch
from town_model import Text, TownError

INTERVAL_COLUMNS = (
    "place", "name", "start_s", "end_s", "max_gap_s", "rule", "rule_name", "factor", "factor_name", "percent",
    "camera_percent", "light", "share", "rule_gap_s",
)  # fmt: skip
# a base so near to a place is told by its name
_AT_BASE_M = 60.0
RESULT_LAYERS = ("roads", "key_areas", "patrol_points", "housing_zones", "patrol_units")


@dataclass(frozen=True)
class PlannedDay:
    """A plan with all that it was made from.

    Args:
        beats: places and shifts. network: the road graph and access nodes. problem: what was solved.
        plan: the plan. audit: the auditor's verdict on it.
        unreachable: places that no unit can visit: place, name, mode, reason; also streets that cannot be driven as asked.
        streets: the required streets.
        seen: what cameras see of each place; None where they do not count.
    """

    beats: Beats
    network: Network
    problem: PatrolProblem
    plan: PatrolPlan
    audit: PlanAudit
    unreachable: pd.DataFrame
    streets: Streets
    seen: pd.DataFrame | None = None

    @property
    def asked(self) -> gpd.GeoDataFrame:
        """Places and streets together, by id: name, max_gap_s, dwell_s, priority, spans, geometry."""
        columns = ["name", "max_gap_s", "dwell_s", "priority", "spans", "geometry"]
        frames = [one[columns] for one in (self.beats.places, self.streets.frame) if len(one)]
        return gpd.GeoDataFrame(pd.concat(frames), geometry="geometry", crs=self.beats.places.crs)


def compute_patrol(
    store: Store,
    *,
    actor: str,
    planned: PlannedFor | None = None,
    time_limit_s: float = 30.0,
    max_iterations: int | None = None,
    seed: int = 0,
    say_name: dict[str, str] | None = None,
    progress: Progress = silent,
    should_stop: Callable[[], bool] | None = None,
) -> int:
    """Plan a day of patrols, audit it and store it as the result ``patrol``; return the number of the result.

    Args:
        store: the town.
        actor: who asks.
        planned: for which day, see `choose_day`; None: for none in particular, with the places' own intervals. With a date,
            idleness runs on from the plan that is published for the day before.
        time_limit_s: how long the planner may search, in seconds.
        max_iterations: with a seed and no reached time limit, makes the run reproducible.
        seed: seed of the search.
        say_name: names of the default units, by their English template.
        progress: told how far it is.
        should_stop: polled now and then; True ends the search with the best plan so far.

    Raises:
        InputError: no place to visit, no roads, or no unit.
        TownError: the plan did not pass its audit; nothing was stored.
    """
    revision = store.revision()
    day = plan_day(
        store,
        planned=planned,
        time_limit_s=time_limit_s,
        max_iterations=max_iterations,
        seed=seed,
        say_name=say_name,
        progress=progress,
        should_stop=should_stop,
    )
    if not day.audit.is_sound:
        raise TownError(
            "the plan did not pass its audit and was not stored: {faults}",
            faults="; ".join(str(one.message) for one in day.audit.findings[:5]),
        )
    options: dict[str, Any] = {
        "time_limit_s": time_limit_s,
        "max_iterations": max_iterations,
        "seed": seed,
        **({} if planned is None else planned.options()),
    }
    return store.save_result(
        "patrol",
        actor=actor,
        options=options,
        summary=day_summary(day),
        frames=day_frames(day),
        store_revision=revision,
    )


def plan_day(
    store: Store,
    *,
    planned: PlannedFor | None = None,
    time_limit_s: float = 30.0,
    max_iterations: int | None = None,
    seed: int = 0,
    say_name: dict[str, str] | None = None,
    progress: Progress = silent,
    should_stop: Callable[[], bool] | None = None,
) -> PlannedDay:
    """Return a day's plan without storing it. Parameters as of `compute_patrol`."""
    asked = ask_day(store, planned=planned, say_name=say_name, progress=progress)
    problem = asked.problem
    progress(0.1, Text("planning routes"))
    told = part(progress, 0.1, 0.95)
    plan = plan_patrols(
        problem, time_limit_s=time_limit_s, max_iterations=max_iterations, seed=seed,
        progress=lambda now: told(now.share, _incumbent(now)), should_stop=should_stop,
    )  # fmt: skip
    progress(0.96, Text("auditing the plan"))
    return planned_day(asked, plan)


def planned_day(asked: AskedDay, plan: PatrolPlan) -> PlannedDay:
    """Return a plan of a day, audited, with the places that it cannot reach."""
    beats, network = asked.beats, asked.network
    audit = audit_plan(asked.problem, plan)
    names = pd.concat([beats.places["name"], asked.streets.frame["name"]])
    off = pd.DataFrame(
        [
            *(
                {"place": one, "name": names[one], "mode": kind, "reason": "off_road"}
                for one, kind, _ in network.off_road
                if one in asked.lost
            ),
            *(
                {"place": one, "name": name, "mode": "", "reason": why}
                for one, name, why in asked.streets.lost
            ),
        ],
        columns=["place", "name", "mode", "reason"],
    )
    cut_off = plan.unreachable.assign(
        name=plan.unreachable["place"].map(names),
        mode=plan.unreachable["mode"].astype(str).str.split("_").str[0],
    )[["place", "name", "mode", "reason"]]
    unreachable = (
        pd.concat([one for one in (off, cut_off) if len(one)], ignore_index=True)
        if len(off) or len(cut_off)
        else off
    )
    return PlannedDay(beats, network, asked.problem, plan, audit, unreachable, asked.streets, asked.seen)


def _incumbent(now: PlanProgress) -> Text:
    """Say how good the best plan so far is."""
    if not np.isfinite(now.worst_ratio):
        return Text("planning routes")
    ratio = f"{now.worst_ratio:.2f}"
    if now.breaches:
        return Text.of(
            "planning routes; so far {breaches} waits too long, the longest {ratio} times its limit",
            breaches=now.breaches,
            ratio=ratio,
        )
    return Text.of("planning routes; so far all in time, the longest wait {ratio} of its limit", ratio=ratio)


def day_summary(day: PlannedDay) -> dict[str, Any]:
    """Return the figures of a planned day."""
    return {
        **day.plan.summary(),
        "places": len(day.beats.places),
        "streets": len(day.streets.frame),
        "posts": sum(one.kind == POST for some in day.beats.places["standing"] for one in some),
        "units": int(day.beats.units["unit"].nunique()),
        "shifts": len(day.beats.units),
        "unreachable_places": int(day.unreachable["place"].nunique()),
        "places_without_interval": len(day.beats.left_out),
        "default_units": day.beats.default_units,
        "known_last_visits": len(day.problem.last_visits or ()),
        "audit_passed": day.audit.is_sound,
    }


def day_frames(day: PlannedDay) -> dict[str, pd.DataFrame]:
    """Return the frames of the result, as the contracts page lists them."""
    units = day.beats.units.assign(
        shift=[f"{one.unit}@{one.start_s}" for one in each(day.beats.units)]
    ).set_index("shift")
    names = day.asked["name"]
    described = ["unit", "unit_name", "mode", "kind", "village"]
    visits = day.plan.visits.rename(columns={"unit": "shift"}).join(units[described], on="shift")
    visits["place_name"] = visits["place"].map(names)
    legs = day.plan.legs.rename(columns={"unit": "shift"})
    routes = _routes(day, legs, units)
    drive = (legs["leave_s"] - legs["enter_s"]).groupby(legs["shift"]).sum()
    table = units.reset_index()
    table["base_name"] = _base_names(day.beats.places, units.geometry.to_numpy())
    table["visits"] = table["shift"].map(visits.groupby("shift").size()).fillna(0).astype(int)
    table["drive_s"] = table["shift"].map(drive).fillna(0.0)
    table["length_m"] = table["shift"].map(routes.set_index("shift")["length_m"]).fillna(0.0)
    breaches = day.plan.breaches.assign(place_name=day.plan.breaches["place"].map(names))
    return {
        "visits": visits.assign(task=tasks(day, visits))[
            ["shift", *described, "seq", "place", "place_name", "task", "arrive_s", "depart_s"]
        ],
        "routes": routes,
        "legs": _legs(day, legs),
        "breaches": breaches[
            ["place", "place_name", "kind", "start_s", "end_s", "gap_s", "max_gap_s", "visits", "min_visits"]
        ],
        "places": _places(day),
        "intervals": _intervals(day.asked),
        "posts": standing_frame(day, visits),
        "unreachable": day.unreachable,
        **({} if day.seen is None else {"sight": day.seen}),
        "units": pd.DataFrame(
            table[
                [
                    "shift",
                    *described,
                    "base_name",
                    "start_s",
                    "end_s",
                    "breaks",
                    "visits",
                    "drive_s",
                    "length_m",
                ]
            ]
        ),
    }


def _base_names(places: gpd.GeoDataFrame, bases: Any) -> list[str]:
    """Return for each base the name of the place that it lies at; empty where none is near."""
    found = [""] * len(bases)
    tree = shapely.STRtree(places.geometry.to_numpy())
    near, which = tree.query_nearest(bases, max_distance=_AT_BASE_M, all_matches=False)
    for base, place in zip(near, which, strict=True):
        found[base] = str(places["name"].iloc[place])
    return found


def _legs(day: PlannedDay, legs: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return each edge that is driven, with its times: where a unit is at any moment."""
    graph = day.network.graph
    shapes: dict[tuple[Any, Any, Any], shapely.LineString] = {}
    for edge in zip(legs["u"], legs["v"], legs["key"], strict=True):
        if edge not in shapes:
            shapes[edge] = edge_geometry(graph, *edge)
    return gpd.GeoDataFrame(
        {
            "shift": legs["shift"].to_numpy(dtype=object),
            "seq": legs["seq"].to_numpy(),
            "enter_s": legs["enter_s"].to_numpy(dtype=float).round(2),
            "leave_s": legs["leave_s"].to_numpy(dtype=float).round(2),
        },
        geometry=[shapes[edge] for edge in zip(legs["u"], legs["v"], legs["key"], strict=True)],
        crs=day.beats.places.crs,
    )


def _routes(day: PlannedDay, legs: pd.DataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a line for each shift: the way it drives, in order."""
    graph = day.network.graph
    rows = []
    for shift, part_legs in legs.sort_values(["shift", "seq"]).groupby("shift", sort=False):
        lines = [
            shapely.get_coordinates(edge_geometry(graph, u, v, key))
            for u, v, key in zip(part_legs["u"], part_legs["v"], part_legs["key"], strict=True)
        ]
        line = shapely.LineString(np.concatenate(lines)) if lines else shapely.LineString()
        unit = units.loc[shift]
        rows.append(
            {
                "shift": shift, "unit": unit["unit"], "unit_name": unit["unit_name"], "mode": unit["mode"], "kind": unit["kind"],
                "village": unit["village"], "start_s": unit["start_s"], "end_s": unit["end_s"], "length_m": line.length, "geometry": line,
            }
        )  # fmt: skip
    columns = [
        "shift",
        "unit",
        "unit_name",
        "mode",
        "kind",
        "village",
        "start_s",
        "end_s",
        "length_m",
        "geometry",
    ]
    return gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns), geometry="geometry", crs=day.beats.places.crs
    )


def _places(day: PlannedDay) -> gpd.GeoDataFrame:
    frame = day.asked[["name", "max_gap_s", "dwell_s", "priority", "geometry"]].copy()
    counts = day.plan.visits.groupby("place").size()
    frame["visits"] = counts.reindex(frame.index).fillna(0).astype(int)
    frame["worst_gap_s"] = np.nan
    worst: dict[Any, Stretch] = {}
    for one, told in accounts(day.problem, day.plan.visits):
        # limits differ by hour: the stretch that comes nearest to its limit tells; those without a limit ask for a visit alone
        limited = [stretch for stretch in told.stretches if stretch.max_gap_s < NO_LIMIT_S]
        nearest = max(
            limited or told.stretches, key=lambda stretch: (stretch.ratio, stretch.gap_s), default=None
        )
        known = worst.get(one.id)
        if nearest and (known is None or (nearest.ratio, nearest.gap_s) > (known.ratio, known.gap_s)):
            worst[one.id] = nearest
    for place, stretch in worst.items():
        limit = stretch.max_gap_s if stretch.max_gap_s < NO_LIMIT_S else math.nan
        frame.loc[place, ["worst_gap_s", "max_gap_s"]] = [stretch.gap_s, limit]
    return frame.rename_axis("place").reset_index()


def _intervals(asked: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals of each place through the day, with the rules that gave them; ``rule`` is empty for its own one."""
    rows = [
        (
            place,
            name,
            one.start_s,
            one.end_s,
            one.interval_s,
            "" if one.rule is None else one.rule.key,
            "" if one.rule is None else str(one.rule.name),
            "" if one.factor is None else one.factor.key,
            "" if one.factor is None else str(one.factor.name),
            100 if one.factor is None or one.factor.percent is None else one.factor.percent,
            getattr(one, "camera_percent", 100),
            getattr(one, "light", ""),
            getattr(one, "share", math.nan),
            getattr(one, "rule_interval_s", one.interval_s),
        )
        for place, name, spans in zip(asked.index, asked["name"], asked["spans"], strict=True)
        for one in spans or ()
    ]
    return pd.DataFrame(rows, columns=list(INTERVAL_COLUMNS))
