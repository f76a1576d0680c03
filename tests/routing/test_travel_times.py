"""Tables of travel times agree with networkx, however the network is contracted."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_routing import travel_times
from patrol_routing.network import Network
from town_model import InputError


def graph_of(edges, size=0):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(size))
    for u, v, seconds in edges:
        graph.add_edge(u, v, travel_time_car=float(seconds))
    return graph


def networkx_table(graph, origins, destinations):
    rows = [nx.single_source_dijkstra_path_length(graph, o, weight="travel_time_car") for o in origins]
    return np.array([[row.get(d, math.inf) for d in destinations] for row in rows])


def test_a_chain_with_a_one_way_in_it_is_passed_in_one_direction_only():
    # 0 - 1 -> 2 - 3, and ends inside the chain
    graph = graph_of([(0, 1, 1), (1, 0, 1), (1, 2, 2), (2, 3, 4), (3, 2, 4)])
    table = travel_times(graph, [0, 3, 1], [0, 1, 2, 3], mode="car")
    inf = math.inf
    assert table.tolist() == [[0, 1, 3, 7], [inf, inf, 4, 0], [1, 0, 2, 6]]


def test_parallel_roads_count_with_the_quicker_one():
    graph = graph_of([(0, 1, 9), (0, 1, 4), (1, 0, 7)])
    assert travel_times(graph, [0], [1], mode="car")[0, 0] == 4


def test_a_ring_that_hangs_together_with_nothing_else_is_served_too():
    graph = graph_of([(i, (i + 1) % 5, 10) for i in range(5)])
    assert travel_times(graph, [3], [2], mode="car")[0, 0] == 40


edge_lists = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 30)), min_size=1, max_size=30
)


@settings(deadline=None, max_examples=300)
@given(
    edges=edge_lists,
    origins=st.lists(st.integers(0, 11), max_size=6),
    goals=st.lists(st.integers(0, 11), max_size=6),
)
def test_any_network_gives_the_times_of_networkx(edges, origins, goals):
    graph = graph_of(edges, size=12)
    expected = networkx_table(graph, origins, goals).reshape(len(origins), len(goals))
    assert np.allclose(travel_times(graph, origins, goals, mode="car"), expected)


@pytest.mark.real_data
@pytest.mark.parametrize("mode", ["foot", "car", "motorcycle"])
def test_a_real_town_gives_the_times_of_networkx(nanjing_graph, mode):
    nodes = sorted(nanjing_graph)
    origins, goals = nodes[::41], nodes[::17]
    theirs = []
    for origin in origins:
        row = nx.single_source_dijkstra_path_length(
            nanjing_graph,
            origin,
            weight=lambda _u, _v, edges: min(
                (e[f"travel_time_{mode}"] for e in edges.values() if mode in e["modes"]), default=None
            ),
        )
        theirs.append([row.get(goal, math.inf) for goal in goals])
    ours = travel_times(nanjing_graph, origins, goals, mode=mode)
    assert np.allclose(ours, theirs)
    assert np.isinf(ours).any()  # the file is cut at its edge, so some roads hang together with nothing


@pytest.mark.real_data
def test_the_ways_of_a_real_town_are_as_long_as_their_times(nanjing_graph):
    network = Network.of(nanjing_graph, "car")
    nodes = sorted(nanjing_graph)
    start = next(n for n in nodes if network.on_road()[n])
    ways = network.paths(start, nodes[::9])
    table = travel_times(nanjing_graph, [start], list(ways), mode="car")[0]
    assert len(ways) > 5
    for (goal, way), seconds in zip(ways.items(), table, strict=True):
        assert sum(edge[3] for edge in way) == pytest.approx(seconds)
        at = start
        for u, v, key, time in way:
            assert u == at
            assert nanjing_graph.edges[u, v, key]["travel_time_car"] == time
            at = v
        assert at == goal


def test_unknown_nodes_and_modes_are_named():
    graph = graph_of([(0, 1, 1)])
    with pytest.raises(InputError, match="no node 7"):
        travel_times(graph, [0], [7], mode="car")
    with pytest.raises(InputError, match="'boat'"):
        travel_times(graph, [0], [1], mode="boat")


def test_a_graph_that_may_change_is_read_anew_each_time():
    graph = graph_of([(0, 1, 10)])
    assert travel_times(graph, [0], [1], mode="car")[0, 0] == 10
    graph.add_edge(0, 1, travel_time_car=3.0)
    assert travel_times(graph, [0], [1], mode="car")[0, 0] == 3
