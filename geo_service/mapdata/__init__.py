"""From the store and its results to what a map page reads: descriptions, data and permissions of its layers."""

from geo_service.mapdata.sources import (
    PAGE_WORDS,
    SOURCES,
    VIEW_CAMERAS,
    VIEW_GAPS,
    VIEW_MAP,
    VIEW_OWN_ROUTES,
    VIEW_PLANS,
    MapAccessError,
    MapSource,
    allowed,
    source,
)
from geo_service.mapdata.spec import attribution, data_version, encode, layer_data, map_layers, map_spec

__all__ = [
    "PAGE_WORDS",
    "SOURCES",
    "VIEW_CAMERAS",
    "VIEW_GAPS",
    "VIEW_MAP",
    "VIEW_OWN_ROUTES",
    "VIEW_PLANS",
    "MapAccessError",
    "MapSource",
    "allowed",
    "attribution",
    "data_version",
    "encode",
    "layer_data",
    "map_layers",
    "map_spec",
    "source",
]
