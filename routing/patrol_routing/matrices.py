"""Matrices of travel times as a network: the quickest way may lead past other places."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra


class MatrixNetwork:
    """A matrix of seconds read as ways between its rows, each of which a unit may pass through.

    A matrix from a routing service holds quickest ways already. One made by hand may not, or leave out ways (inf): without
    this, a place would be called unreachable that lies behind another one.

    Args:
        seconds: a square matrix of seconds, inf where there is no direct way; its diagonal is not looked at.
    """

    def __init__(self, seconds: NDArray[np.float64]) -> None:
        size = len(seconds)
        there = np.isfinite(seconds) & ~np.eye(size, dtype=bool)
        tail, head = np.nonzero(there)
        pointer = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=size))])
        self._seconds = seconds
        # built by hand, so that ways of 0 s stay ways
        self._csr = csr_array((seconds[there].astype(float), head, pointer), shape=(size, size))

    def times(self, nodes: Sequence[int]) -> NDArray[np.float64]:
        """Return the quickest times (s) between some rows; inf where there is no way."""
        rows, number = np.unique(np.asarray(nodes, np.intp), return_inverse=True)
        table = dijkstra(self._csr, indices=rows)[:, rows]
        return np.asarray(table[np.ix_(number, number)])

    def paths(
        self, origin: int, destinations: Sequence[int]
    ) -> dict[Hashable, list[tuple[Any, Any, int, float]]]:
        """Return the quickest way from a row to others as (u, v, 0, seconds); one without a way is left out."""
        tables = dijkstra(self._csr, indices=np.array([origin]), return_predecessors=True)
        reached, before = tables[0][0], tables[1][0]
        ways: dict[Hashable, list[tuple[Any, Any, int, float]]] = {}
        for goal in destinations:
            if not np.isfinite(reached[goal]):
                continue
            way = []
            at = int(goal)
            while at != origin:
                previous = int(before[at])
                way.append((previous, at, 0, float(self._seconds[previous, at])))
                at = previous
            ways[goal] = way[::-1]
        return ways
