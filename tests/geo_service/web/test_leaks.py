"""Nothing that a role must not know stands in any answer: every route of the app × role × village, also what is new.

Routes are taken from the app itself. A route with an argument that `THERE` does not know fails the tests, so whoever
adds one adds samples. Every name of the town bears a marker; the answers are searched for those that the role may not
read, in status, headers, HTML source, JSON, and in files after they were unpacked.
"""

import gzip
import io
import itertools
import re
import runpy
import sqlite3
import zipfile
import zlib
from pathlib import Path

import pytest
from web_clients import log_in

from geo_service.accounts.tokens import Tokens
from geo_service.mapdata import SOURCES
from geo_service.web import create_app
from geo_service.web.access import permission_of, permitted

TOWN = runpy.run_path(str(Path(__file__).with_name("leak_town.py")))
READS, ALL, PASSWORD = TOWN["READS"], TOWN["ALL"], TOWN["PASSWORD"]
CADRES = ("cadre-1", "cadre-2", "cadre-unit")
ROLES = (None, *CADRES, "inspector", "planner", "admin")

pytestmark = pytest.mark.slow

ROUTES = runpy.run_path(str(Path(__file__).parents[2] / "route_samples.py"))
#: Arguments of routes: values that exist, by name of the argument or by endpoint and name.
THERE = ROUTES["THERE"] | {"key": list(SOURCES)}
#: The same for what does not exist.
MISSING = {
    "layer_name": "no_such_layer",
    "row_id": 987654,
    "batch_id": 987654,
    "number": 987654,
    "upload_id": 987654,
    "token_id": 987654,
    "code": "y",
    "digest": "1",
    "z": 3,
    "x": 1,
    "y": 1,
    "name": "nothing.css",
    "key": "no_such_key",
    "kind": "no_such_kind",
    "frame_name": "no_such_frame",
}
UNITS = ["unit=patrol_units/1", "unit=patrol_units/2", "unit=patrol_units/3", "unit=patrol_units/4"]
#: What else may be asked of a route.
QUERIES = {
    "pages.my_routes_page": UNITS,
    "api.my_map_layer": UNITS,
    "routes.card": UNITS,
    "routes.track": UNITS,
    "routes.sheets": UNITS,
    "api.map_layer": ["unit=patrol_units/2", "bbox=118,31,119,33&zoom=15"],
    "pages.patrol": UNITS,
    "api.plan": UNITS,
    "search.search_json": ["q=zq", "q=zqhid", "q=1", "q=2", "q=zqv"],
    "search.search_page": ["q=zq", "q=zqhid", "q=1", "q=2", "q=zqv"],
    "collections.items": ["limit=1", "limit=1000&bbox=118,31,119,33"],
    "layers.table": ["q=zq"],
    "sight.who_sees": ["lon=118.78&lat=32.04"],
    "tiles.town_tile": ["layers=buildings,roads"],
    "log_in.show": ["next=/gaps"],
}
#: A session ends, or a program of another kind is started: asked for by tests of their own.
NOT_ASKED = {"log_in.leave"}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("leaks") / "full") as workspace:
        yield workspace


@pytest.fixture(scope="module")
def app(town):
    return create_app(town)


@pytest.fixture(scope="module")
def clients(app):
    return {role: log_in(app, role) if role else app.test_client() for role in ROLES}


def rules(app, method="GET"):
    return [
        one for one in app.url_map.iter_rules() if method in one.methods and one.endpoint not in NOT_ASKED
    ]


def samples(rule, *, missing=False):
    """The values of a rule's arguments, as dictionaries; for what does not exist, one argument after the other."""
    names = sorted(rule.arguments)
    known = []
    for name in names:
        values = THERE.get((rule.endpoint, name), THERE.get(name))
        if values is None:
            pytest.fail(
                f"{rule.rule} ({rule.endpoint}) has an argument {name} without samples: add some to THERE"
            )
        known.append(values)
    if not missing:
        return [dict(zip(names, one, strict=True)) for one in itertools.product(*known)]
    first = {name: values[0] for name, values in zip(names, known, strict=True)}
    return [first | {name: MISSING[name]} for name in names if name in MISSING]


def paths(app, rule, method="GET", *, missing=False):
    adapter = app.url_map.bind("localhost")
    found = []
    for values in samples(rule, missing=missing):
        try:
            path = adapter.build(rule.endpoint, values)
        except Exception:  # noqa: BLE001 - a value that another rule of this argument takes
            continue
        if adapter.match(path, method, return_rule=True)[0].rule != rule.rule:
            continue
        found.append(path)
        if not missing:
            found += [f"{path}?{query}" for query in QUERIES.get(rule.endpoint, ())]
    return found


def unpacked(content, depth=0):
    """The bytes of an answer and of all that is packed into it."""
    yield content
    if depth > 4:
        return
    if content[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(content), depth + 1)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from unpacked(packed.read(name), depth + 1)
    elif content[:4] == b"%PDF":
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
            try:
                yield zlib.decompress(stream)
            except zlib.error:
                continue


def read(answer):
    """All that an answer tells, as one text in small letters."""
    head = f"{answer.status}\n{answer.headers}"
    return head.casefold() + b"\n".join(unpacked(answer.data)).decode("utf-8", "replace").casefold()


def leaks(answer, role):
    told = read(answer)
    return sorted(marker for marker in ALL - READS[role] if marker in told)


def ask(client, path, method="GET", **more):
    with client.open(path, method=method, **more) as answer:
        answer.get_data()
        return answer


def plain(answer, path=""):
    """What an answer tells without what differs each time: tokens, nonces, moments, numbers of sessions and requests."""
    body = b"\n".join(unpacked(answer.data))
    if body[:2] == b"PK":
        body = b""  # moments lie in a ZIP file itself; its members follow
    text = body.decode("utf-8", "replace")
    kept = {
        key: value
        for key, value in answer.headers
        if key not in {"X-Request-Id", "Set-Cookie", "Date", "Content-Length"}
    }
    text = f"{answer.status}\n{sorted(kept.items())}\n{text}"
    for pattern, word in (
        (r'name="csrf_token" value="[^"]*"', "TOKEN"),
        (r'csrf[-_]token" content="[^"]*"', "TOKEN"),
        (r"nonce-[\w-]+|nonce=\"[^\"]*\"", "NONCE"),
        (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(\+\d\d:\d\d|Z)?", "MOMENT"),
        (r"/account/sessions/\d+/", "/account/sessions/N/"),
        (r'class="key">[A-Z2-7-]+<', "SECRET"),
        (r'<path class="qrline".*?/>', "QR"),
    ):
        text = re.sub(pattern, word, text)
    return text.replace(path, "PATH").replace(path.partition("?")[0], "PATH") if len(path) > 1 else text


def test_the_markers_are_found_where_they_may_be_read(clients):
    """Otherwise a test that finds none would say nothing."""
    assert "zqvone" in read(ask(clients["cadre-1"], "/my-routes"))
    assert "zqvtwo" in read(ask(clients["cadre-2"], "/my-routes"))
    assert "zqschool" in read(ask(clients["cadre-unit"], "/my-routes"))
    assert "zqground" in read(
        ask(clients["cadre-1"], "/api/v1/map/roads.json", headers={"Accept-Encoding": "gzip"})
    )
    assert "zqhidden" in read(ask(clients["inspector"], "/gaps/export.xlsx"))
    assert "zqhidden" in read(ask(clients["inspector"], "/layers/camera_sites/export.xlsx"))
    assert "zqhidden" in read(ask(clients["planner"], "/imports"))
    assert "zqactor" in read(ask(clients["planner"], "/changes"))
    assert "zqstaff" in read(ask(clients["admin"], "/audit"))
    assert "zqstaff" in read(ask(clients["admin"], "/admin/accounts"))


def test_every_argument_of_every_route_has_samples_that_exist(app):
    silent = [
        rule.rule
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for rule in rules(app, method)
        if not paths(app, rule, method)
    ]
    assert silent == []


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_tells_a_role_what_it_must_not_know(app, clients, role):
    found = {}
    for rule in rules(app):
        for path in [*paths(app, rule), *paths(app, rule, missing=True)]:
            answer = ask(clients[role], path)
            assert answer.status_code < 500, path
            if told := leaks(answer, role):
                found[path] = told
    assert found == {}


@pytest.mark.parametrize("role", [None, *CADRES, "inspector"])
def test_no_refused_form_tells_anything(app, clients, role):
    """Forms, with their token, of routes that the role may not use."""
    client = clients[role]
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get("/login" if role is None else "/password").text
    )[1]
    found = {}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for rule in rules(app, method):
            needed = permission_of(app, rule.endpoint)
            if permitted(None if role is None else role.partition("-")[0], needed):
                continue
            answers = set()
            for path in [*paths(app, rule, method), *paths(app, rule, method, missing=True)]:
                answer = ask(client, path, method, data={"csrf_token": token}, headers={"X-CSRFToken": token})
                assert answer.status_code in {303, 401, 403}, (method, path, answer.status_code)
                answers.add(plain(answer, path))
                if told := leaks(answer, role):
                    found[method, path] = told
            assert len(answers) == 1, (method, rule.rule, "answers differ by what exists")
    assert found == {}


@pytest.mark.parametrize("role", [None, *CADRES])
def test_what_is_refused_answers_as_what_does_not_exist(app, clients, role):
    """404 against 403, and every word of the page."""
    client = clients[role]
    for rule in rules(app):
        there = [(path, ask(client, path)) for path in paths(app, rule)]
        refused = {
            plain(answer, path)
            for path, answer in there
            if answer.status_code in {303, 401, 403, 404} and "?" not in path
        }
        absent = {
            plain(answer, path)
            for path in paths(app, rule, missing=True)
            if (answer := ask(client, path)).status_code >= 400
        }
        if rule.endpoint == "invitations.show" or permission_of(app, rule.endpoint) == "anyone":
            continue
        if role is None:
            assert len({one.partition("\n")[0] for one in refused}) <= 1, rule.rule
        elif refused and absent:
            assert refused == absent, rule.rule


@pytest.mark.parametrize("path", ["/my-routes?unit=%s", "/api/v1/my-map/patrol_routes.json?unit=%s", "/api/v1/my-map/patrol_places.json?unit=%s", "/my-routes/card.png?unit=%s", "/my-routes/route.gpx?unit=%s"])  # fmt: skip
def test_units_of_others_answer_as_units_that_do_not_exist(clients, path):
    for role, own in (("cadre-1", 1), ("cadre-2", 2), ("cadre-unit", 3)):
        told = {}
        for unit in (1, 2, 3, 4, 999):
            asked = path % f"patrol_units/{unit}"
            answer = ask(clients[role], asked)
            assert (answer.status_code == 200) is (unit == own), (role, unit)
            told.setdefault(answer.status_code, set()).add(plain(answer, asked))
        assert len(told[404]) == 1


def test_what_others_have_changes_nothing_of_what_a_cadre_reads(app, tmp_path):
    """The town with and without all that a cadre of the first village must not know: equal byte for byte.

    That holds for counts, labels, bounds, versions and headers, too.
    """
    # two towns of its own: in that of the module, who guessed too often in another test is told to wait
    build = TOWN["build"]
    with build(tmp_path / "full") as whole, build(tmp_path / "bare", hidden=False) as bare:
        here, there = log_in(create_app(whole), "cadre-1"), log_in(create_app(bare), "cadre-1")
        differ = []
        for rule in rules(app):
            for path in [*paths(app, rule), *paths(app, rule, missing=True)]:
                full, less = (plain(ask(client, path)) for client in (here, there))
                if full != less:
                    at = next(
                        (n for n, (a, b) in enumerate(zip(full, less, strict=False)) if a != b),
                        min(len(full), len(less)),
                    )
                    differ.append((path, full[max(0, at - 80) : at + 80], less[max(0, at - 80) : at + 80]))
        assert differ == [], "\n".join(map(repr, differ))


@pytest.fixture(scope="module")
def tokens(town):
    desk = Tokens(town.store, town.settings)
    return {
        role: desk.issue(role, name="test", scope="read", days=1, actor=role)[1]
        for role in ("inspector", "planner", "admin")
    }


class TestTokens:
    """Programs read with a token what its user may read, and not more."""

    @pytest.mark.parametrize("role", ["inspector", "planner", "admin"])
    def test_no_answer_tells_more_than_the_role_may_know(self, app, tokens, role):
        client, found = app.test_client(), {}
        for rule in rules(app):
            if not rule.rule.startswith("/api/v1"):
                continue
            for path in [*paths(app, rule), *paths(app, rule, missing=True)]:
                answer = ask(client, path, headers={"Authorization": f"Bearer {tokens[role]}"})
                assert answer.status_code < 500, path
                if told := leaks(answer, role):
                    found[path] = told
        assert found == {}

    def test_a_token_opens_no_page(self, app, tokens):
        client = app.test_client()
        opened = [
            path
            for rule in rules(app)
            if not rule.rule.startswith("/api/v1") and permission_of(app, rule.endpoint) != "anyone"
            for path in paths(app, rule)[:1]
            if ask(client, path, headers={"Authorization": f"Bearer {tokens['admin']}"}).status_code
            not in {303, 401}
        ]
        assert opened == []

    def test_a_user_who_became_a_cadre_reads_nothing_with_an_old_token(self, app, town):
        people, desk = town.accounts, Tokens(town.store, town.settings)
        people.create_user("once", role="planner", password=PASSWORD)
        secret = desk.issue("once", name="test", scope="edit", days=1, actor="once")[1]
        people.set_role("once", role="cadre", villages=[1], actor="admin")
        client, found = app.test_client(), {}
        for rule in rules(app):
            if rule.rule.startswith("/api/v1"):
                for path in paths(app, rule):
                    answer = ask(client, path, headers={"Authorization": f"Bearer {secret}"})
                    if told := leaks(answer, "cadre-1"):
                        found[path] = told
        people.delete("once", actor="admin")
        assert found == {}


def test_neither_passwords_nor_codes_nor_tokens_lie_in_the_file_after_all_this(town, clients):
    """Not in the audit record, and nowhere else in plain words."""
    raw = town.store.path.read_bytes()
    assert PASSWORD.encode() not in raw
    for client in clients.values():
        if cookie := client.get_cookie("geo_service"):
            assert cookie.value.encode() not in raw
    with sqlite3.connect(town.store.path) as connection:
        record = str(
            connection.execute("SELECT actor, action, target, address FROM audit_entries").fetchall()
        )
    connection.close()
    assert "$argon2" not in record and "zqsecret" not in record and PASSWORD not in record
