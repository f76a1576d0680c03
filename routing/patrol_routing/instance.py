"""A patrol problem compiled for the search: numbered stops, tables of seconds, what each shift can serve."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from patrol_routing.graph import node_positions
from patrol_routing.matrices import MatrixNetwork
from patrol_routing.network import Network
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Shift, Span
from town_model import InputError

_SLACK_S = 1e-6


def after_breaks(start: float, duration: float, breaks: tuple[Span, ...]) -> float:
    """Return the earliest time from `start` on at which something of this duration meets no break."""
    for begin, end in breaks:
        if start < end and start + duration > begin + _SLACK_S:
            start = end
    return start


class Instance:
    """Stops (a place and one of its access nodes) and bases as numbers, and seconds between them by mode.

    Attributes:
        stop_place: for each stop the number of its place.
        stop_node: for each stop its node.
        base: for each shift the number of its base among stops and bases.
        seconds: for each shift the rows of its mode's table over stops and bases.
        dwell: for each place its dwell in seconds.
        stops_of: for each shift and place the stops at which it can serve it.
        unreachable: (place, mode, reason) for places that no shift can serve.
        reachable: the numbers of the others.
    """

    def __init__(self, problem: PatrolProblem) -> None:
        self.problem = problem
        self.places = problem.place_list
        self.shifts = problem.shift_list
        self.start_s, self.end_s = problem.horizon
        self.stop_place = [i for i, place in enumerate(self.places) for _ in place.nodes]
        self.stop_node: list[Any] = [node for place in self.places for node in place.nodes]
        bases = list(dict.fromkeys(shift.base for shift in self.shifts))
        self.nodes = self.stop_node + bases
        self.base = [len(self.stop_node) + bases.index(shift.base) for shift in self.shifts]
        self.dwell = [place.dwell_s for place in self.places]
        self.tables = {mode: self._table(mode) for mode in dict.fromkeys(s.mode for s in self.shifts)}
        rows = {mode: table.tolist() for mode, table in self.tables.items()}
        self.seconds: list[list[list[float]]] = [rows[shift.mode] for shift in self.shifts]
        self.stops_of: list[list[list[int]]] = []
        reasons: dict[tuple[int, str], str] = {}
        for r in range(len(self.shifts)):
            self.stops_of.append(self._serve(r, reasons))
        served = {p for r in range(len(self.shifts)) for p, stops in enumerate(self.stops_of[r]) if stops}
        self.reachable = sorted(served)
        self.unreachable = []
        for p, place in enumerate(self.places):
            if p in served:
                continue
            found = [(mode, why) for (q, mode), why in reasons.items() if q == p and why != "no_unit"]
            self.unreachable += [(place.id, mode, why) for mode, why in found] or [(place.id, "", "no_unit")]

    def _table(self, mode: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        if self.problem.has_graph:
            try:
                return Network.of(self.problem.graph, mode).times(self.nodes, self.nodes)
            except InputError:  # no road is open to this mode: nothing is reached but where one stands
                return np.array([[0.0 if a == b else np.inf for b in self.nodes] for a in self.nodes])
        # standing at a place costs no way, whatever the diagonal says
        return MatrixNetwork(np.asarray(self.problem.travel[mode], float)).times(self.nodes)

    def _serve(self, r: int, reasons: dict[tuple[int, str], str]) -> list[list[int]]:
        """Return the stops of each place that shift r can serve at all, and note why not."""
        shift, base, seconds = self.shifts[r], self.base[r], self.seconds[r]
        near = self._within_range(shift)
        stops: list[list[int]] = [[] for _ in self.places]
        worst = {"no_unit": 0, "no_way": 1, "no_way_back": 2, "out_of_range": 3, "too_long": 4}
        for stop, p in enumerate(self.stop_place):
            why = ""
            if not self.places[p].allows(shift.mode):
                why = "no_unit"
            elif not math.isfinite(seconds[base][stop]):
                why = "no_way"
            elif not math.isfinite(seconds[stop][base]):
                why = "no_way_back"
            elif not near[stop]:
                why = "out_of_range"
            elif not self.in_time(r, [stop], [0.0]):
                why = "too_long"
            else:
                stops[p].append(stop)
            key = (p, shift.mode)
            # of several reasons the one that comes nearest to a visit is told
            if why and worst[why] >= worst[reasons.get(key, "no_unit")]:
                reasons[key] = why
        return stops

    def _within_range(self, shift: Shift) -> list[bool]:
        if not math.isfinite(shift.range_m):
            return [True] * len(self.stop_node)
        here = node_positions(self.problem.graph, [shift.base])[0]
        away = np.hypot(*(node_positions(self.problem.graph, self.stop_node) - here).T)
        return (away <= shift.range_m + _SLACK_S).tolist()

    def in_time(self, r: int, stops: list[int], earliest: list[float]) -> list[float]:
        """Return when the visits of a route begin; those after which the unit would be late are left off.

        Args:
            r: the shift.
            stops: the stops in order.
            earliest: for each stop a time before which its visit must not begin.
        """
        shift, seconds, dwells, place = self.shifts[r], self.seconds[r], self.dwell, self.stop_place
        base, end, breaks = self.base[r], shift.end_s + _SLACK_S, shift.breaks
        at, clock = base, shift.start_s
        begins: list[float] = []
        for i, stop in enumerate(stops):
            dwell, drive, home = dwells[place[stop]], seconds[at][stop], seconds[stop][base]
            if breaks:
                clock = after_breaks(clock, drive, breaks) + drive
                clock = after_breaks(max(clock, earliest[i]), dwell, breaks)
                if after_breaks(clock + dwell, home, breaks) + home > end:
                    break
            else:
                clock += drive
                clock = max(clock, earliest[i])
                if clock + dwell + home > end:
                    break
            begins.append(clock)
            clock += dwell
            at = stop
        return begins
