"""When an interval falls due: never before one interval of its hours has passed; by hand, and against the planner's account."""

import math
from itertools import pairwise

import pytest

from geo_service.duty.intervals import PRESETS, Duty, Rule, intervals, own_spans
from geo_service.duty.windows import NO_LIMIT_S, windows
from patrol_routing.idleness import account
from patrol_routing.records import Place, Window

HOUR = 3600
DAY = 24 * HOUR
SCHOOL_DAY = Duty(day_type="school_day", base="school_day")


def _windows(*, category="", own=None, hours="", rules=(), duty=SCHOOL_DAY, place="key_areas/1"):
    found = intervals(place, category=category, own_interval_s=own, own_hours=hours, rules=rules, duty=duty)
    return windows(found)


def _hours(found):
    """Windows in hours and minutes; a limit of None asks for the visit alone."""
    return [(a / HOUR, b / HOUR, None if limit == NO_LIMIT_S else limit / 60, n) for a, b, limit, n in found]


def _faults(found, visits):
    """What the planner's account finds wrong with visits (start, end in hours), as if the day followed on itself."""
    place = Place("p", (0,), 60, 1, tuple(Window(*one) for one in found), None, None)
    spans = [(a * HOUR, b * HOUR) for a, b in visits]
    made = account(place, spans, (0, DAY), "departure", repeats=True)
    return [one for one in made.stretches if one.is_breach], made.too_few


def test_business_streets_are_asked_for_in_the_evening_and_need_nobody_before_six():
    """The evening rule without the one round the clock: every 90 min from 18:00 on, so the first visit by 19:30."""
    evening = [one for one in PRESETS if one.key == "preset/evening-business"]
    found = _windows(category="business_street", rules=evening)
    assert _hours(found) == [(18, 19.5, None, 1), (19.5, 22.5, 90, 0)]
    assert _faults(found, [(19.4, 19.5), (20.9, 21)]) == ([], [])
    late, few = _faults(found, [(19.6, 19.7), (21, 21.1)])
    assert late and few  # nobody came in the first 90 minutes
    late, few = _faults(found, [(18, 18.1), (20, 20.1), (21.5, 21.6)])
    assert [one.gap_s / 60 for one in late] == pytest.approx([114]) and not few


def test_the_town_core_is_asked_for_round_the_clock_and_more_often_in_the_evening():
    """Every 240 min at any hour; from 18:00 every 90, first held at 19:30, until when the 240 go on."""
    found = _windows(category="business_street", rules=PRESETS)
    assert _hours(found) == [(0, 18, 240, 0), (18, 19.5, 240, 1), (19.5, 22.5, 90, 0), (22.5, 24, 240, 0)]
    for category in ("station", "hospital", "square"):
        assert _hours(_windows(category=category, rules=PRESETS)) == [(0, 24, 240, 1)]
    assert _faults(found, [(h, h + 0.2) for h in (2, 6, 10, 14, 17.9, 19.2, 20.6, 22)]) == ([], [])


def test_schools_are_visited_once_in_each_bell_time_and_not_before():
    """70 and 90 minutes are no longer than the 90 of the rule: one visit that begins in each, and idleness before counts for nothing."""
    found = _windows(category="school", rules=PRESETS)
    assert _hours(found) == [(7, 7 + 70 / 60, None, 1), (16.5, 18, None, 1)]
    assert _faults(found, [(7.9, 8), (16.6, 16.7)]) == ([], [])
    assert len(_faults(found, [(6.5, 6.9), (16.6, 16.7)])[1]) == 1
    assert _windows(category="school", rules=PRESETS, duty=Duty(day_type="day_off", base="day_off"), own=4 * HOUR) == [(0, DAY, 4 * HOUR, 1)]  # fmt: skip
    kindergarten = _hours(_windows(category="kindergarten", rules=PRESETS))
    assert kindergarten == [(7.5, 8 + 40 / 60, None, 1), (16, 17.5, None, 1)]


def test_at_duty_level_one_bell_times_ask_for_a_visit_every_45_minutes():
    found = _windows(category="school", rules=PRESETS, duty=Duty(day_type="school_day", base="school_day", level="1"))  # fmt: skip
    assert _hours(found) == [
        (7, 7.75, None, 1), (7.75, 7 + 70 / 60, 45, 0), (16.5, 17.25, None, 1), (17.25, 18, 45, 0)
    ]  # fmt: skip


def test_estates_are_asked_for_in_the_evening():
    """19:00 to 23:00 every 180 min: the first visit by 22:00, so one is enough where it ends at 20:00 or later."""
    found = _windows(place="housing_zones/1", rules=PRESETS)
    assert _hours(found) == [(19, 22, None, 1), (22, 23, 180, 0)]
    assert _faults(found, [(20, 20.1)]) == ([], [])
    assert _faults(found, [(19, 19.1)])[0]
    own = _windows(place="housing_zones/1", rules=PRESETS, own=8 * HOUR)
    assert _hours(own) == [(0, 19, 480, 0), (19, 22, 480, 1), (22, 23, 180, 0), (23, 24, 480, 0)]


def test_markets_are_watched_from_their_first_hour_on_market_days_alone():
    fair = Duty(day_type="market_day", base="workday")
    assert _hours(_windows(category="market", rules=PRESETS, duty=fair)) == [(5.5, 6.5, None, 1), (6.5, 12, 60, 0)]  # fmt: skip
    assert intervals("key_areas/1", category="market", own_interval_s=None, own_hours="", rules=PRESETS, duty=SCHOOL_DAY) == []  # fmt: skip


def test_own_hours_are_treated_alike():
    """08:00–18:00 every 120 min: nobody before 8, the first by 10; hours over midnight are one stretch."""
    assert _hours(windows(own_spans("08:00-18:00", 7200.0))) == [(8, 10, None, 1), (10, 18, 120, 0)]
    night = windows(own_spans("20:00-02:00", 5 * HOUR))
    assert _hours(night) == [(0, 2, 300, 0), (20, 24, None, 1)]
    assert _faults(night, [(21, 21.2)]) == ([], [])
    assert _faults(night, [(20, 20.2)])[0]  # at 02:00 five hours and 48 minutes


def test_an_interval_that_grows_longer_is_counted_from_the_earlier_one():
    rules = [
        Rule(key="a", name="", hours="18:00-20:00", interval_min=60),
        Rule(key="b", name="", hours="20:00-23:00", interval_min=120),
    ]
    found = _windows(rules=rules)
    assert _hours(found) == [(18, 19, None, 1), (19, 20, 60, 0), (20, 23, 120, 1)]


def test_where_neither_falls_due_the_whole_stretch_asks_for_one_visit():
    """An interval of 4 h in hours from 8 to 10, halved from 9 on by a share, would otherwise ask for nothing at all."""
    half = Rule(key="half", name="", hours="09:00-10:00", percent=50)
    found = _windows(own=4 * HOUR, hours="08:00-10:00", rules=[half])
    assert _hours(found) == [(8, 10, None, 1)]


@pytest.mark.parametrize("level", ["1", "2", "3"])
@pytest.mark.parametrize("day_type", ["workday", "day_off", "school_day", "market_day", "event_day"])
@pytest.mark.parametrize("own", [None, 120.0, 480.0])
def test_a_place_that_is_visited_only_in_its_hours_can_always_be_in_time(day_type, level, own):
    """Of every category: windows lie in order inside the hours, and a visitor who comes every five minutes of them is never late."""
    duty = Duty(day_type=day_type, base="school_day", level=level)
    categories = {one.place_kind for one in PRESETS} - {"housing_zone", "all"}
    for category in sorted(categories):
        spans = intervals(
            "key_areas/1", category=category, own_interval_s=own and 60 * own, own_hours="09:00-17:00", rules=PRESETS, duty=duty
        )  # fmt: skip
        if not spans:
            continue
        found = windows(spans)
        assert all(a[1] <= b[0] for a, b in pairwise(found))
        steps = [
            (t, t + 60)
            for one in spans
            for t in range(one.start_s, one.end_s - 60, 300)
        ]  # fmt: skip
        place = Place("p", (0,), 60, 1, tuple(Window(*one) for one in found), None, None)
        made = account(place, steps, (0, DAY), "departure", repeats=True)
        assert not made.too_few
        assert not any(one.is_breach for one in made.stretches)
        assert math.isfinite(made.worst_ratio)
