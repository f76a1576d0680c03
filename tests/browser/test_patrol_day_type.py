"""Asking for a plan by day in a real browser: the date proposes, the planner decides."""

import datetime as dt
import runpy
from pathlib import Path

import pytest
from playwright.sync_api import expect

from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def site(tmp_path, serve):
    with TOWN["build"](tmp_path / "station") as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        with workspace.store.change(actor="test") as change:
            change.insert("day_rules", [{"name": "大集", "day_type": "market_day", "rule": "lunar_ending", "days": "二五八"}])  # fmt: skip
        app = create_app(workspace)
        app.config.update(NOW=lambda: dt.datetime(2026, 11, 30, 12, 0))  # noqa: DTZ001 (the time at the station)
        yield serve(app)


def _enter(page, site):
    page.goto(f"{site}/login")
    page.fill("input[name=name]", "planner.a")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")


@pytest.mark.parametrize("size", SIZES)
def test_a_date_proposes_its_day_type_and_says_why(site, open_page, size, settled):
    """2026-12-03 is the lunar 25th, a market day; 2026-12-05 a Saturday."""
    page = open_page(SIZES[size])
    _enter(page, site)
    page.goto(f"{site}/patrol")
    settled(page)
    form = page.locator("#patrol-form")
    page.evaluate("(form => { const box = form.closest('details'); if (box) { box.open = true; } })(document.getElementById('patrol-form'))")  # fmt: skip
    expect(form.locator("#plan-date")).to_have_value("2026-12-01")
    expect(form.locator("#plan-day-type")).to_have_value("school_day")
    for date, day_type, words in (
        ("2026-12-03", "market_day", "农历十月廿五"),
        ("2026-12-05", "day_off", "周末"),
    ):
        form.locator("#plan-date").fill(date)
        form.locator("#plan-date").dispatch_event("change")
        expect(form.locator("#plan-day-reason")).to_contain_text(words)
        expect(form.locator("#plan-day-type")).to_have_value(day_type)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_of_intervals_keeps_its_margins_and_sticks_out_nowhere(site, open_page, size, settled):
    page = open_page(SIZES[size])
    _enter(page, site)
    page.goto(f"{site}/patrol/rules?date=2026-12-03")
    settled(page)
    expect(page.locator("h1")).to_have_text("分区分时巡逻间隔")
    assert page.locator("h1").bounding_box()["x"] >= 8
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    expect(page.get_by_role("link", name="日子规则")).to_be_visible()
