"""A patrol problem is checked as a whole before anything is planned."""

import math

import numpy as np
import pandas as pd
import pytest

from patrol_routing import PatrolProblem
from town_model import InputError

SECONDS = np.array([[0, 60], [60, 0]], float)


def problem(places=None, units=None, **options):
    places = {"node": [1], "dwell_s": [600], "max_gap_s": [3600], **(places or {})}
    units = {"mode": ["car"], "base": [0], "start_s": [0], "end_s": [28_800], **(units or {})}
    options = {"travel": {"car": SECONDS}, "horizon": (0, 28_800), **options}
    return PatrolProblem(pd.DataFrame(places), pd.DataFrame(units), **options)


def faults(**changes):
    with pytest.raises(InputError) as caught:
        problem(**changes)
    return [str(one) for one in caught.value.messages]


def test_all_faults_are_told_at_once():
    found = faults(
        places={"dwell_s": [0], "max_gap_s": [math.nan], "node": [9]},
        units={"mode": ["boat"], "end_s": [99_999], "breaks": [[(5, 1)]]},
        last_visits={"nowhere": -5.0},
    )
    assert len(found) == 7
    for words in ("dwell_s", "max_gap_s", "no node 9", "'boat'", "inside the horizon", "break", "nowhere"):
        assert any(words in one for one in found), words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"streets": pd.DataFrame({"edges": [[(0, 1, 0)]], "max_gap_s": 900})}, "streets need a road graph"),
        ({"places": {"posts": [[(500, 100)]]}}, "posts (500, 100) must be"),
        ({"places": {"posts": [[(0, 900), (800, 1000)]]}}, "its times in posts overlap"),
        ({"places": {"closed": [[(0, 90_000)]]}}, "closed (0, 90000) must be"),
        ({"places": {"closed": [[(0, 900)]], "posts": [[(800, 1000)]]}}, "closed during one of its posts"),
        ({"places": {"units_needed": [2]}}, "units_needed"),
        ({"travel": {("car", "night"): SECONDS}}, "period of the day"),
        ({"units": {"range_m": [500.0]}}, "needs a road graph"),
        ({"units": {"may_meet": [False]}}, "must not meet"),
        ({"gap_from": "noon"}, "gap_from"),
        ({"horizon": (10, 10)}, "horizon"),
        ({"travel": {"car": np.ones((2, 3))}}, "square"),
        ({"travel": {"car": np.array([[0, -1], [1, 0.0]])}}, "0 or more"),
        ({"travel": {}}, "road graph, or a matrix"),
        ({"places": {"windows": [[(0, 90_000)]]}}, "inside the horizon"),
        ({"places": {"windows": [[5]]}}, "inside the horizon"),
        ({"places": {"windows": [5]}}, "inside the horizon"),
        ({"places": {"windows": [[(0, 900, 600, 1, 7)]]}}, "inside the horizon"),
        ({"places": {"windows": [[(0, 900, 600, float("inf"))]]}}, "inside the horizon"),
        ({"places": {"windows": [[(0, 900, float("inf"))]]}}, "inside the horizon"),
        ({"places": {"modes": [5]}}, "modes"),
        ({"units": {"breaks": [5]}}, "inside the shift"),
        ({"units": {"breaks": [[5]]}}, "inside the shift"),
        ({"horizon": 7}, "horizon"),
        ({"last_visits": {0: "noon"}}, "before the horizon begins"),
        ({"places": {"windows": [[(0, 900), (800, 1000)]]}}, "windows overlap"),
        ({"last_visits": {0: 5.0}}, "before the horizon begins"),
        ({"units": {"breaks": [[(0, 900), (800, 1000)]]}}, "breaks overlap"),
    ],
)
def test_what_cannot_be_planned_is_refused_and_not_passed_over(changes, words):
    assert any(words in one for one in faults(**changes))


def test_shifts_of_one_unit_must_not_overlap():
    units = pd.DataFrame(
        {"mode": "car", "base": 0, "start_s": [0, 5000], "end_s": [6000, 9000], "unit": "car 1"},
        index=["a", "b"],
    )
    places = pd.DataFrame({"node": [1], "dwell_s": [600], "max_gap_s": [3600]})
    with pytest.raises(InputError, match="a and b overlap"):
        PatrolProblem(places, units, (0, 28_800), travel={"car": SECONDS})


def test_frames_are_copied_so_that_later_edits_do_not_reach_the_problem():
    places = pd.DataFrame({"node": [1], "dwell_s": [600], "max_gap_s": [3600]})
    units = pd.DataFrame({"mode": ["car"], "base": [0], "start_s": [0], "end_s": [28_800]})
    one = PatrolProblem(places, units, (0, 28_800), travel={"car": SECONDS})
    places.loc[0, "dwell_s"] = 1
    assert one.places.loc[0, "dwell_s"] == 600


def test_several_access_nodes_modes_and_windows_are_read():
    one = problem(
        places={"node": [[0, 1]], "modes": ["car"], "windows": [[(100, 900), (1000, 2000, 500, 2)]]}
    )
    (place,) = one.place_list
    assert place.nodes == (0, 1)
    assert place.modes == {"car"}
    assert [(w.max_gap_s, w.min_visits) for w in place.windows] == [(3600, 1), (500, 2)]


def test_a_place_known_to_have_been_visited_needs_no_visit_for_its_own_sake():
    assert problem().place_list[0].windows[0].min_visits == 1
    assert problem(last_visits={0: -100.0}).place_list[0].windows[0].min_visits == 0
