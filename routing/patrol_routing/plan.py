"""A patrol plan: who is where when, and how good that is."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import pandas as pd

from town_model import Text

VISIT_COLUMNS = ("unit", "seq", "place", "node", "arrive_s", "depart_s")
LEG_COLUMNS = ("unit", "seq", "u", "v", "key", "enter_s", "leave_s")
BREACH_COLUMNS = ("place", "kind", "start_s", "end_s", "gap_s", "max_gap_s", "visits", "min_visits")
UNREACHABLE_COLUMNS = ("place", "mode", "reason")

UNREACHABLE_REASONS: dict[str, Text] = {
    "no_unit": Text("no unit of a mode that may serve it is on duty"),
    "too_far": Text("it lies too far from any road"),
    "off_road": Text("no road open to this mode comes near it"),
    "no_way": Text("no way leads there from the base"),
    "no_way_back": Text("no way leads back from there to the base"),
    "out_of_range": Text("it is farther from the base than the unit may go"),
    "too_long": Text("the way there and back and the stay do not fit into any shift"),
}
"""What the reasons of an unreachable place mean, in words."""

PLAN_STATUS: dict[str, Text] = {
    "optimal": Text("proven: no plan has a smaller worst gap"),
    "no_better": Text("no better plan was found for a while"),
    "time": Text("the time was up"),
    "iterations": Text("the number of tries was used up"),
    "stopped": Text("it was stopped"),
}
"""What the status of a plan means, in words."""


@dataclass(frozen=True)
class UnitsNeeded:
    """How many units must be on duty at once in a span of time, at least.

    Args:
        modes: the modes of these units.
        at_least: with fewer of them on duty at every moment of the span, no plan keeps all intervals.
        on_duty: the most of them that the given shifts have on duty at once in it.
        start_s: begin of the span.
        end_s: its end.
        places: how many places depend on these modes.
    """

    modes: tuple[str, ...]
    at_least: int
    on_duty: int
    start_s: float
    end_s: float
    places: int

    @property
    def are_missing(self) -> bool:
        """Whether more are needed than are on duty."""
        return self.at_least > self.on_duty


class VariedDays(Protocol):
    """What `vary_plan` says of its days, an `Unpredictability`; the auditor knows plans and not how they are varied."""

    @property
    def days(self) -> int:
        """How many days there are."""

    @property
    def places(self) -> pd.DataFrame:
        """What can be guessed of each place."""

    def summary(self) -> dict[str, Any]:
        """Return the figures as plain numbers."""


@dataclass(frozen=True, eq=False)
class PatrolPlan:
    """The result of `plan_patrols`.

    Attributes:
        visits: in driving order: ``unit`` (id of the shift), ``seq``, ``place``, ``node``, ``arrive_s``, ``depart_s``. Of a required street its
            id stands in ``place``, with the node and time at which the first edge is entered and the time at which the last is left.
        legs: in driving order: ``unit``, ``seq``, ``u``, ``v``, ``key`` (an edge of the road graph; with matrices, two
            row numbers and key 0), ``enter_s``, ``leave_s``.
        breaches: ``place``, ``kind``, ``start_s``, ``end_s``, ``gap_s``, ``max_gap_s``, ``visits``, ``min_visits``. Kind ``gap``: idleness began at
            `start_s` and had reached `gap_s` by `end_s`. Kind ``visits``: too few visits began in a window. Kind ``post``: for
            `gap_s` of a standing post from `start_s` to `end_s` nobody stood there.
        unreachable: places that no unit can visit at all, a row for each mode that might: ``place``, ``mode``, ``reason``
            (``no_unit``, ``no_way``, ``no_way_back``, ``out_of_range``, ``too_long``). They are in no other figure.
        worst_ratio: the longest idleness over its limit, over all reachable places; at most 1 without a gap breach.
        bound: no plan has a smaller `worst_ratio` than this (see `worst_ratio_bound`).
        mean_idleness_s: idleness averaged over the horizon and over the reachable places.
        iterations: how many changes were tried.
        seconds: how long it took.
        status: why the search ended: ``optimal``, ``no_better``, ``time``, ``iterations``, ``stopped``.
        units_needed: how many units are needed at least, for each set of modes that some place depends on.
        units_bound: with fewer units in all, no plan keeps every interval (of sets of modes without a common one, the sum).
        needed_units: with how many units in all every interval is kept, found by planning with more units of the kinds there are;
            None where nothing is breached, or no such number was found in the time. Fewer may do.
        worst_weighted_ratio: (this and the next two: None where the plan says nothing of it) the largest of the ratios times the weights of their places.
        weighted_bound: no plan has a smaller `worst_weighted_ratio` than this.
        work_spread: of the shares of their time in which the shifts drive or serve (breaks taken off), the largest less the smallest.
        unpredictability: of the days that `vary_plan` made together with this one.
    """

    visits: pd.DataFrame
    legs: pd.DataFrame
    breaches: pd.DataFrame
    unreachable: pd.DataFrame
    worst_ratio: float
    bound: float
    mean_idleness_s: float
    iterations: int
    seconds: float
    status: str
    units_needed: tuple[UnitsNeeded, ...] = ()
    unpredictability: VariedDays | None = None
    needed_units: int | None = None
    units_bound: int = 0
    worst_weighted_ratio: float | None = None
    weighted_bound: float | None = None
    work_spread: float | None = None

    @property
    def is_impossible(self) -> bool:
        """Whether it is proven that no plan with these shifts keeps every interval."""
        return self.bound > 1 + 1e-6 or any(one.are_missing for one in self.units_needed)

    @property
    def is_feasible(self) -> bool:
        """Whether every reachable place is visited in time."""
        return self.breaches.empty

    def summary(self) -> dict[str, Any]:
        """Return the figures of the plan as plain numbers and words."""
        ratio = self.worst_ratio
        varied = {} if self.unpredictability is None else self.unpredictability.summary()
        return {
            "visits": len(self.visits),
            "breaches": len(self.breaches),
            "breached_places": int(self.breaches["place"].nunique()),
            "unreachable_places": int(self.unreachable["place"].nunique()),
            "worst_ratio": round(ratio, 4),
            **_rounded({"worst_weighted_ratio": self.worst_weighted_ratio, "work_spread": self.work_spread}),
            "bound": round(self.bound, 4),
            "proven_impossible": self.is_impossible,
            "units_needed_at_least": [
                {**asdict(one), "modes": list(one.modes)} for one in self.units_needed if one.are_missing
            ],
            "optimality_gap": round((ratio - self.bound) / ratio, 4)
            if ratio > 0 and math.isfinite(ratio)
            else 0.0,
            "mean_idleness_s": round(self.mean_idleness_s, 1),
            "drive_s": round(float((self.legs["leave_s"] - self.legs["enter_s"]).sum()), 1),
            "units_bound": self.units_bound,
            **({} if self.needed_units is None else {"needed_units": self.needed_units}),
            "iterations": self.iterations,
            "seconds": round(self.seconds, 2),
            "status": self.status,
            **({"unpredictability": varied} if varied else {}),
        }


def _rounded(figures: dict[str, float | None]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items() if value is not None}
