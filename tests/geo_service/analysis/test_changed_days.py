"""A changed plan is judged by the rules of the day it was made for, keeps what is proven of the problem, and counts the rest anew."""

import pytest
import shapely

from geo_service.analysis.asked_day import ask_day
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.plan_change import StopChange, change_plan, save_change
from geo_service.analysis.stored_plan import asked_of
from geo_service.duty.choice import choose_day, planned_for
from patrol_routing import audit_plan


@pytest.fixture
def school(town):
    """A ring road of 400 m sides, a school with a post at bell times, a square, a required street, and two pairs on foot."""
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for name, a, b in zip("南东北西", corners, corners[1:] + corners[:1], strict=True):
        asked = {"patrol_interval_min": 240} if name == "东" else {}
        town.road(a, b, name=f"{name}街", **asked)
    town.area(shapely.Point(0, 0).buffer(15), name="广场", visit_interval_min=480, dwell_min=10)
    town.school = town.area(
        shapely.Point(400, 400).buffer(15), name="小学", category="school", visit_interval_min=480
    )
    town.unit(200, 0, name="甲组")
    town.unit(200, 400, name="乙组")
    town.add("patrol_rules", name="护学岗", demand="post", place_kind="school", day_type="school_day", hours="07:00-08:10")  # fmt: skip
    return town


def _plan(town, **options):
    number = compute_patrol(
        town.store, actor="t", planned=choose_day(town.store, date="2026-12-01", duty_level="2"), **options
    )
    return town.store.result(number)


def test_the_rules_of_the_day_hold_for_a_changed_plan(school):
    """2026-12-01 is a school day at level 2: the school has its post and the bell times of 67.5 min, as when the plan was made."""
    result = _plan(school, max_iterations=200)
    asked = asked_of(school.store, result)
    there = {one.id: one for one in asked.problem.place_list}[f"key_areas/{school.school}"]
    assert there.posts == ((25_200.0, 29_400.0),)
    assert {one.max_gap_s for one in there.windows} >= {4080.0}
    same = ask_day(school.store, planned=planned_for(result.options))
    assert asked.problem.place_list == same.problem.place_list
    assert asked.problem.place_list != ask_day(school.store).problem.place_list
    (street,) = asked.problem.street_list
    assert {one.max_gap_s for one in street.windows} == {180 * 60.0}  # three quarters of 240 min


def test_without_a_change_streets_and_posts_come_out_as_they_were_stored(school):
    result = _plan(school, max_iterations=200)
    found = change_plan(school.store, result, [])
    assert found.day.audit.is_sound and not found.warnings
    for name in (
        "worst_ratio",
        "worst_weighted_ratio",
        "work_spread",
        "mean_idleness_s",
        "drive_s",
        "units_bound",
    ):
        assert found.day.plan.summary()[name] == pytest.approx(result.summary[name], abs=1e-3), name


def test_a_shift_with_streets_and_posts_is_timed_anew_and_keeps_both(school):
    """Whoever stands the post also gets one more stop: the post and the streets of its shift stay in it."""
    result = _plan(school, max_iterations=200)
    visits = result.frame("visits")
    shift = visits.loc[visits["task"] == "post", "shift"].iloc[0]
    square = visits.loc[visits["place_name"] == "广场", "place"].iloc[0]
    found = change_plan(school.store, result, [StopChange(None, None, square, shift, 36_000.0)])
    plan = found.day.plan
    assert found.day.audit.is_sound and audit_plan(found.day.problem, plan).is_sound
    assert not (plan.breaches["kind"] == "post").any()
    dropped = sum(one[1].startswith("roads/") for one in found.dropped)
    before = ((visits["shift"] == shift) & (visits["task"] == "street")).sum()
    after = ((plan.visits["unit"] == shift) & plan.visits["place"].str.startswith("roads/")).sum()
    assert after == before - dropped


def test_what_is_proven_of_the_problem_stays_and_what_hangs_on_routes_is_new(school):
    """Units on duty from 09:00 to 10:00 alone keep nothing: the bound stays as it was, the number of breaches does not."""
    with school.store.change(actor="t") as change:
        for row in school.store.frame("patrol_units").index:
            change.update("patrol_units", int(row), {"shifts": "09:00-10:00"})
    result = _plan(school, max_iterations=60)
    assert result.summary["proven_impossible"]
    visits = result.frame("visits")
    gone = [StopChange(one.shift, int(one.seq), None, None, None) for one in visits.itertuples() if one.place_name == "小学"]  # fmt: skip
    found = change_plan(school.store, result, gone)
    number = save_change(school.store, result, found, actor="t")
    after = school.store.result(number).summary
    for name in ("bound", "units_bound", "proven_impossible", "units_needed_at_least", "units", "posts"):
        assert after[name] == result.summary[name], name
    assert after["breaches"] == len(found.day.plan.breaches)
    assert after["work_spread"] == round(found.day.plan.work_spread, 4)
    assert after.get("needed_units") == result.summary.get("needed_units")


def test_with_how_many_units_it_would_hold_is_not_said_of_a_plan_that_holds(school):
    """A stored plan that speaks of three units, changed to one without a breach, no longer does."""
    result = _plan(school, max_iterations=400)
    found = change_plan(school.store, result, [])
    if len(found.day.plan.breaches):
        pytest.skip("the planner found no plan that keeps all")
    told = type(result)(**{**vars(result), "summary": {**result.summary, "needed_units": 3}})
    number = save_change(school.store, told, change_plan(school.store, told, []), actor="t")
    assert "needed_units" not in school.store.result(number).summary
