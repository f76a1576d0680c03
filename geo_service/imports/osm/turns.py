"""Relations of type ``restriction`` as rows of the turn restrictions: from a road over a point to a road.

What is not read is said: ways between two junctions (``via`` ways), restrictions at certain times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from geo_service.imports.osm import faults
from geo_service.imports.osm.elements import Relation, Way
from geo_service.imports.osm.faults import Why
from geo_service.imports.osm.tags import Tags
from town_model import LAYERS

TURN_KINDS = frozenset(one.value for one in LAYERS["turn_restrictions"].column("kind").choices)
# The most special tag decides for a mode.
_TAGS = {
    "car": ("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction"),
    "motorcycle": (
        "restriction:motorcycle",
        "restriction:motor_vehicle",
        "restriction:vehicle",
        "restriction",
    ),
}
_EXCEPT = {
    "car": {"motorcar", "motor_vehicle", "vehicle"},
    "motorcycle": {"motorcycle", "motor_vehicle", "vehicle"},
}
_TIMES = ("day_on", "day_off", "hour_on", "hour_off")


@dataclass(frozen=True)
class FoundTurn:
    """A row of the turn restrictions, where it stands, and what of it was not read."""

    row: dict[str, Any]
    spot: shapely.Point
    notes: tuple[Why, ...]


def is_restriction(tags: Tags) -> bool:
    """Whether a relation forbids or orders turns."""
    return tags.get("type", "").split(":")[0] == "restriction"


def turn_row(relation: Relation, ways: Mapping[int, Way], stored: set[str]) -> FoundTurn | Why:
    """Return the row of a turn restriction, or why it is none.

    Args:
        relation: the relation.
        ways: the ways of the file.
        stored: OSM ids of the roads that are stored.
    """
    tags = relation.tags
    conditional = any(key.startswith("restriction") and key.endswith(":conditional") for key in tags)
    if any(key in tags for key in _TIMES):
        return faults.AT_TIMES
    kinds = _kinds(tags)
    if not kinds:
        return faults.AT_TIMES if conditional else faults.BINDS_OTHERS
    if len(set(kinds.values())) > 1:
        return faults.TURN_BY_MODE
    kind = next(iter(kinds.values()))
    if kind not in TURN_KINDS:
        return faults.unknown_turn(kind)
    coming = [ref for ref, role in relation.ways if role == "from"]
    going = [ref for ref, role in relation.ways if role == "to"]
    via = [ref for ref, role in relation.points if role == "via"]
    if any(role == "via" for _, role in relation.ways):
        return faults.VIA_WAY
    one_each = (len(coming) == 1 or kind == "no_entry") and (len(going) == 1 or kind == "no_exit")
    if len(via) != 1 or not coming or not going or not one_each:
        return faults.NO_TURN
    if not {f"way/{ref}" for ref in coming + going} <= stored:
        return faults.ROAD_NOT_STORED
    if not all(via[0] in (ways[ref].refs[0], ways[ref].refs[-1]) for ref in coming + going):
        return faults.NOT_AT_THE_END
    road = ways[coming[0]]
    x, y = road.xy[road.refs.index(via[0])]
    row = {
        "kind": kind,
        "from_road": ";".join(f"way/{ref}" for ref in coming),
        "to_road": ";".join(f"way/{ref}" for ref in going),
        "binds_car": "car" in kinds,
        "binds_motorcycle": "motorcycle" in kinds,
    }
    return FoundTurn(row, shapely.Point(x, y), (faults.AT_TIMES,) if conditional else ())


def _kinds(tags: Tags) -> dict[str, str]:
    """Return the kind of restriction by mode that is bound."""
    excepted = {one.strip() for one in tags.get("except", "").split(";")}
    found: dict[str, str] = {}
    for mode, keys in _TAGS.items():
        kind = next((tags[key].strip() for key in keys if key in tags), "")
        if kind and kind not in {"no", "none"} and not excepted & _EXCEPT[mode]:
            found[mode] = kind
    return found
