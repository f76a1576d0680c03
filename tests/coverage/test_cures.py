"""Cures: each is carried out here, and then the inner point of the piece must be seen at its class in its light."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y

from camera_coverage import CAUSES, CURES, Terrain, ViewOptions, analyse, apply_cure, blind_spots
from camera_coverage.cures import HIGHEST_MOUNT_M, LEAST_HFOV_DEG, LONGEST_IR_M, TURN_LIMIT_DEG

FIXED = {
    "name": "A",
    "kind": "fixed",
    "status": "working",
    "mount_height_m": 6.0,
    "azimuth_deg": 90.0,
    "tilt_deg": 45.0,
    "hfov_deg": 90.0,
    "vfov_deg": 80.0,  # from 85° to 5° below the horizon: 0.394 m to 51.44 m on the axis
    "resolution_px_h": 4000,
    "max_range_m": 60.0,
    "ir_range_m": 20.0,
}
DAY = "08:00-17:00"


def cameras(*others, **columns):
    """Camera A looks east from the origin; others are further rows."""
    rows = [FIXED | {"x": 0.0, "y": 0.0} | columns, *({**FIXED, "x": 0.0, "y": 0.0, **one} for one in others)]
    frame = pd.DataFrame(rows, index=[f"cam-{i}" for i in range(len(rows))])
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(X + frame["x"], Y + frame["y"]), crs=CRS)


def spot(x, y, size=0.4, hours=DAY, required_class="detect"):
    """A small square of ground round a place; its inner point is its middle."""
    shape = shapely.box(X + x - size / 2, Y + y - size / 2, X + x + size / 2, Y + y + size / 2)
    values = {"required_class": [required_class], "hours": [hours]}
    return gpd.GeoDataFrame(values, index=["spot"], geometry=[shape], crs=CRS)


def only_piece(target, frame, walls=None, views=None, **options):
    gaps = blind_spots(target, analyse(frame, walls, views=views), min_width_m=0.1, **options)
    assert len(gaps) == 1, list(gaps["cause"])
    return gaps.iloc[0]


def sees_after(piece, frame, walls=None, views=None):
    """Whether the middle of the piece is seen, by any working camera, once its cure is carried out."""
    cured, changed = apply_cure(
        frame, piece["cause_camera"], piece["cure"], piece["cure_params"], views=views
    )
    coverage = analyse(cured, walls, views=changed)
    point = piece.geometry.point_on_surface()
    return bool(coverage.visible(piece["required_class"], piece["light"]).intersects(point).any())


def bearing_spot(distance, degrees, **options):
    """A spot at a distance, so many degrees clockwise of east."""
    angle = np.radians(-degrees)
    return spot(distance * np.cos(angle), distance * np.sin(angle), **options)


def test_a_camera_out_of_order_is_repaired():
    frame = cameras(status="faulty")
    piece = only_piece(spot(30, 0), frame)
    assert (piece["cause"], piece["cure"], piece["cause_camera"]) == ("out_of_order", "repair", "cam-0")
    assert piece["cure_share"] == pytest.approx(1.0)
    assert sees_after(piece, frame)


def test_the_turn_is_the_least_whole_angle_that_shows_the_place():
    """At 30 m, H − t = 4.5: the border of the picture lies where 30·sin φ = 30·cos φ·cos 45° + 4.5·sin 45°.

    With tan α = cos 45°: α = 35.264°, sin(φ − α) = 4.5·sin 45°·cos α / 30 = 0.08660, so φ = 40.232°. A place 55° aside needs
    14.768°, in whole degrees 15°.
    """
    piece = only_piece(bearing_spot(30, 55), cameras())
    assert (piece["cause"], piece["cure"]) == ("outside_view", "turn")
    assert piece["cure_params"] == {"azimuth_deg": 105.0, "turn_deg": 15.0}
    assert sees_after(piece, cameras())
    less = analyse(cameras(azimuth_deg=104.0)).visible("detect").intersects(piece.geometry.point_on_surface())
    assert not less.any()
    left = only_piece(bearing_spot(30, -55), cameras())
    assert left["cure_params"] == {"azimuth_deg": 75.0, "turn_deg": -15.0}
    assert sees_after(left, cameras())


def test_a_turn_beyond_the_limit_is_a_second_camera():
    piece = only_piece(bearing_spot(30, 40.3 + TURN_LIMIT_DEG + 2), cameras())
    assert (piece["cause"], piece["cure"], piece["cure_params"]) == ("outside_view", "new_camera", {})
    assert np.isnan(piece["cure_share"])


def test_a_turn_that_looks_at_a_house_is_no_cure():
    """Turned by 15° the camera would have the place in its picture, behind a house; it is a second camera that is needed."""
    house = gpd.GeoDataFrame(
        {"height_m": [np.nan]},
        geometry=[shapely.Point(X + 20 * np.cos(np.radians(55)), Y - 20 * np.sin(np.radians(55))).buffer(3)],
        crs=CRS,
    )
    piece = only_piece(bearing_spot(30, 55), cameras(), house)
    assert (piece["cause"], piece["cure"]) == ("outside_view", "new_camera")


def test_a_longer_lens_has_the_pixels():
    """At 25 m on the axis, tilt 30°: depth 25·cos 30° + 4.5·sin 30° = 23.90 m.

    125 px/m ask for tan(HFOV/2) = 4000 / (2·125·23.90064): 67.5996°, rounded down to 67.5°. The picture keeps its proportions:
    tan(VFOV/2) = tan 35°·tan 33.75°, 50.14°, so its upper edge lies 4.93° below the horizon and the place, at 10.2°, stays in it.
    """
    frame = cameras(tilt_deg=30.0, vfov_deg=70.0)
    piece = only_piece(spot(25, 0, required_class="recognise"), frame)
    assert (piece["cause"], piece["cure"]) == ("too_few_pixels", "lens")
    params = piece["cure_params"]
    assert set(params) == {"hfov_deg", "vfov_deg", "focal_ratio"}
    assert params["hfov_deg"] == pytest.approx(67.5)
    assert params["vfov_deg"] == pytest.approx(50.14, abs=0.02)
    assert params["focal_ratio"] == pytest.approx(1 / np.tan(np.radians(33.75)), abs=0.005)
    assert sees_after(piece, frame)
    wider = analyse(frame.assign(hfov_deg=67.7)).visible("recognise")
    assert not wider.intersects(piece.geometry.point_on_surface()).any()


def test_a_lens_whose_picture_would_end_before_the_place_is_tilted_too():
    """Tilt 45°: the longer lens would end 16° below the horizon, the place lies 8.5° below it."""
    piece = only_piece(spot(30, 0, required_class="recognise"), cameras())
    assert piece["cure"] == "lens"
    assert piece["cure_params"]["tilt_change_deg"] < 0
    assert sees_after(piece, cameras())


def test_a_lens_that_would_lose_the_place_is_aimed_at_it():
    """35° aside, at the class for faces of signs: the longer lens is 20° wide and must look there."""
    target = bearing_spot(30, 35, required_class="identify")
    piece = only_piece(target, cameras())
    assert (piece["cause"], piece["cure"]) == ("too_few_pixels", "lens")
    assert piece["cure_params"]["turn_deg"] == pytest.approx(35)
    assert sees_after(piece, cameras())


def test_a_lens_beyond_the_limit_is_a_second_camera():
    """640 pixels, 250 px/m at 50 m: a view of 1.8°, below the least of 5°."""
    frame = cameras(resolution_px_h=640, max_range_m=80.0)
    piece = only_piece(spot(50, 0, required_class="identify"), frame)
    assert 2 * np.degrees(np.arctan(640 / (2 * 250 * 54.5 * np.sqrt(0.5)))) < LEAST_HFOV_DEG
    assert (piece["cause"], piece["cure"]) == ("too_few_pixels", "new_camera")


def test_a_panorama_with_too_few_pixels_gets_more_of_them():
    """25 px/m at a slant of √(40² + 4.5²) = 40.25 m all round: 2π·40.25·25 = 6323 pixels, the next sensor has 7680."""
    frame = cameras(kind="fisheye", hfov_deg=360.0, resolution_px_h=3840)
    piece = only_piece(spot(40, 0), frame)
    assert (piece["cause"], piece["cure"]) == ("too_few_pixels", "pixels")
    assert piece["cure_params"] == {"resolution_px_h": 7680}
    assert sees_after(piece, frame)


def test_the_dead_zone_is_tilted_away():
    """At 2 m the place lies atan(4.5 / 2) = 66.04° below the horizon; a picture 40° high must look down by 46.04°, so 47°."""
    frame = cameras(tilt_deg=20.0, vfov_deg=40.0)
    piece = only_piece(spot(2, 0), frame)
    assert (piece["cause"], piece["cure"]) == ("dead_zone", "tilt")
    assert piece["cure_params"] == {"tilt_deg": 47.0, "tilt_change_deg": 27.0}
    assert sees_after(piece, frame)


def test_a_panorama_is_tilted_over_its_dead_zone():
    """At 2 m, 60° aside of the axis, the place lies atan(4.5 / 2) = 66.04° below the horizon: 47° as for any other direction."""
    frame = cameras(kind="multi_sensor", hfov_deg=200.0, tilt_deg=20.0, vfov_deg=40.0, resolution_px_h=7680)
    piece = only_piece(spot(1, 3**0.5, size=0.2), frame)
    assert (piece["cause"], piece["cure"]) == ("dead_zone", "tilt")
    assert piece["cure_params"]["tilt_deg"] in (47.0, 48.0)
    assert sees_after(piece, frame)


def test_a_change_that_shows_next_to_nothing_of_a_piece_is_no_cure_of_it():
    """A strip of 400 m along the street beyond the range; the middle could be seen from A, but hardly more than 5 m of it."""
    far = cameras(tilt_deg=40.0, hfov_deg=4.0, resolution_px_h=8000, vfov_deg=80.0)
    strip = gpd.GeoDataFrame(
        {"required_class": ["detect"], "hours": [DAY]}, index=["strip"],
        geometry=[shapely.box(X + 70, Y - 100, X + 72, Y + 100)], crs=CRS,
    )  # fmt: skip
    middle = [one for one in blind_spots(strip, analyse(far)).itertuples() if one.cause == "out_of_range"]
    assert middle
    assert {one.cure for one in middle} == {"new_camera"}


def test_behind_a_low_wall_the_camera_is_raised():
    """A wall of 4 m at 10 m, the place at 15 m: H > (4 − 1.5·⅔) / (1 − ⅔) = 9 m, in half metres 9.5 m."""
    wall = gpd.GeoDataFrame(
        {"height_m": [4.0]}, geometry=[shapely.LineString([(X + 10, Y - 20), (X + 10, Y + 20)])], crs=CRS
    )
    piece = only_piece(spot(15, 0), cameras(), wall)
    assert (piece["cause"], piece["cure"]) == ("hidden", "raise")
    assert piece["cure_params"]["mount_height_m"] == pytest.approx(9.5)
    assert sees_after(piece, cameras(), wall)
    low = analyse(cameras(mount_height_m=8.9), wall).visible("detect")
    assert not low.intersects(piece.geometry.point_on_surface()).any()


@pytest.mark.parametrize("height", [np.nan, 5.0])
def test_behind_a_high_wall_a_second_camera_is_needed(height):
    """5 m at 10 m, the place at 15 m: H > (5 − 1) / ⅓ = 12 m and more, the highest mount is 12 m."""
    wall = gpd.GeoDataFrame(
        {"height_m": [height]}, geometry=[shapely.LineString([(X + 10, Y - 20), (X + 10, Y + 20)])], crs=CRS
    )
    piece = only_piece(spot(15, 0), cameras(), wall)
    assert (piece["cause"], piece["cure"]) == ("hidden", "new_camera")
    assert HIGHEST_MOUNT_M == 12.0


def test_the_dark_is_lit():
    piece = only_piece(spot(30, 0, hours="22:00-05:00"), cameras())
    assert (piece["cause"], piece["light"], piece["cure"]) == ("dark", "night", "light")
    assert piece["cure_params"] == {"ir_range_m": 31.0}
    assert sees_after(piece, cameras())
    assert LONGEST_IR_M >= 31


def test_outside_the_view_at_night_it_is_turned_and_lit():
    """Two steps: turned by 15°, and light to 31 m, since infrared ends at 20 m. The cure bears the name of the costlier one."""
    piece = only_piece(bearing_spot(30, 55, hours="22:00-05:00"), cameras())
    assert piece["cure"] == "light"
    assert piece["cure_params"] == {"azimuth_deg": 105.0, "turn_deg": 15.0, "ir_range_m": 31.0}
    assert sees_after(piece, cameras())


def test_three_steps_are_a_second_camera():
    """Aside, too coarse and dark: aim, lens and light."""
    piece = only_piece(bearing_spot(30, 55, hours="22:00-05:00", required_class="identify"), cameras())
    assert piece["cure"] == "new_camera"


def test_out_of_range_a_longer_range_is_asked_for():
    """Tilted so that the picture reaches the horizon: 70 m away is only out of range; 4000 px give 25 px/m at a depth of 80 m."""
    frame = cameras(tilt_deg=40.0)
    piece = only_piece(spot(70, 0), frame)
    assert (piece["cause"], piece["cure"]) == ("out_of_range", "reach")
    assert piece["cure_params"] == {"max_range_m": 71.0}
    assert sees_after(piece, frame)


def test_a_house_beyond_the_old_range_ends_that_cure_though_the_pieces_are_kept():
    """The piece itself depends on nothing beyond 60 m, its cure does."""
    frame, memo = cameras(tilt_deg=40.0), {}
    target = spot(70, 0)
    first = blind_spots(target, analyse(frame, memo=memo), min_width_m=0.1).iloc[0]
    house = gpd.GeoDataFrame(
        {"height_m": [np.nan]}, geometry=[shapely.box(X + 63, Y - 2, X + 66, Y + 2)], crs=CRS
    )
    again = blind_spots(target, analyse(frame, house, memo=memo), min_width_m=0.1).iloc[0]
    assert (first["cure"], again["cause"], again["cure"]) == ("reach", "out_of_range", "new_camera")


def test_far_from_all_cameras_a_second_one_is_needed():
    piece = only_piece(spot(300, 0), cameras())
    assert (piece["cause"], piece["cure"], piece["cause_camera"]) == ("no_camera_near", "new_camera", None)


def test_a_preset_is_added_to_a_camera_that_turns_and_the_old_ones_stay():
    """A PTZ with one preset to the east; a place behind its back is no limit for it."""
    frame = cameras(kind="ptz", ir_range_m=60.0)
    views = pd.DataFrame({"camera": ["cam-0"], "azimuth_deg": [90.0]})
    piece = only_piece(spot(-30, 0), frame, views=views)
    assert (piece["cause"], piece["cure"]) == ("outside_view", "preset")
    assert sees_after(piece, frame, views=views)
    _, added = apply_cure(frame, "cam-0", "preset", piece["cure_params"], views=views)
    assert list(added["azimuth_deg"])[:1] == [90.0]
    assert len(added) == 2


def test_of_a_camera_with_several_views_the_closest_one_is_turned():
    frame = cameras(kind="multi_sensor")
    views = pd.DataFrame({"camera": ["cam-0"] * 2, "azimuth_deg": [90.0, 270.0], "hfov_deg": [90.0, 90.0]})
    piece = only_piece(bearing_spot(30, 180 - 55), frame, views=views)
    assert (piece["cure"], piece["cure_params"]["view"]) == ("turn", 1)
    assert -20 < piece["cure_params"]["turn_deg"] < 0
    assert sees_after(piece, frame, views=views)


def test_a_camera_whose_direction_nobody_knows_asks_for_it():
    frame = cameras(azimuth_deg=np.nan)
    piece = only_piece(spot(0, 30), frame)
    assert (piece["cause"], piece["cure"]) == ("outside_view", "direction")
    assert sees_after(piece, frame)  # if it looks there


def test_a_camera_inside_a_house_has_a_wrong_position():
    house = gpd.GeoDataFrame(
        {"height_m": [20.0]}, geometry=[shapely.box(X - 9, Y - 9, X + 9, Y + 9)], crs=CRS
    )
    piece = only_piece(spot(30, 0), cameras(), house)
    assert (piece["cause"], piece["cure"]) == ("outside_view", "position")
    moved = cameras(x=9.0)
    assert analyse(moved, house).visible("detect").intersects(piece.geometry.point_on_surface()).any()


def test_ground_that_only_unverified_data_show_is_blind_when_asked():
    """A is verified and looks east, B is not and looks north: what only B sees rests on data that nobody checked."""
    frame = cameras({"azimuth_deg": 0.0, "data_quality": "estimated"}, data_quality="verified")
    assert blind_spots(spot(0, 30), analyse(frame), min_width_m=0.1).empty
    piece = only_piece(spot(0, 30), frame, only_verified=True)
    assert (piece["cause"], piece["cause_camera"], piece["cure"]) == ("unverified", "cam-1", "verify")
    assert piece["cure_share"] == pytest.approx(1.0)
    cured, _ = apply_cure(frame, "cam-1", "verify", {})
    assert blind_spots(spot(0, 30), analyse(cured), min_width_m=0.1, only_verified=True).empty
    assert blind_spots(spot(30, 0), analyse(frame), min_width_m=0.1, only_verified=True).empty


def test_verification_shows_in_pieces_that_a_memo_keeps():
    frame, memo = cameras(data_quality="estimated"), {}
    asked = {"min_width_m": 0.1, "only_verified": True}
    assert list(blind_spots(spot(30, 0), analyse(frame, memo=memo), **asked)["cause"]) == ["unverified"]
    assert blind_spots(spot(30, 0), analyse(frame.assign(data_quality="verified"), memo=memo), **asked).empty
    assert blind_spots(spot(30, 0), analyse(frame, memo=memo), min_width_m=0.1).empty


@pytest.mark.parametrize("angle", [55, -55])
def test_over_sloping_ground_a_turn_is_proven_over_the_ground(angle):
    """The ground rises by 1 m in 20 m to the east, or falls by the same: the turn that is proposed shows the place over that ground."""
    for slope in (0.05, -0.05):
        column = (np.arange(160) + 0.5 - 80.0) * slope
        ground = Terrain(np.tile(column, (160, 1)), (1.0, 0, X - 80, 0, -1.0, Y + 80), CRS)
        options = ViewOptions(terrain=ground)
        gaps = blind_spots(bearing_spot(30, angle), analyse(cameras(), options=options), min_width_m=0.1)
        piece = gaps.sort_values("area_m2").iloc[-1]
        assert (piece["cause"], piece["cure"]) == ("outside_view", "turn")
        cured, _ = apply_cure(cameras(), piece["cause_camera"], piece["cure"], piece["cure_params"])
        seen = analyse(cured, options=options).visible("detect")
        assert seen.intersects(piece.geometry.point_on_surface()).any()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_cure_of_a_crowded_town_holds_when_carried_out(seed):
    """25 cameras of all kinds among 60 houses; every proposed change is carried out on a fresh town and shows its point."""
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 180, (60, 2))
    houses = gpd.GeoDataFrame(
        {"height_m": rng.choice([np.nan, 2.5, 4.0, 7.0], 60)},
        geometry=[shapely.box(X + x, Y + y, X + x + w, Y + y + d) for (x, y), (w, d) in zip(corner, rng.uniform(4, 14, (60, 2)), strict=True)],
        crs=CRS,
    )  # fmt: skip
    rows = [
        {
            "x": x, "y": y, "kind": rng.choice(["fixed", "dome", "fisheye", "ptz"]), "azimuth_deg": rng.uniform(0, 360),
            "tilt_deg": rng.uniform(5, 50), "hfov_deg": rng.uniform(30, 110), "vfov_deg": rng.uniform(20, 70), "resolution_px_h": rng.choice([1280, 1920, 3840]),
            "mount_height_m": rng.uniform(3, 9), "max_range_m": rng.uniform(25, 70), "ir_range_m": rng.uniform(0, 40),
            "status": rng.choice(["working", "working", "working", "faulty"]),
        }
        for x, y in rng.uniform(0, 190, (25, 2))
    ]  # fmt: skip
    frame = cameras(*rows, status="removed")
    squares = [
        shapely.box(X + x, Y + y, X + x + 20, Y + y + 20)
        for x in range(0, 200, 20)
        for y in range(0, 200, 20)
    ]
    targets = gpd.GeoDataFrame(
        {"required_class": rng.choice(["detect", "observe", "recognise"], len(squares))},
        geometry=squares,
        crs=CRS,
    )
    gaps = blind_spots(targets, analyse(frame, houses))
    assert set(gaps["cure"]) <= set(CURES)
    assert set(gaps["cause"]) <= set(CAUSES)
    changed = gaps[~gaps["cure"].isin(["new_camera", "position"])]
    assert {"repair", "turn", "lens", "light", "tilt", "reach"} <= set(changed["cure"])
    sample = changed.groupby("cure").head(12)
    for piece in sample.itertuples():
        cured, _ = apply_cure(frame, piece.cause_camera, piece.cure, piece.cure_params)
        alone = cured.loc[[piece.cause_camera]]
        area = analyse(alone, houses, classes=()).visible(piece.required_class, piece.light).iloc[0]
        assert area.intersects(piece.geometry.point_on_surface()), (piece.cure, piece.cure_params)
        assert area.intersection(piece.geometry).area / piece.geometry.area == pytest.approx(
            piece.cure_share, abs=1e-3
        )


def test_a_view_hidden_by_a_board_over_the_road_is_raised_past_its_upper_edge():
    """A board from 3 to 4 m at 10 m hides 15 to 22.5 m; at 18 m a line over it asks for (4 − 1.5·10/18) / (1 − 10/18) = 7.125 m, in halves 7.5."""
    board = gpd.GeoDataFrame(
        {"height_m": [4.0], "clear_height_m": [3.0]},
        geometry=[shapely.LineString([(X + 10, Y - 9), (X + 10, Y + 9)])],
        crs=CRS,
    )
    piece = only_piece(spot(18, 0), cameras(), board)
    assert piece["cause"] == "hidden"
    assert piece["cure_params"]["mount_height_m"] == pytest.approx(7.5)
    assert sees_after(piece, cameras(), board)
    low = analyse(cameras(mount_height_m=7.0), board).visible("detect")
    assert not low.iloc[0].intersects(shapely.Point(X + 18, Y))


def test_a_height_that_clears_one_board_is_no_cure_where_it_runs_into_the_next():
    """The least height is that over the second board too: (5.5 − 1.5·9/18) / (1 − 9/18) = 9.5 m and a little, in halves 10."""
    boards = gpd.GeoDataFrame(
        {"height_m": [4.0, 5.5], "clear_height_m": [3.0, 4.2]},
        geometry=[
            shapely.LineString([(X + 10, Y - 9), (X + 10, Y + 9)]),
            shapely.LineString([(X + 9, Y - 9), (X + 9, Y + 9)]),
        ],
        crs=CRS,
    )
    piece = only_piece(spot(18, 0), cameras(), boards)
    assert piece["cure_params"]["mount_height_m"] == pytest.approx(10.0)
    assert sees_after(piece, cameras(), boards)
