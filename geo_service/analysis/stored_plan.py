"""A stored patrol plan as the library has it: what was asked of it, its visits with their nodes, its legs as edges of the road graph."""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import Any

import pandas as pd
import shapely

from geo_service.analysis.asked_day import AskedDay, ask_day
from geo_service.analysis.kept import kept_town
from geo_service.duty.choice import planned_for
from geo_service.store import Store, StoredResult
from geo_service.store.results import RESULT_LAYERS
from patrol_routing import PatrolPlan, edge_geometry
from patrol_routing.plan import BREACH_COLUMNS, LEG_COLUMNS, UNREACHABLE_COLUMNS, VISIT_COLUMNS
from town_model import InputError


def asked_of(store: Store, result: StoredResult) -> AskedDay:
    """Return what was asked of a stored plan, from memory while its layers stay as they are."""
    name = "what patrols are asked for " + json.dumps(result.options, sort_keys=True, default=str)
    # what cameras saw belongs to the plan: it is not asked anew
    seen = result.frame("sight") if "sight" in result.frame_names else None
    found: AskedDay = kept_town(store).remember(
        store,
        name if seen is None else f"{name} {result.id}",
        RESULT_LAYERS["patrol"],
        lambda: ask_day(store, planned=planned_for(result.options), seen=seen),
    )
    return found


def read_plan(asked: AskedDay, result: StoredResult) -> PatrolPlan:
    """Return the stored plan as the library has it: its legs as edges of the road graph, found by their shape."""
    graph = asked.network.graph
    nodes: dict[tuple[float, float], list[Hashable]] = {}
    for node, told in graph.nodes(data=True):
        nodes.setdefault((round(told["x"], 2), round(told["y"], 2)), []).append(node)
    known: dict[bytes, tuple[Hashable, Hashable, int]] = {}
    legs = result.frame("legs").sort_values(["shift", "seq"])
    rows: list[Any] = []
    ends: dict[Hashable, list[tuple[float, Hashable]]] = {}
    for shift, seq, enter, leave, shape in legs[
        ["shift", "seq", "enter_s", "leave_s", "geometry"]
    ].itertuples(index=False, name=None):
        key = shape.wkb
        if key not in known:
            known[key] = _edge(graph, nodes, shape)
        u, v, number = known[key]
        rows.append((shift, int(seq), u, v, number, float(enter), float(leave)))
        ends.setdefault(shift, []).append((float(leave), v))
    base = {one.id: one.base for one in asked.problem.shift_list}
    visits = []
    for shift, seq, place, arrive, depart in (
        result.frame("visits")
        .sort_values(["shift", "arrive_s"])[["shift", "seq", "place", "arrive_s", "depart_s"]]
        .itertuples(index=False, name=None)
    ):
        node = base.get(shift)
        for leave, at in ends.get(shift, ()):
            if leave > arrive + 0.02:  # times of stored legs are rounded to hundredths
                break
            node = at
        visits.append((shift, int(seq), place, node, float(arrive), float(depart)))
    return bare_plan(visits, rows)


def _edge(
    graph: Any, nodes: dict[tuple[float, float], list[Hashable]], shape: Any
) -> tuple[Hashable, Hashable, int]:
    ends = shapely.get_coordinates(shape)[[0, -1]].round(2)
    starts, goals = (nodes.get((float(x), float(y)), []) for x, y in ends)
    found = [
        (abs(edge_geometry(graph, u, v, key).hausdorff_distance(shape)), u, v, key)
        for u in starts for v in goals if graph.has_edge(u, v) for key in graph[u][v]
    ]  # fmt: skip
    if not found or min(found, key=lambda one: one[0])[0] > 0.1:
        raise InputError(
            "the roads changed since this plan was made: plan again before you change it by hand"
        )
    _, u, v, key = min(found, key=lambda one: one[0])
    return u, v, key


def bare_plan(visits: list[Any], legs: list[Any]) -> PatrolPlan:
    """Return a plan of visits and legs that says nothing of itself yet."""
    return PatrolPlan(
        visits=pd.DataFrame(visits, columns=list(VISIT_COLUMNS)),
        legs=pd.DataFrame(legs, columns=list(LEG_COLUMNS)),
        breaches=pd.DataFrame(columns=list(BREACH_COLUMNS)),
        unreachable=pd.DataFrame(columns=list(UNREACHABLE_COLUMNS)),
        worst_ratio=0.0, bound=0.0, mean_idleness_s=0.0, iterations=0, seconds=0.0, status="stopped",
    )  # fmt: skip
