"""What of a file may not come in: tables on residents as a whole, personal data in a cell."""

from __future__ import annotations

import re
from typing import Any

from geo_service.imports.headers import Header
from geo_service.imports.persons import header_kind, scan_text, title_names_persons
from geo_service.imports.reading.raw import RawTable
from town_model import Column, InputError, Layer


def is_office_phone(column: str, layer: str) -> bool:
    """Whether a column holds the phone of an office: a public notice names it; that it is no mobile is a rule of the store."""
    return (layer, column) == ("site_notices", "phone")


def personal_kinds(cell: Any, column: Column, layer: Layer) -> list[str]:
    """Return the kinds of personal data in a cell; see `scan_text`. A figure in a column of figures is none.

    Args:
        cell: the raw cell.
        column: the column it stands for.
        layer: the layer.
    """
    words = isinstance(cell, str) or (
        isinstance(cell, int | float) and column.kind in {"text", "ref", "hours", "choice"}
    )
    if not words or column.name == "osm_id":
        return []
    kinds = scan_text(cell)
    if column.name == "code" and layer.name == "grids" and re.fullmatch(r"\d{15}", str(cell).strip()):
        # a grid code is the division code and three digits more, as long as an old identity number
        kinds = [one for one in kinds if one != "identity_number"]
    if is_office_phone(column.name, layer.name):
        kinds = [one for one in kinds if one != "phone"]
    return kinds


def refuse_persons(raw: RawTable, header: Header) -> None:
    """Refuse a table on residents as a whole.

    Raises:
        InputError: a header, or the title, says that the table lists persons.
    """
    words: list[str] = []
    if raw.fields is not None:
        words = [one for one in raw.fields if header_kind(one) == "resident"]
    else:
        words = [
            one.title for one in header.matches if not one.column and header_kind(one.title) == "resident"
        ]
        first = header.first_data if header.matches else min(10, len(raw.rows))
        for row in raw.rows[:first]:
            cells = [one.strip() for one in row if isinstance(one, str) and len(one.strip()) <= 40]
            words += [one for one in cells if header_kind(one) == "resident" and one not in words]
            words += [one for one in cells if title_names_persons(one) and one not in words]
    if words:
        raise InputError(
            "the file lists persons (“{columns}”): this system holds places only, so it is refused as a whole. Remove these columns",
            columns="”, “".join(dict.fromkeys(words)),
        )
