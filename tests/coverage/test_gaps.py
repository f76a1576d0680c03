"""Blind spots, their causes, and coverage in numbers, on a street that is easy to compute by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y

from camera_coverage import (
    CAUSES,
    MemoryCache,
    ViewOptions,
    analyse,
    blind_spots,
    build_scene,
    camera_keys,
    coverage_summary,
    lights_of,
    road_strips,
    who_sees,
)
from town_model import CrsError, ValueRangeError


def town_cameras(**columns):
    """A looks east along the street from its west end; B (faulty) looks west from its east end, 200 m away."""
    values = (
        {
            "name": ["A", "B"],
            "kind": ["fixed", "fixed"],
            "status": ["working", "faulty"],
            "mount_height_m": 6.0,
            "azimuth_deg": [90.0, 270.0],
            "tilt_deg": 45.0,
            "hfov_deg": 90.0,
            "vfov_deg": 80.0,  # from 85° to 5° below the horizon: 4.5 / tan 85° = 0.394 m to 4.5 / tan 5° = 51.44 m
            "resolution_px_h": 4000,
            "max_range_m": 60.0,
            "ir_range_m": 20.0,
        }
        | columns
    )
    return gpd.GeoDataFrame(
        values, index=["cam-a", "cam-b"], geometry=[shapely.Point(X, Y), shapely.Point(X + 200, Y)], crs=CRS
    )


def street(**columns):
    """The street from A to B."""
    values = {
        "name": "Long Street",
        "kind": "road",
        "required_class": "detect",
        "hours": "08:00-17:00",
    } | columns
    return gpd.GeoDataFrame(
        {k: [v] for k, v in values.items()},
        index=["street"],
        geometry=[shapely.LineString([(X, Y), (X + 200, Y)])],
        crs=CRS,
    )


NEAR, FAR = 4.5 / np.tan(np.radians(85)), 4.5 / np.tan(np.radians(5))
#: 4000 px at 90° give 25 px/m at a depth of 80 m; on the axis depth = x·cos 45° + 4.5·sin 45°, beyond the far limit


def spans(gaps):
    return {
        (row.cause, row.light): (row.geometry.bounds[0] - X, row.geometry.bounds[2] - X)
        for row in gaps.itertuples()
    }


def test_the_street_is_split_where_the_cause_changes():
    """By hand: dead zone to 0.39 m (too short, dropped), seen to 51.4, A's range to 60, near it to 100, B's picture 148.6–199.6."""
    gaps = blind_spots(street(), analyse(town_cameras()))
    found = spans(gaps)
    assert found["outside_view", "day"] == pytest.approx((FAR, 60), abs=0.06)
    assert found["out_of_range", "day"] == pytest.approx((60, 100), abs=0.6)
    assert found["out_of_order", "day"] == pytest.approx((200 - FAR, 200 - NEAR), abs=1e-6)
    assert gaps.set_index("cause")["length_m"].sum() + gaps.attrs["slivers"]["length_m"] == pytest.approx(
        200 - (FAR - NEAR), abs=1e-6
    )
    assert gaps.attrs["slivers"]["count"] == 2  # 0.39 m at either foot
    assert set(gaps["cause"]) <= set(CAUSES)
    assert set(gaps.loc[gaps.cause == "out_of_order", "cause_ref"]) == {"cam-b"}
    assert set(gaps.loc[gaps.cause == "out_of_range", "cause_ref"]) == {"cam-a"}
    assert gaps.loc[gaps.cause == "no_camera_near", "cause_ref"].isna().all()


def test_pieces_have_the_nearest_standing_camera_and_its_distance():
    gaps = blind_spots(street(), analyse(town_cameras())).set_index("cause")
    assert gaps.loc["out_of_order", "nearest_camera"] == "cam-b"
    assert gaps.loc["out_of_order", "distance_m"] == pytest.approx(NEAR, abs=1e-6)
    assert gaps.loc["outside_view", "nearest_camera"] == "cam-a"


def test_a_wall_hides_the_rest_of_the_view_and_is_named():
    walls = gpd.GeoDataFrame(
        {"height_m": [np.nan]},
        index=["wall-7"],
        geometry=[shapely.LineString([(X + 20, Y - 5), (X + 20, Y + 5)])],
        crs=CRS,
    )
    gaps = blind_spots(street(), analyse(town_cameras(), walls))
    row = gaps[gaps.cause == "hidden"].iloc[0]
    assert (row.geometry.bounds[0] - X, row.geometry.bounds[2] - X) == pytest.approx((20, FAR), abs=0.06)
    assert (row.cause_ref, row.cause_camera) == ("wall-7", "cam-a")


def test_the_wall_that_hides_is_named_and_not_the_low_one_before_it():
    """A kerb wall of 2 m at 5 m hides to 5 · 4.5 / 4 = 5.6 m only; what lies behind 20 m is hidden by the house."""
    walls = gpd.GeoDataFrame(
        {"height_m": [2.0, 9.0]}, index=["kerb", "house"],
        geometry=[shapely.LineString([(X + 5, Y - 5), (X + 5, Y + 5)]), shapely.box(X + 20, Y - 5, X + 25, Y + 5)], crs=CRS,
    )  # fmt: skip
    gaps = blind_spots(street(), analyse(town_cameras(), walls))
    hidden = gaps[gaps.cause == "hidden"].sort_values("distance_m")
    assert list(hidden["cause_ref"]) == ["kerb", "house"]
    assert hidden["length_m"].iloc[0] == pytest.approx(0.625, abs=1e-6)
    assert hidden["length_m"].iloc[1] == pytest.approx(
        FAR - 25, abs=0.06
    )  # ground inside the house is not to be watched


def test_too_few_pixels_where_the_class_asks_for_more():
    """250 px/m at 4000 px and 90°: depth 8 m, on the axis x = 8 / cos 45° − 4.5 = 6.81 m."""
    gaps = blind_spots(street(required_class="identify"), analyse(town_cameras()))
    assert spans(gaps)["too_few_pixels", "day"] == pytest.approx((8 * np.sqrt(2) - 4.5, FAR), abs=1e-6)


def test_night_is_judged_where_the_hours_reach_into_it():
    assert lights_of("08:00-17:00") == ("day",)
    assert lights_of("20:00-05:00") == ("night",)
    assert lights_of("") == ("day", "night")
    assert lights_of("17:00-19:00") == ("day",)
    assert lights_of("17:00-19:30") == ("day", "night")
    coverage = analyse(town_cameras())
    assert set(blind_spots(street(), coverage)["light"]) == {"day"}
    gaps = blind_spots(street(hours=""), coverage)
    assert spans(gaps)["dark", "night"] == pytest.approx((20, FAR), abs=0.02)
    assert ("dark", "day") not in spans(gaps)


def test_the_summary_counts_what_is_seen():
    one = coverage_summary(street(hours=""), analyse(town_cameras())).loc["street"]
    assert one["measure"] == "length_m"
    assert one["size"] == pytest.approx(200)
    assert one["share_day"] == pytest.approx((FAR - NEAR) / 200, abs=1e-6)
    assert one["share_night"] == pytest.approx((20 - NEAR) / 200, abs=1e-4)
    assert one["cameras"] == 1
    assert one["longest_uncovered_m"] == pytest.approx(180, abs=0.02)


def test_ground_inside_buildings_is_not_to_be_watched():
    yard = gpd.GeoDataFrame(
        {"required_class": ["detect"]},
        index=["yard"],
        geometry=[shapely.box(X, Y - 20, X + 40, Y + 20)],
        crs=CRS,
    )
    house = gpd.GeoDataFrame(
        {"height_m": [9.0]}, geometry=[shapely.box(X + 20, Y - 20, X + 40, Y + 20)], crs=CRS
    )
    coverage = analyse(town_cameras(), house)
    assert coverage_summary(yard, coverage).loc["yard", "size"] == pytest.approx(800)
    assert blind_spots(yard, coverage).union_all().intersection(house.geometry.iloc[0]).area == pytest.approx(
        0, abs=1e-9
    )


def test_pieces_and_slivers_add_up_to_the_unseen_area():
    rng = np.random.default_rng(3)
    houses = [
        shapely.box(X + x, Y + y, X + x + 7, Y + y + 5) for x, y in rng.uniform(-60, 250, (60, 2)) - [0, 90]
    ]
    town = gpd.GeoDataFrame({"height_m": rng.choice([np.nan, 3.0], 60)}, geometry=houses, crs=CRS)
    area = gpd.GeoDataFrame(
        {"required_class": ["detect"]},
        index=["all"],
        geometry=[shapely.box(X - 30, Y - 60, X + 230, Y + 60)],
        crs=CRS,
    )
    coverage = analyse(town_cameras(), town)
    gaps = blind_spots(area, coverage)
    summary = coverage_summary(area, coverage).loc["all"]
    assert gaps.is_valid.all()
    for light in ("day", "night"):
        pieces = gaps[gaps.light == light]
        unseen = summary["size"] * (1 - summary[f"share_{light}"])
        assert pieces["area_m2"].sum() <= unseen + 1e-6
        assert pieces["area_m2"].sum() == pytest.approx(unseen, abs=gaps.attrs["slivers"]["area_m2"] + 1e-6)
        assert pieces.union_all().area == pytest.approx(pieces["area_m2"].sum(), rel=1e-9)  # no overlap
        seen = coverage.visible("detect", light).union_all()
        assert pieces.union_all().intersection(seen).area == pytest.approx(0, abs=1e-6)


def test_a_sliver_is_dropped_and_counted():
    """A strip of 0.3 m beside the view of no camera: narrower than half a metre."""
    strip = gpd.GeoDataFrame(
        {"required_class": ["detect"]}, geometry=[shapely.box(X + 300, Y, X + 310, Y + 0.3)], crs=CRS
    )
    gaps = blind_spots(strip, analyse(town_cameras()))
    assert len(gaps) == 0
    assert gaps.attrs["slivers"] == {
        "count": 2,
        "area_m2": pytest.approx(6.0),
        "length_m": 0.0,
    }  # by day and by night
    assert len(blind_spots(strip, analyse(town_cameras()), min_width_m=0.2)) == 2


def test_editing_one_camera_computes_one_polygon_and_gives_what_a_fresh_run_gives():
    cache, memo = MemoryCache(), {}
    kept = {"classes": ("detect",), "cache": cache, "memo": memo}
    first = analyse(town_cameras(), **kept)
    blind_spots(street(hours=""), first)
    assert analyse(town_cameras(), **kept).computed == 0
    edited = town_cameras(azimuth_deg=[80.0, 270.0])
    second = analyse(edited, **kept)
    assert second.computed == 2  # day and night of one camera
    again = blind_spots(street(hours=""), second)
    fresh = blind_spots(street(hours=""), analyse(edited))
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.drop(columns="geometry")), pd.DataFrame(fresh.drop(columns="geometry"))
    )
    assert again.geometry.geom_equals(fresh.geometry).all()


def test_keys_change_with_the_camera_the_occluders_in_reach_and_the_options_only():
    house = gpd.GeoDataFrame(
        {"height_m": [9.0]}, geometry=[shapely.box(X + 30, Y + 5, X + 40, Y + 10)], crs=CRS
    )
    far = gpd.GeoDataFrame({"height_m": [9.0]}, geometry=[shapely.box(X + 500, Y, X + 510, Y + 10)], crs=CRS)
    base = camera_keys(town_cameras(), house)
    assert (camera_keys(town_cameras(name=["other", "names"]), house) == base).all()
    assert (camera_keys(town_cameras(), pd.concat([house, far], ignore_index=True)) == base).all()
    assert list(camera_keys(town_cameras(tilt_deg=[44.0, 45.0]), house) == base) == [False, True]
    assert list(camera_keys(town_cameras(), house.assign(height_m=8.0)) == base) == [False, True]
    assert not (camera_keys(town_cameras(), house, options=ViewOptions(night=True)) == base).any()


def test_who_sees_a_point():
    """At 30 m on the axis the depth is 30·cos 45° + 4.5·sin 45° = 24.40 m: 4000 / (2 · 24.40) = 81.98 px/m, observe."""
    seen = who_sees(shapely.Point(X + 30, Y), analyse(town_cameras()))
    assert list(seen.index) == ["cam-a"]
    one = seen.loc["cam-a"]
    assert one["px_per_m"] == pytest.approx(4000 / (2 * 34.5 * np.sqrt(0.5)), rel=1e-9)
    assert one["finest_class"] == "observe"
    assert (one["day"], one["night"], one["reason"]) == (True, False, "seen")
    behind = who_sees(shapely.Point(X - 30, Y), analyse(town_cameras())).loc["cam-a"]
    assert (behind["day"], behind["reason"]) == (False, "outside_view")
    assert (
        who_sees(shapely.Point(X + 180, Y), analyse(town_cameras())).loc["cam-b", "reason"] == "out_of_order"
    )


def test_road_strips_are_the_roads_within_50_m_outside_of_a_zone():
    """A road that runs through a zone of 100 m: 50 m on either side; a tunnel is no place to watch."""
    zone = gpd.GeoDataFrame(
        {"name": ["Zone"]}, index=[4], geometry=[shapely.box(X, Y, X + 100, Y + 100)], crs=CRS
    )
    roads = gpd.GeoDataFrame(
        {"tunnel": [False, True, False]},
        geometry=[
            shapely.LineString([(X - 500, Y + 50), (X + 500, Y + 50)]),
            shapely.LineString([(X - 500, Y + 60), (X + 500, Y + 60)]),
            shapely.LineString([(X - 500, Y + 300), (X + 500, Y + 300)]),
        ],
        crs=CRS,
    )
    strips = road_strips(zone, roads)
    assert strips.loc[4, "length_m"] == pytest.approx(100)
    assert strips.loc[4, "kind"] == "road_strip"
    assert strips.loc[4, "name"] == "Zone"


def test_hours_that_cannot_be_read_are_named_by_target():
    with pytest.raises(ValueRangeError, match="target street"):
        blind_spots(street(hours="sometimes"), analyse(town_cameras()))


def test_a_town_without_cameras_is_all_blind():
    none = town_cameras().iloc[:0]
    gaps = blind_spots(street(), analyse(none))
    assert list(gaps["cause"]) == ["no_camera_near"]
    assert gaps["length_m"].sum() == pytest.approx(200)
    assert gaps["nearest_camera"].isna().all()


def test_no_targets_have_no_gaps():
    assert len(blind_spots(street().iloc[:0], analyse(town_cameras()))) == 0


def test_planned_and_removed_cameras_see_nothing_yet():
    gaps = blind_spots(street(), analyse(town_cameras(status=["planned", "removed"])))
    assert set(gaps["cause"]) == {"no_camera_near"}


def test_pieces_of_a_memo_name_the_right_cameras_and_obstacles_when_others_come_and_go():
    """A camera and a house far away, both before those that matter: their rows move, what is named must not."""
    far_camera = town_cameras().iloc[[0]].set_geometry([shapely.Point(X - 5000, Y)]).rename({"cam-a": "far"})
    wall = gpd.GeoDataFrame(
        {"height_m": [9.0]},
        index=["wall"],
        geometry=[shapely.LineString([(X + 20, Y - 5), (X + 20, Y + 5)])],
        crs=CRS,
    )
    far_house = gpd.GeoDataFrame(
        {"height_m": [9.0]}, index=["house"], geometry=[shapely.box(X - 5000, Y, X - 4990, Y + 9)], crs=CRS
    )
    memo, cache = {}, MemoryCache()
    blind_spots(street(), analyse(town_cameras(), wall, memo=memo, cache=cache))
    cameras, obstacles = pd.concat([far_camera, town_cameras()]), pd.concat([far_house, wall])
    again = blind_spots(street(), analyse(cameras, obstacles, memo=memo, cache=cache))
    fresh = blind_spots(street(), analyse(cameras, obstacles))
    columns = ["cause", "cause_ref", "cause_camera", "nearest_camera"]
    pd.testing.assert_frame_equal(pd.DataFrame(again[columns]), pd.DataFrame(fresh[columns]))
    assert set(again.loc[again.cause == "hidden", "cause_ref"]) == {"wall"}
    renamed = town_cameras().rename({"cam-a": "cam-c"})
    named = blind_spots(street(), analyse(renamed, obstacles, memo=memo, cache=cache))["cause_camera"]
    assert "cam-a" not in set(named)


def test_pixels_at_a_point_are_those_of_the_view_that_holds_it():
    """A zoomed eye of 10° looks 60° aside and has the point in front of it, but not in its picture: 90° and 4000 px count."""
    views = pd.DataFrame({"camera": ["cam-a"] * 2, "azimuth_deg": [90.0, 30.0], "hfov_deg": [90.0, 10.0]})
    views["vfov_deg"] = views["hfov_deg"]  # as square pictures have it
    seen = who_sees(
        shapely.Point(X + 30, Y), analyse(town_cameras(kind=["multi_sensor", "fixed"]), views=views)
    ).loc["cam-a"]
    assert seen["px_per_m"] == pytest.approx(4000 / (2 * 34.5 * np.sqrt(0.5)), rel=1e-9)


def test_a_remark_on_a_camera_with_several_views_is_made_once():
    views = pd.DataFrame({"camera": ["cam-a"] * 4, "azimuth_deg": [0.0, 90.0, 180.0, 270.0]})
    cameras = town_cameras(kind="multi_sensor", ir_range_m=np.nan)
    notes = analyse(cameras, views=views).notes
    assert sorted((one.subject, one.code) for one in notes) == [("cam-a", "assumed"), ("cam-b", "assumed")]


def test_a_scene_in_another_coordinate_system_is_refused():
    house = gpd.GeoDataFrame(geometry=[shapely.box(X, Y, X + 9, Y + 9)], crs="EPSG:4548")
    with pytest.raises(CrsError, match="scene"):
        analyse(town_cameras(), scene=build_scene(house))


def test_a_camera_on_the_other_side_of_the_wall_of_a_yard_does_not_count_as_watching_it():
    """The walled yard begins where the view ends; its wall is the border of both."""
    yard = shapely.box(X + 20, Y - 30, X + 50, Y + 30)
    wall = gpd.GeoDataFrame(
        {"height_m": [np.nan]}, geometry=[shapely.LinearRing(yard.exterior.coords)], crs=CRS
    )
    target = gpd.GeoDataFrame({"required_class": ["detect"]}, index=["yard"], geometry=[yard], crs=CRS)
    for turn in np.arange(60.0, 120.0, 7.3):
        summary = coverage_summary(target, analyse(town_cameras(azimuth_deg=turn), wall)).loc["yard"]
        assert summary["share_day"] == pytest.approx(0, abs=1e-9)
        assert summary["cameras"] == 0
