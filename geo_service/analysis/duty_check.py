"""What of required streets, standing posts and breaks cannot be done as it was entered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from geo_service.analysis.access import REACH_M
from geo_service.analysis.beats import PLACE_LAYERS
from geo_service.analysis.findings import Finding, findings_of
from geo_service.analysis.rows import each
from geo_service.analysis.streets import KINDS_OF
from geo_service.duty.day_types import ADDED
from geo_service.duty.intervals import Duty, Rule, town_rules
from geo_service.duty.shifts import breaks_on, shifts_on, within
from geo_service.duty.standing import CLOSED, POST
from geo_service.store import Store
from patrol_routing import DEFAULT_MODES
from town_model import Text, parse_hours

_NAMED = 3


def duty_findings(store: Store) -> Iterator[Finding]:
    """Return required streets that no unit may drive, posts that nobody can stand, and breaks without a shift.

    Posts are judged by shifts, breaks, range, and the shortest time in which a unit of its mode could come from its base: what is
    told cannot be done whatever the roads; the plan itself judges the rest.

    Args:
        store: the town.
    """
    units = store.frame("patrol_units")
    yield from _streets(store.frame("roads"), units)
    if len(units):
        yield from _posts(store, units)
    yield from _breaks(units)


def _streets(roads: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> Iterator[Finding]:
    asked = roads[roads["patrol_interval_min"].notna()]
    if asked.empty:
        return
    there = set(units["mode"]) or {"foot", "car", "motorcycle"}
    closed, one_way = [], []
    for row in each(asked):
        kinds = [
            one
            for one in KINDS_OF.get(row.patrol_modes or "any", tuple(REACH_M))
            if one in there and getattr(row, f"access_{one}")
        ]
        ways = {getattr(row, f"oneway_{one}") for one in kinds}
        wanted = row.patrol_direction or "either"
        closed.append(not kinds)
        one_way.append(
            bool(kinds)
            and (
                (wanted == "forward" and ways == {"backward"})
                or (wanted == "both" and "no" not in ways and len(ways) == 1)
            )
        )
    yield from findings_of(
        asked, pd.Series(closed, index=asked.index), "roads", "warning",
        Text("is a required street that no unit may drive or walk"),
        Text("choose another mode, enter a unit of it, or correct who may use the road"),
    )  # fmt: skip
    yield from findings_of(
        asked, pd.Series(one_way, index=asked.index), "roads", "warning",
        Text("is a required street in a direction in which it is one-way closed to every unit"),
        Text("ask for either direction, or correct the one-way of the road"),
    )  # fmt: skip


def _posts(store: Store, units: gpd.GeoDataFrame) -> Iterator[Finding]:
    rules = [one for one in town_rules(store) if one.demand in (POST, CLOSED)]
    places = (
        [
            (f"{layer}/{row.Index}", getattr(row, "category", "") or "", row.name, row.geometry)
            for layer in PLACE_LAYERS
            for row in each(store.frame(layer))
        ]
        if rules
        else []
    )
    for rule in rules:
        number = int(rule.key.partition("/")[2])
        here = [one for one in places if rule.closeness(one[0], one[1]) is not None]
        if not here:
            yield Finding(
                "warning", "patrol_rules", number, str(rule.name), Text("holds for no place that is entered"), Text("choose another place or kind of places"),
            )  # fmt: skip
        elif rule.demand == POST:
            duty = _duty(rule)
            shifts, rest = shifts_on(store, duty), breaks_on(store, duty)
            alone = [
                name for _, _, name, shape in here
                if not all(any(_can(unit, shape, span, shifts, rest) for unit in each(units)) for span in parse_hours(rule.hours))
            ]  # fmt: skip
            if alone:
                yield Finding(
                    "warning", "patrol_rules", number, str(rule.name),
                    Text.of("is a standing post that no unit can stand from begin to end: {places}", places=_listed(alone)),
                    Text("let a shift begin early enough before the post and end after it, without a break in it, or enter a unit nearby"),
                )  # fmt: skip


def _duty(rule: Rule) -> Duty | None:
    """Return a day on which a rule holds; None for no particular one."""
    if rule.day_type == rule.duty_level == "any":
        return None
    day = "workday" if rule.day_type == "any" else rule.day_type
    return Duty(
        day_type=day,
        base="workday" if day in ADDED else day,
        level="3" if rule.duty_level == "any" else rule.duty_level,
    )


def _can(
    unit: Any, shape: Any, span: tuple[int, int], shifts: dict[int, str | None], rest: dict[int, str]
) -> bool:
    """Whether a unit may be at a place during a span: roads can only make its way longer than this."""
    hours = shifts.get(int(unit.Index), unit.shifts)
    if hours is None:
        return False
    # it may stop beside a road that comes so near
    away = max(float(unit.geometry.distance(shape)) - REACH_M[unit.mode], 0.0)
    if pd.notna(unit.range_m) and away > unit.range_m:
        return False
    way_s = away / (_fastest(unit) / 3.6)
    return any(
        start + way_s <= span[0] and span[1] + way_s <= end and not any(a < span[1] and span[0] < b for a, b in within(rest.get(int(unit.Index), unit.breaks), start, end))
        for start, end in parse_hours(hours)
    )  # fmt: skip


def _fastest(unit: Any) -> float:
    mode = next(one for one in DEFAULT_MODES if one.name == unit.mode)
    if pd.notna(unit.speed_kmh):
        mode = mode.at_speed(float(unit.speed_kmh), mode.name)
    return max(mode.speed_kmh, *dict(mode.class_speed_kmh).values())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _breaks(units: gpd.GeoDataFrame) -> Iterator[Finding]:
    outside = [
        isinstance(row.breaks, str)
        and bool(row.breaks.strip())
        and not any(within(row.breaks, start, end) for start, end in parse_hours(row.shifts))
        for row in each(units)
    ]
    yield from findings_of(
        units, pd.Series(outside, index=units.index, dtype=bool), "patrol_units", "note",
        Text("has breaks outside its shifts only"), Text("correct the breaks or the shifts"),
    )  # fmt: skip
