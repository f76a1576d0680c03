"""A lower bound on the worst ratio of idleness to limit that any plan of a problem can reach."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrol_routing.instance import Instance
from patrol_routing.records import Span, Window

Floats = NDArray[np.float64]
_MOST_EDGES = 24  # of shifts that are combined into times to look at; more would cost more than they tell


def worst_ratio_bound(instance: Instance, *, weighted: bool = False) -> float:
    """Return a number that the worst ratio of no plan lies below; `weighted`: the worst of the ratios times the weights.

    The larger of two bounds, over the places that can be reached at all.

    *Presence.* A unit cannot be at a place before its shift has begun and the way from the base is driven, nor so late
    that it would not be back in time. Idleness at a moment outside all these spans is at least the time since
    the last of them (with ``gap_from="arrival"``: since the last moment at which a visit could begin in one), or since the last
    visit before the horizon.

    *Work.* Let some places be served by the shifts F alone, take a span of time of length H that lies in a window of
    each, and let g = ratio × limit be the longest idleness of a place in it. Call a stay what a unit spends
    at a place without leaving. With n stays of together S seconds the place waits at most n + 1 times, so
    S + (n + 1)·g ≥ H; each stay lasts its dwell d at least, and is reached by a way of at least t, the shortest to this place
    from any other place or base. The place therefore costs the units at least

        min over n of  max(n·d, H − (n + 1)·g) + n·t     (idleness from departure)
        min over n of  n·d + max(0, H − (n + 1)·g) + n·t     (from arrival: of a stay, all but one dwell S − d shortens waiting).

    The shifts have no more than their time within the span, less their breaks and the shortest way home. Three things could
    make this too strict, and are given back: a shift that goes on over an edge of the span may share one stay there with
    what lies outside (the longest d + t for each such edge), and a break in the midst of a stay may part
    it in two without a way between (the longest t for each break). The cost falls as the ratio grows, so every ratio at
    which it exceeds what the shifts have is impossible. The spans tried are those between the beginnings and ends of shifts.
    """
    if not instance.reachable:
        return 0.0
    found = presence_bound(instance, weighted=weighted)
    served = {
        p: frozenset(r for r in range(len(instance.shifts)) if instance.stops_of[r][p])
        for p in instance.reachable
    }
    edges = sorted(
        {instance.start_s, instance.end_s, *(t for s in instance.shifts for t in (s.start_s, s.end_s))}
    )
    if len(edges) > _MOST_EDGES:
        step = len(edges) / _MOST_EDGES
        edges = sorted({edges[int(i * step)] for i in range(_MOST_EDGES)} | {edges[-1]})
    for shifts in set(served.values()):
        places = [p for p in instance.reachable if served[p] <= shifts]
        work = Work(instance, sorted(shifts), places, weighted=weighted)
        for start, end in itertools.combinations(edges, 2):
            found = work.raised(found, start, end)
    return found


def presence_bound(instance: Instance, *, weighted: bool = False) -> float:
    """Return the part of the bound that more units of the same kinds would not lower."""
    from_arrival = instance.problem.gap_from == "arrival"
    worst = 0.0
    for p in instance.reachable:
        place = instance.places[p]
        spans = sorted(
            (
                shift.start_s + rows[instance.base[r]][stop],
                shift.end_s
                - rows[instance.exits[stop]][instance.base[r]]
                - (instance.stay[r][stop] if from_arrival else 0.0),
            )
            for r, (shift, rows) in enumerate(zip(instance.shifts, instance.seconds, strict=True))
            for stop in instance.stops_of[r][p]
        )
        since = instance.start_s if place.last_s is None else place.last_s
        for begin, end in [*spans, (instance.end_s, math.inf)]:
            if begin > since:
                hole = _hole(place.windows, since, min(begin, instance.end_s))
                worst = max(worst, hole * place.weight if weighted else hole)
            since = max(since, end)
    return worst


def _hole(windows: Iterable[Window], since: float, until: float) -> float:
    """Return the ratio that a stretch without any presence leaves behind in the windows it meets."""
    worst = 0.0
    for window in windows:
        end = min(until, window.end_s)
        if end > max(since, window.start_s):
            worst = max(worst, (end - since) / window.max_gap_s)
    return worst


@dataclass
class _Demand:
    """Windows cut to a span of time: the place of each (as a number in order), its length and its limit."""

    place: NDArray[np.intp]
    length: Floats
    limit: Floats


class Work:
    """What some places cost the only shifts that can serve them, against the time these have."""

    def __init__(
        self, instance: Instance, shifts: list[int], places: list[int], *, weighted: bool = False
    ) -> None:
        self.instance, self.shifts, self.places = instance, shifts, places
        self.from_arrival = instance.problem.gap_from == "arrival"
        # a ratio times a weight is the ratio to a limit that is so much shorter
        self.weight = [instance.places[p].weight if weighted else 1.0 for p in places]
        self.dwell = np.array([self._shortest_stay(p) for p in places])
        self.way = np.array([self._shortest_way(p) for p in places])

    def _shortest_stay(self, p: int) -> float:
        """Return how long a visit takes at least."""
        instance = self.instance
        every = (instance.stay[r][stop] for r in self.shifts for stop in instance.stops_of[r][p])
        return min(every, default=instance.places[p].dwell_s)

    def _shortest_way(self, p: int) -> float:
        """Return the shortest way to a place from where any other visit or shift begins, for any shift that serves it.

        A street may be driven again from where it ends.
        """
        instance = self.instance
        shortest = math.inf
        for r in self.shifts:
            rows, base = instance.seconds[r], instance.base[r]
            others = [base, *(instance.exits[s] for stops in instance.stops_of[r] for s in stops)]
            for stop in instance.stops_of[r][p]:
                shortest = min(shortest, min((rows[o][stop] for o in others if o != stop), default=math.inf))
        return shortest

    def _time(self, start: float, end: float) -> float:
        """Return the most working time that the shifts have between two times, with what the proof gives back."""
        instance = self.instance
        total = 0.0
        most_way, most_dwell = float(self.way.max()), float(self.dwell.max())
        for r in self.shifts:
            shift = instance.shifts[r]
            span = _overlap((shift.start_s, shift.end_s), (start, end))
            if span <= 0:
                continue
            if shift.end_s <= end:
                home = min(
                    instance.seconds[r][instance.exits[stop]][instance.base[r]]
                    for stops in instance.stops_of[r]
                    for stop in stops
                )
                span = max(0.0, span - home)
            for rest in shift.breaks:
                span += most_way - _overlap(rest, (start, end)) if _overlap(rest, (start, end)) > 0 else 0.0
            total += max(0.0, span)
            total += (most_way + most_dwell) * ((shift.start_s < start) + (shift.end_s > end))
        return total

    def _demand(self, start: float, end: float) -> _Demand:
        windows = [
            (i, length, w.max_gap_s / self.weight[i])
            for i, p in enumerate(self.places)
            for w in self.instance.places[p].windows
            if (length := _overlap((w.start_s, w.end_s), (start, end))) > 0
        ]
        return _Demand(
            np.array([one[0] for one in windows], np.intp),
            np.array([one[1] for one in windows], float),
            np.array([one[2] for one in windows], float),
        )

    def needed_s(self, start: float, end: float) -> float:
        """Return the least time (s) that the places cost between two times if every interval is kept."""
        demand = self._demand(start, end)
        return self._needed(demand, 1.0) if len(demand.place) else 0.0

    def raised(self, found: float, start: float, end: float) -> float:
        """Return the bound raised by what happens between two times, or the one found before."""
        demand = self._demand(start, end)
        if not len(demand.place):
            return found
        time = self._time(start, end)
        low, high = found, float((demand.length / demand.limit).max())
        if high <= low or self._needed(demand, low) <= time:
            return found
        for _ in range(30):
            middle = (low + high) / 2
            if self._needed(demand, middle) > time:
                low = middle
            else:
                high = middle
        return low

    def _needed(self, demand: _Demand, ratio: float) -> float:
        """Return the least time that the places cost at this ratio; of several windows of a place the dearest counts."""
        gap = np.maximum(ratio, 1e-9) * demand.limit
        dwell, way = self.dwell[demand.place], self.way[demand.place]
        # the cost is least without a stay, or where its two parts meet, to the next whole number
        meet = (demand.length - gap) / (gap if self.from_arrival else gap + dwell)
        counts = np.maximum(0.0, np.stack([np.zeros(len(gap)), np.floor(meet), np.ceil(meet)]))
        waiting = demand.length - (counts + 1) * gap
        stay = (
            counts * dwell + np.maximum(0.0, waiting)
            if self.from_arrival
            else np.maximum(counts * dwell, waiting)
        )
        cost = (np.maximum(stay, 0.0) + counts * way).min(axis=0)
        dearest = np.zeros(len(self.places))
        np.maximum.at(dearest, demand.place, cost)
        return float(dearest.sum())


def _overlap(a: Span, b: Span) -> float:
    return min(a[1], b[1]) - max(a[0], b[0])
