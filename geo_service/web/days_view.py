"""Varied days as their page shows them: the burglar's best window of each place, before and after, and each day's sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo_service.store import StoredResult
from geo_service.web import formats
from town_model import Text


@dataclass(frozen=True)
class Place:
    """A place with its best window: with the one plan every day, and over the varied days.

    Args:
        layer: its layer. number: its row. name: its name. before: how long with the one plan. before_when: from when to when.
        after: how long. when: from when to when. chance: how often it is free on a day that was not watched. back: the shortest time
            from a patrol's leaving to the next arrival.
    """

    layer: str
    number: str
    name: str
    before: Text | str
    before_when: str
    after: Text | str
    when: str
    chance: str
    back: Text | str


@dataclass(frozen=True)
class Day:
    """What one of the days holds."""

    number: int
    visits: int
    length: Text | str
    late: int


@dataclass(frozen=True)
class Days:
    """Everything on the page of varied days.

    Args:
        days: how many. late: how many of them have a visit too late. places: the longest window first. listed: each day.
        longest_before, longest: the longest window of all places. sure: places whose window was free on every day.
        figures: the technical figures, as (what, varied, with the one plan).
    """

    days: int
    late: int
    places: tuple[Place, ...]
    listed: tuple[Day, ...]
    longest_before: Text | str
    longest: Text | str
    chance: str
    figures: tuple[tuple[Text, str, str], ...]


def days(result: StoredResult) -> Days:
    """Return what there is to say about varied days.

    Args:
        result: of kind ``patrol_days``.
    """
    summary = result.summary
    table = result.frame("places")
    table = table[table["window_s"].notna()].sort_values(["window_s", "place"], ascending=[False, True])
    return Days(
        days=int(summary["days"]),
        late=int(summary["days_with_breaches"]),
        places=tuple(_place(row) for row in table.drop(columns="geometry").to_dict("records")),
        listed=tuple(_days(result)),
        longest_before=formats.minutes(summary["longest_window_before_s"]),
        longest=formats.minutes(summary["longest_window_s"]),
        chance=formats.share(table["window_chance"].mean()),
        figures=(
            (
                Text.of(
                    "Entropy of the time of day (at most {most})",
                    most=_figure(summary["greatest_time_entropy"]),
                ),
                _figure(summary["mean_time_entropy"]),
                _figure(summary["mean_time_entropy_before"]),
            ),
            (
                Text("Entropy of the return time"),
                _figure(summary["mean_return_entropy"]),
                _figure(summary["mean_return_entropy_before"]),
            ),
        ),
    )


def _place(row: dict[Any, Any]) -> Place:
    layer, _, number = str(row["place"]).rpartition("/")
    return Place(
        layer=layer,
        number=number,
        name=str(row["place"]) if formats.is_missing(row["name"]) else str(row["name"]),
        before=formats.minutes(row["before_window_s"]),
        before_when=_span(row["before_window_start_s"], row["before_window_s"]),
        after=formats.minutes(row["window_s"]),
        when=_span(row["window_start_s"], row["window_s"]),
        chance=formats.share(row["window_chance"]),
        back=formats.minutes(row["after_visit_s"]),
    )


def _days(result: StoredResult) -> list[Day]:
    units, breaches = result.frame("units"), result.frame("breaches")
    late = breaches.groupby("day")["place"].nunique() if len(breaches) else {}
    return [
        Day(
            number, int(part["visits"].sum()), formats.length(float(part["length_m"].sum())), int(late.get(number, 0))
        )
        for number in range(1, int(result.summary["days"]) + 1)
        for part in (units[units["day"] == number],)
    ]  # fmt: skip


def _span(start: float, length: float) -> str:
    return f"{formats.clock(start)}–{formats.clock(start + length)}"


def _figure(value: float | None) -> str:
    return formats.DASH if value is None else f"{value:.2f}"
