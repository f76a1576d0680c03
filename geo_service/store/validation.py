"""Rows checked against the declaration of their layer before they are stored. All faults are collected."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geo_service.store.tables import always_present, geometry_required
from town_model import Column, InputError, Layer, Text, TownError, parse_hours

LONGEST_TEXT = 10_000
_SHOWN_FAULTS = 200
_TYPES = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
    "line_or_polygon": ("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    "raster": ("Polygon", "MultiPolygon"),
}


class _CellError(Exception):
    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template)
        self.text = Text(template, params)


@dataclass
class Faults:
    """Faults of the rows of one call, with the number of the row they are in.

    Args:
        layer: the layer of the rows.
        single: whether there is one row only, so that its number says nothing.
        found: the faults.
        numbers: numbers of the rows in the call, where only some of them are looked at.
    """

    layer: Layer
    single: bool = False
    found: list[Text] = field(default_factory=list)
    numbers: Sequence[int] | None = None

    def of_rows(self, numbers: Sequence[int]) -> Faults:
        """Return faults of some of the rows only; they are noted among all."""
        return Faults(self.layer, self.single, self.found, numbers)

    def add(self, row: int, fault: Text) -> None:
        """Note a fault of a row, counted from 0."""
        row = row if self.numbers is None else self.numbers[row]
        self.found.append(fault if self.single else Text.of("row {row}: {fault}", row=row + 1, fault=fault))

    def raise_any(self) -> None:
        """Raise one error with all faults; nothing happens when there are none.

        Raises:
            InputError: at least one fault was noted.
        """
        if len(self.found) > _SHOWN_FAULTS:
            rest = len(self.found) - _SHOWN_FAULTS
            raise InputError([*self.found[:_SHOWN_FAULTS], Text.of("… and {count} more faults", count=rest)])
        if self.found:
            raise InputError(self.found)


def check_columns(layer: Layer, rows: Sequence[dict[str, Any]], faults: Faults) -> None:
    """Note the keys of rows that are no columns of the layer."""
    known = {*layer.column_names, "geometry"} if layer.geometry else set(layer.column_names)
    for number, row in enumerate(rows):
        unknown = row.keys() - known
        if unknown:
            faults.add(
                number,
                Text.of(
                    "layer {layer} has no column {columns}",
                    layer=layer.name,
                    columns=", ".join(sorted(map(str, unknown))),
                ),
            )


def check_values(column: Column, values: Sequence[Any], faults: Faults) -> list[Any]:
    """Return the values of a column as the table keeps them; faults are noted and become None.

    A missing value (None, NaN, blank text) becomes the default of the column.

    Args:
        column: the declared column.
        values: one value a row.
        faults: takes the faults.
    """
    convert = _CONVERTERS[column.kind]
    default = column.default
    kept: list[Any] = []
    for number, value in enumerate(values):
        if _missing(value):
            if default is None and always_present(column):
                faults.add(number, Text.of("{column} is missing", column=column.name))
            kept.append(default)
            continue
        try:
            kept.append(convert(column, value))
        except _CellError as fault:
            faults.add(number, fault.text)
            kept.append(None)
        except TownError as error:
            faults.add(number, Text.of("{column}: {fault}", column=column.name, fault=error.messages[0]))
            kept.append(None)
    return kept


def check_geometries(layer: Layer, values: Sequence[Any], faults: Faults) -> np.ndarray[Any, Any]:
    """Return the geometries of rows as an array of two-dimensional shapes; faults are noted.

    Args:
        layer: the declared layer.
        values: one Shapely geometry a row, WGS-84 longitude and latitude.
        faults: takes the faults.
    """
    shapes = np.empty(len(values), dtype=object)
    strange: set[int] = set()
    for number, value in enumerate(values):
        if value is None or isinstance(value, shapely.Geometry):
            shapes[number] = value
        else:
            strange.add(number)
            faults.add(
                number, Text.of("geometry must be a Shapely geometry, not {kind}", kind=type(value).__name__)
            )
    shapes = np.asarray(shapely.force_2d(shapes), dtype=object)
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    shapes[absent] = None
    if geometry_required(layer):
        for number in np.flatnonzero(absent).tolist():
            if number not in strange:
                faults.add(number, Text.of("geometry is missing"))
    there = np.flatnonzero(~absent)
    allowed = _TYPES[layer.geometry or "raster"]
    coordinates, owner = shapely.get_coordinates(shapes[there], return_index=True)
    wild = np.zeros(len(values), dtype=bool)
    outside = np.zeros(len(values), dtype=bool)
    finite = np.isfinite(coordinates).all(axis=1)
    wild[there[owner[~finite]]] = True
    far = (np.abs(coordinates[:, 0]) > 180) | (np.abs(coordinates[:, 1]) > 90)
    outside[there[owner[finite & far]]] = True
    valid = np.ones(len(values), dtype=bool)
    sound = there[~wild[there]]
    valid[sound] = shapely.is_valid(shapes[sound])
    kinds = [None if one is None else one.geom_type for one in shapes]
    for number in there.tolist():
        if kinds[number] not in allowed:
            faults.add(
                number,
                Text.of(
                    "geometry is a {kind}, layer {layer} takes {allowed}",
                    kind=kinds[number],
                    layer=layer.name,
                    allowed=", ".join(allowed),
                ),
            )
        elif wild[number]:
            faults.add(number, Text.of("geometry has coordinates that are no numbers"))
        elif outside[number]:
            faults.add(
                number,
                Text.of(
                    "geometry is not in longitude, latitude (WGS-84): {bounds}. Are the two swapped, or in metres?",
                    bounds=", ".join(f"{one:.6g}" for one in shapes[number].bounds),
                ),
            )
        elif not valid[number]:
            faults.add(
                number,
                Text.of(
                    "geometry is invalid ({reason}): repair it",
                    reason=shapely.is_valid_reason(shapes[number]),
                ),
            )
    return shapes


def _missing(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    # NaN, NaT and pandas.NA: none of them equals itself
    try:
        return bool(value != value)  # noqa: PLR0124
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _text(column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise _CellError("{column} must be text, not {value!r}", column=column.name, value=value)
    if len(value) > LONGEST_TEXT:
        raise _CellError("{column} is longer than {limit} characters", column=column.name, limit=LONGEST_TEXT)
    if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
        raise _CellError("{column} contains characters that are no text", column=column.name)
    return str(value)


def _choice(column: Column, value: Any) -> str:
    for one in column.choices:
        if value == one.value:
            return one.value
    raise _CellError(
        "{column} {value!r} is not allowed: use one of {known}",
        column=column.name,
        value=value,
        known=", ".join(one.value for one in column.choices),
    )


def _hours(column: Column, value: Any) -> str:
    text = _text(column, value)
    parse_hours(text)
    return text


def _in_range(column: Column, value: float) -> None:
    below = column.minimum is not None and value < column.minimum
    if below or (column.maximum is not None and value > column.maximum):
        raise _CellError(
            "{column} {value} lies outside {minimum} to {maximum} {unit}",
            column=column.name,
            value=value,
            minimum="…" if column.minimum is None else f"{column.minimum:g}",
            maximum="…" if column.maximum is None else f"{column.maximum:g}",
            unit=column.unit,
        )


def _real(column: Column, value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise _CellError("{column} must be a number, not {value!r}", column=column.name, value=value)
    number = float(value)
    if not math.isfinite(number):
        raise _CellError("{column} must be a finite number", column=column.name)
    _in_range(column, number)
    return number


def _integer(column: Column, value: Any) -> int:
    number = _real(column, value)
    whole = int(value)
    if whole != number or abs(whole) > 2**53:
        raise _CellError("{column} must be a whole number, not {value!r}", column=column.name, value=value)
    return whole


def _boolean(column: Column, value: Any) -> bool:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise _CellError("{column} must be true or false, not {value!r}", column=column.name, value=value)


def _date(column: Column, value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _CellError(
            "{column} must be a date such as 2026-03-31, not {value!r}", column=column.name, value=value
        ) from None


def _datetime(column: Column, value: Any) -> dt.datetime:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, dt.datetime):
        raise _CellError("{column} must be a time such as 2026-03-31 08:00", column=column.name)
    if value.tzinfo is not None:
        raise _CellError("{column} must be the local time of the station, without a zone", column=column.name)
    return dt.datetime(*value.timetuple()[:6], value.microsecond)  # noqa: DTZ001 - local by declaration


def _ref(column: Column, value: Any) -> int:
    try:
        return _integer(column, value)
    except _CellError:
        raise _CellError(
            "{column} must be the id of a row of layer {refers_to}, not {value!r}",
            column=column.name,
            refers_to=column.refers_to,
            value=value,
        ) from None


_CONVERTERS: dict[str, Callable[[Column, Any], Any]] = {
    "text": _text,
    "choice": _choice,
    "hours": _hours,
    "real": _real,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "ref": _ref,
}
