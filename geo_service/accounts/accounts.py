"""The accounts of a workspace, kept in its store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from geo_service.accounts.invitations import Invitations, end_invitations
from geo_service.accounts.log_ins import LogIns
from geo_service.accounts.old_passwords import history_faults, keep_old
from geo_service.accounts.passwords import hash_password, new_password, password_faults
from geo_service.accounts.rows import (
    NAME,
    open_admins,
    plain_name,
    plain_title,
    row_of,
    scope_faults,
    user_of,
    user_rows,
)
from geo_service.accounts.second_factor import SecondFactors
from geo_service.accounts.user import User
from geo_service.settings import Settings
from geo_service.store import Store, audit
from geo_service.store.database import now_utc
from geo_service.store.tables import users
from town_model import InputError, Text


class Accounts(LogIns):
    """Users with their passwords, roles, scopes and locks. Every change of an account is audited.

    Its `invitations` set passwords by one-time links, its `second_factors` ask for a code of the phone.

    Args:
        store: the store of the workspace.
        settings: password and lock rules.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(store, settings)
        self.invitations = Invitations(store, settings)
        self.second_factors = SecondFactors(store)

    def create_user(
        self,
        name: str,
        *,
        role: str,
        password: str | None = None,
        title: str = "",
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
            title: what the post is called on pages; cut after 60 characters.
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
        plain = plain_name(name)
        word = self._new_password() if password is None else password
        faults = [] if password is None else password_faults(word, plain, self._settings)
        if not NAME.fullmatch(plain):
            faults.append(
                Text.of(
                    "user name {name!r} cannot be used: take 2 to 64 letters, digits, dots or hyphens",
                    name=name,
                )
            )
        hashed = hash_password(word)
        with self._store.writing() as connection:
            scope, more = scope_faults(connection, role, villages, units)
            faults += more
            if row_of(connection, plain) is not None:
                faults.append(Text.of("there is a user {name} already", name=plain))
            if faults:
                raise InputError(faults)
            now = now_utc()
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
                    created_at=now,
                    title=plain_title(title),
                    password_set_at=now,
                )
            )
            audit.add(connection, actor=actor, action="user_created", target=f"{plain} ({role})")
            return user_of(row_of(connection, plain), self._settings), word

    def find(self, name: str) -> User | None:
        """Return the user of that name, or None."""
        with self._store.reading() as connection:
            row = row_of(connection, plain_name(name))
        return None if row is None else user_of(row, self._settings)

    def by_id(self, user_id: int) -> User | None:
        """Return the user of that number, or None."""
        with self._store.reading() as connection:
            row = connection.execute(user_rows().where(users.c.id == user_id)).first()
        return None if row is None else user_of(row, self._settings)

    def users(self) -> list[User]:
        """Return all users, by name."""
        with self._store.reading() as connection:
            found = connection.execute(user_rows().order_by(users.c.name))
            return [user_of(row, self._settings) for row in found]

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
            InputError: there is no such user, the password is too weak, or one of the last.
        """
        plain = plain_name(name)
        word = self._new_password() if password is None else password
        if password is not None:
            faults = password_faults(word, plain, self._settings)
            faults = faults or history_faults(self._store, self._settings, plain, word)
            if faults:
                raise InputError(faults)
        hashed = hash_password(word)
        with self._store.writing() as connection:
            row = row_of(connection, plain)
            if row is not None:
                keep_old(connection, row, self._settings)
            values = {
                "password_hash": hashed,
                "password_set_at": now_utc(),
                "must_change": must_change,
                "failures": 0,
                "locked_until": None,
            }
            self._change(connection, plain, row, actor=actor, action="password_set", values=values)
            end_invitations(connection, row.id)
        return word

    def set_active(self, name: str, *, active: bool, actor: str) -> None:
        """Open or close an account; its sessions end.

        Raises:
            InputError: there is no such user, or it is the last open administrator.
        """
        self._alter(
            name, actor=actor, action="user_opened" if active else "user_closed", values={"active": active}
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
            scope, faults = scope_faults(connection, role, villages, units)
        if faults:
            raise InputError(faults)
        self._alter(name, actor=actor, action="role_set", values={"role": role, **scope}, detail=role)

    def set_title(self, name: str, title: str, *, actor: str) -> None:
        """Give a user another title on pages.

        Raises:
            InputError: there is no such user.
        """
        values = {"title": plain_title(title)}
        self._alter(name, actor=actor, action="title_set", values=values, end_sessions=False)

    def unlock(self, name: str, *, actor: str) -> None:
        """Forget the wrong passwords of a user.

        Raises:
            InputError: there is no such user.
        """
        values = {"failures": 0, "locked_until": None}
        self._alter(name, actor=actor, action="user_unlocked", values=values, end_sessions=False)

    def delete(self, name: str, *, actor: str) -> None:
        """Remove an account with its sessions, invitations and second factor; the records keep its name.

        Raises:
            InputError: there is no such user, or it is the last open administrator.
        """
        plain = plain_name(name)
        with self._store.writing() as connection:
            row = _known(row_of(connection, plain), plain)
            connection.execute(delete(users).where(users.c.id == row.id))
            _refuse_last_admin(connection, row)
            audit.add(connection, actor=actor, action="user_deleted", target=f"{plain} ({row.role})")

    def _alter(
        self,
        name: str,
        *,
        actor: str,
        action: str,
        values: dict[str, Any],
        detail: str = "",
        end_sessions: bool = True,
    ) -> None:
        plain = plain_name(name)
        with self._store.writing() as connection:
            row = row_of(connection, plain)
            self._change(
                connection,
                plain,
                row,
                actor=actor,
                action=action,
                values=values,
                detail=detail,
                end_sessions=end_sessions,
            )

    def _change(
        self,
        connection: Connection,
        plain: str,
        row: Any,
        *,
        actor: str,
        action: str,
        values: dict[str, Any],
        detail: str = "",
        end_sessions: bool = True,
    ) -> None:
        row = _known(row, plain)
        if end_sessions:
            values = {**values, "session_epoch": row.session_epoch + 1}
        connection.execute(update(users).where(users.c.id == row.id).values(**values))
        _refuse_last_admin(connection, row)
        audit.add(connection, actor=actor, action=action, target=f"{plain} ({detail})" if detail else plain)

    def _new_password(self) -> str:
        return new_password(
            max(14, self._settings.password_min_length), kinds=self._settings.password_character_kinds
        )


def _known(row: Any, plain: str) -> Any:
    if row is None:
        raise InputError("there is no user {name}", name=plain)
    return row


def _refuse_last_admin(connection: Connection, before: Any) -> None:
    if before.role == "admin" and before.active and not open_admins(connection):
        raise InputError("{name} is the last administrator: make another one first", name=before.name)
