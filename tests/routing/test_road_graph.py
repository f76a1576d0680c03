"""The road graph has the nodes, directions, lengths and times that its roads say."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from patrol_routing import DEFAULT_MODES, Mode, edge_geometry, road_graph
from town_model import CrsError, InputError, ValueRangeError

CRS = "EPSG:4549"
CAR = Mode("car", 36.0)  # 10 m a second


def roads(*lines, **columns):
    table = {"highway": ["residential"] * len(lines), **columns}
    index = [f"r{i}" for i in range(len(lines))]
    return gpd.GeoDataFrame(
        table,
        index=index,
        geometry=[shapely.LineString(one) if isinstance(one, list) else one for one in lines],
        crs=CRS,
    )


def at(graph, x, y):
    """The node at a position."""
    (found,) = [n for n, d in graph.nodes(data=True) if abs(d["x"] - x) < 1e-6 and abs(d["y"] - y) < 1e-6]
    return found


def test_roads_are_joined_at_a_shared_vertex_and_cut_there():
    graph = road_graph(roads([(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 50)]), modes=[CAR])
    assert sorted((d["x"], d["y"]) for _, d in graph.nodes(data=True)) == [
        (0, 0),
        (100, 0),
        (100, 50),
        (200, 0),
    ]
    assert graph.number_of_edges() == 6
    assert graph.nodes[at(graph, 100, 0)]["street_count"] == 3
    edge = graph.edges[at(graph, 0, 0), at(graph, 100, 0), 0]
    assert edge["length"] == 100
    assert edge["travel_time_car"] == pytest.approx(10)
    assert edge["road"] == "r0"
    assert edge["modes"] == ("car",)
    assert "geometry" not in edge


def test_roads_that_merely_cross_are_not_joined():
    graph = road_graph(roads([(0, 0), (100, 0)], [(50, -50), (50, 50)]), modes=[CAR])
    assert len(graph) == 4
    assert nx.number_weakly_connected_components(graph) == 2


def test_a_bend_becomes_the_geometry_of_its_edge_in_the_direction_of_travel():
    graph = road_graph(roads([(0, 0), (30, 40), (60, 0)]), modes=[CAR])
    a, b = at(graph, 0, 0), at(graph, 60, 0)
    assert graph.edges[a, b, 0]["length"] == 100
    assert list(graph.edges[a, b, 0]["geometry"].coords) == [(0, 0), (30, 40), (60, 0)]
    assert list(edge_geometry(graph, b, a, 0).coords) == [(60, 0), (30, 40), (0, 0)]
    assert not graph.edges[a, b, 0]["reversed"]
    assert graph.edges[b, a, 0]["reversed"]


def test_one_ways_hold_for_the_mode_that_they_name():
    table = roads(
        [(0, 0), (100, 0)], oneway_car=["forward"], oneway_foot=["no"], oneway_motorcycle=["backward"]
    )
    graph = road_graph(table)
    a, b = at(graph, 0, 0), at(graph, 100, 0)
    assert graph.edges[a, b, 0]["modes"] == ("foot", "car")
    assert graph.edges[b, a, 0]["modes"] == ("foot", "motorcycle")
    assert graph.edges[a, b, 0]["oneway"]
    assert "travel_time_motorcycle" not in graph.edges[a, b, 0]


def test_closed_roads_carry_no_time_for_the_mode_and_missing_cells_are_open():
    table = roads([(0, 0), (100, 0)], [(100, 0), (200, 0)], access_car=[False, None])
    graph = road_graph(table, modes=[CAR])
    assert {data["road"] for *_, data in graph.edges(data=True)} == {"r1"}


def test_without_access_columns_the_class_of_the_road_decides():
    graph = road_graph(roads([(0, 0), (100, 0)], highway=["footway"]))
    assert {data["modes"] for *_, data in graph.edges(data=True)} == {("foot",)}


def test_the_speed_limit_caps_the_speed_by_car_but_not_on_foot():
    table = roads([(0, 0), (100, 0)], highway=["primary"], speed_kmh=[3.6])
    edge = road_graph(table).edges[0, 1, 0]
    assert edge["travel_time_car"] == pytest.approx(100)
    assert edge["travel_time_foot"] == pytest.approx(100 / (4 / 3.6))


def test_multilinestrings_give_all_their_parts():
    line = shapely.MultiLineString([[(0, 0), (10, 0)], [(10, 0), (10, 10)]])
    graph = road_graph(roads(line), modes=[CAR])
    assert len(graph) == 3
    assert graph.number_of_edges() == 4


def test_a_closed_ring_keeps_its_length_as_a_loop():
    graph = road_graph(roads([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]), modes=[CAR])
    assert len(graph) == 1
    assert [data["length"] for *_, data in graph.edges(data=True)] == [40, 40]


def test_vertices_a_hair_apart_are_one_vertex():
    graph = road_graph(roads([(0, 0), (100, 0)], [(100.0000004, 0), (200, 0)]), modes=[CAR])
    assert len(graph) == 3


def test_loose_ends_snap_to_a_road_of_the_same_level_when_asked():
    table = roads([(0, 0), (100, 0)], [(50, 0.8), (50, 60)], [(20, 0.5), (20, 60)], level=[0, 0, 1])
    assert nx.number_weakly_connected_components(road_graph(table, modes=[CAR])) == 3
    graph = road_graph(table, modes=[CAR], snap_m=1.0)
    assert nx.number_weakly_connected_components(graph) == 2
    assert graph.nodes[at(graph, 50, 0)]["street_count"] == 3


def test_no_part_of_the_network_is_dropped():
    graph = road_graph(roads([(0, 0), (100, 0)], [(5000, 0), (5100, 0)]), modes=[CAR])
    assert len(graph) == 4


def test_the_graph_knows_its_coordinate_system_and_modes_and_is_frozen():
    graph = road_graph(roads([(0, 0), (100, 0)]))
    assert graph.graph["crs"].to_epsg() == 4549
    assert list(graph.graph["modes"]) == [one.name for one in DEFAULT_MODES]
    with pytest.raises(nx.NetworkXError):
        graph.add_node("x")


def test_the_roads_are_left_as_they_were():
    table = roads([(0, 0), (100, 0)], oneway_car=["no"])
    before = table.copy()
    road_graph(table, snap_m=1)
    assert table.equals(before)


def test_bad_roads_are_refused_with_all_their_faults():
    with pytest.raises(CrsError, match="metres"):
        road_graph(roads([(0, 0), (1, 0)]).set_crs(4326, allow_override=True))
    table = roads([(0, 0), (1, 0)], [(1, 0), (2, 0)], oneway_car=["yes", "no"], speed_kmh=[30, -1])
    with pytest.raises(ValueRangeError) as caught:
        road_graph(table)
    assert len(caught.value.messages) == 2
    assert "r0" in str(caught.value)
    assert "r1" in str(caught.value)
    with pytest.raises(InputError, match="highway class"):
        road_graph(roads([(0, 0), (1, 0)], highway=[None]))


def test_modes_refuse_speeds_that_make_no_sense():
    with pytest.raises(ValueRangeError, match="above 0"):
        Mode("car", 0)
    with pytest.raises(ValueRangeError, match="steps"):
        Mode("foot", 4, {"steps": float("nan")})


def test_a_mode_at_another_speed_keeps_its_roads_and_scales_its_times():
    slow = CAR.at_speed(18.0, "old_car")
    graph = road_graph(roads([(0, 0), (100, 0)], access_car=[True]), modes=[CAR, slow])
    edge = graph.edges[0, 1, 0]
    assert np.isclose(edge["travel_time_old_car"], 2 * edge["travel_time_car"])
