"""The pages as a browser gets them: words, exports, JSON, languages, empty states."""

import gzip
import io
import json
import re
from datetime import datetime, timedelta, timezone

import openpyxl
import pytest

from geo_service.web import create_app

PASSWORD = "Shi-men-2026"


def noon():
    return datetime(2026, 5, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def sign_in(workspace, name="planner.b", role="planner", **scope):
    if workspace.accounts.find(name) is None:
        workspace.accounts.create_user(name, role=role, password=PASSWORD, **scope)
    app = create_app(workspace)
    app.config["NOW"] = noon
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": name, "password": PASSWORD, "csrf_token": token})
    client.token = token_of(client)
    return client


def token_of(client):
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password").text)
    return found[1]


@pytest.fixture(scope="module")
def client(town):
    return sign_in(town)


class TestOverviewPage:
    def test_says_the_figures_with_units_and_the_date(self, client):
        page = client.get("/").text
        assert all(
            words in page for words in ("65.0%", "夜间 10.0%", "1,300 平方米", "另有道路 80 米", "全镇概况")
        )
        assert re.search(r"监控覆盖 20\d\d-\d\d-\d\d \d\d:\d\d", page)

    def test_warns_when_the_data_changed_since(self, tmp_path, small_town):
        with small_town["build"](tmp_path / "edited") as workspace:
            client = sign_in(workspace)
            assert "可能已过时" not in client.get("/").text
            with workspace.store.change(actor="test") as change:
                change.update("camera_sites", 1, {"status": "faulty"})
            assert "可能已过时" in client.get("/").text and "此后数据有改动" in client.get("/gaps").text

    def test_the_language_is_switched_and_stays(self, town):
        client = sign_in(town)
        answer = client.post(
            "/language", data={"language": "en", "next": "/gaps?light=night", "csrf_token": client.token}
        )
        assert (answer.status_code, answer.location) == (303, "/gaps?light=night")
        assert "Blind spots" in client.get("/gaps").text and '<html lang="en">' in client.get("/").text

    def test_an_unknown_language_changes_nothing(self, town):
        client = sign_in(town)
        client.post("/language", data={"language": "xx", "csrf_token": client.token})
        assert "全镇概况" in client.get("/").text


class TestGapsPage:
    def test_shows_the_cause_in_words(self, client):
        page = client.get("/gaps").text
        assert "被供销大楼遮挡" in page and "监控故障:码头枪机".replace(":", "\uff1a") in page

    def test_filters_stay_in_the_links(self, client):
        page = client.get("/gaps?light=night&kind=key_area").text
        assert "2 处" in page and "/gaps/export.xlsx?kind=key_area&amp;light=night" in page

    def test_a_wrong_filter_is_said_in_the_users_language(self, client):
        answer = client.get("/gaps?light=dusk")
        assert answer.status_code == 400 and "时段不能是" in answer.text

    def test_the_workbook_holds_the_filtered_rows_and_is_audited(self, town, client):
        answer = client.get("/gaps/export.xlsx?light=night&sort=size&order=down")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
        assert [one for one in cells if one in ("石门小学", "石门码头", "河街", "石门路")] == [
            "石门码头",
            "石门小学",
            "河街",
        ]
        assert (
            "attachment" in answer.headers["Content-Disposition"]
            and answer.headers["Cache-Control"] == "no-store"
        )
        entry = town.store.audit_entries(action="export_gaps", limit=1)[0]
        assert entry.actor == "planner.b" and "night" in entry.target

    def test_the_geojson_holds_the_filtered_pieces_in_degrees(self, client):
        found = json.loads(client.get("/gaps/export.geojson?priority=1").data)
        assert len(found["features"]) == 2
        lon, lat = found["features"][0]["geometry"]["coordinates"][0][0]
        assert (round(lon, 2), round(lat, 2)) == (118.78, 32.04)

    def test_nothing_computed_offers_to_compute_it(self, empty_town):
        client = sign_in(empty_town)
        page = client.get("/gaps").text
        assert 'name="kind" value="gaps"' in page and "计算监控覆盖与盲区" in page
        assert client.get("/gaps/export.xlsx").status_code == 404


class TestPatrolPage:
    def test_breaches_stand_before_timetables_and_timetables_before_idleness(self, client):
        page = client.get("/patrol").text
        order = [
            page.index(words)
            for words in ("<h2>巡逻超时", "<h2>无法到达", "到达</th>", "<h2>各处最长未巡时长")
        ]
        assert order == sorted(order)

    def test_the_unit_is_chosen_by_the_address(self, client):
        page = client.get("/patrol?unit=patrol_units/3").text
        assert '<h2 id="timetable">下河巡逻队</h2>' in page and "19:00" in page

    def test_the_map_asks_for_the_routes_of_that_unit(self, client):
        page = client.get("/patrol?unit=patrol_units/3").text
        assert "/api/v1/map/patrol_routes.json?unit=patrol_units/3" in page
        data = json.loads(client.get("/api/v1/map/patrol_routes.json?unit=patrol_units/3").data)
        assert [one[1] for one in data["features"]] == ["patrol_units/3"]

    def test_nothing_planned_offers_to_plan(self, empty_town):
        page = sign_in(empty_town).get("/patrol").text
        assert 'name="kind" value="patrol"' in page and 'name="time_limit_s"' in page


class TestMyRoutesPage:
    def test_the_next_stop_stands_first(self, town):
        page = sign_in(town, "cadre.b", "cadre", villages=[1]).get("/my-routes").text
        assert page.index("下一站") < page.index("今日各站") and "18:15" in page

    def test_without_a_plan_the_cadre_is_told_so(self, tmp_path, small_town):
        with small_town["build"](tmp_path / "new", results=False) as workspace:
            assert (
                "还没有发布今天的巡逻方案"
                in sign_in(workspace, "cadre.c", "cadre", villages=[1]).get("/my-routes").text
            )

    def test_a_cadre_without_a_unit_in_the_plan_is_told_so(self, tmp_path, small_town):
        with small_town["build"](tmp_path / "other") as workspace:
            with workspace.store.change(actor="test") as change:
                (row,) = change.insert(
                    "villages", [{"name": "江心村", "geometry": small_town["_box"](60, 60)}]
                )
            page = sign_in(workspace, "cadre.d", "cadre", villages=[row]).get("/my-routes").text
        assert "今天没有您的路线" in page


class TestApi:
    def test_gaps_are_those_of_the_page(self, client):
        found = client.get("/api/v1/gaps?light=night").json
        assert (
            found["total"] == 3
            and found["rows"][0]["target"] == "石门小学"
            and found["rows"][0]["size"] == "400 平方米"
        )

    def test_the_plan_speaks_the_users_language(self, client):
        found = client.get("/api/v1/plan").json
        assert found["breaches"][0]["gap"] == "17 小时 5 分" and found["chosen"]["name"] == "巡逻一号车"

    def test_an_etag_saves_the_second_answer_until_the_layer_changes(self, tmp_path, small_town):
        with small_town["build"](tmp_path / "tagged") as workspace:
            client = sign_in(workspace)
            first = client.get("/api/v1/map/roads.json")
            again = client.get("/api/v1/map/roads.json", headers={"If-None-Match": first.headers["ETag"]})
            assert (again.status_code, again.data) == (304, b"")
            with workspace.store.change(actor="test") as change:
                change.update("roads", 1, {"name": "新石门路"})
            after = client.get("/api/v1/map/roads.json", headers={"If-None-Match": first.headers["ETag"]})
            assert after.status_code == 200 and "新石门路" in after.text

    def test_a_large_layer_is_compressed_for_who_takes_it(self, town, client, monkeypatch):
        monkeypatch.setattr("geo_service.web.packing.WORTH_PACKING", 100)
        plain = client.get("/api/v1/map/roads.json")
        packed = client.get("/api/v1/map/roads.json", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data

    def test_a_box_asks_for_what_lies_in_it(self, client):
        features = client.get("/api/v1/map/camera_sites.json?bbox=118.7790,32.0395,118.7805,32.0405").json[
            "features"
        ]
        # of the four cameras only the one at the crossing lies in the box
        assert len(features) == 1

    @pytest.mark.parametrize(
        "query",
        ["bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=5,0,1,1", "zoom=x", "zoom=-1", "zoom=inf"],
    )
    def test_a_box_or_zoom_that_is_none_is_refused(self, client, query):
        answer = client.get(f"/api/v1/map/roads.json?{query}")
        assert answer.status_code == 400 and answer.json["messages"]

    def test_health_says_nothing_but_that_it_is_there(self, town):
        answer = create_app(town).test_client().get("/healthz")
        assert answer.json == {"status": "ok"}
