"""A town as `camera_coverage` wants it: cameras with grid azimuths, obstacles with heights, in metres."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Proj

from geo_service.analysis.models import with_models
from geo_service.store import Store
from town_model import InputError

NOT_THERE = ("removed", "planned")
CAMERA_LAYERS = ("camera_sites", "camera_views", "camera_models")
OBSTACLE_LAYERS = ("buildings", "obstacles")


@dataclass(frozen=True)
class Obstacles:
    """What hides the view.

    Args:
        frame: buildings and walls, indexed ``buildings/12`` or ``obstacles/3``, with ``height_m``; metric CRS.
        names: by index: the name, or ``#12`` where there is none.
        unknown_heights: how many buildings carry no height and so count as never seen over.
        contradictory: rows left out, since their free height does not lie below their top.
    """

    frame: gpd.GeoDataFrame
    names: dict[str, str]
    unknown_heights: int
    contradictory: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """What cameras stand where, and what hides the view.

    Args:
        cameras: camera sites by row id, azimuth clockwise from **grid** north, metric CRS; ``azimuth_known_to_deg`` says how well
            an azimuth that nobody verified is known, plus or minus.
        obstacles: buildings and walls, indexed ``buildings/12`` or ``obstacles/3``, with ``height_m``.
        views: presets of PTZ cameras and eyes of multi-sensor cameras, azimuth from grid north.
        unknown_heights: how many buildings carry no height and so count as never seen over.
        obstacle_names: by index of the obstacles.
        contradictory: obstacles that were left out, see `Obstacles`.
    """

    cameras: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame
    views: pd.DataFrame
    unknown_heights: int
    obstacle_names: dict[str, str]
    contradictory: tuple[str, ...] = ()


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
    x, y = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    return (azimuth_deg.astype(float) - _convergence_deg(frame.crs, x.tobytes(), y.tobytes())) % 360


@lru_cache(maxsize=16)
def _convergence_deg(crs: CRS, x: bytes, y: bytes) -> NDArray[np.float64]:
    """Return the meridian convergence at some points, given as the bytes of their coordinates."""
    points = gpd.GeoSeries(gpd.points_from_xy(np.frombuffer(x), np.frombuffer(y)), crs=crs).to_crs(4326)
    factors = Proj(crs).get_factors(points.x.to_numpy(), points.y.to_numpy())
    return np.asarray(factors.meridian_convergence)


def with_grid_azimuths(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rows of the layer of camera sites as `Scene` holds them.

    Args:
        cameras: azimuth from true north, metric CRS.
    """
    stated = cameras["azimuth_deg"].astype(float)
    return cameras.assign(
        azimuth_deg=grid_azimuths(cameras, stated),
        # one of the eight directions of GB/T 28181 is known to half of 45°, a finer one to 10°
        azimuth_known_to_deg=np.where(stated % 45 == 0, 22.5, 10.0),
    )


def grid_views(views: pd.DataFrame, cameras: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return those rows of the layer of camera views that belong to some cameras, azimuth from grid north."""
    views = views[views["camera"].isin(cameras.index)]
    if views.empty:
        return views
    at = gpd.GeoDataFrame(
        geometry=cameras.geometry.loc[views["camera"]].to_numpy(), index=views.index, crs=cameras.crs
    )
    return views.assign(azimuth_deg=grid_azimuths(at, views["azimuth_deg"]))


def load_obstacles(store: Store) -> Obstacles:
    """Return what hides the view in the town.

    Raises:
        InputError: the town has no position yet.
    """
    require_town(store)
    parts: list[gpd.GeoDataFrame] = []
    names: dict[str, str] = {}
    contradictory: list[str] = []
    unknown = 0
    for layer in OBSTACLE_LAYERS:
        frame = store.frame(layer)
        if layer == "buildings":
            unknown = int(frame["height_m"].isna().sum())
        else:
            frame = frame[~frame["see_through"].eq(other=True)]
        called = frame["name"] if "name" in frame.columns else pd.Series("", index=frame.index)
        names |= {f"{layer}/{row}": name or f"#{row}" for row, name in called.fillna("").items()}
        if "clear_height_m" not in frame.columns:
            frame = frame.assign(clear_height_m=float("nan"))
        wrong = contradictory_heights(frame)
        contradictory += [f"{layer}/{row}" for row in frame.index[wrong]]
        frame = frame.loc[~wrong, ["height_m", "clear_height_m", "geometry"]]
        frame.index = pd.Index([f"{layer}/{row}" for row in frame.index], dtype=object)
        parts.append(frame)
    filled = [one for one in parts if not one.empty]
    frame = gpd.GeoDataFrame(pd.concat(filled), crs=filled[0].crs) if filled else parts[0]
    return Obstacles(frame, names, unknown, tuple(contradictory))


def contradictory_heights(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which obstacles have a free height below them that does not lie below their top; none can be entered any more.

    Args:
        frame: rows with ``height_m`` and ``clear_height_m``.
    """
    clear, top = (
        pd.to_numeric(frame[one], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        for one in ("clear_height_m", "height_m")
    )
    return np.asarray((clear > 0) & (clear >= top))


def load_scene(
    store: Store,
    obstacles: Obstacles | None = None,
    *,
    left_out: Sequence[str] = NOT_THERE,
    read: Callable[[str], Any] | None = None,
) -> Scene:
    """Return cameras, obstacles and camera views of the town.

    Removed and planned cameras see nothing and are left out; faulty and offline ones stay, marked by ``status``.

    Args:
        store: the town.
        obstacles: of `load_obstacles`, where they are at hand.
        left_out: cameras of these statuses are left out.
        read: gives the rows of a layer; by default the store does.

    Raises:
        InputError: the town has no position yet.
    """
    require_town(store)
    rows = store.frame if read is None else read
    cameras = rows("camera_sites")
    cameras = with_models(cameras[~cameras["status"].isin(left_out)], rows("camera_models"))
    cameras = with_grid_azimuths(cameras)
    views = grid_views(rows("camera_views"), cameras)
    what = load_obstacles(store) if obstacles is None else obstacles
    return Scene(cameras, what.frame, views, what.unknown_heights, what.names, what.contradictory)
