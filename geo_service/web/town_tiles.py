"""Vector tiles of the town's ground, for maps of large towns."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, abort, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.towntiles import LAYERS, MAX_ZOOM, TownTiles, tiles_version
from geo_service.web.access import Permission, allow
from geo_service.web.sessions import store
from town_model import layer as declared

blueprint = Blueprint("tiles", __name__)

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


def town_tiles() -> TownTiles:
    """Return the tiles of the running application's town."""
    kept: TownTiles = current_app.extensions.setdefault("town_tiles", TownTiles(store()))
    return kept


@blueprint.get("/tiles/town/<int:z>/<int:x>/<int:y>.mvt")
@allow(Permission.SEE_GROUND)
def town_tile(z: int, x: int, y: int) -> ResponseReturnValue:
    """Send a tile; ``?layers=buildings,roads`` takes only these of `LAYERS`, all of which everybody may see."""
    asked = request.args.get("layers")
    layers = tuple(LAYERS) if asked is None else tuple(asked.split(","))
    if z > MAX_ZOOM or x >= 1 << z or y >= 1 << z or not set(layers) <= set(LAYERS):
        abort(404)
    response = Response(mimetype=MEDIA_TYPE)
    # asked again each time: an edit shows at once, and an unchanged tile costs an empty answer
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    packed = request.accept_encodings.find("gzip") >= 0
    response.set_etag(f"{tiles_version(store(), layers)}-{z}-{x}-{y}{'-gz' if packed else ''}")
    response.make_conditional(request)
    if response.status_code == 304:
        return response
    content = town_tiles().tile(z, x, y, layers=layers)
    if packed and len(content) > 1000:
        content = gzip.compress(content, 3, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(content)
    return response


@blueprint.get("/tiles/town.json")
@allow(Permission.SEE_GROUND)
def description() -> ResponseReturnValue:
    """Describe the tiles after TileJSON 3.0.0."""
    address = url_for("tiles.town_tile", z=0, x=0, y=0, _external=True).replace(
        "/0/0/0.mvt", "/{z}/{x}/{y}.mvt"
    )
    described = {
        "tilejson": "3.0.0",
        "name": store().town.name,
        "tiles": [address],
        "scheme": "xyz",
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "vector_layers": [
            {
                "id": name,
                "description": declared(name).title("en"),
                "fields": {"class" if key == columns[0] else key: "String" for key in columns},
            }
            for name, columns in LAYERS.items()
        ],
    }
    # not those of all layers: where cameras end is not for everybody
    if bounds := next(filter(None, map(store().bounds, ("buildings", *LAYERS))), None):
        described["bounds"] = list(bounds)
    return jsonify(described)
