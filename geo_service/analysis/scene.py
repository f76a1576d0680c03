"""A town as `camera_coverage` wants it: cameras with grid azimuths, obstacles with heights, in metres."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Proj

from geo_service.store import Store
from town_model import InputError

NOT_THERE = ("removed", "planned")


@dataclass(frozen=True)
class Scene:
    """What cameras stand where, and what hides the view.

    Args:
        cameras: camera sites by row id, azimuth clockwise from **grid** north, metric CRS.
        obstacles: buildings and walls, indexed ``buildings/12`` or ``obstacles/3``, with ``height_m``.
        views: presets of PTZ cameras and eyes of multi-sensor cameras, azimuth from grid north.
        unknown_heights: how many buildings carry no height and so count as never seen over.
    """

    cameras: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame
    views: pd.DataFrame
    unknown_heights: int


def require_town(store: Store) -> None:
    """Refuse to compute for a town without a position.

    Raises:
        InputError: nothing has been imported yet.
    """
    if store.town.epsg is None:
        raise InputError(
            "the town has no data yet: import an OpenStreetMap file (geo-service import-osm FILE) or load the sample town "
            "(geo-service demo)"
        )


def grid_azimuths(frame: gpd.GeoDataFrame, azimuth_deg: pd.Series) -> pd.Series:
    """Return azimuths from grid north for azimuths from true north; grid = true − meridian convergence.

    Args:
        frame: where each azimuth is taken, metric CRS.
        azimuth_deg: clockwise from true north, indexed like `frame`.
    """
    if frame.empty:
        return azimuth_deg.astype(float)
    points = frame.geometry.to_crs(4326)
    factors = Proj(frame.crs).get_factors(points.x.to_numpy(), points.y.to_numpy())
    turned = azimuth_deg.astype(float) - np.asarray(factors.meridian_convergence)
    return turned % 360


def load_scene(store: Store) -> Scene:
    """Return cameras, obstacles and camera views of the town.

    Removed and planned cameras see nothing and are left out; faulty and offline ones stay, marked by ``status``.

    Raises:
        InputError: the town has no position yet.
    """
    require_town(store)
    cameras = store.frame("camera_sites")
    cameras = cameras[~cameras["status"].isin(NOT_THERE)]
    cameras = cameras.assign(azimuth_deg=grid_azimuths(cameras, cameras["azimuth_deg"]))
    views = store.frame("camera_views")
    views = views[views["camera"].isin(cameras.index)]
    if not views.empty:
        at = gpd.GeoDataFrame(
            geometry=cameras.geometry.loc[views["camera"]].to_numpy(), index=views.index, crs=cameras.crs
        )
        views = views.assign(azimuth_deg=grid_azimuths(at, views["azimuth_deg"]))
    buildings = store.frame("buildings")[["height_m", "geometry"]]
    walls = store.frame("obstacles")
    walls = walls.loc[~walls["see_through"].eq(other=True), ["height_m", "geometry"]]
    unknown = int(buildings["height_m"].isna().sum())
    buildings.index = pd.Index([f"buildings/{one}" for one in buildings.index], dtype=object)
    walls.index = pd.Index([f"obstacles/{one}" for one in walls.index], dtype=object)
    parts = [one for one in (buildings, walls) if not one.empty]
    obstacles = gpd.GeoDataFrame(pd.concat(parts), crs=cameras.crs) if parts else buildings
    return Scene(cameras, obstacles, views, unknown)
