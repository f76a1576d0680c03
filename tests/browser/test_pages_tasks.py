"""The four pages in a real browser: what each user comes to do, on a desktop and on a phone."""

import runpy
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PAGES = {
    "planner.a": ("/", "/gaps", "/patrol", "/my-routes", "/password"),
    "cadre.a": ("/my-routes", "/password"),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("pages") / "station") as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        workspace.accounts.create_user("cadre.a", role="cadre", password=PASSWORD, villages=[1])
        yield workspace


@pytest.fixture
def site(town, serve):
    app = create_app(town)
    app.config["NOW"] = lambda: datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)
    return serve(app)


def log_in(page, site, name, path="/"):
    page.goto(site + path)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_load_state("networkidle")


def expect_choice(page):
    """Let the page note what is chosen on its map next; `page.evaluate("window.chosen")` waits for it."""
    page.evaluate(
        "window.chosen = new Promise((done) => document.addEventListener('townmap:select', (told) => done(told.detail))), 0"
    )


def wait_for_map(page):
    page.wait_for_selector("[data-ready=true]", state="attached")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", sorted(PAGES))
def test_every_page_is_clean_and_nothing_sticks_out(site, open_page, size, role):
    page = open_page(size)
    log_in(page, site, role)
    for path in PAGES[role]:
        page.goto(site + path)
        if path != "/password":
            wait_for_map(page)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path


def test_a_wrong_password_is_said_in_chinese_and_the_name_stays(site, page):
    page.recorder.expect_status(403)
    page.goto(site + "/")
    page.fill("#name", "planner.a")
    page.fill("#password", "not the word")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert "密码" in page.inner_text("[role=alert]")
    assert page.input_value("#name") == "planner.a"
    assert page.evaluate("document.activeElement.id") == "password"


def test_log_out_leads_back_to_the_log_in(site, page):
    log_in(page, site, "planner.a")
    page.click("text=退出")
    page.wait_for_url("**/login")
    page.goto(site + "/gaps")
    assert "/login?next=" in page.url


def test_the_language_switch_keeps_the_page(site, page):
    log_in(page, site, "planner.a", "/gaps?light=night")
    page.click("text=English")
    page.wait_for_selector("h1:has-text('Blind spots')")
    assert page.url.endswith("/gaps?light=night")
    wait_for_map(page)
    assert "Blind by night" in page.text_content(".tm-layers")
    page.click("text=中文")
    page.wait_for_selector("h1:has-text('监控盲区')")
    wait_for_map(page)


def test_a_click_on_a_blind_spot_zooms_the_map_to_it_and_marks_the_row(site, page):
    log_in(page, site, "planner.a", "/gaps")
    wait_for_map(page)
    expect_choice(page)
    page.click("text=石门码头 >> nth=0")
    assert page.evaluate("window.chosen")["layer"] == "gaps_night"
    south, north = page.evaluate("[townMap.map.getBounds().getSouth(), townMap.map.getBounds().getNorth()]")
    # the blind part of the wharf lies from 0.0020 to 0.0015 degrees south of the crossing
    assert south < TOWN["LAT"] - 0.0020 and TOWN["LAT"] - 0.0015 < north < TOWN["LAT"] + 0.001
    assert page.inner_text("tr.chosen").count("石门码头") == 1


def test_a_row_is_reached_and_opened_by_keyboard(site, page):
    log_in(page, site, "planner.a", "/gaps")
    wait_for_map(page)
    expect_choice(page)
    page.focus(".row-button >> nth=0")
    page.keyboard.press("Enter")
    assert page.evaluate("window.chosen")["values"]["target_name"] == "石门小学"


def test_filters_and_sorting_work_without_a_script(site, browser):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    log_in(page, site, "planner.a", "/gaps")
    page.select_option("#filter-light", "night")
    with page.expect_navigation():
        page.click(".filters button")
    assert page.locator("#gap-table tbody tr").count() == 3
    with page.expect_navigation():
        page.click("th a:has-text('大小')")
    assert "石门码头" in page.locator("#gap-table tbody tr").first.inner_text()
    context.close()


def test_the_export_of_the_filtered_list_is_downloaded(site, page, tmp_path):
    log_in(page, site, "planner.a", "/gaps?light=day")
    with page.expect_download() as started:
        page.click("text=导出 Excel")
    path = tmp_path / "gaps.xlsx"
    started.value.save_as(path)
    assert started.value.suggested_filename.startswith("监控盲区-")
    # a download ends the navigation that began it, which Chromium calls a request that was aborted
    page.evaluate("0")
    page.recorder.faults = [one for one in page.recorder.faults if "export.xlsx" not in one]
    sheet = openpyxl.load_workbook(path).worksheets[0]
    names = [
        cell
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell in ("石门小学", "石门路", "河街")
    ]
    assert names == ["石门小学", "石门路"]


def test_another_unit_shows_its_timetable_and_its_route(site, page):
    log_in(page, site, "planner.a", "/patrol")
    wait_for_map(page)
    page.select_option("#unit", label="下河巡逻队 · 步巡")
    page.wait_for_selector("#timetable:has-text('下河巡逻队')")
    wait_for_map(page)
    assert page.evaluate("townMap.count('patrol_routes')") == 1
    assert "19:00" in page.inner_text("table[aria-labelledby=timetable]")


def test_the_plan_prints_on_a4_with_timetable_and_map(site, page, tmp_path):
    log_in(page, site, "planner.a", "/patrol")
    wait_for_map(page)
    page.emulate_media(media="print")
    assert not page.is_visible("nav[aria-label=页面]") and not page.is_visible("#unit-choice")
    assert page.is_visible("table[aria-labelledby=timetable]") and page.is_visible(".town-map")
    sheet = page.pdf(path=tmp_path / "plan.pdf", prefer_css_page_size=True)
    assert b"/MediaBox [0 0 594.95996 841.91998]" in sheet or b"/MediaBox [0 0 595" in sheet


def test_a_cadre_sees_the_next_stop_and_only_the_own_route(site, phone):
    log_in(phone, site, "cadre.a")
    assert phone.url.endswith("/my-routes")
    wait_for_map(phone)
    assert phone.inner_text("#next .place") == "石门小学" and "18:15" in phone.inner_text("#next .when")
    assert phone.evaluate("townMap.count('patrol_routes')") == 1
    assert phone.locator("header nav a").all_inner_texts() == ["我的路线"]
    source = phone.content()
    assert not any(
        word in source for word in ("下河巡逻队", "巡逻一号车", "石门路球机", "gaps", "camera", "盲区")
    )
    asked = {one.split("?")[0].rsplit("/", 1)[1] for one in phone.recorder.requests if "/api/" in one}
    assert asked <= {
        f"{key}.json"
        for key in (
            "patrol_routes",
            "patrol_places",
            "villages",
            "place_names",
            "roads",
            "buildings",
            "obstacles",
            "water",
            "land_cover",
        )
    }


def test_the_next_stop_follows_the_clock_while_the_page_is_open(site, phone):
    phone.clock.install(time=datetime(2026, 5, 4, 12, 0))  # noqa: DTZ001 (the phone's own time)
    log_in(phone, site, "cadre.a")
    phone.clock.set_fixed_time(datetime(2026, 5, 4, 18, 30))  # noqa: DTZ001
    phone.clock.run_for(31_000)
    assert "20:00" in phone.inner_text("#next .when")
    assert phone.locator("#stops li.done").count() == 1


def test_the_plan_is_reached_and_read_by_keyboard_alone(site, page):
    log_in(page, site, "planner.a")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
