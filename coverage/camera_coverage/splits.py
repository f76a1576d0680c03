"""Gaps split by cause, part by part and step by step in the order of precedence.

Each step with each part is kept under what it follows from: the part itself, and the cameras whose regions touch it. So
after an edit only those parts are cut anew of which a changed camera has a say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.causes import (
    BEHIND_TERRAIN,
    CAUSES,
    TERRAIN,
    cause_regions,
    hiding_obstacles,
    nearest_of,
)
from camera_coverage.light import Light
from camera_coverage.overlays import gather, lineals

Found = dict[str, Any]
COLUMNS = ("geometry", "cause", "ref", "camera", "x", "y")
# regions that follow from the class and the light that are asked for, beside the camera
_ASKED = ("unverified", "out_of_order", "dark")


def too_narrow(shapes: np.ndarray, min_width_m: float) -> np.ndarray:
    """Return which pieces are nowhere as wide (polygons) or not as long (lines) as a minimum."""
    areal = _areal(shapes)
    area, length = shapely.area(shapes), shapely.length(shapes)
    narrow = np.where(areal, area < np.pi / 4 * min_width_m**2, length < min_width_m)
    # the largest circle inside a polygon has at least the radius area / perimeter
    with np.errstate(invalid="ignore", divide="ignore"):
        doubtful = np.flatnonzero(areal & ~narrow & (area / length < min_width_m / 2))
    narrow[doubtful] = shapely.is_empty(shapely.buffer(shapes[doubtful], -min_width_m / 2, quad_segs=2))
    return narrow


class Part(NamedTuple):
    """A polygon, or lines that hang together, of what is left of a gap; and its print."""

    shape: shapely.Geometry
    print: bytes


class Record(NamedTuple):
    """What one step found of one part: pieces as tuples in the order of `COLUMNS`, what was dropped, and what is left."""

    pieces: list[tuple[Any, ...]]
    slivers: tuple[int, float, float]
    left: list[Part]


def split_by_cause(
    gaps: np.ndarray,
    areal: np.ndarray,
    coverage: CoverageResult,
    required_class: np.ndarray,
    light: np.ndarray,
    *,
    near_m: float,
    min_width_m: float,
    only_verified: bool,
) -> list[Found]:
    """Split the gaps of targets by cause.

    Args:
        gaps: unseen ground, one entry a target and light.
        areal: whether a target is measured in square metres.
        coverage: by the cameras that have a say here.
        required_class: that the targets ask for.
        light: in which the gaps are judged.
        near_m: a camera farther than this from a place is not near.
        min_width_m: narrower pieces are dropped and counted.
        only_verified: see `blind_spots`.

    Returns:
        By entry the pieces as arrays named by `COLUMNS`, cameras by id and obstacles by print, ``beyond`` (whether any is
        out of range), and ``slivers``.
    """
    alike: dict[tuple[str | None, Light], list[int]] = {}
    for i, one in enumerate(zip(required_class.tolist(), light.tolist(), strict=True)):
        alike.setdefault(one, []).append(i)
    common = f"{near_m:g} {min_width_m:g} {coverage.options.target_height_m:g} {only_verified:d}".encode()
    told: list[list[Record]] = [[] for _ in range(len(gaps))]
    left = _begun(gaps, areal, coverage.memo, common, told, min_width_m)
    for cause, areas, rows, said in _steps(coverage, alike, near_m, only_verified=only_verified):
        _take(cause, areas, common + said.encode(), rows, left, told, coverage, min_width_m)
    _take("no_camera_near", None, common, list(range(len(gaps))), left, told, coverage, min_width_m)
    return [_joined(one) for one in told]


def _steps(
    coverage: CoverageResult,
    alike: dict[tuple[str | None, Light], list[int]],
    near_m: float,
    *,
    only_verified: bool,
) -> Iterator[tuple[str, np.ndarray, list[int], str]]:
    """Return cause, regions, gaps and what the regions follow from beside their cameras; gaps with the same regions together."""
    found = [
        (
            dict(cause_regions(coverage, name, light, near_m, only_verified=only_verified)),
            rows,
            f"{coverage.options.classes.density(name)} {light}",
        )
        for (name, light), rows in alike.items()
    ]
    for cause in CAUSES:
        together: dict[tuple[int, ...], tuple[np.ndarray, list[int], str]] = {}
        for regions, rows, said in found:
            if cause in regions:
                areas = regions[cause]
                there = ~shapely.is_empty(areas)
                same = tuple(id(one) if some else 0 for one, some in zip(areas, there.tolist(), strict=True))
                # what no class and no light asks for is the same for all
                together.setdefault(same, (areas, [], said if cause in _ASKED else ""))[1].extend(rows)
        for areas, members, said in together.values():
            yield cause, areas, sorted(members), said


def _begun(
    gaps: np.ndarray,
    areal: np.ndarray,
    memo: dict[Any, Any],
    common: bytes,
    told: list[list[Record]],
    min_width_m: float,
) -> list[list[Part]]:
    """Return the parts of each gap that are wide enough."""
    keys = [("split", _hash(common, wkb)) for wkb in shapely.to_wkb(gaps).tolist()]
    fresh = np.array([i for i, key in enumerate(keys) if key not in memo], dtype=np.int64)
    parts, owner = _parts(gaps[fresh], areal[fresh])
    narrow = too_narrow(parts, min_width_m)
    left = _whole(parts[~narrow], owner[~narrow], len(fresh))
    for i, record in zip(
        fresh.tolist(), _records(len(fresh), [], [], owner[narrow], parts[narrow], left), strict=True
    ):
        memo[keys[i]] = record
    for key, one in zip(keys, told, strict=True):
        one.append(memo[key])
    return [list(one[0].left) for one in told]


def _take(
    cause: str,
    areas: np.ndarray | None,
    said: bytes,
    gaps: list[int],
    left: list[list[Part]],
    told: list[list[Record]],
    coverage: CoverageResult,
    min_width_m: float,
) -> None:
    """Take one step with some gaps: with those of their parts that the regions touch, from the memo where it is known."""
    memo = coverage.memo
    parts = [part for i in gaps for part in left[i]]
    shapes = _objects([one.shape for one in parts])
    if areas is None:
        touched: dict[int, list[int]] = {i: [] for i in range(len(parts))}
    else:
        touched = _touching(shapes, areas)
    keys = {
        i: ("step", _hash(said, cause.encode(), parts[i].print, *(coverage.labels[one] for one in some)))
        for i, some in touched.items()
    }
    fresh = {key: i for i, key in keys.items() if key not in memo}
    if fresh:
        rows = np.array(list(fresh.values()), dtype=np.int64)
        regions = None if areas is None else _united(areas, [touched[i] for i in rows.tolist()])
        records = _step(cause, areas, shapes[rows], regions, coverage, min_width_m)
        memo.update(zip(fresh, records, strict=True))
    at = 0
    for i in gaps:
        rest: list[Part] = []
        for part in left[i]:
            if at in keys:
                record: Record = memo[keys[at]]
                told[i].append(record)
                rest += record.left
            else:
                rest.append(part)
            at += 1
        left[i] = rest


def _hash(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"".join(parts), digest_size=16).digest()


def _touching(shapes: np.ndarray, areas: np.ndarray) -> dict[int, list[int]]:
    """Return by shape the areas that touch it, ascending."""
    there = np.flatnonzero(~shapely.is_empty(areas))
    shape, area = shapely.STRtree(areas[there]).query(shapes, predicate="intersects")
    order = np.lexsort((area, shape))
    found: dict[int, list[int]] = {}
    for one, other in zip(shape[order].tolist(), there[area[order]].tolist(), strict=True):
        found.setdefault(one, []).append(other)
    return found


def _united(areas: np.ndarray, chosen: list[list[int]]) -> np.ndarray:
    """Return the union of each choice of areas; equal choices are united once."""
    number: dict[tuple[int, ...], int] = {}
    place = [number.setdefault(tuple(one), len(number)) for one in chosen]
    owner = np.repeat(np.arange(len(number)), [len(one) for one in number])
    united = gather(owner, areas[[i for one in number for i in one]])[1]
    return np.asarray(united[place])


def _step(
    cause: str,
    areas: np.ndarray | None,
    shapes: np.ndarray,
    regions: np.ndarray | None,
    coverage: CoverageResult,
    min_width_m: float,
) -> list[Record]:
    """Take what has one cause out of some parts.

    Args:
        cause: see `causes.CAUSES`.
        areas: of the cameras that may bring it about, by row.
        shapes: the parts.
        regions: of each part the union of the areas that touch it; None for all ground.
        coverage: by the cameras around.
        min_width_m: narrower pieces are dropped and counted.
    """
    flat = _areal(shapes)
    left: list[list[Part]] = [[] for _ in shapes]
    here = shapes
    if regions is not None:
        here = shapely.intersection(shapes, regions)
        rest = shapely.difference(shapes, regions)
        left = _whole(*_parts(rest, flat), len(shapes))
    pieces, owner = _parts(here, flat)
    narrow = too_narrow(pieces, min_width_m)
    lost, slivers = owner[narrow], pieces[narrow]
    owner, pieces = owner[~narrow], pieces[~narrow]
    flat = _areal(pieces)
    # the surface point of a line may be its end, on the very border of a region
    inner = np.empty(len(pieces), dtype=object)
    inner[flat] = shapely.point_on_surface(pieces[flat])
    inner[~flat] = shapely.line_interpolate_point(pieces[~flat], 0.5, normalized=True)
    x, y = shapely.get_x(inner), shapely.get_y(inner)
    camera = np.full(len(pieces), -1, dtype=np.int64)
    if areas is not None:
        camera = nearest_of(coverage, areas, x, y)
    ids = coverage.cameras.index
    names = [None if row < 0 else ids[row] for row in camera.tolist()]
    ref: list[Any] = names
    if cause == "hidden":
        hider = np.full(len(pieces), -1, dtype=np.int64)
        found = camera >= 0
        hider[found] = hiding_obstacles(coverage, camera[found], x[found], y[found])
        # rows change when obstacles come and go, their prints do not
        prints = coverage.scene.obstacle_prints
        ref = [
            TERRAIN if row == BEHIND_TERRAIN else None if row < 0 else prints[row] for row in hider.tolist()
        ]
    told = list(zip(pieces.tolist(), [cause] * len(pieces), ref, names, x.tolist(), y.tolist(), strict=True))
    return _records(len(shapes), owner.tolist(), told, lost, slivers, left)


def _records(
    count: int,
    owner: list[int],
    pieces: list[tuple[Any, ...]],
    lost: np.ndarray,
    slivers: np.ndarray,
    left: list[list[Part]],
) -> list[Record]:
    """Return what was found of each of some parts, from pieces and slivers by their owners."""
    told: list[list[tuple[Any, ...]]] = [[] for _ in range(count)]
    for i, piece in zip(owner, pieces, strict=True):
        told[i].append(piece)
    area = np.bincount(lost, shapely.area(slivers), minlength=count).tolist()
    length = np.bincount(lost, np.where(_areal(slivers), 0, shapely.length(slivers)), minlength=count)
    number = np.bincount(lost, minlength=count).tolist()
    dropped = zip(number, area, length.tolist(), strict=True)
    return [Record(*one) for one in zip(told, dropped, left, strict=True)]


def _joined(records: list[Record]) -> Found:
    """Return the pieces of all steps of one gap."""
    pieces = [piece for one in records for piece in one.pieces]
    columns = list(zip(*pieces, strict=True)) or [()] * len(COLUMNS)
    found: Found = {
        name: np.array(one, dtype=float) if name in "xy" else _objects(one)
        for name, one in zip(COLUMNS, columns, strict=True)
    }
    number, area, length = zip(*(one.slivers for one in records), strict=True)
    beyond = "out_of_range" in columns[COLUMNS.index("cause")]
    return found | {"beyond": beyond, "slivers": (sum(number), sum(area), sum(length))}


def _areal(shapes: np.ndarray) -> np.ndarray:
    kind = shapely.get_type_id(shapes)
    return np.asarray((kind == 3) | (kind == 6))


def _objects(values: Sequence[Any]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _parts(shapes: np.ndarray, areal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the single polygons or joined lines of shapes: parts, owner."""
    # overlays leave flat collections, whose polygons touch in points at most
    flat = np.flatnonzero(areal)
    parts, owner = shapely.get_parts(shapes[flat], return_index=True)
    some = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    parts, owner = parts[some], flat[owner[some]]
    long = np.flatnonzero(~areal)
    if not len(long):
        return parts, owner
    lines, line = shapely.get_parts(lineals(shapes[long]), return_index=True)
    there = ~shapely.is_empty(lines)
    return np.concatenate([parts, lines[there]]), np.concatenate([owner, long[line[there]]])


def _whole(parts: np.ndarray, owner: np.ndarray, count: int) -> list[list[Part]]:
    """Return by owner the polygons, and the lines put together that hang together: an end that is left may join others."""
    lines = np.flatnonzero(~_areal(parts))
    if len(lines):
        parts, owner = _hanging(parts, owner, lines)
    result: list[list[Part]] = [[] for _ in range(count)]
    for i, shape, wkb in zip(owner.tolist(), parts, shapely.to_wkb(parts).tolist(), strict=True):
        result[i].append(Part(shape, _hash(wkb)))
    return result


def _hanging(parts: np.ndarray, owner: np.ndarray, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return parts and owners with lines of one owner that touch as one."""
    one, other = shapely.STRtree(parts[lines]).query(parts[lines], predicate="intersects")
    one, other = lines[one], lines[other]
    touching = (one < other) & (owner[one] == owner[other])
    first = np.arange(len(parts))
    pairs = sorted(zip(one[touching].tolist(), other[touching].tolist(), strict=True))
    changed = bool(pairs)
    while changed:  # as often as the longest way through touching lines, in the worst case
        changed = False
        for i, j in pairs:
            least = min(first[i], first[j])
            changed |= bool(first[i] != least or first[j] != least)
            first[i] = first[j] = least
    if not pairs:
        return parts, owner
    heads, count = np.unique(first, return_counts=True)
    together = parts[heads]
    for at in np.flatnonzero(count > 1).tolist():
        together[at] = shapely.multilinestrings(parts[first == heads[at]])
    return together, owner[heads]
