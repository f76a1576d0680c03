"""Idleness of a place: the stretches in which it waits for a visit, against the limits in force.

This is the planner's account; the auditor keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from patrol_routing.records import Place, Span

_TOLERANCE_S = 1e-6


@dataclass(frozen=True)
class Stretch:
    """A stretch of idleness as far as one window sees it.

    Args:
        start_s: when idleness began (the last departure or arrival).
        end_s: when it was ended by a visit, or the window closed.
        max_gap_s: the limit in force.
    """

    start_s: float
    end_s: float
    max_gap_s: float

    @property
    def gap_s(self) -> float:
        """The idleness reached."""
        return self.end_s - self.start_s

    @property
    def ratio(self) -> float:
        """The idleness reached over the limit."""
        return self.gap_s / self.max_gap_s

    @property
    def is_breach(self) -> bool:
        """Whether the limit is passed."""
        return self.gap_s > self.max_gap_s + _TOLERANCE_S


@dataclass(frozen=True)
class TooFewVisits:
    """A window in which fewer visits began than it needs."""

    start_s: float
    end_s: float
    max_gap_s: float
    visits: int
    min_visits: int


@dataclass(frozen=True)
class Account:
    """What one place gets from a plan.

    Args:
        stretches: of idleness.
        too_few: windows with too few visits.
        mean_s: idleness averaged over the horizon.
        unmet: standing posts (start_s, end_s) with the seconds of them in which nobody stands there.
    """

    stretches: list[Stretch]
    too_few: list[TooFewVisits]
    mean_s: float
    unmet: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def worst_ratio(self) -> float:
        """The largest ratio of all stretches."""
        return max((one.ratio for one in self.stretches), default=0.0)


def account(
    place: Place,
    visits: Iterable[Span],
    horizon: Span,
    gap_from: Literal["departure", "arrival"],
    *,
    repeats: bool = False,
) -> Account:
    """Return the idleness of a place under its visits.

    Args:
        place: the place with its windows.
        visits: (arrive_s, depart_s), in any order, also overlapping.
        horizon: the time of the plan.
        gap_from: from when on idleness grows.
        repeats: whether idleness at the start goes on from the last of these visits, one horizon earlier.
    """
    ordered = sorted(visits)
    since = horizon[0] if place.last_s is None else place.last_s
    if repeats and ordered and place.last_s is None:
        last = max(depart if gap_from == "departure" else arrive for arrive, depart in ordered)
        since = min(since, last - (horizon[1] - horizon[0]))
    gaps: list[Span] = []
    for arrive, depart in ordered:
        gaps.append((since, arrive))
        since = max(since, depart if gap_from == "departure" else arrive)
    gaps.append((since, horizon[1]))
    stretches = []
    for begin, end in gaps:
        for window in place.windows:
            low, high = max(begin, window.start_s), min(end, window.end_s)
            if low < high:
                stretches.append(Stretch(begin, high, window.max_gap_s))
    too_few = []
    for window in place.windows:
        count = sum(window.start_s <= arrive < window.end_s for arrive, _ in ordered)
        if count < window.min_visits:
            too_few.append(
                TooFewVisits(window.start_s, window.end_s, window.max_gap_s, count, window.min_visits)
            )
    area = 0.0
    for begin, end in gaps:
        low = max(begin, horizon[0])
        if end > low:
            area += ((end - begin) ** 2 - (low - begin) ** 2) / 2
    unmet = [(start, end, _alone(ordered, start, end)) for start, end in place.posts]
    return Account(
        stretches,
        too_few,
        area / (horizon[1] - horizon[0]),
        [one for one in unmet if one[2] > _TOLERANCE_S],
    )


def _alone(visits: list[Span], start: float, end: float) -> float:
    """Return how long in a span of time no visit is under way."""
    total, at = 0.0, start
    for arrive, depart in visits:
        total += max(0.0, min(arrive, end) - at)
        at = min(end, max(at, depart))
    return total + max(0.0, end - at)
