"""How soon somebody is there, through a day: patrols on their way by the latest plan, and a car at each police station."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_service.analysis.access import Network, build_network
from geo_service.analysis.asked_day import unit_modes
from geo_service.analysis.beats import PLACE_LAYERS, load_beats
from geo_service.analysis.clock_places import clock_places
from geo_service.analysis.responders import STATION_MODE, Responder, patrols, station_cars
from geo_service.progress import Progress, part, silent
from geo_service.response_limits import LIMITS, TOWN_LIMITS_MIN, limits_in_seconds
from geo_service.store import Store, StoredResult
from patrol_routing import DEFAULT_MODES, Mode, best_post, response_roads, response_times
from patrol_routing.network import Network as ModeNetwork
from town_model import DAY_S, InputError, Text

ROADS_EVERY_S = 3 * 3600
POSTS = 5
POSTS_APART_M = 300.0
_SLACK_S = 1e-6
_NOBODY = Text(
    "nobody could answer: plan patrols first, or enter police stations as key areas of category police beside a road"
)


@dataclass(frozen=True)
class _Town:
    """Places on the roads and who answers calls from them."""

    places: gpd.GeoDataFrame
    network: Network
    responders: list[Responder]
    stations: int

    @property
    def modes(self) -> list[str]:
        """The modes that somebody travels in."""
        return sorted({one.mode for one in self.responders})

    def seconds(self, at_s: float) -> dict[str, NDArray[np.float64]]:
        """Return the response times by node at a moment, for each mode."""
        graph = self.network.graph
        return {
            mode: response_times(
                graph,
                [start for one in self.responders if one.mode == mode for start in one.starts(graph, at_s)],
                mode=mode,
            )
            for mode in self.modes
        }


def compute_response(
    store: Store,
    *,
    actor: str,
    limits_min: Sequence[float] | None = None,
    stations: bool = True,
    every_s: int = 600,
    progress: Progress = silent,
) -> int:
    """Work out through a day how soon each place is reached; store it as ``response``; return the result's number.

    Answering are the patrols that are on duty by the latest plan, each from where it is on its leg, in its own mode and at
    its own speed, and, with `stations`, one car at each key area of category police. A place is reached at its access
    point for the mode (see `build_network`); of all responders the quickest counts.

    Args:
        store: the town.
        actor: who asks.
        limits_min: three rising limits in minutes; 1, 3, 5 by default.
        stations: whether a car is ready at each police station.
        every_s: seconds from one sample of the day to the next, 60 to 3,600.
        progress: told how far it is.

    Raises:
        InputError: wrong limits or samples, no place, no roads, nobody who could answer, or a plan of an older version.
    """
    limits = limits_in_seconds(TOWN_LIMITS_MIN if limits_min is None else limits_min)
    if not 60 <= every_s <= 3600:
        raise InputError("samples must be 60 to 3600 s apart, not {value}", value=every_s)
    revision = store.revision()
    progress(0.0, Text("reading places and units"))
    plan = store.latest_result("patrol")
    town = _load(store, plan, stations=stations, progress=progress)
    samples = np.arange(0, DAY_S, every_s, dtype=float)
    told = part(progress, 0.1, 0.7)
    access = _access(town)
    table = np.empty((len(samples), len(town.places)))
    for i, at_s in enumerate(samples):
        table[i] = _by_place(town, access, float(at_s))
        told((i + 1) / len(samples), Text("asking how soon somebody is there"))
    progress(0.7, Text("drawing the roads that are reached"))
    roads = _roads(town, limits)
    progress(0.85, Text("looking for the best spot for one more post"))
    places = _places(town.places, samples, table, limits)
    frames: dict[str, pd.DataFrame] = {
        "hours": _hours(town, samples, table, limits),
        "places": places,
        "roads": roads,
        "posts": _posts(town, table.max(axis=0), limits[LIMITS // 2]),
    }
    summary = {
        "limits_s": limits,
        "stations": town.stations,
        "shifts": len(town.responders) - town.stations,
        "plan": None if plan is None else plan.id,
        "plan_is_stale": plan is not None and plan.is_stale,
        **_summary(town.places, table, samples, limits),
    }
    return store.save_result(
        "response",
        actor=actor,
        options={"limits_min": [one / 60 for one in limits], "stations": stations, "every_s": every_s},
        summary=summary,
        frames=frames,
        store_revision=revision,
    )


def _load(store: Store, plan: StoredResult | None, *, stations: bool, progress: Progress) -> _Town:
    places = _all_places(store)
    if places.empty:
        raise InputError("there are no key areas, housing zones or patrol points: draw or import them first")
    roads = store.frame("roads")
    if roads.empty:
        raise InputError("there are no roads to answer calls on: import an OpenStreetMap file first")
    police = places.index[places["category"] == "police"] if stations else places.index[:0]
    if plan is None and not len(police):
        raise InputError(_NOBODY)
    modes = {one.name: one for one in DEFAULT_MODES}
    kinds = {STATION_MODE}
    bases: dict[Any, Any] = {}
    shifts = pd.DataFrame()
    if plan is not None:
        shifts, own, bases = _shifts(store, plan)
        kinds |= set(shifts["base_mode"])
        modes |= {one.name: one for one in own}
    progress(0.05, Text("building the road graph"))
    sites = pd.concat([places.geometry, gpd.GeoSeries(bases, crs=places.crs)]) if bases else places.geometry
    used: list[Mode] = [
        one for name, one in modes.items() if name == STATION_MODE or name in set(shifts.get("mode", ()))
    ]
    network = build_network(
        roads,
        gpd.GeoSeries(sites, crs=places.crs),
        kinds=sorted(kinds),
        modes=used,
        turns=store.frame("turn_restrictions"),
    )
    cars = station_cars(
        network.nodes[one][STATION_MODE] for one in police if STATION_MODE in network.nodes[one]
    )
    moving: list[Responder] = []
    if plan is not None:
        of_unit = dict(zip(shifts["unit"], shifts["base_mode"], strict=True))
        at_base = {
            unit: network.nodes[("base", unit)].get(kind)
            for unit, kind in of_unit.items()
            if ("base", unit) in network.nodes
        }
        legs = plan.frame("legs")
        moving = patrols(
            network.graph, shifts, legs, {unit: node for unit, node in at_base.items() if node is not None}
        )
    if not cars and not moving:
        raise InputError(_NOBODY)
    return _Town(places, network, [*cars, *moving], len(cars))


def _all_places(store: Store) -> gpd.GeoDataFrame:
    """Return every key area, housing zone and patrol point by id: name, kind (the layer), priority, category, geometry."""
    facts = clock_places(store)[["name", "kind", "priority"]]
    frames = [store.frame(one) for one in PLACE_LAYERS]
    shapes = pd.concat(
        [
            frame.geometry.set_axis([f"{layer}/{one}" for one in frame.index])
            for layer, frame in zip(PLACE_LAYERS, frames, strict=True)
            if len(frame)
        ]
        or [gpd.GeoSeries([], crs=store.town.epsg)]
    )
    areas = frames[0]
    categories = pd.Series(
        areas["category"].to_numpy(dtype=object),
        index=[f"key_areas/{one}" for one in areas.index],
        dtype=object,
    )
    facts["category"] = categories.reindex(facts.index)
    return gpd.GeoDataFrame(facts, geometry=shapes.reindex(facts.index), crs=store.town.epsg)


def _shifts(store: Store, plan: StoredResult) -> tuple[pd.DataFrame, list[Mode], dict[Any, Any]]:
    """Return the shifts of a plan with their modes, these modes, and the bases of the units that there are still."""
    if "legs" not in plan.frame_names:
        raise InputError(
            "the latest patrol plan is of an older version and does not tell where units are: plan patrols again"
        )
    shifts = plan.frame("units").set_index("shift")
    known = load_beats(store).units.drop_duplicates("unit").set_index("unit")
    shifts["speed_kmh"] = shifts["unit"].map(known["speed_kmh"])
    shifts, modes = unit_modes(shifts)
    here = known.index.intersection(shifts["unit"].unique())
    return shifts, modes, {("base", unit): known.geometry[unit] for unit in here}


def _by_place(town: _Town, access: dict[str, NDArray[np.intp]], at_s: float) -> NDArray[np.float64]:
    """Return the response time of each place at a moment: over the modes, at its access point of the mode's kind."""
    found = np.full(len(town.places), np.inf)
    for mode, by_node in town.seconds(at_s).items():
        nodes = access[mode]
        found = np.fmin(found, np.where(nodes >= 0, by_node[nodes], np.inf))
    return found


def _access(town: _Town) -> dict[str, NDArray[np.intp]]:
    """Return for each mode the number of every place's access node, -1 where it has none."""
    number: dict[Any, int] = {node: i for i, node in enumerate(town.network.graph)}
    number[None] = -1
    return {
        mode: np.array(
            [number[town.network.nodes[place].get(mode.split("_")[0])] for place in town.places.index],
            np.intp,
        )
        for mode in town.modes
    }


def _share(table: NDArray[np.float64], limit_s: float) -> float:
    return float((table <= limit_s + _SLACK_S).mean()) if table.size else math.nan


def _longest(table: NDArray[np.float64]) -> float:
    known = table[np.isfinite(table)]
    return float(known.max()) if known.size else math.nan


def _hours(
    town: _Town, samples: NDArray[np.float64], table: NDArray[np.float64], limits: list[float]
) -> pd.DataFrame:
    hour = (samples // 3600).astype(int)
    return pd.DataFrame(
        [
            {
                "hour": one,
                "responders": min(
                    sum(some.is_on_duty(at_s) for some in town.responders) for at_s in samples[hour == one]
                ),
                **{f"share_{i}": _share(table[hour == one], limit) for i, limit in enumerate(limits, 1)},
                "longest_s": _longest(table[hour == one]),
            }
            for one in np.unique(hour).tolist()
        ]
    )


def _places(
    places: gpd.GeoDataFrame, samples: NDArray[np.float64], table: NDArray[np.float64], limits: list[float]
) -> gpd.GeoDataFrame:
    """Return the times of each place, those that nobody reaches first, then the slowest."""
    reached = np.isfinite(table)
    times = reached.sum(axis=0)
    worst = table.max(axis=0)
    frame = gpd.GeoDataFrame(
        {
            "place": places.index,
            "name": places["name"].to_numpy(),
            "kind": places["kind"].to_numpy(),
            "priority": places["priority"].to_numpy(),
            "mean_s": np.where(
                times > 0, np.where(reached, table, 0.0).sum(axis=0) / np.maximum(times, 1), np.inf
            ),
            "worst_s": worst,
            "worst_at_s": samples[table.argmax(axis=0)],
            "reached_share": reached.mean(axis=0),
            **{f"share_{i}": (table <= limit + _SLACK_S).mean(axis=0) for i, limit in enumerate(limits, 1)},
        },
        geometry=shapely.point_on_surface(places.geometry.to_numpy()),
        crs=places.crs,
    )
    return frame.sort_values(
        ["worst_s", "mean_s", "place"], ascending=[False, False, True], kind="stable", ignore_index=True
    )


def _roads(town: _Town, limits: list[float]) -> gpd.GeoDataFrame:
    parts = []
    for at_s in range(0, DAY_S, ROADS_EVERY_S):
        roads = response_roads(town.network.graph, town.seconds(float(at_s)), limits_s=limits)
        # fewer, longer lines: they are drawn, not driven
        roads.geometry = shapely.line_merge(roads.geometry.to_numpy())
        parts.append(roads.assign(at_s=float(at_s)))
    return pd.concat(parts, ignore_index=True)[["at_s", "limit_s", "length_m", "geometry"]]


def _posts(town: _Town, worst: NDArray[np.float64], limit_s: float) -> gpd.GeoDataFrame:
    """Return the best spots for one more car, no two of them close together: the next junction would do as well."""
    graph, places = town.network.graph, town.places
    nodes = [town.network.nodes[one].get(STATION_MODE) for one in places.index]
    on_road = [i for i, node in enumerate(nodes) if node is not None or math.isfinite(worst[i])]
    rows: list[dict[str, Any]] = []
    if any(f"travel_time_{STATION_MODE}" in data for _, _, data in graph.edges(data=True)):
        network = ModeNetwork.of(graph, STATION_MODE)
        candidates = [one for one, there in zip(network.nodes, network.on_road(), strict=True) if there]
        access = pd.Series(
            [[] if nodes[i] is None else [nodes[i]] for i in on_road],
            index=places.index[on_road],
            dtype=object,
        )
        ranked = best_post(
            graph,
            candidates,
            access,
            pd.Series(worst[on_road], index=access.index),
            mode=STATION_MODE,
            limit_s=limit_s,
        )
        for one in ranked.to_dict("records"):
            spot = shapely.Point(graph.nodes[one["node"]]["x"], graph.nodes[one["node"]]["y"])
            if len(rows) == POSTS or not (one["places"] or one["saved_s"] > 0):
                break
            if all(spot.distance(other["geometry"]) >= POSTS_APART_M for other in rows):
                rows.append(
                    {
                        "rank": len(rows) + 1,
                        "road": _road_name(graph, one["node"]),
                        "places": int(one["places"]),
                        "saved_s": float(one["saved_s"]),
                        "longest_s": float(one["longest_s"]),
                        "geometry": spot,
                    }
                )
    columns = ["rank", "road", "places", "saved_s", "longest_s", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=places.crs)


def _road_name(graph: Any, node: Any) -> str:
    """Return the names of the roads that meet at a node, empty where none has one."""
    found = {
        str(data["name"])
        for edges in (graph.out_edges(node, data=True), graph.in_edges(node, data=True))
        for _, _, data in edges
        if isinstance(data.get("name"), str) and data["name"]
    }
    return " / ".join(sorted(found))


def _summary(
    places: gpd.GeoDataFrame, table: NDArray[np.float64], samples: NDArray[np.float64], limits: list[float]
) -> dict[str, Any]:
    reached = np.isfinite(table)
    first = (places["priority"] == "1").to_numpy()
    found = {
        "places": len(places),
        "places_priority_1": int(first.sum()),
        "unreachable_places": int((~reached.any(axis=0)).sum()),
        "unreached_share": float(1 - reached.mean()),
        "shares": [_share(table, one) for one in limits],
        "shares_priority_1": [_share(table[:, first], one) for one in limits] if first.any() else None,
    }
    if not reached.any():
        return {**found, "longest_s": None, "longest_at_s": None, "longest_place": None, "longest_name": None}
    sample, place = np.unravel_index(np.where(reached, table, -1.0).argmax(), table.shape)
    return {
        **found,
        "longest_s": float(table[sample, place]),
        "longest_at_s": float(samples[sample]),
        "longest_place": places.index[place],
        "longest_name": places["name"].iloc[place],
    }
