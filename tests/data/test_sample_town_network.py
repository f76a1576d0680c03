"""The sample town as patrols and cameras meet it: cars get in and out everywhere, poles stand where poles can stand."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely

from town_data import sample_town


@pytest.mark.parametrize("mode", ["foot", "car", "motorcycle"])
def test_every_road_can_be_entered_and_left_in_spite_of_one_way_lanes(town, mode):
    graph = nx.DiGraph()
    for road in town["roads"]:
        if road[f"access_{mode}"]:
            points = list(road["geometry"].coords)
            for a, b in pairwise(points):
                if road[f"oneway_{mode}"] != "backward":
                    graph.add_edge(a, b)
                if road[f"oneway_{mode}"] != "forward":
                    graph.add_edge(b, a)
    assert nx.is_strongly_connected(graph)


def test_cameras_and_lamps_stand_off_carriageways_water_and_buildings(town, metres):
    carriageways = shapely.buffer(metres["roads"], np.array([one["width_m"] for one in town["roads"]]) / 2)
    solid = shapely.STRtree([*carriageways, *metres["water"], *metres["buildings"]])
    for name in ("camera_sites", "street_lights"):
        assert solid.query(metres[name], predicate="intersects").size == 0, name


def test_no_camera_stands_in_a_place_where_none_may_stand(metres):
    inside = shapely.STRtree(metres["no_camera_zones"]).query(metres["camera_sites"], predicate="intersects")
    assert inside.size == 0


def test_a_directed_camera_by_a_street_has_ground_before_it(town, metres):
    """The first five metres of the view of every street camera cross no building."""
    houses = shapely.STRtree(metres["buildings"])
    blocked = 0
    rows = [
        (row, at)
        for row, at in zip(town["camera_sites"], metres["camera_sites"], strict=True)
        if "沿街" in row["name"]
    ]
    for row, at in rows:
        turn = np.radians(row["azimuth_deg"])
        view = shapely.LineString([at, (at.x + 5 * np.sin(turn), at.y + 5 * np.cos(turn))])
        blocked += houses.query(view, predicate="intersects").size > 0
    assert len(rows) >= 20 and blocked <= len(rows) // 10


def test_units_start_beside_a_road_of_their_mode(town, metres):
    for unit, base in zip(town["patrol_units"], metres["patrol_units"], strict=True):
        open_to = [
            s for row, s in zip(town["roads"], metres["roads"], strict=True) if row[f"access_{unit['mode']}"]
        ]
        assert shapely.distance(open_to, base).min() < 30, unit["name"]


def test_no_building_stands_on_a_carriageway_or_on_another(town, metres):
    houses = metres["buildings"]
    carriageways = shapely.buffer(metres["roads"], np.array([one["width_m"] for one in town["roads"]]) / 2)
    assert shapely.STRtree(carriageways).query(houses, predicate="intersects").size == 0
    first, second = shapely.STRtree(houses).query(houses, predicate="intersects")
    assert (first == second).all()


@pytest.mark.parametrize("seed", [1, 12])
def test_another_seed_gives_as_whole_a_town(seed):
    other = sample_town(seed)
    assert abs(len(other["buildings"]) - 1500) <= 75 and len(other["camera_sites"]) == 120
    assert all(one["households"] >= 10 for one in other["housing_zones"]) and len(other["housing_zones"]) == 4
    assert {one["name"] for one in other["key_areas"]} == {one["name"] for one in sample_town()["key_areas"]}
    graph = nx.Graph()
    for road in other["roads"]:
        nx.add_path(graph, road["geometry"].coords)
    assert nx.is_connected(graph)
