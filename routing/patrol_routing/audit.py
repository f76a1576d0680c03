"""An independent check of a patrol plan: everything is recomputed from its legs and the road graph.

This module shares no code with the planner: it imports the types of problem and plan alone, and a test holds that.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import pandas as pd

from patrol_routing.audit_reach import ReachAudit
from patrol_routing.audit_routes import TOLERANCE_S, Stay
from patrol_routing.plan import BREACH_COLUMNS, LEG_COLUMNS, UNREACHABLE_COLUMNS, VISIT_COLUMNS, PatrolPlan
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Place, Shift
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


class _Audit(ReachAudit):
    def __init__(self, problem: PatrolProblem, plan: PatrolPlan) -> None:
        super().__init__(problem)
        self.plan = plan

    def run(self) -> PlanAudit:
        stays: dict[Hashable, list[Stay]] = {}
        self.legs = self._rows(self.plan.legs, LEG_COLUMNS, ("enter_s", "leave_s"), "legs")
        for unit, rows in self.legs.items():
            if unit not in self.shifts:
                self.note("unknown_unit", Text.of("legs of {unit}, which is no shift", unit=unit), unit=unit)
                continue
            stays[unit] = self.drive(self.shifts[unit], rows)
        for unit, shift in self.shifts.items():
            stays.setdefault(unit, [Stay(shift.base, shift.start_s, shift.end_s)])
        supported = self._visits(stays)
        return self._recount(supported)

    def _rows(
        self, frame: pd.DataFrame, columns: tuple[str, ...], times: tuple[str, ...], name: str
    ) -> dict[Hashable, list[dict[str, Any]]]:
        grouped: dict[Hashable, list[dict[str, Any]]] = defaultdict(list)
        for row in self._claims(frame, columns, (*times, "seq"), name):
            grouped[row["unit"]].append(row)
        for rows in grouped.values():
            rows.sort(key=lambda row: (row["seq"], row[times[0]]))
        return grouped

    def _claims(
        self, frame: pd.DataFrame, columns: tuple[str, ...], numbers: tuple[str, ...], name: str
    ) -> list[dict[str, Any]]:
        """Return the rows of a table of the plan that can be read, and note the others."""
        missing = [one for one in columns if one not in getattr(frame, "columns", ())]
        if missing:
            self.note(
                "malformed",
                Text.of("{name} lacks the columns {columns}", name=name, columns=", ".join(missing)),
            )
            return []
        rows = []
        for values in frame[list(columns)].itertuples(index=False, name=None):
            row = dict(zip(columns, values, strict=True))
            if not all(isinstance(value, Hashable) for value in values) or not all(
                _is_number(row[one]) for one in numbers
            ):
                said = row.get("unit", row.get("place"))
                self.note(
                    "malformed", Text.of("{name} of {unit}: a time is no number", name=name, unit=str(said))
                )
                continue
            rows.append(row)
        return rows

    # --- visits

    def _visits(self, stays: dict[Hashable, list[Stay]]) -> dict[Place, list[tuple[float, float]]]:
        """Check the visits and return those that the legs support, by place, and by direction of a street."""
        supported: dict[Place, list[tuple[float, float]]] = defaultdict(list)
        for unit, rows in self._rows(
            self.plan.visits, VISIT_COLUMNS, ("arrive_s", "depart_s"), "visits"
        ).items():
            shift = self.shifts.get(unit)
            if shift is None:
                self.note(
                    "unknown_unit", Text.of("visits of {unit}, which is no shift", unit=unit), unit=unit
                )
                continue
            busy_until = -math.inf
            for row in sorted(rows, key=lambda row: float(row["arrive_s"])):
                street = self.streets.get(row["place"])
                driven: Place | None
                if street:
                    driven = self._street(shift, row, street, busy_until)
                    good = driven is not None
                else:
                    driven = self.places.get(row["place"])
                    good = self._visit(shift, row, stays[unit], busy_until)
                if good and driven is not None:
                    supported[driven].append((float(row["arrive_s"]), float(row["depart_s"])))
                    busy_until = float(row["depart_s"])
        return supported

    def _street(
        self, shift: Shift, row: dict[str, Any], street: list[Place], busy_until: float
    ) -> Place | None:
        """Check the visit of a street against the legs, and return the direction that was driven if it is right."""
        arrive, depart = float(row["arrive_s"]), float(row["depart_s"])
        said = {"unit": shift.id, "place": row["place"], "time": time_of_day(arrive)}
        before = len(self.findings)
        found = None
        rows = self.legs.get(shift.id, [])
        for i, leg in enumerate(rows):
            if abs(float(leg["enter_s"]) - arrive) > TOLERANCE_S or leg["u"] != row["node"]:
                continue
            for one in street:
                for way in one.ways:
                    driven = rows[i : i + len(way)]
                    if (
                        tuple((x["u"], x["v"], x["key"]) for x in driven) == way
                        and abs(float(driven[-1]["leave_s"]) - depart) <= TOLERANCE_S
                    ):
                        found = one
        if found is None:
            self.note(
                "unsupported_visit",
                Text.of("{unit}: at {time} it is said to drive along {place}, but its legs do not", **said),
                unit=shift.id,
                place=row["place"],
                time_s=arrive,
            )
            return None
        if not found.allows(shift.mode):
            self.note(
                "mode",
                Text.of("{unit}: its mode is not allowed at {place}", **said),
                unit=shift.id,
                place=found.id,
                time_s=arrive,
            )
        if arrive < busy_until - TOLERANCE_S:
            self.note(
                "double_visit",
                Text.of("{unit}: at {time} it serves {place} and another place at once", **said),
                unit=shift.id,
                place=found.id,
                time_s=arrive,
            )
        # roads, times, shift and breaks were judged with the legs themselves
        return found if len(self.findings) == before else None

    def _visit(self, shift: Shift, row: dict[str, Any], stays: list[Stay], busy_until: float) -> bool:
        arrive, depart = float(row["arrive_s"]), float(row["depart_s"])
        place = self.places.get(row["place"])
        before = len(self.findings)
        said = {"unit": shift.id, "place": row["place"], "time": time_of_day(arrive)}

        def note(kind: str, message: Text) -> None:
            self.note(kind, message, unit=shift.id, place=row["place"], time_s=arrive)

        if place is None:
            note("unknown_place", Text.of("{unit}: it visits {place}, which is no place", **said))
            return False
        if row["node"] not in place.nodes or not any(
            stay.node == row["node"]
            and stay.start_s - TOLERANCE_S <= arrive
            and depart <= stay.end_s + TOLERANCE_S
            for stay in stays
        ):
            note(
                "unsupported_visit",
                Text.of("{unit}: at {time} it is said to be at {place}, but its legs lead elsewhere", **said),
            )
        if depart - arrive < place.dwell_s - TOLERANCE_S:
            note("dwell", Text.of("{unit}: it leaves {place} too soon, it came at {time}", **said))
        if not place.allows(shift.mode):
            note("mode", Text.of("{unit}: its mode is not allowed at {place}", **said))
        if arrive < shift.start_s - TOLERANCE_S or depart > shift.end_s + TOLERANCE_S:
            note("shift", Text.of("{unit}: the visit of {place} at {time} lies outside its shift", **said))
        if any(arrive < end - TOLERANCE_S and depart > begin + TOLERANCE_S for begin, end in place.closed):
            note("closed", Text.of("{unit}: at {time} it is at {place}, where no visit may be then", **said))
        if arrive < busy_until - TOLERANCE_S:
            note(
                "double_visit",
                Text.of("{unit}: at {time} it serves {place} and another place at once", **said),
            )
        if math.isfinite(shift.range_m) and self.problem.graph.has_node(row["node"]):
            here, base = self.problem.graph.nodes[row["node"]], self.problem.graph.nodes[shift.base]
            if math.hypot(here["x"] - base["x"], here["y"] - base["y"]) > shift.range_m + 0.01:
                note(
                    "out_of_range", Text.of("{unit}: {place} is farther from its base than it may go", **said)
                )
        self.rest(shift, arrive, depart)
        return len(self.findings) == before

    # --- idleness

    def _recount(self, supported: dict[Place, list[tuple[float, float]]]) -> PlanAudit:
        unreachable = self.unreachable(
            self._claims(self.plan.unreachable, UNREACHABLE_COLUMNS, (), "unreachable")
        )
        rows: list[tuple[Any, ...]] = []
        worst, means = 0.0, []
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
            worst = max(worst, ratio)
            means.append(self._mean_idleness(place, visits))
        recount = pd.DataFrame(rows, columns=list(BREACH_COLUMNS))
        self._compare(recount, worst, sum(means) / len(means) if means else 0.0)
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
        theirs = _breach_rows(self._claims(self.plan.breaches, BREACH_COLUMNS, _BREACH_FIGURES, "breaches"))
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
        said, bound = _as_number(self.plan.worst_ratio), _as_number(self.plan.bound)
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
        if self.plan.status == "optimal" and not worst <= bound + _RATIO_TOLERANCE:
            self.note(
                "status",
                Text.of(
                    "the plan calls itself proven, but nothing shows that {worst} cannot be undercut",
                    worst=round(worst, 4),
                ),
            )
        if not abs(_as_number(self.plan.mean_idleness_s) - mean_s) <= TOLERANCE_S:
            self.note(
                "mean_idleness",
                Text.of(
                    "the plan says its mean idleness is {said} s, recounted it is {mean} s",
                    said=round(_as_number(self.plan.mean_idleness_s), 1),
                    mean=round(mean_s, 1),
                ),
            )


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


def _as_number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _is_number(value: Any) -> bool:
    return math.isfinite(_as_number(value))


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
