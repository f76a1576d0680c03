"""Modelled ground: where a map has no buildings although there should be some, coverage is better on paper than outside."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from town_model import ValueRangeError, check_frame, check_same_crs

NEAR_BUILDING_M = 50.0
_SPACING_M = 10.0
_MOST_SAMPLES = 400


def unmodelled_shares(
    targets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | gpd.GeoSeries,
    built_up: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    near_m: float = NEAR_BUILDING_M,
) -> pd.Series:
    """Return how much of the built-up ground of each target has no building on the map near it.

    Places every 10 m along lines and on a grid inside areas (at most some 400 an area) are asked: does the place lie in built-up
    ground, and is there a building within the distance?

    Args:
        targets: polygons or lines.
        buildings: the footprints that the map has.
        built_up: polygons in which buildings must be expected: zones of housing, key areas, built-up land.
        near_m: a building within this distance shows that somebody mapped the place.

    Returns:
        By target id, 0 to 1; NaN where no place of the target lies in built-up ground, so that nothing can be said.

    Raises:
        CrsError, GeometryError, ValueRangeError: the frames or the distance cannot be used.
    """
    if not near_m > 0:
        raise ValueRangeError("near must be above zero")
    check_frame(
        targets, "targets", geometry_types=("Polygon", "MultiPolygon", "LineString", "MultiLineString")
    )
    check_same_crs(targets=targets, buildings=buildings, built_up=built_up)
    owner, points = _samples(targets.geometry.to_numpy())
    inside, _ = shapely.STRtree(built_up.geometry.to_numpy()).query(points, predicate="intersects")
    built = np.zeros(len(points), dtype=bool)
    built[inside] = True
    rows = np.flatnonzero(built)
    near, _ = shapely.STRtree(buildings.geometry.to_numpy()).query(
        points[rows], predicate="dwithin", distance=near_m
    )
    bare = built.copy()
    bare[rows[near]] = False
    count = np.bincount(owner[built], minlength=len(targets))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.bincount(owner[bare], minlength=len(targets)) / np.where(count, count, np.nan)
    return pd.Series(share, index=targets.index)


def _samples(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places of shapes: owner, points."""
    owners, places = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=object)]
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    lines, of = shapely.get_parts(shapes[~areal], return_index=True)
    count = np.maximum(np.ceil(shapely.length(lines) / _SPACING_M).astype(np.int64), 1)
    line = np.repeat(np.arange(len(lines)), count)
    rank = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    owners.append(np.flatnonzero(~areal)[of][line])
    places.append(shapely.line_interpolate_point(lines[line], (rank + 0.5) / count[line], normalized=True))
    for i in np.flatnonzero(areal).tolist():  # grids differ in size
        west, south, east, north = shapely.bounds(shapes[i])
        step = max(_SPACING_M, float(np.sqrt(shapely.area(shapes[i]) / _MOST_SAMPLES)))
        x, y = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
        found = np.asarray(shapely.points(x.ravel(), y.ravel()), dtype=object)
        shapely.prepare(shapes[i])
        found = found[shapely.intersects(shapes[i], found)]
        if not len(found):
            found = np.array([shapely.point_on_surface(shapes[i])], dtype=object)
        owners.append(np.full(len(found), i))
        places.append(found)
    return np.concatenate(owners), np.concatenate(places)
