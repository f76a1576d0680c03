"""Entrances agree with the visible areas of their cameras, also below and behind obstacles with free air under them."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_scenes import CRS, X, Y, obstacles, round_camera

from camera_coverage import analyse, watched_entrances


@pytest.mark.parametrize("clear", [0.0, 3.0])
def test_an_entrance_is_watched_where_its_place_is_in_the_visible_area(clear):
    """Eye 6 m, target 1.5 m, a board to 4 m at 10 m: from 3 m on it hides 15 to 22.5 m, down to the ground 10 to 22.5 m."""
    board = obstacles(shapely.LineString([(10, -40), (10, 40)]), height_m=[4.0], clear_height_m=[clear])
    away = np.array([5.0, 12.0, 14.9, 15.1, 18.0, 22.4, 22.6, 24.0])
    places = gpd.GeoDataFrame(
        {"area": [None] * len(away)}, geometry=gpd.points_from_xy(X + away, [Y] * len(away)), crs=CRS
    )
    coverage = analyse(
        round_camera().assign(status="working"),
        board,
        classes=("monitor", "detect", "observe", "recognise", "identify", "inspect"),
    )
    found = watched_entrances(places, gpd.GeoDataFrame(geometry=[], crs=CRS), coverage)
    hidden = (away > (15 if clear else 10)) & (away < 22.5)
    assert found["class_day"].isna().tolist() == hidden.tolist()
    finest = coverage.areas("monitor", "day")[0]
    assert shapely.intersects(finest, places.geometry.to_numpy()).tolist() == (~hidden).tolist()
