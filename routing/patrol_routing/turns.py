"""Turns that are forbidden at junctions: the junction is split, so that no way through the graph takes them.

An edge into a junction from which some turns are forbidden ends in a twin of the junction, from which only the other
edges go on. All else (matrices of times, plans, areas of response) then keeps to them without knowing of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from patrol_routing.modes import Mode
from town_model import CrsError, Text, check_frame

TURN_KINDS = (
    "no_left_turn",
    "no_right_turn",
    "no_straight_on",
    "no_u_turn",
    "no_entry",
    "no_exit",
    "only_left_turn",
    "only_right_turn",
    "only_straight_on",
    "only_u_turn",
)
"""The restrictions that are known, as OpenStreetMap names them."""
# A restriction belongs to the junction at its point; both come from the same vertex.
_SAME_M = 0.5
_BOUND = ("car", "motorcycle")

Edge = tuple[Any, Any, int]


@dataclass(frozen=True)
class Turn:
    """A turn restriction at a junction.

    Args:
        junction: its node.
        is_only: the turn is the only one allowed, not a forbidden one.
        coming: OSM ids of the roads that it comes from.
        going: OSM ids of the roads that it goes to.
        modes: names of the modes that are bound by it.
    """

    junction: Any
    is_only: bool
    coming: frozenset[str]
    going: frozenset[str]
    modes: frozenset[str]


def split_junctions(
    graph: nx.MultiDiGraph[Any], turns: gpd.GeoDataFrame, modes: Sequence[Mode]
) -> list[tuple[Any, Text]]:
    """Split the junctions of a graph at which turns are forbidden, and return the restrictions that fit nowhere.

    Twins carry ``junction``, the node that they belong to, which keeps all edges that leave it: a unit that starts
    there may go anywhere. The graph attribute ``turns`` keeps the restrictions (`Turn`) for `audit_plan`.

    Args:
        graph: a road graph that may still be changed; its edges carry ``osmid``.
        turns: points at the junctions, in the graph's coordinates, with ``kind`` (one of `TURN_KINDS`), ``from_road``
            and ``to_road`` (OSM ids of roads, several parted by ``;``) and, where wanted, ``binds_car`` and
            ``binds_motorcycle``. Nobody on foot is bound.
        modes: the modes of the graph.

    Returns:
        The index of each restriction that was left out, and why.

    Raises:
        ColumnError: a column is missing.
        CrsError: the points are in other coordinates.
    """
    check_frame(turns, "turns", columns=("kind", "from_road", "to_road"), geometry_types=("Point",))
    if turns.crs != graph.graph["crs"]:
        raise CrsError("the turn restrictions are in other coordinates than the roads: convert one of them")
    kept, left_out = _read(graph, turns, modes)
    forbidden = _forbidden(graph, kept)
    graph.graph["turns"] = tuple(kept)
    _split(graph, forbidden)
    return left_out


def _read(
    graph: nx.MultiDiGraph[Any], turns: gpd.GeoDataFrame, modes: Sequence[Mode]
) -> tuple[list[Turn], list[tuple[Any, Text]]]:
    kept: list[Turn] = []
    left_out: list[tuple[Any, Text]] = []
    nodes = list(graph)
    if not nodes:
        return kept, left_out
    tree = cKDTree([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in nodes])
    away, near = tree.query(shapely.get_coordinates(turns.geometry.to_numpy()).reshape(-1, 2))
    for label, row, metres, number in zip(
        turns.index, turns.to_dict("records"), np.atleast_1d(away), np.atleast_1d(near), strict=True
    ):
        bound = frozenset(one.name for one in modes if one.columns in _BOUND and _binds(row, one.columns))
        turn = Turn(
            nodes[int(number)],
            str(row["kind"]).startswith("only"),
            _ids(row["from_road"]),
            _ids(row["to_road"]),
            bound,
        )
        why = _fault(graph, str(row["kind"]), turn, float(metres))
        if why is not None:
            left_out.append((label, why))
        elif bound:
            kept.append(turn)
    return kept, left_out


def _binds(row: dict[Any, Any], columns: str) -> bool:
    value = row.get(f"binds_{columns}")
    return True if value is None or pd.isna(value) else bool(value)


def _ids(value: Any) -> frozenset[str]:
    return frozenset(one.strip() for one in str(value or "").split(";") if one.strip())


def _fault(graph: nx.MultiDiGraph[Any], kind: str, turn: Turn, metres: float) -> Text | None:
    """Return why a restriction cannot be read, None where it can."""
    if kind not in TURN_KINDS:
        return Text.of("{kind} is no known kind of turn restriction", kind=kind)
    if metres > _SAME_M:
        return Text("no junction lies where it stands")
    into = [(data.get("osmid"), u) for u, _, data in graph.in_edges(turn.junction, data=True)]
    out = [(data.get("osmid"), v) for _, v, data in graph.out_edges(turn.junction, data=True)]
    # a road drawn over the junction reaches it from two sides: which of them is meant nobody says
    ends = defaultdict(set)
    for road, other in [*into, *out]:
        ends[road].add(other)
    for road in sorted(turn.coming | turn.going):
        if len(ends[road]) > 1:
            return Text.of("its road {road} runs through the junction and does not end there", road=road)
    if not (turn.coming & {road for road, _ in into} and turn.going & {road for road, _ in out}):
        return Text("its roads do not lead into the junction and out of it")
    return None


def _forbidden(graph: nx.MultiDiGraph[Any], turns: Sequence[Turn]) -> dict[Edge, dict[str, set[Edge]]]:
    """Return, for each edge and mode, the edges that must not follow it."""
    found: dict[Edge, dict[str, set[Edge]]] = defaultdict(lambda: defaultdict(set))
    for turn in turns:
        for u, v, key, data in graph.in_edges(turn.junction, keys=True, data=True):
            if data.get("osmid") not in turn.coming:
                continue
            for _, w, other, onward in graph.out_edges(turn.junction, keys=True, data=True):
                if (onward.get("osmid") in turn.going) != turn.is_only:
                    for mode in turn.modes & set(data["modes"]) & set(onward["modes"]):
                        found[u, v, key][mode].add((v, w, other))
    return found


@dataclass(frozen=True)
class _Head:
    """Where an edge ends for some modes, and which edges do not go on from there."""

    node: Any
    modes: frozenset[str]
    barred: frozenset[Edge]


def _split(graph: nx.MultiDiGraph[Any], forbidden: dict[Edge, dict[str, set[Edge]]]) -> None:
    heads: dict[Edge, list[_Head]] = {}
    twins: dict[Any, list[_Head]] = defaultdict(list)
    number = max((n for n in graph if isinstance(n, int)), default=-1) + 1
    for edge, by_mode in forbidden.items():
        groups: dict[frozenset[Edge], set[str]] = defaultdict(set)
        for mode, barred in by_mode.items():
            groups[frozenset(barred)].add(mode)
        for closed, bound in groups.items():
            head = _Head(number, frozenset(bound), closed)
            graph.add_node(number, **graph.nodes[edge[1]], junction=edge[1])
            heads.setdefault(edge, []).append(head)
            twins[edge[1]].append(head)
            number += 1
    # all edges as they were, before any is changed
    touched = {edge for v in twins for edge in graph.out_edges(v, keys=True)} | set(heads)
    before = {edge: dict(graph.edges[edge]) for edge in sorted(touched)}
    for edge, data in before.items():
        u, v, key = edge
        ends = heads.get(edge, [])
        split = {mode for head in ends for mode in head.modes}
        ends = [_Head(v, frozenset(data["modes"]) - split, frozenset()), *ends]
        starts = [_Head(u, frozenset(data["modes"]), frozenset()), *twins.get(u, [])]
        graph.remove_edge(u, v, key)
        for start in starts:
            for end in ends:
                names = [m for m in data["modes"] if m in start.modes and m in end.modes]
                if names and edge not in start.barred:
                    own = key if (start.node, end.node) == (u, v) else None
                    graph.add_edge(start.node, end.node, key=own, **_for_modes(data, names))


def _for_modes(data: dict[str, Any], names: list[str]) -> dict[str, Any]:
    times = {f"travel_time_{one}" for one in names}
    kept = {key: value for key, value in data.items() if not key.startswith("travel_time_") or key in times}
    return kept | {"modes": tuple(names)}
