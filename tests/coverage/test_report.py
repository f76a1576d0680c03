"""What the report on targets is made of: classes, verified data, roads, entrances and missing buildings, by hand."""

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y

from camera_coverage import (
    analyse,
    class_shares,
    coverage_summary,
    critical_cameras,
    redundancy,
    repair_gains,
    road_runs,
    unmodelled_shares,
    verified_shares,
    watched_entrances,
)

# all round, at the height of the target: what it sees is a disk
ROUND = {
    "kind": "fisheye", "status": "working", "mount_height_m": 1.5, "azimuth_deg": 0.0, "tilt_deg": 0.0, "hfov_deg": 360.0,
    "resolution_px_h": 20_000, "max_range_m": 50.0, "ir_range_m": 20.0,
}  # fmt: skip


def cameras(*feet, **columns):
    return gpd.GeoDataFrame(
        ROUND | columns, index=[f"cam-{i}" for i in range(len(feet))], geometry=[shapely.Point(X + x, Y + y) for x, y in feet], crs=CRS
    )  # fmt: skip


def lines(*pieces, **columns):
    values = {"required_class": "detect", "hours": ""} | columns
    shapes = [shapely.LineString([(X + a, Y), (X + b, Y)]) for a, b in pieces]
    return gpd.GeoDataFrame(
        values, index=[f"roads/{i}" for i in range(len(shapes))], geometry=shapes, crs=CRS
    )


def test_shares_by_class_are_the_disks_of_the_formula():
    """20,000 px all round: a class of T px/m reaches 20000 / (2π·T) m: 127, 50.93, 25.46 and 12.73 m; the range ends at 50 m."""
    street = lines((0, 100))
    row = class_shares(street, analyse(cameras((0, 0)))).loc["roads/0"]
    reach = [20_000 / (2 * np.pi * density) for density in (125, 250)]
    for name, metres in zip(("detect", "observe", "recognise", "identify"), (50, 50, *reach), strict=True):
        assert row[f"share_day_{name}"] == pytest.approx(metres / 100, abs=2e-4)
        assert row[f"share_night_{name}"] == pytest.approx(min(metres, 20) / 100, abs=2e-4)
    by_day = class_shares(lines((0, 100), hours="08:00-17:00"), analyse(cameras((0, 0))))
    assert by_day.filter(like="night").isna().all(axis=None)


def test_what_rests_on_verified_data_is_what_verified_cameras_see():
    """Feet at 0 (verified) and 60 m (not), reach 50 m: 0–50 of 100 m rests on verified data, all but nothing is seen in all."""
    frame = cameras((0, 0), (60, 0), data_quality=["verified", "estimated"])
    coverage = analyse(frame)
    assert verified_shares(lines((0, 100)), coverage).loc["roads/0", "share_day_verified"] == pytest.approx(
        0.5, abs=2e-4
    )
    assert coverage_summary(lines((0, 100)), coverage).loc["roads/0", "share_day"] == pytest.approx(1.0)
    nobody = analyse(frame.drop(columns="data_quality"))
    assert verified_shares(lines((0, 100)), nobody).loc["roads/0", "share_day_verified"] == 0.0


def test_the_longest_unseen_run_goes_on_over_the_cuts_of_the_map():
    """A road of 300 m in three lines, seen from 0 to 50 m and from 250 m on: one run of 200 m, though no line is longer than 100 m."""
    road = lines((0, 100), (100, 200), (200, 300), name="Long Street")
    table = road_runs(road, analyse(cameras((0, 0), (300, 0))))
    row = table.loc["Long Street"]
    assert (row["name"], row["lines"], row["length_m"]) == ("Long Street", 3, pytest.approx(300))
    assert row["longest_unseen_day_m"] == pytest.approx(200, abs=0.03)
    assert row["seen_day_m"] == pytest.approx(100, abs=0.03)
    assert row["seen_per_km_day"] == pytest.approx(1000 / 3, abs=0.1)
    # by night each sees 20 m
    assert row["longest_unseen_night_m"] == pytest.approx(260, abs=0.03)
    assert row["seen_per_km_night"] == pytest.approx(1000 * 40 / 300, abs=0.1)


def test_lines_without_a_name_are_roads_of_their_own():
    table = road_runs(lines((0, 100), (100, 200), name=""), analyse(cameras((0, 0))))
    assert list(table.index) == ["roads/0", "roads/1"]
    assert table["longest_unseen_day_m"].to_numpy() == pytest.approx([50, 100], abs=0.02)


def test_roads_that_are_not_asked_for_at_night_have_no_figures_there():
    row = road_runs(lines((0, 100), hours="08:00-17:00", name="A"), analyse(cameras((0, 0)))).loc["A"]
    assert np.isnan(row["seen_night_m"])
    assert np.isnan(row["longest_unseen_night_m"])


YARD = gpd.GeoDataFrame(index=["yard"], geometry=[shapely.box(X, Y, X + 100, Y + 60)], crs=CRS)


def gate(x, y, area="yard"):
    return gpd.GeoDataFrame({"area": [area]}, index=["gate"], geometry=[shapely.Point(X + x, Y + y)], crs=CRS)


def test_one_camera_inside_sees_who_comes_in_and_not_who_goes_out():
    """The gate in the south wall; a camera 10 m inside, straight ahead of those who come in. 20000 / (2π·250) = 12.7 m: identify."""
    row = watched_entrances(gate(50, 0), YARD, analyse(cameras((50, 10)))).loc["gate"]
    assert (row["in_day"], row["camera_in_day"]) == ("identify", "cam-0")
    assert (row["out_day"], row["camera_out_day"]) == (None, None)
    assert row["class_day"] == "identify"
    assert row["directed"]


def test_both_directions_need_a_camera_on_either_side():
    """Inside at 10 m (identify, to 12.7 m), outside at 20 m (recognise, to 25.5 m); at night both within 20 m of infrared."""
    row = watched_entrances(gate(50, 0), YARD, analyse(cameras((50, 10), (50, -20)))).loc["gate"]
    assert (row["in_day"], row["out_day"]) == ("identify", "recognise")
    assert (row["camera_in_day"], row["camera_out_day"]) == ("cam-0", "cam-1")
    dark = analyse(cameras((50, 10), (50, -20), ir_range_m=[5.0, 30.0]))
    row = watched_entrances(gate(50, 0), YARD, dark).loc["gate"]
    assert (row["in_night"], row["out_night"]) == (None, "recognise")


@pytest.mark.parametrize(("angle", "there"), [(55, True), (65, False)])
def test_from_the_side_nobody_is_seen_from_the_front(angle, there):
    """60° off the way is the limit."""
    foot = (50 + 10 * np.sin(np.radians(angle)), 10 * np.cos(np.radians(angle)))
    row = watched_entrances(gate(50, 0), YARD, analyse(cameras(foot))).loc["gate"]
    assert (row["in_day"] is not None) == there
    assert row["class_day"] == "identify"


@pytest.mark.parametrize(
    "x_y_in", [(0, 30, (10, 30)), (100, 30, (90, 30)), (50, 60, (50, 50)), (50, 0, (50, 10))]
)
def test_the_way_in_is_told_at_every_wall(x_y_in):
    x, y, foot = x_y_in
    row = watched_entrances(gate(x, y), YARD, analyse(cameras(foot))).loc["gate"]
    assert (row["in_day"], row["out_day"]) == ("identify", None)


def test_an_entrance_without_a_place_or_far_from_its_border_has_no_direction():
    frame = pd.concat([gate(50, 0, None), gate(50, -40).rename({"gate": "far"})])
    table = watched_entrances(frame, YARD, analyse(cameras((50, 5), (50, -35))))
    assert not table["directed"].any()
    assert table["in_day"].isna().all()
    assert table["class_day"].notna().all()


def test_a_gate_inside_a_gatehouse_is_asked_for_in_front_of_it():
    """The gatehouse is 4 m deep, 2 m to either side of the wall: the open ground 2 m outside counts (and 2 m inside is its wall)."""
    house = gpd.GeoDataFrame(
        {"height_m": [4.0]}, geometry=[shapely.box(X + 45, Y - 1.9, X + 55, Y + 1.9)], crs=CRS
    )
    row = watched_entrances(gate(50, 0), YARD, analyse(cameras((50, -10)), house)).loc["gate"]
    assert row["out_day"] == "identify"


def test_no_camera_watches_no_entrance():
    row = watched_entrances(gate(50, 0), YARD, analyse(cameras((50, 10), status="faulty"))).loc["gate"]
    assert row[["class_day", "in_day", "out_day", "class_night"]].isna().all()


def test_missing_buildings_are_told_by_the_share_of_built_up_ground_without_one_near():
    """A road of 400 m, built up from 100 to 300 m; the only building ends at 150 m: places from 200 m on lie more than 50 m away.

    Places stand at 5, 15, … 395 m: 20 of them in built-up ground (105 … 295), of which 205 … 295, ten, have no building near.
    """
    road = lines((0, 400))
    built = gpd.GeoSeries([shapely.box(X + 100, Y - 50, X + 300, Y + 50)], crs=CRS)
    houses = gpd.GeoSeries([shapely.box(X + 140, Y + 1, X + 150, Y + 10)], crs=CRS)
    assert unmodelled_shares(road, houses, built)["roads/0"] == pytest.approx(0.5)
    assert unmodelled_shares(road, houses.iloc[:0], built)["roads/0"] == 1.0
    # fields: nothing can be said
    assert np.isnan(unmodelled_shares(road, houses.iloc[:0], built.iloc[:0])["roads/0"])


def test_an_area_is_asked_on_a_grid():
    """100 m × 100 m, a house in its western edge strip: places within 50 m of x = 10 are those at x ≤ 60, six of ten columns."""
    area = gpd.GeoDataFrame(index=["zone"], geometry=[shapely.box(X, Y, X + 100, Y + 100)], crs=CRS)
    houses = gpd.GeoSeries([shapely.box(X, Y - 500, X + 10, Y + 600)], crs=CRS)
    assert unmodelled_shares(area, houses, area)["zone"] == pytest.approx(0.4)


def test_levels_are_computed_once_for_redundancy_and_critical_cameras(monkeypatch):
    """Three questions, one look at which camera sees what; a moved camera is a new question."""
    module = sys.modules["camera_coverage.redundancy"]  # the function of that name hides it
    asked = []
    whole = module._levels
    monkeypatch.setattr(module, "_levels", lambda *given: asked.append(1) or whole(*given))
    street, memo = lines((0, 200)), {}
    coverage = analyse(cameras((0, 0), (40, 0)), memo=memo)
    redundancy(street, coverage)
    critical_cameras(street, coverage)
    repair_gains(street, coverage)
    assert len(asked) == 1
    moved = critical_cameras(street, analyse(cameras((0, 0), (60, 0)), memo=memo))
    assert len(asked) == 2
    # 0–50 and 10–110: the second alone sees 60 m by day
    assert moved.loc["cam-1", "lost_length_m"] == pytest.approx(60, abs=0.02)
    renamed = critical_cameras(
        street, analyse(cameras((0, 0), (60, 0)).rename({"cam-1": "cam-9"}), memo=memo)
    )
    assert "cam-9" in renamed.index
    assert redundancy(street, analyse(cameras((0, 0), (60, 0))), levels=2)["share_day_2"].iloc[
        0
    ] == pytest.approx(0.2, abs=2e-4)
