"""What protects every answer: the content policy with its nonce, headers, known hosts, safe ways back after log-in."""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, render_template, request

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


def protect(app: Flask, *, host_names: Collection[str] = ()) -> None:
    """Give an application its limits, headers and the page for Internet Explorer.

    Args:
        app: the application.
        host_names: names under which the service is reached, beside addresses and the machine's own name.
    """
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=100,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )

    @app.before_request
    def _refuse() -> Response | None:
        if not host_is_known(request.headers.get("Host", ""), host_names):
            abort(400)
        if IE.search(request.headers.get("User-Agent", "")) and request.endpoint not in {
            "assets.static",
            "api.healthz",
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
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.jinja_env.globals["nonce"] = nonce
