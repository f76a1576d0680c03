"""The Chinese calendar, offline: the lunar day of a date, from a closed table, and the statutory days off that follow from it.

The table has one line a lunar year: the year, the date on which it begins, which month is doubled (00 for none), and for each month in
order whether it has 30 days (1) or 29 (0). It follows GB/T 33661-2017; two independent implementations agree on every day of it. It ends
before 2057, when a new moon falls within a minute of midnight and published calendars differ.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from town_model import InputError, Text

_YEARS = """
1999 0216 00 100100101110
2000 0205 00 110010010110
2001 0124 04 1101010010101
2002 0212 00 110101001010
2003 0201 00 110110100101
2004 0122 02 0101101010101
2005 0209 00 010101101010
2006 0129 07 1010101011011
2007 0218 00 001001011101
2008 0207 00 100100101101
2009 0126 05 1100100101011
2010 0214 00 101010010101
2011 0203 00 101101001010
2012 0123 04 1011010101010
2013 0210 00 101011010101
2014 0131 09 0101010110101
2015 0219 00 010010111010
2016 0208 00 101001011011
2017 0128 06 0101001010111
2018 0216 00 010100101011
2019 0205 00 101010010011
2020 0125 04 0111010010101
2021 0212 00 011010101010
2022 0201 00 101011010101
2023 0122 02 0100110110101
2024 0210 00 010010110110
2025 0129 06 1010010101110
2026 0217 00 101001001110
2027 0206 00 110100100110
2028 0126 05 1110100100110
2029 0213 00 110101010011
2030 0203 00 010110101010
2031 0123 03 0110101101010
2032 0211 00 100101101101
2033 0131 11 0100101011101
2034 0219 00 010010101101
2035 0208 00 101001001101
2036 0128 06 1101001001011
2037 0215 00 110100100101
2038 0204 00 110101010010
2039 0124 05 1101101010100
2040 0212 00 101101011010
2041 0201 00 010101101101
2042 0122 02 0100101011011
2043 0210 00 010010011011
2044 0130 07 1010010010111
2045 0217 00 101001001011
2046 0206 00 101010100101
2047 0126 05 1011010100101
2048 0214 00 011011010010
2049 0202 00 101011011010
2050 0123 03 0101010110110
"""
_TENS = ("初", "十", "廿", "三")
_DIGITS = "十一二三四五六七八九"
_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
SPRING_FESTIVAL = Text("Spring Festival")


@dataclass(frozen=True)
class LunarDay:
    """A day of the Chinese calendar.

    Args:
        year: the lunar year, named by the year in which it begins.
        month: 1 to 12.
        day: 1 to 30.
        leap: whether it lies in the second of two months of this number.
        month_days: how many days its month has, 29 or 30.
    """

    year: int
    month: int
    day: int
    leap: bool
    month_days: int

    @property
    def zh(self) -> str:
        """The day as people write it: 十月廿三."""
        name = "闰" * self.leap + _MONTHS[self.month - 1] + "月"
        tens, digit = divmod(self.day, 10)
        if not digit:
            return name + {1: "初十", 2: "二十", 3: "三十"}[tens]
        return name + _TENS[tens] + _DIGITS[digit]


def lunar_day(date: dt.date) -> LunarDay:
    """Return the lunar day of a date.

    Raises:
        InputError: the date lies outside the table.
    """
    years = _years()
    firsts = [one[0] for one in years]
    if not firsts[0] <= date <= years[-1][1]:
        raise InputError(
            "the lunar calendar is known from {first} to {last}, not for {date}",
            first=firsts[0],
            last=years[-1][1],
            date=date,
        )
    first, _, year, months = next(one for one in reversed(years) if one[0] <= date)
    left = (date - first).days
    for month, leap, days in months:
        if left < days:
            return LunarDay(year, month, left + 1, leap, days)
        left -= days
    raise AssertionError(date)  # pragma: no cover - the months fill the year


@cache
def _years() -> list[tuple[dt.date, dt.date, int, list[tuple[int, bool, int]]]]:
    """Return for each year its first and last date, its number, and its months as (number, doubled, days)."""
    found = []
    for line in _YEARS.split("\n")[1:-1]:
        year, begins, doubled, long = line.split()
        numbers = [(month, False) for month in range(1, 13)]
        if int(doubled):
            numbers.insert(int(doubled), (int(doubled), True))
        months = [(*one, 29 + int(bit)) for one, bit in zip(numbers, long, strict=True)]
        first = dt.date(int(year), int(begins[:2]), int(begins[2:]))
        found.append((first, first + dt.timedelta(sum(one[2] for one in months) - 1), int(year), months))
    return found


def statutory_day_off(date: dt.date) -> Text | None:
    """Return which statutory day off for all citizens a date is; None for none.

    Source: Regulation on Public Holidays for National Annual Festivals and Memorial Days, State Council Order 795 of 2024:
    thirteen days. Days that are moved for longer holidays are announced each autumn and are entered as day rules.
    """
    fixed = {
        (1, 1): Text("New Year"),
        (5, 1): Text("Labour Day"),
        (5, 2): Text("Labour Day"),
        (10, 1): Text("National Day"),
        (10, 2): Text("National Day"),
        (10, 3): Text("National Day"),
        (4, _qingming(date.year)): Text("Qingming"),
    }
    if found := fixed.get((date.month, date.day)):
        return found
    lunar = lunar_day(date)
    if lunar.leap:
        return None
    if lunar_day(date + dt.timedelta(1)).year > lunar.year:
        return SPRING_FESTIVAL
    return {
        (1, 1): SPRING_FESTIVAL,
        (1, 2): SPRING_FESTIVAL,
        (1, 3): SPRING_FESTIVAL,
        (5, 5): Text("Dragon Boat Festival"),
        (8, 15): Text("Mid-Autumn Festival"),
    }.get((lunar.month, lunar.day))


def _qingming(year: int) -> int:
    """Return the day of April on which the sun reaches 15°; the usual rule for the twenty-first century."""
    past = year % 100
    return int(past * 0.2422 + 4.81) - past // 4
