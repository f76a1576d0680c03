"""Which plan routes are printed by: the latest one, the one published for a day, or one of the varied days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from geo_service.analysis.days import DAYS_KIND, day_of
from geo_service.publications import plan_in_force
from geo_service.store import Store, StoredResult
from town_model import InputError


@dataclass(frozen=True)
class RouteDay:
    """A plan to print.

    Args:
        plan: with the frames of the result ``patrol``.
        day: the day for which it was published; None for a plan that was asked for by itself.
    """

    plan: StoredResult
    day: dt.date | None = None


def route_day(store: Store, *, published: str = "", varied: str = "") -> RouteDay:
    """Return the plan that is asked for; the latest one where nothing is.

    Args:
        store: the town.
        published: a day as ``2026-05-04``: the plan by which units go on it.
        varied: which of the latest varied days, from 1.

    Raises:
        InputError: it is no day, or there is no plan for it.
    """
    if published:
        try:
            day = dt.date.fromisoformat(published)
        except ValueError as error:
            raise InputError("{day} is no day: write it as 2026-05-04", day=published[:40]) from error
        plan = plan_in_force(store, day)
        if plan is None:
            raise InputError("no plan is published for {day}: publish one first", day=day.isoformat())
        return RouteDay(plan, day)
    if varied:
        days = store.latest_result(DAYS_KIND)
        if days is None:
            raise InputError("there are no varied days yet: vary the plan first")
        if not varied.isascii() or not varied.isdecimal() or len(varied) > 4:
            raise InputError("{day} is no number of a varied day: they count from 1", day=varied[:20])
        return RouteDay(day_of(days, int(varied)))
    plan = store.latest_result("patrol")
    if plan is None:
        raise InputError("there is no patrol plan yet: compute one first")
    return RouteDay(plan)
