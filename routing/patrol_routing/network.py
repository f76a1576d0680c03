"""The roads of one mode as sparse matrices: whole for routes, contracted for tables of travel times."""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from patrol_routing.contraction import Chains, contract
from town_model import InputError

_kept: weakref.WeakKeyDictionary[nx.MultiDiGraph[Any], dict[str, Network]] = weakref.WeakKeyDictionary()


def least_csr(
    tail: NDArray[np.intp], head: NDArray[np.intp], seconds: NDArray[np.float64], size: int
) -> tuple[csr_array, NDArray[np.intp]]:
    """Return a CSR matrix in which parallel edges leave the quickest, and which edge each entry stands for."""
    order = np.lexsort((seconds, head, tail))
    tail, head = tail[order], head[order]
    first = np.ones(len(order), bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    kept = order[first]
    pointer = np.zeros(size + 1, np.int32)
    pointer[1:] = np.cumsum(np.bincount(tail[first], minlength=size))
    return csr_array((seconds[kept], head[first].astype(np.int32), pointer), shape=(size, size)), kept


class Network:
    """The part of a road graph that one mode may use; nodes are numbered in the order of the graph.

    Get one with `Network.of`, which keeps it as long as its (frozen) graph lives.

    Args:
        graph: a road graph, of `road_graph` or with the same edge attributes.
        mode: the name of the mode.

    Raises:
        InputError: no edge of the graph carries the mode's travel time, or one is no positive number.
    """

    def __init__(self, graph: nx.MultiDiGraph[Any], mode: str) -> None:
        attribute = f"travel_time_{mode}"
        self.mode = mode
        self.nodes: list[Any] = list(graph)
        self.number: dict[Any, int] = {node: i for i, node in enumerate(self.nodes)}
        every: list[tuple[Any, Any, int, float | None]] = list(graph.edges(keys=True, data=attribute))
        edges = [(u, v, key, seconds) for u, v, key, seconds in every if seconds is not None]
        if not edges:
            raise InputError(
                "no road is open to mode {mode!r}: the graph was built for {known}",
                mode=mode,
                known=", ".join(graph.graph.get("modes", {})) or "?",
            )
        self.seconds = np.array([e[3] for e in edges], float)
        if not (np.isfinite(self.seconds).all() and (self.seconds > 0).all()):
            raise InputError("some edges have a {attribute} that is not above 0 s", attribute=attribute)
        self.tail = np.array([self.number[e[0]] for e in edges], np.intp)
        self.head = np.array([self.number[e[1]] for e in edges], np.intp)
        self.keys = [e[2] for e in edges]
        self.csr, self._entry_edge = least_csr(self.tail, self.head, self.seconds, len(self.nodes))
        self._chains: Chains | None = None

    @classmethod
    def of(cls, graph: nx.MultiDiGraph[Any], mode: str) -> Network:
        """Return the network of a mode, made once for a frozen graph and anew for one that may still change."""
        if not nx.is_frozen(graph):
            return cls(graph, mode)
        networks = _kept.setdefault(graph, {})
        if mode not in networks:
            networks[mode] = cls(graph, mode)
        return networks[mode]

    def indices(self, nodes: Iterable[Hashable]) -> NDArray[np.intp]:
        """Return the numbers of nodes.

        Raises:
            InputError: a node is not in the graph.
        """
        wanted = list(nodes)
        missing = [node for node in wanted if node not in self.number]
        if missing:
            raise InputError("the road graph has no node {nodes}", nodes=", ".join(map(str, missing[:5])))
        return np.array([self.number[node] for node in wanted], np.intp)

    def times(self, origins: Sequence[Hashable], destinations: Sequence[Hashable]) -> NDArray[np.float64]:
        """Return the travel times (s) from each origin to each destination; inf where there is no way."""
        start, goal = self.indices(origins), self.indices(destinations)
        result = np.full((len(start), len(goal)), np.inf)
        if not len(start) or not len(goal):
            return result
        if self._chains is None:
            self._chains = contract(self.tail, self.head, self.seconds, len(self.nodes))
        starts, start_of = np.unique(start, return_inverse=True)
        goals, goal_of = np.unique(goal, return_inverse=True)
        tail, head, seconds, place, size = self._chains.with_nodes(np.union1d(starts, goals))
        if len(goals) < len(starts):  # the fewer searches, along the streets or against them
            csr, _ = least_csr(head, tail, seconds, size)
            table = dijkstra(csr, indices=place[goals])[:, place[starts]].T
        else:
            csr, _ = least_csr(tail, head, seconds, size)
            table = dijkstra(csr, indices=place[starts])[:, place[goals]]
        result[:] = table[np.ix_(start_of, goal_of)]
        return result

    def paths(
        self, origin: Hashable, destinations: Sequence[Hashable]
    ) -> dict[Any, list[tuple[Any, Any, int, float]]]:
        """Return the quickest way from a node to others as edges (u, v, key, seconds).

        Args:
            origin: the node to start from.
            destinations: where to; one without a way is left out.
        """
        start = int(self.indices([origin])[0])
        tables = dijkstra(self.csr, indices=np.array([start]), return_predecessors=True)
        reached, before = tables[0][0], tables[1][0]
        ways = {}
        for destination, goal in zip(destinations, self.indices(destinations).tolist(), strict=True):
            if not np.isfinite(reached[goal]):
                continue
            way = []
            at = goal
            while at != start:
                previous = int(before[at])
                edge = self._edge(previous, at)
                way.append((self.nodes[previous], self.nodes[at], self.keys[edge], float(self.seconds[edge])))
                at = previous
            ways[destination] = way[::-1]
        return ways

    def _edge(self, tail: int, head: int) -> int:
        low, high = self.csr.indptr[tail], self.csr.indptr[tail + 1]
        return int(self._entry_edge[low + np.searchsorted(self.csr.indices[low:high], head)])

    def reached(self, origins: Iterable[Hashable], *, backwards: bool = False) -> NDArray[np.bool_]:
        """Return which nodes can be reached from any of some nodes (or, backwards, can reach any of them)."""
        start = self.indices(origins)
        if not len(start):
            return np.zeros(len(self.nodes), bool)
        csr = self.csr.T.tocsr() if backwards else self.csr
        return np.isfinite(dijkstra(csr, indices=start, min_only=True))

    def on_road(self) -> NDArray[np.bool_]:
        """Return which nodes lie on a road of this mode."""
        there = np.zeros(len(self.nodes), bool)
        there[self.tail] = there[self.head] = True
        return there

    def components(self) -> NDArray[np.intp]:
        """Return the number of the strongly connected part that each node lies in."""
        return connected_components(self.csr, connection="strong")[1].astype(np.intp)
