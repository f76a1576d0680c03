"""The verdict of an audit: what is wrong with a plan."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from town_model import Text


def time_of_day(seconds: float) -> str:
    """Return seconds from midnight as a time of day, also before it and after it.

    >>> time_of_day(27_090), time_of_day(90_000), time_of_day(-60)
    ('07:31:30', '25:00:00', '-00:01:00')
    """
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a plan.

    Args:
        kind: what sort of fault; `PlanAudit` lists them.
        message: what is wrong, in words.
        unit: the shift, or None.
        place: the place, or None.
        time_s: when, or None.
    """

    kind: str
    message: Text
    unit: Hashable | None = None
    place: Hashable | None = None
    time_s: float | None = None


@dataclass(frozen=True, eq=False)
class PlanAudit:
    """The verdict on a plan.

    Attributes:
        findings: what is wrong with the plan; empty when it is what it says it is. A breach that the plan owns up to is
            no finding. Kinds: ``malformed``, ``unknown_unit``, ``unknown_place``, ``no_road``, ``against_oneway``, ``no_access``,
            ``too_fast``, ``broken_route``, ``shift``, ``break``, ``out_of_range``, ``mode``, ``dwell``, ``closed``, ``unsupported_visit``,
            ``double_visit``, ``missing_breach``, ``false_breach``, ``worst_ratio``, ``mean_idleness``, ``work_spread``, ``bound``, ``status``, ``not_unreachable``, ``reason``.
        breaches: the breaches as recounted, from the visits that the legs support.
        worst_ratio: the longest idleness over its limit as recounted.
    """

    findings: tuple[Finding, ...]
    breaches: pd.DataFrame
    worst_ratio: float

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with the plan."""
        return not self.findings

    @property
    def holds(self) -> bool:
        """Whether the plan is sound and every reachable place is visited in time."""
        return self.is_sound and self.breaches.empty

    def kinds(self) -> set[str]:
        """Return the kinds of the findings."""
        return {one.kind for one in self.findings}

    def summary(self) -> dict[str, Any]:
        """Return the verdict as plain numbers and words."""
        return {
            "sound": self.is_sound,
            "findings": len(self.findings),
            "kinds": sorted(self.kinds()),
            "breaches": len(self.breaches),
            "worst_ratio": round(self.worst_ratio, 4),
        }
