"""Layers of the map that come from the tables of the store."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.mapdata.sources import MapSource
from geo_service.mapdata.values import HIDDEN, column_values, field, plain
from geo_service.store import Store
from town_maps import layer_json
from town_model import LAYERS

#: From this many rows on a layer is asked for by view, from the zoom given.
BY_VIEW: dict[str, tuple[int, float]] = {
    "buildings": (6000, 15),
    "obstacles": (6000, 16),
    "roads": (25_000, 13),
}

_METRES_PER_PIXEL_0 = 156_543.03
_METRES_PER_DEGREE = 111_320.0


def by_view(store: Store, key: str) -> float | None:
    """Return the zoom from which a large layer is asked for by view; None where it is sent whole."""
    if key not in BY_VIEW:
        return None
    most, zoom = BY_VIEW[key]
    return zoom if store.count(key) > most else None


def row_data(
    store: Store,
    one: MapSource,
    *,
    language: str,
    bbox: tuple[float, float, float, float] | None = None,
    zoom: float | None = None,
) -> dict[str, Any]:
    """Return a layer of the store for the map.

    Args:
        store: the town.
        one: the layer.
        language: ``zh`` or ``en``.
        bbox: only what meets this box of west, south, east, north in degrees.
        zoom: leave out detail that cannot be seen at this zoom of the map.
    """
    declared = LAYERS[one.layer]
    frame = store.frame(one.layer, bbox=bbox, crs="wgs84")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise TypeError(f"{one.layer} has no geometry")
    if zoom is not None and len(frame):
        frame = _coarser(frame, zoom)
    columns = [
        column
        for column in declared.columns
        if (column.name in one.fields if one.fields is not None else column.name not in HIDDEN)
    ]
    cells = [column_values(column, frame[column.name].tolist(), language, store) for column in columns]
    return layer_json(
        one.key,
        frame,
        classes=_classes(one, frame),
        values=list(zip(*cells, strict=True)) if cells else None,
        fields=[field(column, language) for column in columns],
        label="name" if any(column.name == "name" for column in columns) else "",
        attributes=_attributes(one, frame),
    )


def _classes(one: MapSource, frame: gpd.GeoDataFrame) -> list[str]:
    if one.key == "street_lights":
        return ["dark" if lit is False or lit == 0 else "working" for lit in frame["working"].tolist()]
    if not one.class_column:
        return ["default"] * len(frame)
    return ["default" if pd.isna(value) else str(plain(value)) for value in frame[one.class_column].tolist()]


def _attributes(one: MapSource, frame: gpd.GeoDataFrame) -> dict[str, dict[Any, Any]]:
    def table(column: str) -> dict[Any, Any]:
        return {
            row: value
            for row, value in zip(frame.index.tolist(), map(plain, frame[column].tolist()), strict=True)
            if value is not None
        }

    if one.key == "roads":
        found = {
            name: {row: int(value) for row, value in table(name).items() if value}
            for name in ("level", "bridge", "tunnel")
        }
        return {name: rows for name, rows in found.items() if rows}
    if one.key == "camera_sites":
        return {"azimuth": table("azimuth_deg"), "view": table("hfov_deg")}
    return {}


def _coarser(frame: gpd.GeoDataFrame, zoom: float) -> gpd.GeoDataFrame:
    """Leave out what is smaller than about two pixels, and vertices that nobody can tell from a line."""
    if zoom >= 17:
        return frame
    lat = float(frame.total_bounds[[1, 3]].mean())
    metres = _METRES_PER_PIXEL_0 * np.cos(np.radians(lat)) / 2**zoom
    degrees = metres / _METRES_PER_DEGREE
    shapes = frame.geometry.to_numpy()
    polygons = shapely.get_dimensions(shapes) == 2
    small = polygons & (shapely.area(shapes) < 4 * degrees**2 / np.cos(np.radians(lat)))
    kept = frame[~small]
    return kept.set_geometry(
        gpd.GeoSeries(
            shapely.simplify(kept.geometry.to_numpy(), 0.5 * degrees), index=kept.index, crs=frame.crs
        )
    )
