"""The pages of imports: send a file, look at what it is taken for, check it, store it; the list of all uploads."""

from __future__ import annotations

import contextlib
from math import ceil
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
from werkzeug.datastructures import FileStorage

from geo_service import jobs
from geo_service.i18n import say_error
from geo_service.imports import uploaded
from geo_service.imports.fault_workbook import fault_list_workbook, faults_workbook
from geo_service.imports.jobs import is_empty
from geo_service.imports.stored_report import load_fault, load_guess
from geo_service.imports.uploads import OSM, PAGE_ROWS, Upload, Uploads, plain_name
from geo_service.settings import Settings
from geo_service.web import import_files, import_map, import_view, job_view, proposal_map
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.bodies import takes
from geo_service.web.languages import language, words
from geo_service.web.layer_rows import read_page
from geo_service.web.sessions import audit, store, user_name
from geo_service.workspace import Workspace
from town_model import LAYERS, InputError, Text, TownError

blueprint = Blueprint("imports", __name__)
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RECENT = 5


def largest(settings: Settings) -> int:
    """Return how many bytes an upload may have."""
    return max(settings.upload_max_mb, settings.osm_max_mb) * 1_000_000


@blueprint.get("/import")
@allow(Permission.EDIT)
def start() -> ResponseReturnValue:
    """Show the form that takes a file."""
    return _start(request.args.get("layer", ""))


@blueprint.post("/import")
@allow(Permission.EDIT)
@takes(largest)
def receive() -> ResponseReturnValue:
    """Take a file, say what it is taken for, and check it where nothing needs to be chosen first."""
    layer = request.form.get("layer", "")
    sent: FileStorage | None = request.files.get("file")
    if sent is None or not sent.filename:
        return _start(layer, [words(Text("choose a file first"))]), 400
    path = next((one for one, stream in import_files.arrived() if stream is sent.stream), None)
    if path is None:
        abort(400)
    name = sent.filename
    import_files.take(path)
    try:
        upload = uploaded.receive(_workspace(), path, name=name, layer=layer, actor=user_name())
    except TownError as error:
        audit("upload_refused", f"{layer} {plain_name(name)}".strip())
        return _start(layer, say_error(error, language())), 400
    audit("upload", f"#{upload.id} {upload.layer} {upload.file}")
    Uploads(_workspace()).sweep()
    if uploaded.lacking(upload):
        return redirect(url_for("imports.show", upload_id=upload.id), 303)
    return _check(upload)


@blueprint.get("/imports")
@allow(Permission.EDIT)
def index() -> ResponseReturnValue:
    """Show all uploads, newest first."""
    page = read_page(request.args.get("page"))
    Uploads(_workspace()).sweep()
    found, total = Uploads(_workspace()).listing(page)
    return render_template(
        "imports.html",
        uploads=[import_view.line(one) for one in found],
        page=page,
        pages=max(1, ceil(total / PAGE_ROWS)),
        total=total,
    )


@blueprint.get("/imports/<int:upload_id>")
@allow(Permission.EDIT)
def show(upload_id: int) -> ResponseReturnValue:
    """Show an upload: what it is taken for, and the report of its last check or of its import."""
    return _show(_upload(upload_id))


@blueprint.post("/imports/<int:upload_id>/read")
@allow(Permission.EDIT)
def read(upload_id: int) -> ResponseReturnValue:
    """Read a file anew under another sheet or header."""
    upload = _open(upload_id)
    if upload.is_osm:
        abort(404)
    sheet = request.form.get("sheet", "")
    row = request.form.get("header_row", "")
    # the row of another sheet says nothing
    chosen = int(row) if row.isdecimal() and len(row) < 8 and sheet == upload.options["sheet"] else None
    try:
        uploaded.read_anew(_workspace(), upload, sheet=sheet, header_row=chosen)
    except TownError as error:
        return _show(upload, say_error(error, language())), 400
    return redirect(url_for("imports.show", upload_id=upload.id), 303)


@blueprint.post("/imports/<int:upload_id>/check")
@allow(Permission.EDIT)
def check(upload_id: int) -> ResponseReturnValue:
    """Check a file with the options of the form; nothing is stored."""
    upload, faults = _with_options(_open(upload_id))
    return (_show(upload, faults), 400) if faults else _check(upload)


@blueprint.post("/imports/<int:upload_id>/store")
@allow(Permission.EDIT)
def keep(upload_id: int) -> ResponseReturnValue:
    """Store a file as it was checked, by a job."""
    upload, faults = _with_options(_open(upload_id))
    if faults:
        return _show(upload, faults), 400
    kind = "import_osm" if upload.is_osm else "import"
    number = jobs.submit(_workspace(), kind, actor=user_name(), options={"upload": upload.id})
    with contextlib.suppress(InputError):  # a small file may be stored by now
        Uploads(_workspace()).change(upload.id, job=number)
    audit("import", f"#{upload.id} {upload.layer} {upload.file}")
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.post("/imports/<int:upload_id>/discard")
@allow(Permission.EDIT)
def discard(upload_id: int) -> ResponseReturnValue:
    """Throw a file away that was not stored."""
    upload = _open(upload_id)
    Uploads(_workspace()).discard(upload)
    audit("upload_discarded", f"#{upload.id} {upload.file}")
    return redirect(url_for("imports.index"), 303)


@blueprint.get("/imports/<int:upload_id>/faults.xlsx")
@allow(Permission.EDIT)
def fault_book(upload_id: int) -> ResponseReturnValue:
    """Send the faults: a copy of the sheet with its faulty cells marked, or their list where the file is gone."""
    upload = _upload(upload_id)
    if upload.is_osm or not upload.report.get("faults"):
        abort(404)
    faults = [load_fault(one) for one in upload.report["faults"]]
    if upload.path is None:
        content = fault_list_workbook(faults, language())
    else:
        content = faults_workbook(
            upload.path, faults, language(), sheet=upload.report["sheet"] or None, limits=uploaded.limits(_workspace().settings)
        )  # fmt: skip
    audit("export_faults", f"#{upload.id} {upload.file}")
    stem = upload.file.rpartition(".")[0] or upload.file
    return attachment(content, _SHEET, f"{stem}-{words(Text('faults'))}.xlsx")


@blueprint.get("/imports/<int:upload_id>/map/<key>.json")
@allow(Permission.EDIT)
def map_layer(upload_id: int, key: str) -> ResponseReturnValue:
    """Send where the rows of a file lie."""
    upload = _upload(upload_id)
    data = import_map.rows_json(upload, Uploads(_workspace()).places(upload.id), key)
    if data is None:
        abort(404)
    return jsonify(data)


@blueprint.get("/api/v1/map-proposals.json")
@allow(Permission.SEE_SENSITIVE)
def proposals() -> ResponseReturnValue:
    """Send the proposals that wait, for the map beside their list."""
    return jsonify(proposal_map.proposals_json(store(), request.args.get("layer", "")))


@blueprint.post("/sample")
@allow(Permission.EDIT)
def sample() -> ResponseReturnValue:
    """Fill an empty workspace with the fictional sample town, by a job."""
    if not is_empty(_workspace()):
        raise InputError("the workspace holds data: the sample town goes into an empty one only")
    number = jobs.submit(_workspace(), "sample", actor=user_name())
    return redirect(url_for("jobs.show", number=number), 303)


def _workspace() -> Workspace:
    found: Workspace = current_app.extensions["workspace"]
    return found


def _upload(upload_id: int) -> Upload:
    found = Uploads(_workspace()).get(upload_id)
    if found is None:
        abort(404)
    return found


def _open(upload_id: int) -> Upload:
    """Return an upload that waits to be stored.

    Raises:
        InputError: it was stored or thrown away, its file is gone, or a job works on it.
    """
    upload = _upload(upload_id)
    if not upload.is_open:
        raise InputError("upload {number} was stored or thrown away already", number=upload_id)
    if _job(upload) is not None:
        raise InputError("a job works on upload {number}: wait for it, or cancel it", number=upload_id)
    return upload


def _job(upload: Upload) -> job_view.JobView | None:
    """Return the job that works on an upload; None where none does."""
    job = job_view.find(upload.job) if upload.job is not None else None
    return job_view.view(job) if job is not None and job.is_living else None


def _with_options(upload: Upload) -> tuple[Upload, list[str]]:
    """Return an upload with the options of the form, and what is wrong with them."""
    faults = [
        words(Text("“{column}” is chosen twice: take it from one column of the file"), column=one)
        for one in import_view.doubled(request.form, upload)
    ]
    options = import_view.read_options(request.form, upload)
    if options != upload.options:
        changes: dict[str, Any] = {"options": options}
        if _reading(options) != _reading(upload.options):
            changes |= {"state": "uploaded", "report": {}, "places": None}
        Uploads(_workspace()).change(upload.id, **changes)
        upload = _upload(upload.id)
    return upload, faults + import_view.lacking(upload)


def _reading(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that decide how a file is read: the others leave its check standing."""
    return {key: options.get(key) for key in ("sheet", "header_row", "datum", "columns")}


def _check(upload: Upload) -> ResponseReturnValue:
    if upload.size >= uploaded.SMALL_BYTES:
        number = jobs.submit(
            _workspace(), "import_check", actor=user_name(), options={"upload": upload.id, **_reading(upload.options)}
        )  # fmt: skip
        Uploads(_workspace()).change(upload.id, job=number)
        return redirect(url_for("jobs.show", number=number), 303)
    try:
        uploaded.check(_workspace(), upload)
    except TownError as error:
        return _show(upload, say_error(error, language())), 400
    return redirect(url_for("imports.show", upload_id=upload.id, _anchor="result"), 303)


def _start(layer: str, faults: list[str] | None = None) -> str:
    settings = _workspace().settings
    recent, total = Uploads(_workspace()).listing(rows=_RECENT)
    return render_template(
        "import.html",
        groups=import_view.layer_choices(layer),
        chosen=layer,
        osm=OSM,
        faults=faults or [],
        table_mb=settings.upload_max_mb,
        osm_mb=settings.osm_max_mb,
        recent=[import_view.line(one) for one in recent],
        total=total,
        placed=store().town.epsg is not None,
    )


def _show(upload: Upload, faults: list[str] | None = None) -> str:
    guess = load_guess(upload.guess) if upload.guess else None
    places = Uploads(_workspace()).places(upload.id) if upload.report else None
    declared = LAYERS.get(upload.layer)
    datums, epsg = import_view.datum_choices(upload)
    same = Uploads(_workspace()).same_content(upload)
    return render_template(
        "import_file.html",
        upload=upload,
        line=import_view.line(upload),
        layer=declared,
        is_open=upload.is_open and _job(upload) is None,
        job=_job(upload),
        guess=guess,
        columns=import_view.column_lines(upload, guess) if guess else (),
        datums=datums,
        epsg=epsg,
        lacking=import_view.lacking(upload) if upload.is_open else [],
        faults=faults or [],
        view=import_view,
        report=upload.report,
        page=import_view.fault_page(
            upload, severity=request.args.get("severity", ""), page=read_page(request.args.get("page"))
        ),
        same=import_view.line(same) if same else None,
        keep_days=_workspace().settings.upload_days,
        map=import_map.dry_run_map(store(), upload, places) if places else None,
    )
