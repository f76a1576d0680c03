"""Roads drawn by hand: ends that should touch another road, but miss it by a little."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


def snap_ends(parts: NDArray[Any], level: NDArray[np.float64], snap_m: float) -> NDArray[Any]:
    """Return the lines with loose ends joined to the nearest other line of the same level.

    A loose end goes to the nearest vertex of that line where one is within reach, otherwise to the nearest point
    of the line, which gains a vertex there.

    Args:
        parts: lines.
        level: the level of each line; an end is joined to a line of its own level only.
        snap_m: the reach in metres.
    """
    coordinates = [shapely.get_coordinates(one) for one in parts]
    used: dict[tuple[float, float], int] = {}
    for line in coordinates:
        for vertex in map(tuple, line):
            used[vertex] = used.get(vertex, 0) + 1
    loose = [
        (i, side) for i, line in enumerate(coordinates) for side in (0, -1) if used[tuple(line[side])] == 1
    ]
    if not loose:
        return parts
    tree = shapely.STRtree(parts)
    points = shapely.points([coordinates[i][side] for i, side in loose])
    which, near = tree.query(points, predicate="dwithin", distance=snap_m)
    candidates: dict[int, list[int]] = {}
    for w, n in zip(which.tolist(), near.tolist(), strict=True):
        if n != loose[w][0] and level[n] == level[loose[w][0]]:
            candidates.setdefault(w, []).append(n)
    inserts: dict[int, list[tuple[float, tuple[float, float]]]] = {}
    for w, others in candidates.items():
        i, side = loose[w]
        other = min(others, key=lambda n, p=points[w]: (shapely.distance(p, parts[n]), n))  # type: ignore[misc]
        away = np.hypot(*(coordinates[other] - coordinates[i][side]).T)
        if away.min() <= snap_m:
            target = tuple(coordinates[other][int(away.argmin())])
        else:
            along = float(shapely.line_locate_point(parts[other], points[w]))
            target = tuple(shapely.get_coordinates(shapely.line_interpolate_point(parts[other], along))[0])
            inserts.setdefault(other, []).append((along, target))
        moved = coordinates[i].copy()
        moved[side] = target
        coordinates[i] = moved
    for i, places in inserts.items():
        original = shapely.get_coordinates(parts[i])
        step = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(original, axis=0).T))])
        line = coordinates[i]
        for along, target in sorted(places, reverse=True):
            line = np.insert(line, int(np.searchsorted(step, along, side="left")), target, axis=0)
        coordinates[i] = line
    return np.array([shapely.LineString(line) for line in coordinates], dtype=object)
