"""The change log read back, and batches undone by compensating ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from geo_service.store import proposals, site_rules
from geo_service.store.changes import ChangeEntry
from geo_service.store.database import aware
from geo_service.store.errors import ConflictError
from geo_service.store.geometry import from_wkb
from geo_service.store.rows import RowWriter, list_rows, row_from_json
from geo_service.store.tables import batches, change_log
from town_model import LAYERS, InputError, Layer, Text

_Row = dict[str, Any] | None


def read_changes(
    connection: Connection,
    *,
    layer: str | None = None,
    row_id: int | None = None,
    batch: int | None = None,
    limit: int | None = 100,
) -> list[ChangeEntry]:
    """Return entries of the change log, newest first."""
    query = (
        select(change_log, batches.c.at, batches.c.actor, batches.c.kind, batches.c.note, batches.c.undoes)
        .join(batches, change_log.c.batch == batches.c.id)
        .order_by(change_log.c.id.desc())
    )
    for column, value in (
        (change_log.c.layer, layer),
        (change_log.c.row_id, row_id),
        (change_log.c.batch, batch),
    ):
        if value is not None:
            query = query.where(column == value)
    return [
        ChangeEntry(
            id=row.id,
            batch=row.batch,
            at=aware(row.at),
            actor=row.actor,
            kind=row.kind,
            note=row.note,
            undoes=row.undoes,
            layer=row.layer,
            row_id=row.row_id,
            action=row.action,
            before=None if row.before is None else json.loads(row.before),
            after=None if row.after is None else json.loads(row.after),
        )
        for row in connection.execute(query.limit(limit))
    ]


def undo(change: RowWriter, batch_id: int) -> None:
    """Write the rows of a batch back as they were before it, inside an open change.

    Raises:
        InputError: there is no such batch.
        ConflictError: it was undone already, a later edit touched one of its rows, or other rows need them.
    """
    connection = change.connection
    if connection.execute(select(batches.c.id).where(batches.c.id == batch_id)).first() is None:
        raise InputError("there is no change {batch}", batch=batch_id)
    undone = _undone_by(connection, batch_id)
    if undone is not None:
        raise ConflictError("change {batch} was undone already, by change {by}", batch=batch_id, by=undone)
    # rows go out and come back in no order of their references; the keys are checked when the change commits
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    plans = _net_effects(connection, batch_id)
    later = [(name, row_id) for name, rows in plans.items() for row_id in _touched_later(change, name, rows)]
    if later:
        raise ConflictError(
            "change {batch} cannot be undone: {rows} were changed later. Undo those changes first",
            batch=batch_id,
            rows=list_rows(later),
        )
    for name, rows in plans.items():
        _write_back(change, LAYERS[name], rows)
    _check_links(change, plans, batch_id)
    _check_sites(change, plans, batch_id)


def _net_effects(connection: Connection, batch_id: int) -> dict[str, dict[int, tuple[_Row, _Row]]]:
    """Return for each layer and row what it was before and after the whole batch."""
    query = select(change_log).where(change_log.c.batch == batch_id).order_by(change_log.c.id)
    plans: dict[str, dict[int, tuple[_Row, _Row]]] = {}
    for entry in connection.execute(query):
        declared = LAYERS[entry.layer]
        before = None if entry.before is None else row_from_json(declared, entry.before)
        after = None if entry.after is None else row_from_json(declared, entry.after)
        rows = plans.setdefault(entry.layer, {})
        first = rows[entry.row_id][0] if entry.row_id in rows else before
        rows[entry.row_id] = (first, after)
    return plans


def _undone_by(connection: Connection, batch_id: int) -> int | None:
    """Return the undo of a batch that still holds: one that was not itself undone."""
    query = select(batches.c.id).where(batches.c.undoes == batch_id).order_by(batches.c.id)
    for one in connection.execute(query).scalars().all():
        if _undone_by(connection, one) is None:
            return int(one)
    return None


def _touched_later(change: RowWriter, name: str, rows: dict[int, tuple[_Row, _Row]]) -> list[int]:
    """Return the rows that are not as the batch left them. A later edit that was itself undone does no harm."""
    present = {row_id: row for row_id, (row, _) in change.existing(LAYERS[name], list(rows)).items()}
    return [row_id for row_id, (_, after) in rows.items() if present.get(row_id) != after]


def _write_back(change: RowWriter, declared: Layer, rows: dict[int, tuple[_Row, _Row]]) -> None:
    back = {
        row_id: before for row_id, (before, after) in rows.items() if before is not None and after is None
    }
    gone = [row_id for row_id, (before, after) in rows.items() if before is None and after is not None]
    kept = list(back.values())
    if back:
        shapes = from_wkb([row["geometry"] for row in kept]) if declared.geometry is not None else None
        change.store_rows(declared, list(back), kept, shapes)
    change.replace_rows(
        declared,
        {
            row_id: before
            for row_id, (before, after) in rows.items()
            if before is not None and after is not None
        },
    )
    change.remove_rows(declared, gone)
    change.log(
        declared.name,
        [(row_id, after, before) for row_id, (before, after) in rows.items() if before or after],
    )
    proposals.follow_undo(change.connection, declared.name, gone=gone, back=list(back))


def _check_links(change: RowWriter, plans: dict[str, dict[int, tuple[_Row, _Row]]], batch_id: int) -> None:
    """Refuse an undo that would leave references into the void."""
    used: list[tuple[str, int]] = []
    for name, rows in plans.items():
        gone = [row_id for row_id, (before, after) in rows.items() if before is None and after is not None]
        used += change.referrers(name, gone)
    if used:
        raise ConflictError(
            "change {batch} cannot be undone: {rows} refer to its rows. Change or delete these first",
            batch=batch_id,
            rows=list_rows(sorted(set(used))),
        )
    for name, rows in plans.items():
        restored: Sequence[tuple[int, dict[str, Any]]] = [
            (row_id, before) for row_id, (before, _) in rows.items() if before is not None
        ]
        lost = change.lost_links(LAYERS[name], restored)
        if lost:
            raise ConflictError(
                "change {batch} cannot be undone: {rows} would refer to rows that were deleted later",
                batch=batch_id,
                rows=list_rows([(name, row_id) for row_id in lost]),
            )


def _check_sites(change: RowWriter, plans: dict[str, dict[int, tuple[_Row, _Row]]], batch_id: int) -> None:
    """Refuse an undo that would leave a site with steps that contradict each other."""
    cameras = {
        int(row["camera"])
        for name in ("site_notices", "site_objections")
        for both in plans.get(name, {}).values()
        for row in both
        if row is not None
    }
    faults = site_rules.broken_steps(change.connection, cameras) if cameras else []
    if faults:
        raise ConflictError(
            [Text.of("change {batch} cannot be undone: {fault}", batch=batch_id, fault=one) for one in faults]
        )
