"""Chains of road between junctions, so that a table of travel times searches junctions only.

A node with exactly two neighbours is passed through, whatever the directions: it lies inside a chain. A chain
keeps the running time along it both ways, so any node inside can be made an end again for one question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chains:
    """A contracted network.

    Args:
        first: for each chain, where its nodes begin in the arrays below; one more at the end.
        nodes: the nodes of the chains one after the other, both ends included.
        along: running time (s) from the beginning of all chains to this node, in their direction.
        against: the same in the opposite direction.
        barred_along: how many links so far cannot be driven in the chain's direction.
        barred_against: the same in the opposite direction.
        entry: for each node the position in `nodes` at which it lies inside a chain, −1 for ends.
        is_end: for each node whether it is kept in the contracted network.
    """

    first: Ints
    nodes: Ints
    along: Floats
    against: Floats
    barred_along: Ints
    barred_against: Ints
    entry: Ints
    is_end: NDArray[np.bool_]

    def with_nodes(self, wanted: Ints) -> tuple[Ints, Ints, Floats, Ints, int]:
        """Return the contracted network with some more nodes kept.

        Args:
            wanted: sorted numbers of nodes.

        Returns:
            tail, head and seconds of its edges, the new number of each kept node by its old one (−1 for others), and
            how many there are.
        """
        inner = self.entry[wanted]
        cuts = np.sort(np.concatenate([self.first[:-1], self.first[1:] - 1, inner[inner >= 0]]))
        begin, end = cuts[:-1], cuts[1:]
        chain = np.searchsorted(self.first, begin, side="right") - 1
        same = end < self.first[chain + 1]
        begin, end = begin[same], end[same]
        kept = self.is_end.copy()
        kept[wanted] = True
        place = np.full(len(kept), -1, np.intp)
        place[kept] = np.arange(int(kept.sum()))
        tail, head = place[self.nodes[begin]], place[self.nodes[end]]
        forth = self.barred_along[end] == self.barred_along[begin]
        back = self.barred_against[end] == self.barred_against[begin]
        seconds = (
            (self.along[end] - self.along[begin])[forth],
            (self.against[end] - self.against[begin])[back],
        )
        return (
            np.concatenate([tail[forth], head[back]]),
            np.concatenate([head[forth], tail[back]]),
            np.concatenate(seconds),
            place,
            int(kept.sum()),
        )


def contract(tail: Ints, head: Ints, seconds: Floats, size: int) -> Chains:
    """Return the chains of a directed network.

    Args:
        tail: the node that each edge leaves.
        head: the node that each edge enters.
        seconds: its travel time, above 0.
        size: how many nodes there are.
    """
    # the quickest time over each pair of neighbours, both ways; loops never shorten a way
    time: dict[tuple[int, int], float] = {}
    neighbours: list[set[int]] = [set() for _ in range(size)]
    for a, b, s in zip(tail.tolist(), head.tolist(), seconds.tolist(), strict=True):
        if a != b:
            if s < time.get((a, b), np.inf):
                time[a, b] = s
            neighbours[a].add(b)
            neighbours[b].add(a)
    is_end = [len(one) != 2 for one in neighbours]
    done = [False] * size
    chains: list[list[int]] = []

    def walk(start: int, step: int) -> None:
        chain = [start, step]
        while not is_end[chain[-1]]:
            done[chain[-1]] = True
            chain.append(next(n for n in neighbours[chain[-1]] if n != chain[-2]))
        chains.append(chain)

    def walk_all(start: int) -> None:
        for step in neighbours[start]:
            # a road between two ends is met from both: take it once; a chain is met again by its done nodes
            if (is_end[step] and step > start) or not (is_end[step] or done[step]):
                walk(start, step)

    for node in range(size):
        if is_end[node]:
            walk_all(node)
    for node in range(size):  # rings that hang together with nothing else
        if not (is_end[node] or done[node]):
            is_end[node] = True
            walk_all(node)
    nodes = np.array([n for chain in chains for n in chain], np.intp)
    first = np.concatenate([[0], np.cumsum([len(chain) for chain in chains])]).astype(np.intp)
    along = np.array(
        [time.get(pair, np.inf) for pair in zip(nodes[:-1].tolist(), nodes[1:].tolist(), strict=True)]
    )
    against = np.array(
        [time.get(pair, np.inf) for pair in zip(nodes[1:].tolist(), nodes[:-1].tolist(), strict=True)]
    )
    inside = np.zeros(len(nodes), bool)
    inside[1:] = True
    inside[first[:-1]] = False
    entry = np.full(size, -1, np.intp)
    ends = np.array(is_end, bool)
    through = np.flatnonzero(~ends[nodes]) if len(nodes) else np.zeros(0, np.intp)
    entry[nodes[through]] = through
    runs = [_running(one, inside) for one in (along, against)]
    return Chains(first, nodes, runs[0][0], runs[1][0], runs[0][1], runs[1][1], entry, ends)


def _running(step: Floats, inside: NDArray[np.bool_]) -> tuple[Floats, Ints]:
    """Return running time and running count of barred links; links between two chains count nothing."""
    total = np.zeros(len(inside))
    barred = np.zeros(len(inside), np.intp)
    if len(step):
        counted = inside[1:]
        total[1:] = np.cumsum(np.where(counted & np.isfinite(step), step, 0.0))
        barred[1:] = np.cumsum(counted & ~np.isfinite(step))
    return total, barred
