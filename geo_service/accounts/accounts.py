"""The accounts of a workspace, kept in its store."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from geo_service.accounts.passwords import (
    LONGEST,
    hash_password,
    matches,
    new_password,
    outdated,
    password_faults,
)
from geo_service.accounts.user import ROLES, LogInError, User
from geo_service.settings import Settings
from geo_service.store import Store, audit
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import LAYER_TABLES, users
from town_model import InputError, Text

_NAME = re.compile(r"[\w][\w.\-]{1,63}")


class Accounts:
    """Users with their passwords, roles, scopes and locks. Every change of an account is audited.

    Args:
        store: the store of the workspace.
        settings: password and lock rules.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def create_user(
        self,
        name: str,
        *,
        role: str,
        password: str | None = None,
        villages: Iterable[int] = (),
        units: Iterable[int] = (),
        must_change: bool = False,
        actor: str = "system",
    ) -> tuple[User, str]:
        """Make an account.

        Args:
            name: log-in name: two to 64 letters, digits, dots, hyphens; capitals do not matter.
            role: one of `ROLES`.
            password: the password; None makes one at random.
            villages: row ids of the villages of a cadre.
            units: row ids of the patrol units of a cadre.
            must_change: whether the password must be changed at the first log-in.
            actor: who makes it.

        Returns:
            The user, and the password to hand over; it is kept nowhere.

        Raises:
            InputError: the name is taken or cannot be used, the role is unknown, a village or unit does not exist,
                a cadre has neither, or the password is too weak.
        """
        plain = _plain_name(name)
        word = new_password() if password is None else password
        faults = password_faults(word, plain, shortest=self._settings.password_min_length)
        if not _NAME.fullmatch(plain):
            faults.append(
                Text.of(
                    "user name {name!r} cannot be used: take 2 to 64 letters, digits, dots or hyphens",
                    name=name,
                )
            )
        hashed = hash_password(word)
        with self._store.writing() as connection:
            scope, more = _scope_faults(connection, role, villages, units)
            faults += more
            if _row(connection, plain) is not None:
                faults.append(Text.of("there is a user {name} already", name=plain))
            if faults:
                raise InputError(faults)
            connection.execute(
                insert(users).values(
                    name=plain,
                    password_hash=hashed,
                    role=role,
                    **scope,
                    active=True,
                    must_change=must_change,
                    failures=0,
                    session_epoch=0,
                    created_at=now_utc(),
                )
            )
            audit.add(connection, actor=actor, action="user_created", target=f"{plain} ({role})")
            return _user(_row(connection, plain)), word

    def find(self, name: str) -> User | None:
        """Return the user of that name, or None."""
        with self._store.reading() as connection:
            row = _row(connection, _plain_name(name))
        return None if row is None else _user(row)

    def users(self) -> list[User]:
        """Return all users, by name."""
        with self._store.reading() as connection:
            return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]

    def verify(self, name: str, password: str, *, address: str = "") -> User | None:
        """Return the user if name and password are right and the account is open; None otherwise.

        Takes as long for a name that does not exist. After as many wrong passwords as the setting
        ``lock_after_failures`` says, the account refuses every password for ``lock_minutes``.

        Args:
            name: log-in name.
            password: the password as typed.
            address: network address of the browser, for the audit record.
        """
        plain = _plain_name(name)
        with self._store.reading() as connection:
            row = _row(connection, plain)
        right = matches(None if row is None else row.password_hash, password)
        with self._store.writing() as connection:
            # again: others may have guessed, or the account may have changed, while the hash was computed
            now = _row(connection, plain)
            if (
                now is None
                or row is None
                or now.password_hash != row.password_hash
                or not now.active
                or (now.locked_until is not None and now.locked_until > now_utc())
            ):
                accepted = False
            elif right:
                accepted = True
                self._note_success(connection, now, password)
            else:
                accepted = False
                self._note_failure(connection, now, address)
            action = "log_in" if accepted else "log_in_refused"
            # what was typed as a name may be a password typed into the wrong field: only known names are kept
            actor = plain if now is not None else "?"
            audit.add(connection, actor=actor, action=action, address=address)
            return _user(_row(connection, plain)) if accepted else None

    def log_in(self, name: str, password: str, *, address: str = "") -> User:
        """Return the user of a right name and password; see `verify`.

        Raises:
            LogInError: the log-in is refused; the message is the same for every reason.
        """
        user = self.verify(name, password, address=address)
        if user is None:
            raise LogInError(
                "name or password is wrong; after {failures} wrong passwords an account is locked for {minutes} minutes",
                failures=self._settings.lock_after_failures,
                minutes=self._settings.lock_minutes,
            )
        return user

    def set_password(
        self, name: str, password: str | None = None, *, actor: str, must_change: bool = False
    ) -> str:
        """Give a user a new password, unlock the account and end its sessions.

        Args:
            name: log-in name.
            password: the password; None makes one at random.
            actor: who does so.
            must_change: whether it must be changed at the next log-in.

        Returns:
            The password to hand over.

        Raises:
            InputError: there is no such user, or the password is too weak.
        """
        plain = _plain_name(name)
        word = new_password() if password is None else password
        faults = password_faults(word, plain, shortest=self._settings.password_min_length)
        if faults:
            raise InputError(faults)
        hashed = hash_password(word)
        self._change(
            plain,
            actor=actor,
            action="password_set",
            values={
                "password_hash": hashed,
                "must_change": must_change,
                "failures": 0,
                "locked_until": None,
            },
        )
        return word

    def set_active(self, name: str, *, active: bool, actor: str) -> None:
        """Open or close an account; its sessions end.

        Raises:
            InputError: there is no such user, or it is the last open administrator.
        """
        self._change(
            _plain_name(name),
            actor=actor,
            action="user_opened" if active else "user_closed",
            values={"active": active},
        )

    def set_role(
        self, name: str, *, role: str, villages: Iterable[int] = (), units: Iterable[int] = (), actor: str
    ) -> None:
        """Give a user another role and scope; the sessions end.

        Raises:
            InputError: there is no such user, the role or a place does not exist, or it is the last open
                administrator.
        """
        with self._store.reading() as connection:
            scope, faults = _scope_faults(connection, role, villages, units)
        if faults:
            raise InputError(faults)
        self._change(
            _plain_name(name), actor=actor, action="role_set", values={"role": role, **scope}, detail=role
        )

    def unlock(self, name: str, *, actor: str) -> None:
        """Forget the wrong passwords of a user.

        Raises:
            InputError: there is no such user.
        """
        self._change(
            _plain_name(name),
            actor=actor,
            action="user_unlocked",
            values={"failures": 0, "locked_until": None},
            end_sessions=False,
        )

    def _change(
        self,
        plain: str,
        *,
        actor: str,
        action: str,
        values: dict[str, Any],
        detail: str = "",
        end_sessions: bool = True,
    ) -> None:
        with self._store.writing() as connection:
            row = _row(connection, plain)
            if row is None:
                raise InputError("there is no user {name}", name=plain)
            if end_sessions:
                values = {**values, "session_epoch": row.session_epoch + 1}
            connection.execute(update(users).where(users.c.id == row.id).values(**values))
            if row.role == "admin" and row.active and not _open_admins(connection):
                raise InputError("{name} is the last administrator: make another one first", name=plain)
            audit.add(
                connection, actor=actor, action=action, target=f"{plain} ({detail})" if detail else plain
            )

    def _note_success(self, connection: Connection, row: Any, password: str) -> None:
        values: dict[str, Any] = {}
        if row.failures or row.locked_until is not None:
            values = {"failures": 0, "locked_until": None}
        if outdated(row.password_hash):
            values["password_hash"] = hash_password(password)
        if values:
            connection.execute(update(users).where(users.c.id == row.id).values(**values))

    def _note_failure(self, connection: Connection, row: Any, address: str) -> None:
        failures = row.failures + 1
        values: dict[str, Any] = {"failures": failures}
        if failures >= self._settings.lock_after_failures:
            values = {
                "failures": 0,
                "locked_until": now_utc() + dt.timedelta(minutes=self._settings.lock_minutes),
            }
            audit.add(connection, actor=row.name, action="user_locked", address=address)
        connection.execute(update(users).where(users.c.id == row.id).values(**values))


def _plain_name(name: str) -> str:
    return unicodedata.normalize("NFKC", name.strip()).casefold()[:LONGEST]


def _row(connection: Connection, plain: str) -> Any:
    return connection.execute(select(users).where(users.c.name == plain)).first()


def _open_admins(connection: Connection) -> int:
    query = select(func.count()).where(users.c.role == "admin", users.c.active.is_(True))
    return int(connection.execute(query).scalar_one())


def _user(row: Any) -> User:
    return User(
        name=row.name,
        role=row.role,
        villages=tuple(json.loads(row.villages)),
        units=tuple(json.loads(row.units)),
        active=row.active,
        must_change=row.must_change,
        session_epoch=row.session_epoch,
        locked_until=None if row.locked_until is None else aware(row.locked_until),
        created_at=aware(row.created_at),
    )


def _scope_faults(
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
