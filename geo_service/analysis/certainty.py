"""How sure coverage is: tolerances as the station states them, bands of the town, and whom to check on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage import (
    CoverageBands,
    CoverageResult,
    Tolerance,
    certain_shares,
    checking_list,
    coverage_bands,
    tolerances,
)
from camera_coverage.tolerances import COLUMNS, ESTIMATED, LARGEST, MISSING, VERIFIED
from geo_service.store import Store
from town_model import InputError, Text

#: How well values are known, from well to badly: measured on the spot, from the ledger, not entered.
QUALITIES: dict[str, tuple[Text, Tolerance]] = {
    "verified": (Text("Measured on the spot"), VERIFIED),
    "estimated": (Text("From the ledger"), ESTIMATED),
    "missing": (Text("Not entered"), MISSING),
}
#: What each tolerance is about, and its unit.
QUANTITIES: dict[str, tuple[Text, str]] = {
    "azimuth_tolerance_deg": (Text("Azimuth"), "°"),
    "tilt_tolerance_deg": (Text("Tilt"), "°"),
    "mount_height_tolerance_m": (Text("Mount height"), "m"),
    "hfov_tolerance_deg": (Text("Horizontal view"), "°"),
    "position_tolerance_m": (Text("Position"), "m"),
}
BANDS = {"sure": Text("Surely seen"), "possible": Text("Possibly seen")}
_LIGHTS: tuple[Literal["day", "night"], ...] = ("day", "night")


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    """How well the values of cameras are known, by where they come from; half widths.

    Args:
        verified: of values measured on the spot.
        estimated: of values from the ledger; its azimuth is that of the eight compass words, a finer one is known to 10° or this.
        missing: of values that the ledger leaves out.
    """

    verified: Tolerance = VERIFIED
    estimated: Tolerance = ESTIMATED
    missing: Tolerance = MISSING

    @classmethod
    def read(cls, given: Mapping[str, Any] | None, base: Tolerances | None = None) -> Tolerances:
        """Return tolerances from numbers by name, such as ``estimated.azimuth_tolerance_deg``; what is not given stays as in `base`.

        Raises:
            InputError: a name is unknown, or a number lies outside of its range; all faults at once.
        """
        sets = {name: getattr(base or cls(), name) for name in QUALITIES}
        faults: list[Text] = []
        for key, value in (given or {}).items():
            quality, _, quantity = str(key).partition(".")
            if quality not in sets or quantity not in COLUMNS:
                known = ", ".join(f"{one}.{other}" for one in QUALITIES for other in COLUMNS)
                faults.append(
                    Text.of(
                        "there is no tolerance {name!r}: use one of {known}", name=str(key)[:60], known=known
                    )
                )
                continue
            try:
                number = float(value)
            except (TypeError, ValueError):
                number = float("nan")
            if not 0 <= number <= LARGEST[quantity]:
                words, unit = QUANTITIES[quantity]
                faults.append(
                    Text.of(
                        "{quality}, {quantity}: {value!r} is no number from 0 to {high:g} {unit}",
                        quality=QUALITIES[quality][0], quantity=words, value=str(value)[:40], high=LARGEST[quantity], unit=unit,
                    )
                )  # fmt: skip
                continue
            sets[quality] = replace(sets[quality], **{quantity: number})
        if faults:
            raise InputError(faults)
        return cls(**sets)

    def numbers(self) -> dict[str, float]:
        """Return all tolerances by name."""
        return {
            f"{quality}.{quantity}": float(value)
            for quality in QUALITIES
            for quantity, value in asdict(getattr(self, quality)).items()
        }


def stated_tolerances(store: Store) -> Tolerances:
    """Return the tolerances that the newest coverage was computed with: what a station stated once holds until it states otherwise."""
    last = store.latest_result("coverage")
    given = (last.options.get("tolerances") if last is not None else None) or {}
    try:
        return Tolerances.read(given)
    except InputError:  # of another version
        return Tolerances()


def camera_tolerances(cameras: gpd.GeoDataFrame, stated: Tolerances) -> pd.DataFrame:
    """Return the tolerances of each camera.

    Args:
        cameras: of `analysis.scene`, where ``azimuth_known_to_deg`` tells compass words from finer directions.
        stated: by where values come from.
    """
    table = tolerances(cameras, verified=stated.verified, estimated=stated.estimated, missing=stated.missing)
    if "azimuth_known_to_deg" in cameras.columns:
        fine = (
            cameras["azimuth_deg"].notna()
            & ~cameras["data_quality"].eq("verified")
            & cameras["azimuth_known_to_deg"].lt(ESTIMATED.azimuth_tolerance_deg)
        )
        table.loc[fine, "azimuth_tolerance_deg"] = np.minimum(
            table.loc[fine, "azimuth_tolerance_deg"], cameras.loc[fine, "azimuth_known_to_deg"]
        )
    return table


@dataclass(frozen=True, eq=False)
class Certainty:
    """How sure the coverage of a town is.

    Args:
        shares: of targets surely and possibly seen, by target.
        checking: cameras to check on the spot, first things first: ``camera``, ``camera_name``, ``doubt_area_m2``, ``doubt_length_m``,
            ``score``, ``targets`` (how many are in doubt), ``worst_target``, ``data_quality``, the tolerances, and its place.
        bands: ``light``, ``band`` (``sure``; ``possible``: without what is sure), ``area_m2`` and the ground, at the shown class.
        figures: for the summary.
    """

    shares: pd.DataFrame
    checking: gpd.GeoDataFrame
    bands: gpd.GeoDataFrame
    figures: dict[str, Any]


def certainty_of(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, stated: Tolerances, shown_class: str
) -> Certainty:
    """Return how sure the coverage of a town is.

    Args:
        targets: what is to be watched, with ``name`` and ``kind``.
        coverage: of working and other cameras.
        stated: tolerances.
        shown_class: class of the bands on the map.
    """
    cameras = coverage.cameras
    table = camera_tolerances(cameras, stated)
    bands = coverage_bands(coverage, tolerance=table)
    shares = certain_shares(targets, bands)
    ground = _ground(bands, shown_class)
    checking = checking_list(targets, bands).reset_index()
    names = targets["name"].fillna("").astype(str)
    checking.insert(1, "camera_name", checking["camera"].map(cameras["name"].fillna("")))
    checking["worst_target"] = [names.get(one[0], "") for one in checking["targets"]]
    checking["targets"] = [len(one) for one in checking["targets"]]
    checking = checking.join(table, on="camera").join(
        pd.DataFrame(cameras[["data_quality", "geometry"]]), on="camera"
    )
    working = coverage.working
    figures: dict[str, Any] = {
        "verified": int((cameras["data_quality"].eq("verified") & working).sum()),
        "to_check": len(checking),
        "doubt_m2": float(checking["doubt_area_m2"].sum()),
        "doubt_m": float(checking["doubt_length_m"].sum()),
    }
    for row in ground.itertuples():
        figures[f"{row.band}_{row.light}_m2"] = float(row.area_m2)
    return Certainty(
        shares, gpd.GeoDataFrame(checking, geometry="geometry", crs=cameras.crs), ground, figures
    )


def _ground(bands: CoverageBands, shown_class: str) -> gpd.GeoDataFrame:
    """Return what working cameras surely and possibly see of the town, in both lights."""
    working = bands.coverage.working
    rows = []
    for light in _LIGHTS:
        sure = shapely.union_all(bands.sure(shown_class, light)[working])
        possible = shapely.union_all(bands.possible(shown_class, light)[working])
        for band, area in (("sure", sure), ("possible", shapely.difference(possible, sure))):
            rows.append({"light": light, "band": band, "area_m2": float(area.area), "geometry": area})
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=bands.coverage.cameras.crs)
