"""Blind spots: what of the targets no working camera sees at the required class, piece by piece, and why."""

from __future__ import annotations

import hashlib

import geopandas as gpd
import numpy as np
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.causes import verified
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.overlays import only, polygonal, touching
from camera_coverage.pieces import CURE_COLUMNS, Pieces, cured, piece_columns
from camera_coverage.splits import COLUMNS as PIECE_COLUMNS
from camera_coverage.splits import split_by_cause
from camera_coverage.targets import Targets, groups, read_targets
from town_model import ValueRangeError, check_same_crs

#: A working camera no farther than this from a gap counts as near.
NEAR_M = 100.0
COLUMNS = (
    "target", "target_name", "target_kind", "light", "priority", "required_class", "cause", "cause_ref", "cause_camera",
    "cure", "cure_params", "cure_share", "nearest_camera", "distance_m", "area_m2", "length_m", "geometry",
)  # fmt: skip


def target_keys(
    targets: Targets, coverage: CoverageResult, near_m: float, *, only_verified: bool = False
) -> list[str]:
    """Return a key for each target and light that covers all that its gaps depend on."""
    reach = np.maximum(coverage.eyes.max_range_m, near_m)
    boxes = coverage.eyes.boxes(reach)
    camera = coverage.eyes.camera
    alive = coverage.standing[camera]
    target, view = shapely.STRtree(boxes[alive]).query(targets.ground)
    view = np.flatnonzero(alive)[view]
    order = np.lexsort((view, target))
    view = view[order]
    first = np.searchsorted(target[order], np.arange(len(targets.row) + 1))
    # the pieces name cameras, so their ids belong to the key
    labels = [
        f"{name!r} {one} {lamps} {state} {sure};".encode()
        for name, one, lamps, state, sure in zip(
            coverage.cameras.index,
            coverage.digests,
            coverage.lamp_digests,
            coverage.status,
            verified(coverage) if only_verified else coverage.working,
            strict=True,
        )
    ]
    wkb, prefixes = targets.ground_wkb, targets.prefixes
    options = f"{only_verified:d} {near_m:g} {coverage.options.target_height_m:g} {coverage.options.arc_tolerance_m:g}"
    around = [labels[i] for i in camera[view].tolist()]
    bounds = first.tolist()
    alike = {
        (name, light): f"{options} {None if name is None else coverage.options.classes.density(name)} {light}"
        for name, light in set(zip(targets.required_class.tolist(), targets.light.tolist(), strict=True))
    }
    keys = []
    for i, asked in enumerate(zip(targets.required_class.tolist(), targets.light.tolist(), strict=True)):
        said = alike[asked]
        begun = prefixes.get((said, i))
        if begun is None:
            begun = prefixes[said, i] = hashlib.blake2b(said.encode(), digest_size=16)
            begun.update(wkb[i])
        one = begun.copy()
        one.update(b"".join(around[bounds[i] : bounds[i + 1]]))
        keys.append(one.hexdigest())
    return keys


def known_targets(targets: gpd.GeoDataFrame, coverage: CoverageResult, night_hours: str) -> Targets:
    """Return `read_targets`, from the memo where targets and obstacles are the same as before."""
    check_same_crs(coverage=coverage.cameras, targets=targets)
    default = coverage.options.observation_class
    one = hashlib.blake2b(f"{default} {night_hours} {targets.crs}".encode(), digest_size=16)
    one.update(coverage.scene.digest)
    for wkb in shapely.to_wkb(targets.geometry.to_numpy()):
        one.update(wkb or b"-")
    for column in ("hours", "required_class"):
        if column in targets.columns:
            one.update("\n".join(map(str, targets[column])).encode())
    name = ("targets", one.digest())
    if name not in coverage.memo or not targets.index.is_unique:
        coverage.memo[name] = read_targets(
            targets, coverage.scene, default_class=default, night_hours=night_hours
        )
    found: Targets = coverage.memo[name]
    return found


def uncovered(
    targets: Targets, coverage: CoverageResult, keys: list[str], *, only_verified: bool = False
) -> np.ndarray:
    """Return the ground of each target that no working camera sees at the required class in its light."""
    memo = coverage.memo
    counted = coverage.working & verified(coverage) if only_verified else coverage.working
    result = np.array([memo.get(("gap", key)) for key in keys] + [None], dtype=object)[:-1]
    missing = np.array([one is None for one in result], dtype=bool)
    for name, light, rows in groups(targets, missing):
        areas = only(coverage.areas(name, light), counted)
        gap = targets.ground[rows]
        which, united = touching(gap, areas)
        gap[which] = shapely.difference(gap[which], united)
        areal = targets.areal[rows]
        gap[areal] = polygonal(gap[areal])
        result[rows] = gap
        memo.update({("gap", keys[i]): result[i] for i in rows.tolist()})
    return result


def blind_spots(
    targets: gpd.GeoDataFrame,
    coverage: CoverageResult,
    *,
    min_width_m: float = 0.5,
    near_m: float = NEAR_M,
    night_hours: str = NIGHT_HOURS,
    only_verified: bool = False,
) -> gpd.GeoDataFrame:
    """Return the pieces of targets that no working camera sees at the required class, with their causes and cures.

    A piece is split where the cause changes; one row a piece and light. Ground inside footprints is no part of a target.

    Args:
        targets: polygons or lines by target id; optional columns ``name``, ``kind``, ``priority``, ``required_class``
            (missing: that of the options of the coverage), ``hours`` (missing: the whole day; a light into which they do
            not reach is not judged).
        coverage: of `analyse`.
        min_width_m: polygons nowhere as wide, and lines not as long, are dropped and counted.
        near_m: a camera farther than this from a place is not near.
        night_hours: what counts as night.
        only_verified: ground that only cameras see whose data nobody verified on the spot (column ``data_quality``) counts as
            blind, too, by the cause "unverified".

    Returns:
        Rows with the columns `COLUMNS`: ``target`` (id), ``cause`` (a key of `causes.CAUSES`), ``cause_ref`` (id of the hiding
        obstacle for "hidden", "terrain" for a rise of the ground, of the camera for other causes, None for "no_camera_near"), ``cause_camera`` (id of the camera
        by which the cause is judged), ``cure`` (a key of `cures.CURES`, for this camera), ``cure_params`` and ``cure_share`` (see
        `cures.Cures`), ``nearest_camera`` (id; standing, working or not) and its ``distance_m``, ``area_m2`` of
        polygons, ``length_m`` of lines. ``attrs["slivers"]``: count, area_m2 and length_m of what was dropped.

    Raises:
        CrsError, ColumnError, GeometryError, ValueRangeError: the targets cannot be used; all faults at once.
    """
    return blind_pieces(
        targets,
        coverage,
        min_width_m=min_width_m,
        near_m=near_m,
        night_hours=night_hours,
        only_verified=only_verified,
    ).frame()


def blind_pieces(
    targets: gpd.GeoDataFrame,
    coverage: CoverageResult,
    *,
    min_width_m: float = 0.5,
    near_m: float = NEAR_M,
    night_hours: str = NIGHT_HOURS,
    only_verified: bool = False,
) -> Pieces:
    """Return `blind_spots` as arrays, before a frame is made of them."""
    if not min_width_m >= 0 or not near_m > 0:
        raise ValueRangeError("the minimum width must not be below zero, and near must be above zero")
    read = known_targets(targets, coverage, night_hours)
    return judged_pieces(
        targets, read, coverage, min_width_m=min_width_m, near_m=near_m, only_verified=only_verified
    )


def judged_pieces(
    targets: gpd.GeoDataFrame,
    read: Targets,
    coverage: CoverageResult,
    *,
    min_width_m: float,
    near_m: float,
    only_verified: bool = False,
    nearest: bool = True,
) -> Pieces:
    """Return `blind_pieces` of targets that were read already.

    Args:
        targets: the frame.
        read: `read_targets` of it.
        coverage: as in `blind_spots`, like all others.
        min_width_m: see there.
        near_m: see there.
        only_verified: see there.
        nearest: whether to look for the closest camera of each piece; otherwise None and NaN.
    """
    keys = target_keys(read, coverage, near_m, only_verified=only_verified)
    names = [("pieces", key, min_width_m) for key in keys]
    missing = np.array([name not in coverage.memo for name in names], dtype=bool)
    if missing.any():  # all at once, with those that the causes ask for
        asked = [(name, light == "night") for name, light, _ in groups(read, missing)]
        by_day = {(name, False) for name, _ in asked} | {(None, False)}
        coverage.compute(sorted({*asked, *by_day}, key=repr))
    gaps = uncovered(read, coverage, keys, only_verified=only_verified)
    fresh = np.flatnonzero(missing)
    split = split_by_cause(
        gaps[fresh],
        read.areal[fresh],
        _around(read.ground[fresh], coverage, near_m),
        read.required_class[fresh],
        read.light[fresh],
        near_m=near_m,
        min_width_m=min_width_m,
        only_verified=only_verified,
    )
    coverage.memo.update({names[i]: one for i, one in zip(fresh.tolist(), split, strict=True)})
    kept = [coverage.memo[name] for name in names]
    cures = cured(read, coverage, names, kept)
    count = [len(one["cause"]) for one in kept]
    index = np.repeat(np.arange(len(kept)), count)
    filled = [i for i, pieces in enumerate(count) if pieces]
    pieces = {
        column: np.concatenate([one[column] for one in found]) if found else np.empty(0, dtype=object)
        for columns, found in (
            (PIECE_COLUMNS, [kept[i] for i in filled]),
            (CURE_COLUMNS, [cures[i] for i in filled]),
        )
        for column in columns
    }
    number, area, length = np.array([one["slivers"] for one in kept], dtype=float).reshape(-1, 3).sum(axis=0)
    slivers = {"count": int(number), "area_m2": float(area), "length_m": float(length)}
    columns = piece_columns(targets, coverage, read, names, index, pieces, nearest=nearest)
    return Pieces(read.row[index], columns, slivers, targets.crs)


def _around(ground: np.ndarray, coverage: CoverageResult, near_m: float) -> CoverageResult:
    """Return the coverage by the cameras that can have a say in gaps on some ground: after an edit, a few."""
    boxes = coverage.eyes.boxes(np.maximum(coverage.eyes.max_range_m, near_m))
    view = shapely.STRtree(boxes).query(ground)[1]
    return coverage.take(np.unique(coverage.eyes.camera[view]))
