"""How many units are needed at least: hand calculations, and no plan that does with fewer."""

import numpy as np
import pandas as pd
import pytest

from patrol_routing import PatrolProblem, plan_patrols


def problem(count=1, *, places=6, spans=((0, 7200),), modes=None, **columns):
    """Places 300 s from each other and from the base, 600 s of dwell, at least every 1200 s."""
    seconds = np.full((places + 1, places + 1), 300.0)
    rows = {"node": range(1, places + 1), "dwell_s": 600.0, "max_gap_s": 1200.0, **columns}
    mode = modes or ["car"] * count
    units = pd.DataFrame(
        [(m, 0, *span) for m in mode for span in spans], columns=["mode", "base", "start_s", "end_s"]
    )
    return PatrolProblem(pd.DataFrame(rows), units, (0, 7200), travel=dict.fromkeys(("car", "foot"), seconds))


def needed(one):
    return plan_patrols(one, max_iterations=0).units_needed


def test_the_work_of_six_places_by_hand():
    # n stays leave n + 1 waits of at most 1200 s. Three stays fill 7200 - 4 * 1200 = 2400 s and cost 3 * 300 s of way: 3300 s; four
    # cost 4 * 900 = 3600 s, two 7200 - 3600 + 600 = 4200 s. Six places: 19,800 s of work in 7200 s, so 2.75 units.
    (one,) = needed(problem(2))
    assert (one.modes, one.at_least, one.on_duty, one.places) == (("car",), 3, 2, 6)
    assert (one.start_s, one.end_s) == (0, 7200)
    assert one.are_missing
    (one,) = needed(problem(3))
    assert (one.at_least, one.are_missing) == (3, False)


def test_hours_with_nobody_on_duty_ask_for_a_unit():
    (one,) = needed(problem(places=1, spans=((0, 3600),)))
    assert (one.at_least, one.on_duty, one.start_s, one.end_s) == (1, 0, 3600, 7200)


def test_places_for_walkers_ask_for_walkers():
    one = problem(modes=["foot", "car", "car"])
    allowed = one.places.assign(modes=["foot"] * 5 + [["car", "foot"]])
    found = needed(PatrolProblem(allowed, one.units, one.horizon, travel=one.travel))
    assert [(one.modes, one.at_least, one.on_duty, one.places) for one in found] == [
        (("foot",), 3, 1, 5),  # 5 * 3300 / 7200 = 2.3
        (("car", "foot"), 3, 3, 6),
    ]


def test_a_plan_says_that_it_cannot_be_better_and_what_is_missing():
    plan = plan_patrols(problem(2), max_iterations=50)
    assert plan.is_impossible
    assert plan.summary()["proven_impossible"]
    assert plan.summary()["units_needed_at_least"] == [
        {"modes": ["car"], "at_least": 3, "on_duty": 2, "start_s": 0, "end_s": 7200, "places": 6}
    ]
    kept = plan_patrols(problem(1, places=1), max_iterations=50)
    assert not kept.is_impossible
    assert kept.summary()["units_needed_at_least"] == []


@pytest.mark.parametrize("gap_from", ["departure", "arrival"])
def test_no_plan_that_keeps_every_interval_has_fewer_units_than_are_needed(gap_from):
    rng = np.random.default_rng(5)
    kept = 0
    for seed in range(8):
        size = int(rng.integers(2, 6))
        seconds = rng.uniform(30, 300, (size + 1, size + 1))
        places = pd.DataFrame(
            {
                "node": range(1, size + 1),
                "dwell_s": rng.uniform(60, 600, size),
                "max_gap_s": rng.uniform(600, 4000, size),
                "windows": [
                    [(0, 3000), (4000, 7000, 900, 1)] if rng.random() < 0.3 else None for _ in range(size)
                ],
            }
        )
        count = int(rng.integers(1, 4))
        units = pd.DataFrame(
            {"mode": "car", "base": 0, "start_s": 0, "end_s": 7200, "breaks": [[(3000, 3300)]] * count}
        )
        one = PatrolProblem(places, units, (0, 7200), travel={"car": seconds}, gap_from=gap_from)
        plan = plan_patrols(one, max_iterations=300, seed=seed)
        if plan.is_feasible:
            kept += 1
            assert not plan.is_impossible
            assert all(need.at_least <= count for need in plan.units_needed)
    assert kept >= 3
