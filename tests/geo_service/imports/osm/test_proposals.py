"""Key areas and housing zones that a planner may accept: found by tag, never invented."""

import pytest
import shapely

from geo_service.imports.osm.metric import Metric
from geo_service.imports.osm.naming import place_names
from geo_service.imports.osm.presets import BY_TAG, PRESETS
from town_model import LAYERS, parse_hours

CENTER = (118.78, 32.04)


def _key_areas(town):
    return [one for one in town.proposals if one.layer == "key_areas"]


def _square_metres(proposal):
    return float(Metric(CENTER).metres([proposal.geometry])[0].area)


@pytest.fixture
def street(drawing):
    """A drawing with one road, so that it has a middle."""
    drawing.line(1, [(-100, 0), (100, 0)], {"highway": "residential"})
    return drawing


@pytest.mark.parametrize(
    ("tags", "category"),
    [
        ({"amenity": "school"}, "school"),
        ({"amenity": "kindergarten"}, "kindergarten"),
        ({"amenity": "hospital"}, "hospital"),
        ({"amenity": "clinic", "name": "清河镇卫生院"}, "hospital"),
        ({"amenity": "townhall"}, "government"),
        ({"office": "government"}, "government"),
        ({"amenity": "police"}, "police"),
        ({"amenity": "bus_station"}, "station"),
        ({"railway": "station"}, "station"),
        ({"amenity": "ferry_terminal"}, "wharf"),
        ({"amenity": "marketplace"}, "market"),
        ({"shop": "mall"}, "market"),
        ({"landuse": "commercial"}, "business_street"),
    ],
)
def test_an_area_is_proposed_by_its_tag(street, tags, category):
    street.square(5, 0, 20, 100, tags)
    (one,) = _key_areas(street.town())
    assert one.properties["category"] == category
    assert one.source == one.properties["osm_id"] == "way/5"
    assert _square_metres(one) == pytest.approx(10_000, rel=2e-3)


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "place_of_worship", "name": "某寺"},
        {"building": "temple"},
        {"office": "lawyer"},
        {"amenity": "clinic", "name": "私人诊所"},
        {"amenity": "restaurant"},
        {"amenity": "social_facility"},
        {"office": "government", "amenity": "place_of_worship"},
        {"shop": "mall", "building": "church"},
        {"office": "government", "name": "县信访局"},
    ],
)
def test_worship_and_whatever_the_table_does_not_name_is_never_proposed(street, tags):
    street.square(5, 0, 20, 100, tags)
    assert _key_areas(street.town()) == []


def test_a_point_takes_the_building_in_which_it_stands(street):
    street.square(5, 0, 20, 30, {"building": "yes"})
    street.point(10, 30, {"amenity": "police", "name": "清河派出所"})
    (one,) = _key_areas(street.town())
    assert _square_metres(one) == pytest.approx(900, rel=5e-3)


def test_a_point_in_a_dwelling_or_in_the_open_takes_a_circle(street):
    street.square(5, 0, 20, 30, {"building": "apartments"})
    street.point(10, 30, {"amenity": "police"})
    street.point(200, 300, {"amenity": "school"})
    areas = {one.properties["category"]: _square_metres(one) for one in _key_areas(street.town())}
    # π r², the circle drawn with 8 chords a quarter is 0.6 % smaller
    assert areas["police"] == pytest.approx(3.1416 * PRESETS["police"].radius_m ** 2, rel=0.01)
    assert areas["school"] == pytest.approx(3.1416 * PRESETS["school"].radius_m ** 2, rel=0.01)


def test_a_school_that_is_drawn_as_campus_building_and_point_is_one(street):
    street.square(5, 0, 20, 100, {"amenity": "school", "name": "清河中学"})
    street.square(6, 20, 40, 30, {"amenity": "school", "building": "school"})
    street.point(50, 90, {"amenity": "school", "name": "清河中学"})
    (one,) = _key_areas(street.town())
    assert (one.properties["name"], one.source) == ("清河中学", "way/5")


def test_two_schools_of_different_names_side_by_side_are_two(street):
    street.square(5, 0, 20, 100, {"amenity": "school", "name": "第一小学"})
    street.square(6, 100, 20, 100, {"amenity": "school", "name": "第二小学"})
    assert {one.properties["name"] for one in _key_areas(street.town())} == {"第一小学", "第二小学"}


def test_nameless_places_are_numbered_and_equal_names_told_apart():
    places = [
        ("", "学校", ""),
        ("甲", "学校", ""),
        ("", "医院", ""),
        ("甲", "医院", ""),
        ("", "学校", ""),
        ("", "学校", "北路"),
    ]
    assert place_names([*places, ("", "学校", "北路")]) == [
        "未命名学校 1",
        "甲",
        "未命名医院 1",
        "甲(2)",
        "未命名学校 2",
        "北路旁学校",
        "北路旁学校(2)",
    ]


def test_a_nameless_place_is_called_after_the_road_along_which_most_of_it_lies(drawing):
    drawing.line(1, [(-10, 0), (110, 0)], {"highway": "residential", "name": "南路"})
    drawing.line(2, [(0, 120), (0, 400)], {"highway": "residential", "name": "北路"})
    drawing.line(3, [(0, 500), (100, 500)], {"highway": "residential", "name": "远路"})
    drawing.square(5, 0, 10, 100, {"amenity": "school"})
    (one,) = _key_areas(drawing.town())
    assert one.properties["name"] == "南路旁学校"


def test_a_pedestrian_street_is_one_strip_of_its_width_whatever_the_number_of_its_ways(street):
    a, b, c = street.points((0, 50), (100, 50), (220, 50))
    tags = {"highway": "pedestrian", "name": "老街", "width": "8"}
    street.way(5, [a, b], tags)
    street.way(6, [b, c], tags)
    (one,) = _key_areas(street.town())
    assert (one.properties["name"], one.properties["category"]) == ("老街", "pedestrian_street")
    assert one.geometry.geom_type == "Polygon"
    # 220 m × 8 m
    assert _square_metres(one) == pytest.approx(1760, rel=5e-3)


def test_a_short_passage_and_a_tunnel_are_no_pedestrian_streets(street, fault_of):
    street.line(5, [(0, 50), (20, 50)], {"highway": "pedestrian"})
    street.line(6, [(0, 90), (200, 90)], {"highway": "pedestrian", "tunnel": "yes"})
    town = street.town()
    assert _key_areas(town) == []
    assert fault_of(town, "way/5") == [
        ("key_areas", False, "is a pedestrian street too short to be proposed as a key area")
    ]


def test_every_preset_is_allowed_by_the_layer_and_stays_long_enough_to_count():
    declared = LAYERS["key_areas"]
    for category, preset in PRESETS.items():
        values = preset.columns | {"category": category}
        for name in ("category", "priority", "required_class"):
            assert values[name] in {one.value for one in declared.column(name).choices}
        assert preset.visit_interval_min >= declared.column("visit_interval_min").minimum
        assert parse_hours(preset.hours)
    assert set(BY_TAG.values()) <= set(PRESETS)


def test_a_place_named_after_a_person_s_home_is_nameless(street):
    street.square(5, 0, 20, 100, {"amenity": "kindergarten", "name": "张老三家"})
    (one,) = _key_areas(street.town())
    assert one.properties["name"] == "未命名幼儿园 1"


def _houses(drawing, count, *, tags, first=100, y=50.0):
    for index in range(count):
        drawing.square(first + index, index * 20.0, y, 10, tags)


def test_residential_land_with_ten_buildings_is_a_housing_zone_and_with_nine_is_reported(street, fault_of):
    street.ring(5, [(-5, 40), (400, 40), (400, 70), (-5, 70)], {"landuse": "residential", "name": "柳堤小区"})
    _houses(street, 10, tags={"building": "yes"})
    street.ring(6, [(-5, 140), (400, 140), (400, 170), (-5, 170)], {"landuse": "residential"})
    _houses(street, 9, tags={"building": "yes"}, first=200, y=150.0)
    town = street.town()
    (zone,) = [one for one in town.proposals if one.layer == "housing_zones"]
    assert (zone.properties["name"], zone.source) == ("柳堤小区", "way/5")
    # nobody said how many households there are
    assert "households" not in zone.properties
    assert fault_of(town, "way/6") == [
        (
            "housing_zones",
            False,
            "is residential, but its 9 buildings prove 9 dwellings, not ten: not proposed",
        )
    ]


@pytest.mark.parametrize(
    ("count", "tags", "zones"),
    [
        (1, {"building": "apartments", "building:levels": "11"}, [None]),
        (1, {"building": "apartments", "building:flats": "44"}, [44]),
        (2, {"building": "residential", "building:levels": "6"}, [None]),
        (4, {"building": "house", "building:levels": "3"}, []),
        (10, {"building": "house"}, [None]),
        (9, {"building": "apartments"}, []),
        (30, {"building": "yes"}, []),
    ],
)
def test_houses_that_stand_together_prove_flats_storeys_or_one_dwelling_each(street, count, tags, zones):
    """The expected value lists the households of each zone: known only where every house tells its flats."""
    _houses(street, count, tags=tags)
    found = [one.properties for one in street.town().proposals if one.layer == "housing_zones"]
    assert [one.get("households") for one in found] == zones
    assert [one["name"] for one in found] == ["未命名居民区 1"] * len(zones)


def test_houses_far_apart_are_no_zone(street):
    for index in range(12):
        street.square(100 + index, index * 200.0, 50, 10, {"building": "house"})
    assert [one for one in street.town().proposals if one.layer == "housing_zones"] == []


def test_proposals_have_valid_areas_and_declared_columns(street):
    _houses(street, 12, tags={"building": "house"})
    street.point(0, 300, {"amenity": "school"})
    for one in street.town().proposals:
        assert shapely.is_valid(one.geometry) and one.geometry.geom_type in {"Polygon", "MultiPolygon"}
        assert set(one.properties) <= set(LAYERS[one.layer].column_names)
        assert one.reason
