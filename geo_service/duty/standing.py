"""Standing posts of a place and the times in which nobody is to come, on a day: from the rules of patrols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from geo_service.duty.intervals import Duty, Rule, Span
from town_model import DAY_S, parse_hours

POST, CLOSED = "post", "closed"


@dataclass(frozen=True)
class Standing:
    """A time in which a unit stands at a place, or in which nobody is to come.

    Args:
        kind: ``post`` or ``closed``.
        start_s: begin, in seconds since midnight.
        end_s: end.
        rule: what asks for it.
    """

    kind: str
    start_s: int
    end_s: int
    rule: Rule


def standing_times(place: str, *, category: str, rules: Sequence[Rule], duty: Duty | None) -> list[Standing]:
    """Return the posts and the closed times of a place on a day, in order. Rules add up; where both ask, it is closed.

    Args:
        place: id of the place (``key_areas/3``).
        category: category of a key area, or empty.
        rules: all rules.
        duty: the day; None: only rules for any day at any duty level hold.
    """
    asked: dict[str, list[Standing]] = {POST: [], CLOSED: []}
    for rule in rules:
        if rule.demand in asked and _holds(rule, place, category, duty):
            asked[rule.demand] += [
                Standing(rule.demand, start, end, rule) for start, end in parse_hours(rule.hours)
            ]
    closed = _apart(asked[CLOSED])
    posts = [part for one in _apart(asked[POST]) for part in _without(one, closed)]
    return sorted([*posts, *closed], key=lambda one: (one.start_s, one.kind))


def times(standing: Sequence[Standing], kind: str) -> list[tuple[float, float]]:
    """Return the spans of one kind, in seconds since midnight."""
    return [(float(one.start_s), float(one.end_s)) for one in standing if one.kind == kind]


def open_spans(spans: Sequence[Span], closed: Sequence[tuple[float, float]]) -> list[Span]:
    """Return intervals of a day without the times that are closed; of a span that falls apart the longest part asks for a visit."""
    found: list[Span] = []
    for span in spans:
        left = [span]
        for start, end in closed:
            left = [
                replace(part, start_s=a, end_s=b)
                for part in left
                for a, b in (
                    (part.start_s, min(part.end_s, int(start))),
                    (max(part.start_s, int(end)), part.end_s),
                )
                if a < b
            ]
        longest = max(left, key=lambda one: one.end_s - one.start_s, default=None)
        found += [one if one is longest else replace(one, at_least_once=False) for one in left]
    return found


def _holds(rule: Rule, place: str, category: str, duty: Duty | None) -> bool:
    if rule.closeness(place, category) is None:
        return False
    if duty is None:
        return rule.day_type == rule.duty_level == "any"
    return duty.rank(rule.day_type, rule.duty_level) is not None


def _apart(asked: list[Standing]) -> list[Standing]:
    """Return times in order of which none overlaps another one: those that do are one."""
    found: list[Standing] = []
    for one in sorted(asked, key=lambda it: (it.start_s, -it.end_s)):
        if found and one.start_s < found[-1].end_s:
            found[-1] = replace(found[-1], end_s=max(found[-1].end_s, one.end_s))
        else:
            found.append(one)
    return found


def _without(one: Standing, closed: Sequence[Standing]) -> list[Standing]:
    marks = sorted(
        {one.start_s, one.end_s}
        | {
            min(max(mark, one.start_s), one.end_s)
            for other in closed
            for mark in (other.start_s, other.end_s)
        }
    )
    return [
        replace(one, start_s=a, end_s=b)
        for a, b in pairwise(marks)
        if not any(other.start_s < b and a < other.end_s for other in closed)
    ]


def whole_day(spans: Sequence[Span]) -> bool:
    """Whether one interval holds at every moment of the day."""
    return len(spans) == 1 and (spans[0].start_s, spans[0].end_s) == (0, DAY_S)
