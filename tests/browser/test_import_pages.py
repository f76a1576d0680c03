"""Importing in a browser: drag a file in, see its faults on the map, store it, take it back; decide on proposals."""

import io

import openpyxl
import pytest

from geo_service import jobs
from geo_service.imports.osm import import_osm
from geo_service.imports.uploads import Uploads
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = pytest.mark.browser
PASSWORD = "Shi-men-2026"
NODES = [(118.780, 32.040), (118.784, 32.040), (118.784, 32.042), (118.780, 32.042)]
OSM = """<?xml version="1.0"?><osm version="0.6">{nodes}
<way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="石门路"/></way>
<way id="11" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="amenity" v="school"/><tag k="name" v="石门小学"/></way>
<node id="9" lat="32.0406" lon="118.7862" version="1"><tag k="amenity" v="hospital"/><tag k="name" v="石门医院"/></node></osm>"""
# the second camera has its coordinates exchanged
LEDGER = (
    ("经度（WGS-84）", "纬度", "点位名称", "安装高度"),
    (118.78112, 32.04051, "石门路一号", 6),
    (32.04062, 118.78223, "石门路二号", 6),
    (118.78334, 32.04073, "石门路三号", 6),
)


@pytest.fixture
def station(tmp_path):
    with Workspace.create(tmp_path / "station", name="石门镇") as made:
        made.accounts.create_user("planner.b", role="planner", password=PASSWORD)
        yield made


@pytest.fixture
def ledger(tmp_path):
    book = openpyxl.Workbook()
    for row in LEDGER:
        book.active.append(row)
    path = tmp_path / "台账.xlsx"
    book.save(path)
    return path


@pytest.fixture
def osm(tmp_path):
    nodes = "".join(
        f'<node id="{n}" lat="{lat}" lon="{lon}" version="1"/>' for n, (lon, lat) in enumerate(NODES, 1)
    )
    path = tmp_path / "town.osm"
    path.write_text(OSM.format(nodes=nodes), encoding="utf-8")
    return path


def enter(page, base):
    page.goto(base + "/login")
    page.fill("input[name=name]", "planner.b")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(base + "/")


def drop(page, path):
    """Drop a file on the zone as the browser does: with a DataTransfer that holds it."""
    held = page.evaluate_handle(
        """([bytes, name]) => { const held = new DataTransfer();
             held.items.add(new File([new Uint8Array(bytes)], name)); return held; }""",
        [list(path.read_bytes()), path.name],
    )
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#drop-zone", kind, {"dataTransfer": held})


def work(station):
    while waiting := jobs.listing(station, states=["queued"]):
        assert jobs.run_now(station, waiting[-1].id).state == "done"


def narrow(page):
    """Whether the page fits its width."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_ledger_is_dragged_in_checked_on_the_map_stored_and_taken_back(page, station, ledger, osm, serve):
    import_osm(station.store, osm, actor="test")
    base = serve(create_app(station))
    enter(page, base)
    page.goto(base + "/import")
    page.select_option("#upload-layer", "camera_sites")
    drop(page, ledger)
    assert page.evaluate("document.getElementById('upload-file').files[0].name") == ledger.name
    page.click("#upload-send")
    page.wait_for_url(base + "/imports/1#result")
    page.wait_for_selector("[data-ready=true]", state="attached")
    assert page.evaluate("window.townMap.count('import_rows')") == 3
    assert station.store.count("camera_sites") == 0
    page.click("#fault-table tr[data-id='3'] .row-button")
    page.wait_for_function("window.townMap.selected() && window.townMap.selected().layer === 'import_rows'")
    page.click("#store")
    page.wait_for_url("**/jobs/1")
    work(station)
    page.click("a[data-part=result]")
    page.wait_for_url(base + "/imports/1")
    assert station.store.count("camera_sites") == 2
    page.click("a[href^='/changes/']")
    page.click("form[action$='/undo'] button")
    page.wait_for_url("**/changes?done=undone*")
    assert station.store.count("camera_sites") == 0


def test_on_the_phone_a_file_is_chosen_and_its_columns_corrected(phone, station, ledger, serve):
    base = serve(create_app(station))
    enter(phone, base)
    phone.goto(base + "/import")
    phone.select_option("#upload-layer", "camera_sites")
    phone.set_input_files("#upload-file", ledger)
    assert narrow(phone)
    phone.click("#upload-send")
    phone.wait_for_url("**/imports/1#result")
    assert narrow(phone)
    phone.click("#reading summary")
    assert not phone.is_visible("#epsg-entry") and not phone.is_visible(".no-script")
    phone.select_option("#column-3", "")
    phone.click("#reading .buttons button")
    phone.wait_for_load_state()
    assert "mount_height_m" not in Uploads(station).get(1).options["columns"]
    assert narrow(phone)


def test_a_file_that_is_too_large_is_stopped_before_it_is_sent(page, station, serve):
    base = serve(create_app(station))
    enter(page, base)
    page.goto(base + "/import")
    page.evaluate("document.getElementById('upload-form').dataset.tableMb = '0.00001'")
    page.select_option("#upload-layer", "camera_sites")
    page.set_input_files(
        "#upload-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": io.BytesIO(b"x" * 99).read()}
    )
    assert page.is_visible("#upload-fault")
    page.click("#upload-send")
    assert page.url == base + "/import" and Uploads(station).listing() == ([], 0)


@pytest.mark.parametrize("size", ["page", "phone"])
def test_proposals_are_looked_at_and_accepted_on_the_map(request, size, station, osm, serve):
    import_osm(station.store, osm, actor="test")
    view = request.getfixturevalue(size)
    base = serve(create_app(station))
    enter(view, base)
    view.goto(base + "/proposals")
    view.wait_for_selector("[data-ready=true]", state="attached")
    assert view.evaluate("window.townMap.count('proposals')") == 2 and narrow(view)
    view.click("button[data-show='1']")
    view.wait_for_function("window.townMap.selected() && String(window.townMap.selected().id) === '1'")
    view.evaluate("window.townMap.select('proposals', 2)")
    view.wait_for_selector("#proposals tr.chosen[data-id='2']")
    view.click("#proposals button[value='accept-2']")
    view.wait_for_url("**/proposals?done=accepted*")
    assert station.store.count("key_areas") == 1 and len(station.store.proposals()) == 1


def test_the_guide_leads_an_empty_station_and_loads_the_sample_town_by_one_click(page, station, serve):
    base = serve(create_app(station))
    enter(page, base)
    assert page.text_content(".guide .now .what").split()[-1] == "导入本镇地图"
    page.click("#load-sample")
    page.wait_for_url("**/jobs/1")
    assert [one.kind for one in jobs.listing(station, states=["queued"])] == ["sample"]
    # asked beside the page: leaving it would break off what its script asks just then
    assert "load-sample" not in page.request.get(base + "/").text(), "it is being loaded already"
    jobs.cancel(station, 1, actor="planner.b")
    page.wait_for_selector(".job-cancelled")
