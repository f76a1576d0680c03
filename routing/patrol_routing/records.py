"""The rows of a patrol problem as checked records: places with their windows, shifts with their breaks."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from town_model import Text

HasNode = Callable[[Any], bool]
Span = tuple[float, float]
Way = tuple[tuple[Any, Any, int], ...]


@dataclass(frozen=True)
class Window:
    """A time in which a place is watched.

    Args:
        start_s: its start.
        end_s: its end.
        max_gap_s: the longest idleness allowed in it.
        min_visits: how many visits must begin in it.
    """

    start_s: float
    end_s: float
    max_gap_s: float
    min_visits: int


@dataclass(frozen=True)
class Place:
    """A place to visit, or a required street to drive.

    `windows` is never empty, `last_s` is None where nothing is known of earlier visits. In `posts` a unit stands there, in
    `closed` no visit may be there. A street has `ways`: lists of edges, of which a visit drives one; its nodes are where they begin.
    """

    id: Hashable
    nodes: tuple[Hashable, ...]
    dwell_s: float
    weight: float
    windows: tuple[Window, ...]
    modes: frozenset[str] | None
    last_s: float | None
    posts: tuple[Span, ...] = ()
    closed: tuple[Span, ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def is_street(self) -> bool:
        """Whether this is a direction of a required street, not a place."""
        return bool(self.ways)

    def allows(self, mode: str) -> bool:
        """Whether units of this mode may serve the place."""
        return self.modes is None or mode in self.modes


@dataclass(frozen=True)
class Shift:
    """A shift of a unit: it starts at its base and is back there at the end."""

    id: Hashable
    unit: Hashable
    mode: str
    base: Hashable
    start_s: float
    end_s: float
    breaks: tuple[Span, ...]
    range_m: float

    @property
    def working_s(self) -> float:
        """Its length less its breaks, in seconds."""
        return self.end_s - self.start_s - sum(end - begin for begin, end in self.breaks)


def is_missing(value: Any) -> bool:
    """Whether a cell says nothing: None, NaN, NA, or an empty list."""
    if value is None:
        return True
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return len(value) == 0
    return bool(pd.isna(value))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, not the text of one."""
    return isinstance(value, int | float | np.number) and math.isfinite(value)


def has_columns(
    frame: Any, name: str, needed: Iterable[str], faults: list[Text], *, may_be_empty: bool = False
) -> bool:
    """Return whether a frame can be read row by row, and add what is wrong with it to `faults`."""
    if not isinstance(frame, pd.DataFrame):
        faults.append(Text.of("{name} must be a DataFrame", name=name))
        return False
    missing = [one for one in needed if one not in frame.columns]
    if missing:
        faults.append(Text.of("{name} lacks the columns {columns}", name=name, columns=", ".join(missing)))
    if not frame.index.is_unique:
        rows = ", ".join(map(str, frame.index[frame.index.duplicated()].unique()[:5]))
        faults.append(Text.of("{name} has the same id more than once: {rows}", name=name, rows=rows))
        return False
    if not (len(frame) or may_be_empty):
        faults.append(Text.of("{name} has no rows", name=name))
    return not missing


def _nodes(value: Any, has_node: HasNode) -> tuple[Any, ...]:
    if isinstance(value, list | np.ndarray) or (isinstance(value, tuple) and not has_node(value)):
        return tuple(value)
    return () if is_missing(value) else (value,)


def read_places(
    frame: pd.DataFrame,
    horizon: Span,
    last: Mapping[Hashable, float],
    has_node: HasNode,
    faults: list[Text],
    *,
    may_be_empty: bool = False,
) -> list[Place]:
    """Return the places, and add what is wrong with them to `faults`; `may_be_empty` where streets are asked for."""
    needed = ("node", "dwell_s", "max_gap_s")
    if not has_columns(frame, "places", needed, faults, may_be_empty=may_be_empty):
        return []
    return [
        _place(label, row, horizon, last, has_node=has_node, faults=faults)
        for label, row in frame.to_dict("index").items()
    ]


def _place(
    label: Hashable,
    row: dict[Hashable, Any],
    horizon: Span,
    last: Mapping[Hashable, float],
    *,
    has_node: HasNode,
    faults: list[Text],
) -> Place:
    nodes = _nodes(row["node"], has_node)
    strange = [one for one in nodes if not has_node(one)]
    if strange or not nodes:
        faults.append(
            Text.of(
                "place {place}: the network has no node {node}",
                place=label,
                node=", ".join(map(str, strange)) or "?",
            )
        )
    dwell, gap, weight = (read_positive(label, row, c, faults) for c in ("dwell_s", "max_gap_s", "weight"))
    needed = row.get("units_needed")
    if not is_missing(needed) and _number(needed) != 1:
        faults.append(
            Text.of(
                "place {place}: several units at a time (units_needed) are not supported yet", place=label
            )
        )
    posts = _times(label, "posts", row.get("posts"), horizon, faults)
    closed = _times(label, "closed", row.get("closed"), horizon, faults)
    if any(a[0] < b[1] and b[0] < a[1] for a in posts for b in closed):
        faults.append(Text.of("place {place}: it is closed during one of its posts", place=label))
    return Place(
        label,
        nodes,
        dwell,
        weight,
        read_windows(label, row.get("windows"), gap, horizon, faults, known=label in last),
        read_modes(label, row.get("modes"), faults),
        last.get(label),
        posts,
        closed,
    )


def _times(label: Hashable, column: str, value: Any, horizon: Span, faults: list[Text]) -> tuple[Span, ...]:
    """Return spans of time that do not overlap."""
    spans = []
    for one in () if is_missing(value) else _spans(value):
        span = (_number(one[0]), _number(one[1])) if len(one) == 2 else (math.nan, math.nan)
        if horizon[0] <= span[0] < span[1] <= horizon[1]:
            spans.append(span)
            continue
        faults.append(
            Text.of(
                "place {place}: {column} {span} must be (start_s, end_s) inside the horizon",
                place=label,
                column=column,
                span=tuple(one),
            )
        )
    spans.sort()
    if any(a[1] > b[0] for a, b in pairwise(spans)):
        faults.append(Text.of("place {place}: its times in {column} overlap", place=label, column=column))
    return tuple(spans)


def read_positive(label: Hashable, row: dict[Hashable, Any], column: str, faults: list[Text]) -> float:
    """Return a number above 0 of a row; a weight that is not given is 1."""
    value = row.get(column)
    number = 1.0 if column == "weight" and is_missing(value) else _number(value)
    if not (math.isfinite(number) and number > 0):
        faults.append(
            Text.of(
                "place {place}: {column} must be above 0, not {value}",
                place=label,
                column=column,
                value=number,
            )
        )
    return number


def read_modes(label: Hashable, value: Any, faults: list[Text]) -> frozenset[str] | None:
    """Return the modes of a row, None for all."""
    if is_missing(value):
        return None
    names = [value] if isinstance(value, str) else _listed(value)
    if not all(isinstance(one, str) for one in names):
        faults.append(Text.of("place {place}: modes must be a name or a list of names", place=label))
        return None
    return frozenset(names)


def _listed(value: Any) -> list[Any]:
    """Return the items of a cell; what is no list is its only item."""
    return list(value) if isinstance(value, list | tuple | set | frozenset | np.ndarray) else [value]


def _spans(value: Any) -> list[tuple[Any, ...]]:
    return [tuple(_listed(one)) for one in _listed(value)]


def read_windows(
    label: Hashable, value: Any, gap: float, horizon: Span, faults: list[Text], *, known: bool
) -> tuple[Window, ...]:
    """Return the windows of a row; without any the whole horizon, with a visit unless an earlier one is `known`."""
    whole = (Window(horizon[0], horizon[1], gap, 0 if known else 1),)
    if is_missing(value):
        return whole
    windows = []
    for one in _spans(value):
        cells = [*one, *(None,) * (4 - len(one))]
        start, end = _number(cells[0]), _number(cells[1])
        limit = gap if is_missing(cells[2]) else _number(cells[2])
        visits = 1.0 if is_missing(cells[3]) else _number(cells[3])
        if not (
            len(cells) == 4
            and horizon[0] <= start < end <= horizon[1]
            and 0 < limit < math.inf
            and 0 <= visits < math.inf
            and visits == int(visits)
        ):
            faults.append(
                Text.of(
                    "place {place}: window {window} must be (start_s, end_s, max_gap_s, min_visits) inside the horizon",
                    place=label,
                    window=tuple(one),
                )
            )
            continue
        windows.append(Window(start, end, limit, int(visits)))
    windows.sort(key=lambda one: one.start_s)
    if any(a.end_s > b.start_s for a, b in pairwise(windows)):
        faults.append(Text.of("place {place}: its windows overlap", place=label))
    return tuple(windows) or whole


def read_shifts(
    frame: pd.DataFrame, horizon: Span, modes: set[str], has_node: HasNode, faults: list[Text]
) -> list[Shift]:
    """Return the shifts, and add what is wrong with them to `faults`."""
    if not has_columns(frame, "units", ("mode", "base", "start_s", "end_s"), faults):
        return []
    shifts = [
        _shift(label, row, horizon, modes, has_node=has_node, faults=faults)
        for label, row in frame.to_dict("index").items()
    ]
    by_unit = sorted(shifts, key=lambda one: (str(one.unit), one.start_s))
    for a, b in pairwise(by_unit):
        if a.unit == b.unit and a.end_s > b.start_s:
            faults.append(Text.of("unit {unit}: the shifts {a} and {b} overlap", unit=a.unit, a=a.id, b=b.id))
    return shifts


def _shift(
    label: Hashable,
    row: dict[Hashable, Any],
    horizon: Span,
    modes: set[str],
    *,
    has_node: HasNode,
    faults: list[Text],
) -> Shift:
    start, end = _number(row["start_s"]), _number(row["end_s"])
    if not horizon[0] <= start < end <= horizon[1]:
        faults.append(
            Text.of(
                "shift {shift}: it must begin before it ends and lie inside the horizon {start} to {end} s",
                shift=label,
                start=horizon[0],
                end=horizon[1],
            )
        )
    if row["mode"] not in modes:
        faults.append(
            Text.of(
                "shift {shift}: no travel times for mode {mode!r}, only for {known}",
                shift=label,
                mode=row["mode"],
                known=", ".join(sorted(modes)),
            )
        )
    if not has_node(row["base"]):
        faults.append(Text.of("shift {shift}: the network has no node {node}", shift=label, node=row["base"]))
    reach = row.get("range_m")
    reach = math.inf if is_missing(reach) else _number(reach)
    if not reach > 0:
        faults.append(Text.of("shift {shift}: range_m must be above 0", shift=label))
    breaks = []
    given = row.get("breaks")
    for one in () if is_missing(given) else _spans(given):
        span = (_number(one[0]), _number(one[1])) if len(one) == 2 else (math.nan, math.nan)
        if not start <= span[0] < span[1] <= end:
            faults.append(
                Text.of(
                    "shift {shift}: break {span} must be (start_s, end_s) inside the shift",
                    shift=label,
                    span=tuple(one),
                )
            )
            continue
        breaks.append(span)
    breaks.sort()
    if any(a[1] > b[0] for a, b in pairwise(breaks)):
        faults.append(Text.of("shift {shift}: its breaks overlap", shift=label))
    meets = row.get("may_meet")
    if not is_missing(meets) and not meets:
        faults.append(
            Text.of("shift {shift}: units that must not meet (may_meet) are not supported yet", shift=label)
        )
    unit = row.get("unit")
    unit = ("shift", label) if is_missing(unit) else unit
    return Shift(label, unit, str(row["mode"]), row["base"], start, end, tuple(breaks), reach)
