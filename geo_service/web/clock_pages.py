"""The clock's page: which place is watched, patrolled or neither at which hour; its job and its file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.analysis.clock import REQUIRED_SHARE
from geo_service.exports.clock import clock_workbook
from geo_service.web import clock_gains, clock_view, first_run, job_view, maps
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.my_routes import seconds_of_day
from geo_service.web.publication_view import today
from geo_service.web.sessions import audit, may, store, user_name
from town_model import InputError, Text

blueprint = Blueprint("clock", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/clock")
@allow(Permission.SEE_GAPS)
def index() -> ResponseReturnValue:
    """Show the clock."""
    result = store().latest_result("clock")
    audit("view_clock")
    plan = store().latest_result("patrol")
    return render_template(
        "clock.html",
        result=result,
        clock=clock_view.clock(result, language(), latest_plan=plan.id if plan else None) if result else None,
        gains=clock_gains.gains(result, language()) if result else None,
        shown_gains=clock_gains.SHOWN,
        map=maps.town_map(store(), "clock"),
        job=job_view.living(("clock",)),
        may_compute=may(Permission.EDIT),
        needs=first_run.lacks_data(store()),
        minute=int(seconds_of_day(current_app.config["NOW"]()) // 300 * 5),
        day=today().isoformat(),
        usual_share=round(100 * REQUIRED_SHARE),
    )


@blueprint.post("/clock")
@allow(Permission.EDIT)
def compute() -> ResponseReturnValue:
    """Have the clock read for a day."""
    typed = request.form.get("date", "")
    day = clock_view.read_date(typed, today())
    if day is None:
        raise InputError("{day} is no day: write it as 2026-05-04", day=typed[:40])
    options = {"date": day, "required_share": _share(request.form.get("share", ""))}
    number = jobs.submit(job_view.workspace(), "clock", actor=user_name(), options=options)
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.get("/clock/export.xlsx")
@allow(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """Send the clock as a file; the audit record keeps who took it."""
    result = store().latest_result("clock")
    if result is None:
        abort(404)
    audit("export_clock", str(result.options["date"]))
    name = f"{words(Text('Clock'))}-{result.options['date']}.xlsx"
    return attachment(clock_workbook(store(), result, language()), XLSX, name)


def _share(typed: str) -> float:
    """Return the share that a form gives in per cent."""
    try:
        percent = float(typed) if typed.strip() else 100 * REQUIRED_SHARE
    except ValueError:
        percent = math.nan
    if not 1 <= percent <= 100:
        raise InputError("the share must be a number from 1 to 100, not {value!r}", value=typed[:40])
    return percent / 100


def _settings() -> Mapping[str, Any]:
    result = store().latest_result("clock")
    return {
        "places": [] if result is None else clock_view.map_settings(store(), result),
        "words": {"play": words(Text("Play")), "stop": words(Text("Stop"))},
    }


EXTRAS.append(
    MapExtra(
        "clock",
        scripts=("clock.js",),
        permission=Permission.SEE_GAPS,
        pages=("clock",),
        settings=_settings,
    )
)
