"""Three bands: surely, possibly and not seen, against closed forms and against random draws of the cameras."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y, camera, obstacles, round_camera

from camera_coverage import (
    MemoryCache,
    Terrain,
    ViewOptions,
    analyse,
    certain_shares,
    checking_list,
    coverage_bands,
    coverage_summary,
    drawn_areas,
    tolerances,
    visible_areas,
)
from camera_coverage.drawn import draw_design
from camera_coverage.tolerances import COLUMNS
from town_model import ColumnError, ValueRangeError


def known(frame, **half):
    """Tolerances of zero but for those named."""
    values = dict.fromkeys(COLUMNS, 0.0) | half
    return pd.DataFrame(values, index=frame.index)


def half_round(**columns):
    """A panorama of 180° with a reach of 50 m."""
    return camera(kind="fisheye", hfov_deg=180.0, max_range_m=50.0, status="working", **columns)


def bands_of(frame, walls=None, **half):
    return coverage_bands(analyse(frame, walls, classes=()), tolerance=known(frame, **half))


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


def test_the_ring_of_a_panorama_is_wider_and_narrower_by_its_tolerances():
    """H 6 ± 1 m, τ 45° ± 5°, VFOV 40°: surely from 5.5 / tan 60° to 3.5 / tan 30°, possibly from 3.5 / tan 70° to 5.5 / tan 20°."""
    frame = camera(kind="multi_sensor", hfov_deg=360.0, tilt_deg=45.0, vfov_deg=40.0, status="working")
    bands = bands_of(frame, tilt_tolerance_deg=5.0, mount_height_tolerance_m=1.0)
    for band, near, far in (
        (bands.sure(None)[0], 5.5 / np.tan(np.radians(60)), 3.5 / np.tan(np.radians(30))),
        (bands.possible(None)[0], 3.5 / np.tan(np.radians(70)), 5.5 / np.tan(np.radians(20))),
    ):
        assert band.area == pytest.approx(np.pi * (far**2 - near**2), rel=5e-3)


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


TOWNS = {
    "open": None,
    "low house": obstacles(shapely.box(12, -6, 22, 9), height_m=[4.0]),
    "tower": obstacles(shapely.box(10, 3, 25, 18), height_m=[30.0]),
}


def random_scene(rng, kind):
    wide = float(rng.choice([180, 220, 360]) if kind in ("fisheye", "multi_sensor") else rng.uniform(20, 120))
    frame = camera(
        kind=kind, status="working", hfov_deg=wide, vfov_deg=float(rng.uniform(20, 70)), max_range_m=60.0,
        tilt_deg=float(rng.uniform(-10, 85)), mount_height_m=float(rng.uniform(2, 12)), azimuth_deg=float(rng.uniform(0, 360)),
    )  # fmt: skip
    half = {
        "azimuth_tolerance_deg": float(rng.choice([0, 3, 22.5, 60, 180])),
        "tilt_tolerance_deg": float(rng.choice([0, 2, 10])),
        "mount_height_tolerance_m": float(rng.choice([0, 0.3, 1])),
        "hfov_tolerance_deg": float(rng.choice([0, 2, 20])),
        "position_tolerance_m": float(rng.choice([0, 0.5, 3])),
    }
    return frame, known(frame, **half)


def assert_between(bands, draws, name, light, seed):
    """Claim: sure ⊆ every realisation ⊆ possible, but for the arcs, which are chains of chords (0.01 m)."""
    drawn = drawn_areas(bands.coverage, bands.tolerance, name, light, draws=draws, seed=seed)
    for row in range(len(drawn)):
        sure, possible = bands.sure(name, light)[row], bands.possible(name, light)[row]
        assert sure.is_valid
        assert possible.is_valid
        missed = shapely.area(shapely.difference(sure, shapely.buffer(drawn[row], 0.02)))
        assert missed.max() < 1e-3, (name, light, seed)
        beyond = shapely.area(shapely.difference(drawn[row], shapely.buffer(possible, 0.02)))
        assert beyond.max() < 1e-3, (name, light, seed)


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize(
    "scenes", [2, pytest.param(30, marks=pytest.mark.slow)], ids=["few scenes", "many scenes"]
)
def test_every_realisation_lies_between_the_bands(town, scenes):
    """Monte Carlo against interval geometry: cameras of every kind and tilt, drawn 60 times each, with a house or a tower beside them."""
    rng = np.random.default_rng(11)
    for number in range(scenes):
        frame, half = random_scene(rng, ("fixed", "ptz", "multi_sensor", "fixed", "fisheye")[number % 5])
        bands = coverage_bands(analyse(frame, TOWNS[town], classes=()), tolerance=half)
        for name, light in ((None, "day"), ("observe", "day"), ("detect", "night")):
            assert_between(bands, 60, name, light, seed=number)


def test_between_houses_draws_leave_the_bands_by_slivers_at_most():
    """Thirteen houses and a fence in view, position known to 3 m, so tried every 3 m: gaps seen from between two of these places only
    make 0.2 % on average over 100 draws, and never more than 2 % of what is possibly seen."""
    rng = np.random.default_rng(3)
    houses = [
        shapely.box(x, y, x + 8, y + 6) for x, y in rng.uniform(-45, 45, (14, 2)) if abs(x) + abs(y) > 16
    ]
    fence = shapely.LineString([(-30, 8), (30, 9)])
    walls = obstacles(*houses, fence, height_m=[*rng.uniform(3, 12, len(houses)), 2.0])
    frame = camera(status="working", data_quality="estimated", hfov_deg=80.0)
    town = analyse(frame, walls, classes=())
    bands = coverage_bands(town)
    drawn = drawn_areas(town, tolerances(frame), None, draws=100, seed=2)[0]
    sure, possible = bands.sure(None)[0], bands.possible(None)[0]
    assert sure.area > 0
    for missed in (shapely.difference(drawn, possible), shapely.difference(sure, drawn)):
        assert shapely.area(missed).max() < 0.02 * possible.area
        assert shapely.area(missed).mean() < 0.002 * possible.area


@pytest.mark.parametrize(
    "half",
    [
        {"azimuth_tolerance_deg": 22.5}, {"tilt_tolerance_deg": 10.0}, {"mount_height_tolerance_m": 1.0},
        {"hfov_tolerance_deg": 5.0}, {"position_tolerance_m": 3.0},
    ],
    ids=lambda half: next(iter(half)),
)  # fmt: skip
def test_bands_are_no_wider_than_they_must_be(half):
    """By 300 draws of one quantity the bands hold no more than what is seen in all, and in any, of them, but for 2 %."""
    walls = obstacles(shapely.box(12, -6, 22, 9), height_m=[4.0])
    frame = camera(status="working", tilt_deg=12.0, hfov_deg=80.0, vfov_deg=48.0)
    bands = bands_of(frame, walls, **half)
    drawn = drawn_areas(bands.coverage, bands.tolerance, None, draws=300, seed=1)[0]
    every = shapely.intersection_all(drawn)
    assert bands.sure(None)[0].area == pytest.approx(every.area, rel=1e-3)
    assert bands.possible(None)[0].area == pytest.approx(shapely.union_all(drawn).area, rel=0.02)


def test_on_uneven_ground_draws_stay_between_as_well():
    """A ridge 2 m high lies 15 m ahead; heights, tilt and direction are drawn 40 times. Cells of 1 m bound what can differ."""
    x = np.arange(-70, 70) + 0.5
    rise = 2 * np.exp(-(((x - 15) / 3) ** 2))
    terrain = Terrain(np.tile(rise, (140, 1)), (1.0, 0, X - 70, 0, -1.0, Y + 70), CRS)
    frame = camera(status="working", max_range_m=60.0)
    town = analyse(frame, classes=(), options=ViewOptions(observation_class=None, terrain=terrain))
    half = {"azimuth_tolerance_deg": 10.0, "tilt_tolerance_deg": 5.0, "mount_height_tolerance_m": 1.0}
    bands = coverage_bands(town, tolerance=known(frame, **half))
    drawn = drawn_areas(town, bands.tolerance, None, draws=40, seed=4)[0]
    assert (
        shapely.area(shapely.difference(drawn, bands.possible(None)[0])).max()
        < 0.01 * shapely.area(drawn).min()
    )
    assert (
        shapely.area(shapely.difference(bands.sure(None)[0], drawn)).max() < 0.01 * shapely.area(drawn).min()
    )


def test_street_lights_light_what_is_surely_and_what_is_possibly_in_view():
    """A lamp 60 m ahead lights 10 m round it; infrared reaches 30 m. The direction is known to 5°: the lamp's disk is surely in view."""
    lamp = gpd.GeoDataFrame({"reach_m": [10.0]}, geometry=[shapely.Point(X + 60, Y)], crs=CRS)
    frame = camera(status="working")
    town = analyse(frame, classes=(), options=ViewOptions(observation_class=None, street_lights=lamp))
    bands = coverage_bands(town, tolerance=known(frame, azimuth_tolerance_deg=5.0))
    disk = lamp.geometry.iloc[0].buffer(9.9)
    assert disk.difference(bands.sure(None, "night")[0]).area < 1e-6
    assert bands.possible(None, "night")[0].intersection(shapely.Point(X + 85, Y).buffer(4)).is_empty
    assert_between(bands, 40, None, "night", seed=1)


def test_a_camera_of_unknown_direction_sees_nothing_for_certain_and_may_see_all_round():
    """The ledger leaves the direction out: the stated area is empty, but ground behind the pole is not called unseen."""
    frame = camera(status="working", azimuth_deg=np.nan)
    bands = bands_of(frame)
    assert bands.coverage.areas(None)[0].is_empty
    assert bands.sure(None)[0].is_empty
    assert bands.possible(None)[0].area > 0.8 * np.pi * (100**2 - 4.5**2)


def test_bands_come_from_the_cache_and_an_edit_costs_one_camera():
    frame = gpd.GeoDataFrame(
        pd.concat([camera(status="working")] * 3, ignore_index=True), crs=CRS
    ).assign(azimuth_deg=[10.0, 120.0, 250.0])  # fmt: skip
    cache = MemoryCache()

    def computed(cameras):
        bands = coverage_bands(analyse(cameras, classes=(), cache=cache))
        bands.sure("observe")
        bands.possible("observe")
        return bands.computed

    assert [computed(frame), computed(frame), computed(frame.assign(azimuth_deg=[10.0, 120.0, 251.0]))] == [
        6,
        0,
        2,
    ]
    # what is known better has another key
    assert computed(frame.assign(data_quality=["verified", "estimated", "estimated"])) == 2


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


def test_equal_seeds_give_equal_draws_and_the_first_draw_is_the_stated_value():
    bands = bands_of(camera(status="working"), azimuth_tolerance_deg=9.0)
    one, two = (drawn_areas(bands.coverage, bands.tolerance, None, draws=20, seed=4)[0] for _ in range(2))
    assert shapely.equals_exact(one, two, 0).all()
    assert one[0].equals_exact(bands.coverage.areas(None)[0], 0)
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


def test_wrong_tolerances_are_refused():
    frame = camera(status="working")
    with pytest.raises(ValueRangeError, match="azimuth_tolerance_deg is -1"):
        tolerances(frame.assign(azimuth_tolerance_deg=-1.0))
    town = analyse(frame, classes=())
    with pytest.raises(ColumnError):
        coverage_bands(town, tolerance=known(frame).drop(columns="tilt_tolerance_deg"))
