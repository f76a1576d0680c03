"""Houses that follow the streets: shop rows, old town, blocks, and the loose houses of the villages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from town_data.compounds import Building
from town_data.ground import Ground
from town_data.shapes import Array, stream
from town_data.streets import Street
from town_data.terrain import VILLAGES

COUNT = 1500
_CORE = shapely.box(-960, -430, 960, 690)
_SOUTH = shapely.box(-560, -900, 700, -560)
_CLOSE_M = 0.25
# How readily a plot stays empty: shops, old town, blocks, villages, sheds, country roads.
_EMPTY = (0.02, 0.2, 0.42, 0.34, 1.4, 2.2)


@dataclass(frozen=True)
class Frontage:
    """How one kind of street is built up.

    Args:
        width: smallest and largest frontage in metres.
        depth: smallest and largest depth.
        gap: smallest and largest distance to the next house.
        setback: smallest and largest distance from the carriageway.
        levels: smallest and largest number of storeys.
        use: value of ``buildings.use``.
        rows: houses one behind the other.
        full: share of plots that are built on.
        twist: how far a house turns from the street, in radians.
    """

    width: tuple[float, float]
    depth: tuple[float, float]
    gap: tuple[float, float]
    setback: tuple[float, float]
    levels: tuple[int, int]
    use: str
    rows: int = 1
    full: float = 1.0
    twist: float = 0.0


_SHOPS = Frontage((7, 13), (10, 15), (0.3, 0.5), (3.0, 3.8), (2, 4), "commercial", rows=2, full=0.97)
_OLD_SHOPS = Frontage((5.5, 9), (9, 13), (0.3, 0.5), (1.2, 1.8), (2, 2), "commercial", rows=2, full=0.98)
_BLOCKS = Frontage((14, 30), (10, 13), (2.5, 9), (4, 7), (3, 6), "residential", rows=2, full=0.92, twist=0.02)
_OLD = Frontage((7, 12), (8, 12), (0.4, 3.5), (0.9, 2.4), (1, 3), "residential", rows=2, full=0.9, twist=0.05)
_VILLAGE = Frontage(
    (9, 14), (8, 11.5), (2.5, 11), (2.0, 7.5), (1, 3), "residential", rows=2, full=0.86, twist=0.16
)
_LOOSE = Frontage((9, 13), (8, 11), (22, 70), (6, 14), (1, 3), "residential", rows=1, full=0.5, twist=0.2)


_RANKS = {_SHOPS: 0.0, _OLD_SHOPS: 0.0, _OLD: 1.0, _BLOCKS: 2.0, _VILLAGE: 3.0, _LOOSE: 5.0}


def _frontage(street: Street, line: shapely.LineString) -> Frontage | None:
    """Return how a stretch of a street is built up, None where it is not."""
    if street.bridge or street.highway in {"footway", "path", "track", "service"}:
        return None
    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    if street.name == "人民街" and -700 < middle.x < 860:
        return _SHOPS
    if street.highway == "pedestrian":
        return _OLD_SHOPS
    if middle.within(_CORE):
        return _OLD if street.highway == "living_street" or street.name == "人民街" else _BLOCKS
    if middle.within(_SOUTH):
        return _BLOCKS if street.highway == "secondary" else _VILLAGE
    near = min(float(np.hypot(x - middle.x, y - middle.y)) for x, y, _ in VILLAGES.values())
    small = street.highway in {"residential", "living_street", "unclassified", "tertiary"}
    return _VILLAGE if small and near < 300 else _LOOSE


def _stretches(street: Street) -> list[Any]:
    """Return a street in pieces of about 150 m: its character changes on the way."""
    count = max(1, round(street.line.length / 150))
    marks = np.linspace(0, 1, count + 1)
    return [substring(street.line, a, b, normalized=True) for a, b in pairwise(marks.tolist())]


def make_houses(
    ground: Ground, plots: list[shapely.Polygon], fixed: list[Building], seed: int
) -> list[Building]:
    """Return the houses along the streets, so that with the `fixed` buildings the town has `COUNT`.

    Args:
        ground: terrain and streets.
        plots: places that are kept free.
        fixed: buildings that stand already.
        seed: seed of the town.
    """
    random = stream(seed, 5)
    wanted: list[tuple[float, Building]] = []
    for street in ground.streets:
        for line in _stretches(street):
            style = _frontage(street, line)
            if style is None:
                continue
            for row in range(style.rows):
                for side in (1.0, -1.0):
                    found = _along(line, street.width_m, style, side, row, random)
                    wanted += [(_RANKS[style] + row * 0.4, one) for one in found]
    wanted += [
        (4.0, one) for _, house in wanted if house.use == "residential" for one in _sheds(house, random)
    ]
    order = np.argsort([rank for rank, _ in wanted], kind="stable")
    houses = [wanted[i][1] for i in order.tolist()]
    shapes = [one.shape for one in houses]
    free = ground.is_free(shapes, 0.8)
    hit, _ = shapely.STRtree([*plots, *(one.shape for one in fixed)]).query(
        shapes, predicate="dwithin", distance=1.5
    )
    free[hit] = False
    kept = _apart(shapes, free)
    # plots stay empty, the more the farther out: first along the country roads, hardly ever among the shops
    weights = np.array([_EMPTY[int(wanted[order[i]][0])] for i in kept])
    late = random.exponential(1.0, len(kept)) / weights
    stay = np.sort(np.argsort(-late, kind="stable")[: COUNT - len(fixed)])
    return [houses[kept[i]] for i in stay.tolist()]


def _apart(shapes: list[shapely.Polygon], free: np.ndarray) -> list[int]:
    """Return the indices of shapes that stand clear of all chosen before them."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_CLOSE_M)
    rivals: list[list[int]] = [[] for _ in shapes]
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if b < a:
            rivals[a].append(b)
    chosen = np.zeros(len(shapes), dtype=bool)
    for i in np.flatnonzero(free).tolist():
        chosen[i] = not chosen[rivals[i]].any()
    return np.flatnonzero(chosen).tolist()


def _along(
    line: shapely.LineString,
    width_m: float,
    style: Frontage,
    side: float,
    row: int,
    random: np.random.Generator,
) -> list[Building]:
    """Return candidates along one side of a street, in the first or the second row."""
    at = float(random.uniform(2, 8))
    out = []
    while at < line.length - 3:
        width = float(random.uniform(*style.width))
        depth = float(random.uniform(*style.depth))
        if random.random() < style.full * (0.8 if row else 1.0):
            setback = width_m / 2 + float(random.uniform(*style.setback))
            if row:
                setback += style.depth[1] + float(random.uniform(4, 12))
            out.append(
                _house(line, at + width / 2, side * (setback + depth / 2), width, depth, style, row, random)
            )
        at += width + float(random.uniform(*style.gap)) * (2 if row else 1)
    return out


def _house(
    line: shapely.LineString, at: float, aside: float, width: float, depth: float, style: Frontage, row: int,
    random: np.random.Generator,
) -> Building:  # fmt: skip
    ends = shapely.get_coordinates(
        shapely.line_interpolate_point(line, [max(at - 3, 0), min(at + 3, line.length), at])
    )
    angle = float(np.arctan2(*(ends[1] - ends[0])[::-1])) + float(random.normal(0, 1)) * style.twist
    normal = np.array([-np.sin(angle), np.cos(angle)])
    middle = ends[2] + normal * aside
    shape = _footprint(width, depth, middle, angle, random, plain=style.use == "commercial")
    use = "residential" if row else style.use
    low, high = style.levels
    levels = int(random.integers(low, high + 1))
    storey = 3.6 if use == "commercial" else 3.1
    height = round(levels * storey + float(random.uniform(0.3, 1.5)), 1)
    flats = levels * 2 * max(1, round(width / 14)) if style is _BLOCKS else 1
    return Building(shape, levels, use, height, "", flats if use == "residential" else None)


def _footprint(
    width: float, depth: float, middle: Array, angle: float, random: np.random.Generator, *, plain: bool
) -> shapely.Polygon:
    """Return a rectangle, or for some houses an L."""
    w, d = width / 2, depth / 2
    ring = [(-w, -d), (w, -d), (w, d), (-w, d)]
    if not plain and random.random() < 0.25:
        a, b = float(random.uniform(0.3, 0.5)) * width, float(random.uniform(0.3, 0.5)) * depth
        ring = [(-w, -d), (w, -d), (w, d - b), (w - a, d - b), (w - a, d), (-w, d)]
        if random.random() < 0.5:
            ring = [(-x, y) for x, y in ring][::-1]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return shapely.Polygon(np.round(np.array(ring) @ turn + middle, 2))


def _sheds(house: Building, random: np.random.Generator) -> list[Building]:
    """Return a shed beside some low houses."""
    if house.levels > 2 or random.random() > 0.3:
        return []
    corners = shapely.get_coordinates(house.shape)
    middle = corners[:-1].mean(axis=0)
    along = corners[1] - corners[0]
    angle = float(np.arctan2(along[1], along[0]))
    away = (
        np.array([-np.sin(angle), np.cos(angle)])
        * float(random.choice([-1, 1]))
        * float(random.uniform(9, 13))
    )
    shape = _footprint(
        float(random.uniform(3.5, 7)), float(random.uniform(3, 4.5)), middle + away, angle, random, plain=True
    )
    return [Building(shape, 1, "other", round(float(random.uniform(2.4, 3.4)), 1))]
