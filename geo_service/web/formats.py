"""How figures, times and dates are written on a page, in either language."""

from __future__ import annotations

import math
from datetime import datetime

from geo_service.day_times import time_of_day
from town_model import Text

DASH = "—"


def is_missing(value: object) -> bool:
    """Return whether a cell of a frame holds nothing: None, NaN or an empty string."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value)) or value != value  # noqa: PLR0124


def clock(seconds: float | None) -> str:
    """Return seconds since midnight as ``HH:MM``, rounded down; past midnight the hours run on to 24:00 and then anew.

    >>> clock(29_100), clock(86_400), clock(90_000)
    ('08:05', '24:00', '01:00')
    """
    if seconds is None or is_missing(seconds) or math.isinf(seconds):
        return DASH
    # within the minute of 24:00 it is still 24:00
    return time_of_day(seconds if seconds < 86_460 else seconds % 86_400)


def minutes(seconds: float | None) -> Text | str:
    """Return a span of seconds as minutes, or as hours and minutes from two hours on."""
    if seconds is None or is_missing(seconds) or math.isinf(seconds):
        return DASH
    whole = round(seconds / 60)
    if whole < 120:
        return Text.of("{n} min", n=whole)
    if whole % 60 == 0:
        return Text.of("{n} h", n=whole // 60)
    return Text.of("{h} h {n} min", h=whole // 60, n=whole % 60)


def share(value: float | None) -> str:
    """Return a share of 0–1 as a percentage; never rounded up to 100 % nor down to 0 %.

    >>> share(0.9996), share(1.0), share(0.524), share(0.0004)
    ('99.9%', '100%', '52.4%', '0.1%')
    """
    if value is None or is_missing(value):
        return DASH
    percent = value * 100
    if percent <= 0 or percent >= 100:
        return f"{percent:.0f}%"
    return f"{min(max(percent, 0.1), 99.9):.1f}%"


def area(square_metres: float | None) -> Text | str:
    """Return an area in square metres, and in square kilometres from one on."""
    if square_metres is None or is_missing(square_metres):
        return DASH
    if square_metres >= 1e6:
        return Text.of("{n} km²", n=f"{square_metres / 1e6:,.2f}")
    return Text.of("{n} m²", n=_whole(square_metres))


def length(metres: float | None) -> Text | str:
    """Return a length in metres, and in kilometres from ten kilometres on."""
    if metres is None or is_missing(metres) or math.isinf(metres):
        return DASH
    if metres >= 10_000:
        return Text.of("{n} km", n=f"{metres / 1000:,.1f}")
    return Text.of("{n} m", n=_whole(metres))


def moment(value: datetime | str | None) -> str:
    """Return a moment as ``2026-05-04 08:05`` in the server's time zone; text in ISO format is read as one."""
    if value is None or value == "":
        return DASH
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    if when.tzinfo is not None:
        when = when.astimezone()
    return when.strftime("%Y-%m-%d %H:%M")


def _whole(value: float) -> str:
    return f"{value:,.1f}" if 0 < value < 9.95 else f"{round(value):,}"
