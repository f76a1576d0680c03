"""Streets made into a network: loose ends tied, crossings given a shared vertex, bridges cut out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from town_data.shapes import Array, on_grid
from town_data.streets import Street

_REACH_M = 70.0
_STUB_M = 45.0
_SAME_M = 1.5
_TOUCH_M = 0.1


def join(streets: list[Street]) -> list[Street]:
    """Return the streets with exactly equal vertices wherever they meet.

    A tied end moves onto the nearest other street; a short stub beyond a crossing is cut off.

    Args:
        streets: loose streets; those that are joined already stay as they are.
    """
    tied = _tie(_tie(streets, 0), -1)
    lines = [one.line for one in tied]
    tree = shapely.STRtree(lines)
    left, right = tree.query(lines, predicate="intersects")
    wanted: list[list[tuple[float, float]]] = [[] for _ in tied]
    known: list[tuple[float, float]] = []
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if a < b:
            for x, y in shapely.get_coordinates(shapely.intersection(lines[a], lines[b])).tolist():
                point = _snapped((x, y), known, tied[a].points, tied[b].points)
                wanted[a].append(point)
                wanted[b].append(point)
    for a, street in enumerate(tied):
        for tip in (street.points[0], street.points[-1]):
            # a foot of a perpendicular lies beside the other line by rounding: nearness counts
            for b in tree.query(shapely.Point(tip), predicate="dwithin", distance=_TOUCH_M).tolist():
                if a != b:
                    point = _snapped((float(tip[0]), float(tip[1])), known, street.points, tied[b].points)
                    wanted[a].append(point)
                    wanted[b].append(point)
    return [replace(one, points=_with(one.points, points)) for one, points in zip(tied, wanted, strict=True)]


def _snapped(
    point: tuple[float, float], known: list[tuple[float, float]], *lines: Array
) -> tuple[float, float]:
    """Return the junction that a crossing becomes: a known one, a vertex close by, or a new point."""
    here = np.asarray(point)
    if known:
        gaps = np.hypot(*(np.asarray(known) - here).T)
        if gaps.min() < _SAME_M:
            return known[int(gaps.argmin())]
    for points in lines:
        gaps = np.hypot(*(points - here).T)
        if gaps.min() < _SAME_M:
            here = points[int(gaps.argmin())]
            break
    rounded = on_grid(np.asarray(here, dtype=np.float64))
    known.append((float(rounded[0]), float(rounded[1])))
    return known[-1]


def _with(points: Array, junctions: list[tuple[float, float]]) -> Array:
    """Return a line that passes through each junction; a vertex close by gives way to it."""
    fixed = {tuple(one) for one in junctions}
    line = shapely.LineString(points)
    keep = [
        (shapely.line_locate_point(line, shapely.Point(p)), tuple(p))
        for p in points.tolist()
        if tuple(p) in fixed or all(np.hypot(p[0] - x, p[1] - y) >= _SAME_M for x, y in fixed)
    ]
    there = {p for _, p in keep}
    keep += [(shapely.line_locate_point(line, shapely.Point(p)), p) for p in sorted(fixed) if p not in there]
    ordered = [p for _, p in sorted(keep)]
    return np.array([p for k, p in enumerate(ordered) if k == 0 or p != ordered[k - 1]])


def _tie(streets: list[Street], end: int) -> list[Street]:
    """Move one end (0 the start, -1 the end) of the streets that ask for it onto the nearest other street."""
    lines = [one.line for one in streets]
    tree = shapely.STRtree(lines)
    out = []
    for k, street in enumerate(streets):
        if not street.ends[end]:
            out.append(street)
            continue
        points = street.points if end == -1 else street.points[::-1]
        tip = shapely.Point(points[-1])
        near = [i for i in tree.query(tip, predicate="dwithin", distance=_REACH_M).tolist() if i != k]
        if not near:
            out.append(replace(street, ends=(False, street.ends[1]) if end == 0 else (street.ends[0], False)))
            continue
        line = shapely.LineString(points)
        cuts = [
            shapely.line_locate_point(line, shapely.Point(p))
            for i in near
            for p in shapely.get_coordinates(shapely.intersection(line, lines[i]))
        ]
        cuts = [at for at in cuts if line.length - at < _STUB_M]
        if cuts:
            at = max(cuts)
            where = shapely.line_interpolate_point(line, at)
            along = np.array([shapely.line_locate_point(line, shapely.Point(p)) for p in points])
            points = np.vstack([points[along < at - 0.5], [[where.x, where.y]]])
        else:
            target = lines[min(near, key=lambda i: (lines[i].distance(tip), i))]
            where = shapely.line_interpolate_point(target, shapely.line_locate_point(target, tip))
            corners = shapely.get_coordinates(target)
            gaps = np.hypot(*(corners - [where.x, where.y]).T)
            spot = corners[int(gaps.argmin())] if gaps.min() < _SAME_M else np.array([where.x, where.y])
            kept = points[:-1] if float(np.hypot(*(spot - points[-1]))) < 18 else points
            points = np.vstack([kept, [spot]])
        points = on_grid(points)
        out.append(replace(street, points=points if end == -1 else points[::-1]))
    return out


def cut_bridges(streets: list[Street], water: BaseGeometry) -> list[Street]:
    """Return the streets with their stretches over water as bridges of their own.

    Args:
        streets: joined streets.
        water: all water.
    """
    banks = water.buffer(5.0)
    out = []
    for street in streets:
        line = street.line
        wet = [
            (shapely.line_locate_point(line, shapely.Point(one.coords[0])), shapely.line_locate_point(line, shapely.Point(one.coords[-1])))
            for one in shapely.get_parts(shapely.intersection(line, banks)).tolist()
            if isinstance(one, shapely.LineString) and one.intersects(water)
        ]  # fmt: skip
        if not wet:
            out.append(street)
            continue
        marks = sorted({0.0, line.length, *(at for pair in wet for at in pair)})
        marks = [at for at in marks if at in {0.0, line.length} or 1.0 < at < line.length - 1.0]
        stops = [on_grid(np.array(shapely.line_interpolate_point(line, at).coords[0])) for at in marks]
        along = np.array([shapely.line_locate_point(line, shapely.Point(p)) for p in street.points])
        for k in range(len(marks) - 1):
            a, b = marks[k], marks[k + 1]
            inner = street.points[(along > a + 0.3) & (along < b - 0.3)]
            over = any(start <= (a + b) / 2 <= end for start, end in (sorted(pair) for pair in wet))
            out.append(replace(street, points=np.vstack([[stops[k]], inner, [stops[k + 1]]]), bridge=over))
    return out


def components(streets: list[Street]) -> list[int]:
    """Return for each street the number of the network it belongs to, the largest first (0)."""
    parent: dict[tuple[float, float], tuple[float, float]] = {}

    def root(point: tuple[float, float]) -> tuple[float, float]:
        while parent.setdefault(point, point) != point:
            parent[point] = parent[parent[point]]
            point = parent[point]
        return point

    for street in streets:
        first = root(_key(street.points[0]))
        for point in street.points[1:]:
            parent[root(_key(point))] = first
    roots = [root(_key(one.points[0])) for one in streets]
    order = {key: rank for rank, (key, _) in enumerate(Counter(roots).most_common())}
    return [order[one] for one in roots]


def _key(point: Array) -> tuple[float, float]:
    return (float(point[0]), float(point[1]))


def crossings(streets: list[Street]) -> list[tuple[Array, list[tuple[int, float]]]]:
    """Return where three or more arms meet: the point, and per arm the street's index and its direction (radians)."""
    arms: dict[tuple[float, float], list[tuple[int, float]]] = {}
    for index, street in enumerate(streets):
        points = street.points
        for k in range(len(points)):
            for other in (k - 1, k + 1):
                if 0 <= other < len(points):
                    step = points[other] - points[k]
                    arms.setdefault(_key(points[k]), []).append((index, float(np.arctan2(step[1], step[0]))))
    return [(np.array(point), found) for point, found in arms.items() if len(found) >= 3]
