"""A stored patrol plan changed by hand: routes and times of the units anew, the auditor's verdict, what a burglar gains by it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from geo_service.analysis.asked_day import AskedDay
from geo_service.analysis.patrol import PlannedDay, day_frames, planned_day
from geo_service.analysis.plan_accounts import accounts, work_spread
from geo_service.analysis.stored_plan import asked_of, bare_plan, read_plan
from geo_service.store import Store, StoredResult
from patrol_routing import PatrolPlan, PatrolProblem, unpredictability
from patrol_routing.network import Network
from patrol_routing.records import Shift
from town_model import DAY_S, InputError, Text

MOST_CHANGES = 200
#: A place's best window counts as grown from so many seconds and this share on.
GROWN_S, GROWN_SHARE = 600.0, 0.1
#: Returns of a day within so many seconds of each other are even; counted from so many returns on.
EVEN_S, EVEN_RETURNS = 300.0, 3
_SLACK_S = 1e-6
_LATE_S = 60.0
#: Figures of a summary that a change by hand makes anew.
_OF_ROUTES = (
    "visits", "breaches", "breached_places", "worst_ratio", "worst_weighted_ratio", "work_spread", "optimality_gap", "mean_idleness_s", "drive_s",
)  # fmt: skip


@dataclass(frozen=True)
class StopChange:
    """One change of a plan.

    Args:
        shift: the shift whose stop is changed; None for a stop that is added. seq: which of its stops, as stored.
        place: the place of a stop that is added. to_shift: the shift that is to go there; None leaves the stop out.
        at_s: not before when, in seconds of the day.
    """

    shift: str | None
    seq: int | None
    place: str | None
    to_shift: str | None
    at_s: float | None


@dataclass(frozen=True)
class PlanChange:
    """A changed plan beside the stored one.

    Args:
        day: the changed plan, audited. before: breaches of the stored plan. dropped: (shift, place) of stops that no longer fit.
        shifts: the shifts whose times are new. windows: by place the burglar's best window: ``before_s``, ``after_s``, ``start_s``.
        warnings: what is worse than before, in words; saving asks for consent to them. better: what the change cures.
    """

    day: PlannedDay
    before: pd.DataFrame
    dropped: tuple[tuple[str, str], ...]
    shifts: tuple[str, ...]
    windows: pd.DataFrame
    warnings: tuple[Text, ...]
    better: tuple[Text, ...]


@dataclass
class _Stop:
    key: tuple[str, int] | None
    place: str
    node: Hashable
    earliest: float
    dwell: float
    pinned: bool = False
    until: float | None = None  # of a standing post: when it may be left
    way: tuple[Any, ...] = ()  # of a street: its edges


def change_plan(store: Store, result: StoredResult, changes: Sequence[StopChange]) -> PlanChange:
    """Return a stored plan with some stops moved to another unit or time, added or left out; nothing is stored.

    Units drive the quickest way between stops. Other stops of the changed shifts keep their times where they can and come
    later otherwise; those after which the unit would be back too late fall out and are told.

    Args:
        store: the town.
        result: of kind ``patrol``, the latest data's.
        changes: in order; a later one of the same stop replaces an earlier one.

    Raises:
        InputError: the data changed since, there is no such stop, shift or place, or the unit cannot do it.
    """
    if result.is_stale:
        raise InputError("the data changed since this plan was made: plan again before you change it by hand")
    if len(changes) > MOST_CHANGES:
        raise InputError("change at most {n} stops at a time", n=MOST_CHANGES)
    asked = asked_of(store, result)
    base = read_plan(asked, result)
    plan, dropped, touched = _changed(
        asked.problem,
        base,
        changes,
        pd.concat([asked.beats.places["name"], asked.streets.frame["name"]]).to_dict(),
    )
    day = _judged(asked, plan, result)
    if not day.audit.is_sound:
        raise InputError([one.message for one in day.audit.findings[:5]])
    windows = _windows(asked.problem, base, plan)
    before = result.frame("breaches")
    warnings, better = _compared(before, day, windows, base)
    names = day.asked["name"]
    warnings = [
        *(Text.of("{place} falls out of the plan: the unit would be back too late", place=names.get(place, place)) for _, place in dropped),
        *warnings,
    ]  # fmt: skip
    return PlanChange(day, before, dropped, touched, windows, tuple(warnings), tuple(better))


def save_change(store: Store, result: StoredResult, change: PlanChange, *, actor: str) -> int:
    """Store a changed plan as a new result; the former one stays, also where it is published. Return the new number.

    Raises:
        InputError: another plan was stored since.
    """
    latest = store.latest_result("patrol")
    if latest is None or latest.id != result.id:
        raise InputError("another plan was stored meanwhile: open the page again")
    frames = day_frames(change.day)
    known = result.frame("units").drop_duplicates("unit").set_index("unit")["unit_name"]
    for frame in (
        frames.values()
    ):  # names as the plan has them: those of default units are in the language of its maker
        if "unit_name" in frame:
            frame["unit_name"] = frame["unit"].map(known).fillna(frame["unit_name"])
    kept = {name: result.frame(name) for name in result.frame_names if name not in frames}
    figures = change.day.plan.summary()
    # what else the summary says is of the places and units, the bounds among it, and holds of any plan for them
    summary = {
        **{name: value for name, value in result.summary.items() if name != "needed_units"},
        **{name: figures[name] for name in (*_OF_ROUTES, "needed_units") if name in figures},
        "audit_passed": True,
    }
    return store.save_result(
        "patrol", actor=actor, options={**result.options, "changed_from": result.id}, summary=summary,
        frames={**kept, **frames}, store_revision=result.store_revision,
    )  # fmt: skip


def return_to_former(store: Store, *, actor: str) -> int:
    """Store the plan again from which the latest one was changed by hand; return its new number.

    Raises:
        InputError: the latest plan was not changed by hand.
    """
    latest = store.latest_result("patrol")
    former = (
        store.result(int(latest.options["changed_from"]))
        if latest and latest.options.get("changed_from")
        else None
    )
    if former is None:
        raise InputError("this plan was not changed by hand: there is nothing to return to")
    return store.save_result(
        "patrol", actor=actor, options=former.options, summary=former.summary,
        frames={name: former.frame(name) for name in former.frame_names}, store_revision=former.store_revision,
    )  # fmt: skip


def _changed(
    problem: PatrolProblem, base: PatrolPlan, changes: Sequence[StopChange], names: dict[Any, str]
) -> tuple[PatrolPlan, tuple[tuple[str, str], ...], tuple[str, ...]]:
    shifts = {str(one.id): one for one in problem.shift_list}
    places = {str(one.id): one for one in problem.place_list}
    ways = {(str(one.id), way[0][0]): way for one in problem.street_list for way in one.ways}
    routes: dict[str, list[_Stop]] = {name: [] for name in shifts}
    for shift, seq, place, node, arrive, depart in base.visits.itertuples(index=False, name=None):
        stop = _Stop((str(shift), int(seq)), str(place), node, arrive, depart - arrive)
        stop.way = ways.get((stop.place, node), ())
        # a street is driven in one go and a post stands by the clock: they stay with their shift
        stop.until = next((end for start, end in _posts_of(places.get(stop.place)) if arrive <= start + _SLACK_S and depart >= end - _SLACK_S), None)  # fmt: skip
        stop.pinned = bool(stop.way) or stop.until is not None
        routes[str(shift)].append(stop)
    latest: dict[Any, StopChange] = {}
    for number, change in enumerate(changes):
        latest[(change.shift, change.seq) if change.shift is not None else number] = change
    touched: list[str] = []
    for change in latest.values():
        stop = _taken(routes, places, change)
        if change.shift is not None:
            touched.append(change.shift)
        if change.to_shift is None:
            continue
        if change.to_shift not in shifts:
            raise InputError("there is no shift {shift} in this plan", shift=change.to_shift[:60])
        shift = shifts[change.to_shift]
        if change.at_s is None or not shift.start_s <= change.at_s <= shift.end_s:
            raise InputError("the time lies outside the shift of this unit: choose one from {start} to {end}", start=_clock(shift.start_s), end=_clock(shift.end_s))  # fmt: skip
        if not places[stop.place].allows(shift.mode):
            raise InputError(
                "units of this kind may not serve {place}", place=names.get(stop.place, stop.place)
            )
        stop.earliest, stop.node = change.at_s, None
        touched.append(change.to_shift)
        route = routes[change.to_shift]
        at = next((i for i, other in enumerate(route) if other.earliest >= change.at_s), len(route))
        route.insert(at, stop)
    shown = tuple(dict.fromkeys(touched))
    visits = [row for row in base.visits.itertuples(index=False, name=None) if str(row[0]) not in shown]
    legs = [row for row in base.legs.itertuples(index=False, name=None) if str(row[0]) not in shown]
    dropped: list[tuple[str, str]] = []
    for name in shown:
        some, driven, lost = _driven(problem, shifts[name], routes[name], places, names)
        visits += some
        legs += driven
        dropped += [(name, one) for one in lost]
    return bare_plan(visits, legs), tuple(dropped), shown


def _taken(routes: dict[str, list[_Stop]], places: dict[str, Any], change: StopChange) -> _Stop:
    """Take the stop of a change out of its route, or make the one that is added."""
    if change.shift is None:
        if change.place not in places:
            raise InputError("there is no place {place} in this plan", place=str(change.place)[:60])
        return _Stop(None, str(change.place), None, 0.0, places[str(change.place)].dwell_s)
    for stop in routes.get(change.shift, ()):
        if stop.key == (change.shift, change.seq):
            if stop.pinned:
                raise InputError("streets and standing posts cannot be moved by hand")
            routes[change.shift].remove(stop)
            return stop
    raise InputError("this plan has no stop {n} of {shift}", n=str(change.seq), shift=change.shift[:60])


def _driven(
    problem: PatrolProblem, shift: Shift, route: list[_Stop], places: dict[str, Any], names: dict[Any, str]
) -> tuple[list[Any], list[Any], list[str]]:
    """Return visits and legs of a shift over its stops in order, and the places of stops that no longer fit."""
    network = Network.of(problem.graph, shift.mode)
    visits: list[Any] = []
    legs: list[Any] = []
    lost: list[str] = []
    clock, at = shift.start_s, shift.base
    for stop in route:
        goals = [stop.node] if stop.node is not None else list(places[stop.place].nodes)
        along = [
            (u, v, key, problem.graph.edges[u, v, key][f"travel_time_{shift.mode}"]) for u, v, key in stop.way
        ]
        ways = {node: [] if node == at else network.paths(at, [node]).get(node) for node in goals}
        open_ways = {node: way for node, way in ways.items() if way is not None}
        if not open_ways:
            raise InputError("no way leads this unit to {place}", place=names.get(stop.place, stop.place))
        node, way = min(open_ways.items(), key=lambda one: sum(edge[3] for edge in one[1]))
        start = _after(clock, sum(edge[3] for edge in way), shift.breaks)
        begin = max(start + sum(edge[3] for edge in way), stop.earliest)
        stay = sum(edge[3] for edge in along) if along else stop.dwell
        if stop.until is not None:
            stay = max(stop.until - begin, places[stop.place].dwell_s)
        begin = _after(begin, stay, shift.breaks)
        end = along[-1][1] if along else node
        home = [] if end == shift.base else network.paths(end, [shift.base]).get(shift.base)
        back = math.inf if home is None else sum(edge[3] for edge in home)
        if _after(begin + stay, back, shift.breaks) + back > shift.end_s + _SLACK_S:
            lost.append(stop.place)
            continue
        _drive(legs, shift, way, start)
        _drive(legs, shift, along, begin)
        visits.append((shift.id, len(visits), stop.place, node, begin, begin + stay))
        clock, at = begin + stay, end
    if visits and at != shift.base:
        home = network.paths(at, [shift.base])[shift.base]
        _drive(legs, shift, home, _after(clock, sum(edge[3] for edge in home), shift.breaks))
    return visits, legs, lost


def _posts_of(place: Any) -> tuple[tuple[float, float], ...]:
    return () if place is None else place.posts


def _drive(legs: list[Any], shift: Shift, way: Sequence[Any], clock: float) -> None:
    number = sum(1 for one in legs if one[0] == shift.id)
    for u, v, key, seconds in way:
        legs.append((shift.id, number, u, v, key, clock, clock + seconds))
        number, clock = number + 1, clock + seconds


def _after(start: float, duration: float, breaks: Sequence[tuple[float, float]]) -> float:
    for begin, end in breaks:
        if start < end and start + duration > begin + _SLACK_S:
            start = end
    return start


def _judged(asked: AskedDay, plan: PatrolPlan, result: StoredResult) -> PlannedDay:
    """Return the plan with the figures that the auditor counts, audited with them."""
    problem = asked.problem
    modes = {str(one.mode).split("_")[0]: str(one.mode) for one in problem.shift_list}
    cut = result.frame("unreachable")
    cut = cut[cut["reason"] != "off_road"]
    lost = cut[["place", "mode", "reason"]].assign(mode=[modes.get(one, one) for one in cut["mode"]])
    plan = dataclasses.replace(plan, unreachable=lost.reset_index(drop=True))
    first = planned_day(asked, plan).audit
    gone = set(lost["place"])
    told = [(one, found) for one, found in accounts(problem, plan.visits) if one.id not in gone]
    means = [found.mean_s for _, found in told]
    bound = min(float(result.summary.get("bound", 0.0)) - 1e-4, first.worst_ratio)
    return planned_day(
        asked,
        dataclasses.replace(
            plan, breaches=first.breaches, worst_ratio=first.worst_ratio, bound=max(bound, 0.0), mean_idleness_s=float(np.mean(means)) if means else 0.0,
            worst_weighted_ratio=max((found.worst_ratio * one.weight for one, found in told), default=0.0), work_spread=work_spread(problem, plan),
            # what is needed hangs on the places and intervals, which no change by hand touches
            units_bound=int(result.summary.get("units_bound", 0)), needed_units=result.summary.get("needed_units") if len(first.breaches) else None,
        ),
    )  # fmt: skip


def _windows(problem: PatrolProblem, before: PatrolPlan, after: PatrolPlan) -> pd.DataFrame:
    """Return the burglar's best window of each place, of either plan driven every day."""
    old, new = (unpredictability(problem, [one, one]).places for one in (before, after))
    day = problem.horizon[1] - problem.horizon[0]
    every = old.index.union(new.index)
    return pd.DataFrame(
        {
            "before_s": old["window_s"].reindex(every).fillna(day),
            "after_s": new["window_s"].reindex(every).fillna(day),
            "start_s": new["window_start_s"].reindex(every).fillna(problem.horizon[0]),
        }
    )


def _compared(
    before: pd.DataFrame,
    day: PlannedDay,
    windows: pd.DataFrame,
    base: PatrolPlan,
) -> tuple[list[Text], list[Text]]:
    names = day.asked["name"]
    old, new = _lateness(before), _lateness(day.plan.breaches)
    worse, better = [], []
    for place in sorted({*old, *new}, key=str):
        was, now = old.get(place, 0.0), new.get(place, 0.0)
        if now > was + (_LATE_S if was else 0.0):
            worse.append(Text.of("{place} is left alone too long: {now} min beyond its limit in all, before {was} min", place=names.get(place, place), now=math.ceil(now / 60), was=math.ceil(was / 60)))  # fmt: skip
        elif was > now + (_LATE_S if now else 0.0):
            better.append(Text.of("{place}: {now} min beyond its limit in all, before {was} min", place=names.get(place, place), now=math.ceil(now / 60), was=math.ceil(was / 60)))  # fmt: skip
    grown = windows[(windows["after_s"] - windows["before_s"] >= GROWN_S) & (windows["after_s"] >= (1 + GROWN_SHARE) * windows["before_s"])]  # fmt: skip
    for place, was, now, start in grown[["before_s", "after_s", "start_s"]].itertuples(name=None):
        worse.append(Text.of("{place} becomes easier to guess: nobody comes from {start} to {end} ({now} min), before {was} min at most", place=names.get(place, place), start=_clock(start), end=_clock(start + now), now=round(now / 60), was=round(was / 60)))  # fmt: skip
    rhythm_old, rhythm_new = _even(base.visits), _even(day.plan.visits)
    worse += [
        Text.of("{place} is visited in even steps of {now} min: easy to guess", place=names.get(place, place), now=round(step / 60))
        for place, step in rhythm_new.items()
        if place not in rhythm_old
    ]  # fmt: skip
    return worse, better


def _lateness(breaches: pd.DataFrame) -> dict[Any, float]:
    """Return by place how many seconds lie beyond its limit, or nobody stands at its posts; a visit that lacks counts for a minute."""
    found: dict[Any, float] = {}
    if len(breaches):
        kinds = breaches["kind"] if "kind" in breaches else pd.Series("gap", index=breaches.index)
        over = (breaches["gap_s"] - breaches["max_gap_s"]).where(kinds != "visits", 60.0)
        for place, late in zip(breaches["place"], over, strict=True):
            found[place] = found.get(place, 0.0) + float(late)
    return found


def _even(visits: pd.DataFrame) -> dict[Any, float]:
    """Return the step of places whose visits follow each other in even steps."""
    found = {}
    for place, some in visits.groupby("place"):
        steps = [b - a for a, b in pairwise(sorted(some["arrive_s"]))]
        if len(steps) >= EVEN_RETURNS and max(steps) - min(steps) <= EVEN_S:
            found[place] = float(np.mean(steps))
    return found


def _clock(seconds: float) -> str:
    minutes = int(min(seconds, DAY_S) // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
