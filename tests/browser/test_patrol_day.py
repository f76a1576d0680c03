"""The day of the patrol plan in a real browser: animation, strip, timetable."""

import datetime as dt
import runpy
from pathlib import Path

import pytest
import shapely

from geo_service.analysis.patrol import compute_patrol
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BUILDER = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "conftest.py"))["Builder"]
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A ring road with four places and two units round the clock."""
    with Workspace.create(tmp_path_factory.mktemp("day") / "station", name="石门镇") as workspace:
        workspace.store.place_town(118.78, 32.04, actor="test")
        drawn = BUILDER(workspace.store)
        corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
            drawn.road(a, b)
        for i, (x, y) in enumerate(corners):
            drawn.area(shapely.Point(x, y).buffer(15), name=f"广场{i}", visit_interval_min=360, dwell_min=10)
        drawn.unit(200, 0, name="甲组")
        drawn.unit(200, 400, name="乙组")
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        compute_patrol(workspace.store, actor="test", max_iterations=300, time_limit_s=20)
        yield workspace


@pytest.fixture
def site(town, serve):
    app = create_app(town)
    app.config["NOW"] = lambda: dt.datetime(2026, 5, 4, 12, 2)  # noqa: DTZ001 (the time of day at the station)
    return serve(app)


def enter(page, site, path="/patrol"):
    page.goto(site + path)
    page.fill("#name", "planner.a")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.click("button.main")
    page.wait_for_selector("#day-clock[data-ready]")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out(site, open_page, size):
    page = open_page(SIZES[size])
    enter(page, site)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def test_keys_move_the_time_and_the_cursor_with_it(site, page):
    enter(page, site)
    page.focus("#day-minute")
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#day-output") == "01:01"
    assert float(page.get_attribute("#day-cursor", "x1")) == pytest.approx(124 + 61 / 60 * 36, abs=0.01)


def test_a_unit_stands_at_its_place_while_its_stop_lasts(site, page, town):
    enter(page, site)
    visit = town.store.latest_result("patrol").frame("visits").iloc[1]
    where = page.evaluate(
        """([key, at]) => {
          const slider = document.getElementById("day-minute");
          slider.value = at; slider.dispatchEvent(new Event("input"));
          return townMap.patrolDay.where(key);
        }""",
        [visit["unit"], int((visit["arrive_s"] + visit["depart_s"]) / 120)],
    )
    places = town.store.latest_result("patrol").frame("places").set_index("place").to_crs(4326)
    assert places.geometry[visit["place"]].distance(shapely.Point(where[0] / 1e6, where[1] / 1e6)) < 2e-4


def test_the_day_runs_and_stops(site, page):
    enter(page, site)
    before = page.inner_text("#day-output")
    page.click("#day-play")
    page.wait_for_function(
        "before => document.getElementById('day-output').textContent !== before", arg=before
    )
    page.click("#day-play")
    assert page.inner_text("#day-play") == "播放"


def test_who_wants_no_motion_gets_the_next_picture(site, open_page):
    page = open_page(reduced_motion="reduce")
    enter(page, site)
    page.evaluate("s => { const e = document.getElementById('day-minute'); e.value = s; e.dispatchEvent(new Event('input')); }", 125)  # fmt: skip
    page.click("#day-play")
    assert page.inner_text("#day-output") == "02:10"
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.inner_text("#day-output") == "02:10"


def test_a_block_chooses_its_stop_in_timetable_and_on_the_map(site, page):
    enter(page, site)
    page.evaluate("window.chosen = new Promise((done) => document.addEventListener('townmap:select', (told) => done(told.detail))), 0")  # fmt: skip
    unit = page.input_value("#unit")
    block = f'#day-strip a[data-unit="{unit}"]'
    page.focus(f'{block}[data-stop="1"]')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.get_attribute("tr.chosen", "id") == "stop-2"
    told = page.evaluate("window.chosen")
    assert (told["layer"], told["id"]) == ("patrol_places", page.get_attribute(f'{block}[data-stop="2"]', "data-place"))  # fmt: skip
    assert page.locator("#day-strip a[tabindex='0']").count() == 1


def test_a_block_of_another_unit_brings_its_timetable(site, page):
    enter(page, site)
    unit = page.input_value("#unit")
    other = page.locator(f'#day-strip a:not([data-unit="{unit}"])').first
    key = other.get_attribute("data-unit")
    other.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("tr.chosen#stop-1")
    assert page.input_value("#unit") == key


def test_printed_the_strip_stands_without_buttons(site, page):
    enter(page, site)
    page.emulate_media(media="print")
    assert page.locator("#day-strip").is_visible() and page.locator("#day-clock").is_hidden()
