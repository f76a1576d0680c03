"""Response times in a real browser, on a desktop and on a phone."""

import datetime as dt
import runpy
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from playwright.sync_api import expect

from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
# as in response.css: within the first limit, and later or never
SOON, NEVER = (0x1B, 0x4F, 0x78), (0x8C, 0x1D, 0x40)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("response") / "station") as workspace:
        for role in ("planner", "inspector"):
            workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD)
        save(workspace.store)
        yield workspace


def save(store):
    """A hand-made result: all roads within the first limit at 00:00, beyond the last at 03:00; one spot for a post."""
    crs = store.town.epsg
    areas = store.frame("key_areas")
    roads = shapely.MultiLineString(list(store.frame("roads").geometry))
    nothing = shapely.MultiLineString()
    hours = pd.DataFrame(
        [{"hour": one, "responders": 1, "share_1": 0.25, "share_2": 0.5, "share_3": 1.0, "longest_s": 290.0} for one in range(24)]
    )  # fmt: skip
    places = gpd.GeoDataFrame(
        {
            "place": [f"key_areas/{one}" for one in areas.index[::-1]], "name": ["石门码头", "石门小学"], "kind": "key_areas",
            "priority": ["2", "1"], "mean_s": [np.inf, 75.0], "worst_s": [np.inf, 290.0], "worst_at_s": [0.0, 7200.0],
            "reached_share": [0.0, 1.0], "share_1": [0.0, 0.5], "share_2": [0.0, 0.9], "share_3": [0.0, 1.0],
        },
        geometry=areas.geometry.representative_point().to_list()[::-1], crs=crs,
    )  # fmt: skip
    bands = gpd.GeoDataFrame(
        [
            {"at_s": 10_800.0 * i, "limit_s": limit, "length_m": 1.0, "geometry": roads if band == (0 if i == 0 else 3) else nothing}
            for i in range(8)
            for band, limit in enumerate((60.0, 180.0, 300.0, np.inf))
        ],
        geometry="geometry", crs=crs,
    )  # fmt: skip
    posts = gpd.GeoDataFrame(
        {"rank": [1], "road": ["石门路"], "places": [1], "saved_s": [100.0], "longest_s": [200.0]},
        geometry=[areas.geometry.iloc[0].centroid], crs=crs,
    )  # fmt: skip
    summary = {
        "limits_s": [60.0, 180.0, 300.0], "stations": 1, "shifts": 3, "plan": store.latest_result("patrol").id,
        "plan_is_stale": False, "places": 2, "places_priority_1": 1, "unreachable_places": 1, "unreached_share": 0.5,
        "shares": [0.25, 0.5, 0.5], "shares_priority_1": [0.5, 0.9, 1.0], "longest_s": 290.0, "longest_at_s": 7200.0,
        "longest_place": "key_areas/1", "longest_name": "石门小学",
    }  # fmt: skip
    store.save_result(
        "response",
        actor="test",
        options={"limits_min": [1.0, 3.0, 5.0], "stations": True, "every_s": 600},
        summary=summary,
        frames={"hours": hours, "places": places, "roads": bands, "posts": posts},
    )


@pytest.fixture
def site(town, serve):
    app = create_app(town)
    app.config["NOW"] = lambda: dt.datetime(2026, 5, 4, 1, 30)  # noqa: DTZ001 (the time of day at the station)
    return serve(app)


def enter(page, site, role="planner"):
    page.goto(site + "/patrol/response")
    page.fill("#name", f"{role}.a")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_selector("#reach-slider[data-shown]")
    page.evaluate("window.townMap.ready.then(() => true)")


def painted(page, colour):
    """How many pixels of the canvas have about a colour: lines are drawn a little transparent, on nothing."""
    return page.evaluate(
        """async (wanted) => {
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const canvas = townMap.map.getPane("response").querySelector("canvas");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let n = 0;
          for (let i = 0; i < data.length; i += 4) {
            const away = Math.abs(data[i] - wanted[0]) + Math.abs(data[i + 1] - wanted[1]) + Math.abs(data[i + 2] - wanted[2]);
            if (data[i + 3] > 200 && away < 8) { n += 1; }
          }
          return n;
        }""",
        list(colour),
    )


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_and_the_page_stays_below_patrols(site, open_page, size):
    page = open_page(SIZES[size])
    enter(page, site, "inspector")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert page.inner_text("nav a[aria-current]") == "巡逻"
    assert page.locator("form.compute").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_the_map_shows_the_roads_of_the_chosen_moment(site, open_page, size):
    """Opened at 1:30 it shows 00:00, at which all roads are reached soon; at 03:00 none is."""
    page = open_page(SIZES[size])
    enter(page, site)
    assert page.input_value("#reach-moment") == "0"
    assert painted(page, SOON) > 100
    assert painted(page, NEVER) == 0
    page.select_option("#reach-moment", "10800")
    page.wait_for_selector('#reach-slider[data-shown="10800"]')
    assert painted(page, SOON) == 0
    assert painted(page, NEVER) > 30


def test_the_moment_is_chosen_by_keyboard(site, page):
    enter(page, site)
    page.focus("#reach-moment")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector('#reach-slider[data-shown="10800"]')


def test_the_columns_stand_in_proportion(site, page):
    """A quarter within the first limit, as much again within the second, the rest within the third."""
    enter(page, site)
    first = page.locator(".reach-columns g").first
    heights = [first.locator(f".reach-{band}").bounding_box()["height"] for band in (1, 2, 3)]
    assert heights[1] == pytest.approx(heights[0], rel=0.02)
    assert heights[2] == pytest.approx(2 * heights[0], rel=0.02)
    assert page.locator(".reach-columns g").count() == 24


def test_spots_and_places_are_found_on_the_map(site, page):
    enter(page, site)
    page.focus("#posts-table .row-button")
    page.keyboard.press("Enter")
    expect(page.locator("#posts-table tr.chosen")).to_have_count(1)
    centre = page.evaluate("(() => { const c = townMap.map.getCenter(); return [c.lng, c.lat]; })()")
    row = page.locator("#posts-table tr.chosen")
    assert centre == pytest.approx(
        [float(row.get_attribute("data-lon")), float(row.get_attribute("data-lat"))], abs=1e-4
    )
    page.evaluate(
        "window.chosen = new Promise((done) => document.addEventListener('townmap:select', (told) => done(told.detail))), 0"
    )
    page.focus("#response-table .row-button >> nth=1")
    page.keyboard.press("Enter")
    assert page.evaluate("window.chosen")["layer"] == "key_areas"
    assert "石门小学" in page.inner_text("#response-table tr.chosen")
    assert page.locator("#posts-table tr.chosen").count() == 0


def test_roads_that_cannot_be_fetched_are_told(site, page):
    enter(page, site)
    page.recorder.expect_status(503)
    page.route("**/roads.json*", lambda route: route.fulfill(status=503, body=""))
    page.select_option("#reach-moment", "21600")
    expect(page.locator("#reach-told")).to_have_text("道路数据没有取到，请重试。")


def test_printed_it_has_columns_without_map_and_buttons(site, page):
    enter(page, site)
    page.emulate_media(media="print")
    assert page.locator(".stage").is_hidden()
    assert page.locator("#reach-slider").is_hidden()
    assert page.locator(".reach-columns").is_visible()
    assert page.locator("#response-table").is_visible()
