"""Where places touch the road network: access points for each mode, and roads cut there so that they become nodes."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from geo_service.analysis.street_ways import Section, sections
from patrol_routing import DEFAULT_MODES, Mode, road_graph

# A patrol may walk this far from where it stops to the edge of a place.
REACH_M = {"foot": 150.0, "car": 150.0, "motorcycle": 150.0}
_SAME_M = 0.01
_BESIDE_M = 2.0


@dataclass(frozen=True)
class Network:
    """A road graph in which every place and base that has a road near it is a node.

    Args:
        graph: the road graph.
        nodes: for each place or base id, its access nodes by kind of mode (``foot``, ``car``, ``motorcycle``).
        off_road: (id, kind of mode, distance in metres to the nearest road of the mode, inf where there is none)
            of those that no road of the mode comes near.
        streets: the sections of the streets that were asked for, by row of the roads.
    """

    graph: nx.MultiDiGraph[Any]
    nodes: dict[Hashable, dict[str, Hashable]]
    off_road: list[tuple[Hashable, str, float]]
    streets: dict[Hashable, list[Section]] = field(default_factory=dict)


def build_network(
    roads: gpd.GeoDataFrame,
    sites: gpd.GeoSeries,
    *,
    kinds: Iterable[str],
    modes: Iterable[Mode] = DEFAULT_MODES,
    turns: gpd.GeoDataFrame | None = None,
    streets: Collection[Hashable] = (),
) -> Network:
    """Return the road graph with nodes at the access points of places and bases.

    The access point of a site is the point of the nearest road of the mode that lies nearest to the middle of the
    site; of roads that cross the site, only their part inside counts.

    Args:
        roads: the ``roads`` layer, metric CRS.
        sites: polygons or points by id, same CRS.
        kinds: the kinds of mode that need access (``foot``, ``car``, ``motorcycle``).
        modes: modes of the graph.
        turns: the ``turn_restrictions`` layer, same CRS; a site at such a junction is reached a few metres beside it,
            so that stopping there is no way round the restriction.
        streets: rows of the roads that are driven from end to end; they begin and end a few metres beside such junctions, too.
    """
    lines = roads.explode(index_parts=False) if len(roads) else roads
    owner = lines.index.tolist()
    lines = lines.reset_index(drop=True).assign(line=range(len(lines)))
    geometry = lines.geometry.to_numpy()
    junctions = None if turns is None or turns.empty else shapely.union_all(turns.geometry.to_numpy())
    cuts: dict[int, list[float]] = {}
    access: dict[Hashable, dict[str, shapely.Point]] = {one: {} for one in sites.index}
    off_road: list[tuple[Hashable, str, float]] = []
    for kind in kinds:
        open_rows = np.flatnonzero(lines[f"access_{kind}"].fillna(value=True).to_numpy(dtype=bool))
        tree = shapely.STRtree(geometry[open_rows])
        for site, shape in sites.items():
            found = _nearest(shape, geometry, open_rows, tree)
            if found is None or found[2] > REACH_M[kind]:
                off_road.append((site, kind, np.inf if found is None else found[2]))
                continue
            row, along, _ = found
            along = _beside(geometry[row], along, junctions)
            cuts.setdefault(row, []).append(along)
            access[site][kind] = shapely.line_interpolate_point(geometry[row], along)
    if junctions is not None and streets:
        asked = set(streets)
        for row in (at for at, one in enumerate(owner) if one in asked):
            cuts.setdefault(row, []).extend(_round_junctions(geometry[row], junctions))
    parted = _cut(lines, cuts)
    graph = road_graph(parted, modes=list(modes), turns=turns)
    driven = sections(graph, parted, owner, streets, junctions)
    return Network(graph, _nodes(graph, access), off_road, driven)


def _nearest(
    shape: Any, geometry: np.ndarray, rows: np.ndarray, tree: shapely.STRtree
) -> tuple[int, float, float] | None:
    """Return (row, distance along it, distance to the site) of the best access point."""
    if not len(rows):
        return None
    near, distance = tree.query_nearest(shape, return_distance=True, all_matches=True)
    middle = shape.representative_point()
    best: tuple[float, int, float, float] | None = None
    for row, away in zip(rows[near], distance, strict=True):
        inside = shapely.intersection(geometry[row], shape) if away == 0 and shape.area else geometry[row]
        spot = shapely.get_point(shapely.shortest_line(inside, middle), 0)
        if spot is None or spot.is_empty:
            spot = shapely.get_point(shapely.shortest_line(geometry[row], middle), 0)
        along = float(shapely.line_locate_point(geometry[row], spot))
        candidate = (float(spot.distance(middle)), int(row), along, float(away))
        if best is None or candidate < best:
            best = candidate
    return None if best is None else (best[1], best[2], best[3])


def _beside(line: shapely.LineString, along: float, junctions: shapely.Geometry | None) -> float:
    """Return a distance along a line that is not at a junction with turn restrictions."""
    if junctions is None or line.length < 3 * _BESIDE_M:
        return along
    for other in (along, along - _BESIDE_M, along + _BESIDE_M):
        at = min(max(other, 0.0), line.length)
        if line.interpolate(at).distance(junctions) > _BESIDE_M / 2:
            return at
    return along


def _round_junctions(line: shapely.LineString, junctions: shapely.Geometry) -> list[float]:
    """Return distances along a line a few metres before and behind the junctions with turn restrictions on it."""
    if line.length < 3 * _BESIDE_M:
        return []
    met = [
        float(line.project(one)) for one in shapely.get_parts(junctions) if line.distance(one) < _BESIDE_M / 2
    ]
    return [at for one in met for at in (one - _BESIDE_M, one + _BESIDE_M) if 0 < at < line.length]


def _cut(lines: gpd.GeoDataFrame, cuts: dict[int, list[float]]) -> gpd.GeoDataFrame:
    """Return the lines with those in `cuts` parted at distances along them; ends and existing vertices stay as they are."""
    if not cuts:
        return lines
    parts = {row: _parted(lines.geometry.iloc[row], sorted(set(along))) for row, along in cuts.items()}
    whole = lines.drop(index=lines.index[list(parts)])
    owner = [lines.index[row] for row, pieces in parts.items() for _ in pieces]
    pieces = (
        lines.loc[owner].reset_index(drop=True).set_geometry([one for some in parts.values() for one in some])
    )
    both = pd.concat([whole.reset_index(drop=True), pieces], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry=lines.geometry.name, crs=lines.crs)


def _parted(line: shapely.LineString, along: list[float]) -> list[shapely.LineString]:
    vertices = shapely.get_coordinates(line)
    step = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
    pieces = []
    begun = [tuple(vertices[0])]
    at = 1
    for distance in along:
        if distance < _SAME_M or distance > step[-1] - _SAME_M:
            continue
        while step[at] < distance - _SAME_M:
            begun.append(tuple(vertices[at]))
            at += 1
        spot = (
            tuple(vertices[at])
            if abs(step[at] - distance) <= _SAME_M
            else tuple(shapely.get_coordinates(line.interpolate(distance))[0])
        )
        if spot == begun[-1]:
            continue
        begun.append(spot)
        pieces.append(shapely.LineString(begun))
        begun = [spot]
        at += abs(step[at] - distance) <= _SAME_M
    begun += [tuple(one) for one in vertices[at:]]
    if len(begun) > 1:
        pieces.append(shapely.LineString(begun))
    return pieces


def _nodes(
    graph: nx.MultiDiGraph[Any], access: dict[Hashable, dict[str, shapely.Point]]
) -> dict[Hashable, dict[str, Hashable]]:
    """Return the nodes at the access points."""
    ids = [one for one, data in graph.nodes(data=True) if "junction" not in data]
    tree = shapely.STRtree(shapely.points([(graph.nodes[one]["x"], graph.nodes[one]["y"]) for one in ids]))
    return {
        site: {kind: ids[int(tree.nearest(spot))] for kind, spot in by_kind.items()}
        for site, by_kind in access.items()
    }
