"""The search's price of a place: how far its idleness lies above a target, from the times of its visits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_routing.instance import Instance

_TOLERANCE_S = 1e-6
# The price of one breach, of one missing visit, and of uneven visits, beside one whole interval of excess (1.0).
_BREACH, _MISSING, _UNEVEN = 0.02, 0.6, 0.002


@dataclass(frozen=True, slots=True)
class Score:
    """What the visits of a place are worth.

    Args:
        cost: the price at the target in force.
        breaches: stretches above the limit and windows with too few visits.
        worst: the largest ratio of idleness to limit.
    """

    cost: float
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
        self.weight = [place.weight for place in instance.places]
        self.windows = [
            [(w.start_s, w.end_s, w.max_gap_s, w.min_visits) for w in place.windows]
            for place in instance.places
        ]
        self._plain = [
            len(ws) == 1 and ws[0][0] <= self.start_s and ws[0][1] >= self.end_s for ws in self.windows
        ]

    def score(self, p: int, arrivals: list[float]) -> Score:
        """Return the score of place number p under visits that begin at these (sorted) times."""
        if not self._plain[p]:
            return self._score_windows(p, arrivals)
        _, end, limit, least = self.windows[p][0]
        since, after, aim = self.since[p], self.after[p], limit * self.target
        over = square = worst = 0.0
        breaches = 0
        for arrive in arrivals:
            gap = arrive - since
            if gap > 0:
                square += gap * gap
                worst = max(worst, gap)
                if gap > aim:
                    over += gap - aim
                    breaches += gap > limit + _TOLERANCE_S
            since = arrive + after
        gap = end - since
        if gap > 0:
            square += gap * gap
            worst = max(worst, gap)
            if gap > aim:
                over += gap - aim
                breaches += gap > limit + _TOLERANCE_S
        missing = least - len(arrivals)
        cost = over / limit + _BREACH * breaches + _UNEVEN * square / (limit * limit)
        if missing > 0:
            cost += _MISSING * missing
            breaches += 1
        return Score(cost * self.weight[p], breaches, worst / limit)

    def _score_windows(self, p: int, arrivals: list[float]) -> Score:
        after = self.after[p]
        cost = worst = 0.0
        breaches = 0
        begins = [self.since[p], *(arrive + after for arrive in arrivals)]
        ends = [*arrivals, self.end_s]
        for start, stop, limit, least in self.windows[p]:
            count = 0
            for since, until in zip(begins, ends, strict=True):
                end = min(until, stop)
                if end > since and end > start:
                    ratio = (end - since) / limit
                    worst = max(worst, ratio)
                    if ratio > self.target:
                        cost += ratio - self.target
                        if ratio * limit > limit + _TOLERANCE_S:
                            breaches += 1
                            cost += _BREACH
                    cost += _UNEVEN * ratio * ratio
            count = sum(1 for arrive in arrivals if start <= arrive < stop)
            if count < least:
                breaches += 1
                cost += _MISSING * (least - count)
        return Score(cost * self.weight[p], breaches, worst)

    def worst_gap(self, p: int, arrivals: list[float]) -> tuple[float, float]:
        """Return the stretch (from, to) of a place in which a visit would help most."""
        best, found = -math.inf, (self.start_s, self.end_s)
        begins = [self.since[p], *(arrive + self.after[p] for arrive in arrivals)]
        ends = [*arrivals, self.end_s]
        for start, stop, limit, least in self.windows[p]:
            for since, until in zip(begins, ends, strict=True):
                end = min(until, stop)
                if end > max(since, start) and (end - since) / limit > best:
                    best, found = (end - since) / limit, (max(since, self.start_s), end)
            if sum(1 for arrive in arrivals if start <= arrive < stop) < least and best < 1e6:
                best, found = 1e6, (start, stop)
        return found
