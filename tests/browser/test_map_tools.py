"""Claims about what one does on a map: the hooks for other scripts, measuring, coordinates, links, search, print."""

import math
import re

import numpy as np
import pytest
from flask import Flask, Response
from pyproj import Geod, Transformer

import town_maps
from geo_service.imports.datums import gcj02_to_wgs84, wgs84_to_gcj02
from geo_service.mapdata import SOURCES, encode, layer_data, map_spec
from geo_service.web.map_extras import EXTRAS, MapExtra, extras

pytestmark = pytest.mark.browser

EVERYTHING = {one.permission for one in SOURCES.values()}


def app_for(store, *, scripts=(), settings=None, **options):
    """An app as small as can be that embeds the map under the strict policy, with further scripts by address."""
    app = Flask(__name__)

    @app.after_request
    def guard(response):
        response.headers["Content-Security-Policy"] = town_maps.CONTENT_SECURITY_POLICY
        return response

    @app.get("/")
    def index():
        spec = map_spec(
            store, language="zh", permissions=EVERYTHING, url=lambda key: f"/data/{key}", **options
        )
        spec = town_maps.MapSpec(**{**vars(spec), "settings": settings or {}})
        parts = town_maps.page_parts(spec, asset_url="/assets/", scripts=[f"/extra/{one}" for one in scripts])
        return (
            '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>t</title>{parts.head}</head>'
            f'<body class="town-map-page">{parts.body}{parts.script}</body></html>'
        )

    @app.get("/assets/<path:name>")
    def asset(name):
        file = town_maps.asset(name)
        return Response(file.content, mimetype=file.media_type)

    @app.get("/extra/<name>")
    def extra(name):
        return Response(dict(scripts)[name], mimetype="text/javascript")

    @app.get("/data/<key>")
    def data(key):
        return Response(
            encode(layer_data(store, key, language="zh", permissions=EVERYTHING)), mimetype="application/json"
        )

    return app


def ready(page):
    page.evaluate("townMap.ready.then(() => true)")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def until(page, condition):
    """Wait for a condition; the page's policy forbids Playwright's own way of asking."""
    page.evaluate(
        f"""() => new Promise((done, fail) => {{ const end = performance.now() + 10000;
        const ask = () => ({condition}) ? done() : performance.now() > end ? fail(new Error('too late')) : requestAnimationFrame(ask);
        ask(); }})"""
    )


HOOKED = """
const box = document.createElement('button');
box.textContent = townMap.settings.mine.word;
box.id = 'mine';
townMap.addControl(box, 'bottomleft');
const part = townMap.panelSection('Mine', {name: 'mine'});
part.textContent = 'inside';
window.taken = [];
window.drawn = 0;
window.end = townMap.onClick((told) => { window.taken.push([told.latlng.lat, told.latlng.lng]); return true; });
townMap.addPainter((view) => { window.drawn += 1; const p = view.pixel([118.78, 32.04]); view.ctx.fillRect(p[0], p[1], 9, 9); });
"""


def test_a_further_script_finds_the_map_its_settings_and_its_hooks(hostile_workspace, page, serve):
    """A control, a section of the panel, clicks of its own and paint of its own, all under the strict policy."""
    app = app_for(
        hostile_workspace.store,
        scripts={"mine.js": HOOKED},
        settings={"mine": {"word": "</script>我的"}},
        keys={"roads", "key_areas"},
    )
    page.goto(serve(app))
    ready(page)
    assert page.inner_text("#mine") == "</script>我的"
    assert page.locator(".tm-layers .tm-section-mine").inner_text().split() == ["Mine", "inside"]
    assert page.evaluate("window.drawn") > 0
    page.click("#mine")
    assert page.evaluate("window.taken.length") == 0
    page.mouse.click(700, 600)
    assert page.evaluate("window.taken.length") == 1
    assert page.evaluate("townMap.selected()") is None
    page.evaluate("window.end()")
    page.mouse.click(700, 600)
    assert page.evaluate("window.taken.length") == 1


def test_a_masked_feature_is_neither_drawn_nor_found(hostile_workspace, page, serve):
    page.goto(serve(app_for(hostile_workspace.store, keys={"key_areas"})))
    ready(page)
    told = page.evaluate(
        """() => { const one = townMap.feature('key_areas', townMap.firstId('key_areas'));
        window.spot = one.parts[0].reduce((a, p) => [a[0] + p[0] / one.parts[0].length, a[1] + p[1] / one.parts[0].length], [0, 0]);
        const at = () => townMap.hitAt(L.latLng(window.spot[1], window.spot[0]));
        const before = at();
        townMap.mask('key_areas', one.id, true);
        const during = at();
        townMap.mask('key_areas', one.id, false);
        return [one.parts[0], before && before.id === one.id, during, at().id === one.id]; }"""
    )
    shape = hostile_workspace.store.frame("key_areas", crs="wgs84").geometry.iloc[0]
    assert {(round(x, 6), round(y, 6)) for x, y in told[0]} == {
        (round(x, 6), round(y, 6)) for x, y in shape.exterior.coords
    }
    assert told[1:] == [True, None, True]


def test_the_list_of_layers_is_told_with_counts(hostile_workspace, page, serve):
    page.goto(serve(app_for(hostile_workspace.store, keys={"roads", "key_areas"}, visible={"roads"})))
    ready(page)
    told = {one["key"]: one for one in page.evaluate("townMap.layers()")}
    assert told["roads"]["count"] == hostile_workspace.store.count("roads")
    assert told["roads"]["visible"] is True
    assert told["key_areas"]["visible"] is False
    page.evaluate("townMap.show('key_areas', true)")
    assert "key_areas" in page.evaluate("townMap.visible()")


def test_further_scripts_are_chosen_by_page():
    before = list(EXTRAS)
    try:
        EXTRAS[:] = [MapExtra("a"), MapExtra("b", pages=("row",))]
        assert [one.name for one in extras("overview")] == ["a"]
        assert [one.name for one in extras("row")] == ["b"]
        assert extras("own") == ()
    finally:
        EXTRAS[:] = before


def open_map(page, serve, workspace, **options):
    page.goto(serve(app_for(workspace.store, **options)))
    ready(page)


def test_lengths_and_areas_are_geodesic(hostile_workspace, page, serve):
    """To 0.1 % and better against PROJ's geodesics, from a house to a town of 30 km, from Hainan to Mohe."""
    open_map(page, serve, hostile_workspace, keys={"roads"})
    geod = Geod(ellps="GRS80")
    rng = np.random.default_rng(7)
    for lon, lat in ((110.3, 18.3), (118.78, 32.04), (122.3, 53.4), (7.42, 43.73), (118.78, -32.04)):
        for size in (0.0002, 0.01, 0.15):
            angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
            ring = [[lon + size * math.cos(one), lat + size * math.sin(one)] for one in angles]
            area, length = page.evaluate(
                "(ring) => [TownMap.geodesy.area(ring), TownMap.geodesy.length(ring.concat([ring[0]]))]", ring
            )
            true_area, true_length = geod.polygon_area_perimeter(*zip(*ring, strict=True))
            assert area == pytest.approx(abs(true_area), rel=2e-4)
            assert length == pytest.approx(true_length, rel=1e-5)


def test_gcj02_is_what_the_imports_take_it_for(hostile_workspace, page, serve):
    """Forth and back, in China, at the edge of its box and outside: the page and the server agree to a millimetre."""
    open_map(page, serve, hostile_workspace, keys={"roads"})
    rng = np.random.default_rng(11)
    lon = np.concatenate([rng.uniform(72, 138, 200), [118.78, 7.42, 137.9, 72.003]])
    lat = np.concatenate([rng.uniform(0.8, 55.9, 200), [32.04, 43.73, 32.0, 32.0]])
    pairs = np.column_stack([lon, lat]).tolist()
    forth = page.evaluate("(all) => all.map((p) => TownMap.geodesy.toGcj02(p[0], p[1]))", pairs)
    back = page.evaluate("(all) => all.map((p) => TownMap.geodesy.fromGcj02(p[0], p[1]))", pairs)
    np.testing.assert_allclose(forth, np.column_stack(wgs84_to_gcj02(lon, lat)), atol=1e-9, rtol=0)
    np.testing.assert_allclose(back, np.column_stack(gcj02_to_wgs84(lon, lat)), atol=1e-9, rtol=0)


def test_gauss_krueger_is_what_proj_has(hostile_workspace, page, serve):
    """CGCS2000 in zones of three degrees, to a tenth of a millimetre, and back."""
    open_map(page, serve, hostile_workspace, keys={"roads"})
    for epsg, meridian in ((4534, 75), (4547, 114), (4549, 120), (4554, 135)):
        proj = Transformer.from_crs(4490, epsg, always_xy=True)
        for lon, lat in ((meridian - 1.5, 20.0), (meridian + 0.3, 32.04), (meridian + 1.49, 53.5)):
            east, north = page.evaluate(f"TownMap.geodesy.toGauss({lon}, {lat}, {meridian})")
            assert (east, north) == pytest.approx(proj.transform(lon, lat), abs=1e-4)
            again = page.evaluate(f"TownMap.geodesy.fromGauss({east}, {north}, {meridian})")
            assert again == pytest.approx([lon, lat], abs=1e-9)


@pytest.mark.parametrize(
    ("system", "words", "place"),
    [
        ("wgs84", "118.78, 32.04", (118.78, 32.04)),
        ("wgs84", "32.04，118.78", (118.78, 32.04)),
        ("wgs84", "118°46′48″E 32°2′24″N", (118.78, 32.04)),
        ("cgcs2000", "１１８．７８ 32.04", (118.78, 32.04)),
        ("wgs84", "118.78", None),
        ("wgs84", "abc", None),
        ("wgs84", "200, 95", None),
        ("gauss", "40384810.1, 3546400.2", "zone 40"),
        ("gauss", "384810.1 3546400.2 120", "zone 40"),
        ("gauss", "3546400.2, 384810.1", "zone 40"),
        ("gauss", "12, 13", None),
    ],
)
def test_coordinates_are_read_as_people_type_them(hostile_workspace, page, serve, system, words, place):
    open_map(page, serve, hostile_workspace, keys={"roads"})
    found = page.evaluate(
        "([system, words]) => TownMap.geodesy.systems[system].read(words, [118.9, 32])", [system, words]
    )
    if place == "zone 40":
        # the map's middle lies in the zone of 120° E
        back = Transformer.from_crs(4549, 4490, always_xy=True)
        place = back.transform(384810.1, 3546400.2)
    assert found == (None if place is None else pytest.approx(place, abs=1e-8))


def spot_of(page, lon, lat):
    return page.evaluate(
        f"(() => {{ const p = townMap.map.latLngToContainerPoint([{lat}, {lon}]); return [p.x, p.y]; }})()"
    )


def test_a_distance_and_an_area_are_measured_with_the_mouse(hostile_workspace, page, serve):
    open_map(page, serve, hostile_workspace, keys={"roads"})
    page.evaluate("townMap.map.setView([32.04, 118.784], 17, {animate: false})")
    corners = [(118.782, 32.039), (118.786, 32.039), (118.786, 32.041), (118.782, 32.041)]
    page.click("[data-tool=line]")
    for lon, lat in corners[:2]:
        page.mouse.click(*spot_of(page, lon, lat))
    told = page.inner_text(".tm-figures")
    metres = float(re.search(r"([\d.,]+) 米", told)[1].replace(",", ""))
    # a pixel of this zoom is a metre
    assert metres == pytest.approx(Geod(ellps="GRS80").inv(*corners[0], *corners[1])[2], abs=2.5)
    assert page.evaluate("townMap.selected()") is None
    page.click("[data-tool=area]")
    for lon, lat in corners:
        page.mouse.click(*spot_of(page, lon, lat))
    told = page.inner_text(".tm-figures")
    true = abs(Geod(ellps="GRS80").polygon_area_perimeter(*zip(*corners, strict=True))[0])
    square, mu, hectares = (
        float(re.search(rf"([\d.,]+) {unit}", told)[1].replace(",", "")) for unit in ("平方米", "亩", "公顷")
    )
    assert square == pytest.approx(true, rel=0.01)
    assert mu == pytest.approx(square * 15 / 10_000, rel=0.01)
    assert hectares == pytest.approx(square / 10_000, rel=0.01)
    page.click("button:has-text('撤回一点')")
    triangle = page.inner_text(".tm-figures dd >> nth=0")
    assert float(triangle.split()[0].replace(",", "")) == pytest.approx(true / 2, rel=0.02)
    page.keyboard.press("Escape")
    assert page.locator(".tm-tool-card").is_hidden()


def test_a_distance_is_measured_with_the_keyboard_alone(hostile_workspace, page, serve):
    """Enter takes the middle of the map, the arrows move it by 80 pixels."""
    open_map(page, serve, hostile_workspace, keys={"roads"})
    page.evaluate("townMap.map.setView([32.04, 118.784], 17, {animate: false})")
    page.focus("[data-tool=line]")
    page.keyboard.press("Enter")
    page.focus("#map_town")
    page.keyboard.press("Enter")
    with page.expect_event("console", predicate=lambda one: one.text == "moved"):
        page.evaluate("townMap.map.once('moveend', () => console.log('moved'))")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    metres = float(re.search(r"([\d.,]+) 米", page.inner_text(".tm-figures"))[1])
    assert metres == pytest.approx(80 * 156543.034 * math.cos(math.radians(32.04)) / 2**17, rel=0.02)


def test_a_place_is_read_copied_and_found_again(hostile_workspace, page, serve):
    open_map(page, serve, hostile_workspace, keys={"roads"})
    page.click("[data-tool=place]")
    page.select_option(".tm-tool-card select", "gcj02")
    page.fill(".tm-tool-card input", "118.785213, 32.038105")
    page.keyboard.press("Enter")
    until(page, "!townMap.map._animatingZoom && Math.abs(townMap.map.getCenter().lng - 118.7800065) < 2e-5")
    middle = page.evaluate("[townMap.map.getCenter().lng, townMap.map.getCenter().lat]")
    assert middle == pytest.approx([float(one) for one in gcj02_to_wgs84(118.785213, 32.038105)], abs=2e-5)
    assert page.inner_text(".tm-spot") == "118.785213, 32.038105"
    page.select_option(".tm-tool-card select", "wgs84")
    lon, lat = (float(one) for one in page.inner_text(".tm-spot").split(", "))
    assert [lon, lat] == pytest.approx(
        [float(one) for one in gcj02_to_wgs84(118.785213, 32.038105)], abs=1e-6
    )
    page.fill(".tm-tool-card input", "somewhere")
    page.keyboard.press("Enter")
    assert "这不是该坐标系的坐标" in page.inner_text(".tm-fault")
    page.mouse.click(*spot_of(page, lon + 0.001, lat))
    clicked = page.inner_text(".tm-spot")
    assert float(clicked.split(", ")[0]) == pytest.approx(lon + 0.001, abs=2e-5)
    page.click(".tm-tool-card >> text=复制")
    page.locator(".tm-tool-card [role=status]", has_text="已复制").wait_for()
    page.fill(".tm-tool-card input", "")
    page.focus(".tm-tool-card input")
    page.keyboard.press("Control+V")
    until(page, f"document.querySelector('.tm-tool-card input').value === '{clicked}'")


def test_the_pointer_is_read_in_the_chosen_system(hostile_workspace, page, serve):
    open_map(page, serve, hostile_workspace, keys={"roads"})
    page.mouse.move(700, 500)
    first = page.inner_text(".tm-readout")
    at = page.evaluate(
        "(() => { const p = townMap.map.containerPointToLatLng([700, 500]); return [p.lng, p.lat]; })()"
    )
    assert first == f"WGS-84  {at[0]:.6f}, {at[1]:.6f}"
    page.click("[data-tool=place]")
    page.select_option(".tm-tool-card select", "gauss")
    page.reload()
    ready(page)
    page.mouse.move(700, 500)
    east, north = Transformer.from_crs(4490, 4549, always_xy=True).transform(*at)
    assert page.inner_text(".tm-readout") == f"CGCS2000 / 3°  E {east:.2f}, N {north:.2f} (120°)"


def test_a_link_brings_back_view_layers_and_choice(hostile_workspace, open_page, serve):
    page, other = open_page(), open_page()
    address = serve(
        app_for(hostile_workspace.store, keys={"roads", "key_areas", "camera_sites"}, visible={"roads"})
    )
    page.goto(address)
    ready(page)
    assert page.url == address + "/"
    page.check("input[value=key_areas]")
    page.evaluate("townMap.zoomTo('key_areas', 1)")
    view = "(() => { const m = townMap.map, c = m.getCenter(); return [m.getZoom(), c.lat, c.lng, townMap.visible(), townMap.selected()]; })()"
    here = page.evaluate(view)
    assert "#map=" in page.url
    assert "sel=key_areas/1" in page.url
    assert page.url.endswith(here_hash(here))
    for again in (page, other):
        again.goto("about:blank")
        again.goto(address + "/" + here_hash(here))
        ready(again)
        now = again.evaluate(view)
        assert now[0] == here[0]
        assert now[1:3] == pytest.approx(here[1:3], abs=1e-5)
        assert now[3:] == here[3:]
    # a link that is pasted into the same tab moves the map, too
    other.evaluate("location.hash = '#map=12/32.1/118.8&layers=camera_sites&sel=nothing/here'")
    until(other, "townMap.map.getZoom() === 12")
    assert other.evaluate("townMap.visible()") == ["camera_sites"]


def here_hash(view):
    zoom, lat, lon, layers, chosen = view
    return f"#map={zoom}/{lat:.6f}/{lon:.6f}&layers={','.join(layers)}&sel={chosen['layer']}/{chosen['id']}"


@pytest.mark.parametrize(
    "words", ["#map=99/32/118", "#map=a/b/c", "#map=5/95/118", "#%E0%A4%A&sel=/&layers=", "#sel=roads/77"]
)
def test_a_broken_link_shows_the_town(hostile_workspace, page, serve, words):
    page.goto(serve(app_for(hostile_workspace.store, keys={"roads"})) + "/" + words)
    ready(page)
    assert page.evaluate("townMap.map.getZoom()") <= 20
    assert page.evaluate("townMap.selected()") is None


def test_paper_says_scale_date_north_and_title(hostile_workspace, page, serve):
    open_map(page, serve, hostile_workspace, keys={"roads"}, title="石门镇")
    page.evaluate("townMap.map.setView([32.04, 118.784], 16, {animate: false})")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    line = page.inner_text(".tm-paper-line")
    assert line.startswith("石门镇 · ")
    assert page.evaluate("new Date().getFullYear().toString()") in line
    zoom = page.evaluate("townMap.map.getZoom()")
    metres = 156543.034 * math.cos(math.radians(32.04)) / 2**zoom
    scale = int(re.search(r"1∶(\d+)", line)[1])
    # CSS has 96 pixels to the inch of 25.4 mm
    assert scale == pytest.approx(metres / (0.0254 / 96), rel=0.05)
    assert page.locator(".tm-north").is_visible()
    assert page.locator(".leaflet-control-scale-line").is_visible()
    assert page.locator(".tm-tools").is_hidden()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".tm-north").is_hidden()


def test_groups_fold_and_count(hostile_workspace, page, serve):
    open_map(page, serve, hostile_workspace, visible={"roads", "camera_sites"})
    opener = page.locator(".tm-opener", has_text="底图")
    assert opener.get_attribute("aria-expanded") == "false"
    assert page.locator("input[value=roads]").is_hidden()
    opener.click()
    assert page.locator("input[value=roads]").is_visible()
    assert opener.locator(".tm-count").inner_text() == "1/7"
    page.uncheck("input[value=roads]")
    assert opener.locator(".tm-count").inner_text() == "0/7"


def test_the_tools_work_on_a_phone(hostile_workspace, phone, serve):
    open_map(phone, serve, hostile_workspace, keys={"roads"})
    # one button stands for all of them, so that the map is free
    assert phone.locator(".tm-tool:visible").count() == 1
    phone.tap("[data-tool=more]")
    phone.tap("[data-tool=place]")
    card = phone.locator(".tm-tool-card").bounding_box()
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= 390
    phone.touchscreen.tap(200, 350)
    at = phone.evaluate(
        "(() => { const p = townMap.map.containerPointToLatLng([200, 350]); return [p.lng, p.lat]; })()"
    )
    shown = [float(one) for one in phone.inner_text(".tm-spot").split(", ")]
    assert shown == pytest.approx(at, abs=1e-6)
    phone.tap("[data-tool=line]")
    phone.touchscreen.tap(150, 360)
    phone.touchscreen.tap(300, 360)
    assert "米" in phone.inner_text(".tm-figures")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.tap("[data-tool=more]")
    assert phone.locator(".tm-tool:visible").count() == 1
    assert phone.locator(".tm-tool-card").is_hidden()


def test_the_map_is_printed_alone_from_its_tools_and_the_page_comes_back(hostile_workspace, page, serve):
    """The sheet holds the map and nothing else of the page, as wide as A4 across."""
    open_map(page, serve, hostile_workspace, keys={"roads"}, title="石门镇")
    page.evaluate(
        """() => { const words = document.createElement('p'); words.id = 'beside'; words.textContent = 'beside the map';
        document.body.prepend(words);
        window.print = () => window.dispatchEvent(new Event('beforeprint')); }"""
    )
    page.click("[data-tool=print]")
    page.emulate_media(media="print")
    assert page.locator("#beside").is_hidden()
    assert page.evaluate("townMap.map.getSize().x") == pytest.approx(1060, abs=3)
    assert page.locator(".tm-paper-line").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("#beside").is_visible()
    assert page.locator(".tm-away, .tm-kept, .tm-alone").count() == 0
