"""The example row of a template: right by the declaration of its layer, and about no real place."""

from __future__ import annotations

from typing import Any

from town_model import Column, Layer

EXAMPLE_WORDS = {"zh": "示例行，导入时跳过", "en": "Example row, skipped when importing"}
# figures that a reader takes for likely; every other number is the middle of its range or its default
_LIKELY: dict[str, Any] = {
    "lon": 118.783456,
    "lat": 32.041234,
    "mount_height_m": 6,
    "azimuth_deg": 135,
    "tilt_deg": 10,
    "hfov_deg": 60,
    "vfov_deg": 34,
    "focal_length_mm": 6,
    "focal_length_min_mm": 2.8,
    "focal_length_max_mm": 12,
    "sensor_width_mm": 5.4,
    "sensor_height_mm": 3.0,
    "resolution_px_h": 2560,
    "resolution_px_v": 1440,
    "max_range_m": 80,
    "ir_range_m": 30,
    "retention_days": 30,
    "price_yuan": 18000,
    "visit_interval_min": 120,
    "speed_kmh": 30,
    "range_m": 3000,
    "width_m": 6,
    "height_m": 9,
    "levels": 3,
    "households": 320,
    "dwellings": 40,
    "dwell_s": 30,
    "sample_size": 200,
    "score": 92.5,
    "admin_level": 9,
    "from_road": "way/1",
    "to_road": "way/2",
    "highway": "residential",
    "month": "2026-05",
    "place": "石门路与河街交叉口",
    "phone": "025-84000110",
    "hours": "07:00-08:10,16:30-18:00",
    "shifts": "08:00-16:00",
    "reason": "学生上下学人流集中",
    "approver": "镇综治办",
    "note": "",
    "osm_id": "",
}
_CODES = {"camera_sites": "32010200001315000001", "villages": "320102001001", "grids": "320102001001001"}
_SHAPES = {
    "line": "LINESTRING(118.7834 32.0412, 118.7846 32.0415)",
    "polygon": "POLYGON((118.7834 32.0412, 118.7846 32.0412, 118.7846 32.0421, 118.7834 32.0421, 118.7834 32.0412))",
}


def _value(column: Column, layer: Layer) -> Any:
    if column.name == "code":
        return _CODES.get(layer.name, "0001")
    if column.name in _LIKELY:
        return _LIKELY[column.name] or None
    if column.default is not None:
        return column.default
    match column.kind:
        case "choice":
            return column.choices[0].value
        case "boolean":
            return True
        case "date":
            return "2026-05-03"
        case "datetime":
            return "2026-05-03 08:00"
        case "integer" | "real":
            low, high = column.minimum or 0, column.maximum or 100
            return round(low + (min(high, low + 100) - low) / 2)
        case "ref":
            return "示例" if column.required else None
        case _:
            return f"示例{layer.zh}" if column.name == "name" else None


def example_values(layer: Layer) -> dict[str, Any]:
    """Return the values of an example row by column, with ``lon``, ``lat`` or ``wkt`` for its place.

    Args:
        layer: the layer.
    """
    values = {column.name: _value(column, layer) for column in layer.columns}
    if layer.geometry == "point":
        values |= {"lon": _LIKELY["lon"], "lat": _LIKELY["lat"]}
    elif layer.geometry is not None:
        values["wkt"] = _SHAPES["line" if layer.geometry == "line" else "polygon"]
    return values
