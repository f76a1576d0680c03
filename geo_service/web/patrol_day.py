"""A planned day as a picture of time: where each unit is at any moment, and who is where in rows of 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.stop_words import POST, STREET, stop_words
from geo_service.store import StoredResult
from geo_service.web import formats, patrol_view
from town_model import DAY_S, Text
from town_model.crs import WGS84

#: Kinds of places by the layer of their rows; anything else is drawn as the last one.
KINDS: dict[str, Text] = {
    "key_areas": Text("Key area"),
    "housing_zones": Text("Housing zone"),
    "patrol_points": Text("Patrol point"),
    "roads": Text("Street"),
}
_SAME_S = 1.0
_HOURS = 24
#: Units of the drawing: the names at the left, then an hour; heights of the scale and of a row.
NAMES, HOUR, SCALE, ROW = 124, 36, 24, 30
WIDTH = NAMES + _HOURS * HOUR + 6


@dataclass(frozen=True)
class Block:
    """A stretch of a row.

    Args:
        kind: ``drive``, ``break``, ``wait`` or a key of `KINDS`.
        x: its left edge. width: its width, both in units of the drawing.
        number: which stop of its unit it is; 0 for what is no stop. place: its place's name. words: what a reader hears of it.
        id: the place's id. shift, seq: the shift and which of its stops, as stored.
    """

    kind: str
    x: float
    width: float
    number: int = 0
    place: str = ""
    words: Text | str = ""
    id: str = ""
    shift: str = ""
    seq: int = 0


@dataclass(frozen=True)
class Row:
    """A unit's row: its key, its sign on the map, its name, its shifts as (x, width) and their ids by line, and its blocks in order of time."""

    key: str
    sign: str
    name: str
    y: float
    shifts: tuple[tuple[float, float], ...]
    shift_ids: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Strip:
    """The rows of all units, and how high their drawing is. `kinds` are those of the places that occur, `chosen` the place that is chosen."""

    rows: tuple[Row, ...]
    height: float
    kinds: tuple[tuple[str, Text], ...]
    has_legs: bool
    has_breaks: bool
    chosen: str
    start: int


def signs(units: list[patrol_view.Unit]) -> dict[str, str]:
    """Return a short sign for each unit, by its key: the first letter of its mode and a number among those.

    Args:
        units: the units in the order of the page.
    """
    found: dict[str, str] = {}
    counted: dict[str, int] = {}
    for one in units:
        words = one.mode.removeprefix("By ").removeprefix("On ")
        first = words[:1].upper()
        counted[first] = counted.get(first, 0) + 1
        found[one.key] = f"{first}{counted[first]}"
    return found


def strip(result: StoredResult, language: str, *, unit: str | None = None, stop: int = 0) -> Strip:
    """Return the rows of a day.

    Args:
        result: of kind ``patrol``.
        language: ``zh`` or ``en``.
        unit: the unit whose stop is chosen.
        stop: which of its stops, 1 for the first; 0 for none.
    """
    units = patrol_view.units(result, language)
    given = signs(units)
    visits, shifts = result.frame("visits"), result.frame("units")
    drives = _drives(result)
    rows, kinds, chosen, start = [], set(), "", 0
    for at, one in enumerate(units):
        mine = visits[visits["unit"].astype(str) == one.key].sort_values(["arrive_s", "seq"])
        spans = shifts[shifts["unit"].astype(str) == one.key].sort_values("start_s")
        blocks = [_plain("drive", *span) for span in drives.get(one.key, ())]
        blocks += [_plain("break", *span) for span in _breaks(spans)]
        for number, visit in enumerate(mine.to_dict("records"), 1):
            kind = _kind(str(visit["place"]))
            kinds.add(kind)
            blocks.append(_block(kind, visit, one, number))
            if one.key == unit and number == stop:
                chosen, start = str(visit["place"]), int(visit["arrive_s"] // 60)
        ways = tuple(
            (x_of(begin), x_of(end) - x_of(begin)) for begin, end in spans[["start_s", "end_s"]].to_numpy()
        )
        ids = "\n".join(map(str, spans["shift"])) if "shift" in spans else ""
        rows.append(Row(one.key, given[one.key], one.name, SCALE + at * ROW, ways, ids, tuple(blocks)))
    if not chosen and len(shifts):
        start = int(shifts["start_s"].min() // 60)
    return Strip(
        rows=tuple(rows),
        height=SCALE + len(rows) * ROW + 4,
        kinds=tuple((key, words) for key, words in KINDS.items() if key in kinds),
        has_legs=bool(drives),
        has_breaks=any(block.kind == "break" for row in rows for block in row.blocks),
        chosen=chosen,
        start=start,
    )


def x_of(seconds: float) -> float:
    """Return where a time of day stands in the drawing.

    >>> x_of(0), x_of(43_200)
    (124.0, 556.0)
    """
    return round(NAMES + min(max(float(seconds), 0.0), DAY_S) / 3600 * HOUR, 2)


def tracks(result: StoredResult, language: str) -> dict[str, Any]:
    """Return where each unit is at any moment, as steps of time and place that a script adds up.

    A unit is between two points of its track in proportion to the time, and stands where two follow each other at one place.

    Args:
        result: of kind ``patrol``, with the frame ``legs``.
        language: ``zh`` or ``en``.
    """
    units = patrol_view.units(result, language)
    given = signs(units)
    visits = result.frame("visits")
    names: dict[str, int] = {}
    listed = []
    found = result.frame("legs") if "legs" in result.frame_names else None
    legs = found.to_crs(WGS84) if isinstance(found, gpd.GeoDataFrame) else None
    shifts = result.frame("units")
    for one in units:
        mine = visits[visits["unit"].astype(str) == one.key].sort_values(["arrive_s", "seq"])
        stops = [
            [
                round(row["arrive_s"]),
                round(row["depart_s"]),
                names.setdefault(str(row["place_name"]), len(names)),
            ]
            for row in mine.to_dict("records")
        ]
        own = shifts[shifts["unit"].astype(str) == one.key]
        ways = []
        if legs is not None and "shift" in own:
            for shift in own.sort_values("start_s").to_dict("records"):
                part = legs[legs["shift"] == shift["shift"]].sort_values("seq")
                if len(part):
                    ways.append(
                        {"start": float(shift["start_s"]), "end": float(shift["end_s"]), **_track(part)}
                    )
        listed.append(
            {"key": one.key, "sign": given[one.key], "name": one.name, "shifts": ways, "stops": stops}
        )
    return {"result": result.id, "places": list(names), "units": listed}


def _track(legs: pd.DataFrame) -> dict[str, list[int]]:
    """Return the points of a shift's ways with their times, as steps: seconds and micro-degrees."""
    xy, row = shapely.get_coordinates(np.asarray(legs["geometry"]), return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[np.flatnonzero(np.diff(row, prepend=-1))] = 0.0  # the first point of each leg
    run = np.cumsum(step)
    firsts = np.flatnonzero(np.diff(row, prepend=-1))
    along = run - run[firsts][row]
    whole = np.maximum(np.bincount(row, weights=step, minlength=len(legs))[row], 1e-12)
    enter, leave = (legs[name].to_numpy(dtype=float)[row] for name in ("enter_s", "leave_s"))
    seconds = np.rint(enter + (leave - enter) * along / whole).astype(np.int64)
    places = np.rint(xy * 1e6).astype(np.int64)
    return {
        "t": np.diff(seconds, prepend=0).tolist(),
        "x": np.diff(places[:, 0], prepend=0).tolist(),
        "y": np.diff(places[:, 1], prepend=0).tolist(),
    }


def _kind(place: str) -> str:
    layer = place.partition("/")[0]
    return layer if layer in KINDS else "roads"


def _plain(kind: str, start: float, end: float) -> Block:
    return Block(kind, x_of(start), max(round(x_of(end) - x_of(start), 2), 0.3))


def _block(kind: str, visit: dict[Any, Any], unit: patrol_view.Unit, number: int) -> Block:
    left, right = x_of(visit["arrive_s"]), x_of(visit["depart_s"])
    words = Text.of(
        "{unit}, stop {n}: {place}, {start}–{end}",
        unit=unit.name,
        n=number,
        place=stop_words(visit),
        start=formats.clock(visit["arrive_s"]),
        end=formats.clock(visit["depart_s"]),
    )
    return Block(
        kind,
        left,
        max(round(right - left, 2), 1.6),
        number,
        str(visit["place_name"]),
        words,
        str(visit["place"]),
        ""
        if visit.get("task") in (STREET, POST)
        else str(visit.get("shift", "")),  # these stay with their shift
        int(visit["seq"]),
    )


def _drives(result: StoredResult) -> dict[str, list[tuple[float, float]]]:
    """Return when each unit is on the way: legs that follow each other at once are one stretch."""
    if "legs" not in result.frame_names:
        return {}
    legs = result.frame("legs")
    units = result.frame("units")
    owner = dict(zip(units["shift"], units["unit"].astype(str), strict=True)) if "shift" in units else {}
    found: dict[str, list[tuple[float, float]]] = {}
    rows = legs.sort_values(["shift", "enter_s"])[["shift", "enter_s", "leave_s"]]
    for shift, enter, leave in rows.itertuples(index=False, name=None):
        spans = found.setdefault(owner.get(shift, str(shift)), [])
        if spans and 0 <= enter - spans[-1][1] <= _SAME_S:
            spans[-1] = (spans[-1][0], leave)
        else:
            spans.append((enter, leave))
    return found


def _breaks(shifts: pd.DataFrame) -> list[tuple[float, float]]:
    if "breaks" not in shifts:
        return []
    return [
        (float(one[0]), float(one[1]))
        for some in shifts["breaks"]
        if isinstance(some, list | tuple | np.ndarray)
        for one in some
    ]
