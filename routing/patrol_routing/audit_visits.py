"""The part of the audit that holds the visits of a plan against its legs: places, dwell, closed hours, streets driven.

Like `audit`, it shares no code with the planner.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import pandas as pd

from patrol_routing.audit_reach import ReachAudit
from patrol_routing.audit_routes import TOLERANCE_S, Stay
from patrol_routing.plan import VISIT_COLUMNS, PatrolPlan
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Place, Shift
from patrol_routing.verdict import time_of_day
from town_model import Text


def as_number(value: Any) -> float:
    """Return a value as a number, NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number."""
    return math.isfinite(as_number(value))


class VisitAudit(ReachAudit):
    """Asks which visits of a plan its legs support.

    Args:
        problem: the problem.
        plan: the plan.
    """

    def __init__(self, problem: PatrolProblem, plan: PatrolPlan) -> None:
        super().__init__(problem)
        self.plan = plan
        self.legs: dict[Hashable, list[dict[str, Any]]] = {}
        self.visits: list[dict[str, Any]] = []

    def rows(
        self, frame: pd.DataFrame, columns: tuple[str, ...], times: tuple[str, ...], name: str
    ) -> dict[Hashable, list[dict[str, Any]]]:
        """Return the rows of a table of the plan by unit, in driving order."""
        grouped: dict[Hashable, list[dict[str, Any]]] = defaultdict(list)
        for row in self.claims(frame, columns, (*times, "seq"), name):
            grouped[row["unit"]].append(row)
        for rows in grouped.values():
            rows.sort(key=lambda row: (row["seq"], row[times[0]]))
        return grouped

    def claims(
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
                is_number(row[one]) for one in numbers
            ):
                said = row.get("unit", row.get("place"))
                self.note(
                    "malformed", Text.of("{name} of {unit}: a time is no number", name=name, unit=str(said))
                )
                continue
            rows.append(row)
        return rows

    # --- visits

    def check_visits(self, stays: dict[Hashable, list[Stay]]) -> dict[Place, list[tuple[float, float]]]:
        """Check the visits and return those that the legs support, by place, and by direction of a street."""
        supported: dict[Place, list[tuple[float, float]]] = defaultdict(list)
        grouped = self.rows(self.plan.visits, VISIT_COLUMNS, ("arrive_s", "depart_s"), "visits")
        self.visits = [row for rows in grouped.values() for row in rows]
        for unit, rows in grouped.items():
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
