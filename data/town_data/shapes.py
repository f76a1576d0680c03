"""Small plane geometry in local metres: curves, rectangles, walks along a line, seeded randomness."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.interpolate import CubicSpline
from shapely.geometry.base import BaseGeometry

Array = npt.NDArray[np.float64]
GRID_M = 0.01


def stream(seed: int, room: int) -> np.random.Generator:
    """Return the random stream of one module, so that a change in one leaves the others alone."""
    return np.random.default_rng([seed, room])


def spline(points: object, *, step_m: float = 25.0) -> Array:
    """Return a smooth curve through control points, as vertices about `step_m` apart on a centimetre grid.

    Args:
        points: control points, shape (n, 2), n ≥ 2.
        step_m: distance between vertices.
    """
    knots = np.asarray(points, dtype=np.float64)
    if len(knots) == 2:
        return on_grid(knots)
    chord = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(knots, axis=0).T))])
    places = np.unique(np.concatenate([np.linspace(0, chord[-1], max(2, round(chord[-1] / step_m) + 1))]))
    return on_grid(np.asarray(CubicSpline(chord, knots, bc_type="natural")(places)))


def on_grid(points: Array) -> Array:
    """Return coordinates rounded to the centimetre, so that shared vertices are exactly equal."""
    return np.round(np.round(points / GRID_M) * GRID_M, 3) + 0.0


def jittered(points: object, random: np.random.Generator, spread_m: float) -> Array:
    """Return control points moved a little; the first and the last stay."""
    moved = np.asarray(points, dtype=np.float64).copy()
    if len(moved) > 2:
        moved[1:-1] += random.uniform(-spread_m, spread_m, (len(moved) - 2, 2))
    return moved


def offset(points: Array, distance_m: Array | float) -> Array:
    """Return a curve moved to its left by `distance_m` (to its right where negative), vertex by vertex."""
    along = np.gradient(points, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    normal = np.column_stack([-along[:, 1], along[:, 0]])
    return (
        points + normal * np.broadcast_to(np.asarray(distance_m, dtype=np.float64), (len(points),))[:, None]
    )


def place(points: Array, origin: Array, angle: float) -> Array:
    """Return local points turned by `angle` (radians, counter-clockwise) and moved to `origin`."""
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    return on_grid(np.asarray(points, dtype=np.float64) @ turn + origin)


def rectangle(x: float, y: float, width: float, depth: float) -> Array:
    """Return the ring of an upright rectangle around its centre (x, y)."""
    w, d = width / 2, depth / 2
    return np.array([[x - w, y - d], [x + w, y - d], [x + w, y + d], [x - w, y + d]])


def tangent(line: shapely.LineString, distance_m: float) -> tuple[Array, float]:
    """Return a point on a line and the direction of the line there (radians, counter-clockwise from east)."""
    before = shapely.line_interpolate_point(line, max(distance_m - 2.0, 0.0))
    after = shapely.line_interpolate_point(line, min(distance_m + 2.0, line.length))
    point = shapely.line_interpolate_point(line, distance_m)
    return np.array([point.x, point.y]), math.atan2(after.y - before.y, after.x - before.x)


def parts(geometry: BaseGeometry, kind: type[Any] = shapely.Polygon) -> list[Any]:
    """Return the non-empty pieces of one kind that a geometry is made of."""
    return [one for one in shapely.get_parts(geometry).tolist() if isinstance(one, kind) and not one.is_empty]
