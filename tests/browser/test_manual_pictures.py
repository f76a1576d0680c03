"""The pictures of the manual: made from the sample town, looked at for ink, and kept small.

`make manual-pictures` writes them to docs/images/manual; without `GEO_MANUAL_PICTURES` they go into a temporary folder.
"""

import io
import os
import re
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import shapely
from PIL import Image

from geo_service import jobs
from geo_service.analysis.clock import compute_clock
from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.analysis.law import compute_law
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.response import compute_response
from geo_service.analysis.variation import compute_variation
from geo_service.demo import load, publish_plan
from geo_service.duty.choice import choose_day
from geo_service.store.proposals import Proposal
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOCS = Path(__file__).resolve().parents[2] / "docs"
PASSWORD = "Yun-zhu-2026"
SCREEN = {"width": 1200, "height": 750}
TODAY = date(2026, 11, 23)
PHONE = {"width": 390, "height": 844}
MOST_BYTES = 150_000
#: The pictures that the pages of the manual show, by the name of their file.
NAMED = sorted(
    {
        name
        for page in [*DOCS.glob("*/*.md"), DOCS.parent / "README.md"]
        for name in re.findall(r"\(\S*images/manual/([\w-]+\.png)\)", page.read_text(encoding="utf-8"))
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    wanted = os.environ.get("GEO_MANUAL_PICTURES")
    path = Path(wanted) if wanted else tmp_path_factory.mktemp("pictures")
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The sample town, computed; 200 iterations with a seed make the same plan on every machine."""
    with Workspace.create(tmp_path_factory.mktemp("manual") / "station") as made:
        store, accounts = made.store, made.accounts
        load(store, actor="管理员")
        compute_coverage(store, actor="规划岗")
        compute_gaps(store, actor="规划岗")
        school_day = choose_day(store, day_type="school_day")
        compute_patrol(store, actor="规划岗", planned=school_day, max_iterations=6000, seed=7)
        publish_plan(store, actor="规划岗")
        accounts.create_user("管理员", role="admin", password=PASSWORD, title="所综合室")
        accounts.create_user("规划岗", role="planner", password=PASSWORD, title="巡防规划岗")
        accounts.create_user("督查岗", role="inspector", password=PASSWORD, title="镇政法委督查岗")
        for number, name in ((1, "河街村"), (2, "北关村")):
            assert store.frame("villages").loc[number, "name"] == name
            accounts.create_user(
                name, role="cadre", password=PASSWORD, title="夜间巡逻值班岗", villages=[number]
            )
        yield made


@pytest.fixture
def site(town, serve):
    app = create_app(town)
    app.config["NOW"] = lambda: datetime.now().replace(hour=20, minute=40)  # noqa: DTZ005
    return serve(app)


def keep(page, folder, name, **options):
    """Keep a picture of a page in 128 colours, and see that it is small and not blank."""
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", **options))).convert("RGB")
    assert len(image.resize((64, 64)).getcolors(64 * 64)) > 20, f"{name} is blank"
    small = image
    if image.width > SCREEN["width"]:
        small = image.resize((SCREEN["width"], round(image.height * SCREEN["width"] / image.width)))
    held = io.BytesIO()
    # this method keeps the few red and blue pixels that carry the meaning of a map
    small.quantize(128, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).save(
        held, "PNG", optimize=True
    )
    assert held.tell() <= MOST_BYTES, f"{name}: {held.tell()} bytes"
    (folder / f"{name}.png").write_bytes(held.getvalue())


def enter(page, site, name, path="/"):
    page.goto(site + path)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_load_state("networkidle")


def drawn(page):
    page.wait_for_selector("[data-ready=true]", state="attached")
    page.wait_for_load_state("networkidle")


def test_an_empty_station(tmp_path, serve, open_page, folder):
    with Workspace.create(tmp_path / "new", name="清河派出所") as made:
        made.accounts.create_user("规划岗", role="planner", password=PASSWORD)
        site = serve(create_app(made))
        page = open_page({"width": 1200, "height": 900})
        page.goto(site + "/login")
        keep(page, folder, "login")
        enter(page, site, "规划岗", "/login")
        keep(page, folder, "first-steps")


def test_what_a_planner_sees(site, open_page, folder):
    page = open_page(SCREEN)
    enter(page, site, "规划岗")
    drawn(page)
    keep(page, folder, "overview")
    page.fill("#search-field", "桥")
    page.locator("#search-list [role=option]").first.wait_for()
    keep(page, folder, "search", clip={"x": 0, "y": 0, "width": 1200, "height": 420})
    page.goto(site + "/gaps")
    drawn(page)
    page.locator(".row-button").first.click()
    page.wait_for_selector("tr.chosen")
    page.wait_for_timeout(900)
    keep(page, folder, "gaps")
    page.goto(site + "/patrol")
    drawn(page)
    keep(page, folder, "patrol")
    page.goto(site + "/layers")
    keep(page, folder, "layers")
    page.goto(site + "/layers/camera_sites/1")
    page.wait_for_load_state("networkidle")
    keep(page, folder, "row")
    page.goto(site + "/print")
    page.wait_for_load_state("networkidle")
    keep(page, folder, "print")
    page.goto(site + "/grids")
    page.wait_for_load_state("networkidle")
    keep(page, folder, "grids")
    page.goto(site + "/account")
    page.wait_for_load_state("networkidle")
    keep(page, folder, "account")


def test_editing_on_the_map(site, open_page, folder):
    page = open_page(SCREEN)
    enter(page, site, "规划岗", "/map/edit?layer=camera_sites&id=1")
    page.wait_for_selector("#field-name")
    page.wait_for_load_state("networkidle")
    keep(page, folder, "edit")


def ledger(town, path):
    """A ledger as stations keep it, with the faults that the manual tells of."""
    near = town.store.frame("camera_sites", crs="wgs84").geometry.iloc[:6]
    book = openpyxl.Workbook()
    book.active.append(["云渚镇监控点位台账"])
    book.active.append(["序号", "点位名称", "经度", "纬度", "安装高度(米)", "朝向", "监控距离"])
    for n, at in enumerate(near, 1):
        x, y = round(at.x + 0.0008, 6), round(at.y + 0.0004, 6)
        row = [n, f"新建点位{n}", x, y, 6, "东南", "80米"]
        if n == 2:
            row[2:4] = [y, x]
        if n == 4:
            row[4] = 600
        if n == 5:
            row[2] = None
        book.active.append(row)
    book.save(path)


def work(town):
    while waiting := jobs.listing(town, states=["queued"]):
        assert jobs.run_now(town, waiting[-1].id).state == "done"


def test_importing_a_ledger_and_a_job(town, site, open_page, tmp_path, folder):
    ledger(town, tmp_path / "监控台账.xlsx")
    page = open_page(SCREEN)
    enter(page, site, "规划岗", "/import")
    keep(page, folder, "import")
    page.select_option("#upload-layer", "camera_sites")
    page.set_input_files("#upload-file", str(tmp_path / "监控台账.xlsx"))
    page.click("#upload-send")
    page.wait_for_url("**/imports/1*", timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.select_option("[name=datum]", "wgs84")
    page.click("button:has-text('检查文件'), button:has-text('按以上设置检查')")
    page.wait_for_selector("#fault-table")
    page.wait_for_selector("[data-ready=true]", state="attached")
    page.set_viewport_size({"width": 1200, "height": 1050})
    page.evaluate("document.getElementById('result').scrollIntoView()")
    page.wait_for_timeout(600)
    keep(page, folder, "import-check")
    page.set_viewport_size(SCREEN)
    page.goto(site + "/gaps")
    drawn(page)
    page.click("button:has-text('计算')")
    page.wait_for_url("**/jobs/*")
    page.wait_for_load_state("networkidle")
    work(town)
    page.reload()
    page.wait_for_load_state("networkidle")
    keep(page, folder, "job")


def test_what_the_newer_pages_show(town, site, open_page, folder):
    """Whole pages, for most of what they tell stands below the fold."""
    store = town.store
    compute_coverage(store, actor="规划岗", certainty=True)
    compute_law(store, actor="规划岗", today=TODAY)
    compute_response(store, actor="规划岗")
    compute_clock(store, actor="规划岗", date=TODAY)
    compute_variation(store, actor="规划岗", days=3, time_limit_s=30)
    page = open_page(SCREEN)
    enter(page, site, "规划岗", "/targets")
    page.wait_for_selector("#goals")
    keep(page, folder, "targets")
    page.goto(site + "/coverage/certainty")
    page.wait_for_selector("h1")
    keep(page, folder, "certainty")
    page.goto(site + "/cameras/report")
    page.wait_for_selector("h1")
    keep(page, folder, "law")
    page.goto(site + "/sites")
    page.wait_for_selector("h1")
    keep(page, folder, "sites")
    page.goto(site + "/map/camera")
    drawn(page)
    keep(page, folder, "camera-map")
    page.goto(site + "/map/compare")
    drawn(page)
    keep(page, folder, "compare")
    page.goto(site + "/patrol/response")
    drawn(page)
    keep(page, folder, "response")
    page.goto(site + "/clock")
    drawn(page)
    keep(page, folder, "clock")
    page.goto(site + "/patrol/days")
    page.wait_for_selector("h1")
    keep(page, folder, "days")


def test_proposals_of_a_map(town, site, open_page, folder):
    lon, lat = town.store.town.lon, town.store.town.lat
    made = [
        ("云渚第二小学", "school", 0.004, 0.002), ("渚南农贸市场", "market", -0.003, 0.001),
        ("云渚汽车站", "station", 0.001, -0.004),
    ]  # fmt: skip
    town.store.add_proposals(
        [
            Proposal("key_areas", {"name": name, "category": category, "priority": "1"},
                     shapely.box(lon + x, lat + y, lon + x + 0.0012, lat + y + 0.0009),
                     source_id=f"way/{n}", reason=f"amenity={category}")
            for n, (name, category, x, y) in enumerate(made)
        ]
    )  # fmt: skip
    page = open_page(SCREEN)
    enter(page, site, "规划岗", "/proposals")
    drawn(page)
    keep(page, folder, "proposals")


def test_what_an_administrator_sees(town, site, open_page, folder):
    page = open_page(SCREEN)
    enter(page, site, "管理员", "/admin")
    keep(page, folder, "admin")
    page.goto(site + "/admin/accounts")
    keep(page, folder, "accounts")
    number = town.accounts.find("北关村").id
    page.goto(f"{site}/admin/accounts/{number}/invite")
    page.click("main button.main")
    page.wait_for_load_state("networkidle")
    keep(page, folder, "slip", clip={"x": 300, "y": 60, "width": 600, "height": 570})
    page.goto(site + "/audit")
    keep(page, folder, "audit")
    page.goto(site + "/admin/backups")
    page.click("main button.main")
    page.wait_for_load_state("networkidle")
    work(town)
    page.goto(site + "/admin/backups")
    # without the command below, which names the folder of this run
    keep(page, folder, "backups", clip={"x": 0, "y": 0, "width": 1200, "height": 300})


def test_what_a_cadre_sees(site, phone, folder):
    enter(phone, site, "河街村")
    drawn(phone)
    keep(phone, folder, "my-routes")


@pytest.mark.parametrize("name", NAMED)
def test_every_picture_of_the_manual_is_made(name, folder):
    """Runs last in this module, after all pictures were made."""
    assert (folder / name).is_file()
