"""Shadows of obstacles that are lower than the camera, and ground inside footprints.

A face of height ``hw`` at distance ``d`` hides a target at height ``t`` from a camera at ``H`` out to
``d·(H − t)/(H − hw)`` when ``t < hw < H``. A building hides from its near wall to the shadow end of its far wall: its
footprint, and the band behind each face that is turned away.
"""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.optics import LEAST_DROP_M
from camera_coverage.overlays import gather
from camera_coverage.sweep import Floats, Frames, Ints
from camera_coverage.walls import Walls


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
    if not len(walls.parts):
        return areas
    low = np.isfinite(walls.height_m)
    if own is None and not (low & (walls.height_m < mount_height_m.max())).any():
        return areas
    eye, part = walls.part_tree.query(areas, predicate="intersects")
    beneath = walls.height_m[part] < mount_height_m[eye]
    mine = (
        np.zeros(len(part), dtype=bool) if own is None else (own[eye] >= 0) & (walls.member[part] == own[eye])
    )
    # an eye above the roof of a merged building stands on it: no shadow of its own roof either
    candidates = np.flatnonzero(beneath & walls.solid[part])
    mine[candidates] |= shapely.contains_xy(
        walls.parts[part[candidates]], frames.x[eye[candidates]], frames.y[eye[candidates]]
    )
    flat = (beneath | mine) & walls.solid[part]
    casts = beneath & ~mine & (walls.height_m[part] > target_height_m)
    owners, shapes = [eye[flat]], [walls.parts[part[flat]]]
    if casts.any():
        at, bands = _bands(
            frames,
            areas,
            walls,
            eye[casts],
            part[casts],
            mount_height_m=mount_height_m,
            target_height_m=target_height_m,
        )
        owners.append(at)
        shapes.append(bands)
    owner, shape = np.concatenate(owners), np.concatenate(shapes)
    if not len(owner):
        return areas
    rows, hidden = gather(owner, shape)
    result = areas.copy()
    result[rows] = shapely.difference(areas[rows], hidden)
    return result


def _bands(
    frames: Frames,
    areas: np.ndarray,
    walls: Walls,
    eye: Ints,
    part: Ints,
    *,
    mount_height_m: Floats,
    target_height_m: float,
) -> tuple[Ints, np.ndarray]:
    order = np.argsort(walls.part, kind="stable")
    first = np.searchsorted(walls.part[order], part, side="left")
    n = np.searchsorted(walls.part[order], part, side="right") - first
    segment = order[np.arange(int(n.sum())) + np.repeat(first - (np.cumsum(n) - n), n)]
    eye, part = np.repeat(eye, n), np.repeat(part, n)
    ex, ey = frames.x[eye], frames.y[eye]
    ax, ay = walls.ax[segment] - ex, walls.ay[segment] - ey
    bx, by = walls.bx[segment] - ex, walls.by[segment] - ey
    cross = ax * by - ay * bx
    keep = np.where(walls.solid[part], cross > 1e-9, np.abs(cross) > 1e-9)
    height = mount_height_m[eye]
    k = np.maximum(height - target_height_m, LEAST_DROP_M) / np.maximum(height - walls.height_m[part], 1e-9)
    # no farther than the frame reaches, so that coordinates stay small
    near = np.sqrt(np.minimum(ax * ax + ay * ay, bx * bx + by * by))
    k = np.minimum(k, 4 * frames.radius[eye] / np.maximum(near, 1e-3) + 1)
    keep &= near < frames.radius[eye] + np.hypot(bx - ax, by - ay)
    eye, ax, ay, bx, by, k, ex, ey = (one[keep] for one in (eye, ax, ay, bx, by, k, ex, ey))
    x = np.stack([ax, bx, k * bx, k * ax], 1) + ex[:, None]
    y = np.stack([ay, by, k * by, k * ay], 1) + ey[:, None]
    bands: np.ndarray = np.asarray(shapely.polygons(np.stack([x, y], 2)), dtype=object)
    good = shapely.intersects(bands, areas[eye]) & shapely.is_valid(bands)
    return eye[good], bands[good]
