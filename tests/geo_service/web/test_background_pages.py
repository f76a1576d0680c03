"""The background on the pages: its tiles, who gets them, and what the administrator reads."""

import re
import sqlite3

import pytest
from web_clients import PASSWORD, log_in

from geo_service.background import BLANK, open_background
from geo_service.settings import Settings
from geo_service.web import create_app

PICTURE = b"GIF89a" + bytes(20)


@pytest.fixture(scope="module")
def app(town):
    for role in ("admin", "cadre"):
        town.accounts.create_user(
            "tiles." + role, role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
        )
    return create_app(town)


@pytest.fixture
def choose(app, tmp_path):
    """A function that gives the application another background."""

    def set_one(**settings):
        app.extensions["background"] = open_background(Settings(**settings), tmp_path)

    yield set_one
    set_one()


@pytest.fixture
def mbtiles(tmp_path, choose):
    with sqlite3.connect(tmp_path / "t.mbtiles") as connection:
        connection.execute("CREATE TABLE metadata (name text, value text)")
        connection.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        connection.execute("INSERT INTO metadata VALUES ('attribution', '省测绘院')")
        connection.execute("INSERT INTO tiles VALUES (1, 1, 1, ?)", (PICTURE,))
    connection.close()
    choose(background="mbtiles", background_path="t.mbtiles")


@pytest.fixture(scope="module")
def admin(app):
    return log_in(app, "tiles.admin")


@pytest.fixture(scope="module")
def cadre(app):
    return log_in(app, "tiles.cadre")


def test_a_tile_is_sent_with_its_kind_and_may_be_kept_by_the_browser_alone(admin, mbtiles):
    answer = admin.get("/tiles/background/base/1/1/0?v=x")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PICTURE, "image/gif")
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
    again = admin.get("/tiles/background/base/1/1/0", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and again.data == b""


def test_where_there_is_no_tile_a_transparent_one_comes_with_a_note(admin, mbtiles):
    answer = admin.get("/tiles/background/base/1/0/0")
    assert (answer.status_code, answer.data, answer.headers["X-Tile-Note"]) == (200, BLANK.content, "none")


def test_a_fault_gives_a_transparent_tile_that_nobody_keeps(admin, choose):
    choose(background="remote", background_url="http://127.0.0.1:9/{z}/{x}/{y}", background_timeout_s=1.0)
    answer = admin.get("/tiles/background/base/1/0/0")
    assert (answer.data, answer.headers["X-Tile-Note"], answer.headers["Cache-Control"]) == (
        BLANK.content,
        "unreachable",
        "no-store",
    )


@pytest.mark.parametrize(
    "path",
    [
        "base/1/2/0",
        "base/1/0/2",
        "base/99/0/0",
        "names/1/0/0",
        "../../x/1/0/0",
        "base/1/-1/0",
        "base/1/0/0.png",
        "base/1/a/0",
    ],
)
def test_addresses_of_no_tile_are_not_found(admin, mbtiles, path):
    assert admin.get("/tiles/background/" + path).status_code == 404


def test_without_a_background_there_are_no_tiles(admin, choose):
    choose()
    assert admin.get("/tiles/background/base/1/0/0").status_code == 404
    assert "town-background" not in admin.get("/").text


def test_cadres_see_it_under_the_ground_and_nobody_without_an_account(app, cadre, mbtiles):
    assert cadre.get("/tiles/background/base/1/1/0").data == PICTURE
    assert app.test_client().get("/tiles/background/base/1/1/0").status_code == 303


def test_the_maps_carry_its_address_words_and_makers_but_no_key(admin, choose):
    choose(background="tianditu", background_key="top-secret-key")
    page = admin.get("/").text
    assert "town-background.js" in page and "天地图 © 国家基础地理信息中心" in page
    assert "/tiles/background/names/{z}/{x}/{y}?v=" in page
    assert (
        "top-secret-key" not in page + admin.get("/admin/background").text and "tianditu.gov.cn" not in page
    )


class TestAdminPage:
    def test_is_for_administrators(self, cadre):
        assert cadre.get("/admin/background").status_code == 403
        assert cadre.post("/admin/background/test").status_code in (400, 403)

    def test_says_what_can_be_chosen(self, admin, choose):
        choose()
        text = admin.get("/admin/background").text
        assert "background = &#34;tianditu&#34;" in text or 'background = "tianditu"' in text
        assert "地图用自有数据绘制" in text

    def test_says_what_is_missing(self, admin, choose):
        choose(background="pmtiles", background_path="gone.pmtiles")
        text = admin.get("/admin/background").text
        assert "gone.pmtiles" in text and "不存在" in text

    def test_warns_of_a_shifted_datum_here_and_on_the_map(self, admin, choose):
        choose(background="remote", background_url="http://127.0.0.1:9/{z}/{x}/{y}", background_datum="gcj02")
        for page in ("/admin/background", "/"):
            assert "与真实位置相差约 500 米" in admin.get(page).text

    def test_the_trial_asks_for_the_middle_of_the_town(self, app, admin, mbtiles):
        page = admin.get("/admin/background").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        text = admin.post("/admin/background/test", data={"csrf_token": token}).text
        # 118.78° east, 32.04° north lies in the north-eastern tile of zoom 1
        assert "1/1/0" in text and "image/gif" in text
        entries = app.extensions["workspace"].store.audit_entries(limit=5)
        assert any(one.action == "test_background" for one in entries)
