"""What a straight line over the ground meets: obstacles, and ground that lamps light."""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.frames import Floats
from camera_coverage.options import ViewOptions

_TINY = 1e-9


def through(
    parts: np.ndarray, tree: shapely.STRtree, ray: shapely.LineString
) -> tuple[np.ndarray, Floats, Floats]:
    """Return the parts that a ray runs through, each time with begin and end along it."""
    nothing = np.empty(0, dtype=np.int64)
    if not len(parts):
        return nothing, np.empty(0), np.empty(0)
    part = np.sort(tree.query(ray, predicate="intersects"))
    met, of = shapely.get_parts(shapely.intersection(ray, parts[part]), return_index=True)
    part = part[of]
    low, high = along_of(ray, met)
    solid = shapely.get_type_id(parts[part]) == 3
    kept = ~solid | (high - low > _TINY)  # a ray that only touches a footprint passes it
    return part[kept], low[kept], high[kept]


def along_of(ray: shapely.LineString, met: np.ndarray) -> tuple[Floats, Floats]:
    """Return begin and end of pieces of a ray along it."""
    coords, of = shapely.get_coordinates(met, return_index=True)
    if not len(coords):
        return np.empty(0), np.empty(0)
    (ax, ay), (bx, by) = ray.coords
    along = ((coords[:, 0] - ax) * (bx - ax) + (coords[:, 1] - ay) * (by - ay)) / ray.length
    first = np.flatnonzero(np.diff(of, prepend=-1))
    return np.maximum(np.minimum.reduceat(along, first), 0.0), np.maximum.reduceat(along, first)


def lit_stretches(options: ViewOptions, ray: shapely.LineString) -> tuple[tuple[float, float], ...]:
    """Return the stretches of a ray that street lights light."""
    lamps = options.lamps
    if lamps is None:
        return ()
    disks, tree = lamps.disks(options.arc_tolerance_m)
    which = tree.query(ray, predicate="intersects")
    low, high = along_of(ray, np.asarray(shapely.intersection(ray, disks[which]), dtype=object))
    return tuple(zip(low.tolist(), high.tolist(), strict=True))
