"""A warning for plans that are published for days of another type than the one they were made for."""

from __future__ import annotations

import datetime as dt

from geo_service.duty.choice import day_title
from geo_service.publications import other_days
from geo_service.store import Store
from town_model import Text

_NAMED = 3


def other_days_text(
    store: Store, result: int, first_day: dt.date, last_day: dt.date, language: str
) -> Text | None:
    """Return which days of a span are of another type than the plan; None where none is.

    Args:
        store: the town.
        result: number of the plan.
        first_day: the first day.
        last_day: the last day.
        language: ``zh`` or ``en``, for the titles of day types.
    """
    plan = store.result(result)
    found = [] if plan is None else other_days(store, plan, first_day, last_day)
    if plan is None or not found:
        return None
    comma, open_, close = ("、", "（", "）") if language.startswith("zh") else (", ", " (", ")")
    named = comma.join(
        f"{one.date.isoformat()}{open_}{day_title(one.day_type, language)}{close}" for one in found[:_NAMED]
    )
    return Text.of(
        "The plan was made for: {day_type}. {n} of these days are of another type: {days}",
        day_type=day_title(plan.options["day_type"], language),
        n=len(found),
        days=named + (" …" if len(found) > _NAMED else ""),
    )
