"""Patrol plans: the best found within a time, with its breaches, and a bound that says how good it can be."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patrol_routing import reinforcement
from patrol_routing.bound import worst_ratio_bound
from patrol_routing.cyclic import cyclic_routes
from patrol_routing.greedy import greedy_routes
from patrol_routing.instance import Instance, Routes
from patrol_routing.plan import PatrolPlan
from patrol_routing.polish import Polish
from patrol_routing.posts import assign_posts
from patrol_routing.problem import PatrolProblem
from patrol_routing.reporting import make_plan
from patrol_routing.search import Search
from town_model import ValueRangeError

_GREEDY_WEIGHTS = (2.0, 1.0, 0.5, 4.0, 0.0)
_NOISY, _NOISE_S = 7, 300.0
_ROUNDS = 4  # starts from rounds
_ROUNDS_SHARE = 0.25  # of the time, after which no further round is begun: with many shifts one takes seconds
_TRIED = 3  # starts that are searched a little before one is chosen
_PATIENCE = 5  # cycles without a better plan before a search ends
_SEARCH_SHARE, _POLISH_SHARE = 0.85, 0.9  # of the time, by which search and polish end; units have the rest
_POLISH_LONGEST = 0.1  # share of the time for the polish, also where the search ended early
_POLISH_PATIENCE = 3000  # changes without a better plan before the polish ends
_MOST_TRIES = 6  # plans with more units, where iterations are counted and not time
_FRUITLESS = 4  # further starts that lead to nothing better before a run with breaches ends


@dataclass(frozen=True)
class PlanProgress:
    """How far a run of `plan_patrols` has come.

    Args:
        share: of the time or iterations allowed, from 0 to 1.
        iterations: changes tried so far.
        breaches: breaches of the best plan so far.
        worst_ratio: its longest idleness over its limit.
    """

    share: float
    iterations: int
    breaches: int
    worst_ratio: float


def plan_patrols(
    problem: PatrolProblem,
    *,
    time_limit_s: float = 30,
    max_iterations: int | None = None,
    seed: int = 0,
    progress: Callable[[PlanProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    find_units: bool = True,
) -> PatrolPlan:
    """Return the best patrol plan found, in the order: breaches, worst ratio, mean idleness, balance of work, travel.

    First counts what is overdue; then the largest ratio of idleness to limit times the weight of its place; then mean idleness (to
    the second); then the largest less the smallest share of its time that a shift is at work (to a hundredth); then travel.

    Overdue is, over all breaches, x + 2x² where the idleness passed its limit by x times the limit, times the weight of the
    place, and 2 for each missing visit: several small breaches weigh less than a place given up.

    Starts are greedy passes over time, and rounds from a cyclic min-max partition of the places; the most promising are
    improved by annealing over the true gaps. The run ends early when the bound is reached or no better plan comes.
    Places that no shift can serve are reported in `PatrolPlan.unreachable` and left out of all figures; every
    other place that is not visited in time is among the breaches.

    Args:
        problem: what is to be visited, by whom.
        time_limit_s: about how long to search, in seconds; not looked at where `max_iterations` is given.
        max_iterations: how many changes to try; with the same seed the plan is then always the same.
        seed: of all randomness.
        progress: called now and then with a `PlanProgress`.
        should_stop: polled now and then; True ends the run with the best plan so far.
        find_units: where breaches remain, the last seventh of the time goes into finding with how many units all would be
            kept (`PatrolPlan.needed_units`); with `max_iterations` up to six further plans of a quarter of them each.

    Raises:
        ValueRangeError: a limit is negative or no number.
    """
    if not time_limit_s >= 0 or (max_iterations is not None and max_iterations < 0):
        raise ValueRangeError("time_limit_s and max_iterations must be 0 or more")
    run = _Run(problem, time_limit_s, max_iterations, seed, progress, should_stop)
    run.find_units = find_units
    return run.plan()


class _Run:
    """One run: its clock, its searches, the best of them."""

    def __init__(
        self,
        problem: PatrolProblem,
        time_limit_s: float,
        max_iterations: int | None,
        seed: int,
        progress: Callable[[PlanProgress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.started = time.monotonic()
        self.limit_s = time_limit_s if max_iterations is None else math.inf
        self.max_iterations = max_iterations
        self.progress, self.should_stop = progress, should_stop
        self.instance = Instance(problem)
        self.problem, self.seed = problem, seed
        self.find_units = False
        self.until_kept = False  # end as soon as nothing is breached
        self.share = _SEARCH_SHARE
        self.bound = worst_ratio_bound(self.instance)
        self.weighted_bound = worst_ratio_bound(self.instance, weighted=True)
        self.polished: Polish | None = None
        self.noise = np.random.default_rng(seed)
        self.rng = random.Random(seed)  # noqa: S311 (a search, no secret)
        self.searches: list[Search] = []
        self.ended = ""
        self._reported = -math.inf

    def plan(self) -> PatrolPlan:
        status = self.search()
        routes = self._polish()
        return make_plan(
            self.instance,
            routes,
            bound=self.bound,
            weighted_bound=self.weighted_bound,
            iterations=self._iterations(),
            needed_units=self._units() if self.find_units else None,
            seconds=time.monotonic() - self.started,
            status=status,
        )

    def search(self) -> str:
        """Search for routes, and return why that ended."""
        self._start_greedy()
        status = "no_better"
        if self.instance.reachable:
            self._start_rounds(_ROUNDS)
            for one in sorted(self.searches, key=lambda s: s.best.key)[:_TRIED]:
                status = self._improve(one, patience=1)
            status = self._improve(self._best(), patience=_PATIENCE)
            fruitless = 0
            while status == "no_better" and self._best().best.key[0] and fruitless < _FRUITLESS:
                # breaches remain: other starts, as long as they lead to something
                before = self._best().best.key[0]
                self._start_rounds(1)
                status = self._improve(self.searches[-1], patience=_PATIENCE)
                fruitless = 0 if self._best().best.key[0] < 0.999 * before else fruitless + 1
        return status

    def _polish(self) -> Routes:
        """Return the best routes, bettered in what matters after breaches and worst ratio."""
        best = self._best().best.routes
        if self.ended == "stopped" or not self.instance.reachable or self.max_iterations == 0:
            return best
        done = (time.monotonic() - self.started) / self.limit_s if self.limit_s else 1.0
        self.ended, self.share = "", min(_POLISH_SHARE, done + _POLISH_LONGEST)
        steps = None if self.max_iterations is None else self.max_iterations - self._iterations()
        self.polished = Polish(self.instance, best, self.rng)
        self.polished.polish(self._keep_on, steps, patience=_POLISH_PATIENCE)
        return self.polished.routes()

    def _units(self) -> int | None:
        """Return with how many units all would be kept, found by planning with more of them."""
        if not self._best().best.breaches or self.ended == "stopped" or not self.limit_s:
            return None
        self.ended, self.share = "", 1.0
        tries = _MOST_TRIES if self.max_iterations is not None else sys.maxsize

        def keep_on() -> bool:
            return tries > 0 and self._keep_on()

        def tried(problem: PatrolProblem) -> tuple[float, bool]:
            nonlocal tries
            tries -= 1
            left = max(0.0, self.started + self.limit_s - time.monotonic())
            steps = None if self.max_iterations is None else self.max_iterations // 4
            run = _Run(problem, left / 2 if steps is None else 0.0, steps, self.seed, None, self.should_stop)
            run.until_kept, run.share = True, 1.0
            run.search()
            best = run._best().best
            return best.key[0], not best.breaches

        return reinforcement.find_units(self.problem, self.instance, tried, keep_on)

    def _best(self) -> Search:
        return min(self.searches, key=lambda one: one.best.key)

    def _iterations(self) -> int:
        return sum(one.iterations for one in self.searches) + (
            self.polished.iterations if self.polished else 0
        )

    def _keep_on(self) -> bool:
        now = time.monotonic()
        if self.should_stop is not None and self.should_stop():
            self.ended = "stopped"
        elif now - self.started >= self.limit_s * self.share:
            self.ended = "time"
        elif self.until_kept and self.searches and not self._best().best.breaches:
            self.ended = "kept"
        if self.progress is not None and self.searches and now - self._reported >= 0.2:
            self._reported = now
            done = (now - self.started) / self.limit_s if self.limit_s else 1.0
            if self.max_iterations:
                done = self._iterations() / self.max_iterations
            best = self._best()
            breaches, worst = best.best.breaches, best.best.worst
            self.progress(PlanProgress(min(done, 1.0), self._iterations(), breaches, worst))
        return not self.ended

    def _start_greedy(self) -> None:
        for k in range(len(_GREEDY_WEIGHTS) + _NOISY):
            if self.searches and not self._keep_on():
                break
            plain = k < len(_GREEDY_WEIGHTS)
            weight = _GREEDY_WEIGHTS[k] if plain else float(self.noise.uniform(0, 4))
            routes = greedy_routes(
                self.instance,
                self.noise,
                travel_weight=weight,
                noise_s=0.0 if plain else _NOISE_S,
                dates=assign_posts(self.instance, self.rng),
            )
            self.searches.append(Search(self.instance, routes, self.rng))

    def _start_rounds(self, count: int) -> None:
        for number in range(count):
            late = time.monotonic() - self.started >= self.limit_s * _ROUNDS_SHARE
            if not self._keep_on() or (late and number):
                break
            routes = cyclic_routes(
                self.instance, self.rng, self._keep_on, assign_posts(self.instance, self.rng)
            )
            self.searches.append(Search(self.instance, routes, self.rng))

    def _improve(self, search: Search, *, patience: int) -> str:
        if not self._keep_on():
            return self.ended
        left = None
        if self.max_iterations is not None:
            left = math.ceil(self.max_iterations * self.share) - self._iterations()
        status = search.run(
            self._keep_on,
            max_iterations=None if left is None else search.iterations + max(left, 0),
            bound=self.weighted_bound,
            patience=patience,
        )
        return self.ended if status == "stopped" else status
