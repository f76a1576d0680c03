"""`coverage`, `gaps`, `check`: from the data of a town to what one wants to know."""

from __future__ import annotations

from typing import Any

import click
import pandas as pd

from geo_service.analysis.certainty import Tolerances, stated_tolerances
from geo_service.analysis.check import check_town
from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.analysis.findings import Finding
from geo_service.cli.session import Session
from geo_service.cure_words import cure_text
from geo_service.day_times import local_day
from geo_service.words import SEVERITIES, cause_text
from town_model import LAYERS, OBSERVATION_TABLES, Text


@click.command("coverage")
@click.option(
    "--certainty",
    is_flag=True,
    help="Also ask what is surely seen, given how well the cameras are known. 同时计算有把握的覆盖率和核查清单。",
)
@click.option(
    "--tolerance",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="How well values are known, such as estimated.azimuth_tolerance_deg=10; holds for later runs, too. 数据误差；以后的计算沿用。",
)
@click.option(
    "--classes",
    "table",
    type=click.Choice(tuple(OBSERVATION_TABLES)),
    help="Table of observation classes for this run; the setting observation_table by default. 观察等级标准。",
)
@click.pass_obj
def coverage_command(session: Session, *, certainty: bool, given: tuple[str, ...], table: str | None) -> None:
    """Compute what the cameras see, by day and by night. 计算监控覆盖。"""
    store = session.workspace.store
    store.observation_table = table or store.observation_table
    with session.progress("Computing coverage") as told:
        stated = Tolerances.read(_named_numbers(given), stated_tolerances(store)) if given else None
        number = compute_coverage(
            store, actor=session.actor, certainty=certainty, tolerances=stated, progress=told
        )
    result = session.stored(number)
    summary = result.summary
    lines: list[str | Text] = [
        Text.of(
            "{seeing} of {cameras} cameras see something; {working} are working",
            **{key: summary[key] for key in ("seeing", "cameras", "working")},
        ),
        Text.of(
            "ground seen by day {day} m², by night {night} m² (class {name})",
            day=f"{summary['seen_day_m2']:,.0f}",
            night=f"{summary['seen_night_m2']:,.0f}",
            name=_class_words(session, summary["shown_class"]),
        ),
        Text.of(
            "observation classes by {table}",
            table=OBSERVATION_TABLES[result.options["observation_table"]].name,
        ),
    ]
    for kind, words in _KINDS.items():
        share = summary["shares"].get(kind)
        if share:
            lines += _share_texts(words, share)
    if summary["buildings_without_height"]:
        lines.append(
            Text.of(
                "{count} buildings without height count as never seen over",
                count=summary["buildings_without_height"],
            )
        )
    if left_out := summary.get("obstacles_left_out"):
        lines.append(
            Text.of(
                "{count} obstacles hide nothing here, since their clear height is not below their height: correct {names}",
                count=len(left_out),
                names=", ".join(left_out[:5]),
            )
        )
    if not summary["street_lights"]:
        lines.append(
            Text("no working street lights are known: at night only the cameras' own infrared light counts")
        )
    if not summary["buildings"]:
        lines.append(Text("no buildings are modelled: the result is optimistic"))
    if turning := summary.get("turning"):
        lines.append(
            Text.of(
                "{count} cameras turn: each place within their reach of {reach} m² is seen at times; {watched} m² of it are watched at one time on average",
                count=turning["cameras"],
                reach=f"{turning['reach_m2']:.0f}",
                watched=f"{turning['watched_m2']:.0f}",
            )
        )
    critical = result.frame("critical")
    lines += session.emit_list(
        Text("What the failure of a camera would cost, the gravest first:"),
        [session.say(one) for one in _critical_texts(critical)],
    )
    checking = result.frame("checking")
    lines += session.emit_list(
        Text("Check these cameras on the spot first, they remove most doubt:"),
        [session.say(one) for one in _checking_texts(checking)],
    )
    notes = [session.say(one) for one in _note_texts(result.frame("notes"))]
    lines += session.emit_list(Text("Assumed or set right:"), notes)
    data = {
        "result": number,
        **summary,
        "critical": _records(critical),
        "checking": _records(checking),
        "notes": notes,
    }
    session.emit(data, lines)


def _named_numbers(given: tuple[str, ...]) -> dict[str, str]:
    """Return ``NAME=VALUE`` as a dictionary."""
    return {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in given)}


def _share_texts(kind: Text, share: dict[str, Any]) -> list[Text]:
    """Return what is seen of one kind of target, by two cameras, and how surely."""
    texts = [
        Text.of(
            "{kind}: {day} % seen by day, {night} % by night ({count})",
            kind=kind,
            day=_percent(share["day"]),
            night=_percent(share["night"]),
            count=share["count"],
        ),
        Text.of(
            "{kind}: {day} % by day and {night} % by night are seen by two cameras or more",
            kind=kind,
            day=_percent(share["day_twice"]),
            night=_percent(share["night_twice"]),
        ),
    ]
    if "day_at_once" in share:
        texts.append(
            Text.of(
                "{kind}: {day} % by day and {night} % by night are watched at one time, since some cameras turn",
                kind=kind,
                day=_percent(share["day_at_once"]),
                night=_percent(share["night_at_once"]),
            )
        )
    if "day_sure" in share:
        texts.insert(
            0,
            Text.of(
                "{kind}: surely seen {day} % by day and {night} % by night, possibly {most} % and {least} %",
                kind=kind,
                day=_percent(share["day_sure"]),
                night=_percent(share["night_sure"]),
                most=_percent(share["day_possible"]),
                least=_percent(share["night_possible"]),
            ),
        )
    return texts


def _records(frame: Any) -> list[dict[str, Any]]:
    if "geometry" in frame:
        frame = pd.DataFrame(frame.drop(columns="geometry"))
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def _checking_texts(checking: Any) -> list[Text]:
    """Return a line a camera to check."""
    return [
        Text.of(
            "{camera}: {area} m² of areas and {length} m of roads in doubt, most of all at {target}",
            camera=row.camera_name or f"#{row.camera}",
            area=f"{row.doubt_area_m2:,.0f}",
            length=f"{row.doubt_length_m:,.0f}",
            target=row.worst_target,
        )
        for row in checking.itertuples()
    ]


def _critical_texts(critical: Any) -> list[Text]:
    """Return a line a critical camera."""
    return [
        Text.of(
            "{camera}: {area} m² of areas and {length} m of roads are seen by it alone, most of all {share} % of {target}",
            camera=row.camera_name or f"#{row.camera}",
            area=f"{row.lost_area_m2:,.0f}",
            length=f"{row.lost_length_m:,.0f}",
            share=_percent(row.worst_share),
            target=row.worst_target,
        )
        for row in critical.itertuples()
    ]


_KINDS = {
    "key_area": Text("key areas"),
    "housing_zone": Text("inside housing zones"),
    "road_strip": Text("roads round housing zones"),
    "road": Text("public roads"),
}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _note_texts(notes: Any) -> list[Text]:
    return [
        Text.of("{camera}: {note}", camera=row.camera_name, note=Text(row.template, row.params))
        for row in notes.itertuples()
    ]


@click.command("gaps")
@click.option(
    "--top",
    type=click.IntRange(0),
    default=15,
    show_default=True,
    help="How many pieces to list. 列出多少条。",
)
@click.option(
    "--only-verified",
    is_flag=True,
    help="Ground that only unverified cameras see counts as blind, too. 只由未核实的点位看到的地方也算盲区。",
)
@click.option(
    "--classes",
    "table",
    type=click.Choice(tuple(OBSERVATION_TABLES)),
    help="Table of observation classes for this run; the setting observation_table by default. 观察等级标准。",
)
@click.pass_obj
def gaps_command(session: Session, *, top: int, only_verified: bool, table: str | None) -> None:
    """List where the cameras see nothing, why, and what would cure it. 列出监控盲区、原因和整改办法。"""
    store = session.workspace.store
    store.observation_table = table or store.observation_table
    with session.progress("Looking for blind spots") as told:
        number = compute_gaps(
            store,
            actor=session.actor,
            only_verified=only_verified or session.workspace.settings.gaps_only_verified,
            progress=told,
        )
    result = session.stored(number)
    summary = result.summary
    lines: list[str | Text] = []
    for light, words in (("day", Text("by day")), ("night", Text("by night"))):
        figures = summary["lights"].get(light)
        if figures:
            lines.append(
                Text.of(
                    "{light}: {pieces} blind pieces, {area} m² of areas and {length} m of roads", light=words, pieces=figures["pieces"],
                    area=f"{figures['area_m2']:,.0f}", length=f"{figures['length_m']:,.0f}",
                )
            )  # fmt: skip
    if summary["slivers"]:
        lines.append(
            Text.of(
                "{count} slivers narrower than {width} m dropped ({area} m²)",
                count=summary["slivers"],
                width=summary["min_width_m"],
                area=f"{summary['slivers_area_m2']:,.1f}",
            )
        )
    pieces = result.frame("pieces").head(top)
    lines += session.emit_list(
        Text("The first pieces, most urgent first:"),
        [session.say(_piece(row, session.language)) for row in pieces.itertuples()],
    )
    session.emit({"result": number, **summary}, lines)


_PRIORITY = LAYERS["key_areas"].column("priority")


def _class_words(session: Session, name: str) -> str:
    return LAYERS["key_areas"].column("required_class").choice_title(name, session.language)


def _piece(row: Any, language: str) -> Text:
    size = (
        f"{row.area_m2:,.0f} m²" if row.area_m2 == row.area_m2 and row.area_m2 else f"{row.length_m:,.0f} m"
    )
    return Text.of(
        "{priority} · {target} · {light} · {size} · {cause} → {cure}", priority=_PRIORITY.choice_title(row.priority, language), target=row.target_name or row.target,
        light=Text("by day") if row.light == "day" else Text("by night"), size=size, cause=cause_text(row.cause),
        cure=cure_text(row.cure, row.cure_params, row.cause_camera_name, row.cure_share),
    )  # fmt: skip


@click.command("check")
@click.pass_obj
def check_command(session: Session) -> None:
    """Check the data: what would mislead, and what breaks the rules. 检查数据与合规。"""
    found = check_town(session.workspace.store, today=local_day())
    counts = {severity: sum(one.severity == severity for one in found) for severity in SEVERITIES}
    lines: list[str | Text] = [
        Text.of(
            "{errors} errors, {warnings} warnings, {notes} notes",
            errors=counts["error"],
            warnings=counts["warning"],
            notes=counts["note"],
        )
    ]
    lines += session.emit_list(Text("Findings:"), [_finding(session, one) for one in found])
    document = {
        "counts": counts,
        "findings": [
            {
                "severity": one.severity, "layer": one.layer, "row": one.row, "name": one.name,
                "message": session.say(one.message), "remedy": session.say(one.remedy),
            }
            for one in found
        ],
    }  # fmt: skip
    session.emit(document, lines)


def _finding(session: Session, one: Finding) -> str:
    where = (
        LAYERS[one.layer].title(session.language)
        + (f" {one.row}" if one.row is not None else "")
        + (f" {one.name}" if one.name else "")
    )
    return session.say(
        "[{severity}] {where}: {problem}; {remedy}",
        severity=SEVERITIES[one.severity],
        where=where,
        problem=one.message,
        remedy=one.remedy,
    )


COMMANDS = (coverage_command, gaps_command, check_command)
