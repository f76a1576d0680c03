"""What more would save on the clock, and what is there now: cameras, patrol hours and villages as the page of the clock shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo_service.store import StoredResult
from geo_service.web import formats
from geo_service.web.codes import choice
from geo_service.words import CLOCK_SAVERS
from town_model import Text

#: So many rows stand open; the others are behind a fold.
SHOWN = 8
#: A village with less than this share of the town's minutes by household is told as short.
SHORT_SHARE = 0.5


@dataclass(frozen=True)
class Gain:
    """Something that saves unwatched minutes.

    Args:
        camera: row of the camera; None for a patrol hour.
        name: what it is called. kind: what it is, in words. saved, weighted: minutes a day.
        where: where it matters most, in words. private: private ground in view; a dash for patrols, who look at it in passing.
    """

    camera: int | None
    name: Text | str
    kind: Text
    saved: str
    weighted: str
    where: Text | str
    private: Text | str


@dataclass(frozen=True)
class Village:
    """A village: households, patrol minutes a day, minutes for 100 households, and whether that is short."""

    name: str
    households: str
    stay: str
    way: str
    patrol: str
    per_100: str
    is_short: bool


@dataclass(frozen=True)
class Gains:
    """All of it.

    Args:
        more: what could be added, the most weighted minutes first: cameras, and of patrol hours the best of each mode. hours: patrol
            hours, the best first. now: what working cameras save now. idle: how many cameras would
            add nothing by themselves. villages: those with the fewest minutes by household first. mean: of the town, for 100
            households. is_asked: whether savings were asked for.
    """

    more: tuple[Gain, ...]
    hours: tuple[Gain, ...]
    now: tuple[Gain, ...]
    idle: int
    villages: tuple[Village, ...]
    mean: str | None
    is_asked: bool


def gains(result: StoredResult, language: str) -> Gains:
    """Return what a stored clock says of savings and villages; an older one says nothing.

    Args:
        result: of kind ``clock``.
        language: ``zh`` or ``en``, for the titles of modes.
    """
    if "savings" not in result.frame_names:
        return Gains((), (), (), 0, *_villages(result), is_asked=False)
    rows = result.frame("savings")
    helps = rows["weighted_min"] > 1 / 60
    ranked = [
        (float(row["weighted_min"]), _camera(row))
        for row in rows[helps & (rows["kind"] != "working")].to_dict("records")
    ]
    hours = result.frame("hours")
    hours = hours[hours["weighted_min"] > 1 / 60]
    best = hours.drop_duplicates("mode")  # they stand by minutes
    ranked += [(float(row["weighted_min"]), _hour(row, language)) for row in best.to_dict("records")]
    ranked += [
        (float(told["weighted_min"]), _together(kind, told))
        for kind, told in result.summary.get("together", {}).items()
        if told["cameras"] > 1 and told["weighted_min"] > 1 / 60
    ]
    ranked.sort(key=lambda one: -one[0])
    return Gains(
        more=tuple(one for _, one in ranked),
        hours=tuple(_hour(row, language) for row in hours.to_dict("records")),
        now=tuple(_camera(row) for row in rows[helps & (rows["kind"] == "working")].to_dict("records")),
        idle=int((~helps & (rows["kind"] != "working")).sum()),
        villages=_villages(result)[0],
        mean=_villages(result)[1],
        is_asked=True,
    )


def _camera(row: dict[Any, Any]) -> Gain:
    light = Text("by day") if row["light"] == "day" else Text("by night")
    return Gain(
        camera=int(row["camera"]),
        name=str(row["camera_name"]) or Text.of("camera {number}", number=row["camera"]),
        kind=CLOCK_SAVERS[row["kind"]],
        saved=_minutes(row["saved_min"]),
        weighted=_minutes(row["weighted_min"]),
        where=Text(
            "{place}: {before} → {after} {light}",
            {"place": row["first_place"], "before": formats.share(row["share_without"]), "after": formats.share(row["share_with"]), "light": light},
        ),
        private=formats.area(row["private_m2"]),
    )  # fmt: skip


_TOGETHER = {
    "planned": Text("all {n} planned cameras together"),
    "broken": Text("all {n} cameras out of order together"),
}


def _together(kind: str, told: dict[str, Any]) -> Gain:
    return Gain(
        camera=None,
        name=Text(_TOGETHER[kind].template, {"n": told["cameras"]}),
        kind=CLOCK_SAVERS[kind],
        saved=_minutes(told["saved_min"]),
        weighted=_minutes(told["weighted_min"]),
        where=Text.of("{n} places", n=told["places"]),
        private=formats.area(told["private_m2"]),
    )


def _hour(row: dict[Any, Any], language: str) -> Gain:
    start = float(row["start_s"])
    mode = choice("patrol_units", "mode", str(row["mode"]).split("_")[0], language)
    return Gain(
        camera=None,
        name=Text.of(
            "{start}–{end}, {mode}", start=formats.clock(start), end=formats.clock(start + 3600), mode=mode
        ),
        kind=Text("one more patrol hour"),
        saved=_minutes(row["saved_min"]),
        weighted=_minutes(row["weighted_min"]),
        where=str(row["route"]) if language == "zh" else str(row["route"]).replace("、", ", "),
        private=formats.DASH,
    )


def _villages(result: StoredResult) -> tuple[tuple[Village, ...], str | None]:
    if "villages" not in result.frame_names:
        return (), None
    table = result.frame("villages")
    known = table[table["households"] > 0]
    mean = (
        100 * float(known["patrol_min"].sum()) / float(known["households"].sum()) if len(known) else math.nan
    )
    found = tuple(
        Village(
            name=str(row["village_name"]) or f"#{row['village']}",
            households=formats.DASH if pd.isna(row["households"]) else f"{row['households']:,.0f}",
            stay=_minutes(row["stay_min"]),
            way=_minutes(row["way_min"]),
            patrol=_minutes(row["patrol_min"]),
            per_100=formats.DASH if pd.isna(row["per_100"]) else f"{row['per_100']:,.1f}",
            is_short=bool(row["per_100"] < SHORT_SHARE * mean),
        )
        for row in table.to_dict("records")
    )
    return found, None if math.isnan(mean) else f"{mean:,.1f}"


def _minutes(value: float) -> str:
    return f"{value:,.0f}"
