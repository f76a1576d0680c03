"""Between longitude, latitude and metres round the middle of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geo_service.imports.osm.shapes import polygonal
from town_model import town_crs


class Metric:
    """The metric coordinate system of a place, to and fro.

    Args:
        center: longitude and latitude.
    """

    def __init__(self, center: tuple[float, float]) -> None:
        self._there = Transformer.from_crs("EPSG:4326", town_crs(*center), always_xy=True)

    def metres(self, shapes: Sequence[BaseGeometry]) -> Any:
        """Return an array of geometries in metres from geometries in longitude, latitude."""
        return shapely.transform(np.asarray(shapes, dtype=object), self._forth)

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        """Return an area in longitude, latitude from one in metres."""
        there = shapely.transform(shape, self._back)
        # the last digits may make parts cross that only touched in metres
        return there if there.is_valid else polygonal(shapely.make_valid(there)) or there

    def _forth(self, xy: np.ndarray) -> np.ndarray:
        return np.column_stack(self._there.transform(xy[:, 0], xy[:, 1]))

    def _back(self, xy: np.ndarray) -> np.ndarray:
        return np.column_stack(self._there.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
