"""The clock of a town from the store: cameras by the sun, patrols by the plan."""

import datetime as dt

import pytest
import shapely

from geo_service.analysis.clock import compute_clock
from geo_service.analysis.clock_places import clock_places
from geo_service.analysis.patrol import compute_patrol
from geo_service.duty.choice import choose_day
from geo_service.duty.intervals import Duty
from geo_service.publications import publish
from geo_service.watch_clock import daylight
from town_model import InputError

DATE = dt.date(2026, 11, 23)
LON, LAT = 118.78, 32.04


def clock_of(town, **options):
    compute_clock(town.store, actor="test", date=DATE, **options)
    return town.store.latest_result("clock")


def test_a_camera_watches_from_sunrise_to_sunset_and_the_night_stays(town):
    """Reach 20 m by day, infrared 10 m: of an area of 20 m by 20 m all is seen by day, by night π·10² of 400 m²."""
    town.area(shapely.box(-10, -10, 10, 10), name="Gate")
    town.camera(0, 0)
    result = clock_of(town)
    light = daylight(DATE, LON, LAT)
    (row,) = result.frame("places").to_dict("records")
    day = (light.sunset_s - light.sunrise_s) / 60
    assert row["name"] == "Gate"
    assert row["watched_min"] == pytest.approx(day, abs=0.01)
    assert row["unwatched_min"] == pytest.approx(1440 - day, abs=0.01)
    strips = result.frame("strips")
    assert strips["state"].tolist() == ["unwatched", "watched", "unwatched"]
    assert result.summary["plan"] is None


def test_the_sun_decides_not_the_fixed_hours_of_the_night(town):
    """Open 17:30–18:30: the map's night begins at 19:00, the sun sets at about 17:18, so the hour lies in the dark."""
    town.area(shapely.box(-10, -10, 10, 10), name="Gate", hours="17:30-18:30")
    town.camera(0, 0)
    (row,) = clock_of(town).frame("places").to_dict("records")
    assert (row["watched_min"], row["unwatched_min"]) == (0, 60)


def test_a_plan_that_keeps_all_intervals_leaves_no_minute(town):
    town.area(shapely.box(-8, -8, 8, 8), name="Gate", visit_interval_min=120)
    town.road((-100, 0), (100, 0))
    town.unit(50, 0)
    before = clock_of(town)
    assert before.summary["unwatched_min"] == 1440
    compute_patrol(town.store, actor="test", max_iterations=500)
    after = clock_of(town)
    assert after.summary["patrolled_min"] == 1440
    assert after.summary["never_unwatched"] == 1


def test_a_plan_is_judged_by_the_intervals_of_its_day(town):
    """A business street is asked for every 90 min from 18:00 to 22:30 by the built-in rules, every 240 min else."""
    town.area(shapely.box(-8, -8, 8, 8), name="Street", category="business_street", visit_interval_min=600)
    town.road((-100, 0), (100, 0))
    town.unit(50, 0, shifts="08:00-10:00")
    planned = choose_day(town.store, date="2026-11-25")
    compute_patrol(town.store, actor="test", planned=planned, max_iterations=300)
    result = clock_of(town)
    plan = town.store.latest_result("patrol")
    assert result.summary["day"]["day_type"] == "school_day"
    visits = plan.frame("visits")
    # patrols end at 10:00, so the last visit keeps the street for 240 min of its hours, not for 600
    last = visits["depart_s"].max()
    (first, *_, end) = result.frame("strips").to_dict("records")
    assert (first["state"], end["state"]) == ("unwatched", "unwatched")
    assert end["start_s"] == pytest.approx(last + 240 * 60, abs=1)
    assert first["end_s"] == pytest.approx(visits["arrive_s"].min(), abs=1)


def test_hours_of_a_place_stay_its_own_whatever_rules_ask(town):
    """A square is asked for round the clock by the built-in rules, but counts in its own two hours alone."""
    town.area(shapely.box(-8, -8, 8, 8), hours="08:00-10:00")
    places = clock_places(town.store, Duty(day_type="workday", base="workday"))
    assert places["spans"].tolist() == [[(8 * 3600, 10 * 3600, 240 * 60)]]


def test_each_day_of_the_calendar_has_its_sun_its_plan_and_what_the_day_before_left(town):
    """Plan A is published for the 24th, plan B for the 25th; on the 26th the latest plan (B) counts as nothing is published."""
    town.area(shapely.box(-10, -10, 10, 10), name="Gate", category="park", visit_interval_min=120)
    town.camera(0, 0)
    town.road((-100, 12), (100, 12))
    town.unit(50, 12, shifts="20:00-24:00")
    results = []
    for shifts in ("20:00-24:00", "02:00-04:00"):
        with town.store.change(actor="test") as change:
            change.update("patrol_units", int(town.store.frame("patrol_units").index[0]), {"shifts": shifts})
        results.append(town.store.result(compute_patrol(town.store, actor="test", max_iterations=50)))
    for result, day in zip(results, (DATE + dt.timedelta(1), DATE + dt.timedelta(2)), strict=True):
        publish(town.store, result.id, first_day=day, last_day=day, actor="test", today=DATE)
    clock = clock_of(town, days=4)
    days = clock.frame("calendar_days")
    assert days["date"].tolist() == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
    assert days["plan"].tolist() == [results[1].id, results[0].id, results[1].id, results[1].id]
    assert days["is_published"].tolist() == [False, True, True, False]
    for row, number in zip(days.to_dict("records"), range(4), strict=True):
        light = daylight(DATE + dt.timedelta(number), LON, LAT)
        assert (row["sunrise_s"], row["sunset_s"]) == (light.sunrise_s, light.sunset_s)
        assert row["watched_min"] == pytest.approx((light.sunset_s - light.sunrise_s) / 60, abs=0.01)
    strips = clock.frame("calendar_strips").groupby("date")
    last = [one.frame("visits")["depart_s"].max() for one in results]
    first = [one.frame("visits")["arrive_s"].min() for one in results]
    # on the 25th plan A of the evening before keeps the place for 120 min from its last visit on
    kept = strips.get_group("2026-11-25").query("state == 'patrolled'").iloc[0]
    assert (kept["start_s"], kept["end_s"]) == (0, pytest.approx(max(last[0] + 7200 - 86_400, 0), abs=1))
    # on the 24th plan B of the morning before leaves nothing
    row = strips.get_group("2026-11-24").iloc[0]
    assert (row["state"], row["start_s"]) == ("unwatched", 0)
    evening = strips.get_group("2026-11-24").query("state == 'patrolled'").iloc[0]
    assert evening["start_s"] == pytest.approx(first[0], abs=1)


def test_so_many_days_are_refused(town):
    town.area(shapely.box(-8, -8, 8, 8))
    with pytest.raises(InputError, match="from 1 to 31"):
        clock_of(town, days=32)


def test_places_of_all_three_layers_are_on_the_clock(town):
    town.area(shapely.box(-10, -10, 10, 10), name="Gate")
    town.add("housing_zones", shapely.box(20, 20, 60, 60), name="Estate", households=40)
    town.add("patrol_points", shapely.Point(0, 30), name="Post", visit_interval_min=60)
    places = clock_places(town.store)
    assert sorted(places["kind"]) == ["housing_zones", "key_areas", "patrol_points"]
    assert len(clock_of(town).frame("places")) == 3


def test_a_town_without_places_is_told_what_to_do(town):
    town.camera(0, 0)
    with pytest.raises(InputError, match="draw or import"):
        clock_of(town)
