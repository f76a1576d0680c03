"""Guesses and reports as plain JSON values that are kept, with messages that can still be said in either language."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import shapely

from geo_service.imports.datums import DATUM_NAMES, to_wgs84
from geo_service.imports.faults import Fault
from geo_service.imports.guesses import ColumnGuess, FileGuess, SheetGuess
from geo_service.imports.report import ImportReport
from town_model import Text

#: So many faults of a file are kept one by one; all are counted.
MOST_FAULTS = 5000
#: So many rows of a file are drawn on the map, those with faults first.
MOST_PLACES = 50_000


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; a `Text` keeps its template and values."""
    if isinstance(value, Text):
        return {"template": value.template, "params": {key: plain(one) for key, one in value.params.items()}}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        return value.item()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def as_text(value: Any) -> Text:
    """Return the message that `plain` wrote."""
    if not isinstance(value, Mapping) or "template" not in value:
        return Text("")
    params = {
        key: as_text(one) if isinstance(one, Mapping) and "template" in one else one
        for key, one in dict(value.get("params") or {}).items()
    }
    return Text(str(value["template"]), params)


def load_guess(values: Mapping[str, Any]) -> FileGuess:
    """Return the guess that `plain` wrote."""
    given = dict(values)
    given["sheets"] = tuple(SheetGuess(**one) for one in given["sheets"])
    given["columns"] = tuple(
        ColumnGuess(**{**one, "why": as_text(one["why"]), "samples": tuple(one["samples"])})
        for one in given["columns"]
    )
    given["first_rows"] = tuple((int(number), str(words)) for number, words in given["first_rows"])
    for name in ("sheet_why", "header_why", "datum_why"):
        given[name] = as_text(given[name])
    return FileGuess(**given)


def load_fault(values: Mapping[str, Any]) -> Fault:
    """Return the fault that `plain` wrote."""
    return Fault(**{**values, "message": as_text(values["message"]), "remedy": as_text(values["remedy"])})


def table_report(report: ImportReport) -> dict[str, Any]:
    """Return the report of a table as plain values.

    Args:
        report: of a dry run, or of what was stored.
    """
    table = report.table
    order = {"refused_row": 0, "refused_cell": 1, "warning": 2}
    kept = sorted(table.faults, key=lambda one: order[one.severity])[:MOST_FAULTS]
    kept.sort(key=lambda one: (one.row, one.cell))
    return {
        "kind": table.kind,
        "sheet": table.sheet,
        "header_rows": table.header_rows,
        "datum": table.datum,
        "datum_source": plain(table.datum_source),
        "datum_medians_m": plain(report.datum_medians_m),
        "rows": len(table.rows),
        "inserted": report.inserted,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "stored": report.stored,
        "left_out": plain(table.left_out),
        "skipped_rows": plain(table.skipped_rows[:MOST_FAULTS]),
        "notes": plain(table.notes),
        "severities": dict(Counter(one.severity for one in table.faults)),
        "fault_count": len(table.faults),
        "faults": plain(kept),
    }


def table_places(report: ImportReport) -> bytes:
    """Return where the rows of a table lie, packed: ``{"import_rows": [[number, class, name, WKB], …]}``.

    The class is ``sound`` or, for rows with faults, ``warning`` or ``refused``. A row that is refused because its
    coordinates are exchanged stands where it would be without that.

    Args:
        report: the report of the table.
    """
    table = report.table
    faulty = {one.row for one in table.faults if one.severity != "refused_row"}
    rows = []
    for one in table.rows:
        shape = one.geometry if one.geometry is not None else _exchanged(one.raw, table.datum)
        if shape is None:
            continue
        state = "refused" if one.refused else "warning" if one.number in faulty else "sound"
        rows.append([one.number, state, str(one.cells.get("name") or ""), shape.wkb_hex])
    rows.sort(key=lambda one: (one[1] != "refused", one[1] != "warning"))
    return pack({"import_rows": rows[:MOST_PLACES]})


def _exchanged(raw: tuple[float, float] | None, label: str) -> shapely.Point | None:
    """Return where a row lies whose latitude stands for its longitude and the other way round."""
    datum = {name: key for key, name in DATUM_NAMES.items()}.get(label)
    if raw is None or datum is None or not (abs(raw[0]) <= 90 < abs(raw[1]) <= 180):
        return None
    lon, lat = to_wgs84(np.array([raw[1]]), np.array([raw[0]]), datum)
    return shapely.Point(float(lon[0]), float(lat[0]))


def pack(places: Mapping[str, Iterable[Any]]) -> bytes:
    """Return places as bytes."""
    return gzip.compress(json.dumps(places, ensure_ascii=False).encode(), compresslevel=5, mtime=0)


def unpack(blob: bytes | None) -> dict[str, list[tuple[int, str, str, shapely.Geometry]]]:
    """Return the places that `pack` wrote: number, class, name and shape of each row, by layer of the map."""
    if not blob:
        return {}
    told = json.loads(gzip.decompress(blob))
    return {
        key: [
            (int(number), str(state), str(name), shapely.from_wkb(bytes.fromhex(shape)))
            for number, state, name, shape in rows
        ]
        for key, rows in told.items()
    }
