"""An independent check of a patrol plan: everything is recomputed from its legs and the road graph.

This module shares no code with the planner: it imports the types of problem and plan alone, and a test holds that.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from patrol_routing.audit_routes import TOLERANCE_S, Stay
from patrol_routing.audit_visits import VisitAudit, as_number
from patrol_routing.plan import BREACH_COLUMNS, LEG_COLUMNS, UNREACHABLE_COLUMNS, PatrolPlan
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Place
from patrol_routing.verdict import PlanAudit, time_of_day
from town_model import Text

_RATIO_TOLERANCE = 1e-6


def audit_plan(problem: PatrolProblem, plan: PatrolPlan) -> PlanAudit:
    """Check a plan against its problem, from its legs and the roads alone.

    Recomputed are: whether each leg is a road open to the mode in that direction and was not driven faster than
    possible; that routes hang together, begin and end at the base within the shift, and rest in breaks; that each visit is
    supported by the legs, long enough and allowed; the idleness of every place; and whether a place that the plan
    calls unreachable really is.

    Args:
        problem: the problem.
        plan: the plan, however it was made.

    Returns:
        The verdict. It never raises for what a plan contains.
    """
    return _Audit(problem, plan).run()


class _Audit(VisitAudit):
    def run(self) -> PlanAudit:
        stays: dict[Hashable, list[Stay]] = {}
        self.legs = self.rows(self.plan.legs, LEG_COLUMNS, ("enter_s", "leave_s"), "legs")
        for unit, rows in self.legs.items():
            if unit not in self.shifts:
                self.note("unknown_unit", Text.of("legs of {unit}, which is no shift", unit=unit), unit=unit)
                continue
            stays[unit] = self.drive(self.shifts[unit], rows)
        for unit, shift in self.shifts.items():
            stays.setdefault(unit, [Stay(shift.base, shift.start_s, shift.end_s)])
        supported = self.check_visits(stays)
        return self._recount(supported)

    # --- idleness

    def _recount(self, supported: dict[Place, list[tuple[float, float]]]) -> PlanAudit:
        unreachable = self.unreachable(
            self.claims(self.plan.unreachable, UNREACHABLE_COLUMNS, (), "unreachable")
        )
        rows: list[tuple[Any, ...]] = []
        worst, weighted, means = 0.0, 0.0, []
        asked = [*self.places.values(), *self.problem.street_list]
        for place in asked:
            if place in unreachable:
                continue
            visits = sorted(supported.get(place, ()))
            found, ratio = self._idleness(place, visits)
            rows += found + [
                (place.id, "post", start, end, alone, 0.0, 0, 1)
                for start, end in place.posts
                if (alone := _unattended(start, end, visits)) > TOLERANCE_S
            ]
            worst, weighted = max(worst, ratio), max(weighted, ratio * place.weight)
            means.append(self._mean_idleness(place, visits))
        recount = pd.DataFrame(rows, columns=list(BREACH_COLUMNS))
        self._compare(recount, worst, sum(means) / len(means) if means else 0.0)
        self._compare_order(weighted)
        return PlanAudit(tuple(self.findings), recount, worst)

    def _idleness(
        self, place: Place, visits: list[tuple[float, float]]
    ) -> tuple[list[tuple[Any, ...]], float]:
        """Return the breaches and the worst ratio of a place, window by window."""
        _, end = self.problem.horizon
        from_arrival = self.problem.gap_from == "arrival"
        first = self._before(place, visits)
        # when idleness last began anew, as each visit is met
        anew = [first]
        for arrive, depart in visits:
            anew.append(max(anew[-1], arrive if from_arrival else depart))
        ended = [arrive for arrive, _ in visits] + [end]
        rows: list[tuple[Any, ...]] = []
        worst = 0.0
        for window in place.windows:
            for since, until in zip(anew, ended, strict=True):
                stop = min(until, window.end_s)
                if stop <= max(since, window.start_s):
                    continue
                idle = stop - since
                worst = max(worst, idle / window.max_gap_s)
                if idle > window.max_gap_s + TOLERANCE_S:
                    rows.append((place.id, "gap", since, stop, idle, window.max_gap_s, 0, 0))
            begun = sum(1 for arrive, _ in visits if window.start_s <= arrive < window.end_s)
            if begun < window.min_visits:
                length = window.end_s - window.start_s
                rows.append(
                    (
                        place.id,
                        "visits",
                        window.start_s,
                        window.end_s,
                        length,
                        window.max_gap_s,
                        begun,
                        window.min_visits,
                    )
                )
        return rows, worst

    def _before(self, place: Place, visits: list[tuple[float, float]]) -> float:
        """Return when idleness had begun at the start: known, at the start itself, or at the end of the day before."""
        start, end = self.problem.horizon
        if place.last_s is not None:
            return place.last_s
        if not (self.problem.repeats and visits):
            return start
        ended = [arrive if self.problem.gap_from == "arrival" else depart for arrive, depart in visits]
        return min(start, max(ended) - (end - start))

    def _mean_idleness(self, place: Place, visits: list[tuple[float, float]]) -> float:
        """Return the idleness of a place averaged over the horizon: each wait is a ramp, of which its mean height counts."""
        start, end = self.problem.horizon
        anew = self._before(place, visits)
        total = 0.0
        for arrive, depart in [*visits, (end, end)]:
            low = max(start, anew)
            if arrive > low:
                total += (arrive - low) * ((arrive - anew) + (low - anew)) / 2
            anew = max(anew, arrive if self.problem.gap_from == "arrival" else depart)
        return total / (end - start)

    def _compare(self, recount: pd.DataFrame, worst: float, mean_s: float) -> None:
        ours = _breach_rows([{str(k): v for k, v in row.items()} for row in recount.to_dict("records")])
        theirs = _breach_rows(self.claims(self.plan.breaches, BREACH_COLUMNS, _BREACH_FIGURES, "breaches"))
        for place, _, (start, end, *_) in _without(ours, theirs):
            self.note(
                "missing_breach",
                Text.of(
                    "{place}: the plan is silent on the breach from {start} to {end}",
                    place=place,
                    start=time_of_day(start),
                    end=time_of_day(end),
                ),
                place=place,
                time_s=start,
            )
        for place, kind, (start, end, gap, limit, *_) in _without(theirs, ours):
            if kind == "gap" and _is_borderline(self.places.get(place), start, end, gap, limit):
                continue
            self.note(
                "false_breach",
                Text.of(
                    "{place}: the plan reports a breach from {start} to {end} that is none",
                    place=place,
                    start=time_of_day(start),
                    end=time_of_day(end),
                ),
                place=place,
                time_s=start,
            )
        said, bound = as_number(self.plan.worst_ratio), as_number(self.plan.bound)
        if not abs(said - worst) <= _RATIO_TOLERANCE * max(1.0, worst):
            self.note(
                "worst_ratio",
                Text.of(
                    "the plan says its worst ratio is {said}, recounted it is {worst}",
                    said=round(said, 4),
                    worst=round(worst, 4),
                ),
            )
        if not bound <= worst + _RATIO_TOLERANCE:
            self.note(
                "bound",
                Text.of(
                    "the plan says that nothing is below {bound}, and is itself at {worst}",
                    bound=round(bound, 4),
                    worst=round(worst, 4),
                ),
            )
        if not abs(as_number(self.plan.mean_idleness_s) - mean_s) <= TOLERANCE_S:
            self.note(
                "mean_idleness",
                Text.of(
                    "the plan says its mean idleness is {said} s, recounted it is {mean} s",
                    said=round(as_number(self.plan.mean_idleness_s), 1),
                    mean=round(mean_s, 1),
                ),
            )

    def _compare_order(self, weighted: float) -> None:
        """Hold the further figures of the objective against our own: the weighted ratio and the balance of work."""
        said, bound = as_number(self.plan.worst_weighted_ratio), as_number(self.plan.weighted_bound)
        if self.plan.weighted_bound is None and all(one.weight == 1 for one in self.places.values()):
            bound = as_number(self.plan.bound)  # of which all has been said
        if self.plan.worst_weighted_ratio is not None and not abs(said - weighted) <= _RATIO_TOLERANCE * max(
            1.0, weighted
        ):
            self.note(
                "worst_ratio",
                Text.of(
                    "the plan says its worst ratio is {said}, recounted it is {worst}",
                    said=round(said, 4),
                    worst=round(weighted, 4),
                ),
            )
        if self.plan.weighted_bound is not None and not bound <= weighted + _RATIO_TOLERANCE:
            self.note(
                "bound",
                Text.of(
                    "the plan says that nothing is below {bound}, and is itself at {worst}",
                    bound=round(bound, 4),
                    worst=round(weighted, 4),
                ),
            )
        if self.plan.status == "optimal" and not weighted <= bound + _RATIO_TOLERANCE:
            self.note(
                "status",
                Text.of(
                    "the plan calls itself proven, but nothing shows that {worst} cannot be undercut",
                    worst=round(weighted, 4),
                ),
            )
        spread = self._spread()
        if self.plan.work_spread is not None and not abs(as_number(self.plan.work_spread) - spread) <= 1e-4:
            self.note(
                "work_spread",
                Text.of(
                    "the plan says that shares of work differ by {said}, recounted they differ by {spread}",
                    said=round(as_number(self.plan.work_spread), 4),
                    spread=round(spread, 4),
                ),
            )

    def _spread(self) -> float:
        """Return how far apart the busiest and the idlest shift are, as shares of their time without breaks."""
        busy: dict[Hashable, list[float]] = {unit: [] for unit in self.shifts}
        for unit, rows in self.legs.items():
            if unit in busy:
                busy[unit] += [float(row["leave_s"]) - float(row["enter_s"]) for row in rows]
        for row in self.visits:
            if row["unit"] in busy and row["place"] in self.places:
                busy[row["unit"]].append(float(row["depart_s"]) - float(row["arrive_s"]))
        shares = []
        for unit, shift in self.shifts.items():
            rest = math.fsum(stop - begin for begin, stop in shift.breaks)
            length = shift.end_s - shift.start_s - rest
            shares.append(math.fsum(busy[unit]) / length if length > 1e-9 else 0.0)
        return max(shares) - min(shares) if shares else 0.0


def _unattended(start: float, end: float, visits: list[tuple[float, float]]) -> float:
    """Return the seconds of a post in which nobody stands there: what the visits leave of it, cut away one by one."""
    left = [(start, end)]
    for arrive, depart in visits:
        left = [
            piece
            for a, b in left
            for piece in ((a, min(b, arrive)), (max(a, depart), b))
            if piece[1] > piece[0]
        ]
    return sum(b - a for a, b in left)


Breach = tuple[Hashable, str, tuple[float, ...]]
_BREACH_FIGURES = BREACH_COLUMNS[2:]


def _breach_rows(rows: list[dict[str, Any]]) -> list[Breach]:
    """Return the breaches with all their figures: a right time beside a wrong length is a wrong breach."""
    return [(row["place"], row["kind"], tuple(float(row[one]) for one in _BREACH_FIGURES)) for row in rows]


def _without(these: list[Breach], those: list[Breach]) -> list[Breach]:
    """Return the breaches that have no counterpart among others, within the tolerance; each answers for one."""
    left = list(those)
    lone = []
    for one in these:
        twin = next(
            (
                o
                for o in left
                if o[:2] == one[:2]
                and all(abs(a - b) <= TOLERANCE_S for a, b in zip(o[2], one[2], strict=True))
            ),
            None,
        )
        if twin is None:
            lone.append(one)
        else:
            left.remove(twin)
    return lone


def _is_borderline(place: Place | None, start: float, end: float, gap: float, limit: float) -> bool:
    """Whether a gap is so near a limit of the place that rounding decides."""
    return (
        place is not None
        and abs(gap - (end - start)) <= TOLERANCE_S
        and abs(gap - limit) <= 2 * TOLERANCE_S
        and any(abs(limit - w.max_gap_s) <= TOLERANCE_S for w in place.windows)
    )
