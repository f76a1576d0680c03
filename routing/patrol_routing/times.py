"""Tables of travel times between nodes of a road graph."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from patrol_routing.network import Network


def travel_times(
    graph: nx.MultiDiGraph[Any], origins: Sequence[Hashable], destinations: Sequence[Hashable], *, mode: str
) -> NDArray[np.float64]:
    """Return the quickest travel times between nodes.

    Dijkstra's algorithm (SciPy) over the junctions; nodes that are only passed through are contracted. The
    contracted network is kept with a frozen graph, as `road_graph` returns it.

    Args:
        graph: a road graph.
        origins: nodes to start from (n).
        destinations: nodes to go to (m).
        mode: the mode of travel, as in ``DEFAULT_MODES``.

    Returns:
        Seconds, shape (n, m); inf where there is no way.

    Raises:
        InputError: a node is not in the graph, or no road is open to the mode.
    """
    return Network.of(graph, mode).times(origins, destinations)
