"""What a section is made of: stretches of ground, obstacles that it crosses, limits of classes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

#: States of a stretch of ground, by what comes first: a building on it, the edges of the picture, range and pixels, light, obstacles.
STATES = (
    "seen", "building", "dead_zone", "outside", "out_of_range", "too_few_pixels", "dark", "hidden", "blind",
)  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """A stretch of ground along the section.

    Args:
        begin_m: ground distance from the camera's foot.
        end_m: where it ends.
        state: one of `STATES`.
        observation_class: the finest class at which a seen stretch is seen; None where it is not seen.
    """

    begin_m: float
    end_m: float
    state: str
    observation_class: str | None


@dataclass(frozen=True)
class Crossing:
    """An obstacle that the section runs through.

    Args:
        obstacle: its id in the frame of obstacles.
        begin_m: its near side.
        end_m: its far side; that of a wall is its near side.
        base_m: ground at its lower end, above the ground at the camera's foot.
        top_m: its top, likewise; inf where its height is unknown.
        own: whether the camera stands on it and looks over it.
        shadow_end_m: how far it hides the target height beyond its far side: that side itself where it hides nothing, inf for ever.
        clear_m: free air between the ground and its lower edge.
    """

    obstacle: Hashable
    begin_m: float
    end_m: float
    base_m: float
    top_m: float
    own: bool
    shadow_end_m: float
    clear_m: float = 0.0


@dataclass(frozen=True)
class Limit:
    """How far a class reaches along the section by pixels alone.

    Args:
        observation_class: name of the class.
        px_per_m: what it asks for.
        distance_m: ground distance up to which the lens gives that; 0 for nowhere, inf for no limit.
    """

    observation_class: str
    px_per_m: float
    distance_m: float
