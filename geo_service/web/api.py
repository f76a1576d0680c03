"""JSON for the maps and for scripts."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from hashlib import sha256

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from geo_service import mapdata
from geo_service.web import gap_list, maps, my_routes, patrol_view, publication_view
from geo_service.web.access import Permission, allow
from geo_service.web.languages import language, spoken
from geo_service.web.packing import packed
from geo_service.web.sessions import audit, audit_view, scope, store
from town_model import InputError

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/v1/map/<key>.json")
@allow(Permission.SIGNED_IN)
def map_layer(key: str) -> ResponseReturnValue:
    """Send a layer of the map; one that the user may not see answers as one that does not exist."""
    if not maps.may_see(key):
        abort(404)
    one = mapdata.source(key)
    bbox, zoom = read_bbox(request.args.get("bbox")), read_zoom(request.args.get("zoom"))
    unit = request.args.get("unit")
    tag = _tag(mapdata.data_version(store(), key), language(), bbox, zoom, unit)
    if one.sensitive:
        audit_view("view_map_layer", key)
    elif request.if_none_match.contains_weak(tag):
        return _kept(Response(status=304), tag)
    permissions = {one.permission}
    data = mapdata.layer_data(
        store(), key, language=language(), permissions=permissions, bbox=bbox, zoom=zoom
    )
    content = mapdata.encode(data if unit is None else maps.only_classes(data, {unit}))
    # cameras, gaps and routes must not stay behind on the disk of a shared computer or phone
    return _json(content) if one.sensitive else _kept(_json(content), tag)


@blueprint.get("/api/v1/my-map/<any(patrol_routes, patrol_places):key>.json")
@allow(Permission.SEE_OWN_ROUTES)
def my_map_layer(key: str) -> ResponseReturnValue:
    """Send the route or the stops of one of the user's own units; any other unit answers as one that does not exist."""
    result = publication_view.route_plan()
    lines = my_routes.my_lines(result, scope(), request.args.get("unit", "")) if result else None
    if result is None or lines is None:
        abort(404)
    return jsonify(maps.own_layer(result, lines, key))


@blueprint.get("/api/v1/gaps")
@allow(Permission.SEE_GAPS)
def gaps() -> ResponseReturnValue:
    """Send one page of the list of blind spots, with the filters of the page."""
    query = gap_list.GapQuery.read(request.args)
    result = store().latest_result("gaps")
    audit("view_gaps")
    if result is None:
        return jsonify({"computed": None, "gaps": []})
    page = gap_list.gap_page(result, query)
    return jsonify(
        {"computed": result.created_at.isoformat(), "stale": result.is_stale, **spoken(asdict(page))}
    )


@blueprint.get("/api/v1/plan")
@allow(Permission.SEE_PLAN)
def plan() -> ResponseReturnValue:
    """Send the patrol plan, with the timetable of one unit."""
    result = store().latest_result("patrol")
    audit("view_plan")
    if result is None:
        return jsonify({"computed": None})
    view = patrol_view.plan(result, language(), unit=request.args.get("unit"))
    return jsonify(
        {"computed": result.created_at.isoformat(), "stale": result.is_stale, **spoken(asdict(view))}
    )


def read_bbox(words: str | None) -> tuple[float, float, float, float] | None:
    """Return the box that a request asks for: west, south, east, north in degrees; None where it asks for none.

    Args:
        words: the parameter ``bbox``.

    Raises:
        InputError: it is no box on the globe.
    """
    if words is None:
        return None
    try:
        west, south, east, north = (float(one) for one in words.split(","))
    except ValueError:
        west = south = east = north = math.nan
    # a map that was panned far reaches beyond the date line
    if not (-540 <= west <= east <= 540 and -90 <= south <= north <= 90):
        raise InputError("bbox must be west,south,east,north in degrees, not {value!r}", value=words)
    return max(west, -180.0), south, min(east, 180.0), north


def read_zoom(words: str | None) -> float | None:
    """Return the zoom that a request asks for; None where it asks for none.

    Raises:
        InputError: it is no zoom of a map.
    """
    if words is None:
        return None
    try:
        zoom = float(words)
    except ValueError:
        zoom = math.nan
    if not 0 <= zoom <= 25:
        raise InputError("zoom must be a number from 0 to 25, not {value!r}", value=words)
    return zoom


def _json(content: bytes) -> Response:
    """Return JSON, compressed where the browser takes that: a layer shrinks to a third, and holds no secret to guess at."""
    return packed(Response(content, mimetype="application/json"))


def _tag(*parts: object) -> str:
    return sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]


def _kept(response: Response, tag: str) -> Response:
    """Let the browser keep an answer for itself, and ask each time whether it still holds."""
    response.set_etag(tag, weak=True)
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response
