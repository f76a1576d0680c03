"""What the child process hands back: plain cells with their addresses, and geometries as WKB."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Any

from town_model import Text

Cell = None | bool | int | float | str | dt.date | dt.datetime


@dataclass
class RawTable:
    """One sheet or one layer of a file.

    Args:
        name: name of the sheet or layer; empty where the format has none.
        rows: cells by row. A sheet's header is still among them; those of features follow `fields`.
        numbers: the number of each row as people see it: the row of the sheet, the line of a CSV, the feature.
        fields: names of the columns where the format has them (features), else None.
        geometry: WKB by row, None where a feature has none; None for a sheet.
        crs: the coordinate system that the file carries, as WKT or ``EPSG:…``; empty where it carries none.
        hidden: the sheet is hidden.
    """

    name: str
    rows: list[list[Cell]]
    numbers: list[int]
    fields: list[str] | None = None
    geometry: list[bytes | None] | None = None
    crs: str = ""
    hidden: bool = False


@dataclass
class RawFile:
    """All tables of a file.

    Args:
        kind: ``xlsx``, ``xls``, ``csv``, ``geojson``, ``gpkg``, ``shapefile``, ``kml``, ``kmz`` or ``dxf``.
        tables: its tables, in order.
        notes: what was noticed while reading (the encoding of a CSV, geometries flattened).
    """

    kind: str
    tables: list[RawTable] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)


def _out(cell: Cell) -> Any:
    if isinstance(cell, float) and not math.isfinite(cell):
        return {"f": str(cell)}
    if isinstance(cell, dt.datetime):
        return {"t": cell.replace(tzinfo=None).isoformat()}
    if isinstance(cell, dt.date):
        return {"d": cell.isoformat()}
    return cell


def _in(cell: Any) -> Cell:
    if isinstance(cell, dict):
        if "t" in cell:
            return dt.datetime.fromisoformat(cell["t"])
        if "d" in cell:
            return dt.date.fromisoformat(cell["d"])
        return float(cell["f"])
    if cell is None or isinstance(cell, bool | int | float | str):
        return cell
    raise TypeError(type(cell).__name__)


def dump_text(text: Text) -> list[Any]:
    """Return a message as plain JSON values."""
    return [
        text.template,
        {k: v if isinstance(v, int | float | str) else str(v) for k, v in text.params.items()},
    ]


def load_text(values: list[Any]) -> Text:
    """Return the message that `dump_text` wrote."""
    return Text(str(values[0]), dict(values[1]))


def dump_file(raw: RawFile) -> dict[str, Any]:
    """Return a read file as plain JSON values. JSON and not pickle: the child met hostile bytes."""
    return {
        "kind": raw.kind,
        "notes": [dump_text(one) for one in raw.notes],
        "tables": [
            {
                "name": one.name,
                "rows": [[_out(cell) for cell in row] for row in one.rows],
                "numbers": one.numbers,
                "fields": one.fields,
                "geometry": None if one.geometry is None else [wkb and wkb.hex() for wkb in one.geometry],
                "crs": one.crs,
                "hidden": one.hidden,
            }
            for one in raw.tables
        ],
    }


def load_file(values: dict[str, Any]) -> RawFile:
    """Return the read file that `dump_file` wrote."""
    return RawFile(
        str(values["kind"]),
        [
            RawTable(
                name=str(one["name"]),
                rows=[[_in(cell) for cell in row] for row in one["rows"]],
                numbers=[int(number) for number in one["numbers"]],
                fields=None if one["fields"] is None else [str(name) for name in one["fields"]],
                geometry=None
                if one["geometry"] is None
                else [None if wkb is None else bytes.fromhex(wkb) for wkb in one["geometry"]],
                crs=str(one["crs"]),
                hidden=bool(one["hidden"]),
            )
            for one in values["tables"]
        ],
        [load_text(one) for one in values["notes"]],
    )
