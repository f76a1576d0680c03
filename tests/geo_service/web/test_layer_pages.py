"""The pages of layers: tables, forms, change log, undo, proposals, schema; who may do what."""

import io
import json
import re
from urllib.parse import quote

import openpyxl
import pytest

from geo_service.store import Proposal
from geo_service.web import change_list, create_app, layer_rows
from town_model import LAYERS, InputError, layer

PASSWORD = "Shi-men-2026"
CAMERA = "/layers/camera_sites/1"


def sign_in(workspace, name="planner.l", role="planner", **scope):
    if workspace.accounts.find(name) is None:
        workspace.accounts.create_user(name, role=role, password=PASSWORD, **scope)
    client = create_app(workspace).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": name, "password": PASSWORD, "csrf_token": token})
    client.token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password").text)[1]
    return client


def filled(page):
    """What a browser would send of the form of a row as it is shown."""
    form = re.search(r'<form[^>]* id="row-form".*?</form>', page, re.DOTALL)[0]
    sent = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]*? value="([^"]*)"', form))
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        sent[name] = chosen[1]
    sent |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL))
    return sent


def send(client, path, **changes):
    form = filled(client.get(path).text) | changes
    return client.post(path, data=form)


@pytest.fixture
def own(tmp_path, small_town):
    """A small town that a test may change."""
    with small_town["build"](tmp_path / "own") as workspace:
        yield workspace


@pytest.fixture
def client(own):
    return sign_in(own)


@pytest.fixture(scope="module")
def reader(town):
    return sign_in(town, "reader.l", "planner")


class TestList:
    def test_every_declared_layer_stands_in_one_group(self):
        names = [one.name for _, layers in layer_rows.GROUPS for one in layers]
        assert sorted(names) == sorted(LAYERS)

    def test_counts_titles_and_links_are_there(self, reader):
        page = reader.get("/layers").text
        assert all(one.zh in page and f'href="/layers/{one.name}"' in page for one in LAYERS.values())
        row = re.search(r'href="/layers/camera_sites".*?</tr>', page, re.DOTALL)[0]
        assert '<td class="number" data-title="记录">4</td>' in row
        assert all(end in row for end in ("template.xlsx", "export.xlsx", "export.geojson"))

    def test_a_layer_without_places_has_no_geojson(self, reader, own):
        assert reader.get("/layers/duty_roles/export.geojson").status_code == 404
        assert reader.get("/layers/duty_roles/export.xlsx").status_code == 200

    @pytest.mark.parametrize("name", sorted(LAYERS))
    def test_every_layer_has_a_table_and_a_template_or_says_why_not(self, reader, name):
        assert reader.get(f"/layers/{name}").status_code == 200
        answer = reader.get(f"/layers/{name}/template.xlsx")
        if LAYERS[name].geometry == "raster":
            assert answer.status_code == 400
        else:
            assert openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].max_row >= 2


class TestExports:
    def test_the_workbook_holds_the_rows_in_words(self, reader):
        answer = reader.get("/layers/camera_sites/export.xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
        assert {"石门路球机", "球机", "在用", "拟建"} <= set(cells)
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("end", ["export.xlsx", "export.geojson", "template.xlsx"])
    def test_the_chinese_name_of_a_file_goes_into_a_header_of_plain_signs(self, reader, end):
        told = reader.get(f"/layers/camera_sites/{end}").headers["Content-Disposition"]
        assert told.isascii() and quote("监控点位") in told

    def test_the_geojson_is_in_degrees(self, reader):
        found = json.loads(reader.get("/layers/camera_sites/export.geojson").data)
        lon, lat = found["features"][0]["geometry"]["coordinates"]
        assert (round(lon, 4), round(lat, 4)) == (118.7801, 32.0401)

    def test_the_audit_record_keeps_who_took_a_layer(self, town, reader):
        before = len(town.store.audit_entries(limit=None))
        reader.get("/layers/camera_sites/export.geojson")
        entry = town.store.audit_entries(limit=1)[0]
        assert (entry.actor, entry.action, entry.address) == ("reader.l", "export_layer", "127.0.0.1")
        assert entry.target == "camera_sites → camera_sites.geojson (4)"
        assert len(town.store.audit_entries(limit=None)) == before + 1


class TestViews:
    def test_who_looks_at_cameras_and_changes_is_kept_and_who_looks_at_roads_is_not(self, town):
        client = sign_in(town, "reader.v")
        for path in ("/layers/camera_sites", "/layers/roads", "/changes"):
            assert client.get(path).status_code == 200
        seen = {
            (one.action, one.target) for one in town.store.audit_entries(limit=50) if one.actor == "reader.v"
        }
        assert {("view_layer", "camera_sites"), ("view_changes", "")} <= seen
        assert ("view_layer", "roads") not in seen


class TestTable:
    def test_shows_words_for_codes_and_units_in_the_heads(self, reader):
        page = reader.get("/layers/camera_sites").text
        assert all(words in page for words in ("石门路球机", "球机", "故障", "安装高度 (m)", "共 4 条"))
        assert "ptz" not in page and "faulty" not in page

    def test_shows_references_by_name(self, reader):
        assert "上河村" in reader.get("/layers/patrol_units").text

    def test_speaks_english(self, town):
        client = sign_in(town, "reader.e")
        client.post("/language", data={"language": "en", "csrf_token": client.token})
        page = client.get("/layers/camera_sites").text
        assert "Mount height (m)" in page and "Faulty" in page and "4 rows" in page

    def test_searches_names_and_codes_and_takes_no_wildcards(self, own):
        with own.store.change(actor="test") as change:
            change.update("camera_sites", 2, {"code": "32010200001315000007"})
        client = sign_in(own)
        assert "4 条中的 1 条" in client.get("/layers/camera_sites?search=码头").text
        found = client.get("/layers/camera_sites?search=1315000007").text
        assert "河街枪机" in found and "石门路球机" not in found
        for wild in ("%", "_", "' OR 1=1 --"):
            page = client.get("/layers/camera_sites", query_string={"search": wild}).text
            assert "没有符合的记录" in page, wild

    def test_shows_fifty_rows_a_page(self, own):
        lights = [{"name": f"路灯{n:03d}", "geometry": point(n)} for n in range(120)]
        with own.store.change(actor="test") as change:
            change.insert("street_lights", lights)
        client = sign_in(own)
        first, last = (client.get(f"/layers/street_lights?page={n}").text for n in (1, 3))
        assert "路灯000" in first and "路灯049" in first and "路灯050" not in first
        assert "路灯100" in last and "路灯119" in last and "第 3 / 3 页" in last
        assert client.get("/layers/street_lights?page=4").status_code == 400
        assert client.get("/layers/street_lights?page=x").status_code == 400

    def test_all_columns_show_what_the_first_view_leaves_out(self, reader):
        short, full = (reader.get(f"/layers/camera_sites{end}").text for end in ("", "?columns=all"))
        assert "焦距 (mm)" not in short and "焦距 (mm)" in full

    def test_an_empty_layer_says_what_to_do(self, reader):
        page = reader.get("/layers/street_lights").text
        assert "还没有记录" in page and 'href="/import?layer=street_lights"' in page and "新增" in page

    def test_a_layer_that_does_not_exist_is_not_found(self, reader):
        for path in ("/layers/nothing", "/layers/users", "/layers/nothing/1", "/api/v1/layers/users/schema"):
            assert reader.get(path).status_code == 404, path

    def test_a_number_beyond_every_row_is_not_found(self, reader):
        for number in ("999", "999999999999999", "9" * 30):
            for path in (f"/layers/roads/{number}", f"/layers/roads/{number}/delete", f"/changes/{number}"):
                assert reader.get(path).status_code == 404, path

    def test_rows_without_a_name_are_called_by_their_number(self, own):
        with own.store.change(actor="test") as change:
            change.insert("street_lights", [{"geometry": point(1)}])
        assert (
            '<a href="/layers/street_lights/1">编号 1</a>' in sign_in(own).get("/layers/street_lights").text
        )


def point(n):
    from shapely import Point

    return Point(118.78 + n * 1e-5, 32.04)


class TestForm:
    def test_looking_and_saving_changes_nothing(self, own, client):
        before = own.store.revision()
        for name, row in (
            ("camera_sites", 1),
            ("roads", 1),
            ("key_areas", 2),
            ("patrol_units", 3),
            ("villages", 1),
        ):
            answer = send(client, f"/layers/{name}/{row}")
            assert answer.location.endswith("done=unchanged"), (name, answer.status_code, answer.text)
        assert own.store.revision() == before

    def test_a_change_is_stored_under_the_users_name_and_seen_in_the_table(self, own, client):
        answer = send(client, CAMERA, mount_height_m="7.5", status="faulty", village="2", sign_posted="yes")
        assert (answer.status_code, answer.location) == (303, f"{CAMERA}?done=saved")
        row = own.store.frame("camera_sites").loc[1]
        assert (row["mount_height_m"], row["status"], row["village"], row["sign_posted"]) == (
            7.5,
            "faulty",
            2,
            True,
        )
        entry = own.store.changes(layer="camera_sites", row_id=1, limit=1)[0]
        assert (entry.actor, entry.kind) == ("planner.l", "edit")
        page = client.get("/layers/camera_sites").text
        assert "7.5" in page and "下河村" in page

    def test_a_field_is_emptied_by_empty_words(self, own, client):
        send(client, CAMERA, azimuth_deg="")
        assert own.store.frame("camera_sites")["azimuth_deg"].isna()[1]

    def test_a_point_moves_by_its_degrees(self, own, client):
        send(client, CAMERA, lon="118.7805", lat="32.0405")
        place = own.store.frame("camera_sites", crs="wgs84").geometry[1]
        assert (place.x, place.y) == (118.7805, 32.0405)
        page = client.get(CAMERA).text
        # 0.0004 degrees each way at 32° N: 37.8 m east, 44.4 m north, 58 m together
        assert "移动了 58 米" in page

    def test_all_faults_are_told_at_once_and_nothing_is_stored(self, own, client):
        before = own.store.revision()
        answer = send(
            client,
            CAMERA,
            name="",
            mount_height_m="900",
            azimuth_deg="east",
            note="电话 13800138000",
            lon="190",
        )
        assert answer.status_code == 400 and own.store.revision() == before
        wrong = set(re.findall(r'aria-describedby="[^"]*fault-(\w+)"', answer.text))
        assert wrong == {"name", "mount_height_m", "azimuth_deg", "note", "lon"}
        assert "east" in answer.text and "电话号码" in answer.text and "mount_height_m 9" not in answer.text

    def test_a_number_plate_in_a_new_row_is_refused_although_the_store_would_take_it(self, own, client):
        answer = send(client, "/layers/camera_models/new", name="苏A12345")
        assert answer.status_code == 400 and "车牌" in answer.text
        assert own.store.count("camera_models") == 0

    def test_a_home_is_no_place(self, own, client):
        answer = send(client, "/layers/patrol_points/new", name="张三家门口", lon="118.78", lat="32.04")
        assert answer.status_code == 400 and 'id="fault-name"' in answer.text
        assert own.store.count("patrol_points") == 0

    def test_hours_that_cannot_be_read_are_refused_in_chinese(self, client):
        answer = send(client, "/layers/patrol_units/1", shifts="白天")
        assert answer.status_code == 400 and "班次" in answer.text and 'id="fault-shifts"' in answer.text

    def test_a_new_point_is_added(self, own, client):
        answer = send(
            client, "/layers/street_lights/new", name="桥头路灯", lon="118.7801", lat="32.0402", reach_m="12"
        )
        assert answer.status_code == 303
        row = own.store.frame("street_lights", crs="wgs84").iloc[0]
        assert (row["name"], row["reach_m"], row["geometry"].x) == ("桥头路灯", 12.0, 118.7801)
        assert "已新增" in client.get(answer.location).text

    def test_a_new_row_without_a_place_is_added(self, own, client):
        send(
            client,
            "/layers/duty_roles/new",
            name="上河村值班",
            role="cadre",
            village="1",
            hours="18:00-22:00",
        )
        row = own.store.frame("duty_roles").iloc[0]
        assert (row["name"], row["role"], row["village"], row["headcount"]) == ("上河村值班", "cadre", 1, 1)

    def test_lines_and_areas_are_changed_on_the_map_and_not_here(self, client):
        assert client.get("/layers/roads/new").status_code == 404
        assert client.post("/layers/roads/new", data={"csrf_token": client.token}).status_code == 404
        page = client.get("/layers/key_areas/1").text
        # six hundred-thousandths of a degree each way: 56.6 m by 66.5 m
        assert "在地图上修改图形" in page and re.search(r"面积 3,7\d\d 平方米", page)

    def test_without_a_token_nothing_is_stored(self, own, client):
        form = filled(client.get(CAMERA).text) | {"name": "别名", "csrf_token": "wrong"}
        assert client.post(CAMERA, data=form).status_code == 400
        assert own.store.frame("camera_sites").loc[1, "name"] == "石门路球机"

    def test_columns_that_no_form_has_cannot_be_sent(self, own, client):
        send(client, CAMERA, id="99", geometry="POINT(0 0)", created_at="2000-01-01", name="新名")
        row = own.store.frame("camera_sites", crs="wgs84").loc[1]
        assert row["name"] == "新名" and row["geometry"].x > 118


class TestTwoEditors:
    def test_the_second_one_overwrites_nothing_and_sees_both_versions(self, own, client):
        form = filled(client.get(CAMERA).text)
        with own.store.change(actor="other") as change:
            change.update("camera_sites", 1, {"azimuth_deg": 45.0, "status": "faulty"})
        answer = client.post(CAMERA, data=form | {"azimuth_deg": "90", "tilt_deg": "10"})
        assert answer.status_code == 409
        row = own.store.frame("camera_sites").loc[1]
        assert (row["azimuth_deg"], row["status"]) == (45.0, "faulty") and row["tilt_deg"] != 10
        told = re.search(r'<table class="stack clashes">.*?</table>', answer.text, re.DOTALL)[0]
        lines = [re.findall(r"<td[^>]*>(.*?)</td>", one) for one in re.findall(r"<tr.*?</tr>", told)]
        assert ["方位角 (°)", "0", "45", "90"] in lines and ["俯角 (°)", "—", "—", "10"] in lines
        assert ["设备状态", "在用", "故障", "—"] in lines and told.count('class="differs"') == 1

    def test_the_form_then_holds_the_others_changes_and_the_own_ones_on_top(self, own, client):
        form = filled(client.get(CAMERA).text)
        with own.store.change(actor="other") as change:
            change.update("camera_sites", 1, {"status": "faulty"})
        held = client.post(CAMERA, data=form | {"tilt_deg": "10"})
        again = filled(held.text)
        assert (again["status"], again["tilt_deg"]) == ("faulty", "10")
        assert client.post(CAMERA, data=again).status_code == 303
        row = own.store.frame("camera_sites").loc[1]
        assert (row["status"], row["tilt_deg"]) == ("faulty", 10.0)

    def test_a_row_that_is_gone_is_said_to_be_gone(self, own, client):
        form = filled(client.get("/layers/camera_sites/4").text)
        with own.store.change(actor="other") as change:
            change.delete("camera_sites", 4)
        answer = client.post("/layers/camera_sites/4", data=form | {"name": "新名"})
        assert answer.status_code == 409
        assert client.get("/layers/camera_sites/4").status_code == 404

    def test_a_row_that_was_changed_meanwhile_is_not_deleted(self, own, client):
        revision = filled(client.get(CAMERA).text)["revision"]
        with own.store.change(actor="other") as change:
            change.update("camera_sites", 1, {"status": "faulty"})
        answer = client.post(f"{CAMERA}/delete", data={"csrf_token": client.token, "revision": revision})
        assert answer.status_code == 409 and own.store.count("camera_sites") == 4

    def test_a_revision_that_is_none_is_refused(self, client):
        for revision in ("", "x", "-1", "1" * 30):
            form = {"csrf_token": client.token, "revision": revision, "name": "甲"}
            assert client.post(CAMERA, data=form).status_code == 400, revision


class TestDelete:
    def delete(self, client, path):
        revision = re.search(r'name="revision" value="(\d+)"', client.get(f"{path}/delete").text)[1]
        return client.post(f"{path}/delete", data={"csrf_token": client.token, "revision": revision})

    def test_asks_first_and_then_deletes(self, own, client):
        assert (
            "删除“石门路球机”" in client.get(f"{CAMERA}/delete").text and own.store.count("camera_sites") == 4
        )
        answer = self.delete(client, CAMERA)
        assert answer.status_code == 303 and own.store.count("camera_sites") == 3
        assert "已删除" in client.get(answer.location).text

    def test_a_row_that_others_refer_to_stays_and_the_others_are_named(self, own, client):
        answer = self.delete(client, "/layers/villages/1")
        assert answer.status_code == 409 and own.store.count("villages") == 2
        assert "巡逻力量 1, 巡逻力量 2" in answer.text


class TestChanges:
    def test_the_log_says_when_who_what_and_how_many(self, reader):
        page = reader.get("/changes").text
        assert all(words in page for words in ("示例镇", "test", "监控点位 新增 4", "村（社区） 新增 2"))

    def test_a_change_is_shown_before_and_after_and_taken_back(self, own, client):
        send(client, CAMERA, status="faulty", mount_height_m="8")
        batch = own.store.revision()
        page = client.get(f"/changes/{batch}").text
        assert "<del>在用</del>" in page and "<ins>故障</ins>" in page and "<del>6</del>" in page
        assert "<ins>故障</ins>" in client.get(CAMERA).text
        answer = client.post(f"/changes/{batch}/undo", data={"csrf_token": client.token})
        assert answer.status_code == 303
        row = own.store.frame("camera_sites").loc[1]
        assert (row["status"], row["mount_height_m"]) == ("working", 6.0)
        listed = client.get("/changes").text
        assert f"已由改动 {batch + 1} 撤销" in listed and f'action="/changes/{batch}/undo"' not in listed
        # the undo can be undone
        client.post(f"/changes/{batch + 1}/undo", data={"csrf_token": client.token})
        assert own.store.frame("camera_sites").loc[1, "status"] == "faulty"
        assert f'action="/changes/{batch}/undo"' in client.get("/changes").text

    def test_an_undo_in_the_way_of_a_later_edit_is_refused_with_the_row(self, own, client):
        send(client, CAMERA, status="faulty")
        first = own.store.revision()
        send(client, CAMERA, status="offline")
        answer = client.post(f"/changes/{first}/undo", data={"csrf_token": client.token})
        assert answer.status_code == 409 and "监控点位 1" in answer.text
        assert own.store.frame("camera_sites").loc[1, "status"] == "offline"

    def test_the_form_of_a_row_does_not_offer_to_undo_a_whole_import(self, client):
        assert "/undo" not in client.get(CAMERA).text
        send(client, CAMERA, status="faulty")
        assert client.get(CAMERA).text.count("/undo") == 1

    def test_a_batch_that_does_not_exist_is_not_found(self, client):
        assert client.get("/changes/999").status_code == 404
        assert client.post("/changes/999/undo", data={"csrf_token": client.token}).status_code == 400

    def test_an_undo_counts_only_while_it_holds(self):
        assert change_list.undone({}, 1) is None
        assert change_list.undone({1: [2]}, 1) == 2
        assert change_list.undone({1: [2, 4], 2: [3]}, 1) == 4
        assert change_list.undone({1: [2], 2: [3], 3: [4]}, 1) == 2


class TestProposals:
    @pytest.fixture
    def waiting(self, own, small_town):
        shape = small_town["_box"]
        own.store.add_proposals(
            [
                Proposal("key_areas", {"name": "上河小学", "category": "school"}, shape(20, 20), source_id="way/1", reason="amenity=school"),
                Proposal("housing_zones", {"name": "河湾新村", "households": 60}, shape(-30, 20), source_id="way/2", reason="landuse=residential"),
                Proposal("key_areas", {"name": "张三家", "category": "park"}, shape(30, 30), source_id="way/3", reason="leisure=park"),
            ]
        )  # fmt: skip
        return own

    def decide(self, client, **form):
        return client.post("/proposals", data={"csrf_token": client.token, **form})

    def test_are_listed_with_category_reason_and_size(self, waiting, client):
        page = client.get("/proposals").text
        assert all(
            words in page for words in ("上河小学", "学校", "amenity=school", "集中居住区", "有 3 条建议待定")
        )
        assert "平方米" in page and "待定建议 <" in client.get("/layers").text

    def test_the_chosen_ones_are_accepted(self, waiting, client):
        form = {"action": "accept", "chosen-1": "1", "approver": "镇综治办", "review_date": "2027-06-30"}
        assert self.decide(client, **form).status_code == 303
        row = waiting.store.frame("key_areas").iloc[-1]
        assert (row["name"], row["approver"], str(row["review_date"].date())) == (
            "上河小学",
            "镇综治办",
            "2027-06-30",
        )
        assert [one.id for one in waiting.store.proposals()] == [2, 3]

    def test_all_sound_ones_are_accepted_at_once(self, waiting, client):
        answer = self.decide(client, action="accept_all")
        assert "已采纳 2 条" in client.get(answer.location).text
        assert [one.id for one in waiting.store.proposals()] == [3]

    def test_one_against_a_rule_is_refused_with_the_reason(self, waiting, client):
        answer = self.decide(client, **{"action": "accept", "chosen-3": "1"})
        assert answer.status_code == 400 and "张三家" in answer.text
        assert len(waiting.store.proposals()) == 3

    def test_dropped_ones_go(self, waiting, client):
        self.decide(client, **{"action": "drop", "chosen-2": "1"})
        assert [one.id for one in waiting.store.proposals()] == [1, 3]
        self.decide(client, action="drop_all")
        assert waiting.store.proposals() == []
        assert "没有待定的建议" in client.get("/proposals").text

    @pytest.mark.parametrize(
        "form",
        [{"action": "accept"}, {"action": "drop", "chosen-x": "1"}, {"action": "burn", "chosen-1": "1"}, {}, {"action": "accept", "chosen-99": "1"},
         {"action": "accept", "chosen-1": "1", "approver": "13800138000"}, {"action": "accept", "chosen-1": "1", "review_date": "soon"}],
    )  # fmt: skip
    def test_a_form_that_says_nothing_clear_changes_nothing(self, waiting, client, form):
        before = waiting.store.revision()
        answer = self.decide(client, **form)
        assert answer.status_code == 400 and 'role="alert"' in answer.text
        assert waiting.store.revision() == before and len(waiting.store.proposals()) == 3


class TestApi:
    def test_lists_every_layer_with_its_count(self, reader):
        found = reader.get("/api/v1/layers").json["layers"]
        assert [one["name"] for one in found] == list(LAYERS)
        cameras = next(one for one in found if one["name"] == "camera_sites")
        assert cameras == {"name": "camera_sites", "title_zh": "监控点位", "title_en": "Camera sites", "geometry": "point", "count": 4, "sensitive": True}  # fmt: skip

    @pytest.mark.parametrize("name", sorted(LAYERS))
    def test_the_schema_of_every_layer_is_one(self, reader, name):
        answer = reader.get(f"/api/v1/layers/{name}/schema")
        assert answer.mimetype == "application/schema+json"
        assert answer.json["$schema"].startswith("https://json-schema.org/")
        assert set(LAYERS[name].column_names) <= set(answer.json["properties"])

    def test_the_schema_speaks_the_users_language(self, reader):
        assert reader.get("/api/v1/layers/roads/schema").json["title"] == "道路"


class TestRoles:
    PAGES = ("/layers", "/changes", "/proposals", "/api/v1/layers")

    def test_an_inspector_reads_and_exports_but_changes_nothing(self, own):
        client = sign_in(own, "inspector.l", "inspector")
        for name in LAYERS:
            page = client.get(f"/layers/{name}").text
            assert "/new" not in page, name
        page = client.get(CAMERA).text
        assert (
            "石门路球机" in page
            and "<textarea" not in page
            and "row-form" not in page
            and "/delete" not in page
        )
        assert client.get("/layers/camera_sites/export.xlsx").status_code == 200
        before = own.store.revision()
        token = {"csrf_token": client.token, "revision": "1", "name": "甲", "action": "accept_all"}
        for path in (
            CAMERA,
            f"{CAMERA}/delete",
            "/layers/street_lights/new",
            "/changes/1/undo",
            "/proposals",
        ):
            assert client.post(path, data=token).status_code == 403, path
        assert client.get("/layers/street_lights/new").status_code == 403
        assert own.store.revision() == before and "/undo" not in client.get("/changes").text

    def test_a_cadre_opens_none_of_these_pages_for_any_layer(self, own):
        client = sign_in(own, "cadre.l", "cadre", villages=[1])
        paths = [*self.PAGES, CAMERA, "/changes/1"]
        for name in LAYERS:
            paths += [f"/layers/{name}", f"/layers/{name}/template.xlsx", f"/layers/{name}/export.xlsx", f"/api/v1/layers/{name}/schema"]  # fmt: skip
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 403, path
            assert "石门路球机" not in answer.text and "摄像" not in answer.text

    def test_nobody_who_is_not_logged_in_learns_of_a_layer(self, town):
        client = create_app(town).test_client()
        known, unknown = (client.get(f"/layers/{name}") for name in ("villages", "nothing"))
        assert (known.status_code, unknown.status_code) == (303, 303)
        assert client.get("/api/v1/layers/villages/schema").status_code == 401

    def test_a_reader_without_sensitive_layers_finds_none_of_them(self, own, monkeypatch):
        from geo_service.web import access

        rights = access.ROLE_PERMISSIONS | {"inspector": frozenset({access.Permission.SIGNED_IN, access.Permission.SEE_LAYERS, access.Permission.EXPORT})}  # fmt: skip
        monkeypatch.setattr(access, "ROLE_PERMISSIONS", rights)
        client = sign_in(own, "inspector.s", "inspector")
        listed = {one["name"] for one in client.get("/api/v1/layers").json["layers"]}
        assert listed == {name for name, one in LAYERS.items() if not one.sensitive}
        for name, one in LAYERS.items():
            for path in (f"/layers/{name}", f"/layers/{name}/export.xlsx", f"/api/v1/layers/{name}/schema"):
                assert client.get(path).status_code == (404 if one.sensitive else 200), path
        assert "监控点位" not in client.get("/layers").text and client.get("/changes").status_code == 403


class TestViewModels:
    def test_a_page_behind_the_last_one_does_not_exist(self, town):
        with pytest.raises(InputError, match="no page 2"):
            layer_rows.table_page(town.store, layer("villages"), "en", page=2)

    def test_a_town_without_a_position_says_so_instead_of_failing(self, empty_town):
        client = sign_in(empty_town)
        assert "还没有位置" in client.get("/layers").text
        answer = send(client, "/layers/street_lights/new", name="甲", lon="118.78", lat="32.04")
        assert answer.status_code == 400 and empty_town.store.count("street_lights") == 0
        assert send(client, "/layers/camera_models/new", name="球机甲").status_code == 303

    @pytest.mark.parametrize(("words", "page"), [(None, 1), ("", 1), ("7", 7)])
    def test_the_number_of_a_page_is_read(self, words, page):
        assert layer_rows.read_page(words) == page

    @pytest.mark.parametrize("words", ["0", "-1", "x", "1" * 9, "²"])
    def test_what_is_no_number_of_a_page_is_refused(self, words):
        with pytest.raises(InputError):
            layer_rows.read_page(words)
