"""Claims about shares online and in order, and about the repair list."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
import shapely

from geo_service.analysis.camera_health import compute_health, daily_states
from geo_service.imports import import_file
from town_model import InputError

TODAY = dt.date(2026, 11, 23)


def note(town, camera, days_ago, state, hour=8):
    at = dt.datetime.combine(TODAY, dt.time(hour)) - dt.timedelta(days_ago)
    town.add("camera_status_log", camera=camera, at=at, state=state)


def health(town, **options):
    compute_health(town.store, actor="test", today=TODAY, **options)
    return town.store.latest_result("health")


def test_days_count_once_by_their_worst_record():
    """Two days: on the first online all day, on the second offline once and back; the shares are 1/2 and 1/2."""
    rows = [("2026-11-22 08:00", "working"), ("2026-11-22 20:00", "working"), ("2026-11-23 08:00", "offline"), ("2026-11-23 20:00", "working")]  # fmt: skip
    log = pd.DataFrame({"camera": 1, "at": [one for one, _ in rows], "state": [one for _, one in rows]})
    table = daily_states(log, first=dt.date(2026, 11, 1), last=TODAY)
    assert list(table["online"]) == [True, False]
    assert list(table["last_state"]) == ["working", "working"]
    twice = pd.concat([log, log], ignore_index=True)
    assert daily_states(twice, first=dt.date(2026, 11, 1), last=TODAY).equals(table)


def test_shares_by_camera_unit_and_day(town):
    """甲: of 4 days 3 online, 2 in order; 乙: of 2 days both. In all 5/6 online and 4/6 in order."""
    first = town.camera(0, 0, name="甲", maintained_by="一公司")
    second = town.camera(100, 0, name="乙", maintained_by="二公司")
    for ago, state in enumerate(("working", "working", "faulty", "offline")):
        note(town, first, ago, state)
    note(town, second, 0, "working")
    note(town, second, 1, "working")
    result = health(town)
    assert result.summary["share_online"] == pytest.approx(5 / 6)
    assert result.summary["share_in_order"] == pytest.approx(4 / 6)
    units = result.frame("units").set_index("maintained_by")
    assert units.loc["一公司", "share_online"] == pytest.approx(3 / 4)
    assert units.loc["一公司", "share_in_order"] == pytest.approx(2 / 4)
    assert units.loc["二公司", "share_in_order"] == pytest.approx(1)
    assert list(units.index) == ["一公司", "二公司"]
    days = result.frame("days")
    assert list(days["day"]) == ["2026-11-23", "2026-11-22", "2026-11-21", "2026-11-20"]
    assert list(days["share_in_order"]) == pytest.approx([1, 1, 0, 0])
    assert list(days["cameras"]) == [2, 2, 1, 1]


def test_the_newest_record_goes_before_the_ledger_and_the_difference_is_counted(town):
    one = town.camera(0, 0, name="甲", status="working")
    town.camera(100, 0, name="乙", status="faulty")
    note(town, one, 0, "offline")
    note(town, one, 1, "offline")
    note(town, one, 2, "working")
    note(town, one, 3, "offline")
    result = health(town)
    rows = result.frame("repairs").set_index("camera_name")
    assert rows.loc["甲", ["state", "ledger_state", "out_since"]].tolist() == [
        "offline",
        "working",
        "2026-11-22",
    ]
    assert rows.loc["乙", "state"] == "faulty"
    assert (result.summary["working"], result.summary["differing"]) == (0, 1)


def test_records_outside_of_the_window_do_not_count(town):
    one = town.camera(0, 0)
    note(town, one, 30, "offline")
    result = health(town, days=30)
    assert result.summary["recorded"] == 0
    assert result.summary["share_online"] is None
    assert health(town, days=31).summary["share_online"] == 0
    with pytest.raises(InputError):
        health(town, days=0)


def test_the_repair_that_gains_most_stands_first_and_one_that_gains_nothing_last(town):
    """大 alone sees a square of 100 m², 小 one of 36 m²; 空 sees no target. Each is gained wholly, so area decides."""
    for x, side in ((0, 10), (100, 6)):
        town.area(shapely.box(x - side / 2, 5, x + side / 2, 5 + side), name=f"{side}")
    for x, name in ((100, "小"), (0, "大"), (300, "空")):
        town.camera(x, 0, name=name, status="faulty", maintained_by="维护队", max_range_m=30.0)
    rows = health(town).frame("repairs")
    assert list(rows["camera_name"]) == ["大", "小", "空"]
    assert list(rows["gained_area_m2"]) == pytest.approx([100, 36, 0], abs=0.1)
    assert list(rows["first_target"]) == ["10", "6", ""]


def test_the_daily_sheet_of_the_platform_comes_in_by_the_ordinary_import(town, tmp_path):
    """Device numbers or names, 在线/离线, a day or a time: headers as operations platforms write them."""
    code = "32010200001315000001"
    town.camera(0, 0, name="甲", code=code)
    town.camera(100, 0, name="乙")
    for name, header, rows in [
        ("编码.xlsx", ["序号", "设备编码", "在线状态", "检测时间"], [[1, code, "离线", "2026-11-23 08:00"]]),
        ("名称.xlsx", ["设备名称", "运行状态", "统计日期"], [["乙", "在线", "2026-11-23"], ["甲", "正常", "2026年11月22日"]]),
    ]:  # fmt: skip
        book = openpyxl.Workbook()
        book.active.append(header)
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / name)
        report = import_file(town.store, tmp_path / name, "camera_status_log", actor="test", datum="wgs84")
        assert (report.inserted, report.stored) == (len(rows), True), report.summary("en")
    result = health(town)
    assert list(result.frame("days")["share_online"]) == pytest.approx([0.5, 1.0])
