"""How many units are needed at least to keep all intervals, by the argument of the bound."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np

from patrol_routing.bound import Work
from patrol_routing.instance import Instance
from patrol_routing.plan import UnitsNeeded
from patrol_routing.records import Span

_MOST_EDGES = 24  # of windows and shifts that spans of time are made of
_ROUNDING = 1e-9


def units_needed(instance: Instance) -> tuple[UnitsNeeded, ...]:
    """Return, for the modes that some places depend on, how many units are needed at least.

    The argument is that of the work bound (see `worst_ratio_bound`): let the places that only some modes can serve cost, between
    two times a distance H apart, D seconds of work when every interval is kept. If at no moment more than n units of
    these modes are on duty, they have n·H seconds; at each of the two times n of them may share one stay with what lies outside.
    So D ≤ n·(H + 2·(d + t)) with the longest dwell d and the longest of the shortest ways t, and n is at least the next
    whole number. It holds for any shifts, starting at the bases that there are, at the given speeds; breaks and ways home would only
    raise it. The spans tried are those between the edges of windows and shifts and of the horizon.

    At standing posts that are at one time, so many units stand.

    It is a lower bound: so many need not be enough.

    Args:
        instance: the compiled problem.

    Returns:
        One for each set of modes that some place depends on, the greatest want first; of the spans the one in which most
        units are missing, or else most are needed.
    """
    served = {
        p: frozenset(mode for mode in instance.tables if _reaches(instance, mode, p))
        for p in instance.reachable
    }
    found = []
    for modes in sorted(set(served.values()), key=sorted):
        places = [p for p in instance.reachable if served[p] <= modes]
        shifts = [r for r, shift in enumerate(instance.shifts) if shift.mode in modes]
        work = Work(instance, shifts, places)
        work.way = np.array([_shortest_way(instance, modes, p) for p in places])
        named = tuple(sorted(modes))
        most = float(work.way.max() + work.dwell.max())
        wants = [UnitsNeeded(named, 0, 0, instance.start_s, instance.end_s, len(places))]
        for start, end in itertools.combinations(_edges(instance, shifts, places), 2):
            outside = (start > instance.start_s) + (end < instance.end_s)
            share = work.needed_s(start, end) / (end - start + outside * most)
            here = _at_once(instance, shifts, (start, end))
            wants.append(UnitsNeeded(named, math.ceil(share - _ROUNDING), here, start, end, len(places)))
        for count, span in _posts_at_once(instance, places):
            here = _at_once(instance, shifts, span)
            wants.append(UnitsNeeded(named, count, here, span[0], span[1], len(places)))
        found.append(max(wants, key=_want))
    return tuple(sorted(found, key=lambda one: (-_want(one)[0], one.modes)))


def units_bound(needed: Iterable[UnitsNeeded]) -> int:
    """Return how many units are needed at least over all modes: the most that sets of modes without a common one need."""
    every = [one for one in needed if one.at_least > 0]

    def most(left: list[UnitsNeeded], taken: frozenset[str]) -> int:
        if not left:
            return 0
        first, rest = left[0], left[1:]
        without = most(rest, taken)
        if taken & set(first.modes):
            return without
        return max(without, first.at_least + most(rest, taken | set(first.modes)))

    return most(every, frozenset())


def _posts_at_once(instance: Instance, places: list[int]) -> list[tuple[int, Span]]:
    """Return how many posts there are at once, each time one begins, and for how long all of them last."""
    posts = [post for p in places for post in instance.places[p].posts]
    found = []
    for start, _ in posts:
        here = [end for begin, end in posts if begin <= start < end]
        found.append((len(here), (start, min(here))))
    return found


def _want(one: UnitsNeeded) -> tuple[int, int, float]:
    return max(one.at_least - one.on_duty, 0), one.at_least, one.end_s - one.start_s


def _reaches(instance: Instance, mode: str, p: int) -> bool:
    """Whether some unit of a mode, starting at some base, might serve a place."""
    table = instance.tables[mode]
    return instance.places[p].allows(mode) and any(
        math.isfinite(table[base][stop] + table[instance.exits[stop]][base])
        for stop, q in enumerate(instance.stop_place)
        if q == p
        for base in set(instance.base)
    )


def _shortest_way(instance: Instance, modes: frozenset[str], p: int) -> float:
    """Return the shortest way to a place from where any other visit ends, or any base, by any of some modes."""
    sources = {*instance.exits, *instance.base}
    return min(
        float(instance.tables[mode][other][stop])
        for mode in modes
        for stop, q in enumerate(instance.stop_place)
        if q == p
        for other in sources
        if other != stop
    )


def _edges(instance: Instance, shifts: list[int], places: list[int]) -> list[float]:
    edges = {instance.start_s, instance.end_s}
    edges |= {t for p in places for w in instance.places[p].windows for t in (w.start_s, w.end_s)}
    edges |= {t for r in shifts for t in (instance.shifts[r].start_s, instance.shifts[r].end_s)}
    ordered = sorted(edges)
    if len(ordered) > _MOST_EDGES:
        step = len(ordered) / _MOST_EDGES
        ordered = sorted({ordered[int(i * step)] for i in range(_MOST_EDGES)} | {ordered[-1]})
    return ordered


def _at_once(instance: Instance, shifts: list[int], span: Span) -> int:
    """Return how many shifts there are at once at most, in a span of time."""
    changes = sorted(
        (time, step)
        for shift in map(instance.shifts.__getitem__, shifts)
        if shift.start_s < span[1] and shift.end_s > span[0]
        for time, step in ((max(shift.start_s, span[0]), 1), (shift.end_s, -1))
    )
    return max(itertools.accumulate((step for _, step in changes), initial=0))
