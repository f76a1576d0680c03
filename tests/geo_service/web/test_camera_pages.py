"""Claims about the pages of cameras: what stands there, who sees them, and the sheets that leave."""

import io
import xml.etree.ElementTree as ET

import pypdf
import pytest
from web_clients import client_of

from geo_service.jobs import get, run_now
from geo_service.papers.camera_jobs import sheets_file

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def station(tmp_path, small_town):
    with small_town["build"](tmp_path / "station") as workspace:
        yield workspace


def actions(station):
    return [(one.action, one.target) for one in station.store.audit_entries(limit=20)]


def test_the_page_of_a_camera_names_its_classes_targets_and_position(station):
    page = client_of(station, "planner").get("/cameras/2").text
    assert "河街枪机" in page
    for words in ("看清活动", "脚下死角", "CGCS2000 120°E", "118.7800000°", "剖面（真方位角 90.0°）", "河街"):
        assert words in page, words
    assert "view_camera" in [action for action, _ in actions(station)]


@pytest.mark.parametrize("drawing", ["plan", "section"])
def test_the_drawings_are_whole_and_hold_nothing_that_runs(station, drawing):
    client = client_of(station, "planner")
    answer = client.get(f"/cameras/2/{drawing}.svg?width=narrow&light=night")
    assert answer.mimetype == "image/svg+xml"
    root = ET.fromstring(answer.data)
    assert root.get("width") == "100mm"
    tags = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert not tags & {"script", "style", "image", "foreignObject", "a"}
    assert not [
        name for one in root.iter() for name in one.attrib if name.startswith("on") or name == "style"
    ]


def test_the_section_follows_the_bearing_that_was_asked_for(station):
    page = client_of(station, "planner").get("/cameras/2?bearing=60&target=0&light=night&datum=gcj02").text
    assert "剖面（真方位角 60.0°）" in page
    assert "GCJ-02" in page and "目标高度 0 米" in page


@pytest.mark.parametrize(
    "query", ["bearing=x", "bearing=nan", "target=99", "light=dusk", "view=7", "view=-1", "datum=mars"]
)
def test_what_makes_no_sense_is_refused(station, query):
    client = client_of(station, "planner")
    assert client.get(f"/cameras/2?{query}").status_code == 400
    assert client.get(f"/cameras/2/plan.svg?{query}").status_code == 400


def test_a_camera_without_direction_says_so(station):
    page = client_of(station, "planner").get("/cameras/4").text
    assert "按看不见计算" in page


def test_it_is_reached_from_the_list_the_ledger_and_the_blind_spots(station):
    client = client_of(station, "planner")
    for path in ("/cameras", "/gaps", "/layers/camera_sites/1"):
        assert 'href="/cameras/1"' in client.get(path).text, path
    assert 'href="/cameras"' in client.get("/layers/camera_sites").text


def test_cadres_learn_nothing_not_even_what_is_there(station):
    client = client_of(station, "cadre")
    for path in (
        "/cameras",
        "/cameras/1",
        "/cameras/999",
        "/cameras/1/plan.svg",
        "/cameras/1/sheet.pdf",
        "/cameras/sheets/1",
    ):
        assert client.get(path).status_code == 403, path


def test_a_camera_that_is_not_there(station):
    client = client_of(station, "planner")
    for path in ("/cameras/99", "/cameras/99/section.svg", "/cameras/99/sheet.pdf", "/cameras/sheets/7"):
        assert client.get(path).status_code == 404, path


def test_one_sheet_comes_at_once_and_is_noted(station):
    client = client_of(station, "inspector")
    answer = client.get("/cameras/2/sheet.pdf?datum=gcj02")
    reader = pypdf.PdfReader(io.BytesIO(answer.data))
    assert len(reader.pages) == 1
    text = "".join(reader.pages[0].extract_text().split())
    for words in ("河街枪机", "GCJ-02", "CGCS2000", "看清活动", "内部资料"):
        assert words in text, words
    assert answer.headers["Cache-Control"] == "no-store"
    assert actions(station).count(("print_camera_sheets", "#2 (1)")) == 1


def test_all_sheets_are_a_job_whose_file_is_noted_when_it_leaves(station):
    client = client_of(station, "planner")
    sent = client.post("/cameras/sheets", data={"which": "all", "csrf_token": client.token})
    assert sent.status_code == 303
    number = int(sent.headers["Location"].rpartition("/")[2])
    assert client.get(f"/cameras/sheets/{number}").status_code == 404
    job = run_now(station, number)
    assert (job.state, job.result_url) == ("done", f"/cameras/sheets/{number}")
    answer = client.get(f"/cameras/sheets/{number}")
    assert len(pypdf.PdfReader(io.BytesIO(answer.data)).pages) == 4
    assert ("print_camera_sheets", "all (4)") in actions(station)
    assert get(station, number).kind == "camera_sheets"
    sheets_file(station, number).unlink()
    assert client.get(f"/cameras/sheets/{number}").status_code == 404


def test_nothing_chosen_is_said(station):
    client = client_of(station, "planner")
    answer = client.post("/cameras/sheets", data={"which": "chosen", "csrf_token": client.token})
    assert answer.status_code == 400
    assert "至少选择一个点位" in answer.text
