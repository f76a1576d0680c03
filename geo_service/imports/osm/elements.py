"""The elements of an OpenStreetMap file that a town needs, read with pyosmium in two passes.

Neither the order of the elements nor that of their ids matters: the first pass stores the positions of all points
in C++ and keeps the tagged points and the relations, the second reads the ways.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium

from geo_service.imports.osm.tags import Tags

_POINT_KEYS = (
    "amenity",
    "shop",
    "place",
    "railway",
    "public_transport",
    "building",
    "office",
    "healthcare",
)
_DEGREE = 10_000_000


@dataclass(frozen=True, eq=False)
class Point:
    """A tagged node."""

    id: int
    tags: Tags
    lon: float
    lat: float

    @property
    def osm_id(self) -> str:
        """Its id as it is stored."""
        return f"node/{self.id}"


@dataclass(frozen=True, eq=False)
class Way:
    """A way with its points; the position of a point that is not in the file is NaN."""

    id: int
    tags: Tags
    refs: tuple[int, ...]
    xy: np.ndarray

    @property
    def osm_id(self) -> str:
        """Its id as it is stored."""
        return f"way/{self.id}"

    @property
    def closed(self) -> bool:
        """Whether it ends where it begins."""
        return len(self.refs) > 1 and (
            self.refs[0] == self.refs[-1] or bool((self.xy[0] == self.xy[-1]).all())
        )


@dataclass(frozen=True, eq=False)
class Relation:
    """A relation and its member ways and points as (id, role)."""

    id: int
    tags: Tags
    ways: tuple[tuple[int, str], ...]
    points: tuple[tuple[int, str], ...] = ()

    @property
    def osm_id(self) -> str:
        """Its id as it is stored."""
        return f"relation/{self.id}"


@dataclass
class Elements:
    """All elements of a file that matter, by id, and how many the file has."""

    points: dict[int, Point] = field(default_factory=dict)
    ways: dict[int, Way] = field(default_factory=dict)
    relations: dict[int, Relation] = field(default_factory=dict)
    ways_read: int = 0


def read_elements(path: Path, file_format: str) -> Elements:
    """Read a file; of several versions of one element the last one counts, and deleted ones are left out.

    Args:
        path: the file.
        file_format: libosmium's name of its format, such as ``osm.bz2`` or ``pbf``.

    Raises:
        RuntimeError: the file is damaged, as libosmium says.
    """
    source = osmium.io.File(str(path), file_format)
    positions = osmium.NodeLocationsForWays(osmium.index.create_map("sparse_mem_array"))
    positions.ignore_errors()
    found = Elements()
    tagged = osmium.filter.KeyFilter(*_POINT_KEYS)
    tagged.enable_for(osmium.osm.NODE)
    first = osmium.FileProcessor(source, osmium.osm.NODE | osmium.osm.RELATION)
    members: set[int] = set()
    for one in first.with_filter(positions).with_filter(tagged):
        if isinstance(one, osmium.osm.Node):
            if not one.deleted and one.location.valid():
                place = one.location
                found.points[one.id] = Point(one.id, _tags(one), place.lon, place.lat)
        elif isinstance(one, osmium.osm.Relation) and not one.deleted and len(one.tags):
            ways = tuple((member.ref, member.role) for member in one.members if member.type == "w")
            points = tuple((member.ref, member.role) for member in one.members if member.type == "n")
            found.relations[one.id] = Relation(one.id, _tags(one), ways, points)
            members.update(ref for ref, _ in ways)
    _read_ways(source, positions, members, found)
    return found


def _tags(one: osmium.osm.Node | osmium.osm.Way | osmium.osm.Relation) -> Tags:
    return {tag.k: tag.v for tag in one.tags}


def _read_ways(
    source: osmium.io.File, positions: osmium.NodeLocationsForWays, members: set[int], found: Elements
) -> None:
    heads: list[tuple[int, Tags, int, int]] = []
    refs: list[int] = []
    xs: list[int] = []
    ys: list[int] = []
    for way in osmium.FileProcessor(source, osmium.osm.WAY).with_filter(positions):
        found.ways_read += 1
        if not isinstance(way, osmium.osm.Way) or way.deleted:
            continue
        tags = _tags(way)
        if not tags and way.id not in members:
            continue
        start = len(refs)
        for node in way.nodes:
            refs.append(node.ref)
            location = node.location
            xs.append(location.x)
            ys.append(location.y)
        heads.append((way.id, tags, start, len(refs)))
    xy = np.column_stack([np.array(xs, dtype=float), np.array(ys, dtype=float)]) / _DEGREE
    xy[(np.abs(xy) > (180.0, 90.0)).any(axis=1)] = np.nan
    for way_id, tags, start, end in heads:
        found.ways[way_id] = Way(way_id, tags, tuple(refs[start:end]), xy[start:end])
