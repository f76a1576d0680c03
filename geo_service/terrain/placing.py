"""From a raster in its own coordinate system to a grid in that of the town."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geo_service.terrain.raster import Raster
from town_model import InputError

#: Cells of a town's terrain; a finer raster is made coarser.
MOST_PLACED = 9_000_000
FINEST_M = 0.25
_ROWS_AT_ONCE = 256
Box = tuple[float, float, float, float]


def settle_epsg(stated: int | None, given: int | None) -> int:
    """Return the one coordinate system of a raster.

    Args:
        stated: by the file.
        given: by the user.

    Raises:
        InputError: neither says it, they differ, or there is no such system.
    """
    if stated is None and given is None:
        raise InputError(
            "the file does not say its coordinate system: give its EPSG code, such as 4326 or 4549"
        )
    if stated is not None and given is not None and stated != given:
        raise InputError(
            "the file says that its coordinate system is EPSG:{stated}, not EPSG:{given}: leave the code out, or take the right file",
            stated=stated,
            given=given,
        )
    code = stated if stated is not None else given
    assert code is not None
    try:
        CRS.from_epsg(code)
    except CRSError as error:
        raise InputError("EPSG:{code} is no known coordinate system", code=code) from error
    return code


def cell_size_m(raster: Raster, epsg: int, town_epsg: int, box: Box) -> float:
    """Return the size of the raster's cells in the middle of a box of the town, in metres."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    to_raster = Transformer.from_crs(town_epsg, epsg, always_xy=True)
    u, v = to_raster.transform(np.array([x, x + 10, x]), np.array([y, y, y + 10]))
    east, north = np.hypot(*_steps(u, v, 1, raster)) / 10, np.hypot(*_steps(u, v, 2, raster)) / 10
    if not (np.isfinite([east, north]).all() and min(east, north) > 0):
        raise InputError("the raster does not lie over the town: check its coordinate system")
    return max(round(float(min(1 / east, 1 / north)), 2), FINEST_M)


def _steps(u: NDArray[np.float64], v: NDArray[np.float64], i: int, raster: Raster) -> tuple[float, float]:
    return (u[i] - u[0]) / raster.width, (v[i] - v[0]) / raster.height


def place_raster(
    raster: Raster, epsg: int, town_epsg: int, box: Box, *, cell_m: float | None = None
) -> Raster:
    """Return the part of a raster over a box as a grid of the town, bilinear between the middles of cells.

    A raster in the town's own system keeps its cells, as far as they are not too many.

    Args:
        raster: the heights.
        epsg: its coordinate system.
        town_epsg: that of the town, metric.
        box: west, south, east, north of what is needed, in the system of the town.
        cell_m: size of the cells of the result; None keeps that of the raster.

    Raises:
        InputError: the raster does not lie over the box.
    """
    size = cell_size_m(raster, epsg, town_epsg, box) if cell_m is None else cell_m
    area = (box[2] - box[0]) * (box[3] - box[1])
    coarser = max(size, math.sqrt(area / MOST_PLACED))
    if epsg == town_epsg and cell_m is None and coarser == size:
        return _cut(raster, box, town_epsg)
    size = math.ceil(coarser * 100) / 100
    west, north = math.floor(box[0] / size) * size, math.ceil(box[3] / size) * size
    columns, rows = math.ceil((box[2] - west) / size), math.ceil((north - box[1]) / size)
    to_raster = Transformer.from_crs(town_epsg, epsg, always_xy=True)
    x = west + (np.arange(columns) + 0.5) * size
    heights = np.empty((rows, columns), dtype=np.float32)
    for top in range(0, rows, _ROWS_AT_ONCE):
        y = north - (np.arange(top, min(top + _ROWS_AT_ONCE, rows)) + 0.5) * size
        grid_x, grid_y = np.meshgrid(x, y)
        u, v = (grid_x, grid_y) if epsg == town_epsg else to_raster.transform(grid_x, grid_y)
        heights[top : top + len(y)] = _between(
            raster, (u - raster.west) / raster.width - 0.5, (raster.north - v) / raster.height - 0.5
        )
    if not np.isfinite(heights).any():
        raise InputError("the raster does not lie over the town: check its coordinate system")
    return Raster(heights, west, north, size, size, town_epsg)


def _cut(raster: Raster, box: Box, epsg: int) -> Raster:
    rows, columns = raster.heights.shape
    left = max(math.floor((box[0] - raster.west) / raster.width), 0)
    right = min(math.ceil((box[2] - raster.west) / raster.width), columns)
    top = max(math.floor((raster.north - box[3]) / raster.height), 0)
    bottom = min(math.ceil((raster.north - box[1]) / raster.height), rows)
    part = raster.heights[top : max(bottom, top), left : max(right, left)]
    if not part.size or not np.isfinite(part).any():
        raise InputError("the raster does not lie over the town: check its coordinate system")
    return Raster(
        np.ascontiguousarray(part), raster.west + left * raster.width, raster.north - top * raster.height,
        raster.width, raster.height, epsg,
    )  # fmt: skip


def _between(raster: Raster, column: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return heights at fractional columns and rows; unknown outside, and where a cell that counts is unknown."""
    rows, columns = raster.heights.shape
    inside = (column >= -0.5) & (row >= -0.5) & (column <= columns - 0.5) & (row <= rows - 0.5)
    c, r = np.clip(np.nan_to_num(column), 0, columns - 1), np.clip(np.nan_to_num(row), 0, rows - 1)
    j, i = np.floor(c).astype(np.int64), np.floor(r).astype(np.int64)
    right, down = np.minimum(j + 1, columns - 1), np.minimum(i + 1, rows - 1)
    u, v = c - j, r - i
    total = np.zeros(c.shape)
    for p, q, weight in (
        (i, j, (1 - u) * (1 - v)), (i, right, u * (1 - v)), (down, j, (1 - u) * v), (down, right, u * v),
    ):  # fmt: skip
        total += np.where(weight > 0, weight * raster.heights[p, q], 0.0)
    return np.where(inside, total, np.nan).astype(np.float32)
