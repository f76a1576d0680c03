"""Who is logged in: the browser's signed cookie holds the number of a session, the store its hash.

So a log-out ends a session for good, also for a copied cookie, an idle one ends on the server's clock, and a restart of
the server ends none.
"""

from __future__ import annotations

from flask import current_app, g, request, session

from geo_service.accounts import Entrant, SessionBook, User
from geo_service.store import Store
from geo_service.store.audit import ADDRESS
from geo_service.web import bearer
from geo_service.web.access import Permission, permitted
from geo_service.web.browsers import browser_words
from geo_service.web.my_routes import Scope

_KEY = "session"


def book() -> SessionBook:
    """Return the session book of the running application."""
    found: SessionBook = current_app.extensions["session_book"]
    return found


def had_session() -> bool:
    """Return whether the browser still carries a session, ended or not."""
    return _KEY in session


def enter(user: User, *, awaits_code: bool = False) -> None:
    """Begin a new session for a user; whatever the browser carried before is dropped, but for its language.

    Args:
        user: who gave the right password.
        awaits_code: whether the code of the phone is still missing; nobody is logged in before it came.
    """
    leave()
    kept = session.get("language")
    session.clear()
    if kept:
        session["language"] = kept
    session[_KEY] = book().begin(
        user,
        address=request.remote_addr or "",
        browser=browser_words(request.headers.get("User-Agent", "")),
        awaits_code=awaits_code,
    )
    for one in ("entrant", "user"):
        g.pop(one, None)


def leave() -> None:
    """End the session of this browser."""
    number = session.pop(_KEY, None)
    if isinstance(number, str):
        book().end(number)
    session.pop("csrf_token", None)
    g.entrant = g.user = None


def current_user() -> User | None:
    """Return who is logged in; None for nobody, also where the account was closed or changed since."""
    if "user" not in g:
        g.user = _find()
    found: User | None = g.user
    return found


def awaiting_code() -> User | None:
    """Return who gave the right password and not yet the code of the phone."""
    entrant = _entrant()
    return entrant.user if entrant is not None and entrant.awaits_code else None


def session_id() -> int | None:
    """Return the number of the present session in lists of sessions."""
    entrant = _entrant()
    return None if entrant is None else entrant.session_id


def user_name() -> str:
    """Return the name of who is logged in; empty for nobody."""
    user = current_user()
    return user.name if user else ""


def may(permission: Permission) -> bool:
    """Return whether the present user holds a permission."""
    user = current_user()
    return permitted(user.role if user else None, permission) and not bearer.cuts(permission)


def _find() -> User | None:
    if bearer.given():
        return bearer.user()
    entrant = _entrant()
    return None if entrant is None or entrant.awaits_code else entrant.user


def _entrant() -> Entrant | None:
    if "entrant" not in g:
        number = session.get(_KEY)
        g.entrant = book().find(number) if isinstance(number, str) else None
    found: Entrant | None = g.entrant
    return found


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
    what, token = f"{action} {target}", bearer.token()
    number = str(session.get(_KEY))
    if not (book().first_view(number, what) if token is None else bearer.desk().first_view(token.id, what)):
        return
    try:
        audit(action, target)
    except BaseException:  # such as a store that is busy: whoever looks again must be noted then
        if token is None:
            book().forget_view(number, what)
        else:
            bearer.desk().forget_view(token.id, what)
        raise
