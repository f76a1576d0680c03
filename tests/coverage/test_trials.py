"""Trials of one camera give what a computation of the whole town gives; the cause at a spot is that of the piece round it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y

from camera_coverage import (
    GapTotal,
    TrialGround,
    ViewOptions,
    analyse,
    blind_spots,
    build_scene,
    spot_cause,
    target_gaps,
)
from town_model import GeometryError, ValueRangeError

SIDE_M = 400.0
LIGHTS = ("day", "night")


def random_town(seed, cameras=30, houses=60):
    """Cameras of all kinds, some broken; houses of all heights; overlapping areas and roads at several classes."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, SIDE_M, (2, cameras))
    frame = gpd.GeoDataFrame(
        {
            "kind": rng.choice(["fixed", "dome", "ptz", "fisheye"], cameras),
            "status": rng.choice(["working", "working", "working", "faulty"], cameras),
            "mount_height_m": rng.uniform(3, 8, cameras),
            "azimuth_deg": rng.uniform(0, 360, cameras),
            "tilt_deg": rng.uniform(5, 40, cameras),
            "hfov_deg": rng.uniform(40, 110, cameras),
            "resolution_px_h": rng.choice([1920, 3840], cameras),
            "max_range_m": rng.uniform(30, 100, cameras),
            "ir_range_m": rng.uniform(0, 40, cameras),
        },
        geometry=shapely.points(X + x, Y + y),
        crs=CRS,
    )
    east, north = rng.uniform(0, SIDE_M, (2, houses))
    wide, deep = rng.uniform(5, 25, (2, houses))
    walls = gpd.GeoDataFrame(
        {"height_m": rng.choice([2.0, 3.0, 6.0, 15.0, np.nan], houses)},
        geometry=shapely.box(X + east, Y + north, X + east + wide, Y + north + deep),
        crs=CRS,
    )
    targets = gpd.GeoDataFrame(
        {
            "required_class": ["observe", "detect", None, "monitor", "detect", "recognise"],
            "hours": ["", "08:00-17:00", "", "20:00-04:00", "", ""],
        },
        geometry=[
            shapely.box(X, Y, X + 250, Y + 300),
            shapely.box(X + 100, Y + 100, X + 400, Y + 400),
            shapely.box(X + 300, Y, X + 380, Y + 90),
            shapely.box(X + 20, Y + 20, X + 200, Y + 60),
            shapely.LineString([(X - 20, Y + 10), (X + 200, Y + 210), (X + 420, Y + 190)]),
            shapely.LineString([(X + 200, Y - 20), (X + 190, Y + 420)]),
        ],
        crs=CRS,
    )
    return rng, frame, build_scene(walls), targets


def full(targets, coverage, light):
    """The totals by a computation of the whole town."""
    gaps = target_gaps(targets, coverage, light=light)
    areal = gaps["areal"].to_numpy()
    return GapTotal(gaps["unseen"][areal].sum(), gaps["unseen"][~areal].sum())


def same(one, other):
    assert (one.area_m2, one.length_m) == pytest.approx((other.area_m2, other.length_m), rel=1e-9, abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("light", LIGHTS)
def test_steps_of_a_trial_equal_full_computations(seed, light):
    """A camera is dragged, turned, raised, broken and repaired; another is added."""
    rng, cameras, scene, targets = random_town(seed)
    ground = TrialGround(targets, analyse(cameras, scene=scene, classes=()), light=light)
    same(ground.total, full(targets, analyse(cameras, scene=scene, classes=()), light))
    changed = 0
    for step in range(6):
        moved = cameras.copy()
        one = int(rng.integers(len(cameras)))
        moved.loc[one, ["azimuth_deg", "mount_height_m"]] = rng.uniform(0, 360), rng.uniform(3, 9)
        moved.loc[one, "status"] = "faulty" if step == 3 else "working"
        moved.loc[one, "geometry"] = shapely.Point(X + rng.uniform(0, SIDE_M), Y + rng.uniform(0, SIDE_M))
        trial = ground.try_camera(analyse(moved.loc[[one]], scene=scene, classes=()), instead_of=one)
        same(trial, full(targets, analyse(moved, scene=scene, classes=()), light))
        changed += trial != ground.total
        new = moved.loc[[one]].set_axis([99])
        more = pd.concat([cameras, new])
        same(
            ground.try_camera(analyse(new, scene=scene, classes=())),
            full(targets, analyse(more, scene=scene, classes=()), light),
        )
    assert changed >= 2


def test_a_camera_as_it_stands_changes_nothing():
    _, cameras, scene, targets = random_town(7)
    ground = TrialGround(targets, analyse(cameras, scene=scene, classes=()), light="day")
    for one in cameras.index:
        same(
            ground.try_camera(analyse(cameras.loc[[one]], scene=scene, classes=()), instead_of=one),
            ground.total,
        )


def test_a_camera_that_is_not_there_cannot_be_replaced():
    _, cameras, scene, targets = random_town(7)
    ground = TrialGround(targets, analyse(cameras, scene=scene, classes=()), light="day")
    with pytest.raises(ValueRangeError, match="no camera 500"):
        ground.try_camera(analyse(cameras.loc[[1]], scene=scene, classes=()), instead_of=500)


def test_share_of_a_target_by_hand():
    """A camera that sees all round to 20 m at the middle of a street of 100 m leaves 60 of it; it hangs no higher than the target."""
    camera = gpd.GeoDataFrame(
        {"kind": ["fisheye"], "hfov_deg": 360.0, "resolution_px_h": 99_000, "max_range_m": 20.0, "mount_height_m": 1.5},
        geometry=[shapely.Point(X, Y)], crs=CRS,
    )  # fmt: skip
    street = gpd.GeoDataFrame(
        {"required_class": ["detect"]}, geometry=[shapely.LineString([(X - 50, Y), (X + 50, Y)])], crs=CRS
    )
    gaps = target_gaps(street, analyse(camera, classes=()), light="day")
    assert gaps.loc[0, "unseen"] == pytest.approx(60, abs=0.05)
    assert gaps.loc[0, "share"] == pytest.approx(0.4, abs=0.001)


@pytest.mark.parametrize("seed", range(3))
def test_the_cause_at_a_spot_is_that_of_the_blind_piece_round_it(seed):
    _, cameras, scene, targets = random_town(seed)
    coverage = analyse(cameras, scene=scene, options=ViewOptions())
    pieces = blind_spots(targets, coverage)
    told = 0
    for piece in pieces[pieces.area > 1].itertuples():
        inner = shapely.point_on_surface(piece.geometry)
        why = spot_cause(inner, coverage, required_class=piece.required_class, light=piece.light)
        assert (why.cause, why.camera) == (piece.cause, piece.cause_camera)
        assert why.ref == piece.cause_ref or why.cause != "hidden"
        told += 1
    assert told > 40 and pieces["cause"].nunique() >= 5
    seen = shapely.point_on_surface(coverage.visible("observe").iloc[0])
    assert seen.is_empty or spot_cause(seen, coverage, required_class="observe") is None


def test_a_place_must_be_a_point():
    with pytest.raises(GeometryError, match="point"):
        spot_cause(shapely.Point(), analyse(random_town(0)[1], classes=()))
