"""A month of patrols in a real browser: cars, motorcycles, pairs and evening groups, planned, varied, printed, published, on a phone."""

import datetime as dt
import io
import os
from pathlib import Path

import openpyxl
import pytest
import shapely
import shapely.affinity
from playwright.sync_api import expect
from pyproj import Transformer

from geo_service import jobs
from geo_service.analysis.variation import compute_variation
from geo_service.publications import plan_in_force
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LON, LAT = 118.78, 32.04
PASSWORD = "Shi-men-2026"
PHONE = {"width": 390, "height": 844}
#: A Tuesday in term, and a lunar day of 2: both a school day and a market day.
DAY = dt.date(2026, 11, 10)
DAYS, BLOCK_M, BLOCKS = 30, 150, 4
UNITS = [
    *((f"{n}号巡逻车", "car", "police", "00:00-24:00", (300, 300)) for n in "一二"),
    ("摩托一组", "motorcycle", "auxiliary", "07:00-12:00,14:00-22:00", (300, 300)),
    ("摩托二组", "motorcycle", "auxiliary", "18:00-02:00", (300, 300)),
    *(
        (f"步巡{n}组", "foot", "auxiliary", hours, (150 * i, 150))
        for i, (n, hours) in enumerate(zip("一二三四", ("07:00-12:00", "15:00-23:00", "08:00-18:00", "18:00-22:30"), strict=True))
    ),
]  # fmt: skip
VILLAGES = [(f"{n}里村", 75 + 150 * (i % 4), 150 + 300 * (i // 4)) for i, n in enumerate("东南西北前后上下")]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Four by four blocks of 150 m with a square, a school, a market, a business street and an estate, and 16 units."""
    with Workspace.create(tmp_path_factory.mktemp("month") / "station", name="石门镇") as made:
        store = made.store
        store.place_town(LON, LAT, actor="test")
        crs = store.town.epsg
        x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(LON, LAT)
        back = Transformer.from_crs(crs, 4326, always_xy=True)

        def at(shape):
            moved = shapely.affinity.translate(shape, x, y)
            return shapely.transform(moved, back.transform, interleaved=False)

        steps = [BLOCK_M * i for i in range(BLOCKS + 1)]
        lines = [
            shapely.LineString([(i, j) if up else (j, i) for j in steps])
            for i in steps
            for up in (True, False)
        ]
        with store.change(actor="test", kind="edit") as change:
            villages = change.insert(
                "villages",
                [
                    {"name": name, "geometry": at(shapely.box(e - 75, 0 if n < 300 else 300, e + 75, 300 if n < 300 else 600))}
                    for name, e, n in VILLAGES
                ],
            )  # fmt: skip
            change.insert(
                "roads",
                [{"name": f"{n}路", "highway": "residential", "geometry": at(line)} for n, line in enumerate(lines, 1)],
            )  # fmt: skip
            kinds = ("square", "school", "market", "business_street", "hospital", "station")
            change.insert(
                "key_areas",
                [
                    {
                        "name": name, "category": kind, "priority": "2", "visit_interval_min": 480, "dwell_min": 10, "reason": "人流集中",
                        "approver": "镇派出所", "review_date": dt.date(2027, 1, 1), "required_class": "observe", "geometry": at(shapely.Point(*spot).buffer(25)),
                    }
                    for kind, name, spot in zip(
                        kinds, ("文化广场", "石门小学", "石门市场", "石门老街", "卫生院", "汽车站"),
                        ((150, 450), (450, 450), (450, 150), (300, 150), (150, 300), (0, 300)), strict=True,
                    )
                ],
            )  # fmt: skip
            change.insert(
                "housing_zones",
                [{"name": "柳园", "households": 240, "geometry": at(shapely.box(310, 460, 440, 590))}],
            )
            change.insert(
                "day_rules",
                [{"name": "石门集", "day_type": "market_day", "rule": "lunar_ending", "days": "二五八"}],
            )
            change.insert(
                "patrol_units",
                [
                    {"name": name, "mode": mode, "kind": kind, "shifts": hours, "headcount": 2, "geometry": at(shapely.Point(*base))}
                    for name, mode, kind, hours, base in UNITS
                ]
                + [
                    {
                        "name": f"{name}红袖标", "mode": "foot", "kind": "village", "village": row, "headcount": 4, "range_m": 600.0,
                        "shifts": ("19:00-22:00", "19:30-22:30", "20:00-23:00")[i % 3], "geometry": at(shapely.Point(e, n)),
                    }
                    for i, ((name, e, n), row) in enumerate(zip(VILLAGES, villages, strict=True))
                ],
            )  # fmt: skip
            change.insert(
                "camera_sites",
                [
                    {
                        "name": "广场球机", "kind": "fisheye", "mount_height_m": 6.0, "hfov_deg": 360.0, "resolution_px_h": 32000,
                        "max_range_m": 60.0, "ir_range_m": 15.0, "geometry": at(shapely.Point(150, 450)),
                    }
                ],
            )  # fmt: skip
        for role in ("planner", "inspector", "cadre"):
            of = {"villages": villages[:1]} if role == "cadre" else {}
            made.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, **of)
        yield made


@pytest.fixture
def pictures(tmp_path):
    """Where pictures of the pages go, to be looked at."""
    folder = Path(os.environ.get("GEO_MONTH_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def enter(page, site, role, path):
    page.goto(site + path)
    page.fill("#name", f"{role}.a")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.click("button.main")
    page.wait_for_load_state("load")


def open_on(page, address, settled):
    page.goto(address)
    settled(page)


def submit(page, town, button):
    """Send a form that starts a job, and do the job as the worker would."""
    with page.expect_navigation():
        button.click()
    (waiting,) = jobs.listing(town, states=["queued"])
    done = jobs.run_now(town, waiting.id)
    assert done.state == "done", done.words
    return done


def unwatched(town):
    return town.store.latest_result("clock").summary["unwatched_min"]


def read_clock(page, site, town, settled):
    open_on(page, site + "/clock", settled)
    if page.locator("details:has(form.compute):not([open]) > summary").count():
        page.locator("details:has(form.compute) > summary").first.click()
    page.fill("#clock-date", DAY.isoformat())
    submit(page, town, page.get_by_role("button", name="核算"))
    open_on(page, site + "/clock", settled)


def sheets_of(page, path):
    """The sheets of a workbook that a page leads to, by title."""
    answer = page.request.get(path)
    assert answer.ok
    return {
        one.title: list(one.values) for one in openpyxl.load_workbook(io.BytesIO(answer.body())).worksheets
    }


def test_a_month_from_the_plan_to_the_phone(town, serve, open_page, settled, pictures):
    app = create_app(town)
    now = [dt.datetime(2026, 11, 10, 20, 10)]  # noqa: DTZ001 (the time of day at the station)
    app.config["NOW"] = lambda: now[0]
    site = serve(app)
    page = open_page()
    page.set_default_timeout(60_000)
    enter(page, site, "planner", "/clock")
    read_clock(page, site, town, settled)
    before = unwatched(town)
    page.screenshot(path=pictures / "clock-before.png", full_page=True)

    # plan the day: a market day, for the lunar calendar says so
    open_on(page, site + "/patrol", settled)
    page.fill("#plan-date", DAY.isoformat())
    page.locator("#plan-date").dispatch_event("change")
    expect(page.locator("#plan-day-reason")).to_contain_text("石门集")
    page.fill("#option-time_limit_s", "6")
    submit(page, town, page.get_by_role("button", name="编排巡逻"))
    plan = town.store.latest_result("patrol")
    assert plan.options["day_type"] == "market_day"
    assert plan.summary["audit_passed"]
    assert plan.summary["units"] == 16
    assert plan.frame("unreachable").to_dict("records") == []
    open_on(page, site + "/patrol", settled)
    page.screenshot(path=pictures / "plan.png", full_page=True)

    # patrols leave less time unwatched than cameras alone
    read_clock(page, site, town, settled)
    after = unwatched(town)
    assert after < before
    page.screenshot(path=pictures / "clock-after.png", full_page=True)

    # how soon somebody comes
    open_on(page, site + "/patrol/response", settled)
    submit(page, town, page.get_by_role("button", name="核算到达时间"))
    open_on(page, site + "/patrol/response", settled)
    assert town.store.latest_result("response").summary["unreachable_places"] == 0
    page.screenshot(path=pictures / "response.png", full_page=True)

    # thirty days; few changes a day, for what is claimed holds of any
    compute_variation(town.store, actor="planner.a", days=DAYS, steps=60, time_limit_s=6)
    open_on(page, site + "/patrol/days", settled)
    expect(page.get_by_text("共 30 天，逐日复核通过")).to_be_visible()
    days = town.store.latest_result("patrol_days")
    assert days.summary["days_with_breaches"] in (0, DAYS) or plan.summary["breaches"]
    page.screenshot(path=pictures / "days.png", full_page=True)

    # papers
    assert page.request.get(site + "/patrol/routes.pdf").body()[:4] == b"%PDF"
    book = sheets_of(page, site + "/patrol/days.xlsx")
    assert {one[0] for one in book["重点场所"][1:]} == set(range(1, DAYS + 1))
    assert len(book["最长可乘空档"]) - 1 == len(days.frame("places").dropna(subset="window_s"))
    assert len(sheets_of(page, site + "/patrol/plan.xlsx")["巡逻力量"]) - 1 >= 16

    # published from that day on; each date has its own day
    page.fill("#first", DAY.isoformat())
    with page.expect_navigation():
        page.get_by_role("button", name="发布这 30 天").click()
    assert DAY.isoformat() in page.inner_text("#publication")
    last = DAY + dt.timedelta(days=DAYS - 1)
    assert plan_in_force(town.store, last) is not None
    assert plan_in_force(town.store, last + dt.timedelta(days=1)) is None

    # on a phone, in the evening: the own group alone, and another evening another way
    phone = open_page(PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    phone.set_default_timeout(60_000)
    enter(phone, site, "cadre", "/my-routes")
    settled(phone)
    expect(phone.locator("h1")).to_have_text("东里村红袖标")
    expect(phone.locator("#next")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.screenshot(path=pictures / "my-routes.png", full_page=True)
    for day in (DAY, last):
        now[0] = dt.datetime.combine(day, dt.time(18, 50))
        phone.reload()
        settled(phone)
        visits = plan_in_force(town.store, day).frame("visits")
        own = visits[visits["unit_name"] == "东里村红袖标"].sort_values("arrive_s")
        shown = phone.locator("#stops > li").all_inner_texts()
        assert len(shown) == len(own)
        assert all(name in words for name, words in zip(own["place_name"], shown, strict=True))
    card = phone.request.get(site + "/my-routes/card.png")
    assert card.body()[:4] == b"\x89PNG"
    (pictures / "card.png").write_bytes(card.body())
    for other in ("/patrol", "/patrol/days", "/clock"):
        assert phone.request.get(site + other).status in (403, 404)
