"""Dates as people write them: ``2024年5月3日``, ``2024/5/3``, ``20240503``, serial numbers of a sheet."""

from __future__ import annotations

import datetime as dt
import re

from geo_service.imports.faults import CellError
from town_model import Text

_SERIAL_START = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - sheets know no time zone; the 1900 leap year bug included
_YMD = re.compile(r"(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*[日号]?(.*)")
_YM = re.compile(r"(\d{4})\s*[年./\-]\s*(\d{1,2})\s*月?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"\s*T?\s*(上午|下午|晚上|am|pm)?\s*(\d{1,2})[:时点](\d{1,2})?分?(?::?(\d{1,2})(?:\.\d+)?秒?)?\s*(am|pm)?(?:Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)


def _error(value: object) -> CellError:
    return CellError(
        Text.of("“{value}” is no date", value=str(value)),
        Text.of("write year, month and day such as 2024-05-03"),
    )


def from_serial(number: float) -> dt.datetime:
    """Return the time of a sheet's serial number (system of 1900)."""
    return _SERIAL_START + dt.timedelta(seconds=round(number * 86_400))


def parse_moment(cell: object) -> tuple[dt.datetime, str]:
    """Return the time of a cell, and how exact it was: ``time``, ``day`` or ``month``.

    Args:
        cell: a folded text, a number, a date or a time.

    Raises:
        CellError: it is no date, or none that exists.
    """
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None), "time" if cell.time() != dt.time() else "day"
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day), "day"  # noqa: DTZ001 - as above
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    try:
        if found := _PACKED.fullmatch(text):
            return dt.datetime(int(found[1]), int(found[2]), int(found[3])), "day"  # noqa: DTZ001 - as above
        if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and 20_000 <= float(text) <= 80_000:
            moment = from_serial(float(text))
            return moment, "time" if moment.time() != dt.time() else "day"
        if found := _YM.fullmatch(text):
            return dt.datetime(int(found[1]), int(found[2]), 1), "month"  # noqa: DTZ001 - as above
        if found := _YMD.fullmatch(text):
            day = dt.datetime(int(found[1]), int(found[2]), int(found[3]))  # noqa: DTZ001 - as above
            if not found[4].strip():
                return day, "day"
            if clock := _TIME.fullmatch(found[4]):
                hour = int(clock[2])
                if (clock[1] or clock[5] or "").lower() in {"下午", "晚上", "pm"} and hour < 12:
                    hour += 12
                return day.replace(hour=hour, minute=int(clock[3] or 0), second=int(clock[4] or 0)), "time"
    except (ValueError, OverflowError):
        raise _error(cell) from None
    raise _error(cell)
