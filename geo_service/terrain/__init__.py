"""Elevation rasters of a town: read safely, put on the town's metric grid, kept in the store, given to `camera_coverage`."""

from geo_service.terrain.rasters import TerrainReport, import_terrain, remove_terrain, town_terrain

__all__ = ["TerrainReport", "import_terrain", "remove_terrain", "town_terrain"]
