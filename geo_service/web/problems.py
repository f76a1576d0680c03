"""Errors of the interface as RFC 9457 describes them: a code for programs, words, places and a remedy for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response

from geo_service.web import bearer
from geo_service.web.languages import words
from town_model import Text

MEDIA = "application/problem+json"
_PLACES = ("parameter", "column", "columns", "row", "layer")


def problem(
    status: int, title: str, messages: Sequence[str], *, remedy: str = "", texts: Iterable[Text] = (), code: str = ""
) -> Response:  # fmt: skip
    """Return an error as JSON.

    Args:
        status: HTTP status.
        title: what kind of error it is, in words.
        messages: what is wrong.
        remedy: what to do.
        texts: the messages before they were said: they know the parameter, column or row.
        code: word for programs; by default that of the status, such as ``not_found``.
    """
    found: dict[str, Any] = {
        "status": status,
        "code": code or HTTPStatus(status).name.lower(),
        "title": title,
        "messages": list(messages),
    }
    if messages:
        found["detail"] = messages[0]
    if remedy:
        found["remedy"] = remedy
    told = list(texts)
    if told:
        found["faults"] = [_fault(one) for one in told]
    response = Response(json.dumps(found, ensure_ascii=True), status=status, mimetype=MEDIA)
    response.vary.update(("Accept-Language", "Authorization"))
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = bearer.challenge()
    return response


def _fault(text: Text) -> dict[str, str]:
    params = dict(text.params)
    inner = params.get("fault")
    if isinstance(inner, Text):
        params = {**inner.params, **params}
    place = next((f"{key} {params[key]}" for key in _PLACES if key in params), "")
    return {"message": words(text), "place": place} if place else {"message": words(text)}
