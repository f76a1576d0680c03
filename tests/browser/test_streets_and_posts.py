"""Required streets, standing posts and breaks in a real browser: entered on forms, planned, shown on the page of the plan."""

import runpy
from pathlib import Path

import pytest
import shapely

from geo_service.analysis.patrol import compute_patrol
from geo_service.duty.choice import choose_day
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BUILDER = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "conftest.py"))["Builder"]
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def town(tmp_path):
    """A ring road with a school and a square, and a pair on foot; nothing is asked of streets yet."""
    with Workspace.create(tmp_path / "station", name="石门镇") as workspace:
        workspace.store.place_town(118.78, 32.04, actor="test")
        drawn = BUILDER(workspace.store)
        corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
        for name, a, b in zip("南东北西", corners, corners[1:] + corners[:1], strict=True):
            drawn.road(a, b, name=f"{name}街")
        drawn.area(shapely.Point(0, 0).buffer(15), name="广场", visit_interval_min=480, dwell_min=10)
        drawn.area(shapely.Point(400, 400).buffer(15), name="小学", category="school", visit_interval_min=480)
        drawn.unit(200, 0, name="甲组", breaks="12:00-12:30")
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        yield workspace


def enter(page, site, path):
    page.goto(site + path)
    page.fill("#name", "planner.a")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.click("button.main")


def plan(town):
    compute_patrol(
        town.store, actor="test", planned=choose_day(town.store, day_type="school_day"), max_iterations=300
    )


def test_a_street_and_a_post_are_entered_planned_and_shown(town, serve, page):
    site = serve(create_app(town))
    roads = town.store.frame("roads")
    row = int(roads.index[roads["name"] == "东街"][0])
    enter(page, site, f"/layers/roads/{row}")
    page.fill("[name=patrol_interval_min]", "240")
    page.select_option("[name=patrol_direction]", label="两个方向各一次")
    with page.expect_navigation():
        page.locator("main form button.main").first.click()
    stored = town.store.frame("roads").loc[row]
    assert (stored["patrol_interval_min"], stored["patrol_direction"]) == (240, "both")
    page.goto(site + "/layers/patrol_rules/new")
    page.fill("[name=name]", "护学岗")
    page.select_option("[name=demand]", label="定点执勤")
    page.select_option("[name=place_kind]", label="学校")
    page.select_option("[name=day_type]", label="上学日")
    page.fill("[name=hours]", "07:00-08:10")
    with page.expect_navigation():
        page.locator("main form button.main").first.click()
    assert town.store.frame("patrol_rules")["demand"].tolist() == ["post"]
    plan(town)
    page.goto(site + "/patrol")
    page.wait_for_selector("#posts-heading")
    words = page.inner_text(".patrol-posts")
    assert "小学" in words and "07:00–08:10" in words and "甲组" in words
    assert page.locator("rect.stay.roads").count() > 0
    assert page.locator("#day-strip rect.break").count() > 0
    assert "东街" in page.inner_text(".patrol-idle")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_beside_streets_and_posts(town, serve, open_page, size):
    with town.store.change(actor="test") as change:
        for row in town.store.frame("roads").index:
            change.update("roads", int(row), {"patrol_interval_min": 240})
        change.insert(
            "patrol_rules",
            [
                {
                    "name": "上下学时段学校门口定点执勤护学岗规则",
                    "demand": "post",
                    "place_kind": "school",
                    "hours": "07:00-08:10,16:30-18:00",
                }
            ],
        )
    plan(town)
    page = open_page(SIZES[size])
    enter(page, serve(create_app(town)), "/patrol")
    page.wait_for_selector("#posts-heading")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.goto(page.url.split("/patrol")[0] + "/patrol/rules")
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
