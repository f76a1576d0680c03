"""The sheets that only a workbook of varied days has: each place on each day, and the burglar's best window before and after."""

from __future__ import annotations

from typing import Any

from geo_service.day_times import time_of_day
from geo_service.exports.cells import heads_in, plain
from geo_service.i18n import say
from geo_service.store import StoredResult
from town_model import DAY_S, Text

Sheet = tuple[str, list[str], list[list[Any]]]
#: The frame with a row for each place and day.
DAY_PLACES = "day_places"
# half a second, as the pages judge it
_LATE_S = 0.5


def places_by_day(result: StoredResult, language: str) -> Sheet:
    """Return each place on each day against its limit.

    Args:
        result: of kind ``patrol_days``, with the frame `DAY_PLACES`.
        language: ``zh`` or ``en``.
    """
    heads = (
        Text("Day no."), Text("Place"), Text("Visits"), Text("Longest gap (min)"), Text("Limit (min)"), Text("Share of the limit"),
        Text("Too late"),
    )  # fmt: skip
    rows = [
        [
            int(one["day"]), one["name"], int(one["visits"]), _minutes(one["worst_gap_s"]), _minutes(one["max_gap_s"]),
            _share(one["worst_gap_s"], one["max_gap_s"]),
            say("yes" if one["worst_gap_s"] > one["max_gap_s"] + _LATE_S else "no", language),
        ]
        for one in result.frame(DAY_PLACES).sort_values(["day", "name"], kind="stable").to_dict("records")
    ]  # fmt: skip
    return say("Places", language), heads_in(language, *heads), rows


def windows_sheet(result: StoredResult, language: str) -> Sheet:
    """Return the burglar's best window of each place, with the one plan every day and over the varied days; the longest first.

    Args:
        result: of kind ``patrol_days``.
        language: ``zh`` or ``en``.
    """
    heads = (
        Text("Place"), Text("Before: from"), Text("Before: to"), Text("Before (min)"), Text("After: from"), Text("After: to"),
        Text("After (min)"), Text("Free on a day not watched"), Text("Back at the soonest (min)"), Text("Visits"),
    )  # fmt: skip
    table = result.frame("places")
    table = table[table["window_s"].notna()].sort_values(["window_s", "name"], ascending=[False, True])
    rows = [
        [
            one["name"],
            *_span(one["before_window_start_s"], one["before_window_s"]),
            *_span(one["window_start_s"], one["window_s"]),
            None if plain(one["window_chance"]) is None else round(float(one["window_chance"]), 4),
            _minutes(one["after_visit_s"]),
            int(one["visits"]),
        ]
        for one in table.drop(columns="geometry", errors="ignore").to_dict("records")
    ]
    return say("Best windows", language), heads_in(language, *heads), rows


def _span(start: Any, length: Any) -> list[Any]:
    """Return from when to when in clock times, and the minutes between."""
    if plain(start) is None or plain(length) is None:
        return [None, None, None]
    end = float(start) + float(length)
    return [time_of_day(float(start)), time_of_day(end if end == DAY_S else end % DAY_S), _minutes(length)]


def _minutes(seconds: Any) -> float | None:
    return None if plain(seconds) is None else round(float(seconds) / 60, 1)


def _share(gap: Any, limit: Any) -> float | None:
    return None if plain(gap) is None or plain(limit) is None else round(float(gap) / float(limit), 4)
