"""Cameras in the intervals of patrols: longer where they watch, shorter where they are blind, by day and by night apart."""

import datetime as dt
import math

import pytest

from geo_service.duty.cameras import CameraCredit, camera_credit, credited_spans, read_credit
from geo_service.duty.choice import choose_day, planned_for
from geo_service.duty.intervals import Rule, Span
from geo_service.settings import Settings
from geo_service.watch_clock import Daylight
from town_model import InputError

HOUR = 3600
DAY = Daylight(dt.date(2026, 6, 1), 6.0 * HOUR, 18.0 * HOUR)
CREDIT = CameraCredit()
ROUND_THE_CLOCK = Span(0, 24 * HOUR, 7200.0, None, None)


def told(spans, day, night, credit=CREDIT):
    found = credited_spans(spans, {"day": day, "night": night}, DAY, credit)
    return [(one.start_s / HOUR, one.end_s / HOUR, one.interval_s / 60, one.at_least_once) for one in found]


def test_watched_by_day_and_blind_by_night_it_is_asked_for_at_half_past_and_at_twice_the_pace():
    """120 min × 150 % = 180 min from sunrise to sunset, × 75 % = 90 min in the dark."""
    assert told([ROUND_THE_CLOCK], 0.97, 0.2) == [(0, 6, 90, False), (6, 18, 180, False), (18, 24, 90, False)]


def test_what_both_lights_give_alike_stays_one_part():
    (one,) = credited_spans([ROUND_THE_CLOCK], {"day": 1.0, "night": 0.96}, DAY, CREDIT)
    assert (one.start_s, one.end_s, one.interval_s) == (0, 24 * HOUR, 180 * 60)
    assert (one.camera_percent, one.light, one.share) == (150, "", 0.96)


@pytest.mark.parametrize("share", [0.5, 0.7, 0.949, math.nan])
def test_partly_seen_or_unknown_nothing_changes(share):
    assert credited_spans([ROUND_THE_CLOCK], {"day": share, "night": share}, DAY, CREDIT) == [ROUND_THE_CLOCK]


def test_day_and_night_have_percentages_of_their_own():
    credit = CameraCredit(watched_day_percent=200, watched_night_percent=110)
    assert [one[2] for one in told([ROUND_THE_CLOCK], 1.0, 1.0, credit)] == [132, 240, 132]


def test_of_a_part_of_the_day_that_the_sun_cuts_the_longer_half_asks_for_the_visit():
    """17:00–22:00 with sunset at 18:00: one hour of day, four of night."""
    evening = Span(17 * HOUR, 22 * HOUR, 3600.0, Rule(key="patrol_rules/1", name="evening"), None)
    assert told([evening], 1.0, 0.0) == [(17, 18, 90, False), (18, 22, 45, True)]


def test_an_interval_never_falls_below_five_minutes_nor_grows_beyond_a_day():
    short = Span(0, 24 * HOUR, 360.0, None, None)
    assert told([short], 0.0, 0.0)[0][2] == 5
    # nor is one that is shorter or longer by itself turned the wrong way
    assert told([Span(0, 24 * HOUR, 240.0, None, None)], 0.0, 0.0)[0][2] == 4
    assert told([Span(0, 24 * HOUR, 90_000.0, None, None)], 1.0, 1.0)[0][2] == 1500


def test_a_plan_keeps_how_cameras_counted(town):
    credit = CameraCredit(which="planned", blind_night_percent=50)
    planned = choose_day(town.store, date="2026-12-01", cameras=credit)
    assert planned.options()["cameras_count"] == "planned"
    assert planned_for(planned.options()).cameras == credit
    assert read_credit(choose_day(town.store, date="2026-12-01").options()) is None


def test_options_come_before_the_settings_of_the_station():
    settings = Settings(patrol_watched_day_percent=120, patrol_blind_day_percent=60)
    given = {"cameras_count": "working", "watched_day_percent": 200, "blind_day_percent": None}
    credit = camera_credit(settings, given)
    assert (credit.watched_day_percent, credit.blind_day_percent, credit.watched_night_percent) == (
        200,
        60,
        150,
    )
    assert camera_credit(settings, {"cameras_count": None, "watched_day_percent": 200}) is None


def test_the_limits_of_the_share_are_a_planners_to_choose():
    """60 % seen is watched from 60 % on; 30 % is not blind where blind begins below 20 %."""
    credit = camera_credit(
        Settings(), {"cameras_count": "working", "watched_from_percent": 60, "blind_below_percent": 20}
    )
    assert [credit.percent(one, "day") for one in (0.6, 0.59, 0.3, 0.2, 0.19)] == [150, 100, 100, 100, 75]
    assert read_credit(credit.options()) == credit
    with pytest.raises(InputError, match="must not be less"):
        CameraCredit(watched_from=0.5, blind_below=0.6)


def test_nonsense_is_refused(town):
    for wrong in ({"which": "all"}, {"watched_day_percent": 90}, {"blind_night_percent": 120}):
        with pytest.raises(InputError):
            CameraCredit(**wrong)
    with pytest.raises(InputError, match="give the date too"):
        choose_day(town.store, day_type="workday", cameras=CREDIT)
