"""Shadows of obstacles that are lower than the camera, and ground inside footprints.

A face of height ``hw`` at distance ``d`` hides a target at height ``t`` from a camera at ``H`` out to
``d·(H − t)/(H − hw)`` when ``t < hw < H``. A building hides from its near wall to the shadow end of its far wall: its
footprint, and the band behind each face that is turned away.
"""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.optics import LEAST_DROP_M, frame_boxes
from camera_coverage.overlays import gather, polygonal
from camera_coverage.sweep import Floats, Frames, Ints
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
    ring = (np.cumsum(simple) - 1)[pair[vertex]]
    rings = (
        shapely.polygons(shapely.linearrings(coords, indices=ring))
        if len(coords)
        else np.empty(0, dtype=object)
    )
    # the others face by face
    rows = np.flatnonzero(~simple[pair] & np.where(solid[pair], away, np.abs(cross) > _RADIAL_M2))
    x = np.stack([ax, bx, k * bx, k * ax], 1)[rows] + ex[rows][:, None]
    y = np.stack([ay, by, k * by, k * ay], 1)[rows] + ey[rows][:, None]
    bands = np.asarray(shapely.polygons(np.stack([x, y], 2)), dtype=object)
    others = np.flatnonzero(solid & ~simple)
    owner = np.concatenate([eye[simple], eye[pair[rows]], eye[others]])
    shape = np.concatenate([np.asarray(rings, dtype=object), bands, walls.parts[part[others]]])
    broken = np.flatnonzero(~shapely.is_valid(shape))
    shape[broken] = polygonal(np.asarray(shapely.make_valid(shape[broken]), dtype=object))
    return owner, shape
