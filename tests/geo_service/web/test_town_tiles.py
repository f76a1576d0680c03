"""Vector tiles over the web: who gets them, that they are kept only while they hold."""

import gzip
import math

import mapbox_vector_tile
import pytest
import shapely
from web_clients import PASSWORD, log_in

from geo_service.towntiles import LAYERS
from geo_service.web import create_app


@pytest.fixture
def workspace(tmp_path, small_town):
    with small_town["build"](tmp_path / "station", results=False) as made:
        for role in ("admin", "cadre"):
            made.accounts.create_user(
                "mvt." + role, role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        yield made


@pytest.fixture
def app(workspace):
    return create_app(workspace)


def address(small_town, z=14):
    n = 2**z
    x = int((small_town["LON"] + 180) / 360 * n)
    y = int((1 - math.asinh(math.tan(math.radians(small_town["LAT"]))) / math.pi) / 2 * n)
    return f"/tiles/town/{z}/{x}/{y}.mvt"


def test_a_cadre_gets_the_ground_and_nothing_else(app, small_town):
    answer = log_in(app, "mvt.cadre").get(address(small_town))
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile")
    found = mapbox_vector_tile.decode(answer.data)
    assert "roads" in found and set(found) <= set(LAYERS)
    assert app.test_client().get(address(small_town)).status_code == 303


def test_the_description_does_not_say_how_far_the_cameras_reach(app, workspace, small_town):
    store = workspace.store
    with store.change(actor="test") as change:
        for number in store.frame("buildings").index:
            change.delete("buildings", int(number))
        far = shapely.Point(small_town["LON"] + 0.5, small_town["LAT"])
        change.insert("camera_sites", [{"name": "远处", "kind": "fixed", "mount_height_m": 4.0, "azimuth_deg": 0.0, "geometry": far}])  # fmt: skip
    told = log_in(app, "mvt.cadre").get("/tiles/town.json").get_json()
    assert told["bounds"] == pytest.approx(store.bounds("roads"))


def test_an_unchanged_tile_costs_an_empty_answer_and_an_edit_a_new_one(app, workspace, small_town):
    client = log_in(app, "mvt.admin")
    path = address(small_town, 16)
    first = client.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304
    with workspace.store.change(actor="test") as change:
        lon, lat = small_town["LON"], small_town["LAT"]
        change.insert(
            "buildings", [{"height_m": 9.0, "geometry": shapely.box(lon, lat, lon + 2e-4, lat + 2e-4)}]
        )
    again = client.get(path, headers=tag)
    assert again.status_code == 200 and again.data != first.data


def test_it_comes_packed_to_whoever_can_unpack(app, small_town):
    client = log_in(app, "mvt.admin")
    plain = client.get(address(small_town))
    packed = client.get(address(small_town), headers={"Accept-Encoding": "gzip"})
    if "Content-Encoding" in packed.headers:
        assert gzip.decompress(packed.data) == plain.data
    else:
        assert packed.data == plain.data and len(plain.data) <= 1000
    assert plain.headers["ETag"] != packed.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "17/0/0.mvt",
        "1/2/0.mvt",
        "1/0/2.mvt",
        "1/0/0.mvt?layers=camera_sites",
        "1/0/0.mvt?layers=",
        "a/0/0.mvt",
    ],
)
def test_addresses_of_no_tile_are_not_found(app, path):
    assert log_in(app, "mvt.admin").get("/tiles/town/" + path).status_code == 404


def test_the_description_is_tilejson(app):
    told = log_in(app, "mvt.admin").get("/tiles/town.json").json
    assert told["tilejson"] == "3.0.0" and told["tiles"][0].endswith("/tiles/town/{z}/{x}/{y}.mvt")
    assert {one["id"] for one in told["vector_layers"]} == set(LAYERS)
    west, south, east, north = told["bounds"]
    assert west < east and south < north


def test_only_layers_beyond_their_size_are_tiled(app, monkeypatch):
    client = log_in(app, "mvt.admin")
    assert "/tiles/town/" not in client.get("/").text
    monkeypatch.setitem(
        __import__("geo_service.mapdata.rows", fromlist=["BY_VIEW"]).BY_VIEW, "buildings", (0, 15)
    )
    page = client.get("/").text
    assert "/tiles/town/{z}/{x}/{y}.mvt?layers=buildings" in page and "layers=roads" not in page
