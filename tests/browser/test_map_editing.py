"""Editing on the map in a real browser: draw, move, reshape, delete, take back; two editors at once; grids; a picture."""

import runpy
import struct
import zlib
from pathlib import Path

import pytest
import shapely

from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
LON, LAT, PASSWORD = TOWN["LON"], TOWN["LAT"], TOWN["PASSWORD"]
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def accounts(workspace):
    for name in ("planner.a", "planner.b"):
        workspace.accounts.create_user(name, role="planner", password=PASSWORD)


@pytest.fixture
def town(tmp_path):
    with TOWN["build"](tmp_path / "station") as workspace:
        accounts(workspace)
        yield workspace


@pytest.fixture
def site(town, serve):
    return serve(create_app(town))


def log_in(page, site, path, name="planner.a"):
    page.goto(site + path)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_load_state("networkidle")
    if "/map/edit" in path and page.locator("#edit-layer").count():
        page.wait_for_selector("[data-editing=ready]")
        # the list of layers covers a part of the map
        page.evaluate("window.townMap.foldPanel(true)")


def look(page, lon, lat, zoom=18):
    page.evaluate(
        "([lon, lat, zoom]) => townMap.map.setView([lat, lon], zoom, {animate: false})", [lon, lat, zoom]
    )
    page.wait_for_load_state("networkidle")


def pixel(page, lon, lat):
    """Where a place is in the window."""
    return page.evaluate(
        """([lon, lat]) => { const box = townMap.map.getContainer().getBoundingClientRect();
        const at = townMap.map.latLngToContainerPoint([lat, lon]); return [box.left + at.x, box.top + at.y]; }""",
        [lon, lat],
    )


def changed(page):
    """Wait for the server's answer to a change: the words of the change before may still stand on the page."""
    return page.expect_response(lambda answer: answer.request.method != "GET")


def click(page, lon, lat, **options):
    page.locator(".stage").scroll_into_view_if_needed()
    page.mouse.click(*pixel(page, lon, lat), **options)


def drag(page, start, end):
    page.locator(".stage").scroll_into_view_if_needed()
    page.mouse.move(*pixel(page, *start))
    page.mouse.down()
    page.mouse.move(*pixel(page, *end), steps=4)
    page.mouse.up()


def choose(page, layer):
    page.select_option("#edit-layer", layer)
    page.wait_for_load_state("networkidle")


def said(page, words):
    page.wait_for_function(
        "words => document.getElementById('edit-help').textContent.includes(words)", arg=words
    )


def no_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def at(east, north):
    return LON + east * 1e-4, LAT + north * 1e-4


class TestCameras:
    @pytest.mark.parametrize("size", sorted(SIZES))
    def test_a_camera_is_moved_saved_and_taken_back(self, town, site, open_page, size):
        page = open_page(SIZES[size])
        log_in(page, site, "/map/edit?layer=camera_sites")
        before = town.store.frame("camera_sites", crs="wgs84").geometry[1]
        look(page, before.x, before.y)
        click(page, before.x, before.y)
        page.wait_for_selector("#field-name")
        drag(page, (before.x, before.y), (before.x + 2e-4, before.y + 1e-4))
        assert page.input_value("#field-lon") != f"{before.x:.7f}"
        no_sideways(page)
        page.click("#edit-form button.main")
        said(page, "已保存")
        moved = town.store.frame("camera_sites", crs="wgs84").geometry[1]
        # ten pixels of snapping are about four metres here
        assert moved.distance(shapely.Point(before.x + 2e-4, before.y + 1e-4)) < 6e-5
        page.keyboard.press("Control+z")
        said(page, "已撤销")
        assert town.store.frame("camera_sites", crs="wgs84").geometry[1].equals(before)

    def test_a_fault_stands_at_its_field_in_chinese(self, town, site, page):
        page.recorder.expect_status(400)
        log_in(page, site, "/map/edit?layer=camera_sites&id=1")
        page.wait_for_selector("#field-name")
        page.fill("#field-mount_height_m", "9999")
        page.click("#edit-form button.main")
        page.wait_for_selector("#fault-mount_height_m:not([hidden])")
        assert "0.5" in page.inner_text("#fault-mount_height_m")
        assert town.store.changes(limit=1)[0].kind != "edit"

    def test_a_phone_moves_a_point_by_touch(self, town, site, phone):
        log_in(phone, site, "/map/edit?layer=camera_sites")
        before = town.store.frame("camera_sites", crs="wgs84").geometry[1]
        look(phone, before.x, before.y)
        phone.locator(".stage").scroll_into_view_if_needed()
        phone.touchscreen.tap(*pixel(phone, before.x, before.y))
        phone.wait_for_selector("#field-name")
        phone.locator(".stage").scroll_into_view_if_needed()
        phone.touchscreen.tap(*pixel(phone, before.x + 1e-4, before.y))
        phone.fill("#field-name", "石门路新球机")
        phone.locator("#edit-form button.main").tap()
        said(phone, "已保存")
        row = town.store.frame("camera_sites", crs="wgs84").loc[1]
        assert row["name"] == "石门路新球机" and row.geometry.x > before.x


class TestAreas:
    @pytest.mark.parametrize("size", sorted(SIZES))
    def test_a_zone_is_drawn_reshaped_deleted_and_brought_back(self, town, site, open_page, size):
        page = open_page(SIZES[size])
        log_in(page, site, "/map/edit?layer=housing_zones")
        count = town.store.count("housing_zones")
        look(page, *at(60, 60))
        page.click("#edit-add")
        said(page, "依次点击")
        for place in (at(57, 57), at(62, 57), at(62, 62), at(55, 63), at(57, 62)):
            click(page, *place)
        page.keyboard.press("Control+z")
        page.keyboard.press("Enter")
        page.wait_for_selector("#field-name")
        page.fill("#field-name", "河畔新村")
        with changed(page):
            page.click("#edit-form button.main")
        said(page, "已保存")
        assert town.store.count("housing_zones") == count + 1
        frame = town.store.frame("housing_zones", crs="wgs84")
        shape, row = frame.geometry.iloc[-1], int(frame.index[-1])
        assert len(shapely.get_coordinates(shape)) == 5
        # a corner is dragged, and an edge gets a new one
        click(page, *at(59, 59))
        page.wait_for_selector("#field-name")
        drag(page, at(62, 57), at(64, 56))
        drag(page, at(56, 60), at(54.5, 59.5))
        with changed(page):
            page.click("#edit-form button.main")
        said(page, "已保存")
        again = town.store.frame("housing_zones", crs="wgs84").geometry[row]
        assert len(shapely.get_coordinates(again)) == 6 and again.area > shape.area
        # the corners that nobody touched kept every bit
        kept = {tuple(one) for one in shapely.get_coordinates(shape)} & {
            tuple(one) for one in shapely.get_coordinates(again)
        }
        assert len(kept) == 3
        click(page, *at(59, 59))
        page.wait_for_selector("#field-name")
        page.click("#edit-form .danger")
        with changed(page):
            page.click("#edit-messages .danger")
        said(page, "已删除")
        assert town.store.count("housing_zones") == count
        with changed(page):
            page.click("#edit-undo")
        said(page, "已撤销")
        assert town.store.frame("housing_zones", crs="wgs84").geometry[row].equals(again)

    def test_an_outline_that_crosses_itself_is_marked_where_it_does(self, town, site, page):
        page.recorder.expect_status(400)
        log_in(page, site, "/map/edit?layer=housing_zones")
        look(page, *at(60, 60))
        page.click("#edit-add")
        said(page, "依次点击")
        for place in (at(57, 57), at(62, 62), at(62, 57), at(57, 62)):
            click(page, *place)
        page.keyboard.press("Enter")
        page.fill("#field-name", "交叉")
        page.click("#edit-form button.main")
        page.wait_for_selector(".edit-fault")
        assert "自相交" in page.inner_text("#edit-messages")
        box = page.locator(".edit-fault").bounding_box()
        x, y = pixel(page, *at(59.5, 59.5))
        assert abs(box["x"] + box["width"] / 2 - x) < 4 and abs(box["y"] + box["height"] / 2 - y) < 4

    def test_a_hole_is_cut(self, town, site, page):
        log_in(page, site, "/map/edit?layer=housing_zones")
        look(page, *at(60, 60))
        page.click("#edit-add")
        said(page, "依次点击")
        for place in (at(55, 55), at(65, 55), at(65, 65), at(55, 65)):
            click(page, *place)
        page.keyboard.press("Enter")
        page.wait_for_selector("#field-name")
        page.click("#edit-hole")
        for place in (at(58, 58), at(61, 58), at(60, 61)):
            click(page, *place)
        page.keyboard.press("Enter")
        page.fill("#field-name", "回字楼")
        page.click("#edit-form button.main")
        said(page, "已保存")
        shape = town.store.frame("housing_zones", crs="wgs84").geometry.iloc[-1]
        assert len(shape.interiors) == 1

    def test_escape_stores_nothing(self, town, site, page):
        log_in(page, site, "/map/edit?layer=roads")
        before = town.store.revision()
        look(page, *at(60, 60))
        page.click("#edit-add")
        said(page, "依次点击")
        click(page, *at(58, 58))
        click(page, *at(60, 58))
        page.keyboard.press("Escape")
        assert page.locator("#edit-form").count() == 0 and town.store.revision() == before

    def test_a_road_that_is_drawn_to_a_corner_shares_it(self, town, site, page):
        log_in(page, site, "/map/edit?layer=roads")
        look(page, *at(35, 2))
        page.click("#edit-add")
        said(page, "依次点击")
        x, y = pixel(page, *at(35, 0))
        page.mouse.click(x + 6, y - 5)
        click(page, *at(37, 5))
        page.keyboard.press("Enter")
        page.fill("#field-highway", "residential")
        page.click("#edit-form button.main")
        said(page, "已保存")
        roads = town.store.frame("roads", crs="wgs84").geometry
        assert tuple(roads.iloc[-1].coords[0]) == tuple(roads.iloc[0].coords[-1])


class TestTwoEditors:
    def test_both_versions_are_shown_and_nothing_is_overwritten_in_silence(self, town, site, open_page):
        one, other = open_page(), open_page()
        other.recorder.expect_status(409)
        for page, name in ((one, "planner.a"), (other, "planner.b")):
            log_in(page, site, "/map/edit?layer=camera_sites&id=1", name)
            page.wait_for_selector("#field-name")
        one.fill("#field-name", "甲的名称")
        one.click("#edit-form button.main")
        said(one, "已保存")
        other.fill("#field-mount_height_m", "7.5")
        other.fill("#field-name", "乙的名称")
        other.click("#edit-form button.main")
        other.wait_for_selector(".edit-clash")
        assert "planner.a" in other.inner_text(".edit-clash")
        assert "甲的名称" in other.inner_text(".edit-clash") and "乙的名称" in other.inner_text(".edit-clash")
        assert town.store.frame("camera_sites").loc[1, "name"] == "甲的名称"
        other.click(".edit-clash button.main")
        other.fill("#field-name", "甲的名称")
        other.click("#edit-form button.main")
        said(other, "已保存")
        row = town.store.frame("camera_sites").loc[1]
        assert (row["name"], row["mount_height_m"]) == ("甲的名称", 7.5)

    @pytest.mark.parametrize("choice", ["theirs", "mine"])
    def test_two_outlines_of_one_area(self, town, site, open_page, choice):
        one, other = open_page(), open_page()
        other.recorder.expect_status(409)
        for page, name in ((one, "planner.a"), (other, "planner.b")):
            log_in(page, site, "/map/edit?layer=key_areas&id=1", name)
            page.wait_for_selector("#field-name")
        west, south, east, north = town.store.frame("key_areas", crs="wgs84").geometry[1].bounds
        step = 1e-4
        drag(one, (east, north), (east + step, north + step))
        one.click("#edit-form button.main")
        said(one, "已保存")
        theirs = town.store.frame("key_areas", crs="wgs84").geometry[1]
        drag(other, (west, south), (west - step, south - step))
        other.click("#edit-form button.main")
        other.wait_for_selector(".edit-clash")
        # solid and dashed on the map
        dashes = other.evaluate(
            "[...document.querySelectorAll('.leaflet-town-edit-pane path')].map((one) => one.getAttribute('stroke-dasharray'))"
        )
        assert None in dashes and any(dashes)
        buttons = other.locator(".edit-clash .buttons button")
        buttons.nth(0 if choice == "theirs" else 1).click()
        if choice == "mine":
            said(other, "已保存")
        else:
            other.wait_for_selector(".edit-clash", state="detached")
        now = town.store.frame("key_areas", crs="wgs84").geometry[1]
        assert now.equals(theirs) == (choice == "theirs")


class TestGrids:
    @pytest.fixture
    def cells(self, town):
        with town.store.change(actor="test", kind="import") as change:
            return change.insert(
                "grids",
                [
                    {
                        "name": "一网格",
                        "code": "W1",
                        "village": 1,
                        "geometry": shapely.box(*at(-20, -10), *at(0, 10)),
                    },
                    {
                        "name": "二网格",
                        "code": "W2",
                        "village": 1,
                        "geometry": shapely.box(*at(0, -10), *at(20, 10)),
                    },
                ],
            )

    def test_a_cell_is_split_and_merged_again(self, cells, town, site, page):
        log_in(page, site, "/map/edit?layer=grids")
        look(page, *at(0, 0), zoom=17)
        whole = town.store.frame("grids", crs="wgs84").geometry[cells[0]]
        page.click("#edit-grid-choose")
        click(page, *at(-10, 5))
        page.wait_for_selector("#edit-grid-split:not([disabled])")
        page.click("#edit-grid-split")
        click(page, *at(-23, 2))
        click(page, *at(3, -3))
        page.keyboard.press("Enter")
        said(page, "已完成")
        split = town.store.revision()
        frame = town.store.frame("grids", crs="wgs84")
        assert len(frame) == 3 and "一网格-2" in set(frame["name"])
        pieces = frame.geometry[[cells[0], frame.index[-1]]]
        assert (
            abs(shapely.area(pieces.to_numpy()).sum() - whole.area) < 1e-12
            and shapely.union_all(frame.geometry).geom_type == "Polygon"
        )
        page.click("#edit-grid-choose")
        click(page, *at(-10, 5))
        page.wait_for_selector("#edit-grid-split:not([disabled])")
        click(page, *at(-10, -5))
        page.wait_for_selector("#edit-grid-merge:not([disabled])")
        page.click("#edit-grid-merge")
        said(page, "已完成")
        merged = town.store.revision()
        assert len(town.store.frame("grids")) == 2
        for batch in (merged, split):
            page.keyboard.press("Control+z")
            said(page, f"已撤销变更 {batch}")
        assert town.store.frame("grids", crs="wgs84").geometry[cells[0]].equals(whole)

    @pytest.mark.parametrize("size", sorted(SIZES))
    def test_the_figures_of_each_cell_are_a_page(self, cells, site, open_page, size):
        page = open_page(SIZES[size])
        log_in(page, site, "/grids")
        assert "一网格" in page.inner_text("table")
        no_sideways(page)


class TestHostileWords:
    @pytest.mark.parametrize("layer", ["camera_sites", "key_areas", "roads", "grids", "obstacles"])
    def test_hostile_words_stay_words(self, hostile_workspace, serve, page, layer):
        accounts(hostile_workspace)
        log_in(page, serve(create_app(hostile_workspace)), f"/map/edit?layer={layer}&id=1")
        page.wait_for_selector("#edit-form .entry")
        page.click("#edit-table-fold")
        page.wait_for_selector("#edit-rows tr")
        no_sideways(page)


class TestTable:
    @pytest.mark.parametrize("size", sorted(SIZES))
    def test_a_row_leads_to_its_feature_and_back(self, town, site, open_page, size):
        page = open_page(SIZES[size])
        log_in(page, site, "/map/edit?layer=camera_sites")
        page.click("#edit-table-fold")
        page.wait_for_selector("#edit-rows tr")
        assert page.locator("#edit-rows tr").count() == town.store.count("camera_sites")
        page.locator("#edit-heads button").nth(1).click()
        page.wait_for_selector("#edit-heads th[aria-sort=ascending]")
        names = page.locator("#edit-rows tr td:nth-child(2)").all_inner_texts()
        assert names == sorted(names)
        page.fill("#edit-filter", "码头")
        page.wait_for_function("() => document.querySelectorAll('#edit-rows tr').length === 1")
        page.locator("#edit-rows tr").click()
        page.wait_for_selector("#field-name")
        assert "码头" in page.input_value("#field-name")
        assert page.locator("#edit-rows tr.chosen").count() == 1
        no_sideways(page)


def picture(wide=400, high=300):
    """A white PNG with a dark square."""
    rows = b"".join(
        b"\0" + bytes(60 if 100 <= x < 200 and 100 <= y < 200 else 235 for x in range(wide))
        for y in range(high)
    )

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class TestPicture:
    def test_a_town_begins_with_a_picture_in_an_empty_workspace(self, tmp_path, serve, page):
        with Workspace.create(tmp_path / "empty", name="新镇") as workspace:
            accounts(workspace)
            log_in(page, serve(create_app(workspace)), "/map/edit")
            page.fill("#town-lon", str(LON))
            page.fill("#town-lat", str(LAT))
            page.click("form.card button.main")
            page.wait_for_selector("[data-editing=ready]")
            page.evaluate("window.townMap.foldPanel(true)")
            choose(page, "buildings")
            look(page, *at(0, 0))
            page.click("#edit-pictures summary")
            page.set_input_files(
                "#edit-file", {"name": "扫描图.png", "mimeType": "image/png", "buffer": picture()}
            )
            page.wait_for_selector("#edit-picture-panel:not([hidden])")
            page.wait_for_function("() => document.getElementById('edit-picture-image').naturalWidth === 400")
            # the dark square from (100, 100) to (200, 200) shall lie from -5, 5 to 5, -5 ten-metre steps
            for n, (x, y), (east, north) in ((1, (100, 100), (-5, 5)), (2, (200, 200), (5, -5))):
                page.click("#edit-point-add")
                box = page.locator("#edit-picture-image").bounding_box()
                page.locator("#edit-picture-image").click(
                    position={"x": x * box["width"] / 400, "y": y * box["height"] / 300}
                )
                page.fill("#edit-typed-lon", f"{at(east, north)[0]:.7f}")
                page.fill("#edit-typed-lat", f"{at(east, north)[1]:.7f}")
                page.click("#edit-typed-take")
                page.wait_for_function(
                    "n => document.querySelectorAll('#edit-points li').length === n", arg=n
                )
            # the middle of the square is dark on the map, a place beyond it is not
            page.wait_for_function(
                """([inside, outside]) => { const canvas = document.querySelector('.leaflet-town-base-pane canvas');
                const ratio = canvas.width / canvas.getBoundingClientRect().width, box = canvas.getBoundingClientRect();
                const ctx = canvas.getContext('2d');
                const grey = (at) => ctx.getImageData((at[0] - box.left) * ratio, (at[1] - box.top) * ratio, 1, 1).data[0];
                return grey(inside) < 150 && grey(outside) > 200; }""",
                arg=[pixel(page, *at(0, 0)), pixel(page, *at(0, 7))],
            )
            page.click("#edit-add")
            said(page, "依次点击")
            page.evaluate("window.scrollTo(0, 0)")
            for place in (at(-5, 5), at(5, 5), at(5, -5), at(-5, -5)):
                click(page, *place)
            page.keyboard.press("Enter")
            page.fill("#field-levels", "4")
            assert page.input_value("#field-height_m") == "12"
            page.click("#edit-form button.main")
            said(page, "已保存")
            house = workspace.store.frame("buildings", crs="wgs84").iloc[0]
            assert house["height_m"] == 12 and abs(house.geometry.bounds[0] - at(-5, 0)[0]) < 1e-5
