"""Ways and multipolygon relations as Shapely lines and polygons, in bulk, with the reason where that fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.imports.osm import faults
from geo_service.imports.osm.elements import Relation, Way
from geo_service.imports.osm.faults import Why

REPAIRED_POINTS = 5000
"""A broken outline with more points than this is skipped: repairing it could take minutes and gigabytes."""

Shape = tuple[BaseGeometry | None, Why | None]
"""A geometry, and the reason why there is none or why it differs from what is drawn."""


def _corners(way: Way) -> np.ndarray:
    """Return the points of a way without those that stand where the one before stands."""
    xy = way.xy
    return xy[np.concatenate([[True], (xy[1:] != xy[:-1]).any(axis=1)])] if len(xy) else xy


def _missing(way: Way) -> Why | None:
    missing = int(np.isnan(way.xy[:, 0]).sum())
    return faults.missing_points(missing, len(way.xy)) if missing else None


def lines(ways: Sequence[Way]) -> list[Shape]:
    """Return the line of each way.

    Args:
        ways: the ways; points that follow themselves are dropped, no other coordinate is changed, so that roads
            still meet exactly where they share a point.
    """
    result: list[Shape] = []
    for way in ways:
        why = _missing(way)
        if why is None:
            xy = _corners(way)
            if len(xy) >= 2:
                result.append((shapely.LineString(xy), None))
                continue
            why = faults.NO_LENGTH
        result.append((None, why))
    return result


def polygons(ways: Sequence[Way]) -> list[Shape]:
    """Return the polygon of each closed way, repaired where its outline crosses itself.

    Args:
        ways: the ways.
    """
    rings: list[np.ndarray | None] = []
    whys: list[Why | None] = []
    for way in ways:
        why = _missing(way)
        xy = _corners(way) if why is None else way.xy
        if why is None and len(xy) < 2:
            why = faults.NO_LENGTH
        elif why is None and not way.closed:
            why = faults.UNCLOSED
        elif why is None and len(xy) < 4:
            why = faults.NO_RING
        rings.append(None if why else xy)
        whys.append(why)
    sound = [index for index, ring in enumerate(rings) if ring is not None]
    result: list[Shape] = [(None, why) for why in whys]
    if not sound:
        return result
    points = [ring for ring in rings if ring is not None]
    owner = np.repeat(np.arange(len(points)), [len(one) for one in points])
    drawn = np.atleast_1d(
        np.asarray(shapely.polygons(shapely.linearrings(np.concatenate(points), indices=owner)))
    )
    valid = np.atleast_1d(shapely.is_valid(drawn))
    for place, index in enumerate(sound):
        result[index] = (drawn[place], None) if valid[place] else repaired(drawn[place])
    return result


def repaired(polygon: BaseGeometry) -> Shape:
    """Return the areas of an invalid polygon, and what was done.

    Args:
        polygon: an invalid polygon or multi-polygon.
    """
    points = int(shapely.get_num_coordinates(polygon))
    if points > REPAIRED_POINTS:
        return None, faults.too_many_points(points, REPAIRED_POINTS)
    areas = polygonal(shapely.make_valid(polygon))
    return (None, faults.NO_AREA) if areas is None else (areas, faults.REPAIRED)


def polygonal(geometry: BaseGeometry) -> BaseGeometry | None:
    """Return the polygons of a geometry as one polygon or multi-polygon; None where it has none.

    Args:
        geometry: any geometry.
    """
    parts = shapely.get_parts(shapely.get_parts(geometry))
    areas = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0)]
    if not len(areas):
        return None
    result: BaseGeometry = areas[0] if len(areas) == 1 else shapely.MultiPolygon(list(areas))
    return result


def relation_area(relation: Relation, ways: dict[int, Way]) -> Shape:
    """Return the area of a multipolygon or boundary relation.

    The outlines are put together from the member ways by the points at which they meet. Rings with the role
    ``inner`` are holes; one without a role is a hole where it lies within another.

    Args:
        relation: the relation.
        ways: the ways of the file by id.
    """
    members = dict(relation.ways)
    there = [(ways[ref], role) for ref, role in members.items() if ref in ways]
    if not members:
        return None, faults.NO_RING
    if len(there) < len(members):
        return None, faults.missing_members(len(members) - len(there), len(members))
    for way, _ in there:
        why = _missing(way)
        if why is not None:
            return None, why
    holes, why = _rings(way for way, role in there if role == "inner")
    outlines, outer_why = _rings(way for way, role in there if role != "inner")
    why = why or outer_why
    if why is not None:
        return None, why
    if not outlines:
        return None, faults.NO_RING
    named = any(role == "outer" for role in members.values())
    return _with_holes(outlines, holes, nested=not named)


def _rings(ways: Iterable[Way]) -> tuple[list[np.ndarray], Why | None]:
    """Return the closed rings that ways form together, each as coordinates."""
    rings: list[np.ndarray] = []
    open_ways: list[Way] = []
    for way in ways:
        if way.closed:
            rings.append(_corners(way))
        elif len(way.refs) > 1:
            open_ways.append(way)
    ends: dict[int, list[int]] = {}
    for index, way in enumerate(open_ways):
        ends.setdefault(way.refs[0], []).append(index)
        ends.setdefault(way.refs[-1], []).append(index)
    used = [False] * len(open_ways)
    for index, first in enumerate(open_ways):
        if used[index]:
            continue
        used[index] = True
        chain, start, tip = [first.xy], first.refs[0], first.refs[-1]
        while tip != start:
            following = next((one for one in ends[tip] if not used[one]), None)
            if following is None:
                return rings, faults.UNCLOSED
            used[following] = True
            way = open_ways[following]
            forward = way.refs[0] == tip
            chain.append(way.xy if forward else way.xy[::-1])
            tip = way.refs[-1] if forward else way.refs[0]
        ring = np.concatenate(chain)
        rings.append(ring[np.concatenate([[True], (ring[1:] != ring[:-1]).any(axis=1)])])
    if any(len(one) < 4 for one in rings):
        return rings, faults.NO_RING
    return rings, None


def _with_holes(outlines: list[np.ndarray], holes: list[np.ndarray], *, nested: bool) -> Shape:
    changed: Why | None = None
    areas: list[BaseGeometry] = []
    for ring in [*outlines, *holes]:
        area: BaseGeometry | None = shapely.Polygon(ring)
        if area is not None and not area.is_valid:
            area, changed = repaired(area)
        if area is None:
            return None, changed
        areas.append(area)
    outer, inner = areas[: len(outlines)], areas[len(outlines) :]
    if nested and len(outer) > 1:
        whole = [one for one in outer if not any(other is not one and other.contains(one) for other in outer)]
        inner += [one for one in outer if not any(one is other for other in whole)]
        outer = whole
    result = shapely.union_all(outer)
    if inner:
        result = shapely.difference(result, shapely.union_all(inner))
    kept = polygonal(result)
    return (None, faults.NO_AREA) if kept is None else (kept, changed)
