"""Turning cameras in the stored coverage: reach, what is watched at one time, and shares of time."""

import io

import openpyxl
import pytest
import shapely

from geo_service.analysis.coverage import compute_coverage
from geo_service.analysis.goals import Goals
from geo_service.exports.targets import said, target_tables, targets_workbook


def test_a_town_with_a_turning_camera_is_told_reach_and_what_is_watched_at_once(town):
    """Two presets of 40 s and 60 s that do not overlap: on average 0.4 of one and 0.6 of the other."""
    town.area(shapely.box(-50, -50, 50, 50))
    row = town.camera(0, 0, kind="ptz", hfov_deg=60.0, tilt_deg=10.0, max_range_m=30.0)
    for azimuth, dwell in ((0.0, 40.0), (180.0, 60.0)):
        with town.store.change(actor="test") as change:
            change.insert("camera_views", [{"camera": row, "azimuth_deg": azimuth, "dwell_s": dwell}])
    compute_coverage(town.store, actor="test")
    result = town.store.latest_result("coverage")
    table, pieces = result.frame("turning"), result.frame("watched_shares")
    assert table["camera"].tolist() == [row] and table["presets"].tolist() == [2]
    assert sorted(pieces["share"]) == pytest.approx([0.4, 0.6])
    assert table["watched_m2"].iloc[0] == pytest.approx((pieces["share"] * pieces["area_m2"]).sum(), rel=1e-6)
    assert result.summary["turning"]["watched_m2"] < result.summary["turning"]["reach_m2"]


def test_a_town_without_turning_cameras_is_told_nothing_of_them(town):
    town.camera(0, 0)
    compute_coverage(town.store, actor="test")
    result = town.store.latest_result("coverage")
    assert "turning" not in result.summary and "turning" not in result.frame_names


@pytest.fixture
def round_of_two(town):
    """Squares to the north and south of a PTZ that looks 20 s to the north and 40 s to the south; one beside a camera that always sees it."""
    town.area(shapely.box(-2, 14, 2, 18), name="北场")
    town.area(shapely.box(-2, -18, 2, -14), name="南场")
    town.area(shapely.box(200, -2, 204, 2), name="东场")
    row = town.camera(0, 0, name="球机", kind="ptz", hfov_deg=60.0, tilt_deg=10.0, max_range_m=30.0)
    town.camera(202, 0, name="枪机")
    for name, azimuth, dwell in (("北门", 0.0, 20.0), ("南门", 180.0, 40.0)):
        town.add("camera_views", camera=row, name=name, azimuth_deg=azimuth, dwell_s=dwell)
    compute_coverage(town.store, actor="test")
    return town.store.latest_result("coverage")


def test_places_are_told_how_much_of_them_is_watched_at_one_time(round_of_two):
    """All three are seen; at one time 1/3, 2/3 and all of them, together 2/3 of the ground of 3 · 16 m²."""
    table = round_of_two.frame("targets").set_index("name")
    places = table.loc[["北场", "南场", "东场"]]
    assert places["share_day"].tolist() == pytest.approx([1, 1, 1])
    assert places["share_day_at_once"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    figures = round_of_two.summary["shares"]["key_area"]
    assert (figures["day"], figures["day_at_once"]) == pytest.approx((1, 2 / 3))


def test_the_report_shows_shares_of_time_beside_the_shares(round_of_two):
    tables = {one.name: one.brief() for one in target_tables(round_of_two, Goals())}
    places = tables["places"]
    heads = [said(one.title, "zh") for one in places.heads]
    day = heads.index("白天同一时刻覆盖")
    assert heads.index("白天覆盖") < day
    assert {row[0]: row[day] for row in places.rows} == pytest.approx(
        {"北场": 1 / 3, "南场": 2 / 3, "东场": 1}
    )
    (row,) = tables["turning"].rows
    assert row[:3] == ("球机", "北门 33% · 南门 67%", 60)
    reach, some, once = row[3:]
    assert once < some < reach
    # both presets show areas of one size, of which one is watched at a time
    assert once == pytest.approx(some / 2, rel=1e-6)
    book = openpyxl.load_workbook(io.BytesIO(targets_workbook(round_of_two, Goals())))
    assert "可转动的摄像机" in book.sheetnames
    lines = [[cell.value for cell in line] for line in book["各场所覆盖情况"].iter_rows()]
    column = lines[0].index("白天同一时刻覆盖")
    shares = {line[0]: line[column] for line in lines[1:]}
    assert shares == {"北场": 0.3333, "南场": 0.6667, "东场": 1}


def test_towns_without_turning_cameras_have_no_such_columns(town):
    town.area(shapely.box(-5, -5, 5, 5))
    town.camera(0, 0)
    compute_coverage(town.store, actor="test")
    tables = {one.name: one for one in target_tables(town.store.latest_result("coverage"), Goals())}
    assert "turning" not in tables
    for name in ("kinds", "places"):
        assert not any("同一时刻" in str(said(one.title, "zh")) for one in tables[name].heads)
