"""Rows of a file and rows of the store: references by name, rows known already, one batch of changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo_service.imports.faults import Fault
from geo_service.imports.report import ImportReport, ImportRow, ImportTable
from geo_service.imports.values.plain import fold
from geo_service.store.rules import check_rows
from geo_service.store.validation import Faults
from town_model import LAYERS, Layer, Text

if TYPE_CHECKING:
    from geo_service.store import Store

# two readings of one place differ by no more (degrees; about a metre)
_SAME_PLACE_DEG = 1e-5


def _label_column(layer: Layer) -> str:
    return "name" if "name" in layer.column_names else layer.key


def resolve_references(store: Store, table: ImportTable, layer: Layer) -> None:
    """Put ids in place of the names of referred rows; a name that is not there is a fault of its cell."""
    addresses = {one.column: one for one in table.matches if one.column}
    for column in layer.columns:
        if column.kind != "ref" or column.name not in addresses:
            continue
        target = LAYERS[column.refers_to]
        frame = store.frame(column.refers_to, crs="wgs84") if store.count(column.refers_to) else None
        known: dict[str, set[int]] = {}
        for label in (
            {_label_column(target), target.key, "code"} & set(target.column_names)
            if frame is not None
            else ()
        ):
            assert frame is not None
            for row_id, words in zip(frame.index, frame[label], strict=True):
                if isinstance(words, str):
                    known.setdefault(_key(words), set()).add(int(row_id))
        for row in table.rows:
            words = row.cells.get(column.name)
            if words is None:
                continue
            found = known.get(_key(str(words)), set())
            if len(found) == 1:
                row.cells[column.name] = next(iter(found))
                continue
            row.cells.pop(column.name, None)
            match = addresses[column.name]
            message = (
                Text.of("the layer {layer} has no row named “{name}”", layer=column.refers_to, name=words)
                if not found
                else Text.of(
                    "the layer {layer} has several rows named “{name}”", layer=column.refers_to, name=words
                )
            )
            table.faults.append(
                Fault(
                    row=row.number,
                    column=column.name,
                    cell=f"{match.address}{row.number}"
                    if table.header_rows
                    else f"{match.address}[{row.number}]",
                    severity="refused_row" if column.required else "refused_cell",
                    message=message,
                    remedy=Text.of(
                        "import the layer {layer} first, or correct the name", layer=column.refers_to
                    ),
                    title=match.title,
                    value=str(words)[:60],
                )
            )
            row.refused = row.refused or column.required


def _key(words: str) -> str:
    return fold(words).replace(" ", "").lower()


def check_rules(table: ImportTable, layer: Layer) -> None:
    """Refuse the rows that the rules of the store would refuse, each with its reason."""
    rows = table.accepted
    if not rows:
        return
    defaults = {one.name: one.default for one in layer.columns}
    data = {
        name: [row.cells.get(name) if row.cells.get(name) is not None else default for row in rows]
        for name, default in defaults.items()
    }
    faults = Faults(layer)
    check_rows(layer, data, faults)
    for one in faults.found:
        row = rows[int(one.params["row"]) - 1]
        row.refused = True
        table.faults.append(
            Fault(
                row=row.number,
                column="",
                cell=_row_address(table, row),
                severity="refused_row",
                message=one.params["fault"],
            )
        )


def _row_address(table: ImportTable, row: ImportRow) -> str:
    first = next((one for one in table.matches if one.column), None)
    if first is None:
        return ""
    return f"{first.address}{row.number}" if table.header_rows else f"[{row.number}]"


def _differs(value: Any, stored: Any) -> bool:
    if isinstance(value, shapely.Geometry):
        return stored is None or not shapely.equals_exact(stored, value, tolerance=1e-9)
    if isinstance(stored, pd.Timestamp):
        stored = stored.to_pydatetime()
        value = pd.Timestamp(value).to_pydatetime()
    if stored is None or (isinstance(stored, float) and np.isnan(stored)) or stored is pd.NaT:
        return True
    return bool(value != stored)


def _known_rows(store: Store, table: ImportTable, layer: Layer) -> dict[int, int]:
    """Return the ids of stored rows by the number of the file's row."""
    if not store.count(layer.name):
        return {}
    frame = store.frame(layer.name, crs="wgs84")
    ids = [int(one) for one in frame.index]
    keys: list[Any] = list(frame[layer.key]) if layer.key else [None] * len(ids)
    names: list[Any] = list(frame["name"]) if "name" in layer.column_names else [None] * len(ids)
    places: list[Any] = list(frame["geometry"]) if layer.geometry is not None else [None] * len(ids)
    by_key = {key: row_id for key, row_id in zip(keys, ids, strict=True) if isinstance(key, str)}
    unkeyed: dict[Any, list[tuple[int, Any]]] = {}
    for key, name, row_id, place in zip(keys, names, ids, places, strict=True):
        if not isinstance(key, str) and place is not None:
            unkeyed.setdefault(name, []).append((row_id, place))
    found: dict[int, int] = {}
    used: set[int] = set()
    for row in table.accepted:
        key = row.cells.get(layer.key) if layer.key else None
        match = by_key.get(key) if key is not None else None
        if key is None and row.geometry is not None:
            for candidate, place in unkeyed.get(row.cells.get("name"), []):
                if candidate not in used and shapely.equals_exact(
                    place, row.geometry, tolerance=_SAME_PLACE_DEG
                ):
                    match = candidate
                    break
        if match is not None:
            found[row.number] = match
            used.add(match)
    return found


def write_rows(store: Store, report: ImportReport, layer: Layer, *, actor: str, count_only: bool) -> None:
    """Insert the new rows and update the known ones in one batch; the report takes the counts.

    Args:
        store: the store.
        report: the report of the file.
        layer: the layer.
        actor: who imports.
        count_only: store nothing.
    """
    table = report.table
    rows = table.accepted
    known = _known_rows(store, table, layer)
    stored: dict[int, dict[str, Any]] = {}
    if known:
        frame = store.frame(layer.name, ids=sorted(known.values()), crs="wgs84")
        stored = {
            int(row_id): {str(name): value for name, value in one.items()}
            for row_id, one in zip(frame.index, pd.DataFrame(frame).to_dict("records"), strict=True)
        }
    new: list[Mapping[str, Any]] = []
    changes: list[tuple[int, dict[str, Any]]] = []
    for row in rows:
        cells = {name: value for name, value in row.cells.items() if value is not None}
        if row.geometry is not None:
            cells["geometry"] = row.geometry
        row_id = known.get(row.number)
        if row_id is None:
            new.append(cells)
            continue
        before = stored[row_id]
        changed = {name: value for name, value in cells.items() if _differs(value, before[name])}
        if changed:
            changes.append((row_id, changed))
        else:
            report.unchanged += 1
    report.inserted, report.updated = len(new), len(changes)
    if count_only or not (new or changes):
        return
    if layer.geometry is not None and store.town.epsg is None:
        middle = np.median(
            [shapely.get_coordinates(shapely.centroid(one.geometry))[0] for one in rows], axis=0
        )
        store.place_town(float(middle[0]), float(middle[1]), actor=actor)
    with store.change(actor=actor, kind="import", note=table.file) as change:
        if new:
            change.insert(layer.name, new)
        for row_id, values in changes:
            change.update(layer.name, row_id, values)
        report.batch = change.batch_id
    report.stored = True
