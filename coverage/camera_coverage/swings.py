"""Convex frames that turn and move: what lies in all of them, or in any, rounded to the safe side."""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.frames import Floats
from camera_coverage.optics import chords_of

#: Directions between which a turning frame is rounded to the safe side.
STEP = np.radians(4.0)
EMPTY = shapely.Polygon()
_LEAST_NEAR_M = 0.01


def trapezoids(near: Floats, far: Floats, slope: Floats, offset: Floats) -> np.ndarray:
    """Return ``near ≤ x ≤ far, |y| ≤ slope·x + offset``."""
    return quads(near, slope * near + offset, far, slope * far + offset)


def quads(near: Floats, at_near: Floats, far: Floats, at_far: Floats) -> np.ndarray:
    """Return ``near ≤ x ≤ far`` between straight sides; where they meet in between, the part in which they are apart."""
    with np.errstate(divide="ignore", invalid="ignore"):
        meet = near + (far - near) * at_near / (at_near - at_far)
    first, last = np.where(at_near < 0, meet, near), np.where(at_far < 0, meet, far)
    left, right = np.maximum(at_near, 0.0), np.maximum(at_far, 0.0)
    none = (at_near <= 0) & (at_far <= 0)
    first, last = np.where(none, 0.0, first), np.where(none, 0.0, last)
    x, y = np.stack([first, last, last, first], 1), np.stack([-left, -right, right, left], 1)
    shapes = np.asarray(shapely.polygons(np.stack([x, y], 2)), dtype=object)
    shapes[none] = EMPTY
    return shapes


def disks(radius: Floats, tolerance_m: float, *, inner: bool) -> np.ndarray:
    """Return disks as chains of chords, inside or outside of the circle."""
    half = np.full(len(radius), np.pi)
    result = np.full(len(radius), EMPTY, dtype=object)
    chords = chords_of(radius, half, tolerance_m)
    for n in np.unique(chords):
        rows = np.flatnonzero(chords == n)
        r = radius[rows] if inner else radius[rows] / np.cos(np.pi / n)
        angle = np.arange(n) * 2 * np.pi / n
        result[rows] = shapely.polygons(np.stack([r[:, None] * np.cos(angle), r[:, None] * np.sin(angle)], 2))
    return result


def all_places(shapes: np.ndarray, shift: Floats) -> np.ndarray:
    """Return what lies in convex shapes wherever their foot stands in a square of half a side ``shift``."""
    result, *others = (move(shapes, shift * east, shift * north) for east in (-1, 1) for north in (-1, 1))
    for one in others:
        result = np.asarray(shapely.intersection(result, one), dtype=object)
    return result


def any_place(shapes: np.ndarray, shift: Floats) -> np.ndarray:
    """Return what lies in convex shapes for any place of their foot in a square of half a side ``shift``."""
    moved = [move(shapes, shift * east, shift * north) for east in (-1, 1) for north in (-1, 1)]
    return np.asarray(shapely.convex_hull(_collected(moved)), dtype=object)


def always(shapes: np.ndarray, headings: np.ndarray, shift: Floats) -> np.ndarray:
    """Return what lies in convex shapes at all headings and places of the foot.

    A point that lies in the shape at two neighbouring headings lies in it at those between, since limits that hold the foot were
    drawn in.
    """
    result = _rotate(shapes, headings[:, 0])
    for i in range(1, headings.shape[1]):
        result = shapely.intersection(result, _rotate(shapes, headings[:, i]))
    if shift.any():
        result = all_places(result, shift)
    result = np.asarray(result, dtype=object)
    result[shapely.get_type_id(result) != 3] = EMPTY
    return result


def ever(
    shapes: np.ndarray,
    heading: Floats,
    half: Floats,
    shift: Floats,
    near: Floats,
    far: Floats,
    radius: Floats,
) -> np.ndarray:
    """Return what lies in convex shapes at any heading within ±half and any place of the foot.

    What lies in a shape between two headings lies in the hull of both and of their images a hair larger: a turned vector is the sum
    of its neighbours with weights that add up to 1 to 1 / cos(half a step). Out of the hull come the ground before the near
    edges of all headings, and that beyond the far edges of all.
    """
    steps = max(int(np.ceil(2 * half.max(initial=0.0) / STEP - 1e-9)), 1)
    inset = np.cos(half / steps)
    turns = np.linspace(-1, 1, steps + 1) if half.any() else np.zeros(1)
    both = [_rotate(shapes, heading + half * one) for one in turns]
    if half.any():
        both += [_scale(one, 1 / inset) for one in both]
    hull = shapely.convex_hull(_collected(both))
    if shift.any():
        hull = any_place(hull, shift)
    away = shift * np.sqrt(2)
    length = 8 * (radius + away)
    near, far = (near - away) * inset, far + away
    rows = np.flatnonzero((near > _LEAST_NEAR_M) & ((half > 0) | (shift > 0)))
    if len(rows):
        hull[rows] = shapely.difference(
            hull[rows], _before(heading[rows], half[rows], near[rows], length[rows], steps)
        )
    rows = np.flatnonzero((far < radius + away) & (far > 0) & (half > 0))
    if len(rows):
        hull[rows] = shapely.difference(
            hull[rows], _beyond(heading[rows], half[rows], far[rows], length[rows])
        )
    return np.asarray(hull, dtype=object)


def _before(heading: Floats, half: Floats, near: Floats, length: Floats, steps: int) -> np.ndarray:
    """Return the ground before the near edges of all headings: within the tangents at a distance ``near`` from the foot."""
    first, last = heading - half, heading + half
    inner = [heading + half * ((2 * i + 1) / steps - 1) for i in range(steps)]
    corner = near / np.cos(half / steps)
    points = [
        _polar(near, first) - _polar(length, first + np.pi / 2),
        *(_polar(corner, one) for one in inner),
        _polar(near, last) + _polar(length, last + np.pi / 2),
        _polar(3 * length, heading + np.pi + 1e-3),
    ]
    return np.asarray(shapely.polygons(np.stack(points, 1)), dtype=object)


def _beyond(heading: Floats, half: Floats, far: Floats, length: Floats) -> np.ndarray:
    """Return the ground beyond the far edges of all headings, which is that beyond the two outermost."""
    foot = _polar(far / np.cos(half), heading)
    points = [
        foot,
        foot - _polar(length, heading + half + np.pi / 2),
        foot + _polar(3 * length, heading),
        foot + _polar(length, heading - half + np.pi / 2),
    ]
    return np.asarray(shapely.polygons(np.stack(points, 1)), dtype=object)


def _polar(distance: Floats, angle: Floats) -> np.ndarray:
    return np.stack([distance * np.cos(angle), distance * np.sin(angle)], 1)


def _collected(shapes: list[np.ndarray]) -> np.ndarray:
    table = np.stack(shapes, 1)
    rows = np.repeat(np.arange(len(table)), table.shape[1])
    return np.asarray(shapely.geometrycollections(table.ravel(), indices=rows), dtype=object)


def _rotate(shapes: np.ndarray, angle: Floats) -> np.ndarray:
    coords, of = shapely.get_coordinates(shapes, return_index=True)
    c, s = np.cos(angle)[of], np.sin(angle)[of]
    turned = np.stack([coords[:, 0] * c - coords[:, 1] * s, coords[:, 0] * s + coords[:, 1] * c], 1)
    return shapely.set_coordinates(shapes.copy(), turned)


def _scale(shapes: np.ndarray, factor: Floats) -> np.ndarray:
    coords, of = shapely.get_coordinates(shapes, return_index=True)
    return shapely.set_coordinates(shapes.copy(), coords * factor[of][:, None])


def move(shapes: np.ndarray, east: Floats, north: Floats) -> np.ndarray:
    """Return shapes, each moved."""
    coords, of = shapely.get_coordinates(shapes, return_index=True)
    return shapely.set_coordinates(shapes.copy(), coords + np.stack([east[of], north[of]], 1))
