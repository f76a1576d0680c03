"""Claims about planned sites and the law report in a browser: the whole way by clicks, links to form and map, a phone without sideways scrolling."""

import datetime as dt
import runpy
from pathlib import Path

import pytest
import shapely

from geo_service import sites
from geo_service.analysis.law import compute_law
from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
NOW = dt.datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - the station's time
SITE = 4


@pytest.fixture
def town(tmp_path):
    with TOWN["build"](tmp_path / "station", results=False) as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        at = shapely.Point(118.78 + 1.5e-4, 32.04 + 3e-4)
        with workspace.store.change(actor="test") as change:
            change.update("camera_sites", 1, {"sign_posted": False})
            change.update("camera_sites", SITE, {"retention_days": 7})
            change.update("buildings", 1, {"use": "residential"})
            change.insert("camera_sites", [{"name": "贴墙", "kind": "fisheye", "mount_height_m": 6.0, "max_range_m": 30.0, "resolution_px_h": 32000, "geometry": at}])  # fmt: skip
        compute_law(workspace.store, actor="test", today=NOW.date())
        yield workspace


@pytest.fixture
def opened(town, serve, open_page):
    def start(size, path):
        app = create_app(town)
        app.config["NOW"] = lambda: NOW
        page = open_page(SIZES[size])
        page.goto(serve(app) + path)
        page.fill("input[name=name]", "planner.a")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button.main")
        page.wait_for_selector("h1:text-is('拟建点位'), h1:text-is('监控合规与运维')")
        return page

    return start


@pytest.mark.parametrize("size", SIZES)
def test_a_site_is_led_from_plan_to_use_by_clicks(town, opened, size):
    page = opened(size, "/sites")
    page.recorder.expect_status(400)  # the mobile number
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.fill("#field-unit", "石门镇人民政府")
    page.fill("#field-phone", "13800138000")
    page.fill("#field-object_at", "石门镇综治中心")
    page.fill("#field-notice_from", "2026-11-10")
    page.fill("#field-notice_until", "2026-11-17")
    page.click("button[value=prepare]")
    page.wait_for_selector(".fault:has-text('手机号属于个人')")
    page.fill("#field-phone", "025-8400 0110")
    page.click("button[value=prepare]")
    page.wait_for_selector(".good:has-text('所选点位已办理')")
    page.click("td a:text-is('拟建枪机')")
    page.wait_for_selector("h1:text-is('拟建枪机')")
    # the place comes from the map: the camera stands on 石门路
    assert page.input_value("#field-place") == "石门路旁"
    page.click("button[value=notify]")
    page.wait_for_selector(".good:has-text('已登记为公示')")
    page.select_option("#field-objection-place", "石门路")
    page.fill("#field-objections", "2")
    page.click("button:text-is('登记异议')")
    page.wait_for_selector(".notice:has-text('处理 2 件异议')")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.select_option("select[name=outcome]", "answered")
    page.click("button:text-is('登记处理')")
    page.wait_for_selector(".notice:has-text('登记异议已处理')")
    page.click("form[action$='/step'] button")
    page.wait_for_selector("[aria-current=step]:has-text('异议已处理')")
    page.click("form[action$='/step'] button")
    page.wait_for_selector("[aria-current=step]:has-text('已建成')")
    assert sites.site_of(town.store, SITE).status == "working"
    page.click("button:text-is('撤销上一次登记')")
    page.wait_for_selector("[aria-current=step]:has-text('异议已处理')")
    assert sites.site_of(town.store, SITE).status == "planned"


@pytest.mark.parametrize("size", SIZES)
def test_a_finding_leads_to_the_form_and_the_place_of_its_camera(town, opened, size):
    page = opened(size, "/cameras/report")
    page.select_option("#filter-group", "planned")
    page.click(".filters button.main")
    page.wait_for_url("**/cameras/report?group=planned**")
    rows = page.locator(".scroll[aria-labelledby=findings] tbody tr")
    assert rows.count() == 1 and "拟建枪机" in rows.inner_text() and "十七条" in rows.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    back = page.url
    page.click(".scroll[aria-labelledby=findings] td.lead a:text-is('拟建枪机')")
    page.wait_for_selector("h1:has-text('拟建枪机')")
    page.goto(back)
    page.click(".scroll[aria-labelledby=findings] a.to-map")
    page.wait_for_selector(".tm-info:has-text('拟建枪机')")
    assert str(page.evaluate("townMap.selected().id")) == str(SITE)


def test_a_mask_is_shown_on_the_map(opened):
    page = opened("desktop", "/cameras/report")
    page.click(".scroll[aria-labelledby=masks] a:text-is('查看')")
    page.wait_for_selector(".tm-info:has-text('贴墙')")
    assert page.evaluate("townMap.selected().layer") == "privacy_masks"
    assert "privacy_masks" in page.evaluate("townMap.visible()")
    page.wait_for_selector(".tm-info:has-text('贴墙')")
