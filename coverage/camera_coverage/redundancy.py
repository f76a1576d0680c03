"""Redundancy: how many cameras watch the same ground, and what is lost when one of them fails."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.gaps import NEAR_M, known_targets, target_keys
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.overlays import measure, polygonal
from camera_coverage.targets import Targets, groups
from town_model import ValueRangeError

_LEAST_M2, _LEAST_M = 1e-3, 1e-3  # less of a target is rounding
_LEVELS = 3  # computed at once, since most questions ask for so many


@dataclass(frozen=True)
class _Watch:
    """Which working camera sees which part of which target.

    Args:
        entry: of the target and light in `Targets`, ascending.
        camera: row of the camera.
        share: the ground of the target that it sees, in its measure.
        area: what it sees there as a polygon: lines are only ever cut by polygons, because pieces of one skew line
            have rounded ends and no longer overlap each other.
    """

    entry: np.ndarray
    camera: np.ndarray
    share: np.ndarray
    area: np.ndarray


def _watch(read: Targets, coverage: CoverageResult, cameras: np.ndarray | None = None) -> _Watch:
    working = np.flatnonzero(coverage.working if cameras is None else cameras)
    boxes = shapely.box(*(shapely.bounds(read.ground) + np.array([-1, -1, 1, 1])).T)
    found = []
    for name, light, rows in groups(read, np.ones(len(read.row), dtype=bool)):
        areas = coverage.areas(name, light)[working]
        target, camera = shapely.STRtree(areas).query(read.ground[rows], predicate="intersects")
        entry, area = rows[target], areas[camera]
        area = polygonal(
            shapely.intersection(area, np.where(read.areal[entry], read.ground[entry], boxes[entry]))
        )
        lines = ~read.areal[entry]
        share = measure(area, read.areal[entry])
        share[lines] = shapely.length(shapely.intersection(read.ground[entry[lines]], area[lines]))
        some = share > np.where(lines, _LEAST_M, _LEAST_M2)
        found.append((entry[some], working[camera[some]], share[some], area[some]))
    if not found:
        none = np.empty(0, dtype=np.int64)
        return _Watch(none, none, np.empty(0), np.empty(0, dtype=object))
    entry, row, share, area = (np.concatenate(one) for one in zip(*found, strict=True))
    order = np.lexsort((row, entry))
    return _Watch(entry[order], row[order], share[order], area[order])


def _levels(read: Targets, watch: _Watch, levels: int) -> list[np.ndarray]:
    """Return, for k = 1 … levels, the polygon at each target that at least k cameras see.

    One camera after the other is laid over all targets at once: what k − 1 saw before and this one sees, k see.
    """
    count = len(read.row)
    result = [np.full(count, shapely.Polygon(), dtype=object) for _ in range(levels)]
    first = np.searchsorted(watch.entry, np.arange(count))
    rank = np.arange(len(watch.entry)) - first[watch.entry]
    for step in range(int(rank.max()) + 1 if len(rank) else 0):
        here = np.flatnonzero(rank == step)
        target, seen = watch.entry[here], watch.area[here]
        for level in range(min(levels, step + 1) - 1, 0, -1):
            both = shapely.intersection(result[level - 1][target], seen)
            result[level][target] = polygonal(shapely.union(result[level][target], polygonal(both)))
        result[0][target] = shapely.union(result[0][target], seen)
    return result


def _known_levels(
    read: Targets, coverage: CoverageResult, levels: int = _LEVELS
) -> tuple[_Watch, list[np.ndarray]]:
    """Return `_watch` of the working cameras and its `_levels`, from the memo where nothing around the targets has changed."""
    # the rows of cameras and targets belong to the key: they move when others come and go
    rows = f"{coverage.cameras.index.tolist()} {read.row.tolist()}"
    keys = hashlib.blake2b(
        "".join([rows, *target_keys(read, coverage, NEAR_M)]).encode(), digest_size=16
    ).digest()
    known = coverage.memo.get("levels")
    if known is None or known[0] != keys or len(known[2]) < levels:
        watch = _watch(read, coverage)
        known = coverage.memo["levels"] = (keys, watch, _levels(read, watch, max(levels, _LEVELS)))
    return known[1], known[2][:levels]


def _seen(read: Targets, polygons: np.ndarray) -> np.ndarray:
    """Return how much of the ground of each target lies in its polygon, in its measure."""
    result = measure(polygons, read.areal)
    lines = ~read.areal
    result[lines] = shapely.length(shapely.intersection(read.ground[lines], polygons[lines]))
    return result


def redundancy(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, *, levels: int = 3, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return the share of each target that at least 1, 2, … working cameras see at its required class.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`.
        levels: how many cameras at most are asked for.
        night_hours: what counts as night.

    Returns:
        By target id: ``share_day_1`` … and ``share_night_1`` … (0 to 1; NaN where the hours of the target do not reach
        into that light, or it has no open ground). ``share_day_1`` is the ``share_day`` of `coverage_summary`.

    Raises:
        ValueRangeError: fewer than one level.
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    if levels < 1:
        raise ValueRangeError("redundancy needs at least one level, not {levels}", levels=levels)
    read = known_targets(targets, coverage, night_hours)
    size = measure(read.ground, read.areal)
    table = {}
    for level, seen in enumerate(_known_levels(read, coverage, levels)[1], start=1):
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(size > 0, np.clip(_seen(read, seen) / size, 0, 1), np.nan)
        for light in ("day", "night"):
            column = np.full(len(targets), np.nan)
            here = read.light == light
            column[read.row[here]] = share[here]
            table[f"share_{light}_{level}"] = column
    order = [f"share_{light}_{level}" for light in ("day", "night") for level in range(1, levels + 1)]
    return pd.DataFrame({name: table[name] for name in order}, index=targets.index)


def critical_cameras(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return what is lost when each working camera fails (N−1), the gravest failure first.

    Ground is lost where this camera alone sees it at the required class; ground that a second one sees is not.

    Args:
        targets: as for `blind_spots`; column ``priority`` (1 is the highest) orders the ranking where it is given.
        coverage: of `analyse`.
        night_hours: what counts as night.

    Returns:
        By camera id, only cameras whose failure costs something: ``lost_area_m2``, ``lost_length_m`` (each the larger of
        day and night, summed over targets), ``targets`` (ids of the targets that lose, the gravest loss first) and
        ``highest_priority`` of these. Sorted by priority, then by the greatest share of one target that is lost
        (``worst_share``), then by area and length.

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    read = known_targets(targets, coverage, night_hours)
    watch, (_, twice) = _known_levels(read, coverage, 2)
    lost = _beyond(read, watch, twice)
    columns = ["lost_area_m2", "lost_length_m", "worst_share", "highest_priority", "targets"]
    return _ranked(targets, coverage, read, watch, lost, columns)


def repair_gains(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return what is gained when each camera that stands out of order is repaired, the greatest gain first.

    Ground is gained where the camera would see it at the required class and no working camera does.

    Args:
        targets: as for `blind_spots`; column ``priority`` (1 is the highest) orders the ranking where it is given.
        coverage: of `analyse`.
        night_hours: what counts as night.

    Returns:
        By camera id, only cameras whose repair gains something: ``gained_area_m2``, ``gained_length_m`` (each the larger of day and
        night, summed over targets), ``best_share`` (the greatest share of one target that is gained), ``highest_priority``
        and ``targets`` (ids, the greatest gain first). Sorted like `critical_cameras`.

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    read = known_targets(targets, coverage, night_hours)
    _, (once,) = _known_levels(read, coverage, 1)
    watch = _watch(read, coverage, coverage.standing & ~coverage.working)
    gained = _beyond(read, watch, once)
    columns = ["gained_area_m2", "gained_length_m", "best_share", "highest_priority", "targets"]
    return _ranked(targets, coverage, read, watch, gained, columns)


def share_changes(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return for each camera and target the share that working cameras see without this one, and with it.

    A camera that works is taken away, one that does not (out of order, or planned) is added, each alone. The shares are those that
    `coverage_summary` gives for such a town: computed from the areas, not estimated.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`; all its cameras are asked, whatever their status.
        night_hours: what counts as night.

    Returns:
        A row a camera, target and light (``day``, ``night``) in which the share changes: ``camera``, ``target``, ``light``,
        ``without``, ``with_it`` (0 to 1), in the order of cameras and targets.

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    read = known_targets(targets, coverage, night_hours)
    watch, (once, twice) = _known_levels(read, coverage, 2)
    size = measure(read.ground, read.areal)
    seen = _seen(read, once)
    parts = []
    for one, others, works in (
        (watch, twice, True),
        (_watch(read, coverage, ~coverage.working), once, False),
    ):
        change = _beyond(read, one, others)
        now = seen[one.entry]
        shares = np.stack([now - change, now] if works else [now, now + change])
        shares = np.clip(
            np.divide(shares, size[one.entry], out=np.zeros_like(shares), where=size[one.entry] > 0), 0, 1
        )
        some = change > 0
        parts.append((one.camera[some], one.entry[some], *shares[:, some]))
    camera, entry, without, with_it = (np.concatenate(one) for one in zip(*parts, strict=True))
    order = np.lexsort((entry, camera))
    return pd.DataFrame(
        {
            "camera": coverage.cameras.index.to_numpy()[camera[order]],
            "target": targets.index.to_numpy(dtype=object)[read.row[entry[order]]],
            "light": read.light[entry[order]],
            "without": without[order],
            "with_it": with_it[order],
        }
    )


def _beyond(read: Targets, watch: _Watch, others: np.ndarray) -> np.ndarray:
    """Return how much of what each camera sees of a target lies outside of the polygon at that target."""
    areal = read.areal[watch.entry]
    shared = shapely.intersection(watch.area, others[watch.entry])
    backed = measure(shared, areal)
    lines = ~areal
    backed[lines] = shapely.length(shapely.intersection(read.ground[watch.entry[lines]], shared[lines]))
    alone = watch.share - backed
    alone[alone <= np.where(areal, _LEAST_M2, _LEAST_M)] = 0.0
    return alone


def _ranked(
    targets: gpd.GeoDataFrame,
    coverage: CoverageResult,
    read: Targets,
    watch: _Watch,
    amount: np.ndarray,
    columns: list[str],
) -> pd.DataFrame:
    """Return amounts by camera and target as a row a camera, the gravest first; columns: area, length, share, priority, targets."""
    area, length, share, highest, ids_of = columns
    size = measure(read.ground, read.areal)[watch.entry]
    pairs = pd.DataFrame(
        {
            "camera": watch.camera,
            "target": read.row[watch.entry],
            "areal": read.areal[watch.entry],
            "amount": amount,
            "share": np.divide(amount, size, out=np.zeros_like(amount), where=size > 0),
        }
    )
    pairs = pairs[pairs["amount"] > 0]
    # a target that is lost by day and by night is lost once
    pairs = pairs.groupby(["camera", "target", "areal"], as_index=False).max()
    priority = np.full(len(targets), np.inf)
    if "priority" in targets.columns:
        priority = pd.to_numeric(targets["priority"], errors="coerce").to_numpy(dtype=float, na_value=np.inf)
        priority[np.isnan(priority)] = np.inf
    pairs["priority"] = priority[pairs["target"].to_numpy()]
    ids = targets.index.to_numpy(dtype=object)
    rows = [
        {
            "camera": coverage.cameras.index[camera],
            area: float(mine.loc[mine["areal"], "amount"].sum()),
            length: float(mine.loc[~mine["areal"], "amount"].sum()),
            share: float(mine["share"].max()),
            highest: float(mine["priority"].min()),
            ids_of: ids[mine["target"].to_numpy()].tolist(),
        }
        for camera, mine in pairs.sort_values(["priority", "share"], ascending=[True, False]).groupby(
            "camera"
        )
    ]
    frame = pd.DataFrame(rows, columns=["camera", *columns])
    frame[highest] = frame[highest].replace(np.inf, np.nan)
    frame = frame.sort_values(
        [highest, share, area, length],
        ascending=[True, False, False, False],
        na_position="last",
        kind="stable",
    )
    return frame.set_index("camera")
