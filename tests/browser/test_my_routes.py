"""My routes on a phone: the own position only on a button and for this page alone; the card is a picture to keep."""

import runpy
from pathlib import Path

import pytest

from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PHONE = {"width": 390, "height": 844}
HERE = {"latitude": TOWN["LAT"] + 5e-4, "longitude": TOWN["LON"]}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("my-routes") / "station") as workspace:
        workspace.accounts.create_user("cadre.a", role="cadre", password=TOWN["PASSWORD"], villages=[1])
        yield workspace


def start(page, site):
    page.goto(site + "/my-routes")
    page.fill("input[name=name]", "cadre.a")
    page.fill("input[name=password]", TOWN["PASSWORD"])
    page.click("main button.main")
    page.wait_for_selector("[data-ready=true]")
    page.wait_for_selector("#locate button")


def test_the_own_position_is_shown_on_a_button_and_sent_nowhere(town, serve, open_page, tmp_path):
    page = open_page(PHONE, geolocation=HERE, permissions=["geolocation"])
    start(page, serve(create_app(town)))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.screenshot(path=tmp_path / "my-routes.png", full_page=True)
    rings = "document.querySelectorAll('.leaflet-overlay-pane path').length"
    before, asked = page.evaluate(rings), len(page.recorder.requests)
    page.click("#locate button")
    page.wait_for_selector("#locate [role=status]:text('只留在本手机上')")
    page.wait_for_selector("#locate button[aria-pressed=true]")
    page.wait_for_selector("#locate [role=status]:text('圆圈')")
    sent = page.recorder.requests[asked:]
    assert not [one for one in sent if str(HERE["latitude"]) in one or "lat" in one.rpartition("?")[2]]
    page.screenshot(path=tmp_path / "here.png", full_page=True)
    page.click("#locate button")
    page.wait_for_selector("#locate [role=status]:text('已不再显示位置')")
    assert page.evaluate(rings) == before


def test_a_refused_position_is_told_and_the_page_goes_on(town, serve, open_page):
    page = open_page(PHONE)
    start(page, serve(create_app(town)))
    page.click("#locate button")
    page.wait_for_selector("#locate [role=status]:text('没有给出位置')")
    assert page.inner_text("#locate button") == "显示我的位置"


def test_the_card_is_kept_as_a_picture(town, serve, open_page, tmp_path):
    page = open_page(PHONE)
    start(page, serve(create_app(town)))
    with page.expect_download() as waiting:
        page.click("#take-along a.button")
    waiting.value.save_as(tmp_path / "card.png")
    assert waiting.value.suggested_filename == "路线卡.png"
    assert (tmp_path / "card.png").read_bytes()[:4] == b"\x89PNG"
