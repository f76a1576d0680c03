"""Rows of layers as GeoJSON, in longitude and latitude (CRS84)."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from geo_service.store import RowPage
from town_model import Layer

_FEATURE = '{{"type":"Feature","id":{number},"geometry":{geometry},"properties":{properties}}}'


def value(cell: Any) -> Any:
    """Return a cell of a table as JSON holds it: times in ISO 8601, the local time of the station."""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(timespec="auto" if cell.microsecond else "seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell


def features(page: RowPage) -> list[str]:
    """Return the rows of a page as GeoJSON features, each written out.

    Shapely writes the coordinates: ten times as fast as plain lists, and every digit that is stored.
    """
    if page.shapes is None:
        shapes: Sequence[str | None] = [None] * len(page.ids)
    else:
        shapes = shapely.to_geojson(page.shapes).tolist()
    return [
        _FEATURE.format(number=number, geometry=shape or "null", properties=_dump(row))
        for number, row, shape in zip(page.ids, page.rows, shapes, strict=True)
    ]


def feature(page: RowPage, links: Sequence[Mapping[str, str]]) -> str:
    """Return the only row of a page as a GeoJSON feature with links."""
    (written,) = features(page)
    return f'{written[:-1]},"links":{json.dumps(list(links), ensure_ascii=False)}}}'


def collection(written: Sequence[str], head: Mapping[str, Any]) -> str:
    """Return written features as a GeoJSON feature collection.

    Args:
        written: its features.
        head: its other members: links, counts, time stamp.
    """
    rest = json.dumps(dict(head), ensure_ascii=False)[1:-1]
    return f'{{"type":"FeatureCollection",{rest},"features":[{",".join(written)}]}}'


def time_column(declared: Layer) -> str:
    """Return the column that tells when a row of a layer happened; empty for layers of things that last."""
    return next((one.name for one in declared.columns if one.kind == "datetime"), "")


def _dump(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=value, allow_nan=False)
