"""Random scenes of the kind that breaks geometry: millimetre walls, bow-ties, courtyards, eyes on corners and edges."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_scenes import CRS, seen

from camera_coverage import ViewOptions, visible_areas

VIEWS = 60


def town(rng, x0, y0):
    """Up to 40 obstacles within 60 m of a place, some of them invalid."""
    shapes = []
    for _ in range(rng.integers(1, 40)):
        x, y = x0 + rng.uniform(-60, 60), y0 + rng.uniform(-60, 60)
        width, depth = rng.choice([1e-3, 0.05, 1, 5, 20], 2)
        box = shapely.box(x, y, x + width, y + depth)
        star = np.column_stack([x + rng.uniform(-9, 9, 6), y + rng.uniform(-9, 9, 6)])
        ring = shapely.Point(x, y).buffer(8).difference(shapely.Point(x, y).buffer(5))
        round_one = shapely.Point(x, y).buffer(width, quad_segs=int(rng.integers(1, 12)))
        turned = shapely.affinity.rotate(box, rng.uniform(0, 90))
        shapes.append(
            [box, turned, round_one, ring, shapely.LineString(star), shapely.Polygon(star)][
                rng.integers(0, 6)
            ]
        )
    heights = rng.choice([np.nan, 0.5, 2, 3, 5, 6, 9], len(shapes))
    return gpd.GeoDataFrame({"height_m": heights}, geometry=shapes, crs=CRS)


def cameras(rng, frame, x0, y0):
    """Cameras of every kind; half of them on a corner or an edge of an obstacle."""
    corners = shapely.get_coordinates(frame.geometry.to_numpy())
    at = rng.integers(0, len(corners) - 1, VIEWS)
    where = rng.integers(0, 4, VIEWS)[:, None]
    free = np.column_stack([x0 + rng.uniform(-60, 60, VIEWS), y0 + rng.uniform(-60, 60, VIEWS)])
    place = np.where(where == 0, corners[at], np.where(where == 1, (corners[at] + corners[at + 1]) / 2, free))
    return gpd.GeoDataFrame(
        {
            "kind": rng.choice(["fixed", "dome", "ptz", "fisheye", "multi_sensor"], VIEWS),
            "mount_height_m": rng.choice([0.5, 1.5, 1.6, 3, 6, 12], VIEWS),
            "azimuth_deg": rng.choice([0, 45, 90, rng.uniform(0, 360)], VIEWS),
            "tilt_deg": rng.choice([-90, -30, -1, 0, 1e-6, 10, 30, 60, 89, 90], VIEWS),
            "hfov_deg": rng.choice([1, 30, 90, 120, 170, 179.9, 180, 270, 360], VIEWS),
            "vfov_deg": rng.choice([1, 20, 60, 120, 180, np.nan], VIEWS),
            "resolution_px_h": rng.choice([160, 1920, 8000], VIEWS),
            "max_range_m": rng.choice([0.1, 1, 10, 80, 500], VIEWS),
            "ir_range_m": rng.choice([0, 5, 30, np.nan], VIEWS),
        },
        geometry=shapely.points(place),
        crs=CRS,
    )


@pytest.mark.parametrize("seed", range(16))
def test_no_scene_breaks_the_computation_or_shows_more_than_open_ground(seed):
    rng = np.random.default_rng(seed)
    x0, y0 = rng.uniform(4e5, 6e5), rng.uniform(3e6, 5e6)
    frame = town(rng, x0, y0)
    views = cameras(rng, frame, x0, y0)
    for options in (ViewOptions(observation_class=None), ViewOptions(observation_class="detect", night=True)):
        areas = visible_areas(views, frame, options=options)
        free = visible_areas(views, options=options)
        assert areas.is_valid.all()
        assert (areas.area <= free.area * (1 + 1e-5) + 1e-5).all()


@pytest.mark.parametrize("hfov", [30.0, 120.0, 170.0])
@pytest.mark.parametrize("tilt", [1e-9, 1e-6, 1e-4])
def test_a_hair_of_tilt_changes_the_view_by_a_hair(hfov, tilt):
    level = seen(tilt_deg=0.0, hfov_deg=hfov)
    assert seen(tilt_deg=tilt, hfov_deg=hfov).area == pytest.approx(level.area, rel=1e-4)
