"""Former passwords: as many hashes as the setting says, so that none of them comes back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select

from geo_service.accounts.passwords import matches
from geo_service.accounts.rows import row_of
from geo_service.settings import Settings
from geo_service.store import Store
from geo_service.store.database import now_utc
from geo_service.store.tables import old_passwords
from town_model import Text


def history_faults(store: Store, settings: Settings, plain: str, password: str) -> list[Text]:
    """Return what is wrong with a password that is the present one of a user or one of the last; nothing when it is new.

    Args:
        store: the store of the workspace.
        settings: how many count.
        plain: log-in name as the table keeps it.
        password: the new password.
    """
    count = settings.password_history
    if not count:
        return []
    with store.reading() as connection:
        row = row_of(connection, plain)
        if row is None:
            return []
        query = (
            select(old_passwords.c.password_hash)
            .where(old_passwords.c.user == row.id)
            .order_by(old_passwords.c.id.desc())
            .limit(count - 1)
        )
        hashes = [row.password_hash, *connection.execute(query).scalars()]
    if not any(matches(one, password) for one in hashes):
        return []
    return [
        Text.of("this password was used before: take one that differs from the last {count}", count=count)
    ]


def keep_old(connection: Connection, row: Any, settings: Settings) -> None:
    """Keep the present password of a user among the former ones; the connection holds the write lock."""
    mine = old_passwords.c.user == row.id
    connection.execute(
        insert(old_passwords).values(user=row.id, password_hash=row.password_hash, set_at=now_utc())
    )
    newest = (
        select(old_passwords.c.id)
        .where(mine)
        .order_by(old_passwords.c.id.desc())
        .limit(settings.password_history)
    )
    connection.execute(delete(old_passwords).where(mine, old_passwords.c.id.not_in(newest)))
