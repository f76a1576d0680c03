"""The metric coordinate system of a town: CGCS2000 3-degree Gauss-Krüger in China, UTM elsewhere."""

from __future__ import annotations

import math

import shapely
from pyproj import CRS, Proj

from town_model.errors import CrsError

WGS84 = "EPSG:4326"

# A coarse outline of China (about 30 km), only to choose between two good projections of a town: a
# mistake at the border costs nothing but the name of the zone.
_CHINA = shapely.Polygon(
    [
        (73.5, 39.4),
        (75.0, 37.2),
        (78.7, 34.5),
        (78.6, 32.6),
        (80.2, 30.6),
        (83.5, 29.2),
        (88.1, 27.8),
        (91.7, 27.7),
        (92.0, 26.8),
        (97.2, 28.0),
        (98.7, 25.8),
        (97.6, 24.0),
        (99.3, 22.1),
        (101.7, 21.1),
        (103.9, 22.5),
        (106.7, 22.8),
        (107.9, 21.5),
        (107.6, 17.8),
        (111.5, 17.8),
        (118.5, 21.5),
        (121.0, 21.6),
        (122.4, 25.0),
        (123.2, 30.5),
        (123.0, 36.9),
        (124.3, 39.8),
        (126.9, 41.6),
        (129.8, 42.3),
        (131.3, 43.4),
        (131.1, 44.8),
        (133.2, 45.0),
        (135.1, 48.5),
        (130.8, 48.9),
        (127.6, 49.9),
        (125.9, 53.1),
        (121.0, 53.4),
        (119.7, 50.1),
        (116.0, 49.9),
        (115.5, 47.9),
        (119.8, 46.8),
        (111.9, 44.9),
        (109.5, 42.4),
        (105.0, 41.6),
        (97.0, 42.7),
        (90.9, 45.2),
        (90.9, 47.0),
        (87.8, 49.2),
        (85.6, 47.2),
        (82.5, 45.3),
        (80.2, 42.2),
        (73.9, 40.1),
    ]
)


def in_china(lon: float, lat: float) -> bool:
    """Whether a WGS-84 position lies in China, coarsely (±30 km at the border)."""
    return bool(shapely.contains_xy(_CHINA, lon, lat))


def town_crs(lon: float, lat: float) -> CRS:
    """Return the metric coordinate system for a town at a WGS-84 position.

    In China the CGCS2000 3-degree Gauss-Krüger zone without zone prefix (EPSG:4534–4554, central meridians
    75°–135° E), elsewhere the WGS-84 UTM zone.

    Args:
        lon: longitude in degrees.
        lat: latitude in degrees.

    Raises:
        CrsError: the position is not on the globe, or beyond the reach of UTM (84° N, 80° S).

    >>> town_crs(118.78, 32.04).to_epsg()
    4549
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -80 <= lat <= 84):
        raise CrsError("no metric coordinate system for longitude {lon}, latitude {lat}", lon=lon, lat=lat)
    if in_china(lon, lat):
        zone = min(max(round(lon / 3), 25), 45)
        return CRS.from_epsg(4534 + zone - 25)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def meridian_convergence_deg(lon: float, lat: float, crs: CRS) -> float:
    """Return the angle from true north to grid north in degrees; grid azimuth = true azimuth − convergence.

    Args:
        lon: longitude in degrees.
        lat: latitude in degrees.
        crs: a projected coordinate system.
    """
    return float(Proj(crs).get_factors(lon, lat).meridian_convergence)
