"""GCJ-02, BD-09 and declared coordinate systems to WGS-84 and back.

GCJ-02 is WGS-84 bent by a published-by-reverse-engineering sum of sines; it holds inside a box round China and is
the identity outside. BD-09 is GCJ-02 bent once more. The inverses are iterated to well under a millimetre: the
usual one-step subtraction is off by up to three metres. CGCS2000 agrees with WGS-84 to centimetres and passes
unchanged.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from town_model import CrsError

Array = NDArray[np.float64]

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
DATUM_NAMES = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
# ellipsoid of Krasovsky 1940, which the transformation uses whatever the data's own ellipsoid
_A = 6_378_245.0
_EE = 0.006_693_421_622_965_943
_BD = np.pi * 3000.0 / 180.0
# the box outside which GCJ-02 leaves coordinates alone, as every implementation has it
CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_MAX_STEPS = 30
_TOLERANCE_DEG = 1e-11


def _arrays(lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array]:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def in_gcj02_box(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Return where GCJ-02 differs from WGS-84: inside a box round China.

    Args:
        lon: longitudes in degrees.
        lat: latitudes in degrees.
    """
    x, y = _arrays(lon, lat)
    west, south, east, north = CHINA_BOX
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def _gcj02_offset(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    fine = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        fine
        + 20.0 * np.sin(np.pi * y)
        + 40.0 * np.sin(np.pi * y / 3.0)
        + 160.0 * np.sin(np.pi * y / 12.0)
        + 320.0 * np.sin(np.pi * y / 30.0)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        fine
        + 20.0 * np.sin(np.pi * x)
        + 40.0 * np.sin(np.pi * x / 3.0)
        + 150.0 * np.sin(np.pi * x / 12.0)
        + 300.0 * np.sin(np.pi * x / 30.0)
    ) * (2.0 / 3.0)
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    meridian = _A * (1.0 - _EE) / magic**1.5
    normal = _A / np.sqrt(magic)
    return np.degrees(east / (normal * np.cos(phi))), np.degrees(north / meridian)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array]:
    """Return GCJ-02 coordinates of WGS-84 positions; outside the box round China they are the same.

    Args:
        lon: longitudes in degrees, any shape.
        lat: latitudes in degrees, the same shape.
    """
    x, y = _arrays(lon, lat)
    inside = in_gcj02_box(x, y)
    dx, dy = _gcj02_offset(x, y)
    return np.where(inside, x + dx, x), np.where(inside, y + dy, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array]:
    """Return WGS-84 positions of GCJ-02 coordinates, by iteration to well under a millimetre.

    Args:
        lon: longitudes in degrees, any shape.
        lat: latitudes in degrees, the same shape.
    """
    x, y = _arrays(lon, lat)
    wx, wy = x.copy(), y.copy()
    for _ in range(_MAX_STEPS):
        dx, dy = _gcj02_offset(wx, wy)
        nx, ny = x - dx, y - dy
        # NaN compares false, so a missing coordinate does not keep the loop alive
        moving = (np.abs(nx - wx) > _TOLERANCE_DEG) | (np.abs(ny - wy) > _TOLERANCE_DEG)
        wx, wy = nx, ny
        if not moving.any():
            break
    # a point is bent when its origin lies in the box, so that forth and back agree at the edge too
    inside = in_gcj02_box(wx, wy)
    return np.where(inside, wx, x), np.where(inside, wy, y)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array]:
    """Return BD-09 coordinates (Baidu) of GCJ-02 coordinates; outside the box round China they are the same.

    Args:
        lon: longitudes in degrees, any shape.
        lat: latitudes in degrees, the same shape.
    """
    x, y = _arrays(lon, lat)
    inside = in_gcj02_box(x, y)
    bx, by = _bend_bd09(x, y)
    return np.where(inside, bx, x), np.where(inside, by, y)


def _bend_bd09(x: Array, y: Array) -> tuple[Array, Array]:
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array]:
    """Return GCJ-02 coordinates of BD-09 coordinates, by iteration.

    Args:
        lon: longitudes in degrees, any shape.
        lat: latitudes in degrees, the same shape.
    """
    x, y = _arrays(lon, lat)
    gx, gy = x - 0.0065, y - 0.006
    for _ in range(_MAX_STEPS):
        bx, by = _bend_bd09(gx, gy)
        nx, ny = gx + (x - bx), gy + (y - by)
        moving = (np.abs(nx - gx) > _TOLERANCE_DEG) | (np.abs(ny - gy) > _TOLERANCE_DEG)
        gx, gy = nx, ny
        if not moving.any():
            break
    inside = in_gcj02_box(gx, gy)
    return np.where(inside, gx, x), np.where(inside, gy, y)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array]:
    """Return WGS-84 positions of BD-09 coordinates."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array]:
    """Return BD-09 coordinates of WGS-84 positions."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def parse_datum(text: str | int) -> str:
    """Return the plain name of a datum: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:4549``.

    EPSG codes of the two geographic systems come out as their names. Projected systems, among them the CGCS2000
    Gauss-Krüger zones with and without zone prefix, keep their code.

    Raises:
        CrsError: the name is unknown, or no such EPSG code exists.
    """
    plain = re.sub(r"[\s_\-]", "", str(text)).lower()
    names = {
        **{one: one for one in DATUMS},
        "gcj": "gcj02",
        "gcj2": "gcj02",
        "火星坐标": "gcj02",
        "火星坐标系": "gcj02",
        "高德": "gcj02",
        "百度": "bd09",
        "bd9": "bd09",
        "bd09ll": "bd09",
        "wgs1984": "wgs84",
        "gps": "wgs84",
        "国家2000": "cgcs2000",
        "2000": "cgcs2000",
    }
    if plain in names:
        return names[plain]
    found = re.fullmatch(r"(?:epsg:?:?)?(\d{4,6})", plain)
    if not found:
        raise CrsError(
            "there is no datum {datum!r}: use wgs84, cgcs2000, gcj02, bd09 or an EPSG code such as EPSG:4549",
            datum=str(text),
        )
    code = int(found[1])
    if code == 4326:
        return "wgs84"
    if code == 4490:
        return "cgcs2000"
    try:
        crs = CRS.from_epsg(code)
    except CRSError:
        raise CrsError("there is no coordinate system EPSG:{code}", code=code) from None
    if not (crs.is_projected or crs.is_geographic) or len(crs.axis_info) != 2:
        raise CrsError("EPSG:{code} is no horizontal coordinate system", code=code)
    return f"EPSG:{code}"


def is_geographic(datum: str | CRS) -> bool:
    """Whether coordinates of a datum are longitudes and latitudes in degrees."""
    if isinstance(datum, str):
        if datum in DATUMS:
            return True
        datum = CRS.from_user_input(datum)
    return bool(datum.is_geographic)


def to_wgs84(x: ArrayLike, y: ArrayLike, datum: str | int | CRS) -> tuple[Array, Array]:
    """Return longitudes and latitudes in WGS-84, degrees.

    Args:
        x: longitudes or eastings, any shape.
        y: latitudes or northings, the same shape.
        datum: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``, an EPSG code (also projected, e.g. 4549, or 4528 with the
            zone prefix in the easting), or a pyproj CRS. Axes are always taken as east, north.

    Raises:
        CrsError: the datum is unknown.
    """
    xs, ys = _arrays(x, y)
    crs: Any = datum
    if not isinstance(datum, CRS):
        name = parse_datum(datum)
        if name in {"wgs84", "cgcs2000"}:
            return xs.copy(), ys.copy()
        if name == "gcj02":
            return gcj02_to_wgs84(xs, ys)
        if name == "bd09":
            return bd09_to_wgs84(xs, ys)
        crs = CRS.from_user_input(name)
    lon, lat = Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True).transform(xs, ys)
    return _arrays(lon, lat)
