"""What the page of intervals shows: the day, the rules in force, and the interval of each place by hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo_service.analysis.beats import load_beats
from geo_service.analysis.camera_credit import count_cameras
from geo_service.day_times import time_of_day
from geo_service.duty.choice import PlannedFor, day_title, level_title
from geo_service.duty.day_types import DAY_TYPE_NAMES, DUTY_LEVEL_NAMES
from geo_service.duty.intervals import INTERVAL, PRESETS, Rule, load_rules, town_rules
from geo_service.i18n import say
from geo_service.store import Store, StoredResult
from geo_service.web import formats
from geo_service.web.codes import choice
from town_model import InputError, Text

_LAYER = "patrol_rules"
_PRESET_NAMES = {one.key: one.name for one in PRESETS}


@dataclass(frozen=True)
class DayForm:
    """The choice of a day.

    Args:
        date: ISO date.
        day_type: the chosen type. level: the chosen level.
        day_types: value and title of each type. levels: of each level.
        reasons: why the type is proposed; of another choice that it is not the proposed one.
    """

    date: str
    day_type: str
    level: str
    day_types: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str], ...]
    reasons: tuple[Text, ...]


@dataclass(frozen=True)
class RuleLine:
    """A rule in the table of rules; `row` is its id in the layer, None of a built-in one."""

    row: int | None
    name: str
    places: str
    days: str
    level: str
    hours: str
    asks: Text | str
    holds: bool


@dataclass(frozen=True)
class SpanLine:
    """A part of the day of a place: from when to when, the interval, and what gave it."""

    hours: str
    interval: Text | str
    reason: Text | str


@dataclass(frozen=True)
class PlaceLine:
    """A place with the intervals of its day."""

    name: str
    spans: tuple[SpanLine, ...]


def day_form(planned: PlannedFor, language: str) -> DayForm:
    """Return the choice of a day with what its date proposes."""
    proposal = planned.proposal
    reasons: tuple[Text, ...] = () if proposal is None else proposal.reasons
    if proposal is not None and proposal.day_type != planned.duty.day_type:
        other = Text.of("Chosen by hand; the date by itself: {day_type}", day_type=day_title(proposal.day_type, language))  # fmt: skip
        reasons = (other, *reasons)
    return DayForm(
        date="" if planned.date is None else planned.date.isoformat(),
        day_type=planned.duty.day_type,
        level=planned.duty.level,
        day_types=tuple((one, day_title(one, language)) for one in DAY_TYPE_NAMES),
        levels=tuple((one, level_title(one, language)) for one in reversed(DUTY_LEVEL_NAMES)),
        reasons=reasons,
    )


def rule_lines(store: Store, planned: PlannedFor, language: str) -> tuple[list[RuleLine], bool]:
    """Return the rules and whether they are the built-in ones."""
    names = _place_names(store)
    own = town_rules(store)
    return [_line(one, names, planned, language) for one in load_rules(store)], all(
        one.demand != INTERVAL for one in own
    )


def _line(rule: Rule, names: dict[str, str], planned: PlannedFor, language: str) -> RuleLine:
    asks: Text | str = (
        formats.minutes(60.0 * rule.interval_min)
        if rule.interval_min is not None
        else Text.of("{percent} % of the interval", percent=rule.percent)
        if rule.demand == INTERVAL
        else choice(_LAYER, "demand", rule.demand, language)
    )
    layer, _, number = rule.key.partition("/")
    return RuleLine(
        row=int(number) if layer == _LAYER else None,
        name=rule.name if isinstance(rule.name, str) else say(rule.name, language),
        places=names.get(rule.place, rule.place) if rule.place else choice(_LAYER, "place_kind", rule.place_kind, language),
        days=choice(_LAYER, "day_type", rule.day_type, language),
        level=choice(_LAYER, "duty_level", rule.duty_level, language),
        hours=rule.hours,
        asks=asks,
        holds=planned.duty.rank(rule.day_type, rule.duty_level) is not None,
    )  # fmt: skip


def _place_names(store: Store) -> dict[str, str]:
    return {
        f"{layer}/{number}": str(name)
        for layer in ("key_areas", "patrol_points", "housing_zones")
        for number, name in store.frame(layer)["name"].items()
    }


def place_lines(store: Store, planned: PlannedFor, language: str) -> tuple[list[PlaceLine], list[str]]:
    """Return the places with their intervals on a day, and the names of those without any; nothing where no plan could be made.

    Cameras that count in `planned` have their say, as in a plan.
    """
    try:
        beats = load_beats(store, duty=planned.duty)
    except InputError:
        return [], []
    beats, _ = count_cameras(store, beats, planned)
    lines = []
    asked = pd.concat([beats.places[["name", "spans"]], beats.streets[["name", "spans"]]])
    standing = beats.places["standing"]
    for place, name, spans in zip(asked.index, asked["name"], asked["spans"], strict=True):
        held = tuple(
            SpanLine(
                _hours(one.start_s, one.end_s),
                choice(_LAYER, "demand", one.kind, language),
                str(one.rule.name),
            )
            for one in standing.get(place, ())
        )
        shown = held + tuple(
            SpanLine(
                _hours(one.start_s, one.end_s),
                formats.minutes(one.interval_s),
                _seen(
                    vars(one),
                    _reason(
                        None if one.rule is None else one.rule.name,
                        None if one.factor is None else one.factor.name,
                        100 if one.factor is None else one.factor.percent or 100,
                        language,
                    ),
                    language,
                ),
            )
            for one in spans
        )
        lines.append(PlaceLine(str(name), shown))
    return lines, [name for *_, name in beats.left_out]


def planned_lines(result: StoredResult, language: str) -> list[PlaceLine]:
    """Return the intervals that a stored plan was made with; none where it was made for no day type."""
    if "intervals" not in result.frame_names:
        return []
    found = []
    for _, part in result.frame("intervals").groupby("place", sort=False):
        spans = tuple(
            SpanLine(
                _hours(row["start_s"], row["end_s"]),
                formats.minutes(row["max_gap_s"]),
                _seen(
                    row,
                    _reason(
                        _PRESET_NAMES.get(row["rule"], row["rule_name"]) or None,
                        _PRESET_NAMES.get(row["factor"], row["factor_name"]) or None,
                        int(row["percent"]),
                        language,
                    ),
                    language,
                ),
            )
            for row in part.to_dict("records")
        )
        found.append(PlaceLine(str(part["name"].iloc[0]), spans))
    return found


def _hours(start: float, end: float) -> str:
    return f"{time_of_day(start)}–{time_of_day(end)}"


def _reason(rule: str | Text | None, factor: str | Text | None, percent: int, language: str) -> Text | str:
    base = Text("the place's own interval") if rule is None else rule
    words = base if isinstance(base, str) else say(base, language)
    if factor is None:
        return words
    scaled = factor if isinstance(factor, str) else say(factor, language)
    return Text.of("{rule} × {percent} % ({factor})", rule=words, percent=percent, factor=scaled)


_SEEN = {
    "day": Text("cameras see {share} by day"),
    "night": Text("cameras see {share} by night"),
    "": Text("cameras see {share}"),
}


def _seen(row: dict[Any, Any], words: Text | str, language: str) -> Text | str:
    """Return why a place has its interval, with what cameras had to say in it."""
    percent = int(row.get("camera_percent", 100))
    if percent == 100:
        return words
    why = Text(_SEEN[row["light"]].template, {"share": formats.share(row["share"])})
    rule = words if isinstance(words, str) else say(words, language)
    return Text.of("{rule} × {percent} % ({factor})", rule=rule, percent=percent, factor=say(why, language))


def preset_rows(language: str) -> list[dict[str, object]]:
    """Return the built-in rules as rows of the layer ``patrol_rules``, with names that differ."""
    names = pd.Series(
        [say(one.name, language) if isinstance(one.name, Text) else one.name for one in PRESETS]
    )
    shared = names.duplicated(keep=False)
    return [
        {
            "name": f"{name} · {choice(_LAYER, 'place_kind', one.place_kind, language)}" if several else name,
            "place_kind": one.place_kind,
            "day_type": one.day_type,
            "duty_level": one.duty_level,
            "hours": one.hours,
            "interval_min": one.interval_min,
            "interval_percent": one.percent,
        }
        for one, name, several in zip(PRESETS, names, shared, strict=True)
    ]
