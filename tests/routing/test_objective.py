"""Plans are better in this order: breaches, worst weighted ratio, mean idleness, balance of work, travel."""

import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from patrol_routing import PatrolProblem, UnitsNeeded, audit_plan, plan_patrols
from patrol_routing.bound import worst_ratio_bound
from patrol_routing.instance import Instance, Routes
from patrol_routing.polish import Polish
from patrol_routing.staffing import units_bound

SECONDS = np.array([[0, 100, 100], [100, 0, 100], [100, 100, 0]], float)


def town(count=1, horizon=3600, seconds=SECONDS, last=True, **columns):
    names = ["a", "b"][: len(seconds) - 1]
    places = pd.DataFrame({"node": range(1, len(seconds)), "dwell_s": 60.0, "max_gap_s": 1000.0}, index=names)
    for name, value in columns.items():
        places[name] = value
    units = pd.DataFrame({"mode": ["car"] * count, "base": 0, "start_s": 0, "end_s": horizon})
    known = dict.fromkeys(names, 0.0) if last else None
    return PatrolProblem(places, units, (0, horizon), travel={"car": seconds}, last_visits=known)


def levels(problem, *stops, earliest=None):
    instance = Instance(problem)
    times = earliest or [[0.0] * len(one) for one in stops]
    return Polish(instance, Routes([list(one) for one in stops], times), random.Random(0)).levels


def test_fewer_breaches_come_before_a_smaller_worst_ratio():
    # a at 100 s and b at 260 s and no more, in 1900 s: a waits 1740 s and b 1580 s. Limits of 1700 and 5000 s: a is late.
    one = town(horizon=1900, max_gap_s=[1700.0, 1700.0])
    late = levels(one, [0, 1])
    kept = levels(one, [0, 1, 0, 1])
    assert late[0] > 0
    assert kept[0] == 0
    assert kept < late
    # the level counts even where the worst ratio speaks against it
    assert (0.0, 0.9, 0.0, 0.0, 0.0) < (0.1, 0.5, 0.0, 0.0, 0.0)


def test_the_worst_ratio_times_the_weight_comes_next():
    # left for good at 160 s (a) or 320 s (b) of 3600 s; b counts double
    one = town(max_gap_s=10_000.0, weight=[1.0, 2.0])
    found = levels(one, [0, 1])
    assert found[:2] == pytest.approx((0.0, 2 * (3600 - 320) / 10_000), abs=1e-6)
    again = levels(one, [0, 1, 1])  # b until 380 s
    assert again[1] == pytest.approx(2 * (3600 - 380) / 10_000, abs=1e-6)
    assert again < found


def test_then_the_mean_idleness():
    # b at the end decides the worst ratio: 2000 s between 0 and a visit held back; a visit more of a in between only lowers the mean
    one = town(max_gap_s=[10_000.0, 4000.0])
    few = levels(one, [1], earliest=[[2000.0]])
    more = levels(one, [0, 1], earliest=[[1500.0, 2000.0]])
    assert few[0] == more[0] == 0
    assert few[1] == pytest.approx(0.5, abs=1e-6)  # 2000 / 4000 s; a: 3600 / 10 000 s
    assert more[1] == pytest.approx(0.5, abs=1e-6)
    assert more[2] < few[2]
    # a alone: ramps of 1500 and 2040 s instead of 3600 s
    saved = (3600**2 - 1500**2 - 2040**2) / 2 / 3600 / 2
    assert few[2] - more[2] == pytest.approx(saved, abs=1.0)


def test_then_the_balance_of_work():
    # two units at one base: the same two visits at the same times, by one of them or by each one
    one = town(2, max_gap_s=10_000.0)
    alone = levels(one, [0, 1], [], earliest=[[1000.0, 1160.0], []])
    shared = levels(one, [0], [1], earliest=[[1000.0], [1160.0]])
    assert alone[:3] == shared[:3]
    # alone: 300 s of driving and 120 s of stays in 3600 s, the other nothing; shared: 260 s each
    assert alone[3] == pytest.approx(0.12)
    assert shared[3] == 0
    assert shared < alone


def test_and_travel_last():
    # the gate at 200 s farther off would do as well at the same time
    seconds = np.array([[0, 100, 200], [100, 0, 100], [200, 100, 0]], float)
    places = pd.DataFrame({"node": [[1, 2]], "dwell_s": 60.0, "max_gap_s": 10_000.0}, index=["a"])
    units = pd.DataFrame({"mode": ["car"], "base": 0, "start_s": 0, "end_s": 3600})
    one = PatrolProblem(places, units, (0, 3600), travel={"car": seconds})
    near = levels(one, [0], earliest=[[500.0]])
    far = levels(one, [1], earliest=[[500.0]])
    assert near[:4] == far[:4]
    assert (near[4], far[4]) == (200.0, 400.0)
    assert near < far


def test_the_polish_never_makes_a_plan_worse_and_the_summary_shows_each_level():
    one = town(2, weight=[1.0, 2.0], last=False)
    plan = plan_patrols(one, max_iterations=600, seed=2)
    said = plan.summary()
    assert {
        "breaches",
        "worst_weighted_ratio",
        "mean_idleness_s",
        "work_spread",
        "drive_s",
        "units_bound",
    } <= set(said)
    assert plan.weighted_bound <= plan.worst_weighted_ratio
    assert plan.worst_ratio <= plan.worst_weighted_ratio <= 2 * plan.worst_ratio
    assert audit_plan(one, plan).holds
    routes = Routes([[0, 1], [1]], [[0.0, 0.0], [0.0]])
    walk = Polish(Instance(one), routes, random.Random(1))
    before = walk.levels
    walk.polish(lambda: True, 300, patience=300)
    assert walk.levels < before
    assert walk.levels == Polish(Instance(one), walk.routes(), random.Random(0)).levels


def test_a_weight_raises_the_weighted_bound_as_a_shorter_limit_does():
    heavy = Instance(town(max_gap_s=1000.0, weight=2.0))
    short = Instance(town(max_gap_s=500.0))
    assert worst_ratio_bound(heavy, weighted=True) == pytest.approx(worst_ratio_bound(short))
    assert worst_ratio_bound(heavy) == pytest.approx(worst_ratio_bound(short) / 2)


def test_wrong_figures_of_the_lower_levels_are_caught():
    one = town(2, weight=[1.0, 2.0])
    plan = plan_patrols(one, max_iterations=200)
    assert audit_plan(one, plan).is_sound
    for change, kind in (
        ({"worst_weighted_ratio": plan.worst_weighted_ratio / 2}, "worst_ratio"),
        ({"work_spread": plan.work_spread + 0.1}, "work_spread"),
        ({"weighted_bound": plan.worst_weighted_ratio + 0.1}, "bound"),
        ({"status": "optimal", "weighted_bound": 0.1}, "status"),
    ):
        assert kind in audit_plan(one, replace(plan, **change)).kinds(), change


def test_with_how_many_units_it_would_hold_is_found_by_planning():
    # One unit needs 320 s for a round, so each place waits 260 s; with a unit standing at each place nobody waits longer than the
    # 100 s of the first way and of the way home.
    one = town(max_gap_s=150.0)
    plan = plan_patrols(one, max_iterations=800)
    assert not plan.is_feasible
    assert plan.needed_units == 2
    assert plan.summary()["needed_units"] == 2
    assert plan.units_bound <= 2
    two = plan_patrols(town(2, max_gap_s=150.0), max_iterations=800)
    assert audit_plan(town(2, max_gap_s=150.0), two).holds
    assert two.needed_units is None
    assert plan_patrols(one, max_iterations=800, find_units=False).needed_units is None


def test_where_no_number_of_such_units_would_do_none_is_named():
    # 100 s of way, and 50 s are allowed from the start: nobody of these can be there in time
    plan = plan_patrols(town(max_gap_s=50.0), max_iterations=300)
    assert plan.bound >= 2
    assert plan.needed_units is None


def test_posts_at_one_time_need_as_many_units():
    one = town(posts=[[(1000, 2000)], [(1500, 2500)]])
    plan = plan_patrols(one, max_iterations=200)
    (needed,) = [u for u in plan.units_needed if u.at_least == 2]
    assert (needed.start_s, needed.end_s, needed.on_duty) == (1500, 2000, 1)
    assert plan.units_bound == 2
    assert plan.is_impossible
    assert plan.needed_units == 2


def test_units_of_modes_without_a_common_one_add_up():
    def needs(modes, count):
        return UnitsNeeded(modes, count, 0, 0.0, 3600.0, 1)

    assert units_bound([]) == 0
    assert units_bound([needs(("car",), 2), needs(("foot",), 3)]) == 5
    # those that either may serve can be the same units
    assert units_bound([needs(("car",), 2), needs(("car", "foot"), 3)]) == 3
    assert units_bound([needs(("car",), 2), needs(("foot",), 1), needs(("car", "foot"), 2)]) == 3
