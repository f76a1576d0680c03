"""Which type of day a date is, and why: market and event days, days off by law, school days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo_service.analysis.rows import each
from geo_service.duty.lunar import lunar_day, statutory_day_off
from geo_service.store import Store
from town_model import Text, parse_days
from town_model.layers.duty import DAY_TYPES, DUTY_LEVELS

DAY_TYPE_NAMES = tuple(one.value for one in DAY_TYPES)
DUTY_LEVEL_NAMES = tuple(one.value for one in DUTY_LEVELS)
USUAL_LEVEL = "3"
#: Types that stand beside what a day is anyway: on a market day in term there is school.
ADDED = ("event_day", "market_day")
_SATURDAY = 5
# Where no school breaks are entered: usual ones in China, by the lunar and the common calendar.
_SUMMER = ((7, 1), (8, 31))
_WINTER_FROM, _WINTER_UNTIL = (12, 15), (1, 15)


@dataclass(frozen=True)
class DayProposal:
    """What a date is.

    Args:
        date: the date.
        day_type: the type that is proposed.
        base: what it is but for markets and events: ``workday``, ``day_off`` or ``school_day``.
        reasons: why, that of the proposed type first.
    """

    date: dt.date
    day_type: str
    base: str
    reasons: tuple[Text, ...]


def propose_day(store: Store, date: dt.date) -> DayProposal:
    """Return what a date is by the town's day rules, the law and the week.

    An event comes before a market, a market before what the day is anyway; of two day rules the one of fewer days holds.

    Args:
        store: the town.
        date: the date.

    Raises:
        InputError: the date lies outside the lunar calendar of this program.
    """
    return propose_days(store, [date])[0]


def propose_days(store: Store, dates: Iterable[dt.date]) -> list[DayProposal]:
    """Return what some dates are, as `propose_day` does for one."""
    rules = list(each(store.frame("day_rules")))
    breaks_known = any(one.day_type == "school_break" for one in rules)
    return [
        _propose([one for one in rules if _holds(one, date)], date, breaks_known=breaks_known)
        for date in dates
    ]


def _propose(rules: Sequence[Any], date: dt.date, *, breaks_known: bool) -> DayProposal:
    """Return what a date is by the day rules that take it in."""
    base, why = _base(rules, date, breaks_known=breaks_known)
    for kind in ADDED:
        found = [one for one in rules if one.day_type == kind]
        if found:
            return DayProposal(date, kind, base, (*(_said(one, date) for one in found), why))
    return DayProposal(date, base, base, (why,))


def _base(rules: Sequence[Any], date: dt.date, *, breaks_known: bool) -> tuple[str, Text]:
    """Return what the day is but for markets and events, and why."""
    named = sorted(
        (one for one in rules if one.day_type in ("workday", "day_off", "school_day")), key=_length
    )
    if named:
        return named[0].day_type, _said(named[0], date)
    if festival := statutory_day_off(date):
        return "day_off", Text.of("a day off by law: {festival}", festival=festival)
    if date.weekday() >= _SATURDAY:
        return "day_off", Text("a weekend")
    if breaks := [one for one in rules if one.day_type == "school_break"]:
        return "workday", Text.of("a weekday in a school break: {name}", name=breaks[0].name)
    if not breaks_known and _usual_break(date):
        return "workday", Text("a weekday in the usual school break (none is entered under day rules)")
    return "school_day", Text("a weekday in term")


def _length(rule: Any) -> tuple[bool, int, int]:
    """Order: by dates before others, the shorter before the longer, the later entered before the earlier."""
    first, last = _day(rule.first_day), _day(rule.last_day)
    days = 0 if first is None or last is None else (last - first).days
    return rule.rule != "dates", days, -int(rule.Index)


def _usual_break(date: dt.date) -> bool:
    if _SUMMER[0] <= (date.month, date.day) <= _SUMMER[1]:
        return True
    lunar = lunar_day(date)
    month = (lunar.month, lunar.day)
    return not lunar.leap and (month >= _WINTER_FROM or month <= _WINTER_UNTIL)


def _holds(rule: Any, date: dt.date) -> bool:
    """Whether a day rule takes in a date."""
    first, last = _day(rule.first_day), _day(rule.last_day)
    if rule.rule == "dates":
        return first is not None and first <= date <= (last or first)
    if (first is not None and date < first) or (last is not None and last < date):
        return False
    days = parse_days(rule.rule, rule.days)
    if rule.rule == "weekday":
        return date.isoweekday() in days
    day = lunar_day(date).day if rule.rule.startswith("lunar") else date.day
    return (day % 10 if rule.rule.endswith("_ending") else day) in days


def _day(value: Any) -> dt.date | None:
    """Return a date of a frame, which holds moments."""
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()


def _said(rule: Any, date: dt.date) -> Text:
    if rule.rule.startswith("lunar"):
        return Text.of("{name}: {days}, and it is the lunar {day}", name=rule.name, days=rule.days, day=lunar_day(date).zh)  # fmt: skip
    if rule.rule == "dates":
        return Text.of("day rule: {name}", name=rule.name)
    return Text.of("{name}: {days}", name=rule.name, days=rule.days)
