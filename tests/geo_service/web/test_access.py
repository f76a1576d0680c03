"""Who gets in, who sees what: all routes × roles, and no leak between them."""

import json
import re
from pathlib import Path

import pytest
from web_clients import PASSWORD, log_in
from werkzeug.routing import BuildError

import geo_service
from geo_service.mapdata import SOURCES
from geo_service.web import create_app
from geo_service.web.access import (
    ROLE_PERMISSIONS,
    Permission,
    UndeclaredRouteError,
    allow,
    check_routes,
    permission_of,
    permitted,
)
from geo_service.web.maps import GROUND

ROLES = ("admin", "planner", "inspector", "cadre")
# every word of the small town that a cadre of 上河村 must not read anywhere
SECRETS = (
    "石门路球机",
    "河街枪机",
    "码头枪机",
    "拟建枪机",
    "巡逻一号车",
    "下河巡逻队",
    "camera",
    "盲区",
    "gaps_",
    "coverage_",
    "摄像",
)


@pytest.fixture(scope="module")
def app(town):
    for role in ROLES:
        town.accounts.create_user(
            role + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
        )
    made = create_app(town)
    made.config["TESTING"] = False
    return made


@pytest.fixture(scope="module")
def clients(app):
    return {None: app.test_client()} | {role: log_in(app, role + ".a") for role in ROLES}


def address(app, rule):
    """An address of a rule, with arguments that exist."""
    known = {
        # a page repeats the address that was asked, so a word that tells something must not stand in it
        "key": "patrol_routes"
        if "my-map" in rule.rule
        else "x"
        if "slips" in rule.rule
        else "import_rows"
        if "imports" in rule.rule
        else "camera_sites",
        "file_format": "xlsx",
        "camera_id": 1,
        "drawing": "plan",
        "layer_name": "key_areas",
        "row_id": 1,
        "batch_id": 1,
        "token_id": 1,
        "kind": "gaps",
        "frame_name": "pieces",
        "upload_id": 1,
        "number": 1,
        "code": "x",
        "action": "close",
        "digest": "0",
        "part": "base",
        "z": 0,
        "x": 0,
        "y": 0,
        "name": "leaflet/leaflet.css" if rule.endpoint == "assets.map_file" else "frame.css",
    }
    asked = {"lon": 118.78, "lat": 32.04} if rule.endpoint == "sight.who_sees" else {}
    with app.test_request_context():
        values = {key: known[key] for key in rule.arguments} | asked
        return app.url_map.bind("localhost").build(rule.endpoint, values)


def routes(app):
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"})
    ]


class TestRoutes:
    def test_every_route_names_a_permission(self, app):
        assert all(permission_of(app, rule.endpoint) is not None for rule, _ in routes(app))

    def test_an_app_with_a_silent_route_does_not_start(self, town):
        app = create_app(town)
        app.add_url_rule("/silent", view_func=lambda: "leak", endpoint="silent")
        with pytest.raises(UndeclaredRouteError, match="/silent"):
            check_routes(app)

    def test_every_route_answers_every_role_as_its_permission_says(self, app, clients):
        seen = set()
        for rule, method in routes(app):
            path = address(app, rule)
            needed = permission_of(app, rule.endpoint)
            for role, client in clients.items():
                if rule.endpoint == "log_in.leave" and role:
                    continue  # would end the session; tested below
                status = client.open(path, method=method, buffered=True).status_code
                if permitted(role, needed):
                    # without its token a POST that is permitted stops at the CSRF check
                    good = {200, 303, 404, 415} if method == "GET" else {400}
                    assert status in good, (path, role, status)
                elif role is None:
                    assert status == (401 if path.startswith("/api/") else 303), (path, status)
                else:
                    assert status == 403, (path, role, status)
                seen.add((rule.endpoint, role, status))
        assert ("pages.gaps", "cadre", 403) in seen and ("pages.gaps", "inspector", 200) in seen

    def test_roles_hold_what_the_design_says(self):
        assert ROLE_PERMISSIONS["cadre"] == {
            Permission.SIGNED_IN,
            Permission.SEE_GROUND,
            Permission.SEE_OWN_ROUTES,
        }
        assert all(
            Permission.SEE_GAPS in ROLE_PERMISSIONS[role] for role in ("admin", "planner", "inspector")
        )
        assert not any(permitted(None, one) for one in Permission if one is not Permission.ANYONE)

    def test_the_audit_record_is_for_administrators_alone(self, clients):
        assert [role for role in ROLES if permitted(role, Permission.SEE_AUDIT)] == ["admin"]
        for path in ("/audit", "/audit/export.xlsx", "/audit/export.csv"):
            assert {role: clients[role].get(path).status_code for role in ROLES} == {
                "admin": 200,
                "planner": 403,
                "inspector": 403,
                "cadre": 403,
            }
        assert {role: 'href="/admin"' in clients[role].get("/password").text for role in ROLES} == {
            role: role == "admin" for role in ROLES
        }

    def test_nobody_learns_which_addresses_exist_before_log_in(self, clients):
        known, unknown = (clients[None].get(path) for path in ("/gaps", "/no-such-page"))
        assert (known.status_code, unknown.status_code) == (303, 303)
        known, unknown = (clients[None].get(path) for path in ("/api/v1/gaps", "/api/v1/nothing"))
        assert (known.status_code, unknown.status_code) == (401, 401) and known.text == unknown.text


class TestCadre:
    def bodies(self, app, client):
        for rule, method in routes(app):
            if method == "GET" and not rule.endpoint.startswith("assets."):
                yield address(app, rule), client.get(address(app, rule)).data.decode("utf-8", "replace")
        for unit in range(5):
            for path in (f"/my-routes?unit=patrol_units/{unit}", f"/api/v1/my-map/patrol_routes.json?unit=patrol_units/{unit}",
                         f"/api/v1/my-map/patrol_places.json?unit=patrol_units/{unit}", f"/my-routes/route.gpx?unit=patrol_units/{unit}"):  # fmt: skip
                yield path, client.get(path).text
        for key in SOURCES:
            yield f"/api/v1/map/{key}.json", client.get(f"/api/v1/map/{key}.json").text

    def test_reads_nothing_of_cameras_gaps_or_other_units_anywhere(self, app, clients):
        read = list(self.bodies(app, clients["cadre"]))
        # the address that was asked for is no news to who asked
        leaks = [(path, word) for path, body in read for word in SECRETS if word in body.replace(path, "")]
        assert leaks == [] and len(read) > 40

    def test_reads_the_own_route(self, clients):
        page = clients["cadre"].get("/my-routes").text
        assert "上河巡逻队" in page and "18:15" in page

    def test_is_led_from_the_front_page_to_the_own_routes(self, clients):
        answer = clients["cadre"].get("/")
        assert (answer.status_code, answer.location) == (303, "/my-routes")

    def test_foreign_units_answer_as_units_that_do_not_exist(self, clients):
        client = clients["cadre"]
        for path in (
            "/my-routes?unit=%s",
            "/api/v1/my-map/patrol_routes.json?unit=%s",
            "/api/v1/my-map/patrol_places.json?unit=%s",
            "/my-routes/card.png?unit=%s",
            "/my-routes/route.gpx?unit=%s",
        ):
            foreign, police, absent = (client.get(path % f"patrol_units/{row}") for row in (3, 1, 999))
            assert {foreign.status_code, police.status_code, absent.status_code} == {404}
            told = {re.sub(r'value="[^"]*"', "", one.text) for one in (foreign, police, absent)}
            assert len(told) == 1

    @pytest.mark.parametrize("key", sorted(set(SOURCES) - set(GROUND)))
    def test_layers_beyond_the_ground_answer_as_layers_that_do_not_exist(self, clients, key):
        denied, absent = (clients["cadre"].get(f"/api/v1/map/{one}.json") for one in (key, "no_such_layer"))
        assert (denied.status_code, denied.text) == (404, absent.text)

    def test_the_ground_is_drawn(self, clients):
        assert json.loads(clients["cadre"].get("/api/v1/map/roads.json").text)["features"]

    def test_the_audit_record_keeps_who_looked_at_gaps(self, town, clients):
        clients["inspector"].get("/gaps")
        entry = town.store.audit_entries(action="view_gaps", limit=1)[0]
        assert entry.actor == "inspector.a"

    @pytest.mark.parametrize("key", sorted(key for key, one in SOURCES.items() if one.result is not None))
    def test_the_audit_record_keeps_who_took_a_sensitive_layer_of_the_map(self, app, town, key):
        """The page of gaps was noted, its data by their own address were not; ten minutes make one entry."""
        client = log_in(app, "inspector.a")
        before = len(town.store.audit_entries(actor="inspector.a", action="view_map_layer", limit=None))
        for _ in range(3):
            client.get(f"/api/v1/map/{key}.json")
        entries = town.store.audit_entries(actor="inspector.a", action="view_map_layer", limit=None)
        assert (len(entries) - before, entries[0].target) == (1, key)

    @pytest.mark.parametrize("key", sorted(key for key, one in SOURCES.items() if one.sensitive))
    def test_no_browser_keeps_a_sensitive_layer(self, clients, key):
        """After log-out, a shared phone has nothing of cameras, gaps and routes left on its disk."""
        answer = clients["planner"].get(f"/api/v1/map/{key}.json")
        assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers

    def test_the_audit_record_keeps_refusals(self, town, clients):
        clients["cadre"].get("/gaps")
        entry = town.store.audit_entries(action="refused", limit=1)[0]
        assert (entry.actor, entry.target) == ("cadre.a", "/gaps")


def test_every_view_that_pages_and_code_link_to_by_its_name_exists(app):
    files = [
        *Path(geo_service.__file__).parent.rglob("*.html"),
        *Path(geo_service.__file__).parent.rglob("*.py"),
    ]
    named = {
        (file.name, name)
        for file in files
        for name in re.findall(r"""url_for\(\s*["']([\w.]+)["']""", file.read_text(encoding="utf-8"))
    }
    assert len(named) > 100
    assert [one for one in sorted(named) if one[1] not in app.view_functions] == []


def test_no_rule_needs_an_argument_that_the_tests_do_not_know(app):
    for rule, _ in routes(app):
        try:
            address(app, rule)
        except (KeyError, BuildError) as error:  # pragma: no cover (says which)
            pytest.fail(f"{rule}: {error}")


def test_allow_marks_a_view_and_leaves_it_as_it_is():
    def view():
        return "seen"

    assert allow(Permission.SEE_MAP)(view) is view and view() == "seen"
