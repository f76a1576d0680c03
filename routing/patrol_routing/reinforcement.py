"""With how many units it would hold: planning again with more units of the kinds there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from patrol_routing.bound import presence_bound
from patrol_routing.instance import Instance
from patrol_routing.plan import UnitsNeeded
from patrol_routing.problem import PatrolProblem
from patrol_routing.staffing import units_bound, units_needed

Kind = tuple[Hashable, ...]  # the shifts of one unit, by id
Tried = Callable[[PatrolProblem], tuple[float, bool]]


def find_units(
    problem: PatrolProblem, instance: Instance, tried: Tried, keep_on: Callable[[], bool]
) -> int | None:
    """Return a number of units with which every interval is kept, or None if none was found.

    The search goes upward from the larger of the lower bound and one more than there are. Of several kinds of units
    (mode, base, shifts) that one more is taken with which least is overdue.

    Args:
        problem: that cannot be kept, or could not.
        instance: the same compiled.
        tried: plans a problem, and returns what is overdue and whether all is kept.
        keep_on: False ends the search.
    """
    if presence_bound(instance) > 1 + 1e-9:  # nobody of these kinds could be there in time
        return None
    kinds = _kinds(problem)
    have = len({shift.unit for shift in problem.shift_list})
    most = 2 * have + 8
    needed = units_needed(instance)
    added = _missing(problem, kinds, needed, units_bound(needed) - have)
    if added:
        added = added[:-1]  # the last one is chosen by planning
    while have + len(added) < most and keep_on():
        found: list[tuple[float, list[Kind]]] = []
        for kind in kinds:
            if not keep_on():
                break
            overdue, holds = tried(reinforced(problem, [*added, kind]))
            if holds:
                return have + len(added) + 1
            found.append((overdue, [*added, kind]))
        if not found:
            return None
        added = min(found, key=lambda one: one[0])[1]
    return None


def reinforced(problem: PatrolProblem, added: list[Kind]) -> PatrolProblem:
    """Return the problem with more units, each with the shifts of one that there is."""
    frames = [problem.units.astype({"unit": object}) if "unit" in problem.units else problem.units]
    for number, kind in enumerate(added):
        more = problem.units.loc[list(kind)].copy()
        more["unit"] = pd.Series([f"added {number}"] * len(more), index=more.index, dtype=object)
        more.index = pd.Index([f"added {number}/{i}" for i in range(len(more))])
        frames.append(more)
    return dataclasses.replace(problem, units=pd.concat(frames))


def _kinds(problem: PatrolProblem) -> list[Kind]:
    """Return one unit of each kind: units whose shifts are alike are of one kind."""
    shifts: dict[Hashable, list[Any]] = {}
    for shift in problem.shift_list:
        shifts.setdefault(shift.unit, []).append(shift)
    kinds: dict[tuple[Any, ...], Kind] = {}
    for mine in shifts.values():
        ordered = sorted(mine, key=lambda one: one.start_s)
        alike = tuple((s.mode, s.base, s.start_s, s.end_s, s.breaks, s.range_m) for s in ordered)
        kinds.setdefault(alike, tuple(s.id for s in ordered))
    return list(kinds.values())


def _missing(
    problem: PatrolProblem, kinds: list[Kind], needed: tuple[UnitsNeeded, ...], most: int
) -> list[Kind]:
    """Return the units without which nothing can hold, as far as one kind alone can be them."""
    mode = {shift.id: shift.mode for shift in problem.shift_list}
    added: list[Kind] = []
    for one in needed:
        fitting = [kind for kind in kinds if mode[kind[0]] in one.modes]
        if len(fitting) == len(kinds) == 1:
            added = fitting * max(0, one.at_least - one.on_duty)
    return added[: max(most, 0)]
