"""A line in the log for each request: who asked for what, from where, with what answer, in what time. Never what was typed."""

from __future__ import annotations

import logging
import secrets
import time

from flask import Flask, Response, g, request

from geo_service.log_files import REQUESTS
from geo_service.web.sessions import user_name

LOG = logging.getLogger(REQUESTS)
# parts of addresses that let somebody in, as the routes call them
SECRET_PARTS = frozenset({"token", "secret", "code", "ticket", "link", "invitation", "invite"})
_LONGEST = 300
# below these the rest lets somebody in, also where no route fits: a slash too many, another method
_SECRET_PLACES = ("/invite/",)


def install(app: Flask) -> None:
    """Log every request of an application, and give each a number that the answer carries as ``X-Request-Id``."""

    @app.before_request
    def _begin() -> None:
        g.request_id, g.request_begun = secrets.token_hex(6), time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        number = g.get("request_id", "-")
        response.headers["X-Request-Id"] = number
        if not LOG.isEnabledFor(logging.INFO):
            return response
        fields = {
            "request": number,
            "method": request.method[:16],
            "path": shown_path(),
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.get("request_begun", time.perf_counter())), 1),
            "user": _user(),
            "address": request.remote_addr or "",
        }
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        words = (
            "%(method)s %(path)s %(status)s %(ms)s ms user=%(user)s address=%(address)s request=%(request)s"
        )
        LOG.log(level, words, fields, extra={"fields": fields})
        return response


def shown_path() -> str:
    """Return the path of the present request without its query; a part that lets somebody in is left as its name."""
    rule = request.url_rule
    if rule is not None and rule.arguments & SECRET_PARTS:
        return rule.rule
    for one in _SECRET_PLACES:
        if rule is None and request.path.startswith(one):
            return one + "…"
    return request.path[:_LONGEST]


def _user() -> str:
    # asking for the user of a request that was refused before anybody was looked up would be work for nothing
    return user_name() if "user" in g else ""
