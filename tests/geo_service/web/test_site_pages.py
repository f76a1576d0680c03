"""Claims about the pages of planned sites: who may see and act, the way of a site, its notice, what it never keeps."""

import datetime as dt
import io
import re

import openpyxl
import pytest

from geo_service import sites
from geo_service.analysis.law import compute_law
from geo_service.web import create_app

PASSWORD = "Shi-men-2026"
NOW = dt.datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - the station's time
SITE = 4
NOTICE = {
    "purpose": "public_order", "place": "石门路旁", "unit": "石门镇人民政府", "phone": "025-8400 0110",
    "object_at": "石门镇综治中心", "notice_from": "2026-11-10", "notice_until": "2026-11-17",
}  # fmt: skip


@pytest.fixture
def station(tmp_path, small_town):
    with small_town["build"](tmp_path / "station", results=False) as workspace:
        yield workspace


class Reader:
    """A browser of one role."""

    def __init__(self, workspace, role="planner"):
        if not any(one.name == f"{role}.a" for one in workspace.accounts.users()):
            workspace.accounts.create_user(
                f"{role}.a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        app = create_app(workspace)
        app.config["NOW"] = lambda: NOW
        self.client = app.test_client()
        self.send("/login", name=f"{role}.a", password=PASSWORD)

    def get(self, path):
        return self.client.get(path)

    def send(self, path, **form):
        page = self.client.get("/login" if path == "/login" else "/account").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return self.client.post(path, data={**form, "csrf_token": token})


def test_a_site_is_led_from_plan_to_use_by_its_page(station):
    reader = Reader(station)
    assert "填写公示内容" in reader.get("/sites").text
    assert reader.send(f"/sites/{SITE}/notice", act="prepare", **NOTICE).status_code == 303
    assert "样稿" not in reader.get(f"/sites/{SITE}").text
    assert reader.send(f"/sites/{SITE}/notice", act="notify", **NOTICE).status_code == 303
    page = reader.get(f"/sites/{SITE}").text
    assert "登记异议已处理" in page and "planner.a" in page
    sent = {"received_on": "2026-11-12", "place": "石门路", "concern": "private_ground", "objections": "2"}
    assert reader.send(f"/sites/{SITE}/objections", **sent).status_code == 303
    row = sites.site_of(station.store, SITE).objections[0].id
    settled = reader.send(f"/sites/{SITE}/objections/{row}", outcome="adopted", settled_on="2026-11-18")
    assert settled.status_code == 303
    for state, day in (("objections_handled", "2026-11-18"), ("built", "2026-11-22")):
        assert reader.send(f"/sites/{SITE}/step", state=state, day=day).status_code == 303
    assert sites.site_of(station.store, SITE).state == "built"
    assert "备案" in reader.get(f"/sites/{SITE}").text
    assert reader.send(f"/sites/{SITE}/back").status_code == 303
    assert sites.site_of(station.store, SITE).state == "objections_handled"
    done = [one.action for one in station.store.audit_entries(limit=30)]
    assert done.count("change") >= 6 and "view_sites" in done


def test_what_is_wrong_stands_on_the_page_and_nothing_is_stored(station):
    reader = Reader(station)
    revision = station.store.revision()
    for changed, words in (
        ({"phone": "13800138000"}, "手机号属于个人"),
        ({"notice_until": "2026-11-12"}, "公示不得少于 7 日"),
        ({"notice_from": "昨天"}, "昨天"),
        ({"place": "张三家门口"}, "住处"),
    ):
        answer = reader.send(f"/sites/{SITE}/notice", act="notify", **{**NOTICE, **changed})
        assert answer.status_code == 400
        assert words in answer.text
        assert "石门镇综治中心" in answer.text  # what was typed stays
    assert station.store.revision() == revision


def test_the_place_of_an_objection_is_chosen_and_never_typed(station):
    reader = Reader(station)
    reader.send(f"/sites/{SITE}/notice", act="notify", **NOTICE)
    page = reader.get(f"/sites/{SITE}").text
    form = page[page.index("/objections") : page.index("登记异议</button>")]
    assert re.findall(r'<input[^>]+type="text"|<textarea', form) == []
    sent = {"received_on": "2026-11-12", "concern": "other", "objections": "1"}
    assert reader.send(f"/sites/{SITE}/objections", place="河边王某", **sent).status_code == 400
    assert reader.send(f"/sites/{SITE}/objections", place="点位处", **sent).status_code == 303
    late = {**sent, "received_on": "2026-11-24"}
    assert reader.send(f"/sites/{SITE}/objections", place="点位处", **late).status_code == 400


def test_notices_are_prepared_for_many_at_once(station):
    with station.store.change(actor="test") as change:
        place = station.store.frame("camera_sites", ids=[SITE], crs="wgs84").geometry.iloc[0]
        (other,) = change.insert("camera_sites", [{"name": "拟建二", "status": "planned", "geometry": place}])
    reader = Reader(station)
    shared = {name: value for name, value in NOTICE.items() if name != "place"}
    assert reader.send("/sites", act="prepare", **shared).status_code == 400
    assert reader.send("/sites", act="prepare", site=[SITE, other], **shared).status_code == 303
    found = sites.list_sites(station.store)
    assert [(one.state, one.missing, one.notice["place"]) for one in found] == [
        ("planned", (), "石门路旁")
    ] * 2
    made = reader.get("/sites/notices.pdf")
    assert made.mimetype == "application/pdf" and made.data.startswith(b"%PDF")
    assert "print_notice" in [one.action for one in station.store.audit_entries(limit=5)]


def test_inspectors_read_and_cadres_see_nothing(station):
    planner = Reader(station)
    planner.send(f"/sites/{SITE}/notice", act="notify", **NOTICE)
    inspector, cadre = Reader(station, "inspector"), Reader(station, "cadre")
    for path in (
        "/sites",
        f"/sites/{SITE}",
        f"/sites/{SITE}/notice.pdf",
        "/sites/notices.pdf",
        "/sites/export.xlsx",
    ):
        assert inspector.get(path).status_code == 200, path
        assert cadre.get(path).status_code == 403, path
    assert "<button" not in inspector.get(f"/sites/{SITE}").text.split("<main")[1].split("</main>")[0]
    for path in ("/sites", f"/sites/{SITE}/notice", f"/sites/{SITE}/step", f"/sites/{SITE}/back"):
        assert inspector.send(path, **NOTICE).status_code == 403
    assert inspector.get("/sites/1").status_code == 404  # a camera that is in use
    assert inspector.get("/sites/99").status_code == 404


def test_the_list_is_filtered_by_state_and_says_the_law(station):
    with station.store.change(actor="test") as change:
        change.update("camera_sites", SITE, {"retention_days": 7})
    compute_law(station.store, actor="test", today=NOW.date())
    reader = Reader(station)
    page = reader.get("/sites?state=planned").text
    assert "拟建枪机" in page and "1 个错误" in page
    assert "没有处于这一进度的点位" in reader.get("/sites?state=built").text
    assert reader.get("/sites?state=x").status_code == 400


def test_the_workbook_has_steps_and_objections_without_persons(station):
    reader = Reader(station)
    reader.send(f"/sites/{SITE}/notice", act="notify", **NOTICE)
    reader.send(
        f"/sites/{SITE}/objections", place="石门路", received_on="2026-11-12", concern="need", objections="3"
    )
    book = openpyxl.load_workbook(io.BytesIO(reader.get("/sites/export.xlsx").data))
    rows = list(book["拟建点位"].iter_rows(values_only=True))
    assert dict(zip(rows[0], rows[1], strict=True))["登记人：已公示"] == "planner.a"
    assert [row[1:5] for row in book["点位异议"].iter_rows(min_row=2, values_only=True)] == [
        (dt.datetime(2026, 11, 12), "石门路", "是否必要", 3)  # noqa: DTZ001
    ]


def test_hostile_words_stay_words_on_page_and_paper(station):
    words = "{{7*7}}{%print(7*7)%}</script><script>window.pwned=1</script><img src=x onerror=alert(1)>`${7*7}`#[x] $a$ \\u{41}"
    with station.store.change(actor="test") as change:
        change.update("camera_sites", SITE, {"name": words})
    reader = Reader(station)
    sent = {**NOTICE, "place": words, "unit": words, "object_at": words}
    assert reader.send(f"/sites/{SITE}/notice", act="notify", **sent).status_code == 303
    for path in ("/sites", f"/sites/{SITE}"):
        page = reader.get(path).text
        assert "<script>window" not in page and "<img src=x" not in page and "{{7*7}}" in page
    assert reader.get(f"/sites/{SITE}/notice.pdf").data.startswith(b"%PDF")
