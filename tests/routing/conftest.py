"""What the tests of the road and patrol room share: a small OpenStreetMap reader of their own, and a small town."""

import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from patrol_routing import Mode, PatrolProblem, road_graph

_FOOT_ONLY = {"footway", "steps", "pedestrian", "path", "cycleway"}
_BACKWARD, _FORWARD = {"-1", "reverse"}, {"yes", "1", "true"}


def read_roads(path, crs="EPSG:4549"):
    """Return the highway ways of a file in metres."""
    root = ET.parse(path).getroot()
    position = {n.get("id"): (float(n.get("lon")), float(n.get("lat"))) for n in root.iter("node")}
    rows, lines = [], []
    for way in root.iter("way"):
        tags = {t.get("k"): t.get("v") for t in way.iter("tag")}
        points = [position[nd.get("ref")] for nd in way.iter("nd") if nd.get("ref") in position]
        if "highway" not in tags or len(points) < 2 or tags.get("area") == "yes":
            continue
        motor = tags["highway"] not in _FOOT_ONLY
        oneway = tags.get("oneway")
        direction = "backward" if oneway in _BACKWARD else "forward" if oneway in _FORWARD else "no"
        rows.append(
            {
                "highway": tags["highway"],
                "name": tags.get("name"),
                "access_foot": tags["highway"] != "motorway",
                "access_car": motor,
                "access_motorcycle": motor,
                "oneway_foot": "no",
                "oneway_car": direction,
                "oneway_motorcycle": direction,
                "osm_id": f"way/{way.get('id')}",
            }
        )
        lines.append(shapely.LineString(points))
    return gpd.GeoDataFrame(rows, geometry=lines, crs="EPSG:4326").to_crs(crs)


@pytest.fixture(scope="session")
def nanjing_roads(real_data):
    """The roads of the Nanjing file, read without the importer."""
    return read_roads(real_data / "nanjing-xinjiekou.osm")


@pytest.fixture(scope="session")
def nanjing_graph(nanjing_roads):
    return road_graph(nanjing_roads)


BLOCK_M = 100.0


@pytest.fixture(scope="session")
def block_graph():
    """Five by five junctions 100 m apart; car 10 m/s, foot 1 m/s.

    Junction (i, j) is at (100 i, 100 j). The row j = 0 is one-way eastward for cars, the column i = 4 is closed to cars,
    and far off lies a road that hangs together with nothing.
    """
    lines, columns = [], {"oneway_car": [], "access_car": []}
    for k in range(5):
        lines.append(shapely.LineString([(i * BLOCK_M, k * BLOCK_M) for i in range(5)]))
        columns["oneway_car"].append("forward" if k == 0 else "no")
        columns["access_car"].append(True)
        lines.append(shapely.LineString([(k * BLOCK_M, j * BLOCK_M) for j in range(5)]))
        columns["oneway_car"].append("no")
        columns["access_car"].append(k != 4)
    lines.append(shapely.LineString([(5000, 5000), (5100, 5000)]))
    columns["oneway_car"].append("no")
    columns["access_car"].append(True)
    frame = gpd.GeoDataFrame({"highway": "residential", **columns}, geometry=lines, crs="EPSG:4549")
    return road_graph(frame, modes=[Mode("car", 36.0), Mode("foot", 3.6)])


def node_at(graph, x, y):
    """The node at a position."""
    (found,) = [n for n, d in graph.nodes(data=True) if abs(d["x"] - x) < 1e-6 and abs(d["y"] - y) < 1e-6]
    return found


@pytest.fixture(scope="session")
def junction(block_graph):
    """Junction (i, j) of the block town."""
    return lambda i, j: node_at(block_graph, i * BLOCK_M, j * BLOCK_M)


@pytest.fixture
def patrol_case(real_data):
    """A patrol case of the published set, as its README states the question."""

    def read(number, units=3):
        seconds = np.loadtxt(
            real_data / "benchmarks" / "patrol_cases" / f"case-{number:02d}.csv", delimiter=","
        )
        places = pd.DataFrame({"node": range(1, 21), "dwell_s": 720, "max_gap_s": 7200}, index=range(1, 21))
        shifts = pd.DataFrame({"mode": ["car"] * units, "base": 0, "start_s": 0, "end_s": 28_800})
        return PatrolProblem(places, shifts, (0, 28_800), travel={"car": seconds}, gap_from="arrival")

    return read
