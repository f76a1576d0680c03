"""Claims about the files of the pages: packed for those who take it, kept, asked for again without being sent again."""

import gzip
import re

import pytest

import town_maps
from geo_service.web import create_app
from geo_service.web.assets import STATIC


@pytest.fixture(scope="module")
def client(town):
    return create_app(town).test_client()


FILES = [
    ("/static/0/frame.css", (STATIC / "frame.css").read_bytes(), "text/css"),
    ("/static/0/search.js", (STATIC / "search.js").read_bytes(), "text/javascript"),
    (
        "/static/maps/0/leaflet/leaflet.js",
        town_maps.asset("leaflet/leaflet.js").content,
        "text/javascript",
    ),
]


@pytest.mark.parametrize(("path", "content", "media_type"), FILES)
def test_a_file_is_packed_for_those_who_take_it_and_plain_for_others(client, path, content, media_type):
    packed = client.get(path, headers={"Accept-Encoding": "gzip, deflate"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == content
    assert len(packed.data) < 0.5 * len(content)
    assert "Content-Encoding" not in plain.headers
    for answer in (packed, plain):
        assert answer.mimetype == media_type
        assert answer.headers["Vary"].lower().count("accept-encoding") == 1
        assert "immutable" in answer.headers["Cache-Control"]
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize(("path", "content", "media_type"), FILES)
def test_each_form_is_asked_for_by_its_own_tag(client, path, content, media_type):
    del content, media_type
    for encoding, other in (("gzip", "identity"), ("identity", "gzip")):
        first = client.get(path, headers={"Accept-Encoding": encoding})
        again = {"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]}
        assert client.get(path, headers=again).status_code == 304
        assert client.get(path, headers=again | {"Accept-Encoding": other}).status_code == 200


def test_pictures_are_not_packed_again(client):
    answer = client.get("/static/maps/0/leaflet/images/layers.png", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/static/0/../app.py", "/static/0/..%2fapp.py", "/static/0/nothing.css", "/static/0/", "/static/0/%2e%2e/app.py",
     "/static/0//etc/passwd", "/static/maps/0/../spec.py", "/static/maps/0/ASSETS.toml"],
)  # fmt: skip
def test_nothing_else_is_given_out(client, path):
    answer = client.get(path)
    assert answer.status_code in (303, 308, 404)
    assert "import" not in answer.text


def test_pages_with_secrets_are_not_packed(client):
    answer = client.get("/login", headers={"Accept-Encoding": "gzip"})
    assert re.search('name="csrf_token"', answer.text)
    assert "Content-Encoding" not in answer.headers
