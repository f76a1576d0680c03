"""The figures of the cells of the grid as a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from geo_service.exports.cells import workbook
from geo_service.i18n import say
from town_model import Text

#: Titles of the columns of `geo_service.edits.grid_rates.grid_rates`.
GRID_HEADS: Mapping[str, Text] = MappingProxyType(
    {
        "name": Text("Grid cell"),
        "code": Text("Code"),
        "area_m2": Text("Area (m²)"),
        "cameras": Text("Cameras"),
        "cameras_working": Text("Working"),
        "places": Text("Key places"),
        "roads_m": Text("Public roads (m)"),
        "roads_seen_day": Text("Roads seen by day"),
        "roads_seen_night": Text("Roads seen by night"),
        "places_seen_day": Text("Key areas seen by day"),
        "places_seen_night": Text("Key areas seen by night"),
        "gap_area_day_m2": Text("Blind ground by day (m²)"),
        "gap_length_day_m": Text("Blind roads by day (m)"),
        "gap_area_night_m2": Text("Blind ground by night (m²)"),
        "gap_length_night_m": Text("Blind roads by night (m)"),
        "visits": Text("Patrol visits a day"),
    }
)


def grids_workbook(rates: pd.DataFrame, language: str = "zh") -> bytes:
    """Return the figures of the cells as an XLSX: a row a cell; shares are of 0–1.

    Args:
        rates: what `geo_service.edits.grid_rates.grid_rates` gives.
        language: ``zh`` or ``en``.
    """
    heads = [say(one, language) for one in GRID_HEADS.values()]
    title = say(Text("Figures by grid cell"), language)
    rows = rates[list(GRID_HEADS)].astype(object).to_numpy().tolist()
    return workbook([(title, heads, rows)])
