"""A copy of the sheet with the faulty cells marked and commented, to be corrected and imported again."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter

from geo_service.i18n import say
from geo_service.imports.faults import SEVERITY_TEXTS, Fault
from geo_service.imports.persons import header_kind, scan_text
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.parent import read_raw
from geo_service.imports.reading.raw import Cell, RawTable
from town_model import InputError, Text

_COLOURS = {"refused_row": "F8CBAD", "refused_cell": "FFE699", "warning": "DDEBF7"}
_RANK = {"warning": 0, "refused_cell": 1, "refused_row": 2}
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d+)")
_FEATURE = re.compile(r"(.*)\[(\d+)\]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _safe(cell: Cell) -> Any:
    """Return a cell that no spreadsheet runs as a formula, without personal data."""
    if isinstance(cell, str):
        if scan_text(cell):
            return "***"
        clean = "".join(one for one in cell if one.isprintable() or one in "\n\t")
        return (
            "'" + clean if clean.startswith(_FORMULA) and not re.fullmatch(r"[+-]?[\d.,]+", clean) else clean
        )
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 10**15:
        return str(cell)
    if scan_text(cell):
        return "***"
    return cell


def _pick(tables: list[RawTable], sheet: str | None) -> RawTable:
    filled = [one for one in tables if one.rows]
    if sheet:
        filled = [one for one in filled if one.name == sheet]
    if not filled:
        raise InputError("there is no sheet {sheet!r} to mark", sheet=sheet or "")
    return filled[0]


def faults_workbook(
    path: Path | str,
    faults: Sequence[Fault],
    language: str = "zh",
    *,
    sheet: str | None = None,
    limits: ReadLimits | None = None,
) -> bytes:
    """Return an XLSX: the sheet as it is with faulty cells coloured and commented, and a list of all faults.

    Cells keep their addresses, so that the corrected copy imports again. Personal data and contacts are blanked out.

    Args:
        path: the file that was imported.
        faults: its faults.
        language: ``zh`` or ``en``.
        sheet: name of the sheet that was read; by default the one that the faults name.
        limits: what reading may cost.

    Raises:
        InputError: the file cannot be read any more.
    """
    raw = _pick(
        read_raw(Path(path), limits=limits).tables,
        sheet or next((one.sheet for one in faults if one.sheet), None),
    )
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = re.sub(r"[\[\]:*?/\\]", " ", raw.name)[:31] or "1"
    private = _private_columns(raw)
    if raw.fields is not None:
        page.append([_safe(one) for one in raw.fields])
    offset = 1 if raw.fields is not None else 0
    for number, row in zip(raw.numbers, raw.rows, strict=True):
        for index, cell in enumerate(row):
            if cell is None:
                continue
            shown = page.cell(number + offset, index + 1)
            titled = isinstance(cell, str) and header_kind(cell) == "contact"
            shown.value = "***" if index in private and not titled else _safe(cell)
            if isinstance(shown.value, str):
                shown.number_format = "@"
                shown.data_type = "s"
    _mark(page, raw, faults, language, offset)
    _list(book, faults, language)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def fault_list_workbook(faults: Sequence[Fault], language: str = "zh") -> bytes:
    """Return an XLSX with the list of faults alone, for a file that is not kept any more.

    Args:
        faults: the faults.
        language: ``zh`` or ``en``.
    """
    book = Workbook()
    _list(book, faults, language)
    book.remove(book.worksheets[0])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _private_columns(raw: RawTable) -> set[int]:
    """Return the columns under a header on contacts."""
    if raw.fields is not None:
        return {index for index, one in enumerate(raw.fields) if header_kind(one) == "contact"}
    return {
        index
        for row in raw.rows[:40]
        for index, cell in enumerate(row)
        if isinstance(cell, str) and header_kind(cell) == "contact"
        and sum(isinstance(one, str) for one in row) >= 3
    }  # fmt: skip


def _mark(page: Any, raw: RawTable, faults: Sequence[Fault], language: str, offset: int) -> None:
    by_cell: dict[tuple[int, int], list[Fault]] = defaultdict(list)
    for one in faults:
        column = 1
        if found := _ADDRESS.fullmatch(one.cell):
            column, number = column_index_from_string(found[1]), int(found[2])
        elif (found := _FEATURE.fullmatch(one.cell)) and raw.fields is not None:
            number = int(found[2])
            column = raw.fields.index(found[1]) + 1 if found[1] in raw.fields else 1
        elif one.row:
            number = one.row
        else:
            continue
        by_cell[(number + offset, column)].append(one)
    for (row, column), found_here in by_cell.items():
        cell = page.cell(row, column)
        worst = max(found_here, key=lambda one: _RANK[one.severity])
        cell.fill = PatternFill("solid", start_color=_COLOURS[worst.severity])
        words = "\n".join(
            f"{say(SEVERITY_TEXTS[one.severity], language)}: {say(one.message, language)}"
            + (f" → {say(one.remedy, language)}" if one.remedy.template else "")
            for one in found_here
        )
        cell.comment = Comment(words[:2000], "geo-service", height=110, width=320)


def _list(book: Workbook, faults: Sequence[Fault], language: str) -> None:
    page = book.create_sheet("问题清单" if language.startswith("zh") else "Faults")
    heads = (
        Text("Cell"),
        Text("Row"),
        Text("Header"),
        Text("Severity"),
        Text("What is wrong"),
        Text("What to do"),
        Text("Value"),
    )
    page.append([say(one, language) for one in heads])
    for one in faults:
        page.append(
            [
                one.cell,
                one.row or None,
                _safe(one.title),
                say(SEVERITY_TEXTS[one.severity], language),
                _safe(say(one.message, language)),
                say(one.remedy, language),
                _safe(one.value),
            ]
        )
        page.cell(page.max_row, 1).fill = PatternFill("solid", start_color=_COLOURS[one.severity])
    for cell in page[1]:
        cell.font = Font(bold=True)
    for index, width in enumerate((10, 8, 18, 12, 60, 40, 30), 1):
        page.column_dimensions[get_column_letter(index)].width = width
    page.freeze_panes = "A2"
