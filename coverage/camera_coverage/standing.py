"""Where an eye stands: on the ground, on a roof, on a wall, or by mistake inside a building."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
import shapely

from camera_coverage.cameras import Eyes
from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.notes import Note
from camera_coverage.optics import LEAST_DROP_M
from camera_coverage.terrain import Terrain
from camera_coverage.walls import Scene
from town_model import Text

#: An eye is put at least this far off a wall …
STEP_OFF_M = 0.05
#: … and an eye inside a building is moved out to a wall that is no farther than this.
MOVE_OUT_M = 1.0


def stand(
    eyes: Eyes, scene: Scene, index: pd.Index, target_height_m: float, foot_m: Floats | float = 0.0
) -> tuple[Floats, Floats, Ints, Flags, list[Note]]:
    """Put eyes where they can see.

    Inside a footprint: above its roof the camera looks over its own building; roof height unknown: taken for that,
    and noted; below the roof it is a wall mount, moved out to the nearest wall within 1 m, otherwise refused.
    Closer than 5 cm to a wall of full height: stepped off it, and noted.

    Args:
        eyes: as they are in the ledger.
        scene: obstacles.
        index: ids of the cameras.
        target_height_m: above the ground.
        foot_m: height of the ground under each eye, above what the heights of the scene count from.

    Returns:
        x, y, the obstacle on whose roof an eye stands (−1: none), which eyes are refused, notes.
    """
    count = len(eyes.x)
    x, y = eyes.x.copy(), eyes.y.copy()
    own, refused = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=bool)
    notes: list[Note] = []
    eye_m = eyes.mount_height_m + foot_m
    low = eyes.mount_height_m < target_height_m + LEAST_DROP_M
    for i in np.flatnonzero(low):
        name = index[eyes.camera[i]]
        notes.append(
            Note(
                name,
                "low_mount",
                Text.of(
                    "camera {camera}: mounted no higher than the target, taken as just above it", camera=name
                ),
            )
        )
    if not len(scene.parts) or not count:
        return x, y, own, refused, notes
    points = shapely.points(x, y)
    solid = shapely.get_type_id(scene.parts) == 3
    tree = scene.raw_tree
    touching, part = tree.query(points, predicate="dwithin", distance=STEP_OFF_M)
    full = scene.height_m[part] >= eye_m[touching]
    touching, part = touching[full], part[full]
    for i in np.unique(touching):  # only eyes on or in an obstacle come here
        near = part[touching == i]
        name = index[eyes.camera[i]]
        inside = near[solid[near]]
        inside = inside[shapely.contains_xy(scene.parts[inside], x[i], y[i])]
        unknown = inside[np.isinf(scene.height_m[inside])]
        if len(inside) and len(unknown) == len(inside):
            own[i] = scene.member[unknown[0]]
            notes.append(
                Note(
                    name,
                    "roof_unknown",
                    Text.of(
                        "camera {camera} stands inside building {obstacle} of unknown height: taken for mounted on its roof",
                        camera=name,
                        obstacle=scene.index[own[i]],
                    ),
                )
            )
            continue
        spot = _way_out(scene, (x[i], y[i]), eye_m[i], eyes.azimuth_deg[i], inside=len(inside) > 0)
        if spot is None:
            refused[i] = True
            obstacle: Hashable = scene.index[scene.member[(inside if len(inside) else near)[0]]]
            notes.append(
                Note(
                    name,
                    "inside_building",
                    Text.of(
                        "camera {camera} stands inside obstacle {obstacle}, more than {limit:g} m from open ground: it counts as seeing nothing",
                        camera=name,
                        obstacle=obstacle,
                        limit=MOVE_OUT_M,
                    ),
                )
            )
            continue
        moved = float(np.hypot(spot[0] - x[i], spot[1] - y[i]))
        x[i], y[i] = spot
        notes.append(
            Note(
                name,
                "moved_off_wall",
                Text.of("camera {camera} was moved {distance:.2f} m off a wall", camera=name, distance=moved),
            )
        )
    # above a roof of known height: its own building alone is out of the way, not the whole row of houses of one height
    roof, part = tree.query(shapely.points(x, y), predicate="within")
    mine = solid[part] & (scene.height_m[part] < eye_m[roof]) & (own[roof] < 0)
    own[roof[mine]] = scene.member[part[mine]]
    return x, y, own, refused, notes


def stand_on(
    terrain: Terrain, eyes: Eyes, scene: Scene, index: pd.Index, target_height_m: float
) -> tuple[Floats, Floats, Ints, Flags, list[Note]]:
    """Put eyes where they can see: on the terrain where it is known under them, otherwise on flat ground, with a note."""
    known = terrain.known(eyes.x, eyes.y)
    x, y = eyes.x.copy(), eyes.y.copy()
    own, refused = np.full(len(x), -1, dtype=np.int64), np.zeros(len(x), dtype=bool)
    notes: list[Note] = [
        Note(
            index[i],
            "terrain_unknown",
            Text.of(
                "camera {camera}: the elevation model does not know the ground at its foot, which is taken as flat",
                camera=index[i],
            ),
        )
        for i in eyes.camera[~known].tolist()
    ]
    for rows, ground in ((np.flatnonzero(known), terrain.scene(scene)), (np.flatnonzero(~known), scene)):
        some = eyes.take(rows)
        foot = terrain.ground(some.x, some.y) if ground is not scene else 0.0
        x[rows], y[rows], own[rows], refused[rows], said = stand(some, ground, index, target_height_m, foot)
        notes += said
    return x, y, own, refused, notes


def _way_out(
    scene: Scene, place: tuple[float, float], height: float, azimuth_deg: float, *, inside: bool
) -> tuple[float, float] | None:
    """Return the closest place 5 cm off every full-height wall, or None beyond 1 m."""
    x, y = place
    here = shapely.Point(x, y)
    around = scene.raw_tree.query(here, predicate="dwithin", distance=MOVE_OUT_M + 3 * STEP_OFF_M)
    around = around[scene.height_m[around] >= height]
    shapes = scene.parts[around]
    reach = (MOVE_OUT_M if inside else STEP_OFF_M) + 2 * STEP_OFF_M
    # all places at least 5 cm off: the closest of them, a hair farther so that rounding does not put it back
    free = here.buffer(reach, quad_segs=32).difference(
        shapely.union_all(shapely.buffer(shapes, STEP_OFF_M * 1.001, quad_segs=16))
    )
    if free.is_empty:
        if inside:
            return None
        return x, y
    # on a thin wall both sides are as near: the side that the camera looks to
    ahead = np.radians(90.0 - azimuth_deg)
    from_here = shapely.Point(x + 1e-3 * np.cos(ahead), y + 1e-3 * np.sin(ahead)) if not inside else here
    spot = shapely.get_point(shapely.shortest_line(free, from_here), 0)
    if inside and here.distance(spot) > MOVE_OUT_M + 2 * STEP_OFF_M:
        return None
    return float(spot.x), float(spot.y)
