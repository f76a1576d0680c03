"""The checks of one workspace: store, record, settings, TLS files, disk, permissions, backups, jobs; and what can be mended."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from sqlalchemy import func, select

from geo_service.background import open_background
from geo_service.backup.shelf import backups, shelf
from geo_service.claim import claimed_by
from geo_service.store import Store
from geo_service.store.checks import rebuild_rtree, wrong_rtrees
from geo_service.store.tables import audit_entries, jobs
from geo_service.tls_files import tls_context
from geo_service.workspace import Workspace
from town_model import Text, TownError

FREE_BYTES = 1_000_000_000
BACKUP_DAYS = 7
TLS_DAYS = 30
STUCK_MINUTES = 10
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Args:
        name: short English key for scripts.
        ok: whether it is well.
        words: what was seen, and what to do where it is not well.
    """

    name: str
    ok: bool
    words: Text


def examine_workspace(folder: Path) -> Iterator[Check]:
    """Return the checks of a workspace.

    Args:
        folder: the workspace.
    """
    try:
        workspace = Workspace.open(folder)
    except TownError as error:
        yield Check("workspace", ok=False, words=error.messages[0])
        return
    with workspace:
        yield Check("workspace", ok=True, words=Text.of("workspace {folder} opens", folder=workspace.folder))
        yield from _store(workspace.store)
        yield from _clock(workspace.store)
        yield from _disk(workspace)
        yield from _background(workspace)
        yield from _tls(workspace)
        yield from _jobs(workspace.store)
        yield from _backups(workspace)
        if os.name == "posix":
            yield _permissions(workspace.folder)
        if process := claimed_by(workspace.folder):
            yield Check("served", ok=True, words=Text.of("process {process} serves it", process=process))


def repair(folder: Path, *, actor: str) -> list[Text]:
    """Mend what can be mended without losing anything, and return what was done.

    Spatial indexes that do not agree with their tables are made anew; what other users of the computer could read becomes the
    owner's alone.

    Args:
        folder: the workspace.
        actor: who does so, for the audit record.

    Raises:
        InputError: there is no workspace, or it cannot be opened.
    """
    done = []
    with Workspace.open(folder) as workspace:
        with workspace.store.writing() as connection:
            for name in wrong_rtrees(connection):
                rebuild_rtree(connection, name)
                done.append(Text.of("the spatial index of {layer} was made anew", layer=name))
        if os.name == "posix":
            for one in _open_to_others(workspace.folder):
                one.chmod(0o700 if one.is_dir() else 0o600)
                done.append(Text.of("{file} is readable by its owner alone now", file=one))
        if done:
            workspace.store.audit(actor, "repaired", "; ".join(str(one) for one in done)[:400])
    return done


def _store(store: Store) -> Iterator[Check]:
    faults = store.check()
    if not faults:
        yield Check("store", ok=True, words=Text("the store and its spatial indexes are consistent"))
    for fault in faults:
        yield Check("store", ok=False, words=fault)
    faults = store.verify_audit()
    if not faults:
        yield Check("audit", ok=True, words=Text("the audit record is whole"))
    for fault in faults:
        yield Check("audit", ok=False, words=fault)


def _clock(store: Store) -> Iterator[Check]:
    with store.reading() as connection:
        last = connection.execute(select(func.max(audit_entries.c.at))).scalar_one()
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    if last is not None and last > now + dt.timedelta(minutes=5):
        yield Check(
            "clock",
            ok=False,
            words=Text.of(
                "the clock went back: the audit record ends at {last} UTC, which is still to come",
                last=f"{last:%Y-%m-%d %H:%M}",
            ),
        )


def _disk(workspace: Workspace) -> Iterator[Check]:
    free = shutil.disk_usage(workspace.folder).free
    words = Text.of("{free} GB free on the disk", free=f"{free / 1e9:.1f}")
    if free <= FREE_BYTES:
        words = Text.of("only {free} GB free on the disk: make room", free=f"{free / 1e9:.1f}")
    yield Check("disk", free > FREE_BYTES, words)


def _background(workspace: Workspace) -> Iterator[Check]:
    try:
        background = open_background(workspace.settings, workspace.folder)
    except (TownError, OSError) as error:
        words = error.messages[0] if isinstance(error, TownError) else Text.of("{reason}", reason=str(error))
        yield Check("background", ok=False, words=words)
        return
    for fault in background.faults:
        yield Check("background", ok=False, words=fault)
    if not background.faults:
        yield Check(
            "background", ok=True, words=Text.of("background of the map: {kind}", kind=background.kind)
        )


def _tls(workspace: Workspace) -> Iterator[Check]:
    settings = workspace.settings
    if not settings.tls_cert:
        if settings.host not in {"127.0.0.1", "::1", "localhost"} and not settings.behind_https:
            yield Check(
                "tls",
                ok=True,
                words=Text(
                    "pages travel without TLS: passwords can be read on the network; see tls_cert in the settings"
                ),
            )
        return
    try:
        tls_context(settings, workspace.folder)
        certificate = x509.load_pem_x509_certificate((workspace.folder / settings.tls_cert).read_bytes())
    except TownError as error:
        yield Check("tls", ok=False, words=error.messages[0])
        return
    days = (certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)).days
    if days < 0:
        words = Text.of("the TLS certificate ran out {days} days ago: renew it", days=-days)
    elif days < TLS_DAYS:
        words = Text.of("the TLS certificate runs out in {days} days: renew it", days=days)
    else:
        words = Text.of("the TLS certificate holds for {days} days", days=days)
    yield Check("tls", days >= TLS_DAYS, words)


def _jobs(store: Store) -> Iterator[Check]:
    limit = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(minutes=STUCK_MINUTES)
    with store.reading() as connection:
        stuck = connection.execute(
            select(func.count())
            .select_from(jobs)
            .where(jobs.c.state == "running", jobs.c.lease_until < limit)
        ).scalar_one()
        waiting = connection.execute(
            select(func.count()).select_from(jobs).where(jobs.c.state == "queued", jobs.c.created_at < limit)
        ).scalar_one()
    if stuck or waiting:
        yield Check(
            "jobs",
            ok=False,
            words=Text.of(
                "{count} jobs are not going on: start the service, which takes them up or says why not",
                count=stuck + waiting,
            ),
        )
    else:
        yield Check("jobs", ok=True, words=Text("no job is stuck"))


def _backups(workspace: Workspace) -> Iterator[Check]:
    found = backups(shelf(workspace.folder, workspace.settings))
    now = dt.datetime.now().astimezone()
    if found:
        days = (now - found[0].made_at).days
        if days <= BACKUP_DAYS:
            yield Check("backup", ok=True, words=Text.of("the last backup is {days} days old", days=days))
            return
        words = Text.of("the last backup is {days} days old: make one with 'geo-service backup'", days=days)
        yield Check("backup", ok=False, words=words)
        return
    with workspace.store.reading() as connection:
        first = connection.execute(select(func.min(audit_entries.c.at))).scalar_one()
    old = first is not None and (dt.datetime.now(dt.UTC).replace(tzinfo=None) - first).days > BACKUP_DAYS
    yield Check("backup", not old, Text("there is no backup yet: make one with 'geo-service backup'"))


def _permissions(folder: Path) -> Check:
    found = _open_to_others(folder)
    if found:
        names = ", ".join(one.name if one != folder else str(one) for one in found[:10])
        return Check(
            "permissions",
            ok=False,
            words=Text.of(
                "other users of this computer can read {files}: run 'geo-service doctor --repair'",
                files=names,
            ),
        )
    return Check("permissions", ok=True, words=Text("secrets are readable by their owner alone"))


def _open_to_others(folder: Path) -> list[Path]:
    """The workspace, if others may look into it, and its secret files; workspaces of the first version were open."""
    found = [folder] if folder.stat().st_mode & _OTHERS else []
    secret = ("*.key", "*.pem", "*-logins.json", "town.db*")
    files = {
        one for pattern in secret for one in folder.glob(pattern) if one.is_file() and not one.is_symlink()
    }
    return found + sorted(
        one
        for one in files
        if one.stat().st_mode & _OTHERS
        # a certificate is public, unless its key stands in the same file
        and (one.suffix != ".pem" or b"PRIVATE KEY" in one.read_bytes())
    )
