"""Cells that a spreadsheet shows and never runs."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from geo_service.i18n import say
from geo_service.store import StoredResult
from town_model import Text

# A spreadsheet takes text that begins so for a formula, also in full-width letters and after white space.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_HEAD = PatternFill("solid", fgColor="E8EEF4")
_WIDEST = 48


def neutral(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula; numbers, dates and truth values pass unchanged.

    Text that begins with ``= + - @``, a tab or a line break gets an apostrophe in front.

    >>> neutral("=1+1"), neutral(-5), neutral("石门路")
    ("'=1+1", -5, '石门路')
    """
    if not isinstance(value, str):
        return value
    if value.startswith(("\t", "\r", "\n")) or value.lstrip().startswith(_FORMULA):
        return "'" + value
    return value


def plain(value: Any) -> Any:
    """Return a value of a frame as a plain one of Python; missing ones become None, whole floats stay floats."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value


def workbook(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]) -> bytes:
    """Return an XLSX of sheets of (title, header, rows): bold frozen header, filter, widths by content.

    Args:
        sheets: every sheet; cells are neutralised here.
    """
    book = Workbook(write_only=True)
    for title, header, rows in sheets:
        sheet: Any = book.create_sheet(title[:31])
        listed = [[_cell_value(one) for one in row] for row in rows]
        for number, words in enumerate(header):
            widest = max([_width(words), *(_width(row[number]) for row in listed[:500])], default=8)
            sheet.column_dimensions[get_column_letter(number + 1)].width = min(widest + 2, _WIDEST)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(header), 1))}{len(listed) + 1}"
        sheet.append([_head_cell(sheet, words) for words in header])
        for row in listed:
            sheet.append([_text_cell(sheet, one) if isinstance(one, str) else one for one in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell_value(value: Any) -> Any:
    one = neutral(plain(value))
    return ILLEGAL_CHARACTERS_RE.sub("", one) if isinstance(one, str) else one


def _head_cell(sheet: Any, words: str) -> Any:
    cell = _text_cell(sheet, str(_cell_value(words)))
    cell.font = Font(bold=True)
    cell.fill = _HEAD
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _text_cell(sheet: Any, words: str) -> Any:
    cell: Any = WriteOnlyCell(sheet, value=words[:32_767])
    cell.data_type = "s"  # long codes stay text, and nothing is ever taken for a formula or an error value
    cell.number_format = "@"
    return cell


def _width(value: Any) -> int:
    if isinstance(value, dt.datetime):
        return 19
    return sum(2 if ord(one) > 0x2E7F else 1 for one in str("" if value is None else value))


def origin(result: StoredResult, language: str) -> list[tuple[str, str]]:
    """Return the rows of a sheet that say when a result was computed, by whom, and whether it still holds."""
    return [
        (say("Computed at (UTC)", language), f"{result.created_at:%Y-%m-%d %H:%M}"),
        (say("Computed by", language), result.created_by),
        (
            say("State", language),
            say("out of date: the town changed since", language)
            if result.is_stale
            else say("up to date", language),
        ),
    ]


def heads_in(language: str, *heads: Text) -> list[str]:
    """Return the heads of columns in a language."""
    return [say(one, language) for one in heads]


def about_rows(rows: Sequence[Sequence[Any]], language: str) -> tuple[str, list[str], list[Sequence[Any]]]:
    """Return the last sheet of a workbook, with what there is to say about it: pairs of item and value."""
    return say("About", language), heads_in(language, Text("Item"), Text("Value")), list(rows)


def about_sheet(
    result: StoredResult, language: str, *more: Sequence[Any]
) -> tuple[str, list[str], list[Sequence[Any]]]:
    """Return the last sheet of a workbook: some pairs of item and value, and where the result comes from."""
    return about_rows([*more, *origin(result, language)], language)
