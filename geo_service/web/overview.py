"""What the front page says beside its map: a few figures, when they were computed, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from geo_service.store import Store, StoredResult
from geo_service.web import formats
from geo_service.web.codes import PRIORITIES
from town_model import Text

RESULTS = {
    "coverage": Text("Coverage"),
    "gaps": Text("Blind spots"),
    "patrol": Text("Patrol plan"),
}
COMMANDS = {
    "coverage": "geo-service coverage",
    "gaps": "geo-service gaps",
    "patrol": "geo-service patrol",
}


@dataclass(frozen=True)
class Figure:
    """One headline figure.

    Args:
        title: what is counted.
        value: the figure with its unit.
        of: what it is a part of, beside the figure.
        more: lines below.
        bad: whether it asks for action.
    """

    title: Text
    value: Text | str
    of: Text | str = ""
    more: tuple[Text, ...] = ()
    bad: bool = False


@dataclass(frozen=True)
class Step:
    """Something to do next, with the command that does it, and the kind of job where a button does it, too."""

    words: Text
    command: str
    job: str = ""


@dataclass(frozen=True)
class Computed:
    """When a result was computed, and whether the town has changed since."""

    title: Text
    when: str
    stale: bool
    kind: str


@dataclass(frozen=True)
class Overview:
    """Everything beside the map of the front page."""

    figures: tuple[Figure, ...] = ()
    computed: tuple[Computed, ...] = ()
    steps: tuple[Step, ...] = field(default=())

    doubts: tuple[Text, ...] = ()

    @property
    def is_stale(self) -> bool:
        """Whether any figure is older than the data."""
        return any(one.stale for one in self.computed)

    @property
    def stale_jobs(self) -> tuple[str, ...]:
        """The kinds of jobs that bring stale figures up to date; blind spots bring the coverage with them."""
        stale = [one.kind for one in self.computed if one.stale]
        return tuple(one for one in stale if one != "coverage" or "gaps" not in stale)


def overview(store: Store) -> Overview:
    """Return the figures of a town from its store and its latest results.

    Args:
        store: the town.
    """
    results = {kind: store.latest_result(kind) for kind in RESULTS}
    figures = [_cameras(store)] if store.count("camera_sites") else []
    if coverage := results["coverage"]:
        figures += _seen(coverage.frame("targets"))
    if gaps := results["gaps"]:
        figures += _gaps(gaps.frame("pieces"))
    if patrol := results["patrol"]:
        figures.append(_patrol(patrol))
    computed = tuple(
        Computed(RESULTS[kind], formats.moment(one.created_at), bool(one.is_stale), kind)
        for kind, one in results.items()
        if one is not None
    )
    return Overview(
        tuple(figures), computed, tuple(_steps(store, results)), tuple(_doubts(results["coverage"]))
    )


def seen_share(targets: pd.DataFrame, light: str, band: str = "") -> float | None:
    """Return which share of the ground of all key areas is seen at the required class.

    Args:
        targets: the frame ``targets`` of a coverage result.
        light: ``day`` or ``night``.
        band: ``_sure`` or ``_possible``; empty for the values as they are entered.

    Returns:
        A share of 0–1, weighted by area; None where no key area asks to be seen in this light.
    """
    column = f"share_{light}{band}"
    share = targets[column]
    areas = targets[(targets["kind"] == "key_area") & share.notna()]
    total = float(areas["size"].sum())
    return float((areas["size"] * areas[column]).sum()) / total if total > 0 else None


def _cameras(store: Store) -> Figure:
    status = store.frame("camera_sites")["status"]
    there = int((~status.isin(["planned", "removed"])).sum())
    working = int((status == "working").sum())
    return Figure(
        Text("Cameras working"),
        f"{working:,}",
        Text.of("of {n}", n=f"{there:,}"),
        (Text.of("{n} faulty or offline", n=there - working),) if there > working else (),
        bad=False,
    )


def _seen(targets: pd.DataFrame) -> list[Figure]:
    by_day, by_night = seen_share(targets, "day"), seen_share(targets, "night")
    if by_day is None and by_night is None:
        return []
    areas = targets[targets["kind"] == "key_area"]
    unseen = int((areas["share_night"] <= 0).sum())
    more = (
        [Text.of("{n} of {all} key areas are not seen at all by night", n=unseen, all=len(areas))]
        if unseen
        else []
    )
    if "share_day_sure" in targets:
        sure, possible = (
            {light: formats.share(seen_share(targets, light, band)) for light in ("day", "night")}
            for band in ("_sure", "_possible")
        )
        night = Text.of(
            "by night surely {sure}, possibly {possible}", sure=sure["night"], possible=possible["night"]
        )
        return [
            Figure(
                Text("Ground of key areas surely seen by day"),
                sure["day"],
                Text.of("possibly {share}", share=possible["day"]),
                (night, *more),
            )
        ]
    return [
        Figure(
            Text("Ground of key areas seen by day"),
            formats.share(by_day),
            Text.of("by night {share}", share=formats.share(by_night)),
            tuple(more),
        )
    ]


def _gaps(pieces: pd.DataFrame) -> list[Figure]:
    figures = []
    for light, title in (("day", Text("Blind ground by day")), ("night", Text("Blind ground by night"))):
        part = pieces[pieces["light"] == light]
        road = part["target_kind"] == "road"
        lines = [Text.of("{n} of roads", n=formats.length(float(part.loc[road, "length_m"].sum())))]
        counts = part["priority"].astype(str).value_counts()
        lines += [
            Text.of("{priority}: {n} pieces", priority=words, n=f"{int(counts[key]):,}")
            for key, words in PRIORITIES.items()
            if key in counts
        ]
        figures.append(
            Figure(title, formats.area(float(part.loc[~road, "area_m2"].sum())), more=tuple(lines))
        )
    return figures


def _patrol(result: StoredResult) -> Figure:
    breaches = result.frame("breaches")
    unreachable = result.frame("unreachable")
    places = result.frame("places")
    late = int(breaches["place"].nunique()) if len(breaches) else 0
    more = []
    if late:
        more.append(Text.of("longest: {minutes} over the limit", minutes=formats.minutes(_worst(breaches))))
    if len(unreachable):
        more.append(Text.of("{n} places cannot be reached", n=len(unreachable)))
    return Figure(
        Text("Places patrolled too late"),
        str(late),
        Text.of("of {n}", n=len(places)),
        tuple(more),
        bad=late > 0,
    )


def _worst(breaches: pd.DataFrame) -> float:
    return float((breaches["gap_s"] - breaches["max_gap_s"]).max())


def _doubts(coverage: StoredResult | None) -> list[Text]:
    """Say where the map does not know enough for the figures to be taken as they stand."""
    if coverage is None or "buildings" not in coverage.summary:
        return []
    found: list[Text] = []
    if left_out := coverage.summary.get("obstacles_left_out"):
        found.append(
            Text.of(
                "{count} obstacles hide nothing here, since their clear height is not below their height: correct {names}",
                count=len(left_out),
                names=", ".join(left_out[:5]),
            )
        )
    there, unknown = coverage.summary["buildings"], coverage.summary.get("buildings_without_height", 0)
    if not there:
        found.append(Text("No buildings are modelled: what cameras see is rated too high."))
    elif unknown:
        found.append(
            Text.of(
                "{n} of {all} buildings have no height and count as never seen over.",
                n=f"{unknown:,}",
                all=f"{there:,}",
            )
        )
    return found


def _steps(store: Store, results: dict[str, StoredResult | None]) -> list[Step]:
    if store.town.epsg is None:
        return [
            Step(
                Text("This workspace is empty. Import the town's map first:"),
                "geo-service import-osm town.osm.pbf",
            ),
            Step(Text("Or look at the fictional sample town:"), "geo-service demo"),
        ]
    if not store.count("camera_sites"):
        return [
            Step(
                Text("There are no cameras yet. Import the ledger, and name the datum of its coordinates:"),
                "geo-service import camera_sites ledger.xlsx --datum gcj02",
            )
        ]
    words = {
        "coverage": Text("Coverage has not been computed yet:"),
        "gaps": Text("Blind spots have not been computed yet:"),
        "patrol": Text("There is no patrol plan yet:"),
    }
    return [Step(words[kind], COMMANDS[kind], kind) for kind, one in results.items() if one is None]
