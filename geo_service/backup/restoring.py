"""A workspace from a backup: everything is verified beside the old one before a single name changes."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from geo_service.accounts import Accounts
from geo_service.backup.archive import Manifest, damaged, foreign, too_small_disk, unpack
from geo_service.backup.sealing import MAGIC, SealError, is_sealed, unseal
from geo_service.backup.writing import check_database, remove_leftovers, sync_folder
from geo_service.claim import claimed_by
from geo_service.progress import Progress, part, silent
from geo_service.secret import FILE as SECRET
from geo_service.settings import Settings
from geo_service.store import Store
from geo_service.store.tables import invitations, sessions
from geo_service.workspace import CONFIG, DATABASE, FOLDERS
from town_model import LAYERS, InputError, Text

_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, kw_only=True)
class RestoreReport:
    """What was restored.

    Args:
        folder: the workspace.
        created: the moment that the backup holds.
        town: name of the town.
        rows: rows of all layers.
        accounts: how many accounts there are.
        audit_faults: what was done to the audit record that the backup holds; empty where it is whole.
        set_aside: where the former workspace lies now; None if there was none.
    """

    folder: Path
    created: datetime
    town: str
    rows: int
    accounts: int
    audit_faults: tuple[Text, ...]
    set_aside: Path | None


def restore_workspace(
    file: Path | str,
    folder: Path | str,
    *,
    passphrase: str | None = None,
    replace: bool = False,
    actor: str = "",
    progress: Progress = silent,
) -> RestoreReport:
    """Make a workspace from a backup.

    The backup is unpacked beside `folder` and verified: members, sizes, hashes, the database and its schema, which
    is brought to this program's version. Only then a former workspace is moved aside and the new one takes its name;
    if that fails, the former one is put back.

    Args:
        file: the backup.
        folder: the workspace to make.
        passphrase: the passphrase of a sealed backup.
        replace: move a workspace that is there aside, as ``<folder>.before-restore-<time>``.
        actor: who does so, for the audit record.
        progress: told how far it is.

    Raises:
        InputError: the backup cannot be used, or the folder is not free; everything is as it was.
    """
    file, folder = Path(file), Path(folder).resolve()
    if not file.is_file():
        raise InputError("there is no file {file}: name a backup", file=file)
    if not folder.parent.is_dir():
        raise InputError("there is no folder {folder}", folder=folder.parent)
    _refuse_taken(folder, replace=replace)
    staging = None
    try:
        remove_leftovers(folder.parent, f".{folder.name}.restore-")
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.restore-", dir=folder.parent))
        fresh = staging / "workspace"
        fresh.mkdir(mode=0o700)
        manifest = _take(file, staging, fresh, passphrase, part(progress, 0.0, 0.7))
        progress(0.7, Text("checking the store"))
        check_database(fresh / DATABASE, file)
        report = _try_out(fresh, folder, manifest, actor or "restore", file)
        _refuse_taken(folder, replace=replace)
        aside = _swap(fresh, folder)
    except OSError as error:
        raise InputError(
            "{folder} cannot be restored: {reason}; everything is as it was",
            folder=folder, reason=error.strerror or str(error),
        ) from error  # fmt: skip
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return RestoreReport(**{**vars(report), "set_aside": aside})


def _refuse_taken(folder: Path, *, replace: bool) -> None:
    if not folder.exists():
        return
    names = {one.name for one in folder.iterdir()} if folder.is_dir() else {folder.name}
    if not names:
        return
    if not names & {DATABASE, CONFIG, SECRET} and not names <= {*FOLDERS}:
        raise InputError("{folder} holds other files and no workspace: name a new folder", folder=folder)
    if not replace:
        raise InputError(
            "{folder} is a workspace already: add --replace to move it aside, or name another folder",
            folder=folder,
        )
    process = claimed_by(folder) or _process_with(folder / DATABASE)
    if process is not None:
        raise InputError(
            "{folder} is in use by process {process}: stop the service first", folder=folder, process=process
        )


def _process_with(file: Path) -> int | None:
    """Return another process that has a file open, where the system tells: it would go on in the moved file."""
    own = str(os.getpid())
    try:
        processes = [one for one in os.listdir("/proc") if one.isdigit() and one != own]  # noqa: PTH208 - names are enough
    except OSError:
        return None
    for process in processes:
        try:
            if any(one.readlink() == file for one in Path(f"/proc/{process}/fd").iterdir()):
                return int(process)
        except OSError:  # it has ended, or belongs to somebody else
            continue
    return None


def _take(file: Path, staging: Path, fresh: Path, passphrase: str | None, progress: Progress) -> Manifest:
    """Open a backup if it is sealed, and unpack it."""
    with file.open("rb") as source:
        start = source.read(len(MAGIC))
        source.seek(0)
        plain = file
        if is_sealed(start):
            if passphrase is None:
                raise InputError("{file} is sealed with a passphrase: add --passphrase-stdin", file=file)
            progress(0.0, Text("opening the seal"))
            _refuse_small_disk(staging, file.stat().st_size)
            plain = staging / "plain.zip"
            with plain.open("wb") as target:
                try:
                    unseal(source, target, passphrase)
                except SealError as error:
                    if error.piece:  # the first piece opened, so the passphrase is right
                        raise damaged(file, f"AES-GCM {error.piece}") from error
                    raise InputError(
                        "the passphrase of {file} is wrong, or the file is damaged: type it again, or take another backup; nothing was changed",
                        file=file,
                    ) from error
        elif not start.startswith(_ZIP):
            raise foreign(file)
        elif passphrase is not None:
            # what was sealed must not be exchanged in silence for what anybody can write
            raise InputError("{file} is not sealed: leave out --passphrase-stdin", file=file)
    manifest = unpack(
        plain, fresh, name=file, free_bytes=shutil.disk_usage(staging).free, progress=part(progress, 0.3, 1.0)
    )
    if plain != file:
        plain.unlink()
    return manifest


def _refuse_small_disk(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if need > free:
        raise too_small_disk(free, need)


def _try_out(fresh: Path, folder: Path, manifest: Manifest, actor: str, file: Path) -> RestoreReport:
    """Open the unpacked store, which upgrades it, and look at what it holds."""
    try:
        with closing(Store(fresh / DATABASE)) as store:
            rows = sum(store.count(one) for one in LAYERS)
            accounts = len(Accounts(store, Settings()).users())
            town = store.town.name
            faults = tuple(store.verify_audit())
            with store.writing() as connection:
                # a log-out, or a one-time link that was used since, must not be taken back by an older store
                for table in (sessions, invitations):
                    connection.execute(delete(table))
            store.audit(actor, "restore", target=file.name)
    except SQLAlchemyError as error:  # a sound database, but not with our tables
        raise damaged(file, DATABASE) from error
    for one in FOLDERS:
        (fresh / one).mkdir(mode=0o700, exist_ok=True)
    sync_folder(fresh)
    return RestoreReport(
        folder=folder, created=manifest.created, town=town, rows=rows, accounts=accounts, audit_faults=faults, set_aside=None,
    )  # fmt: skip


def _swap(fresh: Path, folder: Path) -> Path | None:
    """Give the new folder the old one's name; the old one goes aside, and comes back if that fails."""
    aside = None
    if folder.exists():
        stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        aside = folder.with_name(f"{folder.name}.before-restore-{stamp}")
        number = 1
        while aside.exists():
            number += 1
            aside = folder.with_name(f"{folder.name}.before-restore-{stamp}-{number}")
    try:
        if aside is not None:
            os.rename(folder, aside)  # noqa: PTH104 - the two moments that a test can stop at
        os.rename(fresh, folder)  # noqa: PTH104
    except BaseException:
        if aside is not None and aside.exists() and not folder.exists():
            os.rename(aside, folder)  # noqa: PTH104
        raise
    sync_folder(folder.parent)
    if aside is not None and not any(aside.iterdir()):
        aside.rmdir()  # it was an empty folder
        return None
    return aside
