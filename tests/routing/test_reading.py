"""Patrol problems are read from TOML files, and faults are told by row."""

from pathlib import Path

import numpy as np
import pytest

from patrol_routing import audit_plan, plan_patrols, read_problem
from town_model import InputError

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "patrol.toml"


def test_the_example_of_the_manual_is_read_and_planned(block_graph, junction):
    problem = read_problem(EXAMPLE, block_graph)
    assert problem.horizon == (25_200.0, 32_400.0)  # 07:00 to 09:00
    school, market = problem.place_list
    assert school.posts == ((27_000.0, 28_200.0),)  # 07:30 to 07:50
    assert market.closed == ((28_800.0, 29_400.0),)
    assert school.nodes == (junction(1, 1),)
    assert [one.id for one in problem.street_list] == ["main street"]
    (car, foot) = problem.shift_list
    assert (car.base, car.breaks) == (junction(0, 0), ((30_600.0, 31_200.0),))
    assert foot.start_s == 25_200
    assert problem.repeats is False
    plan = plan_patrols(problem, max_iterations=400)
    assert audit_plan(problem, plan).holds


def written(folder, text):
    path = folder / "patrol.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_matrices_will_do_and_ids_are_counted_where_none_is_given(tmp_path):
    text = """
    horizon = [0, "01:00"]
    gap_from = "arrival"
    [last_visits]
    gate = -600
    [[places]]
    id = "gate"
    node = 1
    dwell_s = 60
    max_gap_s = 900
    [[units]]
    mode = "car"
    base = 0
    start_s = 00:00:00
    end_s = 3600
    """
    problem = read_problem(written(tmp_path, text), {"car": np.array([[0, 60.0], [60.0, 0]])})
    assert problem.horizon == (0, 3600)
    assert problem.gap_from == "arrival"
    assert problem.place_list[0].last_s == -600
    assert problem.shift_list[0].id == 1


def test_all_faults_of_a_file_are_told_at_once(tmp_path, block_graph):
    text = """
    colour = "red"
    [[places]]
    id = "gate"
    at = [9000, 9000]
    dwel_s = 60
    """
    with pytest.raises(InputError) as caught:
        read_problem(written(tmp_path, text), block_graph)
    found = [str(one) for one in caught.value.messages]
    for words in ("colour", "gate: nothing is known of dwel_s", "within 200 m", "horizon is missing"):
        assert any(words in one for one in found), words


@pytest.mark.parametrize(("text", "words"), [("horizon = [", "no TOML"), ("places = 5", "must be tables")])
def test_what_is_no_problem_is_refused(tmp_path, block_graph, text, words):
    with pytest.raises(InputError, match=words):
        read_problem(written(tmp_path, text), block_graph)


def test_a_file_that_is_not_there_is_refused(tmp_path, block_graph):
    with pytest.raises(InputError, match="cannot be read"):
        read_problem(tmp_path / "none.toml", block_graph)
