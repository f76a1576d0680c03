"""The page of the audit record, its files, and that no secret gets into it."""

import csv
import io
import re
import sqlite3
from pathlib import Path

import pytest
from openpyxl import load_workbook
from web_clients import PASSWORD, form_token, log_in

from geo_service.web import create_app
from geo_service.words import ACTIONS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def app(town):
    for role in ("admin", "cadre"):
        if town.accounts.find(role + ".a") is None:
            town.accounts.create_user(
                role + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
    return create_app(town)


@pytest.fixture
def client(app):
    return log_in(app, "admin.a")


def test_the_page_shows_entries_in_both_languages(town, client):
    town.store.audit("planner-7", "export_gaps", "xlsx", "10.0.0.8")
    page = client.get("/audit").text
    assert "审计记录" in page and "导出监控盲区" in page and "planner-7" in page and "10.0.0.8" in page
    client.post("/language", data={"language": "en", "csrf_token": form_token(client, "/password")})
    page = client.get("/audit").text
    assert "Audit record" in page and "blind spots exported" in page


def test_every_action_that_the_pages_and_rooms_note_has_its_words():
    noted = {
        found[1] or found[2]
        for path in (ROOT / "geo_service").rglob("*.py")
        for found in re.finditer(
            r"""\b(?:audit|audit_view)\((?:[\w.()]+, |"system", )?"(\w+)"|action="(\w+)\"""",
            path.read_text(encoding="utf-8"),
        )
    }
    assert {"view_gaps", "export_map", "log_out"} <= noted <= set(ACTIONS)


def test_filters_narrow_page_and_file_alike(town, client):
    for number in range(60):
        town.store.audit("planner-8", "view_plan", f"no. {number}")
    page = client.get("/audit?actor=planner-8&action=view_plan").text
    assert "共 60 条" in page and page.count("no. ") == 50 and "no. 59" in page
    assert "no. 0<" in client.get("/audit?actor=planner-8&action=view_plan&page=2").text
    table = client.get("/audit/export.csv?actor=planner-8").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table)))
    assert len(rows) == 61 and {row[2] for row in rows[1:]} == {"planner-8"}
    assert "共 0 条" in client.get("/audit?until=2001-01-01").text
    assert "没有符合条件的记录" in client.get("/audit?actor=nobody").text


@pytest.mark.parametrize("words", ["since=x", "since=2026-02-30", "until=0001-01-01", "page=0", "page=99999"])
def test_a_filter_that_cannot_be_read_is_refused_plainly(client, words):
    assert client.get("/audit?" + words).status_code == 400


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1"])
def test_no_cell_of_a_file_is_a_formula(town, client, name):
    town.store.audit(name, "refused", name, name)
    table = client.get("/audit/export.csv").data.decode("utf-8-sig")
    assert ["'" + name] * 2 in [row[4:] for row in csv.reader(io.StringIO(table))]
    sheet = load_workbook(io.BytesIO(client.get("/audit/export.xlsx").data)).active
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "'" + name in [row[2].value for row in sheet.iter_rows()]


def test_text_of_others_is_shown_and_never_run(town, client):
    town.store.audit("x", "refused", "<script>alert(1)</script>")
    page = client.get("/audit").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_views_and_exports_of_the_record_are_noted(town, client):
    client.get("/audit")
    client.get("/audit/export.csv?action=log_in")
    newest = town.store.audit_entries(actor="admin.a", limit=2)
    assert [one.action for one in newest] == ["export_audit", "view_audit"]
    assert "log_in" in newest[0].target and newest[0].address == "127.0.0.1"


def test_an_edit_is_noted_with_the_address_of_the_browser(town, client):
    answer = client.post(
        "/layers/camera_models/new", data={"name": "审计枪机", "csrf_token": form_token(client, "/password")}
    )
    assert answer.status_code == 303, answer.text
    entry = town.store.audit_entries(action="change", limit=1)[0]
    assert (entry.actor, entry.address) == ("admin.a", "127.0.0.1")
    assert entry.target.endswith("edit: camera_models insert 1")
    town.store.audit("cli", "view_gaps")
    assert town.store.audit_entries(limit=1)[0].address == "", "the address goes with its request"


def test_a_cadre_who_reads_the_own_route_is_noted(app, town):
    log_in(app, "cadre.a").get("/my-routes")
    assert town.store.audit_entries(action="view_own_route", limit=1)[0].actor == "cadre.a"


def test_no_password_token_or_key_is_ever_in_the_record(app, town, client):
    """Every flow in which one is typed or made: log-in, right, wrong and with fields exchanged; change; refusal; edit; export."""
    seen = {PASSWORD, "Falsch-2026-x", "Neu-2026-wort"}
    stranger = app.test_client()
    for given in (
        {"name": "admin.a", "password": "Falsch-2026-x"},
        {"name": PASSWORD, "password": "admin.a"},
    ):
        csrf = form_token(stranger)
        seen.add(csrf)
        assert stranger.post("/login", data={**given, "csrf_token": csrf}).status_code == 403
    csrf = form_token(client, "/password")
    changed = {"old": PASSWORD, "new": "Neu-2026-wort", "again": "Neu-2026-wort", "csrf_token": csrf}
    assert client.post("/password", data=changed).status_code == 303
    for path in ("/gaps", "/gaps/export.xlsx", "/patrol", "/audit", "/audit/export.csv", "/api/v1/gaps"):
        client.get(path)
    cadre = log_in(app, "cadre.a")
    cadre.get(f"/gaps?token={csrf}")
    seen |= {csrf, (town.folder / "secret.key").read_text().strip()}
    seen |= {one.value for browser in (client, cadre) for one in browser._cookies.values()}
    raw = sqlite3.connect(town.store.path)
    record = " ".join(str(row) for table in ("audit_entries", "audit_head", "audit_checkpoints") for row in raw.execute(f"SELECT * FROM {table}"))  # fmt: skip
    hashes = [row[0] for row in raw.execute("SELECT password_hash FROM users")]
    raw.close()
    assert "password_set" in record and "refused" in record and len(seen) >= 7
    assert [one for one in [*seen, *hashes] if one in record] == []
    assert town.store.verify_audit() == []
    for word in (
        "Zwischen-2026-a",
        "Zwischen-2026-b",
        "Zwischen-2026-c",
        PASSWORD,
    ):  # none of the last three again
        town.accounts.set_password("admin.a", word, actor="test")
