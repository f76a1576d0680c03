"""What one camera sees from above: bands by class, dead zone, masks, and the town round it, true to scale, with north and a scale bar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import Proj, Transformer

from geo_service.i18n import say
from geo_service.mapdata import VIEW_MAP, layer_data
from geo_service.papers import bands
from geo_service.papers.bands import LINE, Entry, units
from geo_service.papers.drawing import draw_layers, north_arrow, round_length
from geo_service.papers.looks import LOOKS, LayerLook, Look
from geo_service.papers.shapes import Frame, Shape, shapes
from geo_service.store import Store
from geo_service.words import STRETCHES, class_words
from town_model import Text

_GROUND = ("land_cover", "water", "buildings", "obstacles", "roads")
_SCALES = (100, 150, 200, 250, 300, 400, 500, 600, 750, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 7500, 10_000, 15_000, 20_000)  # fmt: skip
_MARGIN_M = 8.0
_OWN = {
    "camera_dead_zone": LayerLook(32, {"default": Look("#9c3a0c", "#9c3a0c", 0.3, hatch="forward")}),
    "camera_masks": LayerLook(
        33, {"default": Look("#5b21b6", "#5b21b6", 0.3, dash_mm=(0.8, 0.5), hatch="dots")}
    ),
    "camera_axis": LayerLook(
        34, {"default": Look(stroke="#a06a00", width_mm=0.3, dash_mm=(1.6, 0.6, 0.3, 0.6))}
    ),
}
#: How strongly the bands cover the roads below them.
_OPACITY = 0.72


def plan_frame(
    place: shapely.Point, areas: Sequence[shapely.Geometry], size_mm: tuple[float, float], epsg: int
) -> Frame:
    """Return the frame that shows a camera and what it sees at the largest round scale.

    Args:
        place: the camera, metric.
        areas: what must be on the plan.
        size_mm: width and height of the plan.
        epsg: the metric coordinate system.
    """
    west, south, east, north = shapely.total_bounds(np.array([place.buffer(_MARGIN_M), *areas], dtype=object))
    need = max((east - west) * 1000 / size_mm[0], (north - south) * 1000 / size_mm[1]) * 1.05
    scale = next((one for one in _SCALES if one >= need), math.ceil(need / 10_000) * 10_000)
    return Frame(*size_mm, scale, (west + east) / 2, (south + north) / 2, epsg)


def draw_plan(
    store: Store,
    *,
    place: shapely.Point,
    bands_of: Mapping[str, shapely.Geometry],
    dead_zone: shapely.Geometry,
    masks: Sequence[shapely.Geometry] = (),
    bearings_deg: Sequence[float] = (),
    reach_m: float = 0.0,
    size_mm: tuple[float, float] = (190.0, 95.0),
    language: str = "zh",
    title: str = "",
) -> str:
    """Return the plan as SVG with its legend.

    Args:
        store: the town, for the ground round the camera.
        place: the camera, metric.
        bands_of: what it sees at each class or better, from coarse to fine.
        dead_zone: ground below its picture.
        masks: proposed privacy masks.
        bearings_deg: directions of its axes, from grid north.
        reach_m: how far the axes are drawn.
        size_mm: width and height of the plan without its legend.
        language: ``zh`` or ``en``.
        title: for those who do not see it.
    """
    epsg = store.town.epsg
    assert epsg is not None  # a camera has a place, so the town has one
    frame = plan_frame(
        place,
        [one for one in (*bands_of.values(), dead_zone) if not shapely.is_empty(one)],
        size_mm,
        epsg,
    )
    box = frame.box()
    layers: dict[str, list[Shape]] = {}
    attributes: dict[str, Any] = {}
    for key in _GROUND:
        data = layer_data(store, key, language=language, permissions={VIEW_MAP}, bbox=box)
        layers[key], attributes[key] = shapes(data, frame), data["attributes"]
    colours = bands.class_colours(list(bands_of))
    looks = dict(LOOKS) | _OWN
    looks["camera_bands"] = LayerLook(
        31,
        {name: Look(fill=colour, stroke=LINE, width_mm=0.1) for name, colour in colours.items()},
        opacity=_OPACITY,
    )
    layers["camera_bands"] = [one for name, area in bands_of.items() for one in _shapes(name, area, frame)]
    layers["camera_dead_zone"] = _shapes("default", dead_zone, frame)
    layers["camera_masks"] = [one for mask in masks for one in _shapes("default", mask, frame)]
    layers["camera_axis"] = [_axis(place, one, reach_m, frame) for one in bearings_deg]
    width, height = units(frame.width_mm), units(frame.height_mm)
    inside, defs = draw_layers(layers, frame, attributes=attributes, looks=looks)
    lon, lat = Transformer.from_crs(epsg, 4326, always_xy=True).transform(place.x, place.y)
    convergence = float(Proj(epsg).get_factors(lon, lat).meridian_convergence)
    body = (
        f'<g clip-path="url(#frame)">{inside}{_camera(place, frame)}</g>{north_arrow(width, -convergence)}{scale_bar(frame, language)}'
        f'<rect width="{width}" height="{height}" fill="none" stroke="{LINE}" stroke-width="25"/>'
    )
    entries = [
        Entry(colours[name], class_words(name, language))
        for name in reversed(list(bands_of))
        if not shapely.is_empty(bands_of[name])
    ]
    if not shapely.is_empty(dead_zone):
        entries.append(Entry("url(#p-dead_zone)", say(STRETCHES["dead_zone"], language)))
    if masks:
        entries.append(Entry("url(#p-masks)", say(Text("proposed privacy mask"), language)))
        defs += '<pattern id="p-masks" width="100" height="100" patternUnits="userSpaceOnUse"><rect width="100" height="100" fill="#ece4f7"/><circle cx="50" cy="50" r="20" fill="#5b21b6"/></pattern>'
    said, high = bands.legend(entries, width, top=height + units(1.5))
    clip = f'<clipPath id="frame"><rect width="{width}" height="{height}"/></clipPath>'
    return bands.svg(width, height + units(2.5) + high, body + said, title=title, defs=clip + defs)


def _shapes(name: str, area: shapely.Geometry, frame: Frame) -> list[Shape]:
    """Return an area as one shape for each of its polygons."""
    polygons = shapely.get_parts(area)
    polygons = polygons[shapely.get_type_id(polygons) == 3]
    found = []
    for one in polygons:
        rings = shapely.get_rings(one)
        parts = tuple(
            np.rint(frame.units(*shapely.get_coordinates(ring).T)).astype(np.int64) for ring in rings
        )
        found.append(Shape(None, name, 2, parts, {}))
    return found


def _axis(place: shapely.Point, bearing_deg: float, reach_m: float, frame: Frame) -> Shape:
    angle = math.radians(90 - bearing_deg)
    ends = np.array(
        [[place.x, place.y], [place.x + reach_m * math.cos(angle), place.y + reach_m * math.sin(angle)]]
    )
    return Shape(None, "default", 1, (np.rint(frame.units(*ends.T)).astype(np.int64),), {})


def _camera(place: shapely.Point, frame: Frame) -> str:
    x, y = frame.units(np.array([place.x]), np.array([place.y]))[0]
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{units(1.5)}" fill="#ffffff" stroke="{bands.INK}" stroke-width="40"/>'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{units(0.6)}" fill="{bands.INK}"/>'
    )


def scale_bar(frame: Frame, language: str) -> str:
    """Return a bar of round length, and the scale of the drawing as printed."""
    metres = round_length(frame.width_m / 5)
    long, x, y = round(metres * 1000 / frame.scale * 100), units(4), units(frame.height_mm) - units(3.2)
    scale = f"1:{frame.scale:g}"
    wide = max(
        long + units(2) + bands.text_width(f"{metres:g} m", units(2.5)),
        bands.text_width(scale, units(2.5)) + units(4),
    )
    words = say(Text.of("{n} m", n=f"{metres:g}"), language)
    return (
        f'<rect x="{x - units(1.5)}" y="{y - units(4.6)}" width="{wide + units(4):.0f}" height="{units(6.4)}" fill="#ffffff" fill-opacity="0.85"/>'
        f'<path d="M{x} {y - units(1)}V{y}H{x + long}v-{units(1)}" fill="none" stroke="{bands.INK}" stroke-width="40" class="scale-bar"/>'
        + bands.text(x + long + units(1), y, words)
        + bands.text(x, y - units(1.7), scale)
    )
