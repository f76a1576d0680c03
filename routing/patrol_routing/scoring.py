"""The search's price of a place: how far its idleness lies above a target, from the times of its visits."""

from __future__ import annotations

import math
from typing import NamedTuple

from patrol_routing.instance import Instance

_TOLERANCE_S = 1e-6
# The price of a missing visit and of uneven visits, beside an idleness that passes its limit by the limit once more.
_MISSING, _UNEVEN = 2.0, 0.002
# One gap far above its limit is worse than several a little above it: otherwise places would be given up for others.
_LONG = 2.0


class Score(NamedTuple):
    """What the visits of a place are worth.

    Args:
        cost: the price at the target in force.
        overdue: the price of what passes the limits themselves; 0 without a breach.
        breaches: stretches above the limit and windows with too few visits.
        worst: the largest ratio of idleness to limit.
    """

    cost: float
    overdue: float
    breaches: int
    worst: float


class Scorer:
    """Prices places; `target` is the ratio of idleness to limit that the search tries to get below."""

    def __init__(self, instance: Instance) -> None:
        from_arrival = instance.problem.gap_from == "arrival"
        self.start_s, self.end_s = instance.start_s, instance.end_s
        self.target = 1.0
        self.after = [0.0 if from_arrival else dwell for dwell in instance.dwell]
        self.since = [self.start_s if p.last_s is None else p.last_s for p in instance.places]
        # where the plan repeats itself, the day begins with the idleness that the last visit leaves
        self._back = [
            self.end_s - self.start_s if instance.problem.repeats and p.last_s is None else math.inf
            for p in instance.places
        ]
        self.weight = [place.weight for place in instance.places]
        self.windows = [
            [(w.start_s, w.end_s, w.max_gap_s, w.min_visits) for w in place.windows]
            for place in instance.places
        ]
        self._plain = [
            len(ws) == 1 and ws[0][0] <= self.start_s and ws[0][1] >= self.end_s for ws in self.windows
        ]

    def _first(self, p: int, arrivals: list[float]) -> float:
        """Return when the idleness began with which the horizon begins."""
        if not arrivals or self._back[p] == math.inf:
            return self.since[p]
        return min(self.since[p], arrivals[-1] + self.after[p] - self._back[p])

    def score(self, p: int, arrivals: list[float]) -> Score:
        """Return the score of place number p under visits that begin at these (sorted) times."""
        if not self._plain[p]:
            return self._score_windows(p, arrivals)
        _, end, limit, least = self.windows[p][0]
        since, after, aim = self._first(p, arrivals), self.after[p], limit * self.target
        over = square = worst = overdue = 0.0
        breaches = 0
        for arrive in (*arrivals, end):
            gap = arrive - since
            if gap > 0:
                square += gap * gap
                worst = max(worst, gap)
                if gap > aim:
                    x = (gap - aim) / limit
                    over += x + _LONG * x * x
                    if gap > limit + _TOLERANCE_S:
                        x = gap / limit - 1.0
                        overdue += x + _LONG * x * x
                        breaches += 1
            since = arrive + after
        missing = least - len(arrivals)
        if missing > 0:
            over += _MISSING * missing
            overdue += _MISSING * missing
            breaches += 1
        weight = self.weight[p]
        cost = (over + _UNEVEN * square / (limit * limit)) * weight
        return Score(cost, overdue * weight, breaches, worst / limit)

    def _score_windows(self, p: int, arrivals: list[float]) -> Score:
        after = self.after[p]
        cost = worst = overdue = 0.0
        breaches = 0
        begins = [self._first(p, arrivals), *(arrive + after for arrive in arrivals)]
        ends = [*arrivals, self.end_s]
        for start, stop, limit, least in self.windows[p]:
            for since, until in zip(begins, ends, strict=True):
                end = min(until, stop)
                if end > since and end > start:
                    ratio = (end - since) / limit
                    worst = max(worst, ratio)
                    if ratio > self.target:
                        x = ratio - self.target
                        cost += x + _LONG * x * x
                        if end - since > limit + _TOLERANCE_S:
                            x = ratio - 1.0
                            overdue += x + _LONG * x * x
                            breaches += 1
                    cost += _UNEVEN * ratio * ratio
            count = sum(1 for arrive in arrivals if start <= arrive < stop)
            if count < least:
                breaches += 1
                cost += _MISSING * (least - count)
                overdue += _MISSING * (least - count)
        return Score(cost * self.weight[p], overdue * self.weight[p], breaches, worst)

    def worst_gap(self, p: int, arrivals: list[float]) -> tuple[float, float]:
        """Return the stretch (from, to) of a place in which a visit would help most."""
        best, found = -math.inf, (self.start_s, self.end_s)
        begins = [self._first(p, arrivals), *(arrive + self.after[p] for arrive in arrivals)]
        ends = [*arrivals, self.end_s]
        for start, stop, limit, least in self.windows[p]:
            for since, until in zip(begins, ends, strict=True):
                end = min(until, stop)
                if end > max(since, start) and (end - since) / limit > best:
                    # a visit that long before the window opens would be stale by then
                    best, found = (end - since) / limit, (max(since, self.start_s, start - limit), end)
            if sum(1 for arrive in arrivals if start <= arrive < stop) < least and best < 1e6:
                best, found = 1e6, (start, stop)
        return found
