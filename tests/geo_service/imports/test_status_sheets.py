"""Claims about the daily sheets of operations platforms: one record a camera and time, however often a day is imported."""

import datetime as dt

import pytest

from geo_service.imports import import_file
from town_model import InputError

CODE = "32010200001315000001"
TITLES = ["序号", "设备名称", "设备编码", "在线状态", "图像质量", "检测时间"]


def taken(town, path):
    return import_file(town.store, path, "camera_status_log", actor="test")


def states(town):
    frame = town.store.frame("camera_status_log")
    return sorted(zip(frame["camera"], frame["at"].astype(str), frame["state"], strict=True))


def test_a_day_that_is_imported_again_stands_there_once_with_its_newest_state(town, sheet):
    one, two = town.camera(0, 0, name="甲"), town.camera(90, 0, name="乙")
    rows = [
        TITLES,
        [1, "甲", None, "在线", "正常", "2026-11-22 08:00"],
        [2, "乙", None, "离线", None, "2026-11-22 08:00"],
    ]
    report = taken(town, sheet(rows))
    assert (report.inserted, report.updated, report.unchanged) == (2, 0, 0)
    report = taken(town, sheet(rows))
    assert (report.inserted, report.updated, report.unchanged) == (0, 0, 2)
    rows[2][3] = "在线"
    report = taken(town, sheet(rows))
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 1)
    at = "2026-11-22 08:00:00"
    assert states(town) == [(one, at, "working"), (two, at, "working")]


def test_two_equal_rows_of_one_sheet_stay_two_and_do_not_grow(town, sheet):
    town.camera(0, 0, name="甲")
    rows = [TITLES, *([[1, "甲", None, "在线", "正常", "2026-11-22 08:00"]] * 2)]
    assert taken(town, sheet(rows)).inserted == 2
    again = taken(town, sheet(rows))
    assert (again.inserted, again.unchanged) == (0, 2)


@pytest.mark.parametrize(
    ("online", "picture", "state"),
    [
        ("在线", "正常", "working"), ("在线", "模糊", "faulty"), ("在线", "", "working"), ("离线", "模糊", "offline"),
        ("离线", "正常", "offline"), (None, "黑屏", "faulty"),
    ],
)  # fmt: skip
def test_the_worse_of_online_and_picture_counts(town, sheet, online, picture, state):
    town.camera(0, 0, name="甲")
    report = taken(town, sheet([TITLES, [1, "甲", None, online, picture, "2026-11-22"]]))
    assert report.inserted == 1, report.summary("en")
    assert states(town)[0][2] == state


@pytest.mark.parametrize(
    ("title", "tab", "name"),
    [
        ("设备运维日报（2026年11月22日）", "Sheet1", "a.xlsx"), ("设备运维日报", "2026-11-22", "a.xlsx"),
        ("设备运维日报", "Sheet1", "运维日报_20261122.xlsx"), ("日报", "Sheet1", "2026.11.22在线.xlsx"),
    ],
)  # fmt: skip
def test_the_day_may_stand_above_the_table_or_in_a_name(town, sheet, title, tab, name):
    town.camera(0, 0, name="甲")
    rows = [[title], ["序号", "设备名称", "在线状态"], [1, "甲", "离线"]]
    report = taken(town, sheet(rows, name=name, title=tab))
    assert report.inserted == 1, report.summary("en")
    assert str(states(town)[0][1]).startswith("2026-11-22")
    assert any("2026-11-22" in str(one.params.get("day")) for one in report.table.notes)


def test_without_any_day_the_sheet_is_refused(town, sheet):
    town.camera(0, 0, name="甲")
    with pytest.raises(InputError, match="at"):
        taken(town, sheet([["序号", "设备名称", "在线状态"], [1, "甲", "离线"]], name="daily.xlsx"))
    assert town.store.count("camera_status_log") == 0


def test_names_that_occur_twice_are_told_apart_by_their_number(town, sheet):
    one = town.camera(0, 0, name="北门", code=CODE)
    two = town.camera(90, 0, name="北门", code=CODE[:-1] + "2")
    rows = [
        TITLES,
        [1, "北门", CODE, "在线", "正常", "2026-11-22"],
        [2, "北门", CODE[:-1] + "2", "离线", "", "2026-11-22"],
    ]
    assert taken(town, sheet(rows)).inserted == 2
    assert {(camera, state) for camera, _, state in states(town)} == {(one, "working"), (two, "offline")}


def test_a_record_by_hand_at_the_same_minute_is_recognised(town, sheet):
    camera = town.camera(0, 0, name="甲")
    at = dt.datetime(2026, 11, 22, 8)  # noqa: DTZ001 - the station's time
    town.add("camera_status_log", camera=camera, at=at, state="working")
    report = taken(town, sheet([TITLES, [1, "甲", None, "离线", "", "2026-11-22 08:00"]]))
    assert (report.inserted, report.updated) == (0, 1)
