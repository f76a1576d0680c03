"""Importing on pages: what a file is taken for, its faults by cell, storing, refusals that leave the store as it was."""

import csv
import io
import re
import zipfile
from http.client import HTTPConnection

import openpyxl
import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from geo_service import jobs
from geo_service.imports import template_workbook, uploaded
from geo_service.imports.guesses import guess_file
from geo_service.imports.osm import import_osm
from geo_service.imports.uploads import Uploads
from geo_service.web import create_app
from geo_service.web.bodies import allowed_bytes
from geo_service.web.security import MAX_REQUEST_BYTES

PASSWORD = "Shi-men-2026"
# a title row, a group row, the header, three cameras, a sum: 石门路 is swapped, 河街 has a wild height
SHEET = (
    ("石门镇监控台账", None, None, None),
    ("位置(GCJ-02)", None, "设备", None),
    ("经度", "纬度", "点位名称", "安装高度"),
    (118.78512, 32.03812, "码头", 6),
    (32.03912, 118.78612, "石门路", 6),
    (118.78553, 32.03853, "河街", 600),
    ("合计", None, None, None),
)


def book(rows=SHEET, title="台账"):
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def sign_in(workspace, role="planner"):
    name = f"{role}.i"
    if workspace.accounts.find(name) is None:
        scope = {"villages": [1]} if role == "cadre" else {}
        workspace.accounts.create_user(name, role=role, password=PASSWORD, **scope)
    client = create_app(workspace).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": name, "password": PASSWORD, "csrf_token": token})
    client.token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password").text)[1]
    return client


def send(client, content, name="台账.xlsx", layer="camera_sites"):
    data = {"csrf_token": client.token, "layer": layer, "file": FileStorage(io.BytesIO(content), name)}
    # encoded here: the client would leave a temporary file open for what is large
    stream, _, boundary = stream_encode_multipart(data, use_tempfile=False)
    return client.post(
        "/import", data=stream.read(), content_type=f"multipart/form-data; boundary={boundary}"
    )


HALF = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"名称": "A\\ud800B"}, "geometry": {"type": "Point", "coordinates": [118.78, 32.04]}}]}'


def test_half_a_pair_of_surrogates_in_a_file_is_a_sign_that_cannot_be_shown(town):
    # JSON can write it, UTF-8 and the store cannot: it ended in an error of ours, and the file stayed behind
    client = sign_in(town)
    answer = send(client, HALF.encode(), name="点位.geojson")
    assert answer.status_code == 303, answer.text
    assert "A?B" in client.get(answer.headers["Location"]).text


def test_a_file_whose_reading_ends_in_an_error_of_ours_does_not_stay_behind(town, monkeypatch):
    client = sign_in(town)
    before = set(Uploads(town).folder.glob("*"))
    monkeypatch.setattr(uploaded, "guess_file", lambda *_, **__: 1 / 0)
    assert send(client, book()).status_code == 500
    assert set(Uploads(town).folder.glob("*")) == before


def filled(page):
    """What a browser would send of the form of an upload as it is shown."""
    form = re.search(r'<form[^>]* id="import-form".*?</form>', page, re.DOTALL)[0]
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        sent[name] = chosen[1]
    return sent


def post(client, path, **changes):
    upload = path.rpartition("/")[0]
    return client.post(path, data=filled(client.get(upload).text) | changes)


def faults(page):
    """Cell and severity of each fault that a page shows."""
    table = re.search(r'id="fault-table".*?</table>', page, re.DOTALL)[0]
    return re.findall(r'<td class="cell">([^<]+)</td>.*?<span class="tag (\w+)">', table, re.DOTALL)


def work(workspace):
    """Run all jobs that wait."""
    ended = []
    while waiting := jobs.listing(workspace, states=["queued"]):
        ended.append(jobs.run_now(workspace, waiting[-1].id))
    return ended


@pytest.fixture
def client(empty_town):
    return sign_in(empty_town)


@pytest.fixture
def own(tmp_path, small_town):
    with small_town["build"](tmp_path / "own") as workspace:
        yield workspace


class TestSending:
    def test_a_ledger_is_checked_at_once_and_nothing_is_stored(self, empty_town, client):
        """Row 5 has its coordinates exchanged, and cell D6 holds 600 m, at which no camera hangs."""
        answer = send(client, book())
        assert (answer.status_code, answer.location) == (303, "/imports/1#result")
        page = client.get("/imports/1").text
        assert sorted(faults(page)) == [("A5", "refused_row"), ("D6", "refused_cell")]
        assert "GCJ-02" in page and "单元格 A2 写明 GCJ-02" in page
        assert empty_town.store.count("camera_sites") == 0

    def test_sheet_header_and_columns_are_named_with_their_reason(self, client):
        send(client, book())
        page = client.get("/imports/1").text
        chosen = filled(page)
        assert (chosen["sheet"], chosen["header_row"], chosen["datum"]) == ("台账", "3", "gcj02")
        assert [chosen[f"column-{at}"] for at in range(4)] == ["lon", "lat", "name", "mount_height_m"]
        assert "只有这一个有数据" in page and "“点位名称”是它的别名" in page

    def test_a_file_whose_datum_nobody_says_waits_for_a_choice(self, empty_town, client):
        rows = [("经度", "纬度", "名称"), (118.785, 32.038, "码头")]
        assert send(client, book(rows)).location == "/imports/1"
        assert "请选择坐标系" in client.get("/imports/1").text
        assert post(client, "/imports/1/check").status_code == 400
        assert post(client, "/imports/1/check", datum="wgs84").status_code == 303
        assert Uploads(empty_town).get(1).report["inserted"] == 1

    def test_roads_of_the_town_tell_the_datum(self, own):
        """石门路 runs along 32.04 N: ten points on it, 18 m apart, as an Amap ledger writes them."""
        from geo_service.imports.datums import wgs84_to_gcj02

        lon = [118.777 + 0.0006 * at for at in range(10)]
        x, y = wgs84_to_gcj02(lon, [32.04] * 10)
        rows = [
            ("经度", "纬度", "名称"),
            *((float(a), float(b), f"{n}号") for n, (a, b) in enumerate(zip(x, y, strict=True))),
        ]
        path = own.folder / "台账.xlsx"
        path.write_bytes(book(rows))
        guess = guess_file(path, "camera_sites", store=own.store)
        assert guess.datum == "gcj02" and "along the roads" in str(guess.datum_why)

    @pytest.mark.parametrize(
        ("name", "content", "layer"),
        [
            ("a.pdf", b"%PDF-1.7 hello", "camera_sites"),
            ("a.xlsx", b"PK\x03\x04 cut off", "camera_sites"),
            ("a.csv", b"", "camera_sites"),
            ("a.html", b"<html><table><tr><td>x</td></tr></table></html>", "camera_sites"),
            ("a.osm", b"<osmChange></osmChange>", "osm"),
            ("a.xlsx", book(), "osm"),
            ("a.xlsx", book(), "terrain"),
            ("a.xlsx", book(), "no_such_layer"),
            ("../../../town.db", b"\x00\x01\x02\x03" * 50, "camera_sites"),
        ],
    )  # fmt: skip
    def test_a_wrong_file_gets_one_message_and_leaves_nothing(self, empty_town, client, name, content, layer):
        revision = empty_town.store.revision()
        answer = send(client, content, name, layer)
        message = re.search(r'<div class="fault" role="alert">(.*?)</div>', answer.text, re.DOTALL)
        assert answer.status_code == 400 and message[1].count("<p>") == 1
        assert not re.search(r"[0-9a-f]{32}", message[1]), (
            "our own name of the file means nothing to its sender"
        )
        assert empty_town.store.revision() == revision and Uploads(empty_town).listing() == ([], 0)
        folder = empty_town.folder / "uploads"
        assert not folder.exists() or list(folder.iterdir()) == []

    def test_a_zip_bomb_is_refused(self, empty_town, client):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.shp", b"\0" * 30_000_000)
        assert send(client, target.getvalue(), "a.zip").status_code == 400
        assert list((empty_town.folder / "uploads").iterdir()) == []

    def test_lists_of_persons_are_refused_and_not_kept(self, empty_town, client):
        rows = [("姓名", "身份证号", "经度", "纬度"), ("张三", "320102199001011234", 118.78, 32.04)]
        answer = send(client, book(rows), "张三13800138000.xlsx")
        assert (answer.status_code == 400 and "只保存地点" in answer.text) or "人员" in answer.text
        assert list((empty_town.folder / "uploads").iterdir()) == []
        entry = empty_town.store.audit_entries(action="upload_refused", limit=1)[0]
        assert "13800138000" not in entry.target

    def test_a_form_without_a_file_says_so(self, client):
        answer = client.post("/import", data={"csrf_token": client.token, "layer": "camera_sites"})
        assert answer.status_code == 400 and "请先选择文件" in answer.text

    def test_hostile_names_are_shown_as_words(self, client):
        send(client, book(), "<img src=x onerror=alert(1)>{{7*7}}.xlsx")
        page = client.get("/imports/1").text
        assert "<img src=x" not in page and "{{7*7}}" in page


class TestLimits:
    def test_only_the_upload_takes_more_than_a_form(self, empty_town, client):
        big = "x" * (MAX_REQUEST_BYTES + 10)
        assert client.post("/imports/1/check", data={"csrf_token": client.token, "x": big}).status_code == 413
        assert send(client, big.encode(), "a.csv").status_code == 400

    def test_the_server_reads_large_bodies_of_logged_in_users_alone(self, empty_town, client):
        app = client.application
        cookie = "geo_service=" + client.get_cookie("geo_service").value
        asked = {"method": "POST", "path": "/import"}
        assert allowed_bytes(app, **asked, cookies=cookie) > 1_000_000_000
        for other in ("", "geo_service=forged", "a=b"):
            assert allowed_bytes(app, **asked, cookies=other) == MAX_REQUEST_BYTES
        assert allowed_bytes(app, method="POST", path="/login", cookies=cookie) == MAX_REQUEST_BYTES

    def test_a_file_beyond_the_limit_of_tables_is_refused_with_its_size(
        self, tmp_path, monkeypatch, small_town
    ):
        from geo_service.workspace import Workspace

        Workspace.create(tmp_path / "w").close()
        monkeypatch.setenv("GEO_SERVICE_UPLOAD_MAX_MB", "1")
        with Workspace.open(tmp_path / "w") as workspace:
            client = sign_in(workspace)
            answer = send(client, b"a,b\n" + b"1,2\n" * 300_000, "a.csv")
            assert answer.status_code == 400 and "1 MB" in answer.text
            assert list((workspace.folder / "uploads").iterdir()) == []


class TestCorrecting:
    def test_another_header_row_gives_other_columns(self, client):
        send(client, book())
        assert post(client, "/imports/1/read", header_row="4").status_code == 303
        page = client.get("/imports/1").text
        assert filled(page)["header_row"] == "4" and "118.78512" in page

    def test_a_corrected_mapping_is_what_is_stored(self, empty_town, client):
        """The heights stand under 点位名称 and the names under 安装高度: exchanged by hand they come out right."""
        rows = [("经度", "纬度", "安装高度", "点位名称"), (118.785, 32.038, "码头", 6.0)]
        send(client, book(rows))
        post(client, "/imports/1/check", datum="wgs84", **{"column-2": "name", "column-3": "mount_height_m"})
        post(client, "/imports/1/store", datum="wgs84")
        assert [one.state for one in work(empty_town)] == ["done"]
        row = empty_town.store.frame("camera_sites", crs="wgs84").iloc[0]
        assert (row["name"], row["mount_height_m"]) == ("码头", 6.0)

    def test_one_column_of_ours_is_taken_once(self, client):
        send(client, book())
        answer = post(client, "/imports/1/check", **{"column-0": "name"})
        assert answer.status_code == 400 and "选了两次" in answer.text

    def test_a_column_that_is_left_out_stays_empty(self, empty_town, client):
        send(client, book())
        post(client, "/imports/1/check", **{"column-3": ""})
        post(client, "/imports/1/store", **{"column-3": ""})
        work(empty_town)
        assert empty_town.store.frame("camera_sites")["mount_height_m"].isna().all()

    def test_a_wrong_datum_is_warned_of(self, own):
        """The cameras of the small town lie on its roads in WGS-84: read as BD-09 they lie some kilometre off."""
        client = sign_in(own)
        lon = [118.777 + 0.0006 * at for at in range(10)]
        rows = [("经度", "纬度", "名称"), *((one, 32.04, f"{n}号") for n, one in enumerate(lon))]
        send(client, book(rows))
        post(client, "/imports/1/check", datum="bd09")
        page = client.get("/imports/1").text
        assert re.search(r"很可能是 ?wgs84|WGS-84", faults_text(page))


def faults_text(page):
    return re.search(r'id="fault-table".*?</table>', page, re.DOTALL)[0]


class TestStoring:
    def test_rows_record_and_batch_are_written_together_and_the_file_goes(self, empty_town, client):
        send(client, book())
        answer = post(client, "/imports/1/store")
        assert answer.location == "/jobs/1"
        assert [one.result_url for one in work(empty_town)] == ["/imports/1"]
        upload = Uploads(empty_town).get(1)
        assert (upload.state, upload.path, upload.batch) == ("stored", None, empty_town.store.revision())
        assert empty_town.store.count("camera_sites") == 2
        assert list((empty_town.folder / "uploads").iterdir()) == []
        page = client.get("/imports/1").text
        assert f'href="/changes/{upload.batch}"' in page and ("A5", "refused_row") in faults(page)

    def test_storing_twice_stores_once(self, empty_town, client):
        send(client, book())
        first = post(client, "/imports/1/store").location
        assert client.post("/imports/1/store", data={"csrf_token": client.token}).status_code == 400
        work(empty_town)
        again = jobs.submit(empty_town, "import", actor="planner.i", options={"upload": 1})
        assert jobs.run_now(empty_town, again).state == "done" and first == "/jobs/1"
        assert empty_town.store.count("camera_sites") == 2

    def test_a_store_that_is_killed_leaves_the_file_as_not_stored(self, empty_town, client, monkeypatch):
        """The record is written inside the transaction of the rows: what breaks there breaks both."""
        send(client, book())
        upload = Uploads(empty_town).get(1)
        monkeypatch.setattr(uploaded, "write", lambda *_args, **_values: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            uploaded.store(empty_town, upload, actor="planner.i")
        after = Uploads(empty_town).get(1)
        assert after.is_open and after.state == "checked" and empty_town.store.count("camera_sites") == 0

    def test_nothing_is_stored_while_rows_are_refused_where_so_chosen(self, empty_town, client):
        send(client, book())
        post(client, "/imports/1/store", faulty_rows="refuse")
        work(empty_town)
        assert empty_town.store.count("camera_sites") == 0 and Uploads(empty_town).get(1).state == "checked"

    def test_an_undo_takes_the_batch_back(self, empty_town, client):
        send(client, book())
        post(client, "/imports/1/store")
        work(empty_town)
        batch = Uploads(empty_town).get(1).batch
        assert client.post(f"/changes/{batch}/undo", data={"csrf_token": client.token}).status_code == 303
        assert empty_town.store.count("camera_sites") == 0

    def test_a_file_that_is_thrown_away_is_gone_and_stays_in_the_list(self, empty_town, client):
        send(client, book())
        client.post("/imports/1/discard", data={"csrf_token": client.token})
        assert list((empty_town.folder / "uploads").iterdir()) == []
        assert "已丢弃" in client.get("/imports").text
        assert client.post("/imports/1/store", data={"csrf_token": client.token}).status_code == 400

    def test_files_that_nobody_stored_go_after_their_days(self, empty_town, client):
        from sqlalchemy import text

        send(client, book())
        with empty_town.store.writing() as connection:
            connection.execute(text("UPDATE imports SET at = '2020-01-01 00:00:00.000000'"))
        Uploads(empty_town).sweep()
        assert list((empty_town.folder / "uploads").iterdir()) == []
        assert "文件已清除" in client.get("/imports").text and "30 天" in client.get("/imports/1").text

    def test_the_same_file_again_is_said_to_be_there(self, empty_town, client):
        content = book()  # a second one would be a second younger, and another file
        for _ in range(2):
            send(client, content)
        post(client, "/imports/1/store")
        work(empty_town)
        assert "同一文件此前已入库" in client.get("/imports/2").text

    def test_lists_do_not_read_the_faults_of_every_file(self, empty_town, client):
        uploads = Uploads(empty_town)
        send(client, book())
        told = uploads.get(1).report
        assert told["faults"]
        (listed,), total = uploads.listing()
        assert total == 1 and listed.report == {
            key: one for key, one in told.items() if key not in ("faults", "skipped_rows")
        }
        # Python writes and reads NaN in JSON, others do not
        uploads.change(1, report=told | {"shift": float("nan")})
        assert client.get("/imports").status_code == 200 == client.get("/import").status_code

    def test_a_worker_that_is_quicker_than_the_page_is_no_fault(self, empty_town, client, monkeypatch):
        send(client, book())
        submit = jobs.submit

        def at_once(workspace, kind, **options):
            number = submit(workspace, kind, **options)
            jobs.run_now(workspace, number)
            return number

        monkeypatch.setattr(jobs, "submit", at_once)
        assert post(client, "/imports/1/store").location == "/jobs/1"
        assert Uploads(empty_town).get(1).state == "stored"


class TestReport:
    def test_the_marked_table_keeps_addresses_and_can_be_imported_again(self, client):
        send(client, book())
        made = openpyxl.load_workbook(io.BytesIO(client.get("/imports/1/faults.xlsx").data))
        sheet = made["台账"]
        assert "填反" in sheet["A5"].comment.text and sheet["C4"].value == "码头"

    def test_after_storing_the_list_of_faults_stays(self, empty_town, client):
        send(client, book())
        post(client, "/imports/1/store")
        work(empty_town)
        made = openpyxl.load_workbook(io.BytesIO(client.get("/imports/1/faults.xlsx").data))
        assert [row[0].value for row in made.worksheets[0].iter_rows(min_row=2)] == ["A5", "D6"]

    def test_the_map_holds_good_rows_and_a_swapped_one_where_it_would_lie(self, client):
        """码头 is sound; 石门路 stands at 32.03912 N 118.78612 E less the shift of GCJ-02, about 0.005 degrees."""
        send(client, book())
        data = client.get("/imports/1/map/import_rows.json").json
        assert sorted((one[0], one[1]) for one in data["features"]) == [
            (4, "sound"),
            (5, "refused"),
            (6, "warning"),
        ]
        assert (
            abs(data["origin"][0] / 1e6 - 118.780) < 0.002 and abs(data["origin"][1] / 1e6 - 32.0405) < 0.002
        )

    def test_every_step_is_in_the_audit_record(self, empty_town, client):
        send(client, book())
        post(client, "/imports/1/store")
        actions = [one.action for one in empty_town.store.audit_entries(actor="planner.i", limit=20)]
        assert {"upload", "import"} <= set(actions)

    def test_templates_of_all_layers_are_on_the_page_and_come_back_in(self, client):
        page = client.get("/import").text
        assert page.count("template.xlsx") >= 20
        answer = send(client, template_workbook("street_lights", "zh"), "路灯.xlsx", "street_lights")
        assert answer.status_code in {303, 400}


class TestOsm:
    XML = b"""<?xml version="1.0"?><osm version="0.6">
      <node id="1" lat="32.040" lon="118.780" version="1"/><node id="2" lat="32.041" lon="118.781" version="1"/>
      <node id="3" lat="32.041" lon="118.780" version="1"><tag k="amenity" v="school"/><tag k="name" v="\xe7\x9f\xb3\xe9\x97\xa8\xe5\xb0\x8f\xe5\xad\xa6"/></node>
      <way id="10" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
      <way id="11" version="1"><nd ref="1"/><nd ref="99"/><tag k="highway" v="residential"/></way></osm>"""

    def test_a_map_is_checked_without_being_stored_then_stored_with_its_proposals(self, empty_town, client):
        assert send(client, self.XML, "town.osm", "camera_sites").location == "/imports/1#result"
        upload = Uploads(empty_town).get(1)
        assert (upload.layer, upload.report["inserted"], upload.report["proposed"]) == ("osm", 1, 1)
        assert empty_town.store.count("roads") == 0 and empty_town.store.town.epsg is None
        assert ("way/11", "refused_row") in faults(client.get("/imports/1").text)
        assert client.get("/imports/1/map/file_roads.json").json["features"]
        post(client, "/imports/1/store")
        assert [one.kind for one in work(empty_town)] == ["import_osm"]
        assert empty_town.store.count("roads") == 1 and len(empty_town.store.proposals()) == 1


class TestProposals:
    @pytest.fixture
    def waiting(self, empty_town, tmp_path):
        path = tmp_path / "town.osm"
        path.write_bytes(TestOsm.XML)
        import_osm(empty_town.store, path, actor="test")
        return empty_town

    def test_the_map_has_what_the_list_has(self, waiting):
        client = sign_in(waiting)
        data = client.get("/api/v1/map-proposals.json").json
        assert [(one[0], one[1], one[4][0]) for one in data["features"]] == [(1, "key_areas", "石门小学")]
        assert client.get("/api/v1/map-proposals.json?layer=housing_zones").json["features"] == []

    def test_one_is_accepted_by_its_own_button(self, waiting):
        client = sign_in(waiting)
        answer = client.post("/proposals", data={"csrf_token": client.token, "action": "accept-1"})
        assert answer.status_code == 303 and waiting.store.count("key_areas") == 1

    def test_all_of_one_layer_leaves_the_others(self, waiting):
        client = sign_in(waiting)
        sent = {"csrf_token": client.token, "action": "drop_all", "layer": "housing_zones"}
        client.post("/proposals", data=sent)
        assert len(waiting.store.proposals()) == 1


class TestGuide:
    def test_an_empty_workspace_leads_to_the_first_import_and_offers_the_sample(self, client):
        page = client.get("/").text
        assert 'href="/import?layer=osm"' in page and 'action="/sample"' in page and "已完成 0/6" in page

    def test_a_town_with_rows_takes_no_sample(self, own):
        client = sign_in(own)
        answer = client.post("/sample", data={"csrf_token": client.token})
        assert answer.status_code == 400 and "空白系统" in answer.text
        assert 'action="/sample"' not in client.get("/").text

    def test_a_backup_that_waits_hides_no_step(self, empty_town, client):
        jobs.submit(empty_town, "backup", actor="system")
        page = sign_in(empty_town, "admin").get("/").text
        assert page.count('class="button main" href="/import?layer=osm"') == 1 and 'action="/sample"' in page

    def test_steps_are_ticked_off(self, empty_town, client, tmp_path):
        path = tmp_path / "town.osm"
        path.write_bytes(TestOsm.XML)
        import_osm(empty_town.store, path, actor="test")
        page = client.get("/").text
        assert "已完成 1/6" in page and "有 1 项建议待确认" in page and 'action="/sample"' not in page

    def test_readers_see_no_guide_and_every_empty_page_says_what_is_next(self, empty_town, client):
        inspector = sign_in(empty_town, "inspector")
        assert "guide-head" not in inspector.get("/").text
        for path in ("/gaps", "/patrol", "/layers", "/proposals", "/layers/camera_sites"):
            page = client.get(path).text
            assert re.search(r'class="(card )?empty"|class="notice"', page), path
            assert 'href="/import' in page or 'href="/"' in page, path

    @pytest.mark.slow
    def test_the_sample_town_comes_by_a_job_with_all_its_results(self, empty_town, client):
        assert client.post("/sample", data={"csrf_token": client.token}).location == "/jobs/1"
        assert [one.state for one in work(empty_town)] == ["done"]
        assert all(empty_town.store.latest_result(kind) for kind in ("coverage", "gaps", "patrol"))


def test_inspectors_and_cadres_find_no_import(own):
    planner = sign_in(own)
    send(planner, book())
    for role in ("inspector", "cadre"):
        client = sign_in(own, role)
        for path in ("/import", "/imports", "/imports/1", "/imports/999", "/imports/1/map/import_rows.json"):
            assert client.get(path).status_code == 403, (role, path)
        assert send(client, book()).status_code == 403
    assert len(list((own.folder / "uploads").iterdir())) == 1


@pytest.mark.slow
def test_the_server_takes_a_large_upload_and_no_large_form(empty_town, client):
    """Over a real socket: a megabyte of CSV passes to the page, the same to the log-in is cut off with 413."""
    import threading

    from geo_service.web.server import Server

    server = Server(empty_town, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        cookie = "geo_service=" + client.get_cookie("geo_service").value
        body = (
            (
                f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{client.token}\r\n'
                '--b\r\nContent-Disposition: form-data; name="layer"\r\n\r\ncamera_sites\r\n'
                '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            ).encode()
            + b"lon,lat,name\n"
            + b"118.78,32.04,x\n" * 70_000
            + b"\r\n--b--\r\n"
        )
        told = {}
        for path in ("/import", "/login"):
            connection = HTTPConnection("127.0.0.1", server.effective_port, timeout=60)
            headers = {"Cookie": cookie, "Content-Type": "multipart/form-data; boundary=b"}
            connection.request("POST", path, body, headers)
            told[path] = connection.getresponse().status
            connection.close()
        assert told == {"/import": 303, "/login": 413}
    finally:
        server.stop()
        thread.join(timeout=15)
        server.close()


@pytest.mark.real_data
class TestRealLedger:
    def test_all_known_faults_are_shown_at_their_cells(self, empty_town, client, real_data):
        """The list counts 序号, three rows above the data; what it calls usable must come in, with or without a warning."""
        import_osm(empty_town.store, real_data / "nanjing-xinjiekou.osm", actor="test")
        send(client, (real_data / "nanjing-cameras-ledger.xlsx").read_bytes(), "台账.xlsx")
        report = Uploads(empty_town).get(1).report
        titles = {"朝向": "H", "经度": "D", "纬度": "E", "设备编码": "B", "水平视场角": "J", "分辨率": "K"}
        with (real_data / "nanjing-cameras-faults.csv").open(encoding="utf-8") as source:
            known = list(csv.DictReader(source))
        assert len(known) == 35
        shown = {(one["cell"]): one["severity"] for one in report["faults"]}
        expected = {
            f"{titles[one['column']]}{int(one['row']) + 3}" for one in known if "usable" not in one["fault"]
        }
        assert {cell for cell in expected if cell not in shown} == set()
        assert (report["rows"], report["refused"], report["inserted"], report["fault_count"]) == (
            160,
            8,
            152,
            27,
        )
        page = client.get("/imports/1").text
        assert {cell for cell, _ in faults(page)} == set(shown) and len(faults(page)) == 27
        assert 'class="stage dry-run' in page
