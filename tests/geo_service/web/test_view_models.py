"""What the pages say, counted by hand on the small town of `small_town.py`."""

from datetime import datetime, timedelta, timezone

import pandas as pd
import pytest

from camera_coverage.causes import CAUSES as LIBRARY_CAUSES
from geo_service.cause_words import cause_words
from geo_service.web.gap_list import GapQuery, gap_page, select
from geo_service.web.my_routes import Scope, my_lines, my_route
from geo_service.web.overview import overview, seen_share
from geo_service.web.patrol_view import _breaches, plan
from geo_service.words import CAUSES
from town_model import InputError


def at(hour, minute):
    """A moment of a day, at the station."""
    return datetime(2026, 5, 4, hour, minute, tzinfo=timezone(timedelta(hours=8)))


def names(page):
    return [(row.target, row.light) for row in page.rows]


def keys(result):
    return dict(result.frame("units")[["unit_name", "unit"]].itertuples(index=False))


def villages(result):
    frame = result.frame("units")
    return int(frame.loc[frame["unit_name"] == "上河巡逻队", "village"].iloc[0])


@pytest.fixture
def gaps(town):
    return town.store.latest_result("gaps")


@pytest.fixture
def patrol(town):
    return town.store.latest_result("patrol")


class TestOverview:
    def test_counts_cameras_that_stand_and_those_that_work(self, town):
        figure = overview(town.store).figures[0]
        # four rows: two working, one faulty, one only planned
        assert (figure.value, str(figure.of), [str(one) for one in figure.more]) == (
            "2",
            "of 3",
            ["1 faulty or offline"],
        )

    def test_share_of_key_areas_is_weighted_by_their_ground(self, town):
        targets = town.store.latest_result("coverage").frame("targets")
        assert seen_share(targets, "day") == pytest.approx((0.8 * 1000 + 0.6 * 3000) / 4000)
        assert seen_share(targets, "night") == pytest.approx(0.4 * 1000 / 4000)

    def test_areas_that_are_not_judged_in_a_light_do_not_count_in_it(self, town):
        targets = town.store.latest_result("coverage").frame("targets")
        targets.loc[1, "share_night"] = float("nan")
        assert seen_share(targets, "night") == pytest.approx(0.4)
        targets["share_night"] = float("nan")
        assert seen_share(targets, "night") is None

    def test_blind_ground_is_summed_by_light_and_roads_are_said_in_metres(self, town):
        by_title = {figure.title.template: figure for figure in overview(town.store).figures}
        day, night = by_title["Blind ground by day"], by_title["Blind ground by night"]
        assert str(day.value) == "120 m²" and "250 m of roads" in [str(one) for one in day.more]
        assert str(night.value) == "1,300 m²" and "80 m of roads" in [str(one) for one in night.more]

    def test_late_places_are_counted_with_the_longest_excess(self, town):
        figure = overview(town.store).figures[-1]
        # 61,500 s against 7,200 s: 54,300 s are 905 minutes
        assert (figure.value, str(figure.of), figure.bad) == ("1", "of 2", True)
        assert str(figure.more[0]) == "longest: 15 h 5 min over the limit"

    def test_an_empty_workspace_says_what_to_do_first(self, empty_town):
        found = overview(empty_town.store)
        assert found.figures == () and found.steps[0].command.startswith("geo-service import-osm")

    def test_what_was_not_computed_is_asked_for(self, tmp_path, small_town):
        with small_town["build"](tmp_path / "new", results=False) as workspace:
            commands = [step.command for step in overview(workspace.store).steps]
        assert commands == ["geo-service coverage", "geo-service gaps", "geo-service patrol"]

    def test_figures_are_stale_after_an_edit_of_what_they_rest_on(self, tmp_path, small_town):
        with small_town["build"](tmp_path / "edited") as workspace:
            assert not overview(workspace.store).is_stale
            with workspace.store.change(actor="test") as change:
                change.update("camera_sites", 1, {"status": "faulty"})
            stale = {str(one.title): one.stale for one in overview(workspace.store).computed}
        assert stale == {"Coverage": True, "Blind spots": True, "Patrol plan": False}


class TestGapList:
    def test_first_priority_and_the_largest_come_first(self, gaps):
        assert names(gap_page(gaps, GapQuery()))[:3] == [
            ("石门小学", "night"),
            ("石门小学", "day"),
            ("石门码头", "night"),
        ]

    def test_filters_are_joined(self, gaps):
        page = gap_page(gaps, GapQuery(light="night", kind="key_area"))
        assert names(page) == [("石门小学", "night"), ("石门码头", "night")]
        assert (page.total, page.all) == (2, 5)

    def test_filters_offer_what_occurs(self, gaps):
        choices = gap_page(gaps, GapQuery()).choices
        assert list(choices["kind"]) == ["key_area", "road"] and list(choices["priority"]) == ["1", "2", "3"]
        assert "dead_zone" not in choices["cause"] and "hidden" in choices["cause"]

    def test_day_and_night_are_summed_apart(self, gaps):
        sums = [[str(one) for one in row] for row in gap_page(gaps, GapQuery()).sums]
        assert sums == [["day", "120 m²", "250 m"], ["night", "1,300 m²", "80 m"]]

    @pytest.mark.parametrize(
        ("query", "first"),
        [
            (GapQuery(sort="size", order="down"), "石门码头"),
            (GapQuery(sort="distance", order="down"), "河街"),
            (GapQuery(sort="distance", order="up"), "石门小学"),
            (GapQuery(priority="3", sort="size", order="up"), "河街"),
        ],
    )
    def test_sorting_puts_the_asked_for_first(self, gaps, query, first):
        assert gap_page(gaps, query).rows[0].target == first

    def test_no_order_changes_the_stored_result(self, gaps):
        before = gaps.frame("pieces")
        select(before, GapQuery(sort="size", order="down", light="day"))
        assert before.equals(gaps.frame("pieces"))

    def test_rows_point_at_their_feature_on_the_map(self, gaps):
        pieces = gaps.frame("pieces")
        for row in gap_page(gaps, GapQuery()).rows:
            assert pieces.loc[row.number, "target_name"] == row.target
            assert row.layer == f"gaps_{pieces.loc[row.number, 'light']}"

    def test_the_cause_names_who_hides_and_which_camera_is_broken(self, gaps):
        said = {str(row.cause) for row in gap_page(gaps, GapQuery()).rows}
        assert "hidden by 供销大楼" in said and "camera out of order: 码头枪机" in said

    @pytest.mark.parametrize(
        ("cause", "name", "ref", "said"),
        [
            ("hidden", "#17", "buildings/17", "hidden by building no. 17"),
            ("hidden", None, "obstacles/3", "hidden by wall or tree no. 3"),
            ("out_of_order", "", 12, "camera out of order: camera no. 12"),
            ("no_camera_near", "", None, "no camera near"),
            ("{{7*7}}", "", None, "{{7*7}}"),
        ],
    )
    def test_the_cause_is_said_with_what_is_known_of_it(self, cause, name, ref, said):
        assert str(cause_words(cause, name, ref)) == said

    def test_the_causes_are_those_of_the_library(self):
        assert set(CAUSES) == set(LIBRARY_CAUSES)

    def test_pages_hold_fifty_rows_and_no_page_lies_behind_the_last(self, gaps):
        assert gap_page(gaps, GapQuery()).pages == 1
        with pytest.raises(InputError, match="no page 2"):
            gap_page(gaps, GapQuery(page=2))

    @pytest.mark.parametrize(
        "given",
        [{"priority": "9"}, {"kind": "'; drop table"}, {"sort": "geometry"}, {"order": "sideways"}, {"page": "-1"}, {"page": "x"}, {"page": "0"}],
    )  # fmt: skip
    def test_a_parameter_that_is_none_of_the_known_is_refused(self, given):
        with pytest.raises(InputError):
            GapQuery.read(given)

    def test_an_address_made_from_a_query_asks_for_the_same(self):
        for query in (
            GapQuery(),
            GapQuery(light="night", sort="size", order="up", page=3),
            GapQuery(sort="size", order="down"),
        ):
            assert GapQuery.read({key: str(value) for key, value in query.params().items()}) == query


class TestPlan:
    def test_stops_are_in_the_order_of_time(self, patrol):
        found = plan(patrol, "zh", unit=keys(patrol)["巡逻一号车"])
        assert [(one.arrive, one.depart, one.place) for one in found.stops] == [
            ("01:00", "01:10", "石门小学"),
            ("02:00", "02:10", "石门码头"),
        ]

    def test_a_breach_says_when_how_long_and_by_how_much(self, patrol):
        (one,) = plan(patrol, "zh").breaches
        assert (one.place, one.start, one.end) == ("石门小学", "01:10", "18:15")
        assert [str(words) for words in (one.gap, one.limit)] == ["17 h 5 min", "2 h"] and one.times == 1

    def test_the_stretches_of_one_place_are_one_row_with_the_worst(self, patrol):
        frame = patrol.frame("breaches").assign(kind="gap", visits=0, min_visits=0)
        shorter = frame.assign(start_s=0, end_s=8000, gap_s=8000)
        few = frame.assign(kind="visits", start_s=25_200, end_s=28_800, gap_s=3600, min_visits=2, visits=1)
        (row,) = _breaches(pd.concat([shorter, frame, few], ignore_index=True))
        assert (row.times, row.start, str(row.gap), row.visits) == (3, "01:10", "17 h 5 min", "")
        (row,) = _breaches(few)
        assert (row.start, row.end, str(row.visits)) == ("07:00", "08:00", "1 of 2 visits")

    def test_places_come_with_the_worst_first(self, patrol):
        first, second = plan(patrol, "zh").places
        # 61,500 of 7,200 s; 43,200 of 86,400 s
        assert (first.name, first.late, first.ratio) == ("石门小学", True, 854)
        assert (second.name, second.late, second.ratio) == ("石门码头", False, 50)

    def test_an_unknown_unit_shows_the_first(self, patrol):
        assert plan(patrol, "zh", unit="patrol_units/999").chosen.name == "巡逻一号车"

    def test_titles_follow_the_language(self, patrol):
        assert plan(patrol, "zh").chosen.mode == "车巡"
        assert plan(patrol, "en").chosen.mode == "By car"


class TestMyRoutes:
    @pytest.mark.parametrize(
        ("hour", "minute", "place", "arrive"),
        [
            (12, 0, "石门小学", "18:15"),
            (18, 20, "石门小学", "18:15"),
            (18, 25, "石门小学", "20:00"),
            (19, 0, "石门小学", "20:00"),
        ],
    )
    def test_the_next_stop_is_the_first_that_is_not_over(self, patrol, hour, minute, place, arrive):
        route = my_route(patrol, Scope(villages={villages(patrol)}), "zh", now=at(hour, minute))
        assert (route.next.place, route.next.arrive) == (place, arrive)

    def test_after_the_last_stop_there_is_none(self, patrol):
        route = my_route(patrol, Scope(villages={villages(patrol)}), "zh", now=at(21, 0))
        assert route.next is None and len(route.stops) == 2

    def test_a_village_sees_its_own_group_but_not_the_police_car_in_it(self, patrol):
        route = my_route(patrol, Scope(villages={villages(patrol)}), "zh", now=at(0, 0))
        assert [one.name for one in route.units] == ["上河巡逻队"]

    def test_a_unit_that_was_given_by_name_is_seen_whatever_it_is(self, patrol):
        row = int(keys(patrol)["巡逻一号车"].split("/")[1])
        route = my_route(patrol, Scope(units={row}), "zh", now=at(0, 0))
        assert [one.name for one in route.units] == ["巡逻一号车"]

    def test_nobody_sees_anything_without_a_village_or_unit(self, patrol):
        assert my_route(patrol, Scope(), "zh", now=at(0, 0)) is None

    def test_a_foreign_unit_and_one_that_does_not_exist_are_alike(self, patrol):
        scope = Scope(villages={villages(patrol)})
        for unit in (keys(patrol)["下河巡逻队"], keys(patrol)["巡逻一号车"], "patrol_units/999", ""):
            assert my_route(patrol, scope, "zh", now=at(0, 0), unit=unit) is None
            assert my_lines(patrol, scope, unit) is None

    def test_lines_are_those_of_the_unit_alone(self, patrol):
        lines = my_lines(patrol, Scope(villages={villages(patrol)}), keys(patrol)["上河巡逻队"])
        assert lines["unit_name"].tolist() == ["上河巡逻队"]
