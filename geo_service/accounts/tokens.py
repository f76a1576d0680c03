"""Tokens with which programs act for a user on the HTTP interface.

A token is 256 random bits, so its SHA-256 is kept in place of a slow password hash: nobody can guess what it is of.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Select, func, insert, select, update

from geo_service.accounts.accounts import Accounts
from geo_service.accounts.user import User
from geo_service.settings import Settings
from geo_service.store import Store, StoreBusyError, audit
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import api_tokens, users
from town_model import InputError, Text

Scope = Literal["read", "edit"]
SCOPES: tuple[str, ...] = get_args(Scope)
#: Roles whose users may hold tokens; cadres use the pages alone.
ROLES_WITH_TOKENS = frozenset({"admin", "planner", "inspector"})
ROLES_THAT_EDIT = frozenset({"admin", "planner"})
PREFIX = "geo_"
MOST_PER_USER = 20
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_HINT = 4
_LONGEST_NAME = 64
# the use is noted at most this often: a program that reads a thousand pages need not write a thousand times
_NOTED_EVERY = dt.timedelta(minutes=5)
# a program that reads must not wait for an import only to have its use noted
_WAIT_S = 0.05


@dataclass(frozen=True)
class ApiToken:
    """A token, without its secret.

    Args:
        id: its number.
        user_name: the user for whom it acts.
        name: what it is for.
        scope: ``read`` or ``edit``.
        hint: its first characters, to tell it from others.
        created_at: when it was made, with zone UTC.
        expires_at: from when on it is dead, with zone UTC.
        last_used_at: when it was last used, to five minutes; None for never.
        revoked_at: when it was revoked; None while it was not.
    """

    id: int
    user_name: str
    name: str
    scope: str
    hint: str
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None

    @property
    def state(self) -> str:
        """``open``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= dt.datetime.now(dt.UTC) else "open"


class Tokens:
    """The tokens of a workspace. Making, revoking and refusing them is audited; the tokens themselves never are.

    Args:
        store: the store of the workspace.
        settings: how long a token may live.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._accounts = Accounts(store, settings)

    def issue(
        self, user_name: str, *, name: str, scope: str = "read", days: int, actor: str
    ) -> tuple[ApiToken, str]:
        """Make a token.

        Args:
            user_name: the user for whom it acts.
            name: what it is for.
            scope: ``read``, or ``edit`` to change rows, too.
            days: after how many days it dies.
            actor: who makes it.

        Returns:
            The token, and its secret to hand over; the secret is kept nowhere.

        Raises:
            InputError: there is no such user, its role may not hold such a token, the name is empty, the scope is
                unknown, the days are too many, or the user has too many tokens.
        """
        user = self._accounts.find(user_name)
        if user is None:
            raise InputError("there is no user {name}", name=user_name)
        faults = _faults(user, name.strip(), scope, days, self._settings.token_max_days)
        if faults:
            raise InputError(faults)
        secret = PREFIX + secrets.token_urlsafe(32)
        made = now_utc()
        with self._store.writing() as connection:
            holder = connection.execute(select(users.c.id).where(users.c.name == user.name)).scalar_one()
            if _living(connection, holder, made) >= MOST_PER_USER:
                raise InputError(
                    "{name} has {count} tokens already: revoke those that are not used",
                    name=user.name,
                    count=MOST_PER_USER,
                )
            added = connection.execute(
                insert(api_tokens).values(
                    user=holder,
                    name=name.strip(),
                    scope=scope,
                    token_hash=_hash(secret),
                    hint=secret[: len(PREFIX) + _HINT],
                    created_at=made,
                    expires_at=made + dt.timedelta(days=days),
                )
            ).inserted_primary_key
            assert added is not None
            audit.add(
                connection, actor=actor, action="token_made", target=f"{user.name}: {name.strip()} ({scope}, {days} d)"
            )  # fmt: skip
            return _token(connection.execute(_query().where(api_tokens.c.id == added[0])).one()), secret

    def check(self, secret: str) -> tuple[User, ApiToken] | None:
        """Return the user and the token of a secret; None where it opens nothing.

        A token is dead once it is revoked or expired, and as long as its user is closed, locked, must change the
        password, or has a role without tokens.

        Args:
            secret: what a program sent.
        """
        found = self._of(secret)
        if found is None or found.state != "open":
            return None
        user = self._accounts.find(found.user_name)
        if user is None or not user.active or user.must_change or user.role not in ROLES_WITH_TOKENS:
            return None
        now = dt.datetime.now(dt.UTC)
        if user.locked_until is not None and user.locked_until > now:
            return None
        if found.last_used_at is None or now - found.last_used_at > _NOTED_EVERY:
            self._note_use(found.id)
        return user, found

    def holder(self, secret: str) -> ApiToken | None:
        """Return whose dead token a secret is, for the audit record; None for one that never was."""
        return self._of(secret)

    def listing(self, user_name: str | None = None) -> list[ApiToken]:
        """Return the tokens of a user, or of all users, newest first."""
        query = _query().order_by(api_tokens.c.id.desc())
        if user_name is not None:
            query = query.where(users.c.name == user_name)
        with self._store.reading() as connection:
            return [_token(row) for row in connection.execute(query)]

    def revoke(self, token_id: int, *, actor: str, user_name: str | None = None) -> ApiToken:
        """Kill a token.

        Args:
            token_id: its number.
            actor: who does so.
            user_name: only a token of this user; None takes any.

        Raises:
            InputError: there is no such token.
        """
        with self._store.writing() as connection:
            row = connection.execute(_query().where(api_tokens.c.id == token_id)).first()
            if row is None or (user_name is not None and row.user_name != user_name):
                raise InputError("there is no token {id}", id=token_id)
            found = _token(row)
            if found.revoked_at is None:
                connection.execute(
                    update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=now_utc())
                )
                audit.add(
                    connection, actor=actor, action="token_revoked", target=f"{found.user_name}: {found.name}"
                )
            return _token(connection.execute(_query().where(api_tokens.c.id == token_id)).one())

    def _of(self, secret: str) -> ApiToken | None:
        if not _SHAPE.fullmatch(secret):
            return None
        with self._store.reading() as connection:
            row = connection.execute(_query().where(api_tokens.c.token_hash == _hash(secret))).first()
        return None if row is None else _token(row)

    def _note_use(self, token_id: int) -> None:
        # reading goes on while a long change holds the lock
        with contextlib.suppress(StoreBusyError), self._store.writing(wait_s=_WAIT_S) as connection:
            connection.execute(
                update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=now_utc())
            )


def _faults(user: User, name: str, scope: str, days: int, longest: int) -> list[Text]:
    faults = []
    if user.role not in ROLES_WITH_TOKENS:
        faults.append(
            Text.of("{name} may hold no tokens: they are for those who read all layers", name=user.name)
        )
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        faults.append(
            Text.of("say in 1 to {limit} characters what the token is for", limit=_LONGEST_NAME)
        )  # fmt: skip
    if scope not in SCOPES:
        faults.append(
            Text.of(
                "there is no scope {scope!r}: use one of {known}", scope=scope, known=", ".join(SCOPES)
            )
        )  # fmt: skip
    elif scope == "edit" and user.role not in ROLES_THAT_EDIT:
        faults.append(Text.of("{name} may not edit, so a token of it may only read", name=user.name))
    if not 1 <= days <= longest:
        faults.append(
            Text.of("a token lives 1 to {limit} days, not {days}", limit=longest, days=days)
        )  # fmt: skip
    return faults


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _living(connection: Connection, holder: int, now: dt.datetime) -> int:
    query = select(func.count()).where(
        api_tokens.c.user == holder, api_tokens.c.revoked_at.is_(None), api_tokens.c.expires_at > now
    )
    return int(connection.execute(query).scalar_one())


def _query() -> Select[Any]:
    return select(api_tokens, users.c.name.label("user_name")).join(users, users.c.id == api_tokens.c.user)


def _token(row: Any) -> ApiToken:
    return ApiToken(
        id=row.id,
        user_name=row.user_name,
        name=row.name,
        scope=row.scope,
        hint=row.hint,
        created_at=aware(row.created_at),
        expires_at=aware(row.expires_at),
        last_used_at=None if row.last_used_at is None else aware(row.last_used_at),
        revoked_at=None if row.revoked_at is None else aware(row.revoked_at),
    )
