"""Day and night: in which light a place must be watched."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from town_model import DAY_S, parse_hours

Light = Literal["day", "night"]
NIGHT_HOURS = "19:00-06:00"


@lru_cache(maxsize=4096)
def lights_of(hours: str, night_hours: str = NIGHT_HOURS) -> tuple[Light, ...]:
    """Return the lights into which the hours of a place reach.

    Args:
        hours: of the place; empty is the whole day.
        night_hours: what counts as night.

    Raises:
        ValueRangeError: hours that cannot be read.

    >>> lights_of("08:00-17:00"), lights_of("22:00-05:00"), lights_of("")
    (('day',), ('night',), ('day', 'night'))
    """
    night = parse_hours(night_hours)
    day, at = [], 0
    for start, end in night:
        day.append((at, start))
        at = end
    day.append((at, DAY_S))
    spans = parse_hours(hours)

    def reaches(light: list[tuple[int, int]]) -> bool:
        return any(min(b, d) > max(a, c) for a, b in spans for c, d in light)

    found: list[Light] = []
    if reaches(day):
        found.append("day")
    if reaches(night):
        found.append("night")
    return tuple(found)
