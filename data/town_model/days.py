"""Days as markets are announced: 二五八 (endings), 初一、十五 (days), 六、日 (days of the week)."""

from __future__ import annotations

import re

from town_model.errors import ValueRangeError

_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九", 1)} | {"两": 2}
_ENDINGS = {**_DIGITS, "十": 0, "〇": 0, "零": 0, **{str(digit): digit for digit in range(10)}}
_WEEK = {**{word: number for number, word in enumerate("一二三四五六", 1)}, "日": 7, "天": 7, "七": 7} | {
    str(digit): digit for digit in range(1, 8)
}
_PARTS = re.compile(r"[,，、;；/和\s]+")
_SAID = re.compile(r"农历|阴历|公历|阳历|每月|每周|逢|星期|礼拜|周|号")
_NUMERAL = re.compile(r"(初|十|廿|二十|三十|卅)?([一二三四五六七八九十])?")
_TENS = {None: 0, "初": 0, "十": 10, "廿": 20, "二十": 20, "三十": 30, "卅": 30}


def parse_days(rule: str, text: str) -> frozenset[int]:
    """Return the days that a text names.

    Args:
        rule: ``weekday`` (1 to 7 from Monday), ``lunar_ending`` or ``solar_ending`` (last digits, 0 for ten, twenty and thirty),
            ``lunar_day`` or ``solar_day`` (days of the month).
        text: the days, parted by commas or blanks; Chinese numerals are understood.

    Raises:
        ValueRangeError: it cannot be read, or names none.

    >>> sorted(parse_days("lunar_ending", "逢二五八"))
    [2, 5, 8]
    >>> sorted(parse_days("lunar_day", "初一、十五"))
    [1, 15]
    >>> sorted(parse_days("weekday", "周六、周日"))
    [6, 7]
    """
    words = [one for one in _PARTS.split(_SAID.sub(" ", text).strip()) if one]
    found: set[int] = set()
    for word in words:
        if rule == "weekday":
            days = [_WEEK.get(sign) for sign in word]
        elif rule.endswith("_ending"):
            days = [0] if word in ("10", "十日") else [_ENDINGS.get(sign) for sign in word.removesuffix("日")]
        else:
            days = [_day(word.removesuffix("日"), 30 if rule == "lunar_day" else 31)]
        if None in days or not days:
            raise ValueRangeError("the days {text!r} cannot be read: write such as {example}", text=text, example=_EXAMPLES[rule])  # fmt: skip
        found.update(one for one in days if one is not None)
    if not found:
        raise ValueRangeError("no days are named: write such as {example}", example=_EXAMPLES[rule])
    return frozenset(found)


_EXAMPLES = {
    "weekday": "6、7",
    "lunar_ending": "2、5、8",
    "solar_ending": "2、5、8",
    "lunar_day": "1、15",
    "solar_day": "1、15",
}


def _day(word: str, last: int) -> int | None:
    if word.isascii() and word.isdecimal() and len(word) <= 2:
        day = int(word)
    else:
        parts = _NUMERAL.fullmatch(word)
        if parts is None or word in ("", "初"):
            return None
        ones = 10 if parts[2] == "十" else _DIGITS.get(parts[2] or "", 0)
        day = _TENS[parts[1]] + ones
    return day if 1 <= day <= last else None
