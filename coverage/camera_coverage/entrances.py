"""Entrances: who comes in and who goes out, seen from the front, and at which class."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.frames import Floats
from camera_coverage.light import Light
from town_model import ColumnError, check_frame, check_same_crs

#: A camera sees people from the front where it stands within this angle of the way they go.
FRONT_DEG = 60.0
#: An entrance farther than this from the border of its place has no direction that could be told.
BORDER_M = 30.0
_TANGENT_M = 0.5
_STEPS_M = (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 5.0, -5.0)


def watched_entrances(
    entrances: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    coverage: CoverageResult,
    *,
    front_deg: float = FRONT_DEG,
) -> pd.DataFrame:
    """Return at which class working cameras watch each entrance, for those who come in and for those who go out.

    People come in across the border of the place, square to it. A camera watches them where it sees the place of the entrance and
    stands ahead of them, within an angle of their way: mostly one inside for those who come in, one outside for those who go out.
    Where an entrance lies inside a footprint, the nearest open ground along the way, at most 5 m off, is asked for.

    Args:
        entrances: points by id; column ``area`` is the id of the place that each leads into, missing for none.
        areas: polygons by id.
        coverage: of `analyse`.
        front_deg: a camera within this angle of their way sees people from the front.

    Returns:
        By entrance id, for day and night: ``class_day`` (the finest class at which any working camera sees the entrance),
        ``in_day`` and ``out_day`` (the finest class from the front), ``camera_in_day`` and ``camera_out_day`` (ids); None
        where nobody sees it. ``directed`` says whether the ways in and out are known.

    Raises:
        CrsError, ColumnError, GeometryError: the frames cannot be used.
    """
    check_frame(entrances, "entrances", geometry_types=("Point",))
    check_same_crs(coverage=coverage.cameras, entrances=entrances, areas=areas)
    if "area" not in entrances.columns:
        raise ColumnError("{name} lacks the columns {columns}", name="entrances", columns="area")
    way, directed = _ways_out(entrances, areas)
    x, y = _open_places(entrances, coverage, way)
    points = np.asarray(shapely.points(x, y), dtype=object)
    table: dict[str, np.ndarray] = {"directed": directed}
    for light in ("day", "night"):
        seen = _seen(points, x, y, way, coverage, light)
        for name, least in (
            ("class", -1.0),
            ("in", np.cos(np.radians(front_deg))),
            ("out", np.cos(np.radians(front_deg))),
        ):
            sense = {"class": 0.0, "in": -1.0, "out": 1.0}[name]
            from_front = (
                np.ones(len(seen.rank), dtype=bool)
                if name == "class"
                else (seen.ahead * sense >= least - 1e-9) & directed[seen.entrance]
            )
            found, camera = _finest(seen, from_front, len(points), coverage)
            table[f"{name}_{light}"] = found
            if name != "class":
                table[f"camera_{name}_{light}"] = camera
    return pd.DataFrame(table, index=entrances.index)


@dataclass(frozen=True)
class _Seen:
    """Which camera sees which entrance at which class; ``ahead`` is the cosine between the way out and the way to the camera."""

    entrance: np.ndarray
    camera: np.ndarray
    rank: np.ndarray
    ahead: Floats


def _ways_out(entrances: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> tuple[Floats, np.ndarray]:
    """Return the unit vector that leads out of the place at each entrance, and which are known."""
    row = areas.index.get_indexer(pd.Index(entrances["area"]))
    known = row >= 0
    way = np.zeros((len(entrances), 2))
    shapes = areas.geometry.to_numpy()[row[known]]
    points = entrances.geometry.to_numpy()[known]
    border = shapely.boundary(shapes)
    foot = shapely.get_point(shapely.shortest_line(border, points), 0)
    # the ring that holds the foot, and its direction there
    rings, of = shapely.get_parts(border, return_index=True)
    away = shapely.distance(rings, foot[of])
    order = np.lexsort((away, of))
    ring = rings[order[np.diff(of[order], prepend=-1) > 0]] if len(order) else rings
    at, whole = shapely.line_locate_point(ring, foot), shapely.length(ring)
    before = shapely.line_interpolate_point(ring, (at - _TANGENT_M) % whole)
    after = shapely.line_interpolate_point(ring, (at + _TANGENT_M) % whole)
    dx, dy = shapely.get_x(after) - shapely.get_x(before), shapely.get_y(after) - shapely.get_y(before)
    length = np.maximum(np.hypot(dx, dy), 1e-12)
    nx, ny = dy / length, -dx / length
    fx, fy = shapely.get_x(foot), shapely.get_y(foot)
    inward = shapely.intersects(shapes, shapely.points(fx + nx * _TANGENT_M / 2, fy + ny * _TANGENT_M / 2))
    sign = np.where(inward, -1.0, 1.0)
    way[known] = np.stack([nx * sign, ny * sign], 1)
    near = np.zeros(len(entrances), dtype=bool)
    near[known] = shapely.distance(points, border) <= BORDER_M
    return way, near


def _open_places(entrances: gpd.GeoDataFrame, coverage: CoverageResult, way: Floats) -> tuple[Floats, Floats]:
    """Return where each entrance is asked for: the first open ground along its way."""
    feet = entrances.geometry.to_numpy()
    x, y = shapely.get_x(feet), shapely.get_y(feet)
    merged = coverage.scene.merged
    solid = merged.parts[merged.solid]
    if not len(solid):
        return x, y
    tree, left = shapely.STRtree(solid), np.ones(len(x), dtype=bool)
    out_x, out_y = x.copy(), y.copy()
    for step in _STEPS_M:
        tried = np.flatnonzero(left)
        tx, ty = x[tried] + step * way[tried, 0], y[tried] + step * way[tried, 1]
        inside = np.unique(tree.query(shapely.points(tx, ty), predicate="intersects")[0])
        free = np.setdiff1d(np.arange(len(tried)), inside)
        out_x[tried[free]], out_y[tried[free]] = tx[free], ty[free]
        left[tried[free]] = False
    return out_x, out_y


def _seen(
    points: np.ndarray, x: Floats, y: Floats, way: Floats, coverage: CoverageResult, light: Light
) -> _Seen:
    working = np.flatnonzero(coverage.working)
    names = sorted(coverage.options.classes.px_per_m, key=coverage.options.classes.px_per_m.__getitem__)
    found = []
    for rank, name in enumerate(names):
        entrance, camera = shapely.STRtree(coverage.areas(name, light)[working]).query(
            points, predicate="intersects"
        )
        found.append((entrance, working[camera], np.full(len(entrance), rank)))
    entrance, camera, ranks = (np.concatenate(one) for one in zip(*found, strict=True))
    feet = coverage.cameras.geometry.to_numpy()[camera]
    dx, dy = shapely.get_x(feet) - x[entrance], shapely.get_y(feet) - y[entrance]
    far = np.maximum(np.hypot(dx, dy), 1e-9)
    ahead = (dx * way[entrance, 0] + dy * way[entrance, 1]) / far
    return _Seen(entrance, camera, ranks, ahead)


def _finest(
    seen: _Seen, keep: np.ndarray, count: int, coverage: CoverageResult
) -> tuple[np.ndarray, np.ndarray]:
    """Return the finest class of each entrance among some sightings, and the camera that gives it."""
    names = sorted(coverage.options.classes.px_per_m, key=coverage.options.classes.px_per_m.__getitem__)
    found, camera = np.full(count, None, dtype=object), np.full(count, None, dtype=object)
    rows = np.flatnonzero(keep)
    order = rows[np.lexsort((seen.camera[rows], -seen.rank[rows], seen.entrance[rows]))]
    first = order[np.diff(seen.entrance[order], prepend=-1) > 0]
    ids = coverage.cameras.index.to_numpy(dtype=object)
    found[seen.entrance[first]] = [names[one] for one in seen.rank[first]]
    camera[seen.entrance[first]] = ids[seen.camera[first]]
    return found, camera
