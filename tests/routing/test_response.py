"""Response times: by hand on a cross of roads, against networkx on a random town, and along the roads themselves."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from patrol_routing import Mode, road_graph
from patrol_routing.response import (
    Start,
    best_post,
    places_in_time,
    response_roads,
    response_times,
    starts_at,
)
from town_model import InputError, ValueRangeError

CAR = Mode("car", 36.0)  # 10 m/s
CRS = "EPSG:4549"


def graph_of(*lines, **columns):
    frame = gpd.GeoDataFrame(
        {"highway": ["residential"] * len(lines), **columns},
        geometry=[shapely.LineString(one) for one in lines],
        crs=CRS,
    )
    return road_graph(frame, modes=[CAR])


def node_at(graph, x, y):
    return next(n for n, data in graph.nodes(data=True) if (data["x"], data["y"]) == (x, y))


@pytest.fixture
def cross():
    """Four arms of 1,000 m from (0, 0): 100 s each."""
    return graph_of(*[[(0, 0), end] for end in ((1000, 0), (0, 1000), (-1000, 0), (0, -1000))])


def test_the_quickest_of_several_responders_counts(cross):
    """From the middle in 0 s, from the eastern end 20 s later: the east is reached by the second, the others by the first."""
    starts = [Start(node_at(cross, 0, 0)), Start(node_at(cross, 1000, 0), 20.0)]
    times = dict(zip(cross, response_times(cross, starts, mode="car"), strict=True))
    assert times[node_at(cross, 0, 0)] == pytest.approx(0, abs=1e-9)
    assert times[node_at(cross, 1000, 0)] == pytest.approx(20)
    assert times[node_at(cross, 0, 1000)] == pytest.approx(100)


def test_without_a_responder_nobody_comes(cross):
    assert np.isinf(response_times(cross, [], mode="car")).all()


def test_a_wrong_start_is_told(cross):
    with pytest.raises(InputError, match="no node"):
        response_times(cross, [Start(99)], mode="car")
    with pytest.raises(ValueRangeError):
        response_times(cross, [Start(0, -1.0)], mode="car")


def test_roads_are_cut_where_a_limit_is_passed(cross):
    """10 m/s from the middle: 600 m of each arm within 60 s, the other 400 m within 180 s."""
    times = response_times(cross, [Start(node_at(cross, 0, 0))], mode="car")
    roads = response_roads(cross, {"car": times}, limits_s=(60, 180, 300))
    assert roads["limit_s"].tolist() == [60, 180, 300, np.inf]
    assert roads["length_m"].tolist() == pytest.approx([2400, 1600, 0, 0])
    assert roads.geometry.iloc[0].buffer(0.01).contains(shapely.Point(599.9, 0))
    assert not roads.geometry.iloc[0].buffer(0.01).contains(shapely.Point(601, 0))


def test_a_road_is_reached_from_both_ends():
    """A ring of 4 × 1,000 m, one responder: the far half is reached from either side, the last points after 200 s."""
    corners = [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)]
    graph = graph_of(*[corners[i : i + 2] for i in range(4)])
    times = response_times(graph, [Start(node_at(graph, 0, 0))], mode="car")
    roads = response_roads(graph, {"car": times}, limits_s=(150, 199))
    assert roads["length_m"].tolist() == pytest.approx([3000, 980, 20])
    assert roads.geometry.iloc[2].distance(shapely.Point(1000, 1000)) == pytest.approx(0)


def test_a_one_way_road_is_reached_in_its_direction_only():
    """Only from (0, 0) to (1000, 0): a responder at its end does not enter it."""
    graph = graph_of([(0, 0), (1000, 0)], [(1000, 0), (1000, 500)], oneway_car=["forward", "no"])
    times = response_times(graph, [Start(node_at(graph, 1000, 0))], mode="car")
    roads = response_roads(graph, {"car": times}, limits_s=(300,))
    assert roads["length_m"].tolist() == pytest.approx([500, 1000])


def test_of_several_modes_the_quickest_counts_at_every_point():
    """A street of 1,000 m and a footpath of 200 m from its end; a car (10 m/s) in the west, a walker (2 m/s) in the east.

    Within 40 s: 400 m by car from the west, 80 m on foot from the east, 80 m of the path. Within 100 s the street is
    reached whole, the path 200 m. The car alone would reach no path, and the end of the street after 100 s.
    """
    foot = Mode("foot", 7.2)
    frame = gpd.GeoDataFrame(
        {"highway": ["residential", "footway"], "access_car": [True, False], "access_foot": [True, True]},
        geometry=[shapely.LineString([(0, 0), (1000, 0)]), shapely.LineString([(1000, 0), (1000, 200)])],
        crs=CRS,
    )
    graph = road_graph(frame, modes=[CAR, foot])
    west, east = node_at(graph, 0, 0), node_at(graph, 1000, 0)
    times = {
        "car": response_times(graph, [Start(west)], mode="car"),
        "foot": response_times(graph, [Start(east)], mode="foot"),
    }
    roads = response_roads(graph, times, limits_s=(40, 101))
    assert roads["length_m"].tolist() == pytest.approx([400 + 80 + 80, 520 + 120, 0])
    assert response_roads(graph, {"car": times["car"]}, limits_s=(40,))["length_m"].tolist() == [400, 600]
    nobody = {"car": response_times(graph, [], mode="car"), "foot": response_times(graph, [], mode="foot")}
    assert response_roads(graph, nobody, limits_s=(40,))["length_m"].tolist() == [0, 1200]


@pytest.mark.parametrize("limits", [(), (0, 60), (60, 60), (60, 30), (np.inf,)])
def test_limits_must_rise(cross, limits):
    with pytest.raises(ValueRangeError, match="rise"):
        response_roads(cross, {"car": np.zeros(len(cross))}, limits_s=limits)


@pytest.fixture
def legs(cross):
    middle, east, north = (node_at(cross, *at) for at in ((0, 0), (1000, 0), (0, 1000)))
    return pd.DataFrame(
        {
            "u": [middle, east, middle],
            "v": [east, middle, north],
            "enter_s": [100.0, 500.0, 600.0],
            "leave_s": [200.0, 600.0, 700.0],
        }
    )


def test_a_patrol_sets_out_from_where_it_is(cross, legs):
    """At 130 s it is 300 m out: 70 s from the end, 30 s back to the middle."""
    middle, east, north = (node_at(cross, *at) for at in ((0, 0), (1000, 0), (0, 1000)))
    assert starts_at(cross, legs, middle, 50.0, mode="car") == [Start(middle)]
    assert starts_at(cross, legs, middle, 300.0, mode="car") == [Start(east)]
    assert starts_at(cross, legs, middle, 900.0, mode="car") == [Start(north)]
    on_its_way = {one.node: one.delay_s for one in starts_at(cross, legs, middle, 130.0, mode="car")}
    assert on_its_way == pytest.approx({east: 70.0, middle: 30.0})


def test_a_patrol_does_not_turn_round_in_a_one_way_road():
    graph = graph_of([(0, 0), (1000, 0)], oneway_car=["forward"])
    begin, end = node_at(graph, 0, 0), node_at(graph, 1000, 0)
    legs = pd.DataFrame({"u": [begin], "v": [end], "enter_s": [0.0], "leave_s": [100.0]})
    assert starts_at(graph, legs, begin, 30.0, mode="car") == [Start(end, 70.0)]


def test_a_place_is_reached_at_the_nearest_of_its_gates(cross):
    times = response_times(cross, [Start(node_at(cross, 0, 0))], mode="car")
    gates = pd.Series({"school": [node_at(cross, 1000, 0), node_at(cross, 0, 0)], "island": []})
    assert places_in_time(times, cross, gates).tolist() == pytest.approx([0, np.inf], abs=1e-9)
    with pytest.raises(InputError):
        places_in_time(times, cross, pd.Series({"x": [77]}))


def test_one_more_post_goes_where_it_reaches_most(cross):
    """Today from the east: the west and north are 200 s away. From the middle both are within 120 s; from the west one is."""
    at = {
        name: node_at(cross, *xy)
        for name, xy in {"w": (-1000, 0), "n": (0, 1000), "e": (1000, 0), "m": (0, 0)}.items()
    }
    access = pd.Series({"west": [at["w"]], "north": [at["n"]], "east": [at["e"]]})
    now = places_in_time(response_times(cross, [Start(at["e"])], mode="car"), cross, access)
    ranked = best_post(cross, [at["w"], at["m"]], access, now, mode="car", limit_s=120)
    assert ranked["node"].tolist() == [at["m"], at["w"]]
    assert ranked["places"].tolist() == [2, 1]
    assert ranked["saved_s"].tolist() == pytest.approx([200, 200])
    assert ranked["longest_s"].tolist() == pytest.approx([100, 200])
    heavy = best_post(
        cross, [at["w"], at["m"]], access, now, mode="car", limit_s=120,
        weights=pd.Series({"west": 4.0, "north": 1.0, "east": 1.0}),
    )  # fmt: skip
    assert heavy["gained"].tolist() == [5, 4]


def test_times_equal_those_of_networkx_on_a_random_town():
    """Many starts with delays at once against one search of networkx for each."""
    made = np.random.default_rng(7)
    lines = []
    for x in range(9):
        for y in range(9):
            for dx, dy in ((1, 0), (0, 1)):
                if made.random() < 0.8 and x + dx < 9 and y + dy < 9:
                    lines.append([(x * 100, y * 100), ((x + dx) * 100, (y + dy) * 100)])
    ways = made.choice(["no", "forward", "backward"], len(lines), p=[0.7, 0.15, 0.15])
    graph = graph_of(*lines, oneway_car=list(ways))
    nodes = list(graph)
    starts = [Start(nodes[i], float(made.uniform(0, 40))) for i in made.choice(len(nodes), 5, replace=False)]
    expected = np.full(len(nodes), np.inf)
    for one in starts:
        found = nx.single_source_dijkstra_path_length(graph, one.node, weight="travel_time_car")
        for i, node in enumerate(nodes):
            expected[i] = min(expected[i], found.get(node, np.inf) + one.delay_s)
    assert response_times(graph, starts, mode="car") == pytest.approx(expected)
