"""Shadows of obstacles that are lower than the camera, and ground inside footprints.

A face of height ``hw`` at distance ``d`` hides a target at height ``t`` from a camera at ``H`` out to
``d·(H − t)/(H − hw)`` when ``t < hw < H``. A building hides from its near wall to the shadow end of its far wall: its
footprint, and the band behind each face that is turned away.
"""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.frames import Floats, Frames, Ints
from camera_coverage.optics import LEAST_DROP_M, frame_boxes
from camera_coverage.overlays import gather, polygonal
from camera_coverage.walls import Walls

_RADIAL_M2 = 1e-9


def hidden_ground(
    frames: Frames,
    areas: np.ndarray,
    walls: Walls,
    *,
    mount_height_m: Floats,
    own: Ints | None,
    target_height_m: float,
) -> np.ndarray:
    """Take out of areas what lower obstacles hide.

    Args:
        frames: of the eyes.
        areas: what they see past walls of full height.
        walls: the obstacles.
        mount_height_m: of the eyes.
        own: obstacle on which an eye stands (−1: none): it casts no shadow, its footprint is still no ground.
        target_height_m: height of the target point.
    """
    if not len(walls.parts) or (own is None and not (walls.height_m < mount_height_m.max()).any()):
        return areas
    # what stands between eye and area counts as well: a wall in the dead zone throws its shadow into the view
    eye, part = walls.part_tree.query(frame_boxes(frames))
    keep = walls.height_m[part] < mount_height_m[eye]
    mine = np.zeros(len(part), dtype=bool)
    if own is not None:
        mine = (own[eye] >= 0) & (walls.member[part] == own[eye])
        keep |= mine
    keep &= ~shapely.is_empty(areas)[eye]
    eye, part, mine = eye[keep], part[keep], mine[keep]
    if not len(eye):
        return areas
    # an eye above a roof stands on it: no shadow of its own roof
    solid = np.flatnonzero(walls.solid[part])
    mine[solid] |= shapely.contains_xy(walls.parts[part[solid]], frames.x[eye[solid]], frames.y[eye[solid]])
    casts = ~mine & (walls.height_m[part] > target_height_m)
    flat = ~casts & walls.solid[part]
    rows = np.flatnonzero(casts)
    rows = rows[_in_sector(frames, walls, eye[rows], part[rows])]
    stretch = np.maximum(mount_height_m[eye[rows]] - target_height_m, LEAST_DROP_M) / np.maximum(
        mount_height_m[eye[rows]] - walls.height_m[part[rows]], 1e-9
    )
    owner, shape = _shadows(frames, walls, eye[rows], part[rows], stretch)
    owner = np.concatenate([eye[flat], owner])
    shape = np.concatenate([walls.parts[part[flat]], shape])
    shapely.prepare(areas)
    matters = shapely.intersects(areas[owner], shape)
    owner, shape = owner[matters], shape[matters]
    if not len(owner):
        return areas
    rows, hidden = gather(owner, shape)
    result = areas.copy()
    result[rows] = shapely.difference(areas[rows], hidden)
    return result


def _in_sector(frames: Frames, walls: Walls, eye: Ints, part: Ints) -> Ints:
    """Return the pairs whose obstacle is not wholly beyond a side of the swept angle, nor beyond the radius."""
    x0, y0, x1, y1 = shapely.bounds(walls.parts[part]).T if len(part) else np.empty((4, 0))
    ex, ey, half, radius = frames.x[eye], frames.y[eye], frames.half[eye], frames.radius[eye]
    gap_x = np.maximum(np.maximum(x0 - ex, ex - x1), 0)
    gap_y = np.maximum(np.maximum(y0 - ey, ey - y1), 0)
    keep = gap_x**2 + gap_y**2 <= radius**2
    narrow = half < np.pi / 2
    for side in (-1, 1):
        # the outward normal of a side of the sector; the corner of the box that lies least along it
        turn = frames.heading[eye] + side * (half + np.pi / 2)
        nx, ny = np.cos(turn), np.sin(turn)
        least = np.where(nx > 0, x0 - ex, x1 - ex) * nx + np.where(ny > 0, y0 - ey, y1 - ey) * ny
        keep &= ~(narrow & (least > 0))
    return np.flatnonzero(keep)


def _shadows(frames: Frames, walls: Walls, eye: Ints, part: Ints, stretch: Floats) -> tuple[Ints, np.ndarray]:
    """Return what obstacles hide, footprints of solid ones included: eye, polygon."""
    n = walls.count[part]
    pair = np.repeat(np.arange(len(part)), n)
    at = np.cumsum(n) - n
    segment = np.arange(len(pair)) + np.repeat(walls.first[part] - at, n)
    ex, ey = frames.x[eye[pair]], frames.y[eye[pair]]
    ax, ay = walls.ax[segment] - ex, walls.ay[segment] - ey
    bx, by = walls.bx[segment] - ex, walls.by[segment] - ey
    cross = ax * by - ay * bx
    # no farther than needed to leave the frame, so that coordinates stay small
    off = np.abs(cross) / np.maximum(np.hypot(bx - ax, by - ay), 1e-12)
    off[np.abs(cross) <= _RADIAL_M2] = np.inf
    least = np.full(len(part), np.inf)
    np.minimum.at(least, pair, off)
    stretch = np.minimum(stretch, 1 + 4 * frames.radius[eye] / np.maximum(least, 1e-6))
    k = stretch[pair]
    solid = walls.solid[part]
    away = cross > _RADIAL_M2  # faces turned away, of solid parts
    last = at + n - 1
    previous = np.arange(len(pair)) - 1
    previous[at] = last
    turns = np.bincount(pair, away != away[previous], minlength=len(part))
    radial = np.bincount(pair, np.abs(cross) <= _RADIAL_M2, minlength=len(part))
    # one run of faces turned away: near faces and the stretched far faces make one ring
    simple = solid & (walls.rings[part] == 1) & (turns == 2) & (radial == 0)
    rows = np.flatnonzero(simple[pair])
    back, before = away[rows], away[previous[rows]]
    turn = back != before
    count = 1 + turn
    put = np.cumsum(count) - count
    scale = np.empty(int(count.sum()))
    scale[put] = np.where(before, k[rows], 1.0)
    scale[(put + 1)[turn]] = np.where(back, k[rows], 1.0)[turn]
    vertex = np.repeat(rows, count)
    coords = np.stack([ax[vertex] * scale + ex[vertex], ay[vertex] * scale + ey[vertex]], 1)
    corners = np.bincount(pair[rows], count, minlength=len(part))[simple].astype(np.int64)
    rings = _rings(coords, corners)
    # the others face by face
    rows = np.flatnonzero(~simple[pair] & np.where(solid[pair], away, np.abs(cross) > _RADIAL_M2))
    x = np.stack([ax, bx, k * bx, k * ax], 1)[rows] + ex[rows][:, None]
    y = np.stack([ay, by, k * by, k * ay], 1)[rows] + ey[rows][:, None]
    bands = _rings(np.stack([x.ravel(), y.ravel()], 1), np.full(len(rows), 4))
    others = np.flatnonzero(solid & ~simple)
    owner = np.concatenate([eye[simple], eye[pair[rows]], eye[others]])
    shape = np.concatenate([rings, bands, walls.parts[part[others]]])
    broken = np.flatnonzero(~shapely.is_valid(shape))
    shape[broken] = polygonal(np.asarray(shapely.make_valid(shape[broken]), dtype=object))
    return owner, shape


def _rings(coords: np.ndarray, corners: Ints) -> np.ndarray:
    """Return polygons of open rings that stand one after the other."""
    if not len(corners):
        return np.empty(0, dtype=object)
    first = np.cumsum(corners) - corners
    closed = np.repeat(np.arange(len(corners)), corners + 1)
    take = np.arange(len(closed)) - closed
    end = np.cumsum(corners + 1) - 1
    take[end] = first
    offsets = np.append(0, end + 1)
    polygons: np.ndarray = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, coords[take], (offsets, np.arange(len(offsets)))
    )
    return polygons
