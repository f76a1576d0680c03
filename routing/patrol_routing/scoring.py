"""The search's price of a place: how far its idleness lies above a target, from the times of its visits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from patrol_routing.instance import Instance
from patrol_routing.records import Span

_TOLERANCE_S = 1e-6
# The price of a missing visit and of uneven visits, beside an idleness that passes its limit by the limit once more.
_MISSING, _UNEVEN = 2.0, 0.002
_POST = 4.0  # of a standing post at which nobody stands
# One gap far above its limit is worse than several a little above it: otherwise places would be given up for others.
_LONG = 2.0


class Score(NamedTuple):
    """What the visits of a place are worth.

    Args:
        cost: the price at the target in force.
        overdue: the price of what passes the limits themselves; 0 without a breach.
        breaches: stretches above the limit, windows with too few visits and posts at which nobody stands.
        worst: the largest ratio of idleness to limit.
    """

    cost: float
    overdue: float
    breaches: int
    worst: float


class Scorer:
    """Prices places by their visits, given as (arrive, depart) in order.

    `aims` holds for each place the ratio of idleness to limit that the search tries to get below.
    """

    def __init__(self, instance: Instance) -> None:
        self.from_arrival = instance.problem.gap_from == "arrival"
        self.start_s, self.end_s = instance.start_s, instance.end_s
        self.since = [self.start_s if p.last_s is None else p.last_s for p in instance.places]
        # where the plan repeats itself, the day begins with the idleness that the last visit leaves
        self._back = [
            self.end_s - self.start_s if instance.problem.repeats and p.last_s is None else math.inf
            for p in instance.places
        ]
        self.weight = [place.weight for place in instance.places]
        self.is_weighted = any(one != 1.0 for one in self.weight)
        self.windows = [
            [(w.start_s, w.end_s, w.max_gap_s, w.min_visits) for w in place.windows]
            for place in instance.places
        ]
        self._plain = [
            len(ws) == 1 and ws[0][0] <= self.start_s and ws[0][1] >= self.end_s for ws in self.windows
        ]
        self._posts = [place.posts for place in instance.places]
        self.aim(None)

    def aim(self, target: float | None) -> None:
        """Aim at a weighted ratio of idleness to limit, never above the limits; None aims at the limits."""
        self.target = 1.0 if target is None else target
        self.aims = [1.0 if target is None else min(1.0, target / one) for one in self.weight]

    def anew(self, visit: Span) -> float:
        """Return from when on idleness grows after a visit."""
        return visit[0] if self.from_arrival else visit[1]

    def _first(self, p: int, visits: Sequence[Span]) -> float:
        """Return when the idleness began with which the horizon begins."""
        if not visits or self._back[p] == math.inf:
            return self.since[p]
        return min(self.since[p], max(map(self.anew, visits)) - self._back[p])

    def score(self, p: int, visits: Sequence[Span]) -> Score:
        """Return the score of place number p under these visits, in order of their beginnings."""
        score = self._score(p, visits) if self._plain[p] else self._score_windows(p, visits)
        if not self._posts[p]:
            return score
        unmet = sum(not any(b <= s and t <= e for b, e in visits) for s, t in self._posts[p])
        price = _POST * unmet * self.weight[p]
        return Score(score.cost + price, score.overdue + price, score.breaches + unmet, score.worst)

    def _score(self, p: int, visits: Sequence[Span]) -> Score:
        _, end, limit, least = self.windows[p][0]
        from_arrival = self.from_arrival
        since, aim = self._first(p, visits), limit * self.aims[p]
        over = square = worst = overdue = 0.0
        breaches = 0
        for arrive, depart in (*visits, (end, end)):
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
            if from_arrival:
                since = arrive
            elif depart > since:
                since = depart
        missing = least - len(visits)
        if missing > 0:
            over += _MISSING * missing
            overdue += _MISSING * missing
            breaches += 1
        weight = self.weight[p]
        cost = (over + _UNEVEN * square / (limit * limit)) * weight
        return Score(cost, overdue * weight, breaches, worst / limit)

    def stretches(self, p: int, visits: Sequence[Span]) -> list[Span]:
        """Return the times in which the place waits: (since, until)."""
        since, found = self._first(p, visits), []
        for visit in visits:
            found.append((since, visit[0]))
            since = max(since, self.anew(visit))
        return [*found, (since, self.end_s)]

    def _score_windows(self, p: int, visits: Sequence[Span]) -> Score:
        cost = worst = overdue = 0.0
        breaches = 0
        stretches, aim = self.stretches(p, visits), self.aims[p]
        for start, stop, limit, least in self.windows[p]:
            for since, until in stretches:
                end = min(until, stop)
                if end > since and end > start:
                    ratio = (end - since) / limit
                    worst = max(worst, ratio)
                    if ratio > aim:
                        x = ratio - aim
                        cost += x + _LONG * x * x
                        if end - since > limit + _TOLERANCE_S:
                            x = ratio - 1.0
                            overdue += x + _LONG * x * x
                            breaches += 1
                    cost += _UNEVEN * ratio * ratio
            count = sum(1 for arrive, _ in visits if start <= arrive < stop)
            if count < least:
                breaches += 1
                cost += _MISSING * (least - count)
                overdue += _MISSING * (least - count)
        return Score(cost * self.weight[p], overdue * self.weight[p], breaches, worst)

    def worst_gap(self, p: int, visits: Sequence[Span]) -> tuple[float, float]:
        """Return the stretch (from, to) of a place in which a visit would help most."""
        best, found = -math.inf, (self.start_s, self.end_s)
        stretches = self.stretches(p, visits)
        for start, stop, limit, least in self.windows[p]:
            for since, until in stretches:
                end = min(until, stop)
                if end > max(since, start) and (end - since) / limit > best:
                    # a visit that long before the window opens would be stale by then
                    best, found = (end - since) / limit, (max(since, self.start_s, start - limit), end)
            if sum(1 for arrive, _ in visits if start <= arrive < stop) < least and best < 1e6:
                best, found = 1e6, (start, stop)
        return found

    def mean(self, p: int, visits: Sequence[Span]) -> float:
        """Return the idleness of a place averaged over the horizon, in seconds."""
        area = 0.0
        for since, until in self.stretches(p, visits):
            low = max(since, self.start_s)
            if until > low:
                area += (until - since) ** 2 - (low - since) ** 2
        return area / 2 / (self.end_s - self.start_s)
