"""What a date is: by the town's rules, the law and the week."""

import datetime as dt

import pytest

from geo_service.duty.day_types import propose_day
from town_model import InputError, ValueRangeError, parse_days


def _says(store, date):
    found = propose_day(store, dt.date.fromisoformat(date))
    return found.day_type, found.base, str(found.reasons[0])


@pytest.mark.parametrize(
    ("date", "day_type", "reason"),
    [
        ("2026-12-01", "school_day", "a weekday in term"),
        ("2026-12-05", "day_off", "a weekend"),
        ("2026-10-01", "day_off", "a day off by law: National Day"),
        ("2026-07-15", "workday", "a weekday in the usual school break (none is entered under day rules)"),
        ("2026-02-05", "workday", "a weekday in the usual school break (none is entered under day rules)"),
    ],
)
def test_a_date_without_rules_goes_by_the_law_and_the_week(empty_workspace, date, day_type, reason):
    assert _says(empty_workspace.store, date) == (day_type, day_type, reason)


def test_market_days_go_by_the_lunar_calendar(town):
    """2026-12-01 is the 23rd of the tenth month: none of 二五八; two days later is the 25th, and there is school beside."""
    town.add("day_rules", name="云渚集", day_type="market_day", rule="lunar_ending", days="二五八")
    assert _says(town.store, "2026-12-01")[0] == "school_day"
    kind, base, reason = _says(town.store, "2026-12-03")
    assert (kind, base) == ("market_day", "school_day")
    assert reason == "云渚集: 二五八, and it is the lunar 十月廿五"


def test_market_days_go_by_the_month_or_the_week_where_a_town_has_it_so(town):
    town.add("day_rules", name="月集", day_type="market_day", rule="solar_ending", days="1、6")
    town.add("day_rules", name="周集", day_type="market_day", rule="weekday", days="周日")
    found = [one for one in range(1, 15) if _says(town.store, f"2026-12-{one:02d}")[0] == "market_day"]
    assert found == [1, 6, 11, 13]


def test_an_event_comes_before_a_market_and_all_reasons_are_told(town):
    town.add("day_rules", name="大集", day_type="market_day", rule="solar_day", days="5")
    town.add("day_rules", name="灯会", day_type="event_day", first_day=dt.date(2026, 12, 4), last_day=dt.date(2026, 12, 5))  # fmt: skip
    found = propose_day(town.store, dt.date(2026, 12, 5))
    assert (found.day_type, found.base) == ("event_day", "day_off")
    assert [str(one) for one in found.reasons] == ["day rule: 灯会", "a weekend"]


def test_moved_days_and_breaks_come_before_the_week(town):
    """Saturday 2026-10-10 is worked; in an entered winter break weekdays have no school, weekends stay days off."""
    town.add("day_rules", name="国庆调休上班", day_type="school_day", first_day=dt.date(2026, 10, 10))
    town.add("day_rules", name="寒假", day_type="school_break", first_day=dt.date(2027, 1, 18), last_day=dt.date(2027, 2, 24))  # fmt: skip
    assert _says(town.store, "2026-10-10") == ("school_day", "school_day", "day rule: 国庆调休上班")
    assert _says(town.store, "2027-01-20")[0] == "workday"
    assert _says(town.store, "2027-01-23")[0] == "day_off"
    assert _says(town.store, "2026-07-15")[0] == "school_day"  # breaks are entered, so no usual ones


@pytest.mark.parametrize(
    ("rule", "text", "days"),
    [
        ("lunar_ending", "逢二五八", {2, 5, 8}),
        ("lunar_ending", "三、六、九", {3, 6, 9}),
        ("lunar_ending", "五十", {5, 0}),
        ("solar_ending", "5,10", {5, 0}),
        ("lunar_day", "初一、十五、廿三、二十九、三十", {1, 15, 23, 29, 30}),
        ("solar_day", "1号 31日", {1, 31}),
        ("weekday", "星期三 周日", {3, 7}),
        ("weekday", "六日", {6, 7}),
    ],
)
def test_days_are_read_as_people_write_them(rule, text, days):
    assert parse_days(rule, text) == days


@pytest.mark.parametrize(
    ("rule", "text"), [("lunar_day", "31"), ("weekday", "8"), ("lunar_ending", "年"), ("lunar_day", "")]
)
def test_days_that_cannot_be_are_refused(rule, text):
    with pytest.raises(ValueRangeError):
        parse_days(rule, text)


@pytest.mark.parametrize(
    ("layer", "values", "message"),
    [
        ("day_rules", {"name": "a", "day_type": "market_day", "rule": "lunar_ending"}, "no days are named"),
        ("day_rules", {"name": "a", "day_type": "event_day"}, "needs its first day"),
        ("patrol_rules", {"name": "a"}, "either an interval or a share"),
        ("patrol_rules", {"name": "a", "interval_min": 60, "interval_percent": 50}, "either an interval or a share"),
    ],
)  # fmt: skip
def test_rules_that_say_nothing_are_refused(town, layer, values, message):
    with pytest.raises(InputError, match=message):
        town.add(layer, **values)
    assert town.store.count(layer) == 0


def test_a_shift_by_day_needs_hours_or_says_off_duty(town):
    unit = town.unit(0, 0)
    with pytest.raises(InputError, match="off duty, one of the two"):
        town.add("unit_shifts", unit=unit, day_type="day_off")
    town.add("unit_shifts", unit=unit, day_type="day_off", off_duty=True)
