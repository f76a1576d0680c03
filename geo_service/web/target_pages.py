"""The report on targets: goals met or missed, places by class, entrances, roads, critical cameras; as page, file and paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from geo_service.analysis.goals import Goals, newest_report
from geo_service.exports.targets import (
    NOT_MODELLED,
    VERDICTS,
    Choice,
    TargetTable,
    said,
    target_tables,
    targets_workbook,
)
from geo_service.papers.target_sheet import targets_pdf
from geo_service.store import StoredResult
from geo_service.web import first_run, formats, job_view
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit, audit_view, current_user, may, store
from town_model import Text

blueprint = Blueprint("targets", __name__)
SHOWN = 60
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What each table means, said above it.
HINTS: dict[str, Text] = {
    "kinds": Text("Shares of the open ground, weighted by size. Resting on verified data: how much of what is seen is seen by cameras that were verified on the spot."),
    "entrances": Text("In and out: the finest class at which somebody who comes in or goes out is seen from the front, by a camera within 60° of the way ahead."),
    "roads": Text("All lines of one name together; the longest run that no camera sees goes on over the cuts of the map."),
    "turning": Text("Shares seen count what such a camera shows at some time. Watched at one time: ground that others watch always in full, other ground by the share of the round in which a preset shows it, the longest of any one camera. Without presets its stated direction counts as watched, and nothing where that is unknown."),
    "critical": Text("What only this camera sees and nobody sees once it fails, the gravest first."),
}  # fmt: skip
_TAGS = {VERDICTS[True]: "tag third", VERDICTS[False]: "tag first", NOT_MODELLED: "tag second"}


@dataclass(frozen=True)
class Shown:
    """A table as the page shows it.

    Args:
        name: its id on the page.
        title: its heading.
        hint: what it means, or "".
        heads: titles of the columns, and whether they hold numbers.
        rows: cells in words, each with the class of its tag or "".
        more: how many rows are left to the workbook.
        empty: what stands there without rows.
    """

    name: str
    title: str
    hint: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    more: int
    empty: str


@blueprint.get("/targets")
@allow(Permission.SEE_GAPS)
def page() -> ResponseReturnValue:
    """Show goals and figures of the targets."""
    audit_view("view_targets", "")
    result = newest_report(store())
    goals = _goals()
    tables = [_shown(one) for one in target_tables(result, goals)] if result else []
    return render_template(
        "targets.html",
        result=result,
        goals=goals,
        goal_class=said(Choice("key_areas", "required_class", goals.entrance_class), language()),
        tables=tables,
        unmodelled=sum(one.get("unmodelled", 0) for one in result.summary["shares"].values())
        if result
        else 0,
        share=formats.share,
        job=job_view.living(("gaps", "coverage")),
        may_compute=may(Permission.EDIT),
        may_export=may(Permission.EXPORT),
        may_set=may(Permission.ADMINISTER),
        needs=first_run.lacks_data(store()),
    )


@blueprint.get("/targets/export.xlsx")
@allow(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """Send the report as a workbook; the audit record keeps who took it."""
    content = targets_workbook(_result(), _goals(), language())
    audit("export_targets", "xlsx")
    return _file(content, _SHEET, "xlsx")


@blueprint.get("/targets/report.pdf")
@allow(Permission.EXPORT)
def paper() -> ResponseReturnValue:
    """Send the report as a PDF to print and sign."""
    user = current_user()
    content = targets_pdf(
        store().town.name, _result(), _goals(), language=language(), user=user.name if user else ""
    )
    audit("export_targets", "pdf")
    return _file(content, "application/pdf", "pdf")


def _file(content: bytes, media_type: str, ending: str) -> ResponseReturnValue:
    title = words(Text("Targets and goals"))
    return attachment(content, media_type, f"{title}.{ending}")


def _result() -> StoredResult:
    return newest_report(store()) or abort(404)


def _goals() -> Goals:
    return Goals.of(current_app.extensions["workspace"].settings)


def _shown(table: TargetTable) -> Shown:
    brief = table.brief()
    rows = tuple(
        tuple(_cell(value, head.kind) for value, head in zip(row, brief.heads, strict=True))
        for row in brief.rows[:SHOWN]
    )
    hint = HINTS.get(table.name)
    return Shown(
        table.name, words(table.title), words(hint) if hint else "",
        tuple((str(said(one.title, language())), one.kind != "text") for one in brief.heads), rows,
        max(0, len(brief.rows) - SHOWN), words(table.empty),
    )  # fmt: skip


def _cell(value: Any, kind: str) -> tuple[str, str]:
    if kind == "share":
        return formats.share(value), ""
    if kind in ("m", "m2"):
        return words((formats.length if kind == "m" else formats.area)(value)), ""
    if value is None:
        return formats.DASH, ""
    tag = _TAGS.get(value, "") if isinstance(value, Text) else ""
    return str(said(value, language())), tag
