"""The way and stops of one patrol unit as GPX, for a navigation device without a network."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from geo_service.day_times import time_of_day
from geo_service.store import StoredResult
from town_model import DAY_S, InputError
from town_model.crs import WGS84

_NAMESPACE = "http://www.topografix.com/GPX/1/1"


def route_gpx(plan: StoredResult, unit: str, *, day: dt.date | None = None) -> bytes:
    """Return the day of one unit as GPX 1.1 in WGS-84: stops as way points in order, the way as a track.

    Args:
        plan: a result of kind ``patrol``, or one of the days of ``patrol_days``.
        unit: key of the unit.
        day: the day for which it is made.

    Raises:
        InputError: there is no such unit in the plan.
    """
    units = plan.frame("units")
    own = units[units["unit"].astype(str) == unit]
    if own.empty:
        raise InputError("the plan has no unit {unit!r}", unit=unit)
    root = ET.Element("gpx", {"version": "1.1", "creator": "geo-service", "xmlns": _NAMESPACE})
    title = " ".join([str(own.iloc[0]["unit_name"]), *([day.isoformat()] if day else [])])
    ET.SubElement(ET.SubElement(root, "metadata"), "name").text = title
    where = stop_positions(plan, unit)
    visits = plan.frame("visits")
    visits = visits[visits["unit"].astype(str) == unit].sort_values("arrive_s")
    for number, (name, place, arrive, depart) in enumerate(
        visits[["place_name", "place", "arrive_s", "depart_s"]].itertuples(index=False, name=None), start=1
    ):
        if str(place) in where:
            lon, lat = where[str(place)]
            stop = ET.SubElement(root, "wpt", {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"})
            times = "-".join(time_of_day(float(one) % DAY_S) for one in (arrive, depart))
            ET.SubElement(stop, "name").text = f"{number} {name}"
            ET.SubElement(stop, "desc").text = times
    routes = plan.frame("routes")
    if isinstance(routes, gpd.GeoDataFrame) and len(routes):
        lines = routes[routes["unit"].astype(str) == unit].to_crs(WGS84)
        track = ET.SubElement(root, "trk")
        ET.SubElement(track, "name").text = title
        for line in shapely.get_parts(lines.geometry.to_numpy()):
            segment = ET.SubElement(track, "trkseg")
            for lon, lat in shapely.get_coordinates(line):
                ET.SubElement(segment, "trkpt", {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"})
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def stop_positions(plan: StoredResult, unit: str) -> dict[str, tuple[float, float]]:
    """Return longitude and latitude of the places where a unit stops, by key; streets have none."""
    places = plan.frame("places")
    if not isinstance(places, gpd.GeoDataFrame):
        return {}
    visits = plan.frame("visits")
    keys = set(visits.loc[visits["unit"].astype(str) == unit, "place"].astype(str))
    ids = places["place"].astype(str)
    own = places[ids.isin(keys) & ~ids.str.startswith("roads/")]
    points = gpd.GeoSeries(shapely.point_on_surface(own.geometry.to_numpy()), crs=own.crs).to_crs(WGS84)
    return {str(place): (one.x, one.y) for place, one in zip(own["place"], points, strict=True)}
