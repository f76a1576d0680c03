"""The clock of a town: what cameras watch and patrols keep of each place's hours on one day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from camera_coverage import coverage_summary
from geo_service.analysis.beats import PLACE_LAYERS, interval_of
from geo_service.analysis.coverage import load_sight
from geo_service.analysis.rows import each
from geo_service.progress import Progress, silent
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
    progress: Progress = silent,
) -> int:
    """Work out the watched, patrolled and unwatched minutes of a day; store them as ``clock``; return the result's number.

    Cameras as they stand now, patrols by the latest plan (none: cameras alone).

    Args:
        store: the town.
        actor: who asks.
        date: the day; it decides when it is light.
        required_share: how much of a place cameras must see for it to be watched.
        utc_offset_h: hours of local time ahead of UTC.
        progress: told how far it is.

    Raises:
        InputError: the town has no data, or no place to watch.
    """
    revision = store.revision()
    places = clock_places(store)
    if places.empty:
        raise InputError("there are no key areas, housing zones or patrol points: draw or import them first")
    progress(0.1, Text("asking what the cameras see"))
    shares = _shares(store, progress)
    plan = store.latest_result("patrol")
    lon, lat = store.town.lon, store.town.lat
    if lon is None or lat is None:
        raise InputError("the town has no position yet: place it first")
    light = daylight(date, lon, lat, utc_offset_h=utc_offset_h)
    progress(0.8, Text("reading the clock"))
    table = unwatched_minutes(shares, _visits(plan), places, light, required_share=required_share)
    table = places.drop(columns=["hours", "max_gap_s"]).join(table).rename_axis("place").reset_index()
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
        summary=_summary(table, light, plan),
        frames={"places": order.reset_index(drop=True), "strips": strips},
        store_revision=revision,
    )


def clock_places(store: Store) -> pd.DataFrame:
    """Return the places of the clock by id (``key_areas/3``): name, kind, priority, hours, max_gap_s (NaN: no interval)."""
    rows: dict[str, dict[str, Any]] = {}
    for layer in PLACE_LAYERS:
        for row in each(store.frame(layer)):
            rows[f"{layer}/{row.Index}"] = {
                "name": row.name,
                "kind": layer,
                "priority": row.priority,
                "hours": row.hours if isinstance(row.hours, str) else "",
                "max_gap_s": interval_of(row),
            }
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["name", "kind", "priority", "hours", "max_gap_s"]
    )


def _shares(store: Store, progress: Progress) -> pd.DataFrame:
    """Return what working cameras see of each target in either light: the sun, not the fixed hours of the night, decides here."""
    sight = load_sight(store, progress=lambda share, text: progress(0.1 + 0.6 * share, text))
    kinds = sight.targets["kind"].isin(["key_area", "housing_zone"])
    targets = sight.targets[kinds].assign(hours="")
    found = coverage_summary(targets, sight.coverage)[["share_day", "share_night"]]
    sight.cache.flush()
    return found


def _visits(plan: StoredResult | None) -> pd.DataFrame:
    columns = ["place", "arrive_s", "depart_s"]
    return pd.DataFrame(columns=columns) if plan is None else plan.frame("visits")[columns]


def _summary(table: pd.DataFrame, light: Daylight, plan: StoredResult | None) -> dict[str, Any]:
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
    }
