"""Jobs in a real browser: asked for by a button, watched without a reload, cancelled, and the plan published."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from geo_service import jobs
from geo_service.jobs.kinds import KINDS, Kind
from geo_service.jobs.supervisor import Supervisor
from geo_service.publications import published, withdraw
from geo_service.web import create_app
from town_model import Text

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = Path(__file__).parents[1] / "geo_service"
PASSWORD = "Shi-men-2026"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LONGEST_MS = 60_000


@pytest.fixture
def workspace(tmp_path, small_town):
    with small_town["build"](tmp_path / "station") as made:
        made.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        made.accounts.create_user("cadre.a", role="cadre", password=PASSWORD, villages=[1])
        yield made


@pytest.fixture(scope="module")
def small_town():
    import runpy

    return runpy.run_path(str(HERE / "web" / "small_town.py"))


@pytest.fixture
def site(workspace, serve):
    return serve(create_app(workspace))


@pytest.fixture
def worker(workspace):
    with Supervisor(workspace):
        yield


def log_in(page, site, name, path="/"):
    page.goto(site + path)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_load_state("networkidle")


def fits(page, size):
    return page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def count_loads(page):
    """Let the page remember how often a document was loaded; a reload would forget the mark."""
    page.evaluate("window.here = true, 0")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_blind_spots_are_computed_by_a_button_and_watched_to_the_end(site, worker, open_page, size):
    page = open_page(size)
    log_in(page, site, "planner.a", "/gaps")
    page.click("text=重新计算")
    page.wait_for_url("**/jobs/*")
    count_loads(page)
    assert fits(page, size)
    page.wait_for_selector(".job[data-state=done]", timeout=LONGEST_MS)
    assert page.evaluate("window.here") is True  # nothing was reloaded
    assert page.inner_text("[data-part=percent] >> nth=-1") == "100"
    assert not page.is_visible("[data-part=cancel]") and fits(page, size)
    assert page.locator(".job-log li").count() >= 3
    page.click("text=查看结果")
    page.wait_for_url("**/gaps")
    assert page.locator("#gap-table tbody tr").count() > 0


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_patrol_job_is_cancelled_while_it_runs_and_run_again(
    workspace, site, tmp_path, monkeypatch, open_page, size
):
    """The worker of `trial_worker.py` waits where the planner would search."""
    program = (sys.executable, str(HERE / "jobs" / "trial_worker.py"))
    monkeypatch.setitem(KINDS, "trial", Kind(title=Text("Patrol plan"), run="none:none", options=None))
    options = {"go": str(tmp_path / "go"), "marks": str(tmp_path / "marks")}
    number = jobs.submit(workspace, "trial", actor="planner.a", options=options)
    page = open_page(size)
    with Supervisor(workspace, program=program):
        log_in(page, site, "planner.a", f"/jobs/{number}")
        count_loads(page)
        page.wait_for_selector(".job[data-state=running] progress[value='50']", timeout=LONGEST_MS)
        assert page.inner_text(".own-job [data-part=percent]") == "50"
        assert fits(page, size)
        assert page.evaluate("window.here") is True
        page.click(".job button:has-text('取消')")
        page.wait_for_selector(".job[data-state=cancelled]", timeout=LONGEST_MS)
        assert page.is_visible("text=重新运行") and not page.is_visible("[data-part=result]")
        (tmp_path / "go").touch()
        page.click("text=重新运行")
        page.wait_for_selector(".job[data-state=done]", timeout=LONGEST_MS)
    assert [one.state for one in jobs.listing(workspace)] == ["done", "cancelled"]


def test_the_options_of_the_plan_go_with_its_job(workspace, site, page):
    log_in(page, site, "planner.a", "/patrol")
    page.click("summary:has-text('重新编排')")
    page.fill("#option-time_limit_s", "12")
    page.fill("#option-seed", "5")
    day = page.input_value("#plan-date")
    page.select_option("#plan-day-type", "event_day")
    page.select_option("#plan-duty-level", "2")
    with page.expect_navigation():
        page.click("text=编排巡逻")
    assert jobs.listing(workspace)[0].options == {
        "time_limit_s": 12.0,
        "seed": 5,
        "date": day,
        "day_type": "event_day",
        "duty_level": "2",
    }
    page.goto(site + "/patrol")
    assert page.is_visible(".job[data-state=queued]") and not page.is_visible("#option-seed")


def test_the_planner_publishes_and_the_cadre_sees_the_route(workspace, site, page, phone):
    for one in published(workspace.store):
        withdraw(workspace.store, one.id, actor="test")
    log_in(phone, site, "cadre.a")
    assert "还没有发布今天的巡逻方案" in phone.inner_text("main")
    log_in(page, site, "planner.a", "/patrol")
    page.click("text=发布此方案")
    page.wait_for_selector("text=此方案已发布")
    phone.reload()
    assert "上河巡逻队" in phone.inner_text("main") and fits(phone, PHONE)
    found = published(workspace.store)[0]
    assert found.first_day == dt.datetime.now().astimezone().date()
    page.click("summary:has-text('发布')")
    page.click("text=撤回")
    page.wait_for_selector("text=此方案尚未发布")
    phone.reload()
    assert "上河巡逻队" not in phone.inner_text("main")


def test_a_job_page_without_a_script_refreshes_itself(workspace, site, browser):
    jobs.submit(workspace, "coverage", actor="planner.a")
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    log_in(page, site, "planner.a", "/jobs/1")
    assert page.locator("meta[http-equiv=refresh]").count() == 1
    jobs.cancel(workspace, 1, actor="planner.a")
    page.wait_for_selector(".job[data-state=cancelled]", timeout=LONGEST_MS)
    context.close()
