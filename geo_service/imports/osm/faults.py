"""What could not be taken as OpenStreetMap has it: which element, why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from town_model import Text


@dataclass(frozen=True)
class Why:
    """The reason for a fault, and its remedy."""

    reason: Text
    remedy: Text


@dataclass(frozen=True)
class OsmFault:
    """One element that was skipped, or stored otherwise than it is drawn.

    Args:
        osm_id: the element, such as ``way/123``.
        layer: the layer that it would have belonged to.
        reason: what is wrong.
        remedy: what to do about it.
        stored: whether a row was stored all the same (repaired, or short of one value).
    """

    osm_id: str
    layer: str
    reason: Text
    remedy: Text
    stored: bool = False


_WIDER = Text("download the area again with a wider margin and with complete ways")
_MAP_IT = Text("correct it in OpenStreetMap, or draw it on the map")
_NOTHING = Text("nothing to do")
_CHECK_VALUE = Text("write the value on the map, or correct it in OpenStreetMap")
_CHECK_SHAPE = Text("compare it with the map")

NO_LENGTH = Why(Text("has fewer than two different points"), _MAP_IT)
NO_RING = Why(Text("its ring has fewer than three corners"), _MAP_IT)
UNCLOSED = Why(Text("its outline is not closed"), _MAP_IT)
NO_AREA = Why(Text("its outline encloses no area"), _MAP_IT)
REPAIRED = Why(Text("its outline crosses itself: repaired, only the areas kept"), _CHECK_SHAPE)
NOT_BUILT = Why(Text("is planned, under construction or no longer there"), _NOTHING)
ROAD_AREA = Why(Text("is drawn as an area, not as a line: a square of the base map, not a road"), _NOTHING)
NO_BUILDING = Why(Text("is marked as being no building"), _NOTHING)
UNDERGROUND = Why(Text("lies underground"), _NOTHING)
ROOF_ONLY = Why(
    Text("is a roof without walls: stored as a building, so it hides more than it does in truth"),
    Text("delete it where cameras look below it"),
)
FAR = Why(Text("lies more than 150 km from the middle of the file"), Text("download the town alone"))
POINT_BUILDING = Why(Text("is drawn as a point, without an outline"), Text("draw its outline on the map"))
NO_MULTIPOLYGON = Why(Text("is no multipolygon relation"), _MAP_IT)
NO_NAME = Why(Text("has no name"), _NOTHING)
ONE_HOUSE = Why(Text("names a single dwelling or farm, and this system names no private homes"), _NOTHING)
PERSONAL = Why(
    Text("its name carries a phone number, identity number or plate: left out"),
    Text("write a name without it"),
)
HOME = Why(Text("its name stands for one person's home: left out"), Text("write the name of a place"))


def no_road(value: str) -> Why:
    """Return the fault of a highway value that is no road."""
    return Why(Text.of("its highway value {value} is no road", value=value), _NOTHING)


def missing_points(missing: int, points: int) -> Why:
    """Return the fault of a way some points of which are not in the file."""
    return Why(
        Text.of("{missing} of its {points} points are not in the file", missing=missing, points=points),
        _WIDER,
    )


def missing_members(missing: int, members: int) -> Why:
    """Return the fault of a relation some ways of which are not in the file."""
    return Why(
        Text.of("{missing} of its {members} ways are not in the file", missing=missing, members=members),
        _WIDER,
    )


def too_many_points(points: int, most: int) -> Why:
    """Return the fault of an outline that is too long to be repaired."""
    return Why(
        Text.of(
            "its outline is broken and has {points} points, more than the {most} that are repaired",
            points=points,
            most=most,
        ),
        _MAP_IT,
    )


def drawn_by(relation: str) -> Why:
    """Return the fault of a way that is only a part of a relation's outline."""
    return Why(
        Text.of("is part of the outline of {relation}, which is stored instead", relation=relation), _NOTHING
    )


def edge_of(relation: str) -> Why:
    """Return the fault of an open way that is an edge of a relation which could not be put together."""
    return Why(
        Text.of("is only an edge of {relation}, which is judged as a whole", relation=relation), _NOTHING
    )


def unreadable(key: str, value: str) -> Why:
    """Return the fault of a value that says nothing that can be used."""
    return Why(
        Text.of("its value {key}={value} cannot be used: left empty", key=key, value=value[:60]), _CHECK_VALUE
    )


_DRAW_TURN = Text("enter the turn restriction by hand where it matters")
VIA_WAY = Why(Text("leads over a road between two junctions, which is not read"), _DRAW_TURN)
NO_TURN = Why(Text("its members do not say from which road over which point to which road"), _DRAW_TURN)
NOT_AT_THE_END = Why(Text("its roads do not end at its point"), _DRAW_TURN)
ROAD_NOT_STORED = Why(Text("one of its roads is not among the roads of the file"), _WIDER)
AT_TIMES = Why(Text("holds at certain times only, which is not read"), _DRAW_TURN)
TURN_BY_MODE = Why(Text("is of different kinds for different vehicles, which is not read"), _DRAW_TURN)
BINDS_OTHERS = Why(Text("binds neither cars nor motorcycles"), _NOTHING)


def unknown_turn(kind: str) -> Why:
    """Return the fault of a turn restriction of a kind that is not known."""
    return Why(Text.of("{kind} is no known kind of turn restriction", kind=kind[:60]), _DRAW_TURN)


TOO_SHORT = Why(
    Text("is a pedestrian street too short to be proposed as a key area"),
    Text("draw a key area where it matters"),
)


def few_dwellings(buildings: int, dwellings: int) -> Why:
    """Return the fault of a residential area that does not prove ten dwellings."""
    return Why(
        Text.of(
            "is residential, but its {buildings} buildings prove {dwellings} dwellings, not ten: not proposed",
            buildings=buildings,
            dwellings=dwellings,
        ),
        Text("draw the housing zone by hand where you know of ten households"),
    )
