"""A real Chromium, pages that watch what they do, a server for an app, and a town of hostile words."""

import datetime as dt
import os
import shutil
import threading
from urllib.parse import urlsplit

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from playwright.sync_api import Error, sync_playwright
from werkzeug.serving import make_server

from geo_service.publications import publish
from geo_service.workspace import Workspace
from town_model import LAYERS

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
#: Every way in that we know of: Jinja, script, event handler, template strings, separators that end a JS line.
HOSTILE = (
    "{{7*7}}{%print(7*7)%}</script><script>window.pwned=1</script>"
    "<img src=x onerror=window.pwned=1>`${7*7}`'\"\u2028&lt;b&gt;"
)
#: Names as long as any field takes: words without a break, from right to left, pictures, marks without width.
LONG = (
    "石门镇"
    + "很" * 40
    + "长的名称"
    + "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
    "\u202eمحطة الشرطة\u202c"
    + "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 5
    + "a\u200bb\u200cc\u2060"
    + "n" * 200
)[:300]
LON, LAT = 118.78, 32.04


class Recorder:
    """What a page did that it should not: requests to other hosts, errors on the console, failed requests."""

    def __init__(self, page):
        self.requests = []
        self.faults = []
        self.own_hosts = {""}
        self.expected = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("request", lambda one: self._request(one.url))
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("dialog", self._dialog)

    def expect_status(self, *statuses):
        """Let answers of these HTTP statuses pass (a refused log-in, a page that must not be there)."""
        self.expected |= set(statuses)

    def _console(self, one):
        if one.type == "error" and not (self.expected and "Failed to load resource" in one.text):
            self.faults.append(f"console {one.type}: {one.text}")

    def _request(self, url):
        self.requests.append(url)
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob", "about", "file"):
            return
        if parts.hostname not in ("127.0.0.1", "localhost"):
            self.faults.append(f"left the host: {url}")

    def _failed(self, one):
        # what the browser itself breaks off when it leaves a page (a poll, a picture) is no fault of the page
        if "ERR_ABORTED" not in str(one.failure):
            self.faults.append(f"failed: {one.url} {one.failure}")

    def _response(self, one):
        if one.status >= 400 and one.status not in self.expected:
            self.faults.append(f"{one.status}: {one.url}")

    def _dialog(self, one):
        self.faults.append(f"dialog: {one.message}")
        one.dismiss()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests; GEO_CHROMIUM names another one."""
    path = os.environ.get("GEO_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        try:
            # GPU and sandbox are not to be had in containers.
            started = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        except Error as error:
            pytest.skip(
                f"no Chromium (set GEO_CHROMIUM to its path): tests in the browser did not run: {error}"
            )
        yield started
        started.close()


@pytest.fixture
def serve():
    """A function that serves a WSGI app on a free port of this machine and returns its address."""
    servers = []

    def start(app):
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@pytest.fixture
def open_page(browser, serve):
    """A function that opens a page of a given size; at the end no such page may have done what it should not.

    It asks for `serve` so that pages close before their server does: what they still load is then broken off, not reset.
    """
    contexts = []
    recorders = []

    def open_one(viewport=None, **options):
        context = browser.new_context(viewport=dict(viewport or DESKTOP), locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.recorder = Recorder(page)
        recorders.append(page.recorder)
        return page

    yield open_one
    pwned = [bool(page.evaluate("Boolean(window.pwned)")) for one in contexts for page in one.pages]
    for one in contexts:
        one.close()
    assert [fault for one in recorders for fault in one.faults] == []
    assert not any(pwned)


@pytest.fixture(scope="session")
def settled():
    """A function that waits until a page and its map, if it has one, are drawn; quicker than an idle network."""

    def wait(page):
        page.wait_for_load_state("load")
        page.evaluate("window.townMap ? window.townMap.ready.then(() => true) : true")

    return wait


@pytest.fixture
def page(open_page):
    """A desktop page, 1440 × 900; `page.recorder` holds what it did, and teardown asserts that it was clean."""
    return open_page(DESKTOP)


@pytest.fixture
def phone(open_page):
    """A phone's page, 390 × 844, with touch."""
    return open_page(PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def hostile():
    """The hostile words."""
    return HOSTILE


def _shape(kind, place):
    x, y = LON + 0.002 * (place % 5), LAT + 0.002 * (place // 5)
    if kind == "point":
        return shapely.Point(x, y)
    if kind in ("line", "line_or_polygon"):
        return shapely.LineString([(x, y), (x + 0.0012, y), (x + 0.0012, y + 0.0012)])
    return shapely.box(x, y, x + 0.0012, y + 0.0012)


def _value(column, words):
    if column.kind == "text":
        return words
    if column.kind == "choice":
        return column.choices[0].value
    if column.kind in ("integer", "real"):
        least = column.minimum if column.minimum is not None else 1
        return max(least, 12) if column.maximum is None else min(max(least, 12), column.maximum)
    return {
        "boolean": False,
        "hours": "08:00-17:00",
        "date": "2027-01-31",
        "datetime": "2026-05-04 08:00",
    }.get(column.kind)


def _town_of(folder, words):
    """A town in which every text of every layer and of every result is the same words."""
    made = Workspace.create(folder, name=words)
    store = made.store
    store.place_town(LON, LAT, actor="tester")
    with store.change(actor="tester", kind="import", note=words) as change:
        for name in ("primary", "constructor", "__proto__"):
            line = shapely.LineString([(LON, LAT - 0.001), (LON + 0.008, LAT - 0.0012)])
            change.insert("roads", [{"name": words, "highway": name, "geometry": line}])
        for place, layer in enumerate(LAYERS.values()):
            if layer.geometry in (None, "raster"):
                continue
            row = {one.name: _value(one, words) for one in layer.columns}
            row["geometry"] = _shape(layer.geometry, place)
            if "category" in row:
                row["category"] = "school"
            if "clear_height_m" in row:
                row["clear_height_m"] = 3  # below the height
            change.insert(layer.name, [{key: value for key, value in row.items() if value is not None}])
    _results(store, words)
    return made


@pytest.fixture
def hostile_workspace(tmp_path):
    """A town in which every text of every layer and of every result is hostile."""
    with _town_of(tmp_path / "hostile", HOSTILE) as made:
        yield made


@pytest.fixture
def long_workspace(tmp_path):
    """The same with names of 300 characters."""
    with _town_of(tmp_path / "long", LONG) as made:
        yield made


def _results(store, words):
    square = store.frame("key_areas").geometry.iloc[0]
    crs = store.frame("key_areas").crs

    def ground(rows):
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)

    seen = [
        {"camera": 1, "camera_name": words, "status": "working", "observation_class": "observe", "light": light,
         "area_m2": square.area, "geometry": square.buffer(60)}
        for light in ("day", "night")
    ]  # fmt: skip
    bands = [
        {"light": light, "band": band, "area_m2": square.area, "geometry": square.buffer(away)}
        for light in ("day", "night")
        for band, away in (("sure", 20), ("possible", 60))
    ]
    targets = pd.DataFrame(
        [{"target": "key_areas/1", "layer": "key_areas", "row": 1, "name": words, "kind": "key_area", "priority": "1",
          "required_class": "observe", "measure": "area_m2", "size": 10.0, "share_day": 0.5, "share_night": 0.25,
          "cameras": words}]
    )  # fmt: skip
    store.save_result(
        "coverage",
        actor=words,
        options={},
        summary={},
        frames={"visible_areas": ground(seen), "targets": targets, "bands": ground(bands)},
    )
    masks = [
        {"camera": 1, "camera_name": words, "from_deg": 10.0, "to_deg": 40.0, "near_m": 5.0, "far_m": 50.0,
         "private_m2": 12.0, "lost_m2": 3.0, "geometry": square.buffer(20)}
    ]  # fmt: skip
    store.save_result("exposure", actor=words, options={}, summary={}, frames={"masks": ground(masks)})
    pieces = [
        {"target": "key_areas/1", "target_name": words, "target_kind": "key_area", "light": light, "priority": "1",
         "required_class": "observe", "cause": "hidden", "cause_ref": "buildings/1", "cause_name": words,
         "nearest_camera": 1, "nearest_camera_name": words, "distance_m": 12.0, "area_m2": square.area,
         "length_m": float("nan"), "geometry": square}
        for light in ("day", "night")
    ]  # fmt: skip
    store.save_result("gaps", actor=words, options={}, summary={}, frames={"pieces": ground(pieces)})
    unit = {"unit": "patrol_units/1", "unit_name": words, "mode": "foot", "kind": "village", "village": 1}
    line = shapely.LineString(
        [(square.centroid.x, square.centroid.y), (square.centroid.x + 300, square.centroid.y + 200)]
    )
    frames = {
        "visits": pd.DataFrame([{**unit, "seq": 0, "place": "key_areas/1", "place_name": words, "arrive_s": 28800.0, "depart_s": 29520.0}]),
        "routes": ground([{**unit, "length_m": line.length, "geometry": line}]),
        "breaches": pd.DataFrame([{"place": "key_areas/1", "place_name": words, "start_s": 0.0, "end_s": 9000.0, "gap_s": 9000.0, "max_gap_s": 7200.0}]),
        "places": ground([{"place": "key_areas/1", "name": words, "max_gap_s": 7200.0, "dwell_s": 720.0, "visits": 1, "worst_gap_s": 9000.0, "geometry": square.centroid}]),
        "unreachable": pd.DataFrame([{"place": "key_areas/2", "name": words, "mode": "car", "reason": words}]),
        "units": pd.DataFrame([{**unit, "base_name": words, "start_s": 28800.0, "end_s": 57600.0, "visits": 1, "drive_s": 60.0, "length_m": line.length}]),
    }  # fmt: skip
    plan = store.save_result("patrol", actor=words, options={}, summary={}, frames=frames)
    today = dt.datetime.now().astimezone().date()
    publish(store, plan, today, today + dt.timedelta(days=1), actor="tester", today=today)
