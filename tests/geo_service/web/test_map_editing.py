"""The requests of the page for editing on the map: who may, what is refused and where, what two editors are told."""

import json
import re
import struct
import zlib

import pytest
import shapely

from geo_service.web import create_app

PASSWORD = "Shi-men-2026"
LON, LAT = 118.78, 32.04
API = "/api/edit"


@pytest.fixture
def town(tmp_path, small_town):
    with small_town["build"](tmp_path / "station") as workspace:
        for name, role in (
            ("planner", "planner"),
            ("li", "planner"),
            ("inspector", "inspector"),
            ("cadre", "cadre"),
        ):
            workspace.accounts.create_user(
                name + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        yield workspace


#: Bodies that are JSON, but nothing that anybody can use: nested too deeply, a number beyond every float.
DEEP, HUGE = "[" * 3000 + "]" * 3000, "1" + "0" * 400


class Client:
    """A browser of one user, with the page's token."""

    def __init__(self, app, name):
        self.made = app.test_client()
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.made.get("/login").text)[1]
        self.made.post("/login", data={"name": name, "password": PASSWORD, "csrf_token": token})
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', self.made.get("/password").text)[1]

    def get(self, path):
        return self.made.get(path)

    def post(self, path, body=None, **options):
        if body is not None:
            options["json"] = body
        return self.made.post(path, headers={"X-CSRFToken": self.token}, **options)


@pytest.fixture
def app(town):
    return create_app(town)


@pytest.fixture
def planner(app):
    return Client(app, "planner.a")


def values(form):
    return {one["name"]: one["value"] for one in form["fields"]}


class TestAccess:
    @pytest.mark.parametrize("role", ["inspector", "cadre"])
    def test_only_who_may_edit_gets_in(self, app, town, role):
        client = Client(app, role + ".a")
        before = town.store.revision()
        for path in (
            "/map/edit",
            f"{API}/key_areas/form?id=1",
            f"{API}/key_areas/rows",
            f"{API}/pictures",
            f"{API}/no_such/form",
        ):
            assert client.get(path).status_code == 403
        for path in (
            f"{API}/key_areas",
            f"{API}/key_areas/1",
            f"{API}/key_areas/1/delete",
            f"{API}/undo/1",
            f"{API}/grids/merge",
            f"{API}/pictures",
        ):
            assert client.post(path, {}).status_code == 403
        assert town.store.revision() == before

    def test_nothing_is_stored_without_the_token_of_the_page(self, planner, town):
        before = town.store.revision()
        form = planner.get(f"{API}/key_areas/form?id=1").json
        answer = planner.made.post(
            f"{API}/key_areas/1",
            json={"values": values(form) | {"name": "他人"}, "revision": form["revision"]},
        )
        assert answer.status_code == 400 and town.store.revision() == before

    @pytest.mark.parametrize("name", ["no_such", "camera_models", "terrain", "__proto__"])
    def test_layers_that_are_not_drawn_answer_as_none(self, planner, name):
        assert planner.get(f"{API}/{name}/form").status_code == 404

    @pytest.mark.parametrize(
        "body",
        [
            None,
            [],
            {"values": []},
            {"values": {"name": 3}},
            {"values": {}, "revision": "1"},
            {"values": {}, "revision": -1},
            {"values": {}, "revision": True},
        ],
    )
    def test_requests_that_are_none_are_refused(self, planner, body):
        assert (
            planner.post(
                f"{API}/key_areas/1", data=json.dumps(body), content_type="application/json"
            ).status_code
            == 400
        )


class TestSaving:
    def test_a_shape_is_stored_with_the_values_of_its_form_as_one_change_and_noted(self, planner, town):
        form = planner.get(f"{API}/housing_zones/form").json
        box = shapely.box(LON + 0.001, LAT + 0.001, LON + 0.002, LAT + 0.002)
        answer = planner.post(
            f"{API}/housing_zones",
            {"values": values(form) | {"name": "河畔新村"}, "geometry": shapely.geometry.mapping(box)},
        )
        assert answer.status_code == 201
        row = town.store.frame("housing_zones", crs="wgs84").loc[answer.json["id"]]
        assert row["name"] == "河畔新村" and row.geometry.equals(box)
        assert [one.batch for one in town.store.changes(limit=1)] == [answer.json["batch"]]
        assert town.store.audit_entries(actor="planner.a", limit=1)[0].action == "change"

    def test_a_saved_row_without_change_stores_nothing(self, planner, town):
        form = planner.get(f"{API}/roads/form?id=1").json
        before = town.store.revision()
        answer = planner.post(
            f"{API}/roads/1",
            {"values": values(form), "geometry": form["geometry"], "revision": form["revision"]},
        )
        assert answer.status_code == 200 and answer.json["batch"] is None and town.store.revision() == before

    def test_an_outline_of_very_many_corners_is_taken(self, planner, town):
        form = planner.get(f"{API}/villages/form").json
        round_ = shapely.Point(LON, LAT).buffer(0.01, quad_segs=4000)
        answer = planner.post(
            f"{API}/villages",
            {"values": values(form) | {"name": "圆村"}, "geometry": shapely.geometry.mapping(round_)},
        )
        assert answer.status_code == 201 and len(json.dumps(shapely.geometry.mapping(round_))) > 400_000

    def test_faults_stand_at_their_field_and_their_place(self, planner, town):
        form = planner.get(f"{API}/housing_zones/form").json
        bow = {
            "type": "Polygon",
            "coordinates": [
                [[LON, LAT], [LON + 0.01, LAT + 0.01], [LON + 0.01, LAT], [LON, LAT + 0.01], [LON, LAT]]
            ],
        }
        answer = planner.post(f"{API}/housing_zones", {"values": values(form), "geometry": bow})
        (place,) = answer.json["places"]
        assert answer.status_code == 400 and (place["lon"], place["lat"]) == pytest.approx(
            (LON + 0.005, LAT + 0.005)
        )
        assert "自相交" in place["words"]
        answer = planner.post(f"{API}/housing_zones", {"values": {}, "geometry": None})
        faulty = {one["name"] for one in answer.json["fields"] if one["faults"]}
        assert answer.status_code == 400 and "name" in faulty

    def test_a_patrol_point_at_a_private_door_is_refused_at_its_place(self, planner, town):
        with town.store.change(actor="t") as change:
            change.insert("entrances", [{"private_door": True, "geometry": shapely.Point(LON + 0.003, LAT)}])
        form = planner.get(f"{API}/patrol_points/form").json
        sent = values(form) | {"name": "路口", "lon": f"{LON + 0.003:.7f}", "lat": f"{LAT:.7f}"}
        answer = planner.post(f"{API}/patrol_points", {"values": sent})
        (place,) = answer.json["places"]
        assert answer.status_code == 400 and (place["lon"], place["lat"]) == pytest.approx((LON + 0.003, LAT))

    def test_a_row_is_deleted_as_it_was_seen_and_brought_back(self, planner, town):
        revision = planner.get(f"{API}/roads/form?id=2").json["revision"]
        assert (
            planner.post(f"{API}/roads/2/delete", {"revision": revision - 1 if revision else 99}).status_code
            == 409
        )
        answer = planner.post(f"{API}/roads/2/delete", {"revision": revision})
        assert answer.status_code == 200 and town.store.count("roads") == 1
        undone = planner.post(f"{API}/undo/{answer.json['batch']}", {})
        assert undone.json["layers"] == ["roads"] and town.store.count("roads") == 2
        assert planner.post(f"{API}/undo/{answer.json['batch']}", {}).status_code == 409

    def test_a_row_that_others_refer_to_stays(self, planner, town):
        revision = planner.get(f"{API}/villages/form?id=1").json["revision"]
        answer = planner.post(f"{API}/villages/1/delete", {"revision": revision})
        assert answer.status_code == 409 and answer.json["messages"] and town.store.count("villages") == 2


class TestTwoEditors:
    @pytest.fixture
    def other(self, app):
        return Client(app, "li.a")

    def moved(self, form, step):
        shape = shapely.affinity.translate(shapely.geometry.shape(form["geometry"]), step, 0)
        return shapely.geometry.mapping(shape)

    def test_both_shapes_and_all_columns_come_back_and_nothing_is_stored(self, planner, other, town):
        mine, theirs = (client.get(f"{API}/key_areas/form?id=1").json for client in (planner, other))
        done = other.post(
            f"{API}/key_areas/1",
            {"values": values(theirs), "geometry": self.moved(theirs, 1e-4), "revision": theirs["revision"]},
        )
        assert done.status_code == 200
        stored = town.store.revision()
        sent = {
            "values": values(mine) | {"name": "我的名称"},
            "geometry": self.moved(mine, -1e-4),
            "revision": mine["revision"],
        }
        answer = planner.post(f"{API}/key_areas/1", sent)
        assert answer.status_code == 409 and town.store.revision() == stored
        told = answer.json
        assert {one["name"]: one["differs"] for one in told["clashes"]} == {"name": False, "geometry": True}
        assert shapely.geometry.shape(told["theirs"]["geometry"]).equals(
            shapely.geometry.shape(self.moved(theirs, 1e-4))
        )
        assert (told["by"], told["revision"]) == ("li.a", stored)
        assert values({"fields": told["merged"]})["name"] == "我的名称"
        again = planner.post(f"{API}/key_areas/1", sent | {"revision": told["revision"]})
        assert again.status_code == 200 and town.store.frame("key_areas").loc[1, "name"] == "我的名称"

    def test_a_row_that_is_gone_is_said_to_be(self, planner, other):
        mine = planner.get(f"{API}/roads/form?id=2").json
        other.post(f"{API}/roads/2/delete", {"revision": mine["revision"]})
        answer = planner.post(
            f"{API}/roads/2",
            {"values": values(mine), "geometry": mine["geometry"], "revision": mine["revision"]},
        )
        assert answer.status_code == 409 and answer.json["gone"] is True


class TestTable:
    def test_rows_are_sorted_filtered_and_cut(self, planner, town):
        every = planner.get(f"{API}/camera_sites/rows?sort=-name").json
        names = [row["cells"][0] for row in every["rows"]]
        assert names == sorted(names, reverse=True) and every["total"] == town.store.count("camera_sites")
        part = planner.get(f"{API}/camera_sites/rows?sort=-name&offset=1&limit=1").json
        assert [row["cells"][0] for row in part["rows"]] == names[1:2]
        found = planner.get(f"{API}/camera_sites/rows?filter=码头").json
        assert found["total"] == 1
        planned = planner.get(f"{API}/camera_sites/rows?filter=拟建").json
        assert planned["total"] >= 1

    def test_only_what_the_map_shows(self, planner, town):
        place = town.store.frame("camera_sites", crs="wgs84").geometry[1]
        box = f"{place.x - 1e-5},{place.y - 1e-5},{place.x + 1e-5},{place.y + 1e-5}"
        assert planner.get(f"{API}/camera_sites/rows?bbox={box}").json["total"] == 1

    @pytest.mark.parametrize(
        "query", ["sort=password", "sort=name;drop", "offset=-1", "limit=x", "bbox=1,2", "sort=--name"]
    )
    def test_what_cannot_be_read_is_said(self, planner, query):
        assert planner.get(f"{API}/camera_sites/rows?{query}").status_code == 400


def test_the_history_has_the_shape_before_and_the_newest_edit_can_be_taken_back(planner, town):
    old = town.store.frame("camera_sites", crs="wgs84").geometry[1]
    with town.store.change(actor="王") as change:
        change.update("camera_sites", 1, {"geometry": shapely.Point(LON, LAT)})
    newest, first = planner.get(f"{API}/camera_sites/1/history").json["steps"]
    assert shapely.geometry.shape(newest["before"]).equals(old)
    assert (newest["who"], newest["undo"], first["undo"], first["before"]) == ("王", True, False, None)


class TestEmptyTown:
    def test_it_is_placed_first(self, empty_town):
        empty_town.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        client = Client(create_app(empty_town), "planner.a")
        assert 'id="town-lon"' in client.get("/map/edit").text
        for lon, lat in (("", ""), ("abc", "32"), ("500", "32"), ("nan", "32")):
            refused = client.made.post(
                "/map/edit/town", data={"lon": lon, "lat": lat, "csrf_token": client.token}
            )
            assert refused.status_code == 400 and empty_town.store.town.epsg is None
        client.made.post("/map/edit/town", data={"lon": "118.78", "lat": "32.04", "csrf_token": client.token})
        assert empty_town.store.town.epsg is not None
        page = client.get("/map/edit").text
        assert 'id="edit-layer"' in page and "camera_sites" in page


class TestPictures:
    def png(self, data=b""):
        def chunk(name, data):
            return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

        head = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", head)
            + chunk(b"IDAT", data or zlib.compress(b"\0\1\2\0\3\4"))
            + chunk(b"IEND", b"")
        )

    def test_a_picture_goes_in_comes_out_as_what_it_is_and_is_noted(self, planner, town):
        made = planner.post(f"{API}/pictures?name=扫描图", data=self.png(), content_type="image/png")
        assert made.status_code == 201 and made.json["name"] == "扫描图"
        answer = planner.get(made.json["url"])
        assert (answer.data, answer.mimetype) == (self.png(), "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        points = [
            {"x": 0, "y": 0, "lon": LON, "lat": LAT},
            {"x": 2, "y": 2, "lon": LON + 0.001, "lat": LAT - 0.001},
        ]
        placed = planner.post(f"{API}/pictures/1", {"points": points, "kind": "auto", "opacity": 0.5})
        assert placed.json["fit"]["kind"] == "similarity" and len(placed.json["mesh"]) == 169
        assert planner.post(f"{API}/pictures/1/delete", {}).status_code == 200
        assert planner.get(made.json["url"]).status_code == 404
        noted = [one.action for one in town.store.audit_entries(actor="planner.a", limit=3)]
        assert noted == ["picture_deleted", "picture_placed", "picture_added"]

    def test_a_scan_of_some_megabytes_is_taken(self, planner):
        """Other pages take a quarter of a megabyte."""
        large = self.png(bytes(range(256)) * 12_000)
        assert planner.post(f"{API}/pictures", data=large, content_type="image/png").status_code == 201

    @pytest.mark.parametrize(
        ("content", "kind", "status"),
        [(b"<svg/>", "image/svg+xml", 400), (b"<script>", "image/png", 400), (b"", "image/png", 400), (b"\x89PNG" * 7_000_000, "image/png", 413)],
    )  # fmt: skip
    def test_what_is_no_picture_is_refused(self, planner, content, kind, status):
        assert planner.post(f"{API}/pictures", data=content, content_type=kind).status_code == status

    @pytest.mark.parametrize(
        "body",
        [
            [], {"points": 3}, {"points": [3]}, {"points": [{"x": "a"}]}, {"points": [], "kind": "bent"}, {"points": [], "opacity": 7},
            {"points": [{"x": 1, "y": 1, "lon": 500, "lat": 0}]}, {"points": [{"x": 1, "y": 1, "lon": True, "lat": 0}]},
        ],
    )  # fmt: skip
    def test_placings_that_are_none_are_refused(self, planner, body):
        planner.post(f"{API}/pictures", data=self.png(), content_type="image/png")
        assert planner.post(f"{API}/pictures/1", body).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{API}/villages", DEEP),
        (f"{API}/pictures/1", DEEP),
        ("/api/v1/jobs", DEEP),
        (f"{API}/roads/1", f'{{"values": {{}}, "revision": {HUGE}}}'),
        (f"{API}/pictures/1", f'{{"points": [], "opacity": {HUGE}}}'),
        (f"{API}/pictures/1", f'{{"points": [{{"x": {HUGE}, "y": 1, "lon": 1, "lat": 1}}]}}'),
        (f"{API}/roads", f'{{"geometry": {{"type": "LineString", "coordinates": [[{HUGE}, 1], [1, 1]]}}}}'),
        (f"{API}/grids/1/split", f'{{"line": {{"type": "LineString", "coordinates": [[{HUGE}, 1], [1, 1]]}}}}'),
    ],
)  # fmt: skip
def test_json_that_nobody_can_use_is_a_fault_of_the_request(planner, path, body):
    assert planner.post(path, data=body, content_type="application/json").status_code == 400
