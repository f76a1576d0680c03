"""What each user comes to do, on a desktop (1440 × 900) and on a phone (390 × 844), and the test that plays it.

| user | task | held by |
|---|---|---|
| planner | first steps of an empty station, the whole first day | `test_first_day`, `test_import_pages` |
| planner | import a ledger, correct columns, store, take back | `test_import_pages` |
| planner | accept or drop proposals | `test_import_pages`, `test_pages_layers` |
| planner | draw, move, reshape, delete, undo; two editors | `test_map_editing`, `test_pages_layers` |
| planner | compute, watch, cancel, run again | `test_jobs` |
| planner | plan, read a unit's timetable, publish | `test_jobs`, `test_pages_tasks` |
| planner | measure, coordinates, links, print | `test_map_tools`, `test_print_and_tiles` |
| planner | find all daily work from the map and from the layers | here |
| camera engineer | find the worst gap, see why, come to the camera's form from the map, export the list | here |
| camera engineer | figures by grid | `test_map_editing`, here |
| inspector | read gaps, export XLSX, print the map, read changes; edits nothing | here |
| cadre | from the slip to the own route | `test_accounts` |
| cadre | own route, next stop, print, language | here, `test_pages_tasks` |
| cadre | sees no camera, gap or police route | `test_pages_tasks`, `geo_service/web/test_leaks` |
| admin | accounts, locks, sessions | `test_accounts` |
| admin | audit: filter and export; settings, jobs, background | here |
| admin | backups | `test_operation` |
| everybody | search, keyboard, language | `test_search`, `test_pages_tasks`, `test_accessibility` |
| everybody | a town with nothing, of hostile and of very long words | `test_every_page`, `test_pages_hostile` |

`GEO_SHOTS` names a folder for pictures of each step.
"""

import os
import re
import runpy
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def town(tmp_path):
    with TOWN["build"](tmp_path / "station") as workspace:
        for role in ("admin", "planner", "inspector", "cadre"):
            villages = [1] if role == "cadre" else []
            workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, villages=villages)
        yield workspace


@pytest.fixture
def site(town, serve):
    app = create_app(town)
    app.config["NOW"] = lambda: datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)
    return serve(app)


@pytest.fixture(params=SIZES)
def screen(request, open_page):
    """A page of each size."""
    page = open_page(SIZES[request.param], accept_downloads=True)
    page.size = request.param
    return page


def enter(page, site, role, path="/"):
    page.goto(site + "/login?next=/account")
    page.fill("#name", f"{role}.a")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_url("**/account")
    page.goto(site + path)
    page.wait_for_load_state("networkidle")


def look(page, name):
    """Nothing sticks out; a picture where one is asked for."""
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[page.size]["width"], name
    if folder := os.environ.get("GEO_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"task-{name}-{page.size}.png")


def taken(page, words, folder):
    """The file behind a link, by its words."""
    with page.expect_download() as started:
        page.click(f"main a:has-text('{words}')")
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    # a page that turns into a download counts as aborted
    page.recorder.faults = [one for one in page.recorder.faults if not one.endswith("ERR_ABORTED")]
    return path


def cells(path):
    book = openpyxl.load_workbook(path)
    return [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    ]


def ready(page):
    page.evaluate("window.townMap.ready.then(() => true)")


class TestPlanner:
    @pytest.mark.parametrize("start", ["/", "/layers"])
    def test_finds_all_daily_work(self, site, screen, start):
        enter(screen, site, "planner", start)
        links = {
            one: screen.locator(f"main a[href='{one}']:visible").count()
            for one in ("/map/edit", "/import", "/proposals", "/changes", "/grids", "/print", "/jobs")
        }
        assert min(links.values()) >= 1, links
        look(screen, "planner-more" + start.replace("/", "-"))
        for path in links:
            screen.goto(site + path)
            assert screen.locator("main h1").count() == 1
            look(screen, "planner" + path.replace("/", "-"))

    def test_an_inspector_is_offered_only_what_can_be_opened(self, site, screen):
        enter(screen, site, "inspector")
        offered = screen.locator(".also a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        assert offered == [
            "/map/compare", "/cameras", "/sites", "/cameras/health", "/targets", "/coverage/certainty", "/grids",
            "/proposals", "/changes", "/downloads", "/print", "/jobs",
        ]  # fmt: skip
        for path in offered:
            screen.goto(site + path)
            assert screen.locator("main h1").count() == 1


class TestCameraEngineer:
    """Camera engineers are planners."""

    def test_finds_the_worst_gap_and_comes_to_the_camera(self, site, screen, town):
        enter(screen, site, "planner", "/gaps?light=night&sort=size&order=down")
        first = screen.locator("#gap-table tbody tr").first
        # the wharf's 900 square metres are the largest; its camera is out of order
        assert "石门码头" in first.inner_text()
        assert "码头枪机" in first.inner_text()
        look(screen, "engineer-gaps")
        ready(screen)
        first.locator(".row-button").click()
        screen.locator(".tm-info >> text=石门码头").first.wait_for()
        look(screen, "engineer-gap-on-map")
        camera = int(town.store.frame("camera_sites").query("name == '码头枪机'").index[0])
        screen.evaluate("(id) => townMap.zoomTo('camera_sites', id)", camera)
        look(screen, "engineer-camera-on-map")
        screen.click(".tm-info a:has-text('打开记录')")
        screen.wait_for_url(f"**/layers/camera_sites/{camera}")
        assert screen.input_value("[name=name]") == "码头枪机"
        look(screen, "engineer-camera-form")

    def test_takes_away_the_list_of_cameras_and_of_gaps(self, site, screen, tmp_path):
        enter(screen, site, "planner", "/layers/camera_sites")
        assert {"石门路球机", "码头枪机", "拟建枪机"} <= set(cells(taken(screen, "Excel", tmp_path)))
        screen.goto(site + "/gaps?light=night")
        told = cells(taken(screen, "导出 Excel", tmp_path))
        assert "石门码头" in told
        assert "石门路" not in told  # blind by day only


class TestInspector:
    def test_reads_gaps_exports_and_prints(self, site, screen, tmp_path):
        enter(screen, site, "inspector", "/gaps")
        assert screen.locator("#gap-table tbody tr").count() == 5
        assert screen.locator("main button:has-text('计算')").count() == 0
        look(screen, "inspector-gaps")
        assert "河街" in cells(taken(screen, "导出 Excel", tmp_path))
        screen.goto(site + "/print")
        look(screen, "inspector-print")
        # a PDF opens in a viewer of the browser's own, which this one has not: its answer is asked for instead
        form = screen.evaluate(
            "() => { const form = document.querySelector('main form'); return [form.action, new URLSearchParams(new FormData(form)).toString()]; }"
        )
        answer = screen.context.request.get(form[0] + "?" + form[1])
        assert answer.ok
        assert answer.body().startswith(b"%PDF")

    def test_edits_nothing(self, site, screen, town):
        screen.recorder.expect_status(403)
        enter(screen, site, "inspector", "/layers/key_areas/1")
        assert screen.locator("main form[method=post]").count() == 0
        look(screen, "inspector-row")
        for path in ("/map/edit", "/import", "/imports", "/layers/street_lights/new", "/admin"):
            assert screen.goto(site + path).status == 403
            assert screen.locator("main a:visible").count() >= 1  # a way back
        look(screen, "inspector-refused")
        refused = town.store.audit_entries(actor="inspector.a", action="refused", limit=None)
        assert {one.target for one in refused} >= {"/map/edit", "/import", "/admin"}


class TestCadre:
    def test_reads_and_prints_the_own_route_and_changes_the_language(self, site, screen):
        enter(screen, site, "cadre")
        assert screen.url.endswith("/my-routes")
        ready(screen)
        assert "上河巡逻队" in screen.inner_text("h1")
        assert screen.inner_text("#next .place") == "石门小学"
        look(screen, "cadre-route")
        screen.emulate_media(media="print")
        assert not screen.is_visible("header nav") and screen.is_visible("#stops")
        screen.emulate_media(media="screen")
        screen.click("button:has-text('English')")
        screen.locator("#next:has-text('Next')").wait_for()
        assert "18:15" in screen.inner_text("#next")
        look(screen, "cadre-route-english")
        screen.click("button:has-text('中文')")
        screen.locator("header >> text=我的路线").wait_for()

    def test_finds_no_way_to_anything_else(self, site, screen):
        screen.recorder.expect_status(403, 404)
        enter(screen, site, "cadre")
        ways = screen.locator("a[href]").evaluate_all("all => all.map((one) => new URL(one.href).pathname)")
        own = {"/my-routes", "/my-routes/card.png", "/my-routes/route.gpx"}
        assert set(ways) <= {*own, "/account", "/password", "/search"}
        for path in ("/", "/gaps", "/layers", "/patrol", "/grids", "/jobs", "/admin"):
            screen.goto(site + path)
            screen.wait_for_load_state("networkidle")
            assert screen.url.endswith("/my-routes") or "/gaps" not in screen.inner_text("main")
        look(screen, "cadre-refused")


class TestAdministrator:
    def test_reads_filters_and_exports_the_audit_record(self, site, screen, tmp_path):
        enter(screen, site, "inspector", "/gaps")
        screen.context.clear_cookies()
        enter(screen, site, "admin", "/admin")
        look(screen, "admin")
        screen.click(".cards a[href='/audit']")
        screen.wait_for_load_state("networkidle")
        look(screen, "admin-audit")
        screen.select_option("[name=actor]", "inspector.a") if screen.locator(
            "select[name=actor]"
        ).count() else screen.fill("[name=actor]", "inspector.a")
        screen.click("main form button:has-text('查看')")
        screen.wait_for_url(re.compile("actor=inspector"))
        assert "admin.a" not in screen.inner_text("main table")
        look(screen, "admin-audit-filtered")
        told = cells(taken(screen, "Excel", tmp_path))
        assert "inspector.a" in told
        assert "planner.a" not in told

    def test_every_card_leads_to_a_page(self, site, screen):
        enter(screen, site, "admin", "/admin")
        cards = screen.locator(".cards a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        assert {"/admin/accounts", "/audit", "/admin/backups", "/admin/settings", "/admin/background"} <= set(
            cards
        )
        for path in cards:
            screen.goto(site + path)
            assert screen.locator("main h1").count() == 1
            look(screen, "admin" + path.replace("/", "-"))
