"""The lower levels of the objective: once breaches and worst ratio are settled, mean idleness, balance of work and travel."""

from __future__ import annotations

import random
from collections.abc import Callable

from patrol_routing.instance import Date, Instance, Routes
from patrol_routing.scoring import Score
from patrol_routing.search import Change, Search, Trial

# What is nearer to each other than this counts as equal, so that the level below decides.
_SAME_RATIO, _SAME_IDLE_S, _SAME_SHARE = 1e-6, 1.0, 0.01

Levels = tuple[float, float, float, float, float]


class Polish(Search):
    """Goes on from routes to others that are better in the order of the levels, and never to worse ones.

    The levels are: what is overdue, the worst ratio times weight, mean idleness (to the second), the spread of the
    shares of time at work (to a hundredth), seconds of travel.
    """

    def __init__(self, instance: Instance, routes: Routes, rng: random.Random) -> None:
        super().__init__(instance, routes, rng)
        self._means = {p: self.scorer.mean(p, self._merged(p)) for p in instance.reachable}
        shifts = range(len(instance.shifts))
        self._travel = [self._travelled(r, self.stops[r], self.begins[r], self.dates[r]) for r in shifts]
        self._serving = [self._served(r, self.stops[r], self.dates[r]) for r in shifts]
        overdue, worst, _ = self._key()
        self.scorer.aim(None if overdue or not worst else worst)
        self._rescore()
        self.levels = self._level(self.scores, self._means, self._travel, self._serving)

    def polish(self, keep_on: Callable[[], bool], steps: int | None, *, patience: int) -> None:
        """Try changes until told to stop, so many are tried, or none helps for a while.

        Args:
            keep_on: polled now and then.
            steps: how many at most.
            patience: how many fruitless changes are borne.
        """
        fruitless = 0
        while self.iterations != steps and fruitless < patience:
            if self.iterations % 50 == 0 and not keep_on():
                return
            self.iterations += 1
            fruitless = 0 if self._try() else fruitless + 1

    def _try(self) -> bool:
        change = self._shuffle(self.rng.randrange(len(self.stops)))
        if change is None:
            return False
        trial = self._trial(change)
        means = self._means | {p: self.scorer.mean(p, times) for p, times in trial.times.items()}
        travel, serving = list(self._travel), list(self._serving)
        for r, (proposed, _) in change.items():
            stops = proposed[: len(trial.begins[r])]
            travel[r] = self._travelled(r, stops, trial.begins[r], self.dates[r])
            serving[r] = self._served(r, stops, self.dates[r])
        levels = self._level(self.scores | trial.scores, means, travel, serving)
        if levels > self.levels:
            return False
        better = levels < self.levels
        self._keep(change, trial, levels)
        self._means, self._travel, self._serving = means, travel, serving
        return better

    def _keep(self, change: Change, trial: Trial, levels: Levels) -> None:
        self._take(change, trial)
        self.levels = levels

    def _level(
        self, scores: dict[int, Score], means: dict[int, float], travel: list[float], serving: list[float]
    ) -> Levels:
        weight = self.scorer.weight
        shares = [
            (drive + serve) / max(shift.working_s, 1e-9)
            for drive, serve, shift in zip(travel, serving, self.instance.shifts, strict=True)
        ]
        return (
            round(sum(one.overdue for one in scores.values()), 9),
            _SAME_RATIO
            * round(max((one.worst * weight[p] for p, one in scores.items()), default=0.0) / _SAME_RATIO),
            _SAME_IDLE_S * round(sum(means.values()) / max(len(means), 1) / _SAME_IDLE_S),
            _SAME_SHARE * round((max(shares) - min(shares)) / _SAME_SHARE),
            round(sum(travel), 6),
        )

    def _travelled(self, r: int, stops: list[int], begins: list[float], dates: list[Date]) -> float:
        """Return the seconds of travel of a route; driving along streets that are asked for is service."""
        seconds, exits, at = self.instance.seconds[r], self.instance.exits, self.instance.base[r]
        total = 0.0
        for _, _, stop in self.instance.itinerary(r, stops, begins, dates):
            total += seconds[at][stop]
            at = exits[stop]
        return total + seconds[at][self.instance.base[r]]

    def _served(self, r: int, stops: list[int], dates: list[Date]) -> float:
        return sum(self.instance.stay[r][stop] for stop in stops) + sum(
            one.end_s - one.begin_s for one in dates
        )

    def routes(self) -> Routes:
        """Return the present routes."""
        return self._copy()
