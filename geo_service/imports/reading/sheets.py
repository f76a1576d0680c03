"""Tables of cells: XLSX, XLS and CSV. Runs in the child process."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.raw import Cell, RawFile, RawTable
from town_model import InputError, Text

_CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>](?:[^<>]*?\br\s*=\s*[\"']([A-Z]{1,4})(\d+)[\"'])?")
_CHUNK = 1 << 20


class _Budget:
    """Counts cells over all sheets of a file, and refuses what is too much."""

    def __init__(self, file: str, limits: ReadLimits) -> None:
        self.file, self.limits, self.cells, self.characters = file, limits, 0, 0

    def add(self, row: Sequence[Any], number: int) -> None:
        self.cells += len(row)
        self.characters += sum(len(one) for one in row if isinstance(one, str))
        if self.characters > self.limits.characters:
            raise InputError(
                "{file} holds more than {limit} characters: split it",
                file=self.file,
                limit=self.limits.characters,
            )
        if self.cells > self.limits.cells:
            raise InputError(
                "{file} has more than {limit} cells: split it, or delete empty formatted rows and columns",
                file=self.file,
                limit=self.limits.cells,
            )
        if number > self.limits.rows:
            raise InputError(
                "{file} has more than {limit} rows: split it", file=self.file, limit=self.limits.rows
            )
        if len(row) > self.limits.columns:
            raise InputError(
                "{file} has more than {limit} columns: delete those that are not needed",
                file=self.file,
                limit=self.limits.columns,
            )


def _plain(cell: Any, limits: ReadLimits) -> Cell:
    if cell is None or isinstance(cell, bool | int | float):
        return cell
    if isinstance(cell, str):
        return cell[: limits.text] if cell.strip() else None
    if isinstance(cell, dt.datetime):
        return cell.date() if cell.time() == dt.time() else cell
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, dt.time):
        return cell.strftime("%H:%M")
    return str(cell)[: limits.text]


def _keep(table: RawTable, cells: Iterable[Any], number: int, budget: _Budget) -> None:
    """Append a row to a table unless it is empty; trailing empty cells are cut off."""
    row = [_plain(one, budget.limits) for one in cells]
    while row and row[-1] is None:
        row.pop()
    if row:
        budget.add(row, number)
        table.rows.append(row)
        table.numbers.append(number)


def _column_number(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number


def _count_cells(path: Path, limits: ReadLimits) -> None:
    """Refuse a workbook by the count of its cells before openpyxl builds them: that is 100 times as fast."""
    cells = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", member, re.IGNORECASE):
                continue
            with archive.open(member) as source:
                rest = b""
                while chunk := source.read(_CHUNK):
                    data = rest + chunk
                    cut = data.rfind(b"<")
                    rest = data[cut:] if cut > 0 else b""
                    for found in _CELL_TAG.finditer(data, 0, cut if cut > 0 else len(data)):
                        cells += 1
                        if found[1] and _column_number(found[1]) > max(limits.columns, 16_384):
                            raise InputError(
                                "{file} is damaged: a cell lies beyond the sheet", file=path.name
                            )
                    if cells > limits.cells:
                        raise InputError(
                            "{file} has more than {limit} cells: split it, or delete empty formatted rows and columns",
                            file=path.name,
                            limit=limits.cells,
                        )


def read_xlsx(path: Path, limits: ReadLimits) -> RawFile:
    """Return the cells of an XLSX workbook, values instead of formulas."""
    import openpyxl  # noqa: PLC0415 - only this kind of file pays for it

    _count_cells(path, limits)
    budget = _Budget(path.name, limits)
    raw = RawFile("xlsx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            table = RawTable(sheet.title, [], [], hidden=sheet.sheet_state != "visible")
            sheet.reset_dimensions()  # a sheet may claim 16384 columns in 1048576 rows
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > 1_048_576:
                    raise InputError("{file} is damaged: a cell lies beyond the sheet", file=path.name)
                if row:
                    _keep(table, row, number, budget)
            raw.tables.append(table)
        book.close()
    return raw


def read_xls(path: Path, limits: ReadLimits) -> RawFile:
    """Return the cells of an XLS workbook (Excel 97–2003)."""
    import xlrd  # noqa: PLC0415 - only this kind of file pays for it

    budget = _Budget(path.name, limits)
    raw = RawFile("xls")
    with xlrd.open_workbook(str(path), logfile=io.StringIO(), on_demand=True) as book:
        for index in range(book.nsheets):
            sheet = book.sheet_by_index(index)
            table = RawTable(sheet.name, [], [], hidden=bool(sheet.visibility))
            for number in range(sheet.nrows):
                cells: list[Any] = []
                for cell in sheet.row(number):
                    value: Any = cell.value
                    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                        value = None
                    elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                        value = bool(value)
                    elif cell.ctype == xlrd.XL_CELL_ERROR:
                        value = xlrd.error_text_from_code.get(value, "#ERROR")
                    elif cell.ctype == xlrd.XL_CELL_DATE:
                        try:
                            value = xlrd.xldate_as_datetime(value, book.datemode)
                        except (ValueError, OverflowError):
                            value = float(value)
                    elif (
                        cell.ctype == xlrd.XL_CELL_NUMBER and float(value).is_integer() and abs(value) < 1e15
                    ):
                        value = int(value)
                    cells.append(value)
                _keep(table, cells, number + 1, budget)
            raw.tables.append(table)
            book.unload_sheet(index)
    return raw


def _decode(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        order = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        order = ["utf-8-sig"]
    else:
        order = ["utf-8", "gb18030"]
    for encoding in order:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    # a multi-byte character that is cut off at the very end is a truncated file, else a foreign encoding
    raise InputError(
        "{file} is neither UTF-8 nor GB18030 text, or was cut off: save it as CSV UTF-8", file=path.name
    )


def _delimiter(text: str) -> str:
    """Return the delimiter under which the most lines have the same, greatest number of cells."""
    best, best_score = ",", 0.0
    sample = "\n".join(text.splitlines()[:60])
    for one in (",", "\t", ";", "|", ",", "、"):
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=one) if row]
        except csv.Error:
            continue
        if not widths or max(widths) < 2:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = (usual - 1) * widths.count(usual)
        if score > best_score:
            best, best_score = one, score
    return best


def read_csv(path: Path, limits: ReadLimits) -> RawFile:
    """Return the cells of a CSV, all of them text; encoding and delimiter are found."""
    text, encoding = _decode(path)
    if "\0" in text:
        raise InputError("{file} is damaged, or no text: save it as CSV UTF-8", file=path.name)
    csv.field_size_limit(max(limits.text, 131_072))
    delimiter = _delimiter(text)
    budget = _Budget(path.name, limits)
    table = RawTable("", [], [])
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    number = 1
    try:
        for row in reader:
            _keep(table, row, number, budget)
            number = reader.line_num + 1
    except csv.Error:
        raise InputError(
            "{file}, line {line}: this is no proper CSV", file=path.name, line=reader.line_num
        ) from None
    note = Text.of(
        "read as text in {encoding}, cells parted by {delimiter}",
        encoding={"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}[encoding],
        delimiter={"\t": "Tab"}.get(delimiter, f"“{delimiter}”"),
    )
    return RawFile("csv", [table], [note])
