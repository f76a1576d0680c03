"""JSON Schema of a layer's rows, from its declaration: for the API, for forms and for scripts."""

from __future__ import annotations

from typing import Any

from town_model.fields import Column, Layer

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# GeoJSON geometry types by the declared kind of geometry.
GEOMETRY_TYPES: dict[str, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
    "line_or_polygon": ("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
}
_TYPES = {"integer": "integer", "ref": "integer", "real": "number", "boolean": "boolean"}
_FORMATS = {"date": "date", "datetime": "date-time"}


def layer_schema(declared: Layer, language: str = "en") -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a row of a layer: its columns, and its geometry as GeoJSON in WGS-84.

    A column that may be missing also takes null. Units stand in ``x-unit``, the titles of choices in
    ``x-choice-titles``, the layer a reference points into in ``x-refers-to``.

    Args:
        declared: the layer.
        language: language of titles and descriptions, ``zh`` or ``en``.

    Returns:
        A schema of plain values, ready for `json.dumps`.
    """
    properties = {one.name: _property(one, language) for one in declared.columns}
    required = [one.name for one in declared.columns if one.required]
    kinds = GEOMETRY_TYPES.get(declared.geometry or "", ())
    if kinds:
        properties["geometry"] = {
            "type": "object",
            "title": "位置" if language.startswith("zh") else "Geometry",
            "description": "GeoJSON, WGS-84",
            "properties": {"type": {"enum": list(kinds)}, "coordinates": {"type": "array"}},
            "required": ["type", "coordinates"],
        }
        required.append("geometry")
    return {
        "$schema": DIALECT,
        "title": declared.title(language),
        "description": declared.help_zh if language.startswith("zh") else declared.help_en,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _property(column: Column, language: str) -> dict[str, Any]:
    kind = _TYPES.get(column.kind, "string")
    described: dict[str, Any] = {
        "title": column.zh if language.startswith("zh") else column.en,
        "type": kind if column.required else [kind, "null"],
    }
    words = column.help_zh if language.startswith("zh") else column.help_en
    if words:
        described["description"] = words
    if column.unit:
        described["x-unit"] = column.unit
    if column.minimum is not None:
        described["minimum"] = column.minimum
    if column.maximum is not None:
        described["maximum"] = column.maximum
    if column.kind in _FORMATS:
        described["format"] = _FORMATS[column.kind]
    if column.choices:
        values: list[str | None] = [one.value for one in column.choices]
        described["enum"] = values if column.required else [*values, None]
        described["x-choice-titles"] = {
            one.value: column.choice_title(one.value, language) for one in column.choices
        }
    if column.refers_to:
        described["x-refers-to"] = column.refers_to
    if column.default is not None:
        described["default"] = column.default
    return described
