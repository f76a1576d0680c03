"""PTZ cameras: reach, presets with their dwell, and the share of time for which ground is watched."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y, camera, obstacles

from camera_coverage import (
    ViewOptions,
    analyse,
    coverage_summary,
    shares_at_once,
    turning_cameras,
    visible_areas,
    watched_at,
    watched_shares,
)
from camera_coverage.turning import dwell_shares
from town_model import ValueRangeError

ALL = ViewOptions(observation_class=None)


def ptz(**columns):
    return camera(kind="ptz", tilt_deg=10.0, hfov_deg=60.0, max_range_m=50.0, **columns)


def presets(*turns, dwell=None, hfov=60.0):
    table = {"camera": 0, "azimuth_deg": list(turns), "tilt_deg": 10.0, "hfov_deg": hfov}
    return pd.DataFrame(table | ({} if dwell is None else {"dwell_s": dwell}))


def share_at(pieces, turn, away=30.0):
    angle = np.radians(90 - turn)
    point = shapely.Point(X + away * np.cos(angle), Y + away * np.sin(angle))
    return pieces[pieces.contains(point)]["share"].tolist()


def test_a_place_is_watched_for_the_share_of_the_round_that_its_presets_take():
    """North 40 s, 40° east of it 60 s, south 100 s of 200: 0.2 alone, 0.5 where the first two overlap (10°–30°), 0.3, 0.5."""
    pieces = watched_shares(ptz(), options=ALL, views=presets(0, 40, 180, dwell=[40, 60, 100]))
    assert share_at(pieces, -15) == pytest.approx([0.2])
    assert share_at(pieces, 20) == pytest.approx([0.5])
    assert share_at(pieces, 55) == pytest.approx([0.3])
    assert share_at(pieces, 180) == pytest.approx([0.5])
    assert share_at(pieces, 270) == []


def test_pieces_make_up_the_union_of_the_presets_and_do_not_overlap():
    views = presets(0, 30, 60, 200, dwell=[10, 20, 30, 40])
    walls = obstacles(shapely.box(5, 15, 15, 25), shapely.box(-10, -30, 10, -20), height_m=[9.0, 3.0])
    pieces = watched_shares(ptz(), walls, options=ALL, views=views)
    whole = visible_areas(ptz(), walls, options=ALL, views=views).iloc[0]
    assert pieces.area.sum() == pytest.approx(whole.area, rel=1e-6)
    assert shapely.union_all(pieces.geometry.to_numpy()).symmetric_difference(whole).area < 1e-4 * whole.area
    assert pieces["share"].between(0, 1).all()


def test_the_area_watched_at_one_time_is_the_mean_over_the_round():
    """Σ share · area of the preset = Σ share · area of the piece."""
    views = presets(0, 40, 180, dwell=[40, 60, 100])
    table = turning_cameras(ptz(), options=ALL, views=views)
    pieces = watched_shares(ptz(), options=ALL, views=views)
    assert table["watched_m2"].iloc[0] == pytest.approx((pieces["share"] * pieces["area_m2"]).sum(), rel=1e-6)
    assert (table["presets"].iloc[0], table["round_s"].iloc[0]) == (3, 200)
    assert table["reach_m2"].iloc[0] == pytest.approx(np.pi * 2500, rel=1e-3)
    assert table["watched_m2"].iloc[0] < table["preset_m2"].iloc[0] < table["reach_m2"].iloc[0]


def test_the_preset_in_turn_is_what_is_watched_now():
    views = presets(0, 90, dwell=[40, 60])
    at = {s: watched_at(ptz(), at_s=s, options=ALL, views=views).iloc[0] for s in (0, 39, 41, 99, 101)}
    north, east = shapely.Point(X, Y + 30), shapely.Point(X + 30, Y)
    assert [one.contains(north) for one in at.values()] == [True, True, False, False, True]
    assert [one.contains(east) for one in at.values()] == [False, False, True, True, False]


def test_without_presets_the_stated_direction_is_watched_and_without_any_nothing_is_known():
    frame = gpd.GeoDataFrame(
        pd.concat([ptz(azimuth_deg=0.0), ptz(azimuth_deg=np.nan)], ignore_index=True), crs=CRS
    )
    table = turning_cameras(frame, options=ALL)
    home = visible_areas(ptz(azimuth_deg=0.0).assign(kind="fixed"), options=ALL).iloc[0]
    assert table["watched_m2"].iloc[0] == pytest.approx(home.area)
    assert np.isnan(table["watched_m2"].iloc[1])
    now = watched_at(frame, at_s=0, options=ALL)
    assert now.iloc[0].equals(home) and now.iloc[1].is_empty
    assert watched_shares(frame, options=ALL).empty


def test_a_dwell_that_nobody_states_is_as_long_as_the_others():
    views = pd.DataFrame({"camera": [1, 1, 1, 2, 2], "dwell_s": [10.0, 30.0, None, None, None]})
    assert dwell_shares(views).tolist() == pytest.approx([1 / 6, 3 / 6, 2 / 6, 0.5, 0.5])
    assert dwell_shares(views.assign(dwell_s=0.0)).tolist() == pytest.approx([1 / 3] * 3 + [0.5] * 2)
    with pytest.raises(ValueRangeError, match="below zero"):
        dwell_shares(views.assign(dwell_s=-1.0))


def test_other_kinds_are_passed_over():
    frame = gpd.GeoDataFrame(
        pd.concat([camera(kind="fixed"), ptz(), camera(kind="fisheye")], ignore_index=True), crs=CRS
    )
    assert turning_cameras(frame, options=ALL).index.tolist() == [1]
    assert turning_cameras(camera(kind="fixed"), options=ALL).empty


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"tilt_deg": -40.0, "vfov_deg": 50.0}, ["no_ground"]),
        ({"tilt_deg": 0.0, "vfov_deg": 2.0, "max_range_m": 100.0}, ["no_ground"]),
        ({"tilt_deg": -10.0, "vfov_deg": 50.0}, []),
        ({"tilt_deg": 20.0}, []),
    ],
)
def test_a_view_without_any_ground_is_said(columns, code):
    """40° above the horizon with 50° shows sky alone; level with 2°, ground begins at 4.5 / tan 1° = 258 m, beyond 100 m."""
    result = visible_areas(camera(**columns), options=ALL)
    assert [one.code for one in result.attrs["notes"]] == code
    assert result.iloc[0].is_empty == bool(code)


def square(turn, side=4.0, away=16.0):
    """A square of some metres in a direction from the camera, in the middle of a preset that looks there."""
    angle = np.radians(90 - turn)
    x, y = X + away * np.cos(angle), Y + away * np.sin(angle)
    return shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def targets_of(*shapes):
    return gpd.GeoDataFrame(
        {"required_class": "monitor", "name": [str(i) for i in range(len(shapes))]}, geometry=list(shapes), crs=CRS
    )  # fmt: skip


def town_of(*rows):
    return gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=CRS)


def test_a_target_is_watched_at_one_time_for_the_share_of_its_preset():
    """20 s to the north, 40 s to the south: squares there are watched 1/3 and 2/3 of the time, one in the east never."""
    views = presets(0, 180, dwell=[20, 40])
    coverage = analyse(ptz(status="working"), views=views, classes=["monitor"])
    squares = targets_of(square(0), square(180), square(90))
    found = shares_at_once(squares, coverage, views=views)
    assert found["share_day_at_once"].tolist() == pytest.approx([1 / 3, 2 / 3, 0])
    seen = coverage_summary(squares, coverage)
    assert seen["share_day"].tolist() == pytest.approx([1, 1, 0])
    # its infrared light reaches as far
    assert found["share_night_at_once"].tolist() == pytest.approx([1 / 3, 2 / 3, 0])
    dark = analyse(ptz(status="working", ir_range_m=9.0), views=views, classes=["monitor"])
    assert shares_at_once(squares, dark, views=views)["share_night_at_once"].tolist() == [0, 0, 0]


def test_roads_count_by_their_length():
    """A street of 8 m in the view to the north, and another 8 m beyond its range: half of it a third of the time."""
    views = presets(0, 180, dwell=[20, 40])
    coverage = analyse(ptz(status="working"), views=views, classes=["monitor"])
    street = shapely.LineString([(X, Y + 42), (X, Y + 58)])
    found = shares_at_once(targets_of(street), coverage, views=views)
    assert found["share_day_at_once"].iloc[0] == pytest.approx(0.5 / 3, rel=1e-3)


def test_ground_that_another_camera_always_watches_counts_in_full():
    """A fixed camera at the same pole watches all of the north; another PTZ has the south for half of its time, less than 2/3."""
    cameras = town_of(
        ptz(status="working"),
        camera(status="working", tilt_deg=10.0, hfov_deg=60.0, max_range_m=50.0, azimuth_deg=0.0),
        ptz(status="working"),
        ptz(status="faulty"),
    )
    views = pd.concat(
        [
            presets(0, 180, dwell=[20, 40]),
            presets(180, 90, dwell=[30, 30]).assign(camera=2),
            presets(270, dwell=[5]).assign(camera=3),
        ],
        ignore_index=True,
    )
    coverage = analyse(cameras, views=views, classes=["monitor"])
    squares = targets_of(square(0), square(180), square(90), square(270))
    found = shares_at_once(squares, coverage, views=views)
    # cameras keep no common time: two thirds and a half of it overlap in no known way, and make two thirds
    assert found["share_day_at_once"].tolist() == pytest.approx([1, 2 / 3, 1 / 2, 0])


def test_without_presets_the_stated_direction_counts_and_an_unknown_one_does_not():
    squares = targets_of(square(0), square(180))
    for azimuth, shares in ((0.0, [1, 0]), (np.nan, [0, 0])):
        coverage = analyse(ptz(status="working", azimuth_deg=azimuth), classes=["monitor"])
        found = shares_at_once(squares, coverage)
        assert found["share_day_at_once"].tolist() == pytest.approx(shares)
        assert coverage_summary(squares, coverage)["share_day"].tolist() == [1, 1]


def test_no_share_at_one_time_is_above_that_at_some_time():
    """Random presets over random squares, checked against the mean over single seconds of one round."""
    rng = np.random.default_rng(6)
    views = presets(*rng.uniform(0, 360, 4), dwell=[5, 10, 20, 25])
    coverage = analyse(ptz(status="working"), views=views, classes=["monitor"])
    squares = targets_of(*(square(turn, side=9.0, away=22.0) for turn in np.arange(0, 360, 20)))
    found = shares_at_once(squares, coverage, views=views)["share_day_at_once"].to_numpy()
    seen = coverage_summary(squares, coverage)["share_day"].to_numpy()
    assert (found <= seen + 1e-12).all() and (found > 0).sum() >= 4
    areas = squares.geometry.to_numpy()
    mean = np.zeros(len(areas))
    for at, length in ((1, 5), (6, 10), (16, 20), (36, 25)):
        (now,) = watched_at(ptz(), at_s=at, options=ViewOptions(observation_class="monitor"), views=views)
        mean += length / 60 * shapely.area(shapely.intersection(areas, now)) / shapely.area(areas)
    assert found == pytest.approx(mean, abs=1e-6)
