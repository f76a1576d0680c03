"""Tiles of the store's ground: only what can be seen at their zoom, found by R-tree, kept until the next edit."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text

from geo_service.store import Store
from geo_service.store.geometry import from_wkb
from geo_service.store.tables import rtree_name
from geo_service.towntiles.mvt import EXTENT, TileLayer, encode_layer

#: Deeper, a tile of this zoom is enlarged: its units are 0.15 m at the equator.
MAX_ZOOM = 16
#: Layers of the ground, which all who are logged in may see, with the columns that a tile carries of each.
LAYERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "land_cover": ("kind", "name"),
        "water": ("kind", "name"),
        "buildings": ("use", "name"),
        "obstacles": ("kind",),
        "roads": ("highway", "name", "level", "bridge", "tunnel"),
    }
)
#: The zoom of the map from which a layer, or a class of roads, is drawn: as in town-map-styles.js.
_FROM = {"buildings": 13.5, "obstacles": 15.5}
_ROADS_FROM = {
    "motorway": 3.0, "trunk": 3.0, "primary": 3.0, "secondary": 10.0, "tertiary": 12.0, "unclassified": 13.0,
    "residential": 13.5, "living_street": 14.0, "service": 15.0, "pedestrian": 14.0, "track": 15.0,
    "construction": 14.0, "path": 15.5, "footway": 15.5, "cycleway": 15.5, "steps": 15.5, "bridleway": 15.5,
    "corridor": 15.5,
}  # fmt: skip
_LINKS_FROM = 12.0
# A tile serves the zooms of the map that are one to two above its own, so it is drawn 512 to 1024 pixels wide.
_ABOVE = 2
_UNITS_PER_PIXEL = EXTENT / (256 * 2**_ABOVE)
_BUFFER = 128
# Shapes longer than so many tiles are cut; others come whole, and the page takes each once, by its id.
_WHOLE_TILES = 2.0
# An area smaller than four pixels, in the middle of the zooms that a tile serves, is left out.
_LEAST_AREA = 4 * (EXTENT / (256 * 2 ** (_ABOVE - 0.5))) ** 2
_KEEP_BYTES = 64_000_000

Box = tuple[float, float, float, float]


def tile_box(z: int, x: int, y: int, *, buffer: float = 0.0) -> Box:
    """Return the box of a tile: west, south, east, north in degrees.

    Args:
        z: zoom level.
        x: column, counted from the west.
        y: row, counted from the north.
        buffer: how much to add on each side, in units of the tile.

    >>> tile_box(0, 0, 0)[0], round(tile_box(0, 0, 0)[3], 4)
    (-180.0, 85.0511)
    """
    share = buffer / EXTENT
    n = 1 << z

    def lat(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / n))))

    west, east = (x - share) / n * 360 - 180, (x + 1 + share) / n * 360 - 180
    return west, lat(y + 1 + share), east, lat(y - share)


def tiles_version(store: Store, layers: Collection[str] = tuple(LAYERS)) -> str:
    """Return what changes whenever a tile may have changed, for an ETag."""
    return f"tiles-{store.revision(sorted(layers))}"


class TownTiles:
    """The tiles of one store; those that were made are kept until the next edit of the ground.

    Args:
        store: the town.
        keep_bytes: size of the tiles that are kept in memory.
    """

    def __init__(self, store: Store, *, keep_bytes: int = _KEEP_BYTES) -> None:
        self._store = store
        self._keep_bytes = keep_bytes
        self._kept: OrderedDict[tuple[str, str, int, int, int], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def tile(self, z: int, x: int, y: int, *, layers: Sequence[str] = tuple(LAYERS)) -> bytes:
        """Return a tile in the format of Mapbox Vector Tiles 2.1; empty where there is nothing.

        Args:
            z: zoom level, 0 to `MAX_ZOOM`.
            x: column, counted from the west.
            y: row, counted from the north.
            layers: keys of `LAYERS`.
        """
        chosen = [name for name in LAYERS if name in layers]
        key = (tiles_version(self._store, chosen), ",".join(chosen), z, x, y)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = b"".join(self._layer(name, z, x, y) for name in chosen)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > self._keep_bytes and self._kept:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone)
        return made

    def _layer(self, name: str, z: int, x: int, y: int) -> bytes:
        deepest = z >= MAX_ZOOM
        if not deepest and z + _ABOVE < _FROM.get(name, 0):
            return b""
        rows = self._rows(name, z, x, y, everything=deepest)
        if not rows:
            return b""
        columns = list(zip(*rows, strict=True))
        ids = np.asarray(columns[0], dtype=np.int64)
        cells = dict(zip(LAYERS[name], columns[2:], strict=True))
        shapes = _units(from_wkb(columns[1]), z, x, y)
        kept = np.ones(len(ids), dtype=bool)
        if not deepest:
            kept = _visible(shapes)
            if name == "roads":
                kept &= np.array([z + _ABOVE >= _road_from(one) for one in cells["highway"]])
            shapes = shapes.copy()
            shapes[kept] = shapely.simplify(
                shapes[kept], 0.5 * _UNITS_PER_PIXEL, preserve_topology=name != "buildings"
            )
        shapes, cut = _cut(shapes, whole=name == "buildings")
        kept &= ~(shapely.is_empty(shapes) | shapely.is_missing(shapes))
        properties = {
            key: [_told(value) for value, stays in zip(values, kept.tolist(), strict=True) if stays]
            for key, values in _named(name, cells).items()
        }
        properties["cut"] = [True if one else None for one in cut[kept].tolist()]
        return encode_layer(TileLayer(name, ids[kept], shapes[kept], properties))

    def _rows(self, name: str, z: int, x: int, y: int, *, everything: bool) -> Sequence[Any]:
        west, south, east, north = tile_box(z, x, y, buffer=_BUFFER)
        columns = ", ".join(f'layer."{one}"' for one in LAYERS[name])
        unit = 360 / (1 << z) / EXTENT
        pixel = 0.0 if everything else unit * _UNITS_PER_PIXEL
        # houses are areas: one whose box is too small need not be read to know that
        area = 0.0
        if not everything and name == "buildings":
            area = _LEAST_AREA * unit**2 * math.cos(math.radians((south + north) / 2))
        # what is smaller than a pixel is not even read; the R-tree knows
        query = text(
            f'SELECT layer.id, layer.geometry, {columns} FROM {rtree_name(name)} AS box JOIN "{name}" AS layer'  # noqa: S608 - names of declared layers
            " ON layer.id = box.id WHERE box.west <= :east AND box.east >= :west AND box.south <= :north"
            " AND box.north >= :south AND (box.east - box.west >= :pixel OR box.north - box.south >= :pixel)"
            " AND (box.east - box.west) * (box.north - box.south) >= :area"
        )
        given = {"west": west, "south": south, "east": east, "north": north, "pixel": pixel, "area": area}
        with self._store.reading() as connection:
            return connection.execute(query, given).fetchall()


def _units(shapes: NDArray[np.object_], z: int, x: int, y: int) -> NDArray[np.object_]:
    """Return shapes in longitude and latitude as units of a tile."""
    scale = (1 << z) * EXTENT

    def project(places: NDArray[np.float64]) -> NDArray[np.float64]:
        sine = np.sin(np.radians(places[:, 1]))
        east = (places[:, 0] + 180) / 360 * scale - x * EXTENT
        south = (0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)) * scale - y * EXTENT
        return np.column_stack([east, south])

    moved: NDArray[np.object_] = shapely.transform(shapes, project)
    return moved


def _visible(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    areas = shapely.get_dimensions(shapes) == 2
    return np.asarray(~areas | (shapely.area(shapes) >= _LEAST_AREA), dtype=bool)


def _cut(shapes: NDArray[np.object_], *, whole: bool) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Cut what is far longer than the tile to the tile and a margin; return also which ones were cut."""
    box = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        long = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) > _WHOLE_TILES * EXTENT
    if whole or not long.any():
        return shapes, np.zeros(len(shapes), dtype=bool)
    done = shapes.copy()
    window = shapely.box(-_BUFFER, -_BUFFER, EXTENT + _BUFFER, EXTENT + _BUFFER)
    valid = shapely.make_valid(shapes[long])
    pieces = shapely.intersection(valid, window)
    # a shape that only touches the window may leave a mixture: areas stay areas, lines lines
    dimension = shapely.get_dimensions(shapes[long])
    for at, (piece, wanted) in enumerate(zip(pieces, dimension, strict=True)):
        if piece.geom_type == "GeometryCollection":
            same = [one for one in shapely.get_parts(piece) if shapely.get_dimensions(one) == wanted]
            pieces[at] = shapely.union_all(same) if same else None
        elif shapely.get_dimensions(piece) != wanted:
            pieces[at] = None
    done[long] = pieces
    return done, long


def _road_from(highway: Any) -> float:
    words = str(highway)
    if words.endswith("_link"):
        return _LINKS_FROM
    return _ROADS_FROM.get(words, _ROADS_FROM["unclassified"])


def _named(name: str, cells: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Return the columns under the names that the page knows: the first one is the class of a feature."""
    first = LAYERS[name][0]
    return {"class" if key == first else key: values for key, values in cells.items()}


def _told(value: Any) -> Any:
    """Return a cell as a tile carries it; what says nothing (no name, level 0, no bridge) is left out."""
    return None if value in (None, "", 0, False) else value
