"""Requests of programs: a token in the header ``Authorization`` of the HTTP interface stands for a log-in.

Nothing of a browser's session counts beside a token, so no form of another site can make use of one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from flask import current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import TooManyRequests

from geo_service.accounts import User
from geo_service.accounts.tokens import ApiToken, Tokens
from geo_service.web.access import SCOPE_PERMISSIONS, Permission

PREFIX = "/api/v1"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
REALM = 'Bearer realm="geo-service"'
#: So many wrong tokens from one address within a minute are answered and noted one by one.
FREE_FAILURES = 10
WINDOW_S = 60.0
NOTED_FOR_S = 600.0
_MOST_KEPT = 10_000


class BearerDesk:
    """Checks tokens; counts wrong ones by address, and what each token has looked at.

    Args:
        tokens: the tokens of the workspace.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, tokens: Tokens, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.tokens = tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, tuple[float, int]] = {}
        self._noted: dict[tuple[int, str], float] = {}

    def failures(self, address: str) -> int:
        """Count a wrong token and return how many came from an address within this minute."""
        now = self._clock()
        with self._lock:
            if len(self._failures) > _MOST_KEPT:
                self._failures = {key: one for key, one in self._failures.items() if now - one[0] < WINDOW_S}
            begun, count = self._failures.get(address, (now, 0))
            if now - begun >= WINDOW_S:
                begun, count = now, 0
            self._failures[address] = (begun, count + 1)
            return count + 1

    def first_view(self, token_id: int, what: str) -> bool:
        """Return whether a token looks at something for the first time in ten minutes, and remember it."""
        now = self._clock()
        with self._lock:
            if len(self._noted) > _MOST_KEPT:
                self._noted = {key: at for key, at in self._noted.items() if now - at < NOTED_FOR_S}
            before = self._noted.get((token_id, what))
            if before is not None and now - before < NOTED_FOR_S:
                return False
            self._noted[token_id, what] = now
            return True

    def forget_view(self, token_id: int, what: str) -> None:
        """Let a look that could not be noted count as none."""
        with self._lock:
            self._noted.pop((token_id, what), None)


class Protection(CSRFProtect):  # type: ignore[misc]
    """The check of forms, passed over where a token stands for the log-in: no browser sends one by itself."""

    def protect(self, *args: Any, **options: Any) -> None:
        """Check the request, unless it bears a token."""
        if not given():
            super().protect(*args, **options)


def desk() -> BearerDesk:
    """Return the desk of the running application."""
    found: BearerDesk = current_app.extensions["bearer_desk"]
    return found


def given() -> bool:
    """Return whether this request bears a token, good or not."""
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    here = request.path == PREFIX or request.path.startswith(PREFIX + "/")
    return here and scheme.lower() == "bearer"


def user() -> User | None:
    """Return for whom the token of this request acts; None for a wrong one, which is audited.

    Raises:
        TooManyRequests: too many wrong ones came from this address.
    """
    secret = request.headers.get("Authorization", "").partition(" ")[2].strip()
    found = desk().tokens.check(secret)
    if found is None:
        g.user = None
        _refuse(secret)
        return None
    g.api_token = found[1]
    return found[0]


def token() -> ApiToken | None:
    """Return the token of this request, once `user` has accepted it."""
    found: ApiToken | None = g.get("api_token")
    return found


def cuts(permission: Permission) -> bool:
    """Return whether the scope of this request's token takes a permission away that the role has."""
    held = token()
    if held is None or permission is Permission.ANYONE:
        return False
    if permission not in SCOPE_PERMISSIONS[held.scope]:
        return True
    return held.scope == "read" and request.method not in SAFE_METHODS


def challenge() -> str:
    """Return the header ``WWW-Authenticate`` of a refusal."""
    return f'{REALM}, error="invalid_token"' if given() else REALM


def _refuse(secret: str) -> None:
    address = request.remote_addr or ""
    count = desk().failures(address)
    if count <= FREE_FAILURES:
        known = desk().tokens.holder(secret)
        store = current_app.extensions["workspace"].store
        store.audit(known.user_name if known else "?", "token_refused", known.name if known else "", address)
        return
    raise TooManyRequests(retry_after=int(WINDOW_S))
