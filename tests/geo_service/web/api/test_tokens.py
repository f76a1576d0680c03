"""Tokens open the interface and nothing else, as far as their scope goes, as long as their user may; nobody learns them."""

import contextlib
import datetime as dt
import hashlib
import re
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import text, update

from geo_service.accounts.tokens import MOST_PER_USER, Tokens
from geo_service.store import StoreBusyError
from geo_service.store.tables import api_tokens, users
from geo_service.web import create_app
from geo_service.web.bearer import FREE_FAILURES
from geo_service.workspace import Workspace
from town_model import InputError

PASSWORD = "Shi-men-2026"
PLACE = "/api/v1/collections/villages/items"


@pytest.fixture(scope="module")
def pattern(tmp_path_factory, small_town):
    """The small town with its accounts, made once: to hash passwords takes its time."""
    folder = tmp_path_factory.mktemp("pattern") / "station"
    with small_town["build"](folder) as workspace:
        for role in ("admin", "planner", "inspector", "cadre"):
            villages = [1] if role == "cadre" else []
            workspace.accounts.create_user(role + ".a", role=role, password=PASSWORD, villages=villages)
    return folder


@pytest.fixture
def town(tmp_path, pattern):
    shutil.copytree(pattern, tmp_path / "station")
    with Workspace.open(tmp_path / "station") as workspace:
        yield workspace


def raise_busy(*_, **__):
    raise StoreBusyError("the store is busy: another process has been writing for too long. Try again")


@pytest.fixture
def tokens(town):
    return Tokens(town.store, town.settings)


@pytest.fixture
def client(town):
    return create_app(town).test_client()


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def issue(tokens, name="planner.a", scope="edit", days=30):
    return tokens.issue(name, name="QGIS", scope=scope, days=days, actor="test")


def log_in(client, name):
    mark = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    assert (
        client.post("/login", data={"name": name, "password": PASSWORD, "csrf_token": mark}).status_code
        == 303
    )
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get("/tokens").text)[1]


class TestSecret:
    def test_store_and_audit_record_hold_no_token(self, town, tokens, client):
        _, secret = issue(tokens)
        client.get(PLACE, headers=bearer(secret))
        client.get(PLACE, headers=bearer(secret[:-1]))
        town.store.close()
        kept = Path(town.store.path).read_bytes()
        assert secret.encode() not in kept and secret[4:30].encode() not in kept
        assert hashlib.sha256(secret.encode()).hexdigest().encode() in kept

    def test_no_log_holds_a_token(self, tokens, client, caplog, monkeypatch):
        """Also where the service fails: a traceback shows no header."""
        caplog.set_level("DEBUG")
        _, secret = issue(tokens)
        client.get(PLACE, headers=bearer(secret))
        monkeypatch.setattr("geo_service.store.Store.page", lambda *_, **__: 1 / 0)
        assert client.get(PLACE, headers=bearer(secret)).status_code == 500
        assert "ZeroDivisionError" in caplog.text and secret[4:] not in caplog.text

    def test_tokens_are_long_and_differ(self, tokens):
        made = {issue(tokens)[1] for _ in range(5)}
        assert len(made) == 5 and all(re.fullmatch(r"geo_[\w-]{43}", one) for one in made)


class TestDeath:
    def works(self, client, secret):
        answer = client.get(PLACE, headers=bearer(secret))
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="geo-service", error="invalid_token"'
            assert answer.json["code"] == "unauthorized"
        return answer.status_code == 200

    def test_an_open_token_works_until_it_is_revoked(self, tokens, client):
        made, secret = issue(tokens)
        assert self.works(client, secret)
        tokens.revoke(made.id, actor="test")
        assert not self.works(client, secret)
        assert tokens.listing()[0].state == "revoked"

    def test_an_expired_token_is_dead(self, town, tokens, client):
        _, secret = issue(tokens, days=1)
        assert self.works(client, secret)
        with town.store.writing() as connection:
            connection.execute(
                update(api_tokens).values(expires_at=dt.datetime.now(dt.UTC).replace(tzinfo=None))
            )
        assert not self.works(client, secret) and tokens.listing()[0].state == "expired"

    def test_a_closed_user_has_no_living_token(self, town, tokens, client):
        _, secret = issue(tokens)
        town.accounts.set_active("planner.a", active=False, actor="test")
        assert not self.works(client, secret)

    def test_a_locked_user_has_none_while_the_lock_holds(self, town, tokens, client):
        _, secret = issue(tokens)
        for _ in range(town.settings.lock_after_failures):
            town.accounts.verify("planner.a", "wrong")
        assert not self.works(client, secret)
        town.accounts.unlock("planner.a", actor="test")
        assert self.works(client, secret)

    def test_a_user_who_must_change_the_password_has_none(self, town, tokens, client):
        _, secret = issue(tokens)
        with town.store.writing() as connection:
            connection.execute(update(users).values(must_change=True))
        assert not self.works(client, secret)

    def test_a_user_who_became_a_cadre_has_none(self, town, tokens, client):
        _, secret = issue(tokens)
        town.accounts.set_role("planner.a", role="cadre", villages=[1], actor="test")
        assert not self.works(client, secret)

    @pytest.mark.parametrize("secret", ["", "x", "geo_" + "x" * 43, "geo_' OR 1=1 --", "geo_" + "é" * 43])
    def test_what_is_no_token_opens_nothing(self, client, secret):
        assert not self.works(client, secret)


class TestScope:
    def lamp(self):
        place = {"type": "Point", "coordinates": [118.781, 32.041]}
        return {"type": "Feature", "geometry": place, "properties": {"name": "灯"}}

    def test_a_token_that_reads_does_not_write(self, tokens, client):
        for scope, status in (("read", 403), ("edit", 201)):
            _, secret = issue(tokens, scope=scope)
            path = "/api/v1/collections/street_lights/items"
            assert client.post(path, json=self.lamp(), headers=bearer(secret)).status_code == status
            assert client.get(path, headers=bearer(secret)).status_code == 200

    def test_a_token_opens_no_page(self, tokens, client):
        _, secret = issue(tokens, name="admin.a")
        for path in ("/", "/layers", "/tokens", "/audit", "/admin", "/api-docs"):
            assert client.get(path, headers=bearer(secret)).status_code == 303, path

    def test_no_form_works_by_a_token(self, tokens, client):
        _, secret = issue(tokens, name="admin.a")
        assert client.post(
            "/tokens", data={"name": "x", "days": "9"}, headers=bearer(secret)
        ).status_code in (303, 400)
        assert len(tokens.listing()) == 1

    def test_a_wrong_token_is_not_saved_by_a_cookie(self, client):
        log_in(client, "planner.a")
        assert client.get(PLACE).status_code == 200
        assert client.get(PLACE, headers=bearer("geo_" + "x" * 43)).status_code == 401

    def test_a_cookie_needs_the_mark_of_its_form_and_a_token_does_not(self, tokens, client):
        path = "/api/v1/collections/street_lights/items"
        mark = log_in(client, "planner.a")
        assert client.post(path, json=self.lamp()).status_code == 400
        assert client.post(path, json=self.lamp(), headers={"X-CSRFToken": mark}).status_code == 201
        # a header that names no bearer is no way round the mark
        assert client.post(path, json=self.lamp(), headers={"Authorization": "Basic eDp5"}).status_code == 400


class TestRecord:
    def test_use_is_noted_once_in_five_minutes(self, town, tokens, client):
        _, secret = issue(tokens)
        assert tokens.listing()[0].last_used_at is None
        client.get(PLACE, headers=bearer(secret))
        first = tokens.listing()[0].last_used_at
        assert abs(dt.datetime.now(dt.UTC) - first) < dt.timedelta(minutes=1)
        client.get(PLACE, headers=bearer(secret))
        assert tokens.listing()[0].last_used_at == first

    @pytest.mark.parametrize("by_token", [True, False])
    def test_a_view_that_could_not_be_noted_is_noted_at_the_next_look(
        self, town, tokens, client, monkeypatch, by_token
    ):
        place = "/api/v1/results/gaps/latest"
        head = bearer(issue(tokens)[1]) if by_token else {}
        if not by_token:
            log_in(client, "planner.a")
        with monkeypatch.context() as busy:
            busy.setattr(town.store, "audit", raise_busy)
            assert client.get(place, headers=head).status_code == 503
        assert client.get(place, headers=head).status_code == 200
        assert town.store.audit_entries(limit=1)[0].action == "view_gaps"

    def test_a_reader_does_not_wait_for_a_long_change_to_have_its_use_noted(self, town, tokens, client):
        _, secret = issue(tokens)
        with contextlib.closing(sqlite3.connect(town.store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            assert client.get(PLACE, headers=bearer(secret)).status_code == 200
            # the busy timeout would be 30 s
            assert time.monotonic() - begun < 10
            other.execute("ROLLBACK")

    def test_views_of_sensitive_layers_are_noted_once_for_many_pages(self, town, tokens, client):
        _, secret = issue(tokens)
        for offset in range(3):
            client.get(
                f"/api/v1/collections/camera_sites/items?limit=1&offset={offset}", headers=bearer(secret)
            )
        noted = town.store.audit_entries(action="view_layer", limit=None)
        assert [(one.actor, one.target) for one in noted] == [("planner.a", "camera_sites")]

    def test_refused_tokens_are_noted_then_throttled(self, town, tokens, client):
        made, secret = issue(tokens)
        tokens.revoke(made.id, actor="test")
        told = [client.get(PLACE, headers=bearer(secret)) for _ in range(FREE_FAILURES + 3)]
        assert [one.status_code for one in told] == [401] * FREE_FAILURES + [429] * 3
        assert told[-1].headers["Retry-After"] == "60"
        noted = town.store.audit_entries(action="token_refused", limit=None)
        assert len(noted) == FREE_FAILURES and (noted[0].actor, noted[0].target) == ("planner.a", "QGIS")
        # who holds a good one is not locked out by others behind the same address
        assert client.get(PLACE, headers=bearer(issue(tokens)[1])).status_code == 200


class TestMaking:
    @pytest.mark.parametrize(
        ("name", "options", "says"),
        [
            ("planner.a", {"days": 366}, "1 to 365 days"), ("planner.a", {"days": 0}, "1 to 365 days"),
            ("inspector.a", {"scope": "edit"}, "may not edit"), ("cadre.a", {"scope": "read"}, "may hold no tokens"),
            ("planner.a", {"scope": "all"}, "there is no scope"), ("nobody", {}, "there is no user"),
        ],
    )  # fmt: skip
    def test_what_may_not_be_is_refused(self, tokens, name, options, says):
        with pytest.raises(InputError, match=says):
            issue(tokens, name, **{"scope": "read", **options})
        assert tokens.listing() == []

    def test_a_user_holds_so_many_at_most(self, tokens):
        for _ in range(MOST_PER_USER):
            issue(tokens)
        with pytest.raises(InputError, match="revoke those"):
            issue(tokens)

    def test_tokens_go_with_their_user(self, town, tokens):
        issue(tokens)
        with town.store.writing() as connection:
            connection.execute(text("DELETE FROM users WHERE name = 'planner.a'"))
        assert tokens.listing() == []


class TestPage:
    def test_secret_is_shown_once(self, tokens, client):
        mark = log_in(client, "planner.a")
        page = client.post(
            "/tokens", data={"csrf_token": mark, "name": "统计脚本", "scope": "read", "days": "30"}
        )
        secret = re.search(r"geo_[\w-]{43}", page.text)[0]
        assert client.get(PLACE, headers=bearer(secret)).status_code == 200
        again = client.get("/tokens").text
        assert "统计脚本" in again and secret not in again and page.headers["Cache-Control"] == "no-store"

    def test_everybody_sees_the_own_and_an_administrator_all(self, town, tokens):
        issue(tokens, "planner.a")
        other, _ = issue(tokens, "inspector.a", scope="read")
        app = create_app(town)
        planner, admin = app.test_client(), app.test_client()
        mark = log_in(planner, "planner.a")
        assert "inspector.a" not in planner.get("/tokens").text
        assert planner.post(f"/tokens/{other.id}/revoke", data={"csrf_token": mark}).status_code == 404
        mark = log_in(admin, "admin.a")
        assert "inspector.a" in admin.get("/tokens").text
        assert admin.post(f"/tokens/{other.id}/revoke", data={"csrf_token": mark}).status_code == 303
        assert tokens.listing()[0].state == "revoked"
        assert town.store.audit_entries(action="token_revoked", limit=1)[0].target == "inspector.a: QGIS"

    def test_faults_stand_on_the_page_and_the_form_keeps_its_words(self, client):
        mark = log_in(client, "planner.a")
        answer = client.post(
            "/tokens", data={"csrf_token": mark, "name": "甲", "scope": "read", "days": "9999"}
        )
        assert answer.status_code == 400 and 'value="甲"' in answer.text and "365" in answer.text

    def test_a_cadre_has_no_such_page(self, client):
        client_mark = client.get("/login").text
        mark = re.search(r'name="csrf_token" value="([^"]+)"', client_mark)[1]
        client.post("/login", data={"name": "cadre.a", "password": PASSWORD, "csrf_token": mark})
        assert client.get("/tokens").status_code == 403
