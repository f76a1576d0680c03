"""A patrol plan changed by hand in a real browser: by form, by dragging, stored and taken back."""

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
JUDGED = "#change-verdict.stale, #change-verdict.good, #change-verdict.fault"


@pytest.fixture
def town(tmp_path):
    """A ring road with four places and two units round the clock."""
    with Workspace.create(tmp_path / "station", name="石门镇") as workspace:
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
        compute_patrol(workspace.store, actor="test", max_iterations=60, time_limit_s=20)
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
def test_a_stop_left_out_is_judged_confirmed_stored_and_brought_back(site, open_page, town, size):
    page = open_page(SIZES[size])
    before = town.store.latest_result("patrol")
    enter(page, site, "/patrol?stop=1")
    for _ in range(2):
        page.select_option("#change-what", "leave")
        page.click("#change-form button.main")
        page.wait_for_selector(JUDGED)
        page.select_option("#change-stop", index=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    if page.locator("#change-consent-box").is_visible():
        assert page.is_disabled("#change-save")
        page.check("#change-consent")
    page.wait_for_selector("#change-save:not([disabled])")
    with page.expect_navigation():
        page.click("#change-save")
    page.wait_for_selector("form[action='/patrol/back']")
    latest = town.store.latest_result("patrol")
    assert latest.id != before.id and len(latest.frame("visits")) < len(before.frame("visits"))
    with page.expect_navigation():
        page.click("form[action='/patrol/back'] button")
    page.wait_for_selector("#day-clock[data-ready]")
    assert page.locator("form[action='/patrol/back']").count() == 0
    assert len(town.store.latest_result("patrol").frame("visits")) == len(before.frame("visits"))


def test_a_block_dragged_to_the_other_row_is_moved_to_that_unit(site, page, town):
    enter(page, site)
    page.evaluate("document.getElementById('day-strip').scrollIntoView({block: 'center'})")
    rows = page.locator("#day-strip .day-row")
    source = 0 if rows.nth(0).locator("a[data-stop]").count() else 1
    block = rows.nth(source).locator("a[data-stop] .stay").first.bounding_box()
    goal = rows.nth(1 - source).locator(".shift").first.bounding_box()
    x, y = block["x"] + block["width"] / 2, block["y"] + block["height"] / 2
    address = page.url
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, goal["y"] + goal["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_selector(JUDGED)
    assert page.url == address
    other = ["甲组", "乙组"][1 - source]
    assert f"→ {other}" in page.inner_text("#change-list")
    assert town.store.latest_result("patrol").options.get("changed_from") is None
    page.click("#change-undo")
    assert page.inner_text("#change-list") == "" and page.is_disabled("#change-save")


def test_a_change_that_cannot_be_is_refused_in_words(site, page):
    page.recorder.expect_status(422)
    enter(page, site)
    page.evaluate("document.getElementById('change-box').open = true")
    page.evaluate("document.querySelector('#change-shift option').value = 'nowhere'")
    page.select_option("#change-what", "add")
    page.select_option("#change-shift", "nowhere")
    page.fill("#change-time", "08:00")
    page.click("#change-form button.main")
    page.wait_for_selector("#change-verdict.fault")
    assert "没有班次" in page.inner_text("#change-verdict")
    assert page.is_disabled("#change-save")
