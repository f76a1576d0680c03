"""A town of hostile words on every page: nothing runs, everything is shown as it was written."""

import pytest

from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def site(hostile_workspace, serve):
    hostile_workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
    hostile_workspace.accounts.create_user("cadre.a", role="cadre", password=PASSWORD, villages=[1])
    return serve(create_app(hostile_workspace))


def log_in(page, site, name):
    page.goto(site + "/")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_every_page_shows_the_words_and_runs_none(site, open_page, hostile, size, language):
    page = open_page(SIZES[size])
    log_in(page, site, "planner.a")
    if language == "en":
        page.click("text=English")
        page.wait_for_load_state("networkidle")
    for path in ("/", "/gaps", "/patrol", "/my-routes?unit=patrol_units/1", "/login", "/no-such-page"):
        if path == "/no-such-page":
            page.recorder.expect_status(404)
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        if path in ("/gaps", "/patrol", "/my-routes?unit=patrol_units/1"):
            page.wait_for_selector("[data-ready=true]", state="attached")
        shown = page.inner_text("body")
        assert "{{7*7}}" in shown and "</script>" in shown, path
        assert page.locator("img[src=x]").count() == 0 and not page.evaluate("Boolean(window.pwned)")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], path


def test_the_cadres_page_shows_the_words_and_runs_none(site, phone):
    log_in(phone, site, "cadre.a")
    phone.wait_for_selector("[data-ready=true]", state="attached")
    assert "{{7*7}}" in phone.inner_text("#stops") and "${7*7}" in phone.inner_text("h1")


def test_hostile_words_in_addresses_come_back_as_words(site, page):
    page.recorder.expect_status(400, 404)
    log_in(page, site, "planner.a")
    evil = "%22%3E%3Cscript%3Ewindow.pwned%3D1%3C/script%3E"
    for path in (
        f"/gaps?light={evil}",
        f"/patrol?unit={evil}",
        f"/my-routes?unit={evil}",
        f"/{evil}",
        f"/gaps?page={evil}",
        f"/login?next=/{evil}",
    ):
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        assert not page.evaluate("Boolean(window.pwned)"), path


def test_a_hostile_user_name_is_only_a_name(site, page, hostile):
    page.recorder.expect_status(403)
    page.goto(site + "/login")
    page.fill("#name", hostile[:60])
    page.fill("#password", hostile)
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.input_value("#name").startswith("{{7*7}}")
