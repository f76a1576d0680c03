"""What protects the service: sessions, tokens, headers, hosts, sizes, errors, old browsers."""

import re
import stat

import pytest

from geo_service.i18n import catalogue
from geo_service.secret import secret_key
from geo_service.web import create_app
from geo_service.web.errors import ADVICE, HEADINGS
from geo_service.web.security import host_is_known, plain_disposition, safe_path
from geo_service.workspace import Workspace
from town_model import InputError

PASSWORD = "Shi-men-2026"


@pytest.fixture(scope="module")
def quiet_app(tmp_path_factory):
    """An application for tests that change no account."""
    with Workspace.create(tmp_path_factory.mktemp("quiet") / "station") as workspace:
        workspace.accounts.create_user("wang", role="planner", password=PASSWORD)
        yield create_app(workspace)


@pytest.fixture
def app(empty_town):
    empty_town.accounts.create_user("wang", role="planner", password=PASSWORD)
    return create_app(empty_town)


def token(client, path="/login"):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[1]


def log_in(client, name="wang", password=PASSWORD, **more):
    return client.post(
        "/login", data={"name": name, "password": password, "csrf_token": token(client), **more}
    )


def cookie(client):
    return client.get_cookie("geo_service").value


class TestLogIn:
    def test_right_words_lead_to_the_page_that_was_wanted(self, app):
        client = app.test_client()
        wanted = client.get("/gaps?light=night")
        assert wanted.location == "/login?next=/gaps?light%3Dnight"
        assert log_in(client, next="/gaps?light=night").location == "/gaps?light=night"
        assert client.get("/gaps").status_code == 200

    def test_wrong_words_are_refused_alike_for_known_and_unknown_names(self, app):
        answers = [log_in(app.test_client(), name, "wrong-words-1") for name in ("wang", "nobody")]
        assert [one.status_code for one in answers] == [403, 403]
        told = [re.search(r'role="alert">(.*?)</div>', one.text, re.DOTALL)[1] for one in answers]
        assert told[0] == told[1] and "密码" in told[0]

    def test_five_wrong_passwords_lock_the_account_for_the_right_one_too(self, app):
        client = app.test_client()
        for _ in range(5):
            log_in(client, password="wrong-words-1")
        assert log_in(client).status_code == 403

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "\\\\evil", "http:evil.example", "/%0d%0aSet-Cookie:x"],
    )  # fmt: skip
    def test_no_address_leads_to_another_site(self, quiet_app, target):
        location = log_in(quiet_app.test_client(), next=target).location
        assert location == "/" or (location.startswith("/") and not location.startswith(("//", "/\\")))

    def test_a_session_that_was_known_before_is_replaced(self, app):
        client = app.test_client()
        log_in(client)
        first = cookie(client)
        data = {"name": "wang", "password": PASSWORD, "csrf_token": token(client, "/password")}
        assert client.post("/login", data=data).status_code == 303
        thief = app.test_client()
        thief.set_cookie("geo_service", first)
        assert thief.get("/").status_code == 303

    def test_log_out_ends_the_session_for_a_copied_cookie_too(self, app):
        client = app.test_client()
        log_in(client)
        thief = app.test_client()
        thief.set_cookie("geo_service", cookie(client))
        assert thief.get("/").status_code == 200
        client.post("/logout", data={"csrf_token": token(client, "/")})
        assert client.get("/").status_code == 303 and thief.get("/").status_code == 303

    def test_log_out_by_a_link_does_nothing(self, app):
        client = app.test_client()
        log_in(client)
        assert client.get("/logout").status_code == 405
        assert client.get("/").status_code == 200

    def test_a_closed_account_is_out_at_once(self, app, empty_town):
        client = app.test_client()
        log_in(client)
        empty_town.accounts.set_active("wang", active=False, actor="test")
        assert client.get("/").status_code == 303

    def test_a_session_that_ended_by_itself_is_explained_at_the_log_in(self, app):
        client = app.test_client()
        log_in(client)
        app.extensions["session_book"].end_some(actor="test")
        assert client.get("/gaps").status_code == 303 and "已自动退出" in client.get("/login").text
        assert "已自动退出" not in app.test_client().get("/login").text

    def test_a_cookie_that_was_made_up_opens_nothing(self, app):
        client = app.test_client()
        for value in ("x", "eyJzZXNzaW9uIjoiYSJ9.aaaa.bbbb", ""):
            client.set_cookie("geo_service", value)
            assert client.get("/").status_code == 303

    def test_the_cookie_is_kept_from_scripts_and_other_sites(self, app):
        answer = log_in(app.test_client())
        words = answer.headers["Set-Cookie"]
        assert "HttpOnly" in words and "SameSite=Lax" in words and "Expires" not in words


class TestPasswords:
    def change(self, client, old=PASSWORD, new="Neu-Wort-2027", again=None):
        data = {
            "old": old,
            "new": new,
            "again": new if again is None else again,
            "csrf_token": token(client, "/password"),
        }
        return client.post("/password", data=data)

    def test_who_must_change_it_reaches_nothing_else_before(self, app, empty_town):
        empty_town.accounts.create_user("xin", role="planner", password=PASSWORD, must_change=True)
        client = app.test_client()
        log_in(client, "xin")
        assert client.get("/gaps").location == "/password" and client.get("/api/v1/gaps").status_code == 403
        assert self.change(client).location == "/"
        assert client.get("/gaps").status_code == 200

    def test_a_change_ends_the_other_sessions(self, app):
        here, there = app.test_client(), app.test_client()
        log_in(here), log_in(there)
        assert self.change(here).status_code == 303
        assert here.get("/").status_code == 200 and there.get("/").status_code == 303

    @pytest.mark.parametrize(
        "wrong", [{"old": "not-the-word-1"}, {"again": "something else"}, {"new": "short"}, {"new": PASSWORD}]
    )
    def test_a_change_that_is_not_right_changes_nothing(self, app, wrong):
        client = app.test_client()
        log_in(client)
        assert self.change(client, **wrong).status_code == 400
        assert log_in(app.test_client()).status_code == 303


class TestForms:
    @pytest.mark.parametrize("path", ["/login", "/logout", "/language", "/password"])
    def test_a_form_without_its_token_is_refused(self, quiet_app, path):
        client = quiet_app.test_client()
        log_in(client)
        answer = client.post(path, data={"name": "wang", "password": PASSWORD, "language": "en"})
        assert answer.status_code == 400 and "已失效" in answer.text

    def test_the_token_of_another_session_is_refused(self, quiet_app):
        other = token(quiet_app.test_client())
        client = quiet_app.test_client()
        client.get("/login")
        assert client.post("/language", data={"language": "en", "csrf_token": other}).status_code == 400


class TestHeaders:
    def test_every_answer_bears_them(self, quiet_app):
        client = quiet_app.test_client()
        log_in(client)
        for path in ("/", "/login", "/gaps", "/no-such-page", "/api/v1/gaps", "/healthz"):
            headers = client.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert (
                "default-src 'self'" in policy
                and "frame-ancestors 'none'" in policy
                and "unsafe" not in policy
            )
            assert (
                headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
            )
            assert headers["X-Frame-Options"] == "DENY" and headers["Cache-Control"] == "no-store"

    def test_the_nonce_is_new_for_every_answer(self, quiet_app):
        policies = {
            quiet_app.test_client().get("/login").headers["Content-Security-Policy"] for _ in range(5)
        }
        assert len(policies) == 5

    def test_no_page_has_inline_script_or_style_without_nonce(self, quiet_app):
        client = quiet_app.test_client()
        log_in(client)
        for path in ("/", "/gaps", "/patrol", "/my-routes", "/login", "/password"):
            page = client.get(path).text
            assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
            assert not re.search(r"<style|\sstyle=|\son\w+=", page)


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "10.1.2.3:8000",
            "localhost",
            "[::1]:8000",
            "LOCALHOST:80",
            "geo.station",
            "geo:8000",
            "geo.lan",
        ],
    )
    def test_own_names_and_addresses_are_known(self, host):
        assert host_is_known(host, ["geo.station"])

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:8000",
            "",
            "localhost@evil.example",
            "127.0.0.1.evil.example",
            "a b",
            "x/../y",
        ],
    )
    def test_foreign_names_are_not(self, host, quiet_app):
        assert not host_is_known(host, ["geo.station"])
        assert quiet_app.test_client().get("/login", headers={"Host": host}).status_code == 400


class TestPaths:
    @pytest.mark.parametrize("path", ["/", "/gaps?light=night&page=2", "/my-routes?unit=patrol_units/3"])
    def test_own_paths_are_kept(self, path):
        assert safe_path(path) == path

    @pytest.mark.parametrize(
        "path", [None, "", "gaps", "//x", "/\\x", "https://x/", "/a\nb", "/a b", "/\x7f"]
    )
    def test_anything_else_is_the_front_page(self, path):
        assert safe_path(path) == "/"


class TestSizes:
    def test_a_body_that_is_too_large_is_refused(self, quiet_app):
        client = quiet_app.test_client()
        answer = client.post("/login", data={"name": "x" * 300_000})
        assert answer.status_code == 413 and "过大" in answer.text

    def test_a_form_of_too_many_parts_is_refused(self, quiet_app):
        data = {f"field{number}": "x" for number in range(200)}
        answer = quiet_app.test_client().post("/login", data=data, content_type="multipart/form-data")
        assert answer.status_code in (400, 413)


class TestHeadersThatHttpCannotCarry:
    """waitress drops an answer whose headers are not Latin-1; the test client shows nothing of it."""

    def test_a_download_with_a_chinese_name_has_headers_of_ascii(self, quiet_app):
        client = quiet_app.test_client()
        log_in(client)
        for path in ("/layers/camera_sites/template.xlsx", "/layers/camera_sites/export.geojson"):
            answer = client.get(path)
            assert answer.status_code == 200 and all(one.isascii() for pair in answer.headers for one in pair)

    def test_the_name_comes_back_out(self):
        words = plain_disposition('attachment; filename="盲区 a\\"b.xlsx"')
        assert words == "attachment; filename=file.xlsx; filename*=UTF-8''%E7%9B%B2%E5%8C%BA%20a%22b.xlsx"
        assert plain_disposition("attachment; filename=a.xlsx") == "attachment; filename=a.xlsx"


class TestNumbersInAddresses:
    @pytest.mark.parametrize("number", [2**63, 10**30])
    @pytest.mark.parametrize("path", ["/layers/roads/{}", "/layers/roads/{}/delete", "/changes/{}"])
    def test_one_that_no_store_can_hold_names_nothing(self, quiet_app, path, number):
        client = quiet_app.test_client()
        log_in(client)
        assert client.get(path.format(number)).status_code == 404

    def test_the_largest_one_is_looked_up(self, quiet_app):
        client = quiet_app.test_client()
        log_in(client)
        assert client.get(f"/changes/{2**63 - 1}").status_code == 404


class TestErrors:
    def test_a_fault_of_ours_tells_nothing_of_itself(self, quiet_app, monkeypatch, caplog):
        def fail(_store):
            raise RuntimeError("secret detail of the database")

        monkeypatch.setattr("geo_service.web.pages.town_overview", fail)
        client = quiet_app.test_client()
        log_in(client)
        answer = client.get("/")
        assert (
            answer.status_code == 500
            and "secret detail" not in answer.text
            and "Traceback" not in answer.text
        )
        assert "secret detail" in caplog.text

    def test_the_api_answers_with_json(self, quiet_app):
        client = quiet_app.test_client()
        log_in(client)
        answer = client.get("/api/v1/nothing")
        assert (
            answer.status_code == 404
            and answer.json["status"] == 404
            and answer.json["title"] == "页面不存在"
        )

    def test_every_heading_and_advice_has_chinese(self):
        known = catalogue("zh")
        for text in (*HEADINGS.values(), *ADVICE.values()):
            assert known.gettext(text.template) != text.template


class TestOldBrowsers:
    @pytest.mark.parametrize(
        "agent",
        ["Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)"],
    )  # fmt: skip
    def test_internet_explorer_is_told_to_switch(self, quiet_app, agent):
        answer = quiet_app.test_client().get("/", headers={"User-Agent": agent})
        assert answer.status_code == 200 and "极速模式" in answer.text

    def test_pages_ask_360_and_qianxin_for_their_fast_mode(self, quiet_app):
        assert '<meta name="renderer" content="webkit">' in quiet_app.test_client().get("/login").text


class TestSecretKey:
    def test_is_made_once_and_read_by_its_owner_alone(self, tmp_path):
        key = secret_key(tmp_path)
        assert len(key) == 64 and secret_key(tmp_path) == key
        assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600

    def test_two_workspaces_have_two_keys(self, tmp_path):
        folders = [tmp_path / "a", tmp_path / "b"]
        [one.mkdir() for one in folders]
        assert secret_key(folders[0]) != secret_key(folders[1])

    def test_a_broken_file_is_named(self, tmp_path):
        (tmp_path / "secret.key").write_text("short")
        with pytest.raises(InputError, match=r"secret\.key holds no usable key"):
            secret_key(tmp_path)


class TestAssets:
    @pytest.mark.parametrize("path", ["/static/0/frame.css", "/static/maps/0/leaflet/leaflet.css"])
    def test_files_are_kept_for_a_year_by_the_browser(self, quiet_app, path):
        answer = quiet_app.test_client().get(path, buffered=True)
        assert (
            answer.status_code == 200
            and answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        )

    @pytest.mark.parametrize(
        "path", ["/static/0/../app.py", "/static/0/%2e%2e/app.py", "/static/maps/0/../../pyproject.toml", "/static/maps/0/nothing.js", "/static/0/nothing.css"]
    )  # fmt: skip
    def test_nothing_else_is_sent(self, quiet_app, path):
        assert quiet_app.test_client().get(path, buffered=True).status_code in (303, 404)
