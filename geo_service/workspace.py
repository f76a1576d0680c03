"""The workspace: one folder per station with its store, settings, exports, backups and logs."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Self

from geo_service.accounts import Accounts
from geo_service.settings import Settings, write_config
from geo_service.store import schema
from geo_service.store.store import Store
from town_model import InputError

DATABASE = "town.db"
CONFIG = "config.toml"
FOLDERS = ("exports", "backups", "logs")


class Workspace:
    """An open workspace; `create` or `open` one. Its `accounts` are the users of the service.

    Args:
        folder: the folder.
        settings: its settings.
        store: its store.
    """

    def __init__(self, folder: Path, settings: Settings, store: Store) -> None:
        self.folder = folder
        self.settings = settings
        self.store = store
        self.accounts = Accounts(store, settings)
        # where the store lies as it was before this opening upgraded it; None where it was of this version
        self.update_backup: Path | None = None

    @classmethod
    def create(cls, folder: Path | str, *, name: str = "", language: str = "zh") -> Workspace:
        """Make a workspace in a folder, which may exist if it holds none yet.

        Args:
            folder: the folder.
            name: name of the town.
            language: language of pages and files, ``zh`` or ``en``.

        Raises:
            InputError: the folder is a workspace already, or the language is unknown.
        """
        place = Path(folder).resolve()
        if (place / DATABASE).exists() or (place / CONFIG).exists():
            raise InputError("{folder} is a workspace already: open it, or name another folder", folder=place)
        settings = Settings(name=name, language=language)
        # exports, backups and logs hold what the store holds: nobody else may look into the folder, whatever the umask
        if not place.exists():
            place.mkdir(parents=True)
            place.chmod(0o700)
        for one in FOLDERS:
            _inner_folder(place / one)
        # password hashes and cameras are for the account that runs the service alone; the journal takes after the file
        os.close(os.open(place / DATABASE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        write_config(place / CONFIG, settings)
        store = _open_store(place, settings)
        store.name_town(name)
        return cls(place, settings, store)

    @classmethod
    def open(cls, folder: Path | str) -> Workspace:
        """Open the workspace of a folder; a store of an older version is upgraded.

        Raises:
            InputError: there is none, a setting is wrong, or the store was written by a newer version.
        """
        place = Path(folder).resolve()
        if not (place / DATABASE).is_file():
            raise InputError("{folder} is no workspace: make one with 'geo-service init'", folder=place)
        settings = Settings.load(place / CONFIG)
        for one in FOLDERS:
            _inner_folder(place / one)
        kept = _backed_up_before_upgrade(place, settings)
        opened = cls(place, settings, _open_store(place, settings))
        if kept is not None:
            opened.update_backup = kept
            opened.store.audit("system", "upgraded", kept.name)
        return opened

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _backed_up_before_upgrade(folder: Path, settings: Settings) -> Path | None:
    """Make a backup of a store of an older version, which the opening is about to upgrade; None for any other."""
    found = schema.older_version(folder / DATABASE)
    if found is None:
        return None
    from geo_service.backup.shelf import ready_shelf  # noqa: PLC0415 - stands above this module, and is needed once in a version
    from geo_service.backup.writing import backup_workspace  # noqa: PLC0415

    place = ready_shelf(folder, settings)
    target = place / f"before-update-{found}-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
    # two processes may open it in the same second: both backups are of the same store
    return backup_workspace(folder, target, overwrite=True).file


def _inner_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o700)


def _open_store(folder: Path, settings: Settings) -> Store:
    return Store(
        folder / DATABASE,
        busy_timeout_s=settings.busy_timeout_s,
        cache_max_mb=settings.cache_max_mb,
        observation_table=settings.observation_table,
        audit_days=settings.audit_days,
    )
