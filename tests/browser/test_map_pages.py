"""Claims about maps in a real browser: nothing leaves the host, nothing hostile runs, everything draws."""

import json
from datetime import datetime
from html import escape

import pytest
from flask import Flask, Response, request

import town_maps
from geo_service.mapdata import SOURCES, encode, layer_data, map_spec
from geo_service.mapfile import write_town_map

pytestmark = pytest.mark.browser

NOW = datetime(2026, 5, 6, 8, 30).astimezone()
EVERYTHING = {one.permission for one in SOURCES.values()}
# How many pixels of each canvas are painted (opaque enough to see), and how many colours the base map has.
PAINTED = """() => Array.from(document.querySelectorAll('canvas.town-map-canvas')).map((canvas) => {
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  let painted = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 40) { painted += 1; colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]); }
  }
  return {painted: painted, colours: colours.size};
})"""


def app_for(store, **options):
    """An app as small as can be that embeds the map under the strict policy."""
    app = Flask(__name__)

    @app.after_request
    def guard(response):
        response.headers["Content-Security-Policy"] = town_maps.CONTENT_SECURITY_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.get("/")
    def index():
        spec = map_spec(
            store, language="zh", permissions=EVERYTHING, url=lambda key: f"/data/{key}", **options
        )
        parts = town_maps.page_parts(spec, asset_url="/assets/")
        return (
            '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(spec.title)}</title>{parts.head}</head>"
            f'<body class="town-map-page">{parts.body}{parts.script}</body></html>'
        )

    @app.get("/assets/<path:name>")
    def asset(name):
        file = town_maps.asset(name)
        return Response(file.content, mimetype=file.media_type)

    @app.get("/data/<key>")
    def data(key):
        box = tuple(map(float, request.args["bbox"].split(","))) if "bbox" in request.args else None
        zoom = request.args.get("zoom", type=float)
        found = layer_data(store, key, language="zh", permissions=EVERYTHING, bbox=box, zoom=zoom)
        return Response(encode(found), mimetype="application/json")

    return app


def ready(page):
    page.evaluate("townMap.ready.then(() => true)")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def show_all(page):
    """Switch every layer on and wait for its data."""
    page.evaluate(
        """async () => { for (const box of document.querySelectorAll('input[name=layer]')) {
        await townMap.show(box.value, true); } }"""
    )
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_a_hostile_town_draws_in_a_file_and_nothing_runs(hostile_workspace, hostile, page, tmp_path):
    out = write_town_map(
        hostile_workspace.store, tmp_path / "town.html", with_sensitive=True, user=hostile, now=NOW
    )
    page.goto(out.as_uri())
    ready(page)
    show_all(page)
    layers = page.evaluate(
        "Array.from(document.querySelectorAll('input[name=layer]')).map((one) => one.value)"
    )
    assert set(layers) == set(SOURCES)
    assert page.evaluate("(keys) => keys.filter((key) => townMap.count(key) === 0)", layers) == []
    base, overlay, labels = page.evaluate(PAINTED)
    assert base["painted"] > 1_000_000
    assert base["colours"] > 20
    assert overlay["painted"] > 20_000
    assert labels["painted"] > 500
    for key in layers:
        if page.evaluate("(key) => townMap.select(key, townMap.firstId(key))", key):
            shown = page.inner_text(".tm-info")
            assert "49" not in shown
            if key not in ("street_lights", "villages"):
                assert (
                    "{{7*7}}" in shown or key.startswith(("coverage", "certainty")) or key == "obstacles"
                ), key
    assert "49" not in page.inner_text("body")
    assert page.locator("img").count() == 0
    assert page.evaluate("Boolean(window.pwned)") is False
    assert page.recorder.requests == [out.as_uri(), "data:,"] or page.recorder.requests == [out.as_uri()]


def test_a_hostile_town_draws_in_a_page_under_the_strict_policy(hostile_workspace, page, serve):
    page.goto(serve(app_for(hostile_workspace.store)))
    ready(page)
    show_all(page)
    assert page.evaluate("townMap.visible().filter((key) => townMap.count(key) === 0)") == []
    base, overlay, _ = page.evaluate(PAINTED)
    assert base["colours"] > 20
    assert overlay["painted"] > 20_000
    assert "49" not in page.inner_text("body")
    assert "{{7*7}}" in page.inner_text(".tm-layers")


def test_the_policy_of_the_page_lets_no_inline_script_run(hostile_workspace, page, serve):
    """The map works under it, and what markup would bring in stays dead: the policy is really in force."""
    page.goto(serve(app_for(hostile_workspace.store)))
    ready(page)
    page.evaluate(
        """() => { const one = document.createElement('script'); one.textContent = 'window.inline = 1';
        document.body.append(one); }"""
    )
    assert page.evaluate("window.inline") is None
    assert any("Content Security Policy" in one for one in page.recorder.faults)
    page.recorder.faults.clear()


def test_a_click_shows_what_is_there_and_tells_the_page(hostile_workspace, page, serve):
    page.goto(serve(app_for(hostile_workspace.store, keys={"camera_sites", "roads"})))
    ready(page)
    page.evaluate(
        "() => { window.told = []; document.addEventListener('townmap:select', (e) => told.push(e.detail)); }"
    )
    camera = hostile_workspace.store.frame("camera_sites", crs="wgs84").geometry.iloc[0]
    lon, lat = camera.x, camera.y
    page.evaluate("townMap.zoomTo('camera_sites', 1)")
    page.evaluate("townMap.clear()")
    page.evaluate("() => { window.told.length = 0; }")
    spot = page.evaluate(
        f"(() => {{ const p = townMap.map.latLngToContainerPoint([{lat}, {lon}]); return [p.x, p.y]; }})()"
    )
    page.mouse.click(*spot)
    assert page.evaluate("told.map((one) => [one.layer, one.id])") == [["camera_sites", 1]]
    assert "监控点位" in page.inner_text(".tm-info")
    page.keyboard.press("Escape")
    assert page.locator(".tm-info").is_hidden()
    assert page.evaluate("told[1].layer") is None


def test_layers_are_switched_by_keyboard_and_drawn_or_not(hostile_workspace, page, serve):
    page.goto(
        serve(app_for(hostile_workspace.store, keys={"roads", "gaps_day"}, visible={"roads", "gaps_day"}))
    )
    ready(page)
    assert page.evaluate(PAINTED)[1]["painted"] > 500
    page.focus("input[value=gaps_day]")
    page.keyboard.press("Space")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(PAINTED)[1]["painted"] == 0
    assert page.evaluate("townMap.visible()") == ["roads"]


def test_a_layer_that_fails_says_so_and_the_others_draw(hostile_workspace, page, serve):
    page.recorder.expect_status(500)
    app = app_for(hostile_workspace.store, keys={"roads", "buildings"})
    inner = app.view_functions["data"]
    app.view_functions["data"] = lambda key: inner(key) if key != "buildings" else Response("no", status=500)
    page.goto(serve(app))
    ready(page)
    assert page.evaluate("[townMap.count('roads'), townMap.count('buildings')]") == [4, 0]
    assert "加载失败" in page.inner_text(".tm-layers")


def test_the_map_works_on_a_phone_and_nothing_sticks_out(hostile_workspace, phone, serve):
    phone.goto(serve(app_for(hostile_workspace.store)))
    ready(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.locator(".tm-body").is_hidden()
    phone.locator(".tm-fold").tap()
    assert phone.locator(".tm-body").is_visible()
    assert phone.locator(".tm-fold").get_attribute("aria-expanded") == "true"
    phone.locator("input[value=coverage_night]").tap()
    assert "coverage_night" in phone.evaluate("townMap.visible()")
    phone.evaluate("townMap.select('key_areas', 1)")
    box = phone.locator(".tm-info").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844


def test_a_browser_that_cannot_run_the_map_says_what_to_do(hostile_workspace, open_page, tmp_path):
    out = write_town_map(hostile_workspace.store, tmp_path / "town.html")
    old = open_page(java_script_enabled=False)
    old.goto(out.as_uri())
    old.locator(".tm-unready").wait_for(state="visible")
    assert "请切换极速模式" in old.inner_text(".tm-unready")
    new = open_page()
    new.goto(out.as_uri())
    ready(new)
    assert new.locator(".tm-unready").count() == 0


def test_the_watermark_is_on_the_screen_and_on_paper(hostile_workspace, page, tmp_path):
    out = write_town_map(
        hostile_workspace.store, tmp_path / "t.html", with_sensitive=True, user="planner", now=NOW
    )
    page.goto(out.as_uri())
    ready(page)
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        assert page.locator(".tm-watermark-line").is_visible()
        assert page.locator(".tm-watermark-line").inner_text() == "内部使用 · planner · 2026-05-06 08:30"
        assert page.locator(".tm-watermark span").first.is_visible()


def test_an_a4_sheet_holds_the_map_on_one_page(hostile_workspace, page, tmp_path):
    out = write_town_map(hostile_workspace.store, tmp_path / "town.html")
    page.goto(out.as_uri())
    ready(page)
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") == 1
    assert b"/MediaBox [0 0 841" in sheet or b"/MediaBox [0 0 842" in sheet


def test_printing_draws_the_map_once_for_the_sheet_and_gives_the_screen_back(
    hostile_workspace, page, tmp_path
):
    """Chromium prints a canvas empty that is drawn twice while printing begins."""
    out = write_town_map(hostile_workspace.store, tmp_path / "town.html")
    page.goto(out.as_uri())
    ready(page)
    state = "(() => { const m = townMap.map; return [m.getSize().x, m.getSize().y, m.getZoom(), m.getCenter().lng]; })()"
    before = page.evaluate(state)
    page.evaluate(
        """() => { window.seen = []; const note = (name) => () => seen.push([name, townMap.paints(), townMap.map.getSize().x]);
        window.addEventListener('beforeprint', note('printing')); window.addEventListener('afterprint', note('after'));
        note('before')(); }"""
    )
    page.pdf(prefer_css_page_size=True, print_background=True)
    seen = page.evaluate("window.seen")
    assert [one[0] for one in seen] == ["before", "printing", "after"]
    assert seen[1][1] - seen[0][1] == 1
    assert seen[1][2] == pytest.approx(1060, abs=3)
    assert page.evaluate(state) == pytest.approx(before)


def test_a_large_town_is_asked_for_by_view(hostile_workspace, page, serve, monkeypatch):
    from geo_service.mapdata import rows

    monkeypatch.setitem(rows.BY_VIEW, "buildings", (0, 15))
    page.goto(serve(app_for(hostile_workspace.store, keys={"buildings"})))
    ready(page)
    page.evaluate("townMap.map.setZoom(14, {animate: false})")
    asked = [one for one in page.recorder.requests if "/data/buildings" in one]
    page.evaluate("townMap.map.setView(townMap.map.getBounds().getCenter(), 17, {animate: false})")
    with page.expect_response(
        lambda one: "/data/buildings?bbox=" in one.url and "zoom=18" in one.url
    ) as answer:
        page.evaluate("townMap.map.setZoom(18, {animate: false})")
    assert json.loads(answer.value.body())["key"] == "buildings"
    assert all("bbox=" in one for one in page.recorder.requests if "/data/buildings" in one)
    assert len(asked) <= 1
