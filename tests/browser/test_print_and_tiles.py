"""Background, vector tiles and the printed sheet in a real browser."""

import io
import math
import re
import runpy
import sqlite3
import struct
import zlib
from pathlib import Path

import pypdf
import pytest
import shapely

from geo_service.background import open_background
from geo_service.mapdata import rows
from geo_service.settings import Settings
from geo_service.web import create_app

pytestmark = pytest.mark.browser

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
LON, LAT = TOWN["LON"], TOWN["LAT"]
PASSWORD = "Shi-men-2026"
RED = (214, 40, 40)


def png(colour, side=256):
    """A picture of one colour, by the PNG specification."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes(colour) * side
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * side))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def workspace(tmp_path):
    with TOWN["build"](tmp_path / "station") as made:
        made.accounts.create_user("planner", role="planner", password=PASSWORD)
        yield made


@pytest.fixture
def red(tmp_path):
    """A background of red tiles round the town, of one zoom that the map stretches and shrinks."""
    path = tmp_path / "red.mbtiles"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE metadata (name text, value text)")
        connection.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        connection.execute("INSERT INTO metadata VALUES ('attribution', '省测绘院 2026')")
        n = 2**15
        x = int((LON + 180) / 360 * n)
        y = int((1 - math.asinh(math.tan(math.radians(LAT))) / math.pi) / 2 * n)
        places = [(15, x + i, n - 1 - y + j, png(RED)) for i in range(-4, 5) for j in range(-4, 5)]
        connection.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", places)
    connection.close()
    settings = Settings(background="mbtiles", background_path=path.name, background_max_zoom=18)
    return open_background(settings, tmp_path)


def enter(page, base):
    page.goto(base + "/login")
    page.fill("input[name=name]", "planner")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(".leaflet-container[data-ready=true]")


def colour_at(page, x, y):
    """The colour of one pixel of what is seen, from a screenshot's own PNG."""
    content = page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    at, data = 8, b""
    while at < len(content):
        size = struct.unpack(">I", content[at : at + 4])[0]
        if content[at + 4 : at + 8] == b"IDAT":
            data += content[at + 8 : at + 8 + size]
        at += 12 + size
    return tuple(zlib.decompress(data)[1:4])


def is_red(colour):
    return colour[0] > 180 and colour[1] < 90 and colour[2] < 90


def settled(page):
    page.wait_for_function(
        "() => { const all = document.querySelectorAll('.leaflet-tile'); return all.length > 0"
        " && Array.from(all).every((one) => one.complete && one.naturalWidth > 0); }"
    )
    page.wait_for_timeout(400)  # Leaflet fades tiles in


def test_the_background_lies_under_the_map_and_can_be_switched_and_paled(page, serve, workspace, red):
    app = create_app(workspace)
    app.extensions["background"] = red
    enter(page, serve(app))
    settled(page)
    corner = (700, 850)  # ground without anything on it
    assert is_red(colour_at(page, *corner))
    assert page.locator(".tm-sources").inner_text().endswith("省测绘院 2026")
    # the map's own ground gave way and can be had again over the tiles
    assert "roads" not in page.evaluate("townMap.visible()")
    assert "camera_sites" in page.evaluate("townMap.visible()")
    slider = page.locator("input[name=background-strength]")
    slider.fill("20")
    page.wait_for_timeout(300)
    pale = colour_at(page, *corner)
    assert not is_red(pale) and pale[0] > pale[1]
    page.locator("input[name=background]").uncheck()
    page.wait_for_timeout(400)
    assert not is_red(colour_at(page, *corner)) and page.locator(".leaflet-tile").count() == 0
    assert "roads" in page.evaluate("townMap.visible()")
    assert "省测绘院" not in page.locator(".tm-sources").inner_text()
    page.reload()  # remembered by the browser
    page.wait_for_selector(".leaflet-container[data-ready=true]")
    assert not page.locator("input[name=background]").is_checked()


def test_the_background_works_on_a_phone(phone, serve, workspace, red):
    app = create_app(workspace)
    app.extensions["background"] = red
    enter(phone, serve(app))
    settled(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def large(workspace, monkeypatch):
    """The town with a block of houses of its own, and every layer taken for a large one."""
    for name in ("buildings", "roads", "obstacles"):
        monkeypatch.setitem(rows.BY_VIEW, name, (0, rows.BY_VIEW[name][1]))
    with workspace.store.change(actor="test") as change:
        ids = change.insert(
            "buildings",
            [
                {
                    "name": f"{column}号楼",
                    "height_m": 9.0,
                    "geometry": shapely.box(
                        LON + 0.002 + column * 4e-4, LAT - 0.003, LON + 0.0023 + column * 4e-4, LAT - 0.0027
                    ),
                }
                for column in range(4)
            ],
        )
    return workspace, ids


def test_a_large_town_is_drawn_from_tiles_and_its_houses_answer_a_click(page, serve, large):
    workspace, ids = large
    asked = []
    page.on("request", lambda one: asked.append(one.url))
    enter(page, serve(create_app(workspace)))
    page.evaluate(
        "([lat, lon]) => townMap.map.setView([lat, lon], 17, {animate: false})", [LAT - 0.0028, LON + 0.0028]
    )
    page.wait_for_function("(id) => townMap.feature('buildings', id)", arg=ids[2])
    assert any("/tiles/town/" in one for one in asked)
    # houses whole: only the headings of their values are asked of the layer itself
    assert all("bbox=0,0,0,0" in one for one in asked if re.search(r"/map/(buildings|roads)", one))
    place = page.evaluate(
        "([lat, lon]) => { const p = townMap.map.latLngToContainerPoint([lat, lon]);"
        " const r = townMap.map.getContainer().getBoundingClientRect(); return [p.x + r.left, p.y + r.top]; }",
        [LAT - 0.00285, LON + 0.00215 + 8e-4],
    )
    page.mouse.click(*place)
    page.wait_for_selector(".tm-info:not([hidden])")
    assert "2号楼" in page.locator(".tm-info").inner_text()
    corners = page.evaluate("(id) => townMap.feature('buildings', id).parts[0]", ids[2])
    wanted = (LON + 0.0028, LAT - 0.003, LON + 0.0031, LAT - 0.0027)
    got = shapely.Polygon(corners).bounds
    # a unit of a tile of zoom 16 is 0.13 m here; 0.000002° are 0.2 m
    assert all(abs(one - other) < 2e-6 for one, other in zip(got, wanted, strict=True))


def test_tiles_of_all_zooms_hold_the_same_houses_and_an_edit_shows(page, serve, large):
    workspace, ids = large
    enter(page, serve(create_app(workspace)))
    for zoom in (15, 16.5, 18, 19.75):
        page.evaluate(
            "([lat, lon, z]) => townMap.map.setView([lat, lon], z, {animate: false})",
            [LAT - 0.0028, LON + 0.0028, zoom],
        )
        page.wait_for_function("(id) => townMap.feature('buildings', id)", arg=ids[1])
        # each house once, though several tiles hold it
        found = page.evaluate(
            "townMap.layers().length && Array.from(new Set([townMap.count('buildings')]))[0]"
        )
        assert found >= 4
    with workspace.store.change(actor="test") as change:
        change.delete("buildings", ids[1])
    page.evaluate("townMap.refresh('buildings')")
    page.wait_for_function("(id) => !townMap.feature('buildings', id)", arg=ids[1])
    assert page.evaluate("(id) => Boolean(townMap.feature('buildings', id))", ids[2])


def test_from_the_map_to_the_sheet_with_its_view_and_layers(page, serve, workspace):
    base = serve(create_app(workspace))
    enter(page, base)
    page.evaluate("townMap.show('camera_sites', false)")
    page.evaluate("([lat, lon]) => townMap.map.setView([lat, lon], 17, {animate: false})", [LAT, LON])
    page.click(".tm-print a")
    page.wait_for_selector(".print-form")
    chosen = page.eval_on_selector_all("input[name=layers]:checked", "all => all.map(one => one.value)")
    assert "roads" in chosen and "camera_sites" not in chosen
    west, south, east, north = map(float, page.input_value("input[name=box]").split(","))
    assert west < LON < east and south < LAT < north
    page.fill("#print-title", "石门镇巡防图")
    page.select_option("#print-paper", "a3-landscape")
    page.select_option("#print-scale", "2000")
    # the form's own address: a headless browser has no viewer for what it sends
    address = page.evaluate(
        "() => { const f = document.querySelector('.print-form'); return f.action + '?' + new URLSearchParams(new FormData(f)); }"
    )
    answer = page.request.get(address, timeout=60_000)
    assert answer.headers["content-type"] == "application/pdf"
    [sheet] = pypdf.PdfReader(io.BytesIO(answer.body())).pages
    text = re.sub(r"\s", "", sheet.extract_text())
    assert "石门镇巡防图" in text and "1:2000" in text
    assert round(float(sheet.mediabox.width) * 25.4 / 72) == 420


def test_the_dialog_fits_a_phone_and_names_its_fields(phone, serve, workspace):
    base = serve(create_app(workspace))
    enter(phone, base)
    phone.goto(base + "/print")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("标题", "纸张", "比例尺", "监控点位"):
        assert phone.get_by_label(name, exact=True).count() == 1


def test_a_road_through_many_tiles_is_one_road_again(page, serve, large):
    workspace, _ = large
    line = shapely.LineString([(LON - 0.05, LAT - 0.0035), (LON, LAT - 0.0034), (LON + 0.05, LAT - 0.0035)])
    with workspace.store.change(actor="test") as change:
        [road] = change.insert("roads", [{"name": "环镇大道", "highway": "primary", "geometry": line}])
    enter(page, serve(create_app(workspace)))
    page.evaluate(
        "([lat, lon]) => townMap.map.setView([lat, lon], 18, {animate: false})", [LAT - 0.0034, LON + 0.001]
    )
    page.wait_for_function("(id) => townMap.feature('roads', id)", arg=road)
    told = page.evaluate("(id) => townMap.feature('roads', id)", road)
    west, east = page.evaluate(
        "(() => { const b = townMap.map.getBounds(); return [b.getWest(), b.getEast()]; })()"
    )
    parts = shapely.MultiLineString(told["parts"])
    assert len(told["parts"]) > 1 and told["name"] == "环镇大道"
    # no gap within the view, and no more than half a metre beside the true line
    assert parts.bounds[0] < west and parts.bounds[2] > east
    assert shapely.union_all([part.buffer(1e-6) for part in parts.geoms]).geom_type == "Polygon"
    places = shapely.points(shapely.get_coordinates(parts))
    assert shapely.distance(places, line).max() < 5e-6
