"""The page of the ground: a raster is sent, told, used and taken away; what is none is refused on the spot."""

import io
import re

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from geo_service.terrain import town_terrain
from geo_service.web import create_app

PASSWORD = "Shi-men-2026"


@pytest.fixture
def placed(empty_town):
    empty_town.store.place_town(118.78, 32.04, actor="test")
    return empty_town


def sign_in(workspace, role="planner"):
    workspace.accounts.create_user(f"{role}.t", role=role, password=PASSWORD)
    client = create_app(workspace).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": f"{role}.t", "password": PASSWORD, "csrf_token": token})
    client.token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password").text)[1]
    return client


def degrees(height=5.0, n=40, west=118.77, south=32.03):
    """A level raster of 0.02° a side over the town, by longitude and latitude."""
    head = f"ncols {n}\nnrows {n}\nxllcorner {west}\nyllcorner {south}\ncellsize {0.02 / n!r}\n"
    return (head + "\n".join(" ".join([f"{height}"] * n) for _ in range(n))).encode()


def send(client, content, name="dem.asc", **fields):
    data = {
        "csrf_token": client.token,
        "file": FileStorage(io.BytesIO(content), name),
        "epsg": "4326",
    } | fields
    stream, length, boundary = stream_encode_multipart(data)
    with stream:
        return client.post(
            "/terrain", input_stream=stream, content_length=length,
            content_type=f'multipart/form-data; boundary="{boundary}"',
        )  # fmt: skip


@pytest.fixture
def around(placed):
    """A town with something in it, so that it has bounds."""
    import shapely

    with placed.store.change(actor="test") as change:
        change.insert(
            "roads",
            [
                {
                    "highway": "residential",
                    "geometry": shapely.LineString([(118.778, 32.038), (118.782, 32.042)]),
                }
            ],
        )
    return placed


def test_a_raster_is_kept_listed_and_taken_away(around):
    client = sign_in(around)
    assert "目前地面按平地计算" in client.get("/terrain").text
    answer = send(client, degrees(), name="高程/山 <b>.asc", source="测绘院")
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "山 &lt;b&gt;.asc" in page and "测绘院" in page
    assert town_terrain(around.store) is not None
    gone = client.post("/terrain/1/delete", data={"csrf_token": client.token})
    assert gone.status_code == 303
    assert town_terrain(around.store) is None
    told = [(one.action, one.target) for one in around.store.audit_entries(limit=10)]
    assert ("import", "terrain #1 山 <b>.asc") in told


@pytest.mark.parametrize(
    ("content", "fields", "words"),
    [
        (b"<VRTDataset/>", {}, "不是高程栅格"),
        (degrees(), {"epsg": ""}, "请填写 EPSG 代码"),
        (degrees(), {"epsg": "wgs"}, "EPSG 代码应为数字"),
        (degrees(west=10.0), {}, "栅格不在本镇范围内"),
        (degrees(height=44_444.0), {}, "不是以米计的高程"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words_and_leaves_the_town_as_it_was(around, content, fields, words):
    client = sign_in(around)
    answer = send(client, content, **fields)
    assert answer.status_code == 400
    assert words in answer.text
    assert around.store.frame("terrain").empty


def test_a_form_without_a_file_and_a_raster_that_is_not_there(around):
    client = sign_in(around)
    assert client.post("/terrain", data={"csrf_token": client.token}).status_code == 400
    assert client.post("/terrain/9/delete", data={"csrf_token": client.token}).status_code == 404


def test_who_may_not_edit_does_not_see_the_page(around):
    assert sign_in(around, "inspector").get("/terrain").status_code == 403


def test_a_town_without_a_position_is_led_to_its_first_import(empty_town):
    page = sign_in(empty_town).get("/terrain").text
    assert "本镇还没有位置" in page or "/import" in page
