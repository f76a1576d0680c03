"""The places of the clock: the hours of each, and the interval that the rules of a day ask for in every part of them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pandas as pd

from geo_service.analysis.beats import PLACE_LAYERS, interval_of
from geo_service.analysis.rows import each
from geo_service.duty.intervals import Duty, Span, intervals, load_rules
from geo_service.store import Store
from town_model import parse_hours


def clock_places(store: Store, duty: Duty | None = None) -> pd.DataFrame:
    """Return the places of the clock by id (``key_areas/3``).

    Args:
        store: the town.
        duty: the day whose rules give the intervals; None: each place's own.

    Returns:
        ``name``, ``kind``, ``priority``, ``hours``, ``max_gap_s`` (its own; NaN: none) and ``spans``: the parts of its hours with the
        interval of the day's rules, 0 where none is asked for; None without a day.
    """
    rows: dict[str, dict[str, Any]] = {}
    rules = () if duty is None else load_rules(store)
    for layer in PLACE_LAYERS:
        for row in each(store.frame(layer)):
            own: float = interval_of(row)
            hours = row.hours if isinstance(row.hours, str) else ""
            spans: list[Span] | None = None
            if duty is not None:
                spans = intervals(
                    f"{layer}/{row.Index}",
                    category=getattr(row, "category", "") or "",
                    own_interval_s=None if math.isnan(own) else own,
                    own_hours=hours,
                    rules=rules,
                    duty=duty,
                )
            rows[f"{layer}/{row.Index}"] = {
                "name": row.name,
                "kind": layer,
                "priority": row.priority,
                "hours": hours,
                "max_gap_s": own,
                "spans": None if spans is None else _within_hours(hours, spans),
            }
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["name", "kind", "priority", "hours", "max_gap_s", "spans"]
    )


def _within_hours(hours: str, spans: list[Span]) -> list[tuple[float, float, float]]:
    """Return the hours of a place, cut where its interval changes; 0 is the interval where none is asked for."""
    found: list[tuple[float, float, float]] = []
    for opens, closes in parse_hours(hours):
        marks = sorted(
            {opens, closes, *(at for one in spans for at in (one.start_s, one.end_s) if opens < at < closes)}
        )
        for start, end in pairwise(marks):
            limit = next((one.interval_s for one in spans if one.start_s <= start < one.end_s), 0.0)
            if found and found[-1][1:] == (start, limit):
                found[-1] = (found[-1][0], end, limit)
            else:
                found.append((start, end, limit))
    return found
