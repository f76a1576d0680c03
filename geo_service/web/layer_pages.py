"""The pages of layers: list, table, form of a row, change log, proposals."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.exports import export_layer
from geo_service.exports.results import MEDIA
from geo_service.imports import template_workbook
from geo_service.store import ConflictError
from geo_service.web import (
    change_list,
    edit_view,
    layer_forms,
    layer_map,
    layer_rows,
    proposal_list,
    proposal_map,
    row_edits,
)
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit_view, may, store, user_name
from town_model import LAYERS, InputError, Layer, Text, TownError

blueprint = Blueprint("layers", __name__)

#: What a page says after a change was made, by the word in its address.
DONE = {
    "saved": Text("Saved."),
    "added": Text("Added."),
    "deleted": Text("Deleted."),
    "unchanged": Text("Nothing was changed."),
    "undone": Text("Taken back."),
    "accepted": Text("Accepted: {count}."),
    "dropped": Text("Dropped: {count}."),
}
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA = {"xlsx": _SHEET, "geojson": "application/geo+json"}


def readable(layer_name: str) -> Layer:
    """Return a layer that the present user may see; any other one answers as one that does not exist."""
    declared = LAYERS.get(layer_name)
    if declared is None or (declared.sensitive and not may(Permission.SEE_SENSITIVE)):
        abort(404)
    if declared.sensitive:
        audit_view("view_layer", layer_name)
    return declared


@blueprint.get("/layers")
@allow(Permission.SEE_LAYERS)
def index() -> ResponseReturnValue:
    """Show all layers."""
    groups = layer_rows.layer_groups(store(), language(), sensitive=may(Permission.SEE_SENSITIVE))
    return render_template(
        "layers.html",
        groups=groups,
        pending=len(store().proposals()),
        placed=store().town.epsg is not None,
        may_edit=may(Permission.EDIT),
    )


@blueprint.get("/layers/<layer_name>")
@allow(Permission.SEE_LAYERS)
def table(layer_name: str) -> ResponseReturnValue:
    """Show the rows of a layer."""
    declared = readable(layer_name)
    search, every = request.args.get("search", ""), request.args.get("columns") == "all"
    page = layer_rows.table_page(
        store(),
        declared,
        language(),
        search=search,
        page=layer_rows.read_page(request.args.get("page")),
        all_columns=every,
    )
    params = {"search": search or None, "columns": "all" if every else None}
    return render_template(
        "layer.html", **_head(declared), page=page, search=search, every=every, params=params, **_done()
    )


@blueprint.get("/layers/<layer_name>/template.xlsx")
@allow(Permission.SEE_LAYERS)
def template(layer_name: str) -> ResponseReturnValue:
    """Send the workbook to fill in for a layer."""
    declared = readable(layer_name)
    name = f"{declared.title(language())}-{words(Text('template'))}.xlsx"
    return attachment(template_workbook(layer_name, language()), _SHEET, name)


@blueprint.get("/layers/<layer_name>/export.<any(xlsx, geojson, gpkg, kml, csv):file_format>")
@allow(Permission.EXPORT)
def export(layer_name: str, file_format: str) -> ResponseReturnValue:
    """Send a layer as a file, all of it or the rows with some values of choice columns; the audit record keeps who took it."""
    declared = readable(layer_name)
    if file_format in ("geojson", "kml") and declared.geometry is None:
        abort(404)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layer_name}.{file_format}"
        export_layer(
            store(), layer_name, path, language=language(), where=request.args.to_dict(), actor=user_name()
        )
        return attachment(
            path.read_bytes(), MEDIA[file_format], f"{declared.title(language())}.{file_format}"
        )


@blueprint.get("/layers/<layer_name>/new")
@allow(Permission.EDIT)
def new(layer_name: str) -> ResponseReturnValue:
    """Show the form of a new row."""
    declared = _addable(layer_name)
    values = layer_forms.shown_values(declared, None)
    return _form(declared, values | layer_forms.asked_references(declared, request.args))


@blueprint.post("/layers/<layer_name>/new")
@allow(Permission.EDIT)
def add(layer_name: str) -> ResponseReturnValue:
    """Add a row."""
    declared = _addable(layer_name)
    outcome = row_edits.add_row(store(), declared, request.form, actor=user_name())
    if outcome.refused:
        return _form(declared, outcome.values, outcome=outcome), 400
    return _on(declared, outcome.row_id, "added")


@blueprint.get("/layers/<layer_name>/<int(max=999999999999999):row_id>")
@allow(Permission.SEE_LAYERS)
def row(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Show a row: as a form for those who may edit, to read for the others; with its history."""
    declared = readable(layer_name)
    found = layer_rows.one_row(store(), declared, row_id)
    if found is None:
        abort(404)
    return _form(declared, layer_forms.shown_values(declared, found), row_id=row_id, found=found)


@blueprint.post("/layers/<layer_name>/<int(max=999999999999999):row_id>")
@allow(Permission.EDIT)
def save(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Save a row, unless somebody else was first."""
    declared = readable(layer_name)
    outcome = row_edits.save_row(
        store(),
        declared,
        row_id,
        request.form,
        actor=user_name(),
        language=language(),
        revision=row_edits.form_revision(),
    )
    if outcome.refused:
        found = layer_rows.one_row(store(), declared, row_id)
        page = _form(declared, outcome.values, row_id=row_id, found=found, outcome=outcome)
        return page, 409 if outcome.clashes else 400
    return _on(declared, row_id, "saved" if outcome.batch else "unchanged")


@blueprint.get("/layers/<layer_name>/<int(max=999999999999999):row_id>/delete")
@allow(Permission.EDIT)
def ask_delete(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Ask whether a row is to be deleted."""
    declared = readable(layer_name)
    found = layer_rows.one_row(store(), declared, row_id)
    if found is None:
        abort(404)
    return _delete_page(declared, row_id, found, ())


@blueprint.post("/layers/<layer_name>/<int(max=999999999999999):row_id>/delete")
@allow(Permission.EDIT)
def delete(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Delete a row, unless others refer to it."""
    declared = readable(layer_name)
    try:
        batch = row_edits.delete_row(
            store(), declared, row_id, actor=user_name(), revision=row_edits.form_revision()
        )
    except ConflictError as error:
        found = layer_rows.one_row(store(), declared, row_id)
        if found is None:
            raise
        return _delete_page(declared, row_id, found, _faults(error, declared)), 409
    return redirect(url_for("layers.table", layer_name=layer_name, done="deleted", batch=batch), 303)


@blueprint.get("/changes")
@allow(Permission.SEE_SENSITIVE)
def changes() -> ResponseReturnValue:
    """Show the change log by batch."""
    audit_view("view_changes", "")
    return _changes(layer_rows.read_page(request.args.get("page")))


@blueprint.get("/changes/<int(max=999999999999999):batch_id>")
@allow(Permission.SEE_SENSITIVE)
def batch(batch_id: int) -> ResponseReturnValue:
    """Show what one batch did."""
    audit_view("view_changes", str(batch_id))
    found = change_list.one_batch(store(), language(), batch_id)
    if found is None:
        abort(404)
    return _batch(found)


@blueprint.post("/changes/<int(max=999999999999999):batch_id>/undo")
@allow(Permission.EDIT)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take a batch back by a new one."""
    try:
        made = store().undo(batch_id, actor=user_name())
    except ConflictError as error:
        found = change_list.one_batch(store(), language(), batch_id)
        if found is None:
            raise
        return _batch(found, _faults(error, None)), 409
    return redirect(url_for("layers.changes", done="undone", batch=made), 303)


@blueprint.get("/proposals")
@allow(Permission.SEE_SENSITIVE)
def proposals() -> ResponseReturnValue:
    """Show the proposals that wait for a planner."""
    return _proposals()


@blueprint.post("/proposals")
@allow(Permission.EDIT)
def decide() -> ResponseReturnValue:
    """Accept or drop proposals: the chosen ones, or all."""
    try:
        done, count = proposal_list.decide(store(), request.form, actor=user_name())
    except (InputError, ConflictError) as error:
        return _proposals(_faults(error, None)), 400
    layer = request.form.get("layer") or None
    return redirect(url_for("layers.proposals", done=done, count=count, layer=layer), 303)


def _addable(layer_name: str) -> Layer:
    declared = readable(layer_name)
    if not layer_rows.is_editable(declared):
        abort(404)
    return declared


def _head(declared: Layer) -> dict[str, Any]:
    """Return what every page of a layer shows."""
    return {
        "layer": declared,
        "title": declared.title(language()),
        "help": declared.help_zh if language() == "zh" else declared.help_en,
        "may_edit": may(Permission.EDIT),
        "may_add": may(Permission.EDIT) and layer_rows.is_editable(declared),
        "may_export": may(Permission.EXPORT),
        "on_map": may(Permission.EDIT) and edit_view.is_drawn(declared),
    }


def _done() -> dict[str, Any]:
    """Return the words on a change that was just made, and its number."""
    message = DONE.get(request.args.get("done", ""))
    count = request.args.get("count", "0")
    number = request.args.get("batch", "")
    if message is not None and "{count}" in message.template:
        message = Text(message.template, {"count": count if count.isdecimal() and len(count) < 9 else "0"})
    return {"done": message, "done_batch": int(number) if number.isdecimal() and len(number) < 12 else None}


def _form(
    declared: Layer,
    values: Any,
    *,
    row_id: int | None = None,
    found: dict[str, Any] | None = None,
    outcome: row_edits.Outcome | None = None,
) -> str:
    here, now = store(), language()
    fields, faults = layer_forms.fields(
        declared,
        values,
        language=now,
        options=layer_rows.form_options(here, declared),
        faults=outcome.faults if outcome else (),
    )
    history = here.changes(layer=declared.name, row_id=row_id, limit=50) if row_id is not None else []
    name = layer_rows.row_name(row_id, (found or {}).get("name"), now) if row_id is not None else ""
    return render_template(
        "row.html",
        **_head(declared),
        row_id=row_id,
        name=name,
        fields=fields,
        faults=faults,
        faulty=[one for one in fields if one.faults],
        clashes=outcome.clashes if outcome else (),
        revision=outcome.revision if outcome and outcome.revision else (found or {}).get("revision"),
        shown=layer_rows.row_words(here, declared, found, now) if found else (),
        extent=layer_rows.extent(here, declared, row_id)
        if declared.geometry and row_id is not None
        else None,
        placed=declared.geometry is None or here.town.epsg is not None,
        camera=int(found["camera"]) if found and declared.name == "camera_views" else None,
        history=change_list.steps(here, now, history),
        map=layer_map.row_map(here, declared.name, found) if found else None,
        **_done(),
    )


def _delete_page(declared: Layer, row_id: int, found: dict[str, Any], faults: tuple[str, ...]) -> str:
    return render_template(
        "row_delete.html",
        **_head(declared),
        row_id=row_id,
        name=layer_rows.row_name(row_id, found.get("name"), language()),
        revision=found["revision"],
        shown=layer_rows.row_words(store(), declared, found, language()),
        faults=faults,
    )


def _changes(page: int) -> str:
    found, pages = change_list.batch_list(store(), language(), page=page)
    return render_template(
        "changes.html", batches=found, page=page, pages=pages, may_edit=may(Permission.EDIT), **_done()
    )


def _batch(found: change_list.Batch, faults: tuple[str, ...] = ()) -> str:
    entries = store().changes(batch=found.number, limit=change_list.SHOWN_ENTRIES)
    return render_template(
        "change.html",
        batch=found,
        steps=change_list.steps(store(), language(), entries),
        total=sum(count for *_, count in found.counts),
        faults=faults,
        may_edit=may(Permission.EDIT),
    )


def _proposals(faults: tuple[str, ...] = ()) -> str:
    asked = request.args.get("at", "")
    page = proposal_list.proposal_page(
        store(),
        language(),
        page=layer_rows.read_page(request.args.get("page")),
        layer=request.values.get("layer", ""),
        chosen=int(asked) if asked.isdecimal() and len(asked) < 16 else None,
    )
    return render_template(
        "proposals.html",
        page=page,
        faults=faults,
        may_edit=may(Permission.EDIT),
        map=proposal_map.proposal_map(store(), page),
        **_done(),
    )


def _faults(error: TownError, declared: Layer | None) -> tuple[str, ...]:
    return tuple(layer_forms.fault_words(one, declared, language()) for one in error.messages)


def _on(declared: Layer, row_id: int | None, done: str) -> ResponseReturnValue:
    return redirect(url_for("layers.row", layer_name=declared.name, row_id=row_id, done=done), 303)
