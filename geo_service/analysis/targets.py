"""What cameras are asked to watch: key areas, housing zones inside and the roads round them, and public roads."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from camera_coverage import road_strips
from geo_service.store import Store

STRIP_DISTANCE_M = 50.0
TARGET_LAYERS = ("key_areas", "housing_zones", "roads")
# Streets that the public uses: what a camera of the town may watch. Foot and farm paths are not asked for.
PUBLIC_ROADS = frozenset(
    {
        "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "pedestrian",
        "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link", "road",
    }
)  # fmt: skip
ROAD_CLASS = "detect"
ROAD_PRIORITY = "3"
_COLUMNS = ["layer", "row", "name", "kind", "priority", "required_class", "hours", "geometry"]


def load_targets(store: Store, *, read: Callable[[str], gpd.GeoDataFrame] | None = None) -> gpd.GeoDataFrame:
    """Return all targets by id (``key_areas/3``, ``roads/17``, ``housing_zones/2/strip``), metric CRS.

    Ground under buildings still belongs to the areas here; `camera_coverage` takes it out.

    Args:
        store: the town.
        read: gives the rows of a layer, which are not changed; by default they are read from the store.
    """
    read = read or store.frame
    parts = []
    for layer, kind in (("key_areas", "key_area"), ("housing_zones", "housing_zone")):
        frame = read(layer)
        if not frame.empty:
            parts.append(
                _rows(frame, layer, kind, frame["priority"], frame["required_class"], frame["hours"])
            )
    zones = read("housing_zones")
    roads = read("roads")
    public = roads[roads["highway"].isin(PUBLIC_ROADS) & ~roads["tunnel"].eq(other=True)]
    if not zones.empty and not public.empty:
        strips = road_strips(zones, public, distance_m=STRIP_DISTANCE_M)
        rows = _rows(
            strips,
            "housing_zones",
            "road_strip",
            strips["priority"],
            strips["required_class"],
            strips["hours"],
        )
        parts.append(rows.set_index(rows.index + "/strip"))
    if not public.empty:
        parts.append(_rows(public, "roads", "road", ROAD_PRIORITY, ROAD_CLASS, ""))
    if not parts:
        return gpd.GeoDataFrame(columns=_COLUMNS, geometry="geometry", crs=store.town.epsg)
    targets = gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=store.town.epsg)
    return targets[~targets.geometry.is_empty]


def _rows(
    frame: gpd.GeoDataFrame,
    layer: str,
    kind: str,
    priority: pd.Series | str,
    required_class: pd.Series | str,
    hours: pd.Series | str,
) -> gpd.GeoDataFrame:
    rows = frame[["name", "geometry"]].assign(
        layer=layer, row=frame.index, kind=kind, priority=priority, required_class=required_class, hours=hours
    )
    rows = rows.fillna({"priority": "2", "required_class": "observe", "hours": "", "name": ""})
    rows.index = pd.Index([f"{layer}/{one}" for one in frame.index], dtype=object)
    return gpd.GeoDataFrame(rows[_COLUMNS], geometry="geometry", crs=frame.crs)
