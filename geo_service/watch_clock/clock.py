"""The clock: the hours of each place, split into watched by cameras, patrolled, and neither.

A place is *watched* in a minute when working cameras see at least `required_share` of its area or length at its class in the light of
that minute (day and night by sunrise and sunset). It is *patrolled* while its idleness is within its limit: from the arrival of a
patrol until so long after it left. What is both counts as watched. Only the hours of the place count, and nothing is
credited beyond its class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import pandas as pd

from geo_service.watch_clock.sun import Daylight
from town_model import DAY_S, ColumnError, ValueRangeError, parse_hours

Span = tuple[float, float]
STATES = ("watched", "patrolled", "unwatched")
_LEAST_S = 1e-6


def unwatched_minutes(
    watched: pd.DataFrame,
    visits: pd.DataFrame,
    places: pd.DataFrame,
    day: Daylight,
    *,
    required_share: float = 0.95,
    repeats: bool = True,
) -> pd.DataFrame:
    """Return for how many minutes of a day each place is watched, patrolled and neither.

    Args:
        watched: by place id: ``share_day`` and ``share_night``, what working cameras see of it at its class (0 to 1; missing: nothing).
        visits: of one day: ``place``, ``arrive_s``, ``depart_s`` (seconds from midnight).
        places: by place id: ``hours`` (empty: the whole day) and ``max_gap_s`` (its longest idleness; missing: only the visits
            themselves count as patrolled).
        day: date, sunrise and sunset.
        required_share: how much of a place must be seen for it to be watched.
        repeats: the day before was patrolled alike, so idleness at midnight goes on from its last visits.

    Returns:
        By place id: ``open_min``, ``watched_min``, ``patrolled_min``, ``unwatched_min``, ``longest_unwatched_min`` (in one stretch) and ``spans``: a list
        of (start_s, end_s, state), state one of `STATES`, that covers the hours of the place.

    Raises:
        ColumnError: a frame lacks a column.
        ValueRangeError: hours that cannot be read, or a share that is none.
    """
    for name, frame, columns in (
        ("watched", watched, ("share_day", "share_night")),
        ("visits", visits, ("place", "arrive_s", "depart_s")),
        ("places", places, ("hours", "max_gap_s")),
    ):
        lacking = [one for one in columns if one not in frame.columns]
        if lacking:
            raise ColumnError("{name} lacks the columns {columns}", name=name, columns=", ".join(lacking))
    if not 0 < required_share <= 1:
        raise ValueRangeError(
            "the required share must lie above 0 and up to 1, not {share}", share=required_share
        )
    stays: dict[object, list[Span]] = {}
    for place, arrive, depart in visits[["place", "arrive_s", "depart_s"]].itertuples(index=False, name=None):
        stays.setdefault(place, []).append((float(arrive), float(depart)))
    rows = []
    for place, hours, limit in zip(places.index, places["hours"], places["max_gap_s"], strict=True):
        open_ = [(float(a), float(b)) for a, b in parse_hours(hours if isinstance(hours, str) else "")]
        seen: list[Span] = []
        for light, spans in day.spans.items():
            share = watched[f"share_{light}"].get(place) if place in watched.index else None
            # a share is computed with rounding: the last millionth is none
            if share is not None and not pd.isna(share) and share >= required_share - 1e-6:
                seen += spans
        kept = _patrolled(stays.get(place, []), float(limit) if pd.notna(limit) else 0.0, repeats=repeats)
        rows.append(_row(open_, seen, kept))
    shown = ["open_min", "watched_min", "patrolled_min", "unwatched_min", "longest_unwatched_min", "spans"]
    return pd.DataFrame(rows, index=places.index, columns=shown)


def _patrolled(stays: Iterable[Span], limit_s: float, *, repeats: bool) -> list[Span]:
    """Return when idleness is within the limit."""
    spans = []
    for arrive, depart in stays:
        spans.append((arrive, depart + limit_s))
        if repeats:
            spans.append((arrive - DAY_S, depart + limit_s - DAY_S))
    return spans


def _row(open_: list[Span], seen: list[Span], kept: list[Span]) -> dict[str, object]:
    edges = sorted(
        {t for span in (*open_, *seen, *kept) for t in span if 0 <= t <= DAY_S} | {0.0, float(DAY_S)}
    )
    spans: list[tuple[float, float, str]] = []
    for start, end in pairwise(edges):
        middle = (start + end) / 2
        if end - start <= _LEAST_S or not _holds(open_, middle):
            continue
        state = "watched" if _holds(seen, middle) else "patrolled" if _holds(kept, middle) else "unwatched"
        if spans and spans[-1][2] == state and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end, state)
        else:
            spans.append((start, end, state))
    total = {one: math.fsum(b - a for a, b, state in spans if state == one) / 60 for one in STATES}
    return {
        "open_min": sum(total.values()),
        "watched_min": total["watched"],
        "patrolled_min": total["patrolled"],
        "unwatched_min": total["unwatched"],
        "longest_unwatched_min": max((b - a for a, b, state in spans if state == "unwatched"), default=0.0)
        / 60,
        "spans": spans,
    }


def _holds(spans: Iterable[Span], time: float) -> bool:
    return any(start <= time < end for start, end in spans)
