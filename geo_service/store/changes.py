"""Changes of rows: validated, logged with before and after, in one transaction and one batch."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Table, delete, func, insert, select, text, update

from geo_service.store import rules
from geo_service.store.database import now_utc
from geo_service.store.errors import ConflictError
from geo_service.store.geometry import from_wkb, to_wkb
from geo_service.store.tables import LAYER_TABLES, batches, change_log, rtree_name
from geo_service.store.validation import Faults, check_columns, check_geometries, check_values
from town_model import LAYERS, InputError, Layer, Text, layer

KINDS = ("edit", "import", "import_osm", "sample", "accept", "undo")
CHUNK = 10_000
_SHOWN = 10


@dataclass(frozen=True)
class ChangeEntry:
    """One row that a batch inserted, updated or deleted.

    Args:
        id: number of the entry.
        batch: number of its batch, the unit of undo.
        at: when, with zone UTC.
        actor: who.
        kind: kind of the batch (``edit``, ``import``, …).
        note: what the batch was said to be for.
        undoes: number of the batch that this batch took back, or None.
        layer: layer of the row.
        row_id: its id.
        action: ``insert``, ``update`` or ``delete``.
        before: the row before, None for an insert; dates as ISO text, the geometry as WKB hex.
        after: the row after, None for a delete.
    """

    id: int
    batch: int
    at: dt.datetime
    actor: str
    kind: str
    note: str
    undoes: int | None
    layer: str
    row_id: int
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Change:
    """The open transaction of one batch; made by `Store.change`.

    Args:
        connection: connection that holds the write lock.
        actor: who changes.
        kind: one of `KINDS`.
        note: what for.
        undoes: the batch that this one takes back.
        placed: whether the town has a position.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        actor: str,
        kind: str,
        note: str,
        undoes: int | None = None,
        placed: bool = True,
    ) -> None:
        if kind not in KINDS:
            raise InputError("a change is one of {known}, not {kind!r}", known=", ".join(KINDS), kind=kind)
        self.connection = connection
        self.at = now_utc()
        self._head = {"at": self.at, "actor": actor, "kind": kind, "note": note, "undoes": undoes}
        self._placed = placed
        self.batch_id: int | None = None

    def _batch(self) -> int:
        if self.batch_id is None:
            made = self.connection.execute(insert(batches).values(**self._head)).inserted_primary_key
            assert made is not None
            self.batch_id = int(made[0])
        return self.batch_id

    def insert(self, layer_name: str, rows: Iterable[Mapping[str, Any]]) -> list[int]:
        """Insert rows and return their ids, in order.

        Args:
            layer_name: name of a layer.
            rows: dicts with declared columns and ``geometry`` (Shapely, WGS-84 longitude and latitude). What a row
                leaves out, or gives as None, NaN or blank text, takes the default of its column.

        Raises:
            InputError: a row is against the declaration or a rule; all faults, by row number from 1.
        """
        declared = layer(layer_name)
        given = [dict(one) for one in rows]
        if not given:
            return []
        self._needs_place(declared)
        faults = Faults(declared, single=len(given) == 1)
        check_columns(declared, given, faults)
        data: dict[str, Sequence[Any]] = {
            one.name: check_values(one, [row.get(one.name) for row in given], faults)
            for one in declared.columns
        }
        shapes: np.ndarray[Any, Any] | None = None
        if declared.geometry is not None:
            shapes = check_geometries(declared, [row.get("geometry") for row in given], faults)
        self._check_refs(declared, data, faults)
        rules.check_rows(declared, data, faults)
        if shapes is not None:
            rules.check_doors(self.connection, declared, data, shapes, faults)
        faults.raise_any()
        if shapes is not None:
            data["geometry"] = to_wkb(shapes)
        names = list(data)
        kept = [dict(zip(names, values, strict=True)) for values in zip(*data.values(), strict=True)]
        ids = self._next_ids(LAYER_TABLES[layer_name], len(kept))
        self.store_rows(declared, ids, kept, shapes)
        self.log(layer_name, [(number, None, row) for number, row in zip(ids, kept, strict=True)])
        return ids

    def update(
        self,
        layer_name: str,
        row_id: int,
        values: Mapping[str, Any],
        expected_revision: int | None = None,
    ) -> None:
        """Change some columns of a row.

        Args:
            layer_name: name of a layer.
            row_id: id of the row.
            values: the columns to change, and ``geometry``.
            expected_revision: the revision that the caller saw.

        Raises:
            ConflictError: the row is gone, or has another revision than the expected one.
            InputError: a value is against the declaration or a rule.
        """
        declared = layer(layer_name)
        before, revision = self._existing(declared, row_id)
        if expected_revision is not None and revision not in (expected_revision, self.batch_id):
            raise ConflictError(
                "row {row} of {layer} was changed by somebody else meanwhile: load it again",
                row=row_id,
                layer=layer_name,
            )
        faults = Faults(declared, single=True)
        given = dict(values)
        check_columns(declared, [given], faults)
        data: dict[str, Sequence[Any]] = {
            one.name: check_values(one, [given[one.name]], faults)
            for one in declared.columns
            if one.name in given
        }
        shapes: np.ndarray[Any, Any] | None = None
        if declared.geometry is not None and "geometry" in given:
            self._needs_place(declared)
            shapes = check_geometries(declared, [given["geometry"]], faults)
        self._check_refs(declared, data, faults)
        after = {**before, **{name: cells[0] for name, cells in data.items()}}
        if not faults.found:
            whole = {name: [after[name]] for name in declared.column_names}
            rules.check_rows(declared, whole, faults)
            if declared.geometry is not None:
                place = from_wkb([before["geometry"]]) if shapes is None else shapes
                rules.check_doors(self.connection, declared, whole, place, faults)
        faults.raise_any()
        if shapes is not None:
            after["geometry"] = to_wkb(shapes)[0]
        if after != before:
            self.replace_row(declared, row_id, after)
            self.log(layer_name, [(row_id, before, after)])

    def delete(self, layer_name: str, row_id: int) -> None:
        """Delete a row.

        Raises:
            ConflictError: the row is gone, or other rows refer to it; the message lists them.
        """
        declared = layer(layer_name)
        before, _ = self._existing(declared, row_id)
        used = self.referrers(layer_name, [row_id])
        if used:
            raise ConflictError(
                "row {row} of {layer} is still referred to by {users}: change or delete these first",
                row=row_id,
                layer=layer_name,
                users=list_rows(used),
            )
        self.remove_rows(declared, [row_id])
        self.log(layer_name, [(row_id, before, None)])

    # What follows is shared with undo, which writes rows that were valid once.

    def store_rows(
        self,
        declared: Layer,
        ids: Sequence[int],
        rows: Sequence[Mapping[str, Any]],
        shapes: np.ndarray[Any, Any] | None,
    ) -> None:
        """Write finished rows under given ids, with their R-tree entries."""
        revision = self._batch()
        self.connection.execute(
            insert(LAYER_TABLES[declared.name]),
            [
                {**row, "id": number, "revision": revision, "created_at": self.at, "updated_at": self.at}
                for number, row in zip(ids, rows, strict=True)
            ],
        )
        if shapes is not None:
            self._index(declared.name, ids, shapes)

    def replace_row(self, declared: Layer, row_id: int, after: Mapping[str, Any]) -> None:
        """Write the finished values of a row over the old ones."""
        table = LAYER_TABLES[declared.name]
        self.connection.execute(
            update(table)
            .where(table.c.id == row_id)
            .values(**after, revision=self._batch(), updated_at=self.at)
        )
        if declared.geometry is not None:
            self._unindex(declared.name, [row_id])
            self._index(declared.name, [row_id], from_wkb([after["geometry"]]))

    def remove_rows(self, declared: Layer, ids: Sequence[int]) -> None:
        """Delete rows and their R-tree entries."""
        self._batch()
        if not ids:
            return
        if declared.geometry is not None:
            self._unindex(declared.name, ids)
        table = LAYER_TABLES[declared.name]
        for part in chunks(ids):
            self.connection.execute(delete(table).where(table.c.id.in_(part)))

    def log(
        self,
        layer_name: str,
        entries: Iterable[tuple[int, Mapping[str, Any] | None, Mapping[str, Any] | None]],
    ) -> None:
        """Add (row id, before, after) to the change log."""
        batch = self._batch()
        rows = [
            {
                "batch": batch,
                "layer": layer_name,
                "row_id": row_id,
                "action": "insert" if before is None else "delete" if after is None else "update",
                "before": None if before is None else row_to_json(before),
                "after": None if after is None else row_to_json(after),
            }
            for row_id, before, after in entries
        ]
        if rows:
            self.connection.execute(insert(change_log), rows)

    def referrers(self, layer_name: str, ids: Sequence[int]) -> list[tuple[str, int]]:
        """Return (layer, row id) of the rows that refer to any of the rows, at most a handful of each layer."""
        found: list[tuple[str, int]] = []
        for other in LAYERS.values():
            for one in other.columns:
                if one.refers_to != layer_name:
                    continue
                table = LAYER_TABLES[other.name]
                for part in chunks(ids):
                    query = select(table.c.id).where(table.c[one.name].in_(part)).order_by(table.c.id)
                    found += [(other.name, row_id) for (row_id,) in self.connection.execute(query.limit(50))]
        return sorted(set(found))

    def lost_links(self, declared: Layer, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> list[int]:
        """Return the ids of those rows that refer to rows which do not exist."""
        lost: set[int] = set()
        for one in declared.columns:
            if one.kind == "ref":
                there = self._present(one.refers_to, [row[one.name] for _, row in rows])
                lost |= {
                    row_id for row_id, row in rows if row[one.name] is not None and row[one.name] not in there
                }
        return sorted(lost)

    def _present(self, layer_name: str, ids: Iterable[int | None]) -> set[int]:
        table = LAYER_TABLES[layer_name]
        there: set[int] = set()
        for part in chunks(sorted({one for one in ids if one is not None})):
            there |= set(self.connection.execute(select(table.c.id).where(table.c.id.in_(part))).scalars())
        return there

    def _index(self, name: str, ids: Sequence[int], shapes: np.ndarray[Any, Any]) -> None:
        there = ~shapely.is_missing(shapes)
        west, south, east, north = shapely.bounds(shapes[there]).T.tolist()
        rows = zip(np.asarray(ids)[there].tolist(), west, east, south, north, strict=True)
        entries = list(rows)
        if entries:
            self.connection.exec_driver_sql(
                f"INSERT INTO {rtree_name(name)} (id, west, east, south, north) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
                entries,
            )

    def _unindex(self, name: str, ids: Sequence[int]) -> None:
        self.connection.exec_driver_sql(
            f"DELETE FROM {rtree_name(name)} WHERE id = ?",  # noqa: S608 - the name of a declared layer
            [(one,) for one in ids],
        )

    def _existing(self, declared: Layer, row_id: int) -> tuple[dict[str, Any], int]:
        table = LAYER_TABLES[declared.name]
        row = self.connection.execute(select(table).where(table.c.id == row_id)).mappings().first()
        if row is None:
            raise ConflictError("layer {layer} has no row {row} any more", layer=declared.name, row=row_id)
        return {name: row[name] for name in row_columns(declared)}, row["revision"]

    def _next_ids(self, table: Table, count: int) -> list[int]:
        # Nobody else can write before we commit, so the next ids are ours.
        last = self.connection.execute(
            text("SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = :name), 0), :used)"),
            {
                "name": table.name,
                "used": self.connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one(),
            },
        ).scalar_one()
        return list(range(last + 1, last + 1 + count))

    def _needs_place(self, declared: Layer) -> None:
        if declared.geometry is not None and not self._placed:
            raise InputError("the town has no position yet: place it first")

    def _check_refs(self, declared: Layer, data: Mapping[str, Sequence[Any]], faults: Faults) -> None:
        for one in declared.columns:
            cells = data.get(one.name)
            if one.kind != "ref" or cells is None:
                continue
            there = self._present(one.refers_to, cells)
            for number, cell in enumerate(cells):
                if cell is not None and cell not in there:
                    faults.add(
                        number,
                        Text.of(
                            "{column}: layer {refers_to} has no row {value}",
                            column=one.name,
                            refers_to=one.refers_to,
                            value=cell,
                        ),
                    )


def row_columns(declared: Layer) -> tuple[str, ...]:
    """Return the columns of a row that the change log keeps."""
    return (*declared.column_names, "geometry") if declared.geometry is not None else declared.column_names


def row_to_json(row: Mapping[str, Any]) -> str:
    """Return a row as the JSON of the change log."""
    return json.dumps(
        {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()},
        ensure_ascii=False,
        default=lambda value: value.isoformat(),
    )


def row_from_json(declared: Layer, words: str) -> dict[str, Any]:
    """Return a row of the change log as its table keeps it."""
    row = json.loads(words)
    for one in declared.columns:
        value = row.get(one.name)
        if value is not None and one.kind == "date":
            row[one.name] = dt.date.fromisoformat(value)
        elif value is not None and one.kind == "datetime":
            row[one.name] = dt.datetime.fromisoformat(value)
    if row.get("geometry") is not None:
        row["geometry"] = bytes.fromhex(row["geometry"])
    return {name: row.get(name) for name in row_columns(declared)}


def chunks(values: Sequence[int]) -> Iterable[Sequence[int]]:
    """Return the values in parts that fit into one SQL statement."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def list_rows(rows: Sequence[tuple[str, int]]) -> str:
    """Return rows for a message, such as ``entrances 3, entrances 4``."""
    shown = ", ".join(f"{name} {row_id}" for name, row_id in rows[:_SHOWN])
    return shown + (f" … ({len(rows)})" if len(rows) > _SHOWN else "")
