"""Shapes as an editor sends them (GeoJSON, WGS-84): read, held against the layer, with the place of each fault."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo_service.store import Store
from town_model import Layer, Text

#: A shape this far from the town, in degrees, is a slip of the hand.
FARTHEST_DEG = 1.0
MOST_VERTICES = 20_000
#: A new vertex this near to one that another row of the layer has is meant to be the same (16 cm): the map shows whole
#: micro-degrees, and tiles of large towns steps of 15 cm, so that a vertex taken over lies up to half of that beside.
WELD_DEG = 1.5e-6
_TYPES: Mapping[str, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
    "line_or_polygon": ("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
}
_LARGEST = 1e300
_DEPTH = {"Point": 0, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_REASON = re.compile(r"(?P<what>[A-Za-z -]+?)\s*\[(?P<lon>-?[\d.eE+-]+) (?P<lat>-?[\d.eE+-]+)[^\]]*\]")
# the words of GEOS for what is wrong with a polygon
_INVALID = {
    "Self-intersection": Text("The outline crosses itself here: move or delete a corner."),
    "Ring Self-intersection": Text("The outline touches itself here: move or delete a corner."),
    "Hole lies outside shell": Text("A hole lies outside its area here: move it inside, or delete it."),
    "Holes are nested": Text("A hole lies inside another hole here: delete one of them."),
    "Interior is disconnected": Text("Holes cut the area in two here: draw two areas instead."),
    "Nested shells": Text("A part lies inside another part here: delete one of them."),
    "Duplicate Rings": Text("The same outline is there twice: delete one of them."),
}
_INVALID_OTHER = Text("The shape is not sound here: move or delete a corner.")


@dataclass(frozen=True)
class ShapeFault:
    """What is wrong with a shape, and where.

    Args:
        words: what is wrong and what to do.
        lon: longitude of the place in degrees; None where the fault has none.
        lat: latitude of the place.
    """

    words: Text
    lon: float | None = None
    lat: float | None = None


def as_geojson(shape: BaseGeometry | None) -> dict[str, Any] | None:
    """Return a shape for an editor, with every bit of its coordinates."""
    if shape is None or shape.is_empty:
        return None
    told: dict[str, Any] = mapping(shape)
    return told


def read_shape(
    declared: Layer, given: object, *, town: tuple[float, float] | None = None
) -> tuple[BaseGeometry | None, tuple[ShapeFault, ...]]:
    """Return the shape that an editor sent, or what is wrong with it.

    Args:
        declared: the layer that it is for.
        given: a GeoJSON geometry, longitude and latitude (WGS-84).
        town: longitude and latitude of the town in degrees.

    Returns:
        The shape and no fault, or None and the faults.
    """
    known = _TYPES.get(declared.geometry or "", ())
    if not isinstance(given, Mapping) or given.get("type") not in known:
        return None, (ShapeFault(Text("This shape does not fit the layer: draw it again.")),)
    kind = str(given["type"])
    rows: list[tuple[float, float]] = []
    if not _collect(given.get("coordinates"), _DEPTH[kind], rows):
        return None, (ShapeFault(Text("The shape has coordinates that are no numbers: draw it again.")),)
    if len(rows) > MOST_VERTICES:
        told = Text.of("The shape has more than {most} corners: simplify it.", most=MOST_VERTICES)
        return None, (ShapeFault(told),)
    for lon, lat in rows:
        if abs(lon) > 180 or abs(lat) > 90 or (town and _far(lon, lat, town)):
            words = Text("This corner lies far from the town: move it back, or delete it.")
            return None, (ShapeFault(words, lon, lat),)
    # heights are left out before: half of the corners may have one, and nobody says that it is a number
    coordinates = _flat(given["coordinates"], _DEPTH[kind])
    fault = _thin(kind, coordinates)
    if fault is not None:
        return None, (fault,)
    shape = shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    if not shapely.is_valid(shape):
        return None, (_place_of(shape),)
    return shape, ()


def weld(store: Store, declared: Layer, shape: BaseGeometry, *, row_id: int | None = None) -> BaseGeometry:
    """Return a shape whose new vertices are exactly those of other rows where they were meant to be.

    Roads join only where they share a vertex, and cells of a grid share their boundary; a vertex that was taken over
    from the map is rounded. Vertices that the stored row has already stay as they are.

    Args:
        store: the town.
        declared: the layer.
        shape: the shape, WGS-84.
        row_id: the row that is edited; None for a new one.
    """
    if declared.geometry == "point":
        return shape
    west, south, east, north = shape.bounds
    box = (west - WELD_DEG, south - WELD_DEG, east + WELD_DEG, north + WELD_DEG)
    frame = store.frame(declared.name, bbox=box, crs="wgs84")
    own = {tuple(one) for one in shapely.get_coordinates(frame.geometry[frame.index == row_id].to_numpy())}
    theirs = shapely.get_coordinates(frame.geometry[frame.index != row_id].to_numpy())
    if not len(theirs):
        return shape
    tree = shapely.STRtree(np.asarray(shapely.points(theirs), dtype=object))

    def moved(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        made = rows.copy()
        (mine, other), _ = tree.query_nearest(
            shapely.points(rows), max_distance=WELD_DEG, return_distance=True, all_matches=False
        )
        for at, place in zip(mine, theirs[other], strict=True):
            if tuple(rows[at]) not in own:
                made[at] = place
        return made

    welded = shapely.transform(shape, moved)
    return welded if shapely.is_valid(welded) else shape


def _collect(given: object, depth: int, rows: list[tuple[float, float]]) -> bool:
    """Gather the coordinates of nested lists; False where they are none."""
    if depth > 0:
        return (
            isinstance(given, Sequence)
            and not isinstance(given, str)
            and len(given) > 0
            and all(_collect(one, depth - 1, rows) for one in given)
        )
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) < 2:
        return False
    numbers = [one for one in given[:2] if isinstance(one, int | float) and not isinstance(one, bool)]
    # a whole number may have more digits than a float can hold
    if len(numbers) < 2 or not all(abs(one) <= _LARGEST for one in numbers):
        return False
    rows.append((float(numbers[0]), float(numbers[1])))
    return True


def _flat(given: Any, depth: int) -> Any:
    """Return coordinates that `_collect` has seen as plain pairs, in the same lists."""
    if depth > 0:
        return [_flat(one, depth - 1) for one in given]
    return [float(given[0]), float(given[1])]


def _far(lon: float, lat: float, town: tuple[float, float]) -> bool:
    return max(abs(lon - town[0]), abs(lat - town[1])) > FARTHEST_DEG


def _thin(kind: str, coordinates: Any) -> ShapeFault | None:
    """Return the fault of a line without length or an outline of fewer than three corners."""
    if kind == "Point":
        return None
    lines = {"LineString": [coordinates], "MultiLineString": coordinates}.get(kind)
    if lines is not None:
        for line in lines:
            if len({tuple(one[:2]) for one in line}) < 2:
                return ShapeFault(Text("A line needs two different points."), *line[0][:2])
        return None
    rings = coordinates if kind == "Polygon" else [ring for part in coordinates for ring in part]
    for ring in rings:
        if len(ring) < 4 or len({tuple(one[:2]) for one in ring}) < 3:
            return ShapeFault(Text("An area needs three different corners."), *ring[0][:2])
        if list(ring[0][:2]) != list(ring[-1][:2]):
            return ShapeFault(Text("The outline of an area must end where it begins."), *ring[-1][:2])
    return None


def _place_of(shape: BaseGeometry) -> ShapeFault:
    found = _REASON.match(shapely.is_valid_reason(shape))
    if found is None:
        return ShapeFault(_INVALID_OTHER)
    return ShapeFault(
        _INVALID.get(found["what"].strip(), _INVALID_OTHER), float(found["lon"]), float(found["lat"])
    )
