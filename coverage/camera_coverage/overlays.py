"""Overlays of many geometries at once, and what they leave behind."""

from __future__ import annotations

import numpy as np
import shapely


def gather(owner: np.ndarray, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unite shapes by owner: which owners have any, and their unions."""
    order = np.argsort(owner, kind="stable")
    rows, begin, count = np.unique(owner[order], return_index=True, return_counts=True)
    shapes = shapes[order]
    united = np.empty(len(rows), dtype=object)
    alone = count == 1
    united[alone] = shapes[begin[alone]]
    sizes = np.where(alone, 0, 2 ** np.ceil(np.log2(count)).astype(int))
    for size in np.unique(sizes[~alone]):  # padded tables, so that GEOS unites row by row in one call
        some = np.flatnonzero(sizes == size)
        rank = np.arange(size)[None, :]
        there = rank < count[some][:, None]
        table = np.full(there.shape, None, dtype=object)
        table[there] = shapes[(begin[some][:, None] + rank)[there]]
        united[some] = shapely.union_all(table, axis=1)
    return rows, united


def touching(shapes: np.ndarray, areas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which shapes any area touches, and for each of them the union of these areas."""
    rows = np.flatnonzero(~shapely.is_empty(areas))
    shape, area = shapely.STRtree(areas[rows]).query(shapes, predicate="intersects")
    return gather(shape, areas[rows[area]])


def measure(shapes: np.ndarray, areal: np.ndarray) -> np.ndarray:
    """Return the area of shapes that are measured by it, and the length of the others."""
    return np.asarray(np.where(areal, shapely.area(shapes), shapely.length(shapes)), dtype=float)


def polygonal(geometry: np.ndarray) -> np.ndarray:
    """Return geometries without the points and lines that overlays leave behind."""
    kind, empty = shapely.get_type_id(geometry), shapely.is_empty(geometry)
    out = geometry.copy()
    out[empty] = shapely.Polygon()
    for i in np.flatnonzero((kind != 3) & (kind != 6) & ~empty):
        parts = shapely.get_parts(geometry[i])
        parts = parts[np.isin(shapely.get_type_id(parts), (3, 6))]
        out[i] = shapely.union_all(parts) if len(parts) else shapely.Polygon()
    return out


def without(areas: np.ndarray, rows: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return areas, those in some rows without what is hidden from each."""
    result = areas.copy()
    result[rows] = polygonal(np.asarray(shapely.difference(areas[rows], hidden), dtype=object))
    return result


def sound(areas: np.ndarray) -> np.ndarray:
    """Return areas with those repaired whose borders cross, as rounding has it once in 100,000 scenes."""
    broken = np.flatnonzero(~shapely.is_valid(areas))
    if len(broken):
        areas = areas.copy()
        areas[broken] = polygonal(np.asarray(shapely.make_valid(areas[broken]), dtype=object))
    return areas


def lineal(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the lines of a geometry, joined where they meet end to end."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    parts = parts[shapely.get_type_id(parts) == 1]
    return shapely.line_merge(shapely.multilinestrings(parts)) if len(parts) else shapely.LineString()


def only(shapes: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return shapes with those that are not chosen emptied."""
    result = shapes.copy()
    result[~chosen] = shapely.Polygon()
    return result


def lineals(shapes: np.ndarray) -> np.ndarray:
    """Return `lineal` of each shape."""
    result = np.full(len(shapes), shapely.LineString(), dtype=object)
    kind = shapely.get_type_id(shapes)
    plain = np.isin(kind, (1, 5)) & ~shapely.is_empty(shapes)
    result[plain] = shapely.line_merge(shapes[plain])
    mixed = np.flatnonzero(~plain & ~shapely.is_empty(shapes))
    result[mixed] = [lineal(one) for one in shapes[mixed]]
    return result
