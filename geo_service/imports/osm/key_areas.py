"""Key areas that the tags of a town suggest: schools, hospitals, offices, stations, markets, business and pedestrian streets.

A place drawn as a point takes the building in which it stands, if that is no dwelling, else a small circle. What
lies within another proposal of its category is the same place. Pedestrian streets of one name are one proposal.
Places of worship are never proposed, nor is anything that the table of tags does not name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.imports.osm.areas import Area, fault
from geo_service.imports.osm.elements import Elements
from geo_service.imports.osm.faults import TOO_SHORT, OsmFault
from geo_service.imports.osm.metric import Metric
from geo_service.imports.osm.naming import RoadNames, place_names
from geo_service.imports.osm.presets import PRESETS, category_of
from geo_service.imports.osm.proposed import OsmProposal
from geo_service.imports.osm.shapes import polygonal
from geo_service.imports.osm.tags import name_of

__all__ = ["category_of", "key_area_proposals"]

STREET_WIDTH_M = 12.0
"""Width of a pedestrian street that carries no width tag."""
STREET_LENGTH_M = 50.0
"""A pedestrian street shorter than this is a passage, not a place to patrol."""
SAME_PLACE_M = 300.0
"""Two areas of one category and one name closer than this are parts of one place."""
INSIDE_SHARE = 0.8
"""An area of which at least this share lies within another of its category is that one."""


@dataclass(eq=False)
class _Place:
    category: str
    tag: str
    name: str
    area: BaseGeometry
    ids: list[str] = field(default_factory=list)


def key_area_proposals(
    elements: Elements,
    areas: Iterable[Area],
    rows: dict[str, list[dict[str, Any]]],
    center: tuple[float, float],
) -> tuple[list[OsmProposal], list[OsmFault]]:
    """Return the key areas that a file suggests, and what was too small to be one.

    Args:
        elements: what the file holds.
        areas: its areas.
        rows: the rows of the roads and buildings read from it.
        center: longitude and latitude of its middle.
    """
    metric = Metric(center)
    places = _drawn(areas, metric) + _points(elements, rows["buildings"], metric)
    streets, unfit = _pedestrian_streets(rows["roads"], rows["land_cover"], elements, metric)
    merged = [one for category in PRESETS for one in _merged([p for p in places if p.category == category])]
    return _proposals(merged + streets, RoadNames(rows["roads"], metric), metric), unfit


def _drawn(areas: Iterable[Area], metric: Metric) -> list[_Place]:
    found = [(area, category_of(area.tags)) for area in areas]
    wanted = [(area, kind) for area, kind in found if kind]
    shapes = metric.metres([area.geometry for area, _ in wanted])
    return [
        _Place(kind[0], kind[1], name_of(area.tags), shape, [area.osm_id])
        for (area, kind), shape in zip(wanted, shapes, strict=True)
    ]


def _points(elements: Elements, buildings: Sequence[dict[str, Any]], metric: Metric) -> list[_Place]:
    found = [(point, category_of(point.tags)) for point in elements.points.values()]
    wanted = [(point, kind) for point, kind in found if kind and "landuse" not in kind[1]]
    if not wanted:
        return []
    spots = metric.metres([shapely.Point(point.lon, point.lat) for point, _ in wanted])
    footprints = metric.metres([row["geometry"] for row in buildings])
    inside: dict[int, int] = {}
    if len(footprints):
        for spot, footprint in shapely.STRtree(footprints).query(spots, predicate="within").T:
            if buildings[footprint]["use"] != "residential":
                inside.setdefault(int(spot), int(footprint))
    places = []
    for index, (point, kind) in enumerate(wanted):
        circle = spots[index].buffer(PRESETS[kind[0]].radius_m)
        area = footprints[inside[index]] if index in inside else circle
        places.append(_Place(kind[0], kind[1], name_of(point.tags), area, [point.osm_id]))
    return places


def _merged(places: list[_Place]) -> list[_Place]:
    """Return the places of one category without those that lie within another, and with parts of one name joined."""
    kept: list[_Place] = []
    for place in sorted(places, key=lambda one: -one.area.area):
        home = next((one for one in kept if _same(one, place)), None)
        if home is None:
            kept.append(place)
            continue
        home.name = home.name or place.name
        home.ids += place.ids
        home.area = polygonal(shapely.union(home.area, place.area)) or home.area
    return kept


def _same(home: _Place, place: _Place) -> bool:
    if place.name and home.name == place.name:
        return bool(shapely.dwithin(home.area, place.area, SAME_PLACE_M))
    if not shapely.intersects(home.area, place.area):
        return False
    inside = shapely.intersection(home.area, place.area).area >= INSIDE_SHARE * place.area.area
    return bool(inside and not (home.name and place.name and place.ids[0].startswith("way")))


def _pedestrian_streets(
    roads: Sequence[dict[str, Any]],
    covers: Sequence[dict[str, Any]],
    elements: Elements,
    metric: Metric,
) -> tuple[list[_Place], list[OsmFault]]:
    streets = [
        row for row in roads if row["highway"] == "pedestrian" and row["access_foot"] and not row["tunnel"]
    ]
    squares = [row for row in covers if row["kind"] == "square" and _is_pedestrian(row["osm_id"], elements)]
    if not streets and not squares:
        return [], []
    lines = metric.metres([row["geometry"] for row in streets])
    widths = np.array([row["width_m"] or STREET_WIDTH_M for row in streets], dtype=float)
    strips = shapely.buffer(lines, widths / 2, cap_style="flat", join_style="round")
    shapes = [*strips, *metric.metres([row["geometry"] for row in squares])]
    every = [*streets, *squares]
    groups: dict[str, list[int]] = {}
    for index, row in enumerate(every):
        groups.setdefault(row["name"], []).append(index)
    unnamed = groups.pop("", [])
    parts = list(groups.items())
    parts += [("", one) for one in _touching([shapes[index] for index in unnamed], unnamed)]
    places: list[_Place] = []
    unfit: list[OsmFault] = []
    for name, indices in parts:
        ids = sorted({every[index]["osm_id"] for index in indices}, key=_order)
        length = sum(float(lines[index].length) for index in indices if index < len(streets))
        area = polygonal(shapely.union_all([shapes[index] for index in indices]))
        wide_enough = area is not None and area.area >= STREET_LENGTH_M * STREET_WIDTH_M
        if area is None or (length < STREET_LENGTH_M and not wide_enough):
            unfit += [fault(one, "key_areas", TOO_SHORT) for one in ids]
            continue
        places.append(_Place("pedestrian_street", "highway=pedestrian", name, area, ids))
    return places, unfit


def _is_pedestrian(osm_id: str, elements: Elements) -> bool:
    kind, _, number = osm_id.partition("/")
    element = (elements.ways if kind == "way" else elements.relations).get(int(number))
    return element is not None and element.tags.get("highway") == "pedestrian"


def _touching(shapes: list[BaseGeometry], labels: list[int]) -> list[list[int]]:
    """Return the labels of shapes in groups that hang together."""
    if not shapes:
        return []
    blobs = shapely.get_parts(shapely.union_all(shapes))
    groups: dict[int, list[int]] = {}
    for shape, blob in shapely.STRtree(blobs).query(shapes, predicate="intersects").T:
        groups.setdefault(int(blob), []).append(labels[shape])
    return list(groups.values())


def _order(osm_id: str) -> tuple[str, int]:
    kind, _, number = osm_id.partition("/")
    return kind, int(number)


def _proposals(places: Sequence[_Place], roads: RoadNames, metric: Metric) -> list[OsmProposal]:
    names = place_names(
        [
            (one.name, PRESETS[one.category].title, "" if one.name else roads.beside(one.area))
            for one in places
        ]
    )
    result = []
    for place, name in zip(places, names, strict=True):
        more = f",共 {len(place.ids)} 个要素" if len(place.ids) > 1 else ""
        properties = {
            "name": name,
            "category": place.category,
            **PRESETS[place.category].columns,
            "reason": f"开放街图标注 {place.tag}{more}",
            "osm_id": place.ids[0],
        }
        area = metric.degrees(place.area)
        result.append(OsmProposal("key_areas", properties, area, place.ids[0], place.tag))
    return result
