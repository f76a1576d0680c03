"""Closed tours are as short as trying all orders shows, also where the way back takes longer."""

import itertools
import random

import numpy as np
import pandas as pd
import pytest

from patrol_routing import PatrolProblem, audit_plan, plan_patrols
from patrol_routing.tours import short_tours


def short_tour(*args, **options):
    return short_tours(*args, **options)[0]


def keep_on():
    return True


def length(tour, seconds):
    return sum(seconds[a][b] for a, b in zip(tour, [*tour[1:], tour[0]], strict=True))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("symmetric", [True, False])
def test_small_tours_are_the_shortest_of_all_orders(seed, symmetric):
    size = 3 + seed % 5
    table = np.random.default_rng(seed).uniform(1, 10, (size, size))
    seconds = ((table + table.T) / 2 if symmetric else table).tolist()
    tour = short_tour(range(size), seconds, random.Random(seed), kicks=60, keep_on=keep_on)
    shortest = min(length((0, *rest), seconds) for rest in itertools.permutations(range(1, size)))
    assert sorted(tour) == list(range(size))
    assert length(tour, seconds) == pytest.approx(shortest)


def test_a_ring_of_one_ways_is_driven_in_its_direction():
    size = 20
    seconds = [[float((b - a) % size) for b in range(size)] for a in range(size)]
    start = random.Random(3).sample(range(size), size)
    assert length(short_tour(start, seconds, random.Random(1), kicks=200, keep_on=keep_on), seconds) == size


@pytest.mark.parametrize("seed", range(6))
def test_no_tour_grows_longer_and_none_loses_a_stop(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 40))
    table = rng.uniform(0, 100, (50, 50))
    table[rng.random((50, 50)) < 0.1] = np.inf
    stops = rng.choice(50, size, replace=False).tolist()
    tour = short_tour(stops, table.tolist(), random.Random(seed), kicks=10, keep_on=keep_on)
    assert sorted(tour) == sorted(stops)
    assert length(tour, table.tolist()) <= length(stops, table.tolist()) + 1e-9


def test_several_tours_are_different_and_nearly_as_short():
    seconds = [[float(abs(a // 4 - b // 4) + abs(a % 4 - b % 4)) for b in range(16)] for a in range(16)]
    tours = short_tours(range(16), seconds, random.Random(0), kicks=80, keep_on=keep_on, most=5)
    assert len({tuple(one) for one in tours}) == len(tours) > 1
    assert all(length(one, seconds) == 16 for one in tours)


def test_a_tour_that_is_stopped_is_still_a_tour():
    seconds = np.random.default_rng(0).uniform(1, 9, (30, 30)).tolist()
    tour = short_tour(range(30), seconds, random.Random(0), kicks=100, keep_on=lambda: False)
    assert sorted(tour) == list(range(30))


def test_one_unit_on_a_grid_of_streets_goes_round_by_the_closed_walk():
    """A 4 by 6 grid has a closed walk over all 24 corners of 24 sides, and no shorter one."""
    corners = [(x, y) for x in range(6) for y in range(4)]
    seconds = np.array([[10.0 * (abs(a - c) + abs(b - d)) for c, d in corners] for a, b in corners])
    places = pd.DataFrame({"node": range(24), "dwell_s": 1e-3, "max_gap_s": 240.0})
    units = pd.DataFrame({"mode": ["car"], "base": 0, "start_s": 0, "end_s": 1440.0})
    problem = PatrolProblem(places, units, (0, 1440), travel={"car": seconds}, gap_from="arrival")
    plan = plan_patrols(problem, max_iterations=100)
    # the way home at the end of the horizon may cost one side more
    assert plan.worst_ratio * 240 <= 250.5
    assert audit_plan(problem, plan).is_sound
