"""The clock of a town from the store: cameras by the sun, patrols by the plan."""

import datetime as dt

import pytest
import shapely

from geo_service.analysis.clock import clock_places, compute_clock
from geo_service.analysis.patrol import compute_patrol
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
