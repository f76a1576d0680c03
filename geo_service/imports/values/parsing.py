"""One cell into the value or values of its column."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from typing import Any

from geo_service.imports.faults import CellError
from geo_service.imports.identifiers import check_device_number, check_division_code, parse_code
from geo_service.imports.values.angles import GB28181_DIRECTIONS, compass_degrees
from geo_service.imports.values.dates import parse_moment
from geo_service.imports.values.numbers import parse_number
from geo_service.imports.values.plain import fold, is_empty, is_sheet_error
from geo_service.imports.values.resolutions import parse_resolution
from geo_service.imports.values.words import parse_boolean, parse_choice
from town_model import Column, Text, ValueRangeError, parse_hours

_NONE_IS_ZERO = frozenset({"ir_range_m"})
_NO_REACH = frozenset({"无", "没有", "不支持", "无红外", "无补光", "否", "不具备"})
_RANGE_MM = re.compile(r"(\d+(?:\.\d+)?)(?:mm|毫米)?[-~至到](\d+(?:\.\d+)?)(?:mm|毫米)?", re.IGNORECASE)


@dataclass(frozen=True)
class Hints:
    """What the header and the rest of a column say about its cells.

    Args:
        layer: name of the layer.
        factor: what a number without unit is multiplied with, because the header names another unit.
        direction_codes: the column holds the direction codes 1–8 of GB/T 28181.
        megapixels: the header says that numbers count ten thousand pixels (万).
    """

    layer: str = ""
    factor: float = 1.0
    direction_codes: bool = False
    megapixels: bool = False


@dataclass
class Parsed:
    """What a cell says: values by column (mostly one), and what to look at."""

    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[Text] = field(default_factory=list)


def _check_range(value: float, column: Column, shown: object) -> None:
    low, high = column.minimum, column.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise CellError(
            Text.of(
                "{value} is outside the range {low:g} to {high:g}",
                value=str(shown),
                low=low if low is not None else -math.inf,
                high=high if high is not None else math.inf,
            ),
            Text.of("correct the figure or its unit"),
        )


def _number(cell: Any, text: str, column: Column, hints: Hints) -> Parsed:
    parsed = Parsed()
    if isinstance(cell, bool):
        raise CellError(
            Text.of("“{value}” is no number", value=text),
            Text.of("write a plain number in {unit}", unit=column.unit or "1"),
        )
    if column.name in _NONE_IS_ZERO and text in _NO_REACH:
        parsed.values[column.name] = 0.0
        return parsed
    if text in {"无", "没有"}:
        parsed.values[column.name] = None
        return parsed
    if isinstance(cell, int | float):
        if not math.isfinite(cell):
            raise CellError(
                Text.of("“{value}” is no number", value=text),
                Text.of("write a plain number in {unit}", unit=column.unit or "1"),
            )
        number = round(cell * hints.factor, 9) if hints.factor != 1.0 else float(cell)
    else:
        number, about = parse_number(text, column.unit, factor=hints.factor)
        if about:
            parsed.warnings.append(
                Text.of("“{value}” is approximate: taken as {number:g}", value=text, number=number)
            )
    _check_range(number, column, text)
    if column.kind == "integer":
        if abs(number - round(number)) > 1e-6:
            raise CellError(
                Text.of("“{value}” is no whole number", value=text), Text.of("write a whole number")
            )
        parsed.values[column.name] = round(number)
    else:
        parsed.values[column.name] = number
    return parsed


def _azimuth(cell: Any, text: str, column: Column, hints: Hints) -> Parsed:
    if hints.direction_codes and re.fullmatch(r"[1-8](\.0)?", text):
        value = GB28181_DIRECTIONS[int(text[0])]
        return Parsed(
            {column.name: value},
            [
                Text.of(
                    "direction code {code} of GB/T 28181, taken as {degrees:g}°: known to 45° only (±22.5°)",
                    code=text[0],
                    degrees=value,
                )
            ],
        )
    if isinstance(cell, str):
        azimuth = compass_degrees(text)
        if azimuth is not None:
            if re.search(r"\d", text):
                return Parsed({column.name: azimuth})
            return Parsed(
                {column.name: azimuth},
                [
                    Text.of(
                        "compass word “{word}”, taken as {degrees:g}°: known to 45° only (±22.5°)",
                        word=text,
                        degrees=azimuth,
                    )
                ],
            )
    try:
        return _number(cell, text, column, hints)
    except CellError:
        if isinstance(cell, str) and not re.search(r"\d", text):
            raise CellError(
                Text.of("“{value}” is no direction", value=text),
                Text.of("write degrees clockwise from north, or a compass word such as 东南"),
            ) from None
        raise


def _resolution(cell: Any, text: str, column: Column, hints: Hints) -> Parsed:
    if isinstance(cell, int | float) or re.fullmatch(r"\d+(\.0+)?", text):
        number = float(cell) if isinstance(cell, int | float) else float(text)
        if hints.megapixels or (
            50 <= number < 1280
            and number % 10 == 0
            and number in {100, 130, 200, 300, 400, 500, 600, 800, 1200}
        ):
            text = f"{number:g}万"
        else:
            return _number(cell, text, column, hints)
    size = parse_resolution(text)
    if size is None:
        raise CellError(
            Text.of("“{value}” is no resolution", value=text),
            Text.of("write pixels across and down such as 1920×1080"),
        )
    across, down, implied = size
    _check_range(across, column, text)
    parsed = Parsed({"resolution_px_h": across, "resolution_px_v": down})
    if implied:
        parsed.warnings.append(
            Text.of("“{value}” taken as {across}×{down}", value=text, across=across, down=down)
        )
    return parsed


def _text(cell: Any, text: str, column: Column) -> str:
    if column.name == "month":
        moment, _ = parse_moment(cell if isinstance(cell, dt.date) else text)
        return f"{moment:%Y-%m}"
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, str):
        # the wording stays as written: only blanks and control characters go
        kept = "".join(one if one.isprintable() or one == "\n" else " " for one in cell)
        return re.sub(r"[ \t\u3000]+", " ", kept).strip()
    return str(cell)


def parse_cell(cell: Any, column: Column, hints: Hints) -> Parsed:
    """Return what a cell says as values of its column; a cell that says nothing gives None.

    Args:
        cell: the raw cell.
        column: the declared column.
        hints: what header and column say.

    Raises:
        CellError: the cell cannot be read, or its value is out of range; the message says why and what to do.
    """
    shown = (
        str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else str(cell)
    )
    text = fold(shown) if cell is not None else ""
    if cell is None or (is_empty(text) and not (column.kind == "boolean" and text == "×")):
        return Parsed({column.name: None})
    if is_sheet_error(text):
        raise CellError(
            Text.of("the formula in this cell failed ({value})", value=text),
            Text.of("enter the value itself"),
        )
    if column.name == "code" and column.kind == "text":
        code, warnings = parse_code(cell)
        if hints.layer == "camera_sites":
            warnings += check_device_number(code)
        elif hints.layer == "villages":
            warnings += check_division_code(code)
        return Parsed({column.name: code}, warnings)
    if column.name == "azimuth_deg":
        return _azimuth(cell, text, column, hints)
    if column.name == "resolution_px_h":
        return _resolution(cell, text, column, hints)
    if column.name == "focal_length_min_mm" and (found := _RANGE_MM.fullmatch(text.replace(" ", ""))):
        return Parsed({"focal_length_min_mm": float(found[1]), "focal_length_max_mm": float(found[2])})
    match column.kind:
        case "integer" | "real":
            return _number(cell, text, column, hints)
        case "boolean":
            return Parsed({column.name: cell if isinstance(cell, bool) else parse_boolean(text)})
        case "choice":
            value, loose = parse_choice(text, column)
            parsed = Parsed({column.name: value})
            if loose:
                parsed.warnings.append(Text.of("“{value}” taken as {choice}", value=text, choice=value))
            return parsed
        case "date" | "datetime":
            moment, exact = parse_moment(cell if isinstance(cell, int | float | dt.date) else text)
            parsed = Parsed({column.name: moment if column.kind == "datetime" else moment.date()})
            if exact == "month":
                parsed.warnings.append(
                    Text.of("“{value}” names no day: taken as the first of the month", value=text)
                )
            return parsed
        case "hours":
            try:
                parse_hours(text)
            except ValueRangeError as error:
                raise CellError(
                    error.messages[0], Text.of("write spans such as 07:00-08:10,16:30-18:00")
                ) from None
            return Parsed({column.name: text})
        case _:
            return Parsed({column.name: _text(cell, text, column) or None})
