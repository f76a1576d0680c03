"""Gaps split by cause, step by step in the order of precedence; each step is kept under all that it follows from.

So after an edit, targets are split anew only from the first cause on at which a changed camera has a say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

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
from camera_coverage.overlays import gather, lineals, polygonal, touching

Found = dict[str, Any]
COLUMNS = ("geometry", "cause", "ref", "camera", "x", "y")


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
        By entry the pieces as arrays named by `COLUMNS`, cameras by id and obstacles by print, and ``slivers``.
    """
    memo = coverage.memo
    count = len(gaps)
    alike: dict[tuple[str | None, Light], list[int]] = {}
    for i, one in enumerate(zip(required_class.tolist(), light.tolist(), strict=True)):
        alike.setdefault(one, []).append(i)
    common = f"{near_m:g} {min_width_m:g} {coverage.options.target_height_m:g} {only_verified:d}"
    said = {one: f"{coverage.options.classes.density(one[0])} {one[1]} {common}".encode() for one in alike}
    kinds = zip(required_class.tolist(), light.tolist(), strict=True)
    chain = [_hash(said[kind], wkb) for kind, wkb in zip(kinds, shapely.to_wkb(gaps), strict=True)]
    rest = np.full(count, shapely.Polygon(), dtype=object)
    told: list[list[Found]] = [[] for _ in range(count)]
    fresh = _unknown(memo, chain, np.arange(count), rest, told)
    owner, parts = _parts(gaps[fresh], areal[fresh])
    narrow = too_narrow(parts, min_width_m)
    rows, united = gather(owner[~narrow], parts[~narrow])
    rest[fresh[rows]] = united
    none = np.empty(0, dtype=np.int64)
    _keep(memo, chain, fresh, rest, told, _records(len(fresh), none, [], owner[narrow], parts[narrow]))
    for cause, areas, rows in _steps(coverage, alike, near_m, only_verified=only_verified):
        here = _prolong(chain, cause, areas, coverage.labels, gaps, rows)
        _take(cause, areas, here, chain, rest, told, areal, coverage, min_width_m)
    chain = [_hash(b"no_camera_near", one) for one in chain]
    _take("no_camera_near", None, np.arange(count), chain, rest, told, areal, coverage, min_width_m)
    return [_joined(one) for one in told]


def _steps(
    coverage: CoverageResult,
    alike: dict[tuple[str | None, Light], list[int]],
    near_m: float,
    *,
    only_verified: bool,
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Return cause, regions and gaps of each step; gaps with the same regions together, whatever their class and light."""
    found = [
        (dict(cause_regions(coverage, name, light, near_m, only_verified=only_verified)), rows)
        for (name, light), rows in alike.items()
    ]
    for cause in CAUSES:
        together: dict[tuple[int, ...], tuple[np.ndarray, list[int]]] = {}
        for regions, rows in found:
            if cause in regions:
                areas = regions[cause]
                there = ~shapely.is_empty(areas)
                same = tuple(id(one) if some else 0 for one, some in zip(areas, there.tolist(), strict=True))
                together.setdefault(same, (areas, []))[1].extend(rows)
        for areas, members in together.values():
            yield cause, areas, np.sort(np.array(members, dtype=np.int64))


def _take(
    cause: str,
    areas: np.ndarray | None,
    here: np.ndarray,
    chain: list[bytes],
    rest: np.ndarray,
    told: list[list[Found]],
    areal: np.ndarray,
    coverage: CoverageResult,
    min_width_m: float,
) -> None:
    """Take one step with some gaps, from the memo where it is known."""
    fresh = _unknown(coverage.memo, chain, here, rest, told)
    if len(fresh):
        records = _step(cause, areas, fresh, rest, areal, coverage, min_width_m)
        _keep(coverage.memo, chain, fresh, rest, told, records)


def _hash(*parts: bytes) -> bytes:
    one = hashlib.blake2b(digest_size=16)
    for part in parts:
        one.update(part)
    return one.digest()


def _prolong(
    chain: list[bytes], cause: str, areas: np.ndarray, labels: list[bytes], gaps: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Let the keys of those of some gaps follow from the cameras whose regions touch them; returns which."""
    cameras = np.flatnonzero(~shapely.is_empty(areas))
    gap, area = shapely.STRtree(areas[cameras]).query(gaps[rows], predicate="intersects")
    order = np.lexsort((area, gap))
    camera, gap = cameras[area[order]].tolist(), gap[order]
    touched, begin = np.unique(gap, return_index=True)
    bounds = np.append(begin, len(gap)).tolist()
    for at, i in enumerate(rows[touched].tolist()):
        some = b"".join([labels[one] for one in camera[bounds[at] : bounds[at + 1]]])
        chain[i] = _hash(cause.encode(), chain[i], some)
    return rows[touched]


def _unknown(
    memo: dict[Any, Any], chain: list[bytes], rows: np.ndarray, rest: np.ndarray, told: list[list[Found]]
) -> np.ndarray:
    """Take what the memo knows of a step; returns the rows that it does not know."""
    unknown = []
    for i in rows.tolist():
        known = memo.get(("split", chain[i]))
        if known is None:
            unknown.append(i)
            continue
        rest[i] = known[0]
        if known[1] is not None:
            told[i].append(known[1])
    return np.array(unknown, dtype=np.int64)


def _keep(
    memo: dict[Any, Any],
    chain: list[bytes],
    rows: np.ndarray,
    rest: np.ndarray,
    told: list[list[Found]],
    records: list[Found | None],
) -> None:
    for i, record in zip(rows.tolist(), records, strict=True):
        memo["split", chain[i]] = (rest[i], record)
        if record is not None:
            told[i].append(record)


def _step(
    cause: str,
    areas: np.ndarray | None,
    chosen: np.ndarray,
    rest: np.ndarray,
    areal: np.ndarray,
    coverage: CoverageResult,
    min_width_m: float,
) -> list[Found | None]:
    """Take what has one cause out of the rest of some gaps; returns what was found of each."""
    at = np.flatnonzero(~shapely.is_empty(rest[chosen]))
    rows = chosen[at]
    if areas is None:
        here = rest[rows]
    else:
        which, united = touching(rest[rows], areas)
        at, rows = at[which], rows[which]
        here = shapely.intersection(rest[rows], united)
        some = ~shapely.is_empty(here)
        at, rows, here = at[some], rows[some], here[some]
        rest[rows] = shapely.difference(rest[rows], united[some])
        flat = rows[areal[rows]]
        rest[flat] = polygonal(rest[flat])
    which, pieces = _parts(here, areal[rows])
    narrow = too_narrow(pieces, min_width_m)
    lost, slivers = at[which[narrow]], pieces[narrow]
    owner, pieces = at[which[~narrow]], pieces[~narrow]
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
    names = _objects([None if row < 0 else ids[row] for row in camera.tolist()])
    ref = names
    if cause == "hidden":
        hider = np.full(len(pieces), -1, dtype=np.int64)
        found = camera >= 0
        hider[found] = hiding_obstacles(coverage, camera[found], x[found], y[found])
        # rows change when obstacles come and go, their prints do not
        prints = coverage.scene.obstacle_prints
        ref = _objects(
            [TERRAIN if row == BEHIND_TERRAIN else None if row < 0 else prints[row] for row in hider.tolist()]
        )
    causes = np.full(len(pieces), cause, dtype=object)
    return _records(len(chosen), owner, [pieces, causes, ref, names, x, y], lost, slivers)


def _records(
    count: int, owner: np.ndarray, columns: list[np.ndarray], lost: np.ndarray, slivers: np.ndarray
) -> list[Found | None]:
    """Return what was found of each of some gaps, None where nothing was."""
    records: list[Found | None] = [None] * count
    order = np.argsort(owner, kind="stable")
    columns = [one[order] for one in columns]
    rows, begin = np.unique(owner[order], return_index=True)
    bounds = np.append(begin, len(owner)).tolist()
    areal = _areal(slivers)
    area, length = shapely.area(slivers), np.where(areal, 0, shapely.length(slivers))
    for at, i in enumerate(rows.tolist()):
        mine = slice(bounds[at], bounds[at + 1])
        records[i] = {name: one[mine] for name, one in zip(COLUMNS, columns, strict=True)}
    for i in np.unique(lost).tolist():
        mine = lost == i
        dropped = (int(mine.sum()), float(area[mine].sum()), float(length[mine].sum()))
        records[i] = (records[i] or {}) | {"slivers": dropped}
    return records


_NONE: Found = {name: np.empty(0, dtype=float if name in "xy" else object) for name in COLUMNS}


def _joined(records: list[Found]) -> Found:
    """Return the pieces of all steps of one gap."""
    pieces = [one for one in records if "cause" in one]
    joined = {name: np.concatenate([one[name] for one in pieces]) for name in COLUMNS} if pieces else _NONE
    dropped = [one["slivers"] for one in records if "slivers" in one]
    number, area, length = (sum(one) for one in zip(*dropped, strict=True)) if dropped else (0, 0.0, 0.0)
    return joined | {"slivers": (number, area, length)}


def _areal(shapes: np.ndarray) -> np.ndarray:
    kind = shapely.get_type_id(shapes)
    return np.asarray((kind == 3) | (kind == 6))


def _objects(values: list[Any]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _parts(shapes: np.ndarray, areal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the single polygons or joined lines of shapes: owner, parts."""
    clean = shapes.copy()
    clean[areal] = polygonal(shapes[areal])
    clean[~areal] = lineals(shapes[~areal])
    parts, owner = shapely.get_parts(clean, return_index=True)
    there = ~shapely.is_empty(parts)
    return owner[there].astype(np.int64), parts[there]
