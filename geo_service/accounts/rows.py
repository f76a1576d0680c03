"""Accounts as the tables keep them: how a name is written, a row becomes a user, a role and scope are checked."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, func, select

from geo_service.accounts.passwords import LONGEST
from geo_service.accounts.user import ROLES, User
from geo_service.settings import Settings
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import LAYER_TABLES, second_factors, users
from town_model import Text

NAME = re.compile(r"[\w][\w.\-]{1,63}")
LONGEST_TITLE = 60


def plain_name(name: str) -> str:
    """Return a log-in name as the table keeps it: capitals and full-width letters do not matter."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()[:LONGEST]


def plain_title(title: str) -> str:
    """Return a display title on one line, without control characters."""
    printable = "".join(char if char.isprintable() else " " for char in title)
    return " ".join(printable.split())[:LONGEST_TITLE]


def user_rows() -> Select[Any]:
    """Return the query of all accounts, each with the moment since which its second factor holds."""
    factor = second_factors.c.confirmed_at.label("factor_at")
    return select(users, factor).outerjoin(second_factors, second_factors.c.user == users.c.id)


def row_of(connection: Connection, plain: str) -> Any:
    """Return the row of a name as `plain_name` writes it; None where there is none."""
    return connection.execute(user_rows().where(users.c.name == plain)).first()


def user_of(row: Any, settings: Settings) -> User:
    """Return a row of `user_rows` as a user."""
    set_at = row.password_set_at or row.created_at
    days = settings.password_max_age_days
    expired = bool(days) and now_utc() - set_at > dt.timedelta(days=days)
    return User(
        name=row.name,
        role=row.role,
        villages=tuple(json.loads(row.villages)),
        units=tuple(json.loads(row.units)),
        active=row.active,
        must_change=row.must_change or expired,
        session_epoch=row.session_epoch,
        locked_until=None if row.locked_until is None else aware(row.locked_until),
        created_at=aware(row.created_at),
        id=row.id,
        title=row.title,
        password_set_at=aware(set_at),
        second_factor=row.factor_at is not None,
        must_set_up_code=row.factor_at is None and row.role in settings.roles_with_second_factor,
    )


def open_admins(connection: Connection) -> int:
    """Return how many administrators may log in."""
    query = select(func.count()).where(users.c.role == "admin", users.c.active.is_(True))
    return int(connection.execute(query).scalar_one())


def scope_faults(
    connection: Connection, role: str, villages: Iterable[int], units: Iterable[int]
) -> tuple[dict[str, str], list[Text]]:
    """Return the scope as the table keeps it, and what is wrong with role and scope."""
    faults = []
    if role not in ROLES:
        faults.append(
            Text.of("there is no role {role!r}: use one of {known}", role=role, known=", ".join(ROLES))
        )
    scope: dict[str, str] = {}
    chosen = 0
    for column, layer, given in (("villages", "villages", villages), ("units", "patrol_units", units)):
        ids = sorted({int(one) for one in given})
        chosen += len(ids)
        table = LAYER_TABLES[layer]
        there = set(connection.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars())
        faults += [
            Text.of("layer {layer} has no row {row}", layer=layer, row=one) for one in ids if one not in there
        ]
        scope[column] = json.dumps(ids)
    if role == "cadre" and not chosen:
        faults.append(Text.of("a cadre needs at least one village or patrol unit"))
    return scope, faults
