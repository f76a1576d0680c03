"""Claims about the page on law and upkeep: who sees it, what stands there, and its workbook."""

import datetime as dt
import io
import re

import geopandas as gpd
import openpyxl
import pytest
import shapely
from web_clients import client_of

from geo_service.analysis.camera_health import compute_health
from geo_service.analysis.law import compute_law
from geo_service.jobs import run_now, submit

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def judged(tmp_path, small_town):
    """The small town with one camera without sign, a house beside a camera, and one record."""
    with small_town["build"](tmp_path / "station", results=False) as workspace:
        store = workspace.store
        with store.change(actor="test") as change:
            change.update("camera_sites", 1, {"sign_posted": False, "maintained_by": "=维护队"})
            change.update("buildings", 1, {"use": "residential"})
            at = dt.datetime(2026, 11, 23, 8)  # noqa: DTZ001 - the station's time
            change.insert("camera_status_log", [{"camera": 1, "at": at, "state": "working"}])
        yield workspace


def test_the_page_says_what_to_do_before_anything_was_computed(judged):
    page = client_of(judged, "planner").get("/cameras/report").text
    assert "还没有核算" in page
    assert 'value="camera_report"' in page
    assert client_of(judged, "planner").get("/cameras/report/export.xlsx").status_code == 404


def test_inspectors_read_it_and_cadres_do_not(judged):
    compute_law(judged.store, actor="test", today=TODAY)
    page = client_of(judged, "inspector").get("/cameras/report")
    assert page.status_code == 200
    assert 'value="camera_report"' not in page.text
    refused = client_of(judged, "cadre").get("/cameras/report")
    assert refused.status_code == 403
    assert "石门路球机" not in refused.text
    actions = [one.action for one in judged.store.audit_entries(limit=10)]
    assert "view_camera_report" in actions


def test_findings_exposure_and_repairs_stand_on_the_page_and_in_the_workbook(judged):
    compute_law(judged.store, actor="test", today=TODAY)
    compute_health(judged.store, actor="test", today=TODAY)
    client = client_of(judged, "planner")
    page = client.get("/cameras/report").text
    for words in ("石门路球机", "条例第十三条", "码头枪机", "报修清单"):
        assert words in page, words
    # one of three standing cameras is faulty, and two of three are in order
    assert "66.7%" in page
    book = openpyxl.load_workbook(io.BytesIO(client.get("/cameras/report/export.xlsx").data))
    assert book.sheetnames == [
        "发现的问题",
        "私域",
        "隐私遮挡",
        "报修清单",
        "按维护单位",
        "按日",
        "按点位",
        "说明",
    ]
    assert [row[0].value for row in book["报修清单"].iter_rows(min_row=2)] == ["码头枪机"]
    assert "'=维护队" in [row[0].value for row in book["按维护单位"].iter_rows(min_row=2)]
    assert "export_camera_report" in [one.action for one in judged.store.audit_entries(limit=10)]


def test_a_change_makes_the_report_out_of_date(judged):
    compute_law(judged.store, actor="test", today=TODAY)
    with judged.store.change(actor="test") as change:
        change.update("camera_sites", 1, {"sign_posted": True})
    assert "数据" in re.search(r'class="stale"[^>]*>([^<]+)', client_of(judged, "planner").get("/cameras/report").text)[1]  # fmt: skip


def test_the_job_makes_both_results_and_leads_to_the_page(judged):
    job = run_now(judged, submit(judged, "camera_report", actor="test"))
    assert (job.state, job.result_url) == ("done", "/cameras/report")
    assert judged.store.latest_result("exposure") and judged.store.latest_result("health")


def test_findings_are_filtered_and_lead_to_the_camera(judged):
    with judged.store.change(actor="test") as change:
        change.update("camera_sites", 4, {"retention_days": 7})
    compute_law(judged.store, actor="test", today=TODAY)
    client = client_of(judged, "planner")
    page = client.get("/cameras/report?group=planned").text
    table = page[page.index('id="findings"') : page.index('id="private"')]
    assert "拟建枪机" in table and "石门路球机" not in table
    assert 'href="/layers/camera_sites/4"' in table and 'href="/#sel=camera_sites/4"' in table
    assert client.get("/layers/camera_sites/4").status_code == 200
    page = client.get("/cameras/report?article=13&severity=error&camera=石门").text
    table = page[page.index('id="findings"') : page.index('id="private"')]
    assert "石门路球机" in table and "拟建枪机" not in table
    assert "没有符合条件的问题" in client.get("/cameras/report?camera=没有这台").text
    for wrong in ("group=x", "article=99", "severity=x"):
        assert client.get(f"/cameras/report?{wrong}").status_code == 400


def test_the_workbook_holds_what_the_page_shows(judged):
    with judged.store.change(actor="test") as change:
        change.update("camera_sites", 4, {"retention_days": 7})
    compute_law(judged.store, actor="test", today=TODAY)
    compute_health(judged.store, actor="test", today=TODAY)
    client = client_of(judged, "planner")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/cameras/report/export.xlsx?group=planned").data))
    assert book.sheetnames == ["发现的问题", "私域", "隐私遮挡", "说明"]
    assert [row[2].value for row in book["发现的问题"].iter_rows(min_row=2)] == ["拟建枪机"]
    assert [row[0].value for row in book["私域"].iter_rows(min_row=2)] == ["拟建枪机"]


@pytest.mark.parametrize(
    ("ending", "start"), [("geojson", b"{"), ("gpkg", b"SQLite format 3"), ("kml", b"<?xml")]
)
def test_masks_leave_as_shapes(judged, tmp_path, ending, start):
    with judged.store.change(actor="test") as change:
        at = shapely.Point(118.78 + 1.5e-4, 32.04 + 3e-4)
        change.insert("camera_sites", [{"name": "贴墙", "kind": "fisheye", "mount_height_m": 6.0, "max_range_m": 30.0, "resolution_px_h": 32000, "geometry": at}])  # fmt: skip
    compute_law(judged.store, actor="test", today=TODAY)
    masks = judged.store.latest_result("exposure").frame("masks")
    assert len(masks) >= 1
    client = client_of(judged, "planner")
    answer = client.get(f"/cameras/report/masks/export.{ending}")
    assert answer.status_code == 200 and answer.data.startswith(start)
    if ending != "kml":
        (tmp_path / f"masks.{ending}").write_bytes(answer.data)
        read = gpd.read_file(tmp_path / f"masks.{ending}")
        size = shapely.area(masks.to_crs(4326).geometry.to_numpy()).sum()
        assert shapely.area(read.geometry.to_numpy()).sum() == pytest.approx(size, rel=1e-6)
        assert set(read["摄像机"]) == set(masks["camera_name"])
    assert "贴墙".encode() in answer.data
    assert client_of(judged, "cadre").get(f"/cameras/report/masks/export.{ending}").status_code == 403


def test_masks_are_drawn_on_the_map_for_who_may_see_cameras(judged):
    with judged.store.change(actor="test") as change:
        at = shapely.Point(118.78 + 1.5e-4, 32.04 + 3e-4)
        change.insert("camera_sites", [{"name": "贴墙", "kind": "fisheye", "mount_height_m": 6.0, "max_range_m": 30.0, "resolution_px_h": 32000, "geometry": at}])  # fmt: skip
    compute_law(judged.store, actor="test", today=TODAY)
    told = client_of(judged, "inspector").get("/api/v1/map/privacy_masks.json").json
    assert len(told["features"]) == len(judged.store.latest_result("exposure").frame("masks"))
    assert "°" in str(told)
    assert client_of(judged, "cadre").get("/api/v1/map/privacy_masks.json").status_code in (403, 404)


def test_a_report_of_an_older_version_is_asked_for_again(judged):
    """Before plans were a group of their own, findings had no status and the summary no groups."""
    compute_law(judged.store, actor="test", today=TODAY)
    new = judged.store.latest_result("exposure")
    frames = {name: new.frame(name) for name in new.frame_names}
    frames["findings"] = frames["findings"].drop(columns="status")
    summary = {name: value for name, value in new.summary.items() if name != "groups"}
    judged.store.save_result("exposure", actor="test", options=new.options, summary=summary, frames=frames)
    client = client_of(judged, "planner")
    assert "还没有核算" in client.get("/cameras/report?group=planned").text
    assert client.get("/cameras/report/export.xlsx?group=planned").status_code == 404
    assert client.get("/sites").status_code == 200
