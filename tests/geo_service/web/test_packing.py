"""Claims about packed pages: small for those who take it, never where a stranger's words may stand beside secrets."""

import gzip
import re

import pytest

from geo_service.web import create_app

PASSWORD = "Shi-men-2026"
TAKES = {"Accept-Encoding": "gzip, deflate"}


@pytest.fixture
def client(empty_town):
    empty_town.accounts.create_user("admin.a", role="admin", password=PASSWORD)
    client = create_app(empty_town).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": "admin.a", "password": PASSWORD, "csrf_token": token})
    return client


def without_secrets(page):
    return re.sub(r'(nonce|value|content)="[^"]*"', "", page)


def test_a_page_is_packed_for_those_who_take_it_and_plain_for_others(client):
    small, plain = client.get("/layers", headers=TAKES), client.get("/layers")
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert without_secrets(gzip.decompress(small.data).decode()) == without_secrets(plain.text)
    assert len(small.data) < 0.4 * len(plain.data)
    assert int(small.headers["Content-Length"]) == len(small.data)
    for answer in (small, plain):
        assert "accept-encoding" in answer.headers["Vary"].lower()
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/search?q=csrf_token", "/layers/villages?q=a", "/layers?x=1"])
def test_a_page_that_was_asked_for_with_words_goes_as_it_is(client, path):
    answer = client.get(path, headers=TAKES)
    assert answer.status_code == 200 and len(answer.data) > 2000
    assert "Content-Encoding" not in answer.headers


def test_refusals_and_answers_to_forms_go_as_they_are(client):
    for answer in (
        client.get("/nothing/here", headers=TAKES),
        client.post("/login", headers=TAKES, data={"name": "a"}),
    ):
        assert answer.status_code >= 400
        assert "Content-Encoding" not in answer.headers
