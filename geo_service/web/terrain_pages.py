"""The page of the ground: elevation rasters of the town, brought in and taken away."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.i18n import say_error
from geo_service.settings import Settings
from geo_service.terrain import import_terrain, remove_terrain
from geo_service.web.access import Permission, allow
from geo_service.web.bodies import takes
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit, store, user_name
from geo_service.workspace import Workspace
from town_model import Text, TownError

blueprint = Blueprint("terrain", __name__)
_LONGEST_CODE = 6


def largest(settings: Settings) -> int:
    """Return how many bytes a raster may have."""
    return settings.upload_max_mb * 1_000_000


@blueprint.get("/terrain")
@allow(Permission.EDIT)
def index() -> ResponseReturnValue:
    """Show the rasters and the form that takes another one."""
    return _page()


@blueprint.post("/terrain")
@allow(Permission.EDIT)
@takes(largest)
def receive() -> ResponseReturnValue:
    """Take a raster: read it, put it on the town's grid and keep it."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page([words(Text("choose a file first"))]), 400
    code = request.form.get("epsg", "").strip()
    if code and not (code.isascii() and code.isdigit() and len(code) <= _LONGEST_CODE):
        return _page([words(Text("the EPSG code is a number such as 4326 or 4549"))]), 400
    name = Path(sent.filename.replace("\\", "/")).name[:200]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "raster"
        sent.save(path)
        try:
            report = import_terrain(
                store(), path, actor=user_name(), name=request.form.get("name", ""), epsg=int(code) if code else None,
                source=request.form.get("source", ""), most_mb=_settings().upload_max_mb, file_name=name,
            )  # fmt: skip
        except TownError as error:
            audit("upload_refused", f"terrain {name}")
            return _page(say_error(error, language())), 400
    audit("import", f"terrain #{report.row} {name}")
    return redirect(url_for("terrain.index", done=report.row), 303)


@blueprint.post("/terrain/<int(max=999999999999999):row_id>/delete")
@allow(Permission.EDIT)
def delete(row_id: int) -> ResponseReturnValue:
    """Take a raster away."""
    try:
        remove_terrain(store(), row_id, actor=user_name())
    except TownError as error:
        return _page(say_error(error, language())), 404
    audit("change", f"terrain #{row_id}")
    return redirect(url_for("terrain.index"), 303)


def _page(faults: list[str] | None = None) -> str:
    frame = store().frame("terrain", crs="wgs84")
    rows = [
        {
            "id": number,
            "name": name,
            "source": source or "",
            "resolution": f"{size:g}",
            "extent": "" if shape is None else _extent(shape.bounds),
        }
        for number, name, source, size, shape in zip(
            frame.index, frame["name"], frame["source"], frame["resolution_m"], frame.geometry, strict=True
        )
    ]
    return render_template(
        "terrain.html",
        rows=rows,
        faults=faults or [],
        done=request.args.get("done", ""),
        mb=_settings().upload_max_mb,
        placed=store().town.epsg is not None,
    )


def _extent(bounds: tuple[float, float, float, float]) -> str:
    west, south, east, north = bounds
    return f"{west:.4f}–{east:.4f}, {south:.4f}–{north:.4f}"


def _settings() -> Settings:
    workspace: Workspace = current_app.extensions["workspace"]
    return workspace.settings
