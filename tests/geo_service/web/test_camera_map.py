"""The pages for cameras on the map and for plan and today: who may, and what their scripts are told."""

import json
import re

import pytest

from geo_service.web import create_app
from geo_service.workspace import Workspace
from town_data import camera_models

PASSWORD = "Shi-men-2026"


@pytest.fixture
def town(tmp_path, small_town):
    with small_town["build"](tmp_path / "station") as workspace:
        for role in ("planner", "inspector", "cadre"):
            workspace.accounts.create_user(
                role + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        yield workspace


def client(workspace, role):
    made = create_app(workspace).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', made.get("/login").text)[1]
    made.post("/login", data={"name": role + ".a", "password": PASSWORD, "csrf_token": token})
    return made


def told(page, name):
    return json.loads(re.search(rf'<script type="application/json" id="{name}"[^>]*>(.*?)</script>', page)[1])


@pytest.mark.parametrize(
    ("role", "camera", "compare"),
    [("planner", 200, 200), ("inspector", 403, 200), ("cadre", 403, 403)],
)
def test_planners_try_cameras_and_inspectors_compare(town, role, camera, compare):
    made = client(town, role)
    assert made.get("/map/camera").status_code == camera
    assert made.get("/map/compare").status_code == compare


def test_the_page_knows_the_cameras_of_the_town_and_models_of_both_kinds(town):
    with town.store.change(actor="test", kind="edit") as change:
        (model,) = change.insert(
            "camera_models", [{"name": "镇用枪机", "hfov_deg": 81.5, "price_yuan": 4000.0}]
        )
    setup = told(client(town, "planner").get("/map/camera?id=2").text, "camera-map-setup")
    frame = town.store.frame("camera_sites")
    assert sorted(one[0] for one in setup["cameras"]) == sorted(frame.index)
    assert setup["row"] == 2 and setup["planned"] == int((frame["status"] == "planned").sum())
    own = [one for one in setup["models"] if one["id"] is not None]
    assert [(one["id"], one["name"], one["hfov_deg"]) for one in own] == [(model, "镇用枪机", 81.5)]
    # what it costs says nothing of what it sees
    assert "price_yuan" not in own[0]
    general = [one["name"] for one in setup["models"] if one["id"] is None]
    assert general == [one["name"] for one in camera_models()]


@pytest.mark.parametrize(
    ("query", "place"),
    [("lon=118.78&lat=32.04", [118.78, 32.04]), ("lon=200&lat=1", None), ("lon=x", None), ("", None)],
)
def test_a_place_in_the_address_is_where_a_new_camera_stands(town, query, place):
    page = client(town, "planner").get("/map/camera?" + query)
    assert told(page.text, "camera-map-setup")["place"] == place


def test_a_number_of_a_camera_that_is_none_is_left_alone(town):
    page = client(town, "planner").get("/map/camera?id=%3Cscript%3E")
    assert page.status_code == 200 and told(page.text, "camera-map-setup")["row"] is None


def test_a_town_without_a_position_is_led_to_its_import(tmp_path):
    with Workspace.create(tmp_path / "empty", name="空镇") as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        made = client(workspace, "planner")
        assert 'href="/import"' in made.get("/map/camera").text
        assert made.get("/map/compare").status_code == 200


def test_only_who_sees_gaps_is_given_the_question_who_sees_a_place(town):
    assert "town-seen-by.js" in client(town, "inspector").get("/").text
    assert "town-seen-by.js" not in client(town, "cadre").get("/my-routes").text


def test_an_inspector_is_not_offered_to_place_a_camera(town):
    spec = told(client(town, "inspector").get("/").text, "town-map-spec")
    assert spec["settings"]["seen_by"]["camera"] == ""
    spec = told(client(town, "planner").get("/").text, "town-map-spec")
    assert spec["settings"]["seen_by"]["camera"] == "/map/camera"


def test_a_new_preset_is_asked_for_its_camera(town):
    """Of the arguments only rows that columns refer to are taken."""
    page = client(town, "planner").get("/layers/camera_views/new?camera=2&name=x&azimuth_deg=7").text
    assert re.search(r'<option value="2" selected', page)
    assert 'value="7"' not in page and 'value="x"' not in page
    for wrong in ("-2", "2e3", "٣", "<b>", ""):
        page = client(town, "planner").get("/layers/camera_views/new", query_string={"camera": wrong})
        assert page.status_code == 200 and "<b>" not in page.text
