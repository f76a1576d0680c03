"""Which layer of the base map an element belongs to, and its columns there, by its tags.

The tables of this module are the whole mapping: a tag that they do not name is not imported.
"""

from __future__ import annotations

from typing import Any

from geo_service.imports.osm import faults
from geo_service.imports.osm.faults import Why
from geo_service.imports.osm.tags import (
    ROOF_M,
    STOREY_M,
    Tags,
    length_m,
    name_of,
    storeys,
    whole,
    yes,
)

Row = dict[str, Any]
_ABSENT = frozenset(
    {
        "construction",
        "proposed",
        "planned",
        "razed",
        "demolished",
        "dismantled",
        "collapsed",
        "abandoned:demolished",
    }
)
_USES = {
    "residential": "apartments bungalow cabin detached dormitory farm ger hotel_apartment house houseboat hut "
    "residential semidetached_house static_caravan terrace villa",
    "commercial": "commercial hotel kiosk mall office retail shop supermarket department_store restaurant",
    "public": "civic government public townhall fire_station police library courthouse museum community_centre",
    "school": "school kindergarten university college",
    "hospital": "hospital clinic",
    "industrial": "barn cowshed factory farm_auxiliary greenhouse hangar industrial manufacture silo "
    "storage_tank sty warehouse works",
    "transport": "train_station transportation bus_station station railway ferry_terminal parking",
    "other": "bridge bunker carport cathedral chapel church garage garages grandstand monastery mosque pagoda "
    "pavilion religious roof ruins service shed shrine sports_hall stadium temple tower toilets "
    "transformer_tower water_tower",
}
USE_OF_BUILDING = {value: use for use, values in _USES.items() for value in values.split()}
USE_OF_AMENITY = {
    "school": "school",
    "kindergarten": "school",
    "university": "school",
    "college": "school",
    "hospital": "hospital",
    "clinic": "hospital",
    "townhall": "public",
    "police": "public",
    "courthouse": "public",
    "library": "public",
    "fire_station": "public",
    "community_centre": "public",
    "marketplace": "commercial",
    "bank": "commercial",
    "restaurant": "commercial",
    "bus_station": "transport",
    "ferry_terminal": "transport",
}
BARRIERS = {
    "wall": "wall",
    "city_wall": "wall",
    "retaining_wall": "wall",
    "fence": "fence",
    "wire_fence": "fence",
    "hedge": "hedge",
}
SOLID_FENCES = frozenset(
    {"brick", "concrete", "corrugated_metal", "metal_sheet", "sheet", "slate", "stone", "wood"}
)
WATER_LINES = {
    "river": "river",
    "tidal_channel": "river",
    "canal": "river",
    "stream": "stream",
    "ditch": "stream",
    "drain": "stream",
    "brook": "stream",
}
WATER_AREAS = {
    "river": "river",
    "canal": "river",
    "stream": "stream",
    "lake": "lake",
    "reservoir": "lake",
    "lagoon": "lake",
    "pond": "pond",
    "basin": "pond",
    "fishpond": "pond",
}
_COVERS = {
    ("leisure", "park"): "park",
    ("leisure", "garden"): "park",
    ("leisure", "nature_reserve"): "park",
    ("natural", "wood"): "forest",
    ("natural", "scrub"): "forest",
    ("landuse", "forest"): "forest",
    ("natural", "grassland"): "grass",
    ("landuse", "grass"): "grass",
    ("landuse", "meadow"): "grass",
    ("landuse", "village_green"): "grass",
    ("landuse", "recreation_ground"): "grass",
    ("leisure", "golf_course"): "grass",
    ("leisure", "pitch"): "grass",
    ("landuse", "farmland"): "farmland",
    ("landuse", "farm"): "farmland",
    ("landuse", "farmyard"): "farmland",
    ("landuse", "orchard"): "farmland",
    ("landuse", "vineyard"): "farmland",
    ("landuse", "greenhouse_horticulture"): "farmland",
    ("landuse", "plant_nursery"): "farmland",
    ("place", "square"): "square",
    ("landuse", "residential"): "built_up",
    ("landuse", "commercial"): "built_up",
    ("landuse", "retail"): "built_up",
    ("landuse", "industrial"): "built_up",
}
PLACES = {
    "city": "town",
    "town": "town",
    "borough": "town",
    "village": "village",
    "hamlet": "village",
    "suburb": "quarter",
    "quarter": "quarter",
    "neighbourhood": "quarter",
    "city_block": "quarter",
    "locality": "place",
    "square": "place",
    "island": "place",
    "islet": "place",
}
PLACE_AREAS = frozenset(
    {"city", "town", "borough", "village", "hamlet", "suburb", "quarter", "neighbourhood"}
)
ONE_HOUSE = frozenset({"isolated_dwelling", "farm", "plot"})


def no_building(tags: Tags) -> Why | None:
    """Return why an element with a building tag is no row of the buildings layer; None where it is one."""
    value = tags["building"].strip().lower()
    if value in {"no", "false"}:
        return faults.NO_BUILDING
    if value in _ABSENT:
        return faults.NOT_BUILT
    underground = tags.get("location") == "underground" or yes(tags.get("tunnel"))
    return faults.UNDERGROUND if underground or value == "underground" else None


def building_row(tags: Tags) -> tuple[Row, list[Why]]:
    """Return the columns of a building, and which of its values could not be read.

    The height is that of the tag ``height``; failing that, 3.0 m for each of ``building:levels`` and the roof:
    ``roof:height``, or 3.0 m for each of ``roof:levels``, or 1.0 m. Without either it stays empty, which is
    unknown and counts as never seen over.
    """
    unread: list[Why] = []

    def read(key: str, number: float | None, most: float, least: float = 0.0) -> float | None:
        if key not in tags:
            return None
        if number is not None and least <= number <= most:
            return number
        unread.append(faults.unreadable(key, tags[key]))
        return None

    # a height of nought is a slip of the pen, not a building that one looks over
    height = read("height", length_m(tags.get("height", "")), 900, 0.1)
    levels = read("building:levels", storeys(tags.get("building:levels", "")), 200)
    flats = read("building:flats", whole(tags.get("building:flats", "")), 5000)
    if height is None and levels:
        roof = length_m(tags.get("roof:height", ""))
        roof_levels = storeys(tags.get("roof:levels", ""))
        if roof is None or not 0 <= roof <= 100:
            roof = STOREY_M * roof_levels if roof_levels is not None and roof_levels <= 20 else ROOF_M
        height = round(min(STOREY_M * levels + roof, 900.0), 3)
    if tags["building"] in {"roof", "carport"}:
        unread.append(faults.ROOF_ONLY)
    return {
        "name": name_of(tags),
        "height_m": height,
        "levels": levels,
        "use": building_use(tags),
        "dwellings": None if flats is None else int(flats),
    }, unread


def building_use(tags: Tags) -> str:
    """Return the use of a building: by its building value, else its amenity, shop, office or tourism tag."""
    use = USE_OF_BUILDING.get(tags["building"].strip().lower()) or USE_OF_AMENITY.get(tags.get("amenity", ""))
    if use:
        return use
    if "shop" in tags or tags.get("tourism") in {"hotel", "motel", "guest_house"}:
        return "commercial"
    if "office" in tags:
        return "public" if tags["office"] == "government" else "commercial"
    return "unknown"


def obstacle_row(tags: Tags) -> Row | None:
    """Return the columns of a wall, fence, hedge or row of trees; None where it is none.

    A height that is not written stays empty. A fence hides nothing unless ``fence_type`` names a solid kind.
    """
    kind = BARRIERS.get(tags.get("barrier", ""), "trees" if tags.get("natural") == "tree_row" else "")
    if not kind:
        return None
    height = length_m(tags.get("height", ""))
    return {
        "kind": kind,
        "height_m": height if height is not None and 0 < height <= 100 else None,
        "see_through": kind == "fence" and tags.get("fence_type") not in SOLID_FENCES,
    }


def water_line_row(tags: Tags) -> Row | None:
    """Return the columns of a watercourse drawn as a line; None where it is none, or flows underground."""
    kind = WATER_LINES.get(tags.get("waterway", ""))
    return None if kind is None else {"name": name_of(tags), "kind": kind}


def water_area_kind(tags: Tags) -> str | None:
    """Return the kind of a water surface; None where it is none."""
    if tags.get("natural") == "water":
        return WATER_AREAS.get(tags.get("water", ""), "water")
    if tags.get("waterway") == "riverbank":
        return "river"
    return {"reservoir": "lake", "basin": "pond", "aquaculture": "pond"}.get(tags.get("landuse", ""))


def cover_kind(tags: Tags) -> str | None:
    """Return the kind of land cover of an area; None where the base map shows none."""
    for key in ("place", "leisure", "natural", "landuse"):
        kind = _COVERS.get((key, tags.get(key, "")))
        if kind:
            return kind
    drawn_as_area = yes(tags.get("area")) or tags.get("type") == "multipolygon"
    return "square" if tags.get("highway") in {"pedestrian", "footway"} and drawn_as_area else None


def is_admin_area(tags: Tags) -> bool:
    """Whether an area is a boundary of administration, or the extent of a place."""
    return tags.get("boundary") == "administrative" or tags.get("place") in PLACE_AREAS


def admin_row(tags: Tags) -> Row:
    """Return the columns of an administrative area."""
    level = whole(tags.get("admin_level", ""))
    return {"name": name_of(tags), "admin_level": level if level is not None and 1 <= level <= 12 else None}
