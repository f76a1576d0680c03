"""The files of the pages: our own and the vendored ones of the maps, under addresses that change with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

import werkzeug
from flask import Blueprint, Response, abort, request, url_for
from werkzeug.security import safe_join

import town_maps
from geo_service.web.access import Permission, allow

STATIC = Path(__file__).with_name("static")
_YEAR_S = 365 * 24 * 3600
#: Smaller files gain nothing; pictures and archives are packed already.
_WORTH_PACKING = 1000
_PACKABLE = ("text/", "application/json", "image/svg")

blueprint = Blueprint("assets", __name__)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of one of the service's own files."""
    return url_for("assets.static", digest=_digest(STATIC / name), name=name)


@blueprint.get("/static/<digest>/<path:name>")
@allow(Permission.ANYONE)
def static(digest: str, name: str) -> werkzeug.Response:
    """Send one of the service's own files; it may be kept for a year, its address changes when it does."""
    del digest
    path = safe_join(str(STATIC), name)
    if path is None or not Path(path).is_file():
        abort(404)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    content = Path(path).read_bytes()
    return _kept(content, "text/javascript" if name.endswith(".js") else media_type)


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
    return _kept(file.content, file.media_type)


@cache
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def _kept(content: bytes, media_type: str) -> werkzeug.Response:
    """Return a file for a year's keeping, packed where the browser takes that; each form has a tag of its own.

    Only files that are the same for everybody go this way: packing a page with a secret and a reader's words tells of the secret.
    """
    tag = hashlib.sha256(content).hexdigest()[:32]
    response = Response(content, mimetype=media_type)
    if len(content) > _WORTH_PACKING and media_type.startswith(_PACKABLE):
        response.vary.add("Accept-Encoding")
        if request.accept_encodings.quality("gzip") > 0:
            response.set_data(_packed(content))
            response.content_encoding = "gzip"
            tag += "-gzip"
    response.set_etag(tag)
    response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    return response.make_conditional(request)
