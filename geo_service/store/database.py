"""Connections to the database: safe settings of SQLite, and which version of it is linked."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from town_model import Text

BUSY_TIMEOUT_S = 30.0
# WAL with two or more connections can corrupt the file before this version (https://sqlite.org/wal.html).
WAL_SAFE_SINCE = (3, 51, 3)
OLDEST_SQLITE = (3, 35, 0)


@dataclass(frozen=True)
class SqliteSafety:
    """What `doctor` says about the linked SQLite.

    Args:
        version: version of the linked library.
        journal_mode: the journal mode that the store uses with it.
        wal_safe: whether WAL would be safe with this version; the store does not use it in either case.
        usable: whether the store works with this version.
        message: one sentence for people.
    """

    version: str
    journal_mode: str
    wal_safe: bool
    usable: bool
    message: Text


def sqlite_safety() -> SqliteSafety:
    """Return what the linked SQLite can be trusted with."""
    version = sqlite3.sqlite_version_info
    wal_safe = version >= WAL_SAFE_SINCE
    with_rtree = _has_rtree()
    usable = version >= OLDEST_SQLITE and with_rtree
    if not usable:
        message = Text.of(
            "SQLite {version} is too old or lacks the R-tree module: use a Python built with SQLite 3.35 or newer",
            version=sqlite3.sqlite_version,
        )
    else:
        message = Text.of(
            "SQLite {version} with a rollback journal and full synchronisation: safe for several processes",
            version=sqlite3.sqlite_version,
        )
    return SqliteSafety(sqlite3.sqlite_version, "delete", wal_safe, usable, message)


def _has_rtree() -> bool:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING rtree(id, west, east, south, north)")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


def open_engine(path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """Return an engine on a SQLite file.

    Every connection uses a rollback journal with full synchronisation, checks foreign keys and waits for a busy
    neighbour. A transaction of an engine with the execution option ``write=True`` takes the write lock at its
    start (``BEGIN IMMEDIATE``), so that it never fails half-way for want of it; the others only read.

    Args:
        path: the database file.
        busy_timeout_s: how long to wait for another writer, in seconds.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": busy_timeout_s}, pool_size=8
    )

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        # Transactions are begun by us: the driver would only begin them before the first write.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=DELETE")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # A large change must not take the exclusive lock before it commits: readers go on meanwhile.
        cursor.execute("PRAGMA cache_spill=OFF")
        cursor.execute("PRAGMA trusted_schema=OFF")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        wait_s = options.get("wait_s", busy_timeout_s)
        try:
            if wait_s != busy_timeout_s:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={int(wait_s * 1000)}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write", False) else "BEGIN")
        finally:
            if wait_s != busy_timeout_s:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={int(busy_timeout_s * 1000)}")

    return engine


def now_utc() -> datetime:
    """Return the time in UTC without a zone, as the tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


def aware(at: datetime) -> datetime:
    """Return a time of the tables with its zone."""
    return at.replace(tzinfo=UTC)
