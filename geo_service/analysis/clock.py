"""The clock of a town: what cameras watch and patrols keep of each place's hours on one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd

from geo_service.analysis.asked_day import ask_day
from geo_service.analysis.beats import PLACE_LAYERS
from geo_service.analysis.clock_days import clock_days
from geo_service.analysis.clock_places import clock_places
from geo_service.analysis.clock_savings import Reading, camera_savings, together, village_minutes
from geo_service.analysis.patrol_hours import HOUR_COLUMNS, STOP_COLUMNS, patrol_hours
from geo_service.analysis.watched import load_watched
from geo_service.duty.choice import PlannedFor, choose_day, planned_for
from geo_service.progress import Progress, part, silent
from geo_service.publications import plan_on
from geo_service.store import Store, StoredResult
from geo_service.watch_clock import Daylight, daylight, unwatched_minutes
from town_model import InputError, Text

REQUIRED_SHARE = 0.95
#: Hours that China's clocks are ahead of UTC, all year.
UTC_OFFSET_H = 8.0


def compute_clock(
    store: Store,
    *,
    actor: str,
    date: dt.date,
    required_share: float = REQUIRED_SHARE,
    utc_offset_h: float = UTC_OFFSET_H,
    days: int = 1,
    savings: bool = True,
    say_name: dict[str, str] | None = None,
    progress: Progress = silent,
) -> int:
    """Work out the watched, patrolled and unwatched minutes of a day; store them as ``clock``; return the result's number.

    Cameras as they stand now, patrols by the plan that is published for the day, else by the latest draft (none: cameras alone), intervals by the rules of the day that this plan was
    made for, before cameras are counted: one yardstick for plans with and without them. Without a plan the day is what the date is.

    Args:
        store: the town.
        actor: who asks.
        date: the day; it decides when it is light.
        required_share: how much of a place cameras must see for it to be watched.
        utc_offset_h: hours of local time ahead of UTC.
        days: how many days from `date` on the calendar has, up to 31.
        savings: whether to ask, too, what each camera and one more patrol hour saves.
        say_name: names of the default units, by their English template.
        progress: told how far it is.

    Raises:
        InputError: the town has no data, or no place to watch.
    """
    revision = store.revision()
    plan, is_published = plan_on(store, date)
    planned = choose_day(store, date=date) if plan is None else planned_for(plan.options)
    places = clock_places(store, None if planned is None else planned.duty)
    if places.empty:
        raise InputError("there are no key areas, housing zones or patrol points: draw or import them first")
    progress(0.1, Text("asking what the cameras see"))
    watched = load_watched(store, progress=part(progress, 0.1, 0.5))
    shares = watched.shares()
    lon, lat = store.town.lon, store.town.lat
    if lon is None or lat is None:
        raise InputError("the town has no position yet: place it first")
    light = daylight(date, lon, lat, utc_offset_h=utc_offset_h)
    progress(0.5, Text("reading the clock"))
    visits = _visits(plan)
    table = unwatched_minutes(shares, visits, places, light, required_share=required_share)
    more: dict[str, pd.DataFrame] = {}
    figures: dict[str, Any] = {}
    if savings:
        reading = Reading(shares, visits, places, light, required_share, table)
        progress(0.55, Text("asking what each camera saves"))
        more["savings"] = camera_savings(store, watched, reading)
        figures["together"] = together(store, watched, reading)
        told = part(progress, 0.7, 0.95)
        more["hours"], more["hour_stops"] = _hours(store, planned, reading, say_name, told)
    more |= clock_days(
        store, shares, first=date, days=days, required_share=required_share,
        light=lambda one: daylight(one, lon, lat, utc_offset_h=utc_offset_h), progress=part(progress, 0.95, 1.0),
    )  # fmt: skip
    if plan is not None:
        more["villages"] = _villages(store, plan)
    table = (
        places.drop(columns=["hours", "max_gap_s", "spans"]).join(table).rename_axis("place").reset_index()
    )
    spans = table.pop("spans")
    strips = pd.DataFrame(
        [
            (place, start, end, state)
            for place, some in zip(table["place"], spans, strict=True)
            for start, end, state in some
        ],
        columns=["place", "start_s", "end_s", "state"],
    )
    order = table.sort_values(["unwatched_min", "place"], ascending=[False, True], kind="stable")
    return store.save_result(
        "clock",
        actor=actor,
        options={"date": date.isoformat(), "required_share": required_share, "utc_offset_h": utc_offset_h},
        summary=_summary(table, light, plan, planned) | {"plan_is_published": is_published} | figures,
        frames={"places": order.reset_index(drop=True), "strips": strips, **more},
        store_revision=revision,
    )


def _hours(
    store: Store,
    planned: PlannedFor | None,
    reading: Reading,
    say_name: dict[str, str] | None,
    progress: Progress,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what one more patrol hour saves; nothing where no unit could set out, which the page of plans explains."""
    own = None if planned is None else replace(planned, cameras=None)
    try:
        asked = ask_day(store, planned=own, say_name=say_name, progress=part(progress, 0.0, 0.3))
    except InputError:
        return pd.DataFrame(columns=list(HOUR_COLUMNS)), pd.DataFrame(columns=list(STOP_COLUMNS))
    return patrol_hours(asked, reading, progress=part(progress, 0.3, 1.0))


def _villages(store: Store, plan: StoredResult) -> pd.DataFrame:
    frames = {layer: store.frame(layer) for layer in PLACE_LAYERS}
    shapes = [
        one.geometry.set_axis([f"{layer}/{row}" for row in one.index])
        for layer, one in frames.items()
        if len(one)
    ]
    legs = plan.frame("legs") if "legs" in plan.frame_names else None
    return village_minutes(store.frame("villages"), pd.concat(shapes), plan.frame("visits"), legs)


def _visits(plan: StoredResult | None) -> pd.DataFrame:
    columns = ["place", "arrive_s", "depart_s"]
    return pd.DataFrame(columns=columns) if plan is None else plan.frame("visits")[columns]


def _summary(
    table: pd.DataFrame, light: Daylight, plan: StoredResult | None, planned: PlannedFor | None
) -> dict[str, Any]:
    total = {
        name: float(table[name].sum())
        for name in ("open_min", "watched_min", "patrolled_min", "unwatched_min")
    }
    return {
        "places": len(table),
        **total,
        "never_unwatched": int((table["unwatched_min"] < 1 / 60).sum()),
        "longest_unwatched_min": float(table["longest_unwatched_min"].max()),
        "sunrise_s": light.sunrise_s,
        "sunset_s": light.sunset_s,
        "plan": None if plan is None else plan.id,
        "day": None if planned is None else planned.options(),
    }
