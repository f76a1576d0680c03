"""Visible areas kept under the hash of their inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from geo_service.store.database import now_utc
from geo_service.store.tables import visible_area_cache

_CHUNK = 10_000


def get(connection: Connection, keys: Iterable[str]) -> dict[str, bytes]:
    """Return the payloads of those keys that are kept."""
    asked = list(dict.fromkeys(keys))
    found: dict[str, bytes] = {}
    table = visible_area_cache
    for start in range(0, len(asked), _CHUNK):
        query = select(table.c.key, table.c.payload).where(table.c.key.in_(asked[start : start + _CHUNK]))
        found.update({key: bytes(payload) for key, payload in connection.execute(query)})
    return found


def put(connection: Connection, payloads: Mapping[str, bytes], *, limit_bytes: int) -> None:
    """Keep payloads; when all together exceed the limit, the oldest go."""
    if not payloads:
        return
    table = visible_area_cache
    at = now_utc()
    statement = insert(table)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.key],
        set_={name: statement.excluded[name] for name in ("payload", "size", "stored_at")},
    )
    connection.execute(
        statement,
        [
            {"key": key, "payload": payload, "size": len(payload), "stored_at": at}
            for key, payload in payloads.items()
        ],
    )
    prune(connection, limit_bytes)


def prune(connection: Connection, limit_bytes: int) -> int:
    """Drop the oldest payloads until the rest fits, and return how many went."""
    table = visible_area_cache
    total = int(connection.execute(select(func.coalesce(func.sum(table.c.size), 0))).scalar_one())
    if total <= limit_bytes:
        return 0
    gone: list[str] = []
    # a fifth more than needed goes, so that not every call has to prune
    surplus = total - int(limit_bytes * 0.8)
    for key, size in connection.execute(select(table.c.key, table.c.size).order_by(table.c.stored_at)):
        if surplus <= 0:
            break
        gone.append(key)
        surplus -= size
    for start in range(0, len(gone), _CHUNK):
        connection.execute(delete(table).where(table.c.key.in_(gone[start : start + _CHUNK])))
    return len(gone)
