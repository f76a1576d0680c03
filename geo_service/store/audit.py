"""The audit record: who did what, when, from where. Entries are only ever added; the old ones go after a set time."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from geo_service.store import audit_chain
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import audit_entries, change_log

#: Network address of who is being served; the web sets it for each request, so that edits are noted with it.
ADDRESS: ContextVar[str] = ContextVar("address", default="")
_LONGEST = 500
_STORED = "%Y-%m-%d %H:%M:%S.%f"


@dataclass(frozen=True)
class AuditEntry:
    """One entry of the audit record.

    Args:
        id: its number.
        at: when, with zone UTC.
        actor: who.
        action: what was done.
        target: to what.
        address: from which network address.
    """

    id: int
    at: dt.datetime
    actor: str
    action: str
    target: str
    address: str


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """Which entries to read; None leaves a filter out.

    Args:
        actor: who.
        action: what was done.
        since: not before this moment, with zone.
        until: before this moment, with zone.
    """

    actor: str | None = None
    action: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def restrict(self, query: Select[Any]) -> Select[Any]:
        """Return a query of the entries with these filters."""
        columns = audit_entries.c
        if self.actor is not None:
            query = query.where(columns.actor == self.actor)
        if self.action is not None:
            query = query.where(columns.action == self.action)
        if self.since is not None:
            query = query.where(columns.at >= _plain(self.since))
        if self.until is not None:
            query = query.where(columns.at < _plain(self.until))
        return query


def add(connection: Connection, *, actor: str, action: str, target: str = "", address: str = "") -> None:
    """Add an entry; the connection holds the write lock. Texts beyond 500 characters are cut."""
    audit_chain.append(
        connection,
        at=f"{now_utc():{_STORED}}",
        actor=_clean(actor),
        action=_clean(action),
        target=_clean(target),
        address=_clean(address or ADDRESS.get()),
    )


def add_change(connection: Connection, *, batch: int | None, actor: str, kind: str) -> None:
    """Add an entry for a batch of the change log: its number, its kind, and how many rows of which layers."""
    if batch is None:
        return
    counts = connection.execute(
        select(change_log.c.layer, change_log.c.action, func.count())
        .where(change_log.c.batch == batch)
        .group_by(change_log.c.layer, change_log.c.action)
        .order_by(change_log.c.layer, change_log.c.action)
    )
    words = ", ".join(f"{layer} {action} {count}" for layer, action, count in counts)
    add(connection, actor=actor, action="change", target=f"#{batch} {kind}: {words}")


def read(
    connection: Connection, query: AuditQuery, *, limit: int | None, offset: int = 0
) -> list[AuditEntry]:
    """Return entries, newest first."""
    wanted = query.restrict(select(audit_entries)).order_by(audit_entries.c.id.desc())
    return [
        AuditEntry(row.id, aware(row.at), row.actor, row.action, row.target, row.address)
        for row in connection.execute(wanted.limit(limit).offset(offset))
    ]


def count(connection: Connection, query: AuditQuery) -> int:
    """Return how many entries there are."""
    wanted = query.restrict(select(func.count()).select_from(audit_entries))
    return int(connection.execute(wanted).scalar_one())


def known(connection: Connection) -> tuple[list[str], list[str]]:
    """Return who and which actions occur in the record, each sorted."""
    actor, action = audit_entries.c.actor, audit_entries.c.action
    return (
        list(connection.execute(select(actor).distinct().order_by(actor)).scalars()),
        list(connection.execute(select(action).distinct().order_by(action)).scalars()),
    )


def due(connection: Connection, *, before: dt.datetime) -> int:
    """Return the last entry of those at the beginning of the record that are older than a moment; 0 for none."""
    at, number = audit_entries.c.at, audit_entries.c.id
    kept = connection.execute(select(func.min(number)).where(at >= _plain(before))).scalar_one()
    oldest = select(func.max(number))
    if kept is not None:
        oldest = oldest.where(number < kept)
    return int(connection.execute(oldest).scalar_one() or 0)


def prune(connection: Connection, *, before: dt.datetime) -> int:
    """Remove what is older than a moment and return how many entries that were. The removal is an entry itself.

    Raises:
        InputError: the record does not hold; nothing is removed from such a one.
    """
    last = due(connection, before=before)
    if not last:
        return 0
    audit_chain.refuse_unsound(connection)
    gone = audit_chain.checkpoint(connection, last, at=f"{now_utc():{_STORED}}")
    add(connection, actor="system", action="audit_pruned", target=f"{gone} (-> #{last})")
    return gone


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _clean(words: str) -> str:
    # half of a surrogate pair cannot be written into the file
    return words[:_LONGEST].encode("utf-8", "replace").decode()
