"""Places that no road leads to are reported, never dropped."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from patrol_routing import nearest_nodes, reachability
from town_model import CrsError, ValueRangeError


def points(*xy):
    return gpd.GeoSeries(
        [shapely.Point(*one) for one in xy], crs="EPSG:4549", index=[f"p{i}" for i in range(len(xy))]
    )


def test_the_nearest_junction_and_its_distance_are_given(block_graph, junction):
    found = nearest_nodes(block_graph, points((103, 204), (5000, 5030)), mode="car")
    assert found.loc["p0", "node"] == junction(1, 2)
    assert found["distance_m"].tolist() == pytest.approx([5, 30])


def test_points_too_far_away_have_no_node_but_a_distance(block_graph):
    found = nearest_nodes(block_graph, points((-300, 0)), mode="foot", max_distance_m=200)
    assert found.loc["p0", "node"] is None
    assert found.loc["p0", "distance_m"] == pytest.approx(300)


def test_only_roads_of_the_mode_are_taken(block_graph, junction):
    # (4, 1) is met by the open row 1 and the closed column 4: a car may stand there; between rows it may not drive
    near = points((400, 99))
    assert nearest_nodes(block_graph, near, mode="car").loc["p0", "node"] == junction(4, 1)


def test_with_bases_a_scrap_of_road_nearby_is_passed_over(block_graph, junction):
    far = nearest_nodes(
        block_graph, points((5000, 5000)), mode="car", max_distance_m=1e5, bases=[junction(2, 2)]
    )
    assert far.loc["p0", "node"] == junction(4, 4)


def test_areas_snap_by_a_point_inside(block_graph, junction):
    area = gpd.GeoSeries([shapely.box(90, 90, 110, 110)], crs="EPSG:4549")
    assert nearest_nodes(block_graph, area, mode="foot").loc[0, "node"] == junction(1, 1)


def test_the_report_tells_why_a_place_cannot_be_reached(block_graph, junction):
    island = nearest_nodes(block_graph, points((5000, 5000)), mode="car").loc["p0", "node"]
    nodes = pd.Series({"in": junction(3, 3), "island": island, "nowhere": None, "corner": junction(4, 0)})
    report = reachability(block_graph, nodes, bases=[junction(0, 0)], mode="car")
    # (4, 0): the row is one-way into it and the column is closed, so cars cannot come back
    assert report["reason"].to_dict() == {
        "in": "",
        "island": "no_way",
        "nowhere": "too_far",
        "corner": "no_way_back",
    }
    assert report["reachable"].tolist() == [True, False, False, False]
    assert report.loc["island", "component_nodes"] == 2
    assert report.loc["corner", "component_nodes"] == 1
    assert report.loc["in", "component_nodes"] == 24


def test_points_in_other_coordinates_are_refused(block_graph):
    with pytest.raises(CrsError, match="convert"):
        nearest_nodes(block_graph, points((0, 0)).set_crs(4326, allow_override=True), mode="car")
    with pytest.raises(ValueRangeError, match="above 0"):
        nearest_nodes(block_graph, points((0, 0)), mode="car", max_distance_m=0)
