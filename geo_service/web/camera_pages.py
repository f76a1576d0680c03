"""The pages of cameras: the list, one camera with plan and section, and their sheets as PDF."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.analysis.camera_views import CameraView, CameraViews, ViewChoice
from geo_service.jobs.job import DONE
from geo_service.papers.camera_facts import DATUMS, camera_facts
from geo_service.papers.camera_jobs import MOST_AT_ONCE, sheets_file
from geo_service.papers.camera_plan import draw_plan
from geo_service.papers.camera_sheet import SheetOptions, camera_sheets, sheets_target
from geo_service.papers.section_drawing import draw_section, section_words
from geo_service.web import job_view
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.layer_rows import PAGE_ROWS, read_page
from geo_service.web.print_pages import turn
from geo_service.web.sessions import audit, audit_view, may, store, user_name
from town_model import InputError, Text, layer

blueprint = Blueprint("cameras", __name__)
#: Widths of the drawings in millimetres: on screens and paper, and on phones.
WIDTHS = {"wide": (190.0, 95.0), "narrow": (100.0, 95.0)}
DATUM_TITLES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}
KIND = "camera_sheets"
_MOST_CHOSEN = 2000


@blueprint.get("/cameras")
@allow(Permission.SEE_GAPS)
def index() -> ResponseReturnValue:
    """Show the cameras of the ledger, to open their pages and to choose sheets."""
    audit_view("view_layer", "camera_sites")
    frame = store().frame("camera_sites")
    search, status = request.args.get("search", "").strip()[:100], request.args.get("status", "")
    chosen = frame[~frame["status"].eq("removed")] if not status else frame[frame["status"].eq(status)]
    if search:
        named = chosen["name"].fillna("").str.contains(search, regex=False, case=False)
        chosen = chosen[named | chosen["code"].fillna("").str.contains(search, regex=False)]
    chosen = chosen.sort_values("name", kind="stable")
    pages = max(1, -(-len(chosen) // PAGE_ROWS))
    page = min(read_page(request.args.get("page")), pages)
    sites = layer("camera_sites")
    rows = [
        {
            "number": int(str(number)), "name": one["name"] or f"#{number}", "code": one["code"] or "",
            **{
                key: sites.column(key).choice_title(str(one[key]), language()) if one[key] else ""
                for key in ("kind", "status", "data_quality")
            },
        }
        for number, one in chosen.iloc[(page - 1) * PAGE_ROWS : page * PAGE_ROWS].to_dict("index").items()
    ]  # fmt: skip
    return render_template(
        "cameras.html",
        rows=rows, total=len(chosen), all=len(frame), page=page, pages=pages, search=search, status=status,
        params={"search": search or None, "status": status or None},
        statuses={one.value: one.zh if language() == "zh" else one.en for one in sites.column("status").choices},
        datums=DATUM_TITLES, may_export=may(Permission.EXPORT), job=job_view.living((KIND,)),
        may_edit=may(Permission.EDIT),
    )  # fmt: skip


@blueprint.get("/cameras/<int(max=999999999999999):camera_id>")
@allow(Permission.SEE_GAPS)
def show(camera_id: int) -> ResponseReturnValue:
    """Show a camera: plan, section, settings, what it watches, findings."""
    one, choice, datum = _view(camera_id)
    audit_view("view_camera", f"#{camera_id}")
    facts = camera_facts(store(), one, language=language(), datum=datum)
    args = {key: value for key, value in request.args.items() if key in _ARGUMENTS and value}
    return render_template(
        "camera.html",
        camera=one, facts=facts, choice=choice, datum=datum, datums=DATUM_TITLES, args=args,
        section_words=section_words(one.section, language()),
        azimuth=round((one.section.bearing_deg + one.convergence_deg) % 360, 1),
        axes=[(number, f"{axis:.0f}°") for number, axis in enumerate(one.axes_deg)],
        may_edit=may(Permission.EDIT), may_export=may(Permission.EXPORT),
    )  # fmt: skip


@blueprint.get("/cameras/<int(max=999999999999999):camera_id>/<any(plan, section):drawing>.svg")
@allow(Permission.SEE_GAPS)
def picture(camera_id: int, drawing: str) -> ResponseReturnValue:
    """Send one of the drawings of a camera."""
    one, _, _ = _view(camera_id)
    audit_view("view_camera", f"#{camera_id}")
    size = WIDTHS.get(request.args.get("width", ""), WIDTHS["wide"])
    if drawing == "section":
        drawn = draw_section(one.section, language=language(), names=one.obstacle_names, width_mm=size[0])
    else:
        drawn = draw_plan(
            store(), place=one.place, bands_of=one.bands, dead_zone=one.dead_zone, masks=one.masks, language=language(),
            bearings_deg=[axis - one.convergence_deg for axis in one.axes_deg], reach_m=one.section.range_m,
            size_mm=size, title=str(one.values.get("name") or ""),
        )  # fmt: skip
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/cameras/<int(max=999999999999999):camera_id>/sheet.pdf")
@allow(Permission.EXPORT)
def sheet(camera_id: int) -> ResponseReturnValue:
    """Send the sheet of one camera."""
    _there(camera_id)
    choice, datum = _choice()
    return _sheets(
        [camera_id], SheetOptions(language=language(), datum=datum, choice=choice, user=user_name())
    )


@blueprint.post("/cameras/sheets")
@allow(Permission.EXPORT)
def ask() -> ResponseReturnValue:
    """Send the sheets of the chosen cameras, or have those of many made by a job."""
    ids: list[int] | None = None
    if request.form.get("which") != "all":
        given = request.form.getlist("camera")[:_MOST_CHOSEN]
        ids = [int(one) for one in given if one.isdecimal() and len(one) < 16]
        if not ids:
            raise InputError("choose at least one camera, or all of them")
    datum = _datum(request.form.get("datum", ""))
    if ids is not None and len(ids) <= MOST_AT_ONCE:
        there = set(store().frame("camera_sites", ids=ids).index)
        kept = [one for one in ids if one in there]
        if not kept:
            abort(404)
        return _sheets(kept, SheetOptions(language=language(), datum=datum, user=user_name()))
    options = {"cameras": ids, "language": language(), "datum": datum}
    number = jobs.submit(job_view.workspace(), KIND, actor=user_name(), options=options)
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.get("/cameras/sheets/<int(max=999999999999999):number>")
@allow(Permission.EXPORT)
def file(number: int) -> ResponseReturnValue:
    """Send the sheets that a job has made."""
    job = job_view.find(number)
    path = sheets_file(job_view.workspace(), number)
    if job is None or job.kind != KIND or job.state != DONE or not path.is_file():
        abort(404)
    audit("print_camera_sheets", sheets_target(job.options.get("cameras"), _pages_of(job)))
    return _pdf(path.read_bytes())


def _pages_of(job: Any) -> int:
    return int(job.words.params.get("pages", 0))


_ARGUMENTS = ("light", "bearing", "view", "target", "datum")


def _there(camera_id: int) -> None:
    if store().town.epsg is None or store().frame("camera_sites", ids=[camera_id]).empty:
        abort(404)


def _view(camera_id: int) -> tuple[CameraView, ViewChoice, str]:
    _there(camera_id)
    choice, datum = _choice()
    return CameraViews(store(), choice).one(camera_id), choice, datum


def _choice() -> tuple[ViewChoice, str]:
    given = request.args
    light = given.get("light") or "day"
    if light not in ("day", "night"):
        raise InputError("light is day or night, not {value!r}", value=light[:20])
    view = given.get("view") or "0"
    if not view.isdecimal() or len(view) > 3:
        raise InputError("this camera has no view {number}", number=view[:20])
    choice = ViewChoice(
        light="night" if light == "night" else "day",
        bearing_deg=_number("bearing"),
        target_height_m=_number("target"),
        view=int(view),
    )
    return choice, _datum(given.get("datum", ""))


def _number(name: str) -> float | None:
    given = request.args.get(name, "").strip()
    if not given:
        return None
    try:
        return float(given)
    except ValueError:
        raise InputError("{value!r} is no number", value=given[:40]) from None


def _datum(given: str) -> str:
    if given and given not in DATUMS:
        raise InputError(
            "the datum must be one of {known}, not {value!r}", known=", ".join(DATUMS), value=given[:20]
        )
    return given or DATUMS[0]


def _sheets(ids: list[int], options: SheetOptions) -> ResponseReturnValue:
    with turn():
        made, pages = camera_sheets(store(), ids, options=options)
    audit("print_camera_sheets", sheets_target(ids, pages))
    return _pdf(made)


def _pdf(content: bytes) -> ResponseReturnValue:
    name = f"{words(Text('Camera sheets'))}.pdf"
    return attachment(content, "application/pdf", name)
