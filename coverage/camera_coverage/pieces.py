"""Pieces of gaps: kept under names that last, with the nearest camera and the cure of each, as a table."""

from __future__ import annotations

import hashlib
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.causes import BEHIND_TERRAIN, TERRAIN
from camera_coverage.cures import find_cures
from camera_coverage.targets import Targets, groups

COLUMNS = ("geometry", "cause", "ref", "camera", "x", "y")
CURE_COLUMNS = ("code", "params", "share")


def lasting(found: dict[str, Any], coverage: CoverageResult) -> dict[str, Any]:
    """Return the pieces of a target with ids of cameras and prints of obstacles: rows change when others come and go."""
    ids, prints = coverage.cameras.index, coverage.scene.obstacle_prints
    hidden = (found["cause"] == "hidden").tolist()
    camera, ref = found["camera"].tolist(), found["ref"].tolist()
    lasting: list[Any] = [
        TERRAIN if row == BEHIND_TERRAIN else None if row < 0 else prints[row] if by_obstacle else ids[row]
        for row, by_obstacle in zip(ref, hidden, strict=True)
    ]
    return found | {
        "camera": _objects([None if row < 0 else ids[row] for row in camera]),
        "ref": _objects(lasting),
    }


def _objects(values: list[Any]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def cured(
    read: Targets, coverage: CoverageResult, names: list[tuple[Any, ...]], kept: list[dict[str, Any]]
) -> list[dict[str, np.ndarray]]:
    """Return the cures of the pieces of each target, from the memo where nothing around has changed.

    Args:
        read: the targets.
        coverage: with its memo.
        names: what the pieces of each target are kept under.
        kept: the pieces of each target.
    """
    # a longer range asks for obstacles and lamps beyond the old one, which the names do not cover
    beyond = [bool((one["cause"] == "out_of_range").any()) for one in kept]
    around = _surroundings(coverage) if any(beyond) else b""
    keys = [("cures", name, around if far else b"") for name, far in zip(names, beyond, strict=True)]
    missing = np.array([key not in coverage.memo for key in keys], dtype=bool)
    for observation_class, light, rows in groups(read, missing):
        some = [kept[i] for i in rows.tolist()]
        owner = np.repeat(np.arange(len(rows)), [len(one["cause"]) for one in some])
        cause, ids, x, y, shapes = (
            np.concatenate([one[name] for one in some]) for name in ("cause", "camera", "x", "y", "geometry")
        )
        there = np.array([one is not None for one in ids], dtype=bool)
        camera = np.full(len(ids), -1, dtype=np.int64)
        camera[there] = coverage.cameras.index.get_indexer(pd.Index(ids[there].tolist()))
        found = find_cures(
            coverage, observation_class, light, cause=cause, camera=camera, x=x, y=y, shapes=shapes
        )
        bounds = np.searchsorted(owner, np.arange(len(rows) + 1)).tolist()
        for at, i in enumerate(rows.tolist()):
            mine = slice(bounds[at], bounds[at + 1])
            coverage.memo[keys[i]] = {name: getattr(found, name)[mine] for name in CURE_COLUMNS}
    return [coverage.memo[key] for key in keys]


def _surroundings(coverage: CoverageResult) -> bytes:
    """Return a digest of all obstacles, lamps and terrain."""
    one = hashlib.blake2b(coverage.scene.digest, digest_size=16)
    lamps, terrain = coverage.options.lamps, coverage.options.terrain
    if lamps is not None:
        one.update(shapely.get_coordinates(lamps.points).tobytes() + lamps.reach_m.tobytes())
    if terrain is not None:
        one.update(np.ascontiguousarray(terrain.array).tobytes())
    return one.digest()


def _nearest_standing(
    coverage: CoverageResult, names: list[tuple[Any, ...]], index: np.ndarray, shapes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return id and distance of the closest standing camera of each piece, from the memo while none came, went or moved.

    Args:
        coverage: with its memo.
        names: what the pieces of each target are kept under.
        index: target of each piece, ascending.
        shapes: the pieces.
    """
    nearest, distance = np.full(len(shapes), None, dtype=object), np.full(len(shapes), np.nan)
    standing = np.flatnonzero(coverage.standing)
    if not len(standing) or not len(shapes):
        return nearest, distance
    ids = coverage.cameras.index.to_numpy(dtype=object)[standing]
    feet = coverage.cameras.geometry.to_numpy()[standing]
    coords = np.stack([shapely.get_x(feet), shapely.get_y(feet)])
    places = hashlib.blake2b(repr(ids.tolist()).encode() + coords.tobytes(), digest_size=16).digest()
    known = [coverage.memo.get(("nearest", one)) for one in names]
    current = [None if one is None or one[0] != places else one[1:] for one in known]
    missing = np.array([one is None for one in current], dtype=bool)
    rows = np.flatnonzero(missing[index])
    (piece, foot), far = shapely.STRtree(feet).query_nearest(
        shapes[rows], return_distance=True, all_matches=False
    )
    nearest[rows[piece]], distance[rows[piece]] = ids[foot], far
    bounds = np.searchsorted(index, np.arange(len(names) + 1)).tolist()
    for i, found in enumerate(current):
        mine = slice(bounds[i], bounds[i + 1])
        if found is None:
            coverage.memo["nearest", names[i]] = (places, nearest[mine].copy(), distance[mine].copy())
        elif bounds[i] < bounds[i + 1]:
            nearest[mine], distance[mine] = found
    return nearest, distance


def piece_table(
    targets: gpd.GeoDataFrame,
    coverage: CoverageResult,
    read: Targets,
    names: list[tuple[Any, ...]],
    index: np.ndarray,
    pieces: dict[str, np.ndarray],
) -> gpd.GeoDataFrame:
    """Return the pieces as `blind_spots` hands them out.

    Args:
        targets: the frame of targets.
        coverage: of `analyse`.
        read: the targets by light.
        names: what the pieces of each target are kept under.
        index: target of each piece, ascending.
        pieces: arrays by the names of `COLUMNS` and `CURE_COLUMNS`.
    """
    row = read.row[index]
    shapes, cause = pieces["geometry"], pieces["cause"]
    obstacle_ids = coverage.scene.index.to_numpy(dtype=object)
    ref = pieces["ref"].copy()
    rows = {one: row for row, one in coverage.scene.obstacle_prints.items()}
    for i in np.flatnonzero((cause == "hidden") & (ref != None)).tolist():  # noqa: E711 - element by element
        ref[i] = ref[i] if isinstance(ref[i], str) else obstacle_ids[rows[ref[i]]]
    judged = pieces["camera"]
    nearest, distance = _nearest_standing(coverage, names, index, shapes)

    def carried(column: str, default: Any) -> np.ndarray:
        if column not in targets.columns:
            return np.full(len(row), default, dtype=object)
        return targets[column].to_numpy(dtype=object)[row]

    areal = read.areal[index]
    return gpd.GeoDataFrame(
        {
            "target": targets.index.to_numpy(dtype=object)[row],
            "target_name": carried("name", ""),
            "target_kind": carried("kind", ""),
            "light": read.light[index],
            "priority": carried("priority", None),
            "required_class": read.required_class[index],
            "cause": cause,
            "cause_ref": ref,
            "cause_camera": judged,
            "cure": pieces["code"],
            "cure_params": pieces["params"],
            "cure_share": pieces["share"].astype(float),
            "nearest_camera": nearest,
            "distance_m": distance,
            "area_m2": np.where(areal, shapely.area(shapes), np.nan),
            "length_m": np.where(areal, np.nan, shapely.length(shapes)),
        },
        geometry=shapes,
        crs=targets.crs,
    )
