"""An independent check of a patrol plan: everything is recomputed from its legs and the road graph.

This module shares no code with the planner: it imports the types of problem and plan alone, and a test holds that.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from patrol_routing.audit_routes import TOLERANCE_S, RouteAudit, Stay
from patrol_routing.plan import BREACH_COLUMNS, LEG_COLUMNS, VISIT_COLUMNS, PatrolPlan
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


class _Audit(RouteAudit):
    def __init__(self, problem: PatrolProblem, plan: PatrolPlan) -> None:
        super().__init__(problem)
        self.plan = plan
        self._reach: dict[tuple[str, Any], tuple[dict[Any, float], dict[Any, float]]] = {}
        self.shifts: dict[Hashable, Shift] = {one.id: one for one in problem.shift_list}
        self.places: dict[Hashable, Place] = {one.id: one for one in problem.place_list}

    def run(self) -> PlanAudit:
        stays: dict[Hashable, list[Stay]] = {}
        legs = self._rows(self.plan.legs, LEG_COLUMNS, ("enter_s", "leave_s"), "legs")
        for unit, rows in legs.items():
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
        missing = [one for one in columns if one not in frame.columns]
        grouped: dict[Hashable, list[dict[str, Any]]] = defaultdict(list)
        if missing:
            self.note(
                "malformed",
                Text.of("{name} lacks the columns {columns}", name=name, columns=", ".join(missing)),
            )
            return grouped
        for values in frame[list(columns)].itertuples(index=False, name=None):
            row = dict(zip(columns, values, strict=True))
            if not all(_is_number(row[one]) for one in (*times, "seq")):
                self.note(
                    "malformed",
                    Text.of("{name} of {unit}: a time is no number", name=name, unit=row["unit"]),
                    unit=row["unit"],
                )
                continue
            grouped[row["unit"]].append(row)
        for rows in grouped.values():
            rows.sort(key=lambda row: (row["seq"], row[times[0]]))
        return grouped

    # --- visits

    def _visits(self, stays: dict[Hashable, list[Stay]]) -> dict[Hashable, list[tuple[float, float]]]:
        """Check the visits and return those that the legs support, by place."""
        supported: dict[Hashable, list[tuple[float, float]]] = defaultdict(list)
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
                if self._visit(shift, row, stays[unit], busy_until):
                    supported[row["place"]].append((float(row["arrive_s"]), float(row["depart_s"])))
                    busy_until = float(row["depart_s"])
        return supported

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

    def _recount(self, supported: dict[Hashable, list[tuple[float, float]]]) -> PlanAudit:
        unreachable = self._unreachable()
        rows: list[tuple[Any, ...]] = []
        worst = 0.0
        for place in self.places.values():
            if place.id in unreachable:
                continue
            found, ratio = self._idleness(place, sorted(supported.get(place.id, ())))
            rows += found
            worst = max(worst, ratio)
        recount = pd.DataFrame(rows, columns=list(BREACH_COLUMNS))
        self._compare(recount, worst)
        return PlanAudit(tuple(self.findings), recount, worst)

    def _idleness(
        self, place: Place, visits: list[tuple[float, float]]
    ) -> tuple[list[tuple[Any, ...]], float]:
        """Return the breaches and the worst ratio of a place, window by window."""
        start, end = self.problem.horizon
        from_arrival = self.problem.gap_from == "arrival"
        first = start if place.last_s is None else place.last_s
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

    def _compare(self, recount: pd.DataFrame, worst: float) -> None:
        ours = _breach_times(recount)
        theirs = _breach_times(self.plan.breaches)
        for place, _, start, end in _without(ours, theirs):
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
        grace = _without(theirs, _breach_times(recount))
        for place, kind, start, end in grace:
            if kind == "gap" and _is_borderline(self.places.get(place), end - start):
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
        if not abs(self.plan.worst_ratio - worst) <= _RATIO_TOLERANCE * max(1.0, worst):
            self.note(
                "worst_ratio",
                Text.of(
                    "the plan says its worst ratio is {said}, recounted it is {worst}",
                    said=round(self.plan.worst_ratio, 4),
                    worst=round(worst, 4),
                ),
            )
        if not self.plan.bound <= worst + _RATIO_TOLERANCE:
            self.note(
                "bound",
                Text.of(
                    "the plan says that nothing is below {bound}, and is itself at {worst}",
                    bound=round(self.plan.bound, 4),
                    worst=round(worst, 4),
                ),
            )

    def _unreachable(self) -> set[Hashable]:
        """Return the places that the plan rightly calls unreachable."""
        claimed = set(self.plan.unreachable["place"])
        right = set()
        for name in claimed:
            place = self.places.get(name)
            if place is None:
                self.note(
                    "unknown_place",
                    Text.of("the plan calls {place} unreachable, which is no place", place=name),
                    place=name,
                )
                continue
            able = next((shift for shift in self.shifts.values() if self._can_serve(shift, place)), None)
            if able is None:
                right.add(name)
            else:
                self.note(
                    "not_unreachable",
                    Text.of(
                        "the plan calls {place} unreachable, but {unit} can get there",
                        place=name,
                        unit=able.id,
                    ),
                    place=name,
                    unit=able.id,
                )
        return right

    def _can_serve(self, shift: Shift, place: Place) -> bool:
        if not place.allows(shift.mode):
            return False
        for node in place.nodes:
            if math.isfinite(shift.range_m):
                here, base = self.problem.graph.nodes[node], self.problem.graph.nodes[shift.base]
                if math.hypot(here["x"] - base["x"], here["y"] - base["y"]) > shift.range_m:
                    continue
            there, back = self._ways(shift, node)
            if math.isinf(there + back):
                continue
            clock = shift.start_s
            for work in (there, place.dwell_s, back):
                for begin, stop in shift.breaks:
                    if clock < stop and clock + work > begin:
                        clock = stop
                clock += work
            if clock <= shift.end_s:
                return True
        return False

    def _ways(self, shift: Shift, node: Any) -> tuple[float, float]:
        """Return the quickest times from the base to a node and back, by networkx; inf where there is no way."""
        if not self.problem.has_graph:
            matrix: Any = np.asarray(self.problem.travel[shift.mode])
            there, back = float(matrix[shift.base, node]), float(matrix[node, shift.base])
            return (0.0, 0.0) if node == shift.base else (there, back)
        key = (shift.mode, shift.base)
        if key not in self._reach:
            graph, weight = self.problem.graph, _weight(f"travel_time_{shift.mode}")
            self._reach[key] = (
                nx.single_source_dijkstra_path_length(graph, shift.base, weight=weight),
                nx.single_source_dijkstra_path_length(graph.reverse(copy=False), shift.base, weight=weight),
            )
        forth, reverse = self._reach[key]
        return float(forth.get(node, math.inf)), float(reverse.get(node, math.inf))


def _weight(attribute: str) -> Any:
    def least(_u: Any, _v: Any, edges: dict[int, dict[str, Any]]) -> float | None:
        times = [data[attribute] for data in edges.values() if attribute in data]
        return min(times) if times else None  # None hides the edge

    return least


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


Breach = tuple[Hashable, str, float, float]


def _breach_times(frame: pd.DataFrame) -> list[Breach]:
    return [
        (row["place"], row["kind"], float(row["start_s"]), float(row["end_s"]))
        for row in frame.to_dict("records")
    ]


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
                and abs(o[2] - one[2]) <= TOLERANCE_S
                and abs(o[3] - one[3]) <= TOLERANCE_S
            ),
            None,
        )
        if twin is None:
            lone.append(one)
        else:
            left.remove(twin)
    return lone


def _is_borderline(place: Place | None, gap_s: float) -> bool:
    """Whether a gap is so near the limit that rounding decides."""
    return place is not None and any(abs(gap_s - w.max_gap_s) <= 2 * TOLERANCE_S for w in place.windows)
