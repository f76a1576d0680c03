"""The clock as its page shows it: a strip of 24 hours for each place, the sums of the town, and what the map draws."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely

from geo_service.duty.choice import day_words, planned_for
from geo_service.publications import plan_words
from geo_service.store import Store, StoredResult
from geo_service.watch_clock.clock import STATES
from geo_service.web import formats
from geo_service.words import CLOCK_STATES
from town_model import LAYERS, Text
from town_model.crs import WGS84

_MOST_SPANS = 40


@dataclass(frozen=True)
class Bar:
    """A stretch of a strip: minutes from midnight, and its state."""

    state: str
    start: float
    minutes: float


@dataclass(frozen=True)
class Row:
    """A place: where it stands, its strip and its sums.

    Args:
        layer: its layer. number: its row. name: its name. kind: title of the layer. unwatched: minutes a day; also as a number
            in `unwatched_min`. longest: its longest stretch unwatched. bars: its strip. free: when it is unwatched, in words.
    """

    layer: str
    number: str
    name: str
    kind: str
    unwatched: Text | str
    unwatched_min: float
    longest: Text | str
    bars: tuple[Bar, ...]
    free: str


@dataclass(frozen=True)
class Sum:
    """What the town has of a state: hours a day over all places, and the share of all hours."""

    state: str
    words: Text
    hours: str
    share: str


@dataclass(frozen=True)
class Clock:
    """Everything on the page of the clock.

    Args:
        date: the day, ISO. share: how much of a place must be seen, in per cent. sunrise, sunset: ``HH:MM``; a dash for none.
        sums: the three states. open_hours: hours of all places. kept: places that are never unwatched. rows: the places, the most unwatched first.
        plan: what is to be said where another plan counts by now; None where it is the same.
        counted: which plan was counted, in words.
        day: by the intervals of which day it was read; None where places have their own alone.
    """

    date: str
    share: int
    sunrise: str
    sunset: str
    sums: tuple[Sum, ...]
    open_hours: str
    kept: int
    rows: tuple[Row, ...]
    plan: Text | None
    counted: Text
    day: Text | None


def clock(result: StoredResult, language: str, *, plan_now: int | None) -> Clock:
    """Return the clock of a stored result.

    Args:
        result: of kind ``clock``.
        language: ``zh`` or ``en``, for the titles of layers.
        plan_now: number of the plan that counts for its day by now; None for none.
    """
    summary = result.summary
    bars: dict[str, list[Bar]] = {}
    for place, start, end, state in result.frame("strips")[["place", "start_s", "end_s", "state"]].itertuples(
        index=False, name=None
    ):
        bars.setdefault(place, []).append(Bar(state, round(start / 60, 1), round((end - start) / 60, 1)))
    places = result.frame("places")
    columns = ["place", "name", "kind", "unwatched_min", "longest_unwatched_min"]
    rows = []
    for place, name, kind, unwatched, longest in places[columns].itertuples(index=False, name=None):
        strip = tuple(bars.get(place, ()))
        rows.append(
            Row(
                layer=str(kind),
                number=str(place).rpartition("/")[2],
                name=str(place) if formats.is_missing(name) else str(name),
                kind=LAYERS[kind].title(language) if kind in LAYERS else str(kind),
                unwatched=formats.minutes(60 * unwatched),
                unwatched_min=float(unwatched),
                longest=formats.minutes(60 * longest),
                bars=strip,
                free=free_spans(strip, language),
            )
        )
    all_min = max(float(summary["open_min"]), 1e-9)
    sums = tuple(
        Sum(
            state,
            CLOCK_STATES[state],
            f"{summary[f'{state}_min'] / 60:,.1f}",
            formats.share(summary[f"{state}_min"] / all_min),
        )
        for state in STATES
    )
    return Clock(
        date=str(result.options["date"]),
        share=round(100 * float(result.options["required_share"])),
        sunrise=_moment(summary.get("sunrise_s")),
        sunset=_moment(summary.get("sunset_s")),
        sums=sums,
        open_hours=f"{summary['open_min'] / 60:,.0f}",
        kept=int(summary["never_unwatched"]),
        rows=tuple(rows),
        plan=_plan(summary.get("plan"), plan_now),
        counted=plan_words(summary.get("plan"), is_published=bool(summary.get("plan_is_published"))),
        day=_day(summary.get("day"), language),
    )


def map_settings(store: Store, result: StoredResult) -> list[list[Any]]:
    """Return what the map draws: for each place layer, row, longitude, latitude, and its strip as minutes and numbers of states.

    Args:
        store: the town; places that were deleted since are left out.
        result: of kind ``clock``.
    """
    strips: dict[str, list[float]] = {}
    for place, start, end, state in result.frame("strips")[["place", "start_s", "end_s", "state"]].itertuples(
        index=False, name=None
    ):
        strips.setdefault(place, []).extend(
            (round(start / 60, 1), round(end / 60, 1), float(STATES.index(state)))
        )
    kinds = sorted(set(result.frame("places")["kind"]) & set(LAYERS))
    found: list[list[Any]] = []
    for kind in kinds:
        frame = store.frame(kind)
        if frame.empty:
            continue
        inside = shapely.point_on_surface(frame.geometry.to_numpy())
        points = gpd.GeoSeries(inside, index=frame.index, crs=frame.crs).to_crs(WGS84)
        for number, point in points.items():
            strip = strips.get(f"{kind}/{number}")
            if strip is not None:
                found.append([kind, int(str(number)), round(point.x, 6), round(point.y, 6), strip])
    return found


def read_date(words: str, today: dt.date) -> str | None:
    """Return a typed day as ISO, today's for none; None where it is no day."""
    try:
        return (dt.date.fromisoformat(words.strip()) if words.strip() else today).isoformat()
    except ValueError:
        return None


def _moment(seconds: float | None) -> str:
    """Return the nearest minute: the sun's moments are no better known."""
    return formats.clock(None if seconds is None else 60 * round(seconds / 60))


def _plan(counted: Any, now: int | None) -> Text | None:
    if counted is None and now is None:
        return Text("There is no patrol plan yet: only cameras count.")
    if counted != now:
        return Text("Another patrol plan counts for this day by now: read the clock again.")
    return None


def _day(options: dict[str, Any] | None, language: str) -> Text | None:
    planned = planned_for(options) if options else None
    return None if planned is None else Text.of("intervals of {day}", day=day_words(planned, language))


def free_spans(bars: tuple[Bar, ...], language: str) -> str:
    """Return when a strip is unwatched, in words."""
    free = [
        f"{formats.clock(60 * one.start)}–{formats.clock(60 * (one.start + one.minutes))}"
        for one in bars
        if one.state == "unwatched"
    ][:_MOST_SPANS]
    return ("、" if language == "zh" else ", ").join(free)
