"""Elements that are drawn as areas: closed ways and multipolygon relations with their polygons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from geo_service.imports.osm import faults
from geo_service.imports.osm.elements import Elements, Relation, Way
from geo_service.imports.osm.faults import OsmFault, Why
from geo_service.imports.osm.shapes import polygons, relation_area
from geo_service.imports.osm.tags import Tags

AREA_RELATIONS = frozenset({"multipolygon", "boundary"})
_SAYS_NOTHING = frozenset({"type", "source", "created_by", "note", "fixme"})
LayersOf = Callable[[Tags], tuple[str, ...]]
"""Which layers the tags of an area belong to; empty where it matters to none."""


@dataclass(frozen=True, eq=False)
class Area:
    """One area of the file: an element, the layers that want it, its polygon."""

    osm_id: str
    tags: Tags
    layers: tuple[str, ...]
    geometry: BaseGeometry


def collect_areas(elements: Elements, layers_of: LayersOf) -> tuple[list[Area], list[OsmFault]]:
    """Return all areas that some layer wants, and a fault for each that is broken or repaired.

    A relation that carries no tags of its own takes those of its outline, as was the custom before 2017; its
    outline's ways are then reported as drawn by the relation, as is a way that repeats a relation's outline.

    Args:
        elements: what the file holds.
        layers_of: which layers the tags of an area belong to.
    """
    found: list[Area] = []
    noted: list[OsmFault] = []

    def add(
        osm_id: str, tags: Tags, layers: tuple[str, ...], geometry: BaseGeometry | None, why: Why | None
    ) -> None:
        if why is not None:
            noted.extend(fault(osm_id, layer, why, stored=geometry is not None) for layer in layers)
        if geometry is not None:
            found.append(Area(osm_id, tags, layers, geometry))

    drawn: dict[tuple[int, str], str] = {}
    edges: dict[int, str] = {}
    for relation in elements.relations.values():
        tags = _tags_of(relation, elements, layers_of)
        layers = layers_of(tags)
        if not layers:
            continue
        if relation.tags.get("type") not in AREA_RELATIONS:
            # a site or a street relation only groups elements that count by themselves
            if "buildings" in layers:
                noted.append(fault(relation.osm_id, "buildings", faults.NO_MULTIPOLYGON))
            continue
        edges.update({ref: relation.osm_id for ref, _ in relation.ways})
        shape = relation_area(relation, elements.ways)
        add(relation.osm_id, tags, layers, *shape)
        if shape[0] is not None:
            outer = [ref for ref, role in relation.ways if role != "inner"]
            drawn.update({(ref, layer): relation.osm_id for ref in outer for layer in layers})
    ways: list[tuple[Way, tuple[str, ...]]] = []
    for way in elements.ways.values():
        wanted = layers_of(way.tags)
        by_relation = [layer for layer in wanted if (way.id, layer) in drawn]
        noted.extend(fault(way.osm_id, one, faults.drawn_by(drawn[way.id, one])) for one in by_relation)
        rest = tuple(layer for layer in wanted if layer not in by_relation)
        if rest:
            ways.append((way, rest))
    shapes = polygons([way for way, _ in ways])
    for (way, layers), (geometry, why) in zip(ways, shapes, strict=True):
        part_of = edges.get(way.id) if why is faults.UNCLOSED else None
        add(way.osm_id, way.tags, layers, geometry, faults.edge_of(part_of) if part_of else why)
    return found, noted


def fault(osm_id: str, layer: str, why: Why, *, stored: bool = False) -> OsmFault:
    """Return a fault of an element from its reason.

    Args:
        osm_id: the element.
        layer: the layer concerned.
        why: reason and remedy.
        stored: whether a row was stored all the same.
    """
    return OsmFault(osm_id, layer, why.reason, why.remedy, stored)


def _tags_of(relation: Relation, elements: Elements, layers_of: LayersOf) -> Tags:
    """Return the tags of a relation, or those of its outline where it has none that say anything."""
    if relation.tags.get("type") != "multipolygon" or set(relation.tags) - _SAYS_NOTHING:
        return relation.tags
    outlines: Iterable[Way] = (
        elements.ways[ref] for ref, role in relation.ways if role != "inner" and ref in elements.ways
    )
    return next((way.tags for way in outlines if layers_of(way.tags)), relation.tags)
