"""JSON Schemas of what the interface takes and gives; those of layers follow from their declarations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from geo_service.store.tables import always_present, geometry_required
from town_model import LAYERS, Column, Layer, layer_schema
from town_model.json_schema import DIALECT, GEOMETRY_TYPES

LOCAL_TIME = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?$"
_POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
_LINE = {"type": "array", "items": _POSITION, "minItems": 2}
_RING = {"type": "array", "items": _POSITION, "minItems": 4}
_AREA = {"type": "array", "items": _RING, "minItems": 1}
_COORDINATES: dict[str, dict[str, Any]] = {
    "Point": _POSITION,
    "LineString": _LINE,
    "MultiLineString": {"type": "array", "items": _LINE, "minItems": 1},
    "Polygon": _AREA,
    "MultiPolygon": {"type": "array", "items": _AREA, "minItems": 1},
}
_EXAMPLES: dict[str, Any] = {
    "Point": [118.78, 32.04],
    "LineString": [[118.78, 32.04], [118.781, 32.04]],
    "Polygon": [[[118.78, 32.04], [118.781, 32.04], [118.781, 32.041], [118.78, 32.04]]],
}

LINK = {
    "type": "object",
    "properties": {
        "href": {"type": "string"},
        "rel": {"type": "string"},
        "type": {"type": "string"},
        "title": {"type": "string"},
    },
    "required": ["href", "rel"],
}
LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        **more,
    }


_TEXT = {"type": "string"}
_WHOLE = {"type": "integer", "minimum": 0}
_COLLECTION = _object(
    {
        "id": _TEXT,
        "title": _TEXT,
        "description": _TEXT,
        "itemType": {"const": "feature"},
        "crs": {"type": "array", "items": _TEXT},
        "links": LINKS,
    },
    {
        "extent": _object(
            {
                "spatial": _object(
                    {
                        "bbox": {
                            "type": "array",
                            "items": {
                                "type": "array",
                                "items": {"type": "number"},
                                "minItems": 4,
                                "maxItems": 4,
                            },
                        },
                        "crs": _TEXT,
                    }
                )
            }
        )
    },
)
_RESULT = _object(
    {
        "id": _WHOLE,
        "kind": _TEXT,
        "created_at": {"type": "string", "format": "date-time"},
        "created_by": _TEXT,
        "stale": {"type": "boolean", "description": "Whether its layers have changed since."},
        "options": {"type": "object"},
        "summary": {"type": "object"},
        "links": LINKS,
    }
)
_PUBLISHED: dict[str, Any] = {
    "first_day": {"type": "string", "format": "date"},
    "last_day": {"type": "string", "format": "date"},
    "published_at": {"type": "string", "format": "date-time"},
    "published_by": _TEXT,
}
#: Schemas that belong to no layer, by name.
SHARED: dict[str, dict[str, Any]] = {
    "link": LINK,
    "problem": _object(
        {"status": {"type": "integer"}, "code": _TEXT, "title": _TEXT, "messages": {"type": "array", "items": _TEXT}},
        {
            "type": _TEXT,
            "detail": _TEXT,
            "remedy": _TEXT,
            "faults": {"type": "array", "items": _object({"message": _TEXT}, {"place": _TEXT})},
        },
    ),
    "landing_page": _object({"title": _TEXT, "description": _TEXT, "links": LINKS}),
    "conformance": _object({"conformsTo": {"type": "array", "items": _TEXT}}),
    "collection": _COLLECTION,
    "collections": _object(
        {"links": LINKS, "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}}}
    ),
    "result": _RESULT,
    "plan": _object({**_RESULT["properties"], **_PUBLISHED}),
    "results": _object({"results": {"type": "array", "items": {"$ref": "#/components/schemas/result"}}, "links": LINKS}),
    "result_rows": _object(
        {
            "type": {"const": "FeatureCollection"},
            "numberMatched": _WHOLE,
            "numberReturned": _WHOLE,
            "timeStamp": {"type": "string", "format": "date-time"},
            "links": LINKS,
            "features": {
                "type": "array",
                "items": _object(
                    {"type": {"const": "Feature"}, "id": _WHOLE, "geometry": {"type": ["object", "null"]}, "properties": {"type": "object"}}
                ),
            },
        }
    ),
    "change": _object({"change": {"type": ["integer", "null"], "description": "Number of the change; an undo takes it back."}}),
}  # fmt: skip


def row_properties(declared: Layer, language: str) -> dict[str, dict[str, Any]]:
    """Return the schema of each column of the rows that the interface sends: those that no row lacks are never null."""
    known = layer_schema(declared, language)["properties"]
    found: dict[str, dict[str, Any]] = {}
    for column in declared.columns:
        one = dict(known[column.name])
        if always_present(column):
            one = _without_null(one)
        if column.kind == "datetime":
            # the local time of the station, without a zone: no date-time after RFC 3339
            one.pop("format")
            one["pattern"] = LOCAL_TIME
        if column.kind in ("text", "hours") and column.required:
            one["minLength"] = 1
        found[column.name] = one
    return found


def feature_schema(declared: Layer, language: str) -> dict[str, Any]:
    """Return the schema of a row of a layer as a GeoJSON feature.

    Args:
        declared: the layer.
        language: language of titles and descriptions, ``zh`` or ``en``.
    """
    columns = row_properties(declared, language)
    revision = {
        "type": "integer",
        "readOnly": True,
        "description": "Number of the change that it comes from.",
    }
    properties = _object({**columns, "revision": revision}, title=declared.title(language))
    return _object(
        {
            "type": {"const": "Feature"},
            "id": {"type": "integer"},
            "geometry": geometry_schema(declared),
            "properties": properties,
        },
        {"links": LINKS_INLINE},
    )


def plain_schema(declared: Layer, language: str) -> dict[str, Any]:
    """Return a schema of the rows of a layer from which GIS programs take the kinds of its columns.

    They read one kind a column, and take null for "no value" anyway; `feature_schema` says it to the letter.
    """
    columns = {}
    for name, one in row_properties(declared, language).items():
        kept: dict[str, Any] = {
            key: one[key] for key in ("title", "description", "format", "x-unit", "x-refers-to") if key in one
        }
        kind = next(each for each in _listed(one["type"]) if each != "null")
        if "enum" in one:
            kept["enum"] = [each for each in one["enum"] if each is not None]
        columns[name] = {"type": kind, **kept}
    columns["revision"] = {"type": "integer"}
    return {
        "$schema": DIALECT,
        "type": "object",
        "title": declared.title(language),
        "properties": {"properties": {"type": "object", "properties": columns}},
    }


def _listed(kind: str | list[str]) -> list[str]:
    return kind if isinstance(kind, list) else [kind]


LINKS_INLINE = {"type": "array", "items": LINK}


def geometry_schema(declared: Layer) -> dict[str, Any]:
    """Return the schema of the geometry of a layer as GeoJSON: null where it has none."""
    kinds = _kinds(declared)
    shapes: list[dict[str, Any]] = [
        _object({"type": {"const": kind}, "coordinates": _COORDINATES[kind]}) for kind in kinds
    ]
    if not geometry_required(declared):
        shapes.append({"type": "null"})
    return shapes[0] if len(shapes) == 1 else {"oneOf": shapes}


def layer_schemas(declared: Layer, language: str) -> dict[str, dict[str, Any]]:
    """Return the schemas of a layer by name: a row, a page of rows, what a new row and a change of one hold."""
    name = declared.name
    columns = row_properties(declared, language)
    needed = [one.name for one in declared.columns if one.required]
    free = {
        one.name: columns[one.name] if one.required else _with_null(columns[one.name])
        for one in declared.columns
    }
    revision = {"type": "integer", "description": "Left out of account: If-Match names the revision."}
    new = {
        "type": "object",
        "properties": {**free, "revision": revision},
        "required": needed,
        "additionalProperties": False,
    }
    some = {key: value for key, value in new.items() if key != "required"}
    head = {"type": {"const": "Feature"}, "id": {"type": ["integer", "null"]}, "links": LINKS_INLINE}
    shape = geometry_schema(declared)
    whole = ["type", "properties", *(["geometry"] if geometry_required(declared) else [])]
    return {
        f"{name}_feature": feature_schema(declared, language),
        f"{name}_features": _object(
            {
                "type": {"const": "FeatureCollection"},
                "numberMatched": _WHOLE,
                "numberReturned": _WHOLE,
                "timeStamp": {"type": "string", "format": "date-time"},
                "links": LINKS,
                "features": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}_feature"}},
            }
        ),
        f"{name}_new": {
            "type": "object",
            "properties": {**head, "geometry": shape, "properties": new},
            "required": whole,
            "additionalProperties": False,
        },
        f"{name}_patch": {
            "type": "object",
            "properties": {**head, "geometry": shape, "properties": some},
            "additionalProperties": False,
        },
    }


def row_example(declared: Layer, language: str, *, stored: bool) -> dict[str, Any]:
    """Return a row of a layer that shows how one looks, valid by its schema.

    Args:
        declared: the layer.
        language: ``zh`` or ``en``.
        stored: whether it is a row that is sent, with every column, its number and revision; otherwise a new one.
    """
    kinds = [one for one in _kinds(declared) if one in _EXAMPLES]
    geometry = {"type": kinds[0], "coordinates": _EXAMPLES[kinds[0]]} if kinds else None
    columns = {
        one.name: _example(one, language) if stored or one.required else None
        for one in declared.columns
        if stored or one.required
    }
    row: dict[str, Any] = {"type": "Feature", "geometry": geometry, "properties": columns}
    if stored:
        row = {**row, "id": 1, "properties": {**columns, "revision": 1}}
    return row


def column_example(column: Column, language: str) -> Any:
    """Return a value that a column may have."""
    return _example(column, language)


def _example(column: Column, language: str) -> Any:
    if column.default is not None:
        return column.default
    if column.choices:
        return column.choices[0].value
    low = column.minimum if column.minimum is not None else min(1.0, column.maximum or 1.0)
    return {
        "text": column.zh if language.startswith("zh") else column.en,
        "hours": "08:00-18:00",
        "integer": int(low),
        "ref": 1,
        "real": float(low),
        "boolean": True,
        "date": dt.date(2026, 5, 4).isoformat(),
        "datetime": "2026-05-04T08:00:00",
    }[column.kind]


def _kinds(declared: Layer) -> tuple[str, ...]:
    if declared.geometry == "raster":
        return ("Polygon", "MultiPolygon")
    return GEOMETRY_TYPES.get(declared.geometry or "", ())


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema["type"]
    found = {**schema, "type": kind[0] if isinstance(kind, list) else kind}
    if "enum" in schema:
        found["enum"] = [one for one in schema["enum"] if one is not None]
    return found


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema["type"]
    found = {**schema, "type": kind if isinstance(kind, list) else [kind, "null"]}
    if "enum" in schema and None not in schema["enum"]:
        found["enum"] = [*schema["enum"], None]
    return found


def readable_layers(*, sensitive: bool) -> list[Layer]:
    """Return the layers that a reader may see."""
    return [one for one in LAYERS.values() if sensitive or not one.sensitive]
