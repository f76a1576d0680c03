"""The peers of the benchmark: slots as route optimisers model intervals, and plans that can be driven."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from patrol_routing import PatrolProblem

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import slot_peers

SECONDS = np.array([[0, 300, 600, 900], [300, 0, 300, 600], [600, 300, 0, 300], [900, 600, 300, 0]], float)


def small():
    places = pd.DataFrame({"node": [1, 2, 3], "dwell_s": 600.0, "max_gap_s": [7200.0, 7200.0, 5000.0]})
    units = pd.DataFrame({"mode": ["car"] * 2, "base": 0, "start_s": [0, 3600], "end_s": [14_400, 14_400]})
    return PatrolProblem(places, units, (0, 14_400), travel={"car": SECONDS}, gap_from="arrival")


def test_an_interval_becomes_the_fewest_equal_slots_that_are_no_longer():
    found = slot_peers.slots(small())
    assert [(s.start_s, s.end_s) for s in found if s.place == 0] == [(0, 7200), (7200, 14_400)]
    assert [(s.start_s, s.end_s) for s in found if s.place == 2] == [(0, 4800), (4800, 9600), (9600, 14_400)]


def test_visits_at_both_ends_of_two_slots_keep_the_slots_and_break_the_interval():
    """From 100 s to 14,300 s are 14,200 s, nearly twice the 7,200 s wanted; the third place is never visited."""
    found = slot_peers.judge(small(), {0: [(100, 700), (14_300, 14_400)], 1: [(7200, 7800)], 2: []})
    assert found.worst_gap_s == 14_400
    assert found.worst_ratio == pytest.approx(14_400 / 5000)
    assert found.breaches == 3  # a stretch of the first place; a stretch of the third, and its visit


@pytest.mark.parametrize("name", ["PyVRP", "OR-Tools"])
def test_a_peer_visits_every_slot_in_a_plan_that_can_be_driven(name):
    problem = small()
    pytest.importorskip({"PyVRP": "pyvrp", "OR-Tools": "ortools"}[name])
    solve = slot_peers.peers()[name]
    plan = solve(problem, slot_peers.slots(problem), 0.3)
    tight = slot_peers.tightened(problem, plan, solve, 0.6)
    worst = [slot_peers.judge(problem, one.visits(problem)).worst_ratio for one in (plan, tight)]
    assert worst[1] <= worst[0]
    assert plan.missed == 0
    assert len({slot for route in plan.routes for slot, _, _ in route}) == 7
    for one in (plan, tight):
        for shift, route in zip(problem.shift_list, one.routes, strict=True):
            at, clock = 0, shift.start_s
            for slot, arrive, depart in route:
                node = slot.place + 1
                assert arrive >= clock + SECONDS[at, node]
                assert slot.start_s <= arrive <= slot.end_s
                assert depart == arrive + 600
                at, clock = node, depart
            assert clock + SECONDS[at, 0] <= shift.end_s


def test_greedy_goes_where_idleness_is_longest():
    """The third place has the shortest limit: of two that wait equally long it comes first, once somebody may choose."""
    visits = slot_peers.greedy_by_idleness(small())
    assert visits[0][0] == (300, 900)  # all ratios are 0 at first: the first in order
    assert visits[2][0] == (900 + 600, 900 + 600 + 600)
