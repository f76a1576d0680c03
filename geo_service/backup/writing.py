"""The backup of a workspace: one file, of one moment, there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from geo_service.backup.archive import PARTS, Manifest, largest, pack
from geo_service.backup.sealing import SealingWriter, check_passphrase
from geo_service.progress import Progress, part, silent
from geo_service.secret import FILE as SECRET
from geo_service.settings import Settings
from geo_service.store import Store, StoreBusyError, schema
from geo_service.workspace import CONFIG, DATABASE, Workspace
from town_model import InputError, Text

_PAGES = 4096
_DAY_S = 86_400
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True, kw_only=True)
class BackupReport:
    """What was written.

    Args:
        file: the backup.
        size: its size in bytes.
        created: the moment that it holds.
        schema: schema version of the store.
        sealed: whether it needs a passphrase.
        members: size of each member in bytes.
    """

    file: Path
    size: int
    created: datetime
    schema: str
    sealed: bool
    members: dict[str, int]


def backup_workspace(
    workspace: Workspace | Path | str,
    out: Path | str,
    *,
    passphrase: str | None = None,
    overwrite: bool = False,
    actor: str = "",
    progress: Progress = silent,
) -> BackupReport:
    """Write store, settings and signing key of a workspace into one file; others may go on reading and writing.

    Writers wait while the store is copied (their ``busy_timeout_s`` holds), readers do not. A store of an older
    schema is copied as it is, so that a backup can be made before an update.

    Args:
        workspace: the workspace, or its folder.
        out: the file to write; readable by its owner alone.
        passphrase: seals the file; whoever loses it cannot restore the file.
        overwrite: replace a file that is there.
        actor: who does so, for the audit record.
        progress: told how far it is.

    Raises:
        InputError: there is no workspace, its store is damaged, the file is there or cannot be written, or the
            passphrase is too short.
        StoreBusyError: a writer kept the store locked for too long.
    """
    folder = workspace.folder if isinstance(workspace, Workspace) else Path(workspace).resolve()
    out = Path(out)
    if not (folder / DATABASE).is_file():
        raise InputError("{folder} is no workspace: make one with 'geo-service init'", folder=folder)
    if passphrase is not None:
        check_passphrase(passphrase)
    settings = Settings.load(folder / CONFIG)
    if out.resolve().parent == folder:
        raise InputError("{file} would lie among the store's own files: name another folder", file=out)
    with _whole_private_file(out, overwrite=overwrite) as target, _snapshot_folder(folder) as inner:
        copy = inner / DATABASE
        if actor and _schema_of(folder / DATABASE, settings.busy_timeout_s) == schema.newest_version():
            store = Store(folder / DATABASE, busy_timeout_s=settings.busy_timeout_s)
            store.audit(actor, "backup", target=out.name)  # before the file is there, as with every export
            store.close()
        created = datetime.now(UTC)
        _copy_store(folder / DATABASE, copy, settings.busy_timeout_s, part(progress, 0.0, 0.4))
        progress(0.4, Text("checking the copy"))
        check_database(copy, folder / DATABASE)
        _leave_caches_out(copy)
        files: dict[str, Path | bytes] = {DATABASE: copy}
        files |= {one: (folder / one).read_bytes() for one in (CONFIG, SECRET) if (folder / one).is_file()}
        files |= _parts(folder)
        manifest = _pack(
            target,
            files,
            passphrase,
            _schema_of(copy, settings.busy_timeout_s),
            created,
            part(progress, 0.5, 1.0),
        )
    return BackupReport(
        file=out, size=out.stat().st_size, created=created, schema=manifest.schema, sealed=passphrase is not None,
        members={name: one.size for name, one in manifest.members.items()},
    )  # fmt: skip


def check_database(database: Path, name: Path) -> None:
    """Refuse a damaged database.

    Args:
        database: the file; nobody else uses it.
        name: what messages call it.

    Raises:
        InputError: it is damaged or no database.
    """
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA cell_size_check=ON")
            words = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        words = str(error)
    if words != "ok":
        raise InputError(
            "the store in {file} is damaged ({words}): restore a backup; nothing was changed",
            file=name, words=words,
        )  # fmt: skip


def remove_leftovers(folder: Path, prefix: str) -> None:
    """Remove what killed runs left behind in a folder: our own temporary names that are older than a day."""
    for one in folder.glob(f"{prefix}*"):
        try:
            old = one.lstat().st_mtime < time.time() - _DAY_S
            if old and one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            elif old:
                one.unlink()
        except OSError:  # another run was faster, or it is not ours to remove
            continue


def sync_folder(folder: Path) -> None:
    """Put the names of a folder on the disk, where the system can do so."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _whole_private_file(out: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Give a new file that takes its name when the block ends well, and is on the disk by then."""
    if out.exists() and not overwrite:
        raise InputError("{file} is there already: name another file, or add --overwrite", file=out)
    if not out.parent.is_dir():
        raise InputError("there is no folder {folder}", folder=out.parent)
    remove_leftovers(out.parent, ".geo-backup-")
    temporary = out.parent / f".geo-backup-{secrets.token_hex(8)}"
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        if out.exists() and not overwrite:
            raise InputError("{file} is there already: name another file, or add --overwrite", file=out)
        os.replace(temporary, out)  # noqa: PTH105 - the one moment at which the file appears
        sync_folder(out.parent)
    except OSError as error:
        raise InputError(
            "{file} cannot be written: {reason}", file=out, reason=error.strerror or str(error)
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _snapshot_folder(folder: Path) -> Iterator[Path]:
    """Give a folder for the plain copy of the store: inside the workspace, where the store itself lies in plain."""
    place = folder / "backups"
    place.mkdir(mode=0o700, exist_ok=True)
    remove_leftovers(place, ".snapshot-")
    with tempfile.TemporaryDirectory(prefix=".snapshot-", dir=place) as inner:
        yield Path(inner)


@contextmanager
def _reading(database: Path, busy_timeout_s: float) -> Iterator[sqlite3.Connection]:
    """Give a connection that can roll back what a killed writer left; its errors are said plainly."""
    try:
        with closing(
            sqlite3.connect(
                f"{database.resolve().as_uri()}?mode=rw",
                uri=True,
                timeout=busy_timeout_s,
                isolation_level=None,
            )
        ) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            yield connection
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            raise StoreBusyError(
                "the store is busy: another process has been writing for too long. Try again"
            ) from error
        raise InputError(
            "the store in {file} is damaged ({words}): restore a backup; nothing was changed",
            file=database, words=str(error),
        ) from error  # fmt: skip


def _copy_store(database: Path, copy: Path, busy_timeout_s: float, progress: Progress) -> None:
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def told(_status: int, left: int, total: int) -> None:
        progress(1 - left / max(total, 1), Text("copying the store"))

    with _reading(database, busy_timeout_s) as source, closing(sqlite3.connect(copy)) as target:
        # An own read transaction holds the shared lock throughout: a writer waits, and cannot make the copy start anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=_PAGES, progress=told)
        source.execute("ROLLBACK")


def _leave_caches_out(copy: Path) -> None:
    """Empty what is computed anew when it is missing: it may be the greater part of a store."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        for one in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '*_cache'"
        ).fetchall():
            connection.execute(f'DELETE FROM "{one[0]}"')  # noqa: S608 - a name of our own schema
        connection.execute("VACUUM")


def _parts(folder: Path) -> dict[str, Path | bytes]:
    """Return the files of the workspace's folders that belong to the town; what is being written there is left out."""
    return {
        f"{one}/{file.name}": file
        for one in PARTS
        for file in sorted((folder / one).glob("*"))
        if largest(f"{one}/{file.name}") is not None and file.is_file() and not file.is_symlink()
    }


def _schema_of(database: Path, busy_timeout_s: float) -> str:
    with _reading(database, busy_timeout_s) as connection:
        known = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        ).fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known[0] else None
    if row is None:
        raise InputError("{file} is a database of another program: name another folder", file=database)
    return str(row[0])


def _pack(
    target: BinaryIO,
    files: dict[str, Path | bytes],
    passphrase: str | None,
    schema_version: str,
    created: datetime,
    progress: Progress,
) -> Manifest:
    sealer = None if passphrase is None else SealingWriter(target, passphrase)
    manifest = pack(
        target if sealer is None else sealer,  # type: ignore[arg-type]
        files, program=version("geo-service"), schema=schema_version, created=created, progress=progress,
    )  # fmt: skip
    if sealer is not None:
        sealer.finish()
    return manifest
