"""Housing zones that the tags of a town suggest: residential land, and dwellings that stand together.

A zone is proposed only where the file proves at least ten dwellings. What counts as proof: ``building:flats``; failing
that, one dwelling for each storey of a block of flats (``building=apartments``, or ``residential`` of three storeys and more);
one for any other dwelling house; and within residential land one for each building of unknown use. The households column
stays empty unless every dwelling house of the zone carries ``building:flats``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.imports.osm.areas import Area, fault
from geo_service.imports.osm.faults import OsmFault, few_dwellings
from geo_service.imports.osm.metric import Metric
from geo_service.imports.osm.naming import RoadNames, place_names
from geo_service.imports.osm.proposed import OsmProposal
from geo_service.imports.osm.shapes import polygonal
from geo_service.imports.osm.tags import Tags, name_of

Row = dict[str, Any]
LEAST_DWELLINGS = 10
CLUSTER_GAP_M = 30.0
"""Dwelling houses no farther apart than this stand together."""
MARGIN_M = 10.0
"""How far the zone of a cluster reaches beyond its houses."""
BLOCK_STOREYS = 3
"""A residential building of so many storeys holds a dwelling on each."""
TITLE = "居民区"
ZONE = {"priority": "2", "required_class": "observe", "visit_interval_min": 240, "hours": ""}


def housing_proposals(
    areas: Sequence[Area], rows: dict[str, list[Row]], center: tuple[float, float]
) -> tuple[list[OsmProposal], list[OsmFault]]:
    """Return the housing zones that a file suggests, and those that it does not prove.

    Args:
        areas: the areas of the file.
        rows: the rows of the roads and buildings read from it.
        center: longitude and latitude of its middle.
    """
    metric = Metric(center)
    buildings = [row for row in rows["buildings"] if row["use"] in {"residential", "unknown"}]
    tags = {area.osm_id: area.tags for area in areas if "buildings" in area.layers}
    proof = [dwellings(tags.get(row["osm_id"], {}), row) for row in buildings]
    footprints = metric.metres([row["geometry"] for row in buildings])
    spots = shapely.point_on_surface(footprints)
    land = [area for area in areas if area.tags.get("landuse") == "residential"]
    zones: list[tuple[str, str, str, BaseGeometry, int | None]] = []
    unproven: list[OsmFault] = []
    taken: set[int] = set()
    shapes = metric.metres([area.geometry for area in land])
    tree = shapely.STRtree(spots)
    for area, shape in zip(land, shapes, strict=True):
        inside = tree.query(shape, predicate="contains")
        taken.update(int(one) for one in inside)
        proven = sum(proof[one] for one in inside)
        if proven < LEAST_DWELLINGS:
            unproven.append(fault(area.osm_id, "housing_zones", few_dwellings(len(inside), proven)))
            continue
        households = known_households([buildings[one] for one in inside])
        zones.append((area.osm_id, name_of(area.tags), "landuse=residential", shape, households))
    houses = [i for i, row in enumerate(buildings) if row["use"] == "residential" and i not in taken]
    for members, shape in clusters(footprints[houses], houses):
        group = [buildings[one] for one in members]
        proven = sum(proof[one] for one in members)
        first = group[0]["osm_id"]
        if proven < LEAST_DWELLINGS:
            unproven.append(fault(first, "housing_zones", few_dwellings(len(group), proven)))
        else:
            zones.append((first, "", f"building=residential ×{len(group)}", shape, known_households(group)))
    roads = RoadNames(rows["roads"], metric)
    names = place_names([(zone[1], TITLE, "" if zone[1] else roads.beside(zone[3])) for zone in zones])
    proposals = []
    for (osm_id, _, tag, shape, households), name in zip(zones, names, strict=True):
        properties = {"name": name, **ZONE, "osm_id": osm_id}
        if households is not None:
            properties["households"] = households
        proposals.append(OsmProposal("housing_zones", properties, metric.degrees(shape), osm_id, tag))
    return proposals, unproven


def dwellings(tags: Tags, row: Row) -> int:
    """Return how many dwellings a building holds at least, by what its tags prove.

    Args:
        tags: its tags.
        row: its row of the buildings layer; its use is residential or unknown.
    """
    if row["dwellings"] is not None:
        return int(row["dwellings"])
    floors = int(row["levels"] or 1)
    block = tags.get("building") == "apartments" or (
        tags.get("building") == "residential" and floors >= BLOCK_STOREYS
    )
    return max(floors, 1) if block else 1


def known_households(buildings: Sequence[Row]) -> int | None:
    """Return the number of dwellings where every dwelling house says it, else None.

    Args:
        buildings: rows of the buildings layer.
    """
    known = [row["dwellings"] for row in buildings]
    total = sum(one for one in known if one is not None)
    return int(total) if known and None not in known and total >= LEAST_DWELLINGS else None


def clusters(footprints: np.ndarray, labels: Sequence[int]) -> list[tuple[list[int], BaseGeometry]]:
    """Return groups of houses that stand together: their labels and the area they take up.

    Args:
        footprints: polygons in metres.
        labels: what the groups name them by.
    """
    if not len(footprints):
        return []
    reach = CLUSTER_GAP_M / 2
    blobs = shapely.get_parts(shapely.union_all(shapely.buffer(footprints, reach, quad_segs=4)))
    groups: dict[int, list[int]] = {}
    spots = shapely.point_on_surface(footprints)
    for house, blob in shapely.STRtree(blobs).query(spots, predicate="within").T:
        groups.setdefault(int(blob), []).append(labels[house])
    result = []
    for blob, members in groups.items():
        area = polygonal(blobs[blob].buffer(MARGIN_M - reach))
        if area is not None:
            result.append((members, area))
    return result
