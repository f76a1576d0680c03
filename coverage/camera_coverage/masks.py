"""Privacy masks: sectors of a view that hide pieces of ground with the least loss."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely

MASK_COLUMNS = ("camera", "from_deg", "to_deg", "near_m", "far_m", "private_m2", "lost_m2")
_STEP_DEG = 2.0


def propose_masks(
    camera: Any,
    eye: tuple[float, float],
    pieces: np.ndarray,
    seen: shapely.Geometry,
    least_m2: float,
    join_deg: float,
) -> list[dict[str, Any]]:
    """Return the masks of one camera, by azimuth.

    Args:
        camera: its id.
        eye: its place.
        pieces: private ground that it sees.
        seen: all that it sees.
        least_m2: smaller pieces stay unmasked.
        join_deg: sectors with no more between them are joined.
    """
    parts = shapely.get_parts(pieces)
    parts = parts[shapely.area(parts) >= least_m2]
    if not len(parts):
        return []
    place = shapely.Point(eye)
    result = []
    for start, end in join_sectors([azimuths(eye, one) for one in parts], join_deg):
        whole = sector(eye, start, end, 0.0, 2 * float(shapely.hausdorff_distance(place, seen)) + 1)
        mine = parts[shapely.intersects(parts, whole)]
        near = float(shapely.distance(place, mine).min())
        far = float(shapely.hausdorff_distance(place, shapely.multipolygons(mine)))
        shape = sector(eye, start, end, near, far)
        hidden = float(shapely.area(shapely.intersection(seen, shape)))
        private = float(shapely.area(shapely.intersection(shapely.union_all(pieces), shape)))
        around = end - start >= 360
        values = (
            camera, 0.0 if around else start % 360, 360.0 if around else end % 360, near, far, private, max(0.0, hidden - private),
        )  # fmt: skip
        result.append({**dict(zip(MASK_COLUMNS, values, strict=True)), "geometry": shape})
    return result


def azimuths(eye: tuple[float, float], piece: shapely.Polygon) -> tuple[float, float]:
    """Return the sector that a polygon is seen in, clockwise from north, as (start in 0–360, end ≥ start); (0, 360) is all round.

    >>> [round(one) for one in azimuths((0, 0), shapely.box(1, -1, 2, 1))]
    [45, 135]
    """
    if shapely.contains_xy(piece, *eye):
        return 0.0, 360.0
    points = shapely.get_coordinates(shapely.get_exterior_ring(piece)) - np.asarray(eye)
    points = points[np.hypot(points[:, 0], points[:, 1]) > 1e-9]
    bearing = np.degrees(np.arctan2(points[:, 0], points[:, 1]))
    steps = (np.diff(bearing) + 180) % 360 - 180
    run = np.concatenate([[0.0], np.cumsum(steps)])
    if run.max() - run.min() >= 360 - 1e-9:
        return 0.0, 360.0
    start = float((bearing[0] + run.min()) % 360)
    return start, start + float(run.max() - run.min())


def join_sectors(sectors: list[tuple[float, float]], join_deg: float) -> list[tuple[float, float]]:
    """Return the union of sectors, those with little between them joined.

    >>> join_sectors([(350, 365), (6, 20), (90, 100)], 2)
    [(90, 100), (350, 380)]
    """
    joined: list[tuple[float, float]] = []
    for start, end in sorted(sectors):
        if joined and start <= joined[-1][1] + join_deg:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    while len(joined) > 1 and joined[0][0] + 360 <= joined[-1][1] + join_deg:
        joined[-1] = (joined[-1][0], max(joined[-1][1], joined[0][1] + 360))
        del joined[0]
    if any(end - start >= 360 - join_deg for start, end in joined):
        return [(0.0, 360.0)]
    return joined


def sector(
    eye: tuple[float, float], start_deg: float, end_deg: float, near_m: float, far_m: float
) -> shapely.Polygon:
    """Return the ground between two azimuths and two distances; its outer arc is drawn round the circle, the inner one inside."""
    count = max(2, math.ceil((end_deg - start_deg) / _STEP_DEG) + 1)
    angle = np.radians(np.linspace(start_deg, end_deg, count))
    ray = np.column_stack([np.sin(angle), np.cos(angle)])
    outer = np.asarray(eye) + ray * far_m / math.cos((angle[1] - angle[0]) / 2)
    inner = np.asarray(eye) + ray[::-1] * near_m
    if end_deg - start_deg >= 360:
        return shapely.Polygon(outer, [inner] if near_m > 0 else None)
    return shapely.Polygon(np.vstack([outer, inner if near_m > 0 else np.asarray([eye])]))
