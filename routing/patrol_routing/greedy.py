"""Plans made in one pass over time: whoever is free next goes to the place whose time runs out first."""

from __future__ import annotations

import heapq
import math

import numpy as np

from patrol_routing.instance import Date, Instance, Routes
from patrol_routing.records import Place

# A visit before a window opens is made when this share of the interval is left until then.
_FRESH = 0.7


class _Need:
    """When a place must be visited next, as visits are promised one after the other."""

    def __init__(self, place: Place, start_s: float, *, from_arrival: bool) -> None:
        self.since = start_s if place.last_s is None else place.last_s
        self._from_arrival = from_arrival
        self._windows = place.windows
        self._begun = [0] * len(place.windows)

    def visit(self, arrive: float, depart: float) -> None:
        self.since = max(self.since, arrive if self._from_arrival else depart)
        for i, window in enumerate(self._windows):
            if window.start_s <= arrive < window.end_s:
                self._begun[i] += 1

    def due(self, now: float) -> tuple[float, float, float]:
        """Return (not before, due, limit) of the next visit that is asked for from now on."""
        for i, window in enumerate(self._windows):
            if window.end_s <= now:
                continue
            if self.since + window.max_gap_s < window.start_s:
                # it would open overdue: go there shortly before
                fresh = window.start_s - _FRESH * window.max_gap_s
                return max(fresh, 0.0), window.start_s, window.max_gap_s
            due = self.since + window.max_gap_s
            if self._begun[i] < window.min_visits:
                due = min(due, window.end_s - 1.0)
            if due < window.end_s:
                early = self._begun[i] < window.min_visits
                return (window.start_s if early else 0.0), due, window.max_gap_s
        return 0.0, math.inf, 1.0


def greedy_routes(
    instance: Instance,
    rng: np.random.Generator,
    *,
    travel_weight: float = 2.0,
    noise_s: float = 0.0,
    dates: list[list[Date]] | None = None,
) -> Routes:
    """Return routes made in one pass over time.

    Args:
        instance: the compiled problem.
        rng: the source of the noise.
        travel_weight: how many seconds of slack a second of driving is worth.
        noise_s: the spread of the noise on the score, in seconds.
        dates: fixed times that each shift keeps.
    """
    from_arrival = instance.problem.gap_from == "arrival"
    needs = [_Need(place, instance.start_s, from_arrival=from_arrival) for place in instance.places]
    routes = Routes([[] for _ in instance.shifts], [[] for _ in instance.shifts], dates or [])
    at = list(instance.base)
    last = [-1] * len(instance.shifts)
    kept = [0] * len(instance.shifts)
    # whoever has one place only stays there; others go on
    alone = [sum(map(bool, stops)) == 1 for stops in instance.stops_of]
    queue = [(shift.start_s, r) for r, shift in enumerate(instance.shifts)]
    heapq.heapify(queue)
    while queue:
        now, r = heapq.heappop(queue)
        date = routes.dates[r][kept[r]] if kept[r] < len(routes.dates[r]) else None
        best: tuple[float, int, float, float] | None = None
        noise = rng.normal(0, noise_s, len(instance.places)).tolist() if noise_s else None
        for p, stops in enumerate(instance.stops_of[r]):
            if not stops or (p == last[r] and not alone[r]):
                continue
            not_before, due, limit = needs[p].due(now)
            for stop in stops:
                begin = instance.begin(r, stop, max(instance.arrival(r, at[r], stop, now), not_before))
                leave = begin + instance.stay[r][stop]
                goal = date.stop if date else instance.base[r]
                by = date.begin_s if date else instance.shifts[r].end_s
                if instance.arrival(r, instance.exits[stop], goal, leave) > by:
                    continue
                if begin < needs[p].since:  # somebody is there, or on the way
                    continue
                score = (due - begin) + travel_weight * (begin - now)
                score /= limit
                if noise:
                    score += noise[p] / limit
                if best is None or score < best[0]:
                    best = (score, stop, begin, not_before)
        if best is not None:
            _, stop, begin, not_before = best
            p, leave = instance.stop_place[stop], begin + instance.stay[r][stop]
            routes.stops[r].append(stop)
            routes.earliest[r].append(not_before)
        elif date is not None:
            begin, leave, stop = date
            p, kept[r] = instance.stop_place[stop], kept[r] + 1
        else:
            continue
        needs[p].visit(begin, leave)
        at[r], last[r] = instance.exits[stop], p
        heapq.heappush(queue, (leave, r))
    return routes
