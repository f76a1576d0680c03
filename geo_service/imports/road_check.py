"""A wrong datum is seen by its roads: points of a town lie along them, shifted ones do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer

from geo_service.imports.datums import DATUM_NAMES, to_wgs84
from geo_service.imports.faults import Fault
from geo_service.imports.report import ImportReport
from town_model import Layer, Text, town_crs

if TYPE_CHECKING:
    from geo_service.store import Store

CANDIDATES = ("wgs84", "gcj02", "bd09")
_LEAST_POINTS = 8
_MARGIN_DEG = 0.02
# the right datum puts the median point at less than this share of the declared one's distance
_SHARE = 0.5
_TOLERATED_M = 8.0
_FAR_M = 3000.0


def median_distances(raw: np.ndarray[Any, Any], roads: np.ndarray[Any, Any], epsg: int) -> dict[str, float]:
    """Return the median distance of points to the next road, in metres, under each datum that ledgers come in.

    Args:
        raw: coordinates as the file has them, degrees, shape (n, 2).
        roads: road lines in a metric coordinate system.
        epsg: code of that system.
    """
    tree = shapely.STRtree(roads)
    onto = Transformer.from_crs(4326, epsg, always_xy=True)
    medians = {}
    for datum in CANDIDATES:
        points = shapely.points(np.column_stack(onto.transform(*to_wgs84(raw[:, 0], raw[:, 1], datum))))
        _, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
        medians[datum] = float(np.median(distance))
    return medians


def check_datum(store: Store, report: ImportReport, layer: Layer) -> None:
    """Warn when the points of a file lie off the roads as a whole, and name the datum under which they would not.

    Args:
        store: the store, with the roads of the town.
        report: takes the medians, and the warning.
        layer: the layer of the points.
    """
    rows = [one for one in report.table.accepted if one.raw is not None and one.geometry is not None]
    names = {label: datum for datum, label in DATUM_NAMES.items()}
    declared = names.get(report.table.datum)
    if layer.geometry != "point" or declared is None or len(rows) < _LEAST_POINTS or not store.count("roads"):
        return
    raw = np.array([one.raw for one in rows], dtype=np.float64)
    bounds = store.bounds("roads")
    assert bounds is not None
    west, south, east, north = bounds
    lonlat = shapely.get_coordinates(np.array([one.geometry for one in rows], dtype=object))
    # points outside the roads that we have say nothing; those of a shifted datum lie at most some 2 km out
    near = (
        (lonlat[:, 0] >= west - _MARGIN_DEG) & (lonlat[:, 0] <= east + _MARGIN_DEG)
        & (lonlat[:, 1] >= south - _MARGIN_DEG) & (lonlat[:, 1] <= north + _MARGIN_DEG)
    )  # fmt: skip
    if near.sum() < max(_LEAST_POINTS, len(rows) // 2):
        _warn(
            report,
            Text.of("most rows lie far from the roads of this town"),
            Text.of("check the datum, and whether the file is of this town"),
        )
        return
    raw = raw[near]
    x0, y0 = lonlat[near].min(axis=0)
    x1, y1 = lonlat[near].max(axis=0)
    roads = store.frame(
        "roads", bbox=(x0 - _MARGIN_DEG, y0 - _MARGIN_DEG, x1 + _MARGIN_DEG, y1 + _MARGIN_DEG), crs="metric"
    )
    if not len(roads):
        return
    epsg = store.town.epsg or town_crs(float(x0), float(y0)).to_epsg()
    assert epsg is not None
    medians = median_distances(raw, roads.geometry.to_numpy(), epsg)
    report.datum_medians_m = {datum: round(value, 1) for datum, value in medians.items()}
    read = "wgs84" if declared == "cgcs2000" else declared
    best = min(medians, key=lambda one: medians[one])
    if best != read and medians[read] > _TOLERATED_M and medians[best] < _SHARE * medians[read]:
        _warn(
            report,
            Text.of(
                "read as {declared}, the points lie off the roads as a whole (median {off:.0f} m); read as {likely} they lie along them ({near:.0f} m): the datum is probably {likely}",
                declared=DATUM_NAMES[declared],
                off=medians[read],
                likely=DATUM_NAMES[best],
                near=medians[best],
            ),
            Text.of("import again with the datum {likely}", likely=best),
        )
    elif min(medians.values()) > _FAR_M:
        _warn(
            report,
            Text.of("most rows lie far from the roads of this town"),
            Text.of("check the datum, and whether the file is of this town"),
        )


def _warn(report: ImportReport, message: Text, remedy: Text) -> None:
    report.table.faults.append(
        Fault(row=0, column="", cell="", severity="warning", message=message, remedy=remedy)
    )
