"""The part of the audit that asks whether a place that a plan calls unreachable is so, and for the reason it gives.

Like `audit`, it shares no code with the planner.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import networkx as nx
import numpy as np

from patrol_routing.audit_routes import RouteAudit
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Place, Shift, Way
from town_model import Text

# Why a shift cannot serve a place, in the order in which it comes nearer to it.
_HINDRANCES = ("no_unit", "no_way", "no_way_back", "out_of_range", "too_long")


class ReachAudit(RouteAudit):
    """Asks for itself what each shift can reach.

    Args:
        problem: the problem.
    """

    def __init__(self, problem: PatrolProblem) -> None:
        super().__init__(problem)
        self.shifts: dict[Hashable, Shift] = {one.id: one for one in problem.shift_list}
        self.places: dict[Hashable, Place] = {one.id: one for one in problem.place_list}
        self.streets: dict[Hashable, list[Place]] = defaultdict(list)
        for street in problem.street_list:
            self.streets[street.id].append(street)
        self._reach: dict[tuple[str, Any], tuple[dict[Any, float], dict[Any, float]]] = {}
        self._matrices: dict[str, nx.MultiDiGraph[Any]] = {}

    def unreachable(self, claimed: list[dict[str, Any]]) -> set[Place]:
        """Return the places that the plan rightly calls unreachable, and hold its reasons against our own.

        Of a street that is asked for in both directions, those directions that cannot be driven.
        """
        claims: dict[Hashable, set[tuple[Any, Any]]] = defaultdict(set)
        for row in claimed:
            claims[row["place"]].add((row["mode"], row["reason"]))
        right: set[Place] = set()
        for name, said in claims.items():
            records = [self.places[name]] if name in self.places else self.streets.get(name, [])
            if not records:
                self.note(
                    "unknown_place",
                    Text.of("the plan calls {place} unreachable, which is no place", place=name),
                    place=name,
                )
                continue
            reasons: set[tuple[str, str]] = set()
            able = None
            for place in records:
                hindered = [(shift, self._hindrance(shift, place)) for shift in self.shifts.values()]
                one = next((shift for shift, why in hindered if not why), None)
                if one is not None:
                    able = one
                    continue
                right.add(place)
                least: dict[str, str] = {}
                for shift, why in hindered:
                    if why != "no_unit":
                        least[shift.mode] = max(least.get(shift.mode, why), why, key=_HINDRANCES.index)
                reasons |= set(least.items()) or {("", "no_unit")}
            if able is not None and not reasons:
                self.note(
                    "not_unreachable",
                    Text.of(
                        "the plan calls {place} unreachable, but {unit} can get there",
                        place=name,
                        unit=able.id,
                    ),
                    place=name,
                    unit=able.id,
                )
            elif said != reasons:
                self.note(
                    "reason",
                    Text.of("{place}: the plan gives a wrong reason why it is unreachable", place=name),
                    place=name,
                )
        return right

    def _hindrance(self, shift: Shift, place: Place) -> str:
        """Return why a shift cannot serve a place: what stops it at the node where it comes farthest; empty if nothing."""
        if not place.allows(shift.mode):
            return "no_unit"
        if place.ways:
            reasons = [
                self._hindrance_at(shift, place, w[0][0], w[-1][1], self._drive_s(shift, w))
                for w in place.ways
            ]
        else:
            reasons = [self._hindrance_at(shift, place, node, node, place.dwell_s) for node in place.nodes]
        return "" if "" in reasons else max(reasons, key=_HINDRANCES.index)

    def _drive_s(self, shift: Shift, way: Way) -> float:
        edges = [self.problem.graph.get_edge_data(*edge) for edge in way]
        return math.fsum(data.get(f"travel_time_{shift.mode}", math.inf) for data in edges)

    def _hindrance_at(self, shift: Shift, place: Place, node: Any, leave: Any, stay: float) -> str:
        there, back = self._ways(shift, node)[0], self._ways(shift, leave)[1]
        if math.isinf(there) or math.isinf(stay):
            return "no_way"
        if math.isinf(back):
            return "no_way_back"
        if math.isfinite(shift.range_m):
            nodes = self.problem.graph.nodes
            base = nodes[shift.base]
            every = [
                node,
                *(v for way in place.ways if way[0][0] == node and way[-1][1] == leave for _, v, _ in way),
            ]
            if any(
                math.hypot(nodes[n]["x"] - base["x"], nodes[n]["y"] - base["y"]) > shift.range_m
                for n in every
            ):
                return "out_of_range"
        clock = shift.start_s
        for work, shut in ((there, ()), (stay, place.closed), (back, ())):
            for begin, stop in sorted((*shift.breaks, *shut)):
                if clock < stop and clock + work > begin:
                    clock = stop
            clock += work
        return "" if clock <= shift.end_s else "too_long"

    def _roads(self, mode: str) -> nx.MultiDiGraph[Any]:
        if self.problem.has_graph:
            return self.problem.graph
        if mode not in self._matrices:
            self._matrices[mode] = _matrix_graph(np.asarray(self.problem.travel[mode]), f"travel_time_{mode}")
        return self._matrices[mode]

    def _ways(self, shift: Shift, node: Any) -> tuple[float, float]:
        """Return the quickest times from the base to a node and back, by networkx; inf where there is no way."""
        key = (shift.mode, shift.base)
        if key not in self._reach:
            graph, weight = self._roads(shift.mode), _weight(f"travel_time_{shift.mode}")
            self._reach[key] = (
                nx.single_source_dijkstra_path_length(graph, shift.base, weight=weight),
                nx.single_source_dijkstra_path_length(graph.reverse(copy=False), shift.base, weight=weight),
            )
        forth, reverse = self._reach[key]
        return float(forth.get(node, math.inf)), float(reverse.get(node, math.inf))


def _matrix_graph(matrix: Any, attribute: str) -> nx.MultiDiGraph[Any]:
    """Return a matrix of seconds as a graph: a unit may pass through its rows."""
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(matrix)))
    ways = np.argwhere(np.isfinite(matrix)).tolist()
    graph.add_edges_from((u, v, {attribute: float(matrix[u, v])}) for u, v in ways if u != v)
    return graph


def _weight(attribute: str) -> Any:
    def least(_u: Any, _v: Any, edges: dict[int, dict[str, Any]]) -> float | None:
        times = [data[attribute] for data in edges.values() if attribute in data]
        return min(times) if times else None  # None hides the edge

    return least
