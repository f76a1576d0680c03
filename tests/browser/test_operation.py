"""The administrator's pages of operation in a real browser: a backup made and taken, settings read, at both sizes."""

import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from geo_service.jobs import listing, run_now
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def station(tmp_path):
    folder = tmp_path / "a folder of the station with a very long name that no phone can show in one line"
    with Workspace.create(folder, name="石门镇") as made:
        made.accounts.create_user("admin.a", role="admin", password=PASSWORD, actor="test")
        yield made


def log_in(page, base):
    page.goto(base + "/login")
    page.fill("input[name=name]", "admin.a")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def check(page):
    """Nothing scrolls sideways, and axe finds nothing serious."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []


@pytest.mark.parametrize("size", SIZES)
def test_an_administrator_makes_a_backup_sees_it_and_takes_it_away(station, serve, open_page, size, tmp_path):
    base = serve(create_app(station))
    page = open_page(SIZES[size], accept_downloads=True)
    log_in(page, base)
    page.goto(base + "/admin")
    with page.expect_navigation():
        page.click("a:has-text('备份')")
    assert "还没有备份" in page.inner_text("main")
    check(page)
    page.click("button:has-text('立即备份')")
    page.wait_for_url("**/jobs/*")
    run_now(station, listing(station, kinds=["backup"])[0].id)
    page.goto(base + "/admin/backups")
    assert page.locator("#backups tbody tr").count() == 1
    check(page)
    with page.expect_download() as taken:
        page.click("#backups a:has-text('下载')")
    file = tmp_path / "taken.zip"
    taken.value.save_as(file)
    # a page that turns into a download counts as aborted
    page.recorder.faults = [one for one in page.recorder.faults if not one.endswith("ERR_ABORTED")]
    with closing(zipfile.ZipFile(file)) as opened:
        assert "town.db" in opened.namelist()
    assert Path(taken.value.suggested_filename).suffix == ".zip"


@pytest.mark.parametrize("size", SIZES)
def test_the_settings_can_be_read_at_any_size(station, serve, open_page, size):
    base = serve(create_app(station))
    page = open_page(SIZES[size])
    log_in(page, base)
    page.goto(base + "/admin/settings")
    assert "请在服务器上修改" in page.inner_text("main")
    check(page)
