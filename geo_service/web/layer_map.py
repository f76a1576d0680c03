"""The small map beside one row: the row in its surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for
from shapely.geometry.base import BaseGeometry

from geo_service import mapdata
from geo_service.store import Store
from geo_service.web import maps
from geo_service.web.access import Permission
from geo_service.web.languages import language, words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.sessions import may
from town_model import LAYERS, Text

# The view shows at least this much round a row, in degrees: about a hundred metres.
_ROUND_DEG = 0.001
_BESIDE = ("roads", "buildings", "water", "land_cover", "villages", "place_names", "obstacles", "key_areas", "housing_zones")  # fmt: skip


def row_map(store: Store, layer_name: str, row: Mapping[str, Any]) -> maps.MapParts | None:
    """Return a map of the place of a row; None where the map does not draw its layer.

    Args:
        store: the town.
        layer_name: layer of the row.
        row: the row, with ``geometry`` in longitude, latitude.
    """
    shape = row.get("geometry")
    if store.town.epsg is None or not isinstance(shape, BaseGeometry) or not maps.may_see(layer_name):
        return None
    keys = {layer_name, *_BESIDE}
    spec = mapdata.map_spec(
        store,
        language=language(),
        permissions=maps.map_permissions(),
        url=lambda key: url_for("api.map_layer", key=key),
        keys=keys,
        visible=keys,
    )
    west, south, east, north = shape.buffer(_ROUND_DEG).bounds
    return maps.map_parts(replace(spec, bounds=(west, south, east, north)), page="row")


def _record() -> dict[str, Any]:
    return {
        "url": url_for("layers.index"),
        "layers": [one for one in LAYERS if maps.may_see(one)],
        "cameras": url_for("cameras.index") if may(Permission.SEE_GAPS) else "",
        "words": {"open": words(Text("Open the record")), "camera": words(Text("Plan, section and sheet"))},
    }


EXTRAS.append(
    MapExtra(
        "record",
        scripts=("town-record.js",),
        permission=Permission.SEE_LAYERS,
        pages=tuple(maps.SHOWN),
        settings=_record,
    )
)
