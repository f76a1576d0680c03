"""One more patrol hour: for each hour of the day and mode, a round beside the plan that could be driven, and the minutes that it saves."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_service.analysis.asked_day import AskedDay
from geo_service.analysis.clock_savings import Reading
from geo_service.progress import Progress, silent
from geo_service.watch_clock import asked_spans, kept_spans
from patrol_routing.network import Network
from town_model import Text

HOUR_S = 3600.0
#: More bases than so many are not tried: the first of each mode in the order of units are.
MOST_BASES = 24
HOUR_COLUMNS = ("mode", "unit_name", "start_s", "saved_min", "weighted_min", "visits", "route")
STOP_COLUMNS = ("mode", "start_s", "seq", "place", "place_name", "arrive_s", "depart_s")
Span = tuple[float, float]


@dataclass(frozen=True)
class _Post:
    """Where the hour could begin: a base with its mode, and the places that its units may serve with their travel times."""

    mode: str
    unit_name: str
    places: list[str]
    closed: list[tuple[Span, ...]]
    dwell: NDArray[np.float64]
    out: NDArray[np.float64]
    back: NDArray[np.float64]
    between: NDArray[np.float64]


def patrol_hours(
    asked: AskedDay, reading: Reading, *, progress: Progress = silent
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what one more patrol hour would save, and the stops of each such round.

    For each base and mode of the plan's units and each full hour a unit more leaves the base, stays at places as long as patrols do, and
    is back within the hour, every day; the plan's own visits stay. The round is found step by step: next comes the place that saves
    most weighted minutes for its time. The minutes are then read off the clock with these visits, so they are sure; a better
    round may save more.

    Args:
        asked: what is asked of the day: places on the roads, units and their bases.
        reading: the clock as it stands.
        progress: told how far it is.

    Returns:
        The best round of each mode and hour, the most weighted minutes first (`HOUR_COLUMNS`), and their stops (`STOP_COLUMNS`).
    """
    wanted = {str(one) for one in reading.table.index[reading.table["unwatched_min"] > 0]}
    posts = [post for post in _posts(asked, wanted) if post.places]
    unwatched = {str(place): _unwatched(spans) for place, spans in reading.table["spans"].items()}
    limits = asked_spans(reading.places)
    weights = reading.weights
    names = reading.places["name"]
    hours, stops = [], []
    for hour in range(24):
        progress(hour / 24, Text("asking what one more patrol hour would save"))
        best: dict[str, tuple[float, _Post, list[tuple[str, float, float]]]] = {}
        for post in posts:
            free = {place: unwatched[place] for place in post.places}
            saved, stays = _round(post, hour * HOUR_S, free, limits, weights)
            if stays and (post.mode not in best or saved > best[post.mode][0]):
                best[post.mode] = (saved, post, stays)
        for mode, (_, post, stays) in best.items():
            here = list(dict.fromkeys(place for place, *_ in stays))
            more = pd.DataFrame(stays, columns=["place", "arrive_s", "depart_s"])
            then = reading.again(
                here,
                visits=pd.concat([reading.visits, more], ignore_index=True) if len(reading.visits) else more,
            )
            gain = reading.table.loc[here, "unwatched_min"] - then
            called = [str(names[place] or place) for place, *_ in stays]
            hours.append((mode, post.unit_name, hour * HOUR_S, float(gain.sum()), float((gain * weights[here]).sum()), len(stays), "、".join(called)))  # fmt: skip
            stops += [(mode, hour * HOUR_S, seq, place, name, arrive, depart) for seq, ((place, arrive, depart), name) in enumerate(zip(stays, called, strict=True), 1)]  # fmt: skip
    table = pd.DataFrame(hours, columns=list(HOUR_COLUMNS))
    table = table.sort_values(["weighted_min", "start_s", "mode"], ascending=[False, True, True], kind="stable", ignore_index=True)  # fmt: skip
    return table, pd.DataFrame(stops, columns=list(STOP_COLUMNS))


def _posts(asked: AskedDay, wanted: set[str]) -> list[_Post]:
    """Return the bases that the hour could begin at: each base and mode once."""
    problem = asked.problem
    names = dict(zip(asked.beats.units["unit"], asked.beats.units["unit_name"], strict=True))
    posts = []
    known: set[tuple[str, Hashable]] = set()
    for shift in problem.shift_list:
        if (shift.mode, shift.base) in known or len(known) >= MOST_BASES:
            continue
        known.add((shift.mode, shift.base))
        places = [
            one for one in problem.place_list
            if str(one.id) in wanted and one.allows(shift.mode) and not one.is_street
        ]  # fmt: skip
        network = Network.of(problem.graph, shift.mode)
        nodes = [node for one in places for node in one.nodes]
        owner = np.repeat(np.arange(len(places)), [len(one.nodes) for one in places])
        times = network.times([shift.base, *nodes], [shift.base, *nodes])
        # a place with several access points is reached at the one nearest to the base, and left from there
        reach = times[0, 1:] + times[1:, 0]
        chosen = [
            1 + int(np.flatnonzero(owner == i)[np.argmin(reach[owner == i])])
            for i in range(len(places))
        ]  # fmt: skip
        here = [i for i, at in enumerate(chosen) if math.isfinite(times[0, at] + times[at, 0])]
        at = np.array([chosen[i] for i in here], dtype=np.intp)
        posts.append(
            _Post(
                shift.mode,
                str(names.get(shift.unit, shift.unit)),
                [str(places[i].id) for i in here],
                [places[i].closed for i in here],
                np.array([places[i].dwell_s for i in here]),
                times[0, at],
                times[at, 0],
                times[np.ix_(at, at)],
            )
        )
    return posts


def _round(
    post: _Post,
    start_s: float,
    free: dict[str, list[Span]],
    limits: dict[str, list[tuple[float, float, float]]],
    weights: pd.Series,
) -> tuple[float, list[tuple[str, float, float]]]:
    """Return a round within an hour and its weighted minutes: place by place, the one that saves most for its time."""
    heavy = weights.reindex(post.places).to_numpy(dtype=float)
    at, now, saved = -1, start_s, 0.0
    stays: list[tuple[str, float, float]] = []
    while True:
        way = post.out if at < 0 else post.between[at]
        arrive = now + way
        depart = arrive + post.dwell
        fits = np.flatnonzero(depart + post.back <= start_s + HOUR_S + 1e-9)
        best: tuple[float, float, int, list[Span]] | None = None
        for i in fits.tolist():
            if any(arrive[i] < until and depart[i] > begin for begin, until in post.closed[i]):
                continue
            place = post.places[i]
            kept = kept_spans(limits[place], arrive[i], depart[i], repeats=True)
            minutes = heavy[i] * _overlap(free[place], kept) / 60
            rate = minutes / max(depart[i] - now, 1.0)
            if minutes > 0 and (best is None or rate > best[0] + 1e-12):
                best = (rate, minutes, i, kept)
        if best is None:
            return saved, stays
        _, minutes, i, kept = best
        saved += minutes
        place = post.places[i]
        free[place] = _without(free[place], kept)
        stays.append((place, float(arrive[i]), float(depart[i])))
        at, now = i, float(depart[i])


def _unwatched(spans: Sequence[tuple[float, float, str]]) -> list[Span]:
    return [(start, end) for start, end, state in spans if state == "unwatched"]


def _overlap(spans: Sequence[Span], kept: Sequence[Span]) -> float:
    """Return the seconds of `spans` that lie in `kept`; parts of `kept` may overlap each other."""
    return math.fsum(end - start for start, end in spans) - math.fsum(
        end - start for start, end in _without(spans, kept)
    )


def _without(spans: Sequence[Span], kept: Sequence[Span]) -> list[Span]:
    found = list(spans)
    for begin, until in kept:
        found = [
            part
            for start, end in found
            for part in ((start, min(end, begin)), (max(start, until), end))
            if part[0] < part[1]
        ]
    return found
