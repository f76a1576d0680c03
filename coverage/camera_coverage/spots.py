"""Why one spot is not seen, by the same causes in the same order as blind spots."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.causes import BEHIND_TERRAIN, TERRAIN, cause_regions, hiding_obstacles, nearest_of
from camera_coverage.cures import find_cures
from camera_coverage.gaps import NEAR_M
from camera_coverage.light import Light
from town_model import GeometryError

_AROUND_M = 0.5  # a cure is measured on so much ground round the spot


@dataclass(frozen=True)
class SpotCause:
    """Why a spot is not seen.

    Args:
        cause: a key of `CAUSES`.
        ref: id of the hiding obstacle ("terrain" for a rise of the ground), or of the camera; None for "no_camera_near".
        camera: id of the camera by which the cause is judged, or None.
        cure: what would let this camera see the spot, a key of `CURES`.
        cure_params: see `cures.Cures`.
    """

    cause: str
    ref: Hashable
    camera: Hashable
    cure: str
    cure_params: dict[str, Any]


def spot_cause(
    point: shapely.Point,
    coverage: CoverageResult,
    *,
    required_class: str | None = None,
    light: Light = "day",
    near_m: float = NEAR_M,
) -> SpotCause | None:
    """Return why no working camera sees a point at a class, as `blind_spots` would say; None where one does.

    Args:
        point: in the coordinate system of the coverage.
        coverage: of `analyse`.
        required_class: class of the table; None asks for no pixels.
        light: "day" or "night".
        near_m: a camera farther than this from the point is not near.

    Raises:
        GeometryError: no point.
        ValueRangeError: the table has no such class.
    """
    if shapely.get_type_id(point) != 0 or point.is_empty:
        raise GeometryError("the place to ask for must be a point with coordinates")
    areas = coverage.areas(required_class, light)[coverage.working]
    if shapely.intersects(areas, point).any():
        return None
    x, y = np.array([point.x]), np.array([point.y])
    ids = coverage.cameras.index
    for cause, regions in cause_regions(coverage, required_class, light, near_m):
        if not shapely.intersects(regions, point).any():
            continue
        row = nearest_of(coverage, regions, x, y)
        camera = ids[row[0]]
        ref: Hashable = camera
        cures = find_cures(
            coverage, [required_class], [light],
            cause=np.array([cause], dtype=object), camera=row, x=x, y=y, shapes=np.array([point.buffer(_AROUND_M)], dtype=object),
        )  # fmt: skip
        if cause == "hidden":
            hider = int(hiding_obstacles(coverage, row, x, y)[0])
            ref = TERRAIN if hider == BEHIND_TERRAIN else None if hider < 0 else coverage.scene.index[hider]
        return SpotCause(cause, ref, camera, str(cures.code[0]), cures.params[0])
    return SpotCause("no_camera_near", None, None, "new_camera", {})
