"""Visible areas: what cameras see of the ground between obstacles with heights."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.cameras import Eyes, read_eyes
from camera_coverage.deck_shadows import behind_decks
from camera_coverage.frames import Flags, Floats, Frames, Ints
from camera_coverage.isovists import swept
from camera_coverage.notes import Note
from camera_coverage.optics import (
    LEAST_DROP_M,
    depth_limit_m,
    ground_frames,
    groundless,
    rings,
    sectors,
    trapezoid,
)
from camera_coverage.options import ViewOptions
from camera_coverage.overlays import gather, polygonal, sound
from camera_coverage.relief import Eye, Lens, relief_change
from camera_coverage.shadows import hidden_ground
from camera_coverage.standing import stand, stand_on
from camera_coverage.swings import disks, move
from camera_coverage.walls import Scene, Walls, build_scene
from town_model import check_same_crs

_LARGE_BATCH = 4096  # eyes whose shadows are held in memory at once
_HOLE_TOLERANCE_M = 1e-3  # how far a dead zone reaches is read from it
_EMPTY = shapely.Polygon()


def _trapezoids(eyes: Eyes, rows: Ints, frames: Frames, options: ViewOptions) -> np.ndarray:
    """Return the ground views of some eyes as polygons (for the views that the sweep cannot frame)."""
    drop = np.maximum(eyes.mount_height_m - options.target_height_m, LEAST_DROP_M)[rows]
    depth = depth_limit_m(eyes.pixels[rows], eyes.hfov_deg[rows], options.density_px_per_m)
    near, far, a, b = trapezoid(drop, eyes.tilt_deg[rows], eyes.hfov_deg[rows], eyes.vfov_deg[rows], depth)
    reach = frames.radius[rows] + 1
    with np.errstate(divide="ignore"):
        near, far = (
            np.maximum.reduce([near, -reach, np.where(a > 0, -b / np.maximum(a, 1e-12), -reach)]),
            np.minimum(far, reach),
        )
    x = np.stack([near, far, far, near], 1)
    y = np.stack([-(a * near + b), -(a * far + b), a * far + b, a * near + b], 1)
    c, s = np.cos(frames.heading[rows])[:, None], np.sin(frames.heading[rows])[:, None]
    coords = np.stack([frames.x[rows][:, None] + x * c - y * s, frames.y[rows][:, None] + x * s + y * c], 2)
    polygons: np.ndarray = np.asarray(shapely.make_valid(shapely.polygons(coords)), dtype=object)
    polygons[far <= near] = _EMPTY
    return polygons


def view_areas(eyes: Eyes, scene: Scene, options: ViewOptions, own: Ints, refused: Flags) -> np.ndarray:
    """Return what each view sees; `own` is the obstacle on which an eye stands (−1: none)."""
    lamps = options.lamps
    if not options.night or lamps is None:
        return _unlit_areas(eyes, scene, options, own, refused)
    # by its own light, or what it sees by day of ground that a lamp lights
    result = _unlit_areas(eyes, scene, options, own, refused)
    box = eyes.boxes()
    _, tree = lamps.disks(options.arc_tolerance_m)
    rows = np.unique(tree.query(box)[0])
    some = eyes.take(rows)
    by_day = dataclasses.replace(options, night=False)
    seen = _unlit_areas(some, scene, by_day, own[rows], refused[rows])
    result[rows] = polygonal(shapely.union(result[rows], polygonal(lamps.lit(seen, options.arc_tolerance_m))))
    return sound(result)


def _unlit_areas(eyes: Eyes, scene: Scene, options: ViewOptions, own: Ints, refused: Flags) -> np.ndarray:
    """Return what each view sees by day, or at night by its own infrared light alone."""
    terrain = options.terrain
    if terrain is None:
        areas = _level_areas(eyes, scene, options, own, refused, np.zeros(len(eyes.x)))
        return behind_decks(areas, eyes, scene.decks, options.target_height_m)
    known = terrain.known(eyes.x, eyes.y)
    result = np.full(len(eyes.x), _EMPTY, dtype=object)
    rows = np.flatnonzero(~known)
    level = _level_areas(eyes.take(rows), scene, options, own[rows], refused[rows], np.zeros(len(rows)))
    result[rows] = behind_decks(level, eyes.take(rows), scene.decks, options.target_height_m)
    rows = np.flatnonzero(known)
    some, standing, stood = eyes.take(rows), own[rows], terrain.scene(scene)
    foot = terrain.ground(some.x, some.y)
    areas = _level_areas(some, stood, options, standing, refused[rows], foot)
    uneven = _uneven_areas(areas, some, stood, options, standing, refused[rows], foot)
    result[rows] = behind_decks(uneven, some, stood.decks, options.target_height_m, foot)
    return result


def _uneven_areas(
    areas: np.ndarray,
    eyes: Eyes,
    scene: Scene,
    options: ViewOptions,
    own: Ints,
    refused: Flags,
    foot_m: Floats,
) -> np.ndarray:
    """Return areas that were computed for level ground as true heights make them; obstacles with absolute heights."""
    terrain, target = options.terrain, options.target_height_m
    assert terrain is not None
    height = foot_m + np.maximum(eyes.mount_height_m, target + LEAST_DROP_M)
    reach = np.minimum(eyes.max_range_m, eyes.ir_range_m) if options.night else eyes.max_range_m
    adds, removes, open_m = [], [], np.full(len(areas), np.inf)
    none = np.empty(0, dtype=object)
    for i in range(len(areas)):  # each eye judges thousands of cells at once
        if refused[i] or eyes.blind[i] or reach[i] <= 0:
            adds.append(none)
            removes.append(none)
            continue
        heading, tilt, hfov, vfov = np.radians(
            [90.0 - eyes.azimuth_deg[i], eyes.tilt_deg[i], eyes.hfov_deg[i], eyes.vfov_deg[i]]
        ).tolist()
        lens = Lens(
            str(eyes.lens[i]), heading, tilt, hfov, vfov, float(eyes.pixels[i]), options.density_px_per_m
        )
        eye = Eye(
            float(eyes.x[i]),
            float(eyes.y[i]),
            float(foot_m[i]),
            float(height[i]),
            float(reach[i]),
            int(own[i]),
            lens,
        )
        change = relief_change(eye, terrain, scene.raw, target)
        adds.append(change.add)
        removes.append(change.remove)
        open_m[i] = max(height[i], change.highest_m)
    result = areas.copy()
    rows, more = _by_owner(adds)
    if len(rows):
        # exact borders of what hides all ground beyond it, and of what is no ground
        disks = sectors(
            eyes.x[rows], eyes.y[rows], radius=reach[rows], azimuth_deg=np.zeros(len(rows)),
            hfov_deg=np.full(len(rows), 360.0), tolerance_m=options.arc_tolerance_m,
        )  # fmt: skip
        more = polygonal(shapely.intersection(more, swept(disks, scene.raw, open_m[rows], own[rows])))
        if len(scene.parts):
            at, part = scene.raw_tree.query(more, predicate="intersects")
            solid = scene.raw.solid[part]
            which, blocks = gather(at[solid], scene.parts[part[solid]])
            more[which] = shapely.difference(more[which], blocks)
        result[rows] = shapely.union(result[rows], more)
    rows, less = _by_owner(removes)
    result[rows] = shapely.difference(result[rows], less)
    return polygonal(result)


def _by_owner(boxes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Unite the boxes of each eye: which eyes have any, and their unions."""
    counts = [len(one) for one in boxes]
    if not any(counts):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
    return gather(np.repeat(np.arange(len(boxes)), counts), np.concatenate(boxes))


def _level_areas(
    eyes: Eyes, scene: Scene, options: ViewOptions, own: Ints, refused: Flags, foot_m: Floats
) -> np.ndarray:
    """Return what each view sees of level ground at the height of its foot, above which obstacles and eyes are counted alike."""
    frames, sound, further = ground_frames(eyes, options)
    sound = sound & ~refused
    result = np.full(len(frames), _EMPTY, dtype=object)
    # eyes on a roof need their own building out of the way, the others take merged walls
    aloft = own >= 0
    ground, roofs = np.flatnonzero(sound & ~aloft), np.flatnonzero(sound & aloft)
    groups: list[tuple[Ints, Walls, Ints | None]] = [(ground, scene.merged, None)]
    if len(roofs):
        groups.append((roofs, scene.raw, own))
    work = [
        (group[i : i + _LARGE_BATCH], walls, standing)
        for group, walls, standing in groups
        for i in range(0, len(group), _LARGE_BATCH)
    ]
    for rows, walls, standing in work:
        some = frames.take(rows)
        mine = None if standing is None else standing[rows]
        eye_m = eyes.mount_height_m[rows] + foot_m[rows]
        target_m = options.target_height_m + foot_m[rows]
        areas = swept(some, walls, eye_m, mine, target_m)
        cut = np.flatnonzero(further[rows])
        if len(cut):
            areas[cut] = polygonal(
                shapely.intersection(areas[cut], _trapezoids(eyes, rows[cut], frames, options))
            )
        result[rows] = hidden_ground(
            some,
            areas,
            walls,
            mount_height_m=eye_m,
            own=mine,
            target_height_m=target_m,
            starlike=(some.cut <= 0) & ~further[rows],
        )
    drop = np.maximum(eyes.mount_height_m - options.target_height_m, LEAST_DROP_M)
    below = np.flatnonzero(sound & (rings(eyes, drop)[0] > 0))
    if len(below):  # ground below the picture of a panorama
        holes = disks(rings(eyes, drop)[0][below], _HOLE_TOLERANCE_M, inner=True)
        holes = move(holes, eyes.x[below], eyes.y[below])
        result[below] = polygonal(np.asarray(shapely.difference(result[below], holes), dtype=object))
    return result


def check_layers(options: ViewOptions, cameras: gpd.GeoDataFrame) -> None:
    """Refuse street lights and terrain that are not in the coordinate system of the cameras.

    Raises:
        CrsError: they differ.
    """
    if options.lamps is not None:
        check_same_crs(cameras=cameras, street_lights=gpd.GeoSeries(crs=options.lamps.crs))
    if options.terrain is not None:
        check_same_crs(cameras=cameras, terrain=gpd.GeoSeries(crs=options.terrain.crs))


def unite_views(areas: np.ndarray, camera: Ints, cameras: int) -> np.ndarray:
    """Unite the views of each camera."""
    result = np.full(cameras, _EMPTY, dtype=object)
    count = np.bincount(camera, minlength=cameras)
    single = count[camera] == 1
    result[camera[single]] = areas[single]
    for one in np.flatnonzero(count > 1):  # few cameras have several views
        result[one] = shapely.union_all(areas[camera == one])
    return result


def prepare(
    cameras: gpd.GeoDataFrame, scene: Scene, views: pd.DataFrame | None, options: ViewOptions
) -> tuple[Eyes, np.ndarray, Ints, Flags, list[Note]]:
    """Read cameras and put their eyes where they can see: eyes, status, own obstacle, refused, notes."""
    scene.check(cameras=cameras)
    eyes, status, notes = read_eyes(cameras, views)
    target, terrain = options.target_height_m, options.terrain
    if terrain is None:
        x, y, own, refused, moved = stand(eyes, scene, cameras.index, target)
    else:
        x, y, own, refused, moved = stand_on(terrain, eyes, scene, cameras.index, target)
    # what is said of a camera with several views is said once
    said = list(dict.fromkeys([*scene.notes, *notes, *groundless(eyes, options, cameras.index), *moved]))
    return dataclasses.replace(eyes, x=x, y=y), status, own, refused, said


def visible_areas(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    options: ViewOptions = ViewOptions(),  # noqa: B008 - frozen
    views: pd.DataFrame | None = None,
    scene: Scene | None = None,
) -> gpd.GeoSeries:
    """Return what each camera sees of the ground: flat, or the terrain of the options.

    Every row is computed, whatever its status. Ground inside footprints is never seen.

    Args:
        cameras: points by camera id with the columns of the layer of camera sites: ``mount_height_m``, ``azimuth_deg``
            (from grid north), ``tilt_deg``, ``hfov_deg``, ``vfov_deg``, ``resolution_px_h``, ``resolution_px_v``,
            ``max_range_m``, ``ir_range_m``, ``kind``, ``status``. What is missing is assumed as the manual says, and noted.
        obstacles: polygons or lines with ``height_m`` (missing: never seen over) and optionally ``see_through``.
        options: class, light, target height.
        views: presets of PTZ cameras and eyes of multi-sensor cameras, see `read_eyes`; united per camera.
        scene: prepared obstacles (`build_scene`), in place of ``obstacles``.

    Returns:
        Polygons and multipolygons by the index of the cameras, empty where nothing is seen; ``attrs["notes"]`` holds
        the list of `Note`.

    Raises:
        CrsError, ColumnError, GeometryError, ValueRangeError: the input cannot be used; all faults at once.
    """
    check_same_crs(cameras=cameras, obstacles=obstacles)
    check_layers(options, cameras)
    scene = scene or build_scene(obstacles)
    eyes, _, own, refused, notes = prepare(cameras, scene, views, options)
    areas = unite_views(view_areas(eyes, scene, options, own, refused), eyes.camera, len(cameras))
    result = gpd.GeoSeries(areas, index=cameras.index, crs=cameras.crs)
    result.attrs["notes"] = notes
    return result
