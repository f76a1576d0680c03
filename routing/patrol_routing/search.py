"""Improving routes by annealing over the true idleness: visits are moved, added, dropped, exchanged and delayed."""

from __future__ import annotations

import bisect
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from patrol_routing.instance import Date, Instance, Routes
from patrol_routing.posts import move_post
from patrol_routing.records import Span
from patrol_routing.scoring import Score, Scorer

_CYCLE = 4000  # changes tried from hot to cold, before the search starts again from the best
_HOT, _COLD = 0.03, 0.0005
_MOVE_POSTS = 0.03  # share of changes that give a standing post to another unit

Key = tuple[float, float, float]
Change = dict[int, tuple[list[int], list[float]]]


@dataclass
class Best:
    """The best routes so far: least overdue, then the smallest worst weighted ratio, then the price."""

    key: Key
    breaches: int
    worst: float
    routes: Routes


class Trial(NamedTuple):
    """What a change would bring.

    Args:
        begins: of the visits, by shift that changes.
        dates: by shift, where they change.
        fresh: by place that is touched, the new visits by shift that changes.
        times: by place that is touched, its visits in order.
        scores: by place that is touched.
    """

    begins: dict[int, list[float]]
    dates: dict[int, list[Date]]
    fresh: dict[int, dict[int, list[Span]]]
    times: dict[int, list[Span]]
    scores: dict[int, Score]


class Search:
    """One search over the routes of an instance; all randomness comes from one seeded source.

    Args:
        instance: the compiled problem.
        routes: where to start.
        rng: the source of randomness.
    """

    def __init__(self, instance: Instance, routes: Routes, rng: random.Random) -> None:
        self.instance = instance
        self.rng = rng
        self.scorer = Scorer(instance)
        self.servers = {
            p: [r for r in range(len(instance.shifts)) if instance.stops_of[r][p]] for p in instance.reachable
        }
        self.iterations = 0
        self._load(routes)
        self.posts = [(p, post) for p in instance.reachable for post in instance.places[p].posts]
        self.best = self._mark(self._key())

    # --- state

    def _load(self, routes: Routes) -> None:
        self.stops: list[list[int]] = []
        self.earliest: list[list[float]] = []
        self.begins: list[list[float]] = []
        self.dates: list[list[Date]] = [list(one) for one in routes.dates]
        for r in range(len(self.instance.shifts)):
            begins = self.instance.in_time(r, routes.stops[r], routes.earliest[r], routes.dates[r])
            self.stops.append(routes.stops[r][: len(begins)])
            self.earliest.append(routes.earliest[r][: len(begins)])
            self.begins.append(begins)
        self.arrivals: list[dict[int, list[Span]]] = [{} for _ in self.instance.places]
        for r, stops in enumerate(self.stops):
            for begin, end, stop in self.instance.itinerary(r, stops, self.begins[r], self.dates[r]):
                self.arrivals[self.instance.stop_place[stop]].setdefault(r, []).append((begin, end))
        self._rescore()

    def _rescore(self) -> None:
        self.scores: dict[int, Score] = {
            p: self.scorer.score(p, self._merged(p)) for p in self.instance.reachable
        }

    def _merged(self, p: int) -> list[Span]:
        return sorted(t for times in self.arrivals[p].values() for t in times)

    def _copy(self) -> Routes:
        return Routes(
            [list(one) for one in self.stops],
            [list(one) for one in self.earliest],
            [list(one) for one in self.dates],
        )

    def _mark(self, key: Key) -> Best:
        worst = max((one.worst for one in self.scores.values()), default=0.0)
        return Best(key, self._breaches(), worst, self._copy())

    def _breaches(self) -> int:
        return sum(one.breaches for one in self.scores.values())

    def _key(self) -> Key:
        scores = self.scores.values()
        if self.scorer.is_weighted:
            worst = max((one.worst * self.scorer.weight[p] for p, one in self.scores.items()), default=0.0)
        else:
            worst = max((one.worst for one in scores), default=0.0)
        return (
            sum(one.overdue for one in scores),
            worst,
            sum(one.cost for one in scores),
        )

    # --- running

    def run(
        self, keep_on: Callable[[], bool], *, max_iterations: int | None, bound: float, patience: int
    ) -> str:
        """Search until told to stop, and return why it ended.

        Args:
            keep_on: polled now and then; False stops.
            max_iterations: how many changes to try at most.
            bound: the smallest worst ratio that is possible.
            patience: how many cycles without a better plan are borne.
        """
        idle_cycles = 0
        self._aim()
        while True:
            before = self.best.key
            for step in range(_CYCLE):
                if max_iterations is not None and self.iterations >= max_iterations:
                    return "iterations"
                if step % 50 == 0:
                    if not keep_on():
                        return "stopped"
                    if self.best.key[0] == 0 and self.best.key[1] <= bound + 1e-9:
                        return "optimal"
                self.iterations += 1
                self._step(_HOT * (_COLD / _HOT) ** (step / _CYCLE))
            better = self.best.key[0] < before[0] * 0.999 or self.best.key[1] < before[1] * 0.999
            idle_cycles = 0 if better else idle_cycles + 1
            if idle_cycles >= patience:
                return "no_better"
            self._load(self.best.routes)
            self._aim()

    def _aim(self) -> None:
        """Set the target a little below what is reached, once nothing is breached."""
        overdue, worst, _ = self._key()
        self.scorer.aim(None if overdue or not worst else worst * 0.985)
        self._rescore()

    def _step(self, heat: float) -> None:
        dates: dict[int, list[Date]] = {}
        if self.posts and self.rng.random() < _MOVE_POSTS:
            dates = move_post(self.instance, self.dates, self.posts, self.rng)
            change: Change | None = {r: (self.stops[r], self.earliest[r]) for r in dates}
        else:
            change = self._propose()
        if not change:
            return
        trial = self._trial(change, dates)
        delta = sum(one.cost - self.scores[p].cost for p, one in trial.scores.items())
        if delta > 0 and self.rng.random() >= math.exp(-delta / heat):
            return
        self._take(change, trial)
        if delta < 0:
            key = self._key()
            if key < self.best.key:
                self.best = self._mark(key)
                if key[0] == 0 and key[1] <= self.scorer.target + 1e-12:
                    self._aim()
                    self.best.key = self._key()

    def _trial(self, change: Change, dates: dict[int, list[Date]] | None = None) -> Trial:
        """Return what a change would bring: new times, and new scores of the places that it touches."""
        place, fixed = self.instance.stop_place, dates or {}
        timed = {}
        affected: set[int] = set()
        for r, (stops, earliest) in change.items():
            begins = self.instance.in_time(r, stops, earliest, fixed.get(r, self.dates[r]))
            timed[r] = begins
            old_stops, old_begins = self.stops[r], self.begins[r]
            n = min(len(begins), len(old_begins))
            k = 0
            while k < n and stops[k] == old_stops[k] and begins[k] == old_begins[k]:
                k += 1
            affected.update(place[s] for s in old_stops[k:])
            affected.update(place[s] for s in stops[k : len(begins)])
            if r in fixed:
                affected.update(place[one.stop] for one in (*self.dates[r], *fixed[r]))
        fresh: dict[int, dict[int, list[Span]]] = {p: {} for p in affected}
        for r, begins in timed.items():
            stay = self.instance.stay[r]
            for stop, begin in zip(change[r][0], begins, strict=False):
                p = place[stop]
                if p in fresh:
                    fresh[p].setdefault(r, []).append((begin, begin + stay[stop]))
            for begin, end, stop in fixed.get(r, self.dates[r]):
                if place[stop] in fresh:
                    fresh[place[stop]].setdefault(r, []).append((begin, end))
        times: dict[int, list[Span]] = {}
        scores: dict[int, Score] = {}
        for p in affected:
            times[p] = [t for r, some in self.arrivals[p].items() if r not in change for t in some]
            for some in fresh[p].values():
                times[p] += some
            times[p].sort()
            scores[p] = self.scorer.score(p, times[p])
        return Trial(timed, fixed, fresh, times, scores)

    def _take(self, change: Change, trial: Trial) -> None:
        """Make a change that was tried."""
        for r, (stops, earliest) in change.items():
            n = len(trial.begins[r])
            self.stops[r], self.earliest[r], self.begins[r] = stops[:n], earliest[:n], trial.begins[r]
            self.dates[r] = trial.dates.get(r, self.dates[r])
        for p, some in trial.fresh.items():
            arrivals = self.arrivals[p]
            for r in change:
                arrivals.pop(r, None)
            arrivals.update(some)
        self.scores.update(trial.scores)

    # --- changes

    def _propose(self) -> Change | None:
        roll = self.rng.random()
        if roll < 0.5:
            bad = [p for p, one in self.scores.items() if one.worst > self.scorer.aims[p] or one.breaches]
            if bad:
                return self._mend(self.rng.choice(bad))
        r = self.rng.randrange(len(self.stops))
        return self._shuffle(r)

    def _mend(self, p: int) -> Change | None:
        """Propose a change that brings a visit into the worst gap of a place."""
        rng = self.rng
        arrivals = self._merged(p)
        low, high = self.scorer.worst_gap(p, arrivals)
        roll = rng.random()
        if roll < 0.45:  # bring the visit that ends the gap forward, or put off the one that begins it
            late = rng.random() < 0.5
            for r, visits in self.arrivals[p].items():
                for visit in visits:
                    if abs(visit[0] - high if late else self.scorer.anew(visit) - low) < 1e-6:
                        i = bisect.bisect_left(self.begins[r], visit[0] - 1e-9)
                        if i < len(self.begins[r]) and abs(self.begins[r][i] - visit[0]) < 1e-6:
                            return self._pull(r, i) if late else self._put_off(r, i)
        r = rng.choice(self.servers[p])
        time = low + (high - low) * rng.uniform(0.25, 1.0)
        i = bisect.bisect_left(self.begins[r], time)
        stop = rng.choice(self.instance.stops_of[r][p])
        stops, earliest = list(self.stops[r]), list(self.earliest[r])
        if stops and rng.random() < 0.5:
            i = min(i, len(stops) - 1)
            stops[i], earliest[i] = stop, 0.0
        else:
            stops.insert(i, stop)
            earliest.insert(i, 0.0)
        if time < high and rng.random() < 0.2:
            earliest[i] = max(low, self._window_start(p, time))
        return {r: (stops, earliest)}

    def _window_start(self, p: int, time: float) -> float:
        for start, stop, _, _ in self.scorer.windows[p]:
            if start <= time < stop:
                return start
        return 0.0

    def _pull(self, r: int, i: int) -> Change | None:
        """Visit earlier: move the stop forward, or drop or cut short what comes before it."""
        rng = self.rng
        stops, earliest = list(self.stops[r]), list(self.earliest[r])
        if earliest[i] > 0 and rng.random() < 0.5:
            earliest[i] = 0.0
            return {r: (stops, earliest)}
        if i == 0:
            return None
        j = max(0, i - rng.randint(1, 4))
        if rng.random() < 0.7:
            stops.insert(j, stops.pop(i))
            earliest.insert(j, earliest.pop(i))
        else:
            del stops[j], earliest[j]
        return {r: (stops, earliest)}

    def _put_off(self, r: int, i: int) -> Change | None:
        stops, earliest = list(self.stops[r]), list(self.earliest[r])
        if self.rng.random() < 0.3:
            earliest[i] = self.begins[r][i] + self.rng.uniform(10, 600)
            return {r: (stops, earliest)}
        j = min(len(stops) - 1, i + self.rng.randint(1, 4))
        stops.insert(j, stops.pop(i))
        earliest.insert(j, earliest.pop(i))
        return {r: (stops, earliest)}

    def _shuffle(self, r: int) -> Change | None:
        """Propose a change of any kind to a route."""
        rng = self.rng
        stops, earliest = list(self.stops[r]), list(self.earliest[r])
        n = len(stops)
        roll = rng.random()
        if n < 2 or roll < 0.1:
            p = rng.choice(self.instance.reachable)
            if not self.instance.stops_of[r][p]:
                return None
            i = rng.randint(0, n)
            stops.insert(i, rng.choice(self.instance.stops_of[r][p]))
            earliest.insert(i, 0.0)
            return {r: (stops, earliest)}
        i = rng.randrange(n)
        if roll < 0.18:
            del stops[i], earliest[i]
        elif roll < 0.40:
            j = min(max(0, i + rng.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5))), n - 1)
            stops.insert(j, stops.pop(i))
            earliest.insert(j, earliest.pop(i))
        elif roll < 0.55:
            j = min(n - 1, i + rng.randint(1, 6))
            stops[i], stops[j] = stops[j], stops[i]
            earliest[i] = earliest[j] = 0.0
        elif roll < 0.63:
            j = min(n, i + rng.randint(2, 5))
            stops[i:j] = stops[i:j][::-1]
            earliest[i:j] = [0.0] * (j - i)
        elif roll < 0.73:
            if earliest[i] > 0:
                earliest[i] = 0.0
            else:
                earliest[i] = self.begins[r][i] + rng.uniform(5, 400)
        else:
            return self._between(r, i, exchange_tails=roll > 0.9)
        return {r: (stops, earliest)}

    def _between(self, r: int, i: int, *, exchange_tails: bool) -> Change | None:
        """Propose to move a visit to another route, or to exchange visits or the rest of two routes."""
        rng = self.rng
        if len(self.stops) < 2:
            return None
        q = rng.randrange(len(self.stops) - 1)
        q += q >= r
        j = bisect.bisect_left(self.begins[q], self.begins[r][i])
        mine, other = list(self.stops[r]), list(self.stops[q])
        mine_e, other_e = list(self.earliest[r]), list(self.earliest[q])
        if exchange_tails:
            mine, other = mine[:i] + other[j:], other[:j] + mine[i:]
            mine_e, other_e = mine_e[:i] + other_e[j:], other_e[:j] + mine_e[i:]
            if not (self._can(r, mine[i:]) and self._can(q, other[j:])):
                return None
            return {r: (mine, mine_e), q: (other, other_e)}
        stop = self._taken_over(q, mine[i])
        if stop is None:
            return None
        if rng.random() < 0.5 and j < len(other):
            back = self._taken_over(r, other[j])
            if back is None:
                return None
            mine[i], other[j] = back, stop
            mine_e[i] = other_e[j] = 0.0
        else:
            other.insert(j, stop)
            del mine[i]
            other_e.insert(j, 0.0)
            del mine_e[i]
        return {r: (mine, mine_e), q: (other, other_e)}

    def _taken_over(self, r: int, stop: int) -> int | None:
        """Return where shift r would serve the place of another shift's stop: there, or at an access node of its own."""
        able = self.instance.stops_of[r][self.instance.stop_place[stop]]
        if stop in able or not able:
            return stop if able else None
        return self.rng.choice(able)

    def _can(self, r: int, stops: list[int]) -> bool:
        of, place = self.instance.stops_of[r], self.instance.stop_place
        return all(stop in of[place[stop]] for stop in stops)
