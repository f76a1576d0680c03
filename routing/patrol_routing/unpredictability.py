"""How well the visits of many days can be guessed: entropies, and the best window of a burglar.

Entropy is that of counts in bins, in nats, with the correction of Miller and Madow: −Σ p·ln p + (K − 1) / 2N for K
filled bins and N counts (Miller 1955, "Note on the bias of information estimates").
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from patrol_routing.plan import PatrolPlan
from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Span

TIME_BIN_S = 1200.0
RETURN_BIN_S = 600.0


@dataclass(frozen=True, eq=False)
class Unpredictability:
    """What an observer of some days can learn.

    Args:
        days: how many days there are.
        places: by place id: ``visits``, ``time_entropy`` (of the time of day, bins of 20 min), ``return_entropy`` (of the time from a visit to
            the next one, bins of 10 min; NaN below two returns), ``window_start_s`` and ``window_s`` (the burglar's best window: the
            longest time of day that was free of visits on every day; over midnight where day follows day), ``window_chance`` (of being free on a day that was not watched) and
            ``after_visit_s`` (the shortest time from a visit's end to the next visit: what is sure once a patrol has left).
        mean_time_entropy: over places.
        greatest_time_entropy: ln of the number of bins: what even visits would have.
        mean_return_entropy: over places.
        pooled_return_entropy: of the return times of all places together.
        longest_window_s: over places.
    """

    days: int
    places: pd.DataFrame
    mean_time_entropy: float
    greatest_time_entropy: float
    mean_return_entropy: float
    pooled_return_entropy: float
    longest_window_s: float

    def summary(self) -> dict[str, Any]:
        """Return the figures as plain numbers."""
        return {
            "days": self.days,
            "mean_time_entropy": _rounded(self.mean_time_entropy),
            "greatest_time_entropy": _rounded(self.greatest_time_entropy),
            "mean_return_entropy": _rounded(self.mean_return_entropy),
            "pooled_return_entropy": _rounded(self.pooled_return_entropy),
            "longest_window_s": round(self.longest_window_s, 1),
        }


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


def entropy(values: Iterable[float], bin_width: float) -> float:
    """Return the entropy of values in bins of a width, in nats, corrected after Miller and Madow; NaN without values.

    >>> round(entropy([5, 15, 25, 35], 10), 4)  # ln 4 + 3 / 8
    1.7613
    """
    bins = np.floor(np.asarray(list(values), dtype=float) / bin_width).astype(np.int64)
    if not len(bins):
        return math.nan
    _, count = np.unique(bins, return_counts=True)
    share = count / count.sum()
    return float(-(share * np.log(share)).sum() + (len(count) - 1) / (2 * count.sum()))


def free_window(
    days: Sequence[Sequence[Span]], horizon: Span, *, repeats: bool = False
) -> tuple[float, float]:
    """Return start and length of the longest time of day in which no visit of any day took place.

    Args:
        days: for each day the visits (arrive, depart).
        horizon: the time of the plan.
        repeats: whether day follows day: then the window may run on past the end of the horizon into its beginning.
    """
    spans = sorted(span for day in days for span in day)
    if not spans:
        return horizon[0], horizon[1] - horizon[0]
    at = horizon[0]
    best = (at, 0.0)
    for number, (arrive, depart) in enumerate(spans):
        if arrive - at > best[1] and (number or not repeats):
            best = (at, arrive - at)
        at = max(at, depart)
    last = horizon[1] - at + (spans[0][0] - horizon[0] if repeats else 0.0)
    return (at, last) if last > best[1] else best


def _chance(days: Sequence[Sequence[Span]], horizon: Span, *, repeats: bool) -> float:
    """Return how often the best window found on all other days is free on a day (leave one out); NaN for one day."""
    if len(days) < 2:
        return math.nan
    whole = horizon[1] - horizon[0]
    held = 0
    for i, day in enumerate(days):
        start, length = free_window([*days[:i], *days[i + 1 :]], horizon, repeats=repeats)
        held += not any(
            arrive + shift < start + length and depart + shift > start
            for arrive, depart in day
            for shift in (0.0, whole)
        )
    return held / len(days)


def unpredictability(problem: PatrolProblem, plans: Sequence[PatrolPlan]) -> Unpredictability:
    """Return what an observer who has watched these days can learn, by place and over all.

    Args:
        problem: that the plans were made for.
        plans: one a day.
    """
    from_arrival = problem.gap_from == "arrival"
    visits: dict[Any, list[list[Span]]] = {place.id: [[] for _ in plans] for place in problem.place_list}
    for day, plan in enumerate(plans):
        ordered = plan.visits.sort_values("arrive_s")[["place", "arrive_s", "depart_s"]]
        for place_id, arrive, depart in ordered.itertuples(index=False, name=None):
            if place_id in visits:  # streets are none
                visits[place_id][day].append((float(arrive), float(depart)))
    rows, pooled = {}, []
    for place in problem.place_list:
        days = visits[place.id]
        if not any(days):
            continue
        arrivals = [arrive for day in days for arrive, _ in day]
        returns = [
            max(b[0] - (a[0] if from_arrival else a[1]), 0.0) for day in days for a, b in pairwise(day)
        ]
        after = [max(b[0] - a[1], 0.0) for day in days for a, b in pairwise(day)]
        pooled += returns
        start, length = free_window(days, problem.horizon, repeats=problem.repeats)
        rows[place.id] = {
            "visits": len(arrivals),
            "time_entropy": entropy((t - problem.horizon[0] for t in arrivals), TIME_BIN_S),
            "return_entropy": entropy(returns, RETURN_BIN_S) if len(returns) > 1 else math.nan,
            "window_start_s": start,
            "window_s": length,
            "window_chance": _chance(days, problem.horizon, repeats=problem.repeats),
            "after_visit_s": min(after, default=math.nan),
        }
    columns = [
        "visits",
        "time_entropy",
        "return_entropy",
        "window_start_s",
        "window_s",
        "window_chance",
        "after_visit_s",
    ]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("place")
    bins = math.ceil((problem.horizon[1] - problem.horizon[0]) / TIME_BIN_S)
    return Unpredictability(
        days=len(plans),
        places=frame,
        mean_time_entropy=float(frame["time_entropy"].mean()),
        greatest_time_entropy=math.log(bins),
        mean_return_entropy=float(frame["return_entropy"].mean()),
        pooled_return_entropy=entropy(pooled, RETURN_BIN_S),
        longest_window_s=float(frame["window_s"].max()) if len(frame) else 0.0,
    )
