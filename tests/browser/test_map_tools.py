"""Claims about what one does on a map: the hooks for other scripts, measuring, coordinates, links, search, print."""

import pytest
from flask import Flask, Response

import town_maps
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
townMap.addPainter((view) => { window.drawn += 1; const p = view.at([118.78, 32.04]); view.ctx.fillRect(p[0], p[1], 9, 9); });
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
        const at = () => townMap.at(L.latLng(window.spot[1], window.spot[0]));
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
