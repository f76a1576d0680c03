"""The clock and the varied days in a real browser, on a desktop and on a phone."""

import datetime as dt
import runpy
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import expect

from geo_service import jobs
from geo_service.analysis.clock import compute_clock
from geo_service.publications import published
from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
HOUR = 3600.0


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("clock") / "station") as workspace:
        for role in ("planner", "inspector"):
            workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD)
        save_clock(workspace.store)
        save_days(workspace.store)
        yield workspace


def save_clock(store):
    """The school: watched 6–18, patrolled 18–20, else unwatched (10 h); the wharf: open 8–12 and patrolled throughout."""
    areas = [f"key_areas/{one}" for one in store.frame("key_areas").index]
    places = pd.DataFrame(
        [
            (areas[0], "石门小学", "key_areas", "1", 1440.0, 720.0, 120.0, 600.0, 360.0),
            (areas[1], "石门码头", "key_areas", "2", 240.0, 0.0, 240.0, 0.0, 0.0),
        ],
        columns=["place", "name", "kind", "priority", "open_min", "watched_min", "patrolled_min", "unwatched_min", "longest_unwatched_min"],
    )  # fmt: skip
    strips = pd.DataFrame(
        [
            (areas[0], 0.0, 6 * HOUR, "unwatched"),
            (areas[0], 6 * HOUR, 18 * HOUR, "watched"),
            (areas[0], 18 * HOUR, 20 * HOUR, "patrolled"),
            (areas[0], 20 * HOUR, 24 * HOUR, "unwatched"),
            (areas[1], 8 * HOUR, 12 * HOUR, "patrolled"),
        ],
        columns=["place", "start_s", "end_s", "state"],
    )
    plan = store.latest_result("patrol")
    summary = {
        "places": 2, "open_min": 1680.0, "watched_min": 720.0, "patrolled_min": 360.0, "unwatched_min": 600.0,
        "never_unwatched": 1, "longest_unwatched_min": 360.0, "sunrise_s": 21_600.0, "sunset_s": 64_800.0, "plan": plan.id,
    }  # fmt: skip
    store.save_result(
        "clock",
        actor="test",
        options={"date": "2026-05-04", "required_share": 0.95, "utc_offset_h": 8.0},
        summary=summary,
        frames={"places": places, "strips": strips},
    )


def save_days(store):
    """Two days that are the stored plan twice; the figures of the windows are made up."""
    plan = store.latest_result("patrol")
    daily = {
        name: pd.concat(
            [plan.frame(name).assign(day=number) for number in (1, 2)], ignore_index=True
        )
        for name in ("visits", "routes", "breaches", "units")
    }  # fmt: skip
    places = plan.frame("places").assign(
        before_window_start_s=3600.0, before_window_s=25_200.0, before_window_chance=1.0, visits=[4, 6],
        time_entropy=2.0, return_entropy=1.0, window_start_s=7200.0, window_s=[10_800.0, 14_400.0],
        window_chance=[0.5, 0.25], after_visit_s=600.0,
    )  # fmt: skip
    assert isinstance(places, gpd.GeoDataFrame)
    summary = {
        "days": 2, "days_with_breaches": 0, "longest_window_before_s": 25_200.0, "longest_window_s": 14_400.0,
        "mean_time_entropy": 2.0, "greatest_time_entropy": 4.28, "mean_return_entropy": None,
        "mean_time_entropy_before": 1.0, "mean_return_entropy_before": 0.5,
    }  # fmt: skip
    store.save_result(
        "patrol_days",
        actor="test",
        options={"days": 2},
        summary=summary,
        frames={**daily, "places": places, "unreachable": plan.frame("unreachable")},
    )


@pytest.fixture
def site(town, serve):
    app = create_app(town)
    app.config["NOW"] = lambda: dt.datetime(2026, 5, 4, 12, 2)  # noqa: DTZ001 (the time of day at the station)
    return serve(app)


def enter(page, site, role, path):
    page.goto(site + path)
    page.fill("#name", f"{role}.a")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.townMap.ready.then(() => true)")


def counts(page):
    return page.locator(".clock-now strong").all_inner_texts()


def move(page, minute):
    page.evaluate(
        "at => { const s = document.getElementById('clock-minute'); s.value = at; s.dispatchEvent(new Event('input')); }",
        minute,
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/clock", "/patrol/days"])
def test_nothing_sticks_out_and_the_page_stays_below_patrols(site, open_page, size, path):
    page = open_page(SIZES[size])
    enter(page, site, "inspector", path)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert page.inner_text("nav a[aria-current]") == "巡逻"


@pytest.mark.parametrize("size", SIZES)
def test_the_slider_shows_each_place_in_its_state_at_that_minute(site, open_page, size):
    page = open_page(SIZES[size])
    enter(page, site, "inspector", "/clock")
    # opened at 12:02: the school is watched, the wharf has closed
    assert page.inner_text("#clock-output") == "12:00"
    assert counts(page) == ["1", "0", "0"]
    for minute, words, found in ((600, "10:00", ["1", "1", "0"]), (1080, "18:00", ["0", "1", "0"]), (1200, "20:00", ["0", "0", "1"])):  # fmt: skip
        move(page, minute)
        assert page.inner_text("#clock-output") == words
        assert counts(page) == found


def painted(page, colour):
    """How many pixels of the clock's canvas have a colour."""
    return page.evaluate(
        """async (wanted) => {
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const canvas = townMap.map.getPane("clock").querySelector("canvas");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let n = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] === 255 && data[i] === wanted[0] && data[i + 1] === wanted[1] && data[i + 2] === wanted[2]) { n += 1; }
          }
          return n;
        }""",
        list(colour),
    )


def test_the_map_paints_a_sign_for_the_state(site, page):
    enter(page, site, "planner", "/clock")
    move(page, 720)
    dark, orange = (0x1B, 0x4F, 0x78), (0xC2, 0x41, 0x0C)
    assert painted(page, dark) > 60 and painted(page, orange) == 0
    move(page, 1300)
    assert painted(page, dark) == 0 and painted(page, orange) > 60


def test_play_goes_on_and_stops(site, page):
    enter(page, site, "planner", "/clock")
    page.click("#clock-play")
    assert page.inner_text("#clock-play") == "停止"
    expect(page.locator("#clock-output")).not_to_have_text("12:00")
    page.click("#clock-play")
    assert page.inner_text("#clock-play") == "播放"
    minute = int(page.input_value("#clock-minute"))
    assert minute > 720 and minute % 10 == 0


def test_a_place_of_the_list_is_found_on_the_map_by_keyboard(site, page):
    enter(page, site, "planner", "/clock")
    page.evaluate(
        "window.chosen = new Promise((done) => document.addEventListener('townmap:select', (told) => done(told.detail))), 0"
    )
    page.focus(".row-button >> nth=1")
    page.keyboard.press("Enter")
    assert page.evaluate("window.chosen")["layer"] == "key_areas"
    assert "石门码头" in page.inner_text("tr.chosen")


def test_the_strip_has_the_hours_of_the_day_in_proportion(site, page):
    enter(page, site, "inspector", "/clock")
    strip = page.locator(".strip").first.bounding_box()
    watched = page.locator(".strip").first.locator(".watched").bounding_box()
    assert watched["x"] - strip["x"] == pytest.approx(strip["width"] / 4, abs=1)
    assert watched["width"] == pytest.approx(strip["width"] / 2, abs=1)
    assert page.locator("form.compute").count() == 0


def test_printed_the_clock_has_strips_without_map_and_buttons(site, page):
    enter(page, site, "planner", "/clock")
    page.emulate_media(media="print")
    assert page.locator(".stage").is_hidden() and page.locator("#clock-slider").is_hidden()
    assert page.locator(".strip").first.is_visible()
    assert page.locator(".key").count() == 3


def test_varied_days_are_published_from_a_day_on(site, page, town):
    enter(page, site, "planner", "/patrol/days")
    first = page.locator("#days-table tbody tr").first
    assert "石门码头" in first.inner_text() and "25" in first.inner_text()
    page.fill("#first", "2026-05-06")
    page.click("text=发布这 2 天")
    page.wait_for_load_state("networkidle")
    assert "2026-05-06" in page.inner_text("#publication")
    latest = published(town.store)[0]
    assert (latest.first_day, latest.last_day) == (dt.date(2026, 5, 6), dt.date(2026, 5, 7))


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """The small town with a clock that was really read, 80 households in the one village and no villages' minutes in the other."""
    with TOWN["build"](tmp_path_factory.mktemp("counted") / "station") as workspace:
        for role in ("planner", "inspector"):
            workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD)
        store = workspace.store
        with store.change(actor="test") as change:
            change.update("villages", int(store.frame("villages").index[0]), {"households": 80})
        compute_clock(store, actor="test", date=dt.date(2026, 5, 4), required_share=0.01, days=3)
        yield workspace


@pytest.fixture
def counted_site(counted, serve):
    return serve(create_app(counted))


@pytest.mark.parametrize("size", SIZES)
def test_savings_and_villages_fit_and_fold(counted_site, counted, open_page, size):
    page = open_page(SIZES[size])
    enter(page, counted_site, "inspector", "/clock")
    gains = page.locator("#gains")
    assert gains.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    told = counted.store.latest_result("clock")
    hours = told.frame("hours")
    assert len(hours) and hours["weighted_min"].max() > 0
    first = gains.locator("tbody tr").first.inner_text()
    assert "多巡一小时" in first or "拟建" in first or "故障" in first
    fold = gains.locator("summary", has_text="多巡一小时：全天各时段")
    fold.click()
    rows = gains.locator("details[open] tbody tr")
    assert rows.count() == (hours["weighted_min"] > 1 / 60).sum()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    village = page.locator("#village-table")
    assert "上河村" in village.inner_text() and "下河村" in village.inner_text()
    page.emulate_media(media="print")
    assert gains.is_visible()


@pytest.mark.parametrize("size", SIZES)
def test_a_planner_asks_for_a_plan_in_which_cameras_count(counted_site, counted, open_page, size):
    page = open_page(SIZES[size])
    enter(page, counted_site, "planner", "/patrol")
    form = page.locator("#patrol-form")
    if not form.is_visible():
        page.locator("summary", has_text="重新编排").click()
    form.locator("details.credit > summary").click()
    page.select_option("#cameras-count", "working")
    page.fill("#option-blind_night_percent", "60")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    with page.expect_navigation():
        form.locator("button.main").click()
    number = int(page.url.rpartition("/")[2])
    jobs.cancel(counted, number, actor="test")  # else the next size finds it in place of the form
    (job,) = [one for one in jobs.listing(counted) if one.id == number]
    assert (job.options["cameras_count"], job.options["blind_night_percent"]) == ("working", 60)


@pytest.mark.parametrize("size", SIZES)
def test_a_place_leads_to_its_days(counted_site, open_page, size):
    page = open_page(SIZES[size])
    enter(page, counted_site, "inspector", "/clock")
    assert page.locator("#town-days tbody tr").count() == 3
    with page.expect_navigation():
        page.locator("#clock-table a", has_text="日历").first.click()
    assert page.locator("#calendar tbody tr").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    strip = page.locator("#calendar .strip").first.bounding_box()
    assert strip["width"] > 150 and strip["height"] >= 15
    assert page.inner_text("nav a[aria-current]") == "巡逻"
    with page.expect_navigation():
        page.locator(".way a").click()
    assert page.url.endswith("/clock")
