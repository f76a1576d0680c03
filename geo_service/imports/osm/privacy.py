"""Names in a file that carry phone numbers, identity numbers or plates, or stand for one person's home: taken out."""

from __future__ import annotations

from collections.abc import Iterable

from geo_service.imports.osm.areas import LayersOf, fault
from geo_service.imports.osm.elements import Elements, Point, Relation, Way
from geo_service.imports.osm.faults import HOME, PERSONAL, OsmFault, Why
from geo_service.imports.osm.tags import NAME_KEYS, Tags
from geo_service.imports.persons import names_a_home, scan_text


def strip_personal_names(elements: Elements, layers_of: LayersOf) -> list[OsmFault]:
    """Take such names out of the tags of all elements, and return a fault for each that would have been stored.

    Args:
        elements: what the file holds; its tags are changed.
        layers_of: which layers the tags of an area belong to.
    """
    noted: list[OsmFault] = []
    groups: tuple[Iterable[Point | Way | Relation], ...] = (
        elements.points.values(),
        elements.ways.values(),
        elements.relations.values(),
    )
    for group in groups:
        for one in group:
            why = _why(one.tags)
            if why is None:
                continue
            for key in NAME_KEYS:
                one.tags.pop(key, None)
            layer = _layer(one.tags, layers_of)
            if layer:
                noted.append(fault(one.osm_id, layer, why, stored=True))
    return noted


def _why(tags: Tags) -> Why | None:
    for key in NAME_KEYS:
        name = tags.get(key)
        if name and scan_text(name):
            return PERSONAL
        if name and names_a_home(name):
            return HOME
    return None


def _layer(tags: Tags, layers_of: LayersOf) -> str:
    if "highway" in tags:
        return "roads"
    if "waterway" in tags:
        return "water"
    return next(iter(layers_of(tags)), "place_names" if "place" in tags else "")
