"""Patrol problems from TOML files."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from patrol_routing.graph import node_positions
from patrol_routing.problem import PatrolProblem, Travel
from town_model import InputError, Text

_TABLES = {
    "places": {
        "id", "node", "at", "dwell_s", "max_gap_s", "weight", "windows", "modes", "posts", "closed", "units_needed",
    },
    "streets": {"id", "edges", "directions", "max_gap_s", "weight", "windows", "modes"},
    "units": {"id", "mode", "base", "at", "start_s", "end_s", "breaks", "range_m", "unit", "may_meet"},
}  # fmt: skip
_TOP = {*_TABLES, "horizon", "gap_from", "repeats", "last_visits"}
_TIMED = {"windows", "posts", "closed", "breaks", "start_s", "end_s"}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_FAR_M = 200.0


def read_problem(path: Path | str, travel: Travel) -> PatrolProblem:
    """Return the patrol problem that a TOML file describes.

    The file has ``horizon``, and where wanted ``gap_from``, ``repeats`` and a table ``last_visits``; tables ``[[places]]``, ``[[units]]``
    and ``[[streets]]`` have the columns of `PatrolProblem` and an ``id``. Times may be seconds or ``"07:30"``. Instead of ``node`` (of units:
    ``base``), ``at = [x, y]`` takes the nearest node of the road graph within 200 m, in metres of its coordinate system.

    Args:
        path: the file.
        travel: the road graph, or matrices by mode.

    Raises:
        InputError: the file cannot be read, is no TOML, or has faults; all that are found are told.
    """
    try:
        with Path(path).open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise InputError(
            "{path}: the file cannot be read: {reason}", path=str(path), reason=str(error.strerror)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("{path}: this is no TOML: {reason}", path=str(path), reason=str(error)) from error
    faults = [
        Text.of("{path}: nothing is known of {name}", path=str(path), name=name)
        for name in sorted(set(content) - _TOP)
    ]
    frames = {name: _frame(name, content.get(name, []), travel, faults) for name in _TABLES}
    if "horizon" not in content:
        faults.append(Text.of("{path}: the horizon is missing: horizon = [start, end]", path=str(path)))
    if faults:
        raise InputError(faults)
    return PatrolProblem(
        frames["places"],
        frames["units"],
        _seconds(content["horizon"]),
        streets=frames["streets"] if len(frames["streets"]) else None,
        travel=travel,
        last_visits=content.get("last_visits"),
        gap_from=content.get("gap_from", "departure"),
        repeats=bool(content.get("repeats", False)),
    )


def _frame(name: str, rows: Any, travel: Travel, faults: list[Text]) -> pd.DataFrame:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        faults.append(Text.of("{name} must be tables: [[{name}]]", name=name))
        return pd.DataFrame()
    read = []
    for number, row in enumerate(rows, start=1):
        label = row.get("id", number)
        strange = ", ".join(sorted(set(row) - _TABLES[name]))
        if strange:
            faults.append(
                Text.of("{name} {row}: nothing is known of {columns}", name=name, row=label, columns=strange)
            )
        cells = {
            key: _seconds(value) if key in _TIMED else value
            for key, value in row.items()
            if key not in {"id", "at"}
        }
        if "at" in row:
            cells["base" if name == "units" else "node"] = _nearest(name, label, row["at"], travel, faults)
        read.append((label, cells))
    columns = list(dict.fromkeys(key for _, cells in read for key in cells))
    # objects, so that a cell that is left out stays None and whole numbers stay whole
    return pd.DataFrame(
        {column: pd.Series([cells.get(column) for _, cells in read], dtype=object) for column in columns}
    ).set_axis([label for label, _ in read], axis=0)


def _seconds(value: Any) -> Any:
    """Return times of day as seconds, also inside lists; what is no time stays as it is."""
    if isinstance(value, list):
        return [_seconds(one) for one in value]
    if isinstance(value, dt.time):
        return float(value.hour * 3600 + value.minute * 60 + value.second)
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    hours, minutes, seconds = (int(one or 0) for one in found.groups())
    return float(hours * 3600 + minutes * 60 + seconds)


def _nearest(name: str, label: Any, at: Any, travel: Travel, faults: list[Text]) -> Any:
    if (
        isinstance(travel, nx.MultiDiGraph)
        and isinstance(at, list)
        and len(at) == 2
        and all(isinstance(one, int | float) for one in at)
    ):
        nodes = list(travel)
        away = np.hypot(*(node_positions(travel, nodes) - np.array(at, float)).T)
        nearest = int(away.argmin())
        if away[nearest] <= _FAR_M:
            return nodes[nearest]
    faults.append(
        Text.of(
            "{name} {row}: at = {at} must be [x, y] within 200 m of a road graph",
            name=name,
            row=label,
            at=str(at),
        )
    )
    return None
