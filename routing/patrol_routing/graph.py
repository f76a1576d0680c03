"""The road graph: junctions and dead ends as nodes, the road between them as edges, one for each direction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from patrol_routing.modes import DEFAULT_MODES, Mode
from patrol_routing.snapping import snap_ends
from patrol_routing.turns import split_junctions
from town_model import ColumnError, InputError, Text, ValueRangeError, check_frame

# Vertices nearer to each other than this are one: the same vertex after a change of coordinates.
_SAME_M = 1e-3
_DIRECTIONS = ("no", "forward", "backward")


def road_graph(
    roads: gpd.GeoDataFrame,
    *,
    modes: Sequence[Mode] = DEFAULT_MODES,
    snap_m: float = 0.0,
    turns: gpd.GeoDataFrame | None = None,
) -> nx.MultiDiGraph[Any]:
    """Return the graph of a town's roads, after the conventions of OSMnx.

    Roads are joined where they share a vertex, not where their lines merely cross (a bridge). All parts of the
    network are kept, also those that hang together with nothing else: see `reachability`.

    Node attributes: ``x``, ``y`` (metres), ``street_count`` (ends of streets that meet there).
    Edge attributes: ``length`` (m), ``highway``, ``name`` (where there is one), ``oneway`` (whether some mode may
    use it in one direction only), ``reversed`` (against the direction in which the road is drawn), ``road`` (the
    index of the road in `roads`), ``modes`` (tuple of names), ``travel_time_<mode>`` (s) for each of these,
    ``geometry`` where the edge is not straight, ``bridge``, ``tunnel``, ``level`` where they are set.
    Graph attributes: ``crs``, ``modes`` (the `Mode` objects by name), ``turns`` (the restrictions kept, as `Turn`),
    ``turns_left_out`` (index in `turns` and why, of those that fit no junction).

    The graph is frozen (`networkx.freeze`), so that matrices can be kept with it; change a copy.

    Args:
        roads: lines in the town's metric coordinate system, with the columns of the ``roads`` layer; only
            ``highway`` is required. Without an ``access_…`` column the mode's closed classes count.
        modes: the modes of travel.
        snap_m: ends of roads that touch nothing are joined to the nearest road of the same level within this
            distance (m), for roads drawn by hand; 0 joins shared vertices only.
        turns: turn restrictions, see `split_junctions`; the junction of each gets a twin (with the attribute
            ``junction``) for those who come from its road, from which the forbidden turns do not go on. Roads need
            ``osm_id``. A place at such a junction should take the twins as further access nodes.

    Returns:
        A frozen `networkx.MultiDiGraph`; its nodes are numbered from 0.

    Raises:
        CrsError: the roads are not in metres.
        ColumnError: a column is missing.
        GeometryError: a geometry is missing, broken or no line.
        ValueRangeError: a direction or a speed makes no sense, by row.
    """
    _check(roads, modes, snap_m)
    parts, rows = _parts(roads)
    if snap_m > 0:
        parts = snap_ends(parts, _levels(roads)[rows], snap_m)
    coordinates, line = shapely.get_coordinates(parts, return_index=True)
    vertex = _same_vertices(coordinates)
    repeated = np.zeros(len(vertex), bool)
    repeated[1:] = (vertex[1:] == vertex[:-1]) & (line[1:] == line[:-1])
    coordinates, line, vertex = coordinates[~repeated], line[~repeated], vertex[~repeated]
    cut = _is_node(vertex, line)
    position = np.flatnonzero(cut)
    begin, end = position[:-1], position[1:]
    same = line[begin] == line[end]
    begin, end = begin[same], end[same]

    node_vertices, first = np.unique(vertex[position], return_index=True)
    xy = coordinates[position[first]]
    u = np.searchsorted(node_vertices, vertex[begin])
    v = np.searchsorted(node_vertices, vertex[end])
    step = np.zeros(len(coordinates))
    step[1:] = np.hypot(*(coordinates[1:] - coordinates[:-1]).T)
    along = np.cumsum(step)
    length = along[end] - along[begin]

    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=roads.crs, modes={one.name: one for one in modes})
    count = np.bincount(u, minlength=len(xy)) + np.bincount(v, minlength=len(xy))
    graph.add_nodes_from(
        (i, {"x": float(x), "y": float(y), "street_count": int(n)})
        for i, ((x, y), n) in enumerate(zip(xy, count, strict=True))
    )
    table = _ModeTable(roads, modes)
    shared = _shared_attributes(roads)
    index = list(roads.index)
    for i in range(len(begin)):
        row = int(rows[line[begin[i]]])
        geometry = coordinates[begin[i] : end[i] + 1]
        for reverse in (False, True):
            times = table.times(row, float(length[i]), reverse=reverse)
            if not times:
                continue
            ends = (int(v[i]), int(u[i])) if reverse else (int(u[i]), int(v[i]))
            graph.add_edge(
                ends[0],
                ends[1],
                road=index[row],
                **shared[row],
                oneway=table.is_oneway(row),
                reversed=reverse,
                length=float(length[i]),
                modes=tuple(times),
                **{f"travel_time_{name}": time for name, time in times.items()},
                **(
                    {"geometry": shapely.LineString(geometry[::-1] if reverse else geometry)}
                    if len(geometry) > 2
                    else {}
                ),
            )
    if turns is not None and len(turns):
        graph.graph["turns_left_out"] = split_junctions(graph, turns, modes)
    nx.freeze(graph)
    return graph


def node_positions(graph: nx.MultiDiGraph[Any], nodes: Iterable[Any]) -> NDArray[np.float64]:
    """Return the coordinates of nodes as an array (n, 2) in metres."""
    return np.array([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in nodes], float).reshape(-1, 2)


def edge_geometry(graph: nx.MultiDiGraph[Any], u: Any, v: Any, key: int) -> shapely.LineString:
    """Return the line of an edge in its direction of travel, also where it is straight and carries none."""
    line = graph.edges[u, v, key].get("geometry")
    return line if line is not None else shapely.LineString(node_positions(graph, (u, v)))


def _check(roads: gpd.GeoDataFrame, modes: Sequence[Mode], snap_m: float) -> None:
    check_frame(roads, "roads", columns=("highway",), geometry_types=("LineString", "MultiLineString"))
    if not modes or len({one.name for one in modes}) != len(modes):
        raise InputError("road_graph needs at least one mode of travel, each with its own name")
    if not 0 <= snap_m <= 50:
        raise ValueRangeError("snap_m is {value}: it must lie between 0 and 50 m", value=snap_m)
    faults: list[Text] = []
    for mode in modes:
        name = f"oneway_{mode.columns}"
        if name in roads:
            wrong = roads.index[~(roads[name].isin(_DIRECTIONS) | roads[name].isna())]
            if len(wrong):
                faults.append(
                    Text.of(
                        "roads: {column} must be no, forward or backward, see {rows}",
                        column=name,
                        rows=", ".join(map(str, wrong[:5])),
                    )
                )
    if "speed_kmh" in roads:
        speed = pd.to_numeric(roads["speed_kmh"], errors="coerce")
        wrong = roads.index[(roads["speed_kmh"].notna() & speed.isna()) | (speed <= 0) | np.isinf(speed)]
        if len(wrong):
            faults.append(
                Text.of("roads: speed_kmh must be above 0, see {rows}", rows=", ".join(map(str, wrong[:5])))
            )
    if faults:
        raise ValueRangeError(faults)


def _parts(roads: gpd.GeoDataFrame) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the single lines of the roads and the row that each comes from."""
    geometry = shapely.force_2d(roads.geometry.to_numpy())
    parts, rows = shapely.get_parts(geometry, return_index=True)
    kept = shapely.length(parts) > 0
    return parts[kept], rows[kept]


def _levels(roads: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if "level" not in roads:
        return np.zeros(len(roads))
    return pd.to_numeric(roads["level"], errors="coerce").fillna(0).to_numpy(float)


def _same_vertices(coordinates: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number the vertices so that those within a millimetre of each other share a number."""
    _, first, number = np.unique(coordinates, axis=0, return_index=True, return_inverse=True)
    number = number.reshape(-1)
    if len(first) < 2:
        return number
    pairs = cKDTree(coordinates[first]).query_pairs(_SAME_M, output_type="ndarray")
    if not len(pairs):
        return number
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(first), len(first)))
    return connected_components(links, directed=False)[1].astype(np.intp)[number]


def _is_node(vertex: NDArray[np.intp], line: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether a vertex is a node: the end of a line, or met more than once."""
    ends = np.ones(len(vertex), bool)
    ends[1:-1] = (line[1:-1] != line[:-2]) | (line[1:-1] != line[2:])
    met = np.bincount(vertex)
    touched = np.zeros(len(met), bool)
    touched[vertex[ends]] = True
    # a line's end makes its vertex a node for every line that runs through it
    return ends | (met[vertex] > 1) | touched[vertex]


def _shared_attributes(roads: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    columns = [one for one in ("highway", "name", "osm_id", "bridge", "tunnel", "level") if one in roads]
    rows = []
    for values in roads[columns].itertuples(index=False, name=None):
        row = {}
        for column, value in zip(columns, values, strict=True):
            if pd.isna(value) or (column in {"bridge", "tunnel", "level"} and not value):
                continue
            row["osmid" if column == "osm_id" else column] = value
        rows.append(row)
    if "highway" in columns and any("highway" not in row for row in rows):
        missing = [str(i) for i, row in zip(roads.index, rows, strict=True) if "highway" not in row]
        raise ColumnError("roads without a highway class: {rows}", rows=", ".join(missing[:5]))
    return rows


class _ModeTable:
    """Speed and direction by road and mode."""

    def __init__(self, roads: gpd.GeoDataFrame, modes: Sequence[Mode]) -> None:
        highway = roads["highway"].astype(str)
        limit = pd.to_numeric(roads["speed_kmh"], errors="coerce") if "speed_kmh" in roads else None
        self._modes = [one.name for one in modes]
        self._speed: list[list[float]] = []
        self._forward: list[list[bool]] = []
        self._backward: list[list[bool]] = []
        for mode in modes:
            speed = highway.map(dict(mode.class_speed_kmh)).astype(float).fillna(mode.speed_kmh)
            if limit is not None and mode.keeps_limit:
                speed = speed.where(~(limit < speed), limit)
            access = f"access_{mode.columns}"
            if access in roads:
                column = roads[access]
                open_ = column.where(column.notna(), other=True).astype(bool)
            else:
                open_ = ~highway.isin(mode.closed)
            oneway = f"oneway_{mode.columns}"
            direction = roads[oneway] if oneway in roads else pd.Series("no", index=roads.index)
            self._speed.append((speed / 3.6).tolist())
            self._forward.append((open_ & (direction != "backward")).tolist())
            self._backward.append((open_ & (direction != "forward")).tolist())

    def times(self, row: int, length_m: float, *, reverse: bool) -> dict[str, float]:
        """Return the travel time (s) of the modes that may go this way."""
        way = self._backward if reverse else self._forward
        return {name: length_m / self._speed[i][row] for i, name in enumerate(self._modes) if way[i][row]}

    def is_oneway(self, row: int) -> bool:
        """Whether some mode may use the road in one direction only."""
        return any(f[row] != b[row] for f, b in zip(self._forward, self._backward, strict=True))
