"""Pictures under the map, for the scripts of the page for editing: uploaded, placed by control points, taken away."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.edits import pictures
from geo_service.edits.picture_files import MOST_BYTES
from geo_service.edits.pictures import ControlPoint, Picture
from geo_service.web.access import Permission, allow
from geo_service.web.bodies import takes
from geo_service.web.languages import words
from geo_service.web.sessions import store, user_name
from geo_service.workspace import Workspace
from town_model import InputError

blueprint = Blueprint("pictures", __name__)
_HERE = "/api/edit/pictures"


@blueprint.get(_HERE)
@allow(Permission.EDIT)
def listing() -> ResponseReturnValue:
    """Send all pictures with their places."""
    return jsonify({"pictures": [_told(one) for one in pictures.all_pictures(store())]})


@blueprint.post(_HERE)
@allow(Permission.EDIT)
@takes(lambda _: MOST_BYTES)
def add() -> ResponseReturnValue:
    """Keep a picture: the body is the file, so that no form parser holds a second copy of it."""
    if request.mimetype not in ("image/png", "image/jpeg"):
        raise InputError("this file is no picture: take a PNG or a JPEG")
    name = request.args.get("name", "")
    made = pictures.add_picture(store(), _folder(), name, request.get_data(cache=False), actor=user_name())
    return jsonify(_told(made)), 201


@blueprint.get(f"{_HERE}/<int(max=999999999999999):row_id>/file")
@allow(Permission.EDIT)
def file(row_id: int) -> ResponseReturnValue:
    """Send a picture as what it is, and as nothing else."""
    found = next((one for one in pictures.all_pictures(store()) if one.id == row_id), None)
    if found is None:
        abort(404)
    answer = Response(pictures.picture_content(_folder(), found), mimetype=found.media_type)
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post(f"{_HERE}/<int(max=999999999999999):row_id>")
@allow(Permission.EDIT)
def place(row_id: int) -> ResponseReturnValue:
    """Store the control points of a picture, and send how well they fit."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400)
    made = pictures.place_picture(
        store(),
        row_id,
        _points(sent.get("points")),
        actor=user_name(),
        kind=str(sent.get("kind", "auto")),
        opacity=_number(sent.get("opacity", 0.7)),
    )
    return jsonify(_told(made))


@blueprint.post(f"{_HERE}/<int(max=999999999999999):row_id>/delete")
@allow(Permission.EDIT)
def delete(row_id: int) -> ResponseReturnValue:
    """Delete a picture."""
    pictures.delete_picture(store(), _folder(), row_id, actor=user_name())
    return jsonify({"id": row_id})


def _folder() -> Any:
    workspace: Workspace = current_app.extensions["workspace"]
    return workspace.folder


def _points(given: object) -> tuple[ControlPoint, ...]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        abort(400)
    made = tuple(ControlPoint(*(_number(one.get(key)) for key in ("x", "y", "lon", "lat"))) for one in given)
    if any(abs(one.lon) > 180 or abs(one.lat) > 90 for one in made):
        raise InputError("give longitude and latitude in decimal degrees, such as 118.78 and 32.04")
    return made


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        abort(400)
    return float(value)


def _told(one: Picture) -> dict[str, Any]:
    told = {name: value for name, value in asdict(one).items() if name != "file"}
    told |= {"url": url_for("pictures.file", row_id=one.id), "fit": None, "mesh": None, "message": ""}
    try:
        found = pictures.fit(store(), one)
        if found is not None:
            told["mesh"] = pictures.mesh(store(), one, found)
            told["fit"] = {
                "kind": found.kind,
                "exact": found.is_exact,
                "rms_m": found.rms_m,
                "residuals_m": found.residuals_m,
            }
    except InputError as error:
        told["message"] = " ".join(words(message) for message in error.messages)
    return told
