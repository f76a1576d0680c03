"""Restriction relations become turn restrictions, or are reported with the reason."""

import pytest

ROADS = {
    1: [(-100, 0), (0, 0)],
    2: [(0, 0), (100, 0)],
    3: [(0, 0), (0, 100)],
    4: [(0, -100), (0, 0)],
}


def crossing(drawing, tags, *, members=None):
    """Draw four roads that meet at point 500, a road through it (5), and a relation."""
    drawing.point(0, 0, number=500)
    for number, spots in ROADS.items():
        refs = [500 if spot == (0, 0) else drawing.point(*spot) for spot in spots]
        drawing.way(number, refs, {"highway": "residential"})
    drawing.way(5, [drawing.point(-50, -50), 500, drawing.point(50, 50)], {"highway": "service"})
    drawing.way(6, [drawing.point(0, 200), 500], {"landuse": "grass"})
    members = members or [("way", 1, "from"), ("node", 500, "via"), ("way", 3, "to")]
    body = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
    said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in ({"type": "restriction"} | tags).items())
    drawing.parts.append(f'<relation id="9" version="1">{body}{said}</relation>')
    return drawing.town()


def test_a_forbidden_left_turn_is_stored_at_its_junction(drawing, rows_of):
    town = crossing(drawing, {"restriction": "no_left_turn"})
    row = rows_of(town, "turn_restrictions")["relation/9"]
    assert (row["kind"], row["from_road"], row["to_road"]) == ("no_left_turn", "way/1", "way/3")
    assert row["binds_car"] and row["binds_motorcycle"]
    assert (row["geometry"].x, row["geometry"].y) == pytest.approx((118.78, 32.04))


@pytest.mark.parametrize(
    ("tags", "car", "motorcycle"),
    [
        ({"restriction": "no_u_turn", "except": "psv;bicycle"}, True, True),
        ({"restriction": "no_u_turn", "except": "motorcycle"}, True, False),
        ({"restriction": "no_u_turn", "except": "motorcar"}, False, True),
        ({"restriction:motorcycle": "no_u_turn"}, False, True),
        ({"restriction:motor_vehicle": "no_u_turn"}, True, True),
        ({"restriction": "no_u_turn", "restriction:motorcycle": "none"}, True, False),
    ],
)
def test_vehicles_are_bound_as_the_tags_say(drawing, rows_of, tags, car, motorcycle):
    row = rows_of(crossing(drawing, tags), "turn_restrictions")["relation/9"]
    assert (row["binds_car"], row["binds_motorcycle"]) == (car, motorcycle)


def test_several_roads_may_have_no_entry(drawing, rows_of):
    members = [("way", 1, "from"), ("way", 4, "from"), ("node", 500, "via"), ("way", 3, "to")]
    town = crossing(drawing, {"restriction": "no_entry"}, members=members)
    assert rows_of(town, "turn_restrictions")["relation/9"]["from_road"] == "way/1;way/4"


@pytest.mark.parametrize(
    ("tags", "members", "reason"),
    [
        (
            {"restriction": "no_left_turn"},
            [("way", 1, "from"), ("way", 2, "via"), ("way", 3, "to")],
            "between",
        ),
        ({"restriction": "no_left_turn"}, [("way", 1, "from"), ("node", 500, "via")], "members"),
        ({"restriction": "no_left_turn"}, [("way", 1, "from"), ("way", 3, "to")], "members"),
        (
            {"restriction": "no_left_turn"},
            [("way", 5, "from"), ("node", 500, "via"), ("way", 3, "to")],
            "end at",
        ),
        (
            {"restriction": "no_left_turn"},
            [("way", 6, "from"), ("node", 500, "via"), ("way", 3, "to")],
            "among",
        ),
        (
            {"restriction": "no_left_turn"},
            [("way", 1, "from"), ("node", 500, "via"), ("way", 77, "to")],
            "among",
        ),
        ({"restriction": "no_hovering"}, None, "no known kind"),
        ({"restriction:conditional": "no_left_turn @ (07:00-09:00)"}, None, "certain times"),
        ({"restriction": "no_left_turn", "hour_on": "7:00", "hour_off": "9:00"}, None, "certain times"),
        ({"restriction:hgv": "no_left_turn"}, None, "neither cars"),
        ({"restriction": "no_left_turn", "except": "motor_vehicle"}, None, "neither cars"),
        ({"restriction": "no_u_turn", "restriction:motorcycle": "no_left_turn"}, None, "different kinds"),
    ],
)
def test_what_is_not_read_is_reported_with_its_reason(drawing, fault_of, tags, members, reason):
    town = crossing(drawing, tags, members=members)
    assert town.rows["turn_restrictions"] == []
    ((layer, stored, why),) = fault_of(town, "relation/9")
    assert (layer, stored) == ("turn_restrictions", False)
    assert reason in why


@pytest.mark.real_data
def test_every_restriction_of_monaco_is_stored_or_reported(real_data):
    import osmium

    from geo_service.imports.osm.elements import read_elements
    from geo_service.imports.osm.town import build_town

    path = real_data / "monaco.osm.pbf"
    there = {
        f"relation/{one.id}"
        for one in osmium.FileProcessor(str(path), osmium.osm.RELATION)
        if one.tags.get("type", "").startswith("restriction")
    }
    town = build_town(read_elements(path, "pbf"))
    stored = {row["osm_id"] for row in town.rows["turn_restrictions"]}
    reported = {one.osm_id for one in town.faults if one.layer == "turn_restrictions"}
    assert there == stored | reported
    assert len(stored) > len(there) / 2
