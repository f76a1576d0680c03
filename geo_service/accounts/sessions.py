"""Who is logged in: one row for each session, under the hash of its number, which the browser alone holds.

So a session outlives a restart of the server, ends for good at log-out, also for a copied cookie, and who reads the
file cannot take one over.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from geo_service.accounts.rows import user_of, user_rows
from geo_service.accounts.user import User
from geo_service.settings import Settings
from geo_service.store import Store, StoreBusyError, audit
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import sessions, users

NOTED_FOR = dt.timedelta(minutes=10)
#: "Last seen" is written at most this often, so that reading a page does not write.
SEEN_EVERY = dt.timedelta(minutes=1)
# who passed the password and now looks for the phone
CODE_WITHIN = dt.timedelta(minutes=5)
# A clock that was set back must not make a session of the future immortal.
_AHEAD = dt.timedelta(minutes=5)
# A page must not wait for an import only to note that it was seen.
_WAIT_S = 0.05


@dataclass(frozen=True)
class OpenSession:
    """One session, as lists of sessions show it.

    Args:
        id: its number in lists; of no use for taking it over.
        user_name: log-in name of its user.
        title: title of the user.
        begun_at: when it began, with zone UTC.
        seen_at: when it was last used, to the minute, with zone UTC.
        address: network address at log-in.
        browser: the browser in short words.
    """

    id: int
    user_name: str
    title: str
    begun_at: dt.datetime
    seen_at: dt.datetime
    address: str
    browser: str


@dataclass(frozen=True)
class Entrant:
    """Who a living session belongs to.

    Args:
        user: the user.
        session_id: number of the session in lists.
        awaits_code: whether the password was right and the code of the phone is still missing.
    """

    user: User
    session_id: int
    awaits_code: bool


class SessionBook:
    """The open sessions of a workspace.

    Args:
        store: the store that keeps them.
        settings: after how long a session ends.
        clock: returns the present moment in UTC without a zone.
    """

    def __init__(
        self, store: Store, settings: Settings, *, clock: Callable[[], dt.datetime] = now_utc
    ) -> None:
        self._store = store
        self._settings = settings
        self._idle = dt.timedelta(minutes=settings.session_idle_minutes)
        self._longest = dt.timedelta(hours=settings.session_longest_hours)
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, dt.datetime] = {}
        self._noted: dict[tuple[str, str], dt.datetime] = {}

    def begin(self, user: User, *, address: str = "", browser: str = "", awaits_code: bool = False) -> str:
        """Open a session and return its number, of which the store keeps the hash alone.

        Args:
            user: whose it is.
            address: network address of the browser.
            browser: the browser in short words.
            awaits_code: whether the code of the phone is still missing.
        """
        number = secrets.token_urlsafe(32)
        now = self._clock()
        self._forget(now)
        with self._store.writing() as connection:
            connection.execute(delete(sessions).where(self._over(now - SEEN_EVERY)))
            connection.execute(
                insert(sessions).values(
                    # at random: a count would tell everybody how often others log in
                    id=1 + secrets.randbelow(2**52),
                    number_hash=_hash(number),
                    user=user.id,
                    epoch=user.session_epoch,
                    awaits_code=awaits_code,
                    begun_at=now,
                    seen_at=now,
                    address=address[:60],
                    browser=browser[:60],
                )
            )
        return number

    def find(self, number: str) -> Entrant | None:
        """Return who a living session belongs to and keep it awake; None where it has ended."""
        now, key = self._clock(), _hash(number)
        query = user_rows().add_columns(
            sessions.c.id.label("session_id"), sessions.c.epoch, sessions.c.awaits_code, sessions.c.begun_at, sessions.c.seen_at
        ).join(sessions, sessions.c.user == users.c.id)  # fmt: skip
        with self._store.reading() as connection:
            row = connection.execute(query.where(sessions.c.number_hash == key)).first()
        if row is None:
            return None
        with self._lock:
            seen = max(row.seen_at, self._seen.get(key, row.seen_at))
        if not self._lives(row, seen, now):
            self._try(delete(sessions).where(sessions.c.number_hash == key))
            return None
        with self._lock:
            self._seen[key] = now
        if now - row.seen_at >= SEEN_EVERY:
            self._try(update(sessions).where(sessions.c.number_hash == key).values(seen_at=now))
        return Entrant(user_of(row, self._settings), row.session_id, row.awaits_code)

    def first_view(self, number: str, what: str) -> bool:
        """Return whether a session looks at something for the first time in ten minutes, and remember it."""
        now, key = self._clock(), (_hash(number), what)
        with self._lock:
            before = self._noted.get(key)
            if before is not None and now - before < NOTED_FOR:
                return False
            self._noted[key] = now
            return True

    def forget_view(self, number: str, what: str) -> None:
        """Let a look that could not be noted count as none."""
        with self._lock:
            self._noted.pop((_hash(number), what), None)

    def end(self, number: str) -> None:
        """End a session."""
        with self._store.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.number_hash == _hash(number)))

    def listing(self, user: User | None = None) -> list[OpenSession]:
        """Return the living sessions of a user or of all, the last used first."""
        now = self._clock()
        query = (
            select(sessions, users.c.name, users.c.title)
            .join(users, sessions.c.user == users.c.id)
            .where(~self._over(now), sessions.c.epoch == users.c.session_epoch, users.c.active.is_(True))
            .where(sessions.c.awaits_code.is_(False))
            .order_by(sessions.c.seen_at.desc(), sessions.c.begun_at.desc())
        )
        if user is not None:
            query = query.where(sessions.c.user == user.id)
        with self._store.reading() as connection:
            return [
                OpenSession(
                    row.id, row.name, row.title, aware(row.begun_at), aware(row.seen_at), row.address, row.browser
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def end_some(
        self, *, actor: str, user: User | None = None, session_id: int | None = None, keep: int | None = None
    ) -> int:
        """End sessions, note it in the audit record, and return how many they were.

        Args:
            actor: who ends them.
            user: only sessions of this user; None for those of everybody.
            session_id: only this session; None for all.
            keep: number of a session that stays, as the own one.
        """
        wanted: list[ColumnElement[bool]] = []
        if user is not None:
            wanted.append(sessions.c.user == user.id)
        if session_id is not None:
            wanted.append(sessions.c.id == session_id)
        if keep is not None:
            wanted.append(sessions.c.id != keep)
        with self._store.writing() as connection:
            names = list(
                connection.execute(
                    select(users.c.name).join(sessions, sessions.c.user == users.c.id).where(*wanted)
                ).scalars()
            )
            if names:
                connection.execute(delete(sessions).where(*wanted))
                told = ", ".join(f"{one} {names.count(one)}" for one in sorted(set(names)))
                audit.add(connection, actor=actor, action="sessions_ended", target=told)
        return len(names)

    def _lives(self, row: Any, seen: dt.datetime, now: dt.datetime) -> bool:
        longest = CODE_WITHIN if row.awaits_code else self._longest
        return (
            now - seen <= self._idle
            and -_AHEAD <= now - row.begun_at <= longest
            and row.epoch == row.session_epoch
            and bool(row.active)
        )

    def _over(self, now: dt.datetime) -> ColumnElement[bool]:
        return or_(sessions.c.seen_at < now - self._idle, sessions.c.begun_at < now - self._longest)

    def _try(self, statement: Any) -> None:
        """Write if the store is free; the next request tries again."""
        with contextlib.suppress(StoreBusyError), self._store.writing(wait_s=_WAIT_S) as connection:
            connection.execute(statement)

    def _forget(self, now: dt.datetime) -> None:
        with self._lock:
            self._seen = {key: at for key, at in self._seen.items() if now - at <= self._idle}
            self._noted = {key: at for key, at in self._noted.items() if now - at < NOTED_FOR}


def _hash(number: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(number.encode("utf-8", "replace")).hexdigest()
