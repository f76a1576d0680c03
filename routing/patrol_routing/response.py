"""How soon somebody is there: response times over the roads from posts and bases, and from patrols on their way."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import dijkstra
from shapely.ops import substring

from patrol_routing.graph import edge_geometry
from patrol_routing.network import Network
from town_model import InputError, ValueRangeError

TOWN_LIMITS_S = (60.0, 180.0, 300.0)
COUNTRY_LIMITS_S = (300.0, 600.0, 1200.0)
"""1-3-5 minutes in a town, 5-10-20 in the countryside."""


@dataclass(frozen=True)
class Start:
    """Where a responder can set out from.

    Args:
        node: a node of the road graph.
        delay_s: how long it takes to get there first: the rest of the edge that a patrol is on.
    """

    node: Hashable
    delay_s: float = 0.0


def response_times(graph: nx.MultiDiGraph[Any], starts: Sequence[Start], *, mode: str) -> NDArray[np.float64]:
    """Return how soon the quickest responder reaches each node.

    One search from all starts at once (Dijkstra with one more node that leads to each start in its delay).

    Args:
        graph: a road graph.
        starts: where responders can set out from.
        mode: how they travel.

    Returns:
        Seconds by node in the order of the graph; inf where none can come, and everywhere without a start.

    Raises:
        InputError: a start is no node of the graph, or no road is open to the mode.
        ValueRangeError: a delay is negative or no number.
    """
    network = Network.of(graph, mode)
    size = len(network.nodes)
    if not starts:
        return np.full(size, np.inf)
    delay = np.array([one.delay_s for one in starts], float)
    if not (np.isfinite(delay).all() and (delay >= 0).all()):
        raise ValueRangeError("the delay of a responder must be 0 s or more")
    at = network.indices([one.node for one in starts])
    order = np.lexsort((delay, at))
    at, delay = at[order], delay[order]
    first = np.concatenate([[True], at[1:] != at[:-1]])
    # a stored 0 might be taken for no edge: everything is a second later, and the second is taken off again
    hub = csr_array((delay[first] + 1.0, (np.zeros(int(first.sum()), int), at[first])), shape=(1, size))
    whole = vstack([network.csr, hub], format="csr")
    whole.resize((size + 1, size + 1))
    found = dijkstra(whole, indices=np.array([size]))
    return found[0, :size] - 1.0


def response_roads(
    graph: nx.MultiDiGraph[Any],
    seconds: Mapping[str, NDArray[np.float64]],
    *,
    limits_s: Sequence[float] = TOWN_LIMITS_S,
) -> gpd.GeoDataFrame:
    """Return the roads of some modes by how soon they are reached, cut exactly where a limit is passed.

    A point of a road is reached along the edge from whichever end is quicker, in a direction in which it may be used,
    by whichever mode is quickest there. A road that several modes may use is drawn once.

    Args:
        graph: a road graph.
        seconds: for each mode its response times by node, of `response_times`.
        limits_s: rising limits in seconds.

    Returns:
        A row for each limit, and one for what is beyond the last (``limit_s`` inf): ``limit_s``, ``length_m`` and
        ``geometry`` (lines; each stretch in the band of the first limit that it keeps).

    Raises:
        ValueRangeError: the limits do not rise from above 0.
    """
    limits = _rising(limits_s)
    attributes = {mode: f"travel_time_{mode}" for mode in seconds}
    number = {node: i for i, node in enumerate(graph)}
    # both directions of a stretch of road are one line: drawn once, reached from either end
    lines: dict[tuple[Any, ...], _Line] = {}
    for u, v, key, data in graph.edges(keys=True, data=True):
        usable = {mode: float(data[name]) for mode, name in attributes.items() if name in data}
        if not usable:
            continue
        # the twins of a junction (forbidden turns) are one spot: a road goes on from the one that is reached first
        spots = [graph.nodes[one].get("junction", one) for one in (u, v)]
        ends = (spots[1], spots[0]) if data.get("reversed") else (spots[0], spots[1])
        name = (*ends, data.get("road"), round(data["length"], 6))
        line = lines.setdefault(name, _Line((u, v, key)))
        (line.back if data.get("reversed") else line.forth).update(usable)
        started = line.ended if data.get("reversed") else line.begun
        for mode in usable:
            started[mode] = min(started.get(mode, np.inf), float(seconds[mode][number[u]]))
        if not data.get("reversed"):
            line.edge = (u, v, key)
    pieces: list[list[shapely.LineString]] = [[] for _ in range(len(limits) + 1)]
    for line in lines.values():
        shape = edge_geometry(graph, *line.edge)
        if graph.edges[line.edge].get("reversed"):
            shape = shapely.reverse(shape)
        reached = [
            (
                line.forth.get(mode, np.inf),
                line.back.get(mode, np.inf),
                line.begun.get(mode, np.inf),
                line.ended.get(mode, np.inf),
            )
            for mode in seconds
        ]
        for band, start, stop in _bands(reached, limits):
            piece = substring(shape, start, stop, normalized=True) if (start, stop) != (0.0, 1.0) else shape
            if isinstance(piece, shapely.LineString):  # a sliver may round to a point
                pieces[band].append(piece)
    geometry = [shapely.MultiLineString(some) for some in pieces]
    return gpd.GeoDataFrame(
        {"limit_s": [*limits, np.inf], "length_m": [one.length for one in geometry]},
        geometry=geometry,
        crs=graph.graph.get("crs"),
    )


@dataclass
class _Line:
    """A stretch of road between two nodes: an edge that has its shape, the seconds along it either way, and when it is begun there, by mode."""

    edge: tuple[Any, Any, Any]
    forth: dict[str, float] = field(default_factory=dict)
    back: dict[str, float] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)


def _rising(limits_s: Sequence[float]) -> list[float]:
    limits = [float(one) for one in limits_s]
    if not limits or not np.isfinite(limits).all() or limits[0] <= 0 or (np.diff(limits) <= 0).any():
        raise ValueRangeError("response limits must rise from above 0 s")
    return limits


def _bands(
    reached: Sequence[tuple[float, float, float, float]], limits: list[float]
) -> Iterable[tuple[int, float, float]]:
    """Yield (band, from, to) along a road as shares of its length, from its first to its last point.

    Each of `reached` is (seconds forth, seconds back, when its beginning is reached, when its end is): reached from the
    beginning at share s after ``begin + s·forth``, from the end after ``end + (1 − s)·back``.
    """
    reaches = []
    for limit in limits:
        ahead, behind = 0.0, 1.0
        for forth, back, begin, end in reached:
            if np.isfinite(begin + forth):
                ahead = max(ahead, min((limit - begin) / forth, 1.0))
            if np.isfinite(end + back):
                behind = min(behind, max(1.0 - (limit - end) / back, 0.0))
        reaches.append((ahead, behind))
    cuts = sorted({0.0, 1.0, *(one for pair in reaches for one in pair)})
    for start, stop in itertools.pairwise(cuts):
        if stop - start < 1e-12:
            continue
        middle = (start + stop) / 2
        band = next(
            (i for i, (ahead, behind) in enumerate(reaches) if middle < ahead or middle > behind), len(limits)
        )
        yield band, start, stop


def starts_at(
    graph: nx.MultiDiGraph[Any], legs: pd.DataFrame, base: Hashable, at_s: float, *, mode: str
) -> list[Start]:
    """Return where a patrol can set out from at a moment: where it stands, or either end of the edge that it is on.

    It may turn round on an edge that its mode may use both ways, and takes the way back as long as it came.

    Args:
        graph: the road graph.
        legs: the legs of this one patrol in driving order, as a plan has them: ``u``, ``v``, ``enter_s``, ``leave_s``.
        base: the node where it begins.
        at_s: the moment, in seconds like those of the legs.
        mode: how it travels.
    """
    enter = legs["enter_s"].to_numpy(float)
    i = int(np.searchsorted(enter, at_s, side="right")) - 1
    if i < 0:
        return [Start(base)]
    leg = legs.iloc[i]
    if at_s >= leg["leave_s"]:
        return [Start(leg["v"])]
    starts = [Start(leg["v"], float(leg["leave_s"] - at_s))]
    back = [
        data[f"travel_time_{mode}"]
        for data in (graph.get_edge_data(leg["v"], leg["u"]) or {}).values()
        if f"travel_time_{mode}" in data
    ]
    if back:
        share = (at_s - leg["enter_s"]) / (leg["leave_s"] - leg["enter_s"])
        starts.append(Start(leg["u"], float(share * min(back))))
    return starts


def places_in_time(
    seconds: NDArray[np.float64], graph: nx.MultiDiGraph[Any], access: pd.Series[Any]
) -> pd.Series[float]:
    """Return the response time of each place: the least over its access nodes.

    Args:
        seconds: response times by node, of `response_times`.
        graph: the road graph.
        access: lists of nodes by place; an empty list for a place that no road comes near.

    Returns:
        Seconds by place, inf where none can come.

    Raises:
        InputError: a node is not in the graph.
    """
    number = {node: i for i, node in enumerate(graph)}
    times = []
    for nodes in access:
        unknown = [str(one) for one in nodes if one not in number]
        if unknown:
            raise InputError("the road graph has no node {nodes}", nodes=", ".join(unknown[:5]))
        times.append(min((float(seconds[number[one]]) for one in nodes), default=np.inf))
    return pd.Series(times, index=access.index, dtype=float)


def best_post(
    graph: nx.MultiDiGraph[Any],
    candidates: Sequence[Hashable],
    access: pd.Series[Any],
    now_s: pd.Series[float],
    *,
    mode: str,
    limit_s: float,
    weights: pd.Series[float] | None = None,
) -> pd.DataFrame:
    """Rank the nodes where one more post would help most.

    Args:
        graph: the road graph.
        candidates: nodes where a post may stand.
        access: lists of access nodes by place.
        now_s: the response time of each place today.
        mode: how the new post travels.
        limit_s: within which a place counts as reached.
        weights: what a place counts, 1 by default.

    Returns:
        A row a candidate, the best first: ``node``, ``gained`` (weight of places newly within the limit),
        ``places`` (how many), ``saved_s`` (weighted seconds saved over the places that it reaches sooner, where both
        times are known), ``longest_s`` (the longest response with it; inf where a place stays out of reach).
    """
    weight = (pd.Series(1.0, index=access.index) if weights is None else weights).to_numpy(float)
    nodes = [node for some in access for node in some]
    owner = np.repeat(np.arange(len(access)), [len(some) for some in access])
    table = Network.of(graph, mode).times(candidates, nodes)
    new = np.full((len(candidates), len(access)), np.inf)
    for column, place in enumerate(owner.tolist()):
        new[:, place] = np.minimum(new[:, place], table[:, column])
    now = now_s.to_numpy(float)[None, :]
    after = np.minimum(now, new)
    gained = (after <= limit_s) & (now > limit_s)
    with np.errstate(invalid="ignore"):
        saved = np.where(np.isfinite(now) & np.isfinite(after), now - after, 0.0)
    frame = pd.DataFrame(
        {
            "node": pd.Series(list(candidates), dtype=object),
            "gained": gained @ weight,
            "places": gained.sum(axis=1),
            "saved_s": saved @ weight,
            "longest_s": after.max(axis=1, initial=0.0),
        }
    )
    return frame.sort_values(["gained", "saved_s"], ascending=False, kind="stable", ignore_index=True)
