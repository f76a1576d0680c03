"""Response times as their page shows them: headline figures, each hour, places, spots, and what the map draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo_service.response_limits import LIMITS
from geo_service.store import StoredResult
from geo_service.web import formats
from town_model import LAYERS, Text, layer
from town_model.crs import WGS84

#: A line on a screen needs no more.
_SIMPLIFY_M = 1.0
_DIGITS = 6
_CHART_HEIGHT = 100.0


@dataclass(frozen=True)
class Reach:
    """What is reached within a limit: minutes, share of all places and of those of first priority, mean over the day."""

    minutes: str
    share: str
    first: str


@dataclass(frozen=True)
class Bar:
    """A piece of a column of the chart: which limit (1 to 3), where it begins from the top, and how high it is, in per cent."""

    band: int
    top: float
    height: float


@dataclass(frozen=True)
class Hour:
    """An hour: its number, how many are on duty at least, shares within each limit, the longest time, and its column."""

    hour: int
    responders: int
    shares: tuple[str, ...]
    longest: Text | str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Place:
    """A place: where it stands and its times; `note` says when nobody comes."""

    layer: str
    number: str
    name: str
    kind: str
    mean: Text | str
    worst: Text | str
    when: str
    share: str
    note: Text | None


@dataclass(frozen=True)
class Post:
    """A spot for one more post: where it is, and what it would bring."""

    rank: int
    road: str
    lon: float
    lat: float
    places: int
    saved: Text | str


@dataclass(frozen=True)
class Response:
    """Everything on the page of response times.

    Args:
        limits: the limits as text, such as ``1,3,5``. minutes: each of them. stations: whether police stations were counted.
        who: who answers, in words. notes: what is to be said of the plan. reach: what is reached within each limit.
        longest, longest_at, longest_name: the longest time, when and where; a dash for none.
        unreachable: places that nobody ever reaches. hours: the day. places: the slowest first. posts: the best first.
        moments: seconds of the day for which there is a map.
    """

    limits: str
    minutes: tuple[str, ...]
    stations: bool
    who: Text
    notes: tuple[Text, ...]
    reach: tuple[Reach, ...]
    longest: Text | str
    longest_at: str
    longest_name: str
    unreachable: int
    hours: tuple[Hour, ...]
    places: tuple[Place, ...]
    posts: tuple[Post, ...]
    moments: tuple[tuple[int, str], ...]


def response(result: StoredResult, language: str, *, latest_plan: int | None) -> Response:
    """Return what the page shows of a stored result.

    Args:
        result: of kind ``response``.
        language: ``zh`` or ``en``, for the titles of layers.
        latest_plan: number of the latest patrol plan; None for none.
    """
    summary = result.summary
    minutes = tuple(f"{one / 60:g}" for one in summary["limits_s"])
    first = summary["shares_priority_1"] or [None] * LIMITS
    return Response(
        limits=",".join(minutes),
        minutes=minutes,
        stations=bool(result.options["stations"]),
        who=Text.of(
            "cars ready at police stations: {stations}, patrol shifts: {shifts}",
            stations=summary["stations"],
            shifts=summary["shifts"],
        ),
        notes=tuple(_notes(summary, latest_plan)),
        reach=tuple(
            Reach(limit, formats.share(share), formats.share(of_first))
            for limit, share, of_first in zip(minutes, summary["shares"], first, strict=True)
        ),
        longest=span(summary["longest_s"]),
        longest_at=formats.clock(summary["longest_at_s"]),
        longest_name=summary["longest_name"] or summary["longest_place"] or formats.DASH,
        unreachable=int(summary["unreachable_places"]),
        hours=tuple(_hour(one) for one in result.frame("hours").to_dict("records")),
        places=tuple(
            _place(one, language)
            for one in result.frame("places").drop(columns="geometry").to_dict("records")
        ),
        posts=_posts(result, int(summary["places"])),
        moments=tuple(
            (int(one), formats.clock(one)) for one in sorted(result.frame("roads")["at_s"].unique().tolist())
        ),
    )


def span(seconds: float | None) -> Text | str:
    """Return a response time in minutes and seconds."""
    if seconds is None or formats.is_missing(seconds) or math.isinf(seconds):
        return formats.DASH
    whole = round(seconds)
    if whole < 60:
        return Text.of("{n} s", n=whole)
    if whole % 60 == 0:
        return Text.of("{n} min", n=whole // 60)
    return Text.of("{m} min {s} s", m=whole // 60, s=whole % 60)


def roads_at(result: StoredResult, at_s: int) -> list[list[list[float]]] | None:
    """Return the roads in reach at a moment.

    Args:
        result: of kind ``response``.
        at_s: seconds of the day.

    Returns:
        For each limit, and for what is beyond the last, lines as lists of longitude, latitude, …; None where there is no
        map of this moment.
    """
    frame = result.frame("roads")
    rows = frame[frame["at_s"] == at_s].sort_values("limit_s")
    if rows.empty:
        return None
    drawn = gpd.GeoSeries(rows.geometry.simplify(_SIMPLIFY_M), crs=frame.crs).to_crs(WGS84)
    return [
        [
            np.round(shapely.get_coordinates(line), _DIGITS).ravel().tolist()
            for line in shapely.get_parts(one)
            if not line.is_empty
        ]
        for one in drawn
    ]


def _notes(summary: dict[str, Any], latest_plan: int | None) -> list[Text]:
    counted = summary["plan"]
    if counted is None and latest_plan is None:
        return [Text("There is no patrol plan yet: only police stations count.")]
    if counted != latest_plan:
        return [Text("A newer patrol plan was made since: compute again to count it.")]
    if summary["plan_is_stale"]:
        return [
            Text(
                "The data have changed since the patrol plan was made: patrols are where that plan has them."
            )
        ]
    return []


def _hour(row: dict[Any, Any]) -> Hour:
    shares = [float(row[f"share_{i}"]) for i in range(1, LIMITS + 1)]
    bars, below = [], 0.0
    for band, share in enumerate(shares, 1):
        top = round(_CHART_HEIGHT * (1 - share), 2)
        bars.append(Bar(band, top, round(_CHART_HEIGHT * (share - below), 2)))
        below = share
    return Hour(
        int(row["hour"]),
        int(row["responders"]),
        tuple(formats.share(one) for one in shares),
        span(row["longest_s"]),
        tuple(one for one in bars if one.height > 0),
    )


def _place(row: dict[Any, Any], language: str) -> Place:
    kind, _, number = str(row["place"]).rpartition("/")
    reached = float(row["reached_share"])
    note = None
    if reached == 0:
        note = Text("nobody comes there by road")
    elif math.isinf(row["worst_s"]):
        note = Text.of("nobody comes for {share} of the day", share=formats.share(1 - reached))
    priority = layer("key_areas").column("priority").choice_title(str(row["priority"]), language)
    return Place(
        layer=kind,
        number=number,
        name=str(row["place"]) if formats.is_missing(row["name"]) else str(row["name"]),
        kind=f"{LAYERS[kind].title(language) if kind in LAYERS else kind} · {priority}",
        mean=span(row["mean_s"]),
        worst=span(row["worst_s"]),
        when=formats.clock(row["worst_at_s"]) if note is None else "",
        share=formats.share(row[f"share_{LIMITS // 2 + 1}"]),
        note=note,
    )


def _posts(result: StoredResult, places: int) -> tuple[Post, ...]:
    frame = result.frame("posts")
    if not len(frame):
        return ()
    spots = gpd.GeoSeries(frame.geometry, crs=frame.crs).to_crs(WGS84)
    return tuple(
        Post(
            int(one["rank"]),
            str(one["road"] or ""),
            round(spot.x, _DIGITS),
            round(spot.y, _DIGITS),
            int(one["places"]),
            span(one["saved_s"] / max(places, 1)),
        )
        for one, spot in zip(frame.drop(columns="geometry").to_dict("records"), spots, strict=True)
    )
