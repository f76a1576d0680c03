"""How well a camera's position, direction, lens and height are known."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from town_model import Text, ValueRangeError

#: Columns of a table of tolerances, and the column of the camera that each is about.
COLUMNS = {
    "position_tolerance_m": "geometry",
    "azimuth_tolerance_deg": "azimuth_deg",
    "tilt_tolerance_deg": "tilt_deg",
    "mount_height_tolerance_m": "mount_height_m",
    "hfov_tolerance_deg": "hfov_deg",
}
#: The largest tolerance of each column that has a meaning.
LARGEST = {
    "position_tolerance_m": 100.0,
    "azimuth_tolerance_deg": 180.0,
    "tilt_tolerance_deg": 90.0,
    "mount_height_tolerance_m": 50.0,
    "hfov_tolerance_deg": 180.0,
}


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """Half widths: the true value lies within plus or minus so much of the stated one.

    Args:
        position_tolerance_m: east and north, each.
        azimuth_tolerance_deg: direction.
        tilt_tolerance_deg: tilt.
        mount_height_tolerance_m: height of the eye.
        hfov_tolerance_deg: horizontal view; the vertical one follows it.
    """

    position_tolerance_m: float
    azimuth_tolerance_deg: float
    tilt_tolerance_deg: float
    mount_height_tolerance_m: float
    hfov_tolerance_deg: float


#: Measured on the spot with compass, tape and phone.
VERIFIED = Tolerance(
    position_tolerance_m=0.5,
    azimuth_tolerance_deg=3.0,
    tilt_tolerance_deg=2.0,
    mount_height_tolerance_m=0.3,
    hfov_tolerance_deg=2.0,
)
#: As ledgers state it: one of eight directions (GB/T 28181), a height by eye.
ESTIMATED = Tolerance(
    position_tolerance_m=3.0,
    azimuth_tolerance_deg=22.5,
    tilt_tolerance_deg=10.0,
    mount_height_tolerance_m=1.0,
    hfov_tolerance_deg=5.0,
)
#: The ledger says nothing and a default was taken.
MISSING = Tolerance(
    position_tolerance_m=3.0,
    azimuth_tolerance_deg=180.0,
    tilt_tolerance_deg=15.0,
    mount_height_tolerance_m=2.0,
    hfov_tolerance_deg=20.0,
)


def tolerances(
    cameras: gpd.GeoDataFrame,
    *,
    verified: Tolerance = VERIFIED,
    estimated: Tolerance = ESTIMATED,
    missing: Tolerance = MISSING,
) -> pd.DataFrame:
    """Return the tolerances of cameras.

    A column of the frame that is named like a tolerance (``azimuth_tolerance_deg`` …) wins where it is given; otherwise a
    value that is missing has the tolerance of `MISSING`, and one that is given that of its ``data_quality``.

    Args:
        cameras: as for `visible_areas`, optionally with ``data_quality`` ("verified", otherwise "estimated").
        verified: of values measured on the spot.
        estimated: of values from a ledger.
        missing: of values that were assumed.

    Returns:
        By camera id, the columns `COLUMNS`, half widths.

    Raises:
        ValueRangeError: a given tolerance is below zero or too large, by camera.
    """
    sure = np.zeros(len(cameras), dtype=bool)
    if "data_quality" in cameras.columns:
        sure = cameras["data_quality"].eq("verified").to_numpy(dtype=bool, na_value=False)
    table: dict[str, np.ndarray] = {}
    faults: list[Text] = []
    good, fair, none = asdict(verified), asdict(estimated), asdict(missing)
    for name, about in COLUMNS.items():
        value = np.where(sure, good[name], fair[name])
        if about != "geometry":
            absent = (
                cameras[about].isna().to_numpy()
                if about in cameras.columns
                else np.ones(len(cameras), dtype=bool)
            )
            if about == "hfov_deg" and "focal_length_mm" in cameras.columns:
                absent = absent & cameras["focal_length_mm"].isna().to_numpy()
            value = np.where(absent, none[name], value)
        if name in cameras.columns:
            given = pd.to_numeric(cameras[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            wrong = np.flatnonzero((given < 0) | (given > LARGEST[name]))
            faults += [
                Text.of(
                    "camera {camera}: {column} is {value}, which lies outside 0 to {high:g}",
                    camera=cameras.index[i],
                    column=name,
                    value=float(given[i]),
                    high=LARGEST[name],
                )
                for i in wrong
            ]
            value = np.where(np.isnan(given), value, given)
        table[name] = value
    if faults:
        raise ValueRangeError(faults)
    return pd.DataFrame(table, index=cameras.index)
