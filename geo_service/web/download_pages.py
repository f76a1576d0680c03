"""Downloads: one page that lists all that was computed, and the addresses of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.exports.frames import FRAMES
from geo_service.exports.results import KIND_TITLES, MEDIA, ONE_TABLE, formats_of, result_file, result_target
from geo_service.store import StoredResult
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit, audit_view, may, store
from town_model import Text, layer

blueprint = Blueprint("downloads", __name__)
FORMAT_TITLES = {"xlsx": "XLSX", "gpkg": "GeoPackage", "geojson": "GeoJSON", "kml": "KML", "csv": "CSV"}
#: Layers that belong to the results, with the filter that they leave by.
LAYERS_TOO: tuple[tuple[str, Text | None, dict[str, str]], ...] = (
    ("entrances", None, {}),
    ("camera_sites", Text("Planned sites"), {"status": "planned"}),
)
_ALL = ("xlsx", "gpkg", "kml")


@dataclass(frozen=True)
class Link:
    """One file: its format and address."""

    title: str
    url: str


@dataclass(frozen=True)
class Line:
    """One table: its title, how many rows it has, and its files."""

    title: str
    rows: int
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Part:
    """One result: its title, the result, files with all of it, and its tables."""

    title: str
    result: StoredResult
    links: tuple[Link, ...]
    lines: tuple[Line, ...]


@blueprint.get("/downloads")
@allow(Permission.EXPORT)
def index() -> ResponseReturnValue:
    """Show what can be taken away."""
    audit_view("view_gaps", "downloads")
    found = [(kind, store().latest_result(kind)) for kind in FRAMES]
    parts = [_part(one) for _, one in found if one is not None]
    return render_template("downloads.html", parts=parts, layers=_layers())


@blueprint.get("/downloads/<kind>.<any(xlsx, gpkg, geojson, kml, csv):file_format>")
@allow(Permission.EXPORT)
def file(kind: str, file_format: str) -> ResponseReturnValue:
    """Send the latest result of a kind as a file; the audit record keeps who took it."""
    return send_result(kind, file_format)


def send_result(kind: str, file_format: str) -> ResponseReturnValue:
    """Return the latest result of a kind as an answer, after it was noted once."""
    result = store().latest_result(kind) if kind in FRAMES and may(Permission.SEE_GAPS) else None
    if result is None:
        abort(404)
    frames = request.args.getlist("frame")
    names = request.args.get("names") == "1"
    content = result_file(store(), result, file_format, frames=frames, language=language(), names=names)
    audit("export_result", result_target(kind, frames, file_format))
    name = f"{words(KIND_TITLES[kind])}-{result.created_at.astimezone():%Y-%m-%d}.{file_format}"
    return attachment(content, MEDIA[file_format], name)


def links_of(kind: str, *, frame: str = "", formats: tuple[str, ...] = _ALL) -> tuple[Link, ...]:
    """Return the files of a result, or of one of its tables."""
    return tuple(
        Link(FORMAT_TITLES[one], url_for("downloads.file", kind=kind, file_format=one, frame=frame or None))
        for one in formats
    )


def _part(result: StoredResult) -> Part:
    lines, placed = [], False
    for name, one in FRAMES[result.kind].items():
        if name not in result.frame_names:
            continue
        frame = result.frame(name)
        if not len(frame):
            continue
        formats = formats_of(result.kind, name, frame)
        placed = placed or "kml" in formats
        lines.append(Line(words(one.title), len(frame), links_of(result.kind, frame=name, formats=formats)))
    kinds = _ALL if placed else tuple(one for one in _ALL if one != "kml")
    return Part(words(KIND_TITLES[result.kind]), result, links_of(result.kind, formats=kinds), tuple(lines))


def _layers() -> list[Line]:
    found = []
    for name, title, where in LAYERS_TOO:
        frame = store().frame(name)
        for column, value in where.items():
            frame = frame[frame[column].astype(str) == value]
        if not len(frame):
            continue
        asked: dict[str, Any] = {"layer_name": name, **where}
        links = tuple(
            Link(FORMAT_TITLES[one], url_for("layers.export", file_format=one, **asked))
            for one in ("xlsx", "gpkg", "geojson", "kml")
        )
        found.append(Line(words(title) if title else layer(name).title(language()), len(frame), links))
    return found


__all__ = ["ONE_TABLE", "Line", "Link", "Part", "blueprint", "links_of", "send_result"]
