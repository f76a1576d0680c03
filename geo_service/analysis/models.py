"""What a camera's model says of it where its own row is silent."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

#: Columns of `camera_sites` that a model of the same column fills.
_FILLED = ("sensor_width_mm", "resolution_px_h", "resolution_px_v", "ir_range_m")


def with_models(cameras: gpd.GeoDataFrame, models: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return cameras with what their models say of sensor, lens, resolution and infrared reach.

    What a row states itself always wins. A row that states neither view nor focal length has those of its model; of a
    zoom lens the wide end, since nobody said otherwise. A row with a focal length of its own keeps it, on the sensor of the model.

    Args:
        cameras: rows of ``camera_sites`` with their column ``model``.
        models: rows of ``camera_models`` by id.

    Returns:
        The same rows, with ``sensor_height_mm`` as well.
    """
    result = cameras.assign(sensor_height_mm=np.nan)
    if cameras.empty or models.empty or cameras["model"].isna().all():
        return result
    model = models.reindex(pd.to_numeric(cameras["model"], errors="coerce").to_numpy())
    model.index = cameras.index
    own_lens = cameras["hfov_deg"].notna() | cameras["focal_length_mm"].notna()
    # a sensor belongs to its height; one of another width does not
    own_sensor = cameras["sensor_width_mm"].notna() & (cameras["sensor_width_mm"] != model["sensor_width_mm"])
    result["sensor_height_mm"] = model["sensor_height_mm"].mask(own_sensor)
    filled = {name: cameras[name].fillna(model[name]) for name in _FILLED}
    # a resolution comes as a pair
    odd = cameras["resolution_px_h"].notna() & (cameras["resolution_px_h"] != model["resolution_px_h"])
    filled["resolution_px_v"] = cameras["resolution_px_v"].fillna(model["resolution_px_v"].mask(odd))
    filled["hfov_deg"] = cameras["hfov_deg"].fillna(model["hfov_deg"].mask(own_lens))
    filled["focal_length_mm"] = cameras["focal_length_mm"].fillna(
        model["focal_length_min_mm"].mask(own_lens | model["hfov_deg"].notna())
    )
    return gpd.GeoDataFrame(result.assign(**filled), geometry="geometry", crs=cameras.crs)
