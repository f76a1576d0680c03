"""Where places meet the road network, and which of them a patrol can reach from its bases and return from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from patrol_routing.graph import node_positions
from patrol_routing.network import Network
from patrol_routing.records import is_missing
from town_model import CrsError, ValueRangeError


def nearest_nodes(
    graph: nx.MultiDiGraph[Any],
    points: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    mode: str,
    max_distance_m: float = 200.0,
    bases: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Return the node of a mode's network that lies nearest to each point.

    Args:
        graph: a road graph.
        points: geometries in the graph's coordinate system; of lines and areas a point inside counts.
        mode: the mode; only nodes on roads open to it are considered.
        max_distance_m: farther nodes than this are not taken.
        bases: when given, only nodes that can be reached from one of these nodes, and from which one of them can be
            reached again, so that no place is tied to a scrap of road beside the one it belongs to.

    Returns:
        A frame with the index of `points`: ``node`` (None where none is near enough) and ``distance_m`` (to the nearest
        candidate, also where it was too far; inf where there is none).

    Raises:
        CrsError: the points are in another coordinate system than the graph.
        ValueRangeError: `max_distance_m` is not above 0.
        InputError: no road is open to the mode.
    """
    if not max_distance_m > 0:
        raise ValueRangeError("max_distance_m must be above 0, not {value}", value=max_distance_m)
    series = points.geometry
    crs = graph.graph.get("crs")
    if series.crs is None or (crs is not None and series.crs != crs):
        raise CrsError(
            "the points are in {crs}, but the road graph is in {graph_crs}: convert one of them",
            crs=series.crs and series.crs.name,
            graph_crs=getattr(crs, "name", crs),
        )
    network = Network.of(graph, mode)
    candidate = network.on_road()
    if bases is not None:
        candidate &= network.reached(bases) & network.reached(bases, backwards=True)
    numbers = np.flatnonzero(candidate)
    nodes: list[Any] = [None] * len(series)
    distance = np.full(len(series), np.inf)
    there = np.flatnonzero(~(series.is_empty | series.isna()).to_numpy())
    if len(numbers) and len(there):
        geometry = shapely.point_on_surface(series.to_numpy()[there])
        tree = cKDTree(node_positions(graph, (network.nodes[i] for i in numbers)))
        away, nearest = tree.query(shapely.get_coordinates(geometry))
        distance[there] = away
        for i, metres, k in zip(there, np.atleast_1d(away), np.atleast_1d(nearest), strict=True):
            if metres <= max_distance_m:
                nodes[i] = network.nodes[numbers[k]]
    return pd.DataFrame(
        {"node": pd.Series(nodes, index=series.index, dtype=object), "distance_m": distance},
        index=series.index,
    )


def reachability(
    graph: nx.MultiDiGraph[Any], nodes: pd.Series[Any], *, bases: Sequence[Hashable], mode: str
) -> pd.DataFrame:
    """Report which places a mode can reach from its bases and come back from; none is dropped.

    Args:
        graph: a road graph.
        nodes: the node of each place (as `nearest_nodes` gives it), None where it has none.
        bases: the nodes to start from and return to.
        mode: the mode.

    Returns:
        A frame with the index of `nodes`: ``node``, ``reachable``, ``reason`` (empty, or ``too_far``: it has no node;
        ``off_road``: no road of this mode meets its node; ``no_way``: no base leads there; ``no_way_back``: it leads to no base) and
        ``component_nodes``: how many nodes can be reached from the place's node and back, which tells an island from a
        place at the end of a one-way.

    Raises:
        InputError: a node is not in the graph, or no road is open to the mode.
    """
    network = Network.of(graph, mode)
    there, back = network.reached(bases), network.reached(bases, backwards=True)
    on_road = network.on_road()
    part = network.components()
    sizes = np.bincount(part)
    rows = []
    for node in nodes:
        if is_missing(node):
            rows.append((None, False, "too_far", 0))
            continue
        i = int(network.indices([node])[0])
        if not on_road[i]:
            reason = "off_road"
        elif not there[i]:
            reason = "no_way"
        else:
            reason = "" if back[i] else "no_way_back"
        rows.append((node, not reason, reason, int(sizes[part[i]])))
    return pd.DataFrame(rows, index=nodes.index, columns=["node", "reachable", "reason", "component_nodes"])
