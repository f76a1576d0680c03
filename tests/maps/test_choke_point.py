"""Claims about `render`, the one way out: what fetches from elsewhere does not pass, a plain link does."""

import pytest

from town_maps import MapLayer, MapSpec, RemoteReferenceError, page_parts, render, stand_alone
from town_maps.choke_point import own
from town_maps.folium_page import written_files

REMOTE = "https://cdn.example.org/x"
FETCHING = [
    f'<script src="{REMOTE}.js"></script>',
    "<script src=//cdn.example.org/x.js></script>",
    f'<SCRIPT SRC="{REMOTE}.js"></SCRIPT>',
    f'<link rel="stylesheet" href="{REMOTE}.css">',
    f'<link rel="preload" href="{REMOTE}">',
    f'<img src="{REMOTE}.png">',
    f'<img src="a.png" srcset="a.png 1x, {REMOTE}.png 2x">',
    "<img src='ht&#116;ps://cdn.example.org/x.png'>",
    "<img src='ht\ntps://cdn.example.org/x.png'>",
    "<img src='\\\\cdn.example.org\\x.png'>",
    "<img src='/\\cdn.example.org/x.png'>",
    f'<image href="{REMOTE}.png">',
    f'<svg><use xlink:href="{REMOTE}.svg#a"/></svg>',
    f'<video poster="{REMOTE}.png"></video>',
    f'<source src="{REMOTE}.mp4">',
    f'<body background="{REMOTE}.png">',
    f'<div style="background: url({REMOTE}.png)"></div>',
    "<div style=\"background: url('//cdn.example.org/x.png')\"></div>",
    "<div style='background: u\\72l(//cdn.example.org/x.png)'></div>",
    f"<style>a {{ background: url('{REMOTE}.png') }}</style>",
    f"<style>@import '{REMOTE}.css';</style>",
    f"<style>@import url({REMOTE}.css);</style>",
    f"<style>@font-face {{ src: url({REMOTE}.woff2) }}</style>",
    f"<style>a {{ background: image-set('{REMOTE}.png' 1x) }}</style>",
    "<style>a { background: url(//cdn.example.org/x.png",
    f'<iframe src="{REMOTE}"></iframe>',
    f'<object data="{REMOTE}"></object>',
    f'<embed src="{REMOTE}">',
    f'<base href="{REMOTE}/">',
    f'<form action="{REMOTE}"></form>',
    f'<button formaction="{REMOTE}"></button>',
    f'<a href="#" ping="{REMOTE}">a</a>',
    f'<div data-tiles="{REMOTE}/{{z}}/{{x}}/{{y}}.png"></div>',
    f'<meta http-equiv="refresh" content="0; url={REMOTE}">',
    f'<script type="application/json">{{"layers":[{{"url":"{REMOTE}"}}]}}</script>',
    '<script type="application/json">{"layers":[{"tiles":"//tile.example.org/{z}/{x}/{y}.png"}]}</script>',
]
RUNNING = [
    "<img src=x onerror=alert(1)>",
    '<div onclick="a()"></div>',
    "<script>fetch('https://cdn.example.org')</script>",
    "<script>alert(1)",
    '<script type="module">import "./a.js"</script>',
    '<a href="javascript:alert(1)">a</a>',
    '<a href="java\tscript:alert(1)">a</a>',
    '<a href="data:text/html,<script>alert(1)</script>">a</a>',
    '<link rel="stylesheet" href="data:text/css,@import url(//a.example)">',
    '<img src="data:image/svg+xml,<svg/>">',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>a { color: red }</style>",
    '<script type="application/json">{"name": "<img>"}</script>',
]


@pytest.mark.parametrize("mode", ["page", "file"])
@pytest.mark.parametrize("markup", FETCHING)
def test_what_fetches_from_elsewhere_is_refused(markup, mode):
    with pytest.raises(RemoteReferenceError):
        render(markup, mode=mode)


@pytest.mark.parametrize("mode", ["page", "file"])
@pytest.mark.parametrize("markup", RUNNING)
def test_what_runs_and_is_not_our_own_is_refused(markup, mode):
    with pytest.raises(RemoteReferenceError):
        render(markup, mode=mode)


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://www.openstreetmap.org/copyright">© OpenStreetMap contributors</a>',
        '<script src="/static/maps/leaflet/leaflet.js"></script>',
        '<link rel="stylesheet" href="static/town-map.css">',
        '<link rel="icon" href="data:,">',
        '<img src="data:image/png;base64,AAAA">',
        '<div style="background: url(#a)">https://example.org is only words</div>',
        '<script type="application/json">{"layers":[{"url":"/api/v1/map/roads"}]}</script>',
    ],
)
def test_links_and_files_of_the_own_host_pass_unchanged(markup):
    assert render(markup, mode="page") == markup


def test_a_stand_alone_file_refers_to_no_file_at_all():
    with pytest.raises(RemoteReferenceError):
        render('<script src="leaflet.js"></script>', mode="file")


def test_all_faults_are_told_at_once_with_their_places():
    with pytest.raises(RemoteReferenceError) as caught:
        render(f'<img src="{REMOTE}.png"><script src="{REMOTE}.js"></script>', mode="page")
    assert [one.params["where"] for one in caught.value.messages] == ["<img src>", "<script src>"]


@pytest.mark.parametrize(
    ("address", "page", "file"),
    [("/a", True, False), ("a/b", True, False), ("#a", True, True), ("", True, True), ("data:,", True, True),
     ("//a", False, False), ("http://a", False, False), ("ws://a", False, False), ("blob:a", False, False)],
)  # fmt: skip
def test_own_addresses(address, page, file):
    assert (own(address, "page"), own(address, "file")) == (page, file)


def test_a_plain_folium_map_does_not_pass():
    """The choke point holds against Folium itself, with its thirty files of other hosts."""
    import folium

    with pytest.raises(RemoteReferenceError) as caught:
        render(folium.Map(location=[32, 118]).get_root().render(), mode="page")
    assert len(caught.value.messages) > 10


def test_what_folium_writes_for_us_holds_no_address_and_no_data():
    files = written_files()
    assert set(files) == {"page.js", "page.css"}
    assert "http" not in "".join(files.values())
    assert files["page.js"].rstrip().endswith("TownMap.start(map_town);")


def test_one_map_does_not_change_the_next():
    """Folium's own add_js_link leaks between maps: a link added to a map of ours or of others never shows here."""
    import folium

    spec = MapSpec(title="a", layers=())
    before = page_parts(spec)
    other = folium.Map(location=[0, 0], tiles=None)
    kept = list(folium.Map.default_js)
    other.add_js_link("leak", "https://leak.example.org/x.js")
    try:
        assert "leak" not in stand_alone(spec, {})
        written_files.cache_clear()
        assert "leak" not in written_files()["page.js"]
        assert page_parts(spec) == before
    finally:
        folium.Map.default_js[:] = kept


def test_a_layer_may_not_ask_another_host():
    for url in ("https://tiles.example.org/x", "//x", "\\\\x", "/\\x", "javascript:1"):
        with pytest.raises(ValueError, match="asks another host"):
            MapLayer(key="a", title="a", group="a", style="roads", url=url)
