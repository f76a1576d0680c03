"""The required streets of a patrol problem as checked records: edges in driving order, by direction."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from patrol_routing.records import (
    Place,
    Span,
    Way,
    has_columns,
    is_missing,
    read_modes,
    read_positive,
    read_windows,
)
from town_model import Text

_DIRECTIONS = ("either", "both", "forward")


def read_streets(
    frame: pd.DataFrame,
    graph: nx.MultiDiGraph[Any],
    horizon: Span,
    last: Mapping[Hashable, float],
    faults: list[Text],
) -> list[Place]:
    """Return the streets, one record for each direction that is asked for, and add what is wrong to `faults`."""
    if not has_columns(frame, "streets", ("edges", "max_gap_s"), faults):
        return []
    found = []
    for label, row in frame.to_dict("index").items():
        gap, weight = (read_positive(label, row, column, faults) for column in ("max_gap_s", "weight"))
        windows = read_windows(label, row.get("windows"), gap, horizon, faults, known=label in last)
        modes = read_modes(label, row.get("modes"), faults)
        found += [
            Place(
                label, tuple(w[0][0] for w in ways), 0.0, weight, windows, modes, last.get(label), ways=ways
            )
            for ways in _directions(label, row, graph, faults)
        ]
    return found


def _directions(
    label: Hashable, row: dict[Hashable, Any], graph: nx.MultiDiGraph[Any], faults: list[Text]
) -> list[tuple[Way, ...]]:
    """Return for each direction that is asked for the ways of which one is driven."""
    wanted = row.get("directions")
    wanted = "either" if is_missing(wanted) else wanted
    if wanted not in _DIRECTIONS:
        faults.append(
            Text.of(
                "street {street}: directions must be either, both or forward, not {value}",
                street=label,
                value=str(wanted),
            )
        )
        return []
    forward = _way(label, row["edges"], graph, faults)
    if not forward or wanted == "forward":
        return [(forward,)] if forward else []
    back = _reverse(forward, graph)
    if wanted == "either":
        return [(forward, back) if back else (forward,)]
    if not back:
        faults.append(
            Text.of("street {street}: it cannot be driven in both directions, part is one-way", street=label)
        )
    return [(forward,), (back,)]


def _way(label: Hashable, value: Any, graph: nx.MultiDiGraph[Any], faults: list[Text]) -> Way:
    items = list(value) if isinstance(value, list | tuple | np.ndarray) else []
    edges = [tuple(one) if isinstance(one, list | tuple | np.ndarray) else () for one in items]
    if not edges or not all(len(one) == 3 and graph.has_edge(*one) for one in edges):
        faults.append(
            Text.of("street {street}: edges must be a list of (u, v, key) of the road graph", street=label)
        )
        return ()
    if any(a[1] != b[0] for a, b in pairwise(edges)):
        faults.append(
            Text.of("street {street}: its edges do not follow each other in driving order", street=label)
        )
        return ()
    return tuple((u, v, key) for u, v, key in edges)


def _reverse(way: Way, graph: nx.MultiDiGraph[Any]) -> Way:
    """Return the same street driven the other way, or nothing where a part of it is one-way for all."""
    back: list[tuple[Any, Any, Any]] = []
    for u, v, key in reversed(way):
        here = graph.edges[u, v, key]
        # beside a street another one may join the same junctions: it is the same if its road is, or else its length
        twin = next(
            (
                k
                for k, data in (graph.get_edge_data(v, u) or {}).items()
                if (u != v or k != key)
                and data.get("road") == here.get("road")
                and abs(data.get("length", 0.0) - here.get("length", 0.0)) <= 1e-3
            ),
            None,
        )
        if twin is None:
            return ()
        back.append((v, u, twin))
    return tuple(back)
