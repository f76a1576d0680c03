"""How long each place of a plan stays alone, against its limit: the worst stretch, the share of the limit, the day as a strip."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from geo_service.store import StoredResult
from geo_service.web import formats
from town_model import DAY_S, Text

_SAME_S = 1.0


@dataclass(frozen=True)
class IdlePlace:
    """A place against its limit.

    Args:
        id: its id. name: its name. visits: how many a day.
        worst: its longest time without a patrol. when: from when to when, where that can be told.
        limit: its limit. share: the worst over the limit in per cent; None where unknown.
        late: whether a limit is broken. verdict: the same in words. tight: whether nine tenths of the limit are used up.
        stays: visits as (start, width) in minutes. over: what lies beyond the limit, likewise.
    """

    id: str
    name: str
    visits: int
    worst: Text | str
    when: str
    limit: Text | str
    share: int | None
    late: bool
    tight: bool
    verdict: Text
    stays: tuple[tuple[float, float], ...]
    over: tuple[tuple[float, float], ...]


def idle_places(result: StoredResult) -> tuple[IdlePlace, ...]:
    """Return the places of a plan, the largest share of the limit first.

    Args:
        result: of kind ``patrol``.
    """
    visits, breaches = result.frame("visits"), result.frame("breaches")
    places = result.frame("places")
    ratio = (places["worst_gap_s"] / places["max_gap_s"]).sort_values(ascending=False, kind="stable")
    stays = {place: _spans(some, "arrive_s", "depart_s") for place, some in visits.groupby("place")}
    late = dict(list(breaches.groupby("place"))) if len(breaches) else {}
    lost = set(result.frame("unreachable")["place"])
    rows = places.loc[ratio.index, ["place", "name", "visits", "worst_gap_s", "max_gap_s"]]
    return tuple(
        _row(
            row, float(share), stays.get(row[0], []), late.get(row[0]), is_lost=row[0] in lost and not row[2]
        )
        for row, share in zip(rows.to_numpy(dtype=object), ratio.astype(float), strict=True)
    )


def _row(
    row: np.ndarray,
    share: float,
    stays: list[tuple[float, float]],
    broken: pd.DataFrame | None,
    *,
    is_lost: bool,
) -> IdlePlace:
    place, name, visits, worst, limit = row
    gaps = broken if broken is None or "kind" not in broken else broken[broken["kind"] == "gap"]
    posts = None if broken is None or "kind" not in broken else broken[broken["kind"] == "post"]
    is_late = broken is not None or bool(worst > limit + 0.5)
    if is_lost:
        verdict = Text("cannot be reached")
    elif not is_late:
        verdict = Text("in time")
    elif worst > limit + 0.5:
        verdict = Text.of("late by {time}", time=formats.minutes(worst - limit))
    elif posts is not None and len(posts):
        verdict = Text.of("post not manned for {time}", time=formats.minutes(float(posts["gap_s"].sum())))
    else:
        verdict = Text("too few visits")
    over = [] if gaps is None else [(start + limit, end) for start, end in _spans(gaps, "start_s", "end_s")]
    return IdlePlace(
        id=str(place),
        name=str(place) if formats.is_missing(name) else str(name),
        visits=int(visits),
        worst=formats.minutes(worst),
        when=_when(stays, float(worst), gaps),
        limit=formats.minutes(limit) if np.isfinite(limit) else Text("once in its hours"),
        share=round(100 * share) if np.isfinite(share) else None,
        late=is_late,
        tight=not is_late and share > 0.9,
        verdict=verdict,
        stays=_minutes(stays),
        over=_minutes(over),
    )


def _when(stays: list[tuple[float, float]], worst: float, gaps: pd.DataFrame | None) -> str:
    """Return from when to when the worst stretch lasts; empty where windows of the place cut it."""
    found = [] if gaps is None else _spans(gaps, "start_s", "end_s")
    found += [(a[1], b[0]) for a, b in pairwise(stays)]
    if stays:
        found.append((stays[-1][1] - DAY_S, stays[0][0]))
    for start, end in found:
        if abs(end - start - worst) <= _SAME_S:
            return f"{formats.clock(start % DAY_S)}–{formats.clock(end)}"
    return ""


def _spans(frame: pd.DataFrame, start: str, end: str) -> list[tuple[float, float]]:
    return sorted((float(a), float(b)) for a, b in frame[[start, end]].itertuples(index=False, name=None))


def _minutes(spans: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return spans as minutes of the day (start, width); what lies before midnight stands at the end of the day."""
    day = DAY_S / 60
    found = []
    for start, end in spans:
        a, b = start / 60, end / 60
        for shift in (0.0, day):
            left, right = max(a + shift, 0.0), min(b + shift, day)
            if right > left and (shift == 0.0 or a < 0):
                found.append((round(left, 1), round(right - left, 1)))
    return tuple(found)
