"""Finished rows written into the tables, their R-trees and the change log, under the write lock."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, text, update

from geo_service.store.database import now_utc
from geo_service.store.geometry import from_wkb
from geo_service.store.tables import LAYER_TABLES, batches, change_log, rtree_name
from town_model import LAYERS, InputError, Layer

KINDS = ("edit", "import", "import_osm", "sample", "accept", "undo")
CHUNK = 10_000
_SHOWN = 10


class RowWriter:
    """Writes rows that were checked before, all under one batch.

    Args:
        connection: connection that holds the write lock.
        actor: who changes.
        kind: one of `KINDS`.
        note: what for.
        undoes: the batch that this one takes back.

    Raises:
        InputError: the kind is unknown.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        actor: str,
        kind: str,
        note: str,
        undoes: int | None = None,
    ) -> None:
        if kind not in KINDS:
            raise InputError("a change is one of {known}, not {kind!r}", known=", ".join(KINDS), kind=kind)
        self.connection = connection
        self.at = now_utc()
        self._head = {"at": self.at, "actor": actor, "kind": kind, "note": note, "undoes": undoes}
        self.batch_id: int | None = None

    def _batch(self) -> int:
        if self.batch_id is None:
            made = self.connection.execute(insert(batches).values(**self._head)).inserted_primary_key
            assert made is not None
            self.batch_id = int(made[0])
        return self.batch_id

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

    def replace_rows(self, declared: Layer, rows: Mapping[int, Mapping[str, Any]]) -> None:
        """Write the finished values of rows over the old ones."""
        if not rows:
            return
        table = LAYER_TABLES[declared.name]
        names = [*row_columns(declared), "revision", "updated_at"]
        head = {"new_revision": self._batch(), "new_updated_at": self.at}
        self.connection.execute(
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [
                {"row": row_id, **{f"new_{name}": value for name, value in after.items()}, **head}
                for row_id, after in rows.items()
            ],
        )
        if declared.geometry is not None:
            self._unindex(declared.name, list(rows))
            self._index(declared.name, list(rows), from_wkb([after["geometry"] for after in rows.values()]))

    def existing(self, declared: Layer, ids: Sequence[int]) -> dict[int, tuple[dict[str, Any], int]]:
        """Return (row, revision) by id for those of the rows that exist."""
        table = LAYER_TABLES[declared.name]
        columns = row_columns(declared)
        found: dict[int, tuple[dict[str, Any], int]] = {}
        for part in chunks(ids):
            query = select(table.c.id, table.c.revision, *(table.c[one] for one in columns))
            for row in self.connection.execute(query.where(table.c.id.in_(part))):
                found[row[0]] = (dict(zip(columns, row[2:], strict=True)), row[1])
        return found

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
                there = self.present(one.refers_to, [row[one.name] for _, row in rows])
                lost |= {
                    row_id for row_id, row in rows if row[one.name] is not None and row[one.name] not in there
                }
        return sorted(lost)

    def present(self, layer_name: str, ids: Iterable[int | None]) -> set[int]:
        """Return those of the ids that exist."""
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

    def next_ids(self, table: Table, count: int) -> list[int]:
        """Return ids that no row of the table has or had; nobody else can write before we commit, so they are ours."""
        last = self.connection.execute(
            text("SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = :name), 0), :used)"),
            {
                "name": table.name,
                "used": self.connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one(),
            },
        ).scalar_one()
        return list(range(last + 1, last + 1 + count))


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
