"""Vector tiles of the town's ground, straight from the store: for towns too large to send whole."""

from geo_service.towntiles.mvt import EXTENT, TileLayer, encode_layer
from geo_service.towntiles.town import LAYERS, MAX_ZOOM, TownTiles, tile_box, tiles_version

__all__ = [
    "EXTENT",
    "LAYERS",
    "MAX_ZOOM",
    "TileLayer",
    "TownTiles",
    "encode_layer",
    "tile_box",
    "tiles_version",
]
