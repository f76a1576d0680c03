"""Layers and results as files: XLSX, CSV, GeoJSON, GeoPackage."""

from geo_service.exports.audit import audit_csv, audit_workbook
from geo_service.exports.layers import ENDINGS, export_layer
from geo_service.exports.results import export_result, result_file

__all__ = [
    "ENDINGS",
    "audit_csv",
    "audit_workbook",
    "export_layer",
    "export_result",
    "result_file",
]
