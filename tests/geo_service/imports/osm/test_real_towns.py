"""Nanjing and Monaco: every highway way and every building of the file is stored or reported, by an independent count."""

from xml.etree import ElementTree as ET

import osmium
import pytest
import shapely

from geo_service.imports.osm import import_osm, read_osm
from geo_service.store import Store
from town_model import LAYERS

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def nanjing(real_data):
    return read_osm(real_data / "nanjing-xinjiekou.osm")


@pytest.fixture(scope="module")
def monaco(real_data):
    return read_osm(real_data / "monaco.osm.pbf")


@pytest.fixture(scope="module")
def nanjing_xml(real_data):
    """Tags of all elements of the Nanjing file by id, by the XML reader of the standard library."""
    root = ET.parse(real_data / "nanjing-xinjiekou.osm").getroot()
    return {
        f"{one.tag}/{one.get('id')}": {tag.get("k"): tag.get("v") for tag in one.findall("tag")}
        for one in root
    }


@pytest.fixture(scope="module")
def monaco_tags(real_data):
    """Tags of all ways and relations of the Monaco file, by a plain pass over it."""
    names = {"w": "way", "r": "relation", "n": "node"}
    return {
        f"{names[one.type_str()]}/{one.id}": dict(one.tags)
        for one in osmium.FileProcessor(str(real_data / "monaco.osm.pbf"))
        if len(one.tags)
    }


def _stored(town, layer):
    ids = [row["osm_id"] for row in town.rows[layer]]
    assert len(ids) == len(set(ids))
    return set(ids)


def _reported(town, layer):
    return {one.osm_id for one in town.faults if one.layer == layer and not one.stored}


def test_nanjing_has_384_highway_ways_and_1278_buildings_each_stored_or_reported(nanjing, nanjing_xml):
    highways = {key for key, tags in nanjing_xml.items() if "highway" in tags and key.startswith("way/")}
    buildings = {
        key for key, tags in nanjing_xml.items() if "building" in tags and not key.startswith("node/")
    }
    assert (len(highways), len(buildings)) == (384, 1278)
    for layer, ids in (("roads", highways), ("buildings", buildings)):
        stored, reported = _stored(nanjing, layer), _reported(nanjing, layer)
        assert stored <= ids and not stored & reported
        assert ids == (stored | reported) & ids and ids - stored <= reported
    assert len(_stored(nanjing, "roads")) >= 380 and len(_stored(nanjing, "buildings")) >= 1270


def test_nanjing_s_heights_are_those_of_its_tags(nanjing, nanjing_xml):
    """174 buildings carry a height or a number of storeys, one of them height=0."""
    checked = 0
    for row in nanjing.rows["buildings"]:
        tags = nanjing_xml[row["osm_id"]]
        if "height" in tags and tags["height"] != "0":
            assert row["height_m"] == float(tags["height"].removesuffix("m"))
            checked += 1
        elif "building:levels" in tags and "height" not in tags:
            assert row["height_m"] == pytest.approx(3.0 * float(tags["building:levels"]) + 1.0)
            checked += 1
        elif "height" not in tags:
            assert row["height_m"] is None
    assert checked >= 173


def test_nanjing_s_schools_hospitals_police_and_offices_are_proposed(real_data, nanjing):
    """Each lies in a proposal of its category: 18 schools, 5 hospitals, 6 police stations, 2 town halls."""
    root = ET.parse(real_data / "nanjing-xinjiekou.osm").getroot()
    places = {one.get("id"): (float(one.get("lon")), float(one.get("lat"))) for one in root.findall("node")}
    checked = {"school": 0, "hospital": 0, "police": 0, "government": 0}
    categories = {"school": "school", "hospital": "hospital", "police": "police", "townhall": "government"}
    for one in [*root.findall("node"), *root.findall("way")]:
        amenity = {tag.get("k"): tag.get("v") for tag in one.findall("tag")}.get("amenity")
        if amenity in categories:
            refs = [nd.get("ref") for nd in one.findall("nd")]
            spot = shapely.points(places[one.get("id")]) if one.tag == "node" else None
            shape = spot or shapely.polygons([places[ref] for ref in refs]).representative_point()
            category = categories[amenity]
            areas = [p.geometry for p in nanjing.proposals if p.properties.get("category") == category]
            assert shapely.dwithin(shapely.union_all(areas), shape, 1e-7)
            checked[category] += 1
    # the second town hall is a relation
    assert checked == {"school": 18, "hospital": 5, "police": 6, "government": 1}


def test_nanjing_s_four_incomplete_relations_are_reported_by_id(nanjing):
    incomplete = {one.osm_id for one in nanjing.faults if "ways are not in the file" in one.reason.template}
    assert incomplete >= {"relation/7098215", "relation/2138698", "relation/2545647"}


def test_monaco_has_23373_buildings_and_2927_highway_ways_each_stored_or_reported(monaco, monaco_tags):
    highways = {key for key, tags in monaco_tags.items() if "highway" in tags and key.startswith("way/")}
    buildings = {
        key for key, tags in monaco_tags.items() if "building" in tags and not key.startswith("node/")
    }
    assert (len(highways), len(buildings)) == (2927, 23373)
    for layer, ids in (("roads", highways), ("buildings", buildings)):
        stored, reported = _stored(monaco, layer), _reported(monaco, layer)
        assert not stored & reported
        assert ids - stored <= reported
        # beyond the tagged ones, only relations without tags that take those of their outline
        assert all(one.startswith("relation/") for one in stored - ids)
    assert len(_stored(monaco, "buildings")) > 23_300


def test_relations_of_both_towns_have_the_area_that_libosmium_gives_them(real_data, nanjing, monaco):
    """libosmium has its own assembler of areas, in C++."""
    writer = osmium.geom.WKBFactory()
    compared = 0
    for name, town in (("nanjing-xinjiekou.osm", nanjing), ("monaco.osm.pbf", monaco)):
        theirs = {
            f"relation/{one.orig_id()}": shapely.from_wkb(writer.create_multipolygon(one)).area
            for one in osmium.FileProcessor(str(real_data / name)).with_areas()
            if one.is_area() and not one.from_way() and one.num_rings()[0] > 0
        }
        for layer in ("buildings", "water", "land_cover", "admin_areas"):
            for row in town.rows[layer]:
                if row["osm_id"] in theirs:
                    assert row["geometry"].area == pytest.approx(theirs[row["osm_id"]], rel=1e-9)
                    compared += 1
    assert compared > 50


@pytest.mark.parametrize("name", ["nanjing", "monaco"])
def test_all_geometries_are_valid_and_of_the_kind_of_their_layer(request, name):
    town = request.getfixturevalue(name)
    kinds = {"line": {"LineString"}, "point": {"Point"}, "polygon": {"Polygon", "MultiPolygon"}}
    kinds["line_or_polygon"] = kinds["line"] | kinds["polygon"]
    for layer, rows in town.rows.items():
        shapes = [row["geometry"] for row in rows]
        assert shapely.is_valid(shapes).all()
        assert {one.geom_type for one in shapes} <= kinds[LAYERS[layer].geometry]
    proposed = [one.geometry for one in town.proposals]
    assert shapely.is_valid(proposed).all()


def test_nanjing_s_roads_that_share_a_point_share_its_coordinate(real_data, nanjing):
    """Each point used by two stored highway ways stands on both lines, exactly."""
    root = ET.parse(real_data / "nanjing-xinjiekou.osm").getroot()
    places = {one.get("id"): (float(one.get("lon")), float(one.get("lat"))) for one in root.findall("node")}
    lines = {row["osm_id"]: set(row["geometry"].coords) for row in nanjing.rows["roads"]}
    for way in root.findall("way"):
        line = lines.get(f"way/{way.get('id')}")
        if line is not None:
            assert {places[nd.get("ref")] for nd in way.findall("nd")} == line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "buildings"),
    [("nanjing-xinjiekou.osm", 1270), ("monaco.osm.pbf", 23_300)],
    ids=["nanjing", "monaco"],
)
def test_a_real_town_is_stored_with_its_proposals_accepted_and_not_doubled(
    real_data, tmp_path, file, buildings
):
    store = Store(tmp_path / "town.db")
    report = import_osm(store, real_data / file, actor="planner", accept_proposals=True)
    stored = store.count("buildings")
    assert stored > buildings and stored == report.layers["buildings"].inserted
    assert store.count("key_areas") > 50
    again = import_osm(store, real_data / file, actor="planner")
    assert again.inserted == 0 and again.batch is None and store.count("buildings") == stored
    store.undo(report.batch, actor="planner")
    assert store.count("buildings") == 0 == store.count("roads")
    store.close()
