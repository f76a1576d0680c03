"""The clock of several days: each with its own sun, its own plan, and what the day before left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd

from geo_service.analysis.clock_places import clock_places
from geo_service.duty.choice import PlannedFor, choose_day, planned_for
from geo_service.duty.intervals import Duty
from geo_service.progress import Progress, silent
from geo_service.publications import plan_on
from geo_service.store import Store, StoredResult
from geo_service.watch_clock import Daylight, unwatched_minutes
from town_model import InputError, Text

MOST_DAYS = 31
FIGURES = ("open_min", "watched_min", "patrolled_min", "unwatched_min", "longest_unwatched_min")
VISIT_COLUMNS = ("place", "arrive_s", "depart_s")


def clock_days(
    store: Store,
    shares: pd.DataFrame,
    *,
    first: dt.date,
    days: int,
    light: Callable[[dt.date], Daylight],
    required_share: float,
    progress: Progress = silent,
) -> dict[str, pd.DataFrame]:
    """Return the clock of some days from one on.

    Patrols of a date go by the plan that is published for it, of varied days by the one of that date; where none is, by the latest draft.
    Idleness runs on from the visits of the day before. Intervals are those of the day that the plan was made for.

    Args:
        store: the town.
        shares: what cameras see, by place.
        first: the first day.
        days: how many, up to `MOST_DAYS`.
        light: gives sunrise and sunset of a date.
        required_share: how much of a place cameras must see.
        progress: told how far it is.

    Returns:
        Frames ``calendar`` (date, place and `FIGURES`), ``calendar_strips`` (date, place, start_s, end_s, state) and ``calendar_days`` (date,
        plan, is_published, day_type, duty_level, sunrise_s, sunset_s, and the sums of the town).

    Raises:
        InputError: no such number of days.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InputError("days must be a number from 1 to {most}, not {days}", most=MOST_DAYS, days=days)
    known: dict[Duty | None, pd.DataFrame] = {}
    before = _visits(plan_on(store, first - dt.timedelta(days=1))[0])
    rows: list[pd.DataFrame] = []
    strips: list[tuple[Any, ...]] = []
    told: list[dict[str, Any]] = []
    for number in range(days):
        date = first + dt.timedelta(days=number)
        progress(number / days, Text("reading the clock of the next days"))
        plan, is_published = plan_on(store, date)
        planned: PlannedFor | None = (
            choose_day(store, date=date) if plan is None else planned_for(plan.options)
        )
        duty = None if planned is None else planned.duty
        if duty not in known:
            known[duty] = clock_places(store, duty)
        visits, sun = _visits(plan), light(date)
        table = unwatched_minutes(
            shares, visits, known[duty], sun, required_share=required_share, before=before
        )
        day = date.isoformat()
        strips += [(day, place, *one) for place, spans in table["spans"].items() for one in spans]
        rows.append(table[list(FIGURES)].rename_axis("place").reset_index().assign(date=day))
        told.append(
            {
                "date": day, "plan": None if plan is None else plan.id, "is_published": is_published,
                "day_type": "" if duty is None else duty.day_type, "duty_level": "" if duty is None else duty.level,
                "sunrise_s": sun.sunrise_s, "sunset_s": sun.sunset_s,
                **{name: float(table[name].sum()) for name in FIGURES[:4]},
                "never_unwatched": int((table["unwatched_min"] < 1 / 60).sum()),
            }
        )  # fmt: skip
        before = visits
    return {
        "calendar": pd.concat(rows, ignore_index=True)[["date", "place", *FIGURES]],
        "calendar_strips": pd.DataFrame(strips, columns=["date", "place", "start_s", "end_s", "state"]),
        "calendar_days": pd.DataFrame(told).astype({"plan": "float64"}),
    }


def _visits(plan: StoredResult | None) -> pd.DataFrame:
    columns = list(VISIT_COLUMNS)
    return pd.DataFrame(columns=columns) if plan is None else plan.frame("visits")[columns]
