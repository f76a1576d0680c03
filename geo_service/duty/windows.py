"""From the intervals of a place through a day to the windows of a patrol problem.

Idleness of a patrol problem runs on through the hours in which nothing is asked, so a place that is asked for from 18:00 on would have to
be visited before that. Here an interval is first held one interval after it begins: by then somebody must have been there since its
beginning. Until it is due the one before it goes on to hold, where that one is longer and was due itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo_service.duty.intervals import Span
from town_model import DAY_S

Window = tuple[int, int, float, int]
#: Longer than any idleness of a day that follows on another one: a window with this limit asks for its visit alone.
NO_LIMIT_S = 2.0 * DAY_S


@dataclass(frozen=True)
class _Asked:
    """A span with the moment since which its interval is counted, and whether a visit is sure to come in it."""

    span: Span
    since_s: float
    limit_s: float | None
    is_sure: bool

    @property
    def due_s(self) -> float:
        return self.since_s + self.span.interval_s


def windows(spans: Sequence[Span]) -> list[Window]:
    """Return the windows (start_s, end_s, max_gap_s, min_visits) of a place, in order.

    Args:
        spans: its intervals through the day, in order, as `intervals` returns them; at least one.
    """
    found: list[Window] = []
    before: _Asked | None = None
    for span in _unrolled(spans):
        asked = _ask(
            span, before if before and before.span.end_s == span.start_s else None, whole=_whole(spans)
        )
        found += _held(asked)
        before = asked
    if not found:  # nothing falls due and no part asks for a visit: then the whole stretch does
        stretch = _unrolled(spans)
        found = [(stretch[0].start_s, stretch[-1].end_s, NO_LIMIT_S, 1)]
    return sorted(part for one in found for part in _in_day(one))


def _whole(spans: Sequence[Span]) -> bool:
    """Whether something is asked at every moment of the day."""
    return sum(one.end_s - one.start_s for one in spans) == DAY_S


def _unrolled(spans: Sequence[Span]) -> list[Span]:
    """Return the spans from the end of a time without any on, or from the longest interval on; those of the next morning past midnight."""
    if _whole(spans):
        first = max(range(len(spans)), key=lambda at: (spans[at].interval_s, -at))
    else:
        first = next(at for at, one in enumerate(spans) if spans[at - 1].end_s % DAY_S != one.start_s)
    moved = [
        replace(one, start_s=one.start_s + DAY_S, end_s=one.end_s + DAY_S, at_least_once=one.at_least_once)
        for one in spans[:first]
    ]
    return [*spans[first:], *moved]


def _ask(span: Span, before: _Asked | None, *, whole: bool) -> _Asked:
    """Return since when a span's interval is counted, given the span that ends where it begins."""
    start, once = float(span.start_s), span.at_least_once
    if before is None:
        since = -float(DAY_S) * 2 if whole else start  # round the clock the longest interval always holds
        return _Asked(span, since, None, once or since + span.interval_s < span.end_s)
    if before.span.interval_s <= span.interval_s:
        since = start - span.interval_s if before.is_sure else before.since_s
        return _Asked(span, since, None, once or before.is_sure or since + span.interval_s < span.end_s)
    limit = before.span.interval_s if before.due_s <= start else None
    return _Asked(span, start, limit, once or limit is not None or start + span.interval_s < span.end_s)


def _held(asked: _Asked) -> list[Window]:
    """Return the windows of a span: until its interval is due, and from then on."""
    span, once = asked.span, int(asked.span.at_least_once)
    due = round(min(max(asked.due_s, span.start_s), span.end_s))
    limit = NO_LIMIT_S if asked.limit_s is None else asked.limit_s
    if due <= span.start_s:
        return [(span.start_s, span.end_s, span.interval_s, once)]
    if due >= span.end_s:
        return [(span.start_s, span.end_s, limit, once)] if once or asked.limit_s is not None else []
    early = [(span.start_s, due, limit, once)] if once or asked.limit_s is not None else []
    return [*early, (due, span.end_s, span.interval_s, 0)]


def _in_day(window: Window) -> list[Window]:
    """Return a window within the day; one over midnight as two, of which the longer asks for the visit."""
    start, end, limit, visits = window
    if start >= DAY_S:
        return [(start - DAY_S, end - DAY_S, limit, visits)]
    if end <= DAY_S:
        return [window]
    evening = DAY_S - start >= end - DAY_S
    return [(start, DAY_S, limit, visits * evening), (0, end - DAY_S, limit, visits * (not evening))]
