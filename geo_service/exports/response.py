"""Response times of a stored result as a file."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd

from geo_service.day_times import time_of_day
from geo_service.exports.cells import about_sheet, plain, workbook
from geo_service.i18n import say
from geo_service.response_limits import LIMITS
from geo_service.store import StoredResult
from town_model import LAYERS, Text, layer
from town_model.crs import WGS84


def response_workbook(result: StoredResult, language: str = "zh") -> bytes:
    """Return response times as an XLSX: places, hours, spots for one more post, lengths of road, and where they come from.

    Args:
        result: a stored result of kind ``response``.
        language: ``zh`` or ``en``.
    """
    minutes = [f"{one / 60:g}" for one in result.summary["limits_s"]]
    within = [Text.of("Share within {limit} min", limit=one) for one in minutes]
    shares = [f"share_{i}" for i in range(1, LIMITS + 1)]
    priority = layer("key_areas").column("priority")
    places = [
        [
            plain(row["name"]) or row["place"],
            LAYERS[row["kind"]].title(language) if row["kind"] in LAYERS else row["kind"],
            priority.choice_title(str(row["priority"]), language),
            _seconds(row["mean_s"]),
            _seconds(row["worst_s"]),
            time_of_day(row["worst_at_s"]),
            *(round(float(row[one]), 4) for one in shares),
            round(float(row["reached_share"]), 4),
        ]
        for row in result.frame("places").drop(columns="geometry").to_dict("records")
    ]
    hours = [
        [row["hour"], row["responders"], *(round(float(row[one]), 4) for one in shares), _seconds(row["longest_s"])]
        for row in result.frame("hours").to_dict("records")
    ]  # fmt: skip
    roads = [
        [time_of_day(row["at_s"]), _limit(row["limit_s"], language), round(float(row["length_m"]), 1)]
        for row in result.frame("roads").drop(columns="geometry").to_dict("records")
    ]
    heads: dict[str, list[Text]] = {
        "places": [
            Text("Name"), Text("Kind of place"), Text("Priority"), Text("Mean (s)"), Text("Slowest (s)"),
            Text("Slowest at"), *within, Text("Share of the day in which somebody comes"),
        ],
        "hours": [Text("Hour"), Text("On duty at least"), *within, Text("Slowest (s)")],
        "posts": [
            Text("Rank"), Text("Road"), Text("Longitude"), Text("Latitude"),
            Text.of("More places within {limit} min", limit=minutes[LIMITS // 2]), Text("Saved in all (s)"), Text("Slowest with it (s)"),
        ],
        "roads": [Text("Time of day"), Text("Within (min)"), Text("Length of roads (m)")],
    }  # fmt: skip
    said = {name: [say(one, language) for one in some] for name, some in heads.items()}
    summary = result.summary
    about = about_sheet(
        result,
        language,
        (say("Limits (min)", language), ", ".join(minutes)),
        (say("Cars at police stations", language), summary["stations"]),
        (say("Patrol shifts", language), summary["shifts"]),
        (say("Patrol plan", language), summary["plan"] or say("none", language)),
    )
    return workbook(
        [
            (say("Response times", language), said["places"], places),
            (say("By hour", language), said["hours"], hours),
            (say("Spots for one more post", language), said["posts"], _posts(result)),
            (say("Roads", language), said["roads"], roads),
            about,
        ]
    )


def _posts(result: StoredResult) -> list[list[Any]]:
    frame = result.frame("posts")
    if not len(frame):
        return []
    spots = gpd.GeoSeries(frame.geometry, crs=frame.crs).to_crs(WGS84)
    rows = frame.drop(columns="geometry").to_dict("records")
    return [
        [row["rank"], row["road"], round(spot.x, 6), round(spot.y, 6), row["places"], _seconds(row["saved_s"]), _seconds(row["longest_s"])]
        for row, spot in zip(rows, spots, strict=True)
    ]  # fmt: skip


def _seconds(value: float) -> float | None:
    """Return seconds, nothing where nobody comes."""
    return round(float(value), 1) if math.isfinite(value) else None


def _limit(seconds: float, language: str) -> str:
    return f"{seconds / 60:g}" if math.isfinite(seconds) else say("later or never", language)
