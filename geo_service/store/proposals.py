"""Proposals: rows that a program would add, and that a planner accepts or drops."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from sqlalchemy import Connection, insert, select, update

from geo_service.store.changes import Change
from geo_service.store.database import now_utc
from geo_service.store.geometry import from_wkb, to_wkb
from geo_service.store.rows import chunks
from geo_service.store.tables import proposals
from town_model import InputError, layer

STATES = ("pending", "accepted", "dropped")


@dataclass(frozen=True)
class Proposal:
    """A row that may be added to a layer.

    Args:
        layer: the layer.
        properties: values of its columns.
        geometry: its geometry, WGS-84 longitude and latitude.
        source: where it comes from, such as ``osm``.
        source_id: its id there, such as ``way/123``; a second proposal of the same id is not added. Empty takes
            ``osm_id`` of the properties.
        reason: why, such as the tag ``amenity=school``.
        state: ``pending``, ``accepted`` or ``dropped``.
        id: its number; None before it is stored.
        row_id: the row that came of it.
    """

    layer: str
    properties: dict[str, Any]
    geometry: shapely.Geometry | None
    source: str = "osm"
    source_id: str = ""
    reason: str = ""
    state: str = "pending"
    id: int | None = field(default=None, compare=False)
    row_id: int | None = field(default=None, compare=False)


def add(connection: Connection, given: Iterable[Proposal]) -> list[int]:
    """Store proposals that are not known yet, and return the numbers of the new ones."""
    known = {
        tuple(row)
        for row in connection.execute(select(proposals.c.layer, proposals.c.source, proposals.c.source_id))
    }
    at = now_utc()
    made: list[int] = []
    for one in given:
        layer(one.layer)
        source_id = one.source_id or str(one.properties.get("osm_id") or "") or None
        if source_id is not None and (one.layer, one.source, source_id) in known:
            continue
        known.add((one.layer, one.source, source_id))
        key = connection.execute(
            insert(proposals).values(
                layer=one.layer,
                source=one.source,
                source_id=source_id,
                reason=one.reason,
                properties=json.dumps(one.properties, ensure_ascii=False, default=_plain),
                geometry=to_wkb([one.geometry])[0],
                state="pending",
                created_at=at,
            )
        ).inserted_primary_key
        assert key is not None
        made.append(int(key[0]))
    return made


def read(
    connection: Connection, *, state: str | None = "pending", ids: Sequence[int] | None = None
) -> list[Proposal]:
    """Return proposals in order of their numbers, of one state or (None) of all."""
    if state is not None and state not in STATES:
        raise InputError("a proposal is one of {known}, not {state!r}", known=", ".join(STATES), state=state)
    query = select(proposals).order_by(proposals.c.id)
    if state is not None:
        query = query.where(proposals.c.state == state)
    if ids is not None:
        query = query.where(proposals.c.id.in_([int(one) for one in ids]))
    rows = list(connection.execute(query))
    shapes = from_wkb([row.geometry for row in rows])
    return [
        Proposal(
            layer=row.layer,
            properties=json.loads(row.properties),
            geometry=shape,
            source=row.source,
            source_id=row.source_id or "",
            reason=row.reason,
            state=row.state,
            id=row.id,
            row_id=row.row_id,
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]


def pending(connection: Connection, ids: Sequence[int] | None) -> list[Proposal]:
    """Return pending proposals: all of them for None.

    Raises:
        InputError: one of the numbers is no pending proposal.
    """
    found = read(connection, ids=ids)
    if ids is not None:
        missing = sorted({int(one) for one in ids} - {one.id or 0 for one in found})
        if missing:
            raise InputError(
                "these proposals are not pending: {ids}", ids=", ".join(str(one) for one in missing)
            )
    return found


def accept(
    change: Change,
    chosen: Sequence[Proposal],
    *,
    values: Mapping[str, Any],
    actor: str,
    all_or_none: bool = True,
) -> list[int]:
    """Insert the rows of proposals and mark them accepted; values fill what their properties leave out.

    Unless all or none are wanted, those with faults are passed over.
    """
    made: dict[int, int] = {}
    for name in dict.fromkeys(one.layer for one in chosen):
        of_layer = [one for one in chosen if one.layer == name]
        columns = layer(name).column_names
        fill = {key: value for key, value in values.items() if key in columns}
        rows = []
        for one in of_layer:
            filled = {"reason": f"{one.source}: {one.reason}", **fill} if "reason" in columns else fill
            given = {key: value for key, value in one.properties.items() if value not in (None, "")}
            rows.append({**filled, **given, "geometry": one.geometry})
        try:
            inserted: list[int | None] = [*change.insert(name, rows)]
        except InputError:
            if all_or_none:
                raise
            inserted = [_insert_sound(change, name, row) for row in rows]
        made |= {
            one.id or 0: row_id for one, row_id in zip(of_layer, inserted, strict=True) if row_id is not None
        }
    for number, row_id in made.items():
        change.connection.execute(
            update(proposals)
            .where(proposals.c.id == number)
            .values(state="accepted", decided_at=change.at, decided_by=actor, row_id=row_id)
        )
    return [made[one.id or 0] for one in chosen if one.id in made]


def _insert_sound(change: Change, name: str, row: Mapping[str, Any]) -> int | None:
    try:
        return change.insert(name, [row])[0]
    except InputError:
        return None


def drop(connection: Connection, chosen: Sequence[Proposal], *, actor: str) -> None:
    """Mark proposals dropped."""
    for part in chunks([one.id or 0 for one in chosen]):
        connection.execute(
            update(proposals)
            .where(proposals.c.id.in_(part))
            .values(state="dropped", decided_at=now_utc(), decided_by=actor)
        )


def follow_undo(connection: Connection, layer_name: str, *, gone: Sequence[int], back: Sequence[int]) -> None:
    """After an undo: proposals whose rows went are pending again, those whose rows came back accepted."""
    for ids, old, new in ((gone, "accepted", "pending"), (back, "pending", "accepted")):
        for part in chunks(ids):
            connection.execute(
                update(proposals)
                .where(
                    proposals.c.layer == layer_name, proposals.c.row_id.in_(part), proposals.c.state == old
                )
                .values(state=new)
            )


def next_year(day: dt.date) -> dt.date:
    """Return the same day of the next year; 1 March after 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return dt.date(day.year + 1, 3, 1)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"properties of a proposal hold plain values, not {type(value).__name__}")
