"""Rules of the layers of duty: a rule says one thing of one place or of a kind, a day rule can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.store.validation import Faults
from town_model import InputError, Layer, Text, parse_days

LONGEST_SPAN_DAYS = 366
_ONE_PLACE = ("key_area", "patrol_point", "housing_zone")


def check_duty(layer: Layer, data: Mapping[str, Sequence[Any]], faults: Faults) -> None:
    """Note what is wrong with rules of days, of intervals, and with shifts by day.

    Args:
        layer: layer of the rows.
        data: checked values by column, one a row.
        faults: takes the faults.
    """
    check = {"day_rules": _day_rule, "patrol_rules": _patrol_rule, "unit_shifts": _unit_shift}.get(layer.name)
    if check is None:
        return
    for number in range(len(next(iter(data.values()), ()))):
        for words in check({name: values[number] for name, values in data.items()}):
            faults.add(number, words)


def _day_rule(row: Mapping[str, Any]) -> list[Text]:
    first, last = row["first_day"], row["last_day"]
    found = []
    if row["rule"] == "dates":
        if first is None:
            found.append(Text("a rule by dates needs its first day"))
        elif last is not None and (last - first).days >= LONGEST_SPAN_DAYS:
            found.append(Text("a rule by dates holds for a year at most"))
        if row["days"]:
            found.append(Text("a rule by dates names no days: choose another rule, or leave the days empty"))
    else:
        try:
            parse_days(row["rule"], row["days"] or "")
        except InputError as error:
            found += error.messages
    if first is not None and last is not None and last < first:
        found.append(Text.of("the last day {last} lies before the first day {first}", first=first, last=last))
    return found


def _patrol_rule(row: Mapping[str, Any]) -> list[Text]:
    found = []
    if row["demand"] in ("post", "closed"):
        if not row["hours"]:
            found.append(Text("a standing post and times without visits need hours, such as 07:00-08:10"))
        if row["interval_min"] is not None or row["interval_percent"] is not None:
            found.append(Text("a standing post and times without visits have no interval: leave it empty"))
        if row["place_kind"] == "road":
            found.append(Text("a standing post and times without visits are for places, not for streets"))
    elif (row["interval_min"] is None) == (row["interval_percent"] is None):
        found.append(
            Text("a patrol rule needs either an interval or a share of the interval, one of the two")
        )
    if sum(row[name] is not None for name in _ONE_PLACE) > 1:
        found.append(Text("a patrol rule is for one place, or for a kind of places: choose one place only"))
    return found


def _unit_shift(row: Mapping[str, Any]) -> list[Text]:
    if row["off_duty"] == bool(row["shifts"]):
        return [Text("give the shifts, or say that the unit is off duty, one of the two")]
    return []
