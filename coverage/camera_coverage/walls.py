"""Walls: obstacles made ready for the sweep, once for all cameras."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.decks import NO_DECKS, Decks
from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.notes import Note
from town_model import GeometryError, Text, ValueRangeError, check_frame, check_same_crs

_CHUNK = 8  # wall segments that share one box of the search tree
_SHORTEST_M = 1e-7
_AREAL = (3, 6)
_LINEAL = (1, 2, 5)


@dataclass(frozen=True)
class Walls:
    """Wall segments with what they belong to. Solid parts lie on the left of their segments.

    Args:
        parts: polygons and lines without overlaps of equal height.
        height_m: of the parts; inf where unknown.
        solid: parts that are footprints, not lines.
        member: for unmerged walls, the row of the obstacle; otherwise −1 where several were merged.
        part: part of each segment.
        ax: begin of each segment, east.
        ay: north.
        bx: end of each segment, east.
        by: north.
        first: first segment of each part.
        count: number of segments of each part.
        rings: number of rings of each part, 0 for lines.
        chunk: first segment of each chunk, with the total at the end.
        tree: search tree over the boxes of the chunks.
        part_tree: search tree over the parts.
        box: of each part: west, south, east, north.
    """

    parts: np.ndarray
    height_m: Floats
    solid: Flags
    member: Ints
    part: Ints
    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    first: Ints
    count: Ints
    rings: Ints
    chunk: Ints
    tree: shapely.STRtree
    part_tree: shapely.STRtree
    box: Floats

    def near(self, boxes: np.ndarray) -> tuple[Ints, Ints]:
        """Return (box, segment) pairs of the segments whose chunks touch each box."""
        which, chunk = self.tree.query(boxes)
        first = self.chunk[chunk]
        n = self.chunk[chunk + 1] - first
        segment = np.arange(int(n.sum())) + np.repeat(first - (np.cumsum(n) - n), n)
        return np.repeat(which, n), segment


class Segments(NamedTuple):
    """Wall segments from A to B and the part they belong to."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    part: Ints


def _crossings(segments: Segments, parts: np.ndarray) -> tuple[Ints, Floats]:
    """Return where segments of different parts cross: segment and parameter."""
    ax, ay, bx, by, part = segments
    nothing = (np.empty(0, dtype=np.int64), np.empty(0))
    if len(parts) < 2:
        return nothing
    one, two = shapely.STRtree(parts).query(parts, predicate="intersects")
    pair = one < two
    one, two = one[pair], two[pair]
    apart = shapely.touches(parts[one], parts[two])
    rows = np.unique(np.concatenate([one[~apart], two[~apart]]))
    # a line that crosses itself
    rows = np.union1d(rows, np.flatnonzero(~shapely.is_simple(parts)))
    if not len(rows):
        return nothing
    mine = np.flatnonzero(np.isin(part, rows))
    lines: np.ndarray = shapely.linestrings(  # type: ignore[assignment]
        np.stack([np.stack([ax[mine], bx[mine]], 1), np.stack([ay[mine], by[mine]], 1)], 2)
    )
    i, j = shapely.STRtree(lines).query(lines, predicate="intersects")
    keep = i != j
    i, j = mine[i[keep]], mine[j[keep]]
    dx, dy, ex, ey = bx[i] - ax[i], by[i] - ay[i], bx[j] - ax[j], by[j] - ay[j]
    cross = dx * ey - dy * ex
    with np.errstate(invalid="ignore", divide="ignore"):
        t = ((ax[j] - ax[i]) * ey - (ay[j] - ay[i]) * ex) / cross
    length = np.hypot(dx, dy)
    inner = np.isfinite(t) & (t * length > _SHORTEST_M) & ((1 - t) * length > _SHORTEST_M)
    return i[inner], t[inner]


def _split(segments: Segments, at: Ints, t: Floats) -> Segments:
    """Split segments at parameters, keeping their order."""
    ax, ay, bx, by, part = segments
    count = np.bincount(at, minlength=len(ax)) + 1
    which = np.repeat(np.arange(len(ax)), count)
    order = np.lexsort((t, at))
    cuts = np.ones(len(which))
    last = np.cumsum(count) - 1
    inner = np.ones(len(which), dtype=bool)
    inner[last] = False
    cuts[inner] = t[order]
    begin = np.zeros(len(which))
    begin[1:] = np.where(inner[:-1], cuts[:-1], 0.0)
    dx, dy = (bx - ax)[which], (by - ay)[which]
    whole = cuts == 1
    return Segments(
        ax[which] + begin * dx,
        ay[which] + begin * dy,
        np.where(whole, bx[which], ax[which] + cuts * dx),
        np.where(whole, by[which], ay[which] + cuts * dy),
        part[which],
    )


def build_walls(parts: np.ndarray, height_m: Floats, member: Ints) -> Walls:
    """Return walls of polygons and lines (single parts, valid)."""
    solid = shapely.get_type_id(parts) == 3
    rings, ring_part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    lines = np.flatnonzero(~solid)
    chains = np.concatenate([rings, parts[lines]])
    owner = np.concatenate([ring_part, lines]).astype(np.int64)
    coords, chain = shapely.get_coordinates(chains, return_index=True)
    joined = chain[1:] == chain[:-1]
    a, b = coords[:-1][joined], coords[1:][joined]
    seg_chain = chain[:-1][joined]
    ax, ay, bx, by = a[:, 0], a[:, 1], b[:, 0], b[:, 1]
    part = owner[seg_chain]
    at, t = _crossings(Segments(ax, ay, bx, by, part), parts)
    if len(at):
        ax, ay, bx, by, part = _split(Segments(ax, ay, bx, by, part), at, t)
        seg_chain = part
    total = len(ax)
    begins = np.flatnonzero(np.diff(part, prepend=-1))  # the segments of a part stand together
    part_first, part_count = np.zeros(len(parts), dtype=np.int64), np.zeros(len(parts), dtype=np.int64)
    part_first[part[begins]] = begins
    part_count[part[begins]] = np.diff(np.append(begins, total))
    starts = np.flatnonzero(np.diff(seg_chain, prepend=-1))
    lengths = np.diff(np.append(starts, total))
    pieces = -(-lengths // _CHUNK)
    rank = np.arange(int(pieces.sum())) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    first = np.repeat(starts, pieces) + rank * _CHUNK
    if total:
        boxes = shapely.box(
            np.minimum.reduceat(np.minimum(ax, bx), first),
            np.minimum.reduceat(np.minimum(ay, by), first),
            np.maximum.reduceat(np.maximum(ax, bx), first),
            np.maximum.reduceat(np.maximum(ay, by), first),
        )
    else:
        boxes = np.empty(0, dtype=object)
    return Walls(
        parts=parts, height_m=height_m, solid=solid, member=member, part=part, ax=ax, ay=ay, bx=bx, by=by,
        first=part_first, count=part_count, rings=np.bincount(ring_part, minlength=len(parts)),
        chunk=np.append(first, total).astype(np.int64), tree=shapely.STRtree(boxes), part_tree=shapely.STRtree(parts),
        box=shapely.bounds(parts).reshape(-1, 4),
    )  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """All obstacles of a town: merged walls for most eyes, single ones for eyes on a roof."""

    index: pd.Index
    merged: Walls
    parts: np.ndarray
    height_m: Floats
    member: Ints
    notes: tuple[Note, ...]
    crs: Any = None
    decks: Decks = NO_DECKS
    _raw: list[Walls] = field(default_factory=list, repr=False)
    _tree: list[shapely.STRtree] = field(default_factory=list, repr=False)
    _prints: list[bytes] = field(default_factory=list, repr=False)
    _of_obstacle: dict[int, bytes] = field(default_factory=dict, repr=False)

    def check(self, **frames: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
        """Refuse frames that are not in the coordinate system of the obstacles.

        Raises:
            CrsError: they differ.
        """
        if len(self.parts) or len(self.decks.parts):
            check_same_crs(scene=gpd.GeoSeries(crs=self.crs), **frames)

    @property
    def digest(self) -> bytes:
        """A digest of all obstacles together."""
        return hashlib.blake2b(b"".join([*self.prints, b"/", *self.decks.prints]), digest_size=16).digest()

    @property
    def prints(self) -> list[bytes]:
        """A digest of each single part and its height."""
        if not self._prints and len(self.parts):
            heights = np.asarray(self.height_m, dtype=float)
            self._prints.extend(
                hashlib.blake2b(wkb + height.tobytes(), digest_size=12).digest()
                for wkb, height in zip(shapely.to_wkb(self.parts), heights, strict=True)
            )
        return self._prints

    @property
    def obstacle_prints(self) -> dict[int, bytes]:
        """The digest of the first part of each obstacle, by row."""
        if not self._of_obstacle:
            rows, first = np.unique(self.member, return_index=True)
            self._of_obstacle.update(
                (row, self.prints[at]) for row, at in zip(rows.tolist(), first.tolist(), strict=True)
            )
            self._of_obstacle.update(zip(self.decks.member.tolist(), self.decks.prints, strict=True))
        return self._of_obstacle

    @property
    def raw_tree(self) -> shapely.STRtree:
        """Search tree over the single parts."""
        if not self._tree:
            self._tree.append(shapely.STRtree(self.parts))
        return self._tree[0]

    @property
    def raw(self) -> Walls:
        """The walls of every single obstacle, without merging; built when first asked for."""
        if not self._raw:
            self._raw.append(build_walls(self.parts, self.height_m, self.member))
        return self._raw[0]


def _merge(parts: np.ndarray, height_m: Floats) -> tuple[np.ndarray, Floats]:
    """Unite footprints of one height that touch or overlap; lines stay as they are."""
    polygon = shapely.get_type_id(parts) == 3
    out, heights = [parts[~polygon]], [height_m[~polygon]]
    for height in np.unique(height_m[polygon]):
        group = parts[polygon & (height_m == height)]
        if len(group) > 1:
            group = shapely.get_parts(shapely.disjoint_subset_union_all(group))
            group = group[shapely.get_type_id(group) == 3]
        out.append(group)
        heights.append(np.full(len(group), height))
    return np.concatenate(out), np.concatenate(heights)


def build_scene(obstacles: gpd.GeoDataFrame | None) -> Scene:
    """Return the scene of an obstacle frame.

    Footprints are repaired with ``make_valid`` (noted), ring points closer than 0.1 µm are dropped, see-through
    obstacles are left out, and touching footprints of one height are united.

    Args:
        obstacles: polygons or lines with ``height_m`` (missing: never seen over) and optionally ``see_through`` and ``clear_height_m``
            (free air from the ground up to there: bridges, crowns; missing or 0: none).

    Raises:
        CrsError, ColumnError, GeometryError: the frame cannot be used.
        ValueRangeError: negative heights, or a clear height that is not below the top, by obstacle.
    """
    if obstacles is None or not len(obstacles):
        empty = np.empty(0, dtype=object)
        none = np.empty(0)
        walls = build_walls(empty, none, np.empty(0, dtype=np.int64))
        return Scene(pd.RangeIndex(0), walls, empty, none, np.empty(0, dtype=np.int64), ())
    geometry = obstacles.geometry.to_numpy().copy()
    notes: list[Note] = []
    sound = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    invalid = np.flatnonzero(sound & ~shapely.is_valid(geometry))
    if len(invalid):
        finite = np.array([np.isfinite(shapely.get_coordinates(one)).all() for one in geometry[invalid]])
        repaired = invalid[finite]
        geometry[repaired] = shapely.make_valid(geometry[repaired])
        notes += [
            Note(
                obstacles.index[i],
                "obstacle_repaired",
                Text.of(
                    "obstacle {obstacle}: its outline was invalid and was repaired",
                    obstacle=obstacles.index[i],
                ),
            )
            for i in repaired
        ]
    check_frame(
        obstacles.set_geometry(gpd.GeoSeries(geometry, index=obstacles.index, crs=obstacles.crs)), "obstacles"
    )
    height = np.full(len(obstacles), np.inf)
    if "height_m" in obstacles.columns:
        given = pd.to_numeric(obstacles["height_m"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        bad = np.flatnonzero(given < 0)
        if len(bad):
            raise ValueRangeError(
                [
                    Text.of(
                        "obstacle {obstacle}: height {value} m is below zero",
                        obstacle=obstacles.index[i],
                        value=float(given[i]),
                    )
                    for i in bad
                ]
            )
        height = np.where(np.isnan(given), np.inf, given)
    clear = _clear_heights(obstacles, height)
    rows = np.arange(len(obstacles))
    if "see_through" in obstacles.columns:
        rows = rows[~obstacles["see_through"].eq(other=True).to_numpy(dtype=bool, na_value=False)]
    geometry = shapely.force_2d(geometry[rows])
    for _ in range(2):  # collections may hold multi-geometries
        geometry, of = shapely.get_parts(geometry, return_index=True)
        rows = rows[of]
    kinds = shapely.get_type_id(geometry)
    if not np.isin(kinds, (*_AREAL, *_LINEAL)).all() and len(invalid) == 0:
        wrong = obstacles.index[np.unique(rows[~np.isin(kinds, (*_AREAL, *_LINEAL))])]
        raise GeometryError(
            "{name} must hold {allowed} only: see {rows}",
            name="obstacles",
            allowed="polygons, lines",
            rows=", ".join(map(str, wrong[:5])),
        )
    areal_rows = np.unique(rows[np.isin(kinds, _AREAL)])
    # make_valid leaves hairs of lines beside a repaired footprint: they are no walls
    keep = np.isin(kinds, _AREAL) | (np.isin(kinds, _LINEAL) & ~np.isin(rows, areal_rows))
    geometry, rows = shapely.remove_repeated_points(geometry[keep], _SHORTEST_M), rows[keep]
    keep = ~shapely.is_empty(geometry) & shapely.is_valid(geometry)
    geometry, rows = geometry[keep], rows[keep]
    ring = shapely.get_type_id(geometry) == 2
    if ring.any():
        geometry[ring] = shapely.linestrings([shapely.get_coordinates(one) for one in geometry[ring]])
    aloft = clear[rows] > 0
    nothing = np.empty(0, dtype=object)
    blank = Scene(
        obstacles.index, build_walls(nothing, np.empty(0), np.empty(0, dtype=np.int64)), nothing, np.empty(0),
        np.empty(0, dtype=np.int64), tuple(notes), obstacles.crs,
        Decks(geometry[aloft], clear[rows[aloft]], height[rows[aloft]], rows[aloft].astype(np.int64)),
    )  # fmt: skip
    geometry, rows = geometry[~aloft], rows[~aloft]
    return place_walls(blank, geometry, height[rows], rows.astype(np.int64))


def _clear_heights(obstacles: gpd.GeoDataFrame, height_m: Floats) -> Floats:
    """Return the free height under each obstacle."""
    if "clear_height_m" not in obstacles.columns:
        return np.zeros(len(obstacles))
    given = pd.to_numeric(obstacles["clear_height_m"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    clear = np.where(np.isnan(given), 0.0, given)
    bad = np.flatnonzero((clear < 0) | ((clear > 0) & (clear >= height_m)))
    if len(bad):
        raise ValueRangeError(
            [
                Text.of(
                    "obstacle {obstacle}: clear height {clear:g} m must lie between 0 and its height {height:g} m",
                    obstacle=obstacles.index[i],
                    clear=float(clear[i]),
                    height=float(height_m[i]),
                )
                for i in bad
            ]
        )
    return clear


def place_walls(scene: Scene, parts: np.ndarray, height_m: Floats, member: Ints) -> Scene:
    """Return a scene of the same obstacles with other parts or heights.

    Args:
        scene: whose obstacles, notes and coordinate system are kept.
        parts: single polygons and lines.
        height_m: of each.
        member: row of the obstacle of each.
    """
    united, heights = _merge(parts, height_m)
    merged = build_walls(united, heights, np.full(len(united), -1, dtype=np.int64))
    return Scene(scene.index, merged, parts, height_m, member, scene.notes, scene.crs, scene.decks)
