"""Rounds as a start: the places shared out among the units of a shift so that the longest round is short."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from itertools import pairwise

from patrol_routing.instance import Date, Instance, Routes
from patrol_routing.records import Span
from patrol_routing.scoring import Scorer
from patrol_routing.tours import short_tours

_TOURS = 12  # that a unit alone has to choose from


def shift_groups(instance: Instance) -> list[list[int]]:
    """Return the shifts that begin and end together, as groups in order of time."""
    groups: dict[tuple[float, float], list[int]] = {}
    for r, shift in enumerate(instance.shifts):
        groups.setdefault((shift.start_s, shift.end_s), []).append(r)
    return [groups[key] for key in sorted(groups)]


class _Rounds:
    """Rounds of some shifts over some places, annealed to a small largest ratio of round to interval."""

    def __init__(self, instance: Instance, shifts: list[int], places: list[int], rng: random.Random) -> None:
        self.instance, self.shifts, self.rng = instance, shifts, rng
        from_arrival = instance.problem.gap_from == "arrival"
        self.from_arrival = from_arrival
        self.limit = [min(w.max_gap_s for w in place.windows) for place in instance.places]
        self.rounds: list[list[int]] = [[] for _ in shifts]
        for p in places:
            able = [k for k, r in enumerate(shifts) if instance.stops_of[r][p]]
            k = min(able, key=lambda k: (len(self.rounds[k]), k))
            self.rounds[k].append(instance.stops_of[shifts[k]][p][0])
        self.ratios = [self._ratio(k, one) for k, one in enumerate(self.rounds)]

    def _ratio(self, k: int, stops: list[int]) -> float:
        if not stops:
            return 0.0
        r, place, exits = self.shifts[k], self.instance.stop_place, self.instance.exits
        seconds, stay = self.instance.seconds[r], self.instance.stay[r]
        total, at = 0.0, exits[stops[-1]]
        for stop in stops:
            total += seconds[at][stop] + stay[stop]
            at = exits[stop]
        if self.from_arrival:
            return total / min(self.limit[place[stop]] for stop in stops)
        return max((total - stay[stop]) / self.limit[place[stop]] for stop in stops)

    def _cost(self, ratios: list[float]) -> float:
        return max(ratios) + 0.05 * sum(ratios) / len(ratios)

    def anneal(self, steps: int, keep_on: Callable[[], bool]) -> list[list[int]]:
        rng = self.rng
        cost = self._cost(self.ratios)
        best_cost, best = cost, [list(one) for one in self.rounds]
        for step in range(steps):
            if step % 200 == 0 and not keep_on():
                break
            change = self._change()
            if change is None:
                continue
            ratios = list(self.ratios)
            for k, stops in change.items():
                ratios[k] = self._ratio(k, stops)
            new = self._cost(ratios)
            heat = 0.05 * (0.0005 / 0.05) ** (step / steps)
            if new <= cost or rng.random() < math.exp((cost - new) / heat):
                for k, stops in change.items():
                    self.rounds[k] = stops
                self.ratios, cost = ratios, new
                if cost < best_cost - 1e-12:
                    best_cost, best = cost, [list(one) for one in self.rounds]
        return best

    def _change(self) -> dict[int, list[int]] | None:
        rng, instance = self.rng, self.instance
        worst = max(range(len(self.ratios)), key=self.ratios.__getitem__)
        a = worst if rng.random() < 0.5 else rng.randrange(len(self.rounds))
        if not self.rounds[a]:
            return None
        b = rng.randrange(len(self.rounds))
        first = list(self.rounds[a])
        i = rng.randrange(len(first))
        if a == b:
            j = rng.randrange(len(first))
            low, high = min(i, j), max(i, j) + 1
            roll = rng.random()
            if roll < 0.4:
                first[low:high] = first[low:high][::-1]
            elif roll < 0.8:
                first.insert(j, first.pop(i))
            else:
                p = instance.stop_place[first[i]]
                first[i] = rng.choice(instance.stops_of[self.shifts[a]][p])
            return {a: first}
        second = list(self.rounds[b])
        stops = instance.stops_of[self.shifts[b]][instance.stop_place[first[i]]]
        if not stops:
            return None
        if second and rng.random() < 0.5:
            j = rng.randrange(len(second))
            back = instance.stops_of[self.shifts[a]][instance.stop_place[second[j]]]
            if not back:
                return None
            first[i], second[j] = rng.choice(back), rng.choice(stops)
        else:
            del first[i]
            second.insert(rng.randint(0, len(second)), rng.choice(stops))
        return {a: first, b: second}


def cyclic_routes(
    instance: Instance,
    rng: random.Random,
    keep_on: Callable[[], bool],
    dates: list[list[Date]] | None = None,
) -> Routes:
    """Return routes that drive rounds, with the turning and waiting that leave the smallest gaps.

    Shifts that begin and end together share out all places that one of them can serve; each drives a short closed
    tour over its own. In between it keeps its dates.
    """
    routes = Routes([[] for _ in instance.shifts], [[] for _ in instance.shifts], dates or [])
    groups = shift_groups(instance)
    for group in groups:
        places = [p for p in instance.reachable if any(instance.stops_of[r][p] for r in group)]
        if not places:
            continue
        rounds = _Rounds(instance, group, places, rng)
        steps = min(400 * (len(places) ** 2 - 1), 3000 + 1200 * min(len(places), 25)) // (
            1 + len(groups) // 2
        )
        best = rounds.anneal(steps, keep_on)
        for r, stops in zip(group, best, strict=True):
            if stops:
                kicks = min(300, 5 * len(stops))
                onward = [instance.seconds[r][node] for node in instance.exits]
                most = max(1, _TOURS // len(group))
                tours = short_tours(stops, onward, rng, kicks=kicks, keep_on=keep_on, most=most)
                routes.stops[r], routes.earliest[r] = _unroll(instance, r, tours, routes.dates[r])
    return routes


def _unroll(
    instance: Instance, r: int, tours: list[list[int]], dates: list[Date]
) -> tuple[list[int], list[float]]:
    """Drive one of some rounds over a whole shift, begun at the stop from which the gaps come out smallest.

    Of rounds that are equally long one may fit the way from the base and back to it better than another.
    """
    shift, place, scorer = instance.shifts[r], instance.stop_place, Scorer(instance)
    stops = tours[0]
    lap = min(_lap(instance, r, tour) for tour in tours)
    turns = math.ceil((shift.end_s - shift.start_s) / lap) + 1
    ways_round = [way for tour in tours for way in (tour, tour[::-1]) if _lap(instance, r, way) <= 1.01 * lap]
    best: tuple[float, float] = (math.inf, math.inf)
    route: list[int] = []
    for way, start in itertools.product(ways_round, range(len(stops))):
        order = (way[start:] + way[:start]) * turns
        begins = instance.in_time(r, order, [0.0] * len(order), dates)
        times: dict[int, list[Span]] = {place[stop]: [] for stop in stops}
        for begin, end, stop in instance.itinerary(r, order, begins, dates):
            times.setdefault(place[stop], []).append((begin, end))
        scores = [scorer.score(p, arrivals) for p, arrivals in times.items()]
        key = (sum(one.overdue for one in scores), max(one.worst for one in scores))
        if key < best:
            best, route = key, order[: len(begins)]
    return route, [0.0] * len(route)


def _lap(instance: Instance, r: int, stops: list[int]) -> float:
    """Return how long a round takes (s), with its stays."""
    seconds, stay, exits = instance.seconds[r], instance.stay[r], instance.exits
    return sum(seconds[exits[a]][b] + stay[b] for a, b in pairwise([stops[-1], *stops]))
