"""The pages of cameras in a browser: drawings appear, the section follows what is asked, nothing runs over the edge."""

import runpy
from pathlib import Path

import pytest

from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
DRAWN = "() => [...document.querySelectorAll('img.drawing')].filter((one) => one.complete && one.naturalWidth > 0).length === 2"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("cameras") / "station") as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        yield workspace


@pytest.mark.parametrize("size", SIZES)
def test_from_the_list_to_a_camera_and_along_another_bearing(town, serve, open_page, size):
    page = open_page(SIZES[size])
    page.goto(serve(create_app(town)) + "/cameras")
    page.fill("input[name=name]", "planner.a")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.main")
    page.wait_for_selector("#cameras")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.click("#cameras a:text-is('河街枪机')")
    page.wait_for_function(DRAWN)
    assert page.inner_text("h1") == "河街枪机"
    page.fill("#bearing", "60")
    page.click("form.filters button.main")
    page.wait_for_url("**bearing=60**")
    page.wait_for_function(DRAWN)
    assert "60.0°" in page.inner_text("#section")
    assert ("width=narrow" in page.evaluate("document.querySelector('img.drawing').currentSrc")) == (
        size == "phone"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
