"""Migrations and declarations say the same, and a store of a newer program is left alone."""

import os
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from geo_service.store import Store, schema, sqlite_safety
from geo_service.store.tables import LAYER_TABLES, metadata, rtree_name
from geo_service.workspace import Workspace
from town_model import LAYERS, InputError


def test_migrated_schema_equals_the_declarations(store):
    with store.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": schema.include_name, "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(context, metadata) == []


def test_comparison_would_notice_a_missing_column(store):
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE roads DROP COLUMN width_m"))
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": schema.include_name})
        assert [one[0] for one in compare_metadata(context, metadata)] == ["add_column"]


def test_every_layer_has_a_table_and_every_geometry_an_rtree(store):
    with store.reading() as connection:
        there = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    assert set(LAYERS) == set(LAYER_TABLES) <= there
    assert {rtree_name(one) for one in LAYERS if LAYERS[one].geometry is not None} <= there


def test_a_store_of_a_newer_program_is_refused_and_untouched(tmp_path):
    Store(tmp_path / "town.db").close()
    connection = sqlite3.connect(tmp_path / "town.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = (tmp_path / "town.db").read_bytes()
    with pytest.raises(InputError, match="newer version"):
        Store(tmp_path / "town.db")
    assert (tmp_path / "town.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "town.db").write_bytes(b"not a database at all, " * 100)
    with pytest.raises(InputError, match="no database"):
        Store(tmp_path / "town.db")


def test_a_database_of_another_program_is_refused_and_untouched(tmp_path):
    connection = sqlite3.connect(tmp_path / "town.db")
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.commit()
    connection.close()
    before = (tmp_path / "town.db").read_bytes()
    with pytest.raises(InputError, match="another program"):
        Store(tmp_path / "town.db")
    assert (tmp_path / "town.db").read_bytes() == before


def test_connections_use_a_rollback_journal_full_synchronisation_and_foreign_keys(store):
    with store.reading() as connection:
        said = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    # synchronous 2 is FULL (https://sqlite.org/pragma.html#pragma_synchronous)
    assert said == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


@pytest.mark.parametrize(
    ("version", "wal_safe", "usable"),
    [
        ((3, 40, 1), False, True),
        ((3, 51, 2), False, True),
        ((3, 51, 3), True, True),
        ((3, 34, 0), False, False),
    ],
)
def test_safety_names_what_the_linked_version_can_be_trusted_with(monkeypatch, version, wal_safe, usable):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    said = sqlite_safety()
    assert (said.wal_safe, said.usable, said.journal_mode) == (wal_safe, usable, "delete")


@pytest.mark.parametrize("table", ["batches", "change_log", "audit_entries"])
@pytest.mark.parametrize("action", ["UPDATE {} SET actor_or_layer = 'x'", "DELETE FROM {}"])
def test_records_are_only_ever_added(store, table, action):
    store.audit("a", "view")
    with store.change(actor="a") as change:
        change.insert("camera_models", [{"name": "筒机"}])
    column = "layer" if table == "change_log" else "actor"
    raw = sqlite3.connect(store.path)
    try:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(action.format(table).replace("actor_or_layer", column))
    finally:
        raw.close()


def test_workspace_is_made_once_opened_again_and_refused_elsewhere(tmp_path):
    Workspace.create(tmp_path / "a", name="石门镇").close()
    assert {one.name for one in (tmp_path / "a").iterdir()} == {
        "town.db",
        "config.toml",
        "secret.key",
        "exports",
        "backups",
        "logs",
    }
    if os.name == "posix":
        assert (tmp_path / "a" / "town.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="workspace already"):
        Workspace.create(tmp_path / "a")
    with Workspace.open(tmp_path / "a") as again:
        assert again.store.town.name == "石门镇"
        assert again.settings.name == "石门镇"
    with pytest.raises(InputError, match="no workspace"):
        Workspace.open(tmp_path / "b")
    assert not (tmp_path / "b").exists()
