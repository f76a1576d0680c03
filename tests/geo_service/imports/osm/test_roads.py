"""Highway ways become roads with access and direction per mode, or are reported."""

import pytest

from geo_service.imports.osm.roads import access, oneway, road_row


@pytest.mark.parametrize(
    ("tags", "foot", "car", "motorcycle"),
    [
        ({"highway": "residential"}, True, True, True),
        ({"highway": "motorway"}, False, True, True),
        ({"highway": "trunk", "motorroad": "yes"}, False, True, True),
        ({"highway": "footway"}, True, False, False),
        ({"highway": "steps"}, True, False, False),
        ({"highway": "busway"}, False, False, False),
        # the general tag closes all modes, that of a mode opens its own again
        ({"highway": "service", "access": "private"}, False, False, False),
        ({"highway": "service", "access": "no", "foot": "yes"}, True, False, False),
        ({"highway": "service", "access": "private", "motor_vehicle": "yes"}, False, True, True),
        # vehicle < motor_vehicle < motorcar, motorcycle
        ({"highway": "service", "vehicle": "no"}, True, False, False),
        ({"highway": "service", "vehicle": "no", "motor_vehicle": "yes"}, True, True, True),
        ({"highway": "service", "motor_vehicle": "no", "motorcycle": "yes"}, True, False, True),
        ({"highway": "service", "motor_vehicle": "yes", "motorcar": "no"}, True, False, True),
        # access=yes on a footpath opens it to no car, a tag for cars does
        ({"highway": "footway", "access": "yes"}, True, False, False),
        ({"highway": "pedestrian", "motor_vehicle": "destination"}, True, True, True),
        # a value that nobody knows decides nothing
        ({"highway": "service", "access": "private", "foot": "sometimes"}, False, False, False),
    ],
)
def test_access_follows_the_hierarchy_of_osm(tags, foot, car, motorcycle):
    assert [access(tags, mode) for mode in ("foot", "car", "motorcycle")] == [foot, car, motorcycle]


@pytest.mark.parametrize(
    ("tags", "foot", "car", "motorcycle"),
    [
        ({"oneway": "yes"}, "no", "forward", "forward"),
        ({"oneway": "1"}, "no", "forward", "forward"),
        ({"oneway": "-1"}, "no", "backward", "backward"),
        ({"oneway": "reversible"}, "no", "no", "no"),
        ({"highway": "motorway"}, "no", "forward", "forward"),
        ({"highway": "motorway", "oneway": "no"}, "no", "no", "no"),
        ({"junction": "roundabout"}, "no", "forward", "forward"),
        ({"oneway": "yes", "oneway:motorcycle": "no"}, "no", "forward", "no"),
        ({"oneway:motor_vehicle": "yes"}, "no", "forward", "forward"),
        ({"oneway": "yes", "oneway:vehicle": "-1"}, "no", "backward", "backward"),
        ({"motorcar:backward": "no"}, "no", "forward", "no"),
        ({"oneway:foot": "yes"}, "forward", "no", "no"),
        ({"highway": "footway", "oneway": "yes"}, "forward", "forward", "forward"),
        ({"highway": "footway", "bicycle": "yes", "oneway": "yes"}, "no", "forward", "forward"),
        ({"highway": "steps", "conveying": "backward"}, "backward", "no", "no"),
    ],
)
def test_one_way_binds_vehicles_and_pedestrians_only_where_it_says_so(tags, foot, car, motorcycle):
    whole = {"highway": "residential", **tags}
    assert [oneway(whole, mode) for mode in ("foot", "car", "motorcycle")] == [foot, car, motorcycle]


def test_a_road_carries_its_name_speed_width_level_bridge_and_tunnel():
    row, unread = road_row(
        {
            "highway": "secondary",
            "name": "Zhongshan Lu",
            "name:zh": "中山路",
            "maxspeed": "50",
            "width": "12.5 m",
            "layer": "-1",
            "bridge": "no",
            "tunnel": "yes",
        }
    )
    assert not unread
    assert (row["name"], row["speed_kmh"], row["width_m"], row["level"]) == ("中山路", 50.0, 12.5, -1)
    assert (row["bridge"], row["tunnel"]) == (False, True)


def test_a_speed_that_is_no_number_stays_empty_and_is_reported(drawing, rows_of, fault_of):
    drawing.line(1, [(0, 0), (50, 0)], {"highway": "residential", "maxspeed": "CN:urban"})
    town = drawing.town()
    assert rows_of(town, "roads")["way/1"]["speed_kmh"] is None
    assert fault_of(town, "way/1") == [
        ("roads", True, "its value maxspeed=CN:urban cannot be used: left empty")
    ]


def test_roads_that_meet_in_a_point_have_exactly_the_same_coordinate(drawing, rows_of):
    shared = drawing.point(33.3, 11.1)
    drawing.way(1, [drawing.point(0, 0), shared], {"highway": "residential"})
    drawing.way(2, [shared, drawing.point(70, 5)], {"highway": "footway"})
    roads = rows_of(drawing.town(), "roads")
    assert roads["way/1"]["geometry"].coords[-1] == roads["way/2"]["geometry"].coords[0]


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "proposed"}, "is planned, under construction or no longer there"),
        ({"highway": "construction"}, "is planned, under construction or no longer there"),
        ({"highway": "platform"}, "its highway value platform is no road"),
        (
            {"highway": "pedestrian", "area": "yes"},
            "is drawn as an area, not as a line: a square of the base map, not a road",
        ),
    ],
)
def test_what_is_no_road_is_reported_by_its_id(drawing, fault_of, tags, reason):
    drawing.square(7, 0, 0, 40, tags)
    town = drawing.town()
    assert town.rows["roads"] == []
    assert ("roads", False, reason) in fault_of(town, "way/7")


def test_a_pedestrian_area_is_a_square_of_the_base_map(drawing, rows_of):
    drawing.square(7, 0, 0, 40, {"highway": "pedestrian", "area": "yes", "name": "人民广场"})
    assert rows_of(drawing.town(), "land_cover")["way/7"]["kind"] == "square"


def test_broken_ways_are_reported_and_do_not_stop_the_others(drawing, fault_of, rows_of):
    one, two = drawing.points((0, 0), (30, 0))
    drawing.way(1, [one], {"highway": "residential"})
    drawing.way(2, [one, 999_999, two], {"highway": "residential"})
    drawing.way(3, [one, one], {"highway": "residential"})
    drawing.way(4, [], {"highway": "residential"})
    drawing.way(5, [one, two], {"highway": "residential"})
    town = drawing.town()
    assert list(rows_of(town, "roads")) == ["way/5"]
    short = [("roads", False, "has fewer than two different points")]
    assert fault_of(town, "way/1") == fault_of(town, "way/3") == fault_of(town, "way/4") == short
    assert fault_of(town, "way/2") == [("roads", False, "1 of its 3 points are not in the file")]
