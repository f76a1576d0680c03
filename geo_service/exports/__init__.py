"""Layers and results as files: XLSX, CSV, GeoJSON, GeoPackage."""

from geo_service.exports.audit import audit_csv, audit_workbook
from geo_service.exports.gaps import gaps_geojson, gaps_workbook
from geo_service.exports.layers import ENDINGS, export_layer

__all__ = [
    "ENDINGS",
    "audit_csv",
    "audit_workbook",
    "export_layer",
    "gaps_geojson",
    "gaps_workbook",
]
