"""Printing a map: a dialog that says what comes onto the sheet, and the sheet as PDF."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from geo_service import mapdata
from geo_service.papers import PAPERS, SCALES, MapSheet, map_pdf, route_pdf
from geo_service.papers.map_sheet import MOST_TITLE
from geo_service.papers.route_days import route_day
from geo_service.web.access import Permission, allow
from geo_service.web.languages import language, words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.maps import map_permissions, may_see
from geo_service.web.sessions import audit, store, user_name
from town_model import InputError, Text

blueprint = Blueprint("print", __name__)

# a sheet takes a core for seconds: one at a time, and whoever comes meanwhile waits a little
_TURN = threading.Lock()
_WAIT_S = 30.0
# whoever waits keeps a thread of the server from all others, so only two may
_QUEUE = threading.BoundedSemaphore(3)
_PAPER_NAMES = {
    ("a4", True): Text("A4 landscape"),
    ("a4", False): Text("A4 portrait"),
    ("a3", True): Text("A3 landscape"),
    ("a3", False): Text("A3 portrait"),
}


@dataclass(frozen=True)
class LayerChoice:
    """A layer in the dialog."""

    key: str
    title: str
    chosen: bool


@blueprint.get("/print")
@allow(Permission.SEE_MAP)
def dialog() -> ResponseReturnValue:
    """Show what can be chosen for a sheet; the map hands over its view and its layers."""
    groups: dict[str, list[LayerChoice]] = {}
    asked = set(request.args.getlist("layers"))
    spec = mapdata.map_spec(store(), language=language(), permissions=map_permissions())
    for one in spec.layers:
        chosen = one.key in asked if asked else one.visible
        groups.setdefault(one.group, []).append(LayerChoice(one.key, one.title, chosen))
    papers = [
        (f"{paper}-{'landscape' if across else 'portrait'}", words(title))
        for (paper, across), title in _PAPER_NAMES.items()
    ]
    return render_template(
        "print.html",
        placed=store().town.epsg is not None,
        groups=groups,
        papers=papers,
        scales=SCALES,
        box=_box(request.args),
        most_title=MOST_TITLE,
        title=words(Text.of("Map of {town}", town=store().town.name)) if store().town.name else "",
    )


@blueprint.get("/print/map.pdf")
@allow(Permission.SEE_MAP)
def sheet() -> ResponseReturnValue:
    """Send the sheet; a layer that the user may not see is not there, as on the map."""
    keys = tuple(dict.fromkeys(request.args.getlist("layers")))
    if not all(may_see(key) for key in keys):
        abort(404)
    if not keys:
        return redirect(url_for("print.dialog"), 303)
    wanted = _sheet(request.args, keys)
    with turn():
        made = map_pdf(store(), wanted, language=language(), permissions=map_permissions(), user=user_name())
    # in the record before the sheet leaves
    audit("print_map", f"1:{made.frame.scale:.0f} {' '.join(made.layers)}")
    return _pdf(made.pdf, "map.pdf")


@blueprint.get("/print/route.pdf")
@allow(Permission.SEE_PLAN)
def route() -> ResponseReturnValue:
    """Send the sheet of one unit of the latest plan: its way and its timetable."""
    unit = request.args.get("unit", "")
    if not unit:
        abort(404)
    with turn():
        made = route_pdf(store(), route_day(store()).plan, [unit], language=language(), user=user_name())
    audit("print_route", unit)
    return _pdf(made, "route.pdf")


@contextmanager
def turn() -> Iterator[None]:
    """Wait for the one press of the server: a sheet takes a core for seconds."""
    if not _QUEUE.acquire(blocking=False):
        abort(503)
    try:
        if not _TURN.acquire(timeout=_WAIT_S):
            abort(503)
        try:
            yield
        finally:
            _TURN.release()
    finally:
        _QUEUE.release()


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    return response


def _sheet(given: MultiDict[str, str], keys: tuple[str, ...]) -> MapSheet:
    paper, _, direction = given.get("paper", "a4-landscape").partition("-")
    if paper not in PAPERS or direction not in ("landscape", "portrait"):
        raise InputError("this paper is not known: {value!r}", value=given.get("paper", ""))
    scale = given.get("scale", "").strip().removeprefix("1:").replace(",", "")
    try:
        number = float(scale) if scale else None
    except ValueError:
        raise InputError("the scale must be a number such as 5000, not {value!r}", value=scale) from None
    box = _box(given)
    numbers = None
    if box:
        west, south, east, north = (float(one) for one in box.split(","))
        numbers = (west, south, east, north)
    return MapSheet(
        paper=paper,
        landscape=direction == "landscape",
        title=given.get("title", "").strip(),
        layers=keys,
        box=numbers,
        scale=number,
    )


def _box(given: MultiDict[str, str]) -> str:
    """Return the view that the map handed over; empty for none."""
    box = given.get("box", "").strip()
    if not box:
        return ""
    try:
        numbers = [float(one) for one in box.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise InputError("a box must be west, south, east, north in degrees, not {box}", box=box[:80])
    return ",".join(f"{one:.6f}" for one in numbers)


EXTRAS.append(
    MapExtra(
        "print",
        scripts=("town-print.js",),
        styles=("town-print.css",),
        permission=Permission.SEE_MAP,
        settings=lambda: {"url": url_for("print.dialog"), "words": {"print": words(Text("Sheet as PDF …"))}},
    )
)
