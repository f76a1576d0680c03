"""What views see at several classes and lights, in as few passes as can be."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from camera_coverage.areas import view_areas
from camera_coverage.cameras import Eyes
from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.options import ViewOptions
from camera_coverage.walls import Scene
from town_model import ObservationClasses

# asks for one pixel a metre
_UNIT = ObservationClasses("one", "", {"one": 1.0}, {})


def asked_areas(
    eyes: Eyes,
    scene: Scene,
    options: ViewOptions,
    own: Ints,
    refused: Flags,
    *,
    density_px_per_m: Floats,
    dark: Flags,
) -> np.ndarray:
    """Return what each view sees at its own density and light.

    How far pixels reach follows from their number over the density that is asked for; without street lights a view at night
    is that by day, cut to the reach of its own light.

    Args:
        eyes: the views.
        scene: the obstacles.
        options: target height, terrain, street lights and tolerance; class and light are not used.
        own: obstacle on which each eye stands, −1 for none.
        refused: views that count as seeing nothing.
        density_px_per_m: that each view is asked for, 0 for no limit of pixels.
        dark: views that are asked for at night.
    """
    result = np.full(len(dark), shapely.Polygon(), dtype=object)
    classed, lit = density_px_per_m > 0, dark & (options.lamps is not None)
    eyes = dataclasses.replace(
        eyes,
        pixels=eyes.pixels / np.where(classed, density_px_per_m, 1.0),
        max_range_m=np.where(dark & ~lit, np.minimum(eyes.max_range_m, eyes.ir_range_m), eyes.max_range_m),
    )
    for name in (None, "one"):
        for night in (False, True):
            rows = np.flatnonzero((classed == (name is not None)) & (lit == night))
            if len(rows):
                here = dataclasses.replace(options, classes=_UNIT, observation_class=name, night=night)
                result[rows] = view_areas(eyes.take(rows), scene, here, own[rows], refused[rows])
    return result
