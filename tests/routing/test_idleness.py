"""Idleness is counted as the definition says; every number here is counted by hand."""

import pytest

from patrol_routing.idleness import account
from patrol_routing.records import Place, Window

DAY = (0.0, 1000.0)


def place(*windows, last=None):
    return Place("p", (0,), 50.0, 1.0, windows or (Window(0, 1000, 300, 1),), None, last)


def gaps(*args):
    return [(s.start_s, s.end_s) for s in account(*args).stretches]


def test_idleness_is_zero_during_dwell_and_grows_from_departure():
    visits = [(200.0, 250.0), (600.0, 700.0)]
    one = account(place(), visits, DAY, "departure")
    assert [(s.start_s, s.end_s) for s in one.stretches] == [(0, 200), (250, 600), (700, 1000)]
    assert [s.is_breach for s in one.stretches] == [False, True, False]
    assert one.worst_ratio == pytest.approx(350 / 300)
    # mean: (200² + 350² + 300²) / 2 over 1000 s
    assert one.mean_s == pytest.approx((200**2 + 350**2 + 300**2) / 2000)


def test_counted_from_arrival_the_dwell_belongs_to_the_gap():
    assert gaps(place(), [(200.0, 250.0), (600.0, 700.0)], DAY, "arrival") == [
        (0, 200),
        (200, 600),
        (600, 1000),
    ]


def test_the_horizon_begins_like_a_visit_only_where_nothing_is_known():
    assert gaps(place(last=-400.0), [(200.0, 250.0)], DAY, "departure")[0] == (-400, 200)
    assert account(place(last=-400.0), [(200.0, 250.0)], DAY, "departure").stretches[0].is_breach


def test_a_plan_that_repeats_itself_begins_with_the_idleness_it_leaves():
    visits = [(200.0, 250.0), (600.0, 700.0)]
    # left at 700 of a day of 1000: 300 s before the next one begins
    one = account(place(), visits, DAY, "departure", repeats=True)
    assert [(s.start_s, s.end_s) for s in one.stretches] == [(-300, 200), (250, 600), (700, 1000)]
    assert one.worst_ratio == pytest.approx(500 / 300)
    # the mean over a day that goes round: each wait once, (500² + 350²) / 2
    assert one.mean_s == pytest.approx((500**2 + 350**2) / 2000)
    assert account(place(), visits, DAY, "arrival", repeats=True).stretches[0].start_s == -400
    assert account(place(last=-10.0), visits, DAY, "departure", repeats=True).stretches[0].start_s == -10
    assert account(place(), [], DAY, "departure", repeats=True).stretches[0].start_s == 0


def test_visits_that_overlap_count_from_the_last_departure():
    assert gaps(place(), [(100.0, 400.0), (150.0, 200.0)], DAY, "departure") == [(0, 100), (400, 1000)]


def test_idleness_grows_through_windows_against_the_limit_in_force():
    windows = (Window(100, 300, 150, 0), Window(600, 800, 400, 0))
    one = account(place(*windows), [(350.0, 400.0)], DAY, "departure")
    # first window: idle since 0, seen until it closes at 300; second: idle since 400, seen until 800
    assert [(s.start_s, s.end_s, s.max_gap_s) for s in one.stretches] == [(0, 300, 150), (400, 800, 400)]
    assert [s.ratio for s in one.stretches] == [2.0, 1.0]
    assert [s.is_breach for s in one.stretches] == [True, False]


def test_a_window_needs_its_visits_to_begin_inside_it():
    windows = (Window(300, 600, 1000, 2),)
    one = account(place(*windows), [(290.0, 340.0), (500.0, 550.0), (600.0, 650.0)], DAY, "departure")
    assert [(w.visits, w.min_visits) for w in one.too_few] == [(1, 2)]
