"""Claims about certainty and camera health in a browser: pages on desktop and phone, and the walk from camera to camera."""

import datetime as dt
import runpy
from pathlib import Path

import pytest

from geo_service.analysis.camera_health import compute_health
from geo_service.analysis.coverage import compute_coverage
from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def town(tmp_path):
    with TOWN["build"](tmp_path / "station", results=False) as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        with workspace.store.change(actor="test") as change:
            for day, state in ((20, "working"), (21, "offline"), (22, "working")):
                at = dt.datetime(2026, 11, day, 8)  # noqa: DTZ001 - the station's time
                change.insert("camera_status_log", [{"camera": 1, "at": at, "state": state}])
        compute_coverage(workspace.store, actor="test", certainty=True)
        compute_health(workspace.store, actor="test", today=dt.date(2026, 11, 23))
        yield workspace


def entered(page, base, path):
    page.goto(base + path)
    page.fill("input[name=name]", "planner.a")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.main")
    page.wait_for_selector("h1")
    page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("size", SIZES)
def test_bands_list_and_chart_fit_the_window(town, serve, open_page, size):
    page = open_page(SIZES[size])
    base = serve(create_app(town))
    entered(page, base, "/coverage/certainty")
    assert page.inner_text("h1") == "覆盖有多大把握"
    assert page.locator("rect.band-sure").count() >= 2
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.goto(base + "/cameras/health")
    page.wait_for_selector("svg.over-time polyline.order")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.emulate_media(media="print")
    assert page.locator("svg.over-time").is_visible()
    assert page.locator("form.filters").first.is_hidden()


def test_on_a_phone_what_was_measured_is_entered_and_the_next_camera_comes(town, serve, open_page):
    page = open_page(SIZES["phone"])
    base = serve(create_app(town))
    entered(page, base, "/coverage/certainty")
    page.click("a:text-is('录入实测值')")
    page.wait_for_selector("form.quick")
    first = page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.fill("input[name=azimuth_deg]", "92")
    page.fill("input[name=tilt_deg]", "11")
    page.fill("input[name=mount_height_m]", "5.6")
    page.click("form.quick button.main")
    page.wait_for_selector("[role=status]:has-text('已保存为现场核实')")
    assert page.inner_text("h1") != first
    frame = town.store.frame("camera_sites")
    row = frame[frame["name"] == first].iloc[0]
    assert (row["azimuth_deg"], row["data_quality"]) == (92, "verified")
    page.click(".done-line button")
    page.wait_for_url("**/changes?*")
    frame = town.store.frame("camera_sites")
    assert frame[frame["name"] == first].iloc[0]["azimuth_deg"] != 92
