"""From the store to an audited plan: access points by hand, places nobody can reach, units of every mode."""

import pandas as pd
import pytest
import shapely

from geo_service.analysis.access import build_network
from geo_service.analysis.beats import load_beats, windows_of
from geo_service.analysis.patrol import compute_patrol, day_frames, plan_day
from geo_service.analysis.staffing import staffing_texts
from geo_service.i18n import say
from patrol_routing import travel_times
from town_model import InputError


def _square_town(town):
    """A ring road of 400 m sides with a place at each corner, and the base in the middle of the south side."""
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        town.road(a, b)
    for i, (x, y) in enumerate(corners):
        town.area(shapely.Point(x, y).buffer(15), name=f"广场{i}", visit_interval_min=240, dwell_min=10)


def test_a_place_beside_a_long_road_becomes_a_node_at_its_nearest_point(town):
    """120 m along a road of 1,000 m without junctions: at 4 km/h that is 108 s from its end."""
    town.road((0, 0), (1000, 0))
    place = town.area(shapely.box(110, 10, 130, 30))
    base = town.unit(0, 0)
    roads = town.store.frame("roads")
    sites = town.store.frame("key_areas").geometry
    network = build_network(roads, sites, kinds=["foot"])
    node = network.nodes[place]["foot"]
    origin = min(network.graph.nodes, key=lambda one: network.graph.nodes[one]["x"])
    seconds = travel_times(network.graph, [origin], [node], mode="foot")[0, 0]
    assert seconds == pytest.approx(120 / (4 / 3.6), rel=1e-3)
    assert base


def test_a_street_that_is_a_place_is_reached_on_itself(town):
    """A pedestrian street as a polygon: the access point lies on the street inside it, not on the road beside."""
    town.road((0, 0), (300, 0), highway="pedestrian", access_car=False, access_motorcycle=False)
    town.road((0, 30), (300, 30))
    street = town.area(shapely.box(50, -5, 250, 5))
    network = build_network(
        town.store.frame("roads"), town.store.frame("key_areas").geometry, kinds=["foot", "car"]
    )
    on_foot = network.graph.nodes[network.nodes[street]["foot"]]
    by_car = network.graph.nodes[network.nodes[street]["car"]]
    assert by_car["y"] - on_foot["y"] == pytest.approx(30, rel=1e-3)


def test_a_place_far_from_every_road_is_reported_not_dropped(town):
    _square_town(town)
    town.area(shapely.box(3000, 3000, 3020, 3020), name="孤岛", visit_interval_min=240)
    town.unit(200, 0)
    day = plan_day(town.store, max_iterations=50, time_limit_s=20)
    assert day.unreachable[["name", "mode", "reason"]].to_numpy().tolist() == [["孤岛", "foot", "off_road"]]


def test_a_place_on_an_island_of_roads_is_reported(town):
    _square_town(town)
    town.road((1000, 1000), (1200, 1000))
    town.area(shapely.Point(1100, 1000).buffer(10), name="对岸", visit_interval_min=240)
    town.unit(200, 0)
    day = plan_day(town.store, max_iterations=50, time_limit_s=20)
    assert set(day.unreachable["name"]) == {"对岸"}
    assert set(day.unreachable["reason"]) == {"no_way"}


def test_one_pair_on_foot_keeps_four_corners_in_time(town):
    """A round of 1,600 m takes 24 min at 4 km/h and 40 min of dwell: well within 240 min."""
    _square_town(town)
    town.unit(200, 0)
    number = compute_patrol(town.store, actor="test", max_iterations=200, time_limit_s=30)
    result = town.store.latest_result("patrol")
    assert result.id == number
    assert result.summary["audit_passed"]
    assert result.summary["breaches"] == 0
    visits = result.frame("visits")
    assert set(visits["place_name"]) == {"广场0", "广场1", "广场2", "广场3"}
    assert (visits["depart_s"] - visits["arrive_s"] >= 600 - 1e-6).all()
    places = result.frame("places")
    assert (places["worst_gap_s"] <= places["max_gap_s"] + 1e-6).all()
    routes = result.frame("routes")
    assert routes.geometry.iloc[0].length == pytest.approx(routes["length_m"].iloc[0])
    assert result.frame("units")["visits"].sum() == len(visits)


def test_the_base_of_a_unit_is_told_by_the_place_that_it_lies_at(town):
    """One starts at the edge of the square, 5 m outside of it; another one 200 m from any place."""
    _square_town(town)
    town.unit(20, 0, name="甲")
    town.unit(200, 0, name="乙")
    units = day_frames(plan_day(town.store, max_iterations=20))["units"].set_index("unit_name")
    assert units["base_name"].to_dict() == {"甲": "广场0", "乙": ""}


def test_the_day_is_planned_to_be_driven_again_the_day_after(town):
    """With an interval of 240 min, the last visit of a day and the first of the next lie no more than that apart."""
    _square_town(town)
    town.unit(200, 0)
    day = plan_day(town.store, max_iterations=200)
    assert day.problem.repeats
    assert day.audit.holds
    spans = day.plan.visits.groupby("place").agg(first=("arrive_s", "min"), last=("depart_s", "max"))
    assert (spans["first"] + 86_400 - spans["last"] <= 240 * 60 + 1e-6).all()


def test_too_few_units_are_called_so_with_how_many_are_needed(town):
    """Four corners 400 m apart with 10 min of dwell, to be seen every 10 min: one pair is not enough, and that is proven."""
    _square_town(town)
    for i in range(4):
        town.area(
            shapely.Point(100 * i + 50, 0).buffer(5), name=f"路口{i}", visit_interval_min=10, dwell_min=10
        )
    town.unit(200, 0, shifts="08:00-12:00")
    compute_patrol(town.store, actor="test", max_iterations=50)
    summary = town.store.latest_result("patrol").summary
    assert summary["proven_impossible"]
    (missing,) = summary["units_needed_at_least"]
    assert missing["modes"] == ["foot"]
    assert missing["at_least"] > missing["on_duty"]
    told = [str(one) for one in staffing_texts(summary, "en")]
    assert told[0] == "With these units and shifts the intervals cannot be kept, whatever the plan."
    assert f"At least {summary['units_bound']} units are needed, there are 1: that is proven." in told
    assert f"at least {missing['at_least']} units (" in told[-1]


def test_with_how_many_units_it_would_hold_is_said_in_words():
    """A plan with 7 units was found where there are 4; where none was found, what may help is said, and nothing where all is kept."""
    kept = {"units": 4, "breaches": 0, "proven_impossible": False}
    assert staffing_texts(kept, "zh") == []
    (told,) = staffing_texts({**kept, "breaches": 3, "needed_units": 7, "units_bound": 4}, "zh")
    assert str(told) == "With 7 units it would hold: 3 more of the kinds there are. Such a plan was made."
    assert say(told, "zh") == "增加到 7 个单元（照现有种类再加 3 个）即可保证：已编出这样的方案。"
    (told,) = staffing_texts({**kept, "breaches": 3, "units_bound": 4}, "en")
    assert str(told).startswith("No number of units was found")


@pytest.mark.parametrize("priorities", ["13", "31"])
def test_where_not_all_can_be_kept_the_first_priority_is_left_alone_less(town, priorities):
    """Eight places with 10 min of dwell and an interval of 45 min are too much for one pair; every other one comes first."""
    _square_town(town)
    for i in range(8):
        spot = shapely.Point(50 * i, 400).buffer(5)
        town.area(spot, name=f"处{i}", visit_interval_min=45, dwell_min=10, priority=priorities[i % 2])
    town.unit(200, 0)
    day = plan_day(town.store, max_iterations=3000, seed=1)
    assert day.plan.is_impossible
    mean = day_frames(day)["places"].groupby("priority")["worst_gap_s"].mean()
    assert mean["1"] < mean["3"]


def test_the_same_seed_and_iterations_give_the_same_plan(town):
    _square_town(town)
    town.unit(200, 0)
    first, second = (plan_day(town.store, max_iterations=100, time_limit_s=60, seed=5).plan for _ in range(2))
    assert first.visits.equals(second.visits)


def test_without_units_two_cars_a_motorcycle_and_foot_pairs_start_at_the_police_station(town):
    _square_town(town)
    town.area(shapely.Point(200, 0).buffer(10), name="派出所", category="police", visit_interval_min=240)
    beats = load_beats(town.store)
    assert beats.default_units
    counts = beats.units["mode"].value_counts().to_dict()
    assert counts == {"car": 2, "motorcycle": 1, "foot": 3}
    police = town.store.frame("key_areas").query("category == 'police'").geometry.iloc[0]
    assert all(one.within(police) for one in beats.units.geometry)


def test_a_shift_over_midnight_becomes_two_shifts_of_one_unit(town):
    _square_town(town)
    town.unit(200, 0, shifts="22:00-06:00")
    units = load_beats(town.store).units
    assert sorted(zip(units["start_s"], units["end_s"], strict=True)) == [
        (0, 6 * 3600),
        (22 * 3600, 24 * 3600),
    ]
    assert len(set(units["unit"])) == 1


def test_places_without_an_interval_are_counted_and_a_town_with_none_is_told(town):
    town.road((0, 0), (100, 0))
    row = town.area(shapely.box(0, 0, 10, 10), name="公园")
    with pytest.raises(InputError, match="visit_interval_min"):
        load_beats(town.store)
    town.area(shapely.box(20, 0, 30, 10), name="车站", visit_interval_min=60)
    assert load_beats(town.store).left_out == [("key_areas", row, "公园")]


def test_a_base_away_from_every_road_is_named(town):
    _square_town(town)
    town.unit(5000, 5000, name="远郊组")
    with pytest.raises(InputError, match="远郊组"):
        compute_patrol(town.store, actor="test", max_iterations=10)


def test_a_unit_with_a_speed_of_its_own_drives_at_it(town):
    """On foot at 8 km/h a leg takes half as long as at 4 km/h."""
    _square_town(town)
    town.unit(200, 0, speed_kmh=8.0)
    day = plan_day(town.store, max_iterations=50, time_limit_s=20)
    legs = day.plan.legs
    graph = day.network.graph
    for u, v, key, enter, leave in legs[["u", "v", "key", "enter_s", "leave_s"]].itertuples(index=False):
        assert leave - enter == pytest.approx(graph.edges[u, v, key]["length"] / (8 / 3.6))


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("", None), ("全天", None), ("07:00-09:00", [(25200, 28800, 172800.0, 1), (28800, 32400, 3600.0, 0)])],
)
def test_hours_of_a_place_are_its_windows(hours, expected):
    """An interval of an hour is first held an hour after the place opens; before that the first visit must begin."""
    assert windows_of(pd.Series({"hours": hours, "max_gap_s": 3600.0, "spans": None})) == expected
