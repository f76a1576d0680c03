"""The pages of layers in a real browser: every page clean in both sizes, an edit seen and undone, hostile words."""

import runpy
from pathlib import Path

import openpyxl
import pytest

from geo_service.store import Proposal
from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
PATHS = (
    "/layers",
    "/layers/camera_sites",
    "/layers/camera_sites?columns=all",
    "/layers/camera_sites?search=zzz",
    "/layers/street_lights",
    "/layers/camera_sites/1",
    "/layers/roads/1",
    "/layers/key_areas/1",
    "/layers/camera_sites/new",
    "/layers/camera_sites/1/delete",
    "/changes",
    "/changes/1",
    "/proposals",
)


@pytest.fixture
def town(tmp_path):
    with TOWN["build"](tmp_path / "station") as workspace:
        for name, role in (("planner.a", "planner"), ("inspector.a", "inspector"), ("cadre.a", "cadre")):
            workspace.accounts.create_user(
                name, role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        workspace.store.add_proposals(
            [
                Proposal(
                    "key_areas",
                    {"name": "上河小学", "category": "school"},
                    TOWN["_box"](20, 20),
                    source_id="way/1",
                    reason="amenity=school",
                )
            ]
        )
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


def settle(page):
    if page.locator("#row-map").count():
        page.wait_for_selector("[data-ready=true]", state="attached")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_every_page_is_clean_and_nothing_sticks_out(site, open_page, size, language):
    page = open_page(SIZES[size])
    log_in(page, site, "/layers")
    if language == "en":
        page.click("text=English")
        page.wait_for_load_state("networkidle")
    for path in PATHS:
        page.goto(site + path)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], path
        assert page.locator("h1").count() == 1, path
        unnamed = page.evaluate(
            "Array.from(document.querySelectorAll('input:not([type=hidden]),select,textarea'))"
            ".filter((one) => !one.labels.length && !one.getAttribute('aria-label')).map((one) => one.name)"
        )
        assert unnamed == [], path


def test_an_edit_is_seen_in_the_table_and_taken_back(site, town, page):
    log_in(page, site, "/layers/camera_sites")
    page.click("#rows a:has-text('河街枪机')")
    page.fill("#field-mount_height_m", "5.5")
    page.select_option("#field-status", label="故障")
    page.click("#row-form button.main")
    page.wait_for_selector("[role=status]:has-text('已保存')")
    with page.expect_navigation():
        page.click("text=返回列表")
    line = page.locator("#rows tr", has_text="河街枪机")
    assert "5.5" in line.inner_text() and "故障" in line.inner_text()
    page.goto(site + "/changes")
    page.locator("#changes tbody tr").first.get_by_role("button").click()
    page.wait_for_selector("[role=status]:has-text('已撤销')")
    page.goto(site + "/layers/camera_sites")
    line = page.locator("#rows tr", has_text="河街枪机")
    assert "5.5" not in line.inner_text() and "在用" in line.inner_text()
    assert town.store.frame("camera_sites").loc[2, "mount_height_m"] == 4.0


def test_a_row_is_edited_by_keyboard_alone(site, town, page):
    log_in(page, site, "/layers/camera_sites/1")
    page.focus("#field-name")
    page.keyboard.press("Control+A")
    page.keyboard.type("石门路口球机")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]:has-text('已保存')")
    assert town.store.frame("camera_sites").loc[1, "name"] == "石门路口球机"


def test_the_browser_holds_a_number_to_its_range(site, town, page):
    log_in(page, site, "/layers/camera_sites/1")
    page.fill("#field-mount_height_m", "900")
    page.click("#row-form button.main")
    assert page.evaluate("document.querySelector('#field-mount_height_m').validity.rangeOverflow")
    assert page.url.endswith("/layers/camera_sites/1") and town.store.revision() == 1


def test_faults_stand_beside_their_fields_and_what_was_typed_stays(site, page):
    page.recorder.expect_status(400)
    log_in(page, site, "/layers/camera_sites/1")
    # what a script or an old browser would send
    page.eval_on_selector("#row-form", "(form) => { form.noValidate = true; }")
    page.fill("#field-mount_height_m", "900")
    page.fill("#field-note", "门卫 13800138000")
    page.click("#row-form button.main")
    page.wait_for_selector("[role=alert]:has-text('没有保存')")
    assert page.input_value("#field-mount_height_m") == "900" and page.input_value("#field-note").startswith(
        "门卫"
    )
    assert "0.5 至 200" in page.inner_text("#fault-mount_height_m")
    assert "电话号码" in page.inner_text("#fault-note")
    assert page.get_attribute("#field-note", "aria-invalid") == "true"
    page.click("[role=alert] a:has-text('备注')")
    assert page.evaluate("document.activeElement.id || location.hash.slice(1)") == "field-note"


def test_two_editors_see_both_versions(site, town, open_page):
    first, second = open_page(SIZES["desktop"]), open_page(SIZES["phone"])
    second.recorder.expect_status(409)
    for page in (first, second):
        log_in(page, site, "/layers/camera_sites/1")
    first.fill("#field-azimuth_deg", "45")
    first.click("#row-form button.main")
    first.wait_for_selector("[role=status]:has-text('已保存')")
    second.fill("#field-azimuth_deg", "90")
    second.click("#row-form button.main")
    second.wait_for_selector(".clashes")
    assert [one.strip() for one in second.locator(".clashes .differs td").all_inner_texts()][
        -2:
    ] and "45" in second.inner_text(".clashes")
    assert town.store.frame("camera_sites").loc[1, "azimuth_deg"] == 45.0
    assert second.evaluate("document.documentElement.scrollWidth") <= 390
    second.click("#row-form button.main")
    second.wait_for_selector("[role=status]:has-text('已保存')")
    assert town.store.frame("camera_sites").loc[1, "azimuth_deg"] == 90.0


def test_the_row_is_marked_on_the_small_map(site, page):
    log_in(page, site, "/layers/camera_sites/2")
    page.wait_for_function("window.townMap && window.townMap.selected() !== null")
    chosen = page.evaluate("window.townMap.selected()")
    assert (chosen["layer"], str(chosen["id"])) == ("camera_sites", "2")


def test_a_point_is_added_on_a_phone(site, town, phone):
    log_in(phone, site, "/layers/street_lights")
    phone.click("main a:has-text('新增')")
    phone.fill("#field-name", "桥头路灯")
    phone.fill("#field-lon", "118.7802")
    phone.fill("#field-lat", "32.0403")
    phone.click("#row-form button.main")
    phone.wait_for_selector("[role=status]:has-text('已新增')")
    assert town.store.frame("street_lights")["name"].tolist() == ["桥头路灯"]


def test_a_deletion_is_asked_for_and_can_be_taken_back(site, town, page):
    log_in(page, site, "/layers/camera_sites/4")
    page.click("text=删除…")
    page.wait_for_selector("h1:has-text('拟建枪机')")
    page.click("button.danger")
    page.wait_for_selector("[role=status]:has-text('已删除')")
    assert town.store.count("camera_sites") == 3
    page.click("[role=status] a")
    page.click("main button:has-text('撤销')")
    page.wait_for_selector("[role=status]:has-text('已撤销')")
    assert town.store.count("camera_sites") == 4


def test_a_proposal_is_chosen_and_accepted(site, town, page):
    log_in(page, site, "/proposals")
    page.check("#chosen-1")
    page.click("text=采纳所选")
    page.wait_for_selector("[role=status]:has-text('已采纳 1 条')")
    assert "上河小学" in town.store.frame("key_areas")["name"].tolist()


def test_a_layer_is_downloaded(site, page, tmp_path):
    log_in(page, site, "/layers/camera_sites")
    with page.expect_download() as started:
        page.click("text=导出 Excel")
    path = tmp_path / "cameras.xlsx"
    started.value.save_as(path)
    assert started.value.suggested_filename == "监控点位.xlsx"
    # a download ends the navigation that began it, which Chromium calls a request that was aborted
    page.evaluate("0")
    page.recorder.faults = [one for one in page.recorder.faults if "export.xlsx" not in one]
    assert openpyxl.load_workbook(path).worksheets[0].max_row == 5


def test_an_inspector_reads_without_a_form(site, page):
    log_in(page, site, "/layers/camera_sites/1", "inspector.a")
    settle(page)
    assert page.locator("#row-form, main .card input, main textarea, main form").count() == 0
    assert "石门路球机" in page.inner_text("main") and "6" in page.inner_text(".values")


def test_a_cadre_is_told_that_the_page_is_not_for_this_account(site, phone):
    phone.recorder.expect_status(403)
    log_in(phone, site, "/layers", "cadre.a")
    assert "点位与区域" not in phone.inner_text("header") and phone.locator("table").count() == 0


def test_the_table_prints_without_controls(site, page):
    log_in(page, site, "/layers/camera_sites")
    page.emulate_media(media="print")
    assert (
        page.is_visible("#rows") and not page.is_visible("[role=search]") and not page.is_visible(".actions")
    )
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_search_and_pages_work_without_a_script(site, browser):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    log_in(page, site, "/layers/camera_sites")
    page.fill("#search", "码头")
    with page.expect_navigation():
        page.click("[role=search] button")
    assert page.locator("#rows tbody tr").count() == 1
    context.close()


@pytest.mark.parametrize("size", sorted(SIZES))
def test_hostile_words_are_shown_and_run_nowhere(hostile_workspace, serve, open_page, hostile, size):
    hostile_workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
    shape = hostile_workspace.store.frame("key_areas", crs="wgs84").geometry.iloc[0]
    hostile_workspace.store.add_proposals(
        [
            Proposal(
                "key_areas", {"name": hostile, "category": hostile}, shape, source_id="way/1", reason=hostile
            )
        ]
    )
    with hostile_workspace.store.change(actor=hostile, note=hostile) as change:
        change.update("camera_sites", 1, {"note": hostile + "!", "owner": hostile + "\n" + hostile})
    site = serve(create_app(hostile_workspace))
    page = open_page(SIZES[size])
    log_in(page, site, "/layers")
    paths = [f"/layers/{one}{end}" for one in ("camera_sites", "key_areas", "roads", "patrol_units") for end in ("?columns=all", "/1")]  # fmt: skip
    for path in (
        *paths,
        "/layers/camera_sites/1/delete",
        "/changes",
        "/changes/1",
        "/changes/2",
        "/proposals",
    ):
        page.goto(site + path)
        settle(page)
        assert "{{7*7}}" in page.inner_text("main") or "{{7*7}}" in page.input_value("#field-name"), path
        assert page.locator("img[src=x]").count() == 0 and not page.evaluate("Boolean(window.pwned)"), path
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], path


def test_hostile_words_typed_into_every_text_field_come_back_as_they_were(site, town, page, hostile):
    log_in(page, site, "/layers/camera_sites/1")
    typed = hostile.replace("\u2028", "")
    texts = page.locator("#row-form input[type=text], #row-form textarea")
    for at in range(texts.count()):
        texts.nth(at).fill(typed)
    page.click("#row-form button.main")
    page.wait_for_selector("[role=status]")
    settle(page)
    row = town.store.frame("camera_sites").loc[1]
    assert {row["name"], row["code"], row["owner"], row["maintained_by"], row["note"]} == {typed}
    assert texts.count() == 5 and {texts.nth(at).input_value() for at in range(5)} == {typed}


def test_hostile_words_in_addresses_change_nothing(site, page):
    page.recorder.expect_status(400, 404)
    log_in(page, site, "/layers")
    evil = "%22%3E%3Cscript%3Ewindow.pwned%3D1%3C/script%3E"
    for path in (f"/layers/{evil}", f"/layers/camera_sites?search={evil}", f"/layers/camera_sites?page={evil}",
                 f"/layers/camera_sites/1?done={evil}&batch={evil}", f"/changes?done={evil}", f"/proposals?done=accepted&count={evil}", f"/proposals?page={evil}"):  # fmt: skip
        page.goto(site + path)
        settle(page)
        assert not page.evaluate("Boolean(window.pwned)"), path
