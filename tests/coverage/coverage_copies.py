"""The sample town copied side by side, for what must hold in a county of it."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from town_data import sample_town
from town_model import meridian_convergence_deg, town_crs

ALLEY_M = 200.0  # between two copies, more than any camera sees


@dataclass(frozen=True)
class CopiedTown:
    """Cameras (azimuths from grid north) with their views, obstacles with heights, and targets."""

    cameras: gpd.GeoDataFrame
    views: pd.DataFrame
    obstacles: gpd.GeoDataFrame
    targets: gpd.GeoDataFrame


def _frame(rows, columns, crs):
    frame = gpd.GeoDataFrame([{name: row.get(name) for name in columns} for row in rows])
    return frame.set_geometry([row["geometry"] for row in rows], crs=4326).to_crs(crs)


def _tiled(frame, shifts):
    """The rows of a frame once for each shift."""
    shapes = frame.geometry.to_numpy()
    count = np.repeat(shapely.get_num_coordinates(shapes), 1)
    again = np.tile(shapes, len(shifts))
    coords = shapely.get_coordinates(again)
    step = np.repeat(np.repeat(shifts, len(shapes), axis=0), np.tile(count, len(shifts)), axis=0)
    again = shapely.set_coordinates(again, coords + step)
    rows = pd.concat([pd.DataFrame(frame.drop(columns="geometry"))] * len(shifts), ignore_index=True)
    return gpd.GeoDataFrame(rows, geometry=again, crs=frame.crs)


def copied_town(cameras, *, seed=7):
    """The sample town as often as it takes to have so many cameras."""
    town = sample_town(seed)
    crs = town_crs(town.lon, town.lat)
    sites = [one for one in town["camera_sites"] if one["status"] not in ("planned", "removed")]
    camera = _frame(
        sites,
        ["name", "kind", "status", "mount_height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "vfov_deg", "resolution_px_h",
         "resolution_px_v", "max_range_m", "ir_range_m"],
        crs,
    )  # fmt: skip
    turn = meridian_convergence_deg(town.lon, town.lat, crs)
    camera["azimuth_deg"] = (camera["azimuth_deg"].astype(float) - turn) % 360
    place = {name: row for row, name in enumerate(camera["name"])}
    views = pd.DataFrame([one for one in town["camera_views"] if one["camera"] in place])
    views["camera"] = views["camera"].map(place)
    views["azimuth_deg"] = (views["azimuth_deg"].astype(float) - turn) % 360
    walls = [one for one in (*town["buildings"], *town["obstacles"]) if not one.get("see_through")]
    obstacles = _frame(walls, ["height_m"], crs)
    areas = [
        *town["key_areas"],
        *town["housing_zones"],
        *({**one, "required_class": "detect"} for one in town["roads"]),
    ]
    targets = _frame(areas, ["name", "required_class"], crs)
    copies = -(-cameras // len(camera))
    west, south, east, north = obstacles.total_bounds
    side = int(np.ceil(np.sqrt(copies)))
    column, row = np.divmod(np.arange(copies), side)
    shifts = np.stack([column * (east - west + ALLEY_M), row * (north - south + ALLEY_M)], 1)
    many = _tiled(camera, shifts).iloc[:cameras]
    owner = np.add.outer(np.arange(copies) * len(camera), views["camera"].to_numpy()).ravel()
    again = pd.concat([views] * copies, ignore_index=True).assign(camera=owner)
    return CopiedTown(
        many, again[again["camera"] < cameras], _tiled(obstacles, shifts), _tiled(targets, shifts)
    )
