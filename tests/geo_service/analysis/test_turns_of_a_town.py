"""Turn restrictions of the store reach the roads that plans and responses are computed on."""

import datetime as dt
from contextlib import closing

import geopandas as gpd
import pytest
import shapely

from geo_service.analysis.access import build_network
from geo_service.analysis.check import check_town
from geo_service.imports.osm.storing import import_osm
from geo_service.store import Store
from patrol_routing import travel_times

CRS = "EPSG:4549"


def network(*, turns):
    """A cross of 100 m arms with a detour from east to north; sites at the west end, the middle and the north end."""
    lines = [[(-100, 0), (0, 0)], [(0, 0), (100, 0)], [(0, 0), (0, 100)], [(100, 0), (100, 100), (0, 100)]]
    roads = gpd.GeoDataFrame(
        {
            "highway": "residential",
            "osm_id": [f"way/{i + 1}" for i in range(4)],
            "access_car": True,
            "oneway_car": "no",
        },
        geometry=[shapely.LineString(one) for one in lines],
        crs=CRS,
    )
    rules = gpd.GeoDataFrame(
        {"kind": ["no_left_turn"], "from_road": ["way/1"], "to_road": ["way/3"]},
        geometry=[shapely.Point(0, 0)],
        crs=CRS,
    )
    spots = {"west": (-100, 0), "middle": (0, 0), "north": (0, 100)}
    sites = gpd.GeoSeries({name: shapely.Point(spot) for name, spot in spots.items()}, crs=CRS)
    return build_network(roads, sites, kinds=["car"], turns=rules if turns else rules.iloc[:0])


def seconds(found, a, b):
    nodes = [found.nodes[one]["car"] for one in (a, b)]
    return float(travel_times(found.graph, nodes[:1], nodes[1:], mode="car")[0, 0])


def test_a_site_behind_a_forbidden_turn_is_reached_by_the_detour():
    free, bound = network(turns=False), network(turns=True)
    assert seconds(bound, "west", "north") == pytest.approx(2 * seconds(free, "west", "north"))
    assert seconds(bound, "north", "west") == pytest.approx(seconds(free, "north", "west"))


def test_a_site_at_the_junction_is_reached_beside_it_and_left_without_the_forbidden_turn():
    bound = network(turns=True)
    node = bound.graph.nodes[bound.nodes["middle"]["car"]]
    assert shapely.Point(node["x"], node["y"]).distance(shapely.Point(0, 0)) == pytest.approx(2)
    by_site = seconds(bound, "west", "middle") + seconds(bound, "middle", "north")
    # turning round beside the junction is allowed; the corner itself is not cut
    assert by_site >= seconds(network(turns=False), "west", "north")


def test_a_file_with_a_restriction_stores_it_and_is_known_again(tmp_path):
    spots = {1: (118.779, 32.04), 2: (118.78, 32.04), 3: (118.78, 32.041)}
    nodes = "".join(f'<node id="{n}" version="1" lon="{x}" lat="{y}"/>' for n, (x, y) in spots.items())
    ways = "".join(
        f'<way id="{w}" version="1"><nd ref="{a}"/><nd ref="{b}"/><tag k="highway" v="residential"/></way>'
        for w, a, b in ((11, 1, 2), (12, 2, 3))
    )
    relation = (
        '<relation id="9" version="1"><member type="way" ref="11" role="from"/><member type="node" ref="2" role="via"/>'
        '<member type="way" ref="12" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/>'
        "</relation>"
    )
    path = tmp_path / "town.osm"
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}{relation}</osm>')
    with closing(Store(tmp_path / "town.db")) as store:
        report = import_osm(store, path, actor="planner")
        assert report.layers["turn_restrictions"].inserted == 1
        (row,) = store.frame("turn_restrictions").to_dict("records")
        assert (row["kind"], row["from_road"], row["to_road"]) == ("no_left_turn", "way/11", "way/12")
        again = import_osm(store, path, actor="planner")
        assert again.layers["turn_restrictions"].unchanged == 1


def test_a_restriction_that_fits_no_junction_is_found_by_the_check(tmp_path):
    """Planned as if it were not there, and said, by its row."""
    with closing(Store(tmp_path / "town.db")) as store:
        store.place_town(118.78, 32.04, actor="planner")
        line = shapely.LineString([(118.78, 32.04), (118.781, 32.04), (118.781, 32.041)])
        rule = {"kind": "no_left_turn", "from_road": "way/1", "to_road": "way/2"}
        with store.change(actor="planner") as change:
            change.insert("roads", [{"highway": "residential", "osm_id": "way/1", "geometry": line}])
            (row,) = change.insert(
                "turn_restrictions", [{**rule, "geometry": shapely.Point(118.7812, 32.0404)}]
            )
        found = [
            one for one in check_town(store, today=dt.date(2026, 5, 4)) if one.layer == "turn_restrictions"
        ]
    assert [(one.severity, one.row) for one in found] == [("warning", row)]
    assert "no junction" in str(found[0].message)
