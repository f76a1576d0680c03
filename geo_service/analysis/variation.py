"""Varied days of a town: one audited plan a day, so that nobody can guess the next one, stored as the result ``patrol_days``.

The seed is a secret of the station: it is drawn anew for each run and kept nowhere, neither in the result nor in the record.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, cast

import pandas as pd

from geo_service.analysis.days import DAYS_KIND
from geo_service.analysis.patrol import PlannedDay, day_frames, day_summary, plan_day
from geo_service.duty.choice import planned_for
from geo_service.progress import Progress, part, silent
from geo_service.store import Store
from patrol_routing import PatrolPlan, Unpredictability, unpredictability, vary_plan
from patrol_routing.variation import STEPS
from town_model import InputError, Text, TownError

MOST_DAYS = 60
#: Frames that hold a row or more for each day, told apart by ``day`` (1 is the first).
DAILY = ("visits", "routes", "breaches", "units")
_WINDOW = ("window_start_s", "window_s", "window_chance")
_SEED_BITS = 62


def compute_variation(
    store: Store,
    *,
    actor: str,
    days: int,
    seed: int | None = None,
    steps: int = STEPS,
    time_limit_s: float | None = None,
    max_iterations: int | None = None,
    say_name: dict[str, str] | None = None,
    progress: Progress = silent,
    should_stop: Callable[[], bool] | None = None,
) -> int:
    """Plan a day, vary it over some days, each of them audited, and store them as ``patrol_days``; return the result's number.

    Args:
        store: the town.
        actor: who asks.
        days: how many days, up to `MOST_DAYS`.
        seed: of the variation, the secret; None draws one that nobody knows. It is not stored.
        steps: how many changes to try for each day.
        time_limit_s: how long to search for the plan that is varied, in seconds; as the latest plan did by default.
        max_iterations: with a seed and no reached time limit, makes the run reproducible; as the latest plan by default.
        say_name: names of the default units, by their English template.
        progress: told how far it is.
        should_stop: polled during the search; True ends it with the best plan so far.

    Raises:
        InputError: so many days cannot be varied, or there is no place to visit, no roads or no unit.
        TownError: a plan did not pass its audit; nothing was stored.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InputError("days must be a number from 1 to {most}, not {days}", most=MOST_DAYS, days=days)
    revision = store.revision()
    latest = store.latest_result("patrol")
    known = latest.options if latest is not None else {}
    limit_s = float(time_limit_s or known.get("time_limit_s") or 30.0)
    planned = planned_for(known)
    day = plan_day(
        store,
        planned=planned,
        time_limit_s=limit_s,
        max_iterations=max_iterations or known.get("max_iterations"),
        seed=int(known.get("seed") or 0),
        say_name=say_name,
        progress=part(progress, 0.0, 0.4),
        should_stop=should_stop,
    )
    if not day.audit.is_sound:
        raise TownError(
            "the plan did not pass its audit and was not stored: {faults}",
            faults="; ".join(str(one.message) for one in day.audit.findings[:5]),
        )
    told = part(progress, 0.4, 0.95)

    def varied(share: float) -> None:
        told(
            share,
            Text.of("varying the plan: day {day} of {days} audited", day=round(share * days), days=days),
        )

    progress(0.4, Text("varying the plan"))
    chosen = secrets.randbits(_SEED_BITS) if seed is None else seed
    try:
        plans = vary_plan(day.problem, day.plan, days=days, seed=chosen, steps=steps, progress=varied)
    except AssertionError as error:  # the audit's refusal of a day
        raise TownError(
            "the plan did not pass its audit and was not stored: {faults}", faults=str(error)
        ) from error
    progress(0.96, Text("comparing the days"))
    return store.save_result(
        DAYS_KIND,
        actor=actor,
        options={
            "days": days,
            "steps": steps,
            "time_limit_s": limit_s,
            **({} if planned is None else planned.options()),
        },
        summary=_summary(day, plans),
        frames=_frames(day, plans),
        store_revision=revision,
    )


def _figures(plans: list[PatrolPlan]) -> Unpredictability:
    figures = plans[0].unpredictability
    assert figures is not None  # `vary_plan` says so
    return cast("Unpredictability", figures)


def _summary(day: PlannedDay, plans: list[PatrolPlan]) -> dict[str, Any]:
    after = _figures(plans)
    before = unpredictability(day.problem, [day.plan] * len(plans))
    return {
        **day_summary(day),
        **after.summary(),
        "longest_window_before_s": round(before.longest_window_s, 1),
        "mean_time_entropy_before": _finite(before.mean_time_entropy),
        "mean_return_entropy_before": _finite(before.mean_return_entropy),
        "visits": sum(len(one.visits) for one in plans),
        "days_with_breaches": sum(len(one.breaches) > 0 for one in plans),
        "breaches_before": len(day.plan.breaches),
    }


def _finite(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


def _frames(day: PlannedDay, plans: list[PatrolPlan]) -> dict[str, pd.DataFrame]:
    """Return the frames of all days; ``places`` has the burglar's best window of the one plan driven daily, and of the days."""
    by_day = [day_frames(replace(day, plan=one)) for one in plans]
    frames: dict[str, pd.DataFrame] = {}
    for name in DAILY:
        parts = [one[name].assign(day=number) for number, one in enumerate(by_day, 1)]
        filled = [one for one in parts if len(one)]
        frames[name] = pd.concat(filled, ignore_index=True) if filled else parts[0]
    # what can be guessed is said of places; streets are in the visits alone
    first = by_day[0]["places"]
    first = first[~first["place"].astype(str).str.startswith("roads/")].reset_index(drop=True)
    after = _figures(plans).places
    # one plan driven every day: who watched two days knows them all
    before = unpredictability(day.problem, [day.plan, day.plan]).places
    places = first.drop(columns=["visits", "worst_gap_s"])
    keys: list[Hashable] = list(places["place"])
    for name in _WINDOW:
        places[f"before_{name}"] = before[name].reindex(keys).to_numpy()
    for name in after.columns:
        places[name] = after[name].reindex(keys).to_numpy()
    places["visits"] = places["visits"].fillna(0).astype(int)
    worst = pd.concat([one["places"].set_index("place")["worst_gap_s"] for one in by_day], axis=1).max(axis=1)
    places["worst_gap_s"] = worst.reindex(keys).to_numpy()
    columns = ["place", "name", "visits", "worst_gap_s", "max_gap_s"]
    frames["day_places"] = pd.concat(
        [pd.DataFrame(one["places"][columns]).assign(day=number) for number, one in enumerate(by_day, 1)],
        ignore_index=True,
    )
    return {**frames, "places": places, "unreachable": by_day[0]["unreachable"]}
