"""A small map of where a site lies, for the public: the ground, the roads and one point. Nothing of cameras or what they see."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Proj, Transformer

from geo_service.mapdata import VIEW_MAP, layer_data
from geo_service.papers import bands
from geo_service.papers.bands import LINE, units
from geo_service.papers.camera_plan import scale_bar
from geo_service.papers.drawing import draw_layers, north_arrow
from geo_service.papers.looks import LOOKS
from geo_service.papers.shapes import Frame, Shape, shapes
from geo_service.store import Store

#: Width and height of the map on the notice, in millimetres, and its scale as n of 1:n.
SIZE_MM = (158.0, 66.0)
SCALE = 2500
_GROUND = ("land_cover", "water", "buildings", "roads")
_MARK = "#9d1c1c"


def draw_location(store: Store, place: shapely.Point, *, language: str = "zh", title: str = "") -> str:
    """Return the map as SVG.

    Args:
        store: the town, for the ground.
        place: the site, metric.
        language: ``zh`` or ``en``.
        title: for those who do not see it.
    """
    epsg = store.town.epsg
    assert epsg is not None  # a site has a place, so the town has one
    frame = Frame(*SIZE_MM, SCALE, place.x, place.y, epsg)
    layers: dict[str, list[Shape]] = {}
    attributes: dict[str, Any] = {}
    for key in _GROUND:
        data = layer_data(store, key, language=language, permissions={VIEW_MAP}, bbox=frame.box())
        layers[key], attributes[key] = shapes(data, frame), data["attributes"]
    inside, defs = draw_layers(layers, frame, attributes=attributes, looks=dict(LOOKS))
    lon, lat = Transformer.from_crs(epsg, 4326, always_xy=True).transform(place.x, place.y)
    convergence = float(Proj(epsg).get_factors(lon, lat).meridian_convergence)
    x, y = frame.units(np.array([place.x]), np.array([place.y]))[0]
    width, height = units(frame.width_mm), units(frame.height_mm)
    mark = (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{units(2.4)}" fill="#ffffff" stroke="{_MARK}" stroke-width="80" class="site"/>'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{units(1.1)}" fill="{_MARK}"/>'
    )
    body = (
        f'<g clip-path="url(#frame)">{inside}{mark}</g>{north_arrow(width, -convergence)}{scale_bar(frame, language)}'
        f'<rect width="{width}" height="{height}" fill="none" stroke="{LINE}" stroke-width="25"/>'
    )
    clip = f'<clipPath id="frame"><rect width="{width}" height="{height}"/></clipPath>'
    return bands.svg(width, height, body, title=title, defs=clip + defs)
