"""Plans for a day type at a duty level: intervals, units, the day before, and days of another type."""

import datetime as dt
import math

import pytest
import shapely

from geo_service.analysis.asked_day import ask_day
from geo_service.analysis.beats import load_beats
from geo_service.analysis.patrol import compute_patrol, plan_day
from geo_service.duty.choice import choose_day, planned_for
from geo_service.duty.windows import NO_LIMIT_S
from geo_service.other_days import other_days_text
from geo_service.publications import publish
from geo_service.web.patrol_idle import idle_places
from town_model import InputError


@pytest.fixture
def ring(town):
    """A ring road of 400 m sides, a school at one corner and a square at another, a pair on foot round the clock."""
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        town.road(a, b)
    town.area(
        shapely.Point(0, 0).buffer(15), name="小学", category="school", visit_interval_min=480, dwell_min=10
    )
    town.area(shapely.Point(400, 400).buffer(15), name="广场", visit_interval_min=480, dwell_min=10)
    town.pair = town.unit(200, 0, name="步巡组")
    return town


def _plan(town, **day):
    number = compute_patrol(town.store, actor="test", planned=choose_day(town.store, **day), max_iterations=50, time_limit_s=20)  # fmt: skip
    return town.store.result(number)


def test_a_plan_for_a_school_day_says_which_rule_gave_which_interval(ring):
    """2026-12-01 is a Tuesday in term: the built-in rules ask for the school every 90 minutes at bell times."""
    result = _plan(ring, date="2026-12-01", duty_level="2")
    assert result.options["day_type"] == result.options["base"] == "school_day"
    assert planned_for(result.options).date == dt.date(2026, 12, 1)
    school = result.frame("intervals").query("name == '小学'")
    assert school[["start_s", "end_s", "max_gap_s", "rule", "factor", "percent"]].to_numpy().tolist() == [
        [0, 25200, 21600.0, "", "preset/level-2", 75],
        [25200, 29400, 4080.0, "preset/bell-school", "preset/level-2", 75],  # 67.5 min, to the minute
        [29400, 59400, 21600.0, "", "preset/level-2", 75],
        [59400, 64800, 4080.0, "preset/bell-school", "preset/level-2", 75],
        [64800, 86400, 21600.0, "", "preset/level-2", 75],
    ]
    visits = result.frame("visits").query("place_name == '小学'")
    assert visits["arrive_s"].between(25200, 29400).any()
    assert visits["arrive_s"].between(59400, 64800).any()


def test_without_a_day_the_own_intervals_hold(ring):
    result = _plan(ring)
    assert "day_type" not in result.options
    assert result.frame("intervals").empty
    assert set(result.frame("places")["max_gap_s"]) == {28800.0}


def test_the_limit_of_a_place_is_the_one_its_worst_wait_is_held_against(ring):
    places = _plan(ring, day_type="school_day").frame("places").set_index("name")
    assert places.loc["小学", "max_gap_s"] in (28800.0, 5400.0)
    assert (places["worst_gap_s"] <= places["max_gap_s"] + 1e-6).all()


def test_units_go_by_the_shifts_of_the_day(ring):
    second = ring.unit(200, 0, name="机动组")
    ring.add("unit_shifts", unit=second, off_duty=True)
    ring.add("unit_shifts", unit=second, duty_level="1", shifts="18:00-24:00")
    ring.add("unit_shifts", unit=ring.pair, day_type="day_off", shifts="09:00-17:00")
    usual, first, off = (
        load_beats(ring.store, duty=choose_day(ring.store, **day).duty).units
        for day in (
            {"day_type": "workday"},
            {"day_type": "workday", "duty_level": "1"},
            {"day_type": "day_off"},
        )
    )
    assert list(usual["unit_name"]) == ["步巡组"]
    assert first.loc[first["unit_name"] == "机动组", ["start_s", "end_s"]].to_numpy().tolist() == [[64800, 86400]]  # fmt: skip
    assert off[["start_s", "end_s"]].to_numpy().tolist() == [[32400, 61200]]
    assert len(load_beats(ring.store).units) == 2


def test_a_day_on_which_nobody_is_on_duty_is_refused(ring):
    ring.add("unit_shifts", unit=ring.pair, day_type="day_off", off_duty=True)
    with pytest.raises(InputError, match="no unit is on duty"):
        _plan(ring, day_type="day_off")


def test_a_place_without_an_interval_is_planned_where_a_rule_gives_it_one(ring):
    ring.add("housing_zones", shapely.Point(400, 0).buffer(30), name="柳园", households=120)
    assert [one[2] for one in load_beats(ring.store).left_out] == ["柳园"]
    beats = load_beats(ring.store, duty=choose_day(ring.store, day_type="workday").duty)
    assert beats.left_out == []
    (span,) = beats.places.set_index("name").loc["柳园", "spans"]
    assert (span.start_s, span.end_s, span.interval_s, span.at_least_once) == (
        19 * 3600,
        23 * 3600,
        10800.0,
        True,
    )


def test_idleness_runs_on_from_the_plan_published_for_the_day_before(ring):
    """The last departures of the plan of 30 November, a day earlier, are the last visits before 1 December."""
    before = _plan(ring)
    today = dt.date(2026, 11, 1)
    publish(ring.store, before.id, dt.date(2026, 11, 30), dt.date(2026, 11, 30), actor="test", today=today)
    asked = ask_day(ring.store, planned=choose_day(ring.store, date="2026-12-01"))
    last = before.frame("visits").groupby("place")["depart_s"].max()
    assert asked.problem.last_visits == {place: moment - 86400 for place, moment in last.items()}
    assert not ask_day(ring.store, planned=choose_day(ring.store, date="2026-12-02")).problem.last_visits


def test_days_of_another_type_are_told_when_a_plan_is_published(ring):
    """A plan of a school day over Friday to Sunday: the weekend is of another type."""
    plan = _plan(ring, date="2026-12-01")
    friday, sunday = dt.date(2026, 12, 4), dt.date(2026, 12, 6)
    words = other_days_text(ring.store, plan.id, friday, sunday, "en")
    assert str(words) == "The plan was made for: School day. 2 of these days are of another type: 2026-12-05 (Day off), 2026-12-06 (Day off)"  # fmt: skip
    assert other_days_text(ring.store, plan.id, friday, friday, "en") is None
    assert other_days_text(ring.store, _plan(ring).id, friday, sunday, "en") is None


@pytest.mark.parametrize("day", [{"date": "1.12.2026"}, {"day_type": "feast"}, {"duty_level": "4"}])
def test_a_day_that_cannot_be_is_refused(empty_workspace, day):
    with pytest.raises(InputError):
        choose_day(empty_workspace.store, **day)


def test_a_market_day_that_was_chosen_keeps_the_school_of_its_date(empty_workspace):
    chosen = choose_day(empty_workspace.store, date="2026-12-01", day_type="market_day")
    assert (chosen.duty.day_type, chosen.duty.base, chosen.duty.level) == ("market_day", "school_day", "3")
    assert choose_day(empty_workspace.store) is None


def test_a_place_that_is_asked_for_once_in_its_hours_has_no_limit_between_visits(ring):
    """A kindergarten without an interval of its own: both bell times of 70 and 90 minutes against the 90 of the rule."""
    ring.area(
        shapely.Point(400, 0).buffer(15), name="幼儿园", category="kindergarten", visit_interval_min=None
    )
    result = _plan(ring, day_type="school_day")
    (row,) = result.frame("places").query("name == '幼儿园'").itertuples()
    assert math.isnan(row.max_gap_s)
    assert row.visits >= 2
    (shown,) = [one for one in idle_places(result) if one.name == "幼儿园"]
    assert (shown.late, shown.share, str(shown.limit), str(shown.verdict)) == (
        False,
        None,
        "once in its hours",
        "in time",
    )
    visits = result.frame("visits").query("place_name == '幼儿园'")["arrive_s"] / 3600
    assert visits.between(7.5, 8 + 40 / 60).any()
    assert visits.between(16, 17.5).any()


def test_a_plan_asks_what_the_built_in_rules_say(town):
    """Core round the clock, business streets in the evening, schools at bell times, estates in the evening: as windows in hours and minutes."""
    town.road((0, 0), (400, 0))
    for i, (category, name) in enumerate(
        (("station", "车站"), ("business_street", "老街"), ("school", "小学"))
    ):
        town.area(shapely.Point(100 * i, 0).buffer(15), name=name, category=category, visit_interval_min=None)
    town.add("housing_zones", shapely.Point(350, 0).buffer(30), name="柳园", households=120)
    town.unit(200, 0)
    asked = ask_day(town.store, planned=choose_day(town.store, day_type="school_day"))
    names = asked.beats.places["name"]
    found = {
        names[one.id]: [
            (w.start_s / 3600, w.end_s / 3600, w.max_gap_s / 60, w.min_visits) for w in one.windows
        ]
        for one in asked.problem.place_list
    }
    once = NO_LIMIT_S / 60
    assert found == {
        "车站": [(0, 24, 240, 1)],
        "老街": [(0, 18, 240, 0), (18, 19.5, 240, 1), (19.5, 22.5, 90, 0), (22.5, 24, 240, 0)],
        "小学": [(7, 7 + 70 / 60, once, 1), (16.5, 18, once, 1)],
        "柳园": [(19, 22, once, 1), (22, 23, 180, 0)],
    }


def test_an_evening_group_alone_keeps_what_is_asked_of_evenings(town):
    """On duty from 19:00 on, for estates that are asked for from 19:00 on: nobody need come before."""
    town.road((0, 0), (400, 0))
    for i in range(3):
        town.add("housing_zones", shapely.Point(100 + 100 * i, 0).buffer(30), name=f"柳园{i}", households=120)
    town.unit(0, 0, shifts="19:00-23:00")
    planned = choose_day(town.store, day_type="workday")
    day = plan_day(town.store, planned=planned, max_iterations=200)
    assert day.audit.holds
    assert (day.plan.visits["arrive_s"] >= 19 * 3600).all()
