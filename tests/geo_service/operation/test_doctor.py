"""`doctor` names what is wrong in one sentence with what to do, and mends what can be mended without loss."""

import datetime as dt
import json
import os
import runpy
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner

from geo_service.backup.shelf import make_backup
from geo_service.cli import main
from geo_service.doctor import examine, remote_references
from geo_service.health_checks import repair
from geo_service.workspace import Workspace

certificate = runpy.run_path(str(Path(__file__).with_name("test_serving.py")))["certificate"]


@pytest.fixture
def folder(tmp_path):
    with Workspace.create(tmp_path / "town") as made:
        made.store.place_town(118.78, 32.04, actor="test")
        with made.store.change(actor="test") as change:
            change.insert("place_names", [{"name": "渡口", "geometry": shapely.Point(118.78, 32.04)}])
    return tmp_path / "town"


def wrong(folder):
    """What is not well, by name."""
    return {one.name: str(one.words) for one in examine(folder) if not one.ok}


def seen(folder, name):
    return next(str(one.words) for one in examine(folder) if one.name == name)


def write(folder, words):
    (folder / "config.toml").write_text(words, encoding="utf-8")


def change(folder, statement):
    with closing(sqlite3.connect(folder / "town.db")) as connection, connection:
        connection.execute(statement)


def test_a_new_workspace_is_well_and_every_subject_is_looked_at(folder):
    assert wrong(folder) == {}
    names = {one.name for one in examine(folder)}
    assert names >= {
        "python", "packages", "sqlite", "clock", "map_assets", "pages", "fonts", "workspace", "store", "audit", "disk", "background",
        "jobs", "backup", "permissions",
    }  # fmt: skip


def test_a_spatial_index_that_lost_a_row_is_made_anew(folder):
    change(folder, "DELETE FROM place_names_rtree")
    assert "geo-service doctor --repair" in wrong(folder)["store"]
    done = repair(folder, actor="test")
    assert [str(one) for one in done] == ["the spatial index of place_names was made anew"]
    assert wrong(folder) == {}
    with Workspace.open(folder) as opened:
        assert len(opened.store.frame("place_names", bbox=(118.7, 32.0, 118.9, 32.1))) == 1
        assert opened.store.audit_entries(action="repaired")[0].actor == "test"
    assert repair(folder, actor="test") == []


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_others_can_read_is_named_and_closed(folder):
    folder.chmod(0o755)
    (folder / "secret.key").chmod(0o644)
    certificate(folder)
    (folder / "key.pem").chmod(0o640)
    (folder / "cert.pem").chmod(0o644)
    words = wrong(folder)["permissions"]
    assert str(folder) in words and "secret.key" in words and "key.pem" in words
    assert "cert.pem" not in words, "a certificate is public"
    repair(folder, actor="test")
    assert wrong(folder) == {}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("days", "words", "well"),
    [(90, "holds for 89 days", True), (10, "runs out in 9 days", False), (-3, "ran out 4 days ago", False)],
)
def test_the_tls_certificate_is_told_before_it_runs_out(folder, days, words, well):
    certificate(folder, days=days)
    (folder / "cert.pem").chmod(0o600)
    (folder / "key.pem").chmod(0o600)
    write(folder, 'tls_cert = "cert.pem"\ntls_key = "key.pem"\n')
    assert words in seen(folder, "tls")
    assert ("tls" not in wrong(folder)) == well


def test_files_and_settings_that_do_not_fit_are_named(folder):
    write(folder, 'tls_cert = "none.pem"\ntls_key = "none.key"\n')
    assert "none.pem cannot be read" in wrong(folder)["tls"]
    write(folder, 'background = "mbtiles"\nbackground_path = "none.mbtiles"\n')
    assert "background" in wrong(folder)
    write(folder, "port = 0\n")
    assert "config.toml, line 1" in wrong(folder)["workspace"]


def test_an_old_or_missing_backup_is_told(folder):
    with Workspace.open(folder) as opened:
        file = make_backup(opened, actor="test").file
    assert seen(folder, "backup") == "the last backup is 0 days old"
    old = (dt.datetime.now(dt.UTC) - dt.timedelta(days=9)).timestamp()
    os.utime(file, (old, old))
    assert wrong(folder)["backup"] == "the last backup is 9 days old: make one with 'geo-service backup'"


def test_jobs_that_do_not_go_on_are_told(folder):
    long_ago = "2026-01-01 00:00:00.000000"
    with closing(sqlite3.connect(folder / "town.db")) as connection, connection:
        columns = [
            one for one in connection.execute("PRAGMA table_info(jobs)").fetchall() if one[3] and not one[5]
        ]
        values = {one[1]: 0 if one[2] not in {"TEXT", "DATETIME"} else "" for one in columns}
        values |= {
            "options": "{}",
            "words": "{}",
            "faults": "[]",
            "created_at": long_ago,
            "kind": "gaps",
            "state": "queued",
        }
        connection.execute(
            f"INSERT INTO jobs ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        )
    assert wrong(folder)["jobs"].startswith("1 jobs are not going on")


def test_a_clock_that_went_back_is_told(folder):
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    change(
        folder,
        f"INSERT INTO audit_entries (at, actor, action, target, address, hash) VALUES ('{later:%Y-%m-%d %H:%M:%S.%f}', '', 'x', '', '', '')",
    )
    assert "the clock went back" in wrong(folder)["clock"]


def test_little_room_on_the_disk_is_told(folder, monkeypatch):
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr("geo_service.health_checks.shutil.disk_usage", lambda _: usage._replace(free=10**8))
    assert wrong(folder)["disk"] == "only 0.1 GB free on the disk: make room"


@pytest.mark.parametrize(
    "words",
    [
        '<script src="https://cdn.example/a.js">',
        "<img src=//cdn.example/a.png>",
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<form action="https://evil.example/">',
    ],
)
def test_what_a_page_would_fetch_from_another_host_is_found(tmp_path, words):
    (tmp_path / "a.html").write_text(words)
    assert remote_references(tmp_path)


def test_links_and_namespaces_are_no_remote_references(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="https://www.openstreetmap.org/copyright">©</a> <svg xmlns="http://www.w3.org/2000/svg">'
    )
    (tmp_path / "a.css").write_text(
        "a { background: url(data:image/png;base64,xx) } /* https://example.org */"
    )
    (tmp_path / "b.css").write_text("@import 'https://fonts.example/css';")
    (tmp_path / "c.css").write_text("a { background: url('//cdn.example/x.png') }")
    (tmp_path / "d.js").write_text("fetch('https://evil.example/')")
    assert [one.partition(":")[0] for one in remote_references(tmp_path)] == ["b.css", "c.css", "d.js"]


def test_the_command_mends_and_says_so(folder):
    change(folder, "DELETE FROM place_names_rtree")
    run = CliRunner()
    first = run.invoke(main, ["--json", "--workspace", str(folder), "doctor"])
    assert first.exit_code == 1 and not json.loads(first.stdout)["ok"]
    second = run.invoke(main, ["--json", "--workspace", str(folder), "doctor", "--repair"])
    said = json.loads(second.stdout)
    assert second.exit_code == 0 and said["ok"]
    assert said["repaired"] == ["已重建图层 place_names 的空间索引"]
