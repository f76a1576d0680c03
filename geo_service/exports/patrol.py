"""A patrol plan, or varied days, as a workbook: visits, units, places against their limits, breaches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd

from geo_service.day_times import time_of_day
from geo_service.exports.cells import about_sheet, heads_in, plain, workbook
from geo_service.exports.days import DAY_PLACES, places_by_day, windows_sheet
from geo_service.i18n import say
from geo_service.stop_words import stop_words
from geo_service.store import StoredResult
from town_model import DAY_S, Text, layer

_KINDS = {
    "gap": Text("left alone too long"),
    "visits": Text("too few visits"),
    "post": Text("post not manned"),
}
# half a second, as the pages judge it
_LATE_S = 0.5


def plan_workbook(result: StoredResult, language: str = "zh", *, day: dt.date | None = None) -> bytes:
    """Return a plan as an XLSX. Police routes are in it: the caller checks who may have it.

    Args:
        result: a result of kind ``patrol``, ``patrol_days`` (each row then says its day), or one of those days.
        language: ``zh`` or ``en``.
        day: the day for which it holds, where it is one.
    """
    unit = layer("patrol_units")

    def choice(column: str, value: Any) -> str:
        return unit.column(column).choice_title(str(value), language)

    sheets = [
        _sheet(
            result, "visits", Text("Visits"), language,
            (Text("Unit"), Text("Mode"), Text("Place"), Text("Arrive"), Text("Leave"), Text("Minutes")),
            lambda row: [
                row["unit_name"], choice("mode", row["mode"]), _said(stop_words(row), language), _clock(row["arrive_s"]), _clock(row["depart_s"]),
                _minutes(row["depart_s"] - row["arrive_s"]),
            ],
            by=["unit_name", "arrive_s"],
        ),
        _sheet(
            result, "units", Text("Patrol units"), language,
            (Text("Unit"), Text("Mode"), Text("Force"), Text("Base"), Text("From"), Text("To"), Text("Visits"), Text("On the way (min)"), Text("Length (km)")),
            lambda row: [
                row["unit_name"], choice("mode", row["mode"]), choice("kind", row["kind"]), plain(row["base_name"]),
                time_of_day(row["start_s"]), time_of_day(row["end_s"]), int(row["visits"]), _minutes(row["drive_s"]), round(row["length_m"] / 1000, 2),
            ],
            by=["unit_name", "start_s"],
        ),
        _sheet(
            result, "places", Text("Places"), language,
            (Text("Place"), Text("Visits"), Text("Longest gap (min)"), Text("Limit (min)"), Text("Share of the limit"), Text("Too late")),
            lambda row: [
                row["name"], int(row["visits"]), _minutes(row["worst_gap_s"]), _minutes(row["max_gap_s"]), _share(row["worst_gap_s"], row["max_gap_s"]),
                say("yes" if row["worst_gap_s"] > row["max_gap_s"] + _LATE_S else "no", language),
            ],
            by=["name"],
        ),
        _sheet(
            result, "breaches", Text("Breaches"), language,
            (Text("Place"), Text("Kind"), Text("From"), Text("To"), Text("Gap (min)"), Text("Limit (min)")),
            lambda row: [
                row["place_name"], _said(_KINDS.get(str(row.get("kind")), _KINDS["gap"]), language), _clock(row["start_s"]), _clock(row["end_s"]),
                _minutes(row["gap_s"]), _minutes(row["max_gap_s"]) or None,
            ],
            by=["place_name", "start_s"],
        ),
    ]  # fmt: skip
    if "posts" in result.frame_names and len(result.frame("posts")):
        sheets.append(
            _sheet(
                result, "posts", Text("Standing posts and times without visits"), language,
                (Text("Place"), Text("Kind"), Text("From"), Text("To"), Text("Who stands there"), Text("Nobody for (min)"), Text("By which rule")),
                lambda row: [
                    row["name"], layer("patrol_rules").column("demand").choice_title(str(row["kind"]), language), _clock(row["start_s"]), _clock(row["end_s"]),
                    ("、" if language == "zh" else ", ").join(row["units"]), _minutes(row["alone_s"]) if row["kind"] == "post" else None, row["rule_name"],
                ],
                by=["name", "start_s"],
            )
        )  # fmt: skip
    if DAY_PLACES in result.frame_names and "day" in result.frame(DAY_PLACES):
        sheets[2:3] = [places_by_day(result, language), windows_sheet(result, language)]
    more = [(say("Day", language), day.isoformat())] if day else []
    return workbook([*sheets, about_sheet(result, language, *more)])


def _sheet(
    result: StoredResult, name: str, title: Text, language: str, heads: tuple[Text, ...],
    cells: Callable[[dict[Any, Any]], list[Any]], *, by: list[str],
) -> tuple[str, list[str], list[list[Any]]]:  # fmt: skip
    """Return a sheet of a frame; where the frame holds several days, the day stands in front."""
    frame: pd.DataFrame = result.frame(name)
    daily = "day" in frame.columns
    listed = (
        frame.sort_values(["day", *by] if daily else by, kind="stable").to_dict("records")
        if len(frame)
        else []
    )
    rows = [[*([int(one["day"])] if daily else []), *cells(one)] for one in listed]
    return say(title, language), heads_in(language, *([Text("Day no.")] if daily else []), *heads), rows


def _said(words: Text | str, language: str) -> str:
    return words if isinstance(words, str) else say(words, language)


def _clock(seconds: float) -> str:
    # past midnight the clock of the day says it, as on the sheets
    return time_of_day(seconds if seconds == DAY_S else seconds % DAY_S)


def _minutes(seconds: Any) -> float | None:
    return None if plain(seconds) is None else round(float(seconds) / 60, 1)


def _share(gap: Any, limit: Any) -> float | None:
    return None if plain(gap) is None or not limit or plain(limit) is None else round(float(gap) / float(limit), 4)  # fmt: skip
