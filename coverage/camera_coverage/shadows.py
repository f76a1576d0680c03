"""Shadows of obstacles that are lower than the camera, and ground inside footprints.

A face of height ``hw`` at distance ``d`` hides a target at height ``t`` from a camera at ``H`` out to
``d·(H − t)/(H − hw)`` when ``t < hw < H``. A building hides from its near wall to the shadow end of its far wall: its
footprint, and the band behind each face that is turned away.
"""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.frames import Flags, Floats, Frames, Ints
from camera_coverage.optics import LEAST_DROP_M
from camera_coverage.overlays import polygonal, without
from camera_coverage.walls import Walls

_RADIAL_M2 = 1e-9
_ROUNDED_M = 1e-5  # to which GEOS rounds coordinates of thousands of kilometres, if it does
_PLAIN_M = 1e-8  # a face that turns by more than this on its way cannot be turned round by rounding
_LEAST_STRETCH = 1.001  # shadows longer than this keep their near and far sides apart
_ROUNDING = 1e-3  # more than a coordinate of that size can miss such a place by


def hidden_ground(
    frames: Frames,
    areas: np.ndarray,
    walls: Walls,
    *,
    mount_height_m: Floats,
    own: Ints | None,
    target_height_m: Floats,
    starlike: Flags,
) -> np.ndarray:
    """Take out of areas what lower obstacles hide.

    Args:
        frames: of the eyes.
        areas: what they see past walls of full height and those of which `shadows_fill` holds.
        walls: the obstacles.
        mount_height_m: of the eyes, above what the heights of the walls count from.
        own: obstacle on which an eye stands (−1: none): it casts no shadow, its footprint is still no ground.
        target_height_m: height of the target point for each eye, above the same.
        starlike: areas that hold the way from the eye to each of their points.
    """
    if not len(walls.parts) or (own is None and not (walls.height_m < mount_height_m.max()).any()):
        return areas
    eye, part = walls.part_tree.query(_reach_boxes(frames, areas))
    keep = walls.height_m[part] < mount_height_m[eye]
    mine = np.zeros(len(part), dtype=bool)
    if own is not None:
        mine = (own[eye] >= 0) & (walls.member[part] == own[eye])
        keep |= mine
    eye, part, mine = eye[keep], part[keep], mine[keep]
    filled = shadows_fill(
        frames, walls, eye, part, mount_height_m=mount_height_m, target_height_m=target_height_m
    )
    eye, part, mine = (one[mine | ~filled] for one in (eye, part, mine))
    if not len(eye):
        return areas
    # past walls the view is free from the eye on: what casts a shadow into it stands in it, but for a dead zone
    straight = starlike[eye]
    keep = ~straight
    keep[straight] = shapely.intersects(areas[eye[straight]], walls.parts[part[straight]])
    keep[_beyond(frames, walls, eye, part)] = False
    eye, part, mine, straight = eye[keep], part[keep], mine[keep], straight[keep]
    # an eye above a roof stands on it: no shadow of its own roof
    solid = np.flatnonzero(walls.solid[part])
    mine[solid] |= shapely.contains_xy(walls.parts[part[solid]], frames.x[eye[solid]], frames.y[eye[solid]])
    casts = ~mine & (walls.height_m[part] > target_height_m[eye])
    flat = ~casts & walls.solid[part]
    rows = np.flatnonzero(casts)
    stretch = _stretch(walls, eye[rows], part[rows], mount_height_m, target_height_m)
    owner, shape = _shadows(frames, walls, eye[rows], part[rows], stretch)
    owner = np.concatenate([eye[flat], owner])
    shape = np.concatenate([walls.parts[part[flat]], shape])
    matters = starlike[owner]
    matters[~matters] = shapely.intersects(areas[owner[~matters]], shape[~matters])
    owner, shape = owner[matters], shape[matters]
    if not len(owner):
        return areas
    rows, hidden = _united(owner, shape)
    return without(areas, rows, hidden)


def shadows_fill(
    frames: Frames,
    walls: Walls,
    eye: Ints,
    part: Ints,
    *,
    mount_height_m: Floats,
    target_height_m: Floats,
) -> Flags:
    """Return the pairs of an eye and a lower obstacle whose shadow ends beyond the reach all over.

    Such an obstacle hides what a wall of full height hides, so the sweep takes it as one. Parameters as in `hidden_ground`.
    """
    x0, y0, x1, y1 = walls.box[part].T
    ex, ey = frames.x[eye], frames.y[eye]
    away = np.hypot(np.maximum(np.maximum(x0 - ex, ex - x1), 0), np.maximum(np.maximum(y0 - ey, ey - y1), 0))
    stretch = _stretch(walls, eye, part, mount_height_m, target_height_m)
    past = away * stretch > frames.radius[eye] * (1 + 1e-9)
    return np.asarray((walls.height_m[part] > target_height_m[eye]) & past, dtype=bool)


def _stretch(walls: Walls, eye: Ints, part: Ints, mount_height_m: Floats, target_height_m: Floats) -> Floats:
    """Return how many times farther than a face of each obstacle its shadow ends."""
    drop = np.maximum(mount_height_m[eye] - target_height_m[eye], LEAST_DROP_M)
    return np.asarray(drop / np.maximum(mount_height_m[eye] - walls.height_m[part], 1e-9), dtype=float)


def _reach_boxes(frames: Frames, areas: np.ndarray) -> np.ndarray:
    """Return boxes round what each eye sees and the eye: what stands between the two counts, also in a dead zone."""
    bounds = shapely.bounds(areas)
    return np.asarray(
        shapely.box(
            np.fmin(bounds[:, 0], frames.x),
            np.fmin(bounds[:, 1], frames.y),
            np.fmax(bounds[:, 2], frames.x),
            np.fmax(bounds[:, 3], frames.y),
        ),
        dtype=object,
    )


def _beyond(frames: Frames, walls: Walls, eye: Ints, part: Ints) -> Flags:
    """Return the pairs whose obstacle lies wholly beyond a side of the swept angle."""
    x0, y0, x1, y1 = walls.box[part].T
    ex, ey, half = frames.x[eye], frames.y[eye], frames.half[eye]
    beyond = np.zeros(len(part), dtype=bool)
    narrow = half < np.pi / 2
    for side in (-1, 1):
        # the outward normal of a side of the sector; the corner of the box that lies least along it
        turn = frames.heading[eye] + side * (half + np.pi / 2)
        nx, ny = np.cos(turn), np.sin(turn)
        least = np.where(nx > 0, x0 - ex, x1 - ex) * nx + np.where(ny > 0, y0 - ey, y1 - ey) * ny
        beyond |= narrow & (least > 0)
    return beyond


def _united(owner: Ints, shape: np.ndarray) -> tuple[Ints, np.ndarray]:
    """Unite polygons by owner in one pass each: which owners have any, and their unions."""
    if (shapely.get_type_id(shape) != 3).any():  # parts are copies, which plain polygons do without
        shape, of = shapely.get_parts(shape, return_index=True)
        owner = owner[of]
    order = np.argsort(owner, kind="stable")
    rows, index, count = np.unique(owner[order], return_inverse=True, return_counts=True)
    united: np.ndarray = np.asarray(shapely.multipolygons(shape[order], indices=index), dtype=object)
    # Overlapping members count by winding number, so a buffer of nothing is their union, at half the time of one. Where it cannot
    # note all crossings it rounds coordinates: these are united in full precision after all.
    several = np.flatnonzero(count > 1)
    some = shapely.buffer(united[several], 0)
    coords, at = shapely.get_coordinates(some, return_index=True)
    fine = np.abs(coords / _ROUNDED_M - np.rint(coords / _ROUNDED_M)).max(axis=1) > _ROUNDING
    rounded = np.flatnonzero(np.bincount(at, fine, minlength=len(several)) == 0)
    some[rounded] = [shapely.union_all(shapely.get_parts(one)) for one in united[several[rounded]]]
    united[several] = some
    return rows, united


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
    least = np.minimum.reduceat(off, at) if len(part) else np.empty(0)
    stretch = np.minimum(stretch, 1 + 4 * frames.radius[eye] / np.maximum(least, 1e-6))
    k = stretch[pair]
    solid = walls.solid[part]
    away = cross > _RADIAL_M2  # faces turned away, of solid parts
    last = at + n - 1
    previous = np.arange(len(pair)) - 1
    previous[at] = last
    turns = np.bincount(pair, away != away[previous], minlength=len(part))
    radial = np.bincount(pair, np.abs(cross) <= _RADIAL_M2, minlength=len(part))
    # One ring a part: near faces and stretched far faces. It is the border of footprint and bands, each point counted as often
    # as they hold it, so that a ring with several runs of far faces may overlap itself, and never winds the other way.
    whole = solid & (walls.rings[part] == 1) & (turns >= 2) & (radial == 0)
    rows = np.flatnonzero(whole[pair])
    back, before = away[rows], away[previous[rows]]
    turn = back != before
    count = 1 + turn
    put = np.cumsum(count) - count
    scale = np.empty(int(count.sum()))
    scale[put] = np.where(before, k[rows], 1.0)
    scale[(put + 1)[turn]] = np.where(back, k[rows], 1.0)[turn]
    vertex = np.repeat(rows, count)
    coords = np.stack([ax[vertex] * scale + ex[vertex], ay[vertex] * scale + ey[vertex]], 1)
    corners = np.bincount(pair[rows], count, minlength=len(part))[whole].astype(np.int64)
    rings = _rings(coords, corners)
    # a ring of one run of near faces and one of far ones, clearly behind it, cannot cross itself
    firm = np.abs(cross) > _PLAIN_M * (np.abs(ax) + np.abs(ay) + np.abs(bx) + np.abs(by))
    plain = (turns == 2) & (stretch > _LEAST_STRETCH) & (np.bincount(pair, ~firm, minlength=len(part)) == 0)
    # of the others the footprint, and a band behind each run of faces that turn the same way
    rows = np.flatnonzero(~whole[pair] & np.where(solid[pair], away, np.abs(cross) > _RADIAL_M2))
    fresh = np.ones(len(rows), dtype=bool)
    now, then = rows[1:], rows[:-1]
    fresh[1:] = (
        (now != then + 1)
        | (pair[now] != pair[then])
        | ((cross[now] > 0) != (cross[then] > 0))
        | ((ay[now] > 0) != (ay[then] > 0))  # so that no band goes all round the eye
        | (walls.ax[segment[now]] != walls.bx[segment[then]])
        | (walls.ay[segment[now]] != walls.by[segment[then]])
    )
    begin = np.flatnonzero(fresh)
    run = np.cumsum(fresh) - 1
    n = np.diff(np.append(begin, len(rows)))
    put = 2 * (begin + np.arange(len(begin)))
    rank = np.arange(len(rows)) - begin[run]
    near = put[run] + rank
    back = put[run] + 2 * n[run] + 1 - rank
    last = rows[begin + n - 1]
    coords = np.empty((2 * (len(rows) + len(begin)), 2))
    foot, here, end = np.stack([ex, ey], 1), np.stack([ax, ay], 1), np.stack([bx, by], 1)[last]
    coords[near] = foot[rows] + here[rows]
    coords[back] = foot[rows] + here[rows] * k[rows][:, None]
    coords[put + n] = foot[last] + end
    coords[put + n + 1] = foot[last] + end * k[last][:, None]
    bands = _rings(coords, 2 * (n + 1))
    others = np.flatnonzero(solid & ~whole)
    owner = np.concatenate([eye[whole], eye[pair[rows[begin]]], eye[others]])
    shape = np.concatenate([rings, bands, walls.parts[part[others]]])
    doubtful = np.ones(len(shape), dtype=bool)
    doubtful[: len(rings)] = ~plain[whole]
    doubtful[len(rings) + len(bands) :] = False  # footprints
    rows = np.flatnonzero(doubtful)
    broken = rows[~shapely.is_valid(shape[rows])]
    runs = np.zeros(len(shape), dtype=np.int64)
    runs[: len(rings)] = turns[whole]
    folded = broken[runs[broken] > 2]
    shape[folded] = shapely.buffer(shape[folded], 0)
    broken = broken[runs[broken] <= 2]
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
