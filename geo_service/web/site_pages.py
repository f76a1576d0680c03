"""Planned sites: their list, a page for each with its next step, their public notices as PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from geo_service import sites
from geo_service.exports.sites import sites_workbook
from geo_service.papers.site_notice import notices_pdf
from geo_service.sites import Site
from geo_service.store import ConflictError
from geo_service.web import formats, site_view
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.publication_view import today
from geo_service.web.sessions import audit, audit_view, may, store, user_name
from geo_service.words import SITE_STATES
from town_model import InputError, Text

blueprint = Blueprint("sites", __name__)

#: Notices that one PDF holds at most: a page takes a tenth of a second.
MOST_NOTICES = 300
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a page says after something was done, by the word in its address.
DONE = {
    "prepared": Text("The notice was kept. Print it, post it, then enter that it is posted."),
    "notified": Text("Entered as posted."),
    "objected": Text("The objections were counted."),
    "settled": Text("Settled."),
    "stepped": Text("Entered."),
    "back": Text("The last entry was taken back."),
    "several": Text("Done for the chosen sites."),
}


@blueprint.get("/sites")
@allow(Permission.SEE_SENSITIVE)
def index() -> ResponseReturnValue:
    """Show all planned sites with their next steps."""
    audit_view("view_sites", "")
    return _index(())


@blueprint.post("/sites")
@allow(Permission.EDIT)
def prepare_many() -> ResponseReturnValue:
    """Keep or post the notices of the chosen sites; what a notice has of its own stays."""
    try:
        _, batch = _send_notices(_chosen_notices())
    except (InputError, ConflictError) as error:
        return _index(_words_of(error)), 400
    return redirect(url_for("sites.index", done="several", batch=batch), 303)


@blueprint.get("/sites/export.xlsx")
@allow(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """Send the planned sites as a workbook."""
    audit("export_sites", "xlsx")
    content = sites_workbook(sites.list_sites(store()), language(), today=today())
    name = f"{words(Text('Planned sites'))}.xlsx"
    return attachment(content, _SHEET, name)


@blueprint.get("/sites/notices.pdf")
@allow(Permission.SEE_SENSITIVE)
def notices() -> ResponseReturnValue:
    """Send all notices that are complete and not built yet, a page each; Chinese, since the public reads them, or English by ``language=en``."""
    ready = [one for one in sites.list_sites(store()) if not one.missing and one.state != "built"]
    if not ready:
        abort(404)
    if len(ready) > MOST_NOTICES:
        raise InputError("at most {most} notices fit into one file", most=MOST_NOTICES)
    audit("print_notice", f"{len(ready)}")
    return _pdf(notices_pdf(ready, store=store(), language=_paper_language()), "notices.pdf")


@blueprint.get("/sites/<int(max=999999999999999):row_id>")
@allow(Permission.SEE_SENSITIVE)
def page(row_id: int) -> ResponseReturnValue:
    """Show one site: how far it is, the form of the next step, objections."""
    site = _found(row_id)
    audit_view("view_sites", str(row_id))
    return _page(site)


@blueprint.get("/sites/<int(max=999999999999999):row_id>/notice.pdf")
@allow(Permission.SEE_SENSITIVE)
def notice(row_id: int) -> ResponseReturnValue:
    """Send the notice of one site; Chinese, since the public reads it, or English by ``language=en``."""
    site = _found(row_id)
    if site.missing:
        abort(404)
    audit("print_notice", f"camera_sites/{row_id}")
    return _pdf(notices_pdf([site], store=store(), language=_paper_language()), "notice.pdf")


@blueprint.post("/sites/<int(max=999999999999999):row_id>/notice")
@allow(Permission.EDIT)
def save_notice(row_id: int) -> ResponseReturnValue:
    """Keep what a notice says, or enter that it is posted."""
    site = _found(row_id)

    def act() -> str:
        sent = site_view.sent_notice(request.form, (*site_view.SHARED, "place"))
        return _send_notices({row_id: sent})[0]

    return _acted(site, act)


@blueprint.post("/sites/<int(max=999999999999999):row_id>/objections")
@allow(Permission.EDIT)
def count_objections(row_id: int) -> ResponseReturnValue:
    """Count objections to a site."""
    site = _found(row_id)

    def act() -> str:
        place = request.form.get("place", "")
        if place not in _places(row_id):
            raise InputError("choose the public place from the list")
        sites.object_to(
            store(), row_id, received_on=_past(site_view.read_day(request.form.get("received_on", ""))), place=place,
            concern=request.form.get("concern", ""), count=site_view.read_count(request.form.get("objections", "")), actor=user_name(),
        )  # fmt: skip
        return "objected"

    return _acted(site, act, "site_objections")


@blueprint.post("/sites/<int(max=999999999999999):row_id>/objections/<int(max=999999999999999):number>")
@allow(Permission.EDIT)
def settle(row_id: int, number: int) -> ResponseReturnValue:
    """Enter how objections were settled."""
    site = _found(row_id)
    if number not in {one.id for one in site.objections}:
        abort(404)

    def act() -> str:
        on = _past(site_view.read_day(request.form.get("settled_on", "")))
        sites.settle(store(), number, outcome=request.form.get("outcome", ""), on=on, actor=user_name())
        return "settled"

    return _acted(site, act, "site_objections")


@blueprint.post("/sites/<int(max=999999999999999):row_id>/step")
@allow(Permission.EDIT)
def step(row_id: int) -> ResponseReturnValue:
    """Enter that the objections are handled, or that the site is built; whichever comes next."""
    site = _found(row_id)

    def act() -> str:
        on = site_view.read_day(request.form.get("day", ""))
        wanted = request.form.get("state", "")
        if wanted not in ("objections_handled", "built"):
            raise InputError("there is no such step")
        take = sites.build if wanted == "built" else sites.handle
        take(store(), row_id, on=on, today=today(), actor=user_name())
        return "stepped"

    return _acted(site, act)


@blueprint.post("/sites/<int(max=999999999999999):row_id>/back")
@allow(Permission.EDIT)
def back(row_id: int) -> ResponseReturnValue:
    """Take the last entry of a site back."""
    site = _found(row_id)

    def act() -> str:
        sites.take_back(store(), row_id, actor=user_name())
        return "back"

    return _acted(site, act)


def _paper_language() -> str:
    return "en" if request.args.get("language") == "en" else "zh"


def _chosen_notices() -> dict[int, dict[str, Any]]:
    here = store()
    chosen = {_whole(one) for one in request.form.getlist("site")}
    shared = site_view.sent_notice(request.form, site_view.SHARED)
    found = {
        one.camera: {**shared, "place": one.notice.get("place") or sites.public_place(here, one.camera)}
        for one in sites.list_sites(here)
        if one.camera in chosen
    }
    if not found:
        raise InputError("choose at least one site")
    return found


def _send_notices(given: dict[int, dict[str, Any]]) -> tuple[str, int | None]:
    """Keep or post notices, whichever button was pressed; return the word for what was done and the change."""
    if request.form.get("act") == "notify":
        least = current_app.extensions["workspace"].settings.notice_days
        return "notified", sites.notify(store(), given, actor=user_name(), least_days=least)
    return "prepared", sites.prepare(store(), given, actor=user_name())


def _acted(site: Site, act: Callable[[], str], layer_name: str = "site_notices") -> ResponseReturnValue:
    try:
        done = act()
    except InputError as error:
        return _page(site, faults=_words_of(error, layer_name), sent=request.form.to_dict()), 400
    except ConflictError as error:
        return _page(_found(site.camera), faults=_words_of(error, layer_name)), 409
    return redirect(url_for("sites.page", row_id=site.camera, done=done), 303)


def _words_of(error: InputError | ConflictError, layer_name: str = "site_notices") -> tuple[str, ...]:
    return tuple(site_view.fault_words(error, layer_name))


def _found(camera: int) -> Site:
    found = next((one for one in sites.list_sites(store()) if one.camera == camera), None)
    if found is None:
        abort(404)
    return found


def _whole(sent: str) -> int:
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 16 else 0


def _past(day: dt.date) -> dt.date:
    if day > today():
        raise InputError("{day} has not come yet: enter what was done, not what will be", day=day.isoformat())
    return day


def _places(camera: int) -> list[str]:
    return [words(Text("at the site itself")), *sites.nearby_places(store(), camera)]


def _index(faults: tuple[str, ...]) -> str:
    here, day, wanted = store(), today(), request.args.get("state", "")
    if wanted and wanted not in SITE_STATES:
        raise InputError(
            "{value!r} is no state of a site: use one of {known}",
            value=wanted[:60],
            known=", ".join(SITE_STATES),
        )
    found = sites.list_sites(here)
    law = here.latest_result("exposure")
    judged = site_view.findings_by_camera(law)
    lines = [site_view.site_line(one, day, judged) for one in found]
    return render_template(
        "sites.html",
        lines=[one for one in lines if one.state == wanted or not wanted],
        total=len(lines),
        wanted=wanted,
        states={key: (words(title), sum(one.state == key for one in lines)) for key, title in SITE_STATES.items()},
        waiting=any(one.state == "planned" for one in lines),
        printable=any(one.complete and one.state != "built" for one in lines),
        values={**site_view.shared_values(here, day), **(request.form.to_dict() if faults else {})},
        chosen={_whole(one) for one in request.form.getlist("site")} if faults else {one.camera for one in lines if one.state == "planned"},
        purposes=site_view.choices("purpose"),
        titles=site_view.titles(),
        hints=site_view.hints(),
        faults=faults,
        stale=law is not None and law.is_stale,
        done=_done(),
        done_batch=_whole(request.args.get("batch", "")) or None,
        may_edit=may(Permission.EDIT),
        may_export=may(Permission.EXPORT),
    )  # fmt: skip


def _page(site: Site, *, faults: tuple[str, ...] = (), sent: dict[str, str] | None = None) -> str:
    here, day = store(), today()
    law = here.latest_result("exposure")
    concerns = dict(site_view.choices("concern", "site_objections"))
    outcomes = dict(site_view.choices("outcome", "site_objections"))
    return render_template(
        "site.html",
        site=site,
        line=site_view.site_line(site, day, site_view.findings_by_camera(law)),
        track=site_view.track(site),
        values={**site_view.notice_values(here, site, day), **(sent or {})},
        purposes=site_view.choices("purpose"),
        purpose=dict(site_view.choices("purpose")).get(site.notice.get("purpose", ""), formats.DASH),
        concerns=concerns,
        outcomes=outcomes,
        places=_places(site.camera) if site.state == "notified" else [],
        titles=site_view.titles(),
        object_titles=site_view.titles("site_objections"),
        hints=site_view.hints(),
        today=day.isoformat(),
        over=bool(site.notice.get("notice_until")) and day > site.notice["notice_until"],
        faults=faults,
        done=_done(),
        may_edit=may(Permission.EDIT),
        undoable=sites.last_change(here, site) is not None,
    )  # fmt: skip


def _done() -> Text | None:
    return DONE.get(request.args.get("done", ""))


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response
