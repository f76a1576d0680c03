"""What cameras of the town mean for the intervals of a day's patrols: the places of a plan, with what is seen of each."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd

from geo_service.analysis.beats import Beats
from geo_service.analysis.watched import load_watched
from geo_service.duty.cameras import CameraCredit, credited_spans, read_credit
from geo_service.duty.choice import PlannedFor
from geo_service.progress import Progress, silent
from geo_service.store import Store, StoredResult
from geo_service.watch_clock import Daylight, daylight
from town_model import InputError, Text


def count_cameras(
    store: Store,
    beats: Beats,
    planned: PlannedFor | None,
    *,
    seen: pd.DataFrame | None = None,
    progress: Progress = silent,
) -> tuple[Beats, pd.DataFrame | None]:
    """Return the places of a day with the intervals that cameras leave, and what cameras see of each place; unchanged where none count.

    Cameras count for key areas and housing zones, at the class that each asks for, by day and by night apart; patrol points keep
    their intervals.

    Args:
        store: the town.
        beats: of `load_beats`, with the intervals of the day's rules.
        planned: the day; with `PlannedFor.cameras` cameras count.
        seen: ``place``, ``share_day``, ``share_night`` as a stored plan keeps them; None asks the cameras as they stand now.
        progress: told how far it is.
    """
    if planned is None or planned.cameras is None or planned.date is None:
        return beats, None
    lon, lat = store.town.lon, store.town.lat
    if lon is None or lat is None:
        raise InputError("the town has no position yet: place it first")
    if seen is None:
        also = ("planned",) if planned.cameras.which == "planned" else ()
        shares = load_watched(store, progress=progress).shares(*also)
        shares = shares.reindex(beats.places.index).rename_axis("place")
    else:
        shares = seen.set_index("place").reindex(beats.places.index)
    places = _credited(beats.places, shares, daylight(planned.date, lon, lat), planned.cameras)
    return dataclasses.replace(beats, places=places), shares.reset_index()


def _credited(
    places: pd.DataFrame, shares: pd.DataFrame, light: Daylight, credit: CameraCredit
) -> pd.DataFrame:
    spans, limits = [], []
    for some, limit, day, night in zip(
        places["spans"], places["max_gap_s"], shares["share_day"], shares["share_night"], strict=True
    ):
        known = {"day": _share(day), "night": _share(night)}
        found = some if not some else credited_spans(some, known, light, credit)
        spans.append(found)
        limits.append(limit if not found else min(one.interval_s for one in found))
    return places.assign(spans=pd.Series(spans, index=places.index, dtype=object), max_gap_s=limits)


def _share(value: object) -> float:
    return math.nan if pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]


def credit_texts(plan: StoredResult) -> list[Text]:
    """Return in words what cameras changed in the intervals of a stored plan; nothing where they do not count."""
    credit = read_credit(plan.options)
    if credit is None or "intervals" not in plan.frame_names:  # varied days keep none
        return []
    rows = plan.frame("intervals")
    length = rows["end_s"] - rows["start_s"]
    texts = [
        Text.of(
            "Cameras count: {longer} places are asked for more seldom, {shorter} more often.",
            longer=int(rows.loc[rows["camera_percent"] > 100, "place"].nunique()),
            shorter=int(rows.loc[rows["camera_percent"] < 100, "place"].nunique()),
        ),
        Text.of(
            "By the intervals alone {after} visits a day are asked for, instead of {before} without cameras.",
            after=f"{(length / rows['max_gap_s']).sum():,.0f}",
            before=f"{(length / rows['rule_gap_s']).sum():,.0f}",
        ),
    ]
    if credit.which == "planned":
        texts.append(
            Text(
                "Planned cameras count here as if they were built: use this plan when they work, not before."
            )
        )
    return texts
