"""The clock: the hours of each place, split into watched by cameras, patrolled, and neither.

A place is *watched* in a minute when working cameras see at least `required_share` of its area or length at its class in the light of
that minute (day and night by sunrise and sunset). It is *patrolled* while its idleness is within its limit: from the arrival of a
patrol until so long after it left. Where its limit changes through the day, that of the minute holds. What is both counts as
watched. Only the hours of the place count, and nothing is credited beyond its class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from geo_service.watch_clock.sun import Daylight
from town_model import DAY_S, ColumnError, ValueRangeError, parse_hours

Span = tuple[float, float]
#: A part of the day in which a place counts, with the longest idleness allowed in it (0: only stays count).
Asked = tuple[float, float, float]
#: Shares are computed with rounding.
SHARE_SLACK = 1e-6
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
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for how many minutes of a day each place is watched, patrolled and neither.

    Args:
        watched: by place id: ``share_day`` and ``share_night``, what working cameras see of it at its class (0 to 1; missing: nothing).
        visits: of one day: ``place``, ``arrive_s``, ``depart_s`` (seconds from midnight).
        places: by place id: ``hours`` (empty: the whole day) and ``max_gap_s`` (its longest idleness; missing: only the visits
            themselves count as patrolled). A further column ``spans`` holds instead of both the parts of the day in which the place
            counts: a list of (start_s, end_s, longest idleness in s, 0 for none), or None where the other two hold.
        day: date, sunrise and sunset.
        required_share: how much of a place must be seen for it to be watched.
        repeats: the day before was patrolled alike, so idleness at midnight goes on from its last visits.
        before: visits of the day before in its own seconds, where it was patrolled otherwise; `repeats` then says nothing.

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
    if before is not None:
        repeats = False
        for place, arrive, depart in before[["place", "arrive_s", "depart_s"]].itertuples(
            index=False, name=None
        ):
            stays.setdefault(place, []).append((float(arrive) - DAY_S, float(depart) - DAY_S))
    rows = []
    for place, asked in asked_spans(places).items():
        seen: list[Span] = []
        for light, spans in day.spans.items():
            share = watched[f"share_{light}"].get(place) if place in watched.index else None
            # a share is computed with rounding: the last millionth is none
            if share is not None and not pd.isna(share) and share >= required_share - SHARE_SLACK:
                seen += spans
        kept = [one for stay in stays.get(place, []) for one in kept_spans(asked, *stay, repeats=repeats)]
        rows.append(_row([(start, end) for start, end, _ in asked], seen, kept))
    shown = ["open_min", "watched_min", "patrolled_min", "unwatched_min", "longest_unwatched_min", "spans"]
    return pd.DataFrame(rows, index=places.index, columns=shown)


def asked_spans(places: pd.DataFrame) -> dict[Any, list[Asked]]:
    """Return by place the parts of the day in which it counts: (start_s, end_s, longest idleness). `places` as of `unwatched_minutes`."""
    given = places["spans"] if "spans" in places.columns else [None] * len(places)
    found: dict[Any, list[Asked]] = {}
    for place, hours, limit, spans in zip(
        places.index, places["hours"], places["max_gap_s"], given, strict=True
    ):
        if isinstance(spans, list | tuple):
            found[place] = [(float(a), float(b), float(longest)) for a, b, longest in spans]
            continue
        longest = float(limit) if pd.notna(limit) else 0.0
        found[place] = [
            (float(a), float(b), longest) for a, b in parse_hours(hours if isinstance(hours, str) else "")
        ]
    return found


def kept_spans(asked: Sequence[Asked], arrive_s: float, depart_s: float, *, repeats: bool) -> list[Span]:
    """Return when a stay keeps a place within its limit, only inside the parts of the day in which the place counts.

    Args:
        asked: of `asked_spans`.
        arrive_s: when the patrol comes.
        depart_s: when it leaves.
        repeats: whether the same stay was there the day before.
    """
    found = []
    for shift in (0.0, DAY_S) if repeats else (0.0,):
        for start, end, limit in asked:
            begin, until = max(start, arrive_s - shift), min(end, depart_s - shift + limit)
            if begin < until:
                found.append((begin, until))
    return found


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
