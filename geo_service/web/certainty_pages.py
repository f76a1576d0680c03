"""How sure coverage is: the three bands, the checking list with its sheet, and the quick form for what was measured."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.analysis.certainty import QUALITIES, stated_tolerances
from geo_service.exports.certainty import bands_geojson, certainty_workbook
from geo_service.jobs.kinds import KINDS
from geo_service.papers.checking_sheet import checking_pdf
from geo_service.store import StoredResult
from geo_service.web import (
    certainty_view,
    codes,
    field_check,
    first_run,
    formats,
    job_view,
    layer_map,
    layer_rows,
)
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.print_pages import turn
from geo_service.web.row_edits import form_revision
from geo_service.web.sessions import audit, audit_view, may, store, user_name
from town_model import LAYERS, InputError, Text

blueprint = Blueprint("certainty", __name__)
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROW = "<int(max=999999999999999):camera_id>"


@blueprint.get("/coverage/certainty")
@allow(Permission.SEE_GAPS)
def page() -> ResponseReturnValue:
    """Show what is surely, possibly and not seen, and whom to check on the spot."""
    audit_view("view_certainty", "")
    return _page()


def _page(faults: tuple[str, ...] = ()) -> str:
    result = _result()
    rows, more = certainty_view.target_rows(result) if result else ([], 0)
    return render_template(
        "certainty.html",
        result=result,
        bars=certainty_view.bars(result) if result else [],
        targets=rows,
        more=more,
        checks=certainty_view.checks(result, limit=certainty_view.SHOWN_CHECKS) if result else [],
        at_once=certainty_view.CHECKED_AT_ONCE,
        removed=certainty_view.removed(result) if result else None,
        shown_class=codes.observation_class(result.summary["shown_class"], language()) if result else "",
        area=formats.area,
        share=formats.share,
        qualities=[title for title, _ in QUALITIES.values()],
        fields=certainty_view.tolerance_fields(stated_tolerances(store())),
        faults=faults,
        job=job_view.living(("certainty", "coverage", "gaps")),
        may_compute=may(Permission.EDIT),
        may_export=may(Permission.EXPORT),
        needs=first_run.lacks_data(store()),
        done=field_check.done_words(request.args.get("done", "")),
        done_batch=field_check.number(request.args.get("batch", "")),
    )


@blueprint.post("/coverage/certainty/compute")
@allow(Permission.EDIT)
def compute() -> ResponseReturnValue:
    """Have the bands computed with the tolerances of the form."""
    options = KINDS["certainty"].options or {}
    given = {name: request.form[name] for name in options if request.form.get(name)}
    try:
        read = KINDS["certainty"].read_options(given)
    except InputError as error:
        return _page(tuple(words(one) for one in error.messages)), 400
    number = jobs.submit(job_view.workspace(), "certainty", actor=user_name(), options=read)
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.get("/coverage/certainty/checking.pdf")
@allow(Permission.EXPORT)
def sheet() -> ResponseReturnValue:
    """Send the checking list as sheets to fill in."""
    result = _result() or abort(404)
    audit("export_checking", "pdf")
    with turn():
        content = checking_pdf(
            store(),
            result,
            limit=certainty_view.CHECKED_AT_ONCE,
            address=lambda camera: url_for("certainty.check", camera_id=camera, _external=True),
            language=language(),
            user=user_name(),
        )
    return attachment(content, "application/pdf", words(Text("Checking list")) + ".pdf")


@blueprint.get("/coverage/certainty/export.<any(xlsx, geojson):file_format>")
@allow(Permission.EXPORT)
def export(file_format: str) -> ResponseReturnValue:
    """Send shares and checking list as a workbook, or the bands on the ground as GeoJSON."""
    result = _result() or abort(404)
    audit("export_certainty", file_format)
    title = words(Text("How sure is the coverage"))
    if file_format == "geojson":
        return attachment(bands_geojson(result, language()), "application/geo+json", f"{title}.geojson")
    return attachment(certainty_workbook(result, language()), _SHEET, f"{title}.xlsx")


@blueprint.get(f"/coverage/check/{_ROW}")
@allow(Permission.EDIT)
def check(camera_id: int) -> ResponseReturnValue:
    """Show the quick form of a camera."""
    audit_view("view_layer", f"camera_sites/{camera_id}")
    return _form(camera_id, None)


@blueprint.post(f"/coverage/check/{_ROW}")
@allow(Permission.EDIT)
def enter(camera_id: int) -> ResponseReturnValue:
    """Store what was measured, and go on to the next camera of the list."""
    outcome = field_check.enter(
        store(), camera_id, request.form, actor=user_name(), language=language(), revision=form_revision()
    )
    if outcome.refused:
        return _form(camera_id, outcome), 409 if outcome.clashes else 400
    if not field_check.known(layer_rows.one_row(store(), LAYERS["camera_sites"], camera_id) or {}):
        return redirect(
            url_for("certainty.check", camera_id=camera_id, done="partly", batch=outcome.batch), 303
        )
    after = field_check.after(_result(), camera_id)
    if after is None:
        return redirect(url_for("certainty.page", done="last", batch=outcome.batch), 303)
    return redirect(url_for("certainty.check", camera_id=after, done="saved", batch=outcome.batch), 303)


def _form(camera: int, outcome: Any) -> str:
    declared = LAYERS["camera_sites"]
    row = layer_rows.one_row(store(), declared, camera)
    if row is None:
        abort(404)
    result = _result()
    place = field_check.place_in_list(result, camera)
    return render_template(
        "field_check.html",
        camera=camera,
        name=layer_rows.row_name(camera, row.get("name"), language()),
        fields=field_check.fields(row, outcome, request.form, language()),
        needed=field_check.needed(row),
        clashes=outcome.clashes if outcome else (),
        faults=field_check.other_faults(outcome, language()),
        revision=outcome.revision if outcome and outcome.revision else row["revision"],
        known=field_check.known(row),
        check=place,
        after=field_check.after(result, camera),
        position=field_check.position(row),
        map=layer_map.row_map(store(), "camera_sites", row),
        done=field_check.done_words(request.args.get("done", "")),
        done_batch=field_check.number(request.args.get("batch", "")),
    )


def _result() -> StoredResult | None:
    found = store().latest_result("coverage")
    return found if found is not None and "certain" in found.summary else None
