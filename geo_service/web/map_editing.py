"""Editing on the map: the page, and the requests of its scripts. All of it is for those who may edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from shapely.geometry.base import BaseGeometry

from geo_service.edits import shapes
from geo_service.store import ConflictError
from geo_service.web import edit_view, layer_forms, layer_rows, row_edits
from geo_service.web.access import Permission, allow
from geo_service.web.bodies import takes
from geo_service.web.languages import language, words
from geo_service.web.layer_pages import readable
from geo_service.web.sessions import store, user_name
from town_model import InputError, Layer, Text, TownError

blueprint = Blueprint("map_editing", __name__)
#: A drawn outline may hold many corners; forms of other pages stay below the general limit.
MOST_BYTES = 3 * 1024 * 1024
_HERE = "/api/edit"


@blueprint.get("/map/edit")
@allow(Permission.EDIT)
def page() -> ResponseReturnValue:
    """Show the map with its tools; an empty workspace is asked where the town lies first."""
    here = store()
    chosen = request.args.get("layer", "")
    if here.town.epsg is None:
        return render_template("map_edit.html", map=None, setup=None, fault=None, given={})
    setup = edit_view.setup(here, language(), chosen=chosen, row=request.args.get("id", ""))
    return render_template("map_edit.html", map=edit_view.edit_map(here), setup=setup)


@blueprint.post("/map/edit/town")
@allow(Permission.EDIT)
def place_town() -> ResponseReturnValue:
    """Give an empty town its position."""
    try:
        lon, lat = edit_view.read_position(request.form)
        name = request.form.get("name", "").strip()[:100]
        store().place_town(lon, lat, name or None, actor=user_name())
    except TownError as error:
        fault = [words(one) for one in error.messages]
        return render_template("map_edit.html", map=None, setup=None, fault=fault, given=request.form), 400
    return redirect(url_for("map_editing.page"), 303)


@blueprint.get(f"{_HERE}/<layer_name>/form")
@allow(Permission.EDIT)
def form(layer_name: str) -> ResponseReturnValue:
    """Send the form of a row, or of a new one, with its shape and its revision."""
    declared = _drawn(layer_name)
    wanted = request.args.get("id")
    if wanted is None:
        values = layer_forms.shown_values(declared, None)
        return jsonify({"id": None, "revision": None, **_fields(declared, values), "geometry": None})
    row_id = _number(wanted)
    found = layer_rows.one_row(store(), declared, row_id)
    if found is None:
        abort(404)
    return jsonify(_row(declared, row_id, found))


@blueprint.post(f"{_HERE}/<layer_name>")
@allow(Permission.EDIT)
@takes(lambda _: MOST_BYTES)
def add(layer_name: str) -> ResponseReturnValue:
    """Add a row with its shape."""
    declared = _drawn(layer_name)
    sent = _sent()
    shape, wrong = _shape(declared, sent)
    if wrong:
        return _refused(declared, sent["values"], (), wrong)
    outcome = row_edits.add_row(
        store(),
        declared,
        sent["values"],
        actor=user_name(),
        shape=shape,
        views_of=None if sent.get("views_of") is None else _number(str(sent["views_of"])),
    )
    if outcome.refused:
        return _refused(declared, outcome.values, outcome.faults, _at_point(declared, outcome))
    return jsonify({"id": outcome.row_id, "batch": outcome.batch, "revision": outcome.batch}), 201


@blueprint.post(f"{_HERE}/<layer_name>/<int(max=999999999999999):row_id>")
@allow(Permission.EDIT)
@takes(lambda _: MOST_BYTES)
def save(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Save a row with its shape, unless somebody else was first: then both versions come back."""
    declared = _drawn(layer_name)
    sent = _sent()
    revision = _revision(sent)
    shape, wrong = _shape(declared, sent)
    if wrong:
        return _refused(declared, sent["values"], (), wrong, revision=revision)
    try:
        outcome = row_edits.save_row(
            store(),
            declared,
            row_id,
            sent["values"],
            actor=user_name(),
            language=language(),
            revision=revision,
            shape=shape,
        )
    except ConflictError as error:
        return _gone(declared, row_id, error)
    if outcome.clashes:
        return _clash(declared, row_id, outcome)
    if outcome.refused:
        return _refused(
            declared, outcome.values, outcome.faults, _at_point(declared, outcome), revision=revision
        )
    return jsonify({"id": row_id, "batch": outcome.batch, "revision": outcome.revision})


@blueprint.post(f"{_HERE}/<layer_name>/<int(max=999999999999999):row_id>/delete")
@allow(Permission.EDIT)
def delete(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Delete a row as it was seen, unless others refer to it."""
    declared = _drawn(layer_name)
    revision = _revision(_sent())
    try:
        batch = row_edits.delete_row(store(), declared, row_id, actor=user_name(), revision=revision)
    except ConflictError as error:
        return _gone(declared, row_id, error)
    return jsonify({"id": row_id, "batch": batch})


@blueprint.post(f"{_HERE}/undo/<int(max=999999999999999):batch_id>")
@allow(Permission.EDIT)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take a batch back by a new one, and say which layers it touched."""
    try:
        made = store().undo(batch_id, actor=user_name())
    except ConflictError as error:
        return jsonify(
            {"messages": [layer_forms.fault_words(one, None, language()) for one in error.messages]}
        ), 409
    touched = {one.layer for one in store().changes(batch=made, limit=1000)}
    return jsonify({"batch": made, "layers": sorted(touched)})


@blueprint.get(f"{_HERE}/<layer_name>/<int(max=999999999999999):row_id>/history")
@allow(Permission.EDIT)
def history(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Send what was done to a row, newest first, with its shape before each change."""
    declared = _drawn(layer_name)
    return jsonify({"steps": edit_view.history(store(), language(), declared, row_id)})


@blueprint.get(f"{_HERE}/<layer_name>/rows")
@allow(Permission.EDIT)
def rows(layer_name: str) -> ResponseReturnValue:
    """Send a part of the attribute table: sorted, filtered, all of it or what the view shows."""
    declared = _drawn(layer_name)
    return jsonify(edit_view.rows(store(), language(), declared, request.args))


def _drawn(layer_name: str) -> Layer:
    declared = readable(layer_name)
    if not edit_view.is_drawn(declared):
        abort(404)
    return declared


def _sent() -> dict[str, Any]:
    """Return the JSON object of a request: ``values`` as words by column, ``geometry``, ``revision``."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400)
    values = sent.get("values", {})
    if not isinstance(values, Mapping) or not all(isinstance(one, str) for one in values.values()):
        abort(400)
    return {**sent, "values": dict(values)}


def _revision(sent: Mapping[str, Any]) -> int:
    revision = sent.get("revision")
    if not isinstance(revision, int) or isinstance(revision, bool) or not 0 <= revision < 10**15:
        abort(400)
    return revision


def _shape(
    declared: Layer, sent: Mapping[str, Any]
) -> tuple[BaseGeometry | None, tuple[shapes.ShapeFault, ...]]:
    """Return the shape of a request; points come by the two fields of their form."""
    if declared.geometry == "point" or sent.get("geometry") is None:
        return None, ()
    town = store().town
    place = None if town.lon is None or town.lat is None else (town.lon, town.lat)
    return shapes.read_shape(declared, sent["geometry"], town=place)


def _at_point(declared: Layer, outcome: row_edits.Outcome) -> tuple[shapes.ShapeFault, ...]:
    """Return the faults of a point's place, at the point."""
    if declared.geometry != "point":
        return ()
    try:
        lon, lat = float(outcome.values.get("lon", "")), float(outcome.values.get("lat", ""))
    except ValueError:
        return ()
    doors = [one for one in outcome.faults if "private door" in one.template or "position" in one.template]
    return tuple(shapes.ShapeFault(one, lon, lat) for one in doors)


def _fields(declared: Layer, values: Mapping[str, str], faults: tuple[Text, ...] = ()) -> dict[str, Any]:
    options = layer_rows.form_options(store(), declared)
    made, rest = layer_forms.fields(declared, values, language=language(), options=options, faults=faults)
    return {"fields": [asdict(one) for one in made], "faults": list(rest)}


def _row(declared: Layer, row_id: int, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row_id,
        "name": layer_rows.row_name(row_id, found.get("name"), language()),
        "revision": found["revision"],
        **_fields(declared, layer_forms.shown_values(declared, found)),
        "geometry": shapes.as_geojson(found.get("geometry")),
    }


def _refused(
    declared: Layer,
    values: Mapping[str, str],
    faults: tuple[Text, ...],
    places: tuple[shapes.ShapeFault, ...],
    *,
    revision: int | None = None,
) -> ResponseReturnValue:
    """Say what is wrong: at its field, at its place on the map, or for the whole."""
    told = _fields(declared, layer_forms.sent_values(declared, values), faults)
    return jsonify(
        {
            **told,
            "revision": revision,
            "places": [{"words": words(one.words), "lon": one.lon, "lat": one.lat} for one in places],
        }
    ), 400


def _clash(declared: Layer, row_id: int, outcome: row_edits.Outcome) -> ResponseReturnValue:
    """Send both versions of a row, and a form that puts mine on top of theirs."""
    found = layer_rows.one_row(store(), declared, row_id)
    if found is None:
        abort(404)
    last = store().changes(layer=declared.name, row_id=row_id, limit=1)
    return jsonify(
        {
            "clashes": [asdict(one) for one in outcome.clashes],
            "theirs": _row(declared, row_id, found),
            "merged": _fields(declared, outcome.values)["fields"],
            "revision": outcome.revision,
            "by": last[0].actor if last else "",
        }
    ), 409


def _gone(declared: Layer, row_id: int, error: ConflictError) -> ResponseReturnValue:
    found = layer_rows.one_row(store(), declared, row_id)
    told = [layer_forms.fault_words(one, declared, language()) for one in error.messages]
    theirs = None if found is None else _row(declared, row_id, found)
    return jsonify({"messages": told, "gone": found is None, "theirs": theirs}), 409


def _number(sent: str) -> int:
    if not sent.isdecimal() or len(sent) > 15:
        raise InputError("there is no row {row}", row=sent)
    return int(sent)
