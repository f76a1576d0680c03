"""The intervals of a place through a day: which rule is in force in each hour, and what it makes of the place's own interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from geo_service.analysis.rows import each
from geo_service.duty.day_types import ADDED
from geo_service.store import Store
from town_model import DAY_S, Text, parse_hours

SHORTEST_S = 300.0
_ONE_PLACE = {"key_area": "key_areas", "patrol_point": "patrol_points", "housing_zone": "housing_zones"}
_ANY = "any"
INTERVAL = "interval"


@dataclass(frozen=True, kw_only=True)
class Duty:
    """For which day a plan is made.

    Args:
        day_type: one of the day types.
        base: what the day is but for markets and events: ``workday``, ``day_off`` or ``school_day``.
        level: duty level, ``1`` (the highest) to ``3``.
    """

    day_type: str
    base: str
    level: str = "3"

    def rank(self, day_type: str, level: str) -> tuple[int, int] | None:
        """Return how closely a rule of some day type and level fits, larger is closer; None where it does not hold.

        Rules of school days hold on market days in term, too, but one of market days comes before them.
        """
        days = {self.day_type: 2, _ANY: 0}
        if self.day_type in ADDED:
            days.setdefault(self.base, 1)
        levels = {self.level: 1, _ANY: 0}
        return (days[day_type], levels[level]) if day_type in days and level in levels else None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule of intervals.

    Args:
        key: ``patrol_rules/3``, or ``preset/…`` of a built-in one.
        name: its name.
        place_kind: as in the layer ``patrol_rules``.
        place: id of the one place it is for (``key_areas/3``), or empty.
        day_type: of which days.
        duty_level: at which level.
        hours: in which hours, as people write them.
        interval_min: the interval in minutes; None with `percent`.
        percent: the share of the interval in per cent; None with `interval_min`.
        demand: ``interval``, ``post`` or ``closed``; the last two have neither an interval nor a share.
    """

    key: str
    name: str | Text
    place_kind: str = "all"
    place: str = ""
    day_type: str = _ANY
    duty_level: str = _ANY
    hours: str = ""
    interval_min: int | None = None
    percent: int | None = None
    demand: str = INTERVAL

    def closeness(self, place: str, category: str) -> int | None:
        """Return how particular the rule is about a place: 3 for it alone, 2 for its category, 1 for its layer, 0 for all; None: not for it."""
        if self.place:
            return 3 if self.place == place else None
        layer = place.split("/", maxsplit=1)[0]
        known = {"all": 0, layer.removesuffix("s"): 1}
        if category:
            known[category] = 2
        return known.get(self.place_kind)


def _preset(key: str, name: Text, **values: object) -> Rule:
    return Rule(key=f"preset/{key}", name=name, **values)  # type: ignore[arg-type] # a table of literals below


_EVENING = Text("Business streets in the evening")
_BELL = Text("Schools at bell times")
_CORE = Text("Town core, round the clock")
_FAIR = Text("Markets on market days")
_EVENT = Text("Squares and streets on event days")
#: In force while the town has no patrol rule of its own. Planning values of this project, a planner's to change.
PRESETS: tuple[Rule, ...] = (
    _preset("core-station", _CORE, place_kind="station", interval_min=240),
    _preset("core-hospital", _CORE, place_kind="hospital", interval_min=240),
    _preset("core-square", _CORE, place_kind="square", interval_min=240),
    _preset("core-business", _CORE, place_kind="business_street", interval_min=240),
    _preset("core-pedestrian", _CORE, place_kind="pedestrian_street", interval_min=240),
    _preset("evening-business", _EVENING, place_kind="business_street", hours="18:00-22:30", interval_min=90),
    _preset("evening-pedestrian", _EVENING, place_kind="pedestrian_street", hours="18:00-22:30", interval_min=90),
    _preset("bell-school", _BELL, place_kind="school", day_type="school_day", hours="07:00-08:10,16:30-18:00", interval_min=90),
    _preset("bell-kindergarten", _BELL, place_kind="kindergarten", day_type="school_day", hours="07:30-08:40,16:00-17:30", interval_min=90),
    _preset("estates", Text("Housing estates in the evening"), place_kind="housing_zone", hours="19:00-23:00", interval_min=180),
    _preset("market", _FAIR, place_kind="market", day_type="market_day", hours="05:30-12:00", interval_min=60),
    _preset("market-street", _FAIR, place_kind="business_street", day_type="market_day", hours="06:00-12:00", interval_min=90),
    _preset("event-square", _EVENT, place_kind="square", day_type="event_day", hours="09:00-22:30", interval_min=60),
    _preset("event-street", _EVENT, place_kind="pedestrian_street", day_type="event_day", hours="09:00-22:30", interval_min=60),
    _preset("level-1", Text("Duty level 1: twice as often"), duty_level="1", percent=50),
    _preset("level-2", Text("Duty level 2: a quarter sooner"), duty_level="2", percent=75),
)  # fmt: skip


@dataclass(frozen=True)
class Span:
    """A part of a day in which one interval holds at a place.

    Args:
        start_s: begin, in seconds since midnight.
        end_s: end.
        interval_s: the longest time between two visits.
        rule: the rule that gave the interval; None: the place's own.
        factor: the rule that scaled it; None for none.
        at_least_once: whether a visit must begin in it even where the interval is longer.
    """

    start_s: int
    end_s: int
    interval_s: float
    rule: Rule | None
    factor: Rule | None
    at_least_once: bool = True


def load_rules(store: Store) -> tuple[Rule, ...]:
    """Return the town's patrol rules; while none of them is of intervals, the built-in ones of intervals stand in."""
    own = town_rules(store)
    return own if any(one.demand == INTERVAL for one in own) else (*PRESETS, *own)


def town_rules(store: Store) -> tuple[Rule, ...]:
    """Return the patrol rules that were entered."""
    rules = []
    for row in each(store.frame("patrol_rules")):
        places = [
            f"{layer}/{int(value)}"
            for column, layer in _ONE_PLACE.items()
            if (value := getattr(row, column)) is not None and value == value  # noqa: PLR0124 - NaN
        ]
        rules.append(
            Rule(
                key=f"patrol_rules/{row.Index}",
                name=row.name,
                place_kind=row.place_kind,
                place=places[0] if places else "",
                day_type=row.day_type,
                duty_level=row.duty_level,
                hours=row.hours if isinstance(row.hours, str) else "",
                interval_min=_whole(row.interval_min),
                percent=_whole(row.interval_percent),
                demand=row.demand or INTERVAL,
            )
        )
    return tuple(rules)


def _whole(value: object) -> int | None:
    return None if value is None or value != value else int(value)  # type: ignore[call-overload]  # noqa: PLR0124 - NaN


def intervals(
    place: str,
    *,
    category: str,
    own_interval_s: float | None,
    own_hours: str,
    rules: Sequence[Rule],
    duty: Duty,
) -> list[Span]:
    """Return the intervals of a place through a day, in order; none where it is never asked for.

    In each hour the most particular rule that names an interval is in force (one place before a category, a category before a layer
    before all; then the day type, then the duty level, then the fewer hours, then the shorter interval); where none is, the
    place's own interval within its hours. The most particular rule that names a share then scales it.

    Args:
        place: id of the place (``key_areas/3``).
        category: category of a key area, or empty.
        own_interval_s: the place's own interval; None for none.
        own_hours: hours in which that one holds.
        rules: all rules.
        duty: the day.
    """
    fixed = _fitting([one for one in rules if one.interval_min is not None], place, category, duty)
    scaled = _fitting([one for one in rules if one.percent is not None], place, category, duty)
    own = [] if own_interval_s is None else parse_hours(own_hours)
    marks = {0, DAY_S, *(mark for spans in (own, *(one[1] for one in fixed), *(one[1] for one in scaled)) for span in spans for mark in span)}  # fmt: skip
    found: list[Span] = []
    for start, end in pairwise(sorted(marks)):
        rule = next((one for one, spans in fixed if _within(start, spans)), None)
        if rule is None and not _within(start, own):
            continue
        base = own_interval_s if rule is None else 60.0 * (rule.interval_min or 0)
        assert base is not None  # a rule, or hours of its own
        factor = next((one for one, spans in scaled if _within(start, spans)), None)
        seconds = (
            base if factor is None else max(SHORTEST_S, 60.0 * round(base * (factor.percent or 0) / 6000))
        )
        if found and found[-1].end_s == start and (found[-1].rule, found[-1].factor) == (rule, factor):
            found[-1] = Span(found[-1].start_s, end, seconds, rule, factor)
        else:
            found.append(Span(start, end, seconds, rule, factor))
    return _visited(found)


def own_spans(hours: str, interval_s: float) -> list[Span]:
    """Return the one interval of a place without any rule as spans: in each of its hours a visit must begin.

    Args:
        hours: its hours, as people write them.
        interval_s: its interval.
    """
    spans = parse_hours(hours)
    over_midnight = spans[0][0] == 0 and spans[-1][1] == DAY_S  # the morning then goes on from the evening
    return [
        Span(start, end, interval_s, None, None, at_least_once=not (over_midnight and start == 0))
        for start, end in spans
    ]


def _fitting(
    rules: Sequence[Rule], place: str, category: str, duty: Duty
) -> list[tuple[Rule, list[tuple[int, int]]]]:
    """Return the rules that hold for a place on a day with their hours, the most particular first."""
    found = []
    for rule in rules:
        close, rank = rule.closeness(place, category), duty.rank(rule.day_type, rule.duty_level)
        if close is None or rank is None:
            continue
        spans = parse_hours(rule.hours)
        hours = sum(end - start for start, end in spans)
        order = (-close, -rank[0], -rank[1], hours, rule.interval_min or rule.percent or 0, rule.key)
        found.append((order, rule, spans))
    return [(rule, spans) for _, rule, spans in sorted(found, key=lambda one: one[0])]


def _within(moment: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= moment < end for start, end in spans)


def _visited(spans: list[Span]) -> list[Span]:
    """Ask for a visit in every span, but not in what rules left over of a longer stretch, nor in the whole day."""
    if len(spans) == 1 and (spans[0].start_s, spans[0].end_s) == (0, DAY_S):
        return spans
    found = []
    for number, one in enumerate(spans):
        before = spans[number - 1].end_s == one.start_s if number else spans[-1].end_s - DAY_S == one.start_s
        after = (
            spans[number + 1].start_s == one.end_s
            if number + 1 < len(spans)
            else spans[0].start_s + DAY_S == one.end_s
        )
        own_hours = one.rule is not None and bool(one.rule.hours) and not (one.start_s == 0 and before)
        once = own_hours or not (before or after)
        found.append(Span(one.start_s, one.end_s, one.interval_s, one.rule, one.factor, once))
    return found
