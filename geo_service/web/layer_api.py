"""The layers of the town for scripts: which there are, and the JSON Schema of the rows of each."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from geo_service.web.access import Permission, allow
from geo_service.web.languages import language
from geo_service.web.layer_pages import readable
from geo_service.web.sessions import may, store
from town_model import LAYERS, layer_schema

blueprint = Blueprint("layer_api", __name__)


@blueprint.get("/api/v1/layers")
@allow(Permission.SEE_LAYERS)
def layers() -> ResponseReturnValue:
    """Send the layers that the user may see."""
    return jsonify(
        {
            "layers": [
                {
                    "name": one.name,
                    "title_zh": one.zh,
                    "title_en": one.en,
                    "geometry": one.geometry,
                    "count": store().count(one.name),
                    "sensitive": one.sensitive,
                }
                for one in LAYERS.values()
                if may(Permission.SEE_SENSITIVE) or not one.sensitive
            ]
        }
    )


@blueprint.get("/api/v1/layers/<layer_name>/schema")
@allow(Permission.SEE_LAYERS)
def schema(layer_name: str) -> ResponseReturnValue:
    """Send the JSON Schema of the rows of a layer."""
    answer = jsonify(layer_schema(readable(layer_name), language()))
    answer.mimetype = "application/schema+json"
    return answer
