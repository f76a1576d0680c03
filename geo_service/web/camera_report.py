"""The page on law and upkeep of cameras: findings by article, private ground and masks, shares in order and repairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pandas as pd
from flask import Blueprint, abort, render_template, send_file
from flask.typing import ResponseReturnValue

from geo_service.analysis.law import class_title, message_of
from geo_service.analysis.rows import each
from geo_service.exports.camera_report import camera_report_workbook, mask_azimuths
from geo_service.store import StoredResult
from geo_service.web import first_run, formats, job_view
from geo_service.web.access import Permission, allow
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit, audit_view, may, store
from geo_service.words import CAMERA_STATES, SEVERITIES
from town_model import Text

blueprint = Blueprint("camera_report", __name__)
SHOWN = 100
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TAGS = {"error": "first", "warning": "second", "note": "third"}
#: What each article is about.
ARTICLES: dict[int, Text] = {
    6: Text("Article 6: use what exists"),
    8: Text("Article 8: forbidden places"),
    10: Text("Article 10: consent near protected units"),
    13: Text("Article 13: sign, and no more in view than needed"),
    14: Text("Article 14: filing within 30 days"),
    17: Text("Article 17: recordings kept for 30 days"),
}


@dataclass(frozen=True)
class Table:
    """A table as the page shows it.

    Args:
        name: its id on the page.
        title: its heading.
        heads: titles of the columns, and whether they hold numbers.
        rows: cells in words, each with the class of its tag or "".
        more: how many rows are left to the workbook.
        empty: what stands there without rows.
    """

    name: str
    title: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    more: int
    empty: str


@blueprint.get("/cameras/report")
@allow(Permission.SEE_GAPS)
def page() -> ResponseReturnValue:
    """Show findings, private ground and masks, shares in order and repairs."""
    audit_view("view_camera_report", "")
    law, health = store().latest_result("exposure"), store().latest_result("health")
    return render_template(
        "camera_report.html",
        law=law,
        health=health,
        articles=_articles(law) if law else [],
        findings=_findings(law) if law else None,
        private=[_exposure(law), _masks(law)] if law else [],
        mask_class=class_title(law.options["mask_class"], language()) if law else "",
        upkeep=[_repairs(health), _units(health), _days(health)] if health else [],
        share=formats.share,
        area=formats.area,
        length=formats.length,
        job=job_view.living(("camera_report",)),
        may_compute=may(Permission.EDIT),
        may_export=may(Permission.EXPORT),
        needs=first_run.lacks_data(store()),
    )


@blueprint.get("/cameras/report/export.xlsx")
@allow(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """Send the report as a workbook; the audit record keeps who took it."""
    law, health = store().latest_result("exposure"), store().latest_result("health")
    if law is None and health is None:
        abort(404)
    audit("export_camera_report", "xlsx")
    content = camera_report_workbook(law, health, language())
    title = words(Text("Camera law and upkeep"))
    answer = send_file(BytesIO(content), mimetype=_SHEET, as_attachment=True, download_name=f"{title}.xlsx")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _table(
    name: str,
    title: Text,
    heads: list[tuple[Text, bool]],
    frame: pd.DataFrame,
    cells: Callable[[Any], list[Any]],
    empty: Text,
) -> Table:
    rows = tuple(
        tuple(one if isinstance(one, tuple) else (words(one), "") for one in cells(row))
        for row in each(frame.head(SHOWN))
    )
    shown = tuple((words(head), number) for head, number in heads)
    return Table(name, words(title), shown, rows, max(0, len(frame) - SHOWN), words(empty))


def _articles(law: StoredResult) -> list[tuple[str, int]]:
    counts = law.summary["articles"]
    return [(words(title), counts.get(str(article), 0)) for article, title in ARTICLES.items()]


def _findings(law: StoredResult) -> Table:
    return _table(
        "findings", Text("Findings"),
        [(Text("Camera"), False), (Text("Severity"), False), (Text("Finding"), False), (Text("Remedy"), False)],
        law.frame("findings"),
        lambda one: [one.camera_name or f"#{one.camera}", (words(SEVERITIES[one.severity]), f"tag {_TAGS[one.severity]}"), message_of(one), Text(one.remedy)],
        Text("Nothing was found against the law."),
    )  # fmt: skip


def _exposure(law: StoredResult) -> Table:
    name = law.options["mask_class"]
    frame = law.frame("cameras")
    seen = frame[(frame["private_monitor_m2"] > 0) | (frame["facade_monitor_m"] > 0)]
    return _table(
        "exposure", Text("Private ground in view"),
        [
            (Text("Camera"), False), (Text("Status"), False), (Text("Clearly seen"), True), (Text("Façades clearly seen"), True),
            (Text("Recognisable"), True), (Text("In view at all"), True), (Text("Masks"), True),
        ],
        seen,
        lambda one: [
            one.camera_name or f"#{one.camera}", CAMERA_STATES[one.status], formats.area(getattr(one, f"private_{name}_m2")),
            formats.length(getattr(one, f"facade_{name}_m")), formats.area(one.private_recognise_m2), formats.area(one.private_monitor_m2), str(one.masks),
        ],
        Text("No camera sees private ground."),
    )  # fmt: skip


def _masks(law: StoredResult) -> Table:
    return _table(
        "masks", Text("Proposed privacy masks"),
        [
            (Text("Camera"), False), (Text("Azimuths from true north"), True), (Text("Distance"), True), (Text("Private ground hidden"), True),
            (Text("Other ground hidden"), True),
        ],
        pd.DataFrame(law.frame("masks")).sort_values("private_m2", ascending=False),
        lambda one: [
            one.camera_name or f"#{one.camera}", "{}°–{}°".format(*mask_azimuths(one)), f"{one.near_m:.0f}–{one.far_m:.0f} m",
            formats.area(one.private_m2), formats.area(one.lost_m2),
        ],
        Text("No mask is needed."),
    )  # fmt: skip


def _repairs(health: StoredResult) -> Table:
    return _table(
        "repairs", Text("Repair list, by priority and gain"),
        [
            (Text("Camera"), False), (Text("State"), False), (Text("Out of order since"), False), (Text("Maintained by"), False),
            (Text("Areas seen again"), True), (Text("Roads seen again"), True), (Text("Most at"), False),
        ],
        health.frame("repairs"),
        lambda one: [
            one.camera_name or f"#{one.camera}", CAMERA_STATES[one.state], one.out_since or formats.DASH, one.maintained_by or Text("not entered"),
            formats.area(one.gained_area_m2), formats.length(one.gained_length_m), one.first_target or formats.DASH,
        ],
        Text("All cameras are in order."),
    )  # fmt: skip


def _units(health: StoredResult) -> Table:
    return _table(
        "units", Text("By maintaining unit"),
        [(Text("Maintained by"), False), (Text("Cameras"), True), (Text("Out of order"), True), (Text("Share online"), True), (Text("Share in order"), True)],
        health.frame("units"),
        lambda one: [one.maintained_by or Text("not entered"), str(one.cameras), str(one.out_of_order), formats.share(one.share_online), formats.share(one.share_in_order)],
        Text("There are no cameras."),
    )  # fmt: skip


def _days(health: StoredResult) -> Table:
    return _table(
        "days", Text("By day"),
        [(Text("Day"), False), (Text("Cameras with records"), True), (Text("Share online"), True), (Text("Share in order"), True)],
        health.frame("days"),
        lambda one: [one.day, str(one.cameras), formats.share(one.share_online), formats.share(one.share_in_order)],
        Text("No records in this time: import the daily sheet of the operations platform under “Camera status log”."),
    )  # fmt: skip
