"""The pages of the clock and of varied days: who sees them, what they say, what they start and send."""

import datetime as dt
import io
import re

import openpyxl
import pytest
import shapely

from geo_service import jobs
from geo_service.analysis.clock import compute_clock
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.variation import compute_variation
from geo_service.publications import publish, published, withdraw
from geo_service.web import create_app

PASSWORD = "Shi-men-2026"
NOON = dt.datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)
ROLES = ("planner", "inspector", "cadre")
SEED = 918_273_645


@pytest.fixture
def station(drawn_town, empty_workspace):
    """A ring road with four places, one of them only open from 8 to 10, and a unit of village 1."""
    town = drawn_town
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        town.road(a, b)
    for i, (x, y) in enumerate(corners):
        more = {"hours": "08:00-10:00"} if i == 3 else {}
        town.area(
            shapely.Point(x, y).buffer(15), name=f"广场{i}", visit_interval_min=360, dwell_min=10, **more
        )
    village = town.add("villages", shapely.box(-500, -500, 900, 900), name="上河村")
    town.unit(200, 0, kind="village", village=village)
    for role in ROLES:
        empty_workspace.accounts.create_user(
            f"{role}.a", role=role, password=PASSWORD, villages=[village] if role == "cadre" else []
        )
    return empty_workspace


@pytest.fixture
def app(station):
    made = create_app(station)
    made.config.update(TESTING=False, NOW=lambda: NOON)
    return made


def log_in(app, role):
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": role + ".a", "password": PASSWORD, "csrf_token": token})
    client.csrf = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password").text)[1]
    return client


def vary(station, days=3):
    number = compute_variation(
        station.store, actor="test", days=days, seed=SEED, steps=300, max_iterations=200, time_limit_s=20
    )
    return station.store.result(number)


@pytest.mark.parametrize("path", ["/clock", "/clock/export.xlsx", "/patrol/days"])
def test_planners_and_inspectors_see_them_and_cadres_do_not(app, station, path):
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    assert {role: log_in(app, role).get(path).status_code for role in ROLES} == {
        "planner": 200,
        "inspector": 200,
        "cadre": 403,
    }


def test_before_the_first_run_they_say_what_to_do(app):
    planner, inspector = log_in(app, "planner"), log_in(app, "inspector")
    for path, form in (("/clock", 'action="/clock"'), ("/patrol/days", 'value="variation"')):
        assert 'class="empty"' in planner.get(path).text
        assert form in planner.get(path).text
        assert form not in inspector.get(path).text
    assert planner.get("/clock/export.xlsx").status_code == 404


def test_a_place_open_for_two_hours_that_nobody_watches_has_120_unwatched_minutes(app, station):
    """Without camera and plan: three places are unwatched all day, the fourth for 480 to 600 min of the strip."""
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    page = log_in(app, "inspector").get("/clock").text
    rows = re.findall(r"<tr data-layer.*?</tr>", page, re.DOTALL)
    assert len(rows) == 4
    assert "广场3" in rows[3]
    assert 'class="unwatched" fill="url(#stripes)" x="480.0" width="120.0"' in rows[3]
    assert "2 小时" in rows[3]
    assert "24 小时" in rows[0]
    # 3 × 24 h + 2 h
    assert re.search(r"防控空档</dt><dd>74.0", page)
    assert "只计监控" in page


def test_the_map_gets_each_place_with_its_position_and_strip(app, station):
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    page = log_in(app, "planner").get("/clock").text
    found = re.search(r'"places": ?(\[\[.*?\]\]\])', page.replace("&quot;", '"'))
    assert found, "no places in the settings of the map"
    assert '"key_areas"' in found[1].replace(" ", "")
    assert "480.0,600.0,2.0" in found[1].replace(" ", "")


def test_a_newer_plan_is_noticed(app, station):
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    compute_patrol(station.store, actor="test", max_iterations=100, time_limit_s=20)
    planner = log_in(app, "planner")
    changed = "当天所用的巡逻方案已经换了"
    assert changed in planner.get("/clock").text
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    assert changed not in planner.get("/clock").text


def test_both_pages_say_by_which_plan_a_day_is_judged_and_notice_another_one(app, station):
    """A is published for the 4th, B is the latest draft: the 4th goes by A, the 5th by B; withdrawn, A counts no more."""
    first, second = (
        compute_patrol(station.store, actor="test", max_iterations=50, time_limit_s=20) for _ in "ab"
    )
    day = dt.date(2026, 5, 4)
    number = publish(station.store, first, day, day, actor="test", today=day)
    compute_clock(station.store, actor="test", date=day, days=2)
    planner = log_in(app, "planner")
    page = planner.get("/clock").text
    place = re.search(r'href="(/clock/places/[^"]+)"', page)[1]
    rule = "每一天按当天已发布的方案核算；没有发布的，按最近一份草案。"
    published, draft = f"方案 {first}，当天已发布", f"方案 {second}，最近一份草案"
    assert published in page.split('id="clock-plan">')[1].split("</span>")[0]
    for text in (page, planner.get(place).text):
        assert rule in text
        told = re.findall(r'<span class="sub">([^<]*方案[^<]*)</span>', text)
        assert [published in told[0], draft in told[1]] == [True, True]
    assert "已经换了" not in page
    book = openpyxl.load_workbook(io.BytesIO(planner.get("/clock/export.xlsx").data))
    assert any(published in str(cell.value) for row in book["说明"].iter_rows() for cell in row)
    withdraw(station.store, number, actor="test")
    assert "已经换了" in planner.get("/clock").text


def test_the_file_holds_every_place_and_stretch(app, station):
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    answer = log_in(app, "inspector").get("/clock/export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert [one.title for one in book.worksheets] == [
        "防控时钟", "时段明细", "摄像机减少的空档", "多巡一小时", "多巡一小时的站点", "全镇日历", "各地点日历", "说明"
    ]  # fmt: skip
    sums = {row[0]: row[5] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)}
    assert sums == {"广场0": 1440, "广场1": 1440, "广场2": 1440, "广场3": 120}
    stretches = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert ("广场3", "08:00", "10:00", 120, "防控空档") in stretches
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_form_starts_the_job_of_the_chosen_day(app, station):
    planner = log_in(app, "planner")
    given = {"csrf_token": planner.csrf, "date": "2026-06-21", "share": "80"}
    answer = planner.post("/clock", data=given)
    assert answer.status_code == 303
    done = jobs.run_now(station, int(answer.location.rpartition("/")[2]))
    assert (done.state, done.result_url) == ("done", "/clock")
    assert station.store.latest_result("clock").options == {
        "date": "2026-06-21",
        "required_share": 0.8,
        "utc_offset_h": 8.0,
        "observation_table": "en_62676_4_2015",
    }
    assert log_in(app, "inspector").post("/clock", data=given).status_code in (400, 403)


@pytest.mark.parametrize("wrong", [{"date": "31.2.2026"}, {"share": "0"}, {"share": "nan"}, {"share": "x"}])
def test_a_wrong_day_or_share_is_refused(app, station, wrong):
    planner = log_in(app, "planner")
    given = {"csrf_token": planner.csrf, "date": "2026-06-21", "share": "80", **wrong}
    answer = planner.post("/clock", data=given)
    assert 400 <= answer.status_code < 500
    assert jobs.listing(station) == []


def test_the_job_of_varied_days_takes_no_seed_and_tells_none(app, station):
    planner = log_in(app, "planner")
    refused = planner.post("/jobs", data={"csrf_token": planner.csrf, "kind": "variation", "seed": "1"})
    assert 400 <= refused.status_code < 500
    compute_patrol(station.store, actor="test", max_iterations=100, time_limit_s=20)
    answer = planner.post("/jobs", data={"csrf_token": planner.csrf, "kind": "variation", "days": "2"})
    done = jobs.run_now(station, int(answer.location.rpartition("/")[2]))
    assert (done.state, done.result_url) == ("done", "/patrol/days")
    assert done.options == {"days": 2}
    assert station.store.latest_result("patrol_days").summary["days"] == 2


def test_the_days_page_tells_each_place_with_its_window_and_no_seed(app, station):
    result = vary(station)
    page = log_in(app, "inspector").get("/patrol/days").text
    rows = re.findall(r"<tr data-layer.*?</tr>", page, re.DOTALL)
    table = result.frame("places").sort_values("window_s", ascending=False)
    assert len(rows) == len(table) == 4
    first = table.iloc[0]
    assert first["name"] in rows[0]
    hours, minutes = divmod(round(first["window_s"] / 60), 60)
    assert f"{60 * hours + minutes} 分钟" in rows[0] or f"{hours} 小时" in rows[0]
    assert f"{100 * first['window_chance']:.0f}" in rows[0]
    assert str(SEED) not in page


def test_the_seed_is_in_no_answer_of_the_interface(app, station):
    vary(station)
    planner = log_in(app, "planner")
    latest = "/api/v1/results/patrol_days/latest"
    frames = [f"{latest}/{name}" for name in ("visits", "routes", "places", "units")]
    answers = [planner.get(path) for path in ("/api/v1/results", latest, *frames)]
    assert [one.status_code for one in answers] == [200] * 6
    told = [one.text for one in answers]
    assert not any(str(SEED) in one or '"seed"' in one for one in told)
    assert log_in(app, "cadre").get("/api/v1/results/patrol_days/latest").status_code == 403


def test_published_a_cadre_sees_the_stops_of_today_and_tomorrow_others(app, station):
    result = vary(station)
    planner, cadre = log_in(app, "planner"), log_in(app, "cadre")
    given = {"csrf_token": planner.csrf, "result": str(result.id), "first": "2026-05-04"}
    assert planner.post("/patrol/days/publish", data=given).status_code == 303
    (one,) = published(station.store)
    assert (one.first_day, one.last_day) == (dt.date(2026, 5, 4), dt.date(2026, 5, 6))
    visits = result.frame("visits")
    for number in (1, 2, 3):
        app.config["NOW"] = lambda shift=number: NOON.replace(hour=0) + dt.timedelta(days=shift - 1)
        own = visits[visits["day"] == number].sort_values("arrive_s")["arrive_s"]
        shown = re.findall(r'data-arrive="(\d+)"', cadre.get("/my-routes").text)
        assert [int(each) for each in shown] == [int(each) for each in own]
        unit = result.frame("units")["unit"].iloc[0]
        assert cadre.get(f"/api/v1/my-map/patrol_routes.json?unit={unit}").status_code == 200
    app.config["NOW"] = lambda: NOON + dt.timedelta(days=3)
    assert "data-arrive" not in cadre.get("/my-routes").text


def test_only_varied_days_are_published_there_and_only_by_planners(app, station):
    compute_patrol(station.store, actor="test", max_iterations=100, time_limit_s=20)
    plan = station.store.latest_result("patrol").id
    result = vary(station, days=1)
    planner, inspector = log_in(app, "planner"), log_in(app, "inspector")
    good = {"result": str(result.id), "first": "2026-05-04"}
    for client, given in (
        (planner, {**good, "result": str(plan)}),
        (planner, {**good, "result": "x"}),
        (planner, {**good, "first": "9999-12-32"}),
        (planner, {**good, "first": "2026-05-01"}),
        (inspector, good),
    ):
        answer = client.post("/patrol/days/publish", data={"csrf_token": client.csrf, **given})
        assert 400 <= answer.status_code < 500, given
    assert published(station.store) == []


def test_what_more_would_save_stands_ranked_with_private_ground(app, station, drawn_town):
    """A planned camera over the first square alone (reach 20 m, seen to 15 m round its middle by day), against patrol hours."""
    drawn_town.camera(0, 0, name="广场新点", status="planned")
    drawn_town.camera(400, 0, name="在用点")
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    result = station.store.latest_result("clock")
    page = log_in(app, "inspector").get("/clock").text
    section = page[page.index('id="gains"') :]
    rows = re.findall(r"<tr><td class=\"break lead\">.*?</tr>", section, re.DOTALL)
    camera = next(one for one in rows if "广场新点" in one)
    minutes = result.frame("savings").set_index("camera_name").loc["广场新点", "saved_min"]
    assert f">{minutes:,.0f}<" in camera
    assert "拟建：建成后" in camera and "广场0：白天 0% → 100%" in camera and "0 平方米" in camera
    now = section[section.index("每台在用摄像机减少的空档") :]
    assert "在用点" in now and "广场新点" not in now
    # the hour of the pair on foot stands in the same ranking
    assert any("多巡一小时" in one for one in rows)
    assert section.index("多巡一小时") < section.index("每台在用摄像机减少的空档")


def test_villages_stand_with_minutes_for_100_households(app, station, drawn_town):
    """One village of 50 households: the minutes of the whole plan, doubled."""
    with station.store.change(actor="test") as change:
        change.update("villages", int(station.store.frame("villages").index[0]), {"households": 50})
    compute_patrol(station.store, actor="test", max_iterations=60, time_limit_s=20)
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    plan = station.store.latest_result("patrol")
    visits, legs = plan.frame("visits"), plan.frame("legs")
    stay = (visits["depart_s"] - visits["arrive_s"]).sum() / 60
    way = (legs["leave_s"] - legs["enter_s"]).sum() / 60
    page = log_in(app, "inspector").get("/clock").text
    table = page[page.index('id="village-table"') :]
    assert "上河村" in table
    assert f">{2 * (stay + way):,.1f}<" in table
    assert f">{stay + way:,.0f}<" in table


def test_the_form_of_a_plan_lets_cameras_count_and_the_page_says_why(app, station, drawn_town):
    """Without cameras each square is blind: 360 min × 75 % = 270 min; in its two hours a visit is asked for as before."""
    planner = log_in(app, "planner")
    form = planner.get("/patrol").text
    assert (
        'name="cameras_count"' in form
        and 'name="blind_night_percent"' in form
        and 'placeholder="150"' in form
    )
    given = {
        "csrf_token": planner.csrf, "kind": "patrol", "date": "2026-05-05", "day_type": "workday", "duty_level": "3",
        "time_limit_s": "5", "cameras_count": "working", "watched_day_percent": "150", "blind_day_percent": "60", "blind_night_percent": "75",
    }  # fmt: skip
    answer = planner.post("/jobs", data=given)
    done = jobs.run_now(station, int(answer.location.rpartition("/")[2]))
    assert done.state == "done"
    options = station.store.latest_result("patrol").options
    assert (options["cameras_count"], options["blind_day_percent"], options["watched_night_percent"]) == (
        "working",
        60,
        150,
    )
    page = planner.get("/patrol").text
    assert "监控已计入间隔：0 处放宽，4 处收紧。" in page
    assert "× 60%（白天监控看到 0%）" in page and "× 75%（夜间监控看到 0%）" in page


@pytest.mark.parametrize("wrong", [{"cameras_count": "all"}, {"blind_day_percent": "120"}, {"watched_day_percent": "x"}])  # fmt: skip
def test_a_wrong_way_of_counting_cameras_is_refused(app, station, wrong):
    planner = log_in(app, "planner")
    given = {"csrf_token": planner.csrf, "kind": "patrol", "date": "2026-05-05", "cameras_count": "working"}
    answer = planner.post("/jobs", data={**given, **wrong})
    assert 400 <= answer.status_code < 500
    assert jobs.listing(station) == []


def test_the_interface_sends_savings_and_villages_to_those_who_may_see_gaps(app, station):
    compute_patrol(station.store, actor="test", max_iterations=60, time_limit_s=20)
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    latest = "/api/v1/results/clock/latest"
    for frame in ("savings", "hours", "hour_stops", "villages"):
        assert log_in(app, "inspector").get(f"{latest}/{frame}").status_code == 200
        assert log_in(app, "cadre").get(f"{latest}/{frame}").status_code in (403, 404)


def test_a_place_has_a_calendar_of_strips(app, station):
    """Without camera and plan the place that is open from 8 to 10 is unwatched for two hours on each of three days."""
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4), days=3)
    inspector = log_in(app, "inspector")
    page = inspector.get("/clock").text
    links = re.findall(r'href="(/clock/places/key_areas/\d+)"', page)
    assert len(links) == 4
    days = page[page.index('id="town-days"') :]
    assert days[: days.index("</table>")].count("<tr>") == 1 + 3
    place = inspector.get(links[-1]).text
    assert "广场3" in place and place.count('<svg class="strip"') == 3
    assert place.count('class="unwatched" fill="url(#stripes)" x="480.0" width="120.0"') == 3
    assert "2026-05-04 周一" in place and "2026-05-06 周三" in place and "只计监控" in place
    assert log_in(app, "cadre").get(links[0]).status_code == 403
    for wrong in ("/clock/places/key_areas/999", "/clock/places/camera_sites/1", "/clock/places/x/1"):
        assert inspector.get(wrong).status_code == 404


def test_one_day_has_no_calendar_of_the_town(app, station):
    compute_clock(station.store, actor="test", date=dt.date(2026, 5, 4))
    page = log_in(app, "inspector").get("/clock").text
    assert 'id="town-days"' not in page and "/clock/places/" not in page


@pytest.mark.parametrize("days", ["0", "32", "x", "-1", "9" * 30])
def test_wrong_days_of_the_calendar_are_refused(app, station, days):
    planner = log_in(app, "planner")
    given = {"csrf_token": planner.csrf, "date": "2026-06-21", "share": "80", "days": days}
    assert 400 <= planner.post("/clock", data=given).status_code < 500
    assert jobs.listing(station) == []
