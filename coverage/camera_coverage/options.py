"""Options of a view: which class, which light, which target height."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd

from camera_coverage.lamps import StreetLights
from camera_coverage.terrain import Terrain
from town_model import EN_62676_4_2015, InputError, ObservationClasses, Text, ValueRangeError


@dataclass(frozen=True, kw_only=True)
class ViewOptions:
    """What counts as seen.

    Args:
        observation_class: name of a class of the table; None asks for no pixels at all.
        classes: table of classes.
        night: cut the view to what is lit: by the camera's own infrared light, or by street lights.
        target_height_m: height of the point that must be seen, above the ground.
        terrain: the height of the ground, in the coordinate system of the cameras; None: flat ground.
        street_lights: points with ``reach_m`` and ``working`` (see `StreetLights.read`): at night ground is lit by the camera's own
            infrared light or by a working lamp. None: infrared light alone.
        arc_tolerance_m: arcs are chains of chords that stay within this of the circle, on its inner side.

    Raises:
        ValueRangeError: a number without meaning, or a class that the table lacks.
        InputError: terrain that is no `Terrain`.
        CrsError, GeometryError: the frame of street lights cannot be used.
    """

    observation_class: str | None = "observe"
    classes: ObservationClasses = EN_62676_4_2015
    night: bool = False
    target_height_m: float = 1.5
    terrain: Terrain | None = None
    street_lights: gpd.GeoDataFrame | StreetLights | None = None
    arc_tolerance_m: float = 0.01

    def __post_init__(self) -> None:
        faults: list[Text] = []
        if not (math.isfinite(self.target_height_m) and 0 <= self.target_height_m <= 50):
            faults.append(
                Text.of("target height {value} m lies outside 0 to 50 m", value=self.target_height_m)
            )
        if not (math.isfinite(self.arc_tolerance_m) and 1e-4 <= self.arc_tolerance_m <= 10):
            faults.append(
                Text.of("arc tolerance {value} m lies outside 0.0001 to 10 m", value=self.arc_tolerance_m)
            )
        if faults:
            raise ValueRangeError(faults)
        self.classes.density(self.observation_class)
        if not isinstance(self.terrain, Terrain | None):
            raise InputError("terrain must be given as Terrain(array, affine, crs)")
        if self.street_lights is not None and not isinstance(self.street_lights, StreetLights):
            object.__setattr__(self, "street_lights", StreetLights.read(self.street_lights))

    @property
    def lamps(self) -> StreetLights | None:
        """The working street lights; None where there are none."""
        found = self.street_lights
        return found if isinstance(found, StreetLights) and len(found.points) else None

    @property
    def density_px_per_m(self) -> float:
        """Pixels per metre that the class asks for; 0 for no class."""
        return self.classes.density(self.observation_class)
