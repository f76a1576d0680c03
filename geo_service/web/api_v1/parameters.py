"""The parameters of queries: box, page, time, and the values of columns."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from geo_service.store.validation import Faults, check_values
from geo_service.web.api_v1.operations import Parameter
from geo_service.web.layer_forms import parse
from town_model import Column, InputError, Layer, Text

MOST_ROWS = 10_000
USUAL_ROWS = 100
_WHOLE = re.compile(r"\d{1,18}")
_YES_NO = {"true": True, "false": False}


def read_whole(name: str, words: str, *, least: int) -> int:
    """Return a whole number of a query.

    Raises:
        InputError: it is none, or smaller than allowed.
    """
    number = int(words) if words.isascii() and _WHOLE.fullmatch(words) else -1
    if number < least:
        raise InputError(
            "{parameter} must be a whole number from {least}, not {value!r}",
            parameter=name,
            least=least,
            value=words,
        )
    return number


def read_limit(words: str) -> int:
    """Return how many rows are asked for; more than the service gives at once are cut, as the standard says."""
    return min(read_whole("limit", words, least=1), MOST_ROWS)


def read_offset(words: str) -> int:
    """Return how many rows are passed over."""
    return read_whole("offset", words, least=0)


def read_box(words: str) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of a box in degrees; heights of a box of six numbers are left out.

    West greater than east is a box across the date line.

    Raises:
        InputError: it is no box.
    """
    try:
        numbers = [float(one) for one in words.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    sound = len(numbers) == 4 and all(math.isfinite(one) for one in numbers)
    if not sound or numbers[1] > numbers[3] or (numbers[0] > numbers[2] and not _on_globe(numbers)):
        raise InputError("bbox must be west,south,east,north in degrees, not {value!r}", value=words)
    return (numbers[0], numbers[1], numbers[2], numbers[3])


def _on_globe(numbers: list[float]) -> bool:
    return all(-180 <= one <= 180 for one in (numbers[0], numbers[2]))


def read_span(words: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return begin and end of a time or span of time in the local time of the station; None for an open end.

    Raises:
        InputError: it is no time after RFC 3339, or begins after its end.
    """
    parts = words.split("/")
    if len(parts) > 2 or (len(parts) == 1 and parts[0] in ("", "..")):
        raise _no_time(words)
    begin = None if parts[0] in ("", "..") else _moment(parts[0], words, end=False)
    end = None if parts[-1] in ("", "..") else _moment(parts[-1], words, end=True)
    if begin is not None and end is not None and begin > end:
        raise _no_time(words)
    return begin, end


def _moment(one: str, words: str, *, end: bool) -> dt.datetime:
    try:
        # a + that was not escaped in the address arrives as a blank
        moment = dt.datetime.fromisoformat(one.replace(" ", "+") if one.count(":") > 2 else one)
        if len(one) == 10 and end:
            moment = dt.datetime.combine(moment.date(), dt.time.max)
        return moment if moment.tzinfo is None else moment.astimezone().replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        raise _no_time(words) from None


def _no_time(words: str) -> InputError:
    return InputError(
        "datetime must be a time or span such as 2026-05-04T08:00:00Z/.., not {value!r}", value=words
    )


BBOX = Parameter(
    "bbox",
    Text("Only rows whose geometry meets this box: west, south, east, north in degrees (WGS-84)."),
    {
        "type": "array",
        "items": {"type": "number"},
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    },
    read_box,
    example=[118.7, 32.0, 118.9, 32.1],
)
LIMIT = Parameter(
    "limit",
    Text("How many rows at most; more than 10,000 are cut to that."),
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS},
    read_limit,
    example=USUAL_ROWS,
)
OFFSET = Parameter(
    "offset",
    Text("How many rows to pass over; the link “next” carries it."),
    {"type": "integer", "minimum": 0, "default": 0},
    read_offset,
    example=0,
)
DATETIME = Parameter(
    "datetime",
    Text("Only rows of this time or span, after RFC 3339; layers without times give all rows."),
    {"type": "string"},
    read_span,
    example="2026-05-01T00:00:00Z/..",
)


def column_value(declared: Layer, column: Column, words: str) -> Any:
    """Return the value that a query asks of a column; an empty one asks for rows without a value.

    Raises:
        InputError: no row can have that value.
    """
    if words == "":
        return None
    faults = Faults(declared, single=True)
    given = _YES_NO.get(words.lower(), words) if column.kind == "boolean" else parse(column, words)
    if isinstance(given, float) and column.kind in ("integer", "ref") and given.is_integer():
        given = int(given)
    value = check_values(column, [given], faults)[0]
    faults.raise_any()
    return value
