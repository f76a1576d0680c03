"""Redundancy: k-coverage and the loss of one camera, by hand and against dense sampling."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_scenes import CRS, X, Y

from camera_coverage import analyse, coverage_summary, critical_cameras, redundancy
from camera_coverage.redundancy import share_changes
from town_model import ValueRangeError

# all round, 50 m: the class "detect" asks for 25 px/m at 50 m and less, 20000 px are enough all round
ROUND = {
    "kind": "fisheye",
    "status": "working",
    "mount_height_m": 1.5,
    "azimuth_deg": 0.0,
    "tilt_deg": 0.0,
    "hfov_deg": 360.0,
    "resolution_px_h": 20_000,
    "max_range_m": 50.0,
    "ir_range_m": 20.0,
}


def cameras(*feet, turn=0.0, **columns):
    """Cameras that see all round, at places along a line that leaves the origin under an angle."""
    places = [
        shapely.affinity.rotate(shapely.Point(X + one, Y), turn, origin=(X, Y))
        if turn
        else shapely.Point(X + one, Y)
        for one in feet
    ]
    index = [f"cam-{i}" for i in range(len(feet))]
    return gpd.GeoDataFrame(ROUND | columns, index=index, geometry=places, crs=CRS)


def street(length=200.0, turn=0.0, **columns):
    line = shapely.LineString([(X, Y), (X + length, Y)])
    if turn:
        line = shapely.affinity.rotate(line, turn, origin=(X, Y))
    values = {"required_class": "detect", "hours": "08:00-17:00"} | columns
    return gpd.GeoDataFrame({k: [v] for k, v in values.items()}, index=["street"], geometry=[line], crs=CRS)


@pytest.mark.parametrize("turn", [0.0, 17.3, 133.7])
def test_each_level_of_a_street_is_the_hand_count(turn):
    """Feet at 0, 40 and 80 m, reach 50: seen to 130 m; twice from 0 to 90 (40−50 … 40+50 meets both others); thrice 30 to 50."""
    found = redundancy(street(turn=turn), analyse(cameras(0.0, 40.0, 80.0, turn=turn)))
    row = found.loc["street"]
    assert row["share_day_1"] == pytest.approx(130 / 200, abs=2e-4)
    # twice: [0, 50] ∩ [0, 90] = 0…50, [0, 90] ∩ [30, 130] = 30…90
    assert row["share_day_2"] == pytest.approx(90 / 200, abs=2e-4)
    assert row["share_day_3"] == pytest.approx(20 / 200, abs=2e-4)
    assert row.filter(like="night").isna().all()


@pytest.mark.parametrize("turn", [0.0, 17.3, 133.7])
def test_a_failing_camera_costs_what_it_alone_sees(turn):
    """Feet at 0, 40 and 80 m: the first alone sees nothing, the second nothing, the last 90 to 130 m."""
    town = analyse(cameras(0.0, 40.0, 80.0, turn=turn))
    lost = critical_cameras(street(turn=turn, priority=2), town)
    assert lost.index.tolist() == ["cam-2"]
    assert lost.loc["cam-2", "lost_length_m"] == pytest.approx(40, abs=0.05)
    assert lost.loc["cam-2", "worst_share"] == pytest.approx(0.2, abs=3e-4)
    assert lost.loc["cam-2", "targets"] == ["street"]
    assert lost.loc["cam-2", "highest_priority"] == 2


def test_two_disks_share_a_lens():
    """Two disks of radius r at distance d share 2 r² acos(d / 2r) − d/2 · √(4r² − d²)."""
    r, d = 50.0, 60.0
    lens = 2 * r * r * np.arccos(d / 2 / r) - d / 2 * np.sqrt(4 * r * r - d * d)
    square = gpd.GeoDataFrame(
        {"required_class": ["detect"], "hours": ["08:00-17:00"], "priority": [1]},
        index=["square"],
        geometry=[shapely.box(X - 100, Y - 100, X + 200, Y + 100)],
        crs=CRS,
    )
    town = analyse(cameras(0.0, d))
    row = redundancy(square, town, levels=2).loc["square"]
    assert row["share_day_2"] * 60_000 == pytest.approx(lens, rel=2e-3)
    assert row["share_day_1"] * 60_000 == pytest.approx(2 * np.pi * r * r - lens, rel=2e-3)
    lost = critical_cameras(square, town)
    assert lost["lost_area_m2"].to_numpy() == pytest.approx(np.pi * r * r - lens, rel=2e-3)


def test_the_first_level_is_the_share_of_the_summary():
    targets = street(hours="")
    town = analyse(cameras(0.0, 40.0, 90.0))
    one, other = redundancy(targets, town).iloc[0], coverage_summary(targets, town).iloc[0]
    assert one["share_day_1"] == pytest.approx(other["share_day"], abs=1e-9)
    assert one["share_night_1"] == pytest.approx(other["share_night"], abs=1e-9)


def test_counts_equal_dense_sampling():
    """Twelve random cameras over a square: shares by level against 40,000 points tested one by one."""
    rng = np.random.default_rng(11)
    frame = cameras(*rng.uniform(0, 150, 12))
    frame.geometry = gpd.points_from_xy(X + rng.uniform(0, 150, 12), Y + rng.uniform(0, 150, 12), crs=CRS)
    town = analyse(frame)
    box = shapely.box(X, Y, X + 150, Y + 150)
    square = gpd.GeoDataFrame(
        {"required_class": ["detect"], "hours": ["08:00-17:00"]}, geometry=[box], crs=CRS
    )
    x, y = np.meshgrid(X + np.arange(0.375, 150, 0.75), Y + np.arange(0.375, 150, 0.75))
    depth = sum(shapely.contains_xy(area, x, y).astype(int) for area in town.areas("detect", "day"))
    row = redundancy(square, town).iloc[0]
    for level in (1, 2, 3):
        assert row[f"share_day_{level}"] == pytest.approx((depth >= level).mean(), abs=4e-3)


def test_a_camera_out_of_order_neither_counts_nor_costs():
    town = analyse(cameras(0.0, 40.0, status=["working", "faulty"]))
    assert redundancy(street(), town).iloc[0]["share_day_2"] == 0
    assert critical_cameras(street(), town).index.tolist() == ["cam-0"]


def test_priority_ranks_before_size():
    """The lesser loss on the place of priority 1 comes before the greater one on that of priority 3."""
    places = gpd.GeoDataFrame(
        {"required_class": "detect", "hours": "08:00-17:00", "priority": [3, 1]},
        index=["field", "gate"],
        geometry=[shapely.box(X - 40, Y - 20, X + 40, Y + 20), shapely.box(X + 500, Y, X + 505, Y + 5)],
        crs=CRS,
    )
    lost = critical_cameras(places, analyse(cameras(0.0, 500.0)))
    assert lost.index.tolist() == ["cam-1", "cam-0"]


def test_no_cameras_and_no_targets_give_empty_answers():
    town = analyse(cameras(0.0).iloc[:0])
    assert redundancy(street(), town).iloc[0]["share_day_1"] == 0
    assert critical_cameras(street(), town).empty
    assert redundancy(street().iloc[:0], analyse(cameras(0.0))).empty
    assert critical_cameras(street().iloc[:0], analyse(cameras(0.0))).empty


def test_a_level_below_one_is_refused():
    with pytest.raises(ValueRangeError, match="at least one level"):
        redundancy(street(), analyse(cameras(0.0)), levels=0)


def test_shares_without_and_with_each_camera_are_those_of_such_a_town():
    """Against towns that really lack the camera, or really have it: a second computation from the areas up."""
    states = ["working", "working", "faulty", "planned"]
    town = cameras(0.0, 40.0, 80.0, 150.0, status=states)
    target = street(hours="")
    found = share_changes(target, analyse(town))
    assert set(found["light"]) == {"day", "night"}
    for row in found.to_dict("records"):
        there = {True: "working", False: "removed"}
        for column, stands in (("without", False), ("with_it", True)):
            other = town.assign(status=[one if one == "working" else "removed" for one in states])
            other.loc[row["camera"], "status"] = there[stands]
            share = coverage_summary(target, analyse(other)).loc["street", f"share_{row['light']}"]
            assert row[column] == pytest.approx(share, abs=1e-6)
    by_day = found[found["light"] == "day"].set_index("camera")
    # the first alone sees nothing by day (0 to 50 m lie in the reach of the second, too), the second 50 to 90 m
    assert by_day.index.tolist() == ["cam-1", "cam-2", "cam-3"]
    assert by_day.loc["cam-1", ["without", "with_it"]].tolist() == pytest.approx([0.25, 0.45], abs=2e-4)
    assert by_day.loc["cam-3", ["without", "with_it"]].tolist() == pytest.approx([0.45, 0.95], abs=2e-4)
