"""Templates and the manual follow from the declarations, completely, and what is filled in imports."""

import io

import openpyxl
import pytest

from geo_service.imports import layer_manual, read_file, template_workbook
from town_model import LAYERS, InputError, LayerError

TABLES = [name for name, one in LAYERS.items() if one.geometry != "raster"]


def opened(layer, language="zh"):
    return openpyxl.load_workbook(io.BytesIO(template_workbook(layer, language)))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("layer", TABLES)
def test_the_example_row_imports_without_a_fault_once_its_mark_is_gone(tmp_path, layer, language):
    book = opened(layer, language)
    book.worksheets[0]["A2"] = None
    book.save(tmp_path / "filled.xlsx")
    table = read_file(tmp_path / "filled.xlsx", layer, datum="wgs84")
    assert [str(one) for one in table.faults] == []
    assert len(table.accepted) == 1
    columns = {one.column for one in table.matches if one.column}
    assert set(LAYERS[layer].column_names) <= columns
    assert [title for title, _ in table.left_out] in (["填写提示"], ["Hint"])


def test_the_example_row_is_skipped_as_long_as_it_is_marked(tmp_path):
    book = opened("camera_sites")
    page = book.worksheets[0]
    titles = [one.value for one in page[1]]
    page.cell(3, titles.index("名称*") + 1, "中山路1号点位")
    page.cell(3, titles.index("经度") + 1, 118.781123)
    page.cell(3, titles.index("纬度") + 1, 32.041123)
    book.save(tmp_path / "filled.xlsx")
    table = read_file(tmp_path / "filled.xlsx", "camera_sites", datum="wgs84")
    assert [row.cells["name"] for row in table.rows] == ["中山路1号点位"]
    assert [(number, str(why)) for number, why in table.skipped_rows] == [
        (2, "the example row of the template")
    ]


def test_choices_and_booleans_have_drop_downs_and_codes_are_text():
    page = opened("camera_sites").worksheets[0]
    titles = {one.value.rstrip("*"): one.column_letter for one in page[1]}
    lists = {
        str(one.sqref).split(":")[0].rstrip("0123456789"): one for one in page.data_validations.dataValidation
    }
    for title in ("摄像机类型", "设备状态", "已设标识", "数据来源"):
        assert lists[titles[title]].type == "list"
    assert page[f"{titles['设备编码']}100"].number_format == "@"
    assert "20 位" in page[f"{titles['设备编码']}1"].comment.text
    assert titles["安装高度 (m)"]


def test_the_drop_down_lists_are_the_declared_titles():
    book = opened("camera_sites")
    page, hidden = book.worksheets[0], book["_"]
    (column,) = [one.column for one in page[1] if one.value == "摄像机类型"]
    assert [hidden.cell(row, column).value for row in range(1, 6)] == ["枪机", "半球", "球机", "鱼眼", "多目"]
    assert hidden.sheet_state == "hidden"


def test_the_second_sheet_explains_every_column():
    page = opened("camera_sites")["填写说明"]
    names = [row[0].value for row in page.iter_rows(min_row=2)]
    assert names == list(LAYERS["camera_sites"].column_names)


def test_a_raster_and_an_unknown_layer_have_no_template():
    with pytest.raises(InputError):
        template_workbook("terrain")
    with pytest.raises(LayerError):
        template_workbook("nonsense")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_has_every_layer_column_choice_and_alias(language):
    text = layer_manual(language)
    for layer in LAYERS.values():
        chapter = text.split(f"`{layer.name}`\n", 1)[1].split("\n## ", 1)[0]
        assert layer.title(language) in text
        for column in layer.columns:
            (line,) = [one for one in chapter.splitlines() if one.startswith(f"| {column.name} |")]
            for words in (column.title(language), *column.aliases):
                assert words in line
            for choice in column.choices:
                assert (choice.zh if language == "zh" else choice.en) in line
