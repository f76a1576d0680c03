"""Roads as people know them: all lines of one name together, how much of them is seen, and the longest run that is not."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.gaps import NEAR_M, known_targets, target_keys, uncovered
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.overlays import gather, lineals


def road_runs(
    roads: gpd.GeoDataFrame, coverage: CoverageResult, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return of each road what working cameras see of it, and its longest stretch that none sees, without a break.

    A map cuts a road into many lines; those of one name that meet end to end make one run. A line without a name is a road of its own.

    Args:
        roads: lines by id, as targets for `blind_spots`; column ``name``.
        coverage: of `analyse`.
        night_hours: what counts as night.

    Returns:
        By road (its name, or the id of a line without one): ``name``, ``lines`` (how many), ``length_m``, and for day and night
        ``seen_day_m``, ``seen_per_km_day`` (metres seen per kilometre) and ``longest_unseen_day_m``; NaN where the hours do not
        reach into that light.

    Raises:
        CrsError, ColumnError, GeometryError: the roads cannot be used.
    """
    read = known_targets(roads, coverage, night_hours)
    gaps = uncovered(read, coverage, target_keys(read, coverage, NEAR_M))
    names = (
        roads["name"].fillna("").astype(str).to_numpy()
        if "name" in roads.columns
        else np.full(len(roads), "")
    )
    keys = pd.Series([name or str(one) for name, one in zip(names, roads.index, strict=True)])
    road, titles = pd.factorize(keys)
    length = np.bincount(road, shapely.length(roads.geometry.to_numpy()), minlength=len(titles))
    table: dict[str, np.ndarray] = {
        "name": np.array([names[i] for i in np.unique(road, return_index=True)[1]], dtype=object),
        "lines": np.bincount(road, minlength=len(titles)),
        "length_m": length,
    }
    for light in ("day", "night"):
        here = np.flatnonzero(read.light == light)
        owner = road[read.row[here]]
        whole = np.bincount(owner, shapely.length(read.ground[here]), minlength=len(titles))
        rows, united = gather(owner, gaps[here])
        longest, unseen = np.zeros(len(titles)), np.zeros(len(titles))
        parts, of = shapely.get_parts(lineals(united), return_index=True)
        np.maximum.at(longest, rows[of], shapely.length(parts))
        np.add.at(unseen, rows[of], shapely.length(parts))
        judged = np.bincount(owner, minlength=len(titles)) > 0
        seen = np.where(judged, np.maximum(whole - unseen, 0), np.nan)
        table[f"seen_{light}_m"] = seen
        with np.errstate(invalid="ignore", divide="ignore"):
            table[f"seen_per_km_{light}"] = np.where(whole > 0, 1000 * seen / whole, np.nan)
        table[f"longest_unseen_{light}_m"] = np.where(judged, longest, np.nan)
    return pd.DataFrame(table, index=pd.Index(titles, name="road"))
