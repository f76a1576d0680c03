"""Who is logged in: sessions are kept in this process, the browser's signed cookie holds only their number.

So a log-out ends a session for good, also for a copied cookie, and an idle one ends on the server's clock.
A restart of the server ends them all.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app, g, request, session

from geo_service.accounts import User
from geo_service.store import Store
from geo_service.store.audit import ADDRESS
from geo_service.web.access import Permission, permitted
from geo_service.web.my_routes import Scope

_KEY = "session"
LONGEST_S = 12 * 3600
NOTED_FOR_S = 600


@dataclass
class _Open:
    user_name: str
    epoch: int
    begun_s: float
    seen_s: float
    noted: dict[str, float] = field(default_factory=dict)


class SessionBook:
    """The open sessions of this process.

    Args:
        idle_s: seconds without a request after which a session ends.
        longest_s: seconds after which it ends in any case.
        clock: seconds of a clock that never goes back.
    """

    def __init__(
        self, *, idle_s: float, longest_s: float = LONGEST_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._idle_s = idle_s
        self._longest_s = longest_s
        self._clock = clock
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def begin(self, user_name: str, epoch: int) -> str:
        """Open a session and return its number."""
        number = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if self._lives(one, now)}
            self._open[number] = _Open(user_name, epoch, now, now)
        return number

    def touch(self, number: str) -> tuple[str, int] | None:
        """Return the user's name and epoch of a living session and keep it awake; None where it has ended."""
        now = self._clock()
        with self._lock:
            one = self._open.get(number)
            if one is None:
                return None
            if not self._lives(one, now):
                del self._open[number]
                return None
            one.seen_s = now
            return one.user_name, one.epoch

    def first_view(self, number: str, what: str) -> bool:
        """Return whether a session looks at something for the first time within `NOTED_FOR_S`, and remember it."""
        now = self._clock()
        with self._lock:
            one = self._open.get(number)
            if one is None:
                return True
            before = one.noted.get(what)
            if before is not None and now - before < NOTED_FOR_S:
                return False
            one.noted[what] = now
            return True

    def end(self, number: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(number, None)

    def _lives(self, one: _Open, now: float) -> bool:
        return now - one.seen_s <= self._idle_s and now - one.begun_s <= self._longest_s


def book() -> SessionBook:
    """Return the session book of the running application."""
    found: SessionBook = current_app.extensions["session_book"]
    return found


def had_session() -> bool:
    """Return whether the browser still carries a session, ended or not."""
    return _KEY in session


def enter(user: User) -> None:
    """Begin a new session for a user; whatever the browser carried before is dropped, but for its language."""
    leave()
    kept = session.get("language")
    session.clear()
    if kept:
        session["language"] = kept
    session[_KEY] = book().begin(user.name, user.session_epoch)
    g.user = user


def leave() -> None:
    """End the session of this browser."""
    number = session.pop(_KEY, None)
    if number:
        book().end(number)
    session.pop("csrf_token", None)
    g.user = None


def current_user() -> User | None:
    """Return who is logged in; None for nobody, also where the account was locked or changed since."""
    if "user" not in g:
        g.user = _find()
    found: User | None = g.user
    return found


def user_name() -> str:
    """Return the name of who is logged in; empty for nobody."""
    user = current_user()
    return user.name if user else ""


def may(permission: Permission) -> bool:
    """Return whether the present user holds a permission."""
    user = current_user()
    return permitted(user.role if user else None, permission)


def _find() -> User | None:
    number = session.get(_KEY)
    entry = book().touch(number) if isinstance(number, str) else None
    if entry is None:
        return None
    name, epoch = entry
    user: User | None = current_app.extensions["accounts"].find(name)
    if user is None or user.session_epoch != epoch or not user.active:
        book().end(str(number))
        return None
    return user


def store() -> Store:
    """Return the store of the running application."""
    found: Store = current_app.extensions["workspace"].store
    return found


def scope() -> Scope:
    """Return whose routes the present user may see."""
    user = current_user()
    if user is None:
        return Scope()
    return Scope(
        everything=permitted(user.role, Permission.SEE_PLAN), villages=user.villages, units=user.units
    )


def note_address() -> None:
    """Let everything that this request changes be noted with its network address."""
    ADDRESS.set(request.remote_addr or "")


def forget_address(_error: BaseException | None = None) -> None:
    """Forget the address at the end of a request: the thread serves others after it."""
    ADDRESS.set("")


def audit(action: str, target: str = "") -> None:
    """Write an entry of what the present user does into the audit record."""
    store().audit(user_name(), action, target, request.remote_addr or "")


def audit_view(action: str, target: str) -> None:
    """Write an entry of what the present user looks at, once in ten minutes: a map asks for its layers again and again."""
    if book().first_view(str(session.get(_KEY)), f"{action} {target}"):
        audit(action, target)
