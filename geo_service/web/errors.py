"""How errors become answers: one table from exception to status, JSON for the API and a plain page otherwise."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from geo_service.i18n import say_error
from geo_service.mapdata import MapAccessError
from geo_service.store import ConflictError, StoreBusyError
from geo_service.web.languages import language
from geo_service.web.languages import words as _
from geo_service.web.problems import problem
from geo_service.web.request_log import shown_path
from town_model import InputError, Text, TownError

LOG = logging.getLogger(__name__)

STATUS_OF: tuple[tuple[type[Exception], int], ...] = (
    (InputError, 400),
    (ConflictError, 409),
    (StoreBusyError, 503),
    (MapAccessError, 404),  # as a layer that does not exist
    (TownError, 422),
)
HEADINGS = {
    400: Text("This request cannot be understood"),
    406: Text("There is no version of that kind"),
    412: Text("Somebody else was first"),
    415: Text("This request cannot be understood"),
    428: Text("The revision is missing"),
    401: Text("Please log in"),
    403: Text("Your account may not open this page"),
    404: Text("There is no such page"),
    405: Text("This request cannot be understood"),
    409: Text("Somebody else was first"),
    413: Text("Too large"),
    422: Text("That did not work"),
    429: Text("Too many attempts"),
    500: Text("Something went wrong here"),
    503: Text("Busy just now"),
}
ADVICE = {
    400: Text("Go back, reload the page and try again."),
    403: Text("If you need it for your work, ask the administrator of this station."),
    404: Text("The address may be mistyped, or what it led to is gone."),
    401: Text("Log in, or send a valid token in the header Authorization: Bearer …"),
    406: Text("Ask for application/json: there are no other versions."),
    409: Text("Load it again, look at what changed, and repeat your change."),
    412: Text("Load it again, look at what changed, and repeat your change."),
    413: Text("More was sent than this page takes."),
    415: Text("Send JSON, and say so in the header Content-Type."),
    428: Text("Send the ETag of the row as If-Match, so that no change of others is overwritten."),
    429: Text("Wait as long as Retry-After says."),
    500: Text(
        "The fault has been written to the log with its time. Tell the administrator when it happened."
    ),
}


def wants_json() -> bool:
    """Return whether this request is one of the API."""
    return request.path.startswith("/api/")


def answer(
    status: int, messages: list[str] | None = None, *, texts: Iterable[Text] = (), code: str = ""
) -> Response:
    """Return the answer for a status, in words of the user's language.

    Args:
        status: HTTP status.
        messages: what to say; by default the advice that belongs to the status.
        texts: the messages before they were said: they know the places.
        code: word for programs; by default that of the status.
    """
    heading = _(HEADINGS.get(status, HEADINGS[500 if status >= 500 else 400]))
    if messages is None:
        messages = [_(ADVICE[status])] if status in ADVICE else []
    if wants_json():
        response = problem(
            status,
            heading,
            messages,
            remedy=_(ADVICE[status]) if status in ADVICE else "",
            texts=texts,
            code=code,
        )
    else:
        response = Response(render_template("error.html", heading=heading, messages=messages))
    response.status_code = status
    return response


def handle_errors(app: Flask) -> None:
    """Install the handlers of an application."""

    @app.errorhandler(CSRFError)
    def _stale_form(_error: CSRFError) -> ResponseReturnValue:
        return answer(400, [_("This page had been open for too long. Go back, reload it and try again.")])

    @app.errorhandler(TownError)
    def _told(error: TownError) -> ResponseReturnValue:
        status = next(code for kind, code in STATUS_OF if isinstance(error, kind))
        return answer(status, say_error(error, language()), texts=error.messages)

    @app.errorhandler(HTTPException)
    def _known(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None or error.code is None or error.code < 400:
            return error
        response = answer(error.code)
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def _unknown(error: Exception) -> ResponseReturnValue:
        LOG.error("request %s %s failed", request.method, shown_path(), exc_info=error)
        return answer(500)
