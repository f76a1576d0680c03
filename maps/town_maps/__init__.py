"""Offline map pages: Folium built from constants, vendored assets, data as JSON, one way out that fetches nothing."""

from town_maps.assets import Asset, Vendored, asset, asset_names, vendored
from town_maps.choke_point import RemoteReferenceError, render
from town_maps.layer_json import layer_json
from town_maps.page import CONTENT_SECURITY_POLICY, PageParts, inert_json, page_parts, stand_alone
from town_maps.spec import OSM_ATTRIBUTION, STYLES, WORDS, LegendItem, MapLayer, MapSpec

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "OSM_ATTRIBUTION",
    "STYLES",
    "WORDS",
    "Asset",
    "LegendItem",
    "MapLayer",
    "MapSpec",
    "PageParts",
    "RemoteReferenceError",
    "Vendored",
    "asset",
    "asset_names",
    "inert_json",
    "layer_json",
    "page_parts",
    "render",
    "stand_alone",
    "vendored",
]
