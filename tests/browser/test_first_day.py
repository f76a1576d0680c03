"""The first day at a station, played in a real browser through the real server: from an empty folder to the cadre's phone.

With `GEO_SHOTS` naming a folder, the key steps are kept there as pictures.
"""

import csv
import json
import os
import re
import shutil
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
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from geo_service.publications import published
from geo_service.workspace import Workspace
from town_model import LAYERS

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
            self.pages[name].set_default_timeout(30_000)
        return self.pages[name]

    def shot(self, page, name, *, whole=False, idle=True):
        self.taken += 1
        if self.shots:
            if idle:
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
    told = page.evaluate("window.told")
    return [*told, page.inner_text("main [data-part=percent]")]


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
    page.wait_for_selector("#store, main .fault:visible", timeout=LONGEST_MS)
    assert page.is_visible("#store"), page.inner_text("main")
    page.wait_for_selector("[data-ready=true]", state="attached")
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
    page.wait_for_selector("[data-ready=true]", state="attached")
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
    page.wait_for_selector("#edit-draw")
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


def computes(day):
    """3. Coverage and blind spots by the guide's button; a camera moved on the map, seen, and taken back."""
    page = day.page("guihua-1")
    page.click(".bar >> text=地图")
    page.wait_for_selector(".guide")
    day.shot(page, "guide-compute", whole=True)
    page.click(".guide .now button:has-text('计算')")
    told = job_done(page, "gaps")
    assert told[-1] == "100" and page.locator(".job-log li").count() >= 3, told
    day.shot(page, "gaps-job", whole=True)
    page.click("main [data-part=result]")
    page.wait_for_selector("#gap-table tbody tr")
    page.wait_for_selector("[data-ready=true]", state="attached")
    page.locator("#gap-table .row-button").first.click()
    page.wait_for_function("window.townMap.selected() !== null")
    day.shot(page, "gaps")
    moves_a_camera(day, page)


def moves_a_camera(day, page):
    with day.read() as store:
        before = store.frame("camera_sites", crs="wgs84").iloc[40]
    place = before.geometry
    page.click(".bar >> text=地图")
    page.click("text=在地图上编辑")
    page.wait_for_selector("[data-editing=ready]")
    page.select_option("#edit-layer", "camera_sites")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.townMap.foldPanel(true)")
    page.evaluate("([lon, lat]) => townMap.map.setView([lat, lon], 19, {animate: false})", [place.x, place.y])
    page.wait_for_load_state("networkidle")
    x, y = page.evaluate(
        """([lon, lat]) => { const box = townMap.map.getContainer().getBoundingClientRect();
        const at = townMap.map.latLngToContainerPoint([lat, lon]); return [box.left + at.x, box.top + at.y]; }""",
        [place.x, place.y],
    )
    page.mouse.click(x, y)
    page.wait_for_selector("#field-name")
    assert page.input_value("#field-name") == before["name"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 60, steps=5)
    page.mouse.up()
    page.fill("#field-mount_height_m", "7.5")
    save(page)
    number = int(before.name)
    with day.read() as store:
        after = store.frame("camera_sites", crs="wgs84").loc[number]
    assert after["mount_height_m"] == 7.5 and after.geometry.distance(place) > 1e-4
    for _ in range(10):  # until the map has the saved place from the server, a click there meets nothing
        page.mouse.click(x + 90, y - 60)
        try:
            page.wait_for_selector("#edit-panel .history li", state="attached", timeout=3_000)
            break
        except PlaywrightTimeoutError:
            continue
    page.wait_for_selector("#edit-panel .history li", state="attached")
    page.click("#edit-panel summary")
    day.shot(page, "camera-moved")
    page.click("#edit-form button:has-text('取消')")
    page.click("#edit-undo")
    said(page, "已撤销")
    with day.read() as store:
        again = store.frame("camera_sites", crs="wgs84").loc[number]
    assert again.geometry.equals(place) and again["mount_height_m"] == before["mount_height_m"]
    page.click(".bar >> text=监控盲区")
    day.shot(page, "gaps-after-undo")


def plans(day):
    """3. and 4. A plan of short search, published for today; the cadres see it, each the own route and nothing else."""
    page = day.page("guihua-1")
    page.click(".bar >> text=巡逻")
    page.fill("#option-time_limit_s", "6")
    page.click("text=编排巡逻")
    assert len(set(job_done(page, "patrol"))) > 2
    page.click("main [data-part=result]")
    page.wait_for_selector("#publication")
    page.wait_for_selector("[data-ready=true]", state="attached")
    day.shot(page, "plan")
    page.fill("#last", page.input_value("#first"))
    page.click("text=发布此方案")
    page.wait_for_selector("text=此方案已发布")
    day.shot(page, "plan-published", whole=True)
    with day.read() as store:
        cameras = set(store.frame("camera_sites")["name"].dropna())
    routes = {}
    for name, (_, _, unit) in CADRES.items():
        phone = day.page(name)
        phone.reload()
        phone.wait_for_selector("h1")
        phone.wait_for_load_state("networkidle")
        assert phone.inner_text("h1") == unit
        routes[name] = stops(phone)
        assert routes[name]
        assert not cameras & set(re.split(r"\s+", phone.content())), "a cadre reads the name of a camera"
        assert not any(other in phone.content() for _, _, other in CADRES.values() if other != unit)
        assert POLICE not in phone.content() and "监控" not in phone.content()
        assert phone.locator(".bar nav li").all_inner_texts() == ["我的路线"]
        day.shot(phone, f"route-{name}", whole=True)
    phone.recorder.expect_status(403, 404)
    for path in ("/gaps", "/patrol", "/layers/camera_sites", "/api/v1/map/cameras.json", "/map/edit"):
        assert phone.request.get(day.base + path).status in (403, 404), path
    phone.goto(day.base + "/gaps")
    day.shot(phone, "cadre-refused")
    phone.goto(day.base + "/my-routes")
    return routes


#: Asks for page after page until it is told to stop, and notes what came.
BROWSE = """([paths, words]) => {
  window.stopped = false;
  window.rounds = 0;
  window.browsed = (async () => {
    const seen = [];
    while (!window.stopped && seen.length < 400) {
      for (const path of paths) {
        const begun = performance.now();
        const answer = await fetch(path);
        const text = await answer.text();
        const name = text.match(/class="name"[^>]*>([^<]+)</);
        seen.push({ path: path, status: answer.status, ms: performance.now() - begun,
          name: name ? name[1].split(" ")[0] : "", words: words.filter((one) => text.includes(one)) });
        await new Promise((done) => setTimeout(done, 100));
      }
      window.rounds += 1;
    }
    return seen;
  })();
}"""


def crowd(day):
    """5. Two planners and three cadres at once while a plan is searched: nothing crossed, nothing overwritten."""
    one, other = (day.page(name) for name in PLANNERS)
    other.recorder.expect_status(409)
    one.click(".bar >> text=巡逻")
    if not one.is_visible("#option-time_limit_s"):
        one.click("summary:has-text('重新编排')")
    one.fill("#option-time_limit_s", "90")
    one.click("text=编排巡逻")
    one.wait_for_selector(".job[data-state=running]", timeout=LONGEST_MS)
    job = one.url
    with day.read() as store:
        row = int(store.frame("camera_sites").index[7])
    for page in (one, other):
        page.goto(f"{day.base}/map/edit?layer=camera_sites&id={row}")
        page.wait_for_selector("#field-name")
    secret = [*CADRES, *PLANNERS, *(unit for _, _, unit in CADRES.values()), POLICE]
    for name in PLANNERS:
        day.page(name).evaluate(BROWSE, [["/", "/gaps", "/patrol", "/layers/camera_sites"], []])
    for name in CADRES:
        asked = [one for one in day.page(name).recorder.requests if "/my-map/patrol_routes.json" in one]
        paths = ["/my-routes", "/account", asked[-1]]
        day.page(name).evaluate(BROWSE, [paths, secret])
    for page, words in ((one, "甲改的名称"), (other, "乙改的名称")):
        page.fill("#field-name", words)
    one.click("#edit-form button.main")
    said(one, "已保存")
    other.click("#edit-form button.main")
    other.wait_for_selector(".edit-clash")
    told = other.inner_text(".edit-clash")
    assert "guihua-1" in told and "甲改的名称" in told and "乙改的名称" in told
    with day.read() as store:
        assert store.frame("camera_sites").loc[row, "name"] == "甲改的名称"
    day.shot(other, "conflict", idle=False)
    other.locator(".edit-clash .buttons button").first.click()
    other.wait_for_selector(".edit-clash", state="detached")
    for name in (*PLANNERS, *CADRES):
        day.page(name).wait_for_function("() => window.rounds >= 3")
    seen = {
        name: day.page(name).evaluate("() => { window.stopped = true; return window.browsed; }")
        for name in (*PLANNERS, *CADRES)
    }
    for name, answers_of in seen.items():
        assert {step["status"] for step in answers_of} == {200}, name
        assert {step["name"] for step in answers_of if "/api/" not in step["path"]} == {name}
        if name in CADRES:
            unit = CADRES[name][2]
            assert {word for step in answers_of for word in step["words"]} == {name, unit}
    times = sorted(step["ms"] for answers_of in seen.values() for step in answers_of)
    print(
        f"five at once: {len(times)} answers, median {times[len(times) // 2]:.0f} ms,"
        f" p95 {times[int(len(times) * 0.95)]:.0f} ms"
    )
    one.goto(job)
    assert one.get_attribute(".job", "data-state") == "running", "the job ended before the crowd"
    day.shot(one, "job-running", whole=True)
    one.click(".job button:has-text('取消')")
    one.wait_for_selector(".job[data-state=cancelled]", timeout=LONGEST_MS)


def backs_up(day, file):
    """6. The administrator makes a backup on the page and takes it away."""
    admin = day.page("suozhang")
    admin.click(".bar >> text=管理")
    day.shot(admin, "administration", whole=True)
    admin.click(".cards >> text=备份")
    admin.click("button:has-text('立即备份')")
    job_done(admin, "backup")
    admin.click("main [data-part=result]")
    admin.wait_for_selector("#backups")
    day.shot(admin, "backups", whole=True)
    with admin.expect_download() as taken:
        admin.locator("#backups a:has-text('下载')").first.click()
    taken.value.save_as(file)


def everything(day):
    """What the station holds, to be compared before and after."""
    with day.read() as store:
        kinds = ("coverage", "gaps", "patrol")
        results = {kind: store.latest_result(kind) for kind in kinds}
        return {
            "layers": {name: store.count(name) for name in LAYERS},
            "results": {
                kind: (one.id, one.summary, one.created_at, one.store_revision)
                for kind, one in results.items()
            },
            "frames": {
                (kind, name): len(results[kind].frame(name))
                for kind, name in (("coverage", "targets"), ("gaps", "pieces"), ("patrol", "visits"))
            },
            "publications": published(store),
            "changes": [repr(one) for one in store.changes(limit=300)],
            "revision": store.revision(),
        }


def lives_again(day, routes):
    """All accounts come in with their passwords, and the cadres see the routes they saw."""
    for name, password in {"suozhang": ADMIN, **PLANNERS, **INSPECTOR}.items():
        page = day.page(name)
        page.context.clear_cookies()
        log_in(day, page, name, password)
    day.shot(day.page("ducha-1"), "inspector-after", whole=True)
    for name in CADRES:
        phone = day.page(name)
        phone.context.clear_cookies()
        log_in(day, phone, name, CADRE_WORD)
        phone.wait_for_selector("#stops", state="attached")
        assert stops(phone) == routes[name]
    day.shot(phone, "route-after", whole=True)
    admin = day.page("suozhang")
    admin.goto(day.base + "/audit")
    day.shot(admin, "audit", whole=True)


def stops(phone):
    """The stops of a route, those before now with them."""
    return [" ".join(one.split()) for one in phone.locator("ol.stops li").all_text_contents()]


@pytest.fixture
def day(tmp_path, open_page):
    played = Day(tmp_path / "station", lambda viewport=None, **more: open_page(viewport, **more))
    yield played
    for page in played.pages.values():
        page.goto(
            "about:blank"
        )  # a page that still asks for its job would tell of the server's end after this
        # who leaves a page while its map still loads aborts a request, and while the server is away none is answered
        page.recorder.faults = [
            one for one in page.recorder.faults if not re.search(r"ERR_(ABORTED|CONNECTION_REFUSED)$", one)
        ]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_the_first_day_at_a_station(day, real_data, tmp_path):
    port = free_port()
    begun = time.monotonic()

    def clock(words):
        print(f"{time.monotonic() - begun:.1f} s: {words}")

    command(day.folder, "init", "--name", "新街口镇")
    command(day.folder, "user", "add", "suozhang", "--role", "admin", "--password-stdin", given=ADMIN + "\n")
    with service(day.folder, port) as day.base:
        accounts(day)
        clock("accounts")
        imports(day, real_data)
        clock("imports")
        town(day)
        cadres(day)
        clock("villages, units, cadres")
        computes(day)
        clock("coverage, blind spots, a camera moved and moved back")
        routes = plans(day)
        clock("plan published and seen")
        crowd(day)
        clock("five at once")
        backs_up(day, tmp_path / "away.zip")
        clock("backup")
        before = everything(day)
    assert command(day.folder, "audit", "--verify")["ok"]
    shutil.rmtree(day.folder)
    command(day.folder, "restore", str(tmp_path / "away.zip"))
    assert command(day.folder, "audit", "--verify")["ok"]
    assert everything(day) == before
    with service(day.folder, port) as day.base:
        lives_again(day, routes)
    assert command(day.folder, "audit", "--verify")["ok"]
    clock("restored")
