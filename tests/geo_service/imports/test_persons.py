"""Places, never persons: what is refused, what is left out, and what must not be taken for personal data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.imports.headers import POSITION_TITLES
from geo_service.imports.persons import header_kind, names_a_home, scan_text, title_names_persons
from geo_service.imports.privacy import is_office_phone
from town_model import LAYERS

# made up: the district code 000000 of each province belongs to nobody; checksums after GB 11643-1999 by hand:
# 11010519491231002X is the example printed in that standard
PRINTED = "11010519491231002X"


@pytest.mark.parametrize(
    "header",
    [
        "身份证号", "身份证号码", "公民身份号码", "户主", "户主姓名", "户籍地址", "是否重点人员", "重点人员", "姓名", "性别", "民族",
        "出生日期", "车牌号", "车牌号码", "人脸", "居民姓名", "与户主关系", "政治面貌", "SFZH", "XM", "id_card", "License Plate", "人员类别",
    ],
)  # fmt: skip
def test_headers_on_residents_are_known(header):
    assert header_kind(header) == "resident"


@pytest.mark.parametrize(
    "header",
    [
        "责任人",
        "联系电话",
        "联系人",
        "手机",
        "手机号",
        "负责人",
        "责任人电话",
        "网格员姓名",
        "LXDH",
        "Phone",
        "责任民警",
    ],
)
def test_headers_on_contacts_are_known(header):
    assert header_kind(header) == "contact"


@pytest.mark.parametrize(
    "header",
    ["责任单位", "联系单位", "户籍人口数", "户数", "户籍室", "管理部门", "安装高度(m)", "人数", "电话亭"],
)
def test_headers_on_places_pass(header):
    assert header_kind(header) == ""


@pytest.mark.parametrize("header", ["是否人脸识别", "车牌抓拍功能", "人脸抓拍"])
def test_what_a_camera_recognises_is_no_resident(header):
    assert header_kind(header) == "capability"


def test_no_declared_column_is_taken_for_one_on_persons():
    """But for the office's phone on a public notice, which is let in by name."""
    words = {
        one
        for layer in LAYERS.values()
        for column in layer.columns
        if not is_office_phone(column.name, layer.name)
        for one in (column.name, column.zh, column.en, *column.aliases)
    }
    words |= {one for titles in POSITION_TITLES.values() for one in titles}
    assert {one: header_kind(one) for one in words if header_kind(one)} == {}


def test_titles_of_lists_of_persons_are_known():
    assert title_names_persons("××镇重点人员台账")
    assert not title_names_persons("××派出所视频监控点位台账")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (PRINTED, ["identity_number"]),
        ("证件 110105 19491231 002x", ["identity_number"]),
        ("110105491231002", ["identity_number"]),
        ("１１０１０５１９４９１２３１００２Ｘ", ["identity_number"]),
        ("1101 0519 4912 3100 2X", ["identity_number"]),
        ("110105_19491231_002X", ["identity_number"]),
        ("sfz11010519491231002X", ["identity_number"]),
        ("138 00 13 80 00", ["phone"]),
        ("138.0013.8000", ["phone"]),
        ("138_0013_8000", ["phone"]),
        ("138\u20100013\u20108000", ["phone"]),
        ("138——0013——8000", ["phone"]),
        ("门卫室 0513-8612 3456", ["phone"]),
        ("苏F\u221912345", ["plate"]),
        ("13800138000", ["phone"]),
        ("138-0013-8000", ["phone"]),
        ("+86 138 0013 8000", ["phone"]),
        ("门卫电话:138 0013 8000", ["phone"]),
        ("010-62345678", ["phone"]),
        ("(0512)62345678转801", ["phone"]),
        ("电话62345678", ["phone"]),
        (13800138000, ["phone"]),
        (13800138000.0, ["phone"]),
        ("京A12345", ["plate"]),
        ("苏a·d12345", ["plate"]),
        ("鲁B1234学", ["plate"]),
        ("138\u200b00138000", ["phone"]),
    ],
)  # fmt: skip
def test_personal_data_is_found_in_cells(text, kinds):
    assert scan_text(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "32010200001315000001", "320102001001", 320102001001, "32010213800138000001", "118.13800138000", "2024-05-03 08:00",
        "苏A座3楼", "京东仓库", "中山路138号", "110", "400-800-1234", "way/13800138000", "n13800138000", "11010519491231002", "",
        "07:00-08:10,16:30-18:00", None, True, 80.5, "1920×1080", "G2501", "K138+001", "320102001001001", "110105194912310021",
    ],
)  # fmt: skip
def test_numbers_of_places_are_not_taken_for_persons(text):
    assert scan_text(text) == []


@given(st.integers(0, 10**6 - 1), st.sampled_from(["131", "132"]), st.integers(100, 999))
def test_no_device_number_is_personal_data(serial, kind, county):
    assert scan_text(f"32{county:04d}0000{kind[:3]}5{serial:06d}".ljust(20, "0")[:20]) == []


@given(st.sampled_from("3458"), st.integers(0, 10**9 - 1))
def test_every_mobile_number_is_found_in_a_sentence(second, rest):
    assert "phone" in scan_text(f"有事请打1{second}{rest:09d}。")


@pytest.mark.parametrize("name", ["王小明家", "张建国户", "李强家门口"])
def test_names_of_homes_are_known(name):
    assert names_a_home(name)


@pytest.mark.parametrize(
    "name", ["张家", "李家湾", "职工之家", "王家村", "万达广场", "全家便利店", "中山路001号点位"]
)
def test_names_of_places_are_no_homes(name):
    assert not names_a_home(name)


def test_the_change_log_keeps_no_phone_number_of_a_file_name(tmp_path):
    """What is in the change log stays there: a name of a file is scanned as cells are."""
    from geo_service.imports import import_file
    from geo_service.workspace import Workspace

    path = tmp_path / "门卫13800138000.csv"
    path.write_text("名称,经度,纬度\n路口,118.7812,32.0412\n", encoding="utf-8")
    with Workspace.create(tmp_path / "town") as workspace:
        store = workspace.store
        store.place_town(118.78, 32.04, actor="t")
        import_file(store, path, "notice_boards", datum="wgs84", actor="t", columns={"place_kind": ""})
        notes = [one.note for one in store.changes(layer="notice_boards")]
    assert notes == ["***.csv"]
