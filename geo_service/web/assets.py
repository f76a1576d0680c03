"""The files of the pages: our own and the vendored ones of the maps, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TypeVar

import werkzeug
from flask import Blueprint, Response, abort, request, send_from_directory, url_for

import town_maps
from geo_service.web.access import Permission, allow

Kept = TypeVar("Kept", bound=werkzeug.Response)
STATIC = Path(__file__).with_name("static")
_YEAR_S = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of one of the service's own files."""
    return url_for("assets.static", digest=_digest(STATIC / name), name=name)


@blueprint.get("/static/<digest>/<path:name>")
@allow(Permission.ANYONE)
def static(digest: str, name: str) -> Response:
    """Send one of the service's own files; it may be kept for a year, its address changes when it does."""
    del digest
    return _keep(send_from_directory(STATIC, name))


def map_asset(name: str) -> str:
    """Return the address of one of the files that the maps need."""
    return url_for("assets.map_file", digest=town_maps.asset(name).digest[:12], name=name)


@blueprint.get("/static/maps/<digest>/<path:name>")
@allow(Permission.ANYONE)
def map_file(digest: str, name: str) -> werkzeug.Response:
    """Send one of the files that the maps need: vendored ones and those that Folium writes."""
    del digest
    if name not in town_maps.asset_names():
        abort(404)
    file = town_maps.asset(name)
    response = Response(file.content, mimetype=file.media_type)
    response.set_etag(file.digest)
    return _keep(response.make_conditional(request))


def _keep(response: Kept) -> Kept:
    response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    return response
