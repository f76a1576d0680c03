"""Every page for every role in towns at the edge: with nothing, placed but empty, of hostile words, of very long names.

The pages come from the application's own list of routes. No page fails, runs a word, sticks out sideways, or lets one
control lie on another; and where there is nothing, it says what to do next. `GEO_SHOTS` names a folder for pictures.
"""

import os
import re
import runpy
from pathlib import Path

import pytest
import shapely

from geo_service import jobs
from geo_service.imports.uploaded import receive
from geo_service.imports.uploads import Uploads
from geo_service.web import create_app
from geo_service.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROUTES = runpy.run_path(str(Path(__file__).parents[1] / "route_samples.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
ROLES = ("admin", "planner", "inspector", "cadre", None)
TOWNS = ("fresh", "placed", "hostile", "long")
#: Layers whose tables and rows are looked at, beside the one of the samples.
LAYERS = ("camera_sites", "patrol_units", "villages", "roads", "camera_models")
#: Pages that may have nothing to show, and the role that comes to them.
MAY_BE_EMPTY = {
    "admin": ("/", "/gaps", "/patrol", "/layers", "/layers/key_areas", "/proposals", "/changes", "/imports", "/jobs", "/grids",
              "/tokens", "/admin/backups", "/search?q=zz", "/print", "/map/edit"),
    "inspector": ("/", "/gaps", "/patrol", "/layers/key_areas", "/proposals", "/changes", "/jobs", "/grids"),
    "cadre": ("/my-routes",),
}  # fmt: skip
#: Pages that are not empty once the town has its place and a village.
HELD = ("/", "/layers", "/changes", "/print", "/map/edit", "/my-routes")
#: What is wrong with the controls of a page: out of the window, words out of a button, one upon another.
CONTROLS = """(width) => {
  const told = [], boxes = [];
  const shown = (one) => one.offsetParent !== null && getComputedStyle(one).visibility !== "hidden" && !one.closest(".hidden-words, .skip")
    && !(one.tagName === "SUMMARY" ? one.parentElement.parentElement : one).closest("details:not([open])");
  const inside = (one) => { for (let at = one.parentElement; at && at !== document.body; at = at.parentElement) {
    const style = getComputedStyle(at); if (/auto|scroll|hidden/.test(style.overflowX + style.overflowY)) { return at; } } return null; };
  for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!shown(one) || one.closest(".town-map") || one.classList.contains("skip")) { continue; }
    const name = one.tagName + " " + (one.id || one.name || one.textContent.trim().slice(0, 30));
    const clip = inside(one);
    for (const box of one.getClientRects()) {
      if (box.width < 2 || box.height < 2) { continue; }
      if (!clip && (box.right > width + 1 || box.left < -1)) { told.push(name + " outside: " + Math.round(box.left) + ".." + Math.round(box.right)); }
      boxes.push({ one, name, box, clip });
    }
    if ((one.tagName === "BUTTON" || one.classList.contains("button")) && one.scrollWidth > one.clientWidth + 2) { told.push(name + " words stick out"); }
  }
  for (let i = 0; i < boxes.length && told.length < 12; i += 1) {
    for (let j = i + 1; j < boxes.length; j += 1) {
      const a = boxes[i], b = boxes[j];
      if (a.clip !== b.clip || a.one.contains(b.one) || b.one.contains(a.one) || a.one === b.one) { continue; }
      const w = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const h = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (w > 3 && h > 5) { told.push(a.name + " lies on " + b.name); }
    }
  }
  return told;
}"""


def fill(workspace, words):
    """Work of people in a town: an uploaded file, a job and an entry of the record, of the same words."""
    path = Uploads(workspace).new_path("x.csv")
    path.write_text(f'name,lon,lat\n"{words[:60].replace(chr(34), "")}",118.78,32.04\n', encoding="utf-8")
    receive(workspace, path, name=f"{words[:200]}.csv", layer="camera_sites", actor="planner.a")
    jobs.submit(workspace, "coverage", actor="planner.a")
    workspace.store.audit("planner.a", "log_in", words, "10.0.0.9")


@pytest.fixture(params=TOWNS)
def town(request, tmp_path):
    """A workspace at the edge, with an account of each role."""
    name = request.param
    if name in ("fresh", "placed"):
        made = Workspace.create(tmp_path / name)
        if name == "placed":
            made.store.place_town(118.78, 32.04, actor="tester")
            with made.store.change(actor="tester") as change:
                # a cadre needs one; there is nothing else
                change.insert(
                    "villages", [{"name": "上河村", "geometry": shapely.box(118.77, 32.03, 118.79, 32.05)}]
                )
    else:
        made = request.getfixturevalue(f"{name}_workspace")
        words = made.store.town.name or made.settings.name
        fill(made, words)
    with made:
        for role in ("admin", "planner", "inspector", "cadre")[: 3 if name == "fresh" else 4]:
            villages = [1] if role == "cadre" else []
            made.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, villages=villages)
        made.kind = name
        yield made


def roles(town):
    """The roles that this town has an account for; the last is a visitor."""
    kept = {one.role for one in town.accounts.users()}
    return [one for one in ROLES if one is None or one in kept]


def client_of(app, role):
    client = app.test_client()
    if role:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
        sent = {"name": f"{role}.a", "password": PASSWORD, "csrf_token": token}
        assert client.post("/login", data=sent).status_code == 303
    return client


def addresses(app, role):
    """The addresses of the samples, and tables and rows of further layers."""
    found = set(ROUTES["page_addresses"](app, role).values())
    if role not in (None, "cadre"):
        found |= {f"/layers/{layer}{end}" for layer in LAYERS for end in ("", "/1", "/new")}
        found |= {"/search?q=1", "/changes/1", "/imports/1", "/jobs/1"}
    return sorted(found)


def body_of(answer):
    """A page without what differs by user or each time, so that equal pages are looked at once."""
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    return re.sub(r'name="csrf_token" value="[^"]*"', "", main[0] if main else answer.text)


@pytest.mark.parametrize("size", SIZES)
def test_every_page_stands_whatever_the_town_holds(town, open_page, serve, settled, size):
    app = create_app(town)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    site = serve(app)
    seen, faults, looked = set(), {}, 0
    for role in roles(town):
        client = client_of(app, role)
        page = open_page(SIZES[size])
        page.recorder.expect_status(404)
        if cookie := client.get_cookie("geo_service"):
            page.context.add_cookies([{"name": "geo_service", "value": cookie.value, "url": site}])
        for path in addresses(app, role):
            answer = client.get(path)
            if answer.status_code >= 500:
                faults[path] = [answer.status]
                continue
            if answer.status_code != 200 or answer.mimetype != "text/html" or body_of(answer) in seen:
                continue
            seen.add(body_of(answer))
            looked += 1
            page.goto(site + path)
            settled(page)
            lines = page.evaluate(CONTROLS, SIZES[size]["width"])
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > SIZES[size]["width"]:
                lines.append(f"sticks out sideways: {wide}")
            if page.evaluate("Boolean(window.pwned) || document.querySelector('img[src=x]') !== null"):
                lines.append("a word ran")
            if lines:
                faults[f"{role} {path}"] = lines
            picture(page, f"{town.folder.name}-{size}-{role}-{path}")
        page.goto("about:blank")
        # a page that is left while it asks how its job goes
        page.recorder.faults = [one for one in page.recorder.faults if "/api/v1/jobs/" not in one]
    assert faults == {}, "\n".join(f"{where}\n   " + "\n   ".join(lines) for where, lines in faults.items())
    assert looked > 40


def picture(page, name):
    if folder := os.environ.get("GEO_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / (re.sub(r"[^\w.]+", "_", name) + ".png"))


@pytest.mark.parametrize("town", ["fresh", "placed"], indirect=True)
def test_where_there_is_nothing_the_page_says_what_to_do_next(town):
    """Words in a place of their own, and for who may act a link or a button."""
    app = create_app(town)
    silent = []
    for role, paths in MAY_BE_EMPTY.items():
        if role not in roles(town):
            continue
        client = client_of(app, role)
        for path in paths:
            main = client.get(path).text.partition("<main")[2]
            # an element that says so, and what stands in it or right after it
            hint = re.search(r'class="[^"]*\b(?:empty|notice|guide)\b.{0,2500}', main, re.DOTALL)
            if hint is None and "<form" not in main and (town.folder.name == "fresh" or path not in HELD):
                silent.append((role, path, "says nothing"))
            elif role == "admin" and hint and "<form" not in main and not re.search(r"<a |<button", hint[0]):
                silent.append((role, path, "offers nothing to do"))
    assert silent == [], silent


def test_the_faults_of_a_page_would_be_found(open_page, serve, hostile_workspace):
    """The test can fail: controls upon each other and out of the window are told."""
    page = open_page(SIZES["phone"])
    page.goto(serve(create_app(hostile_workspace)) + "/login")
    assert page.evaluate(CONTROLS, 390) == []
    page.evaluate(
        """() => { for (let i = 0; i < 2; i += 1) { const one = document.createElement('button'); one.textContent = 'planted';
        one.style.cssText = 'position:absolute;left:350px;top:300px;width:80px;height:30px'; document.querySelector('main').append(one); } }"""
    )
    told = " ".join(page.evaluate(CONTROLS, 390))
    assert "outside" in told
    assert "lies on" in told
