"""From routes to a plan: visits, the edges driven, breaches and figures."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from patrol_routing.greedy import Routes
from patrol_routing.idleness import Account, account
from patrol_routing.instance import Instance, after_breaks
from patrol_routing.matrices import MatrixNetwork
from patrol_routing.network import Network
from patrol_routing.plan import BREACH_COLUMNS, LEG_COLUMNS, UNREACHABLE_COLUMNS, VISIT_COLUMNS, PatrolPlan
from patrol_routing.staffing import units_needed

Edges = list[tuple[Any, Any, int, float]]


def make_plan(
    instance: Instance, routes: Routes, *, bound: float, iterations: int, seconds: float, status: str
) -> PatrolPlan:
    """Return the plan of some routes, with every figure counted from its visits."""
    problem = instance.problem
    visits, legs = _drive(instance, routes)
    by_place: dict[Any, list[tuple[float, float]]] = {place.id: [] for place in instance.places}
    for row in visits:
        by_place[row[2]].append((row[4], row[5]))
    breaches: list[tuple[Any, ...]] = []
    accounts: list[Account] = []
    for p in instance.reachable:
        place = instance.places[p]
        one = account(place, by_place[place.id], problem.horizon, problem.gap_from, repeats=problem.repeats)
        accounts.append(one)
        breaches += [
            (place.id, "gap", s.start_s, s.end_s, s.gap_s, s.max_gap_s, 0, 0)
            for s in one.stretches
            if s.is_breach
        ]
        breaches += [
            (place.id, "visits", w.start_s, w.end_s, w.end_s - w.start_s, w.max_gap_s, w.visits, w.min_visits)
            for w in one.too_few
        ]
    return PatrolPlan(
        visits=pd.DataFrame(visits, columns=list(VISIT_COLUMNS)),
        legs=pd.DataFrame(legs, columns=list(LEG_COLUMNS)),
        breaches=pd.DataFrame(breaches, columns=list(BREACH_COLUMNS)),
        unreachable=pd.DataFrame(instance.unreachable, columns=list(UNREACHABLE_COLUMNS)),
        worst_ratio=max((one.worst_ratio for one in accounts), default=0.0),
        bound=bound,
        mean_idleness_s=sum(one.mean_s for one in accounts) / len(accounts) if accounts else 0.0,
        iterations=iterations,
        seconds=seconds,
        status=status,
        units_needed=units_needed(instance),
    )


def _drive(instance: Instance, routes: Routes) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    visits: list[tuple[Any, ...]] = []
    legs: list[tuple[Any, ...]] = []
    ways = _Ways(instance, routes)
    for r, shift in enumerate(instance.shifts):
        begins = instance.in_time(r, routes.stops[r], routes.earliest[r])
        if len(begins) != len(routes.stops[r]):
            raise AssertionError(
                f"the route of shift {shift.id} is late"
            )  # the search keeps all routes in time
        clock, at, number = shift.start_s, instance.base[r], 0
        stations = [*zip(routes.stops[r], begins, strict=True), (instance.base[r], math.inf)]
        for seq, (stop, begin) in enumerate(stations):
            if not routes.stops[r]:
                break
            clock = after_breaks(clock, instance.seconds[r][at][stop], shift.breaks)
            for u, v, key, time in ways.between(shift.mode, instance.nodes[at], instance.nodes[stop]):
                legs.append((shift.id, number, u, v, key, clock, clock + time))
                number, clock = number + 1, clock + time
            if math.isinf(begin):
                break
            p = instance.stop_place[stop]
            visits.append(
                (shift.id, seq, instance.places[p].id, instance.nodes[stop], begin, begin + instance.dwell[p])
            )
            clock, at = begin + instance.dwell[p], stop
    return visits, legs


class _Ways:
    """The edges between stops, found once for each start."""

    def __init__(self, instance: Instance, routes: Routes) -> None:
        self._found: dict[tuple[str, Any], dict[Any, Edges]] = {}
        wanted: dict[tuple[str, Any], set[int]] = {}
        for r, shift in enumerate(instance.shifts):
            if not routes.stops[r]:
                continue
            order = [instance.base[r], *routes.stops[r], instance.base[r]]
            for a, b in pairwise(order):
                wanted.setdefault((shift.mode, instance.nodes[a]), set()).add(b)
        matrices: dict[str, MatrixNetwork] = {}
        for (mode, node), stops in wanted.items():
            goals = list(dict.fromkeys(instance.nodes[stop] for stop in sorted(stops)))
            if instance.problem.has_graph:
                self._found[mode, node] = Network.of(instance.problem.graph, mode).paths(node, goals)
                continue
            if mode not in matrices:
                matrices[mode] = MatrixNetwork(np.asarray(instance.problem.travel[mode], float))
            self._found[mode, node] = matrices[mode].paths(node, goals)

    def between(self, mode: str, u: Any, v: Any) -> Edges:
        if u == v:
            return []
        return self._found[mode, u][v]
