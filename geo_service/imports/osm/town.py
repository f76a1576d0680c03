"""What an OpenStreetMap file says about a town: the rows of each layer, proposals, and everything left out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.imports.osm import faults, ground, roads, turns
from geo_service.imports.osm.areas import Area, collect_areas, fault
from geo_service.imports.osm.elements import Elements, Way
from geo_service.imports.osm.faults import OsmFault, Why
from geo_service.imports.osm.housing import housing_proposals
from geo_service.imports.osm.key_areas import category_of, key_area_proposals
from geo_service.imports.osm.privacy import strip_personal_names
from geo_service.imports.osm.proposed import OsmProposal
from geo_service.imports.osm.shapes import lines
from geo_service.imports.osm.tags import Tags, name_of, yes

Row = dict[str, Any]
FARTHEST_KM = 150.0
"""What lies farther than this from the middle of a file, or a file from its town, has no right metres there."""
_DEGREE_KM = 111.2
LAYER_NAMES = (
    "roads",
    "turn_restrictions",
    "buildings",
    "obstacles",
    "water",
    "land_cover",
    "place_names",
    "admin_areas",
)


@dataclass
class OsmTown:
    """A town as a file of OpenStreetMap has it.

    Args:
        rows: for each layer its rows: the declared columns, and ``geometry`` in WGS-84.
        proposals: key areas and housing zones for a planner to accept or drop.
        faults: what was skipped, or stored otherwise than drawn, by OSM id.
        counts: how many elements the file has of each kind that an import answers for (``highway_ways``,
            ``building_ways``, ``building_relations``, ``building_points``).
        center: longitude and latitude of the middle of roads and buildings; None where the file has neither.
    """

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in LAYER_NAMES})
    proposals: list[OsmProposal] = field(default_factory=list)
    faults: list[OsmFault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    center: tuple[float, float] | None = None

    def add(
        self, layer: str, osm_id: str, row: Row, geometry: BaseGeometry, notes: Iterable[Why] = ()
    ) -> None:
        """Append a row to a layer, and notes on what it lacks.

        Args:
            layer: the layer.
            osm_id: the element.
            row: its columns.
            geometry: its geometry.
            notes: what could not be read, though the row is stored.
        """
        self.rows[layer].append(row | {"osm_id": osm_id, "geometry": geometry})
        self.faults.extend(fault(osm_id, layer, why, stored=True) for why in notes)

    def skip(self, layer: str, osm_id: str, why: Why) -> None:
        """Record that an element is no row of a layer."""
        self.faults.append(fault(osm_id, layer, why))


def build_town(elements: Elements) -> OsmTown:
    """Return the town that the elements of a file make up.

    Args:
        elements: what the file holds.
    """
    town = OsmTown(counts=_counts(elements))
    town.faults.extend(strip_personal_names(elements, layers_of))
    _add_roads(town, elements)
    _add_turns(town, elements)
    areas, broken = collect_areas(elements, layers_of)
    town.faults.extend(broken)
    for area in areas:
        _add_area(town, area)
    _add_lines(town, elements)
    _add_points(town, elements)
    _add_labels(town, areas)
    town.center = _center(town)
    if town.center is not None:
        _drop_far(town, town.center)
        near = ~_far([area.geometry for area in areas], town.center)
        areas = [area for area, kept in zip(areas, near, strict=True) if kept]
        found, unfit = key_area_proposals(elements, areas, town.rows, town.center)
        housing, unproven = housing_proposals(areas, town.rows, town.center)
        town.proposals = found + housing
        town.faults += unfit + unproven
    return town


def layers_of(tags: Tags) -> tuple[str, ...]:
    """Return the layers that an area with these tags belongs to."""
    layers = []
    if "building" in tags:
        layers.append("buildings")
    if ground.water_area_kind(tags):
        layers.append("water")
    elif ground.cover_kind(tags):
        layers.append("land_cover")
    if ground.is_admin_area(tags):
        layers.append("admin_areas")
    if yes(tags.get("area")) and ground.obstacle_row(tags):
        layers.append("obstacles")
    if category_of(tags):
        layers.append("key_areas")
    return tuple(layers)


def _counts(elements: Elements) -> dict[str, int]:
    kinds: Counter[str] = Counter()
    for kind, group in (
        ("ways", elements.ways),
        ("relations", elements.relations),
        ("points", elements.points),
    ):
        kinds[f"building_{kind}"] = sum("building" in one.tags for one in group.values())
    kinds["highway_ways"] = sum("highway" in one.tags for one in elements.ways.values())
    kinds["ways"] = elements.ways_read
    return dict(kinds)


def _add_roads(town: OsmTown, elements: Elements) -> None:
    ways: list[Way] = []
    for way in elements.ways.values():
        if "highway" not in way.tags:
            continue
        why = roads.not_a_road(way.tags, closed=way.closed)
        if why is None:
            ways.append(way)
        else:
            town.skip("roads", way.osm_id, why)
    for way, (geometry, why) in zip(ways, lines(ways), strict=True):
        if why is not None:
            town.skip("roads", way.osm_id, why)
        elif geometry is not None:
            row, unread = roads.road_row(way.tags)
            town.add("roads", way.osm_id, row, geometry, unread)


def _add_turns(town: OsmTown, elements: Elements) -> None:
    stored = {row["osm_id"] for row in town.rows["roads"]}
    for relation in elements.relations.values():
        if not turns.is_restriction(relation.tags):
            continue
        found = turns.turn_row(relation, elements.ways, stored)
        if isinstance(found, Why):
            town.skip("turn_restrictions", relation.osm_id, found)
        else:
            town.add("turn_restrictions", relation.osm_id, found.row, found.spot, found.notes)


def _add_area(town: OsmTown, area: Area) -> None:
    tags, geometry, osm_id = area.tags, area.geometry, area.osm_id
    for layer in area.layers:
        if layer == "buildings":
            why = ground.no_building(tags)
            if why is not None:
                town.skip(layer, osm_id, why)
                continue
            row, unread = ground.building_row(tags)
            town.add(layer, osm_id, row, geometry, unread)
        elif layer == "water":
            town.add(layer, osm_id, {"name": name_of(tags), "kind": ground.water_area_kind(tags)}, geometry)
        elif layer == "land_cover":
            town.add(layer, osm_id, {"name": name_of(tags), "kind": ground.cover_kind(tags)}, geometry)
        elif layer == "obstacles":
            town.add(layer, osm_id, ground.obstacle_row(tags) or {}, geometry)
        elif layer == "admin_areas":
            row = ground.admin_row(tags)
            if not row["name"]:
                town.skip(layer, osm_id, faults.NO_NAME)
                continue
            town.add(layer, osm_id, row, geometry)


def _add_lines(town: OsmTown, elements: Elements) -> None:
    wanted: list[tuple[Way, str, Row]] = []
    for way in elements.ways.values():
        water = ground.water_line_row(way.tags)
        if water is not None:
            if yes(way.tags.get("tunnel")):
                town.skip("water", way.osm_id, faults.UNDERGROUND)
            else:
                wanted.append((way, "water", water))
        obstacle = ground.obstacle_row(way.tags)
        if obstacle is not None and not (yes(way.tags.get("area")) and way.closed):
            wanted.append((way, "obstacles", obstacle))
    for (way, layer, row), (geometry, why) in zip(wanted, lines([way for way, _, _ in wanted]), strict=True):
        if why is not None:
            town.skip(layer, way.osm_id, why)
        elif geometry is not None:
            town.add(layer, way.osm_id, row, geometry)


def _add_points(town: OsmTown, elements: Elements) -> None:
    for point in elements.points.values():
        tags = point.tags
        if "building" in tags:
            town.skip("buildings", point.osm_id, faults.POINT_BUILDING)
        place = tags.get("place", "")
        if place in ground.ONE_HOUSE:
            town.skip("place_names", point.osm_id, faults.ONE_HOUSE)
        elif place in ground.PLACES:
            name = name_of(tags)
            if name:
                row = {"name": name, "kind": ground.PLACES[place]}
                town.add("place_names", point.osm_id, row, shapely.Point(point.lon, point.lat))
            else:
                town.skip("place_names", point.osm_id, faults.NO_NAME)


def _add_labels(town: OsmTown, areas: Iterable[Area]) -> None:
    """Name the extents of places on the map where no point does so already."""
    named = {row["name"] for row in town.rows["place_names"]}
    for area in areas:
        kind = ground.PLACES.get(area.tags.get("place", ""))
        name = name_of(area.tags)
        if kind and name and name not in named and "admin_areas" in area.layers:
            label = {"name": name, "kind": kind}
            town.add("place_names", area.osm_id, label, shapely.point_on_surface(area.geometry))


def _far(shapes: Sequence[BaseGeometry], center: tuple[float, float]) -> np.ndarray:
    """Whether each geometry lies beyond the reach of the town's metric coordinate system, as its box shows."""
    boxes = shapely.bounds(np.asarray(shapes, dtype=object)).reshape(-1, 4)
    middle = np.array(center)
    gap = np.maximum(0.0, np.maximum(boxes[:, :2] - middle, middle - boxes[:, 2:]))
    gap[:, 0] *= math.cos(math.radians(center[1]))
    far: np.ndarray = np.hypot(gap[:, 0], gap[:, 1]) * _DEGREE_KM > FARTHEST_KM
    return far


def _drop_far(town: OsmTown, center: tuple[float, float]) -> None:
    for layer, rows in town.rows.items():
        if not rows:
            continue
        far = _far([row["geometry"] for row in rows], center)
        for row, gone in zip(rows, far, strict=True):
            if gone:
                town.skip(layer, row["osm_id"], faults.FAR)
        town.rows[layer] = [row for row, gone in zip(rows, far, strict=True) if not gone]


def _center(town: OsmTown) -> tuple[float, float] | None:
    """Return the middle of roads and buildings: the median, so that one far line does not pull it away."""
    shapes = [row["geometry"] for layer in ("buildings", "roads") for row in town.rows[layer]]
    if not shapes:
        return None
    boxes = shapely.bounds(shapes)
    lon, lat = (float(np.median(boxes[:, side] + boxes[:, side + 2]) / 2) for side in (0, 1))
    return lon, lat
