"""Varied days of a town from the store: each audited, none later than the plan, the seed kept nowhere."""

import datetime as dt
import io
import json

import openpyxl
import pytest
import shapely
from sqlalchemy import select

from geo_service.analysis.days import day_of
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.variation import compute_variation
from geo_service.exports.patrol import plan_workbook
from geo_service.publications import plan_in_force, publish
from geo_service.store.tables import audit_entries
from town_model import InputError

SEED = 918_273_645
TODAY = dt.date(2026, 5, 4)


@pytest.fixture
def square(town):
    """Four places on a ring road of 1,600 m, each within six hours, and two foot units."""
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        town.road(a, b)
    for i, (x, y) in enumerate(corners):
        town.area(shapely.Point(x, y).buffer(15), name=f"广场{i}", visit_interval_min=360, dwell_min=10)
    town.unit(200, 0)
    return town


@pytest.fixture
def varied(square):
    number = compute_variation(
        square.store, actor="test", days=4, seed=SEED, steps=600, max_iterations=300, time_limit_s=30
    )
    return square.store.result(number)


def test_no_day_is_late_and_the_window_is_what_the_visits_leave_free(varied):
    assert varied.summary["days"] == 4
    assert varied.summary["days_with_breaches"] == 0
    assert varied.frame("breaches").empty
    visits, places = varied.frame("visits"), varied.frame("places")
    for row in places.itertuples():
        # by hand: the longest stretch in which no visit of any of the four days lies; the night goes on over midnight
        spans = sorted(
            visits.loc[visits["place"] == row.place, ["arrive_s", "depart_s"]].itertuples(index=False)
        )
        at, longest = spans[0][1], 0.0
        for arrive, depart in [*spans[1:], (86_400.0 + spans[0][0], 0.0)]:
            longest = max(longest, arrive - at)
            at = max(at, depart)
        assert row.window_s == pytest.approx(longest)
        assert 0 <= row.window_chance <= 1


def test_the_one_plan_driven_daily_can_be_relied_on_and_the_days_less(varied):
    places = varied.frame("places")
    assert (places["before_window_chance"] == 1).all()
    assert places["window_chance"].mean() < 1
    assert varied.summary["mean_time_entropy"] > varied.summary["mean_time_entropy_before"]


def test_each_day_has_its_own_visits_routes_and_units(varied):
    assert set(varied.frame("visits")["day"]) == {1, 2, 3, 4}
    first, second = day_of(varied, 1), day_of(varied, 2)
    assert "day" not in first.frame("visits")
    assert first.frame("visits")["arrive_s"].tolist() != second.frame("visits")["arrive_s"].tolist()
    (line,) = first.frame("routes").itertuples()
    assert line.length_m == pytest.approx(line.geometry.length) and line.length_m > 0
    assert first.frame("units")["visits"].sum() == len(first.frame("visits"))
    with pytest.raises(InputError, match="no day 5"):
        day_of(varied, 5)


def test_the_seed_stands_neither_in_the_result_nor_in_the_record(square, varied):
    told = json.dumps([varied.options, varied.summary])
    assert str(SEED) not in told and "seed" not in told
    publish(square.store, varied.id, TODAY, TODAY, actor="test", today=TODAY)
    with square.store.reading() as connection:
        rows = [str(tuple(row)) for row in connection.execute(select(audit_entries))]
    assert rows and not any(str(SEED) in one for one in rows)


def test_without_a_seed_no_run_repeats_another(square):
    found = []
    for _ in range(2):
        number = compute_variation(square.store, actor="test", days=1, steps=200, max_iterations=200)
        found.append(square.store.result(number).frame("visits")["arrive_s"].tolist())
    assert found[0] != found[1]


def test_the_options_of_the_latest_plan_are_taken_over(square):
    compute_patrol(square.store, actor="test", max_iterations=150, time_limit_s=20)
    number = compute_variation(square.store, actor="test", days=1, seed=1, steps=100)
    latest = square.store.latest_result("patrol")
    before = square.store.result(number).frame("places").set_index("place")["before_window_s"]
    visits = latest.frame("visits")
    for place, own in visits.groupby("place"):
        stays = own.sort_values("arrive_s")[["arrive_s", "depart_s"]].to_numpy()
        left, back = stays[:, 1], [*stays[1:, 0], 86_400.0 + stays[0, 0]]
        free = max(b - a for a, b in zip(left, back, strict=True))
        assert before[place] == pytest.approx(free)


def test_published_each_day_has_its_plan_and_no_day_beyond_the_last(square, varied):
    store = square.store
    with pytest.raises(InputError, match="until 2026-05-08"):
        publish(store, varied.id, dt.date(2026, 5, 5), dt.date(2026, 5, 9), actor="test", today=TODAY)
    publish(store, varied.id, dt.date(2026, 5, 5), dt.date(2026, 5, 8), actor="test", today=TODAY)
    for number in range(1, 5):
        plan = plan_in_force(store, dt.date(2026, 5, 4 + number))
        own = varied.frame("visits")
        assert plan.frame("visits")["arrive_s"].tolist() == own.loc[own["day"] == number, "arrive_s"].tolist()
    assert plan_in_force(store, dt.date(2026, 5, 9)) is None


@pytest.mark.parametrize("days", [0, 61])
def test_so_many_days_are_refused_before_anything_is_computed(square, days):
    with pytest.raises(InputError, match="from 1 to 60"):
        compute_variation(square.store, actor="test", days=days)
    assert square.store.latest_result("patrol_days") is None


def test_the_workbook_has_each_place_on_each_day_and_the_window_before_and_after(varied):
    """Four places on four days; the longest gap of a day is that of the day, not of all of them."""
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(varied)))
    sheets = {one.title: list(one.values) for one in book.worksheets}
    assert list(sheets) == ["到达次数", "巡逻力量", "重点场所", "最长可乘空档", "超时空档", "说明"]
    places, visits = sheets["重点场所"], varied.frame("visits")
    assert places[0][:5] == ("第几天", "位置", "到达次数", "最长空档（分）", "时限（分）")
    assert [one[:2] for one in places[1:]] == [(day, f"广场{i}") for day in (1, 2, 3, 4) for i in range(4)]
    for day, name, count, longest, limit, *_, late in places[1:]:
        assert count == len(visits.query("day == @day and place_name == @name"))
        assert longest <= limit == 360
        assert late == "否"
        own = day_of(varied, day).frame("places").set_index("name").loc[name]
        assert own["worst_gap_s"] / 60 == pytest.approx(longest, abs=0.05)
        assert own["visits"] == count
    table = varied.frame("places").sort_values(["window_s", "name"], ascending=[False, True])
    found = sheets["最长可乘空档"]
    assert [one[0] for one in found[1:]] == table["name"].tolist()
    assert [one[3] for one in found[1:]] == pytest.approx((table["before_window_s"] / 60).tolist(), abs=0.05)
    assert [one[6] for one in found[1:]] == pytest.approx((table["window_s"] / 60).tolist(), abs=0.05)


def test_streets_and_posts_are_kept_on_each_of_the_days(square):
    """A required street stays in the visits of each day, the post is stood from 07:00 to 08:10, and windows are said of places alone."""
    road = int(square.store.frame("roads").index[1])
    with square.store.change(actor="test") as change:
        change.update("roads", road, {"name": "东街", "patrol_interval_min": 360})
    square.add("patrol_rules", name="高峰岗", demand="post", key_area=1, hours="07:00-08:10")
    number = compute_variation(
        square.store, actor="test", days=2, seed=SEED, steps=100, max_iterations=300, time_limit_s=30
    )
    result = square.store.result(number)
    visits, places = result.frame("visits"), result.frame("places")
    assert not places["place"].str.startswith("roads/").any()
    for _, day in visits.groupby("day"):
        assert (day["task"] == "street").any()
        (post,) = day[day["task"] == "post"].itertuples()
        assert post.arrive_s <= 25_200 and post.depart_s >= 29_400
    assert result.frame("breaches").empty
