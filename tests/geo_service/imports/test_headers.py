"""The header of a sheet is found wherever it stands, and what is no data is passed over."""

import pytest

from geo_service.imports.headers import Header, find_header, match_columns, named_datum, split_unit
from town_model import InputError, layer

CAMERAS = layer("camera_sites")


def mapped(header: Header):
    return {one.title: one.column for one in header.matches if one.column}


def found(rows):
    return find_header(rows, list(range(1, len(rows) + 1)), CAMERAS)


DATA = [1, "320", "中山路", 118.7, 32.0]


def test_a_header_in_the_first_row_is_found():
    header = found([["序号", "设备编码", "点位名称", "经度", "纬度"], DATA])
    assert header.rows == [1]
    assert mapped(header) == {"设备编码": "code", "点位名称": "name", "经度": "lon", "纬度": "lat"}


def test_a_header_under_a_title_and_a_merged_group_row_is_found():
    rows = [
        ["××派出所台账"],
        [None, "基本信息", None, "位置", None],
        ["序号", "设备编码", "点位名称", "经度", "纬度"],
        DATA,
    ]
    header = found(rows)
    assert header.first_data == 3
    assert mapped(header) == {"设备编码": "code", "点位名称": "name", "经度": "lon", "纬度": "lat"}


def test_titles_merged_downwards_beside_a_group_are_found():
    rows = [["序号", "设备编码", "点位名称", "位置", None], [None, None, None, "经度", "纬度"], DATA]
    header = found(rows)
    assert header.rows == [1, 2]
    assert mapped(header) == {"设备编码": "code", "点位名称": "name", "经度": "lon", "纬度": "lat"}


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("安装高度(m)", "mount_height_m"),
        ("安装高度(米):", "mount_height_m"),
        ("*安装 高度", "mount_height_m"),
        ("架设高度/米", "mount_height_m"),
        ("摄像机安装高度", "mount_height_m"),
        ("ＬＮＧ", "lon"),
        ("X坐标", "lon"),
        ("国标编码", "code"),
        ("GB28181编码", "code"),
        ("Mount height (m)", "mount_height_m"),
        ("mount_height_m", "mount_height_m"),
        ("所在区域", ""),
        ("上级设备编码", ""),
    ],
)
def test_titles_are_understood(title, column):
    (match,) = match_columns([title], ["A"], CAMERAS)
    assert match.column == column


def test_another_unit_in_the_header_becomes_a_factor():
    (match,) = match_columns(["安装高度(cm)"], ["A"], CAMERAS)
    assert match.factor == 0.01
    assert split_unit("焦距/mm") == ("焦距", "mm")


def test_an_exact_title_wins_over_one_that_ends_like_it():
    matches = match_columns(["平均安装高度", "安装高度"], ["A", "B"], CAMERAS)
    assert [one.column for one in matches] == ["", "mount_height_m"]


def test_a_given_mapping_wins_and_may_name_titles_or_letters():
    columns = {"name": "地址", "azimuth_deg": "C", "kind": ""}
    matches = match_columns(
        ["地址", "点位名称", "拍摄", "摄像机类型"], ["A", "B", "C", "D"], CAMERAS, columns
    )
    assert [one.column for one in matches] == ["name", "", "azimuth_deg", ""]


def test_a_mapping_to_what_is_not_there_is_refused_with_what_is():
    with pytest.raises(InputError, match="no column '名字' for name") as caught:
        match_columns(["地址"], ["A"], CAMERAS, {"name": "名字", "colour": "地址"})
    assert len(caught.value.messages) == 2


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("位置(GCJ-02)", "gcj02"),
        ("百度坐标", "bd09"),
        ("经度(WGS84)", "wgs84"),
        ("CGCS2000坐标", "cgcs2000"),
        ("经度", ""),
    ],
)
def test_a_datum_in_a_header_is_noticed(text, datum):
    assert named_datum(text) == datum
