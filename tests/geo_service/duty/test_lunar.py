"""The Chinese calendar against dates that observatories published."""

import datetime as dt

import pytest

from geo_service.duty.lunar import lunar_day, statutory_day_off
from town_model import InputError


@pytest.mark.parametrize(
    ("date", "zh"),
    [  # Hong Kong Observatory, Gregorian-Lunar conversion tables
        ("2023-03-22", "闰二月初一"),
        ("2024-02-10", "正月初一"),
        ("2025-07-25", "闰六月初一"),
        ("2026-02-17", "正月初一"),
        ("2026-06-19", "五月初五"),
        ("2026-09-25", "八月十五"),
        ("2027-02-06", "正月初一"),
        ("2033-12-22", "闰冬月初一"),
        ("2026-02-16", "腊月廿九"),
        ("2026-12-01", "十月廿三"),
    ],
)
def test_lunar_days_are_those_published(date, zh):
    assert lunar_day(dt.date.fromisoformat(date)).zh == zh


def test_days_follow_each_other_without_a_hole():
    """Each day is the next of its month, or the first of the next one after a whole month of 29 or 30 days."""
    day = dt.date(2000, 1, 1)
    before = lunar_day(day)
    while day < dt.date(2050, 12, 31):
        day += dt.timedelta(1)
        now = lunar_day(day)
        if now.day == 1:
            assert before.day == before.month_days
        else:
            assert (now.year, now.month, now.leap, now.day) == (
                before.year,
                before.month,
                before.leap,
                before.day + 1,
            )
        before = now


def test_days_off_of_2026_are_those_of_the_regulation():
    """Thirteen days, 除夕 (29th of the twelfth month) among them."""
    days = [dt.date(2026, 1, 1) + dt.timedelta(one) for one in range(365)]
    assert [f"{one:%m-%d}" for one in days if statutory_day_off(one)] == [
        "01-01",
        "02-16",
        "02-17",
        "02-18",
        "02-19",
        "04-05",
        "05-01",
        "05-02",
        "06-19",
        "09-25",
        "10-01",
        "10-02",
        "10-03",
    ]


def test_a_date_beyond_the_table_is_refused():
    with pytest.raises(InputError, match="known from 1999-02-16 to 2051-02-10"):
        lunar_day(dt.date(2057, 9, 28))
