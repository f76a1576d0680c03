"""An older workspace is backed up before it is upgraded; its data come along."""

import datetime as dt
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alembic import command
from sqlalchemy import create_engine

from geo_service.backup import restore_workspace
from geo_service.secret import secret_key
from geo_service.store import schema
from geo_service.workspace import Workspace
from town_model import InputError


def old_workspace(folder, version):
    """A workspace as the program of an older schema left it: one place, one audit entry."""
    folder.mkdir()
    (folder / "config.toml").write_text('name = "石门镇"\n', encoding="utf-8")
    secret_key(folder)
    engine = create_engine(f"sqlite:///{folder / 'town.db'}")
    with engine.begin() as connection:
        command.upgrade(schema._config(connection), "0001")
        connection.exec_driver_sql("UPDATE town SET name = '石门镇', epsg = 32650, lon = 118.78, lat = 32.04")
        connection.exec_driver_sql(
            "INSERT INTO audit_entries (at, actor, action, target, address)"
            f" VALUES ('{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S.%f}', 'planner', 'log_in', '', '')"
        )
        command.upgrade(schema._config(connection), version)
    engine.dispose()
    return folder


def version_of(database):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_opening_an_older_store_makes_a_backup_of_it_and_upgrades_it(tmp_path, version):
    folder = old_workspace(tmp_path / "town", version)
    with Workspace.open(folder) as opened:
        kept = opened.update_backup
        assert opened.store.town.name == "石门镇"
        actions = [one.action for one in opened.store.audit_entries()]
        assert actions == ["upgraded", "log_in"]
        assert opened.store.verify_audit() == []
        assert opened.store.check() == []
    assert version_of(folder / "town.db") == schema.newest_version()
    assert kept.parent == folder / "backups"
    assert kept.name.startswith(f"before-update-{version}-")
    shutil.unpack_archive(kept, tmp_path / "unpacked")
    assert version_of(tmp_path / "unpacked" / "town.db") == version
    # and from that backup the town comes back under this version
    restore_workspace(kept, tmp_path / "again")
    with Workspace.open(tmp_path / "again") as again:
        assert again.store.town.name == "石门镇"
        assert again.update_backup is None


def test_a_store_of_this_version_is_opened_without_a_backup(tmp_path):
    Workspace.create(tmp_path / "town").close()
    with Workspace.open(tmp_path / "town") as opened:
        assert opened.update_backup is None
    assert list((tmp_path / "town" / "backups").iterdir()) == []


def test_a_newer_store_is_refused_without_a_backup(tmp_path):
    Workspace.create(tmp_path / "town").close()
    with closing(sqlite3.connect(tmp_path / "town" / "town.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InputError, match="newer version"):
        Workspace.open(tmp_path / "town")
    assert list((tmp_path / "town" / "backups").iterdir()) == []


def test_without_a_backup_there_is_no_upgrade(tmp_path, monkeypatch):
    folder = old_workspace(tmp_path / "town", "0002")
    (folder / "backups").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="cannot be written"):
        Workspace.open(folder)
    assert version_of(folder / "town.db") == "0002"


@pytest.mark.slow
def test_the_command_says_where_the_old_store_lies(tmp_path):
    folder = old_workspace(tmp_path / "town", "0002")
    done = subprocess.run(
        [sys.executable, "-m", "geo_service", "--lang", "en", "--workspace", str(folder), "upgrade"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "lies as it was in" in done.stderr and "before-update-0002" in done.stderr
    assert f"schema {schema.newest_version()}" in done.stdout
