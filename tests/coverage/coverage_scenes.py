"""Small scenes: one camera at a round place, obstacles round it."""

import geopandas as gpd
import shapely

from camera_coverage import ViewOptions, visible_areas

X, Y = 500_000.0, 3_500_000.0
CRS = "EPSG:4549"


def camera(**columns):
    values = {
        "mount_height_m": 6.0,
        "azimuth_deg": 90.0,
        "tilt_deg": 20.0,
        "hfov_deg": 90.0,
        "vfov_deg": 50.0,
        "resolution_px_h": 1920,
        "max_range_m": 100.0,
        "ir_range_m": 30.0,
    } | columns
    return gpd.GeoDataFrame({k: [v] for k, v in values.items()}, geometry=[shapely.Point(X, Y)], crs=CRS)


def seen(options=None, obstacles=None, **columns):
    return visible_areas(
        camera(**columns), obstacles, options=options or ViewOptions(observation_class=None)
    ).iloc[0]


def along_axis(area, y=0.0):
    """The stretch of the eastward axis that is seen, from the camera's foot."""
    line = shapely.LineString([(X, Y + y), (X + 1000, Y + y)]).intersection(area)
    return [] if line.is_empty else [line.bounds[0] - X, line.bounds[2] - X]


def obstacles(*shapes, **columns):
    """Obstacles by coordinates relative to the camera's foot."""
    return gpd.GeoDataFrame(
        columns, geometry=[shapely.affinity.translate(one, X, Y) for one in shapes], crs=CRS
    )


def round_camera(height=6.0, x=0.0, y=0.0, reach=100.0):
    """A camera that sees all round."""
    frame = camera(kind="fisheye", hfov_deg=360.0, mount_height_m=height, max_range_m=reach)
    frame.geometry = [shapely.Point(X + x, Y + y)]
    return frame
