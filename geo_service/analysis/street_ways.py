"""Required streets on the road graph: the edges of a road in driving order, as drawn and against it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from patrol_routing import edge_geometry

Edge: TypeAlias = tuple[Any, Any, int]
_TOUCH_M = 1.0


@dataclass(frozen=True)
class Section:
    """A stretch of a road that is driven in one go.

    Args:
        forward: its edges in the direction in which the road is drawn; empty where no mode may go that way.
        back: the same against it.
        geometry: its line.
    """

    forward: tuple[Edge, ...]
    back: tuple[Edge, ...]
    geometry: shapely.LineString


def sections(
    graph: nx.MultiDiGraph[Any],
    lines: gpd.GeoDataFrame,
    owner: Sequence[Hashable],
    wanted: Collection[Hashable],
    junctions: shapely.Geometry | None,
) -> dict[Hashable, list[Section]]:
    """Return the sections of roads, by row of the layer; a road parts at junctions with turn restrictions.

    Args:
        graph: the road graph of `lines`, whose edges name their row of it in ``road``.
        lines: the roads as they were cut, in order along each; ``line`` says of which line a row is part.
        owner: the road of each line.
        wanted: the roads that are asked for.
        junctions: where turns are restricted; None for nowhere.
    """
    ask = set(wanted)
    rows = [row for row, line in enumerate(lines["line"]) if owner[line] in ask] if ask else []
    edges: dict[int, list[tuple[Any, Any, int, dict[str, Any]]]] = {row: [] for row in rows}
    for u, v, key, data in graph.edges(keys=True, data=True):
        if data["road"] in edges:
            edges[data["road"]].append((u, v, key, data))
    found: dict[Hashable, list[Section]] = {one: [] for one in wanted}
    shapes = lines.geometry.to_numpy()
    by_line: dict[int, list[int]] = {}
    for row in rows:
        by_line.setdefault(int(lines["line"].iloc[row]), []).append(row)
    for line, parts in by_line.items():
        for run in _runs(parts, shapes, junctions):
            ways = [_way(graph, run, shapes, edges, against=against) for against in (False, True)]
            if any(ways):
                found[owner[line]].append(Section(ways[0], ways[1], _joined(shapes, run)))
    return found


def _runs(parts: list[int], shapes: np.ndarray, junctions: shapely.Geometry | None) -> list[list[int]]:
    """Return runs of parts between junctions with turn restrictions: beside those the road was cut a little before."""
    if junctions is None:
        return [parts]
    runs: list[list[int]] = [[]]
    for row in parts:
        if shapes[row].distance(junctions) < _TOUCH_M:
            runs.append([])
        else:
            runs[-1].append(row)
    return [one for one in runs if one] or [parts]


def _way(
    graph: nx.MultiDiGraph[Any],
    run: list[int],
    shapes: np.ndarray,
    edges: dict[int, list[tuple[Any, Any, int, dict[str, Any]]]],
    *,
    against: bool,
) -> tuple[Edge, ...]:
    """Return edges that lead along a run from its begin to its end (or back), or none where some part is closed that way."""
    paths: dict[Any, tuple[Edge, ...]] | None = None
    for row in reversed(run) if against else run:
        # copies of an edge, at twins of its junctions, have their middle at the same place
        places: dict[float, list[Edge]] = {}
        for u, v, key, data in edges[row]:
            if data["reversed"] == against:
                middle = edge_geometry(graph, u, v, key).interpolate(0.5, normalized=True)
                places.setdefault(round(float(shapes[row].project(middle)), 2), []).append((u, v, key))
        ordered = sorted(places, reverse=against)
        if (
            not ordered
            or abs(sum(_length(graph, places[at][0]) for at in ordered) - shapes[row].length) > 0.1
        ):
            return ()
        for at in ordered:
            copies = sorted(places[at], key=lambda one: "junction" in graph.nodes[one[0]])
            further: dict[Any, tuple[Edge, ...]] = {}
            for one in copies:
                if paths is None:
                    further.setdefault(one[1], (one,))
                elif one[0] in paths:
                    further.setdefault(one[1], (*paths[one[0]], one))
            paths = further
    return next(iter(paths.values()), ()) if paths else ()


def _length(graph: nx.MultiDiGraph[Any], edge: Edge) -> float:
    return float(graph.edges[edge]["length"])


def _joined(shapes: np.ndarray, run: list[int]) -> shapely.LineString:
    return shapely.LineString(np.concatenate([shapely.get_coordinates(shapes[row]) for row in run]))
