"""The report on targets as tables, which the page, the workbook, the sheet of paper and the HTTP interface share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from camera_coverage.shares import CLASSES
from geo_service.analysis.goals import Goals, Verdict, judge_goals, watches
from geo_service.analysis.rows import each
from geo_service.analysis.target_tables import UNMODELLED
from geo_service.exports.cells import about_sheet, plain, workbook
from geo_service.i18n import say
from geo_service.store import StoredResult
from geo_service.words import TARGET_KINDS
from town_model import LAYERS, Text

Kind = Literal["text", "share", "count", "m", "m2"]
_LIGHTS = {"day": Text("by day"), "night": Text("by night")}
GOAL_TITLES: dict[str, Text] = {
    "key_places": Text("key areas covered"),
    "entrances": Text("main entrances watched"),
    "working": Text("cameras in order"),
}
VERDICTS: dict[bool | None, Text] = {
    True: Text("met"),
    False: Text("missed"),
    None: Text("nothing to judge"),
}
#: Said wherever buildings are missing from the map.
NOT_MODELLED = Text("not modelled, optimistic")


@dataclass(frozen=True)
class Choice:
    """A value of a column with choices, said by its title.

    Args:
        layer: name of the layer.
        column: name of the column.
        value: the choice.
    """

    layer: str
    column: str
    value: str


@dataclass(frozen=True)
class Head:
    """Heading of a column.

    Args:
        title: what it holds.
        kind: how its values are written: shares are of 0–1.
        brief: whether pages and paper show it too; the workbook shows all.
    """

    title: Text | Choice | tuple[Text | Choice, ...]
    kind: Kind = "text"
    brief: bool = True


@dataclass(frozen=True)
class TargetTable:
    """A table of the report.

    Args:
        name: its key.
        title: its heading.
        heads: of its columns.
        rows: values; None where there is none.
        empty: what stands in its place without rows.
    """

    name: str
    title: Text
    heads: tuple[Head, ...]
    rows: tuple[tuple[Any, ...], ...]
    empty: Text

    def brief(self) -> TargetTable:
        """Return the table with the columns that pages and paper show."""
        shown = [i for i, one in enumerate(self.heads) if one.brief]
        rows = tuple(tuple(row[i] for i in shown) for row in self.rows)
        return TargetTable(self.name, self.title, tuple(self.heads[i] for i in shown), rows, self.empty)


def target_tables(coverage: StoredResult, goals: Goals) -> tuple[TargetTable, ...]:
    """Return the tables of the report: goals, kinds of places, places, entrances, roads, critical cameras.

    Args:
        coverage: of `newest_report`.
        goals: what is asked for.
    """
    order = {name: rank for rank, name in enumerate(coverage.options["class_order"])}
    turning = (_turning(coverage.frame("turning")),) if "turning" in coverage.frame_names else ()
    return (
        _goals(judge_goals(coverage, goals)),
        _kinds(coverage.summary["shares"]),
        _places(coverage.frame("targets")),
        _entrances(coverage.frame("entrances"), goals, order),
        _roads(coverage.frame("roads")),
        _critical(coverage.frame("critical")),
        *turning,
    )


def targets_workbook(coverage: StoredResult, goals: Goals, language: str = "zh") -> bytes:
    """Return the report as an XLSX, a sheet a table; shares are of 0–1.

    Args:
        coverage: of `newest_report`.
        goals: what is asked for.
        language: ``zh`` or ``en``.
    """
    sheets: list[tuple[str, Sequence[str], list[Sequence[Any]]]] = []
    for table in target_tables(coverage, goals):
        header = [said(one.title, language) for one in table.heads]
        rows: list[Sequence[Any]] = [[_cell(one, language) for one in row] for row in table.rows]
        sheets.append((say(table.title, language), header, rows))
    sheets.append(about_sheet(coverage, language))
    return workbook(sheets)


def said(value: Any, language: str) -> Any:
    """Return a value of a table with texts and choices in words; numbers pass unchanged.

    Args:
        value: a cell or the title of a column.
        language: ``zh`` or ``en``.
    """
    if isinstance(value, tuple):
        return " · ".join(str(said(one, language)) for one in value)
    if isinstance(value, Choice):
        return LAYERS[value.layer].column(value.column).choice_title(value.value, language)
    return say(value, language) if isinstance(value, Text) else value


def _class(name: Any) -> Choice | None:
    return None if plain(name) is None else Choice("key_areas", "required_class", str(name))


def _cell(value: Any, language: str) -> Any:
    found = said(value, language)
    return round(found, 4) if isinstance(found, float) else found


def _number(value: Any) -> float | None:
    found = plain(value)
    return None if found is None else float(found)


def _goals(verdicts: tuple[Verdict, ...]) -> TargetTable:
    heads = (
        Head(Text("Goal")), Head(Text("Light")), Head(Text("Wanted"), "share"), Head(Text("Reached"), "share"), Head(Text("Number"), "count"),
        Head(Text("Of"), "count"), Head(Text("Verdict")),
    )  # fmt: skip
    rows = tuple(
        (GOAL_TITLES[one.goal], _LIGHTS.get(one.light), one.wanted, one.share, one.reached, one.of, VERDICTS[one.is_met])
        for one in verdicts
    )  # fmt: skip
    return TargetTable("goals", Text("Goals"), heads, rows, Text("nothing to judge"))


def _kinds(shares: dict[str, Any]) -> TargetTable:
    turns = any("day_at_once" in one for one in shares.values())
    heads = (
        Head(Text("Kind of place")), Head(Text("Light")), Head(Text("Number of places"), "count"), Head(Text("Surely seen"), "share"),
        Head(Text("Possibly seen"), "share"), Head(Text("Seen at its class"), "share"), *([Head(Text("Watched at one time"), "share")] if turns else []),
        *(Head(Choice("key_areas", "required_class", name), "share") for name in CLASSES), Head(Text("By two cameras"), "share"),
        Head(Text("By three cameras"), "share"), Head(Text("Resting on verified data"), "share"), Head(Text("Not modelled"), "count"),
    )  # fmt: skip
    rows = tuple(
        (
            TARGET_KINDS[kind], words, figures["count"], figures.get(f"{light}_sure"), figures.get(f"{light}_possible"), figures[light],
            *([figures.get(f"{light}_at_once")] if turns else []), *(figures["classes"][light][name] for name in CLASSES),
            figures[f"{light}_twice"], figures[f"{light}_thrice"], figures[f"{light}_verified"], figures["unmodelled"],
        )
        for kind in TARGET_KINDS
        if (figures := shares.get(kind)) and "classes" in figures
        for light, words in _LIGHTS.items()
    )  # fmt: skip
    return TargetTable(
        "kinds", Text("By kind of place"), heads, rows, Text("There is nothing to be watched.")
    )


def _places(targets: pd.DataFrame) -> TargetTable:
    lights = tuple(_LIGHTS)
    at_once = [f"share_{light}_at_once" for light in lights if f"share_{light}_at_once" in targets.columns]
    heads = (
        Head(Text("Place")), Head(Text("Kind of place")), Head(Text("Priority")), Head(Text("Required class")),
        Head(Text("Surely seen by day"), "share"), Head(Text("Possibly seen by day"), "share", brief=False),
        Head(Text("Surely seen by night"), "share"), Head(Text("Possibly seen by night"), "share", brief=False),
        Head(Text("Seen by day"), "share"), Head(Text("Seen by night"), "share"),
        *(Head(one, "share") for one in ((Text("Watched at one time, by day"), Text("Watched at one time, by night")) if at_once else ())),
        Head(Text("By two cameras, by day"), "share"), Head(Text("By two cameras, by night"), "share"),
        Head(Text("By three cameras, by day"), "share", brief=False), Head(Text("By three cameras, by night"), "share", brief=False),
        *(Head((_LIGHTS[light], Choice("key_areas", "required_class", name)), "share", brief=False) for light in lights for name in CLASSES),
        Head(Text("By verified cameras, by day"), "share"), Head(Text("By verified cameras, by night"), "share", brief=False),
        Head(Text("Cameras"), "count"), Head(Text("Longest unseen run"), "m", brief=False), Head(Text("Size in m² or m"), "m", brief=False),
        Head(Text("Remark")),
    )  # fmt: skip
    shown = targets[targets["kind"] != "road"]
    shown = shown.assign(_worst=shown[["share_day", "share_night"]].min(axis=1))
    shown = shown.sort_values(["priority", "_worst"], kind="stable")
    rows = tuple(
        (
            str(row.name or row.target), TARGET_KINDS.get(row.kind, row.kind), _priority(row.priority), _class(row.required_class),
            *(_number(getattr(row, f"share_{light}_{band}", None)) for light in lights for band in ("sure", "possible")),
            *(_number(getattr(row, name)) for name in ("share_day", "share_night", *at_once, "share_day_2", "share_night_2", "share_day_3", "share_night_3")),
            *(_number(getattr(row, f"share_{light}_{name}", None)) for light in lights for name in CLASSES),
            _number(getattr(row, "share_day_verified", None)), _number(getattr(row, "share_night_verified", None)), int(row.cameras),
            _number(getattr(row, "longest_uncovered_m", None)), _number(row.size),
            NOT_MODELLED if row.share_unmodelled >= UNMODELLED else None,
        )
        for row in each(shown)
    )  # fmt: skip
    return TargetTable(
        "places", Text("Places to be watched"), heads, rows, Text("There is nothing to be watched.")
    )


def _priority(value: Any) -> Choice:
    return Choice("key_areas", "priority", str(int(value)) if isinstance(value, float) else str(value))


def _entrances(entrances: pd.DataFrame, goals: Goals, order: dict[str, int]) -> TargetTable:
    heads = (
        Head(Text("Entrance")), Head(Text("Place")), Head(Text("Kind")), Head(Text("In, by day")), Head(Text("Out, by day")),
        Head(Text("In, by night")), Head(Text("Out, by night")), Head(Text("Any camera, by day"), brief=False), Head(Text("Any camera, by night"), brief=False),
        *(Head(one, brief=False) for one in (Text("Camera in, by day"), Text("Camera out, by day"), Text("Camera in, by night"), Text("Camera out, by night"))),
        Head(Text("As asked, by day")), Head(Text("As asked, by night")),
    )  # fmt: skip
    rows = tuple(
        (
            row.name or f"#{row.entrance}", row.place_name or None, Choice("entrances", "kind", str(row.kind)),
            *(_class(getattr(row, f"{side}_{light}")) for light in _LIGHTS for side in ("in", "out")),
            *(_class(getattr(row, f"class_{light}")) for light in _LIGHTS),
            *(plain(getattr(row, f"camera_{side}_{light}_name")) for light in _LIGHTS for side in ("in", "out")),
            *(Text("yes") if watches(row, light, goals, order) else Text("no") for light in _LIGHTS),
        )
        for row in each(entrances)
    )  # fmt: skip
    return TargetTable(
        "entrances", Text("Entrances"), heads, rows,
        Text("No entrances are entered: mark the gates of housing zones and key areas on the map."),
    )  # fmt: skip


def _roads(roads: pd.DataFrame) -> TargetTable:
    heads = (
        Head(Text("Road")), Head(Text("Length"), "m"), Head(Text("Seen by day"), "m", brief=False), Head(Text("Seen by night"), "m", brief=False),
        Head(Text("Metres seen per km, by day"), "m"), Head(Text("Longest unseen run, by day"), "m"),
        Head(Text("Metres seen per km, by night"), "m"), Head(Text("Longest unseen run, by night"), "m"),
    )  # fmt: skip
    names = (
        "length_m",
        "seen_day_m",
        "seen_night_m",
        "seen_per_km_day",
        "longest_unseen_day_m",
        "seen_per_km_night",
        "longest_unseen_night_m",
    )
    rows = tuple(
        (row.name or row.road, *(_number(getattr(row, name)) for name in names)) for row in each(roads)
    )
    return TargetTable("roads", Text("Public roads"), heads, rows, Text("There are no public roads."))


def _critical(critical: pd.DataFrame) -> TargetTable:
    heads = (
        Head(Text("Camera")), Head(Text("Areas lost"), "m2"), Head(Text("Roads lost"), "m"), Head(Text("Most at")), Head(Text("Share lost there"), "share"),
        Head(Text("Number of places"), "count"),
    )  # fmt: skip
    rows = tuple(
        (row.camera_name or f"#{row.camera}", float(row.lost_area_m2), float(row.lost_length_m), row.worst_target or None, float(row.worst_share), int(row.targets))
        for row in each(critical)
    )  # fmt: skip
    return TargetTable(
        "critical", Text("Critical cameras"), heads, rows,
        Text("No camera alone sees anything that is to be watched."),
    )  # fmt: skip


def _turning(turning: pd.DataFrame) -> TargetTable:
    heads = (
        Head(Text("Camera")), Head(Text("Presets and their share of the time")), Head(Text("Round (s)"), "count"), Head(Text("Can turn to"), "m2"),
        Head(Text("Seen in some preset"), "m2"), Head(Text("Watched at one time"), "m2"),
    )  # fmt: skip
    rows = tuple(
        (
            row.camera_name or f"#{row.camera}", getattr(row, "preset_shares", "") or Text("no presets"), _whole(row.round_s), float(row.reach_m2),
            _number(row.preset_m2), _number(row.watched_m2),
        )
        for row in each(turning)
    )  # fmt: skip
    return TargetTable("turning", Text("Cameras that turn"), heads, rows, Text("No working camera turns."))


def _whole(value: Any) -> int | None:
    found = _number(value)
    return None if found is None else round(found)
