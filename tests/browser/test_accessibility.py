"""Claims that axe-core finds nothing serious on any page, for any role, on a desktop and on a phone.

The pages come from the application's own list of routes, so a new page is looked at without being named here. A route
whose address needs an argument gets it from `tests/route_samples.py`; one that answers with no page although it is named nowhere below fails.
"""

import re
import runpy
from datetime import datetime
from pathlib import Path

import axe_playwright_python
import pytest

from geo_service.web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
ROUTES = runpy.run_path(str(Path(__file__).parents[1] / "route_samples.py"))
addresses, pages = ROUTES["page_addresses"], ROUTES["pages"]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("pages") / "station") as workspace:
        for role in ("admin", "planner", "inspector", "cadre"):
            villages = [1] if role == "cadre" else []
            workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, villages=villages)
        yield workspace


@pytest.fixture(scope="module")
def app(town):
    made = create_app(town)
    made.config["NOW"] = lambda: datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)
    return made


def session_of(app, role, language):
    """A client that is logged in, in a language."""
    client = app.test_client()

    def token():
        return re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]

    if role:
        sent = {"name": f"{role}.a", "password": PASSWORD, "csrf_token": token()}
        assert client.post("/login", data=sent).status_code == 303
    if language != "zh":
        markup = client.get("/account").text if role else client.get("/login").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', markup)[1]
        client.post("/language", data={"language": language, "next": "/", "csrf_token": found})
    return client


def serious(page):
    """What axe-core finds on the page as it stands, as short lines."""
    page.evaluate(AXE)
    told = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:110]} {(node['any'] or node['all'] or [{}])[0].get('message', '')[:120]}"
        for one in told["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:4]
    ]


def visit(open_page, site, client, size):
    """A browser's page with the session of a client."""
    page = open_page(SIZES[size])
    cookie = client.get_cookie("geo_service")
    if cookie:
        page.context.add_cookies([{"name": "geo_service", "value": cookie.value, "url": site}])
    return page


@pytest.mark.parametrize(
    ("role", "size", "language"),
    [
        ("admin", "desktop", "zh"),
        ("admin", "phone", "en"),
        ("planner", "phone", "zh"),
        ("planner", "desktop", "en"),
        ("inspector", "desktop", "zh"),
        ("cadre", "phone", "zh"),
        ("cadre", "desktop", "en"),
        (None, "phone", "zh"),
        (None, "desktop", "en"),
    ],
)
def test_axe_finds_nothing_serious_on_any_page(app, open_page, serve, settled, role, size, language):
    client = session_of(app, role, language)
    found = pages(client, addresses(app, role))
    assert found
    site = serve(app)
    page = visit(open_page, site, client, size)
    faults = {}
    for endpoint, path in found.items():
        page.goto(site + path)
        settled(page)
        lines = serious(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
            lines.append("sticks out sideways")
        if lines:
            faults[f"{endpoint} {path}"] = lines
    assert faults == {}, "\n".join(f"{where}\n   " + "\n   ".join(lines) for where, lines in faults.items())


def test_every_page_that_needs_no_argument_is_among_them(app):
    """The list above is not empty by mistake: what has a plain address is looked at, or leads on."""
    client = session_of(app, "admin", "zh")
    every = addresses(app, "admin")
    kept = pages(client, every)
    plain = {rule.endpoint for rule in app.url_map.iter_rules() if not rule.arguments} & set(every)
    lead_on = {one for one in plain - set(kept) if client.get(every[one]).status_code in (302, 303)}
    assert {"pages.overview", "pages.gaps", "pages.patrol", "layers.index", "admin.index"} <= set(kept)
    files = {one for one in plain - set(kept) - lead_on if client.get(every[one]).mimetype != "text/html"}
    files |= {
        "print.route",
        "routes.days",
        "sites.notices",
    }  # of one unit, which must be named; of days and notices, once there are some
    assert sorted(plain - set(kept) - lead_on - files) == []


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious_while_the_map_is_used(app, open_page, serve, settled, size):
    """With the list of layers open, a place chosen, each tool open, and the search showing what it found."""
    client = session_of(app, "planner", "zh")
    site = serve(app)
    page = visit(open_page, site, client, size)
    page.goto(site + "/")
    settled(page)
    faults = {}

    def look(what):
        lines = serious(page)
        if lines:
            faults[what] = lines

    if size == "phone":
        page.click(".tm-fold")
    look("layers")
    if size == "phone":
        page.click(".tm-fold")
        page.click("[data-tool=more]")
        look("tools")
    for tool in ("line", "area", "place"):
        page.click(f"[data-tool={tool}]")
        look(tool)
        page.keyboard.press("Escape")
    page.evaluate("townMap.zoomTo('key_areas', 1)")
    look("information")
    page.evaluate("townMap.clear()")
    page.fill("#search-field", "石门")
    page.locator("#search-list [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    look("search")
    assert faults == {}


def test_axe_would_find_a_planted_fault(app, open_page, serve):
    """The test can fail: a field without a label and pale words are found."""
    page = open_page()
    page.goto(serve(app) + "/login")
    assert serious(page) == []
    page.evaluate(
        """() => { const field = document.createElement('input'); document.querySelector('main').append(field);
        const pale = document.createElement('p'); pale.textContent = 'pale words'; pale.style.color = '#ddd';
        document.querySelector('main').append(pale); }"""
    )
    found = " ".join(serious(page))
    assert "label" in found
    assert "color-contrast" in found
