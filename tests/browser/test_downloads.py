"""The page of downloads fits: every format can be reached, also on a phone."""

import runpy
from pathlib import Path

import pytest

from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("pages") / "station") as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        yield workspace


@pytest.mark.parametrize("size", SIZES)
def test_no_format_lies_beyond_an_edge(town, serve, open_page, size):
    page = open_page(SIZES[size])
    page.goto(serve(create_app(town)) + "/downloads")
    page.fill("input[name=name]", "planner.a")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main button.main")
    page.wait_for_selector("td.files a")
    wide = SIZES[size]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    over = page.evaluate(
        "Array.from(document.querySelectorAll('.scroll')).filter((one) => one.scrollWidth > one.clientWidth).length"
    )
    assert over == 0, "tables that must be pushed aside"
    edges = page.evaluate(
        "Array.from(document.querySelectorAll('main .files a, main .all-files a')).map((one) => one.getBoundingClientRect().right)"
    )
    assert len(edges) > 10 and max(edges) <= wide
