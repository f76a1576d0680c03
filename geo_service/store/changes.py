"""Changes of rows: validated, logged with before and after, in one transaction and one batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from geo_service.store import duty_rules, rules, site_rules
from geo_service.store.errors import ConflictError
from geo_service.store.geometry import from_wkb, to_wkb
from geo_service.store.rows import RowWriter, list_rows
from geo_service.store.tables import LAYER_TABLES
from geo_service.store.validation import Faults, check_columns, check_geometries, check_values
from town_model import InputError, Layer, Text, layer


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


class Change(RowWriter):
    """The open transaction of one batch; made by `Store.change`.

    Args:
        connection: connection that holds the write lock.
        actor: who changes.
        kind: one of `geo_service.store.rows.KINDS`.
        note: what for.
        placed: whether the town has a position.
    """

    def __init__(self, connection: Connection, *, actor: str, kind: str, note: str, placed: bool) -> None:
        super().__init__(connection, actor=actor, kind=kind, note=note)
        self._placed = placed

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
        duty_rules.check_duty(declared, data, faults)
        site_rules.check_sites(self.connection, declared, data, (), faults)
        if shapes is not None:
            rules.check_doors(self.connection, declared, data, shapes, faults)
        faults.raise_any()
        if shapes is not None:
            data["geometry"] = to_wkb(shapes)
        names = list(data)
        kept = [dict(zip(names, values, strict=True)) for values in zip(*data.values(), strict=True)]
        ids = self.next_ids(LAYER_TABLES[layer_name], len(kept))
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
        self.update_rows(layer_name, [(row_id, values, expected_revision)])

    def update_rows(
        self, layer_name: str, updates: Sequence[tuple[int, Mapping[str, Any], int | None]]
    ) -> None:
        """Change some columns of many rows at once.

        Args:
            layer_name: name of a layer.
            updates: (row id, columns to change, revision that the caller saw or None); each row once.

        Raises:
            ConflictError: rows are gone, or have other revisions than the expected ones.
            InputError: values are against the declaration or a rule; all faults, by place in the list from 1.
        """
        declared = layer(layer_name)
        ids = [int(row_id) for row_id, _, _ in updates]
        if len(set(ids)) < len(ids):
            raise ValueError("a row is updated twice in one call")
        found = self.existing(declared, ids)
        self._refuse_stale(declared, updates, found)
        given = [dict(values) for _, values, _ in updates]
        faults = Faults(declared, single=len(given) == 1)
        check_columns(declared, given, faults)
        after = [dict(found[row_id][0]) for row_id in ids]
        for one in declared.columns:
            numbers = [number for number, row in enumerate(given) if one.name in row]
            if numbers:
                part = faults.of_rows(numbers)
                cells = check_values(one, [given[number][one.name] for number in numbers], part)
                self._check_refs(declared, {one.name: cells}, part)
                for number, cell in zip(numbers, cells, strict=True):
                    after[number][one.name] = cell
        if declared.geometry is not None:
            self._new_places(declared, given, after, faults)
        if not faults.found and after:
            whole = {name: [row[name] for row in after] for name in declared.column_names}
            rules.check_rows(declared, whole, faults)
            duty_rules.check_duty(declared, whole, faults)
            site_rules.check_sites(self.connection, declared, whole, ids, faults)
            if declared.geometry is not None:
                shapes = from_wkb([row["geometry"] for row in after])
                rules.check_doors(self.connection, declared, whole, shapes, faults)
        faults.raise_any()
        changed = {row_id: row for row_id, row in zip(ids, after, strict=True) if row != found[row_id][0]}
        if changed:
            self.replace_rows(declared, changed)
            self.log(layer_name, [(row_id, found[row_id][0], row) for row_id, row in changed.items()])

    def delete(self, layer_name: str, row_id: int) -> None:
        """Delete a row.

        Raises:
            ConflictError: the row is gone, or other rows refer to it; the message lists them.
        """
        declared = layer(layer_name)
        found = self.existing(declared, [row_id])
        self._refuse_stale(declared, [(row_id, {}, None)], found)
        used = self.referrers(layer_name, [row_id])
        if used:
            raise ConflictError(
                "row {row} of {layer} is still referred to by {users}: change or delete these first",
                row=row_id,
                layer=layer_name,
                users=list_rows(used),
            )
        self.remove_rows(declared, [row_id])
        self.log(layer_name, [(row_id, found[row_id][0], None)])

    def _refuse_stale(
        self,
        declared: Layer,
        updates: Sequence[tuple[int, Mapping[str, Any], int | None]],
        found: Mapping[int, tuple[dict[str, Any], int]],
    ) -> None:
        faults = []
        for row_id, _, expected in updates:
            if row_id not in found:
                faults.append(
                    Text.of("layer {layer} has no row {row} any more", layer=declared.name, row=row_id)
                )
            elif expected is not None and found[row_id][1] not in (expected, self.batch_id):
                faults.append(
                    Text.of(
                        "row {row} of {layer} was changed by somebody else meanwhile: load it again",
                        row=row_id,
                        layer=declared.name,
                    )
                )
        if faults:
            raise ConflictError(faults)

    def _new_places(
        self,
        declared: Layer,
        given: Sequence[Mapping[str, Any]],
        after: Sequence[dict[str, Any]],
        faults: Faults,
    ) -> None:
        numbers = [number for number, row in enumerate(given) if "geometry" in row]
        if not numbers:
            return
        self._needs_place(declared)
        part = faults.of_rows(numbers)
        shapes = check_geometries(declared, [given[number]["geometry"] for number in numbers], part)
        for number, wkb in zip(numbers, to_wkb(shapes), strict=True):
            after[number]["geometry"] = wkb

    def _needs_place(self, declared: Layer) -> None:
        if declared.geometry is not None and not self._placed:
            raise InputError("the town has no position yet: place it first")

    def _check_refs(self, declared: Layer, data: Mapping[str, Sequence[Any]], faults: Faults) -> None:
        for one in declared.columns:
            cells = data.get(one.name)
            if one.kind != "ref" or cells is None:
                continue
            there = self.present(one.refers_to, cells)
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
