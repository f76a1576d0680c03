"""Pieces of gaps: kept under names that last, with the nearest camera and the cure of each, as a table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.cures import find_cures
from camera_coverage.targets import Targets

#: In the memo: where cameras stood when the closest ones were asked for.
_STANDING = ("standing",)
CURE_COLUMNS = ("code", "params", "share")


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
    beyond = [one["beyond"] for one in kept]
    around = _surroundings(coverage) if any(beyond) else b""
    keys = [("cures", name, around if far else b"") for name, far in zip(names, beyond, strict=True)]
    missing = np.array([key not in coverage.memo for key in keys], dtype=bool)
    labels = dict(zip(coverage.cameras.index, coverage.labels, strict=True)) if missing.any() else {}
    rows = np.flatnonzero(missing)
    if len(rows):
        some = [kept[i] for i in rows.tolist()]
        bounds = np.cumsum([0, *(len(one["cause"]) for one in some)])
        owner = np.repeat(rows, np.diff(bounds))
        cause, ids, x, y, shapes = (
            np.concatenate([one[name] for one in some]) for name in ("cause", "camera", "x", "y", "geometry")
        )
        classes, lights = read.required_class[owner].tolist(), read.light[owner].tolist()
        density, height = coverage.options.classes.density, coverage.options.target_height_m
        said = {
            one: f"{density(one[0])} {one[1]} {height:g} ".encode()
            for one in set(zip(classes, lights, strict=True))
        }
        single = [
            (
                "cure",
                hashlib.blake2b(
                    said[asked]
                    + code.encode()
                    + labels.get(one, b"")
                    + wkb
                    + (around if code == "out_of_range" else b""),
                    digest_size=16,
                ).digest(),
            )
            for asked, code, one, wkb in zip(
                zip(classes, lights, strict=True),
                cause.tolist(),
                ids.tolist(),
                shapely.to_wkb(shapes).tolist(),
                strict=True,
            )
        ]
        fresh = np.flatnonzero([one not in coverage.memo for one in single])
        there = np.array([one is not None for one in ids[fresh]], dtype=bool)
        camera = np.full(len(fresh), -1, dtype=np.int64)
        camera[there] = coverage.cameras.index.get_indexer(pd.Index(ids[fresh][there].tolist()))
        found = find_cures(
            coverage, [classes[i] for i in fresh.tolist()], [lights[i] for i in fresh.tolist()],
            cause=cause[fresh], camera=camera, x=x[fresh], y=y[fresh], shapes=shapes[fresh],
        )  # fmt: skip
        for at, i in enumerate(fresh.tolist()):
            coverage.memo[single[i]] = tuple(getattr(found, name)[at] for name in CURE_COLUMNS)
        cures = [coverage.memo[one] for one in single]
        columns = [_column(list(one)) for one in zip(*cures, strict=True)] or [_column([])] * len(
            CURE_COLUMNS
        )
        for at, i in enumerate(rows.tolist()):
            mine = slice(bounds[at], bounds[at + 1])
            coverage.memo[keys[i]] = {
                name: one[mine] for name, one in zip(CURE_COLUMNS, columns, strict=True)
            }
    return [coverage.memo[key] for key in keys]


def _column(values: list[Any]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _surroundings(coverage: CoverageResult) -> bytes:
    """Return a digest of all obstacles, lamps and terrain."""
    one = hashlib.blake2b(coverage.scene.digest, digest_size=16)
    lamps, terrain = coverage.options.lamps, coverage.options.terrain
    if lamps is not None:
        one.update(shapely.get_coordinates(lamps.points).tobytes() + lamps.reach_m.tobytes())
    if terrain is not None:
        one.update(np.ascontiguousarray(terrain.array).tobytes())
    return one.digest()


def closest_feet(feet: np.ndarray, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shape, its closest foot and how far that is; of several on one pole the first."""
    (shape, foot), far = shapely.STRtree(feet).query_nearest(shapes, return_distance=True)
    order = np.lexsort((foot, shape))
    first = order[np.diff(shape[order], prepend=-1) > 0]
    return shape[first], foot[first], far[first]


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
    now = {one: (x, y) for one, x, y in zip(ids.tolist(), *coords.tolist(), strict=True)}
    before, then = coverage.memo.get(_STANDING, (b"", {}))
    coverage.memo[_STANDING] = (places, now)
    gone = [one for one, place in then.items() if now.get(one) != place]
    come = [place for one, place in now.items() if then.get(one) != place]
    known = [coverage.memo.get(("nearest", one)) for one in names]
    bounds = np.searchsorted(index, np.arange(len(names) + 1)).tolist()
    for i, found in enumerate(known):
        if found is not None and found[0] in (places, before):
            mine = slice(bounds[i], bounds[i + 1])
            nearest[mine], distance[mine] = found[1:]
    fresh = np.array([one is None or one[0] not in (places, before) for one in known], dtype=bool)
    missing = fresh[index]
    moved = np.array([one is not None and one[0] != places for one in known], dtype=bool)[index] & ~missing
    if moved.any():  # whoever lost the closest camera, or may have got a closer one
        x0, y0, x1, y1 = shapely.bounds(shapes[moved]).T
        doubt = np.isin(nearest[moved], gone) if gone else np.zeros(len(x0), dtype=bool)
        for x, y in come:
            least = np.hypot(
                np.maximum(np.maximum(x0 - x, x - x1), 0), np.maximum(np.maximum(y0 - y, y - y1), 0)
            )
            doubt |= least <= distance[moved]
        missing[np.flatnonzero(moved)[doubt]] = True
    rows = np.flatnonzero(missing)
    piece, foot, far = closest_feet(feet, shapes[rows])
    nearest[rows[piece]], distance[rows[piece]] = ids[foot], far
    for i, found in enumerate(known):
        if found is None or found[0] != places:
            mine = slice(bounds[i], bounds[i + 1])
            coverage.memo["nearest", names[i]] = (places, nearest[mine].copy(), distance[mine].copy())
    return nearest, distance


@dataclass(frozen=True)
class Pieces:
    """Blind pieces as arrays, for whoever adds to them before a frame is made of them.

    Args:
        row: of the target of each piece in the frame of targets.
        columns: as `blind_spots` names them.
        slivers: count, area_m2 and length_m of what was dropped.
        crs: of the geometry.
    """

    row: np.ndarray
    columns: dict[str, np.ndarray]
    slivers: dict[str, Any]
    crs: Any

    def frame(self) -> gpd.GeoDataFrame:
        """Return the pieces as `blind_spots` hands them out."""
        frame = gpd.GeoDataFrame(self.columns, geometry="geometry", crs=self.crs)
        frame.attrs["slivers"] = self.slivers
        return frame


def piece_columns(
    targets: gpd.GeoDataFrame,
    coverage: CoverageResult,
    read: Targets,
    names: list[tuple[Any, ...]],
    index: np.ndarray,
    pieces: dict[str, np.ndarray],
    *,
    nearest: bool = True,
) -> dict[str, np.ndarray]:
    """Return the columns of the pieces as `blind_spots` hands them out.

    Args:
        targets: the frame of targets.
        coverage: of `analyse`.
        read: the targets by light.
        names: what the pieces of each target are kept under.
        index: target of each piece, ascending.
        pieces: arrays by the names of `COLUMNS` and `CURE_COLUMNS`.
        nearest: whether to look for the closest camera of each; otherwise None and NaN.
    """
    row = read.row[index]
    shapes, cause = pieces["geometry"], pieces["cause"]
    obstacle_ids = coverage.scene.index.to_numpy(dtype=object)
    ref = pieces["ref"].copy()
    known = ("rows of prints", coverage.scene.digest)
    if known not in coverage.memo:
        coverage.memo[known] = {one: row for row, one in coverage.scene.obstacle_prints.items()}
    rows = coverage.memo[known]
    for i in np.flatnonzero((cause == "hidden") & (ref != None)).tolist():  # noqa: E711 - element by element
        ref[i] = ref[i] if isinstance(ref[i], str) else obstacle_ids[rows[ref[i]]]
    judged = pieces["camera"]
    closest, distance = np.full(len(shapes), None, dtype=object), np.full(len(shapes), np.nan)
    if nearest:
        closest, distance = _nearest_standing(coverage, names, index, shapes)

    def carried(column: str, default: Any) -> np.ndarray:
        if column not in targets.columns:
            return np.full(len(row), default, dtype=object)
        return targets[column].to_numpy(dtype=object)[row]

    areal = read.areal[index]
    return {
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
        "nearest_camera": closest,
        "distance_m": distance,
        "area_m2": np.where(areal, shapely.area(shapes), np.nan),
        "length_m": np.where(areal, np.nan, shapely.length(shapes)),
        "geometry": shapes,
    }
