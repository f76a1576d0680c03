"""Response times of a town through a day: by hand on straight roads, with a station and a patrol of the stored plan."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.response import compute_response
from town_model import InputError

RESIDENTIAL = 18 / 3.6  # m/s by car, the table of modes
HOUR = 3600


def response_of(town, **options):
    compute_response(town.store, actor="test", **options)
    return town.store.latest_result("response")


def by_name(frame):
    return frame.set_index("name").to_dict("index")


@pytest.fixture
def street(drawn_town):
    """A street of 2,000 m with a police station at its western end and places at 290 m, 600 m and 1,900 m."""
    town = drawn_town
    town.road((0, 0), (2000, 0), name="长街")
    town.area(shapely.Point(0, 0).buffer(5), name="派出所", category="police", priority="2")
    for x, name, priority in ((290, "小学", "1"), (600, "医院", "1"), (1900, "码头", "3")):
        town.area(shapely.Point(x, 0).buffer(5), name=name, priority=priority)
    return town


def test_the_car_of_the_station_reaches_each_place_along_the_street(street):
    """At 18 km/h: 290 m in 58 s, 600 m in 120 s, 1,900 m in 380 s, at every moment of the day."""
    result = response_of(street)
    places = by_name(result.frame("places"))
    for name, metres in (("派出所", 0), ("小学", 290), ("医院", 600), ("码头", 1900)):
        assert places[name]["worst_s"] == pytest.approx(metres / RESIDENTIAL, abs=0.5), name
        assert places[name]["mean_s"] == pytest.approx(metres / RESIDENTIAL, abs=0.5), name
    assert result.frame("places")["name"].tolist() == ["码头", "医院", "小学", "派出所"]
    assert (places["医院"]["share_1"], places["医院"]["share_2"]) == (0, 1)
    assert result.summary["shares"] == [0.5, 0.75, 0.75]
    assert result.summary["shares_priority_1"][1:] == [1, 1]
    assert (result.summary["stations"], result.summary["shifts"], result.summary["plan"]) == (1, 0, None)
    assert result.summary["longest_name"] == "码头"
    assert result.summary["longest_s"] == pytest.approx(380, abs=0.5)


def test_roads_are_banded_by_the_limits(street):
    """Within 1, 3, 5 min the car gets 300, 900, 1,500 m far; 500 m of the street lie beyond."""
    roads = response_of(street).frame("roads")
    assert sorted(roads["at_s"].unique()) == [3 * HOUR * i for i in range(8)]
    for _, some in roads.groupby("at_s"):
        assert some["limit_s"].tolist() == [60, 180, 300, np.inf]
        assert some["length_m"].tolist() == pytest.approx([300, 600, 600, 500], rel=2e-3)
    assert isinstance(roads, gpd.GeoDataFrame)


def test_limits_of_the_countryside_change_the_shares(street):
    result = response_of(street, limits_min=(5, 10, 20))
    assert result.summary["limits_s"] == [300, 600, 1200]
    assert result.summary["shares"] == [0.75, 1, 1]


def test_one_more_post_goes_where_the_far_place_is_reached(street):
    """Only the wharf is beyond 3 min: a post within 900 m of it gains it, one at its gate saves all of its 380 s."""
    posts = response_of(street).frame("posts")
    best = posts.iloc[0]
    assert (best["rank"], best["places"], best["road"]) == (1, 1, "长街")
    assert best["saved_s"] == pytest.approx(380, abs=1)
    assert best["longest_s"] == pytest.approx(120, abs=0.5)
    spots = posts.geometry
    assert min(a.distance(b) for i, a in enumerate(spots) for b in spots[:i]) >= 300


def test_a_place_off_every_road_is_kept_and_named(street):
    street.area(shapely.Point(5000, 5000).buffer(5), name="孤岛")
    result = response_of(street)
    first = result.frame("places").iloc[0]
    assert (first["name"], first["worst_s"], first["reached_share"]) == ("孤岛", np.inf, 0)
    assert result.summary["unreachable_places"] == 1
    assert result.summary["longest_name"] == "码头"
    assert np.isfinite(result.frame("posts")["longest_s"]).all()


def test_places_of_all_three_layers_count(street):
    street.add("housing_zones", shapely.box(900, 5, 1000, 60), name="新村", households=40)
    street.add("patrol_points", shapely.Point(1200, 0), name="桥头")
    assert sorted(response_of(street).frame("places")["kind"].unique()) == [
        "housing_zones",
        "key_areas",
        "patrol_points",
    ]


@pytest.fixture
def patrolled(drawn_town):
    """A street of 1,000 m; a patrol on foot at 3.6 km/h (1 m/s) from its western end, on duty 8–12, one place at its eastern end."""
    town = drawn_town
    town.road((0, 0), (1000, 0))
    town.area(shapely.Point(1000, 0).buffer(5), name="码头", visit_interval_min=600, dwell_min=10)
    town.unit(0, 0, shifts="08:00-12:00", speed_kmh=3.6)
    return town


def save_plan(town, drives):
    """Store a plan in which the unit walks the street at the given (seconds, from x, to x), at 1 m/s."""
    unit = f"patrol_units/{town.store.frame('patrol_units').index[0]}"
    shift = f"{unit}@28800"
    legs = gpd.GeoDataFrame(
        {
            "shift": shift,
            "seq": range(len(drives)),
            "enter_s": [float(at) for at, _, _ in drives],
            "leave_s": [float(at + abs(b - a)) for at, a, b in drives],
        },
        geometry=[shapely.LineString([(town.x + a, town.y), (town.x + b, town.y)]) for _, a, b in drives],
        crs=town.store.town.epsg,
    )
    units = pd.DataFrame(
        [{"shift": shift, "unit": unit, "unit_name": "1组", "mode": "foot", "kind": "auxiliary", "start_s": 28_800.0, "end_s": 43_200.0}]
    )  # fmt: skip
    town.store.save_result(
        "patrol", actor="test", options={}, summary={}, frames={"legs": legs, "units": units}
    )


def test_a_patrol_answers_from_where_it_is_on_its_leg_and_off_duty_nobody_does(patrolled):
    """It leaves at 9:00, is there at 9:16:40, stays, walks back at 11:00. Samples at full hours and every 10 min:
    at 8:00–9:00 the way is 1,000 s, at 9:10 400 s, from 9:20 to 11:00 nothing, at 11:10 600 s, from 11:20 on 1,000 s."""
    save_plan(patrolled, [(32_400, 0, 1000), (39_600, 1000, 0)])
    result = response_of(patrolled, stations=False, limits_min=(5, 10, 20))
    hours = result.frame("hours").set_index("hour")
    assert hours["responders"].tolist() == [0] * 8 + [1] * 4 + [0] * 12
    assert hours.loc[8, "longest_s"] == pytest.approx(1000, rel=1e-3)
    assert np.isnan(hours.loc[7, "longest_s"])
    # 9:00 1,000 s; 9:10 400 s; 9:20–9:50 0 s: five of six within 10 min, four within 5
    assert hours.loc[9, ["share_1", "share_2", "share_3"]].tolist() == pytest.approx([4 / 6, 5 / 6, 1])
    # 11:00 0 s; 11:10 600 s; 11:20–11:50 1,000 s
    assert hours.loc[11, "share_1"] == pytest.approx(1 / 6)
    (place,) = result.frame("places").to_dict("records")
    assert place["reached_share"] == pytest.approx(24 / 144)
    assert place["worst_s"] == np.inf
    assert place["worst_at_s"] == 0
    # 8:00–9:00 seven times 1,000 s, 400, eleven times 0, 600, four times 1,000
    assert place["mean_s"] == pytest.approx(12_000 / 24, rel=1e-3)
    assert result.summary["longest_s"] == pytest.approx(1000, rel=1e-3)


def test_a_patrol_turns_round_on_a_leg_that_further_places_part(patrolled):
    """At 9:05 it is 300 m out. A place at 100 m, which the plan does not visit, parts the leg: 200 s back to it."""
    patrolled.area(shapely.Point(100, 0).buffer(5), name="亭子")
    save_plan(patrolled, [(32_400, 0, 1000)])
    result = response_of(patrolled, stations=False, every_s=300, limits_min=(1, 4, 20))
    places = by_name(result.frame("places"))
    # 8:00–9:00 100 s (13 samples), at 9:05 200 s, at 9:10 500 s, at 9:15 800 s, then 900 s to the end of the shift (33 samples)
    expected = (13 * 100 + 200 + 500 + 800 + 32 * 900) / 48
    assert places["亭子"]["mean_s"] == pytest.approx(expected, rel=1e-3)


def test_at_its_own_speed_and_with_the_station_the_quicker_counts(patrolled):
    """A car 100 m from the wharf: 20 s at 18 km/h; the patrol standing there at 9:20 answers at once."""
    patrolled.area(shapely.Point(900, 0).buffer(5), name="派出所", category="police")
    save_plan(patrolled, [(32_400, 0, 1000)])
    wharf = by_name(response_of(patrolled).frame("places"))["码头"]
    assert wharf["worst_s"] == pytest.approx(20, abs=0.2)
    # from 9:20 to 11:50 it is there: 16 of 144 samples
    assert wharf["mean_s"] == pytest.approx(20 * (144 - 16) / 144, abs=0.2)


def test_the_plan_that_the_planner_stores_carries_its_legs(patrolled):
    compute_patrol(patrolled.store, actor="test", max_iterations=50, time_limit_s=20)
    plan = patrolled.store.latest_result("patrol")
    legs = plan.frame("legs")
    assert legs.crs == patrolled.store.frame("roads").crs
    assert set(legs.columns) == {"shift", "seq", "enter_s", "leave_s", "geometry"}
    assert set(legs["shift"]) <= set(plan.frame("units")["shift"])
    assert (legs["leave_s"] > legs["enter_s"]).all()
    # it walks 1,000 m at 1 m/s each way
    assert legs.length.sum() == pytest.approx((legs["leave_s"] - legs["enter_s"]).sum(), rel=1e-3)
    result = response_of(patrolled)
    assert result.summary["shifts"] == 1
    assert not result.summary["plan_is_stale"]


def test_a_plan_without_legs_is_told_to_be_made_again(patrolled):
    patrolled.store.save_result("patrol", actor="test", options={}, summary={}, frames={})
    with pytest.raises(InputError, match="plan patrols again"):
        response_of(patrolled)


def test_bad_input_is_told_and_stores_nothing(drawn_town):
    town = drawn_town
    with pytest.raises(InputError, match="draw or import"):
        response_of(town)
    town.area(shapely.Point(0, 0).buffer(5), name="广场")
    with pytest.raises(InputError, match="no roads"):
        response_of(town)
    town.road((0, 0), (100, 0))
    with pytest.raises(InputError, match="nobody could answer"):
        response_of(town)
    with pytest.raises(InputError, match="apart"):
        response_of(town, every_s=10)
    assert town.store.latest_result("response") is None
