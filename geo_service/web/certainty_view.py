"""What the page on certainty shows: shares in three bands, targets, the checking list, tolerances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo_service.analysis.certainty import QUALITIES, QUANTITIES, Tolerances
from geo_service.analysis.rows import each
from geo_service.store import StoredResult
from geo_service.web import codes, formats
from geo_service.words import TARGET_KINDS
from town_model import Text

SHOWN_TARGETS = 40
SHOWN_CHECKS = 30
#: How many cameras one sheet and one walk hold.
CHECKED_AT_ONCE = 20
_LIGHTS = ("day", "night")


@dataclass(frozen=True)
class Bar:
    """The three bands of one kind of target in one light.

    Args:
        title: the kind. light: in words. sure: share of 0–1. possible: share of 0–1, the sure one included. stated: as entered.
    """

    title: Text | str
    light: Text | str
    sure: float
    possible: float
    stated: float

    @property
    def widths(self) -> tuple[float, float, float]:
        """Sure, only possible and not seen, in percent."""
        sure, possible = (round(100 * one, 2) for one in (self.sure, max(self.possible, self.sure)))
        return sure, round(possible - sure, 2), round(100 - possible, 2)


@dataclass(frozen=True)
class TargetRow:
    """One target in both lights: its name, kind, priority and shares in words."""

    name: str
    kind: Text | str
    priority: str
    priority_words: Text | str
    day: tuple[str, str, str]
    night: tuple[str, str, str]


@dataclass(frozen=True)
class Check:
    """A camera to check on the spot.

    Args:
        number: its place in the list, from 1.
        camera: its row id.
        name: its name.
        doubts: what is doubtful, how far off it may be.
        area: of targets in doubt. length: of roads in doubt. worst: the target most in doubt.
    """

    number: int
    camera: int
    name: str
    doubts: tuple[Text, ...]
    area: Text | str
    length: Text | str
    worst: Text | str


def bars(result: StoredResult) -> list[Bar]:
    """Return the bands of each kind of target in both lights, where a light is judged."""
    found = []
    for kind, share in result.summary["shares"].items():
        for light in _LIGHTS:
            if share.get(f"{light}_sure") is None:
                continue
            found.append(
                Bar(TARGET_KINDS.get(kind, kind), codes.LIGHTS[light], share[f"{light}_sure"], share[f"{light}_possible"], share[light] or 0.0)
            )  # fmt: skip
    return found


def target_rows(result: StoredResult) -> tuple[list[TargetRow], int]:
    """Return the targets with most doubt, by priority, and how many more there are."""
    frame = result.frame("targets")
    frame = frame[frame["kind"] != "road"] if (frame["kind"] != "road").any() else frame
    doubt = sum((frame[f"share_{one}_possible"] - frame[f"share_{one}_sure"]).fillna(0) for one in _LIGHTS)
    order = frame.assign(_doubt=doubt, _priority=frame["priority"].astype(str))
    order = order.sort_values(["_priority", "_doubt"], ascending=[True, False], kind="stable")
    rows = [
        TargetRow(
            str(one.name) or str(one.target),
            TARGET_KINDS.get(str(one.kind), str(one.kind)),
            str(one.priority),
            codes.priority(one.priority),
            _shares(one, "day"),
            _shares(one, "night"),
        )
        for one in each(pd.DataFrame(order.drop(columns=["_doubt", "_priority"]).head(SHOWN_TARGETS)))
    ]
    return rows, max(0, len(order) - SHOWN_TARGETS)


def _shares(one: Any, light: str) -> tuple[str, str, str]:
    names = (f"share_{light}_sure", f"share_{light}_possible", f"share_{light}")
    sure, possible, stated = (formats.share(getattr(one, name)) for name in names)
    return sure, possible, stated


def checks(result: StoredResult, *, limit: int | None = None) -> list[Check]:
    """Return the cameras to check on the spot, first things first."""
    frame = result.frame("checking")
    if frame.empty:
        return []
    return [
        Check(
            number,
            int(one.camera),
            str(one.camera_name) or f"#{one.camera}",
            tuple(doubts(one)),
            formats.area(one.doubt_area_m2),
            formats.length(one.doubt_length_m),
            str(one.worst_target) or Text("a place without a name"),
        )
        for number, one in enumerate(each(frame if limit is None else frame.head(limit)), start=1)
    ]


def doubts(one: Any) -> list[Text]:
    """Return what is doubtful about a camera of the frame ``checking``, how far off it may be."""
    found = []
    for name, (words, unit) in QUANTITIES.items():
        value = float(getattr(one, name))
        if value <= 0:
            continue
        if name == "azimuth_tolerance_deg" and value >= 180:
            found.append(Text("direction unknown"))
        else:
            found.append(Text.of("{quantity} ±{value:g} {unit}", quantity=words, value=value, unit=unit))
    return found


def tolerance_fields(stated: Tolerances) -> list[tuple[str, Text, str, list[tuple[str, Text, float]]]]:
    """Return the form of tolerances: a row a quantity, with its unit and a field for each way of knowing it."""
    numbers = stated.numbers()
    return [
        (
            quantity, words, unit,
            [(f"{quality}__{quantity}", title, numbers[f"{quality}.{quantity}"]) for quality, (title, _) in QUALITIES.items()],
        )
        for quantity, (words, unit) in QUANTITIES.items()
    ]  # fmt: skip


def removed(result: StoredResult) -> Text | None:
    """Return what the doubt was before and is now, where an earlier result knew it and it changed."""
    now, before = result.summary["certain"], result.summary.get("certain_before")
    if before is None or abs(now["possible_day_m2"] - before["possible_day_m2"]) < 0.5:
        return None
    return Text.of(
        "Since the computation before: {verified} more cameras measured on the spot, ground in doubt by day from {before} to {now}.",
        verified=now["verified"] - before["verified"],
        before=formats.area(before["possible_day_m2"]),
        now=formats.area(now["possible_day_m2"]),
    )
