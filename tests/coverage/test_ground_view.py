"""What a camera shows of open, flat ground: closed forms of the optics, computed by hand."""

import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import X, Y, along_axis, camera, seen

from camera_coverage import ViewOptions, visible_areas
from town_model import InputError, ValueRangeError


@pytest.mark.parametrize(
    ("name", "depth"), [("detect", 38.4), ("observe", 15.36), ("recognise", 7.68), ("identify", 3.84)]
)
def test_pixel_limit_of_1920_px_at_90_degrees(name, depth):
    """A level lens of 90° gives 25, 62.5, 125, 250 px/m at 38.4, 15.36, 7.68, 3.84 m (facts page)."""
    area = seen(ViewOptions(observation_class=name), tilt_deg=0.0, vfov_deg=120.0, mount_height_m=1.6)
    assert along_axis(area)[1] == pytest.approx(depth, abs=1e-9)


def test_the_pixel_limit_is_a_straight_line_across_the_view():
    """A rectilinear lens has straight isolines: off the axis the limit lies at the same depth."""
    area = seen(ViewOptions(observation_class="observe"), tilt_deg=0.0, vfov_deg=120.0, mount_height_m=1.6)
    for y in (-10.0, 5.0, 14.0):
        assert along_axis(area, y)[1] == pytest.approx(15.36, abs=1e-9)


def test_near_and_far_ground_distance_on_the_axis():
    """d_near = (H − t) / tan(τ + VFOV/2), d_far = (H − t) / tan(τ − VFOV/2): 4.5 / tan 45° and 4.5 / tan 15°."""
    near, far = along_axis(seen(tilt_deg=30.0, vfov_deg=30.0, hfov_deg=60.0))
    assert near == pytest.approx(4.5, abs=1e-9)
    assert far == pytest.approx(4.5 / np.tan(np.radians(15)), abs=1e-9)


def test_without_a_vertical_view_it_follows_from_the_picture_format():
    """tan(VFOV/2) = tan(HFOV/2) · R_v / R_h; 90° and 1000 × 500 px give tan(VFOV/2) = 0.5."""
    area = seen(tilt_deg=0.0, vfov_deg=np.nan, resolution_px_h=1000, resolution_px_v=500)
    assert along_axis(area)[0] == pytest.approx(4.5 / 0.5, abs=1e-9)


def test_looking_straight_down_shows_a_rectangle():
    """Straight down from 4.5 m above the target with 90° × 60°: 9 m across by 2·4.5·tan 30° along."""
    area = seen(tilt_deg=90.0, hfov_deg=90.0, vfov_deg=60.0)
    assert area.area == pytest.approx(9.0 * 9.0 * np.tan(np.radians(30)), rel=1e-9)


@pytest.mark.parametrize("tilt", [-20.0, -5.0, 0.0, 8.0, 20.0, 45.0, 64.0, 70.0, 89.0])
@pytest.mark.parametrize("hfov", [38.0, 105.0, 150.0])
def test_the_ground_view_is_what_the_lens_formulas_say_point_by_point(tilt, hfov):
    """Each of 4,000 ground points is seen exactly when the projection formulas put it into the picture."""
    rng = np.random.default_rng(7)
    x, y = rng.uniform(-30, 45, 4000), rng.uniform(-45, 45, 4000)
    vfov, drop, limit = 50.0, 4.5, 35.0
    pixels = limit * 2 * 25.0 * np.tan(np.radians(hfov / 2))
    tau = np.radians(tilt)
    z = x * np.cos(tau) + drop * np.sin(tau)
    inside = (
        (z > 0)
        & (np.abs(y) <= z * np.tan(np.radians(hfov / 2)))
        & (np.abs(drop * np.cos(tau) - x * np.sin(tau)) <= z * np.tan(np.radians(vfov / 2)))
        & (z <= limit)
        & (np.hypot(x, y) <= 40.0)
    )
    area = seen(
        ViewOptions(observation_class="detect"),
        tilt_deg=tilt, hfov_deg=hfov, vfov_deg=vfov, resolution_px_h=pixels, max_range_m=40.0,
    )  # fmt: skip
    assert area.is_valid
    points = shapely.points(X + x, Y - y)  # heading east, y to the right is south
    clear = shapely.distance(points, area.boundary if not area.is_empty else shapely.Point(0, 0)) > 0.02
    got = shapely.contains_xy(area, X + x, Y - y) if not area.is_empty else np.zeros(len(x), dtype=bool)
    assert (got == inside)[clear].all()


def test_a_fisheye_is_limited_by_slant_distance():
    """Equidistant: px/m = R_h / (HFOV in radians · slant). 1920 px over 2π at 12.5 px/m: slant 24.446 m."""
    area = seen(ViewOptions(observation_class="monitor"), kind="fisheye", hfov_deg=360.0)
    ground = np.sqrt((1920 / (2 * np.pi * 12.5)) ** 2 - 4.5**2)
    assert np.sqrt(area.area / np.pi) == pytest.approx(ground, abs=0.01)


def test_a_panorama_of_180_degrees_is_half_a_disk():
    area = seen(hfov_deg=180.0, kind="multi_sensor", max_range_m=50.0)
    assert area.area == pytest.approx(np.pi * 2500 / 2, rel=5e-4)
    assert area.bounds[0] >= X - 1e-6


def test_a_turning_camera_reaches_all_round_and_says_so():
    result = visible_areas(camera(kind="ptz", max_range_m=50.0), options=ViewOptions(observation_class=None))
    assert result.iloc[0].area == pytest.approx(np.pi * 2500, rel=5e-4)
    assert [note.code for note in result.attrs["notes"]] == ["reachable"]


def test_night_cuts_the_view_to_the_infrared_reach():
    area = seen(ViewOptions(observation_class=None, night=True), tilt_deg=5.0)
    assert along_axis(area)[1] == pytest.approx(30.0, abs=0.01)
    assert seen(ViewOptions(observation_class=None, night=True), ir_range_m=0.0).is_empty


def test_views_of_one_camera_are_united():
    """Two eyes of 60° that look east and west show twice what one shows."""
    one = seen(hfov_deg=60.0)
    views = pd.DataFrame({"camera": [0, 0], "azimuth_deg": [90.0, 270.0]})
    both = visible_areas(
        camera(kind="multi_sensor", hfov_deg=60.0), views=views, options=ViewOptions(observation_class=None)
    )
    assert both.iloc[0].area == pytest.approx(2 * one.area, rel=1e-9)


def test_all_faults_of_a_frame_are_named_at_once_by_camera():
    with pytest.raises(ValueRangeError) as caught:
        seen(mount_height_m=-3.0, hfov_deg=400.0, kind="drone")
    assert len(caught.value.messages) == 3
    assert all("camera 0" in str(one) for one in caught.value.messages)


def test_an_unknown_direction_counts_as_seeing_nothing():
    result = visible_areas(camera(azimuth_deg=np.nan))
    assert result.iloc[0].is_empty
    assert "direction_unknown" in [note.code for note in result.attrs["notes"]]


def test_options_without_meaning_are_refused():
    with pytest.raises(InputError, match="terrain"):
        ViewOptions(terrain=object())
    with pytest.raises(ValueRangeError):
        ViewOptions(observation_class="see everything")


def test_inputs_are_not_changed():
    cameras = camera()
    before = cameras.copy(deep=True)
    visible_areas(cameras)
    assert cameras.equals(before)


def test_what_a_ledger_leaves_out_is_assumed_and_noted():
    """Only a place and a direction: the defaults of the manual, each with its note."""
    bare = camera()[["azimuth_deg", "geometry"]]
    result = visible_areas(bare, options=ViewOptions(observation_class=None))
    full = camera(
        mount_height_m=6.0,
        tilt_deg=np.degrees(np.arctan(9 / 16)),
        hfov_deg=90.0,
        vfov_deg=np.nan,
        max_range_m=80.0,
    )
    assert result.iloc[0].equals(visible_areas(full, options=ViewOptions(observation_class=None)).iloc[0])
    assert [note.code for note in result.attrs["notes"]] == ["assumed"] * 6


def test_empty_cells_count_as_missing():
    frame = camera().astype({"tilt_deg": object, "ir_range_m": object}).assign(kind="", ir_range_m="")
    assert "assumed" in [note.code for note in visible_areas(frame).attrs["notes"]]
