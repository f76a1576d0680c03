"""Claims about the page on law and upkeep in a browser, on a desktop and on a phone."""

import datetime as dt
import runpy
from pathlib import Path

import pytest

from geo_service.analysis.camera_health import compute_health
from geo_service.analysis.law import compute_law
from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("pages") / "station", results=False) as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        with workspace.store.change(actor="test") as change:
            change.update("camera_sites", 1, {"sign_posted": False})
            change.update("buildings", 1, {"use": "residential"})
        compute_law(workspace.store, actor="test", today=dt.date(2026, 11, 23))
        compute_health(workspace.store, actor="test", today=dt.date(2026, 11, 23))
        yield workspace


@pytest.mark.parametrize("size", SIZES)
def test_the_parts_are_reached_and_nothing_runs_over_the_edge(town, serve, open_page, size):
    page = open_page(SIZES[size])
    page.goto(serve(create_app(town)) + "/cameras/report")
    page.fill("input[name=name]", "planner.a")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.main")
    page.wait_for_load_state("networkidle")
    assert page.inner_text("h1") == "监控合规与运维"
    assert page.get_attribute("nav [aria-current=page]", "href") == "/cameras/report"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    for words, part in (("合规", "law"), ("私域", "private"), ("完好率与报修", "upkeep")):
        page.click(f".report-ways a:text-is('{words}')")
        assert page.evaluate("location.hash") == f"#{part}"
        assert page.locator(f"#{part}").is_visible()
    assert "码头枪机" in page.locator("section:has(#upkeep)").inner_text()
    assert page.get_attribute("a:text-is('导出 Excel')", "href") == "/cameras/report/export.xlsx"
    page.emulate_media(media="print")
    assert page.locator(".report-ways").is_hidden()
    assert page.locator("#findings").is_visible()
