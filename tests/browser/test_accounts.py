"""Accounts as people use them: a slip, a password, a code of the phone, a lock, sessions; on a desktop and on a phone."""

import base64
import re
import runpy
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from geo_service.accounts import second_factor
from geo_service.web import create_app

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BUILD = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))["build"]
PASSWORD = "Shi-men-2026"
CHOSEN = "river-lantern-58"


@pytest.fixture
def town(tmp_path):
    with BUILD(tmp_path / "station") as workspace:
        workspace.accounts.create_user("admin1", role="admin", password=PASSWORD, title="所长室")
        yield workspace


@pytest.fixture
def address(town, serve):
    return serve(create_app(town))


def log_in(page, address, name, password):
    page.goto(address + "/login?next=/account")  # a page without a map: leaving it aborts no request
    page.fill("#name", name)
    page.fill("#password", password)
    with page.expect_navigation():
        page.click("button.main")


def fits(page):
    """Nothing makes the page scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def invite_cadre(page, address):
    """An administrator makes an account for a village and reads its link from the slip."""
    log_in(page, address, "admin1", PASSWORD)
    page.click(".bar >> text=管理")
    page.click(".cards >> text=账号")
    page.click("text=新建账号")
    page.fill("#account-name", "上河村")
    page.fill("#account-title", "上河村村委会")
    page.check("input[name=role][value=planner]")
    assert page.locator("[data-for-role=cadre]").first.is_hidden()
    page.check("input[name=role][value=cadre]")
    page.check("input[name=village] >> nth=0")
    fits(page)
    page.click("button.main")
    page.wait_for_selector(".slip .qr")
    assert page.evaluate("document.querySelector('.slip .qr').naturalWidth") > 100
    assert re.fullmatch(r"([a-z2-9]{4}-){4}[a-z2-9]{4}", page.inner_text(".slip .big"))
    fits(page)
    return page.input_value("#link")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_the_slip_to_the_own_route(open_page, address, size):
    admin = open_page(size)
    link = invite_cadre(admin, address)

    cadre = open_page(size)
    cadre.recorder.expect_status(404)
    for _ in range(2):  # opening it, as a messenger does, spends nothing
        cadre.goto(link)
        assert "上河村" in cadre.inner_text("form.card")
    cadre.fill("#new", CHOSEN)
    cadre.fill("#again", CHOSEN)
    fits(cadre)
    with cadre.expect_navigation():
        cadre.click("form.card button.main")
    assert "已可使用" in cadre.inner_text("main")
    cadre.goto(link)
    assert "无效" in cadre.inner_text("[role=alert]")
    log_in(cadre, address, "上河村", CHOSEN)
    cadre.goto(address + "/")
    cadre.wait_for_url("**/my-routes")
    cadre.wait_for_load_state("networkidle")
    assert cadre.locator(".bar >> text=管理").count() == 0

    with cadre.expect_navigation():
        cadre.click(".bar .who .name")
    assert "本次登录" in cadre.inner_text(".sessions")
    fits(cadre)
    admin.goto(address + "/admin/sessions")
    fits(admin)
    with admin.expect_navigation():
        admin.locator("tr", has_text="上河村").locator("button").click()
    cadre.goto(address + "/my-routes")
    assert "/login" in cadre.url and "已自动退出" in cadre.inner_text("main")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_code_of_the_phone_is_set_up_and_asked_for(open_page, address, size, monkeypatch):
    now = [time.time()]
    monkeypatch.setattr(second_factor, "clock", lambda: now[0])
    page = open_page(size)
    page.recorder.expect_status(403)
    log_in(page, address, "admin1", PASSWORD)
    page.goto(address + "/account/second-factor")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 100
    raw = base64.b32decode(page.inner_text(".key").replace("-", ""))

    def code():
        return TOTP(raw, 6, SHA1(), 30).generate(int(now[0])).decode()

    page.fill("#code", code())
    fits(page)
    page.click("form.fields button.main")
    page.wait_for_selector(".codes code")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    fits(page)
    page.click(".bar >> text=退出")
    page.wait_for_url("**/login")

    log_in(page, address, "admin1", PASSWORD)
    page.wait_for_url("**/login/code**")
    page.goto(address + "/admin")
    assert "/login" in page.url, "the password alone opens nothing"
    log_in(page, address, "admin1", PASSWORD)
    page.fill("#code", code())  # used at the set-up
    page.click("form.card button.main")
    page.wait_for_selector("[role=alert]")
    assert "已使用" in page.inner_text("[role=alert]")
    now[0] += 30
    page.fill("#code", code())
    page.click("form.card button.main")
    page.wait_for_url(address + "/account")
    page.click(".bar >> text=退出")
    page.wait_for_url("**/login")
    log_in(page, address, "admin1", PASSWORD)
    page.fill("#code", codes[0])
    page.click("form.card button.main")
    page.wait_for_url(address + "/account")


def test_five_wrong_passwords_lock_and_an_administrator_unlocks(open_page, address, town):
    town.accounts.create_user("guihua", role="planner", password=CHOSEN)
    page, admin = open_page(DESKTOP), open_page(DESKTOP)
    page.recorder.expect_status(403)
    for _ in range(5):
        log_in(page, address, "guihua", "wrong-words-1")
    log_in(page, address, "guihua", CHOSEN)
    assert "锁定" in page.inner_text("[role=alert]")
    log_in(admin, address, "admin1", PASSWORD)
    admin.goto(address + "/admin/accounts")
    with admin.expect_navigation():
        admin.click("text=guihua")
    assert "已锁定" in admin.inner_text("h1")
    with admin.expect_navigation():
        admin.click("text=解锁")
    assert "使用中" in admin.inner_text("h1")
    log_in(page, address, "guihua", CHOSEN)
    page.wait_for_url(address + "/account")
