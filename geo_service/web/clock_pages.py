"""The clock's page: which place is watched, patrolled or neither at which hour; its job and its file."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.analysis.beats import PLACE_LAYERS
from geo_service.analysis.clock import REQUIRED_SHARE
from geo_service.analysis.clock_days import MOST_DAYS
from geo_service.exports.clock import clock_workbook
from geo_service.publications import plan_on
from geo_service.web import clock_calendar, clock_gains, clock_view, first_run, job_view, maps
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.my_routes import seconds_of_day
from geo_service.web.publication_view import today
from geo_service.web.sessions import audit, audit_view, may, store, user_name
from town_model import InputError, Text

blueprint = Blueprint("clock", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/clock")
@allow(Permission.SEE_GAPS)
def index() -> ResponseReturnValue:
    """Show the clock."""
    result = store().latest_result("clock")
    audit("view_clock")
    plan = None if result is None else plan_on(store(), dt.date.fromisoformat(result.options["date"]))[0]
    return render_template(
        "clock.html",
        result=result,
        clock=clock_view.clock(result, language(), plan_now=plan.id if plan else None) if result else None,
        gains=clock_gains.gains(result, language()) if result else None,
        shown_gains=clock_gains.SHOWN,
        days=clock_calendar.town_days(result, language()) if result else (),
        most_days=MOST_DAYS,
        map=maps.town_map(store(), "clock"),
        job=job_view.living(("clock",)),
        may_compute=may(Permission.EDIT),
        needs=first_run.lacks_data(store()),
        minute=int(seconds_of_day(current_app.config["NOW"]()) // 300 * 5),
        day=today().isoformat(),
        usual_share=round(100 * REQUIRED_SHARE),
    )


@blueprint.get("/clock/places/<layer_name>/<int(max=999999999999999):row_id>")
@allow(Permission.SEE_GAPS)
def place(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Show the days of one place."""
    result = store().latest_result("clock")
    found = None
    if result is not None and layer_name in PLACE_LAYERS:
        found = clock_calendar.place_days(result, f"{layer_name}/{row_id}", language())
    if found is None:
        abort(404)
    audit_view("view_clock", f"{layer_name} {row_id}")
    return render_template(
        "clock_place.html", result=result, place=found, states=clock_calendar.state_words()
    )


@blueprint.post("/clock")
@allow(Permission.EDIT)
def compute() -> ResponseReturnValue:
    """Have the clock read for a day."""
    typed = request.form.get("date", "")
    day = clock_view.read_date(typed, today())
    if day is None:
        raise InputError("{day} is no day: write it as 2026-05-04", day=typed[:40])
    options = {
        "date": day,
        "required_share": _share(request.form.get("share", "")),
        "days": _days(request.form.get("days", "")),
    }
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


def _days(typed: str) -> int:
    """Return the number of days that a form gives."""
    given = typed.strip() or "1"
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MOST_DAYS):
        raise InputError(
            "days must be a number from 1 to {most}, not {days}", most=MOST_DAYS, days=typed[:40]
        )
    return int(given)


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
