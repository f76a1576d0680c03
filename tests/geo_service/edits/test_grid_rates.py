"""Claims about the figures of each cell, counted by hand on a town of two cells."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_service.edits.grid_rates import grid_rates
from geo_service.workspace import Workspace

LON, LAT = 118.78, 32.04


@pytest.fixture
def store(tmp_path):
    """Two cells of 100 by 100 metres side by side, a road through both, and what stands in them."""
    with Workspace.create(tmp_path / "town") as made:
        store = made.store
        epsg = store.place_town(LON, LAT, actor="t").epsg
        origin = gpd.GeoSeries([shapely.Point(LON, LAT)], crs=4326).to_crs(epsg)[0]

        def ground(shape):
            return shapely.affinity.translate(shape, origin.x, origin.y)

        def degrees(shape):
            return gpd.GeoSeries([ground(shape)], crs=epsg).to_crs(4326)[0]

        area = {"category": "school", "reason": "r", "approver": "a", "review_date": "2027-01-01"}
        with store.change(actor="t") as change:
            change.insert(
                "grids",
                [
                    {"name": "西", "geometry": degrees(shapely.box(0, 0, 100, 100))},
                    {"name": "东", "geometry": degrees(shapely.box(100, 0, 200, 100))},
                ],
            )
            road = shapely.LineString([(0, 50), (100, 50), (200, 50)])
            change.insert("roads", [{"highway": "residential", "geometry": degrees(road)}])
            change.insert(
                "roads", [{"highway": "footway", "geometry": degrees(shapely.LineString([(1, 1), (99, 1)]))}]
            )
            change.insert(
                "key_areas", [{"name": "校", "geometry": degrees(shapely.box(10, 60, 50, 80)), **area}]
            )
            change.insert("buildings", [{"geometry": degrees(shapely.box(10, 60, 30, 80))}])
            states = (("working", 20), ("faulty", 30), ("planned", 40), ("working", 150))
            for status, x in states:
                change.insert(
                    "camera_sites",
                    [{"name": status, "status": status, "geometry": degrees(shapely.Point(x, 10))}],
                )
        pieces = gpd.GeoDataFrame(
            {
                "light": ["day", "day", "night"],
                "target_kind": ["road", "key_area", "road"],
                "geometry": [
                    ground(shapely.LineString([(75, 50), (150, 50)])),
                    ground(shapely.box(30, 60, 40, 80)),
                    ground(shapely.LineString([(0, 50), (200, 50)])),
                ],
            },
            crs=epsg,
        )
        store.save_result("gaps", actor="t", options={}, summary={}, frames={"pieces": pieces})
        places = gpd.GeoDataFrame(
            {
                "place": ["a", "b"],
                "visits": [3, 2],
                "geometry": [ground(shapely.Point(20, 20)), ground(shapely.Point(120, 20))],
            },
            crs=epsg,
        )
        store.save_result("patrol", actor="t", options={}, summary={}, frames={"places": places})
        yield store


def test_cameras_and_places_count_where_they_stand(store):
    rates = grid_rates(store)
    assert rates["cameras"].tolist() == [2, 1] and rates["cameras_working"].tolist() == [1, 1]
    assert rates["places"].tolist() == [1, 0] and rates["visits"].tolist() == [3, 2]
    assert rates["area_m2"].tolist() == pytest.approx([10_000, 10_000], rel=1e-6)


def test_roads_and_blind_spots_are_cut_at_the_boundary(store):
    """The blind road from 75 to 150 metres leaves 25 metres in the west and 50 in the east."""
    rates = grid_rates(store)
    assert rates["roads_m"].tolist() == pytest.approx([100, 100], rel=1e-6)
    assert rates["gap_length_day_m"].tolist() == pytest.approx([25, 50], rel=1e-6)
    assert rates["roads_seen_day"].tolist() == pytest.approx([0.75, 0.5], abs=1e-6)
    assert rates["roads_seen_night"].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_ground_under_buildings_is_not_asked_to_be_seen(store):
    """Of 40 by 20 metres half is a building; 10 by 20 of the rest are blind: half is seen."""
    rates = grid_rates(store)
    assert rates["places_seen_day"][1] == pytest.approx(0.5, abs=1e-6)
    assert rates["gap_area_day_m2"][1] == pytest.approx(200, rel=1e-6)
    assert np.isnan(rates["places_seen_day"][2]) and rates["places_seen_night"][1] == pytest.approx(1)


def test_a_camera_on_the_shared_boundary_counts_once(store):
    border = store.frame("grids", crs="wgs84").geometry[1].bounds
    shared = shapely.Point(border[2], (border[1] + border[3]) / 2)
    with store.change(actor="t") as change:
        change.insert("camera_sites", [{"name": "界", "geometry": shared}])
    assert grid_rates(store)["cameras"].sum() == 4


def test_a_town_without_cells_or_results_says_nothing(tmp_path):
    with Workspace.create(tmp_path / "town") as made:
        made.store.place_town(LON, LAT, actor="t")
        assert grid_rates(made.store).empty
        with made.store.change(actor="t") as change:
            change.insert(
                "grids", [{"name": "独", "geometry": shapely.box(LON, LAT, LON + 0.001, LAT + 0.001)}]
            )
        rates = grid_rates(made.store)
        assert rates["cameras"].tolist() == [0] and np.isnan(rates["roads_seen_day"].astype(float)).all()
