"""How a patrol moves: on foot, by car, by motorcycle, and how fast on which kind of road."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from town_model import Text, ValueRangeError

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Mode:
    """One way of moving along roads.

    Args:
        name: the name, as units and places give it; edges carry ``travel_time_<name>``.
        speed_kmh: speed on road classes that `class_speed_kmh` does not name, in km/h.
        class_speed_kmh: speed by highway class (OSM values), in km/h.
        columns: the suffix of the columns ``access_…`` and ``oneway_…`` that hold for this mode; empty takes `name`.
        closed: highway classes that are closed where the roads have no ``access_…`` column.
        keeps_limit: whether the speed limit of a road caps the speed.

    Raises:
        ValueRangeError: a speed is not a positive number, or the name is empty.
    """

    name: str
    speed_kmh: float
    class_speed_kmh: Mapping[str, float] = field(default_factory=lambda: _NOTHING, hash=False)
    columns: str = ""
    closed: frozenset[str] = frozenset()
    keeps_limit: bool = True

    def __post_init__(self) -> None:
        faults: list[Text] = []
        if not self.name.isidentifier():
            faults.append(Text.of("a mode of travel needs a plain name, not {name!r}", name=self.name))
        for kind, speed in (("other roads", self.speed_kmh), *self.class_speed_kmh.items()):
            if not (math.isfinite(speed) and speed > 0):
                faults.append(
                    Text.of(
                        "mode {mode}: the speed on {kind} must be above 0 km/h, not {speed}",
                        mode=self.name,
                        kind=kind,
                        speed=speed,
                    )
                )
        if faults:
            raise ValueRangeError(faults)
        object.__setattr__(self, "class_speed_kmh", MappingProxyType(dict(self.class_speed_kmh)))
        object.__setattr__(self, "columns", self.columns or self.name)

    @property
    def travel_time(self) -> str:
        """The edge attribute that holds the travel time of this mode in seconds."""
        return f"travel_time_{self.name}"

    def at_speed(self, speed_kmh: float, name: str) -> Mode:
        """Return this mode under another name with all speeds scaled so that `speed_kmh` holds on other roads.

        For a unit that is known to be faster or slower than the default.

        Args:
            speed_kmh: the new speed on roads that are not named by class, in km/h.
            name: the name of the new mode.
        """
        share = speed_kmh / self.speed_kmh
        return replace(
            self,
            name=name,
            speed_kmh=speed_kmh,
            class_speed_kmh={kind: speed * share for kind, speed in self.class_speed_kmh.items()},
            columns=self.columns,
        )


# Patrol speeds: slow enough to look about, with stops at junctions taken in. They are planning values of this
# project (there is no standard); a station sets its own by passing other modes.
_CAR = {
    "motorway": 80.0,
    "motorway_link": 45.0,
    "trunk": 50.0,
    "trunk_link": 35.0,
    "primary": 35.0,
    "primary_link": 30.0,
    "secondary": 32.0,
    "secondary_link": 25.0,
    "tertiary": 28.0,
    "tertiary_link": 22.0,
    "unclassified": 25.0,
    "residential": 18.0,
    "living_street": 10.0,
    "service": 12.0,
    "track": 12.0,
    "pedestrian": 8.0,
}
_MOTORCYCLE = {
    **_CAR,
    "motorway": 60.0,
    "trunk": 45.0,
    "residential": 20.0,
    "living_street": 12.0,
    "service": 15.0,
    "track": 15.0,
    "path": 10.0,
    "cycleway": 12.0,
    "footway": 6.0,
}
_FOOT = {"steps": 2.0, "path": 3.6, "track": 3.8}
_NO_MOTOR = frozenset({"footway", "steps", "pedestrian", "path", "cycleway", "bridleway", "corridor"})

DEFAULT_MODES: tuple[Mode, ...] = (
    Mode("foot", 4.0, _FOOT, closed=frozenset({"motorway", "motorway_link"}), keeps_limit=False),
    Mode("car", 20.0, _CAR, closed=_NO_MOTOR),
    Mode("motorcycle", 20.0, _MOTORCYCLE, closed=_NO_MOTOR),
)
"""On foot 4 km/h; by car and motorcycle 10 to 80 km/h by road class, never above the road's own limit."""
