"""Layers read into frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, select, text

from geo_service.store.geometry import from_wkb
from geo_service.store.tables import LAYER_TABLES, always_present, rtree_name
from town_model import Column, InputError, layer
from town_model.crs import WGS84

Bbox = tuple[float, float, float, float]
_CHUNK = 10_000


def check_bbox(bbox: Iterable[float]) -> Bbox:
    """Return a WGS-84 box (west, south, east, north) as floats.

    Raises:
        InputError: it has not four finite numbers in that order.
    """
    numbers = tuple(float(one) for one in bbox)
    if (
        len(numbers) != 4
        or not np.isfinite(numbers).all()
        or numbers[0] > numbers[2]
        or numbers[1] > numbers[3]
    ):
        raise InputError("a box must be west, south, east, north in degrees, not {box}", box=numbers)
    return (numbers[0], numbers[1], numbers[2], numbers[3])


def bbox_condition(name: str) -> Any:
    """Return the SQL condition that picks the rows near a box through the R-tree of a layer."""
    return text(
        f"id IN (SELECT id FROM {rtree_name(name)}"  # noqa: S608 - the name of a declared layer
        " WHERE west <= :east AND east >= :west AND south <= :north AND north >= :south)"
    )


def read_frame(
    connection: Connection,
    name: str,
    *,
    epsg: int | None,
    bbox: Iterable[float] | None = None,
    ids: Iterable[int] | None = None,
    crs: str = "metric",
) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return the rows of a layer as a frame; see `Store.frame`."""
    declared = layer(name)
    table = LAYER_TABLES[name]
    wanted = [table.c.id, *(table.c[one] for one in declared.column_names), table.c.revision]
    spatial = declared.geometry is not None
    if spatial:
        wanted.append(table.c.geometry)
    query = select(*wanted).order_by(table.c.id)
    params: dict[str, float] = {}
    box = None
    if bbox is not None:
        if not spatial:
            raise InputError("layer {layer} has no geometry, so no box can be asked of it", layer=name)
        box = check_bbox(bbox)
        query = query.where(bbox_condition(name))
        params = dict(zip(("west", "south", "east", "north"), box, strict=True))
    rows: list[Any] = []
    if ids is None:
        rows.extend(connection.execute(query, params))
    else:
        chosen = sorted({int(one) for one in ids})
        for start in range(0, len(chosen), _CHUNK):
            part = query.where(table.c.id.in_(chosen[start : start + _CHUNK]))
            rows.extend(connection.execute(part, params))
    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
    index = pd.Index(np.asarray(columns[0], dtype=np.int64), name="id")
    data = {
        one.name: _series(one, values, index)
        for one, values in zip(declared.columns, columns[1:], strict=False)
    }
    data["revision"] = pd.Series(np.asarray(columns[len(declared.columns) + 1], dtype=np.int64), index=index)
    frame = pd.DataFrame(data, index=index)
    if not spatial:
        return frame
    shapes = from_wkb(columns[-1])
    result = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=index, crs=WGS84))
    if box is not None:
        # the R-tree keeps single precision, rounded outwards: the exact answer is taken from the shapes
        result = result[shapely.intersects(shapes, shapely.box(*box))]
    if crs == "wgs84":
        return result
    if crs != "metric":
        raise InputError("crs must be metric or wgs84, not {crs!r}", crs=crs)
    if epsg is None:
        if len(result):
            raise InputError("the town has no position yet: place it first")
        return result
    return result.to_crs(epsg)


def _series(column: Column, values: Any, index: pd.Index) -> pd.Series:
    """Return a column with the dtype that its declaration gives it, whatever the values are.

    Numbers that may be missing are float64 with NaN, truth values that may be missing are objects with None,
    text is always objects with None, and dates are datetime64.
    """
    if column.kind in ("integer", "ref"):
        dtype: Any = np.int64 if always_present(column) else np.float64
    elif column.kind == "real":
        dtype = np.float64
    elif column.kind == "boolean":
        dtype = np.bool_ if always_present(column) else object
    elif column.kind in ("date", "datetime"):
        dtype = "datetime64[us]"
    else:
        dtype = object
    if dtype is object:
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return pd.Series(array, index=index, dtype=object)
    if dtype is np.float64:
        return pd.Series(np.asarray(values, dtype=np.float64), index=index)
    series: pd.Series = pd.Series(list(values), index=index, dtype=dtype)
    return series
