"""Highway ways as rows of the roads layer: who may use them, in which direction, how fast.

Access follows the hierarchy of OpenStreetMap: the tag of a mode (``foot``, ``motorcar``, ``motorcycle``) goes before
that of its class (``motor_vehicle``, ``vehicle``), and that before ``access``; where none speaks, the road class
decides. One-way tags bind vehicles; pedestrians only where a tag of their own, or a way for pedestrians alone, says
so. Conditional tags (``…:conditional``) are not read.
"""

from __future__ import annotations

from typing import Any

from geo_service.imports.osm import faults
from geo_service.imports.osm.faults import Why
from geo_service.imports.osm.tags import Tags, length_m, name_of, speed_kmh, whole, yes

FOOT_ONLY = frozenset({"footway", "path", "pedestrian", "steps", "corridor", "bridleway", "cycleway"})
NO_FOOT = frozenset({"motorway", "motorway_link", "busway"})
ROADS = (
    frozenset(
        {
            "motorway",
            "motorway_link",
            "trunk",
            "trunk_link",
            "primary",
            "primary_link",
            "secondary",
            "secondary_link",
            "tertiary",
            "tertiary_link",
            "unclassified",
            "residential",
            "living_street",
            "service",
            "road",
            "track",
            "busway",
        }
    )
    | FOOT_ONLY
)
NOT_BUILT = frozenset({"proposed", "construction", "planned", "abandoned", "razed", "disused", "dismantled"})
HIERARCHY = {
    "foot": ("foot", "access"),
    "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "motorcycle": ("motorcycle", "motor_vehicle", "vehicle", "access"),
}
OPEN = frozenset(
    {
        "yes",
        "permissive",
        "designated",
        "destination",
        "customers",
        "delivery",
        "official",
        "public",
        "discouraged",
    }
)
CLOSED = frozenset(
    {"no", "private", "military", "agricultural", "forestry", "use_sidepath", "residents", "permit"}
)
_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_BOTH = frozenset({"no", "false", "0"})
_IMPLIED_JUNCTIONS = frozenset({"roundabout", "circular"})
_PEDESTRIANS_ALONE = frozenset({"footway", "steps", "corridor"})


def access(tags: Tags, mode: str) -> bool:
    """Whether a road is open to a mode.

    Args:
        tags: the tags of the way.
        mode: ``foot``, ``car`` or ``motorcycle``.
    """
    for key in HIERARCHY[mode]:
        value = tags.get(key, "").strip().lower()
        if value in CLOSED:
            return False
        # access=yes on a footpath opens it to everybody on foot, not to cars
        if value in OPEN and key != "access":
            return True
    return _by_class(tags, mode)


def _by_class(tags: Tags, mode: str) -> bool:
    highway = tags["highway"]
    if mode == "foot":
        return highway not in NO_FOOT and not yes(tags.get("motorroad"))
    return highway not in FOOT_ONLY and highway != "busway"


def oneway(tags: Tags, mode: str) -> str:
    """Return ``no``, ``forward`` or ``backward`` (as the way is drawn) for a mode.

    Args:
        tags: the tags of the way.
        mode: ``foot``, ``car`` or ``motorcycle``.
    """
    keys = HIERARCHY[mode][:-1]
    for key in keys:
        said = _direction(tags.get(f"oneway:{key}"))
        if said:
            return said
    for key in keys if mode == "foot" else HIERARCHY[mode]:
        if tags.get(f"{key}:backward", "").strip().lower() in CLOSED:
            return "forward"
        if tags.get(f"{key}:forward", "").strip().lower() in CLOSED:
            return "backward"
    if mode == "foot":
        if tags.get("conveying") in {"forward", "backward"}:
            return tags["conveying"]
        alone = tags["highway"] in _PEDESTRIANS_ALONE and tags.get("bicycle") not in {"yes", "designated"}
        return (_direction(tags.get("oneway")) or "no") if alone else "no"
    said = _direction(tags.get("oneway"))
    if said:
        return said
    implied = tags["highway"] == "motorway" or tags.get("junction") in _IMPLIED_JUNCTIONS
    return "forward" if implied else "no"


def _direction(value: str | None) -> str:
    word = (value or "").strip().lower()
    if word in _FORWARD:
        return "forward"
    if word in _BACKWARD:
        return "backward"
    return "no" if word in _BOTH else ""


def not_a_road(tags: Tags, *, closed: bool) -> Why | None:
    """Return why a highway way is no row of the roads layer; None where it is one.

    Args:
        tags: the tags of the way.
        closed: whether it ends where it begins.
    """
    value = tags["highway"].strip().lower()
    if value in NOT_BUILT or yes(tags.get("abandoned:highway")) or yes(tags.get("disused")):
        return faults.NOT_BUILT
    if value not in ROADS:
        return faults.no_road(tags["highway"][:40])
    if closed and yes(tags.get("area")):
        return faults.ROAD_AREA
    return None


def road_row(tags: Tags) -> tuple[dict[str, Any], list[Why]]:
    """Return the columns of a road, and which of its values could not be read.

    Args:
        tags: the tags of the way, for which `not_a_road` found nothing.
    """
    unread: list[Why] = []

    def value(key: str, number: float | None, least: float, most: float) -> float | None:
        if key not in tags or (number is not None and least <= number <= most):
            return number
        unread.append(faults.unreadable(key, tags[key]))
        return None

    speed = value("maxspeed", speed_kmh(tags.get("maxspeed", "")), 1, 150)
    width = value("width", length_m(tags.get("width", "")), 0.5, 120)
    level = value("layer", whole(tags.get("layer", "")), -10, 10)
    row: dict[str, Any] = {"name": name_of(tags), "highway": tags["highway"].strip().lower()}
    for mode in HIERARCHY:
        row[f"access_{mode}"] = access(tags, mode)
        row[f"oneway_{mode}"] = oneway(tags, mode)
    return row | {
        "speed_kmh": speed,
        "width_m": width,
        "bridge": yes(tags.get("bridge")),
        "tunnel": yes(tags.get("tunnel")),
        "level": int(level or 0),
    }, unread
