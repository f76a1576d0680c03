"""Routes to take along: sheets of all units, workbooks, and of one's own unit the card for a phone and the GPX."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, current_app, request
from flask.typing import ResponseReturnValue

from geo_service.analysis.days import DAYS_KIND
from geo_service.exports.patrol import plan_workbook
from geo_service.exports.route_gpx import route_gpx
from geo_service.papers import route_card, route_pdf
from geo_service.papers.route_days import route_day
from geo_service.store import StoredResult
from geo_service.web import my_routes, publication_view
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import PDF, XLSX, attachment
from geo_service.web.languages import language, words
from geo_service.web.print_pages import turn
from geo_service.web.sessions import audit, scope, store, user_name
from town_model import Text

blueprint = Blueprint("routes", __name__)


@blueprint.get("/patrol/routes.pdf")
@allow(Permission.SEE_PLAN)
def sheets() -> ResponseReturnValue:
    """Send the sheets of all units of a plan, or of one; see `route_day` for which plan."""
    chosen = route_day(store(), published=request.args.get("day", ""), varied=request.args.get("varied", ""))
    unit = request.args.get("unit", "")
    with turn():
        made = route_pdf(
            store(),
            chosen.plan,
            [unit] if unit else (),
            day=chosen.day,
            language=language(),
            user=user_name(),
        )
    audit("print_route", " ".join(one for one in (_asked(), unit or "*") if one))
    return attachment(made, PDF, f"{_name(Text('Patrol routes'))}.pdf")


@blueprint.get("/patrol/plan.xlsx")
@allow(Permission.SEE_PLAN)
def plan() -> ResponseReturnValue:
    """Send a plan as a workbook; the audit record keeps who took it."""
    chosen = route_day(store(), published=request.args.get("day", ""), varied=request.args.get("varied", ""))
    made = plan_workbook(chosen.plan, language(), day=chosen.day)
    audit("export_plan", _asked() or str(chosen.plan.id))
    return attachment(made, XLSX, f"{_name(Text('Patrol plan'))}.xlsx")


@blueprint.get("/patrol/days.xlsx")
@allow(Permission.SEE_PLAN)
def days() -> ResponseReturnValue:
    """Send all varied days as a workbook; the audit record keeps who took it."""
    result = store().latest_result(DAYS_KIND) or abort(404)
    audit("export_plan", f"{DAYS_KIND} {result.id}")
    return attachment(plan_workbook(result, language()), XLSX, f"{words(Text('Varied days'))}.xlsx")


@blueprint.get("/my-routes/card.png")
@allow(Permission.SEE_OWN_ROUTES)
def card() -> ResponseReturnValue:
    """Send the day of one of the user's own units as a picture for the phone."""
    result, unit = _own()
    with turn():
        made = route_card(store(), result, unit, day=_own_day(), language=language())
    audit("export_own_route", f"png {unit}")
    return attachment(made, "image/png", f"{words(Text('Route card'))}.png")


@blueprint.get("/my-routes/route.gpx")
@allow(Permission.SEE_OWN_ROUTES)
def track() -> ResponseReturnValue:
    """Send the day of one of the user's own units as GPX."""
    result, unit = _own()
    made = route_gpx(result, unit, day=_own_day())
    audit("export_own_route", f"gpx {unit}")
    return attachment(made, "application/gpx+xml", f"{words(Text('Route'))}.gpx")


def _own() -> tuple[StoredResult, str]:
    """Return the plan of today and the unit that is asked for; any other unit answers as one that does not exist."""
    result = publication_view.route_plan()
    now: dt.datetime = current_app.config["NOW"]()
    unit = request.args.get("unit")
    route = my_routes.my_route(result, scope(), language(), now=now, unit=unit) if result else None
    if result is None or route is None:
        abort(404)
    return result, route.unit.key


def _own_day() -> dt.date | None:
    """Return today; a preview is of no day yet."""
    return None if publication_view.is_preview() else publication_view.today()


def _asked() -> str:
    """Return the day that is asked for, for the record."""
    if day := request.args.get("day", ""):
        return day[:10]
    return f"#{varied[:4]}" if (varied := request.args.get("varied", "")) else ""


def _name(title: Text) -> str:
    """Return the name of a file with its day."""
    return f"{words(title)}-{_asked().removeprefix('#')}" if _asked() else words(title)
