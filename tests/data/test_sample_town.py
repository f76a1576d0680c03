"""The fictional sample town: what is in it, that it is sound, and that it is always the same."""

import datetime as dt
import pickle
from collections import Counter

import pytest
import shapely

from town_data import LOAD_ORDER, sample_town
from town_model import LAYERS, parse_days, parse_hours


def test_the_town_has_what_the_issue_asks_for(town):
    assert abs(len(town["buildings"]) - 1500) <= 75
    assert len(town["camera_sites"]) == 120
    assert len(town["villages"]) == 8
    assert sum(one["kind"] == "village" for one in town["place_names"]) == 8
    assert len(town["grids"]) == 5
    assert 140 <= len(town["mounting_points"]) <= 160
    categories = Counter(one["category"] for one in town["key_areas"])
    assert categories["school"] == 3
    wanted = {
        "government",
        "police",
        "hospital",
        "station",
        "wharf",
        "market",
        "business_street",
        "pedestrian_street",
    }
    assert wanted <= set(categories)
    assert sum(one.get("bridge") for one in town["roads"]) >= 3
    assert {"primary", "secondary", "tertiary", "pedestrian", "footway", "path"} <= {
        one["highway"] for one in town["roads"]
    }
    assert any(one.get("oneway_car", "no") != "no" for one in town["roads"])


def test_four_walled_estates_have_walls_and_gates(town, metres):
    gates = Counter(one.get("housing_zone") for one in town["entrances"] if one.get("housing_zone"))
    walls = [
        shape
        for row, shape in zip(town["obstacles"], metres["obstacles"], strict=True)
        if row["kind"] == "wall"
    ]
    heights = [row["height_m"] for row in town["obstacles"] if 2.2 <= row["height_m"] <= 2.5]
    assert len(town["housing_zones"]) == 4
    assert all(2.2 <= one <= 2.5 for one in heights)
    for row, zone in zip(town["housing_zones"], metres["housing_zones"], strict=True):
        assert row["walled"] and row["households"] >= 10 and gates[row["name"]] >= 1
        along = shapely.intersection(shapely.union_all(walls).buffer(0.05), zone.exterior).length
        gap = zone.exterior.length - along
        assert 6 <= gap <= 9 * gates[row["name"]]


def test_cameras_come_in_every_kind_and_state(town):
    declared = LAYERS["camera_sites"]
    for column in ("kind", "status"):
        assert {one[column] for one in town["camera_sites"]} == {
            one.value for one in declared.column(column).choices
        }
    seen = {one["camera"] for one in town["camera_views"]}
    several = {one["name"] for one in town["camera_sites"] if one["kind"] in {"ptz", "multi_sensor"}}
    eyes = {one["name"] for one in town["camera_sites"] if one["kind"] == "multi_sensor"}
    assert eyes <= seen <= several
    codes = [one["code"] for one in town["camera_sites"]]
    assert len(set(codes)) == 120 and all(len(one) == 20 and one.isdigit() for one in codes)
    assert any((one.get("retention_days") or 30) < 30 for one in town["camera_sites"])
    assert {one["mode"] for one in town["patrol_units"]} == {"foot", "car", "motorcycle"}


def test_the_town_has_patrols_for_a_day_and_a_market(town):
    """Two cars round the clock, two motorcycles, four pairs on foot and in each village a group in the evening; a market by lunar days."""
    units = Counter((one["mode"], one["kind"]) for one in town["patrol_units"])
    assert units["car", "police"] == units["motorcycle", "auxiliary"] == 2
    assert (units["foot", "auxiliary"], units["foot", "village"]) == (4, 8)
    assert all(one["shifts"] == "00:00-24:00" for one in town["patrol_units"] if one["mode"] == "car")
    evening = [parse_hours(one["shifts"]) for one in town["patrol_units"] if one["kind"] == "village"]
    assert all(19 * 3600 <= start < end <= 23 * 3600 for spans in evening for start, end in spans)
    (market,) = [one for one in town["day_rules"] if one["day_type"] == "market_day"]
    assert market["rule"] == "lunar_ending"
    assert parse_days(market["rule"], market["days"]) == {2, 5, 8}


@pytest.mark.parametrize("name", LOAD_ORDER)
def test_every_row_satisfies_the_declaration_of_its_layer(town, name):
    declared = LAYERS[name]
    known = {layer: {one.get("name") for one in town[layer]} for layer in town}
    for row in town[name]:
        assert set(row) <= set(declared.column_names) | ({"geometry"} if declared.geometry else set())
        for column in declared.columns:
            value = row.get(column.name)
            if value is None:
                assert not column.required
                continue
            if column.kind in {"integer", "real"}:
                assert column.minimum is None or value >= column.minimum
                assert column.maximum is None or value <= column.maximum
            elif column.kind == "choice":
                assert value in {one.value for one in column.choices}
            elif column.kind == "ref":
                assert value in known[column.refers_to]
            elif column.kind == "hours":
                assert parse_hours(value)
            elif column.kind == "date":
                assert isinstance(value, dt.date)
            elif column.kind == "boolean":
                assert isinstance(value, bool)
            else:
                assert isinstance(value, str)


@pytest.mark.parametrize(
    "name", ["villages", "housing_zones", "key_areas", "camera_models", "camera_sites", "patrol_points"]
)
def test_names_that_others_refer_to_are_unique(town, name):
    assert max(Counter(one["name"] for one in town[name]).values()) == 1


def test_the_load_order_puts_each_layer_after_those_it_refers_to():
    for place, name in enumerate(LOAD_ORDER):
        assert {one.refers_to for one in LAYERS[name].columns if one.refers_to} <= set(LOAD_ORDER[:place])


def test_all_geometries_are_valid_and_in_the_township(metres):
    township = metres["admin_areas"][0].buffer(0.5)
    for name, shapes in metres.items():
        assert shapely.is_valid(shapes).all(), name
        assert shapely.covers(township, shapes).all(), name


def test_villages_tile_the_township(metres):
    villages = metres["villages"]
    assert sum(shapely.area(villages)) == pytest.approx(shapely.union_all(villages).area, rel=1e-6)
    assert shapely.union_all(villages).symmetric_difference(metres["admin_areas"][0]).area < 5


def test_buildings_stand_clear_of_each_other_of_roads_and_of_water(metres):
    houses = metres["buildings"]
    tree = shapely.STRtree(houses)
    first, second = tree.query(houses, predicate="intersects")
    pairs = first < second
    shared = shapely.area(shapely.intersection(houses[first[pairs]], houses[second[pairs]]))
    assert not (shared > 0.01).any()
    assert tree.query(metres["roads"], predicate="intersects").size == 0
    assert tree.query(metres["water"], predicate="intersects").size == 0


def _networks(roads):
    parent = {}

    def root(point):
        while parent.setdefault(point, point) != point:
            point = parent[point]
        return point

    for road in roads:
        points = [tuple(one) for one in road["geometry"].coords]
        for one in points[1:]:
            parent[root(one)] = root(points[0])
    return {root(one) for one in list(parent)}


@pytest.mark.parametrize("mode", ["foot", "car", "motorcycle"])
def test_the_roads_of_each_mode_are_one_network_by_shared_vertices(town, mode):
    assert len(_networks([one for one in town["roads"] if one.get(f"access_{mode}", True)])) == 1


def test_no_road_but_a_bridge_runs_over_water(town, metres):
    dry = [shape for row, shape in zip(town["roads"], metres["roads"], strict=True) if not row.get("bridge")]
    assert shapely.STRtree(metres["water"]).query(dry, predicate="crosses").size == 0


def test_exactly_one_key_place_is_far_from_every_road_for_vehicles(town, metres):
    for mode in ("car", "motorcycle"):
        open_to = [
            s
            for row, s in zip(town["roads"], metres["roads"], strict=True)
            if row.get(f"access_{mode}", True)
        ]
        far = shapely.distance(metres["key_areas"], shapely.union_all(open_to)) > 100
        assert [row["name"] for row, one in zip(town["key_areas"], far, strict=True) if one] == ["望渚公园"]


def test_a_street_is_required_and_somebody_stands_at_a_school_gate(town):
    """The shopping street every four hours; a post from 7:00 to 8:10 on school days, where its school's own guard is on duty."""
    (street,) = (one for one in town["roads"] if one.get("patrol_interval_min"))
    assert (street["name"], street["patrol_interval_min"]) == ("人民街", 240)
    (rule,) = town["patrol_rules"]
    assert (rule["demand"], rule["hours"], rule["day_type"]) == ("post", "07:00-08:10", "school_day")
    (gate,) = (one for one in town["patrol_points"] if one["name"] == rule["patrol_point"])
    (guard,) = (one for one in town["patrol_units"] if one["name"] == "中心小学护校队")
    assert guard["geometry"].equals_exact(gate["geometry"], 1e-9)
    assert any(start <= 7 * 3600 and end >= 8 * 3600 + 600 for start, end in parse_hours(guard["shifts"]))


def test_no_patrol_point_is_a_private_door_and_no_row_names_a_home(town):
    assert not any(one.get("private_door") for name in ("patrol_points", "entrances") for one in town[name])
    words = "某某 户主 身份证 电话 先生 女士".split()
    texts = [v for rows in town.values() for row in rows for v in row.values() if isinstance(v, str)]
    assert not [one for one in texts for word in words if word in one or one.endswith(("家", "户"))]


def test_the_same_seed_gives_the_same_town_and_another_seed_another(town):
    assert pickle.dumps(sample_town(7).layers) == pickle.dumps(town.layers)
    assert [r["geometry"].wkb for r in sample_town(8)["roads"]] != [r["geometry"].wkb for r in town["roads"]]
