"""Where the rows of a file lie: coordinates from cells or geometries into WGS-84, with what is wrong about them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo_service.imports.datums import DATUM_NAMES, is_geographic, parse_datum, to_wgs84
from geo_service.imports.faults import CellError
from geo_service.imports.values.angles import parse_degrees
from geo_service.imports.values.numbers import parse_number
from geo_service.imports.values.plain import fold, is_empty
from town_model import CrsError, Text

_CORRECT = Text("write longitude and latitude of the place")
_SWAPPED = Text("exchange the two cells")
# beyond this a point is called far from the rest, when the rest lies close together
_FAR_DEG = 1.0
_NEAR_DEG = 0.5


@dataclass(frozen=True)
class Place:
    """The coordinates of one row before they are converted.

    Args:
        x: longitude or easting; NaN where missing.
        y: latitude or northing; NaN where missing.
    """

    x: float = math.nan
    y: float = math.nan


@dataclass(frozen=True)
class PlaceFault:
    """What is wrong with a row's place; `part` says in which of its columns (``lon``, ``lat``)."""

    part: str
    message: Text
    remedy: Text
    refuses: bool = True


def choose_datum(
    carried: str, declared: str | int | None, kind: str, sample: np.ndarray[Any, Any] | None
) -> tuple[str | CRS, str, Text]:
    """Return the datum to read coordinates in, its name, and where it was said.

    Args:
        carried: the coordinate system that the file carries; empty where it carries none.
        declared: the datum that was declared with the import, or None.
        kind: kind of the file.
        sample: some coordinates of the file, shape (n, 2), to tell whether two systems are the same.

    Raises:
        CrsError: none is known; the file's own is unknown; or file and declaration contradict each other.
    """
    named = None if declared in (None, "") else parse_datum(declared)
    if carried:
        try:
            crs = CRS.from_user_input(carried)
        except CRSError:
            raise CrsError(
                "the coordinate system that the file carries is not understood: {crs}", crs=carried[:120]
            ) from None
        code = crs.to_epsg(min_confidence=60)
        own: str | CRS = parse_datum(code) if code and len(crs.axis_info) == 2 else crs
        label = DATUM_NAMES.get(own, own) if isinstance(own, str) else crs.name
        if named is not None and not _same(own, named, sample):
            raise CrsError(
                "the file says {own}, but {declared} was declared: leave out the declaration, or correct the file",
                own=label,
                declared=DATUM_NAMES.get(named, named),
            )
        return own, label, Text.of("the file carries it")
    if named is not None:
        return named, DATUM_NAMES.get(named, named), Text.of("as declared")
    if kind in {"geojson", "kml", "kmz"}:
        return "wgs84", "WGS-84", Text.of("the standard of this format")
    raise CrsError(
        "the file does not say in which datum its coordinates are: declare wgs84, cgcs2000, gcj02 (Amap, Tencent), bd09 (Baidu) or an EPSG code"
    )


def _same(own: str | CRS, named: str, sample: np.ndarray[Any, Any] | None) -> bool:
    """Whether two systems put the coordinates of a file at the same places, to a metre."""
    plain = {"wgs84", "cgcs2000"}
    if own == named or (own in plain and named in plain):
        return True
    if named in {"gcj02", "bd09"} or own in {"gcj02", "bd09"} or is_geographic(own) != is_geographic(named):
        return False
    if sample is None or not len(sample):
        return False
    one, other = to_wgs84(sample[:, 0], sample[:, 1], own), to_wgs84(sample[:, 0], sample[:, 1], named)
    return bool(np.allclose(one[0], other[0], atol=1e-5) and np.allclose(one[1], other[1], atol=1e-5))


def parse_coordinate(cell: object, geographic: bool) -> float:
    """Return the coordinate in a cell; NaN where the cell is empty.

    Raises:
        CellError: it is none.
    """
    if cell is None:
        return math.nan
    if isinstance(cell, bool):
        raise CellError(Text.of("“{value}” is no coordinate", value=str(cell)), _CORRECT)
    if isinstance(cell, int | float):
        if not math.isfinite(cell):
            raise CellError(Text.of("“{value}” is no coordinate", value=str(cell)), _CORRECT)
        return float(cell)
    text = fold(str(cell))
    if is_empty(text):
        return math.nan
    if geographic:
        return parse_degrees(text)
    return parse_number(text, "m")[0]


def parse_pair(cell: object, geographic: bool) -> Place:
    """Return the place in a cell that holds both coordinates, such as ``118.7,32.0``.

    Raises:
        CellError: it holds no two coordinates.
    """
    if cell is None or is_empty(text := fold(str(cell))):
        return Place()
    point = re.fullmatch(r"POINT\s*Z?\s*\(([^)]*)\)", text, re.IGNORECASE)
    text = point[1] if point else text.strip("()[]{}")
    labels = re.sub(r"(经度|纬度|坐标)[::]?", " ", text)
    for pattern in (r"[,;|、/]", r"\s+"):
        parts = [one.strip() for one in re.split(pattern, labels.strip()) if one.strip()]
        if len(parts) == 2:
            # 纬度 first, when it says so
            turned = geographic and (
                bool(re.match(r"(北纬|南纬|[NS]\d)", parts[0], re.IGNORECASE)) or text.startswith("纬度")
            )
            first, second = parse_coordinate(parts[0], geographic), parse_coordinate(parts[1], geographic)
            return Place(second, first) if turned else Place(first, second)
    raise CellError(
        Text.of("“{value}” are no two coordinates", value=str(cell)),
        Text.of("write longitude, latitude such as 118.783456,32.041234"),
    )


def convert_places(
    places: list[Place], datum: str | CRS
) -> tuple[np.ndarray[Any, Any], dict[int, PlaceFault], list[Text]]:
    """Return positions in WGS-84 and the faults of places.

    Args:
        places: one a row.
        datum: the datum they are in.

    Returns:
        Longitude and latitude by row, shape (n, 2), NaN where refused; faults by row; notes on the whole file.
    """
    xy = np.array([(one.x, one.y) for one in places], dtype=np.float64).reshape(-1, 2)
    faults: dict[int, PlaceFault] = {}
    notes: list[Text] = []
    geographic = is_geographic(datum)
    if not geographic and len(xy):
        xy, notes = _order_axes(xy, datum)
    for row in np.flatnonzero(np.isnan(xy).any(axis=1)).tolist():
        part = "lon" if math.isnan(xy[row, 0]) else "lat"
        faults[row] = PlaceFault(part, Text.of("the coordinate is missing"), _CORRECT)
    if geographic:
        _check_degrees(xy, faults)
    good = np.ones(len(xy), dtype=bool)
    good[[row for row, fault in faults.items() if fault.refuses]] = False
    lonlat = np.full_like(xy, np.nan)
    if good.any():
        lonlat[good] = np.column_stack(to_wgs84(xy[good, 0], xy[good, 1], datum))
    for row in np.flatnonzero(good).tolist():
        lon, lat = lonlat[row]
        if not (np.isfinite(lon) and np.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            faults[row] = PlaceFault(
                "lon",
                Text.of("{x:.10g}, {y:.10g} lies outside the coordinate system", x=xy[row, 0], y=xy[row, 1]),
                _CORRECT,
            )
            lonlat[row] = np.nan
    _check_outliers(lonlat, faults)
    return lonlat, faults, notes


def _order_axes(xy: np.ndarray[Any, Any], datum: str | CRS) -> tuple[np.ndarray[Any, Any], list[Text]]:
    """Put easting first: Chinese surveying calls the northing x."""
    crs = CRS.from_user_input(datum)
    area = crs.area_of_use
    there = ~np.isnan(xy).any(axis=1)
    if area is None or not there.any():
        return xy, []

    def inside(east: np.ndarray[Any, Any], north: np.ndarray[Any, Any]) -> int:
        lon, lat = to_wgs84(east, north, crs)
        within = (
            (lon >= area.west - 3)
            & (lon <= area.east + 3)
            & (lat >= area.south - 1)
            & (lat <= area.north + 1)
        )
        return int(within.sum())

    straight, turned = inside(xy[there, 0], xy[there, 1]), inside(xy[there, 1], xy[there, 0])
    if turned > straight:
        return xy[:, ::-1].copy(), [
            Text.of(
                "the columns x and y were read as northing and easting, as surveyors write them: only so they lie in {crs}",
                crs=crs.name,
            )
        ]
    return xy, []


def _check_degrees(xy: np.ndarray[Any, Any], faults: dict[int, PlaceFault]) -> None:
    x, y = xy[:, 0], xy[:, 1]
    there = ~np.isnan(xy).any(axis=1)
    possible = there & (np.abs(x) <= 180) & (np.abs(y) <= 90) & ~((x == 0) & (y == 0))
    centre = np.median(xy[possible], axis=0) if possible.sum() >= 3 else None
    with np.errstate(invalid="ignore"):
        metres = there & (np.maximum(np.abs(x), np.abs(y)) > 1000)
        swapped = there & (np.abs(y) > 90) & (np.abs(y) <= 180) & (np.abs(x) <= 90)
        if centre is not None:
            off = np.hypot(x - centre[0], y - centre[1])
            turned = np.hypot(y - centre[0], x - centre[1])
            swapped |= possible & (off > 2.0) & (turned < _NEAR_DEG)
    for row in np.flatnonzero(there).tolist():
        shown = {"lon": f"{x[row]:.10g}", "lat": f"{y[row]:.10g}"}
        if metres[row]:
            faults[row] = PlaceFault(
                "lon",
                Text.of("{lon}, {lat} are metres, not degrees", **shown),
                Text.of("declare the EPSG code of the coordinate system"),
            )
        elif swapped[row]:
            faults[row] = PlaceFault(
                "lon", Text.of("longitude {lon} and latitude {lat} are swapped", **shown), _SWAPPED
            )
        elif x[row] == 0 and y[row] == 0:
            faults[row] = PlaceFault("lon", Text.of("0, 0 is no place: the coordinate is missing"), _CORRECT)
        elif not possible[row]:
            faults[row] = PlaceFault(
                "lon", Text.of("{lon}, {lat} is no place on the globe", **shown), _CORRECT
            )
        elif round(x[row], 3) == x[row] and round(y[row], 3) == y[row]:
            faults[row] = PlaceFault(
                "lon",
                Text.of("{lon}, {lat} has at most three decimals: the place is known to 100 m only", **shown),
                _CORRECT,
                refuses=False,
            )


def _check_outliers(lonlat: np.ndarray[Any, Any], faults: dict[int, PlaceFault]) -> None:
    there = np.flatnonzero(~np.isnan(lonlat).any(axis=1))
    if len(there) < 5:
        return
    centre = np.median(lonlat[there], axis=0)
    off = np.hypot(*(lonlat[there] - centre).T)
    usual = float(np.median(off))
    if usual > _FAR_DEG / 5:
        return  # the file covers more than a town anyway
    for row, distance in zip(there.tolist(), off.tolist(), strict=True):
        if distance > _FAR_DEG and row not in faults:
            faults[row] = PlaceFault(
                "lon",
                Text.of("the place lies about {km:.0f} km from the others of the file", km=distance * 111),
                Text.of("check the coordinate"),
                refuses=False,
            )


def convert_shapes(shapes: np.ndarray[Any, Any], datum: str | CRS) -> np.ndarray[Any, Any]:
    """Return geometries in WGS-84; missing ones stay missing."""

    def bend(coordinates: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack(to_wgs84(coordinates[:, 0], coordinates[:, 1], datum))

    return np.asarray(shapely.transform(shapes, bend), dtype=object)
