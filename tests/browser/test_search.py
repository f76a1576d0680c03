"""Claims about the search of the frame and the weight of pages, in a browser."""

import re
import runpy
from datetime import datetime
from pathlib import Path

import pytest

from geo_service.demo import prepare_demo
from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("pages") / "station") as workspace:
        for role in ("planner", "cadre"):
            villages = [1] if role == "cadre" else []
            workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, villages=villages)
        yield workspace


@pytest.fixture
def site(town, serve):
    app = create_app(town)
    app.config["NOW"] = lambda: datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)
    return serve(app)


def log_in(page, site, name, path="/"):
    page.goto(site + path)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.main")
    page.wait_for_load_state("networkidle")


def settled(page):
    page.evaluate("window.townMap ? window.townMap.ready.then(() => true) : true")


def options(page):
    page.locator("#search-list [role=option]").first.wait_for()
    return page.locator("#search-list [role=option]").all_inner_texts()


def test_the_search_is_used_by_keyboard_and_takes_the_map_there(page, site):
    """After the combobox pattern of ARIA: arrows choose, Enter goes, Esc closes; the slash leads to the field."""
    log_in(page, site, "planner.a")
    settled(page)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-field"
    page.keyboard.type("石门")
    found = options(page)
    assert any("石门小学" in one for one in found)
    assert any("石门路球机" in one for one in found)
    field = page.locator("#search-field")
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-controls") == page.locator("[role=listbox]").get_attribute("id")
    page.keyboard.press("ArrowDown")
    chosen = field.get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    assert page.locator("#search-list").is_hidden()
    assert field.get_attribute("aria-expanded") == "false"
    page.fill("#search-field", "石门码头")
    options(page)
    page.keyboard.press("Enter")
    page.locator(".tm-info").wait_for()
    assert "石门码头" in page.inner_text(".tm-info")
    assert page.evaluate("townMap.selected()") == {"layer": "key_areas", "id": 2}
    centre = page.evaluate("[townMap.map.getCenter().lng, townMap.map.getCenter().lat]")
    # the wharf is the box of 6 by 6 steps of 0.0001 degrees at (-20, -20) from the middle of the town
    assert centre == pytest.approx([118.78 - 17e-4, 32.04 - 17e-4], abs=2e-4)


def test_from_another_page_the_search_opens_the_map_at_the_place(page, site):
    log_in(page, site, "planner.a")
    page.goto(site + "/layers")
    page.fill("#search-field", "河街枪机")
    options(page)
    page.click("#search-list [role=option]")
    page.wait_for_url(re.compile("/#map="))
    settled(page)
    assert page.evaluate("townMap.selected().layer") == "camera_sites"
    assert "河街枪机" in page.inner_text(".tm-info")


def test_a_search_without_an_answer_says_so(page, site):
    log_in(page, site, "planner.a")
    page.fill("#search-field", "没有这个地方")
    page.locator("#search-list .search-none").wait_for()
    assert page.inner_text("#search-said") == page.inner_text(".search-none") != ""


def test_a_cadre_finds_streets_on_the_phone_and_no_camera(phone, site):
    log_in(phone, site, "cadre.a", "/my-routes")
    phone.fill("#search-field", "石门路")
    assert [one.strip() for one in options(phone)] == ["石门路"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert "球机" not in phone.inner_text("body")


def test_the_language_switch_keeps_page_and_view(page, site):
    log_in(page, site, "planner.a")
    page.goto(site + "/gaps?priority=1#map=16/32.0401/118.7805&layers=roads,gaps_day")
    settled(page)
    page.click("button[lang=en]")
    page.wait_for_load_state("networkidle")
    settled(page)
    assert re.search(r"/gaps\?priority=1#map=16/32\.0401", page.url)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("townMap.map.getZoom()") == 16


def test_the_navigation_needs_no_sideways_scrolling_on_a_phone(phone, site):
    log_in(phone, site, "planner.a")
    for language in ("zh", "en"):
        assert phone.evaluate(
            """() => { const nav = document.querySelector('.bar nav');
            return nav.scrollWidth <= nav.clientWidth && document.documentElement.scrollWidth <= 390
              && Array.from(nav.querySelectorAll('a')).every((one) => one.getBoundingClientRect().right <= 390); }"""
        )
        if language == "zh":
            phone.click("button[lang=en]")
            phone.wait_for_load_state("networkidle")


MOST_BYTES = 600_000


@pytest.mark.slow
def test_a_page_of_the_sample_town_weighs_less_than_600_kilobytes(tmp_path, open_page, serve):
    """All that a browser takes for each page the first time, as it comes over the line: markup, scripts, styles, map data."""
    made, _ = prepare_demo(tmp_path / "demo")
    weights = {}
    with made as workspace:
        workspace.accounts.create_user("weigher", role="admin", password=PASSWORD)
        site = serve(create_app(workspace))
        for path in ("/", "/gaps", "/patrol", "/layers", "/layers/buildings", "/admin", "/search?q=云"):
            page = open_page()
            log_in(page, site, "weigher", "/password")
            wire = page.context.new_cdp_session(page)
            wire.send("Network.enable")
            wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
            sizes = []
            wire.on(
                "Network.loadingFinished", lambda one, sizes=sizes: sizes.append(one["encodedDataLength"])
            )
            page.goto(site + path)
            settled(page)
            page.wait_for_load_state("networkidle")
            weights[path] = sum(sizes)
            page.close()
    print(weights)
    assert max(weights.values()) < MOST_BYTES, weights
