"""Values of OpenStreetMap tags as numbers: metres, kilometres per hour, storeys; and names."""

from __future__ import annotations

import math
import re
import unicodedata

Tags = dict[str, str]

FOOT_M = 0.3048
INCH_M = 0.0254
MILE_KM = 1.609344
KNOT_KMH = 1.852
STOREY_M = 3.0
"""Height of one storey where only ``building:levels`` is known."""
ROOF_M = 1.0
"""Parapet or roof above the last storey where no ``roof:…`` tag says more."""
NAME_LENGTH = 120

_NUMBER = r"([+-]?\d{1,6}(?:[.,]\d{1,6})?)"
_LENGTH = re.compile(_NUMBER + r"\s*(m|metres?|meters?|米|cm|km|ft|feet|foot|')?", re.IGNORECASE)
_FEET = re.compile(r"(\d{1,4})\s*(?:'|ft)\s*(\d{1,2}(?:\.\d+)?)\s*(?:\"|in)", re.IGNORECASE)
_SPEED = re.compile(_NUMBER + r"\s*(km/h|kmh|kph|mph|knots?)?", re.IGNORECASE)
_UNITS_M = {"": 1.0, "cm": 0.01, "km": 1000.0, "ft": FOOT_M, "feet": FOOT_M, "foot": FOOT_M, "'": FOOT_M}
_UNITS_KMH = {"mph": MILE_KM, "knot": KNOT_KMH, "knots": KNOT_KMH}
NAME_KEYS = ("name:zh", "name:zh-Hans", "name")


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def length_m(value: str) -> float | None:
    """Return a length in metres, or None where the value says none.

    Args:
        value: such as ``12``, ``12.5 m``, ``12,5``, ``40 ft``, ``12'6"``; metres where no unit is written.

    >>> length_m("12.5m"), length_m("10 ft"), length_m("tall")
    (12.5, 3.048, None)
    """
    text = value.strip()
    feet = _FEET.fullmatch(text)
    if feet:
        return round(int(feet[1]) * FOOT_M + float(feet[2]) * INCH_M, 4)
    found = _LENGTH.fullmatch(text)
    if not found:
        return None
    metres = _number(found[1]) * _UNITS_M.get((found[2] or "").lower(), 1.0)
    return round(metres, 4) if math.isfinite(metres) else None


def speed_kmh(value: str) -> float | None:
    """Return a speed limit in km/h, or None where the value is no single number (``none``, ``CN:urban``, ``50;30``).

    >>> speed_kmh("50"), speed_kmh("30 mph"), speed_kmh("walk")
    (50.0, 48.28032, None)
    """
    found = _SPEED.fullmatch(value.strip())
    return round(_number(found[1]) * _UNITS_KMH.get((found[2] or "").lower(), 1.0), 6) if found else None


def storeys(value: str) -> float | None:
    """Return a number of storeys; None where the value is no number or below zero."""
    found = re.fullmatch(_NUMBER, value.strip())
    number = _number(found[1]) if found else -1.0
    return number if number >= 0 else None


def whole(value: str) -> int | None:
    """Return a whole number, or None."""
    return int(value) if re.fullmatch(r"\s*[+-]?[0-9]{1,6}\s*", value) else None


def name_of(tags: Tags) -> str:
    """Return the Chinese name where there is one, else the local name, else an empty text.

    Control characters are taken out and runs of spaces shortened; a name ends after 120 characters.
    """
    for key in NAME_KEYS:
        words = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in tags.get(key, ""))
        words = " ".join(words.split())[:NAME_LENGTH].strip()
        if words:
            return words
    return ""


def yes(value: str | None) -> bool:
    """Whether a tag such as ``bridge`` or ``tunnel`` is set to anything but no."""
    return value is not None and value.strip().lower() not in {"", "no", "false", "0"}
