"""The clock as files: every table leaves with titles, and says what was stored."""

import datetime as dt
import io

import openpyxl
import pytest
import shapely

from geo_service.analysis.clock import compute_clock
from geo_service.analysis.patrol import compute_patrol
from geo_service.exports.clock import clock_workbook
from geo_service.exports.frames import untitled
from geo_service.exports.results import result_file


@pytest.fixture
def read(town):
    town.area(shapely.box(-10, -10, 10, 10), name="广场甲", category="park", visit_interval_min=240)
    town.road((-100, 12), (100, 12))
    town.unit(50, 12, shifts="08:00-10:00")
    town.camera(0, 0, name="新点", status="planned")
    town.add("villages", shapely.box(-300, -300, 300, 300), name="上河村", households=50)
    compute_patrol(town.store, actor="test", max_iterations=40, time_limit_s=20)
    compute_clock(town.store, actor="test", date=dt.date(2026, 11, 23), days=2)
    return town.store


def test_every_column_of_every_table_has_a_title(read):
    result = read.latest_result("clock")
    assert {
        "savings",
        "hours",
        "hour_stops",
        "villages",
        "calendar",
        "calendar_days",
        "calendar_strips",
    } <= set(result.frame_names)
    assert {name: untitled("clock", name, result.frame(name)) for name in result.frame_names} == {
        name: [] for name in result.frame_names
    }


def test_the_workbook_has_savings_hours_villages_and_days(read):
    result = read.latest_result("clock")
    book = openpyxl.load_workbook(io.BytesIO(clock_workbook(read, result)))
    assert book.sheetnames[2:-1] == [
        "摄像机减少的空档", "多巡一小时", "多巡一小时的站点", "各村（社区）巡逻分钟", "全镇日历", "各地点日历"
    ]  # fmt: skip
    head, row = book["摄像机减少的空档"].iter_rows(values_only=True)
    saved = result.frame("savings").iloc[0]
    told = dict(zip(head, row, strict=True))
    assert told["摄像机"] == "新点" and told["摄像机状态"] == "拟建：建成后"
    assert told["减少空档（处·分钟/日）"] == pytest.approx(saved["saved_min"], abs=0.05)
    village = dict(zip(*book["各村（社区）巡逻分钟"].iter_rows(values_only=True), strict=True))
    assert (village["村（社区）"], village["户数"]) == ("上河村", 50)
    assert village["每百户（分钟）"] == pytest.approx(2 * village["每日巡逻分钟"], abs=0.2)
    assert book["全镇日历"].max_row == 1 + 2
    english = openpyxl.load_workbook(io.BytesIO(clock_workbook(read, result, "en")))
    assert "One more patrol hour" in english.sheetnames


@pytest.mark.parametrize("file_format", ["xlsx", "gpkg"])
def test_the_general_export_takes_all_tables(read, file_format):
    assert len(result_file(read, read.latest_result("clock"), file_format)) > 1000
