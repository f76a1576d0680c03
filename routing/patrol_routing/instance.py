"""A patrol problem compiled for the search: numbered stops, tables of seconds, what each shift can serve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from patrol_routing.graph import node_positions
from patrol_routing.matrices import MatrixNetwork
from patrol_routing.network import Network
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Place, Shift, Span, Way
from town_model import InputError

_SLACK_S = 1e-6


def after_breaks(start: float, duration: float, breaks: Sequence[Span]) -> float:
    """Return the earliest time from `start` on at which something of this duration meets no break."""
    for begin, end in breaks:
        if start < end and start + duration > begin + _SLACK_S:
            start = end
    return start


class Date(NamedTuple):
    """A fixed time at which a unit is at a stop: a standing post.

    Args:
        begin_s: from when on it stands there.
        end_s: until when.
        stop: the stop.
    """

    begin_s: float
    end_s: float
    stop: int


@dataclass
class Routes:
    """The routes of all shifts: stops, times before which a visit must not begin, and dates kept in between."""

    stops: list[list[int]]
    earliest: list[list[float]]
    dates: list[list[Date]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dates = self.dates or [[] for _ in self.stops]


class Instance:
    """Stops (a place and one of its access nodes, or a street and one way to drive it) and bases as numbers.

    Attributes:
        places: places, then streets by direction.
        stop_place: for each stop the number of its place.
        stop_node: for each stop its node, of streets the first one.
        stop_way: for each stop the edges that are driven there, none for places.
        exits: for each stop (and base) the number of the node where it is left, among `nodes`.
        nodes: the nodes of stops, of bases, and where streets end.
        base: for each shift the number of its base among `nodes`.
        seconds: for each shift the rows of its mode's table over `nodes`.
        stay: for each shift and stop how long a visit takes; inf where it cannot be made.
        stops_of: for each shift and place the stops at which it can serve it.
        unreachable: (place, mode, reason) for places that no shift can serve.
        reachable: the numbers of the others.
    """

    def __init__(self, problem: PatrolProblem) -> None:
        self.problem = problem
        self.places: tuple[Place, ...] = (*problem.place_list, *problem.street_list)
        self.shifts = problem.shift_list
        self.start_s, self.end_s = problem.horizon
        self.stop_place = [i for i, place in enumerate(self.places) for _ in place.nodes]
        self.stop_node: list[Any] = [node for place in self.places for node in place.nodes]
        self.stop_way: list[Way] = [
            way for place in self.places for way in place.ways or ((),) * len(place.nodes)
        ]
        bases = list(dict.fromkeys(shift.base for shift in self.shifts))
        ends = list(dict.fromkeys(way[-1][1] for way in self.stop_way if way))
        self.nodes = self.stop_node + bases + ends
        first = len(self.stop_node)
        self.base = [first + bases.index(shift.base) for shift in self.shifts]
        at = {node: first + len(bases) + i for i, node in enumerate(ends)}
        self.exits = [at[way[-1][1]] if way else stop for stop, way in enumerate(self.stop_way)]
        self.exits += range(first, first + len(bases))
        self.tables = {mode: self._table(mode) for mode in dict.fromkeys(s.mode for s in self.shifts)}
        rows = {mode: table.tolist() for mode, table in self.tables.items()}
        self.seconds: list[list[list[float]]] = [rows[shift.mode] for shift in self.shifts]
        stays = {mode: self._stays(mode) for mode in self.tables}
        self.stay: list[list[float]] = [stays[shift.mode] for shift in self.shifts]
        self.barred = [self._barred(shift) for shift in self.shifts]
        self._is_plain = [
            not shift.breaks and not any(barred)
            for shift, barred in zip(self.shifts, self.barred, strict=True)
        ]
        self.stops_of: list[list[list[int]]] = []
        reasons: dict[tuple[int, str], str] = {}
        for r in range(len(self.shifts)):
            self.stops_of.append(self._serve(r, reasons))
        served = {p for r in range(len(self.shifts)) for p, stops in enumerate(self.stops_of[r]) if stops}
        self.reachable = sorted(served)
        self.unreachable: list[tuple[Any, str, str]] = []
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

    def _stays(self, mode: str) -> list[float]:
        name, stays = f"travel_time_{mode}", []
        for p, way in zip(self.stop_place, self.stop_way, strict=True):
            edges = self.problem.graph.edges if way else {}
            times = (edges[edge].get(name, math.inf) for edge in way)
            stays.append(float(sum(times)) if way else self.places[p].dwell_s)
        return stays

    def _barred(self, shift: Shift) -> list[tuple[Span, ...]]:
        """Return for each stop when the shift cannot serve there: in its breaks, and when the place is closed."""
        return [
            tuple(sorted((*shift.breaks, *self.places[p].closed))) if self.places[p].closed else shift.breaks
            for p in self.stop_place
        ]

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
            elif not math.isfinite(seconds[base][stop]) or not math.isfinite(self.stay[r][stop]):
                why = "no_way"
            elif not math.isfinite(seconds[self.exits[stop]][base]):
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
        near = []
        for node, way in zip(self.stop_node, self.stop_way, strict=True):
            every = (node, *(v for _, v, _ in way))
            away = np.hypot(*(node_positions(self.problem.graph, every) - here).T)
            near.append(bool((away <= shift.range_m + _SLACK_S).all()))
        return near

    # --- times

    def arrival(self, r: int, at: int, to: int, clock: float) -> float:
        """Return when shift r is at a node if it sets out from another one at this time, or after its break."""
        drive = self.seconds[r][at][to]
        return after_breaks(clock, drive, self.shifts[r].breaks) + drive

    def begin(self, r: int, stop: int, clock: float) -> float:
        """Return when shift r can begin a visit if it is there at this time."""
        return after_breaks(clock, self.stay[r][stop], self.barred[r][stop])

    def keeps(self, r: int, dates: Sequence[Date]) -> bool:
        """Return whether shift r can be in time at all these dates, in order, and home afterwards."""
        at, clock, shift = self.base[r], self.shifts[r].start_s, self.shifts[r]
        for begin, end, stop in dates:
            if self.arrival(r, at, stop, clock) > begin + _SLACK_S:
                return False
            if any(
                begin < b and end > a for a, b in (*shift.breaks, *self.places[self.stop_place[stop]].closed)
            ):
                return False
            at, clock = stop, end
        return self.arrival(r, at, self.base[r], clock) <= shift.end_s + _SLACK_S

    def in_time(
        self, r: int, stops: Sequence[int], earliest: Sequence[float], dates: Sequence[Date] = ()
    ) -> list[float]:
        """Return when the visits of a route begin; those after which the unit would be late are left off.

        Args:
            r: the shift.
            stops: the stops in order.
            earliest: for each stop a time before which its visit must not begin.
            dates: fixed times in order; a visit that would make the unit late for one is made after it.
        """
        if dates or not self._is_plain[r]:
            return self._in_time(r, stops, earliest, dates)
        shift, seconds, stay, exits = self.shifts[r], self.seconds[r], self.stay[r], self.exits
        base, end = self.base[r], shift.end_s + _SLACK_S
        at, clock = base, shift.start_s
        begins: list[float] = []
        for i, stop in enumerate(stops):
            clock += seconds[at][stop]
            if clock < earliest[i]:  # noqa: PLR1730 - this is the innermost loop, and max() is slower
                clock = earliest[i]
            at = exits[stop]
            begins.append(clock)
            clock += stay[stop]
            if clock + seconds[at][base] > end:
                begins.pop()
                break
        return begins

    def _in_time(
        self, r: int, stops: Sequence[int], earliest: Sequence[float], dates: Sequence[Date]
    ) -> list[float]:
        base, stay, exits = self.base[r], self.stay[r], self.exits
        end = self.shifts[r].end_s + _SLACK_S
        at, clock, kept = base, self.shifts[r].start_s, 0
        begins: list[float] = []
        for i, stop in enumerate(stops):
            while True:
                begin = self.begin(r, stop, max(self.arrival(r, at, stop, clock), earliest[i]))
                leave = begin + stay[stop]
                if kept == len(dates):
                    break
                date = dates[kept]
                if self.arrival(r, exits[stop], date.stop, leave) <= date.begin_s + _SLACK_S:
                    break
                at, clock, kept = date.stop, date.end_s, kept + 1
            if kept == len(dates) and self.arrival(r, exits[stop], base, leave) > end:
                break
            begins.append(begin)
            at, clock = exits[stop], leave
        return begins

    def itinerary(
        self, r: int, stops: Sequence[int], begins: Sequence[float], dates: Sequence[Date]
    ) -> list[tuple[float, float, int]]:
        """Return visits and dates of a route in order of time, as (begin, end, stop)."""
        visits = [(b, b + self.stay[r][s], s) for s, b in zip(stops, begins, strict=False)]
        return sorted([*visits, *((one.begin_s, one.end_s, one.stop) for one in dates)])
