"""The audit record: who did what, when, from where. Entries are only ever added."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from geo_service.store.database import aware, now_utc
from geo_service.store.tables import audit_entries


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


def add(connection: Connection, *, actor: str, action: str, target: str = "", address: str = "") -> None:
    """Add an entry."""
    connection.execute(
        insert(audit_entries).values(at=now_utc(), actor=actor, action=action, target=target, address=address)
    )


def read(
    connection: Connection, *, actor: str | None, action: str | None, limit: int | None
) -> list[AuditEntry]:
    """Return entries, newest first."""
    query = select(audit_entries).order_by(audit_entries.c.id.desc()).limit(limit)
    if actor is not None:
        query = query.where(audit_entries.c.actor == actor)
    if action is not None:
        query = query.where(audit_entries.c.action == action)
    return [
        AuditEntry(row.id, aware(row.at), row.actor, row.action, row.target, row.address)
        for row in connection.execute(query)
    ]
