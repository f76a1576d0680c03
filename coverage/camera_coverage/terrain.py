"""Terrain: the height of the ground from an elevation raster, and obstacles that stand on it."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.walls import Scene, place_walls
from town_model import InputError, Text, ValueRangeError

#: Heights beyond these are no ground but the mark of a cell without one.
LOWEST_M, HIGHEST_M = -500.0, 9000.0
# a wall along a slope is cut into pieces no longer than a cell, over which the ground changes by no more, and no shorter
_RISE_OF_PIECE_M, _LEAST_PIECE_M = 0.25, 1.0
_SAME_M = 1e-9
_KEPT_SCENES = 4


@dataclass(frozen=True, eq=False)
class Terrain:
    """An elevation raster of bare ground. It must not be changed after it was given.

    Unknown ground is taken to be as high as the nearest known one, and the raster to go on beyond its border; a camera whose own
    foot is unknown is taken to stand on flat ground, and a note says so.

    Args:
        array: heights in metres, rows × columns, NaN where the ground is unknown.
        affine: ``a, b, c, d, e, f`` as in an ``affine.Affine`` (which may be given itself): column and row to the corner of a cell,
            x = a·column + c, y = e·row + f; north-up, so b = d = 0 and a > 0.
        crs: of the raster; metric, that of the cameras.

    Raises:
        InputError: not a grid of numbers, or nothing is known.
        ValueRangeError: a turned grid, or heights that no ground has.

    >>> plane = Terrain(np.array([[10.0, 20.0]]), (2.0, 0, 100.0, 0, -2.0, 50.0), "EPSG:4549")
    >>> plane.ground(np.array([101.0, 102.0, 103.0]), np.array([49.0, 49.0, 49.0])).tolist()
    [10.0, 15.0, 20.0]
    """

    array: np.ndarray
    affine: Sequence[float]
    crs: Any
    hides: bool = field(default=True, repr=False)
    _known: np.ndarray = field(init=False, repr=False)
    _scenes: dict[bytes, Scene] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        array = np.asarray(self.array)
        if array.ndim != 2 or not array.size or array.dtype.kind not in "fiu":
            raise InputError("terrain must be a grid of heights in metres: rows × columns of numbers")
        array = array.astype(float)
        numbers = [float(one) for one in self.affine]
        if len(numbers) not in (6, 9) or not all(map(math.isfinite, numbers)):
            raise ValueRangeError("the affine of terrain needs the six numbers a, b, c, d, e, f")
        a, b, c, d, e, f = numbers[:6]
        if b or d or a <= 0 or e == 0:
            raise ValueRangeError(
                "terrain must be a north-up grid: a, b, c, d, e, f with b = d = 0 and a > 0, not {numbers}",
                numbers=", ".join(f"{one:g}" for one in numbers[:6]),
            )
        if e > 0:  # south-up
            array, f, e = array[::-1], f + e * len(array), -e
        known = np.isfinite(array)
        wrong = known & ((array < LOWEST_M) | (array > HIGHEST_M))
        if wrong.any() or np.isinf(array).any():
            value = float(array[wrong][0]) if wrong.any() else math.inf
            raise ValueRangeError(
                Text.of(
                    "terrain holds the height {value:g} m: cells without a height must be NaN", value=value
                )
            )
        if not known.any():
            raise InputError("terrain knows no height at all")
        filled = array
        if not known.all():
            from scipy import ndimage  # noqa: PLC0415 - takes a quarter of a second, and few towns have terrain

            nearest = ndimage.distance_transform_edt(
                ~known, sampling=(-e, a), return_distances=False, return_indices=True
            )
            filled = array[tuple(nearest)]
        object.__setattr__(self, "array", np.ascontiguousarray(filled))
        object.__setattr__(self, "affine", (a, 0.0, c, 0.0, e, f))
        object.__setattr__(self, "_known", known)

    @property
    def cell_m(self) -> float:
        """Size of a cell, the smaller of width and height."""
        return float(min(self.affine[0], -self.affine[4]))

    def open(self) -> Terrain:
        """Return the same ground hiding nothing: only heights count."""
        one = dataclasses.replace(self, hides=False, _scenes={})
        object.__setattr__(one, "_known", self._known)
        return one

    def place(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return column and row of places, counted between the middles of cells."""
        a, _, c, _, e, f = self.affine
        return (x - c) / a - 0.5, (y - f) / e - 0.5

    def known(self, x: Floats, y: Floats) -> Flags:
        """Return where the ground is known: in a cell with a height."""
        column, row = self.place(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        i, j = np.floor(row + 0.5).astype(np.int64), np.floor(column + 0.5).astype(np.int64)
        inside = (i >= 0) & (j >= 0) & (i < self.array.shape[0]) & (j < self.array.shape[1])
        result = np.zeros(inside.shape, dtype=bool)
        result[inside] = self._known[i[inside], j[inside]]
        return result

    def ground(self, x: Floats, y: Floats) -> Floats:
        """Return the height of the ground, bilinear between the middles of cells."""
        column, row = self.place(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        return self.between(column, row)

    def between(self, column: Floats, row: Floats) -> Floats:
        """Return the height at fractional columns and rows."""
        rows, columns = self.array.shape
        column, row = np.clip(column, 0, columns - 1), np.clip(row, 0, rows - 1)
        j, i = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
        right, down = np.minimum(j + 1, columns - 1), np.minimum(i + 1, rows - 1)
        u, v = column - j, row - i
        flat = self.array.ravel()
        i, down = i * columns, down * columns
        north = flat[i + j]
        north = north + u * (flat[i + right] - north)
        south = flat[down + j]
        south = south + u * (flat[down + right] - south)
        return np.asarray(north + v * (south - north), dtype=float)

    def window(self, x: float, y: float, radius: float) -> tuple[Ints, Ints]:
        """Return columns and rows of the cells within a radius of a place, also beyond the border of the raster."""
        column, row = (float(one) for one in self.place(np.asarray(x), np.asarray(y)))
        wide, high = radius / self.affine[0] + 1, -radius / self.affine[4] + 1
        return (
            np.arange(math.floor(column - wide), math.ceil(column + wide) + 1),
            np.arange(math.floor(row - high), math.ceil(row + high) + 1),
        )

    def heights(self, columns: Ints, rows: Ints) -> Floats:
        """Return the heights of a window of cells."""
        high, wide = self.array.shape
        return np.asarray(
            self.array[np.ix_(np.clip(rows, 0, high - 1), np.clip(columns, 0, wide - 1))], dtype=float
        )

    def prints(self, x: Floats, y: Floats, radius: Floats) -> list[bytes]:
        """Return a digest of the ground within reach of each place."""
        result = []
        for place in zip(x.tolist(), y.tolist(), radius.tolist(), strict=True):
            columns, rows = self.window(*place)
            one = hashlib.blake2b(repr(self.affine).encode(), digest_size=12)
            one.update(np.array([columns[0], rows[0], len(columns)]).tobytes())
            one.update(self.heights(columns, rows).tobytes())
            one.update(bytes(self.known(np.array([place[0]]), np.array([place[1]]))))
            result.append(one.digest())
        return result

    def scene(self, scene: Scene) -> Scene:
        """Return the obstacles with absolute heights of their tops.

        A building stands with its stated height on the lowest ground along its outline (as OpenStreetMap counts the height of
        buildings). A wall follows the ground: where that is not level, it is cut into pieces, each as high above the ground at
        its middle.
        """
        name = scene.digest
        if name not in self._scenes:
            while len(self._scenes) >= _KEPT_SCENES:
                self._scenes.pop(next(iter(self._scenes)))
            self._scenes[name] = self._stood(scene)
        return self._scenes[name]

    def _lowest(self, parts: np.ndarray) -> Floats:
        """Return the lowest ground along each part."""
        coords, of = shapely.get_coordinates(shapely.segmentize(parts, self.cell_m), return_index=True)
        ground = self.ground(coords[:, 0], coords[:, 1])
        return np.asarray(np.minimum.reduceat(ground, np.flatnonzero(np.diff(of, prepend=-1))), dtype=float)

    def _stood(self, scene: Scene) -> Scene:
        parts, height, member = scene.parts, np.asarray(scene.height_m, dtype=float), scene.member
        if len(scene.decks.parts):
            scene = dataclasses.replace(
                scene,
                decks=scene.decks.lifted(self._lowest(scene.decks.parts)),
                _raw=[],
                _tree=[],
                _prints=[],
                _of_obstacle={},
            )
        if not len(parts):
            return scene
        coords, of = shapely.get_coordinates(shapely.segmentize(parts, self.cell_m), return_index=True)
        ground = self.ground(coords[:, 0], coords[:, 1])
        first = np.flatnonzero(np.diff(of, prepend=-1))
        lowest = np.minimum.reduceat(ground, first)
        solid = shapely.get_type_id(parts) == 3
        change = np.maximum.reduceat(ground, first) - lowest
        sloping = ~solid & (change > _SAME_M)
        longest = shapely.length(parts[sloping]) * _RISE_OF_PIECE_M / change[sloping]
        pieces, owner = _cut(parts[sloping], np.maximum(np.minimum(longest, self.cell_m), _LEAST_PIECE_M))
        owner = np.flatnonzero(sloping)[owner]
        middle = shapely.get_coordinates(shapely.line_interpolate_point(pieces, 0.5, normalized=True))
        kept = np.flatnonzero(~sloping)
        rows = np.concatenate([kept, owner])
        base = np.concatenate([lowest[kept], self.ground(*middle.reshape(-1, 2).T)])
        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        return place_walls(
            scene, np.concatenate([parts[kept], pieces])[order], (base[order] + height[rows]), member[rows]
        )


def _cut(lines: np.ndarray, longest_m: Floats) -> tuple[np.ndarray, Ints]:
    """Return the single segments of lines, none longer than the length given for each, and the line of each."""
    coords, of = shapely.get_coordinates(shapely.segmentize(lines, longest_m), return_index=True)
    joined = np.flatnonzero(of[1:] == of[:-1])
    ends = np.stack([coords[joined], coords[joined + 1]], 1)
    pieces: np.ndarray = np.asarray(shapely.linestrings(ends), dtype=object).reshape(-1)
    return pieces, of[joined].astype(np.int64)
