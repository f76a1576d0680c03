"""Lenses: view angles from sensor and focal length, from each other, and what is said of what was assumed."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y, along_axis, camera, seen

from camera_coverage import ViewOptions, visible_areas
from camera_coverage.cameras import read_eyes

UNKNOWN = {"hfov_deg": np.nan, "vfov_deg": np.nan}


def eyes(views=None, **columns):
    read, _, notes = read_eyes(camera(**columns), views)
    return read, [note.code for note in notes if note.code != "reachable"]


@pytest.mark.parametrize(
    ("width", "focal", "hfov"), [(5.4, 2.7, 90.0), (4.8, 4.0, 61.93), (6.4, 8.0, 43.60), (36.0, 50.0, 39.60)]
)
def test_the_horizontal_view_follows_from_sensor_and_focal_length(width, focal, hfov):
    """HFOV = 2·atan(w / 2f): 36 mm at 50 mm is the 39.6° of every handbook of photography."""
    read, said = eyes(**UNKNOWN, sensor_width_mm=width, focal_length_mm=focal)
    assert read.hfov_deg[0] == pytest.approx(hfov, abs=0.01)
    assert said == []


def test_the_vertical_view_follows_from_the_height_of_the_sensor():
    """2·atan(24 / 100) = 26.99°, whatever the format of the picture."""
    read, _ = eyes(
        **UNKNOWN, sensor_width_mm=36.0, sensor_height_mm=24.0, focal_length_mm=50.0, resolution_px_v=1080
    )
    assert read.vfov_deg[0] == pytest.approx(26.99, abs=0.01)


def test_without_the_height_of_the_sensor_the_picture_gives_the_vertical_view():
    """tan(VFOV/2) = tan(45°)·540/1920."""
    read, _ = eyes(**UNKNOWN, sensor_width_mm=5.4, focal_length_mm=2.7, resolution_px_v=540)
    assert np.tan(np.radians(read.vfov_deg[0] / 2)) == pytest.approx(540 / 1920)


def test_the_horizontal_view_follows_from_the_vertical_one():
    """tan(HFOV/2) = tan(30°)·1920/1080."""
    read, said = eyes(hfov_deg=np.nan, vfov_deg=60.0, resolution_px_v=1080)
    assert np.tan(np.radians(read.hfov_deg[0] / 2)) == pytest.approx(np.tan(np.radians(30)) * 16 / 9)
    assert said == []


def test_a_focal_length_alone_is_taken_with_the_commonest_sensor_and_said_so():
    """5.4 mm over 2·6 mm: 48.46°."""
    read, said = eyes(**UNKNOWN, focal_length_mm=6.0)
    assert read.hfov_deg[0] == pytest.approx(48.46, abs=0.01)
    assert said == ["sensor_assumed"]


def test_a_stated_view_wins_and_a_contradiction_is_said():
    read, said = eyes(hfov_deg=60.0, sensor_width_mm=5.4, focal_length_mm=2.7)
    assert read.hfov_deg[0] == 60.0
    assert said == ["lens_contradicts"]
    assert eyes(hfov_deg=84.0, sensor_width_mm=5.4, focal_length_mm=2.7)[1] == []


@pytest.mark.parametrize(("kind", "hfov"), [("fisheye", 360.0), ("multi_sensor", 180.0)])
def test_one_focal_length_says_nothing_of_fisheyes_and_stitched_pictures(kind, hfov):
    read, said = eyes(**UNKNOWN, kind=kind, sensor_width_mm=5.4, focal_length_mm=2.7)
    assert read.hfov_deg[0] == hfov
    assert said == ["assumed"]


def test_the_whole_way_from_focal_length_to_the_ground():
    """2.7 mm on 5.4 mm is 90°: the check vector 1920 px, 62.5 px/m at 15.36 m depth."""
    area = seen(
        ViewOptions(observation_class="observe"), hfov_deg=np.nan, sensor_width_mm=5.4, focal_length_mm=2.7,
        tilt_deg=0.0, vfov_deg=120.0, mount_height_m=1.6,
    )  # fmt: skip
    assert along_axis(area)[1] == pytest.approx(15.36, abs=1e-9)


def test_a_view_with_a_lens_of_its_own_takes_no_angle_of_its_camera():
    """A preset of 30° has the vertical view of 30°, not that of the wide end, and one by focal length the like."""
    views = pd.DataFrame({"camera": [0, 0], "hfov_deg": [30.0, np.nan], "focal_length_mm": [np.nan, 10.8]})
    read, _ = eyes(views, kind="ptz", hfov_deg=90.0, vfov_deg=59.0, sensor_width_mm=5.4, resolution_px_v=1080)
    assert read.hfov_deg == pytest.approx([30.0, 28.07], abs=0.01)
    assert np.tan(np.radians(read.vfov_deg / 2)) == pytest.approx(
        np.tan(np.radians(read.hfov_deg / 2)) * 9 / 16
    )


def test_a_view_that_says_nothing_of_its_lens_has_that_of_its_camera():
    views = pd.DataFrame({"camera": [0], "azimuth_deg": [0.0]})
    read, _ = eyes(views, kind="ptz", hfov_deg=70.0, vfov_deg=40.0)
    assert (read.hfov_deg[0], read.vfov_deg[0]) == (70.0, 40.0)


def test_the_eyes_of_a_multi_sensor_camera_are_united():
    """Two eyes of 60° that overlap by 20° show a union of 100°: no more and no less."""
    views = pd.DataFrame({"camera": [0, 0], "azimuth_deg": [70.0, 110.0], "hfov_deg": [60.0, 60.0]})
    options = ViewOptions(observation_class=None)
    both = visible_areas(camera(kind="multi_sensor"), options=options, views=views).iloc[0]
    each = [
        visible_areas(camera(kind="multi_sensor"), options=options, views=views.iloc[[i]]).iloc[0]
        for i in (0, 1)
    ]
    assert both.area == pytest.approx(shapely.union(*each).area, rel=1e-9)
    assert both.area < each[0].area + each[1].area
    corner = shapely.Point(X + 30, Y)
    assert all(one.contains(corner) for one in each)


def test_many_cameras_get_each_its_own_lens():
    frame = gpd.GeoDataFrame(
        {"focal_length_mm": [2.7, np.nan, 5.4], "sensor_width_mm": 5.4, "hfov_deg": [np.nan, 75.0, np.nan]},
        geometry=[shapely.Point(X, Y)] * 3, crs=CRS,
    )  # fmt: skip
    assert read_eyes(frame)[0].hfov_deg == pytest.approx([90.0, 75.0, 53.13], abs=0.01)
