"""The page of response times: how soon somebody is there by the hour, the slowest places, spots for one more post; its job and file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.exports.response import response_workbook
from geo_service.response_limits import read_limits
from geo_service.web import first_run, job_view, maps, response_view
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.my_routes import seconds_of_day
from geo_service.web.sessions import audit, may, store, user_name
from town_model import Text

blueprint = Blueprint("response", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/patrol/response")
@allow(Permission.SEE_PLAN)
def index() -> ResponseReturnValue:
    """Show response times."""
    result = store().latest_result("response")
    audit("view_response")
    plan = store().latest_result("patrol")
    latest = plan.id if plan else None
    shown = response_view.response(result, language(), latest_plan=latest) if result else None
    now = seconds_of_day(current_app.config["NOW"]())
    return render_template(
        "response.html",
        result=result,
        response=shown,
        moment=max((one for one, _ in shown.moments if one <= now), default=0) if shown else 0,
        map=maps.town_map(store(), "response"),
        job=job_view.living(("response",)),
        may_compute=may(Permission.EDIT),
        needs=first_run.lacks_data(store()),
        usual_limits=job_view.workspace().settings.response_limits_min,
    )


@blueprint.post("/patrol/response")
@allow(Permission.EDIT)
def compute() -> ResponseReturnValue:
    """Have response times computed."""
    typed = request.form.get("limits", "").strip() or job_view.workspace().settings.response_limits_min
    limits = ",".join(f"{one:g}" for one in read_limits(typed))
    options = {"limits": limits, "stations": request.form.get("stations") == "1"}
    number = jobs.submit(job_view.workspace(), "response", actor=user_name(), options=options)
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.get("/patrol/response/roads.json")
@allow(Permission.SEE_PLAN)
def roads_json() -> ResponseReturnValue:
    """Send the roads by limit at a moment of the day, for the map."""
    result = store().latest_result("response")
    typed = request.args.get("at", "")
    at_s = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else -1
    roads = None if result is None else response_view.roads_at(result, at_s)
    if roads is None:
        abort(404)
    answer = jsonify({"at": at_s, "bands": roads})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/patrol/response/export.xlsx")
@allow(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """Send response times as a file; the audit record keeps who took it."""
    result = store().latest_result("response") if may(Permission.SEE_PLAN) else None
    if result is None:
        abort(404)
    audit("export_response", str(result.id))
    name = f"{words(Text('Response times'))}-{result.created_at.astimezone():%Y-%m-%d}.xlsx"
    return attachment(response_workbook(result, language()), XLSX, name)


def _settings() -> Mapping[str, Any]:
    result = store().latest_result("response")
    shown = response_view.response(result, language(), latest_plan=None) if result else None
    return {
        "url": url_for("response.roads_json"),
        "posts": [[one.lon, one.lat, one.rank] for one in shown.posts] if shown else [],
        "words": {"failed": words(Text("The roads could not be fetched: try again."))},
    }


EXTRAS.append(
    MapExtra(
        "response",
        scripts=("response.js",),
        permission=Permission.SEE_PLAN,
        pages=("response",),
        settings=_settings,
    )
)
