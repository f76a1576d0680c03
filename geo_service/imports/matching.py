"""Rows of a file and rows of the store: references by name, rows known already, one batch of changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection

from geo_service.imports.faults import Fault
from geo_service.imports.persons import file_label
from geo_service.imports.report import ImportReport, ImportRow, ImportTable
from geo_service.imports.values.plain import fold
from geo_service.store.rules import check_doors, check_rows
from geo_service.store.validation import Faults
from town_model import LAYERS, Layer, Text

if TYPE_CHECKING:
    from geo_service.store import Store

Together = Callable[[Connection, ImportReport], None]
# two readings of one place differ by no more (degrees; about a metre)
_SAME_PLACE_DEG = 1e-5


@dataclass(frozen=True)
class StoredRow:
    """A row of the store: its id, and its values by column with the geometry in WGS-84."""

    row_id: int
    cells: dict[str, Any]


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


def check_rules(store: Store, table: ImportTable, layer: Layer, stored: Mapping[int, StoredRow]) -> None:
    """Refuse the rows that the rules of the store would refuse, each with its reason.

    Args:
        store: the store.
        table: the file; takes the faults.
        layer: the layer.
        stored: rows of the store that rows of the file will update, by number of the file's row.
    """
    rows = table.accepted
    if not rows:
        return
    data: dict[str, list[Any]] = {}
    for column in layer.columns:
        values: list[Any] = []
        for row in rows:
            value = row.cells.get(column.name)
            before = stored.get(row.number)
            if value is None and before is not None and not _is_missing(before.cells[column.name]):
                value = before.cells[column.name]
            values.append(column.default if value is None else value)
        data[column.name] = values
    faults = Faults(layer)
    check_rows(layer, data, faults)
    if layer.geometry is not None:
        shapes = np.array([row.geometry for row in rows], dtype=object)
        with store.reading() as connection:
            check_doors(connection, layer, data, shapes, faults)
    for one in faults.found:
        row = rows[int(one.params["row"]) - 1]
        row.refused = True
        message = one.params["fault"]
        title = str(message.params.get("column", ""))
        table.faults.append(
            Fault(
                row=row.number,
                column=title,
                cell=_row_address(table, row, title),
                severity="refused_row",
                message=message,
                sheet=table.sheet,
            )
        )


def _row_address(table: ImportTable, row: ImportRow, column: str = "") -> str:
    known = [one for one in table.matches if one.column]
    first = next((one for one in known if one.column == column), next(iter(known), None))
    if first is None:
        return ""
    return f"{first.address}{row.number}" if table.header_rows else f"[{row.number}]"


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value))


def _differs(value: Any, stored: Any) -> bool:
    if isinstance(value, shapely.Geometry):
        return stored is None or not shapely.equals_exact(stored, value, tolerance=1e-9)
    if isinstance(stored, pd.Timestamp):
        stored = stored.to_pydatetime()
        value = pd.Timestamp(value).to_pydatetime()
    if _is_missing(stored):
        return True
    return bool(value != stored)


def known_rows(store: Store, table: ImportTable, layer: Layer) -> dict[int, StoredRow]:
    """Return the stored rows that rows of a file stand for, by number of the file's row.

    Args:
        store: the store.
        table: the file.
        layer: the layer.
    """
    if not store.count(layer.name):
        return {}
    frame = store.frame(layer.name, crs="wgs84")
    ids = [int(one) for one in frame.index]
    keys: list[Any] = list(frame[layer.key]) if layer.key else [None] * len(ids)
    names: list[Any] = list(frame["name"]) if "name" in layer.column_names else [None] * len(ids)
    places: list[Any] = list(frame["geometry"]) if layer.geometry is not None else [None] * len(ids)
    by_key = {key: row_id for key, row_id in zip(keys, ids, strict=True) if isinstance(key, str)}
    if layer.same_by:
        return _same_rows(table, layer, frame)
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
    by_id = dict(zip(ids, pd.DataFrame(frame).to_dict("records"), strict=True))
    return {
        number: StoredRow(row_id, {str(name): value for name, value in by_id[row_id].items()})
        for number, row_id in found.items()
    }


def _same_rows(table: ImportTable, layer: Layer, frame: pd.DataFrame) -> dict[int, StoredRow]:
    """Return the stored rows that agree with rows of a file in the columns that tell rows of the layer apart; each once."""

    def name_of(values: list[Any]) -> tuple[Any, ...]:
        return tuple(
            pd.Timestamp(one).to_pydatetime().replace(tzinfo=None) if isinstance(one, dt.datetime) else one
            for one in values
        )

    waiting: dict[tuple[Any, ...], list[int]] = {}
    for row_id, values in zip(frame.index, frame[list(layer.same_by)].to_numpy(dtype=object), strict=True):
        waiting.setdefault(name_of(list(values)), []).append(int(row_id))
    found: dict[int, int] = {}
    for row in table.accepted:
        same = waiting.get(name_of([row.cells.get(one) for one in layer.same_by]))
        if same:
            found[row.number] = same.pop(0)
    ids = list(found.values())
    cells = dict(zip(ids, pd.DataFrame(frame.loc[ids]).to_dict("records"), strict=True))
    return {
        number: StoredRow(row_id, {str(name): value for name, value in cells[row_id].items()})
        for number, row_id in found.items()
    }


def write_rows(
    store: Store,
    report: ImportReport,
    layer: Layer,
    stored: Mapping[int, StoredRow],
    *,
    actor: str,
    count_only: bool,
    together_with: Together | None = None,
) -> None:
    """Insert the new rows and update the known ones in one batch; the report takes the counts.

    Args:
        store: the store.
        report: the report of the file.
        layer: the layer.
        stored: rows of the store that rows of the file stand for, from `known_rows`.
        actor: who imports.
        count_only: store nothing.
        together_with: called with the connection and the report at the end of the transaction.
    """
    table = report.table
    rows = table.accepted
    new: list[Mapping[str, Any]] = []
    changes: list[tuple[int, Mapping[str, Any], int | None]] = []
    for row in rows:
        cells = {name: value for name, value in row.cells.items() if value is not None}
        if row.geometry is not None:
            cells["geometry"] = row.geometry
        before = stored.get(row.number)
        if before is None:
            new.append(cells)
            continue
        changed = {name: value for name, value in cells.items() if _differs(value, before.cells[name])}
        if changed:
            changes.append((before.row_id, changed, None))
        else:
            report.unchanged += 1
    report.inserted, report.updated = len(new), len(changes)
    if count_only:
        return
    report.stored = bool(rows)
    if not (new or changes):
        return
    if layer.geometry is not None and store.town.epsg is None:
        middle = np.median(
            [shapely.get_coordinates(shapely.centroid(one.geometry))[0] for one in rows], axis=0
        )
        store.place_town(float(middle[0]), float(middle[1]), actor=actor)
    with store.change(actor=actor, kind="import", note=file_label(table.file)) as change:
        if new:
            change.insert(layer.name, new)
        if changes:
            change.update_rows(layer.name, changes)
        report.batch = change.batch_id
        if together_with is not None:
            together_with(change.connection, report)
