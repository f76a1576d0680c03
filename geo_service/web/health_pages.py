"""Camera health: share online and in order over time, repairs by what they gain, by the office that maintains them."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.exports.health import health_workbook
from geo_service.jobs.kinds import KINDS
from geo_service.web import first_run, formats, health_view, job_view
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit, audit_view, may, store, user_name
from town_model import Text

blueprint = Blueprint("camera_health", __name__)
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/cameras/health")
@allow(Permission.SEE_GAPS)
def page() -> ResponseReturnValue:
    """Show shares over time, repairs and units."""
    audit_view("view_health", "")
    result = store().latest_result("health")
    listed = health_view.units(result) if result else []
    unit = request.args.get("unit", "")
    if unit not in {one["key"] for one in listed}:
        unit = ""
    return render_template(
        "camera_health.html",
        result=result,
        chart=health_view.chart(result) if result else None,
        width=health_view.WIDTH,
        height=health_view.HEIGHT,
        repairs=health_view.repairs(result, unit) if result else [],
        units=listed,
        days=health_view.days(result) if result else [],
        unit=unit,
        share=formats.share,
        window=(KINDS["health"].options or {})["days"],
        chosen_days=result.options.get("days", 30) if result else 30,
        records=store().count("camera_status_log"),
        job=job_view.living(("health", "camera_report")),
        may_edit=may(Permission.EDIT),
        may_export=may(Permission.EXPORT),
        needs=first_run.lacks_data(store()),
    )


@blueprint.post("/cameras/health/compute")
@allow(Permission.EDIT)
def compute() -> ResponseReturnValue:
    """Have the health computed over the days of the form."""
    options = KINDS["health"].read_options({"days": request.form.get("days", "")})
    number = jobs.submit(job_view.workspace(), "health", actor=user_name(), options=options)
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.get("/cameras/health/export.xlsx")
@allow(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """Send repairs, units, days and cameras as a workbook."""
    result = store().latest_result("health") or abort(404)
    audit("export_health", "xlsx")
    title = words(Text("Camera health"))
    return attachment(health_workbook(result, language()), _SHEET, f"{title}.xlsx")
