"""Import templates: a workbook per layer with titles, units, drop-downs, an example row and an explaining sheet."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from geo_service.i18n import say
from geo_service.imports.examples import EXAMPLE_WORDS, example_values
from geo_service.imports.headers import MARK_TITLES
from geo_service.imports.manual import column_rows
from town_model import Column, InputError, Layer, Text
from town_model import layer as layer_of

ROWS = 2000
_HEAD = PatternFill("solid", start_color="DCE6F1")
_NEEDED = PatternFill("solid", start_color="FCE4D6")
_EXAMPLE = Font(italic=True, color="808080")
_LINE = Border(bottom=Side(style="thin", color="7F7F7F"))


def position_columns(layer: Layer, language: str) -> list[tuple[str, str, str]]:
    """Return name, title and help of the columns that say where a row lies.

    Args:
        layer: the layer.
        language: ``zh`` or ``en``.
    """
    if layer.geometry is None:
        return []
    chinese = language.startswith("zh")
    if layer.geometry == "point":
        datum = say(
            Text("decimal degrees or degrees, minutes, seconds; state the datum when importing"), language
        )
        return [
            ("lon", "经度" if chinese else "Longitude", datum),
            ("lat", "纬度" if chinese else "Latitude", datum),
        ]
    text = say(
        Text("geometry as WKT, such as POLYGON((lon lat, …)); maps are better given as GeoJSON or Shapefile"),
        language,
    )
    return [("wkt", "WKT", text)]


def _format(column: Column) -> str:
    if column.kind in {"text", "ref", "hours", "choice"}:
        return "@"
    if column.kind == "date":
        return "yyyy-mm-dd"
    return "yyyy-mm-dd hh:mm" if column.kind == "datetime" else "General"


def _sheet_value(column: Column, value: Any, language: str) -> Any:
    if value is None:
        return None
    if column.kind == "choice":
        return column.choice_title(str(value), language)
    if column.kind == "boolean":
        return ("是" if value else "否") if language.startswith("zh") else ("yes" if value else "no")
    return dt.date.fromisoformat(value) if column.kind == "date" and isinstance(value, str) else value


def template_workbook(layer: str, language: str = "zh") -> bytes:
    """Return an XLSX to fill in for a layer.

    The first sheet has the titles with units, comments, drop-downs and text formats, and one example row, which an
    import skips because its first cell says so. The second sheet explains each column.

    Args:
        layer: name of the layer.
        language: ``zh`` or ``en``.

    Raises:
        LayerError: there is no such layer.
        InputError: the layer holds rasters.
    """
    declared = layer_of(layer)
    if declared.geometry == "raster":
        raise InputError(
            "the layer {layer} holds rasters: import them with geo-service import-terrain FILE, or on the page Terrain",
            layer=layer,
        )
    chinese = language.startswith("zh")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = declared.title(language)[:31].replace("/", " ")
    lists = book.create_sheet("_")
    lists.sheet_state = "hidden"
    heads: list[tuple[str, str, Column | None]] = [
        (MARK_TITLES[0] if chinese else MARK_TITLES[1].capitalize(), "", None)
    ]
    example = example_values(declared)
    values: list[Any] = [EXAMPLE_WORDS["zh" if chinese else "en"]]
    first, rest = declared.columns[:1], declared.columns[1:]
    for column in first:
        heads.append((column.title(language), _help(column, language), column))
        values.append(_sheet_value(column, example.get(column.name), language))
    for name, title, text in position_columns(declared, language):
        heads.append((title, text, None))
        values.append(example[name])
    for column in rest:
        heads.append((column.title(language), _help(column, language), column))
        values.append(_sheet_value(column, example.get(column.name), language))
    for index, ((title, text, declares), value) in enumerate(zip(heads, values, strict=True), 1):
        cell = sheet.cell(1, index, title + ("*" if declares is not None and declares.required else ""))
        cell.font, cell.border = Font(bold=True), _LINE
        cell.fill = _NEEDED if declares is not None and declares.required else _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        if text:
            cell.comment = Comment(text, "geo-service", height=120, width=260)
        shown = sheet.cell(2, index, value)
        shown.font = _EXAMPLE
        address = get_column_letter(index)
        sheet.column_dimensions[address].width = max(12, min(30, 2 * len(title) + 2))
        if declares is None:
            continue
        number_format = _format(declares)
        if number_format != "General":
            sheet.column_dimensions[address].number_format = number_format
            for row in range(2, ROWS + 2):
                sheet.cell(row, index).number_format = number_format
        _restrict(sheet, lists, declares, address, index, language)
    sheet.freeze_panes = "C2"
    sheet.row_dimensions[1].height = 32
    _explain(book, declared, language)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _help(column: Column, language: str) -> str:
    parts = [column.help_zh if language.startswith("zh") else column.help_en]
    if column.required:
        parts.append(say(Text("a value is needed here"), language))
    if column.minimum is not None and column.maximum is not None and column.kind in {"integer", "real"}:
        parts.append(
            say(Text.of("from {low:g} to {high:g}", low=column.minimum, high=column.maximum), language)
        )
    if column.kind == "ref":
        parts.append(say(Text.of("the name of a row of the layer {layer}", layer=column.refers_to), language))
    return "\n".join(one for one in parts if one)


def _restrict(sheet: Any, lists: Any, column: Column, address: str, index: int, language: str) -> None:
    """Give a column its drop-down; other spellings stay allowed, because the import understands them."""
    if column.kind == "choice":
        options = [column.choice_title(one.value, language) for one in column.choices]
    elif column.kind == "boolean":
        options = ["是", "否"] if language.startswith("zh") else ["yes", "no"]
    else:
        return
    for row, option in enumerate(options, 1):
        lists.cell(row, index, option)
    source = f"{quote_sheetname(lists.title)}!${address}$1:${address}${len(options)}"
    rule = DataValidation(
        type="list", formula1=source, allow_blank=True, showErrorMessage=True, errorStyle="warning"
    )
    rule.add(f"{address}2:{address}{ROWS + 1}")
    sheet.add_data_validation(rule)


def _explain(book: Workbook, layer: Layer, language: str) -> None:
    sheet = book.create_sheet("填写说明" if language.startswith("zh") else "Columns")
    heads, rows = column_rows(layer, language)
    sheet.append(heads)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _LINE
    for index, width in enumerate((22, 22, 12, 10, 22, 44, 44), 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
