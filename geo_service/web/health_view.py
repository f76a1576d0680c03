"""What the page on camera health shows: shares over time as a drawing, and what repairs gain."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo_service.analysis.rows import each
from geo_service.store import StoredResult
from geo_service.web import formats
from geo_service.words import CAMERA_STATES
from town_model import Text

WIDTH, HEIGHT = 980, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 26, 14, 30
SHOWN_DAYS = 31


@dataclass(frozen=True)
class Chart:
    """Shares online and in order by day, as places in a drawing of `WIDTH` × `HEIGHT`.

    Args:
        lines: for each share, its class and the polylines of days that follow each other.
        dots: class, x, y and words of each day.
        grid: y and words of each line of the grid.
        goal: y of the goal.
        days: x and words below.
        right: where the grid ends. left: where it begins.
    """

    lines: tuple[tuple[str, tuple[str, ...]], ...]
    dots: tuple[tuple[str, float, float, str], ...]
    grid: tuple[tuple[float, str], ...]
    goal: float
    days: tuple[tuple[float, str], ...]
    left: float = _LEFT
    right: float = WIDTH - _RIGHT


def chart(result: StoredResult) -> Chart | None:
    """Return the drawing of the shares over time; None where no day has records."""
    days = result.frame("days").sort_values("day")
    if days.empty:
        return None
    first, last = (dt.date.fromisoformat(result.summary[name]) for name in ("first_day", "last_day"))
    span = max((last - first).days, 1)
    goal = float(result.summary["goal"])
    least = min(float(days[["share_online", "share_in_order"]].min().min()), goal)
    low = max(0.0, math.floor(least * 10 - 0.25) / 10)
    wide, high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(day: dt.date) -> float:
        return round(_LEFT + wide * (day - first).days / span, 1)

    def y(share: float) -> float:
        return round(_TOP + high * (1 - (share - low) / (1 - low)), 1)

    lines, dots = [], []
    for name, column in (("online", "share_online"), ("order", "share_in_order")):
        runs: list[list[str]] = []
        before = None
        for one in each(days):
            day = dt.date.fromisoformat(str(one.day))
            share = float(getattr(one, column))
            if before is None or (day - before).days > 1:
                runs.append([])
            runs[-1].append(f"{x(day)},{y(share)}")
            dots.append((name, x(day), y(share), f"{day:%Y-%m-%d} {formats.share(share)}"))
            before = day
        lines.append((name, tuple(" ".join(run) for run in runs if len(run) > 1)))
    step = 0.05 if 1 - low <= 0.25 else 0.1 if 1 - low <= 0.5 else 0.2
    marks = [low + i * step for i in range(int(round((1 - low) / step, 6)) + 1)]
    count = min(span, 6)
    shown = [first + dt.timedelta(round(span * i / count)) for i in range(count + 1)]
    return Chart(
        tuple(lines),
        tuple(dots),
        tuple((y(one), f"{100 * one:.0f}%") for one in marks),
        y(goal),
        tuple((x(one), f"{one:%m-%d}") for one in shown),
    )


def repairs(result: StoredResult, unit: str) -> list[dict[str, Any]]:
    """Return the repair list, what costs most first, of one maintaining unit or of all.

    Args:
        result: a stored result of kind ``health``.
        unit: name of the unit; empty for all.
    """
    frame = result.frame("repairs")
    rows = []
    for number, one in enumerate(each(frame), start=1):
        if unit and one.maintained_by != unit:
            continue
        rows.append(
            {
                "number": number,
                "camera": int(one.camera),
                "name": one.camera_name or f"#{one.camera}",
                "state": CAMERA_STATES[one.state],
                "since": one.out_since or formats.DASH,
                "unit": one.maintained_by or Text("not entered"),
                "area": formats.area(one.gained_area_m2),
                "length": formats.length(one.gained_length_m),
                "worst": one.first_target
                or (Text("a place without a name") if one.targets_gained else formats.DASH),
                "share": formats.share(
                    None if pd.isna(one.best_share) or not one.targets_gained else one.best_share
                ),
            }
        )
    return rows


def units(result: StoredResult) -> list[dict[str, Any]]:
    """Return the maintaining units, the worst first."""
    return [
        {
            "name": one.maintained_by or Text("not entered"),
            "key": one.maintained_by,
            "cameras": str(one.cameras),
            "out": str(one.out_of_order),
            "online": formats.share(one.share_online),
            "order": formats.share(one.share_in_order),
        }
        for one in each(result.frame("units"))
    ]


def days(result: StoredResult) -> list[tuple[str, str, str, str]]:
    """Return the newest days: day, cameras with records, shares online and in order."""
    return [
        (str(one.day), str(one.cameras), formats.share(one.share_online), formats.share(one.share_in_order))
        for one in each(result.frame("days").head(SHOWN_DAYS))
    ]
