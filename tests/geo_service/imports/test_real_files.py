"""The real files of the data folder come out as their truth says."""

import csv

import numpy as np
import pytest
from pyproj import Geod

from geo_service.imports import read_file

pytestmark = pytest.mark.real_data
COLUMNS = "ABCDEFGHIJKLMNOPQ"
TITLES = "序号 设备编码 点位名称 经度 纬度 摄像机类型 安装高度(m) 朝向 俯角 水平视场角 分辨率 监控距离 红外距离 设备状态 建设单位 是否设置标识 存储天数".split()


@pytest.fixture(scope="module")
def ledger(real_data):
    return read_file(real_data / "nanjing-cameras-ledger.xlsx", "camera_sites", datum="gcj02")


@pytest.fixture(scope="module")
def truth(real_data):
    with (real_data / "nanjing-cameras-truth.csv").open(encoding="utf-8-sig") as source:
        return {int(row["id"][-6:]): row for row in csv.DictReader(source)}


@pytest.fixture(scope="module")
def listed(real_data):
    with (real_data / "nanjing-cameras-faults.csv").open(encoding="utf-8-sig") as source:
        return list(csv.DictReader(source))


def test_all_rows_of_the_ledger_are_read_and_its_footer_is_not(ledger):
    assert len(ledger.rows) == 160
    assert ledger.header_rows[-1] == 3
    assert [number for number, _ in ledger.skipped_rows] == [165]


def test_positions_are_right_to_the_rounding_of_the_ledger(ledger, truth, listed):
    dms = {int(one["row"]) for one in listed if "degrees, minutes" in one["fault"]}
    placed = [row for row in ledger.rows if row.geometry is not None]
    assert len(placed) == 152
    geod = Geod(ellps="WGS84")
    for row in placed:
        clean = truth[row.number - 3]
        _, _, off = geod.inv(row.geometry.x, row.geometry.y, float(clean["lon"]), float(clean["lat"]))
        assert off <= (0.25 if row.number - 3 in dms else 0.08), row.number


def test_every_usable_value_is_right(ledger, truth, listed):
    refused = {(int(one["row"]), one["column"]) for one in listed if "usable" not in one["fault"]}
    words = {int(one["row"]) for one in listed if "usable as 1920x1080" in one["fault"]}
    compass = {int(one["row"]) for one in listed if "compass" in one["fault"]}
    wrong = []
    for row in ledger.rows:
        number, clean = row.number - 3, truth[row.number - 3]
        # the list of faults says what the words in the cell mean
        across, down = "1920x1080".split("x") if number in words else clean["resolution"].split("x")
        for column, title, value in (
            ("code", "设备编码", clean["id"]),
            ("name", "点位名称", clean["name"]),
            ("kind", "摄像机类型", clean["kind"]),
            ("mount_height_m", "安装高度(m)", float(clean["mount_height_m"])),
            ("tilt_deg", "俯角", float(clean["tilt_deg"])),
            ("hfov_deg", "水平视场角", float(clean["hfov_deg"])),
            ("resolution_px_h", "分辨率", int(across)),
            ("resolution_px_v", "分辨率", int(down)),
            ("max_range_m", "监控距离", float(clean["max_range_m"])),
            ("ir_range_m", "红外距离", float(clean["ir_range_m"])),
            ("status", "设备状态", clean["status"]),
            ("owner", "建设单位", clean["owner"]),
            ("sign_posted", "是否设置标识", clean["sign_posted"] == "True"),
            ("retention_days", "存储天数", int(clean["retention_days"])),
        ):
            if (number, title) in refused:
                assert row.cells.get(column) is None
            elif row.cells[column] != value:
                wrong.append((number, title, row.cells[column], value))
        turn = abs((row.cells["azimuth_deg"] - float(clean["azimuth_deg"]) + 180) % 360 - 180)
        assert turn <= (22.5 if number in compass else 0)
    assert wrong == []


def test_each_listed_fault_is_refused_or_warned_of_at_its_cell(ledger, listed):
    told = {one.cell: one.severity for one in ledger.faults}
    for one in listed:
        cell = f"{COLUMNS[TITLES.index(one['column'])]}{int(one['row']) + 3}"
        if "usable" not in one["fault"]:
            assert told.pop(cell) in {"refused_row", "refused_cell"}, one
        else:
            told.pop(cell, None)
    assert told == {}, "a fault was told of that is none"


def test_a_swapped_pair_is_named_as_such(ledger):
    swapped = [one for one in ledger.faults if "swapped" in one.message.template]
    assert {one.row - 3 for one in swapped} == {8, 48, 88, 128}


def test_the_taiwanese_cameras_import_with_a_mapping(real_data):
    table = read_file(
        real_data / "taiwan-speed-cameras.geojson",
        "camera_sites",
        columns={"name": "description", "azimuth_deg": "bearing"},
    )
    assert len(table.accepted) == 2512
    assert sum(row.cells["azimuth_deg"] is not None for row in table.rows) == 1624
    first = table.rows[0]
    assert first.cells["name"] == "台68線竹東匝道口與北興路三段"
    assert first.cells["azimuth_deg"] == 180.0
    np.testing.assert_allclose((first.geometry.x, first.geometry.y), (121.08011, 24.74986), atol=1e-9)


def test_without_a_datum_the_ledger_is_refused_and_its_header_quoted(real_data):
    from town_model import CrsError

    with pytest.raises(CrsError, match=r"gcj02 \(D2\)"):
        read_file(real_data / "nanjing-cameras-ledger.xlsx", "camera_sites")
