"""Cameras counted in the intervals of patrols: what they watch is asked for more seldom, what they do not see more often."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from geo_service.duty.intervals import SHORTEST_S, Span
from geo_service.settings import Settings
from geo_service.watch_clock.sun import Daylight
from town_model import DAY_S, InputError

#: Cameras that work, or also the planned ones as if they were built.
WHICH = ("working", "planned")
LIGHTS = ("day", "night")
PERCENTS = tuple(f"{kind}_{light}_percent" for kind in ("watched", "blind") for light in LIGHTS)
#: The least and the greatest share of the interval in per cent; what is watched is never asked for sooner, what is blind never later.
LIMITS = {"watched": (100, 400), "blind": (25, 100)}
#: From which and below which share, in per cent, as forms and jobs give them: the usual one, the least, the greatest.
THRESHOLDS = {"watched_from": (95, 50, 100), "blind_below": (50, 0, 95)}
_SLACK = 1e-6


@dataclass(frozen=True, kw_only=True)
class CameraCredit:
    """How cameras count; the percentages are planning values, a planner's to change.

    Args:
        which: one of `WHICH`.
        watched_day_percent: share of the interval by day where cameras see at least `watched_from` of the place at its class.
        watched_night_percent: by night.
        blind_day_percent: share of the interval by day where they see less than `blind_below` of it.
        blind_night_percent: by night.
        watched_from: from which share on a place is watched, as on the clock.
        blind_below: below which share it is blind; in between its interval stays.

    Raises:
        InputError: a value without meaning.
    """

    which: str = "working"
    watched_day_percent: int = 150
    watched_night_percent: int = 150
    blind_day_percent: int = 75
    blind_night_percent: int = 75
    watched_from: float = 0.95
    blind_below: float = 0.5

    def __post_init__(self) -> None:
        if self.which not in WHICH:
            raise InputError("cameras that count must be one of {known}, not {value!r}", known=", ".join(WHICH), value=str(self.which)[:40])  # fmt: skip
        for name in PERCENTS:
            low, high = LIMITS[name.partition("_")[0]]
            if not low <= getattr(self, name) <= high:
                raise InputError("{name} must be a number from {low} to {high}, not {value!r}", name=name, low=low, high=high, value=getattr(self, name))  # fmt: skip

        if not 0 <= self.blind_below <= self.watched_from <= 1 or self.watched_from <= 0:
            raise InputError(
                "a place is watched from {watched} % on and blind below {blind} %: the first must not be less than the second",
                watched=f"{100 * self.watched_from:g}",
                blind=f"{100 * self.blind_below:g}",
            )

    def percent(self, share: float, light: str) -> int:
        """Return the share of the interval in per cent for what cameras see of a place; 100 where that is not known."""
        if math.isnan(share):
            return 100
        if share >= self.watched_from - _SLACK:
            return int(getattr(self, f"watched_{light}_percent"))
        return int(getattr(self, f"blind_{light}_percent")) if share < self.blind_below - _SLACK else 100

    def options(self) -> dict[str, Any]:
        """Return it as options of a stored plan; `read_credit` reads them."""
        found = asdict(self)
        return {"cameras_count": found.pop("which"), **found}


def read_credit(options: Mapping[str, Any]) -> CameraCredit | None:
    """Return how cameras count in a plan of these options; None where they do not. What is not given is as usual.

    Raises:
        InputError: a value without meaning.
    """
    which = options.get("cameras_count")
    if not which:
        return None
    names = (*PERCENTS, "watched_from", "blind_below")
    given = {name: options[name] for name in names if options.get(name) is not None}
    return CameraCredit(which=str(which), **given)


def camera_credit(settings: Settings, options: Mapping[str, Any]) -> CameraCredit | None:
    """Return how cameras count in a plan that is asked for: as its options say, else as the settings of the station do.

    Args:
        settings: of the station.
        options: ``cameras_count`` (empty: they do not count), percentages by the names of `CameraCredit`, and the shares from which a
            place is watched and below which it is blind as ``watched_from_percent`` and ``blind_below_percent``.

    Raises:
        InputError: a value without meaning.
    """
    usual = {name: getattr(settings, f"patrol_{name}") for name in PERCENTS}
    given = {name: int(value) for name, value in options.items() if name in PERCENTS and value is not None}
    shares = {
        name: value / 100 for name in THRESHOLDS if (value := options.get(f"{name}_percent")) is not None
    }
    return read_credit({"cameras_count": options.get("cameras_count"), **usual, **given, **shares})


@dataclass(frozen=True)
class SeenSpan(Span):
    """A part of a day whose interval cameras had a say in.

    Args:
        camera_percent: the share of the interval in per cent.
        light: ``day`` or ``night``; empty where both gave the same.
        share: how much of the place cameras see then, 0 to 1; the lesser of both lights where they gave the same.
        rule_interval_s: the interval before cameras counted.
    """

    camera_percent: int = 100
    light: str = ""
    share: float = math.nan
    rule_interval_s: float = math.nan


def credited_spans(
    spans: Sequence[Span], shares: Mapping[str, float], light: Daylight, credit: CameraCredit
) -> list[Span]:
    """Return the intervals of a place through a day, cut at sunrise and sunset where cameras change them.

    Args:
        spans: its intervals by the rules, as `intervals` returns them.
        shares: what cameras see of it at its class, 0 to 1, under ``day`` and ``night``; NaN: unknown.
        light: the day.
        credit: how cameras count.
    """
    percents = {one: credit.percent(shares[one], one) for one in LIGHTS}
    if set(percents.values()) == {100}:
        return list(spans)
    whole = len(spans) == 1 and (spans[0].start_s, spans[0].end_s) == (0, DAY_S)
    found: list[Span] = []
    for span in spans:
        parts: list[Span] = [*_parts(span, shares, light, percents)]
        if len(parts) > 1:  # one visit is asked for in the whole, not in each part of it
            longest = max(range(len(parts)), key=lambda at: parts[at].end_s - parts[at].start_s)
            parts = [
                replace(one, at_least_once=span.at_least_once and not whole and at == longest)
                for at, one in enumerate(parts)
            ]
        found += parts
    return found


def _parts(
    span: Span, shares: Mapping[str, float], light: Daylight, percents: Mapping[str, int]
) -> list[SeenSpan]:
    """Return a span as its parts by light; as one where both lights give the same."""
    if percents["day"] == percents["night"]:
        return [_scaled(span, span.start_s, span.end_s, percents["day"], "", min(shares.values()))]
    edges = sorted((start, end, name) for name, some in light.spans.items() for start, end in some)
    parts = []
    for start, end, name in edges:
        begin, until = max(span.start_s, round(start)), min(span.end_s, round(end))
        if begin < until:
            parts.append(_scaled(span, begin, until, percents[name], name, shares[name]))
    return parts


def _scaled(span: Span, start_s: int, end_s: int, percent: int, light: str, share: float) -> SeenSpan:
    seconds = span.interval_s
    if percent > 100:
        seconds = max(seconds, min(60.0 * round(seconds * percent / 6000), float(DAY_S)))
    elif percent < 100:
        seconds = min(seconds, max(60.0 * round(seconds * percent / 6000), SHORTEST_S))
    return SeenSpan(
        start_s, end_s, seconds, span.rule, span.factor, span.at_least_once,
        camera_percent=percent, light=light, share=share, rule_interval_s=span.interval_s,
    )  # fmt: skip
