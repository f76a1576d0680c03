"""Tables of travel times: ours beside networkx on the same graph, in one run.

    python benchmarks/travel_times.py

Networks: a made town of 14,000 nodes (58 × 58 junctions, streets split into several rows as attributes change), and, where
GEO_REAL_DATA names the folder of real towns, every road vertex of Monaco as a node and the junctions of Monaco. networkx searches from 20 of the 200
origins; its time is scaled by ten. Both results are compared.
"""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import shapely

from patrol_routing import DEFAULT_MODES, road_graph, travel_times

CAR = [one for one in DEFAULT_MODES if one.name == "car"]
SIZE, SAMPLE = 200, 20


def made_town(side=58, nodes=14_000):
    """Streets between jittered junctions; links are cut so that the graph has the wanted number of nodes."""
    rng = np.random.default_rng(0)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1) * 120.0 + rng.uniform(
        -30, 30, (side, side, 2)
    )
    links = [(xy[i, j], xy[i, j + 1]) for i in range(side) for j in range(side - 1)]
    links += [(xy[i, j], xy[i + 1, j]) for i in range(side - 1) for j in range(side)]
    cuts = np.bincount(rng.integers(0, len(links), nodes - side * side), minlength=len(links))
    lines, oneway = [], []
    for (a, b), count in zip(links, cuts, strict=True):
        direction = rng.choice(["no", "forward", "backward"], p=[0.8, 0.1, 0.1])
        points = a + (b - a) * np.linspace(0, 1, count + 2)[:, None]
        for start, end in itertools.pairwise(points):
            lines.append(shapely.LineString([start, end]))
            oneway.append(direction)
    frame = {"highway": "residential", "oneway_car": oneway}
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:4549")


class _Roads(osmium.SimpleHandler):
    def __init__(self):
        super().__init__()
        self.rows, self.lines = [], []

    def way(self, way):
        if "highway" not in way.tags or way.tags["highway"] in {"footway", "steps", "pedestrian", "path"}:
            return
        points = [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
        if len(points) < 2:
            return
        oneway = "forward" if way.tags.get("oneway") == "yes" else "no"
        self.rows.append({"highway": way.tags["highway"], "oneway_car": oneway})
        self.lines.append(shapely.LineString(points))


def monaco(folder, *, every_vertex):
    reader = _Roads()
    reader.apply_file(str(folder / "monaco.osm.pbf"), locations=True)
    frame = gpd.GeoDataFrame(reader.rows, geometry=reader.lines, crs="EPSG:4326").to_crs("EPSG:32632")
    frame = frame[frame.is_valid & (frame.length > 0)]
    if not every_vertex:
        return frame
    return frame.set_geometry(
        frame.geometry.map(
            lambda line: shapely.MultiLineString(
                [pair for pair in itertools.pairwise(line.coords) if pair[0] != pair[1]]
            )
        )
    )


def compare(name, roads):
    started = time.perf_counter()
    graph = road_graph(roads, modes=CAR)
    built = time.perf_counter() - started
    rng = np.random.default_rng(1)
    on_road = [n for n in graph if graph.degree(n)]
    origins, goals = (rng.choice(on_road, SIZE).tolist() for _ in range(2))
    started = time.perf_counter()
    ours = travel_times(graph, origins, goals, mode="car")
    cold = time.perf_counter() - started
    warm = []
    for _ in range(5):
        started = time.perf_counter()
        ours = travel_times(graph, origins, goals, mode="car")
        warm.append(time.perf_counter() - started)
    started = time.perf_counter()
    theirs = np.full((SAMPLE, SIZE), np.inf)
    for i, origin in enumerate(origins[:SAMPLE]):
        reached = nx.single_source_dijkstra_path_length(graph, origin, weight="travel_time_car")
        theirs[i] = [reached.get(goal, np.inf) for goal in goals]
    peer = (time.perf_counter() - started) * SIZE / SAMPLE
    same = np.allclose(ours[:SAMPLE], theirs)
    print(
        f"{name:<24} {len(graph):>7,} nodes {graph.number_of_edges():>8,} edges | graph {built:5.2f} s | "
        f"200 × 200: first {cold:6.3f} s, then {min(warm):6.3f} s | networkx {peer:6.2f} s | "
        f"{peer / min(warm):5.0f} × | {'same' if same else 'DIFFERENT'}"
    )
    if not same:
        raise SystemExit(1)


def main():
    compare("made town", made_town())
    folder = os.environ.get("GEO_REAL_DATA")
    if folder:
        compare("Monaco, all vertices", monaco(Path(folder), every_vertex=True))
        compare("Monaco, junctions", monaco(Path(folder), every_vertex=False))


if __name__ == "__main__":
    main()
