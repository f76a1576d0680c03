"""Bodies of requests: JSON that was checked for its shape, and the row that a GeoJSON feature describes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import shapely
from flask import abort, request
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from geo_service.web.layer_forms import FARTHEST_DEG, personal_faults
from town_model import InputError, Layer, Text

_MEMBERS = frozenset({"type", "id", "geometry", "properties", "links", "bbox"})
_REVISION = re.compile(r'"(\d{1,18})"')
_LONGEST_NUMBER = 18


def read_json(media: tuple[str, ...]) -> Any:
    """Return the JSON of the body.

    Args:
        media: the media types that are understood; others are refused with 415.

    Raises:
        InputError: it is no JSON, or holds numbers that are none.
    """
    if request.mimetype not in media:
        abort(415)
    try:
        words = request.get_data().decode("utf-8-sig")
        return json.loads(words, parse_constant=_no_number, parse_int=_whole)
    except (ValueError, RecursionError):
        raise InputError("the body is no JSON") from None


def read_feature(declared: Layer, media: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of a row that the body describes: columns by name, and ``geometry`` where it says one.

    Args:
        declared: the layer.
        media: the media types that are understood.

    Raises:
        InputError: it is no feature, names columns that are none, or holds personal data; all such faults.
    """
    body = read_json(media)
    if not isinstance(body, dict) or body.get("type", "Feature") != "Feature":
        raise InputError("the body must be a GeoJSON feature")
    faults = [
        Text.of("a feature has no member {column}", column=_short(one))
        for one in sorted(set(body) - _MEMBERS)
    ]
    properties = body.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise InputError("properties must be an object")
    values = {name: value for name, value in properties.items() if name != "revision"}
    unknown = sorted(set(values) - set(declared.column_names))
    if unknown:
        listed = ", ".join(map(_short, unknown))
        faults.append(Text.of("layer {layer} has no column {columns}", layer=declared.name, columns=listed))
    for column in declared.columns:
        if isinstance(values.get(column.name), str):
            faults += personal_faults(declared, column, values[column.name])
    if faults:
        raise InputError(faults)
    if "geometry" in body:
        shape = read_shape(body["geometry"])
        if declared.geometry is not None:
            values["geometry"] = shape
        elif shape is not None:
            raise InputError("layer {layer} has no geometry", layer=declared.name)
    return values


def read_shape(given: Any) -> BaseGeometry | None:
    """Return the Shapely geometry of a GeoJSON geometry; None for null.

    Raises:
        InputError: it is none.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InputError("geometry must be a GeoJSON geometry")
    try:
        return shapely.from_geojson(
            json.dumps({"type": given.get("type"), "coordinates": given.get("coordinates")})
        )
    except (GEOSException, ValueError) as error:
        raise InputError("geometry must be a GeoJSON geometry") from error


def far_away(shape: BaseGeometry | None, town: tuple[float, float] | None) -> list[Text]:
    """Return a fault where a shape lies so far from the town that its coordinates must be wrong."""
    if shape is None or shape.is_empty or town is None:
        return []
    west, south, east, north = shape.bounds
    if (
        max(abs(west - town[0]), abs(east - town[0]), abs(south - town[1]), abs(north - town[1]))
        <= FARTHEST_DEG
    ):
        return []
    return [
        Text.of(
            "the position lies far from the town ({lon:.4f}, {lat:.4f}): check longitude and latitude",
            lon=town[0],
            lat=town[1],
        )
    ]


def expected_revision() -> int:
    """Return the revision that ``If-Match`` names; 428 where it is missing, 412 where no row can have it."""
    words = request.headers.get("If-Match", "").strip()
    if not words:
        abort(428)
    match = _REVISION.fullmatch(words)
    if match is None:
        abort(412)
    return int(match[1])


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"


def _whole(words: str) -> int | float:
    return int(words) if len(words) <= _LONGEST_NUMBER else float(words)


def _no_number(words: str) -> Any:
    raise ValueError(words)
