"""The sweep against CGAL's exact visibility polygons (pyvispoly) on real towns, all walls of full height."""

import coverage_towns as towns
import numpy as np
import pytest
import shapely

from camera_coverage import build_scene, isovists, open_sectors

REACH_M = 80.0


def worst_difference(frame, count, seed):
    """The largest symmetric difference of our polygon and CGAL's, as a share of the area."""
    eyes = towns.eyes_outside(frame, count, seed)
    rng = np.random.default_rng(seed)
    azimuth = rng.uniform(0, 360, count)
    hfov = np.where(np.arange(count) % 2 == 0, 360.0, rng.uniform(40, 300, count))
    scene = build_scene(frame.drop(columns="height_m"))
    view = {"radius_m": REACH_M, "azimuth_deg": azimuth}
    ours = isovists(eyes, scene=scene, hfov_deg=hfov, **view)
    sectors = open_sectors(eyes, hfov_deg=hfov, **view)
    # CGAL asks for an eye inside its frame, but that of a sector is its corner: it gets a wider disk, cut afterwards
    disks = open_sectors(eyes, hfov_deg=360.0, radius_m=REACH_M + 0.5, azimuth_deg=azimuth)
    assert ours.is_valid.all()
    blocks = scene.merged.parts
    tree = shapely.STRtree(blocks)
    worst = 0.0
    for eye, our, sector, disk, angle in zip(eyes, ours, sectors, disks, hfov, strict=True):
        exact = towns.cgal_isovist(eye, sector if angle == 360 else disk, blocks, tree).intersection(sector)
        worst = max(worst, our.symmetric_difference(exact).area / our.area)
    return worst


@pytest.mark.real_data
@pytest.mark.slow
def test_1_400_views_of_nanjing_equal_cgal_to_a_millionth(real_data):
    frame = towns.buildings(real_data / "nanjing-xinjiekou.osm")
    assert len(frame) > 1200
    assert worst_difference(frame, 1400, seed=11) < 1e-6


@pytest.mark.real_data
@pytest.mark.slow
def test_700_views_of_monaco_equal_cgal_to_a_millionth(real_data):
    frame = towns.buildings(real_data / "monaco.osm.pbf")
    frame = frame[frame.is_valid]
    assert len(frame) > 20_000
    assert worst_difference(frame, 700, seed=12) < 1e-6


@pytest.mark.real_data
def test_24_views_of_nanjing_equal_cgal_to_a_millionth(real_data):
    """A short version of the two above for every run."""
    assert worst_difference(towns.buildings(real_data / "nanjing-xinjiekou.osm"), 24, seed=13) < 1e-6
