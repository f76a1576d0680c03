"""The page of varied days: how long a place can be relied on to be free, and their publication."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import publications
from geo_service.analysis.days import DAYS_KIND
from geo_service.jobs import KINDS
from geo_service.web import days_view, first_run, job_view, maps
from geo_service.web.access import Permission, allow
from geo_service.web.publication_view import publishing, today
from geo_service.web.sessions import audit, may, store, user_name
from town_model import InputError

blueprint = Blueprint("days", __name__)


@blueprint.get("/patrol/days")
@allow(Permission.SEE_PLAN)
def index() -> ResponseReturnValue:
    """Show the varied days."""
    result = store().latest_result(DAYS_KIND)
    audit("view_days")
    return render_template(
        "days.html",
        result=result,
        days=days_view.days(result) if result else None,
        map=maps.town_map(store(), "days"),
        job=job_view.living(("variation",)),
        may_compute=may(Permission.EDIT),
        needs=first_run.lacks_data(store()),
        options=KINDS["variation"].options,
        publishing=publishing(store(), result, today()) if result else None,
    )


@blueprint.post("/patrol/days/publish")
@allow(Permission.EDIT)
def publish() -> ResponseReturnValue:
    """Publish the varied days that the form was shown with, from a day on."""
    number = request.form.get("result", "")
    plan = (
        store().result(int(number)) if number.isascii() and number.isdecimal() and len(number) < 16 else None
    )
    if plan is None or plan.kind != DAYS_KIND:
        raise InputError("there is no patrol plan {number}", number=number[:20] or "—")
    typed = request.form.get("first", "").strip()
    try:
        first = dt.date.fromisoformat(typed)
        last = first + dt.timedelta(days=int(plan.summary["days"]) - 1)
    except (ValueError, OverflowError) as error:
        raise InputError("{day} is no day: write it as 2026-05-04", day=typed[:40] or "—") from error
    publications.publish(store(), plan.id, first, last, actor=user_name(), today=today())
    return redirect(url_for("days.index", _anchor="publication"), 303)
