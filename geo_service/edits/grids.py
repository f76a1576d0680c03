"""Cells of a grid cut by a line and joined into one: exact, with every boundary shared vertex by vertex.

A cut runs in longitude and latitude, as the cells are stored. The new corners, where the line crosses a boundary, are
also put into the neighbours that share this boundary, so that no sliver and no gap comes between cells.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import split as cut_polygon

from geo_service.store import ConflictError, Store
from town_model import InputError, layer

LAYER = "grids"
MOST_PIECES = 20
MOST_MERGED = 200
#: A corner this near to a boundary lies on it: a nanodegree is a tenth of a millimetre.
_ON_BOUNDARY_DEG = 1e-9
#: Columns of which a merged cell keeps the words of all.
_JOINED = ("note",)


@dataclass(frozen=True)
class GridEdit:
    """What became of cells that were cut or joined.

    Args:
        batch: number of the change.
        kept: the cell that stays, under its number.
        made: numbers of the new cells.
        gone: numbers of the cells that are no more.
        touched: neighbours that only got a corner on their shared boundary.
    """

    batch: int
    kept: int
    made: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    touched: tuple[int, ...] = ()


def split_shape(shape: BaseGeometry, line: BaseGeometry) -> list[Any]:
    """Return the pieces of an area that a line cuts, the largest first.

    Neighbouring pieces share their boundary corner by corner, and their areas add up to that of the whole.

    Args:
        shape: a polygon, or one of several parts.
        line: the line.

    Raises:
        InputError: the line does not cut the area, crosses itself, or cuts it into too many pieces.
    """
    # a scrawl of some thousand corners crosses itself millions of times: to cut by it would take the server for an hour
    if not shapely.is_simple(line):
        raise InputError("The line crosses itself: draw it without loops.")
    whole: list[Any] = list(shapely.get_parts(shape))
    pieces: list[Any] = []
    for part in whole:
        pieces += [one for one in cut_polygon(part, line).geoms if one.geom_type == "Polygon"]
    if len(pieces) <= len(whole):
        raise InputError("The line does not cut this cell: draw it from outside to outside.")
    if len(pieces) > MOST_PIECES:
        raise InputError("The line cuts the cell into more than {most} pieces.", most=MOST_PIECES)
    pieces = _with_each_other(pieces)
    return sorted(pieces, key=lambda one: -one.area)


def merge_shapes(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return several areas as one, without the boundaries between them.

    Raises:
        InputError: they do not touch along a boundary, or overlap.
    """
    parts = _with_each_other([part for one in shapes for part in shapely.get_parts(one)])
    whole = shapely.union_all(parts)
    if sum(one.area for one in parts) - whole.area > 1e-9 * max(whole.area, 1e-30):
        raise InputError("These cells overlap: correct their outlines first.")
    outlines = sum(len(shapely.get_parts(one)) for one in shapes)
    if whole.geom_type != "Polygon" and len(shapely.get_parts(whole)) > outlines - len(shapes) + 1:
        raise InputError("These cells do not lie side by side: choose neighbours.")
    return whole


def split_grid(
    store: Store,
    row_id: int,
    line: BaseGeometry,
    *,
    actor: str,
    expected_revision: int | None = None,
    note: str = "",
) -> GridEdit:
    """Cut a cell by a line, in one batch that can be undone.

    The largest piece keeps number, name and code of the cell; the others are new, with its village and note, and are
    called after it with a number.

    Args:
        store: the town.
        row_id: the cell.
        line: the line, longitude and latitude.
        actor: who does so.
        expected_revision: the revision that the caller saw.
        note: what the change log says of it.

    Raises:
        InputError: the line does not cut the cell.
        ConflictError: the cell is gone or was changed meanwhile.
    """
    cells = store.frame(LAYER, crs="wgs84")
    if row_id not in cells.index:
        raise ConflictError("layer {layer} has no row {row} any more", layer=LAYER, row=row_id)
    row = _values(cells, row_id)
    pieces = split_shape(cells.geometry[row_id], line)
    names = set(cells["name"])
    fresh = [
        {**row, "name": _free_name(row["name"], names), "code": None, "geometry": piece}
        for piece in pieces[1:]
    ]
    corners = shapely.points(shapely.get_coordinates(shapely.boundary(pieces)))
    with store.change(actor=actor, note=note) as change:
        change.update(LAYER, row_id, {"geometry": pieces[0]}, expected_revision=expected_revision)
        made = change.insert(LAYER, fresh)
        near = cells.drop(index=row_id)
        touched = _fit_neighbours(near, cells.geometry[row_id], corners)
        change.update_rows(LAYER, [(number, {"geometry": one}, None) for number, one in touched.items()])
    return GridEdit(change.batch_id or 0, row_id, tuple(made), (), tuple(touched))


def merge_grids(
    store: Store,
    revisions: Mapping[int, int | None],
    *,
    actor: str,
    keep: int | None = None,
    note: str = "",
) -> GridEdit:
    """Join cells into one, in one batch that can be undone.

    The kept cell keeps number, name and code. What it does not know is taken from the others where they agree; notes
    are put one after the other.

    Args:
        store: the town.
        revisions: the cells, each with the revision that the caller saw, or None.
        actor: who does so.
        keep: the cell that stays; None takes the largest.
        note: what the change log says of it.

    Raises:
        InputError: fewer than two cells, or cells that do not lie side by side.
        ConflictError: a cell is gone or was changed meanwhile.
    """
    ids = sorted(revisions)
    if not 2 <= len(ids) <= MOST_MERGED:
        raise InputError("choose two cells or more, and no more than {most}", most=MOST_MERGED)
    cells = store.frame(LAYER, ids=ids, crs="wgs84")
    if len(cells) < len(ids):
        lost = next(one for one in ids if one not in cells.index)
        raise ConflictError("layer {layer} has no row {row} any more", layer=LAYER, row=lost)
    kept = (
        keep
        if keep is not None and keep in cells.index
        else int(store.frame(LAYER, ids=ids).geometry.area.idxmax())
    )
    values = merged_values([_values(cells, kept), *(_values(cells, one) for one in ids if one != kept)])
    shape = merge_shapes(list(cells.geometry))
    gone = [one for one in ids if one != kept]
    with store.change(actor=actor, note=note) as change:
        change.update(LAYER, kept, {**values, "geometry": shape}, expected_revision=revisions[kept])
        for one in gone:
            change.update(LAYER, one, {}, expected_revision=revisions[one])
            change.delete(LAYER, one)
    return GridEdit(change.batch_id or 0, kept, (), tuple(gone))


def merged_values(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values of a merged cell: those of the first, filled where it has none and the others agree.

    >>> merged_values([{"name": "A", "village": None, "note": "x"}, {"name": "B", "village": 3, "note": "y"}])
    {'name': 'A', 'village': 3, 'note': 'x; y'}
    """
    first = dict(rows[0])
    for name, value in first.items():
        others = [one.get(name) for one in rows[1:] if one.get(name) is not None]
        if name in _JOINED:
            words = list(dict.fromkeys(str(one) for one in [value, *others] if one is not None))
            first[name] = "; ".join(words) or None
        elif value is None and others and all(one == others[0] for one in others):
            first[name] = others[0]
    return first


def _values(cells: gpd.GeoDataFrame, row_id: int) -> dict[str, Any]:
    row = cells.loc[row_id]
    found: dict[str, Any] = {}
    for one in layer(LAYER).columns:
        value = row[one.name]
        missing = value is None or (isinstance(value, float) and np.isnan(value))
        found[one.name] = None if missing else int(value) if one.kind == "ref" else value
    return found


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    taken.add(f"{name}-{number}")
    return f"{name}-{number}"


def _fit_neighbours(cells: gpd.GeoDataFrame, shape: BaseGeometry, corners: Any) -> dict[int, BaseGeometry]:
    """Return the neighbours whose boundary runs through a new corner, with that corner put in."""
    near = cells[shapely.dwithin(cells.geometry.to_numpy(), shape, _ON_BOUNDARY_DEG)]
    fitted: dict[int, BaseGeometry] = {}
    for number, one in near.geometry.items():
        made = _with_corners(one, shapely.get_coordinates(corners))
        if made is not one:
            fitted[int(number)] = made
    return fitted


def _with_each_other(parts: Sequence[Any]) -> list[Any]:
    """Return areas with the corners of each put into the boundaries of the others that run through them."""
    every = np.unique(shapely.get_coordinates(np.asarray(parts, dtype=object)), axis=0)
    return [_with_corners(one, every) for one in parts]


def _with_corners(shape: BaseGeometry, corners: np.ndarray[Any, Any]) -> BaseGeometry:
    """Return an area with those of the corners put in that lie on its boundary; the same object where none does."""
    boundary = shapely.boundary(shape)
    points = shapely.points(corners)
    on = corners[shapely.dwithin(points, boundary, _ON_BOUNDARY_DEG)]
    own = {tuple(one) for one in shapely.get_coordinates(shape)}
    fresh = [one for one in on if tuple(one) not in own]
    if not fresh:
        return shape

    def ring(line: Any) -> list[tuple[float, float]]:
        made: list[tuple[float, float]] = []
        old = shapely.get_coordinates(line)
        for start, end in itertools.pairwise(old):
            made.append((float(start[0]), float(start[1])))
            step = end - start
            size = float(step @ step)
            inside = []
            for one in fresh:
                share = float((one - start) @ step) / size if size else -1.0
                away = np.hypot(*(one - start - share * step))
                if 0 < share < 1 and away <= _ON_BOUNDARY_DEG:
                    inside.append((share, (float(one[0]), float(one[1]))))
            made += [place for _, place in sorted(inside)]
        return [*made, made[0]]

    parts = [
        shapely.Polygon(ring(one.exterior), [ring(hole) for hole in one.interiors])
        for one in shapely.get_parts(shape)
    ]
    made = shapely.MultiPolygon(parts) if shape.geom_type == "MultiPolygon" else parts[0]
    return made if shapely.is_valid(made) else shape
