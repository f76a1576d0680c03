"""What a camera or a patrol hour saves on the clock: by hand, and against clocks of towns that really have them."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_service.analysis.clock import compute_clock
from geo_service.analysis.clock_savings import village_minutes
from geo_service.analysis.patrol import compute_patrol
from geo_service.duty.choice import choose_day
from geo_service.watch_clock import daylight

DATE = dt.date(2026, 11, 23)
SUN = daylight(DATE, 118.78, 32.04)
DAY_MIN = (SUN.sunset_s - SUN.sunrise_s) / 60


def clock_of(town):
    return town.store.result(compute_clock(town.store, actor="test", date=DATE))


def savings_of(town):
    return clock_of(town).frame("savings").set_index("camera_name")


def test_a_planned_camera_saves_the_daylight_of_the_place_that_it_would_watch(town):
    """Priority 1 weighs 4. By night it sees π·10² of 400 m², too little: it saves from sunrise to sunset."""
    town.area(shapely.box(-10, -10, 10, 10), name="Gate", priority="1")
    town.camera(0, 0, name="new", status="planned")
    row = savings_of(town).loc["new"]
    assert (row["kind"], row["places"], row["first_place"], row["light"]) == ("planned", 1, "Gate", "day")
    assert row["saved_min"] == pytest.approx(DAY_MIN, abs=0.01)
    assert row["weighted_min"] == pytest.approx(4 * DAY_MIN, abs=0.04)
    assert (row["share_without"], row["share_with"]) == (0, pytest.approx(1, abs=1e-3))


def test_two_cameras_that_see_the_same_place_save_nothing_each_by_itself(town):
    town.area(shapely.box(-10, -10, 10, 10), name="Gate")
    town.camera(0, 0, name="one")
    assert savings_of(town).loc["one", "saved_min"] == pytest.approx(DAY_MIN, abs=0.01)
    town.camera(1, 1, name="two")
    table = savings_of(town)
    assert table["saved_min"].sum() == 0


@pytest.mark.slow
def test_every_figure_is_the_difference_of_two_clocks(town):
    """Three cameras of different states over three places, with a plan: each is changed for real, and the clock read again."""
    for i, priority in enumerate(("1", "2", "3")):
        town.area(
            shapely.box(60 * i - 8, -8, 60 * i + 8, 8),
            name=f"P{i}",
            category="park",
            priority=priority,
            visit_interval_min=400,
        )
    town.road((-100, 12), (200, 12))
    town.unit(50, 12, shifts="08:00-20:00")
    ids = [
        town.camera(0, 0, name="works", ir_range_m=20.0),
        town.camera(60, 0, name="broken", status="faulty"),
        town.camera(120, 2, name="planned", status="planned", ir_range_m=20.0),
    ]
    compute_patrol(town.store, actor="test", max_iterations=100)
    table = savings_of(town)
    weights = {"P0": 4, "P1": 2, "P2": 1}

    def weighted():
        places = clock_of(town).frame("places").set_index("name")
        return sum(weights[name] * minutes for name, minutes in places["unwatched_min"].items())

    base = weighted()
    for number, (name, other) in zip(
        ids, {"works": "faulty", "broken": "working", "planned": "working"}.items(), strict=True
    ):
        before = town.store.frame("camera_sites").loc[number, "status"]
        for status, sign in ((other, 1), (before, 0)):
            with town.store.change(actor="test") as change:
                change.update("camera_sites", number, {"status": status})
            if sign:
                difference = abs(weighted() - base)
                assert table.loc[name, "weighted_min"] == pytest.approx(difference, abs=0.01)
                assert difference > 60
    assert table.index.tolist() == table.sort_values("weighted_min", ascending=False).index.tolist()


def test_private_ground_in_view_stands_beside_each_camera(town):
    """A dwelling 30 m east of the camera, out of the place: 5 m round its walls are private; of these it sees the near strip."""
    town.area(shapely.box(-10, -10, 10, 10), name="Gate")
    town.camera(0, 0, name="near", max_range_m=24.0)
    town.camera(0, 0, name="far", status="planned", max_range_m=14.0)
    town.add("buildings", shapely.box(22, -5, 30, 5), use="residential", height_m=6.0)
    table = savings_of(town)
    # the strip x 17…22 in front of the wall (y −5…5) is 50 m²; a reach of 24 m takes the corners of the ring, too
    assert 45 < table.loc["near", "private_m2"] < 110
    assert "far" not in table.index or table.loc["far", "private_m2"] == 0


def test_one_more_hour_at_a_place_nobody_visits(town):
    """One place 100 m from the base, on foot (4.5 km/h): there and back is short; a stay of 5 min keeps it its interval of 120 min."""
    town.area(shapely.box(-8, -8, 8, 8), name="Gate", category="park", visit_interval_min=120)
    town.road((-150, 10), (150, 10))
    town.unit(100, 10, shifts="08:00-09:00")
    result = clock_of(town)
    assert result.summary["unwatched_min"] == 1440
    hours = result.frame("hours")
    assert hours["start_s"].tolist() == [3600.0 * i for i in range(24)]
    # 120 min and the stay of 5 min; a second stay at the end of the hour would keep it longer still
    assert (hours["saved_min"] >= 125 - 1e-6).all() and (hours["saved_min"] <= 120 + 60).all()
    assert set(hours["route"].str.split("、").explode()) == {"Gate"}
    stops = result.frame("hour_stops").query("start_s == 36000")
    assert stops["arrive_s"].min() > 36_000 and stops["depart_s"].max() < 39_600


def test_the_minutes_of_an_hour_are_read_off_the_clock_with_its_stops(town):
    """The plan of the whole day leaves gaps; the stops of the best hour are added to its visits by hand, and the clock read again."""
    for i in range(4):
        town.area(
            shapely.box(80 * i - 8, -8, 80 * i + 8, 8),
            name=f"P{i}",
            category="park",
            priority=str(i % 3 + 1),
            visit_interval_min=60,
        )
    town.road((-50, 12), (300, 12))
    town.unit(100, 12, shifts="09:00-11:00")
    number = compute_patrol(town.store, actor="test", max_iterations=60)
    plan = town.store.result(number)
    result = clock_of(town)
    best = result.frame("hours").iloc[0]
    stops = result.frame("hour_stops").query("start_s == @best.start_s and mode == @best['mode']")
    assert len(stops) == best["visits"] > 1
    visits = pd.concat(
        [plan.frame("visits"), plan.frame("visits").iloc[:1].loc[[0] * len(stops)].assign(
            place=stops["place"].to_numpy(), arrive_s=stops["arrive_s"].to_numpy(), depart_s=stops["depart_s"].to_numpy())],
        ignore_index=True,
    )  # fmt: skip
    frames = {name: plan.frame(name) for name in plan.frame_names} | {"visits": visits}
    town.store.save_result("patrol", actor="test", options=plan.options, summary=plan.summary, frames=frames)
    after = clock_of(town)
    assert result.summary["unwatched_min"] - after.summary["unwatched_min"] == pytest.approx(
        best["saved_min"], abs=0.01
    )
    assert best["saved_min"] > 60


def test_a_village_with_twice_the_households_has_half_the_minutes_for_100():
    """West: a stay of 10 min and half of a way of 20 min, 50 households; east: the other half, 100 households; north: unknown."""
    villages = gpd.GeoDataFrame(
        {"name": ["West", "East", "North"], "households": [50, 100, None]},
        geometry=[
            shapely.box(-100, -50, 0, 50),
            shapely.box(0, -50, 100, 50),
            shapely.box(-100, 50, 100, 100),
        ],
        index=[7, 8, 9],
    )
    places = gpd.GeoSeries([shapely.Point(-50, 0)], index=["key_areas/1"])
    visits = pd.DataFrame({"place": ["key_areas/1"], "arrive_s": [0.0], "depart_s": [600.0]})
    legs = gpd.GeoDataFrame(
        {"enter_s": [600.0, 1200.0], "leave_s": [1200.0, 1800.0]}, geometry=[shapely.LineString([(-40, 0), (40, 0)])] * 2
    )  # fmt: skip
    table = village_minutes(villages, places, visits, legs).set_index("village_name")
    assert table.index.tolist() == ["East", "West", "North"]
    assert table.loc["West", ["stay_min", "way_min", "patrol_min", "per_100"]].tolist() == [10, 10, 20, 40]
    assert table.loc["East", ["stay_min", "way_min", "patrol_min", "per_100"]].tolist() == [0, 10, 10, 10]
    assert np.isnan(table.loc["North", "per_100"])


def test_planned_cameras_of_the_plan_do_not_change_the_yardstick(town):
    """A plan that counts cameras is judged by the intervals without them: 240 min, not 360."""
    town.area(shapely.box(-8, -8, 8, 8), name="Gate", category="park", visit_interval_min=240)
    town.road((-100, 12), (100, 12))
    town.unit(50, 12)
    planned = choose_day(town.store, date=DATE)
    compute_patrol(town.store, actor="test", planned=planned, max_iterations=100)
    assert clock_of(town).summary["unwatched_min"] == 0


def test_cameras_that_only_together_watch_a_place_save_it_together(town):
    """Two planned cameras at the ends of a street of 60 m by 4 m: each sees a good half, both see all."""
    town.area(shapely.box(-30, -2, 30, 2), name="Street")
    for x in (-18, 18):
        town.camera(x, 0, name=f"at {x}", status="planned")
    result = clock_of(town)
    assert result.frame("savings")["saved_min"].sum() == 0
    told = result.summary["together"]["planned"]
    assert (told["cameras"], told["places"]) == (2, 1)
    assert told["saved_min"] == pytest.approx(DAY_MIN, abs=0.01)
    assert set(result.summary["together"]) == {"planned"}
