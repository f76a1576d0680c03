"""The lower bound is what its proof gives, and no plan lies below it."""

import itertools

import numpy as np
import pandas as pd
import pytest

from patrol_routing import PatrolProblem
from patrol_routing.bound import worst_ratio_bound
from patrol_routing.idleness import account
from patrol_routing.instance import Instance

TRIANGLE = np.array([[0, 100, 100], [100, 0, 100], [100, 100, 0]], float)


def problem(seconds=TRIANGLE, shift=(0, 3600), gap_from="arrival", **places):
    rows = {"node": range(1, len(seconds)), "dwell_s": 60.0, "max_gap_s": 1000.0, **places}
    units = pd.DataFrame({"mode": ["car"], "base": 0, "start_s": shift[0], "end_s": shift[1]})
    return PatrolProblem(pd.DataFrame(rows), units, (0, 3600), travel={"car": seconds}, gap_from=gap_from)


def bound(one):
    return worst_ratio_bound(Instance(one))


def test_the_work_bound_of_two_places_by_hand():
    # The unit has 3600 - 100 (home) = 3500 s, 1750 for each place. Ten visits cost 10 (60 + 100) = 1600 s; the 150 s left
    # shorten the waiting: 3600 - 11 g = 150, so g = 313.6 s. An eleventh visit would cost 1760 s.
    assert bound(problem()) == pytest.approx((3600 - 150) / 11 / 1000, abs=1e-6)


def test_the_presence_bound_by_hand():
    # Nobody is there before 1000 + 100 s nor after 3000 - 100 s: idle 1100 s at first; at the end 3600 - 2900 s since
    # the last departure, 60 s more since an arrival.
    assert bound(problem(TRIANGLE[:2, :2], (1000, 3000), "departure", max_gap_s=500.0)) == pytest.approx(2.2)
    assert bound(problem(TRIANGLE[:2, :2], (200, 2000), "departure", max_gap_s=500.0)) == pytest.approx(
        1700 / 500
    )
    assert bound(problem(TRIANGLE[:2, :2], (200, 2000), "arrival", max_gap_s=500.0)) == pytest.approx(
        1760 / 500
    )


def test_a_detour_past_another_place_can_be_the_quickest_way():
    # 900 s to place 2 directly, 200 s past place 1: nobody is there before 200 s, nor after 3600 - 200 s
    seconds = TRIANGLE.copy()
    seconds[0, 2] = seconds[2, 0] = 900.0
    assert bound(problem(seconds, gap_from="departure", dwell_s=1000.0, max_gap_s=[9e3, 100.0])) < 3.0


def test_outside_its_window_a_place_asks_for_nothing():
    assert bound(problem(TRIANGLE[:2, :2], (1000, 3000), max_gap_s=500.0, windows=[[(1500, 1600)]])) < 1


@pytest.mark.parametrize("gap_from", ["arrival", "departure"])
def test_no_sequence_of_visits_lies_below_the_bound(gap_from):
    """Every order of up to seven visits without waiting, tried one by one."""
    rng = np.random.default_rng(2)
    for _ in range(8):
        seconds = rng.integers(40, 400, (4, 4)).astype(float)
        for k, i, j in itertools.product(
            range(4), repeat=3
        ):  # the quickest ways, as a road network gives them
            seconds[i, j] = min(seconds[i, j], seconds[i, k] + seconds[k, j])
        np.fill_diagonal(seconds, 0)
        one = problem(
            seconds, gap_from=gap_from, dwell_s=[200.0, 300.0, 400.0], max_gap_s=[900.0, 1500.0, 2500.0]
        )
        instance = Instance(one)
        least = np.inf
        for length in range(4, 8):
            for order in itertools.product(range(3), repeat=length):
                begins = instance.in_time(0, list(order), [0.0] * length)
                if len(begins) < length:
                    continue
                worst = 0.0
                for p, place in enumerate(one.place_list):
                    spans = [(t, t + place.dwell_s) for s, t in zip(order, begins, strict=True) if s == p]
                    worst = max(worst, account(place, spans, (0, 3600), gap_from).worst_ratio)
                least = min(least, worst)
        assert bound(one) <= least + 1e-9
