"""From routes to a plan: visits, the edges driven, breaches and figures."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from patrol_routing.idleness import Account, account
from patrol_routing.instance import Instance, Routes, after_breaks
from patrol_routing.matrices import MatrixNetwork
from patrol_routing.network import Network
from patrol_routing.plan import BREACH_COLUMNS, LEG_COLUMNS, UNREACHABLE_COLUMNS, VISIT_COLUMNS, PatrolPlan
from patrol_routing.staffing import units_bound, units_needed

Edges = list[tuple[Any, Any, int, float]]
Visit = tuple[Any, int, int, int, float, float]  # shift, number, place, stop, begin, end
_TOUCH_S = 1e-6


def make_plan(
    instance: Instance,
    routes: Routes,
    *,
    bound: float,
    iterations: int,
    seconds: float,
    status: str,
    weighted_bound: float | None = None,
    needed_units: int | None = None,
) -> PatrolPlan:
    """Return the plan of some routes, with every figure counted from its visits."""
    problem = instance.problem
    visits, legs = _drive(instance, routes)
    by_place: list[list[tuple[float, float]]] = [[] for _ in instance.places]
    for _, _, p, _, begin, end in visits:
        by_place[p].append((begin, end))
    breaches: list[tuple[Any, ...]] = []
    accounts: list[Account] = []
    for p in instance.reachable:
        place = instance.places[p]
        one = account(place, by_place[p], problem.horizon, problem.gap_from, repeats=problem.repeats)
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
        breaches += [(place.id, "post", s, e, unmet, 0.0, 0, 1) for s, e, unmet in one.unmet]
    needed = units_needed(instance)
    return PatrolPlan(
        visits=pd.DataFrame(
            [
                (unit, seq, instance.places[p].id, instance.nodes[stop], begin, end)
                for unit, seq, p, stop, begin, end in visits
            ],
            columns=list(VISIT_COLUMNS),
        ),
        legs=pd.DataFrame(legs, columns=list(LEG_COLUMNS)),
        breaches=pd.DataFrame(breaches, columns=list(BREACH_COLUMNS)),
        unreachable=pd.DataFrame(instance.unreachable, columns=list(UNREACHABLE_COLUMNS)),
        worst_ratio=max((one.worst_ratio for one in accounts), default=0.0),
        bound=bound,
        mean_idleness_s=sum(one.mean_s for one in accounts) / len(accounts) if accounts else 0.0,
        iterations=iterations,
        seconds=seconds,
        status=status,
        units_needed=needed,
        needed_units=needed_units,
        units_bound=units_bound(needed),
        worst_weighted_ratio=max(
            (
                one.worst_ratio * instance.places[p].weight
                for p, one in zip(instance.reachable, accounts, strict=True)
            ),
            default=0.0,
        ),
        weighted_bound=bound if weighted_bound is None else weighted_bound,
        work_spread=_spread(instance, visits, legs),
    )


def _spread(instance: Instance, visits: list[Visit], legs: list[tuple[Any, ...]]) -> float:
    """Return the largest less the smallest share of its time in which a shift drives or serves."""
    work: dict[Any, float] = {shift.id: 0.0 for shift in instance.shifts}
    for unit, _, p, _, begin, end in visits:
        work[unit] += 0.0 if instance.places[p].is_street else end - begin  # a street is in the legs
    for leg in legs:
        work[leg[0]] += leg[6] - leg[5]
    shares = [work[shift.id] / max(shift.working_s, 1e-9) for shift in instance.shifts]
    return max(shares, default=0.0) - min(shares, default=0.0)


def _drive(instance: Instance, routes: Routes) -> tuple[list[Visit], list[tuple[Any, ...]]]:
    visits: list[Visit] = []
    legs: list[tuple[Any, ...]] = []
    ways = _Ways(instance, routes)
    for r, shift in enumerate(instance.shifts):
        begins = instance.in_time(r, routes.stops[r], routes.earliest[r], routes.dates[r])
        if len(begins) != len(routes.stops[r]):
            raise AssertionError(
                f"the route of shift {shift.id} is late"
            )  # the search keeps all routes in time
        stations = instance.itinerary(r, routes.stops[r], begins, routes.dates[r])
        if not stations:
            continue
        clock, at, first = shift.start_s, instance.base[r], len(legs)
        mine: list[tuple[int, float, float, int]] = []

        def drive(edges: Iterable[tuple[Any, Any, int, float]], start: float, first: int = first) -> float:
            for u, v, key, time in edges:
                legs.append((shift.id, len(legs) - first, u, v, key, start, start + time))  # noqa: B023
                start += time
            return start

        for begin, end, stop in [*stations, (math.inf, math.inf, instance.base[r])]:
            clock = after_breaks(clock, instance.seconds[r][at][stop], shift.breaks)
            drive(ways.between(shift.mode, instance.nodes[at], instance.nodes[stop]), clock)
            if math.isinf(begin):
                break
            drive(_along(instance, shift.mode, stop), begin)
            mine.append((instance.stop_place[stop], begin, end, stop))
            clock, at = end, instance.exits[stop]
        mine += _passed(instance, r, legs[first:], mine)
        visits += [
            (shift.id, seq, p, stop, begin, end)
            for seq, (p, begin, end, stop) in enumerate(sorted(mine, key=lambda one: one[1:]))
        ]
    return visits, legs


def _along(instance: Instance, mode: str, stop: int) -> Edges:
    """Return the edges of a street with their times; of a place none."""
    way = instance.stop_way[stop]
    if not way:
        return []
    edges = instance.problem.graph.edges
    return [(u, v, key, edges[u, v, key][f"travel_time_{mode}"]) for u, v, key in way]


def _passed(
    instance: Instance, r: int, legs: list[tuple[Any, ...]], visits: list[tuple[int, float, float, int]]
) -> list[tuple[int, float, float, int]]:
    """Return the streets that a unit drove on its way elsewhere, from end to end: they are visited as well."""
    found = []
    known = {(p, round(begin, 3)) for p, begin, _, _ in visits}
    edges = [tuple(leg[2:5]) for leg in legs]
    starts: dict[Any, list[int]] = {}
    for i, edge in enumerate(edges):
        starts.setdefault(edge, []).append(i)
    busy = [(begin, end) for _, begin, end, _ in visits]
    for p, stops in enumerate(instance.stops_of[r]):
        for stop in stops:
            way = instance.stop_way[stop]
            for i in starts.get(way[0], ()) if way else ():
                j = i + len(way)
                if tuple(edges[i:j]) != way or (p, round(legs[i][5], 3)) in known:
                    continue
                begin, end = legs[i][5], legs[j - 1][6]
                if any(b[5] - a[6] > _TOUCH_S for a, b in pairwise(legs[i:j])):
                    continue
                if any(begin < b - _TOUCH_S and a + _TOUCH_S < end for a, b in busy):
                    continue  # while it drives another street that it was sent to
                busy.append((begin, end))
                found.append((p, begin, end, stop))
    return found


class _Ways:
    """The edges between stops, found once for each start."""

    def __init__(self, instance: Instance, routes: Routes) -> None:
        self._found: dict[tuple[str, Any], dict[Any, Edges]] = {}
        wanted: dict[tuple[str, Any], set[int]] = {}
        for r, shift in enumerate(instance.shifts):
            begins = instance.in_time(r, routes.stops[r], routes.earliest[r], routes.dates[r])
            stations = instance.itinerary(r, routes.stops[r], begins, routes.dates[r])
            if not stations:
                continue
            order = [instance.base[r], *(stop for _, _, stop in stations), instance.base[r]]
            for a, b in pairwise(order):
                wanted.setdefault((shift.mode, instance.nodes[instance.exits[a]]), set()).add(b)
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
