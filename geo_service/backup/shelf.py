"""The backups of a workspace where they lie: listed, made under a name of the time, daily ones, old ones removed."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geo_service.backup.sealing import MAGIC, is_sealed
from geo_service.backup.writing import BackupReport, backup_workspace
from geo_service.progress import Progress, silent
from geo_service.settings import Settings
from geo_service.workspace import Workspace
from town_model import InputError

DAILY = "daily-"
#: Names that this program gives; nothing else in the folder is listed, sent or removed.
NAME = re.compile(r"(?:daily-\d{8}|before-update-[0-9a-z]+-\d{8}-\d{6}|\d{8}-\d{6})\.(?:zip|sealed)")


@dataclass(frozen=True, kw_only=True)
class BackupFile:
    """A backup that is there.

    Args:
        path: the file.
        size: its size in bytes.
        made_at: when it was made, with zone.
        sealed: whether it needs a passphrase.
    """

    path: Path
    size: int
    made_at: datetime
    sealed: bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.path.name


def shelf(folder: Path, settings: Settings) -> Path:
    """Return the folder in which the backups of a workspace lie.

    Args:
        folder: the workspace.
        settings: its settings.
    """
    return folder / settings.backup_folder


def ready_shelf(folder: Path, settings: Settings) -> Path:
    """Return the folder of `shelf`, made where it is not there yet.

    Args:
        folder: the workspace.
        settings: its settings.

    Raises:
        InputError: it cannot be made.
    """
    place = shelf(folder, settings)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            "{file} cannot be written: {reason}", file=place, reason=error.strerror or str(error)
        ) from error
    return place


def backups(place: Path) -> list[BackupFile]:
    """Return the backups in a folder, newest first."""
    found = []
    for one in place.glob("*"):
        if not NAME.fullmatch(one.name):
            continue
        with contextlib.suppress(OSError):  # it was removed meanwhile
            seen = one.stat()
            with one.open("rb") as source:
                sealed = is_sealed(source.read(len(MAGIC)))
            found.append(
                BackupFile(
                    path=one, size=seen.st_size, made_at=datetime.fromtimestamp(seen.st_mtime).astimezone(), sealed=sealed
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.made_at, one.name), reverse=True)


def find_backup(place: Path, name: str) -> BackupFile | None:
    """Return a backup by its name; None where there is none."""
    return next((one for one in backups(place) if one.name == name), None)


def make_backup(
    workspace: Workspace,
    *,
    actor: str,
    passphrase: str | None = None,
    daily: bool = False,
    progress: Progress = silent,
) -> BackupReport:
    """Make a backup under the name of the time; a daily one also removes those that are more than are kept.

    Args:
        workspace: the workspace.
        actor: who does so.
        passphrase: seals the file.
        daily: whether it is that of the day, of which there is one.
        progress: told how far it is.

    Raises:
        InputError: it cannot be made, or that of the day is there.
        StoreBusyError: a writer kept the store locked for too long.
    """
    place = ready_shelf(workspace.folder, workspace.settings)
    now = datetime.now().astimezone()
    name = f"{DAILY}{now:%Y%m%d}" if daily else f"{now:%Y%m%d-%H%M%S}"
    report = backup_workspace(
        workspace, place / f"{name}{'.sealed' if passphrase else '.zip'}", passphrase=passphrase, actor=actor, progress=progress
    )  # fmt: skip
    if daily:
        kept = [one for one in backups(place) if one.name.startswith(DAILY)]
        for one in kept[workspace.settings.backup_keep :]:
            with contextlib.suppress(OSError):
                one.path.unlink()
    return report


def daily_is_due(workspace: Workspace, now: datetime | None = None) -> bool:
    """Return whether the daily backup of today is still to be made.

    Args:
        workspace: the workspace.
        now: the present moment by the station's clock; None asks the clock.
    """
    now = now or datetime.now().astimezone()
    hour = workspace.settings.backup_hour
    if hour < 0 or now.hour < hour:
        return False
    place = shelf(workspace.folder, workspace.settings)
    return not (place / f"{DAILY}{now:%Y%m%d}.zip").exists()
