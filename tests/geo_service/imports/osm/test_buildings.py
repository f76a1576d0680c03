"""Buildings: heights, uses, dwellings, and outlines that are broken, crossed or shared."""

import pytest
import shapely

from geo_service.imports.osm.ground import building_row


@pytest.mark.parametrize(
    ("tags", "height"),
    [
        ({"height": "12.5m"}, 12.5),
        ({"height": "12", "building:levels": "9"}, 12.0),
        # storeys of 3 m and 1 m of roof
        ({"building:levels": "6"}, 19.0),
        # the roof's own height, or 3 m for each of its storeys
        ({"building:levels": "2", "roof:height": "2.5"}, 8.5),
        ({"building:levels": "2", "roof:levels": "1"}, 9.0),
        # what is unknown stays unknown, and counts as never seen over
        ({}, None),
        ({"building:levels": "0"}, None),
        ({"height": "0"}, None),
        ({"height": "very high"}, None),
        ({"height": "12000"}, None),
    ],
)
def test_the_height_is_that_of_the_tag_or_follows_from_the_storeys(tags, height):
    row, _ = building_row({"building": "yes", **tags})
    assert row["height_m"] == height


def test_values_that_cannot_be_read_are_reported_and_the_building_is_stored(drawing, rows_of, fault_of):
    drawing.square(1, 0, 0, 20, {"building": "yes", "height": "tall", "building:levels": "3"})
    town = drawing.town()
    row = rows_of(town, "buildings")["way/1"]
    assert (row["height_m"], row["levels"]) == (10.0, 3.0)
    assert fault_of(town, "way/1") == [
        ("buildings", True, "its value height=tall cannot be used: left empty")
    ]


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"building": "apartments"}, "residential"),
        ({"building": "yes"}, "unknown"),
        ({"building": "yes", "amenity": "school"}, "school"),
        ({"building": "yes", "amenity": "hospital"}, "hospital"),
        ({"building": "yes", "amenity": "police"}, "public"),
        ({"building": "yes", "shop": "clothes"}, "commercial"),
        ({"building": "yes", "office": "government"}, "public"),
        ({"building": "yes", "office": "company"}, "commercial"),
        ({"building": "warehouse"}, "industrial"),
        ({"building": "train_station"}, "transport"),
        ({"building": "temple"}, "other"),
    ],
)
def test_the_use_follows_from_building_amenity_shop_and_office(tags, use):
    assert building_row(tags)[0]["use"] == use


def test_flats_are_dwellings_and_nothing_else_is():
    assert building_row({"building": "apartments", "building:flats": "24"})[0]["dwellings"] == 24
    assert building_row({"building": "apartments", "building:levels": "6"})[0]["dwellings"] is None


def test_a_square_of_20_metres_has_400_square_metres(drawing, rows_of):
    drawing.square(1, 0, 0, 20, {"building": "yes"})
    shape = rows_of(drawing.town(), "buildings")["way/1"]["geometry"]
    west, south, east, north = shape.bounds
    # one metre of latitude is 1/110,900 degree, of longitude 1/(111,320 cos 32.04°)
    assert (north - south) * 110_900 == pytest.approx(20, abs=0.02)
    assert (east - west) * 111_320 * 0.8476 == pytest.approx(20, abs=0.02)
    assert shape.is_valid


def test_broken_outlines_are_reported_by_reason(drawing, rows_of, fault_of):
    tags = {"building": "yes"}
    one, two, three, four = drawing.points((0, 0), (20, 0), (20, 20), (0, 20))
    drawing.way(1, [one, two, three, four], tags)
    drawing.way(2, [one, two, one], tags)
    drawing.way(3, [one], tags)
    drawing.way(4, [one, two, 999_999, one], tags)
    drawing.way(5, [one, one, one, one], tags)
    drawing.line(6, [(0, 0), (10, 0), (20, 0), (10, 0), (0, 0)], tags)
    drawing.way(7, [one, two, three, four, one], tags)
    town = drawing.town()
    assert list(rows_of(town, "buildings")) == ["way/7"]
    reasons = {number: fault_of(town, f"way/{number}")[0][2] for number in range(1, 7)}
    assert reasons == {
        1: "its outline is not closed",
        2: "its ring has fewer than three corners",
        3: "has fewer than two different points",
        4: "1 of its 4 points are not in the file",
        5: "has fewer than two different points",
        6: "its outline encloses no area",
    }
    assert not any(one.stored for one in town.faults)


def test_an_outline_whose_ends_only_lie_in_one_place_is_closed(drawing, rows_of):
    drawing.line(1, [(0, 0), (20, 0), (20, 20), (0, 20), (0, 0)], {"building": "yes"})
    assert "way/1" in rows_of(drawing.town(), "buildings")


def test_a_self_crossing_outline_is_repaired_and_reported(drawing, rows_of, fault_of):
    # a bow-tie: two triangles of 10 m by 20 m / 2 each meet in the middle
    drawing.ring(1, [(0, 0), (20, 20), (20, 0), (0, 20)], {"building": "yes"})
    town = drawing.town()
    shape = rows_of(town, "buildings")["way/1"]["geometry"]
    assert shape.geom_type == "MultiPolygon" and shape.is_valid and len(shape.geoms) == 2
    square = shapely.box(*shape.bounds).area
    assert shape.area == pytest.approx(square / 2, rel=1e-4)
    assert fault_of(town, "way/1") == [
        ("buildings", True, "its outline crosses itself: repaired, only the areas kept")
    ]


def test_a_multipolygon_put_together_from_open_ways_has_its_hole(drawing, rows_of):
    a, b, c, d = drawing.points((0, 0), (40, 0), (40, 40), (0, 40))
    drawing.way(1, [a, b, c])
    drawing.way(2, [a, d, c])
    drawing.square(3, 10, 10, 20)
    drawing.relation(
        9, [(1, "outer"), (3, "inner"), (2, "outer")], {"type": "multipolygon", "building": "yes"}
    )
    shape = rows_of(drawing.town(), "buildings")["relation/9"]["geometry"]
    assert len(shape.interiors) == 1
    # 1,600 m² less 400 m²
    assert shape.area / shapely.Polygon(shape.exterior).area == pytest.approx(
        0.75, rel=1e-3
    )  # points are rounded to 1e-7°


def test_rings_without_a_role_are_holes_where_they_lie_within_another(drawing, rows_of):
    drawing.square(1, 0, 0, 40)
    drawing.square(2, 10, 10, 20)
    drawing.relation(9, [(1, ""), (2, "")], {"type": "multipolygon", "building": "yes"})
    shape = rows_of(drawing.town(), "buildings")["relation/9"]["geometry"]
    assert len(shape.interiors) == 1


def test_a_relation_without_tags_takes_those_of_its_outline_which_is_not_stored_twice(
    drawing, rows_of, fault_of
):
    drawing.square(1, 0, 0, 40, {"building": "apartments"})
    drawing.square(2, 10, 10, 20)
    drawing.relation(9, [(1, "outer"), (2, "inner")], {"type": "multipolygon"})
    town = drawing.town()
    rows = rows_of(town, "buildings")
    assert list(rows) == ["relation/9"]
    assert rows["relation/9"]["use"] == "residential"
    assert fault_of(town, "way/1") == [
        ("buildings", False, "is part of the outline of relation/9, which is stored instead")
    ]


def test_incomplete_and_open_relations_are_reported(drawing, fault_of):
    tags = {"type": "multipolygon", "building": "yes"}
    drawing.square(1, 0, 0, 40)
    drawing.line(2, [(0, 0), (20, 0), (20, 20)])
    drawing.relation(7, [(1, "outer"), (999_999, "inner")], tags)
    drawing.relation(8, [(2, "outer")], tags)
    drawing.relation(9, [], tags)
    drawing.relation(10, [(1, "outer")], {"type": "site", "building": "yes"})
    town = drawing.town()
    assert town.rows["buildings"] == []
    assert fault_of(town, "relation/7") == [("buildings", False, "1 of its 2 ways are not in the file")]
    assert fault_of(town, "relation/8") == [("buildings", False, "its outline is not closed")]
    assert fault_of(town, "relation/9") == [("buildings", False, "its ring has fewer than three corners")]
    assert fault_of(town, "relation/10") == [("buildings", False, "is no multipolygon relation")]


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"building": "no"}, "is marked as being no building"),
        ({"building": "construction"}, "is planned, under construction or no longer there"),
        ({"building": "yes", "location": "underground"}, "lies underground"),
    ],
)
def test_what_stands_nowhere_is_reported(drawing, fault_of, tags, reason):
    drawing.square(1, 0, 0, 20, tags)
    town = drawing.town()
    assert town.rows["buildings"] == []
    assert fault_of(town, "way/1") == [("buildings", False, reason)]


def test_a_building_drawn_as_a_point_is_reported(drawing, fault_of):
    drawing.point(0, 0, {"building": "yes"}, number=5)
    assert fault_of(drawing.town(), "node/5") == [
        ("buildings", False, "is drawn as a point, without an outline")
    ]


def test_a_roof_without_walls_is_stored_with_a_warning(drawing, rows_of, fault_of):
    drawing.square(1, 0, 0, 20, {"building": "roof"})
    town = drawing.town()
    assert "way/1" in rows_of(town, "buildings")
    assert [stored for _, stored, _ in fault_of(town, "way/1")] == [True]
