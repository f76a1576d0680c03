"""Publications of patrol plans: which plan holds on which day."""

import datetime as dt

import pandas as pd
import pytest

from geo_service.publications import in_force, plan_in_force, publish, published, withdraw
from town_model import InputError

TODAY = dt.date(2026, 5, 4)


def day(number):
    return dt.date(2026, 5, number)


@pytest.fixture
def store(empty_workspace):
    return empty_workspace.store


def plan(store, kind="patrol"):
    frames = {"units": pd.DataFrame({"unit": ["a"]})}
    return store.save_result(kind, actor="planner.a", options={}, summary={}, frames=frames)


def issue(store, number, first, last):
    return publish(store, number, day(first), day(last), actor="planner.a", today=TODAY)


def holds(store):
    """The plan that holds on each day from 3 to 9 May."""
    found = [plan_in_force(store, day(one)) for one in range(3, 10)]
    return [None if one is None else one.id for one in found]


def test_nothing_holds_before_it_is_published(store):
    plan(store)
    assert holds(store) == [None] * 7


def test_a_plan_holds_from_its_first_to_its_last_day(store):
    number = plan(store)
    issue(store, number, 4, 6)
    assert holds(store) == [None, number, number, number, None, None, None]


def test_where_two_overlap_the_later_one_holds_and_withdrawn_the_earlier_one_again(store):
    first, second = plan(store), plan(store)
    issue(store, first, 4, 8)
    later = issue(store, second, 6, 7)
    assert holds(store) == [None, first, first, second, second, first, None]
    withdraw(store, later, actor="planner.a")
    assert holds(store) == [None, first, first, first, first, first, None]


def test_a_newer_plan_changes_nothing_until_it_is_published(store):
    first = plan(store)
    issue(store, first, 4, 4)
    plan(store)
    assert plan_in_force(store, day(4)).id == first


def test_overlaps_are_told_with_their_days(store):
    number = plan(store)
    issue(store, number, 4, 8)
    issue(store, number, 7, 9)
    later, earlier = published(store)
    assert earlier.overlap(later) == (day(7), day(8)) == later.overlap(earlier)
    assert [one.first_day for one in published(store, since=day(9))] == [day(7)]


@pytest.mark.parametrize(("first", "last"), [(6, 5), (1, 3)])
def test_days_that_are_over_or_the_wrong_way_round_are_refused(store, first, last):
    with pytest.raises(InputError):
        issue(store, plan(store), first, last)
    assert published(store) == []


def test_a_year_is_the_most(store):
    number = plan(store)
    publish(store, number, TODAY, TODAY + dt.timedelta(days=365), actor="a", today=TODAY)
    with pytest.raises(InputError, match="366 days"):
        publish(store, number, TODAY, TODAY + dt.timedelta(days=366), actor="a", today=TODAY)


def test_only_patrol_plans_that_are_there_are_published(store):
    for number in (plan(store, "coverage"), 99):
        with pytest.raises(InputError, match="no patrol plan"):
            issue(store, number, 4, 5)


def test_a_publication_is_withdrawn_once(store):
    number = issue(store, plan(store), 4, 5)
    withdraw(store, number, actor="b")
    for gone in (number, 99):
        with pytest.raises(InputError, match="no publication"):
            withdraw(store, gone, actor="b")
    assert in_force(store, day(4)) is None


def test_who_published_and_withdrew_is_in_the_audit_record(store):
    plan_number = plan(store)
    withdraw(store, issue(store, plan_number, 4, 5), actor="b")
    told = [(one.actor, one.action, one.target) for one in store.audit_entries(limit=2)]
    target = f"plan {plan_number}: 2026-05-04..2026-05-05"
    assert told == [("b", "plan_withdrawn", target), ("planner.a", "plan_published", target)]
