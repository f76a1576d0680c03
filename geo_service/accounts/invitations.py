"""Invitations: a one-time link or printed code with which an account gets its password.

The store keeps the hash of the code alone. Opening a link spends nothing, since messengers open links by themselves;
choosing a password does. A new invitation ends the one before it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from geo_service.accounts.old_passwords import history_faults, keep_old
from geo_service.accounts.passwords import hash_password, password_faults, void_hash
from geo_service.accounts.rows import plain_name, row_of, user_of, user_rows
from geo_service.accounts.second_factor import grouped, plain_code, random_code
from geo_service.accounts.user import User
from geo_service.settings import Settings
from geo_service.store import Store, audit
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import invitations, users
from town_model import InputError, Text

#: 20 of 31 letters and digits hold 99 bits.
CODE_LENGTH = 20


class InvitationError(InputError):
    """An invitation does not hold; the message does not say whether it ever did."""

    def __init__(self) -> None:
        super().__init__(
            [
                Text(
                    "this link or code does not hold: it was used, has expired or is mistyped. Ask the administrator for a new one"
                )
            ]
        )


class TooManyGuessesError(InputError):
    """Too many wrong codes came from one network address."""

    def __init__(self, minutes: int) -> None:
        super().__init__([Text.of("too many wrong codes: try again in {minutes} minutes", minutes=minutes)])


@dataclass(frozen=True)
class Invitation:
    """A new invitation.

    Args:
        id: its number.
        code: the code in groups, to be handed over; it is kept nowhere.
        user: whose password it sets.
        expires_at: until when it holds, with zone UTC.
    """

    id: int
    code: str
    user: User
    expires_at: dt.datetime


class Invitations:
    """The invitations of a workspace.

    Args:
        store: the store that keeps them.
        settings: how long they hold, and the rules for passwords.
        clock: seconds of a clock that never goes back, for the count of guesses.
    """

    def __init__(
        self, store: Store, settings: Settings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, list[float]] = {}

    def invite(self, name: str, *, actor: str) -> Invitation:
        """Make a one-time link for an account. Its password is void from now on, its sessions end, locks open.

        Args:
            name: log-in name.
            actor: who does so.

        Raises:
            InputError: there is no such user, or it is closed.
        """
        code, now = random_code(CODE_LENGTH), now_utc()
        void = void_hash()
        expires = now + dt.timedelta(hours=self._settings.invitation_hours)
        with self._store.writing() as connection:
            row = row_of(connection, plain_name(name))
            if row is None:
                raise InputError("there is no user {name}", name=name)
            if not row.active:
                raise InputError("account {name} is closed: open it first", name=row.name)
            # where an invitation is open, the present password is void already
            if not end_invitations(connection, row.id):
                keep_old(connection, row, self._settings)
            connection.execute(
                update(users)
                .where(users.c.id == row.id)
                .values(
                    password_hash=void,
                    must_change=False,
                    failures=0,
                    locked_until=None,
                    session_epoch=row.session_epoch + 1,
                )
            )
            made = connection.execute(
                insert(invitations).values(
                    code_hash=_hash(code), user=row.id, made_at=now, made_by=actor, expires_at=expires
                )
            ).inserted_primary_key
            audit.add(connection, actor=actor, action="invited", target=row.name)
            user = user_of(row_of(connection, row.name), self._settings)
        return Invitation(int(made[0]) if made else 0, grouped(code, 4), user, aware(expires))

    def find(self, code: str, *, address: str = "") -> User:
        """Return whose invitation a code is; this spends nothing.

        Args:
            code: the code as typed or as it stands in the link.
            address: network address of the browser, for the count of guesses.

        Raises:
            InvitationError: it does not hold (any more).
            TooManyGuessesError: too many wrong codes came from this address.
        """
        self._refuse_guessing(address)
        with self._store.reading() as connection:
            row = _open_row(connection, code)
        if row is None:
            self._note_wrong(address)
            raise InvitationError
        return user_of(row, self._settings)

    def spend(self, code: str, password: str, *, address: str = "") -> User:
        """Set the password of an invited account; the invitation is spent and its sessions end.

        Args:
            code: the code as typed or as it stands in the link.
            password: the new password.
            address: network address of the browser.

        Raises:
            InvitationError: it does not hold (any more).
            TooManyGuessesError: too many wrong codes came from this address.
            InputError: the password is too weak; the invitation still holds.
        """
        user = self.find(code, address=address)
        faults = password_faults(password, user.name, self._settings) or history_faults(
            self._store, self._settings, user.name, password
        )
        if faults:
            raise InputError(faults)
        hashed, now = hash_password(password), now_utc()
        with self._store.writing() as connection:
            row = _open_row(connection, code)  # again: it may have been spent while the hash was computed
            if row is None:
                raise InvitationError
            end_invitations(connection, row.id)
            connection.execute(
                update(users)
                .where(users.c.id == row.id)
                .values(
                    password_hash=hashed,
                    password_set_at=now,
                    must_change=False,
                    failures=0,
                    locked_until=None,
                    session_epoch=row.session_epoch + 1,
                )
            )
            audit.add(connection, actor=row.name, action="invitation_used", target=row.name, address=address)
            return user_of(row_of(connection, row.name), self._settings)

    def withdraw(self, user: User, *, actor: str) -> bool:
        """End the open invitation of a user; return whether there was one."""
        with self._store.writing() as connection:
            ended = end_invitations(connection, user.id)
            if ended:
                audit.add(connection, actor=actor, action="invitation_withdrawn", target=user.name)
        return ended

    def open(self) -> dict[int, dt.datetime]:
        """Return until when the invitations that hold do so, by the number of the user."""
        query = select(invitations.c.user, invitations.c.expires_at).where(
            invitations.c.ended_at.is_(None), invitations.c.expires_at > now_utc()
        )
        with self._store.reading() as connection:
            return {row.user: aware(row.expires_at) for row in connection.execute(query)}

    def _refuse_guessing(self, address: str) -> None:
        minutes = self._settings.lock_minutes
        since = self._clock() - minutes * 60
        with self._lock:
            self._wrong = {
                key: late for key, at in self._wrong.items() if (late := [one for one in at if one > since])
            }
            # a code has 99 bits and can be mistyped a few times: this only keeps a flood out
            if len(self._wrong.get(address, ())) >= 4 * self._settings.lock_after_failures:
                raise TooManyGuessesError(minutes)

    def _note_wrong(self, address: str) -> None:
        with self._lock:
            self._wrong.setdefault(address, []).append(self._clock())


def _open_row(connection: Connection, code: str) -> Any:
    query = (
        user_rows()
        .join(invitations, invitations.c.user == users.c.id)
        .where(
            invitations.c.code_hash == _hash(plain_code(code)),
            invitations.c.ended_at.is_(None),
            invitations.c.expires_at > now_utc(),
            users.c.active.is_(True),
        )
    )
    return connection.execute(query).first()


def end_invitations(connection: Connection, user_id: int) -> bool:
    """End the open invitations of a user; return whether there was one. The connection holds the write lock."""
    mine = (invitations.c.user == user_id, invitations.c.ended_at.is_(None))
    return bool(connection.execute(update(invitations).where(*mine).values(ended_at=now_utc())).rowcount)


def _hash(code: str) -> str:
    return hashlib.sha256(f"invitation {code}".encode()).hexdigest()
