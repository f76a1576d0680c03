"""One page of the rows of a layer, found by box, values of columns, words or time, without reading the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text

from geo_service.store.frames import Bbox, check_bbox
from geo_service.store.geometry import from_wkb
from geo_service.store.tables import LAYER_TABLES, rtree_name
from town_model import InputError, Layer, layer

_CHUNK = 10_000
#: Columns in which words are searched.
SEARCHED = ("name", "code")


@dataclass(frozen=True, kw_only=True)
class RowQuery:
    """Which rows of a layer are asked for; what is left out restricts nothing.

    Args:
        bbox: (west, south, east, north) in WGS-84 degrees: rows whose geometry meets the box. West greater than east
            is a box across the date line.
        ids: only these rows; ids that do not exist are passed over.
        equal: value by declared column; None finds rows without one.
        words: part of a name or code.
        time_column: column of kind ``datetime`` or ``date`` that `since` and `until` are about.
        since: not before this local time.
        until: not after this local time.
    """

    bbox: tuple[float, float, float, float] | None = None
    ids: tuple[int, ...] | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    time_column: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class RowPage:
    """One page of rows, in order of their ids.

    Args:
        matched: how many rows fit the query, on all pages.
        ids: ids of the rows of this page.
        rows: their declared columns, as the table keeps them, and ``revision``.
        shapes: their geometries in longitude, latitude (None where a row has none); None for a layer without.
    """

    matched: int
    ids: list[int]
    rows: list[dict[str, Any]]
    shapes: np.ndarray[Any, Any] | None


def read_page(connection: Connection, name: str, query: RowQuery, *, limit: int, offset: int = 0) -> RowPage:
    """Return one page of the rows of a layer; see `Store.page`."""
    declared = layer(name)
    matched, ids = find_ids(connection, declared, query, limit=limit, offset=offset)
    table = LAYER_TABLES[name]
    columns = [*declared.column_names, "revision"]
    spatial = declared.geometry is not None
    wanted = [table.c.id, *(table.c[one] for one in columns)] + ([table.c.geometry] if spatial else [])
    found: list[Any] = []
    for start in range(0, len(ids), _CHUNK):
        part = select(*wanted).where(table.c.id.in_(ids[start : start + _CHUNK])).order_by(table.c.id)
        found.extend(connection.execute(part))
    last = len(columns) + 1
    return RowPage(
        matched=matched,
        ids=[int(row[0]) for row in found],
        rows=[dict(zip(columns, row[1:last], strict=True)) for row in found],
        shapes=from_wkb([row[last] for row in found]) if spatial else None,
    )


def find_ids(
    connection: Connection, declared: Layer, query: RowQuery, *, limit: int | None, offset: int = 0
) -> tuple[int, list[int]]:
    """Return how many rows fit a query, and the ids of one page of them.

    Args:
        connection: a connection that reads.
        declared: the layer.
        query: which rows.
        limit: how many ids at most; None for all.
        offset: how many to pass over.

    Raises:
        InputError: the layer has no such column, no geometry for a box, or the box is none.
    """
    table = LAYER_TABLES[declared.name]
    conditions = _conditions(declared, query)
    number = table.c.id
    if query.bbox is None:
        total = connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
        rows = select(number).where(*conditions).order_by(number).limit(limit).offset(offset)
        return int(total), [int(one) for one in connection.execute(rows).scalars()]
    ids = _in_box(connection, declared, query.bbox)
    if conditions:
        fitting: list[int] = []
        for start in range(0, len(ids), _CHUNK):
            part = select(number).where(number.in_(ids[start : start + _CHUNK]), *conditions)
            fitting.extend(int(one) for one in connection.execute(part.order_by(number)).scalars())
        ids = fitting
    end = None if limit is None else offset + limit
    return len(ids), ids[offset:end]


def _conditions(declared: Layer, query: RowQuery) -> list[ColumnElement[bool]]:
    table = LAYER_TABLES[declared.name]
    names = declared.column_names
    unknown = [one for one in (*query.equal, query.time_column) if one and one not in names]
    if unknown:
        raise InputError(
            "layer {layer} has no column {columns}", layer=declared.name, columns=", ".join(unknown)
        )
    found: list[ColumnElement[bool]] = [
        table.c[name].is_(None) if value is None else table.c[name] == value
        for name, value in query.equal.items()
    ]
    if query.ids is not None:
        found.append(table.c.id.in_(query.ids))
    if query.words:
        searched = [one for one in SEARCHED if one in names]
        found.append(or_(False, *(table.c[one].icontains(query.words, autoescape=True) for one in searched)))  # noqa: FBT003
    if query.time_column:
        at = table.c[query.time_column]
        days = declared.column(query.time_column).kind == "date"
        span = []
        if query.since is not None:
            span.append(at >= (query.since.date() if days else query.since))
        if query.until is not None:
            span.append(at <= (query.until.date() if days else query.until))
        if span:
            found.append(and_(*span))
    return found


def _in_box(connection: Connection, declared: Layer, bbox: Sequence[float]) -> list[int]:
    """Return the ids of the rows whose geometry meets a box, sorted.

    The R-tree finds those near it; only shapes that its edge may cut are read and measured.
    """
    if declared.geometry is None:
        raise InputError("layer {layer} has no geometry, so no box can be asked of it", layer=declared.name)
    ids: set[int] = set()
    for one in _parts(bbox):
        ids |= _in_part(connection, declared.name, one)
    return sorted(ids)


def _parts(bbox: Sequence[float]) -> list[Bbox]:
    west, south, east, north = bbox
    if west > east:
        return [check_bbox((west, south, 180.0, north)), check_bbox((-180.0, south, east, north))]
    return [check_bbox(bbox)]


def _in_part(connection: Connection, name: str, box: Bbox) -> set[int]:
    near = text(
        "SELECT id, west >= :west AND east <= :east AND south >= :south AND north <= :north"  # noqa: S608 - the name of a declared layer
        f" FROM {rtree_name(name)}"
        " WHERE west <= :east AND east >= :west AND south <= :north AND north >= :south"
    )
    params = dict(zip(("west", "south", "east", "north"), box, strict=True))
    ids: set[int] = set()
    cut: list[int] = []
    for number, inside in connection.execute(near, params):
        if inside:
            ids.add(number)
        else:
            cut.append(number)
    table = LAYER_TABLES[name]
    frame = shapely.box(*box)
    for start in range(0, len(cut), _CHUNK):
        part = select(table.c.id, table.c.geometry).where(table.c.id.in_(cut[start : start + _CHUNK]))
        rows = list(connection.execute(part))
        meets = shapely.intersects(from_wkb([row.geometry for row in rows]), frame)
        ids.update(row.id for row, one in zip(rows, meets.tolist(), strict=True) if one)
    return ids
