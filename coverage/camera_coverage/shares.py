"""Shares of targets by class, and how much of what is seen rests on data that were verified on the spot."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from camera_coverage.analysis import CoverageResult
from camera_coverage.gaps import NEAR_M, known_targets, target_keys, uncovered
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.overlays import measure
from camera_coverage.targets import Targets

CLASSES = ("detect", "observe", "recognise", "identify")


def class_shares(
    targets: gpd.GeoDataFrame,
    coverage: CoverageResult,
    *,
    classes: Sequence[str] = CLASSES,
    night_hours: str = NIGHT_HOURS,
) -> pd.DataFrame:
    """Return how much of each target working cameras see at each class, whatever class the target asks for.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`.
        classes: names of the table of classes.
        night_hours: what counts as night.

    Returns:
        By target id: ``share_day_detect`` … and ``share_night_detect`` … (0 to 1; NaN where the hours of the target do not reach
        into that light, or it has no open ground).

    Raises:
        CrsError, ColumnError, GeometryError, ValueRangeError: the targets or a class cannot be used.
    """
    read = known_targets(targets, coverage, night_hours)
    table = {}
    for name in classes:
        coverage.options.classes.density(name)
        asked = dataclasses.replace(read, required_class=np.full(len(read.row), name, dtype=object))
        share = _shares(asked, coverage)
        for light in ("day", "night"):
            table[f"share_{light}_{name}"] = _spread(read, share, light, len(targets))
    order = [f"share_{light}_{name}" for light in ("day", "night") for name in classes]
    return pd.DataFrame({name: table[name] for name in order}, index=targets.index)


def verified_shares(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return how much of each target working cameras see at its class whose data were verified on the spot.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`; its cameras say ``data_quality`` "verified" where somebody checked them.
        night_hours: what counts as night.

    Returns:
        By target id: ``share_day_verified``, ``share_night_verified`` (0 to 1, at most ``share_day`` and ``share_night`` of
        `coverage_summary`; NaN where the hours do not reach into that light).

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    read = known_targets(targets, coverage, night_hours)
    share = _shares(read, coverage, only_verified=True)
    return pd.DataFrame(
        {f"share_{light}_verified": _spread(read, share, light, len(targets)) for light in ("day", "night")},
        index=targets.index,
    )


def _shares(read: Targets, coverage: CoverageResult, *, only_verified: bool = False) -> np.ndarray:
    keys = target_keys(read, coverage, NEAR_M, only_verified=only_verified)
    gaps = uncovered(read, coverage, keys, only_verified=only_verified)
    whole, unseen = measure(read.ground, read.areal), measure(gaps, read.areal)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, np.clip(1 - unseen / whole, 0, 1), np.nan)


def _spread(read: Targets, share: np.ndarray, light: str, count: int) -> np.ndarray:
    column = np.full(count, np.nan)
    here = read.light == light
    column[read.row[here]] = share[here]
    return column
