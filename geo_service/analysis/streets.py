"""Required streets of a town: which roads are driven from end to end how often, as rows of a patrol problem."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from geo_service.analysis.rows import each
from geo_service.analysis.street_ways import Section
from geo_service.duty.intervals import Duty, Rule, intervals
from town_model import Text

#: Which kinds of modes a choice of the column ``patrol_modes`` stands for; others stand for all.
KINDS_OF = {
    "foot": ("foot",),
    "car": ("car",),
    "motorcycle": ("motorcycle",),
    "vehicle": ("car", "motorcycle"),
}
#: Why a required street cannot be asked for as it was entered.
STREET_FAULTS: dict[str, Text] = {
    "one_way": Text("one-way, not in the direction that is asked for"),
    "closed": Text("closed to every kind of unit"),
}
#: Streets weigh as places of the second priority.
PRIORITY = "2"
COLUMNS = ("name", "max_gap_s", "dwell_s", "hours", "priority", "spans", "direction", "kinds", "geometry")


@dataclass(frozen=True)
class Streets:
    """The required streets of a day, as they can be asked for.

    Args:
        frame: by street id (``roads/3``, of further sections ``roads/3-2``): as places, with ``direction`` and ``kinds``.
        sections: their edges, by street id.
        lost: (id, name, reason) of streets that cannot be asked for as they were entered.
    """

    frame: gpd.GeoDataFrame
    sections: dict[str, Section]
    lost: list[tuple[str, str, str]]


def required_streets(
    roads: gpd.GeoDataFrame, *, rules: Sequence[Rule] = (), duty: Duty | None = None
) -> gpd.GeoDataFrame:
    """Return the roads with an interval of their own, by row id: the columns of `COLUMNS`.

    Of several roads with one name each has its number behind it.

    Args:
        roads: the layer.
        rules: rules of intervals.
        duty: the day; None: the roads' own intervals hold, and no rules.
    """
    asked = roads[roads["patrol_interval_min"].notna()]
    named = asked["name"].map(lambda one: one.strip() if isinstance(one, str) else "")
    several = named.duplicated(keep=False) | (named == "")
    count: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    for row, name, numbered in zip(each(asked), named, several, strict=True):
        count[name] = count.get(name, 0) + 1
        own = 60.0 * float(row.patrol_interval_min)
        spans = (
            None
            if duty is None
            else intervals(
                f"roads/{row.Index}", category="", own_interval_s=own, own_hours="", rules=rules, duty=duty
            )
        )
        rows.append(
            {
                "name": f"{name or row.highway} ({count[name]})" if numbered else name,
                "max_gap_s": own if spans is None else min(one.interval_s for one in spans),
                "dwell_s": 0.0,
                "hours": "",
                "priority": PRIORITY,
                "spans": spans,
                "direction": row.patrol_direction or "either",
                "kinds": KINDS_OF.get(row.patrol_modes or "any"),
                "geometry": row.geometry,
            }
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index(asked.index, dtype=object))
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=roads.crs)


def asked_streets(required: gpd.GeoDataFrame, sections: dict[Hashable, list[Section]]) -> Streets:
    """Return the required streets that can be driven, by section, and those that cannot as they were entered.

    Args:
        required: of `required_streets`.
        sections: their sections, by row id.
    """
    rows: dict[str, pd.Series] = {}
    kept: dict[str, Section] = {}
    lost: list[tuple[str, str, str]] = []
    for number, row in required.iterrows():
        wanted = row["direction"]
        listed = sections.get(number, [])
        good = [one for one in listed if one.forward or (one.back and wanted != "forward")]
        base = f"roads/{number}"
        if len(good) < max(len(listed), 1):
            lost.append((base, row["name"], "one_way" if listed else "closed"))
        elif wanted == "both" and not all(one.forward and one.back for one in good):
            lost.append((base, row["name"], "one_way"))
        for at, section in enumerate(good, start=1):
            key = base if at == 1 else f"{base}-{at}"
            kept[key] = section
            direction = wanted if section.forward and section.back else "forward"
            name = row["name"] if len(good) == 1 else f"{row['name']} [{at}]"
            rows[key] = row.copy()
            rows[key]["name"], rows[key]["direction"], rows[key]["geometry"] = (
                name,
                direction,
                section.geometry,
            )
    frame = pd.DataFrame(list(rows.values()), columns=list(COLUMNS), index=pd.Index(list(rows), dtype=object))
    return Streets(gpd.GeoDataFrame(frame, geometry="geometry", crs=required.crs), kept, lost)


def modes_of(kinds: tuple[str, ...] | None, units: pd.DataFrame) -> list[str] | None:
    """Return the modes of units that are of some kinds; None for all.

    Args:
        kinds: ``foot``, ``car``, ``motorcycle``; None for all.
        units: with ``mode`` and ``base_mode``.
    """
    if kinds is None:
        return None
    names = units.loc[units["base_mode"].isin(kinds), "mode"].unique().tolist()
    return names or list(kinds)
