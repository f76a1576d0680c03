"""Plans that cannot be guessed: every day another one, none of them late.

From the given plan a random walk goes through plans that keep all intervals: visits are moved, exchanged, added, dropped and delayed, units
change places, and a change is taken only where no idleness passes its limit. What earlier days did weighs against doing it
again: the walk prefers times of day and return times that a place has seen least.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from patrol_routing.audit import audit_plan
from patrol_routing.bound import worst_ratio_bound
from patrol_routing.instance import Date, Instance, Routes
from patrol_routing.plan import PatrolPlan
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Span
from patrol_routing.reporting import make_plan
from patrol_routing.search import Change, Search
from patrol_routing.unpredictability import RETURN_BIN_S, TIME_BIN_S, unpredictability
from town_model import InputError, ValueRangeError

STEPS = 10_000  # changes tried a day
_HOT, _COLD = 0.1, 0.01
_RETURN_WEIGHT = 1.5
_VISIT_WORTH = 0.05  # so that slack goes into more visits, not into fewer


class _Memory:
    """How often each place was visited in each bin of the day, and after each return time, on earlier days."""

    def __init__(self, instance: Instance) -> None:
        self._start = instance.start_s
        bins = math.ceil((instance.end_s - instance.start_s) / TIME_BIN_S)
        backs = math.ceil((instance.end_s - instance.start_s) / RETURN_BIN_S) + 1
        self._time = [[0] * bins for _ in instance.places]
        self._back = [[0] * backs for _ in instance.places]
        self._from_arrival = instance.problem.gap_from == "arrival"
        self._days = 0

    def _bins(self, p: int, visits: list[Span]) -> tuple[list[int], list[int]]:
        last = len(self._time[p]) - 1
        times = [min(int((t - self._start) // TIME_BIN_S), last) for t, _ in visits]
        left = 0 if self._from_arrival else 1
        backs = [max(int((b[0] - a[left]) // RETURN_BIN_S), 0) for a, b in pairwise(visits)]
        return times, backs

    def price(self, p: int, arrivals: list[Span]) -> float:
        """Return how much a day of visits repeats earlier days: 1 for the mean of all times of day and return times."""
        worth = -_VISIT_WORTH * len(arrivals)
        if not self._days or not arrivals:
            return worth
        times, backs = self._bins(p, arrivals)
        seen = self._time[p]
        total = sum(seen)
        price = worth + (sum(seen[i] for i in times) / len(times) * len(seen) / total if total else 0.0)
        total = sum(self._back[p])
        if total and backs:
            most = max(i for i, n in enumerate(self._back[p]) if n) + 1
            price += _RETURN_WEIGHT * sum(self._back[p][i] for i in backs) / len(backs) * most / total
        return price

    def add(self, p: int, arrivals: list[Span]) -> None:
        """Remember a day of a place."""
        times, backs = self._bins(p, arrivals)
        for i in times:
            self._time[p][i] += 1
        for i in backs:
            self._back[p][i] += 1

    def close_day(self) -> None:
        """Count a day."""
        self._days += 1


class _Walk(Search):
    """A random walk through plans in which no place is worse off than it may be."""

    def __init__(self, instance: Instance, routes: Routes, rng: random.Random, memory: _Memory) -> None:
        super().__init__(instance, routes, rng)
        self._memory = memory
        self._allowed = {p: one.overdue for p, one in self.scores.items()}
        self._night = {p: self._overnight(p) for p in instance.reachable}

    def wander(self, steps: int) -> None:
        """Try so many changes, from hot to cold."""
        self._exchange_units()
        self._prices = {p: self._memory.price(p, self._merged(p)) for p in self.instance.reachable}
        for step in range(steps):
            self.iterations += 1
            change = self._suggest()
            if change is None:
                continue
            trial = self._trial(change)
            if any(one.overdue > self._allowed[p] + 1e-12 for p, one in trial.scores.items()):
                continue
            # staying on, or two units at once, is no return
            if any(self._meets(p, times) or self._opens(p, times) for p, times in trial.times.items()):
                continue
            prices = {p: self._memory.price(p, times) for p, times in trial.times.items()}
            delta = sum(price - self._prices[p] for p, price in prices.items())
            heat = _HOT * (_COLD / _HOT) ** (step / steps)
            if delta > 0 and self.rng.random() >= math.exp(-delta / heat):
                continue
            self._take(change, trial)
            self._prices.update(prices)

    def _meets(self, p: int, times: list[Span]) -> bool:
        """Return whether a visit begins less than a bin of return times after another one ends, where none did before."""
        apart = RETURN_BIN_S / 2
        close = sum(b[0] - a[1] < apart for a, b in pairwise(times))
        return close > 0 and close > sum(b[0] - a[1] < apart for a, b in pairwise(self._merged(p)))

    def _overnight(self, p: int) -> tuple[float, float]:
        """Return by when the first visit of a day must begin, and until when the last one must not have ended.

        Where day follows day, any of the days may come after any other. So the interval over midnight is shared out once: what the
        given plan leaves of it, half to the evening and half to the morning.
        """
        times = self._merged(p)
        place = self.instance.places[p]
        if not self.instance.problem.repeats or place.last_s is not None or not times:
            return math.inf, -math.inf
        first, last = times[0][0], max(map(self.scorer.anew, times))
        start = self.instance.start_s
        day = self.instance.end_s - start
        # a window that begins later than its interval is long asks for a visit of its own day, whatever the day before did
        limit = min((w.max_gap_s for w in place.windows if w.start_s - start < w.max_gap_s), default=math.inf)
        left = max(limit - (first + day - last), 0.0)
        return first + left / 2, last - left / 2

    def _opens(self, p: int, times: list[Span]) -> bool:
        """Return whether the interval over midnight would grow beyond what is shared out."""
        by, until = self._night[p]
        if by == math.inf:
            return False
        return not times or times[0][0] > by + 1e-9 or max(map(self.scorer.anew, times)) < until - 1e-9

    def _suggest(self) -> Change | None:
        r = self.rng.randrange(len(self.stops))
        if self.rng.random() < 0.15 and self.stops[r]:
            # a visit put off by up to an hour, or a delay taken back: times inside the slack
            stops, earliest = list(self.stops[r]), list(self.earliest[r])
            i = self.rng.randrange(len(stops))
            earliest[i] = 0.0 if self.rng.random() < 0.4 else self.begins[r][i] + self.rng.uniform(30, 3600)
            return {r: (stops, earliest)}
        return self._shuffle(r)

    def _exchange_units(self) -> None:
        """Let units that are alike drive each other's routes."""
        alike: dict[object, list[int]] = {}
        for r, shift in enumerate(self.instance.shifts):
            same = (shift.mode, shift.base, shift.start_s, shift.end_s, shift.breaks, shift.range_m)
            alike.setdefault(same, []).append(r)
        stops, earliest, dates = list(self.stops), list(self.earliest), list(self.dates)
        for group in alike.values():
            mixed = self.rng.sample(group, len(group))
            for r, q in zip(group, mixed, strict=True):
                stops[r], earliest[r], dates[r] = self.stops[q], self.earliest[q], self.dates[q]
        self._load(Routes(stops, earliest, dates))

    def times(self, p: int) -> list[Span]:
        """Return the visits of a place."""
        return self._merged(p)

    def routes(self) -> Routes:
        """Return the present routes."""
        return self._copy()


def vary_plan(
    problem: PatrolProblem,
    plan: PatrolPlan,
    *,
    days: int,
    seed: int,
    steps: int = STEPS,
    progress: Callable[[float], None] | None = None,
) -> list[PatrolPlan]:
    """Return a plan for each of some days that cannot be guessed from the others; each passes `audit_plan`.

    No place is more overdue on any day than in the given plan: where that breaches nothing, none of the days does. Where day
    follows day (``repeats``), each day is held against the last visits of the one before, the first against those of the given plan.

    Args:
        problem: that the plan was made for.
        plan: of `plan_patrols`.
        days: how many, at least 1.
        seed: of all randomness; whoever knows it can make the same plans, so that of published plans is a secret.
        steps: how many changes to try for each day.
        progress: told the share that is done, from 0 to 1.

    Returns:
        Plans in the order of days; each carries the figures of all of them in ``unpredictability`` and in its summary.

    Raises:
        ValueRangeError: days or steps below 1.
        InputError: the plan is not of this problem.
    """
    if days < 1 or steps < 1:
        raise ValueRangeError("a variation needs at least one day and one step")
    instance = Instance(problem)
    rng = random.Random(seed)  # noqa: S311 - reproducible by design; the seed is the secret
    memory = _Memory(instance)
    walk = _Walk(instance, _routes_of(instance, plan), rng, memory)
    bound, weighted = worst_ratio_bound(instance), worst_ratio_bound(instance, weighted=True)
    plans: list[PatrolPlan] = []
    before = plan
    for day in range(days):
        walk.wander(steps)
        after = _day_after(problem, before)
        compiled = copy.copy(instance)
        compiled.problem, compiled.places = after, (*after.place_list, *after.street_list)
        one = before = make_plan(
            compiled,
            walk.routes(),
            bound=bound,
            weighted_bound=weighted,
            iterations=steps,
            seconds=0.0,
            status="iterations",
        )
        verdict = audit_plan(after, one)
        if not verdict.is_sound:
            raise AssertionError(f"day {day}: the audit refused the plan: {verdict.findings[:3]}")
        plans.append(one)
        for p in instance.reachable:
            memory.add(p, walk.times(p))
        memory.close_day()
        if progress is not None:
            progress((day + 1) / days)
    figures = unpredictability(problem, plans)
    return [dataclasses.replace(one, unpredictability=figures) for one in plans]


def _day_after(problem: PatrolProblem, before: PatrolPlan) -> PatrolProblem:
    """Return the problem of a day that follows another one: idleness goes on from that day's last visits."""
    if not problem.repeats:
        return problem
    day = problem.horizon[1] - problem.horizon[0]
    column = "arrive_s" if problem.gap_from == "arrival" else "depart_s"
    last = {place: float(time) - day for place, time in before.visits.groupby("place")[column].max().items()}
    return dataclasses.replace(problem, repeats=False, last_visits=last | dict(problem.last_visits or {}))


def _routes_of(instance: Instance, plan: PatrolPlan) -> Routes:
    """Return the routes of a plan, held to its times."""
    number = {shift.id: r for r, shift in enumerate(instance.shifts)}
    stops_at: dict[tuple[Any, Any], list[int]] = {}
    for stop, p in enumerate(instance.stop_place):
        stops_at.setdefault((instance.places[p].id, instance.stop_node[stop]), []).append(stop)
    routes = Routes([[] for _ in instance.shifts], [[] for _ in instance.shifts])
    columns = ["unit", "place", "node", "arrive_s", "depart_s"]
    for unit, place, node, arrive, depart in plan.visits[columns].itertuples(index=False, name=None):
        stops = stops_at.get((place, node), [])
        if unit not in number or not stops:
            raise InputError("the plan was not made for this problem: {place}", place=place)
        r, stop = number[unit], stops[0]
        if len(stops) > 1:  # ways of one street that begin at one node: which of them was driven
            legs = plan.legs[(plan.legs["unit"] == unit) & (plan.legs["enter_s"] >= arrive - 1e-6)]
            first = legs.sort_values("seq")[["u", "v", "key"]].itertuples(index=False, name=None)
            driven = tuple(next(first, ()))
            stop = next((one for one in stops if instance.stop_way[one][:1] == (driven,)), stop)
        if (arrive, depart) in instance.places[instance.stop_place[stop]].posts:
            routes.dates[r].append(Date(float(arrive), float(depart), stop))
            continue
        routes.stops[r].append(stop)
        routes.earliest[r].append(float(arrive))
    return routes
