"""The auditor passes sound plans and catches every way of tampering with one."""

import ast
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import patrol_routing
from patrol_routing import PatrolProblem, audit_plan, plan_patrols

ROOM = Path(patrol_routing.__file__).parent


@pytest.fixture(scope="module")
def problem(block_graph, junction):
    """A car with a break and a foot pair of short reach; place "island" cannot be reached, "yard" is for walkers."""
    island = next(n for n, d in block_graph.nodes(data=True) if d["x"] >= 5000)
    places = pd.DataFrame(
        {
            "node": [junction(1, 0), junction(2, 3), junction(0, 1), junction(3, 3), island],
            "dwell_s": 60.0,
            "max_gap_s": [900.0, 900.0, 900.0, 120.0, 900.0],
            "modes": [None, None, "foot", None, None],
        },
        index=["gate", "school", "yard", "market", "island"],
    )
    units = pd.DataFrame(
        {
            "mode": ["car", "foot"],
            "base": [junction(0, 0), junction(0, 0)],
            "start_s": [0.0, 600.0],
            "end_s": [3600.0, 3000.0],
            "breaks": [[(1200.0, 1500.0)], None],
            "range_m": [math.nan, 250.0],
        },
        index=["car 1", "foot 1"],
    )
    return PatrolProblem(places, units, (0, 3600), travel=block_graph)


@pytest.fixture(scope="module")
def plan(problem):
    return plan_patrols(problem, max_iterations=1500)


def kinds(problem, plan, **changes):
    return audit_plan(problem, replace(plan, **changes)).kinds()


def test_a_plan_as_it_was_made_is_sound_and_counted_alike(problem, plan):
    verdict = audit_plan(problem, plan)
    assert verdict.is_sound, verdict.findings
    assert not verdict.holds  # the market cannot be kept at 120 s, and both say so
    assert not plan.breaches.empty
    pd.testing.assert_frame_equal(verdict.breaches, plan.breaches, check_dtype=False)
    assert verdict.worst_ratio == pytest.approx(plan.worst_ratio)
    assert set(plan.unreachable["place"]) == {"island"}
    assert verdict.summary()["sound"]


def test_driving_faster_than_possible_is_caught(problem, plan):
    legs = plan.legs.copy()
    legs.loc[3, "leave_s"] = legs.loc[3, "enter_s"] + 1.0
    assert "too_fast" in kinds(problem, plan, legs=legs)


def test_a_whole_route_at_double_speed_is_caught(problem, plan):
    legs = plan.legs.copy()
    legs["leave_s"] = (legs["enter_s"] + legs["leave_s"]) / 2
    assert "too_fast" in kinds(problem, plan, legs=legs)


def leg(plan, u, v, enter, leave):
    row = {
        "unit": "car 1",
        "seq": len(plan.legs),
        "u": u,
        "v": v,
        "key": 0,
        "enter_s": enter,
        "leave_s": leave,
    }
    return pd.concat([plan.legs, pd.DataFrame([row])], ignore_index=True)


def test_driving_against_a_one_way_is_caught(problem, plan, junction):
    legs = leg(plan, junction(2, 0), junction(1, 0), 3500, 3550)
    assert "against_oneway" in kinds(problem, plan, legs=legs)


def test_driving_where_cars_may_not_is_caught(problem, plan, junction):
    legs = leg(plan, junction(4, 1), junction(4, 2), 3500, 3550)
    assert "no_access" in kinds(problem, plan, legs=legs)


def test_driving_where_there_is_no_road_is_caught(problem, plan, junction):
    legs = leg(plan, junction(0, 0), junction(2, 2), 3500, 3550)
    assert "no_road" in kinds(problem, plan, legs=legs)


def test_a_leg_left_out_breaks_the_route(problem, plan):
    assert "broken_route" in kinds(problem, plan, legs=plan.legs.drop(index=2))


def test_a_route_that_does_not_come_home_is_caught(problem, plan):
    last = plan.legs.index[plan.legs["unit"] == "car 1"][-1]
    assert "broken_route" in kinds(problem, plan, legs=plan.legs.drop(index=last))


def test_work_outside_the_shift_is_caught(problem, plan):
    for shift in (-5000.0, 5000.0):
        foot = plan.legs["unit"] == "foot 1"
        legs = plan.legs.copy()
        legs.loc[foot, ["enter_s", "leave_s"]] += shift
        assert "shift" in kinds(problem, plan, legs=legs)


def test_work_in_a_break_is_caught(problem, plan):
    visits = plan.visits.copy()
    row = visits.index[visits["unit"] == "car 1"][0]
    visits.loc[row, ["arrive_s", "depart_s"]] = [1300.0, 1360.0]
    assert "break" in kinds(problem, plan, visits=visits)


def test_leaving_too_soon_is_caught(problem, plan):
    visits = plan.visits.copy()
    visits.loc[1, "depart_s"] = visits.loc[1, "arrive_s"] + 20
    assert "dwell" in kinds(problem, plan, visits=visits)


def test_a_visit_that_no_leg_supports_is_caught(problem, plan):
    visits = plan.visits.copy()
    school = plan.visits["place"] == "school"
    invented = visits[school].head(1).assign(arrive_s=3400.0, depart_s=3470.0, seq=999)
    assert "unsupported_visit" in kinds(
        problem, plan, visits=pd.concat([visits, invented], ignore_index=True)
    )
    moved = visits.copy()
    moved.loc[school.idxmax(), ["arrive_s", "depart_s"]] += 37.0
    assert "unsupported_visit" in kinds(problem, plan, visits=moved)
    renamed = visits.copy()
    renamed.loc[school.idxmax(), "place"] = "gate"
    assert "unsupported_visit" in kinds(problem, plan, visits=renamed)


def test_a_visit_without_support_earns_no_credit(problem, plan):
    honest = audit_plan(problem, plan).breaches
    school = plan.visits[plan.visits["place"] == "market"].head(1)
    invented = pd.concat(
        [
            plan.visits,
            *(school.assign(arrive_s=t, depart_s=t + 60.0, seq=999) for t in range(100, 3500, 100)),
        ],
        ignore_index=True,
    )
    recount = audit_plan(problem, replace(plan, visits=invented)).breaches
    assert len(recount) >= len(honest)


def test_two_visits_at_once_are_caught(problem, plan):
    twice = pd.concat([plan.visits, plan.visits.head(1)], ignore_index=True)
    assert "double_visit" in kinds(problem, plan, visits=twice)


def test_a_mode_that_a_place_does_not_allow_is_caught(problem, plan):
    visits = plan.visits.copy()
    visits.loc[visits.index[visits["unit"] == "car 1"][0], "place"] = "yard"
    assert "mode" in kinds(problem, plan, visits=visits)


def test_a_visit_beyond_the_reach_of_its_unit_is_caught(problem, block_graph, plan):
    assert (plan.visits["unit"] == "foot 1").any()
    tight = PatrolProblem(
        problem.places, problem.units.assign(range_m=[math.nan, 50.0]), (0, 3600), travel=block_graph
    )
    verdict = audit_plan(tight, plan)
    assert {(one.kind, one.unit) for one in verdict.findings if one.kind == "out_of_range"} == {
        ("out_of_range", "foot 1")
    }


def test_no_visit_of_a_plan_lies_beyond_the_reach_of_its_unit(problem, plan, block_graph, junction):
    base = block_graph.nodes[junction(0, 0)]
    for node in plan.visits.loc[plan.visits["unit"] == "foot 1", "node"]:
        here = block_graph.nodes[node]
        assert math.hypot(here["x"] - base["x"], here["y"] - base["y"]) <= 250


def test_a_breach_kept_quiet_is_caught(problem, plan):
    assert "missing_breach" in kinds(problem, plan, breaches=plan.breaches.iloc[1:])


def test_a_breach_made_up_is_caught(problem, plan):
    made_up = plan.breaches.head(1).assign(place="gate")
    assert "false_breach" in kinds(
        problem, plan, breaches=pd.concat([plan.breaches, made_up], ignore_index=True)
    )


def test_visits_taken_away_show_as_breaches_that_the_plan_does_not_list(problem, plan):
    fewer = plan.visits[plan.visits["place"] != "school"]
    verdict = audit_plan(problem, replace(plan, visits=fewer))
    assert {"missing_breach", "worst_ratio"} <= verdict.kinds()
    assert "school" in set(verdict.breaches["place"])


def test_prettier_figures_than_the_truth_are_caught(problem, plan):
    assert "worst_ratio" in kinds(problem, plan, worst_ratio=plan.worst_ratio / 2)
    assert "bound" in kinds(problem, plan, bound=plan.worst_ratio * 1.1)


def test_a_breach_made_to_look_smaller_than_it_is_is_caught(problem, plan):
    for figure, share in (("gap_s", 0.5), ("max_gap_s", 2.0)):
        breaches = plan.breaches.copy()
        breaches.loc[0, figure] *= share
        assert {"missing_breach", "false_breach"} <= kinds(problem, plan, breaches=breaches), figure
    breaches = plan.breaches.copy()
    breaches.loc[0, "visits"] += 1
    assert "missing_breach" in kinds(problem, plan, breaches=breaches)


def test_a_mean_idleness_made_up_is_caught(problem, plan):
    assert "mean_idleness" in kinds(problem, plan, mean_idleness_s=plan.mean_idleness_s - 1)


def test_a_plan_that_calls_itself_proven_above_its_bound_is_caught(problem, plan):
    assert plan.worst_ratio > plan.bound + 1e-6
    assert "status" in kinds(problem, plan, status="optimal")


def test_a_wrong_reason_for_an_unreachable_place_is_caught(problem, plan):
    assert "reason" in kinds(problem, plan, unreachable=plan.unreachable.assign(reason="too_long"))
    one_mode_less = plan.unreachable[plan.unreachable["mode"] == "car"]
    assert "reason" in kinds(problem, plan, unreachable=one_mode_less)


def test_tables_that_cannot_be_read_are_findings_and_never_errors(problem, plan):
    for table in ("visits", "legs", "breaches", "unreachable"):
        frame = getattr(plan, table)
        for broken in (frame.iloc[:, 1:], frame.iloc[:, ::2], None):
            assert "malformed" in kinds(problem, plan, **{table: broken}), table
    lists = plan.visits.assign(place=[["a"]] * len(plan.visits))
    assert "malformed" in kinds(problem, plan, visits=lists)
    assert {"worst_ratio", "bound"} <= kinds(problem, plan, worst_ratio=None, bound=math.nan)
    assert "malformed" in kinds(problem, plan, breaches=plan.breaches.assign(gap_s="long"))


def test_a_place_called_unreachable_to_be_rid_of_it_is_caught(problem, plan):
    rows = pd.concat(
        [plan.unreachable, pd.DataFrame([{"place": "market", "mode": "car", "reason": "no_way"}])],
        ignore_index=True,
    )
    kept = plan.breaches[plan.breaches["place"] != "market"]
    assert {"not_unreachable", "missing_breach"} <= kinds(problem, plan, unreachable=rows, breaches=kept)


def test_a_place_dropped_from_every_list_is_caught(problem, plan):
    assert "missing_breach" in kinds(problem, plan, unreachable=plan.unreachable.iloc[:0])


def test_unknown_units_and_places_and_broken_tables_are_caught(problem, plan):
    assert "unknown_unit" in kinds(problem, plan, legs=plan.legs.assign(unit="ghost"))
    assert "unknown_unit" in kinds(problem, plan, visits=plan.visits.assign(unit="ghost"))
    assert "unknown_place" in kinds(problem, plan, visits=plan.visits.assign(place="nowhere"))
    assert "malformed" in kinds(problem, plan, legs=plan.legs.drop(columns="key"))
    assert "malformed" in kinds(problem, plan, visits=plan.visits.assign(arrive_s=math.nan))


@pytest.mark.parametrize("gap_from", ["departure", "arrival"])
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corners=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=4, unique=True),
    gaps=st.lists(st.integers(200, 4000), min_size=4, max_size=4),
    seed=st.integers(0, 5),
    window=st.booleans(),
    last=st.booleans(),
)
def test_planner_and_auditor_agree_on_any_small_problem(
    block_graph, junction, gap_from, corners, gaps, seed, window, last
):
    """They share no code, so they agree only where both are right."""
    places = pd.DataFrame(
        {
            "node": [junction(*one) for one in corners],
            "dwell_s": 45.0,
            "max_gap_s": [float(gaps[i]) for i in range(len(corners))],
            "windows": [
                [(500, 1500, 400, 2), (2000, 2500)] if window and i == 0 else None
                for i in range(len(corners))
            ],
        }
    )
    units = pd.DataFrame(
        {
            "mode": ["car", "foot"],
            "base": junction(0, 0),
            "start_s": [0, 400],
            "end_s": [2400, 3600],
            "breaks": [[(700, 900)], [(2000, 2100), (2500, 2600)]],
        }
    )
    problem = PatrolProblem(
        places,
        units,
        (0, 3600),
        travel=block_graph,
        gap_from=gap_from,
        last_visits={0: -300.0} if last else None,
    )
    plan = plan_patrols(problem, max_iterations=150, seed=seed, find_units=False)
    verdict = audit_plan(problem, plan)
    assert verdict.is_sound, verdict.findings
    assert len(verdict.breaches) == len(plan.breaches)


def test_the_auditor_imports_only_the_graph_and_the_types():
    allowed = {
        "graph",
        "modes",
        "plan",
        "problem",
        "records",
        "streets",
        "verdict",
        "audit_routes",
        "audit_reach",
        "audit_visits",
    }
    todo, seen = ["audit"], set()
    while todo:
        name = todo.pop()
        for node in ast.walk(ast.parse((ROOM / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("patrol_routing"):
                other = node.module.removeprefix("patrol_routing").removeprefix(".")
                assert other in allowed, f"{name} imports {other or 'the package'}"
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
            if isinstance(node, ast.Import):
                assert not any(one.name.startswith("patrol_routing") for one in node.names)
