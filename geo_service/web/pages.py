"""The four pages: map, blind spots, patrols, my routes."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.exports.results import MEDIA, result_file
from geo_service.jobs import KINDS
from geo_service.store import StoredResult
from geo_service.web import (
    first_run,
    gap_list,
    job_view,
    maps,
    my_routes,
    patrol_change,
    patrol_day,
    patrol_idle,
    patrol_view,
    publication_view,
)
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.overview import overview as town_overview
from geo_service.web.sessions import audit, audit_view, may, scope, store
from town_model import Text

blueprint = Blueprint("pages", __name__)


def latest(kind: str) -> StoredResult | None:
    """Return the latest result of a kind."""
    return store().latest_result(kind)


@blueprint.get("/")
@allow(Permission.SIGNED_IN)
def overview() -> ResponseReturnValue:
    """Show the map of the town with its headline figures; who may not see it goes to the own routes."""
    if not may(Permission.SEE_MAP):
        return redirect(url_for("pages.my_routes_page"), 303)
    return render_template(
        "overview.html",
        overview=town_overview(store()),
        map=maps.town_map(store(), "overview"),
        # the daily backup stands in nobody's way, least in that of the first-run guide
        job=job_view.living([kind for kind in KINDS if kind != "backup"]),
        may_compute=may(Permission.EDIT),
        job_titles={kind: words(one.title) for kind, one in KINDS.items()},
        guide=first_run.guide(store()) if may(Permission.EDIT) else None,
    )


@blueprint.get("/gaps")
@allow(Permission.SEE_GAPS)
def gaps() -> ResponseReturnValue:
    """Show the list of blind spots."""
    query = gap_list.GapQuery.read(request.args)
    result = latest("gaps")
    audit("view_gaps")
    page = gap_list.gap_page(result, query) if result else None
    town_map = maps.town_map(store(), f"gaps_{query.light or 'day'}")
    return render_template(
        "gaps.html",
        result=result,
        query=query,
        page=page,
        map=town_map,
        job=job_view.living(("coverage", "gaps")),
        may_compute=may(Permission.EDIT),
        needs=first_run.lacks_data(store()),
    )


@blueprint.get("/gaps/export.<any(xlsx, gpkg, geojson, kml):file_format>")
@allow(Permission.EXPORT)
def export_gaps(file_format: str) -> ResponseReturnValue:
    """Send the blind spots of the present filters as a file; the audit record keeps who took it."""
    query = gap_list.GapQuery.read(request.args)
    result = latest("gaps")
    if result is None:
        abort(404)
    chosen = gap_list.chosen_result(result, query)
    audit("export_gaps", f"{file_format} {query.params(page=1)}")
    content = result_file(store(), chosen, file_format, language=language())
    name = f"{words(Text('Blind spots'))}-{result.created_at.astimezone():%Y-%m-%d}.{file_format}"
    return attachment(content, MEDIA[file_format], name)


@blueprint.get("/patrol")
@allow(Permission.SEE_PLAN)
def patrol() -> ResponseReturnValue:
    """Show the patrol plan."""
    result = latest("patrol")
    audit("view_plan")
    plan = patrol_view.plan(result, language(), unit=request.args.get("unit")) if result else None
    shown = plan.chosen.key if plan and plan.chosen else None
    today = publication_view.today()
    stop = request.args.get("stop", type=int) or 0
    return render_template(
        "patrol.html",
        result=result,
        plan=plan,
        day=patrol_day.strip(result, language(), unit=shown, stop=stop) if result else None,
        day_x=patrol_day.x_of,
        day_width=patrol_day.WIDTH,
        idle=patrol_idle.idle_places(result) if result else (),
        change=patrol_change.change_form(result, unit=shown, stop=stop, place=request.args.get("place", ""))
        if result and may(Permission.EDIT)
        else None,
        map=maps.town_map(store(), "patrol", unit=shown),
        job=job_view.living(("patrol",)),
        may_compute=may(Permission.EDIT),
        needs=first_run.lacks_data(store()),
        options=KINDS["patrol"].options,
        publishing=publication_view.publishing(store(), result, today) if result else None,
    )


@blueprint.get("/my-routes")
@allow(Permission.SEE_OWN_ROUTES)
def my_routes_page() -> ResponseReturnValue:
    """Show the user's own routes on a phone."""
    result = publication_view.route_plan()
    unit = request.args.get("unit")
    now: datetime = current_app.config["NOW"]()
    route = my_routes.my_route(result, scope(), language(), now=now, unit=unit) if result else None
    if unit is not None and route is None:
        abort(404)
    if route is not None:
        audit_view("view_own_route", route.unit.key)
    preview = publication_view.is_preview()
    town_map = maps.own_map(store(), route.lines, unit=route.unit.key, preview=preview) if route else None
    app = current_app.extensions["workspace"].settings.navigation_app
    return render_template(
        "my_routes.html", result=result, route=route, map=town_map, preview=preview, app=app
    )
