"""The description of the interface (OpenAPI 3.1), built from the routes that the reader may use, and a page of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from geo_service.web.access import Permission, allow, permission_of
from geo_service.web.api_v1 import schemas
from geo_service.web.api_v1.answers import send
from geo_service.web.api_v1.goals import GOALS
from geo_service.web.api_v1.neighbours import JOB, JOB_ORDER, NEIGHBOURS
from geo_service.web.api_v1.operations import (
    GEOJSON,
    JSON,
    PROBLEM,
    Answer,
    Operation,
    Parameter,
    operation,
    operation_of,
)
from geo_service.web.api_v1.parameters import BBOX
from geo_service.web.api_v1.plan_changes import PLAN_CHANGES
from geo_service.web.api_v1.sight_schemas import SIGHT
from geo_service.web.languages import language, words
from geo_service.web.sessions import may
from town_model import LAYERS, Column, Layer, Text

blueprint = Blueprint("openapi", __name__)

PREFIX = "/api/v1"
LAYER_ARGUMENT = "layer_name"
_ARGUMENT = re.compile(r"<(?:(?P<kind>[a-z_]+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>\w+)>")
_KINDS: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    "string": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
    "path": {"type": "string", "minLength": 1},
}
TAGS: dict[str, Text] = {
    "service": Text("The interface itself"),
    "layers": Text("Layers and their rows"),
    "changes": Text("Changes of rows"),
    "results": Text("Results of computations"),
    "coverage": Text("Camera coverage, computed while one waits"),
    "plans": Text("Patrol plans"),
    "law": Text("Law, and planned camera sites"),
    "jobs": Text("Computations as jobs"),
    "internal": Text("For the pages of this service alone; may change at any time"),
}
PROBLEMS: dict[int, Text] = {
    400: Text("The request cannot be understood; the answer says where."),
    401: Text("No account, or a token that is not valid."),
    403: Text("The account or the token may not do that."),
    404: Text("There is no such thing, or it is not for this account."),
    405: Text("The address is there, but not for this method."),
    406: Text("There is no version of the kind that was asked for: JSON only."),
    409: Text("Somebody else was first, or other rows depend on it."),
    412: Text("The row has another revision than If-Match says."),
    413: Text("The body is too large."),
    415: Text("The body is of a kind that is not understood."),
    422: Text("It could not be done with these data."),
    428: Text("If-Match with the revision of the row is missing."),
    429: Text("Too many attempts; Retry-After says how long to wait."),
    503: Text("The store is busy; try again."),
}
_ALWAYS = (400, 401, 403, 404, 405, 406, 429, 503)
_WITH_BODY = (409, 413, 415, 422)
_WITH_REVISION = (409, 412, 428)


@blueprint.get("/api/v1/openapi.json")
@allow(Permission.SIGNED_IN)
@operation(
    Operation(
        words=Text("This description (OpenAPI 3.1), with the operations that you may use"),
        tag="service",
        answers={200: Answer(Text("The description."), {"type": "object"}, "application/vnd.oai.openapi+json")},
    )
)  # fmt: skip
def document() -> ResponseReturnValue:
    """Send the description of the interface."""
    return send(
        describe(current_app, server=request.host_url.rstrip("/")), "application/vnd.oai.openapi+json"
    )


def describe(app: Flask, *, server: str = "", everything: bool = False) -> dict[str, Any]:
    """Return the OpenAPI document of the interface in the language of this request.

    Args:
        app: the application whose routes are described.
        server: address of the server.
        everything: whether all operations are described, not only those that the present user may use.
    """
    told = language()
    layers = schemas.readable_layers(sensitive=everything or may(Permission.SEE_SENSITIVE))
    paths: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        needed = permission_of(app, rule.endpoint)
        if (rule.rule != PREFIX and not rule.rule.startswith(PREFIX + "/")) or needed is None:
            continue
        if not everything and needed is not Permission.ANYONE and not may(needed):
            continue
        view = app.view_functions[rule.endpoint]
        described = operation_of(view) or NEIGHBOURS.get(rule.endpoint)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for declared in layers if described is not None and described.per_layer else [None]:
                path = _path(rule, declared)
                paths.setdefault(path, {})[method.lower()] = _operation(
                    rule, method, described or _undescribed(view), declared, needed, told
                )
                if declared is not None:
                    used.add(declared.name)
    components: dict[str, Any] = {**schemas.SHARED, "job": JOB, "job_order": JOB_ORDER}
    if everything or may(Permission.SEE_GAPS):
        components |= SIGHT | GOALS
    if everything or may(Permission.EDIT):
        components |= PLAN_CHANGES
    for name in sorted(used):
        components |= schemas.layer_schemas(LAYERS[name], told)
    present = {one["tags"][0] for each in paths.values() for one in each.values()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "geo-service",
            "version": version("geo-service"),
            "description": words(
                Text(
                    "Layers, results and plans of a police station's town. Log in with a token in the header Authorization: Bearer …; tokens are made on the page of API tokens."
                )
            ),
        },
        "servers": [{"url": server or "/"}],
        "tags": [
            {"name": name, "description": words(text)} for name, text in TAGS.items() if name in present
        ],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "geo_service"},
            },
        },
    }


def grouped(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the operations of a description by group, for a page; paths of layers are told once."""
    groups: list[dict[str, Any]] = []
    for tag in described["tags"]:
        if tag["name"] == "internal":
            continue
        seen: dict[tuple[str, str], dict[str, Any]] = {}
        for path, methods in described["paths"].items():
            for method, one in methods.items():
                if one["tags"][0] != tag["name"]:
                    continue
                shown = one.get("x-path", path)
                entry = seen.setdefault(
                    (shown, method),
                    {"path": shown, "method": method.upper(), "summary": one["summary"], "layers": [],
                     "parameters": [each for each in one["parameters"] if not each.get("x-column")],
                     "columns": any(each.get("x-column") for each in one["parameters"]),
                     "answers": [(status, each["description"]) for status, each in one["responses"].items() if status < "400"]},
                )  # fmt: skip
                if "x-layer" in one:
                    entry["layers"].append(one["x-layer"])
        groups.append({"title": tag["description"], "operations": list(seen.values())})
    return groups


def _path(rule: Rule, declared: Layer | None) -> str:
    def name(match: re.Match[str]) -> str:
        if declared is not None and match["name"] == LAYER_ARGUMENT:
            return declared.name
        return "{" + match["name"] + "}"

    return _ARGUMENT.sub(name, rule.rule)


def _operation(
    rule: Rule, method: str, described: Operation, declared: Layer | None, needed: Permission, told: str
) -> dict[str, Any]:
    name = rule.endpoint.replace(".", "_") + ("" if method == "GET" else f"_{method.lower()}")
    one: dict[str, Any] = {
        "operationId": name if declared is None else f"{name}_{declared.name}",
        "summary": words(described.words),
        "tags": [described.tag],
        "parameters": [
            *_path_parameters(rule, declared),
            *_query_parameters(described, declared, told),
        ],
        "responses": _responses(described, declared, told, method=method),
    }
    if declared is not None:
        one["x-layer"] = declared.name
        one["x-path"] = _path(rule, None)
        one["description"] = declared.title(told)
    if described.tag == "internal":
        one["x-internal"] = True
    if needed is Permission.ANYONE:
        one["security"] = []
    if described.revision:
        one["parameters"].append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": words(Text('The ETag of the row as you read it, such as "17".')),
                "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
                "example": '"17"',
            }
        )  # fmt: skip
    if described.body is not None:
        one["requestBody"] = _body(described, declared, told)
    return one


def _path_parameters(rule: Rule, declared: Layer | None) -> list[dict[str, Any]]:
    found = []
    for match in _ARGUMENT.finditer(rule.rule):
        if declared is not None and match["name"] == LAYER_ARGUMENT:
            continue
        schema = dict(_KINDS.get(match["kind"] or "string", _KINDS["string"]))
        if match["kind"] == "any":
            schema = {"type": "string", "enum": [one.strip() for one in (match["options"] or "").split(",")]}
        found.append({"name": match["name"], "in": "path", "required": True, "schema": schema})
    return found


def _query_parameters(described: Operation, declared: Layer | None, told: str) -> list[dict[str, Any]]:
    spatial = declared is None or declared.geometry is not None
    found = [_query_parameter(one) for one in described.query if spatial or one is not BBOX]
    if described.columns and declared is not None:
        found += [_column_parameter(one, told) for one in declared.columns]
    return found


def _query_parameter(one: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": one.name,
        "in": "query",
        "required": one.required,
        "description": words(one.words),
        "schema": dict(one.schema),
    }
    if one.schema.get("type") == "array":
        found |= {"style": "form", "explode": False}
    if one.example is not None:
        found["example"] = one.example
    return found


def _column_parameter(column: Column, told: str) -> dict[str, Any]:
    kind = {"integer": "integer", "ref": "integer", "real": "number", "boolean": "boolean"}
    schema: dict[str, Any] = {"type": kind.get(column.kind, "string")}
    if column.choices:
        schema["enum"] = [one.value for one in column.choices]
    if column.minimum is not None:
        schema["minimum"] = column.minimum
    if column.maximum is not None:
        schema["maximum"] = column.maximum
    return {
        "name": column.name,
        "in": "query",
        "required": False,
        "description": column.title(told),
        "schema": schema,
        "example": schemas.column_example(column, told),
        "x-column": True,
    }


def _body(described: Operation, declared: Layer | None, told: str) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _schema(described.body, declared)}
    if declared is not None:
        content["example"] = schemas.row_example(declared, told, stored=False)
    return {"required": True, "content": dict.fromkeys(described.body_media, content)}


def _responses(
    described: Operation, declared: Layer | None, told: str, *, method: str
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for status, answer in described.answers.items():
        one: dict[str, Any] = {"description": words(answer.words)}
        if answer.schema is not None:
            content: dict[str, Any] = {"schema": _schema(answer.schema, declared)}
            if declared is not None and answer.media == GEOJSON:
                content["example"] = _answer_example(str(answer.schema), declared, told)
            one["content"] = {answer.media: content}
        if answer.headers:
            one["headers"] = {
                name: {"description": words(text), "schema": {"type": "string"}}
                for name, text in answer.headers.items()
            }
        found[str(status)] = one
    statuses = set(_ALWAYS)
    if described.body is not None or method not in ("GET", "HEAD"):
        statuses |= set(_WITH_BODY)
    if described.revision:
        statuses |= set(_WITH_REVISION)
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}}
    for status in sorted(statuses):
        found.setdefault(str(status), {"description": words(PROBLEMS[status]), "content": problem})
    return found


def _answer_example(name: str, declared: Layer, told: str) -> dict[str, Any]:
    row = schemas.row_example(declared, told, stored=True)
    if not name.endswith("_features"):
        return row
    return {
        "type": "FeatureCollection",
        "numberMatched": 1,
        "numberReturned": 1,
        "timeStamp": "2026-05-04T00:00:00Z",
        "links": [],
        "features": [row],
    }


def _schema(given: str | Mapping[str, Any] | None, declared: Layer | None) -> dict[str, Any]:
    if isinstance(given, str):
        name = given.format(layer=declared.name if declared is not None else "")
        return {"$ref": f"#/components/schemas/{name}"}
    return dict(given or {})


def _undescribed(view: object) -> Operation:
    """Return what can be said of a view that says nothing of itself: the first line of its docstring."""
    first = (getattr(view, "__doc__", "") or "").strip().partition("\n")[0]
    return Operation(
        words=Text("{code}", {"code": first}), tag="internal", answers={200: Answer(Text("The answer."), {}, JSON)}
    )  # fmt: skip
