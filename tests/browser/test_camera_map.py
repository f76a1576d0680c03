"""The editing session of a camera engineer in a real browser: drag, turn, change the lens, take back, save as planned, compare,
ask who sees a place; at both sizes, by mouse, keyboard and touch. Pictures go into the folder of the test."""

import runpy
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner

from geo_service.cli import main
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
LON, LAT, PASSWORD = TOWN["LON"], TOWN["LAT"], TOWN["PASSWORD"]
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
FIXED = 2  # 河街枪机, at 4 m, looking east


@pytest.fixture
def town(tmp_path):
    with TOWN["build"](tmp_path / "station") as workspace:
        for name, role in (("planner.a", "planner"), ("planner.b", "planner"), ("inspector.a", "inspector")):
            workspace.accounts.create_user(name, role=role, password=PASSWORD)
        yield workspace


@pytest.fixture
def site(town, serve):
    return serve(create_app(town))


def log_in(page, site, path, name="planner.a"):
    page.goto(site + path)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_selector("[data-ready=true]")
    # the list of layers covers a part of the map
    page.evaluate("window.townMap.foldPanel(true)")


def open_camera(page, site, query, name="planner.a"):
    log_in(page, site, "/map/camera" + query, name)
    page.wait_for_selector("[data-camera-map=ready]")
    page.wait_for_selector("[data-trials]")


def at(east, north):
    return LON + east * 1e-4, LAT + north * 1e-4


def pixel(page, lon, lat):
    """Where a place is in the window."""
    return page.evaluate(
        """([lon, lat]) => { const box = townMap.map.getContainer().getBoundingClientRect();
        const at = townMap.map.latLngToContainerPoint([lat, lon]); return [box.left + at.x, box.top + at.y]; }""",
        [lon, lat],
    )


def middle(page, selector):
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def value(page, column):
    return page.evaluate("column => CameraMap.page.values()[column]", column)


def said(page, words):
    page.wait_for_function(
        "words => document.getElementById('camera-help').textContent.includes(words)", arg=words
    )


def drag(page, selector, east, north, release=True):
    """Drag a handle by pixels."""
    page.locator(".stage").scroll_into_view_if_needed()
    x, y = middle(page, selector)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + east, y - north, steps=5)
    if release:
        page.mouse.up()


def no_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def answered(page, act):
    """Do something and wait until the answer to the last question is drawn."""
    before = int(page.get_attribute("body", "data-trials"))
    act()
    page.wait_for_function(
        "before => Number(document.body.dataset.trials) > before && !document.querySelector('.camera-waiting')",
        arg=before,
    )


class TestEditingSession:
    @pytest.mark.parametrize("size", sorted(SIZES))
    def test_a_camera_is_dragged_turned_changed_saved_as_planned_and_compared(
        self, town, site, open_page, tmp_path, size
    ):
        page = open_page(SIZES[size])
        store = town.store
        stood = store.frame("camera_sites", crs="wgs84").loc[FIXED]
        open_camera(page, site, f"?id={FIXED}")
        # as stored: the town with this camera is the town as it stands
        assert page.locator(".camera-same").count() == 2
        assert page.locator(".camera-legend li").count() >= 3
        page.screenshot(path=tmp_path / f"{size}-1-as-stored.png")
        no_sideways(page)

        # while the handle is held, the picture follows: from east to north
        page.locator(".stage").scroll_into_view_if_needed()
        x, y = middle(page, ".camera-handle-place")
        page.mouse.move(*middle(page, ".camera-handle-turn"))
        page.mouse.down()
        answered(page, lambda: page.mouse.move(x, y - 84, steps=6))
        page.screenshot(path=tmp_path / f"{size}-2-turning.png")
        assert page.evaluate("CameraMap.page.steps()") == [0, 0]
        page.mouse.up()
        assert float(value(page, "azimuth_deg")) in (0.0, 359.5, 0.5)
        assert page.evaluate("CameraMap.page.steps()") == [1, 1]

        answered(page, lambda: drag(page, ".camera-handle-place", 40, 0))
        assert float(value(page, "lon")) > stood.geometry.x
        reach = float(value(page, "max_range_m") or 80)
        answered(page, lambda: drag(page, ".camera-handle-reach", 0, -30))
        assert float(value(page, "max_range_m")) < reach
        answered(page, lambda: drag(page, ".camera-handle-tilt", -30, 30))
        assert 0.5 <= float(value(page, "tilt_deg")) <= 89
        assert page.evaluate("CameraMap.page.steps()") == [4, 4]

        # a lens of 5.37 mm by 4 mm sees 2·atan(5.37 / 8) = 67.7°
        page.check("input[name=camera-lens][value=focal]")
        page.fill("#field-sensor_width_mm", "5.37")
        answered(page, lambda: page.fill("#field-focal_length_mm", "4"))
        assert value(page, "hfov_deg") == "67.7"
        answered(page, lambda: page.fill("#field-mount_height_m", "8"))
        page.screenshot(path=tmp_path / f"{size}-3-changed.png", full_page=True)

        # back to the beginning, and forth again
        last = page.evaluate("CameraMap.page.values()")
        while page.evaluate("CameraMap.page.steps()[0]"):
            page.click("#camera-undo")
        assert value(page, "azimuth_deg") == "90" and value(page, "hfov_deg") == ""
        while page.is_enabled("#camera-redo"):
            page.click("#camera-redo")
        assert page.evaluate("CameraMap.page.values()") == last

        before = store.count("camera_sites")
        page.click(".camera-form button.main")
        said(page, "已存为拟建点位")
        assert store.count("camera_sites") == before + 1
        row = store.frame("camera_sites", crs="wgs84").iloc[-1]
        assert row["status"] == "planned" and row["mount_height_m"] == 8 and row["hfov_deg"] == 67.7
        assert row["name"] == "河街枪机（规划）"
        assert row.geometry.distance(shapely.Point(float(last["lon"]), float(last["lat"]))) < 1e-9
        # the camera that stands is as it was
        again = store.frame("camera_sites", crs="wgs84").loc[FIXED]
        assert again["revision"] == stood["revision"] and again.geometry.equals(stood.geometry)
        page.wait_for_selector(f"#camera-list option[value='{row.name}']", state="attached")
        page.screenshot(path=tmp_path / f"{size}-4-planned.png")

        page.click("#camera-help a")
        page.wait_for_selector("[data-compared=day]")
        page.evaluate("window.townMap.foldPanel(true)")
        figures = page.inner_text("#compare-figures")
        # with the one that was planned before
        assert "有效摄像机" in figures and "+2" in figures
        assert page.locator("#compare-figures .compare-better").count() >= 3
        page.locator("#compare-line").focus()
        for _ in range(3):
            page.keyboard.press("PageDown")
        page.screenshot(path=tmp_path / f"{size}-5-compared.png")
        no_sideways(page)
        page.check("input[value=night]")
        page.wait_for_selector("[data-compared=night]")

    def test_what_was_saved_is_taken_back_by_the_same_key(self, town, site, page):
        open_camera(page, site, "?lon=118.7803&lat=32.0402")
        before = town.store.count("camera_sites")
        page.fill("#field-name", "河街新点位")
        page.click(".camera-form button.main")
        said(page, "已存为拟建点位")
        assert town.store.count("camera_sites") == before + 1
        page.wait_for_selector("#camera-undo:not([disabled])")
        page.locator("h1").click()
        page.keyboard.press("Control+z")
        said(page, "已撤销")
        assert town.store.count("camera_sites") == before

    def test_a_new_camera_is_placed_and_moved_by_keys_alone(self, town, site, page):
        log_in(page, site, "/map/camera")
        page.wait_for_selector("[data-camera-map=ready]")
        page.evaluate("([lon, lat]) => townMap.map.setView([lat, lon], 18, {animate: false})", [LON, LAT])
        page.focus("#camera-new")
        page.keyboard.press("Enter")
        said(page, "点击安装位置")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-trials]")
        assert abs(float(value(page, "lon")) - LON) < 1e-5 and value(page, "status") == "planned"
        # half a metre to the north is 0.5 / 111,319 of a degree
        lat = float(value(page, "lat"))
        page.focus(".camera-handle-place")
        page.keyboard.press("ArrowUp")
        assert float(value(page, "lat")) - lat == pytest.approx(0.5 / 111_319.5, abs=1.1e-7)
        page.focus(".camera-handle-turn")
        for key in ("ArrowRight", "Shift+ArrowRight"):
            page.keyboard.press(key)
        assert value(page, "azimuth_deg") == "11"
        assert page.get_attribute(".camera-handle-turn", "aria-label").startswith("朝向 11°")
        page.focus(".camera-handle-reach")
        page.keyboard.press("Shift+ArrowUp")
        assert value(page, "max_range_m") == "90"
        page.focus(".camera-handle-tilt")
        page.keyboard.press("ArrowDown")
        assert value(page, "tilt_deg") == "15.5"
        page.keyboard.press("Control+z")
        assert value(page, "tilt_deg") == "15"
        page.keyboard.press("Control+y")
        assert value(page, "tilt_deg") == "15.5"

    def test_fingers_drag_the_direction_on_a_phone(self, site, phone, tmp_path):
        open_camera(phone, site, f"?id={FIXED}")
        phone.locator(".stage").scroll_into_view_if_needed()
        x, y = middle(phone, ".camera-handle-place")
        hand = phone.context.new_cdp_session(phone)
        start = middle(phone, ".camera-handle-turn")

        def touch(kind, points):
            hand.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": one[0], "y": one[1]} for one in points]},
            )

        touch("touchStart", [start])
        for share in (0.2, 0.5, 0.8, 1.0):
            touch("touchMove", [(start[0] + (x - start[0]) * share, start[1] + (y + 90 - start[1]) * share)])
        touch("touchEnd", [])
        phone.wait_for_function("() => CameraMap.page.steps()[0] === 1")
        assert float(value(phone, "azimuth_deg")) == pytest.approx(180, abs=2)
        phone.screenshot(path=tmp_path / "phone-turned.png")
        no_sideways(phone)

    def test_a_model_brings_its_lens_and_pixels(self, site, page):
        open_camera(page, site, f"?id={FIXED}")
        general = page.locator("#camera-model optgroup").last.locator("option").first
        answered(page, lambda: page.select_option("#camera-model", general.get_attribute("value")))
        # the first general model: 1920 pixels, 4 mm behind a sensor 5.37 mm wide
        assert value(page, "resolution_px_h") == "1920" and value(page, "focal_length_mm") == "4"
        assert value(page, "hfov_deg") == "67.7" and value(page, "model") == ""
        answered(page, lambda: page.check("input[value=night]"))
        assert "夜间" in page.inner_text(".camera-seen")

    def test_changes_that_nobody_saved_are_not_lost_without_a_question(self, site, page):
        open_camera(page, site, f"?id={FIXED}")
        answered(page, lambda: page.fill("#field-mount_height_m", "9"))
        page.select_option("#camera-list", "1")
        page.wait_for_selector("#edit-messages .danger")
        assert value(page, "mount_height_m") == "9"
        page.click("#edit-messages .danger")
        page.wait_for_function(
            "() => CameraMap.page.values() && CameraMap.page.values().name === '石门路球机'"
        )

    def test_a_value_without_meaning_is_told_and_draws_nothing(self, site, page):
        page.recorder.expect_status(400, 422)
        open_camera(page, site, f"?id={FIXED}")
        answered(page, lambda: page.fill("#field-mount_height_m", "900"))
        assert "900" in page.inner_text("#camera-result .fault")
        page.locator(".camera-form button", has_text="修改原点位").click()
        page.wait_for_selector("#fault-mount_height_m:not([hidden])")

    def test_two_engineers_at_one_camera_see_both_versions(self, town, site, open_page):
        one, other = open_page(), open_page()
        open_camera(one, site, f"?id={FIXED}")
        open_camera(other, site, f"?id={FIXED}", "planner.b")
        answered(other, lambda: other.fill("#field-mount_height_m", "7"))
        other.locator(".camera-form button", has_text="修改原点位").click()
        said(other, "已保存")
        one.recorder.expect_status(409)
        answered(one, lambda: one.fill("#field-azimuth_deg", "120"))
        one.locator(".camera-form button", has_text="修改原点位").click()
        one.wait_for_selector(".edit-clash")
        assert "planner.b" in one.inner_text(".edit-clash")
        assert town.store.frame("camera_sites").loc[FIXED, "azimuth_deg"] == 90
        one.locator(".edit-clash button.main").click()
        one.wait_for_selector(".edit-clash", state="detached")
        assert value(one, "mount_height_m") == "7" and value(one, "azimuth_deg") == "120"
        one.locator(".camera-form button", has_text="修改原点位").click()
        said(one, "已保存")
        row = town.store.frame("camera_sites").loc[FIXED]
        assert row["azimuth_deg"] == 120 and row["mount_height_m"] == 7 and row["status"] == "working"


class TestTrials:
    def test_answers_out_of_order_never_replace_a_newer_one(self, site, page):
        log_in(page, site, "/map/camera")
        page.wait_for_selector("[data-camera-map=ready]")
        told = page.evaluate(
            """async () => {
              const taken = [], asks = [];
              const ask = (body, signal) => new Promise((give) => asks.push({body, signal, give}));
              const trials = CameraMap.Trials(ask, (answer) => taken.push(answer), () => undefined, 0);
              const soon = () => new Promise((done) => setTimeout(done, 0));
              [1, 2, 3, 4].forEach((one) => trials.want(one));
              const first = asks.map((one) => one.body);      // two are under way, of the rest only the newest waits
              asks[1].give("two"); await soon();
              const aborted = asks[0].signal.aborted;         // what is older is broken off
              asks[0].give("one"); await soon();              // and comes too late
              asks[2].give("four"); await soon();
              trials.want(5); trials.stop();                  // another camera was chosen meanwhile
              asks[3].give("five"); await soon();
              return {first, aborted, asked: asks.map((one) => one.body), taken};
            }"""
        )
        assert told == {"first": [1, 2], "aborted": True, "asked": [1, 2, 4, 5], "taken": ["two", "four"]}


class TestWhoSees:
    @pytest.mark.parametrize("size", sorted(SIZES))
    def test_a_click_tells_which_cameras_see_a_place_or_why_none_does(self, site, open_page, tmp_path, size):
        page = open_page(SIZES[size])
        log_in(page, site, "/", "inspector.a")
        page.evaluate("([lon, lat]) => townMap.map.setView([lat, lon], 18, {animate: false})", at(2, -10))
        page.locator(".stage").scroll_into_view_if_needed()
        page.click(".tm-seen-by-button")
        # ten metres before the camera that looks east
        page.mouse.click(*pixel(page, *at(1.5, -10)))
        page.wait_for_selector(".tm-seen-by-table")
        assert "河街枪机" in page.inner_text(".tm-seen-by-card")
        page.screenshot(path=tmp_path / f"{size}-seen.png")
        no_sideways(page)
        # within the building at the crossing nobody sees anything
        page.mouse.click(*pixel(page, *at(4.5, -5)))
        page.wait_for_function(
            "() => document.querySelectorAll('.tm-seen-by-none, .tm-seen-by-table').length === 2"
        )
        page.keyboard.press("Escape")
        page.wait_for_selector(".tm-seen-by-card", state="hidden")
        # inspectors are not led to a page that is not theirs
        page.evaluate("() => townMap.select('camera_sites', 2)")
        page.wait_for_selector(".tm-info:not([hidden]) .tm-record")
        assert page.locator(".tm-seen-by-try, .tm-seen-by-drag").count() == 0

    def test_the_keyboard_asks_for_the_middle_and_a_right_click_at_once(self, site, page):
        log_in(page, site, "/")
        page.evaluate("([lon, lat]) => townMap.map.setView([lat, lon], 18, {animate: false})", at(1.5, -10))
        page.focus(".tm-seen-by-button")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_selector(".tm-seen-by-table")
        page.click(".tm-seen-by-card .tm-close")
        page.mouse.click(*pixel(page, *at(1.2, -10)), button="right")
        page.wait_for_selector(".tm-seen-by-table")
        page.evaluate("() => townMap.select('camera_sites', 2)")
        assert page.get_attribute(".tm-seen-by-drag", "href") == "/map/camera?id=2"
        page.click(".tm-seen-by-try")
        page.wait_for_selector("[data-trials]")
        assert abs(float(value(page, "lon")) - at(1.2, 0)[0]) < 2e-6


@pytest.fixture
def nanjing(tmp_path, real_data):
    """The real town with its ledger of 160 cameras."""
    folder = tmp_path / "nanjing"
    for words in (
        ["init", "--name", "新街口"],
        ["import-osm", str(real_data / "nanjing-xinjiekou.osm"), "--accept-proposals"],
        ["import", "camera_sites", str(real_data / "nanjing-cameras-ledger.xlsx"), "--datum", "gcj02"],
    ):
        done = CliRunner().invoke(main, ["--workspace", str(folder), *words])
        assert done.exit_code == 0, done.output
    with Workspace.open(folder) as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        # the plans of the ledger itself are left out, so that one plan is compared with today
        cameras = workspace.store.frame("camera_sites")
        with workspace.store.change(actor="test", kind="edit") as change:
            for row in cameras.index[cameras["status"] == "planned"]:
                change.update("camera_sites", int(row), {"status": "removed"})
        yield workspace


@pytest.mark.real_data
@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_planned_camera_of_a_real_town_gains_what_was_seen_while_dragging(
    nanjing, serve, open_page, tmp_path, size
):
    page = open_page(SIZES[size])
    # on 汉中路, looking along it
    open_camera(page, serve(create_app(nanjing)), "?lon=118.7735&lat=32.0448")
    answered(page, lambda: page.select_option("#camera-model", label="枪机 400万 4mm"))
    answered(page, lambda: page.fill("#field-max_range_m", "120"))
    page.locator(".stage").scroll_into_view_if_needed()
    x, y = middle(page, ".camera-handle-place")
    page.mouse.move(*middle(page, ".camera-handle-turn"))
    page.mouse.down()
    answered(page, lambda: page.mouse.move(x + 80, y + 14, steps=8))
    page.screenshot(path=tmp_path / f"{size}-1-turning.png")
    page.mouse.up()
    assert 95 <= float(value(page, "azimuth_deg")) <= 105
    answered(page, lambda: page.fill("#field-mount_height_m", "6.5"))
    page.screenshot(path=tmp_path / f"{size}-2-tried.png", full_page=True)
    better = page.locator(".camera-better").all_inner_texts()
    assert len(better) == 2
    page.click(".camera-form button.main")
    said(page, "已存为拟建点位")
    page.wait_for_selector("#camera-help a")
    page.screenshot(path=tmp_path / f"{size}-3-planned.png")
    page.click("#camera-help a")
    page.wait_for_selector("[data-compared=day]")
    page.evaluate("window.townMap.foldPanel(true)")
    page.evaluate("() => townMap.flyTo(32.0447, 118.7741, 18)")
    page.locator("#compare-line").focus()
    page.keyboard.press("PageDown")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=tmp_path / f"{size}-4-compared.png")
    # "▼ 减少 1,234 平方米" while it was tried is "−1,234" of the comparison
    figures = page.inner_text("#compare-figures")
    for one in better:
        assert "−" + one.split()[2] in figures, (one, figures)


@pytest.fixture
def turning(town):
    """The dome at the bridge as a PTZ with two presets of 20 s and 40 s."""
    with town.store.change(actor="test") as change:
        change.update("camera_sites", 1, {"kind": "ptz"})
        change.insert(
            "camera_views",
            [
                {"camera": 1, "name": "校门", "azimuth_deg": 45.0, "dwell_s": 20.0},
                {"camera": 1, "name": "桥头", "azimuth_deg": 225.0, "dwell_s": 40.0},
            ],
        )
    return town


@pytest.mark.parametrize("size", sorted(SIZES))
def test_presets_are_added_and_turned_from_the_panel_of_their_camera(
    turning, site, open_page, tmp_path, size
):
    """Two presets of 20 s and 40 s take 33 % and 67 % of the time; a third of 20 s leaves the first 25 %."""
    page = open_page(SIZES[size])
    open_camera(page, site, "?id=1")
    rows = page.locator("#camera-presets li")
    assert rows.all_inner_texts() == ["校门\n45° · 20 s · 占 33% 时间", "桥头\n225° · 40 s · 占 67% 时间"]
    page.locator("#camera-presets").scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / f"{size}-presets.png")
    no_sideways(page)
    seen = page.inner_text(".camera-legend")
    with page.expect_navigation():
        page.click("#camera-presets > a")
    assert page.input_value("#field-camera") == "1"
    page.fill("#field-name", "河街")
    page.fill("#field-azimuth_deg", "135")
    page.fill("#field-dwell_s", "20")
    with page.expect_navigation():
        page.click("#row-form button.main")
    page.screenshot(path=tmp_path / f"{size}-preset-added.png", full_page=True)
    with page.expect_navigation():
        page.locator("#row-form a", has_text="在地图上查看").click()
    page.wait_for_selector("[data-trials]")
    assert rows.count() == 3 and "占 25% 时间" in rows.first.inner_text()
    # the third preset shows ground of its own
    assert page.inner_text(".camera-legend") != seen
    with page.expect_navigation():
        rows.first.locator("a").click()
    page.fill("#field-azimuth_deg", "60")
    with page.expect_navigation():
        page.click("#row-form button.main")
    assert turning.store.frame("camera_views")["azimuth_deg"].tolist() == [60.0, 225.0, 135.0]


def test_a_plan_keeps_the_presets_of_its_camera_and_loses_them_when_it_is_taken_back(turning, site, page):
    """Without them the plan would see all that it can turn to, more than was seen while it was tried."""
    open_camera(page, site, "?id=1")
    answered(page, lambda: page.fill("#field-mount_height_m", "7"))
    seen = page.locator(".camera-legend .camera-value").all_inner_texts()
    answered(page, lambda: page.click(".camera-form button.main"))
    said(page, "已存为拟建点位")
    page.wait_for_selector("#camera-presets li")
    assert "占 33% 时间" in page.locator("#camera-presets li").first.inner_text()
    assert page.locator(".camera-legend .camera-value").all_inner_texts() == seen
    views = turning.store.frame("camera_views")
    plan = int(turning.store.frame("camera_sites").index[-1])
    assert views["camera"].tolist() == [1, 1, plan, plan]
    assert views["azimuth_deg"].tolist() == [45.0, 225.0, 45.0, 225.0]
    assert page.get_attribute("#camera-presets li a", "href") == f"/layers/camera_views/{views.index[2]}"
    page.click("#camera-undo")
    said(page, "已撤销")
    assert turning.store.frame("camera_views")["camera"].tolist() == [1, 1]
    assert turning.store.count("camera_sites") == plan - 1


def test_a_fixed_camera_has_no_presets(site, page):
    open_camera(page, site, f"?id={FIXED}")
    assert page.locator("#camera-presets").count() == 0


@pytest.mark.parametrize("size", sorted(SIZES))
def test_private_ground_in_view_is_hatched_and_follows_every_step(town, site, open_page, tmp_path, size):
    """A dwelling stands 20 m in front of the camera: within 5 m of it the ground is private, and seen until the camera turns away."""
    x, y = at(3.2, -10)
    with town.store.change(actor="test") as change:
        change.insert(
            "buildings",
            [
                {
                    "geometry": shapely.box(x, y - 4e-5, x + 8e-5, y + 4e-5),
                    "height_m": 6.0,
                    "use": "residential",
                }
            ],
        )
        change.update("camera_sites", FIXED, {"resolution_px_h": 8000, "max_range_m": 60.0})
    page = open_page(SIZES[size])
    open_camera(page, site, f"?id={FIXED}")
    legend = page.locator(".camera-private")
    assert "看到的私域" in legend.inner_text() and "及以上" in legend.inner_text()
    hatched = page.locator(".camera-private-ground")
    assert hatched.count() >= 1 and hatched.first.get_attribute("fill") == "url(#camera-private)"
    page.locator(".stage").scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / f"{size}-private.png", full_page=True)
    page.emulate_media(media="print")
    page.screenshot(path=tmp_path / f"{size}-private-printed.png")
    assert page.is_visible(".camera-private")
    page.emulate_media(media="screen")
    before = hatched.first.get_attribute("d")
    answered(page, lambda: page.fill("#field-azimuth_deg", "130"))
    assert hatched.first.get_attribute("d") != before
    answered(page, lambda: page.fill("#field-azimuth_deg", "270"))
    assert hatched.count() == 0 and "0 平方米" in legend.inner_text()
    no_sideways(page)
