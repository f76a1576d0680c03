"""The background under the maps: its tiles through this server, and its page for administrators."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.background import BLANK, Background, Tile, TileFaultError
from geo_service.background.background import DATUMS, KINDS, Trial
from geo_service.background.tile import valid_address
from geo_service.web.access import Permission, allow
from geo_service.web.admin_parts import CARDS, AdminCard
from geo_service.web.languages import words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.sessions import audit, may, store
from town_model import Text

blueprint = Blueprint("background", __name__)

_DAY_S = 86_400
_HOUR_S = 3600
PARTS = {"base": Text("Picture"), "names": Text("Names")}
SHIFTED = Text(
    "This background is in GCJ-02: what it shows lies some 500 m beside its place. Do not trace or measure on it."
)


def background() -> Background:
    """Return the background of the running application."""
    found: Background = current_app.extensions["background"]
    return found


@blueprint.get("/tiles/background/<part>/<int:z>/<int:x>/<int:y>")
@allow(Permission.SEE_GROUND)
def tile(part: str, z: int, x: int, y: int) -> ResponseReturnValue:
    """Send a tile; a transparent one with a note in its header where there is none."""
    here = background()
    if part not in here.parts or not valid_address(z, x, y):
        abort(404)
    try:
        found = here.tile(part, z, x, y)
    except TileFaultError as error:
        if error.code == "busy":
            abort(503)
        return _answer(BLANK, note=error.code, keep="no-store")
    if found is None:
        return _answer(BLANK, note="none", keep=f"private, max-age={_HOUR_S}")
    return _answer(found, note="", keep=f"private, max-age={_DAY_S}")


def _answer(found: Tile, *, note: str, keep: str) -> Response:
    response = Response(found.content, mimetype=found.media_type)
    response.headers["Cache-Control"] = keep
    if note:
        response.headers["X-Tile-Note"] = note
    response.set_etag(hashlib.sha256(found.content).hexdigest()[:20])
    response.make_conditional(request)
    return response


@blueprint.get("/admin/background")
@allow(Permission.ADMINISTER)
def page() -> ResponseReturnValue:
    """Show which background was chosen, whether it is there, and what is missing."""
    return _page([])


@blueprint.post("/admin/background/test")
@allow(Permission.ADMINISTER)
def test() -> ResponseReturnValue:
    """Ask the background for a tile of the middle of the town, and show what came."""
    audit("test_background", background().kind)
    z, x, y = middle_tile(background())
    return _page(background().trials(z, x, y))


def _page(trials: list[Trial]) -> str:
    here = background()
    return render_template(
        "background.html",
        background=here,
        kind=words(KINDS[here.kind]),
        datum=words(DATUMS[here.datum]),
        shifted=words(SHIFTED) if here.shifted else "",
        facts=here.source.facts() if here.source else [],
        trials=trials,
        parts=PARTS,
        sources=KINDS,
    )


def middle_tile(here: Background) -> tuple[int, int, int]:
    """Return zoom, column and row of a tile in the middle of the town, as near as the background goes up to zoom 15."""
    z = max(here.min_zoom, min(15, here.max_zoom))
    place = store().town
    lon, lat = (place.lon or 0.0), max(-85.0, min(85.0, place.lat or 0.0))
    x = int((lon + 180) / 360 * (1 << z))
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * (1 << z))
    return z, min(x, (1 << z) - 1), min(y, (1 << z) - 1)


def _settings() -> Mapping[str, Any]:
    here = background()
    return {
        # the version makes a new address when the operator chooses another background
        "urls": [
            url_for("background.tile", part=part, z=0, x=0, y=0).replace("/0/0/0", "/{z}/{x}/{y}")
            + f"?v={here.version}"
            for part in here.parts
        ],
        "min_zoom": here.min_zoom,
        "max_zoom": here.max_zoom,
        "attribution": here.attribution,
        "note": words(SHIFTED) if here.shifted else "",
        "words": {
            "title": words(Text("Background")),
            "show": words(Text("Show the background")),
            "strength": words(Text("Strength of the background")),
        },
    }


class _BackgroundExtra(MapExtra):
    """On every map, wherever there is a background."""

    def serves(self, page: str) -> bool:
        """Return whether there is something to show to the present user."""
        del page
        return bool(background().parts) and may(Permission.SEE_GROUND)


EXTRAS.append(
    _BackgroundExtra(
        "background", scripts=("town-background.js",), styles=("town-background.css",), settings=_settings
    )
)
CARDS.append(
    AdminCard(
        Text("Background"),
        Text("What lies under the maps, whether it is there, and what is missing."),
        "background.page",
        Permission.ADMINISTER,
    )
)
