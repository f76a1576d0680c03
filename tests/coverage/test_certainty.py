"""Three bands: surely, possibly and not seen, against closed forms and dense draws."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y, camera, obstacles, round_camera

from camera_coverage import (
    analyse,
    certain_shares,
    checking_list,
    coverage_bands,
    coverage_summary,
    tolerances,
    visible_areas,
)
from camera_coverage.certainty import draw_design
from camera_coverage.tolerances import COLUMNS
from town_model import ColumnError, ValueRangeError


def known(frame, **half):
    """Tolerances of zero but for those named."""
    values = dict.fromkeys(COLUMNS, 0.0) | half
    return pd.DataFrame(values, index=frame.index)


def half_round(**columns):
    """A panorama of 180° with a reach of 50 m."""
    return camera(kind="fisheye", hfov_deg=180.0, max_range_m=50.0, status="working", **columns)


def bands_of(frame, walls=None, draws=33, seed=0, **half):
    return coverage_bands(
        analyse(frame, walls, classes=()), tolerance=known(frame, **half), draws=draws, seed=seed
    )


def sector(degrees, radius=50.0):
    return np.pi * radius**2 * degrees / 360


def test_without_tolerance_both_bands_are_the_visible_area():
    walls = obstacles(shapely.box(20, -5, 30, 5), height_m=[4.0])
    bands = bands_of(camera(status="working"), walls)
    area = visible_areas(
        camera(), walls, options=dataclasses.replace(bands.coverage.options, observation_class=None)
    ).iloc[0]
    for one in (bands.sure(None)[0], bands.possible(None)[0]):
        assert one.symmetric_difference(area).area == pytest.approx(0, abs=1e-6)


def test_a_direction_known_to_ten_degrees_takes_ten_degrees_off_each_side():
    """180° ± 10°: surely 160°, possibly 200° of the circle."""
    bands = bands_of(half_round(), azimuth_tolerance_deg=10.0)
    assert bands.sure(None)[0].area == pytest.approx(sector(160), rel=2e-3)
    assert bands.possible(None)[0].area == pytest.approx(sector(200), rel=2e-3)


def test_a_view_angle_known_to_twenty_degrees_moves_both_sides():
    """180° ± 20°: surely 160°, possibly 200° (a sector keeps its middle)."""
    bands = bands_of(half_round(), hfov_tolerance_deg=20.0)
    assert bands.sure(None)[0].area == pytest.approx(sector(160), rel=2e-3)
    assert bands.possible(None)[0].area == pytest.approx(sector(200), rel=2e-3)


def test_height_moves_the_near_edge_of_the_picture():
    """H 6 ± 1, t 1.5, edge of the picture 45° down (tilt 20°, VFOV 50°): near edge at 4.5 m, surely from 5.5, possibly from 3.5."""
    bands = bands_of(camera(status="working"), mount_height_tolerance_m=1.0)
    axis = shapely.LineString([(X, Y), (X + 50, Y)])
    assert axis.intersection(bands.sure(None)[0]).bounds[0] - X == pytest.approx(5.5, abs=1e-6)
    assert axis.intersection(bands.possible(None)[0]).bounds[0] - X == pytest.approx(3.5, abs=1e-6)


def test_an_unknown_direction_is_surely_nothing_and_possibly_everything():
    frame = camera(status="working", tilt_deg=20.0)
    bands = bands_of(frame, azimuth_tolerance_deg=180.0)
    assert bands.sure(None)[0].area < 1e-6
    ring = np.pi * (100**2 - 4.5**2)
    assert bands.possible(None)[0].area > 0.8 * ring


def test_position_widens_what_is_possible_and_narrows_what_is_sure():
    """A disk of 100 m whose middle is known to 3 m each way: sure holds the disk of 95.7 m, possible stays within 104.3 m."""
    bands = bands_of(round_camera(), position_tolerance_m=3.0)
    foot, off = shapely.Point(X, Y), 3 * np.sqrt(2)
    assert bands.sure(None)[0].buffer(0.05).contains(foot.buffer(100 - off, quad_segs=400))
    assert foot.buffer(100 + off + 0.05, quad_segs=400).contains(bands.possible(None)[0])
    assert bands.sure(None)[0].area < np.pi * 98**2
    assert bands.possible(None)[0].area > np.pi * 102**2


def test_a_camera_in_the_street_is_never_drawn_into_a_house():
    """The house begins 1 m east; a camera known to 3 m would else stand inside it in some draws and see nothing."""
    walls = obstacles(shapely.box(1, -20, 30, 20), height_m=[9.0])
    bands = bands_of(round_camera(), walls, position_tolerance_m=3.0)
    assert bands.sure(None)[0].area > 5000


def test_bands_hold_the_stated_area_between_them():
    walls = obstacles(
        shapely.box(15, -5, 25, 8), shapely.LineString([(30, -40), (35, 40)]), height_m=[4.0, 2.5]
    )
    frame = camera(status="working", data_quality="estimated")
    town = analyse(frame, walls, classes=())
    bands = coverage_bands(town)
    stated = town.areas("detect", "night")[0]
    sure, possible = bands.sure("detect", "night")[0], bands.possible("detect", "night")[0]
    assert sure.difference(stated).area < 1e-6
    assert stated.difference(possible).area < 1e-6


def test_every_draw_lies_between_the_bands_of_more_draws():
    """200 independent draws by hand: none sees ground outside the possible band by more than 2 %, none misses sure ground by more."""
    frame = camera(status="working", hfov_deg=60.0)
    half = {"azimuth_tolerance_deg": 15.0, "tilt_tolerance_deg": 4.0, "mount_height_tolerance_m": 0.5}
    bands = bands_of(frame, draws=65, **half)
    sure, possible = bands.sure(None)[0], bands.possible(None)[0]
    rng = np.random.default_rng(5)
    drawn = gpd.GeoDataFrame(
        pd.concat([frame.drop(columns="geometry")] * 200, ignore_index=True),
        geometry=[shapely.Point(X, Y)] * 200,
        crs=CRS,
    )
    for column, name in (
        ("azimuth_deg", "azimuth_tolerance_deg"),
        ("tilt_deg", "tilt_tolerance_deg"),
        ("mount_height_m", "mount_height_tolerance_m"),
    ):
        drawn[column] += rng.uniform(-1, 1, 200) * half[name]
    areas = visible_areas(
        drawn, options=dataclasses.replace(bands.coverage.options, observation_class=None)
    ).to_numpy()
    assert (shapely.area(shapely.difference(areas, possible)) / shapely.area(areas)).max() < 0.02
    assert (shapely.area(shapely.difference(sure, areas)) / sure.area).max() < 0.02


def test_shares_of_a_road_by_hand():
    """A road along the edge of a half disk of 50 m, turned by ±10°: half round is 90° off; the road at 85° is in doubt."""

    def ray(degrees):
        turn = np.radians(90 - degrees)
        return shapely.LineString([(X, Y), (X + 40 * np.cos(turn), Y + 40 * np.sin(turn))])

    roads = gpd.GeoDataFrame(
        {"required_class": None, "hours": "08:00-17:00"},
        index=["ahead", "edge", "back"],
        geometry=[ray(90), ray(90 - 85), ray(270)],
        crs=CRS,
    )
    frame = half_round(mount_height_m=1.5)
    town = analyse(
        frame,
        classes=(),
        options=dataclasses.replace(analyse(frame, classes=()).options, observation_class=None),
    )
    bands = coverage_bands(town, tolerance=known(frame, azimuth_tolerance_deg=10.0))
    shares = certain_shares(roads, bands)
    assert shares["share_day_sure"].tolist() == pytest.approx([1, 0, 0], abs=1e-3)
    assert shares["share_day_possible"].tolist() == pytest.approx([1, 1, 0], abs=1e-3)
    assert shares["share_night_sure"].isna().all()
    stated = coverage_summary(roads, town)["share_day"]
    assert stated.tolist() == pytest.approx([1, 1, 0], abs=1e-3)
    listed = checking_list(roads, bands)
    assert listed["doubt_length_m"].tolist() == pytest.approx([40], abs=0.1)
    assert listed["targets"].tolist() == [["edge"]]


def test_what_another_camera_surely_sees_is_in_no_doubt():
    road = gpd.GeoDataFrame(
        {"required_class": [None], "hours": ["08:00-17:00"], "priority": [1]},
        geometry=[shapely.LineString([(X + 5, Y + 3), (X + 40, Y + 25)])],
        crs=CRS,
    )
    frame = gpd.GeoDataFrame(
        pd.concat([camera(status="working"), round_camera().assign(status="working")], ignore_index=True),
        crs=CRS,
    )
    town = analyse(
        frame,
        classes=(),
        options=dataclasses.replace(analyse(frame, classes=()).options, observation_class=None),
    )
    half = known(frame)
    half.loc[0, "azimuth_tolerance_deg"] = 30.0
    assert checking_list(road, coverage_bands(town, tolerance=half)).empty
    alone = analyse(frame.iloc[:1], classes=(), options=town.options)
    assert len(checking_list(road, coverage_bands(alone, tolerance=half.iloc[:1]))) == 1


def test_equal_seeds_give_equal_bands_and_the_first_draw_is_the_stated_value():
    one, two = (bands_of(camera(status="working"), azimuth_tolerance_deg=9.0, seed=4) for _ in range(2))
    assert one.sure(None)[0].equals_exact(two.sure(None)[0])
    design = draw_design(33, 0)
    assert not design[0].any() and np.abs(design).max() == 1
    assert {tuple(row) for row in design[1:13]} == {
        tuple(sign * np.eye(6)[i]) for i in range(6) for sign in (1.0, -1.0)
    }


def test_tolerances_follow_the_quality_of_the_data():
    frame = gpd.GeoDataFrame(
        {
            "azimuth_deg": [90.0, 90.0, np.nan],
            "tilt_deg": [10.0, np.nan, 10.0],
            "mount_height_m": 6.0,
            "hfov_deg": 90.0,
            "data_quality": ["verified", "estimated", None],
            "hfov_tolerance_deg": [np.nan, 1.25, np.nan],
        },
        geometry=[shapely.Point(X, Y)] * 3,
        crs=CRS,
    )
    table = tolerances(frame)
    assert table["azimuth_tolerance_deg"].tolist() == [3.0, 22.5, 180.0]
    assert table["tilt_tolerance_deg"].tolist() == [2.0, 15.0, 10.0]
    assert table["hfov_tolerance_deg"].tolist() == [2.0, 1.25, 5.0]


def test_wrong_tolerances_and_too_few_draws_are_refused():
    frame = camera(status="working")
    with pytest.raises(ValueRangeError, match="azimuth_tolerance_deg is -1"):
        tolerances(frame.assign(azimuth_tolerance_deg=-1.0))
    town = analyse(frame, classes=())
    with pytest.raises(ValueRangeError, match="at least 13"):
        coverage_bands(town, draws=5)
    with pytest.raises(ColumnError):
        coverage_bands(town, tolerance=known(frame).drop(columns="tilt_tolerance_deg"))
