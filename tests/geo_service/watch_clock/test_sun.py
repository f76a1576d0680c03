"""Sunrise and sunset against published almanacs and closed forms."""

import datetime as dt

import pytest

from geo_service.watch_clock import daylight
from town_model import ValueRangeError


def clock(text):
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


@pytest.mark.parametrize(
    ("date", "lon", "lat", "offset", "sunrise", "sunset"),
    [
        # Beijing, summer and winter solstice, as almanacs print them
        (dt.date(2024, 6, 21), 116.40, 39.90, 8, "04:46", "19:46"),
        (dt.date(2024, 12, 21), 116.40, 39.90, 8, "07:33", "16:53"),
    ],
)
def test_sunrise_and_sunset_are_those_of_the_almanac(date, lon, lat, offset, sunrise, sunset):
    found = daylight(date, lon, lat, utc_offset_h=offset)
    assert found.sunrise_s == pytest.approx(clock(sunrise), abs=90)
    assert found.sunset_s == pytest.approx(clock(sunset), abs=90)


@pytest.mark.parametrize(
    ("date", "ahead_s"), [(dt.date(2024, 11, 3), 16 * 60 + 27), (dt.date(2024, 2, 11), -(14 * 60 + 14))]
)
def test_noon_is_as_far_off_as_the_equation_of_time_says(date, ahead_s):
    """Its greatest values in the year, from published tables: +16 min 27 s on 3 November, −14 min 14 s on 11 February."""
    found = daylight(date, 0.0, 0.0, utc_offset_h=0)
    assert 12 * 3600 - (found.sunrise_s + found.sunset_s) / 2 == pytest.approx(ahead_s, abs=15)


def test_a_day_at_the_equator_is_twelve_hours_and_the_sun_s_width_with_refraction():
    """At the equinox the hour angle is that of zenith 90.833°: 2 · 90.833° · 4 min = 12 h 6 min 40 s."""
    found = daylight(dt.date(2024, 3, 20), 0.0, 0.0, utc_offset_h=0)
    assert found.sunset_s - found.sunrise_s == pytest.approx(2 * 90.833 * 240, abs=10)


def test_the_sun_stays_up_or_down_beyond_the_polar_circle():
    summer, winter = (daylight(dt.date(2024, month, 21), 25.0, 75.0, utc_offset_h=2) for month in (6, 12))
    assert summer.spans == {"day": [(0.0, 86_400.0)], "night": []}
    assert winter.spans == {"day": [], "night": [(0.0, 86_400.0)]}


def test_day_and_night_make_up_the_whole():
    spans = daylight(dt.date(2026, 11, 23), 118.8, 32.0).spans
    assert sum(end - start for light in spans.values() for start, end in light) == pytest.approx(86_400)


def test_a_place_that_is_none_is_refused():
    with pytest.raises(ValueRangeError, match="no place on earth"):
        daylight(dt.date(2024, 1, 1), 200.0, 0.0)
