"""Walls, water, land cover, names and administrative areas of the base map."""

import pytest

from geo_service.imports.osm.elements import read_elements
from geo_service.imports.osm.town import build_town
from town_model import LAYERS


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"barrier": "wall"}, ("wall", False, None)),
        ({"barrier": "wall", "height": "2.5"}, ("wall", False, 2.5)),
        ({"barrier": "city_wall", "height": "12 m"}, ("wall", False, 12.0)),
        ({"barrier": "retaining_wall"}, ("wall", False, None)),
        ({"barrier": "fence"}, ("fence", True, None)),
        ({"barrier": "fence", "fence_type": "wood"}, ("fence", False, None)),
        ({"barrier": "hedge"}, ("hedge", False, None)),
        ({"natural": "tree_row"}, ("trees", False, None)),
    ],
)
def test_walls_hide_and_fences_do_not(drawing, rows_of, tags, expected):
    """The expected values are kind, whether one sees through, and height."""
    drawing.line(1, [(0, 0), (30, 0)], tags)
    row = rows_of(drawing.town(), "obstacles")["way/1"]
    assert (row["kind"], row["see_through"], row["height_m"]) == expected
    assert row["geometry"].geom_type == "LineString"


def test_a_wall_round_a_yard_is_a_line_and_a_hedge_that_is_an_area_a_polygon(drawing, rows_of):
    drawing.square(1, 0, 0, 30, {"barrier": "wall"})
    drawing.square(2, 50, 0, 5, {"barrier": "hedge", "area": "yes"})
    rows = rows_of(drawing.town(), "obstacles")
    assert rows["way/1"]["geometry"].geom_type == "LineString"
    assert rows["way/2"]["geometry"].geom_type == "Polygon"


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"natural": "water"}, "water"),
        ({"natural": "water", "water": "lake"}, "lake"),
        ({"natural": "water", "water": "pond"}, "pond"),
        ({"natural": "water", "water": "river"}, "river"),
        ({"waterway": "riverbank"}, "river"),
        ({"landuse": "reservoir"}, "lake"),
    ],
)
def test_water_surfaces_have_their_kind(drawing, rows_of, tags, kind):
    drawing.square(1, 0, 0, 50, tags | {"name": "玉带河"})
    row = rows_of(drawing.town(), "water")["way/1"]
    assert (row["kind"], row["name"], row["geometry"].geom_type) == (kind, "玉带河", "Polygon")


@pytest.mark.parametrize(
    ("value", "kind"), [("river", "river"), ("canal", "river"), ("stream", "stream"), ("ditch", "stream")]
)
def test_watercourses_are_lines(drawing, rows_of, value, kind):
    drawing.line(1, [(0, 0), (50, 0)], {"waterway": value})
    row = rows_of(drawing.town(), "water")["way/1"]
    assert (row["kind"], row["geometry"].geom_type) == (kind, "LineString")


def test_a_culvert_is_reported_as_underground(drawing, fault_of):
    drawing.line(1, [(0, 0), (50, 0)], {"waterway": "stream", "tunnel": "culvert"})
    town = drawing.town()
    assert town.rows["water"] == []
    assert fault_of(town, "way/1") == [("water", False, "lies underground")]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"leisure": "park"}, "park"),
        ({"natural": "wood"}, "forest"),
        ({"landuse": "forest"}, "forest"),
        ({"landuse": "grass"}, "grass"),
        ({"landuse": "farmland"}, "farmland"),
        ({"place": "square"}, "square"),
        ({"landuse": "residential"}, "built_up"),
    ],
)
def test_land_cover_has_its_kind(drawing, rows_of, tags, kind):
    drawing.square(1, 0, 0, 50, tags)
    assert rows_of(drawing.town(), "land_cover")["way/1"]["kind"] == kind


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("town", "town"),
        ("village", "village"),
        ("hamlet", "village"),
        ("suburb", "quarter"),
        ("locality", "place"),
    ],
)
def test_places_are_names_on_the_map(drawing, rows_of, place, kind):
    drawing.point(0, 0, {"place": place, "name": "柳堤"}, number=5)
    row = rows_of(drawing.town(), "place_names")["node/5"]
    assert (row["name"], row["kind"]) == ("柳堤", kind)


def test_single_dwellings_and_nameless_places_are_no_names_on_the_map(drawing, fault_of):
    drawing.point(0, 0, {"place": "isolated_dwelling", "name": "北坡"}, number=5)
    drawing.point(0, 0, {"place": "village"}, number=6)
    town = drawing.town()
    assert town.rows["place_names"] == []
    assert "names a single dwelling" in fault_of(town, "node/5")[0][2]
    assert fault_of(town, "node/6") == [("place_names", False, "has no name")]


def test_a_complete_boundary_is_an_area_and_an_incomplete_one_is_reported_with_its_edges(
    drawing, rows_of, fault_of
):
    a, b, c, d = drawing.points((0, 0), (400, 0), (400, 400), (0, 400))
    edge = {"boundary": "administrative", "admin_level": "8"}
    drawing.way(1, [a, b, c], edge)
    drawing.way(2, [c, d, a], edge)
    whole = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "清河镇"}
    drawing.relation(8, [(1, "outer"), (2, "outer")], whole)
    drawing.line(3, [(500, 0), (900, 0)], edge)
    drawing.relation(9, [(3, "outer"), (999_999, "outer")], whole | {"name": "邻镇"})
    town = drawing.town()
    row = rows_of(town, "admin_areas")["relation/8"]
    assert (row["name"], row["admin_level"]) == ("清河镇", 8)
    assert fault_of(town, "relation/9") == [("admin_areas", False, "1 of its 2 ways are not in the file")]
    assert fault_of(town, "way/3") == [
        ("admin_areas", False, "is only an edge of relation/9, which is judged as a whole")
    ]


def test_the_extent_of_a_village_is_an_area_with_its_name_on_it(drawing, rows_of):
    drawing.square(1, 0, 0, 300, {"place": "village", "name": "柳堤村"})
    town = drawing.town()
    area = rows_of(town, "admin_areas")["way/1"]["geometry"]
    label = rows_of(town, "place_names")["way/1"]
    assert label["kind"] == "village" and area.contains(label["geometry"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("小卖部 13800138000", "its name carries a phone number, identity number or plate: left out"),
        ("张老三家", "its name stands for one person's home: left out"),
    ],
)
def test_a_name_that_points_to_a_person_is_left_out_and_reported(drawing, rows_of, fault_of, name, reason):
    drawing.square(1, 0, 0, 20, {"building": "yes", "name": name, "name:zh": name})
    town = drawing.town()
    assert rows_of(town, "buildings")["way/1"]["name"] == ""
    assert fault_of(town, "way/1") == [("buildings", True, reason)]


def test_a_place_that_has_a_point_and_an_extent_is_named_once(drawing, rows_of):
    drawing.square(1, 0, 0, 300, {"place": "village", "name": "柳堤村"})
    drawing.point(50, 50, {"place": "village", "name": "柳堤村"}, number=5)
    assert list(rows_of(drawing.town(), "place_names")) == ["node/5"]


def test_what_lies_far_from_everything_else_is_reported_and_spoils_nothing(drawing, rows_of, fault_of):
    for number in range(1, 6):
        drawing.square(number, number * 30, 0, 20, {"building": "yes"})
    drawing.square(8, 4_000_000, 2_000_000, 20, {"building": "yes", "amenity": "school"})
    drawing.square(9, 0, 100, 50, {"amenity": "school"})
    town = drawing.town()
    assert len(rows_of(town, "buildings")) == 5
    assert fault_of(town, "way/8") == [
        ("buildings", False, "lies more than 150 km from the middle of the file")
    ]
    assert town.center == pytest.approx((118.781, 32.04), abs=1e-3)
    assert [one.source for one in town.proposals] == ["way/9"]


def test_elements_that_were_never_uploaded_are_reported_as_lacking_their_points(drawing, fault_of):
    drawing.way(1, [drawing.point(0, 0, number=-1), drawing.point(9, 0, number=-2)], {"highway": "service"})
    assert fault_of(drawing.town(), "way/1") == [("roads", False, "2 of its 2 points are not in the file")]


def test_rows_carry_declared_columns_only(drawing):
    drawing.square(1, 0, 0, 20, {"building": "yes", "phone": "1", "operator": "x"})
    drawing.line(2, [(0, 0), (9, 0)], {"highway": "service", "barrier": "wall", "waterway": "ditch"})
    drawing.square(3, 0, 0, 20, {"leisure": "park", "boundary": "administrative", "name": "甲"})
    town = drawing.town()
    for layer, rows in town.rows.items():
        for row in rows:
            assert set(row) <= {*LAYERS[layer].column_names, "geometry"}


def test_ids_out_of_order_and_ways_before_their_points_are_read(tmp_path):
    path = tmp_path / "unsorted.osm"
    path.write_text(
        """<osm version="0.6">
        <relation id="9" version="1"><member type="way" ref="3" role="outer"/>
          <tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
        <way id="8" version="1"><nd ref="5"/><nd ref="2"/><tag k="highway" v="service"/></way>
        <way id="3" version="1"><nd ref="5"/><nd ref="2"/><nd ref="7"/><nd ref="5"/></way>
        <node id="7" version="1" lat="32.001" lon="118.001"/>
        <node id="2" version="1" lat="32.000" lon="118.001"/>
        <node id="5" version="1" lat="32.000" lon="118.000"/></osm>"""
    )
    town = build_town(read_elements(path, "osm"))
    assert list(town.rows["roads"][0]["geometry"].coords) == [(118.0, 32.0), (118.001, 32.0)]
    assert [row["osm_id"] for row in town.rows["buildings"]] == ["relation/9"]
    assert town.faults == []
