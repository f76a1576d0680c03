"""A cadre's own routes: which units are theirs, and where to go next. Nothing of cameras, gaps or other units."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import pandas as pd

from geo_service.exports.route_gpx import stop_positions
from geo_service.store import StoredResult
from geo_service.web import patrol_view

POLICE_KINDS = frozenset({"police", "auxiliary"})


@dataclass(frozen=True)
class Scope:
    """Whose routes a user may see.

    Args:
        everything: all units of the plan (planner, inspector, administrator).
        villages: row ids of villages; their units count, those of the police in them do not.
        units: row ids of units in the layer ``patrol_units``.
    """

    everything: bool = False
    villages: Collection[int] = ()
    units: Collection[int] = ()

    def covers(self, units: pd.DataFrame) -> pd.Series:
        """Return for each row of a frame with ``unit``, ``kind`` and ``village`` whether it may be seen."""
        if self.everything:
            return pd.Series(data=True, index=units.index)
        keys = {f"patrol_units/{one}" for one in self.units}
        villages = {int(one) for one in self.villages}
        theirs = pd.to_numeric(units["village"], errors="coerce").isin(villages)
        return units["unit"].astype(str).isin(keys) | (theirs & ~units["kind"].isin(POLICE_KINDS))


@dataclass(frozen=True)
class MyRoute:
    """The route of one unit for the phone.

    Args:
        unit: the unit.
        units: all units that the user may choose from.
        stops: its stops in order.
        next: the stop to go to, or the one where the unit should be now; None after the last.
        now_s: seconds since midnight for which `next` holds.
        lines: its way, rows of the frame ``routes``.
        positions: longitude and latitude of each stop, in the order of `stops`; None for a street.
    """

    unit: patrol_view.Unit
    units: tuple[patrol_view.Unit, ...]
    stops: tuple[patrol_view.Stop, ...]
    next: patrol_view.Stop | None
    now_s: float
    lines: gpd.GeoDataFrame
    positions: tuple[tuple[float, float] | None, ...]

    def navigation(self, stop: patrol_view.Stop, app: str) -> str:
        """Return the address that opens a stop in a navigation app; empty where the app is off or the stop is a street.

        Args:
            stop: one of `stops`.
            app: the setting ``navigation_app``.
        """
        place = self.positions[stop.number - 1]
        if place is None or app == "off":
            return ""
        lon, lat = (f"{one:.6f}" for one in place)
        # only the position is handed over: neither the place's name nor the unit
        if app == "geo":
            return f"geo:{lat},{lon}"
        return f"https://uri.amap.com/navigation?to={lon},{lat}&coordinate=wgs84&callnative=1"


def seconds_of_day(now: datetime) -> float:
    """Return the seconds since midnight of a moment."""
    return now.hour * 3600 + now.minute * 60 + now.second


def my_route(
    result: StoredResult, scope: Scope, language: str, *, now: datetime, unit: str | None = None
) -> MyRoute | None:
    """Return the route of one of the user's units.

    Args:
        result: a result of kind ``patrol``.
        scope: what the user may see.
        language: ``zh`` or ``en``.
        now: the time of day at the station.
        unit: key of the unit; the user's first one by default.

    Returns:
        The route; None where no unit is the user's, or `unit` is none of theirs (or none at all).
    """
    frame = result.frame("units")
    mine = set(frame.loc[scope.covers(frame), "unit"].astype(str))
    listed = tuple(one for one in patrol_view.units(result, language) if one.key in mine)
    chosen = next((one for one in listed if unit is None or one.key == unit), None)
    if chosen is None:
        return None
    stops = tuple(patrol_view.stops(result, chosen.key))
    now_s = seconds_of_day(now)
    routes = result.frame("routes")
    visits = result.frame("visits")
    visits = visits[visits["unit"].astype(str) == chosen.key].sort_values(["arrive_s", "seq"])
    where = stop_positions(result, chosen.key)
    return MyRoute(
        unit=chosen,
        units=listed,
        stops=stops,
        next=next((one for one in stops if one.depart_s > now_s), None),
        now_s=now_s,
        lines=routes[routes["unit"].astype(str) == chosen.key],
        positions=tuple(where.get(str(one)) for one in visits["place"]),
    )


def my_lines(result: StoredResult, scope: Scope, unit: str) -> gpd.GeoDataFrame | None:
    """Return the rows of the frame ``routes`` of one of the user's units.

    Args:
        result: a result of kind ``patrol``.
        scope: what the user may see.
        unit: key of the unit.

    Returns:
        Its routes; None where the unit is not the user's, or does not exist. A unit without stops has no rows.
    """
    frame = result.frame("units")
    if unit not in set(frame.loc[scope.covers(frame), "unit"].astype(str)):
        return None
    routes = result.frame("routes")
    return routes[routes["unit"].astype(str) == unit]
