"""Layers after OGC API – Features, Part 1: what there is, which rules it follows, and the rows as GeoJSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from geo_service.store import RowPage, RowQuery
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1 import parameters
from geo_service.web.api_v1.answers import Link, keep, link, page_links, page_tag, send, unchanged
from geo_service.web.api_v1.features import collection, feature, features, time_column
from geo_service.web.api_v1.operations import (
    GEOJSON,
    JSON,
    SCHEMA_JSON,
    Answer,
    Operation,
    operation,
    unknown_parameters,
    value_of,
)
from geo_service.web.api_v1.schemas import plain_schema
from geo_service.web.languages import language, words
from geo_service.web.layer_pages import readable
from geo_service.web.sessions import may, store
from town_model import LAYERS, InputError, Layer, Text

blueprint = Blueprint("collections", __name__)

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
TAG = "layers"
_CLASSES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
#: Only what the tests hold. The class for OpenAPI is that of 3.0, and the description here is 3.1, so it is not claimed.
CONFORMANCE = (_CLASSES + "core", _CLASSES + "geojson")
OPENAPI_MEDIA = "application/vnd.oai.openapi+json;version=3.1"
_QUERY = (parameters.BBOX, parameters.LIMIT, parameters.OFFSET, parameters.DATETIME)


@blueprint.get("/api/v1", strict_slashes=False)
@allow(Permission.SIGNED_IN)
@operation(
    Operation(
        words=Text("Where everything is: the entry for programs"),
        tag="service",
        answers={200: Answer(Text("Title and links."), "landing_page")},
    )
)
def landing_page() -> ResponseReturnValue:
    """Send the links to everything else."""
    town = store().town
    links = [
        link("self", "collections.landing_page"),
        link("service-desc", "openapi.document", OPENAPI_MEDIA, title=words(Text("Description of this interface"))),
        link("service-doc", "tokens.interface", "text/html", title=words(Text("The same as a page"))),
        link("conformance", "collections.conformance", title=words(Text("Rules that this interface follows"))),
    ]  # fmt: skip
    if may(Permission.SEE_LAYERS):
        links.append(link("data", "collections.listing", title=words(Text("The layers of the town"))))
    return send(
        {
            "title": town.name or words(Text("Town")),
            "description": words(
                Text(
                    "Layers, results and plans of this station. Answers are JSON; there are no HTML versions."
                )
            ),
            "links": links,
        }
    )


@blueprint.get("/api/v1/conformance")
@allow(Permission.SIGNED_IN)
@operation(
    Operation(
        words=Text("The rules of OGC API – Features that this interface follows"),
        tag="service",
        answers={200: Answer(Text("Names of conformance classes."), "conformance")},
    )
)
def conformance() -> ResponseReturnValue:
    """Send the names of the conformance classes."""
    return send({"conformsTo": list(CONFORMANCE)})


@blueprint.get("/api/v1/collections")
@allow(Permission.SEE_LAYERS)
@operation(
    Operation(
        words=Text("All layers that you may read"),
        tag=TAG,
        answers={200: Answer(Text("The layers with their links."), "collections")},
    )
)
def listing() -> ResponseReturnValue:
    """Send the layers that the user may see."""
    found = [one for one in LAYERS.values() if may(Permission.SEE_SENSITIVE) or not one.sensitive]
    return send(
        {
            "links": [link("self", "collections.listing")],
            "collections": [_described(one) for one in found],
        }
    )


@blueprint.get("/api/v1/collections/<layer_name>")
@allow(Permission.SEE_LAYERS)
@operation(
    Operation(
        words=Text("One layer: title, extent, links"),
        tag=TAG,
        answers={200: Answer(Text("The layer."), "collection")},
        per_layer=True,
    )
)
def one(layer_name: str) -> ResponseReturnValue:
    """Send what a layer is."""
    return send(_described(readable(layer_name)))


@blueprint.get("/api/v1/collections/<layer_name>/items")
@allow(Permission.SEE_LAYERS)
@operation(
    Operation(
        words=Text("Rows of a layer, page by page"),
        tag=TAG,
        query=_QUERY,
        columns=True,
        answers={
            200: Answer(Text("Rows as GeoJSON, in longitude and latitude."), "{layer}_features", GEOJSON),
            304: Answer(Text("Nothing has changed since.")),
        },
        per_layer=True,
    )
)
def items(layer_name: str) -> ResponseReturnValue:
    """Send a page of the rows of a layer."""
    declared = readable(layer_name)
    query = read_query(declared)
    limit = value_of(parameters.LIMIT, parameters.USUAL_ROWS)
    offset = value_of(parameters.OFFSET, 0)
    tag = page_tag(store().revision([layer_name]))
    if unchanged(tag):
        return keep(Response(status=304), tag, sensitive=declared.sensitive)
    page = store().page(layer_name, query, limit=limit, offset=offset)
    return keep(_page(declared, page, limit, offset), tag, sensitive=declared.sensitive)


@blueprint.get("/api/v1/collections/<layer_name>/items/<int:row_id>")
@allow(Permission.SEE_LAYERS)
@operation(
    Operation(
        words=Text("One row of a layer"),
        tag=TAG,
        answers={
            200: Answer(
                Text("The row; ETag is its revision, which a change has to name."),
                "{layer}_feature",
                GEOJSON,
                {"ETag": Text("Revision of the row.")},
            ),
            304: Answer(Text("Nothing has changed since.")),
        },
        per_layer=True,
    )
)
def item(layer_name: str, row_id: int) -> ResponseReturnValue:
    """Send a row."""
    declared = readable(layer_name)
    page = store().page(layer_name, RowQuery(ids=(row_id,)), limit=1)
    if not page.ids:
        abort(404)
    tag = str(page.rows[0]["revision"])
    if unchanged(tag):
        return keep(Response(status=304), tag, weak=False, sensitive=declared.sensitive)
    return row_answer(declared, page)


@blueprint.get("/api/v1/collections/<layer_name>/schema")
@allow(Permission.SEE_LAYERS)
@operation(
    Operation(
        words=Text("Columns of a layer and their kinds, as a JSON Schema for GIS programs"),
        tag=TAG,
        answers={200: Answer(Text("The schema."), {"type": "object"}, SCHEMA_JSON)},
        per_layer=True,
    )
)
def schema(layer_name: str) -> ResponseReturnValue:
    """Send the columns of the rows that `items` sends."""
    return send(plain_schema(readable(layer_name), language()), SCHEMA_JSON)


def row_answer(declared: Layer, page: RowPage, *, status: int = 200) -> Response:
    """Return the answer with the only row of a page, its revision and links."""
    number = page.ids[0]
    links = [
        link("self", "collections.item", GEOJSON, layer_name=declared.name, row_id=number),
        link("collection", "collections.one", layer_name=declared.name),
    ]
    answer = send(feature(page, links), GEOJSON, status=status)
    return keep(answer, str(page.rows[0]["revision"]), weak=False, sensitive=declared.sensitive)


def read_query(declared: Layer) -> RowQuery:
    """Return which rows this request asks for.

    Raises:
        InputError: a parameter is unknown or cannot be read.
    """
    spatial = declared.geometry is not None
    known = {one.name for one in _QUERY if spatial or one is not parameters.BBOX}
    unknown = sorted(set(request.args) - known - set(declared.column_names))
    if unknown:
        raise unknown_parameters(unknown, known | set(declared.column_names))
    since, until = value_of(parameters.DATETIME, (None, None))
    equal: dict[str, Any] = {}
    faults: list[Text] = []
    for column in declared.columns:
        if column.name in request.args:
            try:
                equal[column.name] = parameters.column_value(declared, column, request.args[column.name])
            except InputError as error:
                faults += error.messages
    if faults:
        raise InputError(faults)
    return RowQuery(
        bbox=value_of(parameters.BBOX), equal=equal, time_column=time_column(declared), since=since, until=until
    )  # fmt: skip


def _page(declared: Layer, page: RowPage, limit: int, offset: int) -> Response:
    links = page_links(
        "collections.items",
        GEOJSON,
        matched=page.matched,
        limit=limit,
        offset=offset,
        layer_name=declared.name,
    )
    head = {
        "numberMatched": page.matched,
        "numberReturned": len(page.ids),
        "timeStamp": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "links": [*links, link("collection", "collections.one", layer_name=declared.name)],
    }
    return send(collection(features(page), head), GEOJSON)


def _described(declared: Layer) -> dict[str, Any]:
    name = declared.name
    links: list[Link] = [
        link("self", "collections.one", JSON, layer_name=name),
        link("items", "collections.items", GEOJSON, title=declared.title(language()), layer_name=name),
        link("describedby", "collections.schema", SCHEMA_JSON, layer_name=name),
    ]
    found: dict[str, Any] = {
        "id": name,
        "title": declared.title(language()),
        "description": declared.help_zh if language().startswith("zh") else declared.help_en,
        "itemType": "feature",
        "crs": [CRS84],
        "links": links,
    }
    bounds = store().bounds(name) if declared.geometry is not None else None
    if bounds is not None:
        found["extent"] = {"spatial": {"bbox": [list(bounds)], "crs": CRS84}}
    return found
