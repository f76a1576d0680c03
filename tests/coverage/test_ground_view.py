"""What a camera shows of open, flat ground: closed forms of the optics, computed by hand."""

import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import X, Y, along_axis, camera, obstacles, seen

from camera_coverage import ViewOptions, analyse, visible_areas, who_sees
from camera_coverage.causes import dead_zones
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
    area = seen(hfov_deg=180.0, vfov_deg=np.nan, kind="multi_sensor", max_range_m=50.0)
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


RING = {"kind": "multi_sensor", "hfov_deg": 180.0, "tilt_deg": 30.0, "vfov_deg": 30.0}


class TestPanoramasWithAStatedVerticalView:
    """In every direction ``near = (H − t) / tan(τ + VFOV/2)`` and ``far = (H − t) / tan(τ − VFOV/2)``; none from 90° on, none up to 0°."""

    @pytest.mark.parametrize("hfov", [180.0, 270.0, 360.0])
    def test_the_picture_is_a_ring_from_the_near_to_the_far_distance(self, hfov):
        """4.5 / tan 45° = 4.5 m to 4.5 / tan 15° = 16.79 m."""
        area = seen(**RING | {"hfov_deg": hfov})
        far = 4.5 / np.tan(np.radians(15))
        assert area.area == pytest.approx(hfov / 360 * np.pi * (far**2 - 4.5**2), rel=2e-3)
        assert shapely.Point(X, Y).distance(area) == pytest.approx(4.5, abs=0.011)
        assert along_axis(area) == pytest.approx([4.5, far], abs=0.011)

    def test_range_and_pixels_cut_it_further(self):
        """Range 10 m. At 25 px/m of 1920 px over π: slant 24.45 m, ground 24.03 m, beyond the far edge of the picture."""
        assert along_axis(seen(**RING, max_range_m=10.0)) == pytest.approx([4.5, 10], abs=0.011)
        far = along_axis(seen(ViewOptions(observation_class="detect"), **RING))[1]
        assert far == pytest.approx(4.5 / np.tan(np.radians(15)), abs=0.011)
        observe = along_axis(seen(ViewOptions(observation_class="observe"), **RING))[1]
        assert observe == pytest.approx(np.sqrt((1920 / (np.pi * 62.5)) ** 2 - 4.5**2), abs=0.011)

    @pytest.mark.parametrize(("tilt", "vfov"), [(30.0, 120.0), (60.0, 60.0), (45.0, 100.0)])
    def test_one_that_looks_straight_down_has_no_dead_zone(self, tilt, vfov):
        area = seen(kind="multi_sensor", hfov_deg=360.0, tilt_deg=tilt, vfov_deg=vfov, max_range_m=20.0)
        assert area.contains(shapely.Point(X, Y))

    def test_a_tilt_that_nobody_states_puts_the_upper_edge_at_the_horizon(self):
        """VFOV 60°: τ 30°, near 4.5 / tan 60° = 2.598 m, and no far edge."""
        frame = camera(kind="multi_sensor", hfov_deg=360.0, tilt_deg=np.nan, vfov_deg=60.0, max_range_m=50.0)
        result = visible_areas(frame, options=ViewOptions(observation_class=None))
        assert along_axis(
            shapely.intersection(result.iloc[0], shapely.box(X, Y - 1, X + 99, Y + 1))
        ) == pytest.approx([4.5 / np.tan(np.radians(60)), 50], abs=0.011)
        assert [note.text.params["value"] for note in result.attrs["notes"]] == [30.0]

    def test_one_above_the_horizon_shows_no_ground_and_says_so(self):
        frame = camera(kind="multi_sensor", hfov_deg=180.0, tilt_deg=-20.0, vfov_deg=30.0)
        result = visible_areas(frame, options=ViewOptions(observation_class=None))
        assert result.iloc[0].is_empty
        assert [note.code for note in result.attrs["notes"]] == ["no_ground"]

    @pytest.mark.parametrize("columns", [{"kind": "fisheye"}, {"kind": "multi_sensor", "vfov_deg": np.nan}])
    def test_fisheyes_and_views_of_unknown_height_have_none(self, columns):
        """The picture of a fisheye is a disk that holds what lies below it; where nothing is stated nothing is cut."""
        area = seen(**RING | {"hfov_deg": 360.0} | columns)
        assert area.contains(shapely.Point(X, Y))
        assert area.area == pytest.approx(np.pi * 1e4, rel=5e-4)

    def test_its_dead_zone_is_the_sector_below_the_picture(self):
        coverage = analyse(camera(status="working", **RING), classes=())
        (zone,) = dead_zones(coverage)
        assert zone.area == pytest.approx(np.pi * 4.5**2 / 2, rel=1e-3)
        near = who_sees(shapely.Point(X + 2, Y + 1), coverage)
        ahead = who_sees(shapely.Point(X + 8, Y + 6), coverage)
        assert (near["reason"].iloc[0], ahead["reason"].iloc[0]) == ("dead_zone", "seen")
        assert np.isnan(near["px_per_m"].iloc[0])
        assert ahead["px_per_m"].iloc[0] == pytest.approx(1920 / (np.pi * np.sqrt(100 + 4.5**2)))

    def test_places_behind_a_wall_are_hidden_as_from_any_other_camera(self):
        """A wall of 3 m at 6 m hides from 6 to 6·4.5/3 = 9 m; the dead zone ends before it."""
        wall = obstacles(shapely.LineString([(6, -3), (6, 3)]), height_m=[3.0])
        area = seen(None, wall, **RING)
        line = shapely.LineString([(X, Y), (X + 50, Y)]).intersection(area)
        found = sorted((part.bounds[0] - X, part.bounds[2] - X) for part in shapely.get_parts(line))
        assert found == [pytest.approx((4.5, 6), abs=0.011), pytest.approx((9, 16.794), abs=0.011)]
