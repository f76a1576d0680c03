"""How answers of the interface leave: written JSON, packed where that pays, with their revision and links."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Response, request, url_for

from geo_service.web.api_v1.operations import JSON
from geo_service.web.languages import language
from geo_service.web.packing import packed

Link = dict[str, str]


def send(
    content: Any, media: str = JSON, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer.

    Args:
        content: JSON that was written, or plain values.
        media: media type.
        status: HTTP status.
        headers: further headers.
    """
    words = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, allow_nan=False)
    data = words.encode("utf-8", "surrogatepass" if status >= 400 else "strict")
    response = Response(data, status=status, mimetype=media)
    response.headers.update(headers or {})
    response.vary.update(("Accept-Language", "Authorization"))
    return packed(response, level=1)


def page_tag(*parts: object) -> str:
    """Return the mark of an answer that follows from some parts, the address and the language."""
    told = [request.full_path, request.host, language(), *parts]
    return sha256(json.dumps(told, default=str).encode()).hexdigest()[:24]


def unchanged(tag: str) -> bool:
    """Return whether the reader holds the answer of that mark already."""
    return request.if_none_match.contains_weak(tag)


def keep(response: Response, tag: str, *, weak: bool = True, sensitive: bool = False) -> Response:
    """Mark an answer; readers ask each time whether it still holds, and keep none of sensitive data."""
    response.set_etag(tag, weak=weak)
    response.headers["Cache-Control"] = "no-store" if sensitive else "private, no-cache"
    return response


def link(rel: str, endpoint: str, media: str = JSON, *, title: str = "", **values: Any) -> Link:
    """Return a link to a view of this service, with its whole address."""
    return link_to(rel, url_for(endpoint, _external=True, **values), media, title=title)


def link_to(rel: str, address: str, media: str = JSON, *, title: str = "") -> Link:
    """Return a link to an address."""
    found = {"href": address, "rel": rel, "type": media}
    return {**found, "title": title} if title else found


def page_links(
    endpoint: str, media: str, *, matched: int, limit: int, offset: int, **values: Any
) -> list[Link]:
    """Return the links from one page to itself, the next and the one before; they keep all other parameters."""
    kept = {key: words for key, words in request.args.items() if key not in ("limit", "offset")}

    def at(rel: str, start: int) -> Link:
        place: dict[str, Any] = {"limit": limit, **({"offset": start} if start else {})}
        return link(rel, endpoint, media, **{**kept, **place, **values})

    found = [link_to("self", request.url, media)]
    if offset + limit < matched:
        found.append(at("next", offset + limit))
    if offset > 0:
        found.append(at("prev", max(0, min(offset, matched) - limit)))
    return found
