"""Cures as people and ledgers say them: directions from true north, focal lengths in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.analysis.scene import grid_azimuths


def cure_values(
    camera: Sequence[Any], params: Sequence[dict[str, Any]], cameras: gpd.GeoDataFrame
) -> list[dict[str, Any]]:
    """Return the parameters of cures with azimuths from true north, as the ledger holds them.

    Args:
        camera: of each cure, by row id; missing where none is changed.
        params: of `camera_coverage.blind_spots`, azimuths from grid north.
        cameras: of the scene.
    """
    # the grid azimuth of true north is less than zero where grid north lies east of it
    north = grid_azimuths(cameras, pd.Series(0.0, index=cameras.index)).to_dict()
    focal = cameras["focal_length_mm"].to_dict() if "focal_length_mm" in cameras.columns else {}
    found = []
    for one, given in zip(camera, params, strict=True):
        if not given or ("azimuth_deg" not in given and "focal_ratio" not in given):
            found.append(given)
            continue
        values = dict(given)
        if "azimuth_deg" in values:
            values["azimuth_deg"] = round((values["azimuth_deg"] - north[one]) % 360, 3)
        if "focal_ratio" in values and np.isfinite(length := focal.get(one) or np.nan):
            values["focal_length_mm"] = float(np.ceil(length * values["focal_ratio"] * 10) / 10)
        found.append(values)
    return found
