"""Plain two-dimensional views: what stands at full height round a point, and what it leaves to be seen."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from camera_coverage.frames import Floats, Frames, Ints, Pairs
from camera_coverage.optics import frame_boxes, sectors
from camera_coverage.shadows import shadows_fill
from camera_coverage.sweep import sweep
from camera_coverage.walls import Scene, Walls, build_scene
from town_model import ValueRangeError, check_frame, check_same_crs

# eyes swept at once, all round: their arrays fit into the cache of a core; narrow views are swept in larger batches
_BATCH = 160


def _pairs(
    frames: Frames,
    walls: Walls,
    mount_height_m: Floats | None,
    own: Ints | None,
    target_height_m: Floats | None,
) -> Pairs:
    """Return the (eye, wall) pairs that can hide ground for ever, in the axes of the eyes and in the sense of the sweep."""
    eye, segment = walls.near(frame_boxes(frames))
    part = walls.part[segment]
    ex, ey = frames.x[eye], frames.y[eye]
    ax, ay = walls.ax[segment] - ex, walls.ay[segment] - ey
    bx, by = walls.bx[segment] - ex, walls.by[segment] - ey
    cross = ax * by - ay * bx
    # of footprints only the faces towards the eye: their outer side is on the right
    rows = np.flatnonzero(np.where(walls.solid[part], cross < 0, cross != 0))
    if mount_height_m is not None:
        high = walls.height_m[part[rows]] >= mount_height_m[eye[rows]]
        if target_height_m is not None:
            low = np.flatnonzero(~high)
            high[low] = shadows_fill(
                frames,
                walls,
                eye[rows[low]],
                part[rows[low]],
                mount_height_m=mount_height_m,
                target_height_m=target_height_m,
            )
        rows = rows[high]
    if own is not None:
        mine = own[eye[rows]]
        rows = rows[(mine < 0) | (walls.member[part[rows]] != mine)]
    eye, ax, ay, bx, by, cross = eye[rows], ax[rows], ay[rows], bx[rows], by[rows], cross[rows]
    turn = cross < 0
    ax, ay, bx, by = (
        np.where(turn, bx, ax),
        np.where(turn, by, ay),
        np.where(turn, ax, bx),
        np.where(turn, ay, by),
    )
    c, s = np.cos(frames.heading)[eye], np.sin(frames.heading)[eye]
    return Pairs(eye, ax * c + ay * s, ay * c - ax * s, bx * c + by * s, by * c - bx * s)


def swept(
    frames: Frames,
    walls: Walls,
    mount_height_m: Floats | None = None,
    own: Ints | None = None,
    target_height_m: Floats | None = None,
) -> np.ndarray:
    """Return what eyes see past walls that hide ground for ever.

    Args:
        frames: of the eyes.
        walls: the obstacles.
        mount_height_m: of the eyes: lower walls are left out; without it all walls are of full height.
        own: obstacle on which an eye stands (−1: none), which is left out.
        target_height_m: with it, lower obstacles whose shadows fill the reach count (`shadows_fill`).
    """
    result = np.full(len(frames), shapely.Polygon(), dtype=object)
    size = _BATCH if not len(frames) else int(_BATCH * min(np.pi / frames.half.mean(), 3.2))
    for begin in range(0, len(frames), size):
        rows = slice(begin, begin + size)
        some = frames.take(rows)
        heights = None if mount_height_m is None else mount_height_m[rows]
        targets = None if target_height_m is None else target_height_m[rows]
        mine = None if own is None else own[rows]
        result[rows] = sweep(some, _pairs(some, walls, heights, mine, targets))
    return result


def isovists(
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    radius_m: float | Floats,
    azimuth_deg: float | Floats = 0.0,
    hfov_deg: float | Floats = 360.0,
    arc_tolerance_m: float = 0.01,
    scene: Scene | None = None,
) -> gpd.GeoSeries:
    """Return the plain two-dimensional view of points: a sector of a disk, all obstacles of full height.

    Exact but for the arc, which is the inscribed chain of chords that `open_sectors` returns. Points must stand
    outside of footprints.

    Args:
        points: where the eyes stand.
        obstacles: polygons or lines; their heights are ignored.
        radius_m: reach, one for all or one a point.
        azimuth_deg: grid azimuth of the middle of the sector, clockwise from grid north.
        hfov_deg: angle of the sector; 360 is all round.
        arc_tolerance_m: how far the arc may lie inside the circle.
        scene: prepared obstacles (`build_scene`), in place of ``obstacles``.

    Returns:
        Polygons by the index of the points.

    Raises:
        CrsError, GeometryError: the frames cannot be used.
        ValueRangeError: a radius, angle or direction without meaning.
    """
    series = points.geometry
    check_frame(gpd.GeoDataFrame(geometry=series), "points", geometry_types=("Point",))
    check_same_crs(points=points, obstacles=obstacles)
    frames = _sector_frames(series, radius_m, azimuth_deg, hfov_deg, arc_tolerance_m)
    scene = scene or build_scene(obstacles)
    scene.check(points=series)
    walls = scene.merged
    return gpd.GeoSeries(swept(frames, walls), index=series.index, crs=series.crs)


def open_sectors(
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    radius_m: float | Floats,
    azimuth_deg: float | Floats = 0.0,
    hfov_deg: float | Floats = 360.0,
    arc_tolerance_m: float = 0.01,
) -> gpd.GeoSeries:
    """Return the sectors that `isovists` starts from: what a point would see of open ground. Parameters as there."""
    series = points.geometry
    frames = _sector_frames(series, radius_m, azimuth_deg, hfov_deg, arc_tolerance_m)
    none = Pairs(np.empty(0, dtype=np.int64), *(np.empty(0) for _ in range(4)))
    return gpd.GeoSeries(sweep(frames, none), index=series.index, crs=series.crs)


def _sector_frames(
    series: gpd.GeoSeries,
    radius_m: float | Floats,
    azimuth_deg: float | Floats,
    hfov_deg: float | Floats,
    tolerance_m: float,
) -> Frames:
    n = len(series)
    radius, azimuth, hfov = (
        np.broadcast_to(np.asarray(one, dtype=float), n).copy() for one in (radius_m, azimuth_deg, hfov_deg)
    )
    if not ((radius > 0) & np.isfinite(radius) & (hfov > 0) & (hfov <= 360) & np.isfinite(azimuth)).all():
        raise ValueRangeError("a sector needs a radius above zero, an angle up to 360° and a direction")
    return sectors(
        series.x.to_numpy(),
        series.y.to_numpy(),
        radius=radius,
        azimuth_deg=azimuth,
        hfov_deg=hfov,
        tolerance_m=tolerance_m,
    )
