"""Exposure: the private ground and the façades that each camera sees, and the privacy masks that would hide the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.light import Light
from camera_coverage.masks import MASK_COLUMNS, propose_masks
from camera_coverage.overlays import polygonal
from town_model import ValueRangeError, check_frame, check_same_crs

#: Ground this near to a dwelling is private, unless it is named as public.
PRIVATE_M = 5.0
_CLASSES = ("monitor", "detect", "observe", "recognise", "identify")
_TOUCH_M = 0.01  # a view ends at a wall, but for rounding
_FRONT_M = 0.05  # a camera this little in front of a wall looks along it, not at it


@dataclass(frozen=True)
class Exposure:
    """What cameras see of private ground.

    Args:
        cameras: by camera id, for each class ``private_<class>_m2`` and ``facade_<class>_m``.
        masks: a row a proposed mask, see `exposure`.
        mask_class: the class at which the masks hide all private ground.
    """

    cameras: pd.DataFrame
    masks: gpd.GeoDataFrame
    mask_class: str


def private_ground(
    dwellings: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    public: Sequence[gpd.GeoSeries] = (),
    distance_m: float = PRIVATE_M,
) -> gpd.GeoSeries:
    """Return the private ground round dwellings: all within a distance of their walls that is not public.

    Args:
        dwellings: footprints of residential buildings; the ground under them is no open ground and left out.
        public: polygons that are never private: corridors of public roads, key areas, shared ground of housing zones, other
            buildings.
        distance_m: from the walls.

    Returns:
        Polygons that do not overlap, in the coordinate system of the dwellings.

    Raises:
        ValueRangeError: the distance is negative or above 100 m.
        CrsError, GeometryError: the frames cannot be used together.
    """
    if not 0 <= distance_m <= 100:
        raise ValueRangeError(
            "private ground reaches 0 to 100 m from a dwelling, not {value} m", value=distance_m
        )
    shapes = gpd.GeoDataFrame(geometry=dwellings.geometry)
    check_frame(shapes, "dwellings", geometry_types=("Polygon", "MultiPolygon"))
    check_same_crs(dwellings=shapes, **{f"public {i}": one for i, one in enumerate(public)})
    walls = shapely.union_all(shapes.geometry.to_numpy())
    near = shapely.get_parts(shapely.difference(shapely.buffer(walls, distance_m), walls))
    open_to_all = np.concatenate([np.empty(0, dtype=object), *(one.to_numpy() for one in public)])
    part, other = shapely.STRtree(open_to_all).query(near, predicate="intersects")
    for i in np.unique(part).tolist():  # a few hundred parts, each with its own neighbours
        near[i] = shapely.difference(near[i], shapely.union_all(open_to_all[other[part == i]]))
    near = shapely.get_parts(polygonal(near))
    return gpd.GeoSeries(near[shapely.area(near) > 0], crs=shapes.crs)


@dataclass(frozen=True)
class _Facades:
    """Outer walls, piece by piece, the outside on the right hand.

    Args:
        start: coordinates where each piece begins.
        end: where it ends.
    """

    start: np.ndarray
    end: np.ndarray

    @property
    def lines(self) -> np.ndarray:
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), dtype=object)

    def in_front(self, piece: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return which of the places stand in front of which piece."""
        along = self.end[piece] - self.start[piece]
        length = np.hypot(along[:, 0], along[:, 1])
        out = (x - self.start[piece, 0]) * along[:, 1] - (y - self.start[piece, 1]) * along[:, 0]
        return np.asarray(out > _FRONT_M * length)


def _facades(dwellings: np.ndarray) -> _Facades:
    """Return the walls of the union of footprints: a wall between two dwellings is no façade."""
    parts = shapely.get_parts(polygonal(np.array([shapely.union_all(dwellings)], dtype=object)))
    parts = shapely.orient_polygons(parts[~shapely.is_empty(parts)])
    points, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    same = ring[1:] == ring[:-1]
    return _Facades(points[:-1][same], points[1:][same])


def exposure(
    coverage: CoverageResult,
    private: gpd.GeoSeries,
    facades: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    *,
    classes: Sequence[str] = _CLASSES,
    light: Light = "day",
    mask_class: str = "observe",
    least_mask_m2: float = 1.0,
    join_deg: float = 2.0,
) -> Exposure:
    """Return what each camera sees of private ground and of façades, and the masks that hide the ground.

    Ground counts at the target height of the coverage (1.5 m). A stretch of façade counts where the camera stands in front of it and
    sees the ground right before it; upper windows that look over a wall are not counted, so the length is a lower bound.

    A mask is a sector of azimuths with a nearest and a farthest distance. Every sector of azimuths that hides all private ground
    must hold those that the ground is seen in, so their union is the least one.

    Args:
        coverage: of `analyse`; all its cameras are asked, whatever their status.
        private: polygons that do not overlap, such as `private_ground`.
        facades: footprints of residential buildings.
        classes: classes to measure at.
        light: "day" or "night".
        mask_class: masks hide all private ground seen at this class.
        least_mask_m2: pieces of private ground that are smaller are not masked.
        join_deg: sectors with no more between them are joined.

    Returns:
        `Exposure`; its masks have the columns ``camera``, ``from_deg`` and ``to_deg`` (clockwise from grid north; a sector across
        north has from > to; all round is 0 to 360), ``near_m`` and ``far_m``, ``private_m2`` (hidden private ground), ``lost_m2``
        (other ground that is hidden with it) and the geometry of the sector.

    Raises:
        CrsError, GeometryError: the frames cannot be used together.
        ValueRangeError: a class that the table lacks.
    """
    check_same_crs(cameras=coverage.cameras, private=private)
    index = coverage.cameras.index
    ground = private.to_numpy()
    tree = shapely.STRtree(ground)
    walls = _facades(np.empty(0, dtype=object) if facades is None else facades.geometry.to_numpy())
    x, y = _places(coverage)
    table: dict[str, np.ndarray] = {}
    masks: list[dict[str, object]] = []
    for name in dict.fromkeys((*classes, mask_class)):
        areas = coverage.areas(name, light)
        camera, part = tree.query(areas, predicate="intersects")
        seen = polygonal(shapely.intersection(areas[camera], ground[part]))
        if name in classes:
            table[f"private_{name}_m2"] = np.bincount(camera, shapely.area(seen), minlength=len(index))
            table[f"facade_{name}_m"] = _facade_lengths(walls, areas, x, y)
        if name == mask_class:
            for row in np.unique(camera).tolist():
                masks += propose_masks(
                    index[row], (x[row], y[row]), seen[camera == row], areas[row], least_mask_m2, join_deg
                )
    frame = pd.DataFrame(masks, columns=[*MASK_COLUMNS, "geometry"])
    return Exposure(
        pd.DataFrame(table, index=index),
        gpd.GeoDataFrame(frame, geometry="geometry", crs=coverage.cameras.crs),
        mask_class,
    )


def _places(coverage: CoverageResult) -> tuple[np.ndarray, np.ndarray]:
    """Return where the eyes of each camera are: a camera set into a wall was moved out of it."""
    points = coverage.cameras.geometry
    x, y = points.x.to_numpy(copy=True), points.y.to_numpy(copy=True)
    x[coverage.eyes.camera], y[coverage.eyes.camera] = coverage.eyes.x, coverage.eyes.y
    return x, y


def _facade_lengths(walls: _Facades, areas: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the length of façade in the view of each camera."""
    lines = walls.lines
    camera, piece = shapely.STRtree(lines).query(areas, predicate="dwithin", distance=_TOUCH_M)
    front = walls.in_front(piece, x[camera], y[camera])
    camera, piece = camera[front], piece[front]
    grown = areas.copy()
    some = np.unique(camera)
    grown[some] = shapely.buffer(areas[some], _TOUCH_M, quad_segs=1)
    length = shapely.length(shapely.intersection(lines[piece], grown[camera]))
    return np.bincount(camera, length, minlength=len(areas))
