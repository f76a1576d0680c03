"""Claims about the page on targets and goals: who sees it, what stands there, its files, and the address for programs."""

import io

import openpyxl
import pytest
from web_clients import client_of

from geo_service.analysis.coverage import compute_coverage


@pytest.fixture
def station(tmp_path, small_town):
    with small_town["build"](tmp_path / "station", results=False) as workspace:
        yield workspace


def test_before_anything_was_computed_the_page_says_what_to_do(station):
    client = client_of(station, "planner")
    page = client.get("/targets").text
    assert "还没有计算覆盖" in page
    assert 'value="gaps"' in page
    assert client.get("/targets/export.xlsx").status_code == 404
    assert client.get("/targets/report.pdf").status_code == 404
    assert client.get("/api/v1/coverage/goals").json == {
        "computed": None,
        "stale": False,
        "goals": [],
        "shares": {},
    }


def test_inspectors_read_goals_and_figures_and_cadres_do_not(station):
    compute_coverage(station.store, actor="test")
    page = client_of(station, "inspector").get("/targets")
    assert page.status_code == 200
    for words in ("目标达标情况", "重点区域覆盖", "未达标", "公共道路", "关键点位", "石门路"):
        assert words in page.text
    assert 'value="gaps"' not in page.text
    assert 'href="/admin/settings"' not in page.text
    assert 'href="/admin/settings"' in client_of(station, "admin").get("/targets").text
    refused = client_of(station, "cadre").get("/targets")
    assert refused.status_code == 403
    assert "石门路球机" not in refused.text


def test_the_workbook_and_the_sheet_of_paper_are_sent_and_kept_in_the_record(station):
    compute_coverage(station.store, actor="test")
    client = client_of(station, "planner")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/targets/export.xlsx").data))
    assert book.sheetnames[0] == "目标达标情况"
    paper = client.get("/targets/report.pdf")
    assert paper.data.startswith(b"%PDF")
    assert paper.headers["Cache-Control"] == "no-store"
    kept = [
        (one.action, one.target) for one in station.store.audit_entries() if one.action == "export_targets"
    ]
    assert sorted(one for _, one in kept) == ["pdf", "xlsx"]


def test_programs_get_the_goals(station):
    compute_coverage(station.store, actor="test")
    told = client_of(station, "planner").get("/api/v1/coverage/goals").json
    assert {one["goal"] for one in told["goals"]} == {"key_places", "entrances", "working"}
    working = next(one for one in told["goals"] if one["goal"] == "working")
    assert (working["wanted"], working["light"]) == (0.98, None)
    assert set(told["shares"]) <= {"key_area", "housing_zone", "road_strip", "road"}
