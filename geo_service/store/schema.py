"""The schema of a store: migrations up to this version, and the refusal of stores of a newer one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DatabaseError

from geo_service.store.tables import is_rtree_table
from town_model import InputError

_MIGRATIONS = Path(__file__).with_name("migrations")


def include_name(name: str | None, kind: str, _parents: Any = None) -> bool:
    """Whether Alembic looks at a thing of the database: not at R-trees, which SQLAlchemy cannot declare."""
    return not (kind == "table" and is_rtree_table(name))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest_version() -> str:
    """Return the schema version that this program works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def version(connection: Connection) -> str | None:
    """Return the schema version of a database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def older_version(path: Path) -> str | None:
    """Return the schema version of a store that is older than this program's; None for every other file.

    Args:
        path: the database file; only read.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return None  # empty, damaged or none of ours: opening it says which
    found = None if row is None else str(row[0])
    known = {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}
    return found if found in known and found != newest_version() else None


def upgrade(engine: Engine) -> None:
    """Bring a database to this program's schema, in one transaction.

    Args:
        engine: engine of the database; empty, or of this or an older version.

    Raises:
        InputError: the database was written by a newer program, or is none of ours.
    """
    newest = newest_version()
    try:
        with engine.connect() as connection:
            if version(connection) == newest:
                return
    except DatabaseError as error:
        if "not a database" not in str(error.orig):
            raise
        raise InputError("{file} is no database: restore a backup", file=engine.url.database) from error
    with engine.execution_options(write=True).begin() as connection:
        found = version(connection)  # again, under the lock: another process may have been faster
        known = {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}
        if found is not None and found not in known:
            raise InputError(
                "this workspace was written by a newer version (schema {found}): install that version to open it",
                found=found,
            )
        if found is None and inspect(connection).get_table_names():
            raise InputError(
                "{file} is a database of another program: name another folder", file=engine.url.database
            )
        if found != newest:
            command.upgrade(_config(connection), "head")
