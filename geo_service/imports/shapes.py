"""Geometries of a file made fit for their layer, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo_service.imports.faults import CellError
from town_model import Layer, Text

_POLYGONS, _LINES = {"Polygon", "MultiPolygon"}, {"LineString", "MultiLineString"}
_ALLOWED = {"point": {"Point"}, "line": _LINES, "polygon": _POLYGONS, "line_or_polygon": _POLYGONS | _LINES}
# a repair may change this share of an area; more is another shape
_REPAIR_SHARE = 0.01


def _closed_to_polygon(shape: Any) -> Any:
    """Return the polygon of a closed line, as drawings and KML carry outlines."""
    if shape.geom_type == "LineString" and shape.is_closed and shapely.get_num_coordinates(shape) >= 4:
        return shapely.Polygon(shapely.get_coordinates(shape))
    return None


def _repaired(shape: Any) -> Any:
    fixed = shapely.make_valid(shape)
    parts = [one for one in shapely.get_parts(fixed) if one.geom_type in _POLYGONS]
    polygons = shapely.union_all(parts) if parts else shapely.Polygon()
    before = abs(shape.area)
    if polygons.is_empty or not before or abs(polygons.area - before) > _REPAIR_SHARE * before:
        raise CellError(
            Text.of("the outline crosses itself ({reason})", reason=shapely.is_valid_reason(shape)),
            Text.of("draw the outline again without crossings"),
        )
    return polygons


def fit_shape(shape: Any, layer: Layer) -> tuple[Any, list[Text]]:
    """Return a geometry as the layer holds it, with warnings.

    Args:
        shape: geometry as the file has it, in WGS-84.
        layer: the layer.

    Raises:
        CellError: missing, empty, of the wrong kind, not finite, or crossing itself.
    """
    if shape is None or shape.is_empty:
        raise CellError(Text.of("the row has no geometry"), Text.of("draw its place"))
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise CellError(
            Text.of("the geometry has coordinates that are no numbers"), Text.of("draw its place")
        )
    shape = shapely.force_2d(shape)
    allowed = _ALLOWED[str(layer.geometry)]
    warnings: list[Text] = []
    if shape.geom_type in {"MultiPoint", "GeometryCollection"} and shapely.get_num_geometries(shape) == 1:
        shape = shapely.get_geometry(shape, 0)
    if shape.geom_type not in allowed and "Polygon" in allowed:
        polygon = _closed_to_polygon(shape)
        if polygon is not None:
            shape = polygon
            warnings.append(Text.of("a closed line was taken as an area"))
    if shape.geom_type not in allowed:
        raise CellError(
            Text.of(
                "a {kind} is drawn where the layer needs {allowed}",
                kind=shape.geom_type,
                allowed=" / ".join(sorted(allowed)),
            ),
            Text.of("draw it as the layer needs it"),
        )
    bounds = shape.bounds
    if max(abs(bounds[0]), abs(bounds[2])) > 180 or max(abs(bounds[1]), abs(bounds[3])) > 90:
        raise CellError(
            Text.of(
                "the coordinates {bounds} are no degrees", bounds=", ".join(f"{one:.6g}" for one in bounds)
            ),
            Text.of("declare the EPSG code of the coordinate system"),
        )
    if shape.geom_type in _LINES and shape.length == 0:
        raise CellError(Text.of("the line has no length"), Text.of("draw it again"))
    if not shape.is_valid and shape.geom_type in _POLYGONS:
        shape = _repaired(shape)
        warnings.append(Text.of("small faults of the outline were repaired"))
    return shape, warnings
