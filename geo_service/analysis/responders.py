"""Who can answer a call at a moment of the day: patrols where their plan has them, and a car at each police station."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from patrol_routing import Start, starts_at
from town_model import DAY_S

STATION_MODE = "car"
_ON_LINE_M = 0.05


@dataclass(frozen=True)
class Responder:
    """A patrol during one shift, or the car of a police station all day.

    Args:
        mode: the mode it travels in, a name of the road graph; one at its own speed has a mode of its own.
        base: the node where it begins.
        start_s: from when it is on duty, in seconds from midnight.
        end_s: until when.
        legs: the edges that it drives, in order: ``u``, ``v``, ``enter_s``, ``leave_s``; none for one that stands.
    """

    mode: str
    base: Hashable
    start_s: float
    end_s: float
    legs: pd.DataFrame

    def is_on_duty(self, at_s: float) -> bool:
        """Whether it answers calls at a moment."""
        return self.start_s <= at_s < self.end_s

    def starts(self, graph: nx.MultiDiGraph[Any], at_s: float) -> list[Start]:
        """Return where it can set out from at a moment; nowhere when it is not on duty."""
        if not self.is_on_duty(at_s):
            return []
        return starts_at(graph, self.legs, self.base, at_s, mode=self.mode)


def station_cars(nodes: Iterable[Hashable]) -> list[Responder]:
    """Return a car, ready all day, at each of some nodes."""
    return [Responder(STATION_MODE, one, 0.0, float(DAY_S), _no_legs()) for one in nodes]


def patrols(
    graph: nx.MultiDiGraph[Any], shifts: pd.DataFrame, legs: gpd.GeoDataFrame, bases: dict[Hashable, Hashable]
) -> list[Responder]:
    """Return the patrols of a stored plan on a road graph.

    The graph may have more nodes than that of the plan, since more places touch its roads: a leg is parted at those
    that lie on it, and the time on it is shared out by length.

    Args:
        graph: the road graph.
        shifts: by shift: ``mode`` (a name of the graph), ``unit``, ``start_s``, ``end_s``.
        legs: the frame ``legs`` of the plan.
        bases: the node of each unit's base; a unit without one begins where its first leg does, and is left out without legs.
    """
    ends = _Ends(graph)
    found = []
    for shift, row in shifts.iterrows():
        own = legs[legs["shift"] == shift].sort_values("seq")
        parted = [
            one
            for shape, enter, leave in zip(own.geometry, own["enter_s"], own["leave_s"], strict=True)
            for one in ends.parted(shape, float(enter), float(leave), str(row["mode"]))
        ]
        table = pd.DataFrame(parted, columns=["u", "v", "enter_s", "leave_s"]) if parted else _no_legs()
        base = parted[0][0] if parted else bases.get(row["unit"])
        if base is not None:
            found.append(Responder(str(row["mode"]), base, float(row["start_s"]), float(row["end_s"]), table))
    return found


def _no_legs() -> pd.DataFrame:
    return pd.DataFrame({"u": [], "v": [], "enter_s": [], "leave_s": []})


class _Ends:
    """The nodes of a graph by their positions."""

    def __init__(self, graph: nx.MultiDiGraph[Any]) -> None:
        self._graph = graph
        self._ids = list(graph)
        self._points = shapely.points([(graph.nodes[one]["x"], graph.nodes[one]["y"]) for one in self._ids])
        self._tree = shapely.STRtree(self._points)
        self._chains: dict[tuple[bytes, str], list[tuple[Any, float]]] = {}

    def parted(
        self, shape: shapely.LineString, enter: float, leave: float, mode: str
    ) -> list[tuple[Any, Any, float, float]]:
        """Return a leg as the edges of the graph that it runs along: (u, v, enter, leave)."""
        name = (shape.wkb, mode)
        if name not in self._chains:
            self._chains[name] = self._chain(shape, mode)
        chain = self._chains[name]
        time = leave - enter
        return [(u, v, enter + a * time, enter + b * time) for (u, a), (v, b) in itertools.pairwise(chain)]

    def _chain(self, shape: shapely.LineString, mode: str) -> list[tuple[Any, float]]:
        """Return the nodes along a line, each with the share of its length at which it lies."""
        first, last = (
            int(self._tree.nearest(shapely.Point(shape.coords[0]))),
            int(self._tree.nearest(shapely.Point(shape.coords[-1]))),
        )
        near = self._tree.query(shape, predicate="dwithin", distance=_ON_LINE_M)
        along = shapely.line_locate_point(shape, self._points[near], normalized=True)
        chain = [(self._ids[first], 0.0)]
        for place in np.argsort(along, kind="stable"):
            number, share = int(near[place]), float(along[place])
            if number in (first, last) or share <= chain[-1][1] or share >= 1:
                continue
            if self._joined(chain[-1][0], self._ids[number], mode):
                chain.append((self._ids[number], share))
        if len(chain) > 1 and not self._joined(chain[-1][0], self._ids[last], mode):
            chain = chain[:1]  # nodes of other roads that the line only touches
        return [*chain, (self._ids[last], 1.0)]

    def _joined(self, u: Any, v: Any, mode: str) -> bool:
        name = f"travel_time_{mode}"
        return any(name in data for data in (self._graph.get_edge_data(u, v) or {}).values())
