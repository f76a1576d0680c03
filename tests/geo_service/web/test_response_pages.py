"""The page of response times: who sees it, what it says, what it starts and sends."""

import datetime as dt
import io
import re

import openpyxl
import pytest
import shapely
from web_clients import PASSWORD, log_in

from geo_service import jobs
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.response import compute_response
from geo_service.exports.frames import untitled
from geo_service.web import create_app

NOON = dt.datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)
ROLES = ("planner", "inspector", "cadre")
PATHS = ("/patrol/response", "/patrol/response/roads.json?at=0", "/patrol/response/export.xlsx")


@pytest.fixture
def station(drawn_town, empty_workspace):
    """A street of 2,000 m with a police station at 0, a hospital at 890 and a wharf at 1,900 m; 5 m/s by car.

    So 178 s to the hospital and 380 s to the wharf. One place lies off every road.
    """
    town = drawn_town
    town.road((0, 0), (2000, 0), name="长街")
    for x, name, priority in ((0, "派出所", "2"), (890, "医院", "1"), (1900, "码头", "3")):
        town.area(
            shapely.Point(x, 0).buffer(5),
            name=name,
            priority=priority,
            category="police" if x == 0 else "square",
            visit_interval_min=600,
        )
    village = town.add("villages", shapely.box(-500, -500, 2500, 900), name="上河村")
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


@pytest.mark.parametrize("path", PATHS)
def test_planners_and_inspectors_see_it_and_cadres_do_not(app, station, path):
    compute_response(station.store, actor="test")
    assert {role: log_in(app, f"{role}.a").get(path).status_code for role in ROLES} == {
        "planner": 200,
        "inspector": 200,
        "cadre": 403,
    }


def test_before_the_first_run_it_says_what_to_do(app):
    planner, inspector = log_in(app, "planner.a"), log_in(app, "inspector.a")
    assert 'action="/patrol/response"' in planner.get("/patrol/response").text
    assert 'value="1,3,5"' in planner.get("/patrol/response").text
    page = inspector.get("/patrol/response").text
    assert 'class="empty"' in page
    assert 'action="/patrol/response"' not in page
    assert [planner.get(path).status_code for path in PATHS[1:]] == [404, 404]
    assert 'href="/patrol/response"' in planner.get("/patrol").text


def test_it_tells_shares_the_slowest_places_and_the_best_spot(app, station, drawn_town):
    drawn_town.area(shapely.Point(0, 5000).buffer(5), name="孤岛")
    compute_response(station.store, actor="test")
    page = log_in(app, "inspector.a").get("/patrol/response").text
    # two of four within 3 min: the station itself and the hospital; of first priority the hospital alone
    assert re.search(r"3 分钟内可到</dt><dd>50\.0% <span class=\"of\">优先级一级 100%", page)
    assert re.search(r"1 分钟内可到</dt><dd>25\.0% <span class=\"of\">优先级一级 0%", page)
    assert re.search(r"最慢一次</dt><dd>6 分 20 秒 <span class=\"of\">码头 · 00:00", page)
    rows = re.findall(r"<tr data-layer.*?</tr>", page, re.DOTALL)
    assert [re.search(r'row-button">([^<]+)', one)[1] for one in rows] == ["孤岛", "码头", "医院", "派出所"]
    assert "沿道路无法到达" in rows[0]
    assert "2 分 58 秒" in rows[2]
    assert "其中 1 处沿道路无法到达" in page
    spots = re.findall(r"<tr data-lon.*?</tr>", page, re.DOTALL)
    assert "长街" in spots[0]
    assert "1 分 35 秒" in spots[0]  # 380 s sooner at one of four places
    # each of 24 columns: a quarter within the first limit, another within the second
    assert len(re.findall(r'class="reach-1" x="\d+" y="75\.0" width="16" height="25\.0"', page)) == 24
    assert len(re.findall(r'class="reach-2" fill="url\(#reach-2\)" x="\d+" y="50\.0"', page)) == 24
    assert "还没有巡逻方案" in page


def test_the_roads_of_a_moment_are_sent_by_limit(app, station):
    """Of 2,000 m along a parallel, 300 m lie within one minute: the line ends at 3/20 of the street."""
    compute_response(station.store, actor="test")
    planner = log_in(app, "planner.a")
    answer = planner.get("/patrol/response/roads.json?at=10800")
    assert answer.headers["Cache-Control"] == "no-store"
    bands = answer.get_json()["bands"]
    assert [len(one) for one in bands] == [1, 1, 1, 1]
    west, east = bands[0][0][0], bands[3][0][-2]
    assert (bands[0][0][-2] - west) / (east - west) == pytest.approx(300 / 2000, rel=1e-3)
    for wrong in ("", "1", "-1", "x", "99999999999", "１０８００"):
        assert planner.get("/patrol/response/roads.json", query_string={"at": wrong}).status_code == 404


def test_a_newer_plan_is_noticed(app, station, drawn_town):
    drawn_town.unit(890, 0)
    compute_response(station.store, actor="test")
    compute_patrol(station.store, actor="test", max_iterations=50, time_limit_s=20)
    planner = log_in(app, "planner.a")
    assert "又编排了新的巡逻方案" in planner.get("/patrol/response").text
    compute_response(station.store, actor="test")
    assert "又编排了新的巡逻方案" not in planner.get("/patrol/response").text
    drawn_town.road((0, 0), (0, 300))
    assert "此后数据有改动" in planner.get("/patrol/response").text


def test_the_file_holds_places_hours_spots_and_roads(app, station):
    compute_response(station.store, actor="test")
    answer = log_in(app, "inspector.a").get("/patrol/response/export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    sheets = [list(one.iter_rows(min_row=2, values_only=True)) for one in book.worksheets]
    assert [len(one) for one in sheets[:2]] == [3, 24]
    assert {row[0]: row[4] for row in sheets[0]} == pytest.approx(
        {"码头": 380, "医院": 178, "派出所": 0}, abs=0.5
    )
    assert sheets[2][0][1] == "长街"
    assert [row[2] for row in sheets[3][:4]] == pytest.approx([300, 600, 600, 500], rel=5e-3)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_form_starts_the_job(app, station):
    planner = log_in(app, "planner.a")
    given = {"csrf_token": planner.token, "limits": "5、10、20", "stations": "1"}
    answer = planner.post("/patrol/response", data=given)
    assert answer.status_code == 303
    done = jobs.run_now(station, int(answer.location.rpartition("/")[2]))
    assert (done.state, done.result_url) == ("done", "/patrol/response")
    assert station.store.latest_result("response").options == {
        "limits_min": [5, 10, 20],
        "stations": True,
        "every_s": 600,
    }
    assert log_in(app, "inspector.a").post("/patrol/response", data=given).status_code in (400, 403)


@pytest.mark.parametrize("wrong", ["5,3,1", "1,3", "a", "0,1,2", "1,3,999"])
def test_wrong_limits_are_refused_and_nothing_is_started(app, station, wrong):
    planner = log_in(app, "planner.a")
    answer = planner.post("/patrol/response", data={"csrf_token": planner.token, "limits": wrong})
    assert 400 <= answer.status_code < 500
    assert "三个由小到大" in answer.text
    assert jobs.listing(station) == []


def test_the_interface_sends_it_to_those_who_see_plans(app, station):
    compute_response(station.store, actor="test")
    planner, cadre = log_in(app, "planner.a"), log_in(app, "cadre.a")
    latest = "/api/v1/results/response/latest"
    told = planner.get(latest).get_json()
    assert told["summary"]["limits_s"] == [60, 180, 300]
    for name in ("hours", "places", "posts", "roads"):
        assert planner.get(f"{latest}/{name}").status_code == 200
        assert cadre.get(f"{latest}/{name}").status_code == 403
    roads = planner.get(f"{latest}/roads").get_json()["features"]
    assert roads[3]["properties"]["limit_s"] is None
    assert roads[0]["geometry"]["type"] in ("LineString", "MultiLineString")


def test_legs_of_a_plan_are_for_those_who_see_plans(app, station, drawn_town):
    drawn_town.unit(890, 0)
    compute_patrol(station.store, actor="test", max_iterations=50, time_limit_s=20)
    path = "/api/v1/results/patrol/latest/legs"
    assert log_in(app, "planner.a").get(path).get_json()["numberMatched"] > 0
    assert log_in(app, "cadre.a").get(path).status_code == 403


def test_views_and_exports_are_kept_in_the_record(app, station):
    compute_response(station.store, actor="test")
    planner = log_in(app, "planner.a")
    planner.get("/patrol/response")
    planner.get("/patrol/response/export.xlsx")
    kept = [one.action for one in station.store.audit_entries(limit=20)]
    assert "view_response" in kept
    assert "export_response" in kept


def test_it_leaves_in_the_formats_of_all_results_with_a_title_for_every_column(app, station, drawn_town):
    drawn_town.area(shapely.Point(0, 5000).buffer(5), name="孤岛")
    compute_response(station.store, actor="test")
    result = station.store.latest_result("response")
    assert {name: untitled("response", name, result.frame(name)) for name in result.frame_names} == {
        key: [] for key in ("hours", "places", "posts", "roads")
    }
    planner = log_in(app, "planner.a")
    rows = planner.get("/downloads/response.geojson?frame=places&names=1").get_json()["features"]
    assert {one["properties"]["name"]: one["properties"]["worst_s"] for one in rows}["孤岛"] is None
    for ending in ("xlsx", "gpkg", "kml"):
        assert planner.get(f"/downloads/response.{ending}").status_code == 200, ending
    assert "到达时间" in planner.get("/downloads").text
    assert log_in(app, "cadre.a").get("/downloads/response.gpkg").status_code == 403
