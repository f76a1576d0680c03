"""What a plan gives each place and street: its idleness, and who stands at its posts."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from patrol_routing import PatrolPlan, PatrolProblem
from patrol_routing.idleness import Account, account
from patrol_routing.records import Place

if TYPE_CHECKING:
    from geo_service.analysis.patrol import PlannedDay

POST_COLUMNS = ("place", "name", "kind", "start_s", "end_s", "rule", "rule_name", "alone_s", "units")
_SLACK_S = 1e-3


def accounts(problem: PatrolProblem, visits: pd.DataFrame) -> Iterator[tuple[Place, Account]]:
    """Return each place, and each direction of a street that is asked for, with its account.

    Args:
        problem: what was asked.
        visits: of a plan: ``place``, ``node``, ``arrive_s``, ``depart_s``.
    """
    stays: dict[Hashable, list[tuple[Any, float, float]]] = {}
    for place, node, arrive, depart in visits[["place", "node", "arrive_s", "depart_s"]].itertuples(
        index=False, name=None
    ):
        stays.setdefault(place, []).append((node, float(arrive), float(depart)))
    for one in (*problem.place_list, *problem.street_list):
        # of a street that is asked for in both directions each has its own begin
        mine = [(a, b) for node, a, b in stays.get(one.id, ()) if not one.is_street or node in one.nodes]
        yield one, account(one, mine, problem.horizon, problem.gap_from, repeats=problem.repeats)


def work_spread(problem: PatrolProblem, plan: PatrolPlan) -> float:
    """Return the largest less the smallest share of its time in which a shift drives or serves; a street is in its legs.

    Args:
        problem: what was asked.
        plan: visits and legs.
    """
    streets = {one.id for one in problem.street_list}
    stays = plan.visits[~plan.visits["place"].isin(streets)]
    work = (stays["depart_s"] - stays["arrive_s"]).groupby(stays["unit"]).sum()
    work = work.add(
        (plan.legs["leave_s"] - plan.legs["enter_s"]).groupby(plan.legs["unit"]).sum(), fill_value=0.0
    )
    shares = [float(work.get(one.id, 0.0)) / max(one.working_s, 1e-9) for one in problem.shift_list]
    return max(shares, default=0.0) - min(shares, default=0.0)


def tasks(day: PlannedDay, visits: pd.DataFrame) -> list[str]:
    """Return of each visit whether it is a ``visit``, the drive along a ``street``, or stands a ``post`` from its begin to its end."""
    posts = {
        place: [one for one in standing if one.kind == "post"]
        for place, standing in day.beats.places["standing"].items()
    }
    return [
        "street"
        if str(place).startswith("roads/")
        else "post"
        if any(
            arrive <= one.start_s + _SLACK_S and depart >= one.end_s - _SLACK_S
            for one in posts.get(place, ())
        )
        else "visit"
        for place, arrive, depart in visits[["place", "arrive_s", "depart_s"]].itertuples(
            index=False, name=None
        )
    ]


def standing_frame(day: PlannedDay, visits: pd.DataFrame) -> pd.DataFrame:
    """Return the posts and closed times of a day: for how long nobody stands at a post, and which units do.

    Args:
        day: the planned day.
        visits: with ``place``, ``unit_name``, ``arrive_s``, ``depart_s``.
    """
    breaches = day.plan.breaches
    alone = {
        (place, float(start)): float(gap)
        for place, kind, start, gap in breaches[["place", "kind", "start_s", "gap_s"]].itertuples(
            index=False, name=None
        )
        if kind == "post"
    }
    rows = []
    for place, name, standing in zip(
        day.beats.places.index, day.beats.places["name"], day.beats.places["standing"], strict=True
    ):
        here = visits[visits["place"] == place]
        for one in standing:
            there = here[
                (here["arrive_s"] < one.end_s - _SLACK_S) & (here["depart_s"] > one.start_s + _SLACK_S)
            ]
            units = list(dict.fromkeys(there["unit_name"].astype(str))) if one.kind == "post" else []
            rows.append(
                (place, name, one.kind, one.start_s, one.end_s, one.rule.key, str(one.rule.name),
                 alone.get((place, float(one.start_s)), 0.0), units)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(POST_COLUMNS))
