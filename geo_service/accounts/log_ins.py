"""Log-ins: name and password, the code of the phone, the lock after wrong ones, the same answer for every refusal."""

from __future__ import annotations

import datetime as dt
import math
import time
from typing import Any

from sqlalchemy import Connection, update

from geo_service.accounts import second_factor
from geo_service.accounts.passwords import hash_password, matches, outdated
from geo_service.accounts.rows import plain_name, row_of, user_of
from geo_service.accounts.user import LogInError, User
from geo_service.settings import Settings
from geo_service.store import Store, audit
from geo_service.store.database import now_utc
from geo_service.store.tables import users

# A refusal takes a whole number of these: whether the name exists must not show in the milliseconds of writing.
REFUSAL_S = 0.3


class LogIns:
    """Checks who wants to come in. Every log-in and refusal is audited.

    Args:
        store: the store of the workspace.
        settings: lock rules.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def verify(self, name: str, password: str, *, address: str = "") -> User | None:
        """Return the user if name and password are right and the account is open; None otherwise.

        Takes as long for a name that does not exist. After as many wrong passwords or codes as the setting
        ``lock_after_failures`` says, the account refuses everything for ``lock_minutes``. Who has a second factor
        is not in yet: `confirm_code` comes next, and until then wrong attempts stay counted.

        Args:
            name: log-in name.
            password: the password as typed.
            address: network address of the browser, for the audit record.
        """
        begun = time.monotonic()
        plain = plain_name(name)
        with self._store.reading() as connection:
            row = row_of(connection, plain)
        right = matches(None if row is None else row.password_hash, password)
        with self._store.writing() as connection:
            # again: others may have guessed, or the account may have changed, while the hash was computed
            now = row_of(connection, plain)
            if now is None or row is None or now.password_hash != row.password_hash or _shut(now):
                accepted = False
            elif right:
                accepted = True
                if now.factor_at is None:
                    self._note_success(connection, now)
                if outdated(now.password_hash):
                    better = hash_password(password)
                    connection.execute(update(users).where(users.c.id == now.id).values(password_hash=better))
            else:
                accepted = False
                self._note_failure(connection, now, address)
            if not accepted:
                action = "log_in_refused"
            else:
                action = "log_in" if now.factor_at is None else "log_in_code_asked"
            # what was typed as a name may be a password typed into the wrong field: only known names are kept
            audit.add(connection, actor="?" if now is None else now.name, action=action, address=address)
            if accepted:
                return user_of(row_of(connection, plain), self._settings)
        _wait_since(begun)
        return None

    def log_in(self, name: str, password: str, *, address: str = "") -> User:
        """Return the user of a right name and password; see `verify`.

        Raises:
            LogInError: the log-in is refused; the message is the same for every reason.
        """
        user = self.verify(name, password, address=address)
        if user is None:
            raise self.refusal()
        return user

    def confirm_code(self, name: str, code: str, *, address: str = "") -> User | None:
        """Return the user if the code of the phone, or a recovery code, is right; None otherwise.

        A code holds once. Wrong ones count as wrong passwords do.

        Args:
            name: log-in name of who gave the right password.
            code: what was typed.
            address: network address of the browser, for the audit record.
        """
        begun = time.monotonic()
        with self._store.writing() as connection:
            row = row_of(connection, plain_name(name))
            if row is None:
                return None
            used = None if _shut(row) else second_factor.check(connection, row.id, code)
            if used:
                self._note_success(connection, row)
                target = "" if used == second_factor.PHONE else used
                audit.add(connection, actor=row.name, action="log_in", target=target, address=address)
                return user_of(row_of(connection, row.name), self._settings)
            if not _shut(row):
                self._note_failure(connection, row, address)
            audit.add(connection, actor=row.name, action="log_in_refused", target="code", address=address)
        _wait_since(begun)
        return None

    def confirm_password(self, user: User, password: str, *, address: str = "") -> None:
        """Check the password of who is logged in already, before something that needs it.

        Raises:
            LogInError: it is wrong; that counts as at a log-in.
        """
        with self._store.reading() as connection:
            row = row_of(connection, user.name)
        right = matches(None if row is None else row.password_hash, password)
        if right and not _shut(row):
            return
        with self._store.writing() as connection:
            now = row_of(connection, user.name)
            if now is not None and not _shut(now):
                self._note_failure(connection, now, address)
            audit.add(
                connection, actor=user.name, action="log_in_refused", target="password", address=address
            )
        raise LogInError("the present password is wrong")

    def refusal(self) -> LogInError:
        """Return the error for a refused log-in."""
        return LogInError(
            "name or password is wrong; after {failures} wrong passwords an account is locked for {minutes} minutes",
            failures=self._settings.lock_after_failures,
            minutes=self._settings.lock_minutes,
        )

    def _note_success(self, connection: Connection, row: Any) -> None:
        if row.failures or row.locked_until is not None:
            values = {"failures": 0, "locked_until": None}
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


def _shut(row: Any) -> bool:
    return not row.active or (row.locked_until is not None and row.locked_until > now_utc())


def _wait_since(begun: float) -> None:
    spent = time.monotonic() - begun
    _pause(math.ceil(spent / REFUSAL_S) * REFUSAL_S - spent)


def _pause(seconds: float) -> None:
    time.sleep(seconds)
