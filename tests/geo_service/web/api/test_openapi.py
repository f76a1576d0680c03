"""The description of the interface says what the interface does: valid, complete, with examples that hold."""

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from geo_service.web.access import Permission, permission_of
from geo_service.web.api_v1.openapi import PREFIX, describe
from town_model import LAYERS

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def whole(app):
    with app.test_request_context("/api/v1/openapi.json"):
        return describe(app, everything=True)


def operations(document):
    return [
        (path, method, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if method in METHODS
    ]


def validator(document, schema):
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:doc", resource)
    moved = _absolute(schema)
    return Draft202012Validator(moved, registry=registry)


def _absolute(schema):
    if isinstance(schema, dict):
        return {
            key: f"urn:doc{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema


def test_description_is_valid_openapi_3_1(whole):
    assert whole["openapi"].startswith("3.1")
    validate(whole)


@pytest.mark.parametrize("role", ["planner", "inspector"])
def test_description_that_a_program_gets_is_valid_too(programs, role):
    answer = programs[role].get("/api/v1/openapi.json")
    assert answer.mimetype == "application/vnd.oai.openapi+json"
    validate(answer.json)
    written = any("post" in one for path, one in answer.json["paths"].items() if "collections" in path)
    assert written == (role == "planner")


def test_every_route_of_the_interface_is_described_with_every_method(app, whole):
    described = {
        (one["operationId"].split("_" + one.get("x-layer", " "))[0]) for _, _, one in operations(whole)
    }
    assert described
    for rule in app.url_map.iter_rules():
        if rule.rule != PREFIX and not rule.rule.startswith(PREFIX + "/"):
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            name = rule.endpoint.replace(".", "_") + ("" if method == "GET" else f"_{method.lower()}")
            found = [
                one
                for _, _, one in operations(whole)
                if one["operationId"] == name or one["operationId"].startswith(name + "_")
            ]
            assert found, (rule.rule, method)


def test_every_layer_is_described_by_its_own_columns(whole):
    for declared in LAYERS.values():
        described = whole["components"]["schemas"][f"{declared.name}_feature"]["properties"]["properties"]
        assert set(described["properties"]) == {*declared.column_names, "revision"}
        path = whole["paths"][f"/api/v1/collections/{declared.name}/items"]
        asked = {one["name"] for one in path["get"]["parameters"]}
        box = {"bbox"} if declared.geometry else set()
        assert asked == {*declared.column_names, "limit", "offset", "datetime", *box}


def test_operation_ids_are_unique_and_every_operation_says_what_it_does(whole):
    ids = [one["operationId"] for _, _, one in operations(whole)]
    assert len(ids) == len(set(ids))
    assert all(one["summary"] for _, _, one in operations(whole))


def test_examples_are_valid_by_their_schemas(whole):
    checked = 0
    for path, method, one in operations(whole):
        bodies = [one["requestBody"]] if "requestBody" in one else []
        for part in [*bodies, *one["responses"].values()]:
            for content in part.get("content", {}).values():
                if "example" in content:
                    checked += 1
                    faults = list(validator(whole, content["schema"]).iter_errors(content["example"]))
                    assert not faults, (path, method, faults[0].message)
        for parameter in one["parameters"]:
            if "example" in parameter:
                checked += 1
                validator(whole, parameter["schema"]).validate(parameter["example"])
    assert checked > 500


def test_only_what_anybody_may_do_needs_no_log_in(app, whole):
    for _, _, one in operations(whole):
        if one.get("security") == []:
            endpoint = next(
                rule.endpoint
                for rule in app.url_map.iter_rules()
                if rule.endpoint.replace(".", "_") == one["operationId"]
            )
            assert permission_of(app, endpoint) is Permission.ANYONE


def test_a_cadre_reads_of_no_layer_and_no_result(app, api_town):
    """Names of operations tell what there is: cadres read only of what they may call."""
    with app.test_request_context("/api/v1/openapi.json"):
        from flask import g

        g.user = api_town.accounts.find("cadre.a")
        told = describe(app)
    paths = " ".join(told["paths"])
    assert "/api/v1/conformance" in paths
    assert not any(word in str(told) for word in ("camera", "collections/", "/gaps", "/results", "摄像"))
