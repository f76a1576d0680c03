"""Sunrise and sunset of a date: when cameras see by day, and when by night.

The formulas are those of the NOAA solar calculator (after Meeus, Astronomical Algorithms, 2nd ed., chapters 25 and 28): good to
about a minute between 72° north and south. The sun's upper edge at the horizon with mean refraction: zenith 90.833°.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from town_model import DAY_S, ValueRangeError

_ZENITH_DEG = 90.833


@dataclass(frozen=True)
class Daylight:
    """The light of a day at a place.

    Args:
        date: the day.
        sunrise_s: seconds from local midnight; 0 where the sun does not set.
        sunset_s: seconds from local midnight; equal to `sunrise_s` where the sun does not rise.
    """

    date: dt.date
    sunrise_s: float
    sunset_s: float

    @property
    def spans(self) -> dict[str, list[tuple[float, float]]]:
        """The spans of day and night, in seconds from local midnight."""
        night = [(0.0, self.sunrise_s), (self.sunset_s, float(DAY_S))]
        return {
            "day": [(self.sunrise_s, self.sunset_s)] if self.sunset_s > self.sunrise_s else [],
            "night": [(start, end) for start, end in night if end > start],
        }


def daylight(date: dt.date, lon: float, lat: float, *, utc_offset_h: float = 8.0) -> Daylight:
    """Return sunrise and sunset of a date at a place.

    Args:
        date: the local day.
        lon: longitude, degrees east.
        lat: latitude, degrees north.
        utc_offset_h: hours of local time ahead of UTC; China keeps +8 throughout.

    Raises:
        ValueRangeError: a position that is none.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueRangeError("longitude {lon} and latitude {lat} are no place on earth", lon=lon, lat=lat)
    noon = _solar_noon_min(_century(date, 12 * 60 - utc_offset_h * 60), lon, utc_offset_h)
    edges = []
    for sign in (-1, 1):
        at = noon
        for _ in range(3):  # the sun moves on between noon and the edge of the day
            century = _century(date, at - utc_offset_h * 60)
            half = _half_day_min(century, lat)
            if half is None:
                up = _declination(century) * lat > 0
                return Daylight(date, 0.0, float(DAY_S) if up else 0.0)
            at = _solar_noon_min(century, lon, utc_offset_h) + sign * half
        edges.append(min(max(at * 60.0, 0.0), float(DAY_S)))
    return Daylight(date, edges[0], edges[1])


def _century(date: dt.date, utc_min: float) -> float:
    """Return Julian centuries since J2000."""
    return (date.toordinal() + 1_721_424.5 + utc_min / 1440 - 2_451_545.0) / 36_525


def _mean(century: float) -> tuple[float, float, float]:
    """Return the sun's mean longitude and anomaly in degrees, and the eccentricity of the orbit."""
    longitude = (280.46646 + century * (36_000.76983 + 0.0003032 * century)) % 360
    anomaly = 357.52911 + century * (35_999.05029 - 0.0001537 * century)
    return longitude, anomaly, 0.016708634 - century * (0.000042037 + 0.0000001267 * century)


def _obliquity(century: float) -> float:
    seconds = 21.448 - century * (46.815 + century * (0.00059 - century * 0.001813))
    return math.radians(23 + (26 + seconds / 60) / 60 + 0.00256 * math.cos(_node(century)))


def _node(century: float) -> float:
    return math.radians(125.04 - 1934.136 * century)


def _declination(century: float) -> float:
    """Return the sun's declination in radians."""
    longitude, anomaly, _ = _mean(century)
    m = math.radians(anomaly)
    centre = (
        math.sin(m) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + math.sin(2 * m) * (0.019993 - 0.000101 * century)
        + math.sin(3 * m) * 0.000289
    )
    apparent = math.radians(longitude + centre - 0.00569 - 0.00478 * math.sin(_node(century)))
    return math.asin(math.sin(_obliquity(century)) * math.sin(apparent))


def _equation_of_time_min(century: float) -> float:
    longitude, anomaly, e = _mean(century)
    y = math.tan(_obliquity(century) / 2) ** 2
    two_l, m = math.radians(2 * longitude), math.radians(anomaly)
    radians = (
        y * math.sin(two_l)
        - 2 * e * math.sin(m)
        + 4 * e * y * math.sin(m) * math.cos(two_l)
        - 0.5 * y * y * math.sin(2 * two_l)
        - 1.25 * e * e * math.sin(2 * m)
    )
    return 4 * math.degrees(radians)


def _solar_noon_min(century: float, lon: float, utc_offset_h: float) -> float:
    return 720 - 4 * lon - _equation_of_time_min(century) + utc_offset_h * 60


def _half_day_min(century: float, lat: float) -> float | None:
    """Return half the length of the day in minutes; None where the sun does not cross the horizon."""
    declination, place = _declination(century), math.radians(lat)
    if abs(math.cos(place)) < 1e-12:
        return None
    cosine = math.cos(math.radians(_ZENITH_DEG)) / (math.cos(place) * math.cos(declination)) - math.tan(
        place
    ) * math.tan(declination)
    return None if abs(cosine) > 1 else 4 * math.degrees(math.acos(cosine))
