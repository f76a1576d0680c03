"""The day of one patrol unit on A4: its way on the map, and where it is to be when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer

from geo_service.day_times import time_of_day
from geo_service.i18n import say
from geo_service.mapdata import VIEW_MAP, VIEW_PLANS, layer_data
from geo_service.papers.drawing import draw_map
from geo_service.papers.looks import LOOKS
from geo_service.papers.map_sheet import MapSheet, frame_of
from geo_service.papers.press import compile_pdf
from geo_service.papers.shapes import Frame, Shape, shapes
from geo_service.store import Store, StoredResult
from town_model import DAY_S, InputError, Text
from town_model.crs import WGS84

_GROUND = ("land_cover", "water", "buildings", "roads", "place_names")
_MAP_MM = (190.0, 128.0)
_MARGIN = 0.06
_LEAST_DEG = 0.0015


def route_pdf(
    store: Store, unit: str, *, language: str = "zh", user: str = "", now: datetime | None = None
) -> bytes:
    """Return the sheet of one unit of the latest plan. Police routes are on it: the caller checks who may have it.

    Args:
        store: the town.
        unit: key of the unit, as in the frames of the plan.
        language: ``zh`` or ``en``.
        user: who prints.
        now: the time that stands on it; now by default.

    Raises:
        InputError: there is no plan, or no such unit in it.
    """
    plan = store.latest_result("patrol")
    epsg = store.town.epsg
    if plan is None or epsg is None:
        raise InputError("there is no patrol plan yet: compute one first")
    units = plan.frame("units")
    own = units[units["unit"].astype(str) == unit]
    if own.empty:
        raise InputError("the plan has no unit {unit!r}", unit=unit)
    visits = plan.frame("visits")
    visits = visits[visits["unit"].astype(str) == unit].sort_values("arrive_s")
    frame = _frame(plan, unit, visits, epsg)
    moment = now or datetime.now().astimezone()
    about = own.iloc[0]
    base = "" if pd.isna(about["base_name"]) else str(about["base_name"])
    drawing = draw_map(_drawn(store, frame, unit, visits, language), frame, units=[unit])
    printed = Text.of("Printed {time} by {user}", time=moment.strftime("%Y-%m-%d %H:%M"), user=user)
    data = {
        "lang": "en" if language.startswith("en") else "zh",
        "title": say(Text.of("Patrol route of {unit}", unit=str(about["unit_name"])), language),
        "under": "  ".join(
            say(one, language)
            for one in (
                Text.of("Shift {times}", times=", ".join(_shifts(own))),
                *([Text.of("from {place}", place=base)] if base else []),
                Text.of("{count} visits", count=len(visits)),
                Text.of("{length:.1f} km", length=float(own["length_m"].sum()) / 1000),
            )
        ),
        "town": store.town.name,
        "map_width": frame.width_mm,
        "map_height": frame.height_mm,
        "scale": f"1:{frame.scale:.0f}",
        "heads": [
            say(one, language)
            for one in (Text("No."), Text("Arrive"), Text("Leave"), Text("Place"), Text("Minutes"))
        ],
        "rows": [_row(number, one) for number, one in enumerate(visits.to_dict("records"), start=1)],
        "empty": say(Text("This unit has no stops in the plan."), language),
        "printed": say(printed, language),
        "confidential": say(Text("Internal use only: do not copy or pass on"), language),
    }
    return compile_pdf("route", data, files={"map.svg": drawing.encode()}, made_at=moment.astimezone())


def _shifts(own: pd.DataFrame) -> list[str]:
    """Return when each of the unit's shifts begins and ends: a unit has a row for each."""
    spans = zip(own["start_s"], own["end_s"], strict=True)
    return list(dict.fromkeys(f"{time_of_day(start)}-{time_of_day(end)}" for start, end in sorted(spans)))


def _row(number: int, visit: dict[Any, Any]) -> list[str]:
    arrive, depart = float(visit["arrive_s"]), float(visit["depart_s"])
    # past midnight the clock of the day says it, as people do
    times = [time_of_day(one % DAY_S) for one in (arrive, depart)]
    return [str(number), *times, str(visit["place_name"]), f"{(depart - arrive) / 60:.0f}"]


def _frame(plan: StoredResult, unit: str, visits: pd.DataFrame, epsg: int) -> Frame:
    """Return the frame round the route, or round the places where there is no line."""
    routes, places = plan.frame("routes"), plan.frame("places")
    lines = routes[routes["unit"].astype(str) == unit]
    met = places[places["place"].isin(set(visits["place"]))]
    boxes = [
        one.to_crs(WGS84).total_bounds
        for one in (lines, met)
        if isinstance(one, gpd.GeoDataFrame) and len(one)
    ]
    good = [box for box in boxes if np.isfinite(box).all()]
    if not good:
        raise InputError("this unit has neither a way nor a place in the plan")
    west, south = np.min([box[:2] for box in good], axis=0)
    east, north = np.max([box[2:] for box in good], axis=0)
    wide, high = max(_LEAST_DEG, _MARGIN * (east - west)), max(_LEAST_DEG, _MARGIN * (north - south))
    box = (float(west - wide), float(south - high), float(east + wide), float(north + high))
    fitted = frame_of(MapSheet(landscape=False, box=box), box, epsg)
    # the same middle and a scale at which the box fits the frame of this sheet
    forward = Transformer.from_crs(4326, epsg, always_xy=True)
    xs, ys = forward.transform([box[0], box[2], box[0], box[2]], [box[1], box[1], box[3], box[3]])
    need = max(np.ptp(xs) * 1000 / _MAP_MM[0], np.ptp(ys) * 1000 / _MAP_MM[1])
    scale = max(1000.0, float(np.ceil(need / 500) * 500))
    return Frame(*_MAP_MM, scale, fitted.x, fitted.y, epsg)


def _drawn(
    store: Store, frame: Frame, unit: str, visits: pd.DataFrame, language: str
) -> dict[str, list[Shape]]:
    box = frame.box()

    def layer(key: str) -> list[Shape]:
        data = layer_data(store, key, language=language, permissions={VIEW_MAP, VIEW_PLANS}, bbox=box)
        return shapes(data, frame)

    drawn = {key: layer(key) for key in _GROUND if frame.scale <= LOOKS[key].least_scale}
    drawn["patrol_routes"] = [one for one in layer("patrol_routes") if one.name == unit]
    met = {str(one) for one in visits["place"]}
    drawn["patrol_places"] = [one for one in layer("patrol_places") if str(one.row) in met]
    return drawn
