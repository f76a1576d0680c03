"""What a town's patrols must reach and who goes: places and unit shifts for `patrol_routing`, from the store."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo_service.analysis.rows import each
from geo_service.analysis.scene import require_town
from geo_service.analysis.streets import required_streets
from geo_service.duty.intervals import Duty, Span, intervals, load_rules, own_spans
from geo_service.duty.shifts import breaks_on, shifts_on, within
from geo_service.duty.standing import CLOSED, POST, Standing, open_spans, standing_times, times, whole_day
from geo_service.duty.windows import NO_LIMIT_S, Window, windows
from geo_service.store import Store
from town_model import DAY_S, InputError, Text, parse_hours

# Used, and said so, while the town has entered no units: two cars round the clock, a motorcycle, three foot pairs.
DEFAULT_UNITS = (
    ("car", "police", "00:00-24:00", Text("car 1")),
    ("car", "police", "00:00-24:00", Text("car 2")),
    ("motorcycle", "police", "07:00-23:00", Text("motorcycle 1")),
    ("foot", "auxiliary", "07:00-15:00", Text("foot pair 1")),
    ("foot", "auxiliary", "15:00-23:00", Text("foot pair 2")),
    ("foot", "auxiliary", "09:00-21:00", Text("foot pair 3")),
)


#: Layers whose rows are places to visit.
PLACE_LAYERS = ("key_areas", "patrol_points", "housing_zones")
PLACE_COLUMNS = (
    "place",
    "name",
    "max_gap_s",
    "dwell_s",
    "hours",
    "priority",
    "spans",
    "standing",
    "geometry",
)


@dataclass(frozen=True)
class Beats:
    """Places and units of one day.

    Args:
        places: by place id (``key_areas/3``): name, geometry, max_gap_s (the shortest of the day), dwell_s, hours, priority, spans
            (the intervals through the day; None where its own one holds in its hours), standing (its posts and closed times),
            metric CRS. A place with posts alone has no max_gap_s.
        units: a row a shift: unit, unit_name, mode, kind, village, base point, start_s, end_s, breaks, range_m, speed_kmh.
        streets: the required streets by row of the roads, see `required_streets`.
        left_out: (layer, row id, name) of places without an interval or post.
        default_units: whether the units are the default ones.
    """

    places: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    left_out: list[tuple[str, int, str]]
    default_units: bool


def load_beats(store: Store, *, say_name: dict[str, str] | None = None, duty: Duty | None = None) -> Beats:
    """Return the places to visit and the shifts of the units.

    Key areas and patrol points with a visit interval are places; so are housing zones. Shifts over midnight come
    out as two rows of one unit.

    Args:
        store: the town.
        say_name: names for the default units, by their English template.
        duty: the day; its rules of intervals and shifts then hold. None: each place's own interval, each unit's usual shifts.

    Raises:
        InputError: no town, nothing to visit or to drive, or no unit on duty.
    """
    require_town(store)
    rows: list[dict[str, object]] = []
    left_out: list[tuple[str, int, str]] = []
    rules = load_rules(store)
    for layer in PLACE_LAYERS:
        frame = store.frame(layer)
        for row in each(frame):
            place, own, hours = f"{layer}/{row.Index}", interval_of(row), row.hours
            hours = hours if isinstance(hours, str) else ""
            spans: list[Span] | None = None
            if duty is not None:
                spans = intervals(
                    place,
                    category=getattr(row, "category", "") or "",
                    own_interval_s=None if math.isnan(own) else own,
                    own_hours=hours,
                    rules=rules,
                    duty=duty,
                )
            standing = standing_times(
                place, category=getattr(row, "category", "") or "", rules=rules, duty=duty
            )
            unasked = (math.isnan(own) and spans is None) or spans == []
            if unasked and not times(standing, POST):
                left_out.append((layer, int(row.Index), row.name))
                continue
            rows.append(
                {
                    "place": place,
                    "name": row.name,
                    "max_gap_s": math.nan
                    if unasked
                    else own
                    if spans is None
                    else min(one.interval_s for one in spans),
                    "dwell_s": float(getattr(row, "dwell_min", 5) or 5) * 60,
                    "hours": hours,
                    "priority": row.priority,
                    "spans": spans,
                    "standing": standing,
                    "geometry": row.geometry,
                }
            )
    streets = required_streets(store.frame("roads"), rules=rules, duty=duty)
    if not rows and streets.empty:
        raise InputError(
            "no place has a visit interval and no street is required: accept the proposals of key areas, enter visit_interval_min for key areas or patrol points, or patrol_interval_min for roads"
        )
    table = pd.DataFrame(rows, columns=list(PLACE_COLUMNS)).set_index("place")
    places = gpd.GeoDataFrame(table, geometry="geometry", crs=store.town.epsg)
    asked = pd.concat([one.geometry for one in (places, streets) if len(one)])
    units, is_default = _units(store, asked, say_name or {}, duty)
    return Beats(places, units, streets, left_out, is_default)


def interval_of(row: Any) -> float:
    """Return the visit interval of a place in seconds; NaN where it has none."""
    return float("nan") if pd.isna(row.visit_interval_min) else float(row.visit_interval_min) * 60


def _units(
    store: Store, asked: gpd.GeoSeries, say_name: dict[str, str], duty: Duty | None
) -> tuple[gpd.GeoDataFrame, bool]:
    frame = store.frame("patrol_units")
    listed: list[tuple[Any, ...]]
    if frame.empty:
        base = _default_base(store, asked)
        listed = [
            (
                f"default/{number}",
                say_name.get(str(name), str(name)),
                mode,
                kind,
                None,
                base,
                shifts,
                "",
                None,
                None,
            )
            for number, (mode, kind, shifts, name) in enumerate(DEFAULT_UNITS, start=1)
        ]
    else:
        on_day, rest = shifts_on(store, duty), breaks_on(store, duty)
        listed = [
            (
                f"patrol_units/{row.Index}",
                row.name,
                row.mode,
                row.kind,
                row.village,
                row.geometry,
                on_day.get(int(row.Index), row.shifts),
                rest.get(int(row.Index), row.breaks),
                row.range_m,
                row.speed_kmh,
            )
            for row in each(frame)
            if on_day.get(int(row.Index), row.shifts) is not None
        ]
    if not listed:
        raise InputError("no unit is on duty on such a day: change the shifts by day")
    shifts = [
        {
            "unit": unit, "unit_name": name, "mode": mode, "kind": kind, "village": village, "start_s": start, "end_s": end,
            "breaks": within(breaks, start, end), "range_m": reach, "speed_kmh": speed, "geometry": base,
        }
        for unit, name, mode, kind, village, base, spans, breaks, reach, speed in listed
        for start, end in parse_hours(spans)
    ]  # fmt: skip
    return gpd.GeoDataFrame(pd.DataFrame(shifts), geometry="geometry", crs=store.town.epsg), frame.empty


def _default_base(store: Store, asked: gpd.GeoSeries) -> Any:
    """Return the police station, or where places and streets lie when there is none."""
    areas = store.frame("key_areas")
    police = areas[areas["category"] == "police"]
    if not police.empty:
        return police.geometry.iloc[0].representative_point()
    return shapely.MultiPoint(asked.representative_point().to_list()).centroid


def windows_of(place: Any) -> list[Window] | None:
    """Return the windows of a row of `Beats.places` or of streets, or None where it counts all day at one interval.

    What is closed does not count: after it the interval begins anew.
    """
    standing: list[Standing] = getattr(place, "standing", [])
    if math.isnan(place.max_gap_s):  # it has posts alone
        return [(int(start), int(end), NO_LIMIT_S, 0) for start, end in times(standing, POST)]
    spans = own_spans(place.hours, place.max_gap_s) if place.spans is None else place.spans
    closed = times(standing, CLOSED)
    if not closed:
        return None if whole_day(spans) else windows(spans)
    left = open_spans(spans, closed)
    return windows(left) if left else [(0, DAY_S, NO_LIMIT_S, 0)]
