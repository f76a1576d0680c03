"""Patrol plans in which cameras count: which interval a place gets, why, and what becomes of it when cameras change."""

import pytest
import shapely

from geo_service.analysis.camera_credit import credit_texts
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.plan_change import StopChange, change_plan
from geo_service.analysis.stored_plan import asked_of
from geo_service.duty.cameras import CameraCredit
from geo_service.duty.choice import choose_day
from geo_service.watch_clock import daylight

DATE = "2026-11-23"
LON, LAT = 118.78, 32.04


@pytest.fixture
def square(town):
    """A square of 20 m, every 240 min round the clock by its own interval; a pair on foot on the road beside it."""
    town.area(shapely.box(-10, -10, 10, 10), name="Square", category="park", visit_interval_min=240)
    town.road((-100, 0), (100, 0))
    town.unit(50, 0)
    return town


def plan_of(town, credit=None):
    planned = choose_day(town.store, date=DATE, cameras=credit)
    number = compute_patrol(town.store, actor="test", planned=planned, max_iterations=200)
    return town.store.result(number)


def given(result):
    rows = result.frame("intervals")
    return [
        (round(a), round(b), gap / 60, percent, light)
        for a, b, gap, percent, light in rows[["start_s", "end_s", "max_gap_s", "camera_percent", "light"]].itertuples(index=False)
    ]  # fmt: skip


def test_seen_by_day_and_in_part_by_night_it_gets_a_longer_interval_by_day_alone(square):
    """Reach 20 m by day: all of it; infrared 10 m: π·10² of 400 m² are 79 %, neither watched nor blind."""
    square.camera(0, 0)
    sun = daylight(choose_day(square.store, date=DATE).date, LON, LAT)
    rise, set_ = round(sun.sunrise_s), round(sun.sunset_s)
    result = plan_of(square, CameraCredit())
    assert given(result) == [
        (0, rise, 240, 100, "night"), (rise, set_, 360, 150, "day"), (set_, 86_400, 240, 100, "night")
    ]  # fmt: skip
    seen = result.frame("sight").iloc[0]
    assert (seen["share_day"], seen["share_night"]) == (
        pytest.approx(1.0, abs=1e-3),
        pytest.approx(0.785, abs=0.01),
    )
    assert credit_texts(result)[0].params == {"longer": 1, "shorter": 0}
    assert result.summary["audit_passed"] and result.summary["breaches"] == 0


def test_blind_ground_is_asked_for_sooner_and_the_plan_keeps_it(square):
    """No camera: 240 min × 75 % = 180 min, so eight visits a day at least where six would do."""
    result = plan_of(square, CameraCredit())
    assert given(result) == [(0, 86_400, 180, 75, "")]
    assert len(result.frame("visits")) >= 86_400 / (180 * 60 + 300) - 1
    assert credit_texts(result)[0].params == {"longer": 0, "shorter": 1}
    assert credit_texts(result)[1].params == {"after": "8", "before": "6"}  # 24 h by 180 and by 240 min
    assert result.frame("places")["worst_gap_s"].max() <= 180 * 60 + 1e-6


def test_planned_cameras_count_only_when_they_are_asked_for(square):
    square.camera(0, 0, status="planned", ir_range_m=20.0)
    assert given(plan_of(square, CameraCredit())) == [(0, 86_400, 180, 75, "")]
    result = plan_of(square, CameraCredit(which="planned"))
    assert given(result) == [(0, 86_400, 360, 150, "")]
    assert credit_texts(result)[1].params == {"after": "4", "before": "6"}
    assert "as if they were built" in str(credit_texts(result)[2])


def test_without_the_option_cameras_change_nothing(square):
    square.camera(0, 0)
    result = plan_of(square)
    assert given(result) == [(0, 86_400, 240, 100, "")]
    assert "sight" not in result.frame_names
    assert credit_texts(result) == []


def test_a_plan_that_counts_cameras_is_out_of_date_when_a_camera_changes_and_another_is_not(square):
    counting, plain = plan_of(square, CameraCredit()), plan_of(square)
    square.camera(0, 0)
    assert square.store.result(counting.id).is_stale
    assert not square.store.result(plain.id).is_stale


def test_a_change_by_hand_is_judged_by_the_intervals_of_the_plan(square):
    result = plan_of(square, CameraCredit())
    asked = asked_of(square.store, result)
    assert asked.beats.places["max_gap_s"].tolist() == [180 * 60]
    first = result.frame("visits").iloc[0]
    change = change_plan(
        square.store, result, [StopChange(first["shift"], int(first["seq"]), None, None, None)]
    )
    assert change.day.seen is not None
    assert change.day.problem.place_list[0].windows[0].max_gap_s == 180 * 60
