"""A grid of heights with its place on the earth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from town_model import InputError

#: Cells that a file may have: four bytes each are held while it is read.
MOST_CELLS = 64_000_000


@dataclass(frozen=True)
class Raster:
    """A north-up grid of heights.

    Args:
        heights: in metres, rows × columns from north to south, NaN where unknown.
        west: of the corner of the first cell, in units of the coordinate system.
        north: of the same corner.
        width: of a cell.
        height: of a cell, > 0.
        epsg: code of the coordinate system; None where the file does not say.
    """

    heights: NDArray[np.float32]
    west: float
    north: float
    width: float
    height: float
    epsg: int | None

    @property
    def affine(self) -> tuple[float, float, float, float, float, float]:
        """Column and row to the corner of a cell."""
        return (self.width, 0.0, self.west, 0.0, -self.height, self.north)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        rows, columns = self.heights.shape
        return (
            self.west, self.north - rows * self.height, self.west + columns * self.width, self.north,
        )  # fmt: skip


def check_size(columns: int, rows: int) -> None:
    """Refuse a grid that nobody should unpack.

    Raises:
        InputError: no cells, or too many.
    """
    if columns < 1 or rows < 1:
        raise InputError("the raster has no cells")
    if columns * rows > MOST_CELLS:
        raise InputError(
            "the raster has {columns} × {rows} cells, more than {most} million: cut it to the town and its surroundings first",
            columns=columns,
            rows=rows,
            most=MOST_CELLS // 1_000_000,
        )
