"""Figures for each cell of the grid: cameras, places, roads, what is seen of them, blind spots, patrol visits."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_service.analysis.targets import PUBLIC_ROADS
from geo_service.store import Store

LIGHTS = ("day", "night")
#: Columns of `grid_rates`; shares are of 0–1, NaN where there is nothing to see or nothing was computed.
COLUMNS = (
    "name", "code", "area_m2", "cameras", "cameras_working", "places", "roads_m", "roads_seen_day", "roads_seen_night",
    "places_seen_day", "places_seen_night", "gap_area_day_m2", "gap_length_day_m", "gap_area_night_m2", "gap_length_night_m", "visits",
)  # fmt: skip


def grid_rates(store: Store) -> pd.DataFrame:
    """Return the figures of every cell, by its number.

    A camera and a patrolled place belong to the cell in which they stand, a key area or housing zone to the one that
    holds a point inside it; roads and blind spots are cut at the boundary. What is seen follows from the blind spots:
    the part of the public roads, and of the ground of key areas outside buildings, that is in none of them.

    Args:
        store: the town.
    """
    cells = store.frame("grids")
    rates = pd.DataFrame(index=cells.index, columns=list(COLUMNS))
    if cells.empty:
        return rates
    shapes = cells.geometry.to_numpy()
    rates["name"], rates["code"] = cells["name"], cells["code"]
    rates["area_m2"] = shapely.area(shapes)
    cameras = store.frame("camera_sites")
    there = cameras[~cameras["status"].isin(["planned", "removed"])]
    rates["cameras"] = _points_in(shapes, there)
    rates["cameras_working"] = _points_in(shapes, there[there["status"] == "working"])
    rates["places"] = sum(_points_in(shapes, store.frame(name)) for name in ("key_areas", "housing_zones"))
    roads = store.frame("roads")
    public = roads[roads["highway"].isin(PUBLIC_ROADS) & ~roads["tunnel"].eq(other=True)]
    road_m = _cut(shapes, public.geometry.to_numpy(), shapely.length)
    rates["roads_m"] = road_m
    ground = _open_ground(store)
    ground_m2 = _cut(shapes, ground, shapely.area)
    gaps = store.latest_result("gaps")
    pieces = gaps.frame("pieces") if gaps else None
    for light in LIGHTS:
        rates[[f"gap_area_{light}_m2", f"gap_length_{light}_m"]] = np.nan
        rates[[f"roads_seen_{light}", f"places_seen_{light}"]] = np.nan
        if pieces is None:
            continue
        mine = pieces[pieces["light"] == light]
        is_road = (mine["target_kind"] == "road").to_numpy()
        outlines = mine.geometry.to_numpy()
        blind_m = _cut(shapes, outlines[is_road], shapely.length)
        rates[f"gap_length_{light}_m"] = blind_m
        rates[f"gap_area_{light}_m2"] = _cut(shapes, outlines[~is_road], shapely.area)
        key = outlines[(mine["target_kind"] == "key_area").to_numpy()]
        rates[f"roads_seen_{light}"] = _share(blind_m, road_m)
        rates[f"places_seen_{light}"] = _share(_cut(shapes, _dissolved(key), shapely.area), ground_m2)
    plan = store.latest_result("patrol")
    rates["visits"] = _visits(shapes, plan.frame("places")) if plan else np.nan
    return rates


def _points_in(shapes: NDArray[Any], rows: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return how many rows stand in each cell; one on a shared boundary counts once, in the first cell."""
    held = _holders(shapes, rows)
    return np.bincount(held[held >= 0], minlength=len(shapes)).astype(np.int64)


def _holders(shapes: NDArray[Any], rows: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the place of the cell that holds each row; -1 for none."""
    held = np.full(len(rows), -1, dtype=np.int64)
    if not len(rows):
        return held
    points = shapely.point_on_surface(rows.geometry.to_numpy())
    point, cell = shapely.STRtree(shapes).query(points, predicate="intersects")
    for one, place in sorted(zip(point.tolist(), cell.tolist(), strict=True), reverse=True):
        held[one] = place
    return held


def _cut(shapes: NDArray[Any], parts: NDArray[Any], measure: Any) -> NDArray[np.float64]:
    """Return the size of what lies of the parts in each cell."""
    sizes = np.zeros(len(shapes))
    if not len(parts):
        return sizes
    cell, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    np.add.at(sizes, cell, measure(shapely.intersection(shapes[cell], parts[part])))
    return sizes


def _open_ground(store: Store) -> NDArray[Any]:
    """Return the ground of the key areas without buildings, where blind spots may lie, each place once."""
    areas = _dissolved(store.frame("key_areas").geometry.to_numpy())
    buildings = store.frame("buildings").geometry.to_numpy()
    if not len(areas) or not len(buildings):
        return areas
    tree = shapely.STRtree(buildings)
    open_ground = [
        shapely.difference(one, shapely.union_all(buildings[tree.query(one, predicate="intersects")]))
        for one in areas
    ]
    return np.asarray(open_ground, dtype=object)


def _dissolved(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return areas as ones that do not overlap: nothing is to count twice."""
    return np.asarray(shapely.get_parts(shapely.union_all(shapes)), dtype=object) if len(shapes) else shapes


def _share(blind: NDArray[np.float64], all_of_it: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.full(len(blind), np.nan)
    there = all_of_it > 0
    share[there] = np.clip(1.0 - blind[there] / all_of_it[there], 0.0, 1.0)
    return share


def _visits(shapes: NDArray[Any], places: gpd.GeoDataFrame) -> NDArray[np.float64]:
    held = _holders(shapes, places)
    mine = held >= 0
    counts = places["visits"].fillna(0).to_numpy(dtype=float)
    return np.asarray(np.bincount(held[mine], weights=counts[mine], minlength=len(shapes)), dtype=np.float64)
