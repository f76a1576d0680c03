"""What the bands of certainty mean for targets: shares surely and possibly seen, and whom to check on the spot."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.certainty import CoverageBands
from camera_coverage.gaps import known_targets
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.overlays import measure, only, touching
from camera_coverage.targets import groups

#: How much a place of each priority weighs in the checking list.
_WEIGHTS = {1: 3.0, 2: 2.0, 3: 1.0}


def certain_shares(
    targets: gpd.GeoDataFrame, bands: CoverageBands, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return which share of each target working cameras surely and possibly see at its required class.

    Args:
        targets: as for `blind_spots`.
        bands: of `coverage_bands`.
        night_hours: what counts as night.

    Returns:
        By target id: ``share_day_sure``, ``share_day_possible``, ``share_night_sure``, ``share_night_possible`` (0 to 1; NaN where a
        light is not judged). The share of `coverage_summary` lies between the two.

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    coverage = bands.coverage
    read = known_targets(targets, coverage, night_hours)
    size = measure(read.ground, read.areal)
    table = {
        f"share_{light}_{band}": np.full(len(targets), np.nan)
        for light in ("day", "night")
        for band in ("sure", "possible")
    }
    for name, light, rows in groups(read, np.ones(len(read.row), dtype=bool)):
        for band, areas in (("sure", bands.sure(name, light)), ("possible", bands.possible(name, light))):
            seen = _seen(read.ground[rows], only(areas, coverage.working))
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.clip(measure(seen, read.areal[rows]) / size[rows], 0, 1)
            table[f"share_{light}_{band}"][read.row[rows]] = share
    return pd.DataFrame(table, index=targets.index)


def _seen(ground: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Return what of each piece of ground lies in any of the areas."""
    rows, united = touching(ground, areas)
    result = np.full(len(ground), shapely.Polygon(), dtype=object)
    result[rows] = shapely.intersection(ground[rows], united)
    return result


def checking_list(
    targets: gpd.GeoDataFrame, bands: CoverageBands, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return the cameras whose check on the spot would remove most doubt, first things first (核查清单).

    In doubt is the ground of a target that a camera possibly sees, and that no working camera surely sees.

    Args:
        targets: as for `blind_spots`; ``priority`` weighs 3, 2, 1 for 1, 2, 3 (and 1 where it is missing).
        bands: of `coverage_bands`.
        night_hours: what counts as night.

    Returns:
        By camera id, only working cameras with ground in doubt: ``doubt_area_m2``, ``doubt_length_m`` (the larger of day and
        night, summed over targets), ``targets`` (ids, most doubtful first), ``score`` (sum over targets of weight × share of the target
        in doubt); ordered by score.

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    coverage = bands.coverage
    read = known_targets(targets, coverage, night_hours)
    weight = np.ones(len(targets))
    if "priority" in targets.columns:
        weight = (
            pd.to_numeric(targets["priority"], errors="coerce")
            .map(_WEIGHTS)
            .fillna(1.0)
            .to_numpy(dtype=float)
        )
    parts = []
    for name, light, rows in groups(read, np.ones(len(read.row), dtype=bool)):
        areas = only(bands.possible(name, light), coverage.working)
        # lines are cut by polygons only: pieces of one skew line have rounded ends and do not overlap
        known = only(bands.sure(name, light), coverage.working)
        some = np.flatnonzero(~shapely.is_empty(areas))
        target, camera = shapely.STRtree(areas[some]).query(read.ground[rows], predicate="intersects")
        camera = some[camera]
        areal = read.areal[rows[target]]
        which, united = touching(areas[camera], known)
        open_area = areas[camera].copy()
        open_area[which] = shapely.difference(open_area[which], united)
        doubt = measure(shapely.intersection(read.ground[rows[target]], open_area), areal)
        size = measure(read.ground[rows], read.areal[rows])[target]
        parts.append(
            pd.DataFrame(
                {
                    "camera": camera,
                    "target": read.row[rows[target]],
                    "areal": areal,
                    "doubt": doubt,
                    "share": np.divide(doubt, size, out=np.zeros_like(doubt), where=size > 0),
                }
            )
        )
    pairs = (
        pd.concat(parts) if parts else pd.DataFrame(columns=["camera", "target", "areal", "doubt", "share"])
    )
    pairs = pairs[pairs["doubt"] > 1e-3].groupby(["camera", "target", "areal"], as_index=False).max()
    pairs["score"] = pairs["share"] * weight[pairs["target"].to_numpy(dtype=np.int64)]
    ids = targets.index.to_numpy(dtype=object)
    rows_out = [
        {
            "camera": coverage.cameras.index[camera],
            "doubt_area_m2": float(mine.loc[mine["areal"], "doubt"].sum()),
            "doubt_length_m": float(mine.loc[~mine["areal"], "doubt"].sum()),
            "score": float(mine["score"].sum()),
            "targets": ids[mine["target"].to_numpy(dtype=np.int64)].tolist(),
        }
        for camera, mine in pairs.sort_values("score", ascending=False)
        .astype({"areal": bool})
        .groupby("camera")
    ]
    columns = ["camera", "doubt_area_m2", "doubt_length_m", "score", "targets"]
    frame = pd.DataFrame(rows_out, columns=columns)
    return frame.sort_values("score", ascending=False, kind="stable").set_index("camera")
