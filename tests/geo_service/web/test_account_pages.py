"""Accounts on pages: links change nothing by being opened, refusals sound alike, nobody shuts the last door."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from geo_service.accounts import second_factor
from geo_service.web import create_app
from geo_service.web.browsers import browser_words
from geo_service.workspace import Workspace

PASSWORD = "Shi-men-2026"
NEW = "river-lantern-58"
NOON = 1_800_000_000


@pytest.fixture
def app(empty_town):
    for name, role in (("admin1", "admin"), ("admin2", "admin"), ("guihua", "planner")):
        empty_town.accounts.create_user(name, role=role, password=PASSWORD)
    return create_app(empty_town)


def token(client, path="/login"):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[1]


def post(client, path, form="/password", **data):
    return client.post(path, data={"csrf_token": token(client, form), **data})


def log_in(app, name, password=PASSWORD):
    client = app.test_client()
    assert post(client, "/login", "/login", name=name, password=password).status_code == 303
    return client


@pytest.fixture
def admin(app):
    return log_in(app, "admin1")


def number(app, name):
    return app.extensions["accounts"].find(name).id


class TestLinks:
    @pytest.fixture
    def code(self, app):
        return app.extensions["accounts"].invitations.invite("guihua", actor="admin1").code.replace("-", "")

    def test_the_code_stands_in_no_log_whatever_becomes_of_the_request(self, app, code, caplog, monkeypatch):
        client = app.test_client()
        with caplog.at_level("INFO"):
            client.get(f"/invite/{code}")
            client.get(f"/invite/{code}/")
            client.put(f"/invite/{code}")
            monkeypatch.setattr(app.extensions["accounts"].invitations, "find", lambda *_, **__: 1 / 0)
            assert client.get(f"/invite/{code}").status_code == 500
        assert "/invite/" in caplog.text and code not in caplog.text

    def test_get_and_head_change_nothing_and_post_spends(self, app, empty_town, code):
        client = app.test_client()
        before = empty_town.store.path.read_bytes()
        assert (
            client.get(f"/invite/{code}").status_code == 200
            and client.head(f"/invite/{code}").status_code == 200
        )
        assert empty_town.store.path.read_bytes() == before
        data = {"new": NEW, "again": NEW}
        assert post(client, f"/invite/{code}", "/login", **data).status_code == 200
        assert post(client, f"/invite/{code}", "/login", **data).status_code == 404
        assert log_in(app, "guihua", NEW).get("/gaps").status_code == 200

    def test_a_form_without_its_token_spends_nothing(self, app, code):
        assert app.test_client().post(f"/invite/{code}", data={"new": NEW, "again": NEW}).status_code == 400
        assert app.extensions["accounts"].invitations.find(code).name == "guihua"

    @pytest.mark.parametrize("data", [{"new": NEW, "again": "else"}, {"new": "short", "again": "short"}])
    def test_what_is_mistyped_can_be_typed_again(self, app, code, data):
        assert post(app.test_client(), f"/invite/{code}", "/login", **data).status_code == 400
        assert app.extensions["accounts"].invitations.find(code).name == "guihua"

    def test_spent_and_unknown_links_answer_alike(self, app, code):
        client = app.test_client()
        app.extensions["accounts"].invitations.spend(code, NEW)
        told = set()
        for one in (code, "unknown2unknown2unkn"):
            answer = client.get(f"/invite/{one}")
            told.add((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
        assert len(told) == 1 and told.pop()[0] == 404

    def test_a_typed_code_leads_to_its_page(self, app, code):
        typed = "-".join(re.findall("....", code)).upper()
        assert post(app.test_client(), "/invite", "/invite", code=typed).location == f"/invite/{code}"

    def test_the_slip_is_for_who_made_it_and_the_code_stands_in_no_address(self, app, admin):
        answer = post(admin, f"/admin/accounts/{number(app, 'guihua')}/invite")
        page = admin.get(answer.location).text
        code = re.search(r'class="big">([a-z2-9-]+)<', page)[1].replace("-", "")
        assert code not in answer.location
        assert admin.get(answer.location + "/code.svg").mimetype == "image/svg+xml"
        other = log_in(app, "admin2")
        assert (
            other.get(answer.location).status_code == 404
            and other.get(answer.location + "/code.svg").status_code == 404
        )
        assert "guihua" in page and PASSWORD not in page


class TestAdministration:
    def test_a_new_account_is_made_with_a_slip(self, app, admin):
        answer = post(admin, "/admin/accounts/new", name="Ducha-1", title="督查组", role="inspector")
        assert answer.location.startswith("/admin/slips/")
        user = app.extensions["accounts"].find("ducha-1")
        assert (user.role, user.title) == ("inspector", "督查组")

    @pytest.mark.parametrize("data", [{"name": "guihua", "role": "planner"}, {"name": "a b", "role": "planner"}, {"name": "cun", "role": "cadre"}, {"name": "cun", "role": "boss"}])  # fmt: skip
    def test_what_cannot_be_is_said_on_the_form(self, admin, data):
        answer = post(admin, "/admin/accounts/new", **data)
        assert answer.status_code == 400 and 'role="alert"' in answer.text

    @pytest.mark.parametrize("action", ["close", "invite", "delete"])
    def test_nobody_shuts_the_own_door(self, app, admin, action):
        assert post(admin, f"/admin/accounts/{number(app, 'admin1')}/{action}").status_code == 400
        assert admin.get("/admin").status_code == 200

    def test_nobody_demotes_themselves_and_a_title_keeps_the_session(self, app, admin):
        path = f"/admin/accounts/{number(app, 'admin1')}"
        assert post(admin, path, role="planner", title="x").status_code == 400
        assert post(admin, path, role="admin", title="所长室").status_code == 303
        assert "所长室" in admin.get("/account").text

    def test_closed_demoted_and_removed_accounts_are_out_at_once(self, app, admin):
        for action, data in (("/close", {}), ("/delete", {}), ("", {"role": "inspector"})):
            people = app.extensions["accounts"]
            if people.find("guihua") is None:
                people.create_user("guihua", role="planner", password=PASSWORD)
            people.set_active("guihua", active=True, actor="t")
            client = log_in(app, "guihua")
            assert post(admin, f"/admin/accounts/{number(app, 'guihua')}{action}", **data).status_code == 303
            assert client.get("/").status_code == 303

    def test_an_administrator_ends_sessions_of_others(self, app, admin):
        client = log_in(app, "guihua")
        found = next(one for one in app.extensions["session_book"].listing() if one.user_name == "guihua")
        assert post(admin, f"/admin/sessions/{found.id}/end").status_code == 303
        assert client.get("/").status_code == 303
        assert post(admin, f"/admin/sessions/{found.id}/end").status_code == 404

    def test_sessions_of_others_answer_as_those_that_do_not_exist(self, app, admin):
        mine = app.extensions["session_book"].listing()[0].id
        client = log_in(app, "guihua")
        foreign, absent = (post(client, f"/account/sessions/{one}/end") for one in (mine, 12345))
        assert foreign.status_code == absent.status_code == 404
        assert admin.get("/").status_code == 200


class TestSecondFactor:
    @pytest.fixture
    def clock(self, monkeypatch):
        now = [NOON]
        monkeypatch.setattr(second_factor, "clock", lambda: now[0])
        return now

    def code(self, page, at):
        key = re.search(r'class="key">([A-Z2-7-]+)<', page)[1].replace("-", "")
        return TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(at).decode()

    def test_a_role_that_must_have_one_reaches_nothing_else_before(self, tmp_path, clock):
        Workspace.create(tmp_path / "strict").close()
        (tmp_path / "strict" / "config.toml").write_text('second_factor_roles = "admin"\n')
        with Workspace.open(tmp_path / "strict") as strict:
            strict.accounts.create_user("admin1", role="admin", password=PASSWORD)
            app = create_app(strict)
            client = log_in(app, "admin1")
            assert client.get("/admin").location == "/account/second-factor"
            assert client.get("/api/v1/gaps").status_code == 403
            page = client.get("/account/second-factor").text
            done = post(
                client, "/account/second-factor", "/account/second-factor", code=self.code(page, NOON)
            )
            assert len(re.findall(r"<li><code>", done.text)) == 10
            assert client.get("/admin").status_code == 200
            off = post(client, "/account/second-factor/off", "/account/second-factor", password=PASSWORD)
            assert off.status_code == 400

    def test_the_password_alone_opens_nothing_and_the_session_gets_a_new_number(self, app, clock):
        client = log_in(app, "guihua")
        page = client.get("/account/second-factor").text
        post(client, "/account/second-factor", "/account/second-factor", code=self.code(page, NOON))
        assert client.get("/account/second-factor/code.svg").status_code == 404, "the key is shown no more"
        fresh = app.test_client()
        assert post(fresh, "/login", "/login", name="guihua", password=PASSWORD).location == "/login/code"
        half = fresh.get_cookie("geo_service").value
        assert fresh.get("/gaps").status_code == 303 and fresh.get("/api/v1/gaps").status_code == 401
        clock[0] += 30
        assert post(fresh, "/login/code", "/login/code", code=self.code(page, NOON + 30)).location == "/"
        assert fresh.get("/gaps").status_code == 200
        thief = app.test_client()
        thief.set_cookie("geo_service", half)
        assert thief.get("/gaps").status_code == 303


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.198 Safari/537.36", "Chrome 86 · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.198 Safari/537.36 QIHU 360SE", "360 · Windows"),
        ("Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.212 Safari/537.36 Qaxbrowser", "Qianxin · Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1", "Safari 17 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 12) Chrome/98.0 Mobile Safari/537.36 MicroMessenger/8.0.40", "WeChat 8 · Android"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_browsers_are_named_in_short_words(header, words):
    assert browser_words(header) == words
