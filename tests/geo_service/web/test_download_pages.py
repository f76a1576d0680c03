"""Claims about the page Downloads and its files: what is listed, who may take it, and that each taking is noted once."""

import io
import re

import openpyxl
import pytest
from web_clients import client_of

from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.web import create_app


@pytest.fixture
def station(tmp_path, small_town):
    with small_town["build"](tmp_path / "station", results=False) as workspace:
        yield workspace


def test_an_empty_station_says_what_to_do_next(station):
    page = client_of(station, "planner").get("/downloads").text
    assert "还没有计算结果" in page
    assert "拟建点位" in page  # one camera is planned


def test_every_listed_file_comes_and_is_noted_once(station):
    compute_coverage(station.store, actor="t")
    compute_gaps(station.store, actor="t")
    client = client_of(station, "inspector")
    page = client.get("/downloads").text
    links = [
        one.replace("&amp;", "&")
        for one in re.findall(r'href="(/(?:downloads|layers)/[^"]+\.[a-z]+[^"]*)"', page)
    ]
    assert len(links) > 15
    before = len(station.store.audit_entries(limit=500))
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200, link
        assert answer.headers["Cache-Control"] == "no-store"
        assert "attachment" in answer.headers["Content-Disposition"]
    noted = [one.action for one in station.store.audit_entries(limit=500)]
    exports = [one for one in noted[: len(noted) - before] if one in ("export_result", "export_layer")]
    assert len(exports) == len(links)


def test_words_follow_the_language_of_the_page(station):
    compute_gaps(station.store, actor="t")
    client = client_of(station, "planner")
    client.get("/gaps?lang=en")
    chinese = openpyxl.load_workbook(io.BytesIO(client.get("/downloads/gaps.xlsx?lang=zh").data))
    assert chinese.sheetnames[0] == "监控盲区"


def test_cadres_and_strangers_get_nothing(station):
    compute_gaps(station.store, actor="t")
    client = client_of(station, "cadre")
    for path in (
        "/downloads",
        "/downloads/gaps.xlsx",
        "/downloads/nothing.kml",
        "/api/v1/results/gaps/latest.gpkg",
    ):
        assert client.get(path).status_code == 403, path
    stranger = create_app(station).test_client()
    assert stranger.get("/downloads/gaps.xlsx").status_code == 303


@pytest.mark.parametrize(
    "path", ["/downloads/patrol.xlsx", "/downloads/coverage.gpkg", "/api/v1/results/secret/latest.kml"]
)
def test_what_is_not_there_is_not_found(station, path):
    assert client_of(station, "planner").get(path).status_code == 404


def test_an_unknown_table_is_refused_with_the_known_ones(station):
    compute_gaps(station.store, actor="t")
    answer = client_of(station, "planner").get("/downloads/gaps.xlsx?frame=secret")
    assert answer.status_code == 400
    assert "pieces" in answer.text


def test_the_interface_gives_the_same_file(station):
    compute_gaps(station.store, actor="t")
    client = client_of(station, "planner")
    answer = client.get("/api/v1/results/gaps/latest.kml")
    assert answer.mimetype == "application/vnd.google-earth.kml+xml"
    assert answer.data == client.get("/downloads/gaps.kml").data
    assert client.get("/api/v1/results/gaps/latest.kml?odd=1").status_code == 400


def test_planned_sites_leave_by_their_status(station):
    client = client_of(station, "planner")
    answer = client.get("/layers/camera_sites/export.kml?status=planned")
    assert answer.data.decode().count("<Placemark>") == 1
    assert client.get("/layers/camera_sites/export.kml?status=odd").status_code == 400
