"""How large a request may be: small everywhere, larger only on views that say so, and there only for those logged in.

The server takes a whole request before the application sees it, so the limit holds already where the server reads.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from werkzeug.exceptions import HTTPException

from geo_service.settings import Settings
from geo_service.web.security import MAX_REQUEST_BYTES

View = TypeVar("View", bound=Callable[..., object])
_MARK = "takes_bytes"
_BESIDE_THE_FILE = 64 * 1024
_LONGEST_NUMBER = 18


def takes(most: Callable[[Settings], int]) -> Callable[[View], View]:
    """Declare that a view takes larger requests than the others.

    Args:
        most: from the settings to the largest file that it takes, in bytes.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, most)
        return view

    return mark


def most_bytes(app: Flask, endpoint: str | None) -> int:
    """Return how large a request to an endpoint may be, in bytes."""
    view = app.view_functions.get(endpoint) if endpoint else None
    most = getattr(view, _MARK, None)
    return (
        MAX_REQUEST_BYTES if most is None else most(app.extensions["workspace"].settings) + _BESIDE_THE_FILE
    )


class PlainJson(DefaultJSONProvider):
    """Reads the JSON of requests so that what nobody can use is no JSON (400), and never an error of ours."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        """Return what a body holds: a number of very many digits as a float, as in most other languages."""
        try:
            return super().loads(s, parse_int=_whole, **options)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _whole(words: str) -> int | float:
    return int(words) if len(words) <= _LONGEST_NUMBER else float(words)


def install(app: Flask) -> None:
    """Let the application hold each request to the limit of its view; before anything reads the request."""
    app.json = PlainJson(app)

    @app.before_request
    def _limit() -> None:
        request.max_content_length = most_bytes(current_app, request.endpoint)


def allowed_bytes(app: Flask, *, method: str, path: str, cookies: str) -> int:
    """Return how large a request may be before the application sees it.

    Args:
        app: the application.
        method: HTTP method.
        path: path of the address.
        cookies: the header ``Cookie``.
    """
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, method=method)
    except HTTPException:
        return MAX_REQUEST_BYTES
    most = most_bytes(app, endpoint)
    return most if most <= MAX_REQUEST_BYTES or _bears_session(app, cookies) else MAX_REQUEST_BYTES


def channel_for(app: Flask) -> type[HTTPChannel]:
    """Return the channel class of a waitress server that holds requests to the limits of an application.

    Args:
        app: the application.
    """

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            most = allowed_bytes(
                app,
                method=str(self.command),
                path=str(self.path),
                cookies=str(self.headers.get("COOKIE", "")),
            )
            # from here on the parser asks for nothing else
            self.adj = SimpleNamespace(max_request_body_size=most + 4096)

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser

    return Channel


def _bears_session(app: Flask, cookies: str) -> bool:
    """Whether a request carries a session that we signed; whether it still lives, the application asks later."""
    try:
        cookie = SimpleCookie(cookies).get(app.config["SESSION_COOKIE_NAME"])
    except CookieError:
        return False
    interface = app.session_interface
    if cookie is None or not isinstance(interface, SecureCookieSessionInterface):
        return False
    signer = interface.get_signing_serializer(app)
    try:
        held: Any = signer.loads(cookie.value) if signer is not None else {}
    except BadSignature:
        return False
    return isinstance(held, dict) and bool(held.get("session"))
