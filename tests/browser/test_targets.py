"""Claims about targets, goals and cures in a browser, on a desktop and on a phone."""

import runpy
from pathlib import Path

import pytest
import shapely

from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LON, LAT = 118.78, 32.04


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The small town; far from its cameras a square that one camera out of order sees."""
    with TOWN["build"](tmp_path_factory.mktemp("pages") / "station", results=False) as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        with workspace.store.change(actor="test") as change:
            change.insert(
                "camera_sites",
                [
                    {
                        "name": "石门路03",
                        "kind": "fisheye",
                        "status": "faulty",
                        "mount_height_m": 6.0,
                        "hfov_deg": 360.0,
                        "resolution_px_h": 32000,
                        "max_range_m": 40.0,
                        "geometry": shapely.Point(LON + 0.02, LAT),
                    }
                ],
            )
            change.insert(
                "roads",
                [
                    {
                        "name": "修路",
                        "highway": "residential",
                        "geometry": shapely.LineString([(LON + 0.0198, LAT), (LON + 0.0202, LAT)]),
                    }
                ],
            )
        compute_coverage(workspace.store, actor="test")
        compute_gaps(workspace.store, actor="test")
        yield workspace


def opened(town, serve, open_page, size, path):
    page = open_page(SIZES[size])
    page.goto(serve(create_app(town)) + path)
    page.fill("input[name=name]", "planner.a")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.main")
    page.wait_for_selector("h1")
    return page


@pytest.mark.parametrize("size", SIZES)
def test_goals_and_figures_are_reached_and_nothing_runs_over_the_edge(town, serve, open_page, size):
    page = opened(town, serve, open_page, size, "/targets")
    page.wait_for_selector("#goals")
    assert page.inner_text("h1") == "覆盖与达标"
    assert page.get_attribute("nav [aria-current=page]", "href") == "/gaps"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    for words, part in (("出入口", "entrances"), ("公共道路", "roads"), ("关键点位", "critical")):
        page.click(f".report-ways a:text-is('{words}')")
        assert page.evaluate("location.hash") == f"#{part}"
        assert page.locator(f"#{part}").is_visible()
    goals = page.locator("section:has(#goals)").inner_text()
    assert "监控完好" in goals and "未达标" in goals
    assert page.get_attribute("a:text-is('导出 PDF 报告')", "href") == "/targets/report.pdf"
    page.emulate_media(media="print")
    assert page.locator(".report-ways").is_hidden()


def test_a_blind_piece_names_its_cure_in_the_list_and_on_the_map(town, serve, open_page):
    page = opened(town, serve, open_page, "desktop", "/gaps?cure=repair")
    page.wait_for_selector("#gap-table")
    assert "修好石门路03" in page.inner_text("#gap-table")
    assert "需要增设一台" not in page.inner_text("#gap-table")
    assert page.input_value("select[name=cure]") == "repair"
    page.wait_for_selector("[data-ready=true]", state="attached")
    row = page.locator("#gap-table tbody tr").first
    row.locator("button.row-button").click()
    page.wait_for_function("window.townMap.selected() !== null")
    page.wait_for_function("document.querySelector('.stage').innerText.includes('修好石门路03')")


@pytest.mark.parametrize("size", SIZES)
def test_shares_of_time_of_presets_stand_beside_the_shares_of_places(tmp_path, serve, open_page, size):
    """20 s to the north, 40 s to the south: the squares there are seen whole, and watched a third and two thirds of the time."""
    with TOWN["build"](tmp_path / "station", results=False) as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        x, y = LON + 0.02, LAT
        area = {
            "category": "square",
            "reason": "人流集中",
            "approver": "镇派出所",
            "review_date": "2027-01-01",
            "required_class": "monitor",
        }
        with workspace.store.change(actor="test") as change:
            change.insert(
                "key_areas",
                [
                    {
                        "name": name,
                        "geometry": shapely.box(x - 2e-5, y + at - 2e-5, x + 2e-5, y + at + 2e-5),
                        **area,
                    }
                    for name, at in (("北场", 1.5e-4), ("南场", -1.5e-4))
                ],
            )
            (camera,) = change.insert(
                "camera_sites",
                [
                    {
                        "name": "广场球机",
                        "kind": "ptz",
                        "mount_height_m": 6.0,
                        "tilt_deg": 10.0,
                        "hfov_deg": 60.0,
                        "max_range_m": 30.0,
                        "status": "working",
                        "geometry": shapely.Point(x, y),
                    }
                ],
            )
            change.insert(
                "camera_views",
                [
                    {"camera": camera, "name": "北门", "azimuth_deg": 0.0, "dwell_s": 20.0},
                    {"camera": camera, "name": "南门", "azimuth_deg": 180.0, "dwell_s": 40.0},
                ],
            )
        compute_coverage(workspace.store, actor="test")
        page = opened(workspace, serve, open_page, size, "/targets")
        page.wait_for_selector("#turning")
        heads = page.locator("section:has(#places) th").all_inner_texts()
        day = heads.index("白天同一时刻覆盖")
        for name, share in (("北场", "33.3%"), ("南场", "66.7%")):
            cells = page.locator(f"section:has(#places) tr:has(td:text-is('{name}')) td").all_inner_texts()
            assert (cells[heads.index("白天覆盖")], cells[day]) == ("100%", share)
        assert "北门 33% · 南门 67%" in page.inner_text("section:has(#turning)")
        assert "没有预置位" in page.inner_text("section:has(#turning)")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
        page.locator("section:has(#places)").screenshot(path=tmp_path / f"{size}-places.png")
        page.locator("section:has(#turning)").screenshot(path=tmp_path / f"{size}-turning.png")
