"""`/healthz`: does the service work? Everybody learns yes or no; what is wrong is for administrators and the log."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from geo_service.web.access import Permission, allow
from geo_service.web.sessions import may

blueprint = Blueprint("health", __name__)
LOG = logging.getLogger(__name__)
FREE_BYTES = 200_000_000
KEPT_S = 5.0
STARTING_S = 20.0
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True)
class Health:
    """What was seen at one moment.

    Args:
        store: whether the store can be written.
        worker: whether the worker process lives; also true where this process started none.
        disk: whether there is room on the disk.
    """

    store: bool
    worker: bool
    disk: bool

    @property
    def sound(self) -> bool:
        """Whether all is well."""
        return self.store and self.worker and self.disk


class HealthWatch:
    """Looks at a workspace, at most once in `KEPT_S`: whoever asks without end costs nothing.

    Args:
        folder: the workspace.
        database: its store.
    """

    def __init__(self, folder: Path, database: Path) -> None:
        self._folder, self._database = folder, database
        self._lock = threading.Lock()
        self._seen: tuple[float, Health] | None = None
        self._begun = time.monotonic()

    def look(self, worker: object = None) -> Health:
        """Return the health.

        Args:
            worker: something whose ``pid`` is None while no worker lives; None where there is none to watch.
        """
        with self._lock:
            now = time.monotonic()
            if self._seen is not None and now - self._seen[0] < KEPT_S:
                return self._seen[1]
            seen = Health(
                store=store_is_writable(self._database),
                worker=worker is None
                or now - self._begun < STARTING_S
                or getattr(worker, "pid", None) is not None,
                disk=shutil.disk_usage(self._folder).free > FREE_BYTES,
            )
            if not seen.sound and (self._seen is None or self._seen[1].sound):
                LOG.error("the service is not well: %s", seen)
            self._seen = (now, seen)
            return seen


def store_is_writable(database: Path) -> bool:
    """Return whether a store can be opened and locked for writing; one that is busy with another change can."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=0.2)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _BUSY
    except sqlite3.DatabaseError:
        return False
    return True


@blueprint.get("/healthz")
@allow(Permission.ANYONE)
def healthz() -> ResponseReturnValue:
    """Say whether the service works: 200 or 503."""
    watch: HealthWatch = current_app.extensions["health"]
    seen = watch.look(current_app.extensions.get("supervisor"))
    answer: dict[str, object] = {"status": "ok" if seen.sound else "failing"}
    if may(Permission.SEE_AUDIT):
        answer["checks"] = vars(seen)
    return jsonify(answer), 200 if seen.sound else 503
