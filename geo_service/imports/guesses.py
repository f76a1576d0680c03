"""What a file is taken for before anybody confirms it: sheet, header, columns and datum, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo_service.imports.datums import DATUM_NAMES, parse_datum
from geo_service.imports.faults import CellError
from geo_service.imports.files import choose_table, open_file
from geo_service.imports.headers import POSITION_NAMES, Header, letter, named_datum
from geo_service.imports.persons import header_kind, scan_text
from geo_service.imports.positions import parse_coordinate, parse_pair
from geo_service.imports.privacy import refuse_persons
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.raw import Cell, RawTable
from geo_service.imports.road_check import median_distances
from town_model import InputError, Layer, Text, TownError
from town_model import layer as layer_of

if TYPE_CHECKING:
    from geo_service.store import Store

SHOWN_ROWS = 25
_SAMPLES = 3
_SAMPLE_CHARACTERS = 24
_CELL_CHARACTERS = 12
_LEAST_POINTS = 8
_TRIED_POINTS = 2000
# the datum of a town's points puts the median one this near to a road, and twice as near as any other datum
_NEAR_M = 25.0
_CLEARER = 0.5
_FEATURE_KINDS = frozenset({"geojson", "kml", "kmz"})


@dataclass(frozen=True)
class SheetGuess:
    """A sheet or layer of a file: its name and how many rows it has."""

    name: str
    rows: int
    hidden: bool = False


@dataclass(frozen=True)
class ColumnGuess:
    """A column of a file, and what it is taken for.

    Args:
        index: its place, from 0.
        address: its letter in a sheet, or its field name.
        title: its header.
        column: our column, or ``lon``, ``lat``, ``position``, ``wkt``; empty where it is left out.
        why: why it is taken so, or left out.
        samples: its first values, without personal data.
    """

    index: int
    address: str
    title: str
    column: str
    why: Text
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileGuess:
    """What a file is taken for.

    Args:
        kind: kind of the file.
        sheets: its sheets or layers that hold rows.
        sheet: the one that is read.
        sheet_why: why this one.
        is_sheet: whether it is a sheet, whose header has a row.
        header_row: number of the row right above the data; None for features.
        header_why: why this row.
        first_rows: number and words of the first rows, to choose another header from.
        columns: its columns.
        datum: the datum that is likely; empty where nothing tells.
        datum_why: what tells it.
        datum_fixed: the file carries it, and nobody need say it.
        has_shapes: its rows carry geometries of their own.
    """

    kind: str
    sheets: tuple[SheetGuess, ...]
    sheet: str
    sheet_why: Text
    is_sheet: bool
    header_row: int | None
    header_why: Text
    first_rows: tuple[tuple[int, str], ...] = ()
    columns: tuple[ColumnGuess, ...] = ()
    datum: str = ""
    datum_why: Text = field(default_factory=lambda: Text(""))
    datum_fixed: bool = False
    has_shapes: bool = False

    def mapping(self) -> dict[str, int]:
        """Return our columns with the place of the file's column that each is taken from."""
        return {one.column: one.index for one in self.columns if one.column}


def guess_file(
    path: Path | str,
    layer: str,
    *,
    store: Store | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: ReadLimits | None = None,
    name: str | None = None,
) -> FileGuess:
    """Return what a file is taken for; nothing is stored, and nothing is needed but the layer.

    Args:
        path: the file.
        layer: name of the layer.
        store: the town, whose roads tell under which datum points lie along them.
        sheet: a sheet that somebody chose.
        header_row: a row of the header that somebody chose.
        limits: what reading may cost.
        name: name of the file in messages.

    Raises:
        InputError: the file cannot be read, holds no rows, or is about persons; the message says why.
    """
    declared = layer_of(layer)
    path = Path(path)
    file = name or path.name
    raw_file = open_file(path, declared, limits=limits, name=file)
    raw, header = choose_table(raw_file.tables, declared, sheet=sheet, header_row=header_row, file=file)
    for one in raw_file.tables:
        if one.fields is None and one.rows:
            refuse_persons(one, header if one is raw else Header())
    data = raw.rows[header.first_data :]
    if not data:
        raise InputError("{file} has a header but no rows of data", file=file)
    has_shapes = raw.geometry is not None and any(one is not None for one in raw.geometry)
    datum, datum_why, fixed = "", Text(""), False
    if declared.geometry is not None:
        datum, datum_why, fixed = _datum(raw, raw_file.kind, header, data, store)
    return FileGuess(
        kind=raw_file.kind,
        sheets=tuple(SheetGuess(one.name, len(one.rows), one.hidden) for one in raw_file.tables if one.rows),
        sheet=raw.name,
        sheet_why=_sheet_why(raw_file.tables, header, chosen=sheet is not None),
        is_sheet=raw.fields is None,
        header_row=header.rows[-1] if header.rows else None,
        header_why=_header_why(header, chosen=header_row is not None),
        first_rows=_first_rows(raw) if raw.fields is None else (),
        columns=_columns(header, data),
        datum=datum,
        datum_why=datum_why,
        datum_fixed=fixed,
        has_shapes=has_shapes,
    )


def missing_columns(layer: Layer, mapping: Mapping[str, object], *, has_shapes: bool) -> list[str]:
    """Return our columns without which no row can be read: those that are required, and where a row lies.

    Args:
        layer: the layer.
        mapping: our columns that are taken from the file.
        has_shapes: the rows of the file carry geometries of their own.
    """
    missing = [
        one.name for one in layer.columns if one.required and one.default is None and one.name not in mapping
    ]
    if layer.geometry is None or has_shapes or "wkt" in mapping:
        return missing
    if layer.geometry != "point":
        return [*missing, "wkt"]
    return (
        missing if "position" in mapping else missing + [one for one in ("lon", "lat") if one not in mapping]
    )


def _sheet_why(tables: list[RawTable], header: Header, *, chosen: bool) -> Text:
    filled = [one for one in tables if one.rows]
    if chosen:
        return Text("as chosen")
    if len(filled) == 1:
        return Text("the only one with rows")
    return Text.of("most columns are recognised there: {count}", count=header.score)


def _header_why(header: Header, *, chosen: bool) -> Text:
    if chosen:
        return Text("as chosen")
    if not header.score:
        return Text("the first row with several words; no column was recognised")
    if len(header.rows) > 1:
        return Text.of(
            "rows {first} to {last} together name {count} known columns",
            first=header.rows[0],
            last=header.rows[-1],
            count=header.score,
        )
    return Text.of("this row names {count} known columns", count=header.score)


def _words(cell: Cell, most: int) -> str:
    """Return a cell for the eyes, shortened, without personal data."""
    text = " ".join(str(cell).split())
    if scan_text(cell):
        return "***"
    return text if len(text) <= most else text[: most - 1] + "…"


def _first_rows(raw: RawTable) -> tuple[tuple[int, str], ...]:
    shown = []
    for number, row in list(zip(raw.numbers, raw.rows, strict=True))[:SHOWN_ROWS]:
        words = [_words(one, _CELL_CHARACTERS) for one in row if one is not None and str(one).strip()]
        if words:
            shown.append((number, " | ".join(words[:8]) + (" …" if len(words) > 8 else "")))
    return tuple(shown)


def _columns(header: Header, data: list[list[Cell]]) -> tuple[ColumnGuess, ...]:
    found = []
    for one in header.matches:
        samples: list[str] = []
        private = header_kind(one.title) in {"contact", "resident"}
        for row in [] if private else data[:200]:
            cell = row[one.index] if one.index < len(row) else None
            if cell is None or not str(cell).strip():
                continue
            words = _words(cell, _SAMPLE_CHARACTERS)
            if words not in samples:
                samples.append(words)
            if len(samples) == _SAMPLES:
                break
        why = Text("contacts of persons are not kept") if private and not one.column else one.why
        found.append(
            ColumnGuess(
                one.index, one.address or letter(one.index), one.title, one.column, why, tuple(samples)
            )
        )
    return tuple(found)


def _datum(
    raw: RawTable, kind: str, header: Header, data: list[list[Cell]], store: Store | None
) -> tuple[str, Text, bool]:
    if raw.crs:
        return *_carried(raw.crs), True
    for at in range(header.first_data if raw.fields is None else 0):
        for index, cell in enumerate(raw.rows[at]):
            if isinstance(cell, str) and (found := named_datum(cell)):
                place = f"{letter(index)}{raw.numbers[at]}"
                return (
                    found,
                    Text.of("cell {cell} names {datum}", cell=place, datum=DATUM_NAMES[found]),
                    False,
                )
    if found := named_datum(raw.name):
        return found, Text.of("the sheet is called “{name}”", name=raw.name), False
    if store is not None and (told := _by_roads(header, data, store)):
        return *told, False
    if kind in _FEATURE_KINDS:
        return "wgs84", Text("the standard of this format"), False
    return "", Text("nothing in the file says it"), False


def _carried(crs: str) -> tuple[str, Text]:
    try:
        code = CRS.from_user_input(crs).to_epsg(min_confidence=60)
        name = parse_datum(code) if code else ""
    except (CRSError, TownError):
        code, name = None, ""
    shown: Any = DATUM_NAMES.get(name, name) if name else crs[:60]
    return name, Text.of("the file carries it: {crs}", crs=shown)


def _by_roads(header: Header, data: list[list[Cell]], store: Store) -> tuple[str, Text] | None:
    """Return the datum under which the points lie along the roads of the town, where one clearly does."""
    if store.town.epsg is None or not store.count("roads"):
        return None
    points = _points(header, data)
    bounds = store.bounds("roads")
    if len(points) < _LEAST_POINTS or bounds is None:
        return None
    west, south, east, north = bounds
    near = (
        (points[:, 0] > west - 0.02) & (points[:, 0] < east + 0.02)
        & (points[:, 1] > south - 0.02) & (points[:, 1] < north + 0.02)
    )  # fmt: skip
    if near.sum() < max(_LEAST_POINTS, len(points) // 2):
        return None
    roads = store.frame("roads", crs="metric").geometry.to_numpy()
    medians = median_distances(points[near], roads, store.town.epsg)
    best, second = sorted(medians, key=lambda one: medians[one])[:2]
    if medians[best] > _NEAR_M or medians[best] > _CLEARER * medians[second]:
        return None
    return best, Text.of(
        "read so, the points lie along the roads of the town (median {near:.0f} m); read as {other}, {off:.0f} m off",
        near=medians[best],
        other=DATUM_NAMES[second],
        off=medians[second],
    )


def _points(header: Header, data: list[list[Cell]]) -> np.ndarray[Any, Any]:
    at = {one.column: one.index for one in header.matches if one.column in POSITION_NAMES}
    found = []
    for row in data[:_TRIED_POINTS]:
        cells = {name: row[index] if index < len(row) else None for name, index in at.items()}
        try:
            if {"lon", "lat"} <= set(cells):
                pair = (
                    parse_coordinate(cells["lon"], geographic=True),
                    parse_coordinate(cells["lat"], geographic=True),
                )
            elif "position" in cells:
                place = parse_pair(cells["position"], geographic=True)
                pair = place.x, place.y
            else:
                break
        except CellError:  # it tells nothing here; the dry run names it
            continue
        if np.isfinite(pair).all():
            found.append(pair)
    return np.array(found, dtype=np.float64).reshape(-1, 2)
