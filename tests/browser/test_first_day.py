"""The first day at a station, played in a real browser through the real server: from an empty folder to the cadre's phone.

With `GEO_SHOTS` naming a folder, the key steps are kept there as pictures.
"""

import csv
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.real_data]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LONGEST_MS = 120_000
ADMIN = "Deng-suo-2026"
PLANNERS = {"guihua-1": "long-lantern-31", "guihua-2": "river-tile-42"}
INSPECTOR = {"ducha-1": "quiet-harbour-53"}
#: What the cadres are given: a village, a village, a unit by its name; and the unit whose route each must see.
CADRES = {
    "dong-cun": ("village", "东片村", "东片巡逻队"),
    "xi-cun": ("village", "西片村", "西片巡逻队"),
    "xuexiao-dui": ("unit", "校园保安队", "校园保安队"),
}
CADRE_WORD = "bamboo-bridge-64"
POLICE = "巡警一组"
#: Where the villages and units are put, as shares of the map's width and height.
VILLAGES = {
    "西片村": ((0.3, 0.3), (0.48, 0.3), (0.48, 0.7), (0.3, 0.7)),
    "东片村": ((0.52, 0.3), (0.7, 0.3), (0.7, 0.7), (0.52, 0.7)),
}
UNITS = (
    ("西片巡逻队", "foot", "village", "西片村", (0.42, 0.5)),
    ("东片巡逻队", "foot", "village", "东片村", (0.58, 0.5)),
    ("校园保安队", "motorcycle", "school", "", (0.5, 0.42)),
    (POLICE, "car", "police", "", (0.5, 0.58)),
)


def command(folder, *words, given=""):
    """Run the program as an operator does; return what it said as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "geo_service", "--workspace", str(folder), "--json", "--quiet", *words],
        input=given, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def service(folder, port):
    """The real server with its worker; it ends as an operator ends it, by a signal."""
    log = (folder.parent / "serve.log").open("a")
    process = subprocess.Popen(
        [sys.executable, "-m", "geo_service", "--workspace", str(folder), "serve", "--host", "127.0.0.1",
         "--port", str(port)],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )  # fmt: skip
    killer = threading.Timer(600, process.kill)
    killer.start()
    base = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + 60
        while not answers(base):
            assert process.poll() is None and time.monotonic() < ends, "the server did not start"
            time.sleep(0.1)
        yield base
        process.terminate()
        assert process.wait(30) == 0
    finally:
        killer.cancel()
        process.kill()
        process.wait(10)
        log.close()


def answers(base):
    try:
        with urllib.request.urlopen(base + "/healthz", timeout=5) as told:
            return told.status == 200
    except (urllib.error.URLError, OSError):
        return False


class Day:
    """The station, its pages by account, and the pictures that are kept."""

    def __init__(self, folder, open_page):
        self.folder = folder
        self.open_page = open_page
        self.base = ""
        self.pages = {}
        self.shots = Path(os.environ["GEO_SHOTS"]) if os.environ.get("GEO_SHOTS") else None
        self.taken = 0

    def page(self, name, **options):
        """The page of an account, in a browser context of its own."""
        if name not in self.pages:
            self.pages[name] = self.open_page(**options)
        return self.pages[name]

    def shot(self, page, name, *, whole=False):
        self.taken += 1
        if self.shots:
            page.wait_for_load_state("networkidle")
            self.shots.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self.shots / f"{self.taken:02}-{name}.png", full_page=whole)
        # at any size nothing makes a page scroll sideways
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), name

    @contextmanager
    def read(self):
        """The store, to look at what became of the clicks; nothing is written by it."""
        with Workspace.open(self.folder) as workspace:
            yield workspace.store


def log_in(day, page, name, password):
    page.goto(day.base + "/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("main button.main")
    page.wait_for_url(lambda url: "/login" not in url)
    page.wait_for_load_state("networkidle")
    assert name in page.inner_text(".who .name")


def job_done(page, kind):
    """Wait on the page of a job, which is not loaded again, until the job is done; return how often it told another share."""
    page.wait_for_url(re.compile(r"/jobs/\d+"))
    page.evaluate(
        """() => { window.here = true; window.told = [];
        const note = () => { const now = document.querySelector('main [data-part=percent]').textContent;
          if (window.told[window.told.length - 1] !== now) { window.told.push(now); } };
        note(); window.noting = setInterval(note, 50); }"""
    )
    state = page.wait_for_function(
        "() => { const at = document.querySelector('.job').dataset.state;"
        " return ['done', 'failed', 'cancelled'].includes(at) && at; }",
        timeout=LONGEST_MS,
    ).json_value()
    assert state == "done", f"{kind}: {page.inner_text('.job')}"
    assert page.evaluate("window.here") is True, "the page was loaded again"
    return page.evaluate("window.told")


def invite(day, admin, name, role, chosen=()):
    """The administrator makes an account; returns its one-time link."""
    admin.goto(day.base + "/")
    admin.click(".bar >> text=管理")
    admin.click(".cards >> text=账号")
    admin.click("text=新建账号")
    admin.fill("#account-name", name)
    admin.check(f"input[name=role][value={role}]")
    for words in chosen:
        admin.locator("label.pick", has_text=words).locator("visible=true").click()
    if chosen or role == "planner":
        day.shot(admin, f"account-{name}", whole=True)
    admin.click("main button.main")
    admin.wait_for_selector(".slip .qr")
    day.shot(admin, f"slip-{name}", whole=True)
    return admin.input_value("#link")


def take_up(day, page, link, name, password):
    """Whoever was invited opens the link, sets a password, and logs in."""
    page.goto(link)
    assert name in page.inner_text("form.card")
    page.fill("#new", password)
    page.fill("#again", password)
    day.shot(page, f"invited-{name}", whole=True)
    page.click("form.card button.main")
    page.wait_for_selector("text=已可使用")
    page.click("main a:has-text('登录')")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("main button.main")
    page.wait_for_url(lambda url: "/login" not in url)


def accounts(day):
    """1. The administrator, named on the command line, invites the planners and the inspector."""
    admin = day.page("suozhang")
    log_in(day, admin, "suozhang", ADMIN)
    day.shot(admin, "admin-empty")
    for name, password in {**PLANNERS, **INSPECTOR}.items():
        link = invite(day, admin, name, "inspector" if name in INSPECTOR else "planner")
        take_up(day, day.page(name), link, name, password)
    planner = day.page("guihua-1")
    planner.wait_for_selector(".guide")
    assert planner.inner_text(".guide .now .what").split()[-1] == "导入本镇地图"
    day.shot(planner, "guide-empty", whole=True)


def imports(day, real_data):
    """2. The map, the ledger with its faults, the areas."""
    page = day.page("guihua-1")
    page.click(".guide .now a.main")
    page.wait_for_url("**/import?layer=*")
    page.set_input_files("#upload-file", real_data / "nanjing-xinjiekou.osm")
    day.shot(page, "import-osm", whole=True)
    page.click("#upload-send")
    if "/jobs/" in page.url:
        job_done(page, "check")
        page.click("[data-part=result]")
    page.wait_for_selector("#store", timeout=LONGEST_MS)
    day.shot(page, "osm-checked", whole=True)
    page.click("#store")
    job_done(page, "import_osm")
    day.shot(page, "osm-stored", whole=True)
    page.click("main [data-part=result]")
    with day.read() as store:
        assert store.count("buildings") > 1200 and store.count("roads") > 350
        proposed = len(store.proposals())
        assert proposed > 20

    page.click(".bar >> text=地图")
    page.wait_for_selector(".guide")
    day.shot(page, "guide-map", whole=True)
    page.click(".guide .now a.main")
    areas(day, page, proposed)

    page.click(".bar >> text=地图")
    page.click(".guide .now a.main")
    page.wait_for_url("**/import?layer=camera_sites")
    page.set_input_files("#upload-file", real_data / "nanjing-cameras-ledger.xlsx")
    page.click("#upload-send")
    page.wait_for_selector("#store", timeout=LONGEST_MS)
    page.evaluate("window.townMap.ready")
    day.shot(page, "ledger-checked", whole=True)
    assert "GCJ-02" in page.inner_text("#result .remarks")
    faults_are_told(page, real_data)
    with day.read() as store:
        assert store.count("camera_sites") == 0, "a check stores nothing"
    words = page.inner_text("#store")
    page.click("#store")
    job_done(page, "import")
    page.click("main [data-part=result]")
    page.wait_for_selector(".good[role=status]")
    day.shot(page, "ledger-stored", whole=True)
    with day.read() as store:
        assert str(store.count("camera_sites")) in words and 130 < store.count("camera_sites") < 160


def areas(day, page, proposed):
    """One proposal is looked at on the map and accepted, one dropped, the rest accepted at once."""
    page.wait_for_selector("#proposals")
    page.evaluate("window.townMap.ready")
    page.locator("#proposals .row-button").first.click()
    page.wait_for_function("window.townMap.selected() !== null")
    day.shot(page, "proposals")
    page.locator("#proposals button[value^=accept-]").first.click()
    page.wait_for_url("**/proposals?done=accepted*")
    page.locator("#proposals button[value^=drop-]").first.click()
    page.wait_for_url("**/proposals?done=dropped*")
    page.click("summary:has-text('全部')")
    page.click("button[value=accept_all]")
    page.wait_for_url("**/proposals?done=accepted*")
    day.shot(page, "proposals-done")
    with day.read() as store:
        assert store.count("key_areas") + store.count("housing_zones") == proposed - 1
        assert not store.proposals()


def faults_are_told(page, real_data):
    """Each of the 35 cells that went wrong is named by its address, or was read right."""
    told = page.eval_on_selector_all(
        "#fault-table tbody tr",
        "rows => rows.map((one) => [one.querySelector('.cell').textContent, one.innerText])",
    )
    with (real_data / "nanjing-cameras-faults.csv").open(encoding="utf-8") as file:
        wrong = [one for one in csv.DictReader(file) if "usable" not in one["fault"]]
    assert len(wrong) == 19
    # the row of the sheet is the number in the ledger plus the three rows of the title; see the columns of the sheet
    columns = {"经度": "D", "设备编码": "B", "水平视场角": "J"}
    addresses = {f"{columns[one['column']]}{int(one['row']) + 3}" for one in wrong}
    assert addresses <= {cell for cell, _ in told}, addresses - {cell for cell, _ in told}


def town(day):
    """The villages and the units are drawn on the map, by the second planner."""
    page = day.page("guihua-2")
    page.goto(day.base + "/")
    page.click("text=在地图上编辑")
    page.wait_for_selector("[data-editing=ready]")
    page.evaluate("window.townMap.foldPanel(true)")
    for name, corners in VILLAGES.items():
        add(page, "villages", corners)
        page.fill("#field-name", name)
        save(page)
    day.shot(page, "villages")
    for name, mode, kind, village, place in UNITS:
        add(page, "patrol_units", (place,))
        page.fill("#field-name", name)
        page.select_option("#field-mode", mode)
        page.select_option("#field-kind", kind)
        page.fill("#field-shifts", "08:00-20:00")
        if village:
            page.select_option("#field-village", label=village)
        if name == POLICE:
            day.shot(page, "unit-form")
        save(page)
    with day.read() as store:
        assert store.count("villages") == len(VILLAGES) and store.count("patrol_units") == len(UNITS)


def add(page, layer, places):
    page.select_option("#edit-layer", layer)
    page.wait_for_load_state("networkidle")
    page.click("#edit-add")
    page.wait_for_function("document.getElementById('edit-help').textContent.includes('点击')")
    box = page.locator(".stage").bounding_box()
    for x, y in places:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    if len(places) > 1:
        page.keyboard.press("Enter")
    page.wait_for_selector("#field-name")


def save(page):
    page.click("#edit-form button.main")
    said(page, "已保存")


def said(page, words):
    page.wait_for_function(
        "words => document.getElementById('edit-help').textContent.includes(words)", arg=words
    )


def cadres(day):
    """Cadres get accounts for a village or a unit, and open their links on their phones."""
    admin = day.page("suozhang")
    for name, (_, what, _) in CADRES.items():
        link = invite(day, admin, name, "cadre", [what])
        phone = day.page(name, **PHONE)
        take_up(day, phone, link, name, CADRE_WORD)
        assert "没有" in phone.inner_text("main")
    day.shot(phone, "cadre-before", whole=True)


@pytest.fixture
def day(tmp_path, open_page):
    played = Day(tmp_path / "station", lambda viewport=None, **more: open_page(viewport, **more))
    yield played
    for page in played.pages.values():
        # who leaves a page while its map still loads aborts a request: people do, and that is no fault
        page.recorder.faults = [one for one in page.recorder.faults if not one.endswith("ERR_ABORTED")]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_the_first_day_at_a_station(day, real_data):
    port = free_port()
    command(day.folder, "init", "--name", "新街口镇")
    command(day.folder, "user", "add", "suozhang", "--role", "admin", "--password-stdin", given=ADMIN + "\n")
    with service(day.folder, port) as day.base:
        begun = time.monotonic()
        for step in (accounts, lambda one: imports(one, real_data), town, cadres):
            step(day)
            print(f"{time.monotonic() - begun:.1f} s")
