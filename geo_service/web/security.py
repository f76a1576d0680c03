"""What protects every answer: the content policy with its nonce, headers, known hosts, safe ways back after log-in."""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Collection
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, g, render_template, request
from werkzeug.http import parse_options_header
from werkzeug.routing import IntegerConverter, Map

IE = re.compile(r"MSIE |Trident/")
_LOCAL_SUFFIXES = (".local", ".lan", ".internal", ".intranet", ".home.arpa")
MAX_REQUEST_BYTES = 256 * 1024


def nonce() -> str:
    """Return the nonce of this request, for the page's own inline scripts and styles."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def content_policy(page_nonce: str) -> str:
    """Return the content security policy: a page talks to its own host alone and runs what bears its nonce."""
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            f"script-src 'self' 'nonce-{page_nonce}'",
            f"style-src 'self' 'nonce-{page_nonce}'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def host_is_known(host: str, names: Collection[str] = ()) -> bool:
    """Return whether a Host header names this server: an address, a name of the local network, or a configured name.

    Names of the local network have no dot or end in a suffix that is reserved for such networks. A name of the public
    DNS that somebody lets resolve to this machine (DNS rebinding) is none of them.

    Args:
        host: the header's value, with or without a port.
        names: further names under which the service is reached.
    """
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?", host)
    if not match:
        return False
    name = match[1].strip("[]").rstrip(".").lower()
    if not name:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        own = {socket.gethostname().lower(), *(one.lower() for one in names)}
        return name in own or "." not in name or name.endswith(_LOCAL_SUFFIXES)
    return True


def safe_path(target: str | None) -> str:
    """Return a path of this site to go back to after log-in; the front page for anything that leads elsewhere.

    Args:
        target: what came in the request.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    if "\\" in target or any(ord(char) < 33 or ord(char) == 127 for char in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


class RowNumber(IntegerConverter):
    """A number in an address that the store can hold: a larger one names nothing, and must not end in an error of ours."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, *args, **{"max": 2**63 - 1, **options})


def plain_disposition(value: str) -> str:
    """Return a Content-Disposition that HTTP can carry: a name beyond ASCII as RFC 5987 writes it.

    The server drops an answer whose headers it cannot encode; Flask's test client does not.
    """
    if value.isascii():
        return value
    kind, options = parse_options_header(value)
    name = options.get("filename", "")
    fallback = "file" + (
        f".{name.rpartition('.')[2]}" if "." in name and name.rpartition(".")[2].isalnum() else ""
    )
    return f"{kind}; filename={fallback}; filename*=UTF-8''{quote(name, safe='')}"


def protect(app: Flask, *, host_names: Collection[str] = (), always_https: bool = False) -> None:
    """Give an application its limits, headers and the page for Internet Explorer.

    Args:
        app: the application.
        host_names: names under which the service is reached, beside addresses and the machine's own name.
        always_https: whether browsers reach it by HTTPS alone; they are told to keep to that for a year.
    """
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=100,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.url_map.converters["int"] = RowNumber

    @app.before_request
    def _refuse() -> Response | None:
        if not host_is_known(request.headers.get("Host", ""), host_names):
            abort(400)
        if IE.search(request.headers.get("User-Agent", "")) and request.endpoint not in {
            "assets.static",
            "health.healthz",
        }:
            return Response(render_template("ie.html"))
        return None

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_policy(nonce())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if always_https and request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
        if name := response.headers.get("Content-Disposition"):
            response.headers["Content-Disposition"] = plain_disposition(name)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.jinja_env.globals["nonce"] = nonce
