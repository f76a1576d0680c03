"""Backups and settings for administrators; `/healthz` and the log, which say nothing that they should not."""

import datetime as dt
import json
import logging
import os
import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO

import pytest
from web_clients import PASSWORD, form_token, log_in

from geo_service.backup.daily import DailyBackups
from geo_service.backup.shelf import backups, daily_is_due, make_backup, shelf
from geo_service.jobs import listing, run_now
from geo_service.log_files import JsonLines, TextLines, stop_logs, write_logs
from geo_service.settings import Settings
from geo_service.web import health
from geo_service.web.app import create_app
from geo_service.web.health import HealthWatch
from geo_service.workspace import Workspace


@pytest.fixture
def station(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_BACKGROUND_KEY", "0123456789abcdef")
    with Workspace.create(tmp_path / "station", name="石门镇") as made:
        (made.folder / "config.toml").write_text("port = 8123\n")
        for role in ("admin", "planner"):
            made.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, actor="test")
    with Workspace.open(tmp_path / "station") as opened:
        yield opened


@pytest.fixture
def app(station):
    return create_app(station)


class TestBackups:
    def test_the_page_makes_lists_and_sends_backups_and_the_record_keeps_who_took_one(self, station, app):
        admin = log_in(app, "admin.a")
        assert "还没有备份" in admin.get("/admin/backups").text
        answer = admin.post("/admin/backups", data={"csrf_token": form_token(admin, "/admin/backups")})
        assert answer.status_code == 303
        job = int(answer.location.rpartition("/")[2])
        assert "正在备份" in admin.get("/admin/backups").text
        run_now(station, job)
        (one,) = backups(shelf(station.folder, station.settings))
        page = admin.get("/admin/backups").text
        assert one.name in page and "restore" in page
        sent = admin.get(f"/admin/backups/{one.name}", buffered=True)
        assert sent.headers["Cache-Control"] == "no-store"
        assert zipfile.ZipFile(BytesIO(sent.data)).namelist()[0] == "town.db"
        assert sent.data == one.path.read_bytes()
        noted = station.store.audit_entries(action="export_backup")
        assert [(entry.actor, entry.target) for entry in noted] == [("admin.a", one.name)]
        assert station.store.audit_entries(action="backup")[0].actor == "admin.a"

    def test_only_files_that_this_program_named_are_listed_or_sent(self, station, app):
        place = shelf(station.folder, station.settings)
        (place / "notes.zip").write_bytes(b"x")
        (place / ".geo-backup-1234").write_bytes(b"x")
        admin = log_in(app, "admin.a")
        for name in (
            "notes.zip",
            ".geo-backup-1234",
            "..%2Ftown.db",
            "%2E%2E/secret.key",
            "20260101-000000.zip",
        ):
            assert admin.get(f"/admin/backups/{name}").status_code == 404
        assert "notes" not in admin.get("/admin/backups").text

    def test_nobody_but_administrators_reaches_backups_or_settings(self, station, app):
        file = make_backup(station, actor="test").file.name
        planner = log_in(app, "planner.a")
        for path in (
            "/admin/backups",
            f"/admin/backups/{file}",
            "/admin/backups/none.zip",
            "/admin/settings",
        ):
            assert planner.get(path).status_code == 403
            assert app.test_client().get(path).status_code == 303

    def test_the_daily_backup_is_asked_for_once_a_day_and_old_ones_go(self, station):
        station = Workspace(station.folder, Settings(backup_hour=3, backup_keep=2), station.store)
        early = dt.datetime(2026, 5, 4, 2, 59).astimezone()
        assert not daily_is_due(station, early)
        assert daily_is_due(station, early + dt.timedelta(minutes=1))
        never = Workspace(station.folder, Settings(backup_hour=-1), station.store)
        assert not daily_is_due(never, early.replace(hour=23))
        place = shelf(station.folder, station.settings)
        for number, name in enumerate(("daily-20260101.zip", "daily-20260102.zip", "20260101-000000.zip")):
            (place / name).write_bytes(b"old")
            os.utime(place / name, (10**9 + number, 10**9 + number))
        due = Workspace(station.folder, Settings(backup_hour=0, backup_keep=2), station.store)
        clock = DailyBackups(due)
        assert clock.look() and clock.look(), "asked twice, it is one job"
        (job,) = listing(due, kinds=["backup"])
        assert job.actor == "system"
        run_now(due, job.id)
        assert not clock.look()
        today = f"daily-{dt.datetime.now().astimezone():%Y%m%d}.zip"
        assert {one.name for one in backups(place)} == {today, "daily-20260102.zip", "20260101-000000.zip"}


class TestSettings:
    def test_each_setting_stands_with_value_and_source_and_no_secret(self, app):
        page = log_in(app, "admin.a").get("/admin/settings").text
        assert "8123" in page and "配置文件 config.toml" in page
        assert "GEO_SERVICE_BACKGROUND_KEY" in page
        assert "0123456789abcdef" not in page
        assert page.count("<code>") >= len(Settings.__dataclass_fields__)


class TestHealth:
    def test_everybody_learns_yes_or_no_and_administrators_what(self, app):
        assert app.test_client().get("/healthz").get_json() == {"status": "ok"}
        assert log_in(app, "planner.a").get("/healthz").get_json() == {"status": "ok"}
        seen = log_in(app, "admin.a").get("/healthz").get_json()
        assert seen == {"status": "ok", "checks": {"store": True, "worker": True, "disk": True}}

    def test_a_store_that_cannot_be_written_a_full_disk_and_a_dead_worker_are_noticed(
        self, station, monkeypatch
    ):
        class Worker:
            pid = None

        database = station.store.path
        monkeypatch.setattr(health, "STARTING_S", 0)
        watch = HealthWatch(station.folder, database)
        assert watch.look(Worker()) == health.Health(store=True, worker=False, disk=True)
        assert watch.look() == health.Health(store=True, worker=False, disk=True), "kept for some seconds"
        monkeypatch.setattr(health, "FREE_BYTES", 1 << 60)
        assert not HealthWatch(station.folder, database).look().disk
        assert not HealthWatch(station.folder, station.folder / "none.db").look().store
        (station.folder / "broken.db").write_bytes(b"no database" * 1000)
        assert not HealthWatch(station.folder, station.folder / "broken.db").look().store

    def test_a_store_that_is_busy_is_well(self, station):
        with closing(sqlite3.connect(station.store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert health.store_is_writable(station.store.path)

    def test_a_failing_service_says_503_and_no_more(self, app, monkeypatch):
        monkeypatch.setattr(health, "FREE_BYTES", 1 << 60)
        answer = app.test_client().get("/healthz")
        assert (answer.status_code, answer.get_json()) == (503, {"status": "failing"})


class TestLog:
    @pytest.mark.parametrize("log_format", ["text", "json"])
    def test_no_password_query_or_one_time_link_is_ever_in_it(self, station, log_format):
        handler = write_logs(station.folder, Settings(log_format=log_format))
        try:
            app = create_app(station)
            client = app.test_client()
            data = {
                "name": "admin.a",
                "password": "wrong-Pass-77",
                "csrf_token": form_token(client, "/login"),
            }
            client.post("/login", data=data)
            client.get("/login?next=/hidden-words")
            client.get("/invite/Very-Secret-Code")
            admin = log_in(app, "admin.a")
            admin.get("/admin")
        finally:
            stop_logs(handler)
        text = (station.folder / "logs" / "service.log").read_text(encoding="utf-8")
        for secret in ("wrong-Pass-77", PASSWORD, "hidden-words", "Very-Secret-Code", data["csrf_token"]):
            assert secret not in text
        assert "/invite/<code>" in text
        assert "admin.a" in text
        if log_format == "json":
            lines = [json.loads(one) for one in text.splitlines()]
            last = lines[-1]
            assert (last["path"], last["status"], last["user"]) == ("/admin", 200, "admin.a")
            assert dt.datetime.fromisoformat(last["time"]).tzinfo is not None

    def test_nobody_writes_a_line_of_his_own_into_it(self):
        record = logging.LogRecord(
            "x", logging.INFO, "", 0, "GET /a\n2026-01-01 INFO forged\x1b[2J", None, None
        )
        for style in (TextLines(), JsonLines()):
            words = style.format(record)
            assert "\n" not in words and "\x1b" not in words

    def test_a_full_file_is_changed_and_the_oldest_goes(self, station):
        handler = write_logs(station.folder, Settings(log_max_mb=1, log_keep=2))
        try:
            log = logging.getLogger("geo_service.requests")
            for _ in range(450):
                log.info("x" * 10_000)
        finally:
            stop_logs(handler)
        files = sorted(one.name for one in (station.folder / "logs").iterdir())
        assert files == ["service.log", "service.log.1", "service.log.2"]
        assert all(one.stat().st_size <= 1_010_000 for one in (station.folder / "logs").iterdir())
        assert {oct(one.stat().st_mode & 0o077) for one in (station.folder / "logs").iterdir()} == {"0o0"}
