"""Layers and results as files: XLSX, CSV, GeoJSON, GeoPackage."""

from geo_service.exports.gaps import CAUSES, cause_text, gaps_geojson, gaps_workbook
from geo_service.exports.layers import ENDINGS, export_layer

__all__ = ["CAUSES", "ENDINGS", "cause_text", "export_layer", "gaps_geojson", "gaps_workbook"]
