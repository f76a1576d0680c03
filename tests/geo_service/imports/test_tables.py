"""Sheets as stations keep them: faults at their cells, contacts left out, lists of residents refused."""

import openpyxl
import pytest

from geo_service.imports import read_file
from geo_service.imports.fault_workbook import faults_workbook
from town_model import CrsError, InputError

HEADER = ["设备编码", "点位名称", "经度", "纬度", "摄像机类型", "安装高度(m)", "朝向"]


def camera(number, **changes):
    row = {
        "设备编码": f"3201020000131500{number:04d}",
        "点位名称": f"中山路{number}号点位",
        "经度": 118.78 + number / 1000 + 0.000123,
        "纬度": 32.04 + number / 1000 + 0.000123,
        "摄像机类型": "枪机",
        "安装高度(m)": 6,
        "朝向": 90,
    }
    return list((row | changes).values())


def cameras(count=6):
    return [camera(number) for number in range(1, count + 1)]


def read(path, **options):
    return read_file(path, "camera_sites", **({"datum": "wgs84"} | options))


def faults(table):
    return {(one.cell, one.severity) for one in table.faults}


def test_all_faults_of_a_sheet_are_told_at_once(sheet):
    path = sheet(
        [
            ["××派出所台账"],
            HEADER,
            *cameras(),
            camera(7, 朝向="往前"),
            camera(8, **{"安装高度(m)": "六"}),
            camera(9, 摄像机类型="卡口"),
            camera(10, 经度=None),
            camera(11, 点位名称=None),
            camera(12, 设备编码=3.2e19),
        ]
    )
    table = read(path)
    assert faults(table) == {
        ("G9", "refused_cell"),
        ("F10", "refused_cell"),
        ("E11", "refused_cell"),
        ("C12", "refused_row"),
        ("B13", "refused_row"),
        ("A14", "refused_cell"),
    }
    assert [row.number for row in table.rows if row.refused] == [12, 13]
    assert all(one.remedy.template for one in table.faults)


def test_every_fault_is_said_in_chinese_with_place_and_remedy(sheet):
    table = read(sheet([HEADER, *cameras(), camera(7, **{"安装高度(m)": 900})]))
    assert [one.say("zh") for one in table.faults] == ["F8：900 超出范围 0.5 至 200；请更正数值或单位"]


def test_exchanged_coordinates_that_are_both_possible_are_found_by_the_rest(tmp_path):
    """In Monaco, 43.7 N 7.4 E, both numbers may be a latitude."""
    lines = ["名称,经度,纬度"] + [f"点{i},7.42{i}11,43.73{i}11" for i in range(6)] + ["反,43.73511,7.42511"]
    path = tmp_path / "monaco.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    (fault,) = read(path).faults
    assert (fault.cell, fault.severity) == ("B8", "refused_row")
    assert "swapped" in fault.message.template


def test_a_place_far_from_the_rest_is_warned_of(sheet):
    table = read(sheet([HEADER, *cameras(), camera(7, 经度=113.324567)]))
    assert faults(table) == {("C8", "warning")}


def test_metres_where_degrees_belong_are_named(sheet):
    table = read(sheet([HEADER, *cameras(), camera(7, 经度=479600.12, 纬度=3547000.34)]))
    (fault,) = table.faults
    assert "metres" in fault.message.template


def test_a_repeated_header_a_sum_and_a_signature_are_no_rows(sheet):
    rows = [
        HEADER,
        *cameras(3),
        HEADER,
        camera(4),
        [],
        ["合计", 4],
        ["填表人:", None, "审核人:"],
        ["注:以上为示例"],
    ]
    table = read(sheet(rows))
    assert table.faults == []
    assert len(table.rows) == 4
    assert [number for number, _ in table.skipped_rows] == [5, 8, 9, 10]


def test_contact_columns_are_left_out_and_said_so(sheet):
    rows = [[*HEADER, "责任人", "联系电话"], *[[*one, "某", "025-00000000"] for one in cameras(3)]]
    table = read(sheet(rows))
    assert [title for title, _ in table.left_out] == ["责任人", "联系电话"]
    assert {str(why) for _, why in table.left_out} == {"contacts of persons are not kept"}
    assert all(set(row.cells) == set(table.rows[0].cells) for row in table.rows)
    assert "某" not in str([row.cells for row in table.rows])


@pytest.mark.parametrize("title", ["身份证号", "户主", "户籍地址", "重点人员", "车牌号", "人脸", "姓名"])
def test_a_file_on_residents_is_refused_as_a_whole(sheet, title):
    rows = [[*HEADER, title], *[[*one, "x"] for one in cameras(3)]]
    with pytest.raises(InputError, match=f"lists persons.*{title}.*places only"):
        read(sheet(rows))


def test_residents_on_another_sheet_are_refused_too(tmp_path):
    book = openpyxl.Workbook()
    for one in (HEADER, *cameras(3)):
        book.active.append(one)
    other = book.create_sheet("住户")
    other.append(["户主", "身份证号", "住址"])
    other.append(["x", "y", "z"])
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(InputError, match="lists persons"):
        read(tmp_path / "two.xlsx")


def test_fields_on_residents_in_a_map_file_are_refused(tmp_path):
    import geopandas as gpd

    frame = gpd.GeoDataFrame(
        {"name": ["a"], "SFZH": ["x"]}, geometry=gpd.points_from_xy([118.7], [32.0]), crs=4326
    )
    frame.to_file(tmp_path / "x.gpkg")
    with pytest.raises(InputError, match="SFZH"):
        read_file(tmp_path / "x.gpkg", "camera_sites")


def test_personal_data_in_any_cell_is_refused_and_not_repeated(sheet):
    rows = [
        [*HEADER, "备注", "建设单位"],
        *[[*one, None, "公安"] for one in cameras()],
        [*camera(7), "门卫13800138000", "公安"],
        [*camera(8), None, "11010519491231002X"],
        [*camera(9, 点位名称="京A12345停车处"), None, None],
        [*camera(10, 设备编码="13800138000"), None, None],
    ]
    path = sheet(rows)
    table = read(path)
    assert faults(table) == {
        ("H8", "refused_cell"),
        ("I9", "refused_cell"),
        ("B10", "refused_row"),
        ("A11", "refused_cell"),
    }
    told = " ".join(one.say("zh") + one.value for one in table.faults)
    for secret in ("13800138000", "11010519491231002X", "京A12345"):
        assert secret not in told
        assert secret not in str([row.cells for row in table.rows])


def test_a_name_that_stands_for_a_home_is_refused(sheet):
    table = read(sheet([HEADER, *cameras(3), camera(4, 点位名称="王小明家门口")]))
    assert faults(table) == {("B5", "refused_row")}
    assert "王小明" not in str([row.cells for row in table.rows])


def test_a_key_that_stands_twice_is_kept_once(sheet):
    table = read(sheet([HEADER, *cameras(3), camera(4, 设备编码="32010200001315000002")]))
    (fault,) = table.faults
    assert (fault.cell, fault.severity, fault.message.params["first"]) == ("A5", "refused_cell", 3)


def test_a_required_key_that_stands_twice_refuses_the_row(tmp_path):
    path = tmp_path / "models.csv"
    path.write_text("名称,单价\n甲,100\n乙,200\n甲,300\n", encoding="utf-8")
    table = read_file(path, "camera_models")
    assert [(one.cell, one.severity) for one in table.faults] == [("A4", "refused_row")]


def test_direction_codes_are_seen_by_the_whole_column(sheet):
    table = read(sheet([HEADER, *[camera(number, 朝向=number) for number in range(1, 9)]]))
    assert [row.cells["azimuth_deg"] for row in table.rows] == [90, 270, 180, 0, 135, 45, 225, 315]
    assert {one.severity for one in table.faults} == {"warning"}


def test_degrees_that_happen_to_be_small_stay_degrees(sheet):
    table = read(sheet([HEADER, *[camera(number, 朝向=number + 1) for number in range(1, 9)]]))
    assert table.rows[0].cells["azimuth_deg"] == 2


def test_a_header_that_names_another_datum_is_warned_of(sheet):
    rows = [["台账(坐标系:GCJ-02)"], HEADER, *cameras(3)]
    assert faults(read(sheet(rows))) == {("A1", "warning")}
    assert faults(read(sheet(rows), datum="gcj02")) == set()
    with pytest.raises(CrsError, match="gcj02"):
        read(sheet(rows), datum=None)


def test_a_sheet_that_is_not_of_the_layer_says_what_is_missing(sheet):
    with pytest.raises(InputError, match=r"name \(名称\).*品名, 数量"):
        read(sheet([["品名", "数量"], ["螺丝", 3]]))


def test_a_sheet_without_coordinates_says_so(sheet):
    with pytest.raises(InputError, match="longitude and latitude"):
        read(sheet([["点位名称", "安装高度"], ["中山路", 6]]))


def test_areas_cannot_come_from_a_plain_sheet(sheet):
    with pytest.raises(InputError, match="WKT"):
        read_file(sheet([["名称", "户数"], ["东村", 300]]), "villages", datum="wgs84")


def test_the_fault_workbook_marks_the_cells_and_imports_with_the_same_faults(sheet, tmp_path):
    path = sheet(
        [
            [*HEADER, "联系电话", "备注"],
            *[[*one, "025-62345678", None] for one in cameras()],
            [*camera(7, 朝向="往前"), "025-62345678", "=1+1"],
            [*camera(8, 经度=None), None, "打13800138000"],
        ]
    )
    table = read(path)
    copy = tmp_path / "faults.xlsx"
    copy.write_bytes(faults_workbook(path, table.faults, "zh"))
    page, listed = openpyxl.load_workbook(copy).worksheets
    assert "往前" in page["G8"].comment.text
    assert page["G8"].fill.start_color.rgb.endswith("FFE699")
    assert page["C9"].fill.start_color.rgb.endswith("F8CBAD")
    assert page["A2"].value == "32010200001315000001"
    assert page["H2"].value == "***"
    assert page["I9"].value == "***"
    assert not any(one.data_type == "f" for row in page.iter_rows() for one in row)
    assert [row[0].value for row in listed.iter_rows(min_row=2)] == [one.cell for one in table.faults]
    again = read(copy)
    assert [one.cell for one in again.faults if one.cell != "I9"] == [
        one.cell for one in table.faults if one.cell != "I9"
    ]
