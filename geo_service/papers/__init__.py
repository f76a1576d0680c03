"""Sheets of paper as PDF: made here, with their fonts, without a browser and without a network."""

from geo_service.papers.camera_sheet import SheetOptions, camera_sheets, write_camera_sheets
from geo_service.papers.drawing import Frame, draw_map
from geo_service.papers.map_sheet import PAPERS, SCALES, MapSheet, Printed, map_pdf, write_map_pdf
from geo_service.papers.press import compile_pdf, font_folder
from geo_service.papers.route_sheet import route_card, route_pdf

__all__ = [
    "PAPERS",
    "SCALES",
    "Frame",
    "MapSheet",
    "Printed",
    "SheetOptions",
    "camera_sheets",
    "compile_pdf",
    "draw_map",
    "font_folder",
    "map_pdf",
    "route_card",
    "route_pdf",
    "write_camera_sheets",
    "write_map_pdf",
]
