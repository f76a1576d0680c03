"""The page on law and upkeep of cameras: findings by article, private ground and masks, shares in order and repairs."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from geo_service.analysis.law import class_title
from geo_service.exports.results import MEDIA, result_file
from geo_service.store import StoredResult
from geo_service.web import first_run, formats, job_view, law_view
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.law_view import LawQuery, Table, camera_cell, table
from geo_service.web.sessions import audit, audit_view, may, store
from geo_service.words import CAMERA_STATES
from town_model import Text

blueprint = Blueprint("camera_report", __name__)


@blueprint.get("/cameras/report")
@allow(Permission.SEE_GAPS)
def page() -> ResponseReturnValue:
    """Show findings, private ground and masks, shares in order and repairs."""
    audit_view("view_camera_report", "")
    query = LawQuery.read(request.args)
    law, health = _law(), store().latest_result("health")
    return render_template(
        "camera_report.html",
        law=law,
        health=health,
        query=query,
        articles=law_view.article_counts(law, query) if law else [],
        groups=law_view.groups(law) if law else [],
        choices=law_view.filters(law) if law else {},
        findings=law_view.findings_table(law, query) if law else None,
        private=law_view.private_tables(law, query) if law else [],
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
    query = LawQuery.read(request.args)
    law, health = _law(), store().latest_result("health")
    if law is None and health is None:
        abort(404)
    audit("export_camera_report", f"xlsx {query.params() or ''}".strip())
    if law is not None:
        law = law_view.chosen_result(law, query)
    both = [one for one in (law, None if query.is_filtered else health) if one is not None]
    content = result_file(store(), both, "xlsx", language=language())
    return attachment(content, MEDIA["xlsx"], f"{words(Text('Camera law and upkeep'))}.xlsx")


@blueprint.get("/cameras/report/masks/export.<any(xlsx, geojson, gpkg, kml):file_format>")
@allow(Permission.EXPORT)
def export_masks(file_format: str) -> ResponseReturnValue:
    """Send the proposed privacy masks as shapes."""
    law = _law()
    if law is None:
        abort(404)
    audit("export_camera_report", f"masks {file_format}")
    content = result_file(store(), law, file_format, frames=["masks"], language=language())
    return attachment(content, MEDIA[file_format], f"{words(Text('Privacy masks'))}.{file_format}")


def _law() -> StoredResult | None:
    """Return the law report; one of an older version, which judged plans among the others, is computed again first."""
    law = store().latest_result("exposure")
    return law if law is not None and "groups" in law.summary else None


def _repairs(health: StoredResult) -> Table:
    return table(
        "repairs", Text("Repair list, by priority and gain"),
        [
            (Text("Camera"), False), (Text("State"), False), (Text("Out of order since"), False), (Text("Maintained by"), False),
            (Text("Areas seen again"), True), (Text("Roads seen again"), True), (Text("Most at"), False),
        ],
        health.frame("repairs"),
        lambda one: [
            camera_cell(one), CAMERA_STATES[one.state], one.out_since or formats.DASH, one.maintained_by or Text("not entered"),
            formats.area(one.gained_area_m2), formats.length(one.gained_length_m), one.first_target or formats.DASH,
        ],
        Text("All cameras are in order."),
    )  # fmt: skip


def _units(health: StoredResult) -> Table:
    return table(
        "units", Text("By maintaining unit"),
        [(Text("Maintained by"), False), (Text("Cameras"), True), (Text("Out of order"), True), (Text("Share online"), True), (Text("Share in order"), True)],
        health.frame("units"),
        lambda one: [one.maintained_by or Text("not entered"), str(one.cameras), str(one.out_of_order), formats.share(one.share_online), formats.share(one.share_in_order)],
        Text("There are no cameras."),
    )  # fmt: skip


def _days(health: StoredResult) -> Table:
    return table(
        "days", Text("By day"),
        [(Text("Day"), False), (Text("Cameras with records"), True), (Text("Share online"), True), (Text("Share in order"), True)],
        health.frame("days"),
        lambda one: [one.day, str(one.cameras), formats.share(one.share_online), formats.share(one.share_in_order)],
        Text("No records in this time: import the daily sheet of the operations platform under “Camera status log”."),
    )  # fmt: skip
