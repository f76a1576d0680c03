"""A patrol problem: places with intervals, shifts of units, a horizon, and how long the ways take."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import networkx as nx
import numpy as np
import pandas as pd

from patrol_routing.records import Place, Shift, is_number, read_places, read_shifts
from patrol_routing.streets import read_streets
from town_model import InputError, Text

Travel: TypeAlias = "nx.MultiDiGraph[Any] | Mapping[str, np.ndarray[Any, Any]]"


@dataclass(frozen=True, eq=False)
class PatrolProblem:
    """What is to be visited how often, and by whom.

    Times are seconds on one clock, usually from midnight of the planned day.

    The idleness of a place is zero while a unit serves it and grows from departure (from arrival with
    ``gap_from="arrival"``), without a break through all windows. It is held against the interval of the window in force;
    where no window is, nothing is asked. The start of the horizon counts as a visit only where `last_visits` says
    nothing of the place; at its end the running idleness is taken as it stands.

    Args:
        places: a row for each place (index: place id; no rows where only streets are asked for) with ``node`` (a node, or a list of access nodes, of which a
            visit uses one), ``dwell_s`` (> 0), ``max_gap_s`` (> 0) and, where wanted, ``weight`` (1.0), ``windows`` (None: the
            whole horizon with `max_gap_s`; else a list of ``(start_s, end_s[, max_gap_s[, min_visits]])``, with at least
            one visit that begins inside each; two stays that follow each other at once are two visits), ``modes`` (None: all; a name or several),
            ``posts`` (list of ``(start_s, end_s)``: a unit stands there during all of it; it counts as a visit), ``closed``
            (list of ``(start_s, end_s)`` in which no visit may be there), ``units_needed`` (only 1).
        units: a row for each shift (index: its id) with ``mode``, ``base`` (node), ``start_s``, ``end_s`` and, where
            wanted, ``breaks`` (list of ``(start_s, end_s)`` in which it neither drives nor serves; it rests where it is: at a
            place or its base, never on the way),
            ``range_m`` (no place farther than this from the base, as the crow flies; needs a road graph), ``unit``
            (the unit whose shift this is; its shifts must not overlap).
        horizon: ``(start_s, end_s)`` of the plan; every shift lies inside.
        streets: required streets, a row for each (index: its id, none of which is a place's) with ``edges`` (list of ``(u, v, key)``
            in driving order), ``max_gap_s`` and, where wanted, ``directions`` (``"either"``: one way or the other; ``"both"``: each
            direction within its interval; ``"forward"``), ``weight``, ``windows``, ``modes`` as for places. A street is visited
            when one unit drives all its edges in order, without another edge between; needs a road graph.
        travel: a road graph, or ``{mode: array of seconds}`` with nodes as row numbers; the quickest way may lead
            past other rows.
        last_visits: for places, when the last visit before the horizon ended (began, with ``gap_from="arrival"``).
        gap_from: ``"departure"`` or ``"arrival"``.
        repeats: the same plan is driven again after the horizon, as day follows day: where `last_visits` says
            nothing, idleness at the start goes on from the plan's own last visit, one horizon earlier.

    Raises:
        InputError: with all faults found, by row.
    """

    places: pd.DataFrame
    units: pd.DataFrame
    horizon: tuple[float, float]
    streets: pd.DataFrame | None = None
    travel: Travel = field(kw_only=True)
    last_visits: Mapping[Hashable, float] | None = None
    gap_from: Literal["departure", "arrival"] = "departure"
    repeats: bool = False
    place_list: tuple[Place, ...] = field(init=False, repr=False)
    street_list: tuple[Place, ...] = field(init=False, repr=False)
    shift_list: tuple[Shift, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        faults: list[Text] = []
        known = self._check_travel(faults)
        self._check_options(faults)
        if faults:  # rows cannot be judged without a horizon and a network
            raise InputError(faults)
        horizon = (float(self.horizon[0]), float(self.horizon[1]))
        last = {} if self.last_visits is None else dict(self.last_visits)
        has_streets = self.streets is not None and len(self.streets) > 0
        places = read_places(self.places, horizon, last, self._has_node, faults, may_be_empty=has_streets)
        shifts = read_shifts(self.units, horizon, known, self._has_node, faults)
        streets = self._read_streets(horizon, last, faults)
        known_ids = {one.id for one in (*places, *streets)}
        for place, time in last.items():
            if place not in known_ids:
                faults.append(Text.of("last_visits names {place}, which is no place", place=place))
            elif not (is_number(time) and time <= horizon[0]):
                faults.append(
                    Text.of(
                        "last_visits: {place} must lie before the horizon begins, not at {time} s",
                        place=place,
                        time=time,
                    )
                )
        if not self.has_graph:
            faults += [
                Text.of(
                    "shift {shift}: range_m needs a road graph, and travel is given as matrices", shift=one.id
                )
                for one in shifts
                if math.isfinite(one.range_m)
            ]
        if faults:
            raise InputError(faults)
        object.__setattr__(self, "horizon", horizon)
        object.__setattr__(self, "places", self.places.copy())
        object.__setattr__(self, "units", self.units.copy())
        object.__setattr__(self, "last_visits", last)
        object.__setattr__(self, "place_list", tuple(places))
        object.__setattr__(self, "street_list", tuple(streets))
        object.__setattr__(self, "shift_list", tuple(shifts))

    @property
    def has_graph(self) -> bool:
        """Whether travel is a road graph, not matrices."""
        return isinstance(self.travel, nx.MultiDiGraph)

    @property
    def graph(self) -> nx.MultiDiGraph[Any]:
        """The road graph.

        Raises:
            InputError: the problem was given as matrices.
        """
        if not isinstance(self.travel, nx.MultiDiGraph):
            raise InputError("this problem has matrices of travel times, no road graph")
        return self.travel

    def _read_streets(
        self, horizon: tuple[float, float], last: Mapping[Hashable, float], faults: list[Text]
    ) -> list[Place]:
        if self.streets is None or not len(self.streets):
            return []
        if not self.has_graph:
            faults.append(Text.of("required streets need a road graph, and travel is given as matrices"))
            return []
        streets = read_streets(self.streets, self.graph, horizon, last, faults)
        faults += [
            Text.of("street {street} has the id of a place: give it another one", street=one)
            for one in dict.fromkeys(street.id for street in streets if street.id in self.places.index)
        ]
        return streets

    def _has_node(self, node: Any) -> bool:
        if isinstance(self.travel, nx.MultiDiGraph):
            return bool(self.travel.has_node(node))
        size = len(next(iter(self.travel.values())))
        return isinstance(node, int | np.integer) and bool(0 <= node < size)

    def _check_travel(self, faults: list[Text]) -> set[str]:
        """Return the modes there are."""
        if isinstance(self.travel, nx.MultiDiGraph):
            modes = set(self.travel.graph.get("modes", {}))
            return modes or {
                key.removeprefix("travel_time_")
                for *_, data in self.travel.edges(data=True)
                for key in data
                if key.startswith("travel_time_")
            }
        travel: Any = self.travel
        if not isinstance(travel, Mapping) or not travel:
            faults.append(Text.of("travel must be a road graph, or a matrix of seconds for each mode"))
            return set()
        sizes = set()
        for mode, matrix in travel.items():
            if not isinstance(mode, str):
                faults.append(
                    Text.of(
                        "travel times by period of the day are not supported yet: give one matrix for each mode"
                    )
                )
                return set()
            table = np.asarray(matrix)
            sizes.add(table.shape)
            if table.ndim != 2 or table.shape[0] != table.shape[1] or not len(table):
                faults.append(Text.of("the travel matrix of {mode} must be square", mode=mode))
            elif not np.issubdtype(table.dtype, np.number) or np.isnan(table).any() or (table < 0).any():
                faults.append(
                    Text.of(
                        "the travel matrix of {mode} must hold seconds of 0 or more (inf: no way)", mode=mode
                    )
                )
        if len(sizes) > 1:
            faults.append(Text.of("the travel matrices must all have the same size"))
        return set(travel)

    def _check_options(self, faults: list[Text]) -> None:
        horizon: Any = self.horizon
        if (
            not isinstance(horizon, Sequence | np.ndarray)
            or len(horizon) != 2
            or not all(map(is_number, horizon))
            or horizon[0] >= horizon[1]
        ):
            faults.append(Text.of("the horizon must be (start_s, end_s) with the start before the end"))
        if self.gap_from not in ("departure", "arrival"):
            faults.append(
                Text.of('gap_from must be "departure" or "arrival", not {value!r}', value=self.gap_from)
            )
