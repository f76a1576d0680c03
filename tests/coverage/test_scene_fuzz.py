"""100,000 random scenes: nothing breaks, no polygon is invalid, and more obstacles or less range never show more ground.

A scene is one camera with what stands round it, on a tile of its own: tiles lie farther apart than any camera reaches, so that a
thousand scenes go through one call and still know nothing of each other. They fill 10 km, and some edges are a millimetre long.
"""

import os

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_scenes import CRS

from camera_coverage import ViewOptions, visible_areas

SCENES = 1000  # a call
CALLS = 100
TILE_M = 320.0
SIDE = 32
NEAR_M = 45.0
LONGEST_M = 120.0
HEIGHTS = np.array([np.nan, 0.5, 1.5, 2.0, 3.0, 5.0, 6.0, 9.0])


def corners():
    """The middle of each tile: coordinates of half a million and of 3.5 million metres, 10 km apart at most."""
    row, column = np.divmod(np.arange(SCENES), SIDE)
    return np.column_stack([500_000.0 + TILE_M * column, 3_500_000.0 + TILE_M * row])


def shapes_of(rng, x, y):
    """One obstacle a place, of every sort; a few are invalid."""
    n = len(x)
    sizes = np.array([1e-3, 0.05, 0.3, 1, 5, 12, 25])
    width, depth = rng.choice(sizes, n), rng.choice(sizes, n)
    box = shapely.box(x, y, x + width, y + depth)
    turn = rng.uniform(0, np.pi, n)
    u = np.column_stack([np.cos(turn), np.sin(turn)])
    v = np.column_stack([-u[:, 1], u[:, 0]])
    at = np.column_stack([x, y])
    ring = np.stack(
        [
            at,
            at + u * width[:, None],
            at + u * width[:, None] + v * depth[:, None],
            at + v * depth[:, None],
        ],
        1,
    )
    turned = shapely.polygons(ring)
    point = shapely.points(x, y)
    disk = shapely.buffer(point, width / 2, quad_segs=3)
    yard = shapely.difference(
        shapely.buffer(point, 8.0, quad_segs=4), shapely.buffer(point, 5.0, quad_segs=4)
    )
    star = np.stack([at + rng.uniform(-9, 9, (n, 2)) for _ in range(5)], 1)
    kinds = [
        box,
        turned,
        disk,
        yard,
        shapely.linestrings(star),
        shapely.polygons(star),
        shapely.linestrings(ring),
    ]
    which = rng.choice(len(kinds), n, p=[0.25, 0.25, 0.1, 0.1, 0.15, 0.05, 0.1])
    return np.choose(which, kinds)


def obstacles(rng, middles):
    """Up to eight obstacles a tile, some of them touching or overlapping their neighbour."""
    count = rng.integers(0, 9, SCENES)
    tile = np.repeat(np.arange(SCENES), count)
    place = middles[tile] + rng.uniform(-NEAR_M, NEAR_M, (len(tile), 2))
    same = (np.diff(tile, prepend=-1) == 0) & (rng.random(len(tile)) < 0.3)
    before = np.flatnonzero(same)
    place[before] = place[before - 1] + rng.choice([0.0, 1e-3, 1.0, 5.0], (len(before), 2))
    shape = shapes_of(rng, *place.T)
    height = rng.choice(HEIGHTS, len(tile))
    return gpd.GeoDataFrame(
        {"tile": tile, "height_m": height, "clear_height_m": clear_heights(rng, height)},
        geometry=shape,
        crs=CRS,
    )


def clear_heights(rng, height):
    """A sixth of all obstacles hang over free ground."""
    free = np.where(np.isnan(height), 4.0, height) * rng.choice([0.2, 0.5, 0.9], len(height))
    return np.where(rng.random(len(height)) < 1 / 6, free, 0.0)


def cameras(rng, middles, town):
    """A camera a tile; a third of them on a corner or an edge of an obstacle, some inside of one."""
    place = middles + rng.uniform(-15, 15, (SCENES, 2))
    coords, of = shapely.get_coordinates(town.geometry.to_numpy(), return_index=True)
    tile = town["tile"].to_numpy()[of]
    some = rng.permutation(len(tile))
    _, first = np.unique(tile[some], return_index=True)
    chosen = some[first]
    chosen = chosen[rng.random(len(chosen)) < 0.35]
    beside = np.minimum(chosen + 1, len(coords) - 1)
    beside = np.where(of[beside] == of[chosen], beside, chosen)
    share = rng.choice([0.0, 0.0, 0.5, 0.3], len(chosen))[:, None]
    place[tile[chosen]] = coords[chosen] + share * (coords[beside] - coords[chosen])
    return gpd.GeoDataFrame(
        {
            "kind": rng.choice(["fixed", "dome", "ptz", "fisheye", "multi_sensor"], SCENES, p=[0.5, 0.15, 0.1, 0.15, 0.1]),
            "mount_height_m": rng.choice([0.5, 1.5, 1.6, 3, 4.5, 6, 12], SCENES),
            "azimuth_deg": np.where(rng.random(SCENES) < 0.3, rng.choice([0.0, 45, 90, 180, 360], SCENES), rng.uniform(0, 360, SCENES)),
            "tilt_deg": rng.choice([-90, -30, -1, 0, 1e-6, 10, 20, 30, 45, 60, 89, 90], SCENES),
            "hfov_deg": rng.choice([1, 30, 60, 90, 120, 170, 179.9, 180, 270, 360], SCENES),
            "vfov_deg": rng.choice([1, 20, 50, 60, 120, 180, np.nan], SCENES),
            "resolution_px_h": rng.choice([160, 1920, 2560, 8000], SCENES),
            "max_range_m": rng.choice([0.1, 1, 10, 40, 80, LONGEST_M - 20], SCENES),
            "ir_range_m": rng.choice([0, 5, 30, np.nan], SCENES),
        },
        geometry=shapely.points(place),
        crs=CRS,
    )  # fmt: skip


def extra_occluders(rng, middles, frame):
    """One more obstacle a tile, too far from the eye to push it aside."""
    shape = shapes_of(rng, *(middles + rng.uniform(-NEAR_M, NEAR_M, (SCENES, 2))).T)
    clear = shapely.distance(shape, frame.geometry.to_numpy()) > 2.0
    rows = np.flatnonzero(clear & shapely.is_valid(shape))
    height = rng.choice(HEIGHTS, len(rows))
    return gpd.GeoDataFrame(
        {"tile": rows, "height_m": height, "clear_height_m": clear_heights(rng, height)},
        geometry=shape[rows], crs=CRS,
    )  # fmt: skip


def together(one, other):
    return gpd.GeoDataFrame(
        {
            column: np.concatenate([one[column], other[column]])
            for column in ("tile", "height_m", "clear_height_m")
        },
        geometry=np.concatenate([one.geometry, other.geometry]),
        crs=CRS,
    )


def gained(after, before):
    """Ground of `after` that `before` lacks, in m² and as wide as at least 2 cm."""
    rows = np.flatnonzero(shapely.area(after) > 0)
    more = shapely.difference(after[rows], before[rows])
    result = np.zeros(len(after))
    result[rows] = shapely.area(more)
    wide = rows[result[rows] > 1e-3]
    result[wide] = shapely.area(shapely.buffer(shapely.difference(after[wide], before[wide]), -0.01))
    return result


def judge(seed):
    """Faults of a thousand scenes, by what went wrong, and what was said of their cameras."""
    rng = np.random.default_rng(seed)
    middles = corners()
    town = obstacles(rng, middles)
    frame = cameras(rng, middles, town)
    night = bool(seed % 3 == 0)
    options = ViewOptions(observation_class=[None, "detect", "observe"][seed % 3], night=night)
    areas = visible_areas(frame, town, options=options)
    seen = areas.to_numpy()
    free = visible_areas(frame, options=options).area.to_numpy()
    denser = visible_areas(
        frame, together(town, extra_occluders(rng, middles, frame)), options=options
    ).to_numpy()
    farther = frame.assign(max_range_m=frame["max_range_m"] + 20.0)
    wider = visible_areas(farther, town, options=options).to_numpy()
    faults = {
        "invalid": ~(shapely.is_valid(seen) & shapely.is_valid(denser) & shapely.is_valid(wider)),
        "not a surface": ~np.isin(shapely.get_type_id(seen), (3, 6)),
        "more than open ground": shapely.area(seen) > free * (1 + 1e-5) + 1e-5,
        "an occluder enlarges": gained(denser, seen) > 1e-4,
        "more range shrinks": gained(seen, wider) > 1e-4,
    }
    refused = [note.subject for note in areas.attrs["notes"] if note.code == "inside_building"]
    assert all(shapely.is_empty(seen[i]) for i in refused)
    said = {note.code for note in areas.attrs["notes"]}
    assert 0.2 < (shapely.area(seen) > 0).mean() < 0.95
    return {what: np.flatnonzero(which).tolist() for what, which in faults.items() if which.any()}, said


def judge_all(seeds):
    """Faults by seed; every odd place for a camera must have come up."""
    found, said = {}, set()
    for seed in seeds:
        faults, codes = judge(seed)
        said |= codes
        if faults:
            found[seed] = faults
    assert said >= {
        "moved_off_wall",
        "inside_building",
        "roof_unknown",
        "low_mount",
        "obstacle_repaired",
        "no_ground",
    }
    return found


def test_3_000_random_scenes_hold_what_must_hold():
    """A short version of the next test for every run; 98 left a line beside its area once, 8 a border that crossed itself."""
    assert judge_all((0, 8, 98)) == {}


@pytest.mark.slow
def test_100_000_random_scenes_hold_what_must_hold():
    """`GEO_FUZZ_FROM` starts at another seed, for longer hunts."""
    begin = int(os.environ.get("GEO_FUZZ_FROM", "2"))
    assert judge_all(range(begin, begin + CALLS)) == {}
