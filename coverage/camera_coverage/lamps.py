"""Street lights: what they light at night. Lamps light places, not a circle round the camera."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.overlays import gather
from town_model import Text, ValueRangeError, check_frame

#: Reach of a lamp whose reach is not known, as the layer of street lights declares it.
DEFAULT_REACH_M = 15.0


@dataclass(frozen=True, eq=False)
class StreetLights:
    """The working lamps of a town.

    Args:
        points: where they stand.
        reach_m: how far each lights the ground.
        crs: of the points.
    """

    points: np.ndarray
    reach_m: np.ndarray
    crs: Any
    _disks: dict[float, tuple[np.ndarray, shapely.STRtree]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, lights: gpd.GeoDataFrame) -> StreetLights:
        """Return the lamps of a frame.

        Args:
            lights: points with ``reach_m`` (missing: `DEFAULT_REACH_M`) and ``working`` (missing: true); a lamp that does not
                work lights nothing.

        Raises:
            CrsError, GeometryError: the frame cannot be used.
            ValueRangeError: a reach that is not above zero, by row.
        """
        check_frame(lights, "street_lights", geometry_types=("Point",))
        reach = np.full(len(lights), DEFAULT_REACH_M)
        if "reach_m" in lights.columns:
            given = pd.to_numeric(lights["reach_m"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            reach = np.where(np.isnan(given), DEFAULT_REACH_M, given)
        wrong = np.flatnonzero(~((reach > 0) & (reach <= 1000)))
        if len(wrong):
            raise ValueRangeError(
                [
                    Text.of(
                        "street light {light}: its reach {value} m lies outside 0 to 1000 m",
                        light=lights.index[i],
                        value=float(reach[i]),
                    )
                    for i in wrong
                ]
            )
        shines = np.ones(len(lights), dtype=bool)
        if "working" in lights.columns:
            shines = ~lights["working"].eq(other=False).to_numpy(dtype=bool, na_value=False)
        return cls(lights.geometry.to_numpy()[shines], reach[shines], lights.crs)

    def disks(self, tolerance_m: float) -> tuple[np.ndarray, shapely.STRtree]:
        """Return the lit disks, as chains of chords on the inner side of each circle, and a search tree over them."""
        if tolerance_m not in self._disks:
            largest = max(self.reach_m.max(initial=0.0), 2 * tolerance_m)
            quarter = int(np.ceil(np.pi / 4 / np.arccos(1 - tolerance_m / largest)))
            disks = np.asarray(
                shapely.buffer(self.points, self.reach_m, quad_segs=max(quarter, 4)), dtype=object
            )
            self._disks[tolerance_m] = (disks, shapely.STRtree(disks))
        return self._disks[tolerance_m]

    def lit(self, areas: np.ndarray, tolerance_m: float) -> np.ndarray:
        """Return what of each area the lamps light."""
        disks, tree = self.disks(tolerance_m)
        area, disk = tree.query(areas, predicate="intersects")
        rows, light = gather(area, disks[disk])
        result = np.full(len(areas), shapely.Polygon(), dtype=object)
        result[rows] = shapely.intersection(areas[rows], light)
        return result

    def prints(self, boxes: np.ndarray, tolerance_m: float) -> list[bytes]:
        """Return a digest of the lamps whose light reaches each box."""
        _, tree = self.disks(tolerance_m)
        box, lamp = tree.query(boxes)
        order = np.lexsort((lamp, box))
        lamp = lamp[order]
        first = np.searchsorted(box[order], np.arange(len(boxes) + 1))
        table = np.column_stack([shapely.get_coordinates(self.points).reshape(-1, 2), self.reach_m])
        return [
            hashlib.blake2b(table[lamp[first[i] : first[i + 1]]].tobytes(), digest_size=12).digest()
            if first[i + 1] > first[i]
            else b""
            for i in range(len(boxes))
        ]
