"""What a unit does at a stop of its plan, in words: it visits a place, drives a street, or stands a post."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from town_model import Text

STREET, POST = "street", "post"


def stop_words(visit: Mapping[Any, Any]) -> Text | str:
    """Return the name of a stop, with what is done there where that is not a visit.

    Args:
        visit: a row of the frame ``visits``: ``place_name`` and, in newer plans, ``task``.
    """
    name = str(visit["place_name"])
    if visit.get("task") == STREET:
        return Text.of("along {street}", street=name)
    if visit.get("task") == POST:
        return Text.of("{place} (standing post)", place=name)
    return name


def middles(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point of each place: the middle of a street, else one inside.

    Args:
        shapes: geometries of the frame ``places``.
    """
    points = shapely.point_on_surface(shapes)
    streets = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    points[streets] = shapely.line_interpolate_point(shapes[streets], 0.5, normalized=True)
    return np.asarray(points, dtype=object)
