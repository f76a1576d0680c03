"""Claims about the page on certainty, the checking list, its sheet and the quick form; and about the page on camera health."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from web_clients import client_of

from geo_service.analysis.camera_health import compute_health
from geo_service.analysis.certainty import Tolerances, stated_tolerances
from geo_service.analysis.coverage import compute_coverage
from geo_service.jobs import run_now, submit
from town_model import InputError

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def station(tmp_path, small_town):
    with small_town["build"](tmp_path / "station", results=False) as workspace:
        yield workspace


@pytest.fixture
def judged(station):
    compute_coverage(station.store, actor="test", certainty=True)
    return station


def first_of(workspace):
    return int(workspace.store.latest_result("coverage").frame("checking")["camera"].iloc[0])


def sent(page, **values):
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    revision = re.search(r'name="revision" value="(\d+)"', page)
    return {"csrf_token": token, **({"revision": revision[1]} if revision else {}), **values}


def test_the_page_says_what_to_do_before_it_was_computed_and_leads_with_the_sure_share_after(station):
    client = client_of(station, "planner")
    assert "还没有计算覆盖的把握程度" in client.get("/coverage/certainty").text
    assert client.get("/coverage/certainty/checking.pdf").status_code == 404
    number = submit(
        station, "certainty", actor="planner.a", options={"estimated__azimuth_tolerance_deg": 7.5}
    )
    assert run_now(station, number).state == "done"
    page = client.get("/coverage/certainty").text
    assert page.index("有把握看到") < page.index("可能看到") < page.index("按台账值")
    assert '<rect class="band-sure"' in page
    assert 'value="7.5"' in page
    # what was stated once holds for later runs
    compute_coverage(station.store, actor="test", certainty=True)
    assert stated_tolerances(station.store).estimated.azimuth_tolerance_deg == 7.5


def test_bands_hold_the_stated_ground_between_them_and_show_on_the_map(judged):
    result = judged.store.latest_result("coverage")
    found = result.summary["certain"]
    assert 0 <= found["sure_day_m2"] <= result.summary["seen_day_m2"]
    assert result.summary["seen_day_m2"] <= found["sure_day_m2"] + found["possible_day_m2"] + 1e-6
    layer = client_of(judged, "inspector").get("/api/v1/map/certainty_day.json")
    assert layer.status_code == 200
    assert '"possible"' in layer.text
    assert client_of(judged, "cadre").get("/api/v1/map/certainty_day.json").status_code in (403, 404)
    bands = result.frame("bands")
    sure, possible = (bands[(bands["band"] == one) & (bands["light"] == "day")].geometry.iloc[0] for one in ("sure", "possible"))  # fmt: skip
    assert sure.intersection(possible).area < 1e-6


def test_roles_see_what_they_may(judged):
    camera = first_of(judged)
    inspector, cadre = client_of(judged, "inspector"), client_of(judged, "cadre")
    assert inspector.get("/coverage/certainty").status_code == 200
    assert inspector.get(f"/coverage/check/{camera}").status_code == 403
    for path in (
        "/coverage/certainty",
        f"/coverage/check/{camera}",
        "/coverage/certainty/checking.pdf",
        "/cameras/health",
    ):
        assert cadre.get(path).status_code == 403


def test_measured_values_count_as_verified_go_to_the_next_camera_and_can_be_taken_back(judged):
    client, camera = client_of(judged, "planner"), first_of(judged)
    page = client.get(f"/coverage/check/{camera}").text
    answer = client.post(
        f"/coverage/check/{camera}",
        data=sent(page, azimuth_deg="91", tilt_deg="12.5", mount_height_m="5.4"),
    )
    assert answer.status_code == 303
    row = judged.store.frame("camera_sites").loc[camera]
    assert (row["azimuth_deg"], row["tilt_deg"], row["mount_height_m"], row["data_quality"]) == (
        91,
        12.5,
        5.4,
        "verified",
    )
    batch = int(re.search(r"batch=(\d+)", answer.location)[1])
    judged.store.undo(batch, actor="planner.a")
    assert judged.store.frame("camera_sites").loc[camera, "data_quality"] != "verified"


def test_what_is_measured_in_part_is_stored_but_does_not_count_as_verified(judged):
    client, camera = client_of(judged, "planner"), first_of(judged)
    with judged.store.change(actor="test") as change:
        change.update("camera_sites", camera, {"kind": "fixed", "data_quality": "estimated"})
    page = client.get(f"/coverage/check/{camera}").text
    answer = client.post(f"/coverage/check/{camera}", data=sent(page, azimuth_deg="91"))
    assert "done=partly" in answer.location
    row = judged.store.frame("camera_sites").loc[camera]
    assert (row["azimuth_deg"], row["data_quality"]) == (91, "estimated")


def test_wrong_values_and_an_empty_form_are_refused_and_keep_what_was_typed(judged):
    client, camera = client_of(judged, "planner"), first_of(judged)
    before = judged.store.revision()
    page = client.get(f"/coverage/check/{camera}").text
    assert client.post(f"/coverage/check/{camera}", data=sent(page)).status_code == 400
    answer = client.post(f"/coverage/check/{camera}", data=sent(page, azimuth_deg="720", tilt_deg="8"))
    assert answer.status_code == 400
    assert 'value="720"' in answer.text
    assert judged.store.revision() == before


def test_somebody_else_who_was_first_holds_the_form_back(judged):
    client, camera = client_of(judged, "planner"), first_of(judged)
    page = client.get(f"/coverage/check/{camera}").text
    with judged.store.change(actor="other") as change:
        change.update("camera_sites", camera, {"tilt_deg": 33.0})
    answer = client.post(
        f"/coverage/check/{camera}", data=sent(page, azimuth_deg="91", tilt_deg="12", mount_height_m="5")
    )
    assert answer.status_code == 409
    assert 'value="12"' in answer.text
    assert judged.store.frame("camera_sites").loc[camera, "tilt_deg"] == 33.0
    again = client.post(
        f"/coverage/check/{camera}",
        data=sent(answer.text, azimuth_deg="91", tilt_deg="12", mount_height_m="5"),
    )
    assert again.status_code == 303


def test_measuring_removes_doubt_and_the_page_says_how_much(judged):
    store = judged.store
    before = store.latest_result("coverage").summary["certain"]["possible_day_m2"]
    camera = first_of(judged)
    with store.change(actor="test") as change:
        change.update(
            "camera_sites",
            camera,
            {"azimuth_deg": 90.0, "tilt_deg": 15.0, "mount_height_m": 6.0, "data_quality": "verified"},
        )
    compute_coverage(store, actor="test", certainty=True)
    after = store.latest_result("coverage").summary
    assert after["certain"]["possible_day_m2"] < before
    assert after["certain_before"]["possible_day_m2"] == pytest.approx(before)
    assert "与上次计算相比" in client_of(judged, "planner").get("/coverage/certainty").text


def test_the_sheet_is_a_pdf_and_the_workbook_has_its_sheets(judged):
    client = client_of(judged, "planner")
    pdf = client.get("/coverage/certainty/checking.pdf")
    assert pdf.data.startswith(b"%PDF")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/coverage/certainty/export.xlsx").data))
    assert book.sheetnames == ["按看护对象", "核查清单", "数据误差", "说明"]
    assert client.get("/coverage/certainty/export.geojson").get_json()["features"]
    noted = {one.action for one in judged.store.audit_entries()}
    assert {"export_checking", "export_certainty"} <= noted


def test_tolerances_without_meaning_are_refused_all_at_once():
    with pytest.raises(InputError) as caught:
        Tolerances.read({"estimated.azimuth_tolerance_deg": "900", "guessed.tilt": 1})
    assert len(caught.value.messages) == 2
    assert Tolerances.read(Tolerances().numbers()) == Tolerances()


def test_the_page_on_health_draws_each_day_and_lists_repairs_with_their_office(station):
    store = station.store
    with store.change(actor="test") as change:
        change.update("camera_sites", 1, {"maintained_by": "维护一队"})
        for day, state in ((21, "working"), (22, "offline"), (23, "offline")):
            at = dt.datetime(2026, 11, day, 8)  # noqa: DTZ001 - the station's time
            change.insert("camera_status_log", [{"camera": 1, "at": at, "state": state}])
    client = client_of(station, "planner")
    assert "还没有计算监控完好情况" in client.get("/cameras/health").text
    compute_health(store, actor="test", today=TODAY)
    page = client.get("/cameras/health").text
    assert page.count('<circle class="order"') == 3
    assert "维护一队" in page
    # 100 % on the first day, 0 % on both others: the line falls from the top of the grid to its foot
    points = [
        tuple(map(float, one.split(",")))
        for one in re.search(r'<polyline class="order" points="([^"]+)"', page)[1].split()
    ]
    assert points[0][1] < points[1][1] == points[2][1]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/cameras/health/export.xlsx").data))
    assert book.worksheets[0].cell(2, 5).value == "维护一队"
