"""Claims about the search in the frame: what is found, by whom, and that nothing leaks to those who may not see it."""

import re

import pytest
from web_clients import PASSWORD, log_in

from geo_service.web import create_app
from geo_service.web.name_search import view_hash

#: Names of cameras, patrol units and places of the small town, and codes: what a cadre must not find.
HIDDEN = ("石门路球机", "河街枪机", "枪机", "球机", "巡逻一号车", "下河巡逻队", "#1", "#2")


@pytest.fixture(scope="module")
def app(town):
    for role in ("admin", "planner", "inspector", "cadre"):
        town.accounts.create_user(
            role + ".s", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
        )
    made = create_app(town)
    made.config["TESTING"] = False
    return made


@pytest.fixture(scope="module")
def clients(app):
    return {role: log_in(app, role + ".s") for role in ("admin", "planner", "inspector", "cadre")}


def found(client, words):
    answer = client.get("/api/v1/search", query_string={"q": words})
    assert answer.status_code == 200
    return {group["layer"]: [hit["name"] for hit in group["hits"]] for group in answer.json["groups"]}


def test_a_planner_finds_places_cameras_roads_and_villages(clients):
    for role in ("admin", "planner", "inspector"):
        told = found(clients[role], "石门")
        assert told["key_areas"] == ["石门小学", "石门码头"]
        assert told["camera_sites"] == ["石门路球机"]
        assert told["roads"] == ["石门路"]
        assert found(clients[role], "上河")["villages"] == ["上河村"]


def test_a_layer_with_the_whole_name_comes_first(clients):
    layers = list(found(clients["planner"], "石门路"))
    assert layers[0] == "roads"
    assert "camera_sites" in layers


@pytest.mark.parametrize("words", HIDDEN)
def test_a_cadre_finds_nothing_of_cameras_units_and_key_places(clients, words):
    for path in ("/api/v1/search", "/search"):
        answer = clients["cadre"].get(path, query_string={"q": words})
        assert answer.status_code == 200
        for secret in (
            "camera_sites",
            "patrol_units",
            "key_areas",
            "mounting_points",
            "监控点位",
            "巡逻力量",
        ):
            assert secret not in answer.text, (path, secret)
        hits = re.findall(r'<li><a href="[^"]+">([^<]+)</a>', answer.text)
        assert not any(one in ("石门路球机", "河街枪机", "巡逻一号车", "下河巡逻队") for one in hits)


def test_a_cadre_finds_the_ground_and_the_own_stops_with_a_way_there(clients):
    told = clients["cadre"].get("/api/v1/search", query_string={"q": "石门"}).json["groups"]
    by_layer = {group["layer"]: group["hits"] for group in told}
    assert [one["name"] for one in by_layer["roads"]] == ["石门路"]
    assert set(by_layer) <= {"roads", "patrol_places"}
    for hits in by_layer.values():
        assert all(one["url"].startswith("/my-routes") for one in hits)


def test_nobody_else_gets_in(app):
    client = app.test_client()
    assert client.get("/api/v1/search?q=石").status_code == 401
    assert client.get("/search?q=石").status_code == 303


def test_the_page_without_scripts_lists_the_same(clients):
    page = clients["planner"].get("/search", query_string={"q": "石门小学"}).text
    assert re.search(r'<a href="/#map=[\d./]+&amp;sel=key_areas/1">石门小学</a>', page)
    assert "没有符合搜索的" in clients["planner"].get("/search?q=zzz").text or "Nothing" not in page


def test_a_search_among_sensitive_layers_is_noted_without_its_words(town, clients):
    clients["inspector"].get("/api/v1/search", query_string={"q": "河街枪机"})
    entries = [(one.action, one.target) for one in town.store.audit_entries() if one.actor == "inspector.s"]
    assert ("search", "camera_sites") in entries
    assert not any("河街" in target for _, target in entries)


@pytest.mark.parametrize("words", ["", " ", "%", "'", "\\", "<script>", "x" * 5000, "\u2028", "#", "#-1"])
def test_any_words_get_an_answer(clients, words):
    assert clients["planner"].get("/api/v1/search", query_string={"q": words}).status_code == 200
    page = clients["planner"].get("/search", query_string={"q": words})
    assert page.status_code == 200
    assert (
        "<script>"
        not in re.sub(r"<script [^>]*src=", "", page.text).split("<main", 1)[1].split("</main", 1)[0]
    )


def test_the_view_of_a_place_holds_it():
    """A point as close as names are read; a box of 0.01 degrees within 600 pixels of 256 · 2^zoom / 360 each."""
    assert (
        view_hash((118.78, 32.04, 118.78, 32.04), "key_areas", "7")
        == "#map=17.5/32.040000/118.780000&sel=key_areas/7"
    )
    zoom = float(re.match(r"#map=([\d.]+)/", view_hash((118.78, 0, 118.79, 0), "roads", "1"))[1])
    assert 0.01 * 256 * 2**zoom / 360 <= 600 < 0.01 * 256 * 2 ** (zoom + 0.25) / 360
    assert view_hash((0, 0, 0, 0), "patrol_places", "key_areas/1 &x").endswith(
        "&sel=patrol_places/key_areas/1%20%26x"
    )
