"""The calendar of the clock: the days of the town, and the days of one place as strips of 24 hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from geo_service.duty.choice import day_title, level_title
from geo_service.publications import plan_words
from geo_service.store import StoredResult
from geo_service.watch_clock.clock import STATES
from geo_service.web import formats
from geo_service.web.clock_view import Bar, free_spans
from geo_service.words import CLOCK_STATES
from town_model import LAYERS, Text

_WEEKDAYS = (Text("Mon"), Text("Tue"), Text("Wed"), Text("Thu"), Text("Fri"), Text("Sat"), Text("Sun"))


@dataclass(frozen=True)
class Day:
    """A day of the calendar.

    Args:
        date: ISO. weekday: its day of the week. kind: day type and duty level by which it was judged; empty for places' own intervals.
        sun: sunrise and sunset. plan: which plan was counted, in words.
        bars: of a place its strip, of the town the shares of the three states. unwatched, longest: minutes. free: when it is unwatched.
        is_bad: whether anything is unwatched.
    """

    date: str
    weekday: Text
    kind: str
    sun: str
    plan: Text
    bars: tuple[Bar, ...]
    unwatched: Text | str
    longest: Text | str
    free: str
    is_bad: bool


@dataclass(frozen=True)
class PlaceCalendar:
    """The days of a place: its name, the title of its layer, where its row stands, and the days."""

    name: str
    kind: str
    layer: str
    number: int
    days: tuple[Day, ...]


def town_days(result: StoredResult, language: str) -> tuple[Day, ...]:
    """Return the days of the town; none where the calendar has but one.

    Args:
        result: of kind ``clock``.
        language: ``zh`` or ``en``.
    """
    if "calendar_days" not in result.frame_names:
        return ()
    rows = result.frame("calendar_days").to_dict("records")
    return (
        tuple(_day(row, _shares(row), row["unwatched_min"], None, language) for row in rows)
        if len(rows) > 1
        else ()
    )


def place_days(result: StoredResult, place: str, language: str) -> PlaceCalendar | None:
    """Return the days of a place; None where the calendar does not know it.

    Args:
        result: of kind ``clock``.
        place: id of the place (``key_areas/3``).
        language: ``zh`` or ``en``.
    """
    if "calendar" not in result.frame_names:
        return None
    rows = result.frame("calendar")
    mine = rows[rows["place"] == place].set_index("date")
    if mine.empty:
        return None
    strips = result.frame("calendar_strips")
    strips = strips[strips["place"] == place]
    bars: dict[Any, list[Bar]] = {}
    for date, start, end, state in strips[["date", "start_s", "end_s", "state"]].itertuples(
        index=False, name=None
    ):
        bars.setdefault(date, []).append(Bar(state, round(start / 60, 1), round((end - start) / 60, 1)))
    days = tuple(
        _day(row, tuple(bars.get(row["date"], ())), mine.loc[row["date"], "unwatched_min"], mine.loc[row["date"], "longest_unwatched_min"], language)
        for row in result.frame("calendar_days").to_dict("records")
    )  # fmt: skip
    names = result.frame("places").set_index("place")["name"]
    layer, _, number = place.partition("/")
    return PlaceCalendar(
        str(names.get(place) or place), LAYERS[layer].title(language), layer, int(number), days
    )


def _day(row: Any, bars: tuple[Bar, ...], unwatched: Any, longest: Any, language: str) -> Day:
    kind = ""
    if row["day_type"]:
        comma = "，" if language == "zh" else ", "
        kind = f"{day_title(row['day_type'], language)}{comma}{level_title(row['duty_level'], language)}"
    number = None if formats.is_missing(row["plan"]) else int(row["plan"])
    plan = plan_words(number, is_published=bool(row["is_published"]))
    return Day(
        date=str(row["date"]),
        weekday=_WEEKDAYS[dt.date.fromisoformat(row["date"]).weekday()],
        kind=kind,
        sun=f"{formats.clock(60 * round(row['sunrise_s'] / 60))}–{formats.clock(60 * round(row['sunset_s'] / 60))}",
        plan=plan,
        bars=bars,
        unwatched=formats.minutes(60 * float(unwatched)),
        longest="" if longest is None else formats.minutes(60 * float(longest)),
        free="" if longest is None else free_spans(bars, language),
        is_bad=float(unwatched) >= 1,
    )


def _shares(row: Any) -> tuple[Bar, ...]:
    """Return the shares of the three states as bars that fill the width of a day."""
    whole, at, bars = max(float(row["open_min"]), 1e-9), 0.0, []
    for state in STATES:
        width = 1440 * float(row[f"{state}_min"]) / whole
        bars.append(Bar(state, round(at, 1), round(width, 1)))
        at += width
    return tuple(one for one in bars if one.minutes > 0)


def state_words() -> dict[str, Text]:
    """Return the names of the states, for the legend."""
    return CLOCK_STATES
