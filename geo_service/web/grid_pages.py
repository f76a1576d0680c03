"""The cells of the grid: their figures as a page and as a file, and the requests that cut and join them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd
from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from geo_service.edits import grids, shapes
from geo_service.edits.grid_rates import grid_rates
from geo_service.exports.grids import GRID_HEADS, grids_workbook
from geo_service.store import ConflictError
from geo_service.web import formats
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.layer_forms import fault_words
from geo_service.web.sessions import audit, audit_view, may, store, user_name
from town_model import InputError, Text, TownError, layer

blueprint = Blueprint("grids", __name__)
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/grids")
@allow(Permission.SEE_GAPS)
def index() -> ResponseReturnValue:
    """Show the figures of each cell."""
    audit_view("view_grids", "")
    rates = grid_rates(store())
    rows = [
        (number, [_words(str(name), value) for name, value in row.items()])
        for number, row in rates.astype(object).to_dict("index").items()
    ]
    return render_template(
        "grids.html",
        heads=[(words(one), name not in ("name", "code")) for name, one in GRID_HEADS.items()],
        rows=rows,
        stale=_stale(),
        computed=store().latest_result("gaps") is not None,
        may_edit=may(Permission.EDIT),
        may_export=may(Permission.EXPORT),
    )


@blueprint.get("/grids/export.xlsx")
@allow(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """Send the figures of each cell as a workbook; the audit record keeps who took it."""
    audit("export_grids", "xlsx")
    content = grids_workbook(grid_rates(store()), language())
    title = words(Text("Figures by grid cell"))
    return attachment(content, _SHEET, f"{title}.xlsx")


@blueprint.post("/api/edit/grids/<int(max=999999999999999):row_id>/split")
@allow(Permission.EDIT)
def split(row_id: int) -> ResponseReturnValue:
    """Cut a cell by a line."""
    sent = _sent()
    line, wrong = shapes.read_shape(layer("roads"), sent.get("line"))
    if line is None:
        return jsonify({"messages": [words(one.words) for one in wrong]}), 400
    try:
        done = grids.split_grid(
            store(),
            row_id,
            line,
            actor=user_name(),
            expected_revision=_whole(sent.get("revision")),
            note=words(Text("Grid cell split")),
        )
    except TownError as error:
        return _refused(error)
    return jsonify(asdict(done))


@blueprint.post("/api/edit/grids/merge")
@allow(Permission.EDIT)
def merge() -> ResponseReturnValue:
    """Join cells into one."""
    sent = _sent()
    cells = sent.get("cells")
    if not isinstance(cells, list) or not all(isinstance(one, list) and len(one) == 2 for one in cells):
        abort(400)
    try:
        done = grids.merge_grids(
            store(),
            {_whole(number): _whole(revision) for number, revision in cells},
            actor=user_name(),
            note=words(Text("Grid cells merged")),
        )
    except TownError as error:
        return _refused(error)
    return jsonify(asdict(done))


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400)
    return sent


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**15:
        abort(400)
    return value


def _refused(error: TownError) -> ResponseReturnValue:
    told = [fault_words(one, layer(grids.LAYER), language()) for one in error.messages]
    if not isinstance(error, InputError | ConflictError):
        raise error
    return jsonify({"messages": told}), 400 if isinstance(error, InputError) else 409


def _stale() -> bool:
    found = [store().latest_result(kind) for kind in ("gaps", "patrol")]
    return any(one.is_stale for one in found if one is not None)


def _words(name: str, value: Any) -> str:
    if value is None or pd.isna(value):
        return formats.DASH
    if name in ("name", "code"):
        return str(value)
    if "_seen_" in name:
        return formats.share(float(value))
    return f"{value:,.0f}"
