"""The day of patrol units on A4 and as a card for a phone: their way on the map, and where they are to be when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer

from geo_service.day_times import time_of_day
from geo_service.i18n import say
from geo_service.mapdata import VIEW_MAP, layer_data
from geo_service.papers.drawing import draw_map
from geo_service.papers.looks import LOOKS
from geo_service.papers.map_sheet import MapSheet, frame_of
from geo_service.papers.press import compile_pdf, compile_png
from geo_service.papers.shapes import Frame, Shape, shapes
from geo_service.stop_words import middles, stop_words
from geo_service.store import Store, StoredResult
from town_maps import layer_json
from town_model import DAY_S, InputError, Text
from town_model.crs import WGS84

_GROUND = ("land_cover", "water", "buildings", "roads", "place_names")
_MAP_MM = (190.0, 128.0)
_CARD_MM = (82.0, 70.0)
#: A card is 90 mm wide and fills a phone of 1080 pixels.
_CARD_DOTS = 12.0
_MARGIN = 0.06
_LEAST_DEG = 0.0015
_LISTED_NUMBERS = 3


@dataclass(frozen=True)
class UnitDay:
    """What a sheet says of one unit.

    Args:
        name: name of the unit.
        under: the sums of its day, in words.
        rows: number, arrival, departure, place and minutes of each stop.
        frame: what its map shows; None where the unit has neither a way nor a place.
        drawing: the map as SVG.
    """

    name: str
    under: str
    rows: list[list[str]]
    frame: Frame | None
    drawing: str


def route_pdf(
    store: Store,
    plan: StoredResult,
    units: Sequence[str] = (),
    *,
    day: dt.date | None = None,
    language: str = "zh",
    user: str = "",
    now: dt.datetime | None = None,
) -> bytes:
    """Return sheets of a plan, a page a unit where its timetable fits. Police routes are on it: the caller checks who may have it.

    Args:
        store: the town.
        plan: a result of kind ``patrol``, or one of the days of ``patrol_days``.
        units: keys of units, as in the frames of the plan; all of them where none are given.
        day: the day for which it is printed, said on each sheet.
        language: ``zh`` or ``en``.
        user: who prints.
        now: the time that stands on it; now by default.

    Raises:
        InputError: there is no such unit in the plan, or it has none.
    """
    known = list(dict.fromkeys(plan.frame("units")["unit"].astype(str)))
    if not known:
        raise InputError("the plan has no units: compute it again")
    made = [unit_day(store, plan, one, size_mm=_MAP_MM, language=language) for one in units or known]
    moment = now or dt.datetime.now().astimezone()
    printed = Text.of("Printed {time} by {user}", time=moment.strftime("%Y-%m-%d %H:%M"), user=user)
    heads = (Text("No."), Text("Arrive"), Text("Leave"), Text("Place"), Text("Minutes"))
    names = [_title(one, language) for one in made]
    data = {
        "lang": "en" if language.startswith("en") else "zh",
        "title": names[0] if len(made) == 1 else say(Text("Patrol routes"), language),
        "town": store.town.name,
        "heads": [say(one, language) for one in heads],
        "empty": say(Text("This unit has no stops in the plan."), language),
        "printed": say(printed, language),
        "confidential": say(Text("Internal use only: do not copy or pass on"), language),
        "sheets": [
            {
                "title": title,
                "under": "  ".join([*([day.isoformat()] if day else []), one.under]),
                "rows": one.rows,
                "map": f"map-{number}.svg" if one.frame else "",
                "map_width": one.frame.width_mm if one.frame else 0,
                "map_height": one.frame.height_mm if one.frame else 0,
                "scale": f"1:{one.frame.scale:.0f}" if one.frame else "",
            }
            for number, (one, title) in enumerate(zip(made, names, strict=True))
        ],
    }
    files = {f"map-{number}.svg": one.drawing.encode() for number, one in enumerate(made) if one.frame}
    return compile_pdf("route", data, files=files, made_at=moment.astimezone())


def route_card(
    store: Store, plan: StoredResult, unit: str, *, day: dt.date | None = None, language: str = "zh"
) -> bytes:
    """Return the day of one unit as a PNG, 1080 pixels wide: map and stops of this unit and nothing of others.

    Args:
        store: the town.
        plan: a result of kind ``patrol``, or one of the days of ``patrol_days``.
        unit: key of the unit.
        day: the day for which it is made.
        language: ``zh`` or ``en``.

    Raises:
        InputError: there is no such unit in the plan.
    """
    data, files = card_data(store, plan, unit, day=day, language=language)
    return compile_png("route_card", data, dots_per_mm=_CARD_DOTS, files=files)


def card_data(
    store: Store, plan: StoredResult, unit: str, *, day: dt.date | None, language: str
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return all that a card says, and its drawing by name. Parameters as of `route_card`."""
    made = unit_day(store, plan, unit, size_mm=_CARD_MM, language=language)
    data = {
        "lang": "en" if language.startswith("en") else "zh",
        "title": made.name,
        "day": day.isoformat() if day else "",
        "under": made.under,
        "map": "map.svg" if made.frame else "",
        "map_width": made.frame.width_mm if made.frame else 0,
        "map_height": made.frame.height_mm if made.frame else 0,
        "rows": [[*one[:4], say(Text.of("{n} min", n=one[4]), language)] for one in made.rows],
        "empty": say(Text("This unit has no stops in the plan."), language),
        "foot": say(Text("For the members of this unit only: delete it when the day is over."), language),
    }
    return data, {"map.svg": made.drawing.encode()} if made.frame else {}


def unit_day(
    store: Store, plan: StoredResult, unit: str, *, size_mm: tuple[float, float], language: str
) -> UnitDay:
    """Return what there is to print of one unit, from its own rows and the ground alone.

    Args:
        store: the town.
        plan: the plan.
        unit: key of the unit.
        size_mm: width and height of its map.
        language: ``zh`` or ``en``.

    Raises:
        InputError: the plan has no such unit.
    """
    units = plan.frame("units")
    own = units[units["unit"].astype(str) == unit]
    if own.empty:
        raise InputError("the plan has no unit {unit!r}", unit=unit)
    visits = plan.frame("visits")
    visits = visits[visits["unit"].astype(str) == unit].sort_values("arrive_s")
    about = own.iloc[0]
    base = "" if pd.isna(about["base_name"]) else str(about["base_name"])
    lines, places = _own_ground(plan, unit, visits)
    frame = _frame(lines, places, size_mm, store.town.epsg)
    drawing = draw_map(_drawn(store, frame, lines, places, language), frame, units=[unit]) if frame else ""
    under = (
        Text.of("Shift {times}", times=", ".join(_shifts(own))),
        *([Text.of("break {times}", times=", ".join(rest))] if (rest := _breaks(own)) else []),
        *([Text.of("from {place}", place=base)] if base else []),
        Text.of("{count} visits", count=len(visits)),
        Text.of("{length:.1f} km", length=float(own["length_m"].sum()) / 1000),
    )
    return UnitDay(
        name=str(about["unit_name"]),
        under="  ".join(say(one, language) for one in under),
        rows=[_row(number, one, language) for number, one in enumerate(visits.to_dict("records"), start=1)],
        frame=frame,
        drawing=drawing,
    )


def _title(one: UnitDay, language: str) -> str:
    return say(Text.of("Patrol route of {unit}", unit=one.name), language)


def _shifts(own: pd.DataFrame) -> list[str]:
    """Return when each of the unit's shifts begins and ends: a unit has a row for each."""
    spans = zip(own["start_s"], own["end_s"], strict=True)
    return list(dict.fromkeys(f"{time_of_day(start)}-{time_of_day(end)}" for start, end in sorted(spans)))


def _breaks(own: pd.DataFrame) -> list[str]:
    """Return the breaks of the unit's shifts; older plans say nothing of them."""
    spans = sorted((float(a), float(b)) for some in own.get("breaks", []) for a, b in some)
    return list(dict.fromkeys(f"{time_of_day(start)}-{time_of_day(end)}" for start, end in spans))


def _row(number: int, visit: dict[Any, Any], language: str) -> list[str]:
    arrive, depart = float(visit["arrive_s"]), float(visit["depart_s"])
    # past midnight the clock of the day says it, as people do
    times = [time_of_day(one % DAY_S) for one in (arrive, depart)]
    words = stop_words(visit)
    name = words if isinstance(words, str) else say(words, language)
    return [str(number), *times, name, f"{(depart - arrive) / 60:.0f}"]


def _own_ground(
    plan: StoredResult, unit: str, visits: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the unit's way, and its places with the numbers of their first stops in front of their names."""
    routes, places = plan.frame("routes"), plan.frame("places")
    if not isinstance(routes, gpd.GeoDataFrame) or not isinstance(places, gpd.GeoDataFrame):
        nothing = gpd.GeoDataFrame({"name": []}, geometry=[], crs=WGS84)
        return nothing, nothing
    lines = routes[routes["unit"].astype(str) == unit].reset_index(drop=True).to_crs(WGS84)
    numbers: dict[str, list[str]] = {}
    for number, place in enumerate(visits["place"].astype(str), start=1):
        numbers.setdefault(place, []).append(str(number))
    met = places[places["place"].astype(str).isin(set(numbers))].reset_index(drop=True)
    points = middles(met.geometry.to_numpy())
    names = [
        f"{_numbers(numbers[str(place)])} {name}"
        for place, name in zip(met["place"], met["name"], strict=True)
    ]
    return lines, gpd.GeoDataFrame({"name": names}, geometry=points, crs=met.crs).to_crs(WGS84)


def _numbers(numbers: list[str]) -> str:
    return ",".join(numbers[:_LISTED_NUMBERS]) + ("…" if len(numbers) > _LISTED_NUMBERS else "")


def _frame(
    lines: gpd.GeoDataFrame, places: gpd.GeoDataFrame, size_mm: tuple[float, float], epsg: int | None
) -> Frame | None:
    """Return the frame round the route, or round the places where there is no line; None where there is neither."""
    boxes = [one.total_bounds for one in (lines, places) if len(one)]
    good = [box for box in boxes if np.isfinite(box).all()]
    if not good or epsg is None:
        return None
    west, south = np.min([box[:2] for box in good], axis=0)
    east, north = np.max([box[2:] for box in good], axis=0)
    wide, high = max(_LEAST_DEG, _MARGIN * (east - west)), max(_LEAST_DEG, _MARGIN * (north - south))
    box = (float(west - wide), float(south - high), float(east + wide), float(north + high))
    fitted = frame_of(MapSheet(landscape=False, box=box), box, epsg)
    # the same middle and a scale at which the box fits the frame of this sheet
    forward = Transformer.from_crs(4326, epsg, always_xy=True)
    xs, ys = forward.transform([box[0], box[2], box[0], box[2]], [box[1], box[1], box[3], box[3]])
    need = max(np.ptp(xs) * 1000 / size_mm[0], np.ptp(ys) * 1000 / size_mm[1])
    scale = max(1000.0, float(np.ceil(need / 500) * 500))
    return Frame(*size_mm, scale, fitted.x, fitted.y, epsg)


def _drawn(
    store: Store, frame: Frame, lines: gpd.GeoDataFrame, places: gpd.GeoDataFrame, language: str
) -> dict[str, list[Shape]]:
    box = frame.box()
    drawn = {
        key: shapes(layer_data(store, key, language=language, permissions={VIEW_MAP}, bbox=box), frame)
        for key in _GROUND
        if frame.scale <= LOOKS[key].least_scale
    }
    drawn["patrol_routes"] = shapes(layer_json("patrol_routes", lines), frame)
    names = [[one] for one in places["name"]]
    field = {"key": "name", "title": "", "unit": ""}
    drawn["patrol_places"] = shapes(
        layer_json(
            "patrol_places",
            places,
            classes=["kept"] * len(places),
            values=names,
            fields=[field],
            label="name",
        ),
        frame,
    )
    return drawn
