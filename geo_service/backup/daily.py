"""The daily backup: a clock in the server that asks for it when it is due."""

from __future__ import annotations

import logging
import threading
from typing import Self

from geo_service.backup.shelf import daily_is_due
from geo_service.jobs import submit
from geo_service.workspace import Workspace
from town_model import TownError

LOG = logging.getLogger(__name__)
LOOK_S = 600.0
ACTOR = "system"


class DailyBackups:
    """Asks for the backup of the day as a job, at the hour of the settings or when the server is next there.

    Args:
        workspace: the workspace.
        look_s: seconds between two looks at the clock.
    """

    def __init__(self, workspace: Workspace, *, look_s: float = LOOK_S) -> None:
        self._workspace = workspace
        self._look_s = look_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="daily-backups", daemon=True)

    def look(self) -> bool:
        """Ask for the backup if it is due; return whether that was done."""
        if not daily_is_due(self._workspace):
            return False
        submit(self._workspace, "backup", actor=ACTOR, options={"daily": True})
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            try:
                self.look()
            except (TownError, OSError):
                LOG.exception("the daily backup could not be asked for")
            self._ended.wait(self._look_s)
