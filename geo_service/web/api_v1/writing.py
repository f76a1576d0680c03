"""Rows added, replaced, changed, deleted by programs: each call is one change in the log, and can be undone.

Nothing of others is overwritten in silence: ``If-Match`` names the revision that the program has read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, abort, url_for
from flask.typing import ResponseReturnValue

from geo_service.store import Change, RowQuery
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1.answers import send
from geo_service.web.api_v1.bodies import expected_revision, far_away, read_feature
from geo_service.web.api_v1.collections import TAG, row_answer
from geo_service.web.api_v1.operations import GEOJSON, JSON, Answer, Operation, operation
from geo_service.web.layer_pages import readable
from geo_service.web.sessions import store, user_name
from town_model import InputError, Layer, Text

blueprint = Blueprint("writing", __name__)

MERGE_PATCH = "application/merge-patch+json"
_WHOLE = (GEOJSON, JSON)
_PART = (MERGE_PATCH, GEOJSON, JSON)
_REVISION = {"ETag": Text("Revision of the row.")}


@blueprint.post("/api/v1/collections/<layer_name>/items")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("Add a row"),
        tag=TAG,
        body="{layer}_new",
        body_media=_WHOLE,
        answers={
            201: Answer(
                Text("The new row."),
                "{layer}_feature",
                GEOJSON,
                {**_REVISION, "Location": Text("Address of the row.")},
            )
        },
        per_layer=True,
    )
)
def add(layer_name: str) -> ResponseReturnValue:
    """Add a row."""
    declared = readable(layer_name)
    values = _values(declared, _WHOLE)
    with store().change(actor=user_name()) as change:
        (number,) = change.insert(layer_name, [values])
    answer = _row(declared, number, status=201)
    answer.headers["Location"] = url_for(
        "collections.item", layer_name=layer_name, row_id=number, _external=True
    )
    return answer


@blueprint.put("/api/v1/collections/<layer_name>/items/<int:row_id>")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("Replace a row: columns that are left out take their default"),
        tag=TAG,
        body="{layer}_new",
        body_media=_WHOLE,
        revision=True,
        answers={200: Answer(Text("The row as it is now."), "{layer}_feature", GEOJSON, _REVISION)},
        per_layer=True,
    )
)
def replace(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Replace a row."""
    declared = readable(layer_name)
    revision = expected_revision()
    values = _values(declared, _WHOLE)
    whole: dict[str, Any] = {one.name: values.get(one.name) for one in declared.columns}
    if declared.geometry is not None:
        whole["geometry"] = values.get("geometry")
    with _change(declared, row_id, revision) as change:
        change.update(layer_name, row_id, whole)
    return _row(declared, row_id)


@blueprint.patch("/api/v1/collections/<layer_name>/items/<int:row_id>")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("Change some columns of a row, or its geometry (JSON Merge Patch, RFC 7396)"),
        tag=TAG,
        body="{layer}_patch",
        body_media=_PART,
        revision=True,
        answers={200: Answer(Text("The row as it is now."), "{layer}_feature", GEOJSON, _REVISION)},
        per_layer=True,
    )
)
def patch(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Change a row."""
    declared = readable(layer_name)
    revision = expected_revision()
    values = _values(declared, _PART)
    with _change(declared, row_id, revision) as change:
        change.update(layer_name, row_id, values)
    return _row(declared, row_id)


@blueprint.delete("/api/v1/collections/<layer_name>/items/<int:row_id>")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("Delete a row that no other row refers to"),
        tag=TAG,
        revision=True,
        answers={200: Answer(Text("The number of the change."), "change")},
        per_layer=True,
    )
)
def delete(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Delete a row."""
    declared = readable(layer_name)
    with _change(declared, row_id, expected_revision()) as change:
        change.delete(layer_name, row_id)
    return send({"change": change.batch_id})


@blueprint.post("/api/v1/changes/<int:batch_id>/undo")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("Take a change back by a new one; its number is the revision of the rows that it wrote"),
        tag="changes",
        answers={200: Answer(Text("The number of the new change."), "change")},
    )
)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take a change back."""
    if not store().changes(batch=batch_id, limit=1):
        abort(404)
    return send({"change": store().undo(batch_id, actor=user_name())})


def _values(declared: Layer, media: tuple[str, ...]) -> dict[str, Any]:
    values = read_feature(declared, media)
    town = store().town
    position = None if town.lon is None or town.lat is None else (town.lon, town.lat)
    faults = far_away(values.get("geometry"), position)
    if faults:
        raise InputError(faults)
    return values


@contextmanager
def _change(declared: Layer, row_id: int, revision: int) -> Iterator[Change]:
    """Open a change of a row as it was read: 404 where there is none, 412 where it was changed since."""
    with store().change(actor=user_name()) as change:
        found = change.existing(declared, [row_id])
        if not found:
            abort(404)
        if found[row_id][1] != revision:
            abort(412)
        yield change


def _row(declared: Layer, number: int, *, status: int = 200) -> Response:
    page = store().page(declared.name, RowQuery(ids=(number,)), limit=1)
    if not page.ids:  # somebody was very quick to delete it
        abort(404)
    return row_answer(declared, page, status=status)
