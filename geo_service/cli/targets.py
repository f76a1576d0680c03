"""`targets`: goals met or missed, and the figures of places, entrances and roads."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.analysis.coverage import compute_coverage
from geo_service.analysis.goals import Goals, judge_goals, newest_report
from geo_service.cli.session import Session
from geo_service.exports.targets import GOAL_TITLES, VERDICTS, said, target_tables, targets_workbook
from geo_service.papers.target_sheet import targets_pdf
from town_model import InputError, Text

_LIGHTS = {"day": Text("by day"), "night": Text("by night"), "": Text("now")}
_FILES = {".pdf": "pdf", ".xlsx": "xlsx"}


@click.command("targets")
@click.option(
    "--top",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="How many rows of a table. 每张表列出多少行。",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report: .pdf to print, .xlsx with all rows. 写成文件。",
)
@click.option(
    "--stored",
    is_flag=True,
    help="Judge the newest stored result, compute nothing. 只看最近一次的结果，不重算。",
)
@click.pass_obj
def targets_command(session: Session, *, top: int, out: Path | None, stored: bool) -> None:
    """Say which goals are met: key areas, entrances, roads, cameras in order. 列出达标情况。"""
    if out is not None and out.suffix.lower() not in _FILES:
        raise InputError("{file}: the report is written as .pdf or .xlsx", file=out)
    store = session.workspace.store
    result = newest_report(store) if stored else None
    if stored and result is None:
        raise InputError("there is no coverage yet: compute it first, without --stored")
    if result is None:
        with session.progress("Computing coverage") as told:
            compute_coverage(store, actor=session.actor, progress=told)
        result = newest_report(store)
        assert result is not None  # stored a moment ago
    goals = Goals.of(session.workspace.settings)
    verdicts = judge_goals(result, goals)
    language = session.language
    lines: list[str | Text] = [
        Text.of(
            "{goal}, {light}: {reached} of {of}, {wanted} wanted: {verdict}",
            goal=GOAL_TITLES[one.goal], light=_LIGHTS[one.light], reached=one.reached, of=one.of, wanted=f"{100 * one.wanted:g}%",
            verdict=VERDICTS[one.is_met],
        )
        for one in verdicts
    ]  # fmt: skip
    for table in target_tables(result, goals)[2:]:
        brief = table.brief()
        rows = [
            "  ".join(
                str(_short(value, head.kind, language)) for value, head in zip(row, brief.heads, strict=True)
            )
            for row in brief.rows[:top]
        ]
        if rows:
            lines.append(table.title)
            lines += [f"  {one}" for one in rows]
    if out is not None:
        content = (
            targets_pdf(store.town.name, result, goals, language=language, user=session.actor)
            if out.suffix.lower() == ".pdf"
            else targets_workbook(result, goals, language)
        )
        out.write_bytes(content)
        lines.append(Text.of("written to {file}", file=out))
    session.emit(
        {
            "result": result.id,
            "goals": [one.as_json() for one in verdicts],
            "shares": result.summary["shares"],
            "tables": {
                one.name: [
                    {
                        str(said(head.title, "en")): said(value, "en")
                        for value, head in zip(row, one.heads, strict=True)
                    }
                    for row in one.rows
                ]
                for one in target_tables(result, goals)
            },
        },
        lines,
    )


def _short(value: object, kind: str, language: str) -> object:
    if value is None:
        return "–"
    if kind == "share":
        return f"{100 * float(str(value)):.1f}%"
    if kind in ("m", "m2"):
        return f"{float(str(value)):,.0f} {'m²' if kind == 'm2' else 'm'}"
    return said(value, language)


COMMANDS = (targets_command,)
