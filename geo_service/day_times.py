"""The day and the time of day as the station reads them."""

from __future__ import annotations

import datetime as dt
import math


def time_of_day(seconds: float | None, *, nearest: bool = False) -> str:
    """Return seconds since midnight as ``HH:MM``; hours run on after 24, and a dash stands for no time.

    Args:
        seconds: seconds since midnight; None or NaN where there is none.
        nearest: to the nearest minute, for times that come out of a computation a hair before the full minute;
            rounded down otherwise, so that nobody is told a later time than the true one.

    >>> time_of_day(29_159), time_of_day(29_159, nearest=True), time_of_day(88_200), time_of_day(None)
    ('08:05', '08:06', '24:30', '–')
    """
    if seconds is None or math.isnan(seconds):
        return "–"
    minutes = round(seconds / 60) if nearest else int(seconds // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def local_day() -> dt.date:
    """Return the date of today in the time zone of this machine."""
    return dt.datetime.now(tz=dt.UTC).astimezone().date()
