"""The operator's background under the map: tiles of a folder, an MBTiles or PMTiles file, or of a server."""

from geo_service.background.background import Background, open_background
from geo_service.background.tile import BLANK, Tile, TileFaultError, image_type

__all__ = ["BLANK", "Background", "Tile", "TileFaultError", "image_type", "open_background"]
