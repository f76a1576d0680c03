"""Causes: why ground is not seen, in a published order of precedence.

A point of a gap gets the first cause of `CAUSES` that holds for it, so the order runs from what is easiest to cure: of all
cameras, the one that comes closest to watching the point decides.
"""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.areas import unite_views, view_areas
from camera_coverage.decks import hiding_decks
from camera_coverage.frames import Floats, Ints
from camera_coverage.light import Light
from camera_coverage.optics import LEAST_DROP_M, ground_frames, rings, trapezoid
from camera_coverage.options import ViewOptions
from camera_coverage.overlays import only
from camera_coverage.terrain import Terrain
from camera_coverage.walls import Scene, build_scene

#: Cause and what it means, in order of precedence. The manual explains each.
CAUSES = {
    "unverified": "asked for with only_verified: a working camera sees it, but nobody verified its data on the spot",
    "out_of_order": "a camera that is out of order would see it at the required class",
    "dark": "a working camera sees it at the required class by day, but neither its infrared light nor a street light reaches it",
    "too_few_pixels": "a working camera sees it, but with too few pixels for the required class",
    "hidden": "it lies in the view and range of a working camera, behind an obstacle or a rise of the ground",
    "dead_zone": "it lies below the picture of a working camera, between the camera's foot and its nearest ground",
    "outside_view": "it lies within the range of a working camera, which looks elsewhere",
    "out_of_range": "a working camera stands near, but beyond its range",
    "no_camera_near": "no working camera stands near",
}
#: In place of the row of an obstacle: the ground itself hides.
BEHIND_TERRAIN = -2
#: ``cause_ref`` and ``hidden_by`` of what the ground itself hides.
TERRAIN = "terrain"
_COARSE_M = 0.05
_ROUNDING_M = 1e-6
_SECTOR_STEP = np.radians(1.0)


def open_views(coverage: CoverageResult) -> np.ndarray:
    """Return by camera what each would see by day without obstacles and without a pixel limit."""
    if "open" not in coverage.local:
        options = ViewOptions(
            observation_class=None,
            target_height_m=coverage.options.target_height_m,
            arc_tolerance_m=_COARSE_M,
            terrain=None if coverage.options.terrain is None else coverage.options.terrain.open(),
        )
        nobody = np.full(len(coverage.own), -1, dtype=np.int64)
        views = view_areas(coverage.eyes, build_scene(None), options, nobody, coverage.refused)
        coverage.local["open"] = _by_camera(coverage, views)
    return coverage.local["open"]


def dead_zones(coverage: CoverageResult) -> np.ndarray:
    """Return by camera the ground below its picture: the triangle, or for a panorama the sector, from its foot to its nearest ground."""
    if "dead" not in coverage.local:
        eyes = coverage.eyes
        options = ViewOptions(observation_class=None, target_height_m=coverage.options.target_height_m)
        frames, sound, _ = ground_frames(eyes, options)
        drop = np.maximum(eyes.mount_height_m - options.target_height_m, LEAST_DROP_M)
        near, _, slope, offset = trapezoid(
            drop, eyes.tilt_deg, eyes.hfov_deg, eyes.vfov_deg, np.full(len(drop), np.inf)
        )
        rows = np.flatnonzero(
            sound
            & ~coverage.refused
            & (eyes.lens == "rectilinear")
            & (near > 0)
            & (slope * near + offset > 0)
        )
        x = np.minimum(near, eyes.max_range_m)[rows]
        y = (slope * near + offset)[rows] * x / near[rows]
        zones = np.full(len(sound), shapely.Polygon(), dtype=object)
        c, s = np.cos(frames.heading[rows])[:, None], np.sin(frames.heading[rows])[:, None]
        lx, ly = np.stack([0 * x, x, x], 1), np.stack([0 * y, -y, y], 1)
        zones[rows] = shapely.polygons(
            np.stack([eyes.x[rows][:, None] + lx * c - ly * s, eyes.y[rows][:, None] + lx * s + ly * c], 2)
        )
        below = rings(eyes, drop)[0]
        for i in np.flatnonzero(
            sound & ~coverage.refused & (below > 0)
        ).tolist():  # few panoramas state their vertical view
            zones[i] = _sector(
                eyes.x[i], eyes.y[i], frames.heading[i], frames.half[i], min(below[i], eyes.max_range_m[i])
            )
        coverage.local["dead"] = _by_camera(coverage, zones)
    return coverage.local["dead"]


def _sector(x: float, y: float, heading: float, half: float, radius: float) -> shapely.Polygon:
    angle = heading + np.linspace(-half, half, max(int(np.ceil(half / _SECTOR_STEP)), 2) * 2 + 1)
    ring = np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], 1)
    return shapely.Polygon(ring if half >= np.pi else np.vstack([ring, [x, y]]))


def reach_disks(coverage: CoverageResult, near_m: float | None = None) -> np.ndarray:
    """Return by camera the disk of its range, or of a given radius."""
    name = f"disk {near_m}"
    if name not in coverage.local:
        eyes = coverage.eyes
        radius = eyes.max_range_m if near_m is None else np.full(len(eyes.x), near_m)
        coverage.local[name] = _by_camera(
            coverage, shapely.buffer(shapely.points(eyes.x, eyes.y), radius, quad_segs=16)
        )
    return coverage.local[name]


def _by_camera(coverage: CoverageResult, shapes: np.ndarray) -> np.ndarray:
    return unite_views(shapes, coverage.eyes.camera, len(coverage.status))


def _recall(coverage: CoverageResult, near_m: float) -> None:
    """Bring the regions of cameras that follow from each alone from the memo, where an edit leaves most of them as they are."""
    said = f"{near_m:g} {coverage.options.target_height_m:g}"
    names = ("open", "dead", "disk None", f"disk {near_m}")
    if all(name in coverage.local for name in names):
        return
    keys = [("regions", said, one) for one in coverage.digests]
    missing = np.array([i for i, key in enumerate(keys) if key not in coverage.memo], dtype=np.int64)
    if len(missing):
        some = coverage.take(missing)
        found = (open_views(some), dead_zones(some), reach_disks(some), reach_disks(some, near_m))
        for at, i in enumerate(missing.tolist()):
            coverage.memo[keys[i]] = tuple(one[at] for one in found)
    for at, name in enumerate(names):
        coverage.local[name] = np.array([coverage.memo[key][at] for key in keys] + [None], dtype=object)[:-1]


def verified(coverage: CoverageResult) -> np.ndarray:
    """Return which cameras have data that were verified on the spot (column ``data_quality``)."""
    if "data_quality" not in coverage.cameras.columns:
        return np.zeros(len(coverage.status), dtype=bool)
    return coverage.cameras["data_quality"].eq("verified").to_numpy(dtype=bool, na_value=False)


def cause_regions(
    coverage: CoverageResult,
    required_class: str | None,
    light: Light,
    near_m: float,
    *,
    only_verified: bool = False,
) -> list[tuple[str, np.ndarray]]:
    """Return for each cause, in order of precedence, the regions of the cameras that may bring it about (by camera)."""
    working, broken = coverage.working, coverage.standing & ~coverage.working
    _recall(coverage, near_m)
    regions = []
    if only_verified:
        unsure = working & ~verified(coverage)
        regions.append(("unverified", only(coverage.areas(required_class, light), unsure)))
    if broken.any():
        regions.append(("out_of_order", only(coverage.areas(required_class, light), broken)))
    if light == "night":
        regions.append(("dark", only(coverage.areas(required_class, "day"), working)))
    if required_class is not None:
        regions.append(("too_few_pixels", only(coverage.areas(None, "day"), working)))
    regions += [
        ("hidden", only(open_views(coverage), working)),
        ("dead_zone", only(dead_zones(coverage), working)),
        ("outside_view", only(reach_disks(coverage), working)),
        ("out_of_range", only(reach_disks(coverage, near_m), working)),
    ]
    return regions


def nearest_of(coverage: CoverageResult, regions: np.ndarray, x: np.ndarray, y: np.ndarray) -> Ints:
    """Return for each point the closest camera whose region holds it, −1 where none does."""
    points = np.atleast_1d(np.asarray(shapely.points(x, y), dtype=object))
    rows = np.flatnonzero(~shapely.is_empty(regions))
    result = np.full(len(points), -1, dtype=np.int64)
    if not len(rows) or not len(points):
        return result
    point, region = shapely.STRtree(regions[rows]).query(points, predicate="intersects")
    camera = rows[region]
    foot = coverage.cameras.geometry.to_numpy()[camera]
    # of several on one pole the first
    order = np.lexsort((camera, shapely.distance(foot, points[point]), point))
    first = order[np.diff(point[order], prepend=-1) > 0]
    result[point[first]] = camera[first]
    return result


def hiding_obstacles(coverage: CoverageResult, camera: Ints, x: np.ndarray, y: np.ndarray) -> Ints:
    """Return for each point the row of the first obstacle that hides it from a camera; where none is found −1, or `BEHIND_TERRAIN`."""
    terrain = coverage.options.terrain
    if terrain is None:
        return _hiding(coverage, coverage.scene, camera, x, y)
    eyes = coverage.eyes
    view = np.searchsorted(eyes.camera, camera)
    known = terrain.known(eyes.x[view], eyes.y[view])
    result = _hiding(coverage, coverage.scene, camera, x, y)
    rows = np.flatnonzero(known)
    found = _hiding(coverage, terrain.scene(coverage.scene), camera[rows], x[rows], y[rows], terrain)
    result[rows] = np.where(found < 0, BEHIND_TERRAIN, found)
    return result


def _hiding(
    coverage: CoverageResult, scene: Scene, camera: Ints, x: Floats, y: Floats, terrain: Terrain | None = None
) -> Ints:
    eyes = coverage.eyes
    result = np.full(len(camera), -1, dtype=np.int64)
    if not len(camera):
        return result
    view = np.searchsorted(eyes.camera, camera)
    ex, ey, height = eyes.x[view], eyes.y[view], eyes.mount_height_m[view]
    target = np.full(len(camera), coverage.options.target_height_m)
    if terrain is not None:
        height, target = height + terrain.ground(ex, ey), target + terrain.ground(x, y)
    decked = hiding_decks(scene.decks, ex, ey, height, x, y, target)
    if not len(scene.parts):
        return decked
    ends = np.stack([np.stack([ex, x], 1), np.stack([ey, y], 1)], 2)
    rays: np.ndarray = np.asarray(shapely.linestrings(ends), dtype=object)
    ray, part = scene.raw_tree.query(rays, predicate="intersects")
    keep = (scene.height_m[part] > np.minimum(target, height)[ray]) & (
        scene.member[part] != coverage.own[view[ray]]
    )
    ray, part = ray[keep], part[keep]
    eye = np.asarray(shapely.points(ex, ey), dtype=object)[ray]
    crossing = shapely.intersection(rays[ray], scene.parts[part])
    entry = shapely.distance(eye, crossing)
    leave = shapely.hausdorff_distance(eye, crossing)
    # the line of sight is lowest over the obstacle where it leaves it, or where it enters if it climbs
    share = np.where(target < height, 1.0, 0.0)[ray]
    d = np.maximum(np.hypot(x - ex, y - ey)[ray], 1e-12)
    over = share * leave + (1 - share) * entry
    line = height[ray] + (target - height)[ray] * over / d
    hides = line <= scene.height_m[part] + _ROUNDING_M
    ray, part, entry = ray[hides], part[hides], entry[hides]
    order = np.lexsort((entry, ray))
    first = order[np.diff(ray[order], prepend=-1) > 0]
    result[ray[first]] = scene.member[part[first]]
    return np.where(result < 0, decked, result)
