"""For which day a plan is asked: a date with its proposed type, or a type that was chosen, at a duty level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo_service.duty.cameras import CameraCredit, read_credit
from geo_service.duty.day_types import (
    ADDED,
    DAY_TYPE_NAMES,
    DUTY_LEVEL_NAMES,
    USUAL_LEVEL,
    DayProposal,
    propose_day,
)
from geo_service.duty.intervals import Duty
from geo_service.store import Store
from town_model import InputError, Text
from town_model.layers.duty import DAY_TYPES, DUTY_LEVELS


@dataclass(frozen=True)
class PlannedFor:
    """The day that a plan is made for.

    Args:
        date: the date; None where only a day type was chosen.
        duty: its type and duty level.
        proposal: what the date is by itself; None without a date.
        cameras: how cameras count in the intervals; None where they do not.
    """

    date: dt.date | None
    duty: Duty
    proposal: DayProposal | None = None
    cameras: CameraCredit | None = None

    def options(self) -> dict[str, Any]:
        """Return it as options of a stored result; `planned_for` reads them."""
        return {
            "date": None if self.date is None else self.date.isoformat(),
            "day_type": self.duty.day_type,
            "base": self.duty.base,
            "duty_level": self.duty.level,
            **({} if self.cameras is None else self.cameras.options()),
        }


def choose_day(
    store: Store,
    *,
    date: dt.date | str | None = None,
    day_type: str | None = None,
    duty_level: str | None = None,
    cameras: CameraCredit | None = None,
) -> PlannedFor | None:
    """Return the day that is asked for; None where nothing was said of it: then only the places' own intervals hold.

    Args:
        store: the town.
        date: the date, also as ``2026-12-01``.
        day_type: its type; by default what the date is, without a date a workday.
        duty_level: ``1`` to ``3``; 3 by default.
        cameras: how cameras count in the intervals; None where they do not.

    Raises:
        InputError: no such date, day type or duty level, or cameras that count without a date.
    """
    if cameras is not None and not date:
        raise InputError(
            "cameras count by day and by night apart: give the date too, it decides sunrise and sunset"
        )
    if not (date or day_type or duty_level):
        return None
    day = _read_date(date)
    if day_type and day_type not in DAY_TYPE_NAMES:
        raise InputError("there is no day type {name!r}: use one of {known}", name=day_type[:40], known=", ".join(DAY_TYPE_NAMES))  # fmt: skip
    level = duty_level or USUAL_LEVEL
    if level not in DUTY_LEVEL_NAMES:
        raise InputError("the duty level must be 1, 2 or 3, not {level!r}", level=level[:40])
    proposal = None if day is None else propose_day(store, day)
    chosen = day_type or ("workday" if proposal is None else proposal.day_type)
    base = chosen
    if chosen in ADDED:
        base = "workday" if proposal is None else proposal.base
    return PlannedFor(day, Duty(day_type=chosen, base=base, level=level), proposal, cameras)


def planned_for(options: Mapping[str, Any]) -> PlannedFor | None:
    """Return for which day a stored plan was made; None where for no particular one.

    Args:
        options: options of a result of kind ``patrol``.
    """
    if not options.get("day_type"):
        return None
    date = options.get("date")
    duty = Duty(day_type=options["day_type"], base=options["base"], level=options["duty_level"])
    return PlannedFor(
        None if date is None else dt.date.fromisoformat(date), duty, cameras=read_credit(options)
    )


def day_words(planned: PlannedFor, language: str) -> Text:
    """Return for which day a plan was made, in words.

    Args:
        planned: the day.
        language: ``zh`` or ``en``, for the titles of day types and levels.
    """
    day_type, level = day_title(planned.duty.day_type, language), level_title(planned.duty.level, language)
    if planned.date is None:
        return Text.of("{day_type}, {level}", day_type=day_type, level=level)
    return Text.of(
        "{date}, {day_type}, {level}", date=planned.date.isoformat(), day_type=day_type, level=level
    )


def day_title(day_type: str, language: str) -> str:
    """Return the title of a day type."""
    return next(one.zh if language.startswith("zh") else one.en for one in DAY_TYPES if one.value == day_type)


def level_title(level: str, language: str) -> str:
    """Return the title of a duty level."""
    return next(one.zh if language.startswith("zh") else one.en for one in DUTY_LEVELS if one.value == level)


def _read_date(given: dt.date | str | None) -> dt.date | None:
    if given is None or isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(given.strip()) if given.strip() else None
    except ValueError as error:
        raise InputError("{day} is no day: write it as 2026-05-04", day=given[:40] or "—") from error
