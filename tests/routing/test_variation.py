"""Plans of many days: none late, none alike, and how well an observer can guess them."""

import dataclasses
import math
import random

import numpy as np
import pandas as pd
import pytest

from patrol_routing import PatrolProblem, audit_plan, entropy, plan_patrols, unpredictability, vary_plan
from patrol_routing.greedy import greedy_routes
from patrol_routing.instance import Instance
from patrol_routing.unpredictability import free_window
from patrol_routing.variation import _Memory, _Walk
from town_model import InputError, ValueRangeError

HOUR = 3600.0


def square_town(places=8, side_s=120.0):
    """Seconds between a base (row 0) and places on a line, each two minutes from the next."""
    at = np.arange(places + 1) * side_s
    return np.abs(at[:, None] - at[None, :])


def problem(places=8, units=2, hours=8.0, gap_s=2 * HOUR, **options):
    table = pd.DataFrame(
        {"node": range(1, places + 1), "dwell_s": 300.0, "max_gap_s": gap_s},
        index=[f"p{i}" for i in range(places)],
    )
    shifts = pd.DataFrame(
        {"mode": ["car"] * units, "base": 0, "start_s": 0.0, "end_s": hours * HOUR},
        index=[f"u{i}" for i in range(units)],
    )
    return PatrolProblem(table, shifts, (0, hours * HOUR), travel={"car": square_town(places)}, **options)


@pytest.fixture(scope="module")
def varied():
    one = problem()
    return one, vary_plan(one, plan_patrols(one, max_iterations=3000), days=6, seed=3, steps=800)


def test_no_day_is_late(varied):
    """Counted from the visits alone: from the start, between departures and arrivals, and to the end."""
    one, plans = varied
    assert len(plans) == 6
    for plan in plans:
        assert plan.breaches.empty
        assert set(plan.visits["place"]) == set(one.places.index)
        for _, visits in plan.visits.sort_values("arrive_s").groupby("place"):
            begins, ends = [*visits["arrive_s"], 8 * HOUR], [0.0, *visits["depart_s"]]
            assert max(b - e for b, e in zip(begins, ends, strict=True)) <= 2 * HOUR + 1e-6


def test_every_day_passes_the_audit(varied):
    one, plans = varied
    assert all(audit_plan(one, plan).holds for plan in plans)


def test_days_differ_and_equal_seeds_give_equal_days(varied):
    one, plans = varied
    days = {
        tuple(plan.visits[["unit", "place", "arrive_s"]].itertuples(index=False, name=None)) for plan in plans
    }
    assert len(days) == len(plans)
    base = plan_patrols(one, max_iterations=3000)
    again = vary_plan(one, base, days=2, seed=3, steps=300)
    same = vary_plan(one, base, days=2, seed=3, steps=300)
    other = vary_plan(one, base, days=2, seed=4, steps=300)
    assert [x.visits.equals(y.visits) for x, y in zip(again, same, strict=True)] == [True, True]
    assert not again[0].visits.equals(other[0].visits)


def test_a_plan_carries_the_figures_of_its_days(varied):
    _, plans = varied
    figures = plans[0].summary()["unpredictability"]
    assert figures["days"] == 6
    assert 0 < figures["mean_time_entropy"] <= figures["greatest_time_entropy"] + 24 / 2 / 6
    assert plans[0].unpredictability is plans[5].unpredictability


def test_varied_days_are_harder_to_guess_than_the_same_day_again(varied):
    one, plans = varied
    base = plan_patrols(one, max_iterations=3000)
    fixed = unpredictability(one, [base] * 6)
    assert plans[0].unpredictability.mean_time_entropy > fixed.mean_time_entropy + 0.3
    # who has seen the same day six times is right about the seventh
    assert (fixed.places["window_chance"] == 1).all()


@pytest.mark.parametrize("gap_from", ["departure", "arrival"])
def test_idleness_over_midnight_is_kept_when_any_day_follows_another(gap_from):
    """A plan that repeats itself: 24 h, every 6 h. From the last visit of a day to the first one of the next, by hand."""
    one = problem(places=5, units=1, hours=24.0, gap_s=6 * HOUR, repeats=True, gap_from=gap_from)
    base = plan_patrols(one, max_iterations=3000)
    assert base.breaches.empty
    plans = vary_plan(one, base, days=5, seed=1, steps=500)
    column = "arrive_s" if gap_from == "arrival" else "depart_s"
    for before in (base, *plans):
        last = before.visits.groupby("place")[column].max()
        for after in plans:
            first = after.visits.groupby("place")["arrive_s"].min()
            assert ((first + 24 * HOUR - last) <= 6 * HOUR + 1e-6).all()
    assert all(plan.breaches.empty for plan in plans)


def test_over_midnight_the_interval_of_the_night_is_shared_out_not_that_of_the_evening():
    """Every 6 h, from 18:00 on every 90 min: what is left of six hours goes half to the evening and half to the morning."""
    one = problem(places=2, units=1, hours=24.0, repeats=True)
    table = one.places.assign(
        windows=[[(0, 18 * HOUR, 6 * HOUR, 0), (18 * HOUR, 24 * HOUR, 1.5 * HOUR, 1)]] * 2
    )
    instance = Instance(dataclasses.replace(one, places=table))
    routes = greedy_routes(instance, np.random.default_rng(1))
    walk = _Walk(instance, routes, random.Random(1), _Memory(instance))
    for place, (by, until) in walk._night.items():
        visits = sorted(span for spans in walk.arrivals[place].values() for span in spans)
        first, last = visits[0][0], visits[-1][1]
        night = first + 24 * HOUR - last
        assert 0 < night < 6 * HOUR
        assert by - first == pytest.approx((6 * HOUR - night) / 2)
        assert last - until == pytest.approx((6 * HOUR - night) / 2)


def test_a_place_that_was_late_is_never_later():
    """One unit cannot come every 20 minutes to places 32 minutes apart: the days are no worse than the plan."""
    one = problem(places=8, units=1, gap_s=1200.0)
    base = plan_patrols(one, max_iterations=2000)
    assert not base.breaches.empty

    def overdue(plan):
        over = plan.breaches["gap_s"] / 1200.0 - 1
        return (over + 2 * over**2).groupby(plan.breaches["place"]).sum()

    before = overdue(base)
    for plan in vary_plan(one, base, days=2, seed=1, steps=400):
        now = overdue(plan)
        assert (now <= before.reindex(now.index).fillna(0) + 1e-9).all()


def test_units_that_are_alike_exchange_their_routes():
    one = problem()
    base = plan_patrols(one, max_iterations=3000)
    plans = vary_plan(one, base, days=12, seed=5, steps=1)
    first = [plan.visits.query("unit == 'u0'")["place"].iloc[0] for plan in plans]
    assert len(set(first)) > 1


def test_staying_on_is_no_return(varied):
    """No visit of a place begins within five minutes of the end of another one."""
    _, plans = varied
    for plan in plans:
        for _, visits in plan.visits.sort_values("arrive_s").groupby("place"):
            apart = visits["arrive_s"].to_numpy()[1:] - visits["depart_s"].to_numpy()[:-1]
            assert (apart >= 300 - 1e-6).all()


def test_entropy_is_the_closed_form_with_the_correction():
    assert entropy([1, 1, 1], 10) == 0  # one bin: nothing to guess, nothing to correct
    assert entropy([5, 15], 10) == pytest.approx(math.log(2) + 1 / 4)
    assert entropy([5, 6, 7, 15], 10) == pytest.approx(
        -(0.75 * math.log(0.75) + 0.25 * math.log(0.25)) + 1 / 8
    )
    assert math.isnan(entropy([], 10))


def test_the_corrected_entropy_is_near_that_of_the_source():
    """2,000 samples of 60 even draws in 24 bins: the corrected entropy is at least four times nearer to ln 24 than the plain one."""
    rng = np.random.default_rng(2)
    samples = rng.integers(0, 24, (2000, 60))
    found = np.mean([entropy(one, 1.0) for one in samples])
    shares = [np.bincount(one, minlength=24) / 60 for one in samples]
    plain = np.mean([-(p[p > 0] * np.log(p[p > 0])).sum() for p in shares])
    assert plain < math.log(24) - 0.1
    assert abs(found - math.log(24)) < (math.log(24) - plain) / 4


def test_the_best_window_is_the_longest_time_free_on_all_days():
    days = [[(100.0, 200.0), (700.0, 800.0)], [(150.0, 250.0), (600.0, 650.0)]]
    assert free_window(days, (0.0, 1000.0)) == (250.0, 350.0)
    assert free_window([[(10.0, 20.0)]], (0.0, 1000.0)) == (20.0, 980.0)
    assert free_window([[(0.0, 990.0)], [(5.0, 8.0)]], (0.0, 1000.0)) == (990.0, 10.0)


def test_where_day_follows_day_the_window_runs_on_over_midnight():
    """Free from 700 to the end and until 200 of the next morning: 500, more than the 400 between; of nothing at all, the whole day."""
    days = [[(200.0, 250.0)], [(650.0, 700.0)]]
    assert free_window(days, (0.0, 1000.0)) == (250.0, 400.0)
    assert free_window(days, (0.0, 1000.0), repeats=True) == (700.0, 500.0)
    assert free_window([[], []], (0.0, 1000.0), repeats=True) == (0.0, 1000.0)
    assert free_window([[(300.0, 310.0)]], (0.0, 1000.0), repeats=True) == (310.0, 990.0)


def test_the_chance_of_a_window_is_counted_on_days_that_were_left_out():
    """Visits at 1 h, 1 h and 5 h of an 8-hour day (dwell 300 s).

    Watched days 1 and 2: free from 1 h 05 to 8 h, broken by day 3. Days 1 and 3 (or 2 and 3): free from 1 h 05 to 5 h, the longest; holds on
    the other day, which visits at 1 h. So 2 of 3.
    """
    one = problem(places=1, units=1)
    base = plan_patrols(one, max_iterations=50)

    def at(hour):
        visits = pd.DataFrame(
            [("u0", 0, "p0", 1, hour * HOUR, hour * HOUR + 300)], columns=list(base.visits.columns)
        )
        return dataclasses.replace(base, visits=visits)

    found = unpredictability(one, [at(1), at(1), at(5)]).places.loc["p0"]
    assert found["window_chance"] == pytest.approx(2 / 3)
    assert (found["window_start_s"], found["window_s"]) == (HOUR + 300, 4 * HOUR - 300)


def test_nonsense_is_refused(varied):
    one, plans = varied
    with pytest.raises(ValueRangeError):
        vary_plan(one, plans[0], days=0, seed=1)
    other = dataclasses.replace(plans[0], visits=plans[0].visits.assign(place="elsewhere"))
    with pytest.raises(InputError, match="not made for this problem"):
        vary_plan(one, other, days=1, seed=1)


@pytest.mark.real_data
@pytest.mark.slow
def test_the_published_case_is_varied_without_a_breach_and_nearly_evenly(patrol_case):
    """Case 03 with four units over 20 days: mean time-of-day entropy at least 2.9 of 3.18 nats."""
    three = patrol_case(3)
    four = pd.DataFrame({"mode": ["car"] * 4, "base": 0, "start_s": 0.0, "end_s": 28_800.0})
    one = dataclasses.replace(three, units=four)
    plans = vary_plan(one, plan_patrols(one, max_iterations=20_000, seed=1), days=20, seed=1)
    assert sum(len(plan.breaches) for plan in plans) == 0
    for plan in plans:
        for _, arrivals in plan.visits.groupby("place")["arrive_s"]:
            assert np.diff([0, *sorted(arrivals), 28_800]).max() <= 7200 + 1e-6
    figures = plans[0].unpredictability
    assert figures.greatest_time_entropy == pytest.approx(math.log(24))
    assert figures.mean_time_entropy >= 2.9
    assert figures.pooled_return_entropy >= 2.1
