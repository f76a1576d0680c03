"""What the page of the patrol plan offers for changing it by hand: stops, shifts, places, and what would keep a late place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo_service.store import StoredResult
from geo_service.web import formats
from town_model import DAY_S


@dataclass(frozen=True)
class ChangeForm:
    """The choices of the form.

    Args:
        stops: of the shown unit: ``shift|seq``, words, arrival as ``HH:MM``. shifts: id, words, start and end in seconds.
        places: id and name. place: the place that is asked about; empty for none. name: its name. middle: the middle of its worst stretch as ``HH:MM``.
        holds_min: the limit in minutes at which the plan would keep it; 0 where unknown.
        chosen: ``shift|seq`` of the stop that is chosen. former: number of the plan that this one was changed from; 0 for none.
    """

    stops: tuple[tuple[str, str, str], ...]
    shifts: tuple[tuple[str, str, int, int], ...]
    places: tuple[tuple[str, str], ...]
    place: str
    name: str
    middle: str
    holds_min: int
    chosen: str
    former: int


def change_form(result: StoredResult, *, unit: str | None, stop: int, place: str) -> ChangeForm | None:
    """Return the choices; None where the plan cannot be changed: it is stale, or older than the ways of its units.

    Args:
        result: of kind ``patrol``.
        unit: the unit whose stops are shown.
        stop: the chosen one of them, 1 for the first; 0 for none.
        place: the place that is asked about.
    """
    units = result.frame("units")
    if result.is_stale or "legs" not in result.frame_names or "shift" not in units:
        return None
    visits = result.frame("visits")
    mine = visits[visits["unit"].astype(str) == unit].sort_values(["arrive_s", "seq"])
    stops = tuple(
        (
            f"{row['shift']}|{row['seq']}",
            f"{number} · {formats.clock(row['arrive_s'])} {row['place_name']}",
            formats.clock(row["arrive_s"]),
        )
        for number, row in enumerate(mine.to_dict("records"), 1)
        if row.get("task") not in ("street", "post")  # these stay with their shift
    )
    shifts = tuple(
        (
            str(row["shift"]),
            f"{row['unit_name']} {formats.clock(row['start_s'])}–{formats.clock(row['end_s'])}",
            int(row["start_s"]),
            int(row["end_s"]),
        )
        for row in units.to_dict("records")
    )
    places = result.frame("places")
    places = places[
        ~places["place"].astype(str).str.startswith("roads/")
    ]  # a street is no stop that could be added
    known = dict(zip(places["place"].astype(str), places["name"].astype(str), strict=True))
    asked = place if place in known else ""
    middle, holds = "", 0
    if asked:
        worst = places.loc[places["place"] == asked, "worst_gap_s"].iloc[0]
        holds = 0 if math.isnan(worst) else math.ceil(worst / 60)
        gaps = result.frame("breaches")
        gaps = gaps[gaps["place"] == asked].sort_values("gap_s", ascending=False)
        if len(gaps):
            first = gaps.iloc[0]
            middle = formats.clock((first["start_s"] + first["end_s"]) / 2 % DAY_S)
    return ChangeForm(
        stops=stops,
        shifts=shifts,
        places=tuple(sorted(known.items(), key=lambda one: one[1])),
        place=asked,
        name=known.get(asked, ""),
        middle=middle,
        holds_min=holds,
        chosen=next((key for key, words, _ in stops if words.startswith(f"{stop} · ")), ""),
        former=int(result.options.get("changed_from") or 0),
    )
