"""Answers packed for browsers that take it: a page shrinks to a sixth, which a phone at the edge of the town feels."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

#: Smaller answers gain nothing.
WORTH_PACKING = 2000


def packed(response: Response, *, level: int = 5) -> Response:
    """Pack an answer where that pays and the reader takes it; return it.

    Args:
        response: an answer that holds nothing that a stranger could put there beside something to guess at.
        level: effort of the packing, 1 to 9.
    """
    response.vary.add("Accept-Encoding")
    content = response.get_data()
    if len(content) > WORTH_PACKING and request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(content, compresslevel=level, mtime=0))
        response.content_encoding = "gzip"
    return response


def install(app: Flask) -> None:
    """Let an application pack its pages.

    The length of a packed page tells of its secrets to one who may put words into it (BREACH), and the address is the only
    place from which a stranger can: pages that were asked for with a query, or sent a form, go as they are.
    """

    @app.after_request
    def _pack(response: Response) -> Response:
        if (
            request.method == "GET"
            and not request.query_string
            and response.status_code == 200
            and response.mimetype == "text/html"
            and not response.is_streamed
            and not response.content_encoding
        ):
            return packed(response)
        return response
