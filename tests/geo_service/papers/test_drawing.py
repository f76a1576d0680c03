"""Drawings are true to scale, hold nothing that runs, and look as the page does."""

import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo_service.mapdata import SOURCES, VIEW_CAMERAS, VIEW_GAPS, VIEW_MAP, VIEW_PLANS, layer_data
from geo_service.papers import Frame, draw_map
from geo_service.papers.drawing import round_length, swatch
from geo_service.papers.looks import LOOKS, ROADS, UNIT_COLOURS, Look
from geo_service.papers.shapes import shapes

ALL = {VIEW_MAP, VIEW_CAMERAS, VIEW_GAPS, VIEW_PLANS}
STYLES = Path(__file__).parents[3] / "maps" / "town_maps" / "assets" / "town-map-styles.js"


@pytest.fixture
def frame(town):
    return Frame(width_mm=200, height_mm=150, scale=2000, x=town.x, y=town.y, epsg=town.store.town.epsg)


def drawn(town, key, frame):
    return shapes(layer_data(town.store, key, language="zh", permissions=ALL, bbox=frame.box()), frame)


def test_hundred_metres_are_fifty_millimetres_at_one_to_two_thousand(town, frame):
    town.road((-50, 0), (50, 0))
    [road] = drawn(town, "roads", frame)
    (x0, y0), (x1, y1) = road.parts[0]
    # 100 m / 2000 = 50 mm, in hundredths; a micro-degree of the page's data is 0.1 m, here 0.05 mm
    assert math.hypot(x1 - x0, y1 - y0) / 100 == pytest.approx(50, abs=0.12)
    assert ((x0 + x1) / 200, (y0 + y1) / 200) == pytest.approx((100, 75), abs=0.12)


def test_north_is_up_and_east_is_right(town, frame):
    town.add("street_lights", shapely.Point(40, 60), working=True)
    [lamp] = drawn(town, "street_lights", frame)
    x, y = lamp.parts[0][0] / 100
    assert (x, y) == pytest.approx((100 + 20, 75 - 30), abs=0.12)


def test_the_scale_holds_on_the_ellipsoid(town, frame):
    # an independent measure: the distance on WGS-84 between the ends of the frame's middle line
    west, south, east, north = frame.box()
    metres = Geod(ellps="WGS84").inv(west, (south + north) / 2, east, (south + north) / 2)[2]
    # the box holds the frame's corners, which lie a little beyond its sides; the projection stretches by 0.04 % at most
    assert metres == pytest.approx(frame.width_m, rel=0.015)
    assert frame.width_m == 400 and frame.height_m == 300


def test_a_hole_stays_open(town, frame):
    ring = shapely.Polygon(shapely.box(-40, -40, 40, 40).exterior, [shapely.box(-10, -10, 10, 10).exterior])
    town.add("buildings", ring, height_m=9.0)
    [house] = drawn(town, "buildings", frame)
    first, second = (shapely.LinearRing(part).is_ccw for part in house.parts)
    assert first != second  # wound the other way: filling by winding number leaves it open


def test_what_lies_beyond_the_sheet_is_not_drawn(town, frame):
    town.add("street_lights", shapely.Point(260, 0), working=True)
    town.add("buildings", shapely.box(190, -10, 240, 10), height_m=9.0)  # reaches in
    assert drawn(town, "street_lights", frame) == []
    assert len(drawn(town, "buildings", frame)) == 1


def test_names_are_only_names(town, frame):
    name = "<script>alert(1)</script>&{{7*7}}#panic()$x$\x07"
    town.area(shapely.box(-40, -40, 40, 40), name=name)
    svg = draw_map({"key_areas": drawn(town, "key_areas", frame)}, frame)
    root = ET.fromstring(svg)
    words = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any(one.startswith("<script>") for one in words)
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert "\x07" not in svg


def test_the_arrow_points_where_it_is_told(frame):
    assert "rotate(1.25)" in draw_map({}, frame, north_deg=1.25)


def test_every_layer_of_the_map_has_looks_and_a_swatch():
    assert set(SOURCES) <= set(LOOKS)
    for key, one in SOURCES.items():
        svg = swatch(key, "default", one.geometry, units=["u"])
        ET.fromstring(svg)


def test_colours_are_those_of_the_page():
    page = set(re.findall(r"#[0-9a-f]{6}", STYLES.read_text(encoding="utf-8")))
    # written by the page as a mixture of two: see TM_mix there
    mixed = {"#40b1a5", "#259f93", "#7c77db", "#5e57d1", "#52606d", "#7a7384"}
    used = {
        colour
        for layer in LOOKS.values()
        for look in layer.classes.values()
        for colour in (look.fill, look.stroke)
    }
    used |= {colour for road in ROADS.values() for colour in (road.fill, road.casing)} | set(UNIT_COLOURS)
    assert used - {""} - mixed <= page


def test_gaps_are_told_apart_without_colour():
    hatches = [LOOKS["gaps_day"].of(name).hatch for name in "123"]
    assert len(set(hatches)) == 3 and all(hatches)
    assert isinstance(LOOKS["gaps_day"].of("9"), Look)


@pytest.mark.parametrize(
    ("longest", "wanted"), [(1, 1), (1.99, 1), (2, 2), (49.9, 20), (50, 50), (999, 500), (1000, 1000)]
)
def test_bars_are_one_two_or_five_times_a_power_of_ten(longest, wanted):
    assert round_length(longest) == pytest.approx(wanted)


def test_steps_of_parts_are_summed_from_the_origin(frame):
    data = {
        "origin": [118_780_000, 32_040_000],
        "fields": [],
        "features": [[1, "default", 1, [[0, 0, 100, 0, 100, 0], [50, 50, 100, 100]], []]],
    }
    [line] = shapes(data, frame)
    assert [len(part) for part in line.parts] == [3, 2]
    first, second = (np.diff(part, axis=0) for part in line.parts)
    assert (first[:, 0] > 0).all() and second[0, 0] > 0 > second[0, 1]
