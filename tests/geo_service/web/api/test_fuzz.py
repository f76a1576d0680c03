"""Whatever a program sends to any operation, in any role: no fault of the service, and no way past the log-in."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from geo_service.web.api_v1.openapi import describe

PASSWORD = "Shi-men-2026"
#: One layer of each kind of geometry, one without, one with times; as planner all layers run.
SAMPLE = {"place_names", "roads", "key_areas", "obstacles", "terrain", "camera_status_log", None}
CONFORM = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
EXAMPLES = 2
PLAIN = {"Accept-Encoding": "identity"}  # the client in process unpacks nothing


def described(app, user):
    """The operations of the interface, and the ids of those that a user may call."""
    with app.test_request_context("/api/v1/openapi.json"):
        whole = describe(app, everything=True)
    with app.test_request_context("/api/v1/openapi.json"):
        from flask import g

        g.user = user
        own = describe(app)
    schema = schemathesis.openapi.from_dict(whole)
    schema.app = app
    ids = {one["operationId"] for each in own["paths"].values() for one in each.values()}
    return [one.ok() for one in schema.get_all_operations()], ids


def log_in(app, secrets, role):
    """Return what a program of a role sends; a cadre has no token, so its browser's cookie."""
    if role in secrets:
        return {"headers": {"Authorization": f"Bearer {secrets[role]}", **PLAIN}}
    if role is None:
        return {"headers": PLAIN}
    client = app.test_client()
    mark = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": role + ".a", "password": PASSWORD, "csrf_token": mark})
    return {"headers": PLAIN, "cookies": {"geo_service": client.get_cookie("geo_service").value}}


def run(operation, mode, check, *, examples):
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def once(case):
        check(case)

    once()


@pytest.mark.slow
@pytest.mark.parametrize("role", [None, "cadre", "inspector", "planner", "admin"])
def test_no_operation_fails_or_opens_to_the_wrong_role(app, api_town, secrets, role):
    user = api_town.accounts.find(f"{role}.a") if role else None
    sent = log_in(app, secrets, role)
    operations, own = described(app, user)
    counts, faults = {}, []
    for operation in operations:
        raw = operation.definition.raw
        if role != "planner" and raw.get("x-layer") not in SAMPLE:
            continue
        may = raw["operationId"] in own or raw.get("security") == []

        def check(case, raw=raw, may=may):
            case.headers = {
                key: one
                for key, one in (case.headers or {}).items()
                if key.lower() not in ("authorization", "cookie")
            }
            case.cookies = {}
            answer = case.call(**sent)
            status = answer.status_code
            counts[status] = counts.get(status, 0) + 1
            assert status < 500 or status == 503, (case.as_curl_command(), answer.text)
            if raw["tags"] != ["internal"]:
                case.validate_response(answer, checks=CONFORM)
            if not may:
                # an address that no route takes is unknown to everybody, and tells nothing
                assert status in ((401,) if role is None else (403, 404, 405)), (
                    case.as_curl_command(),
                    status,
                )
            elif role is not None:
                assert status != 401, case.as_curl_command()

        modes = [GenerationMode.POSITIVE]
        if may and raw.get("x-layer") in SAMPLE:
            modes.append(GenerationMode.NEGATIVE)
        for mode in modes:
            try:
                run(operation, mode, check, examples=EXAMPLES if may else 1)
            except (AssertionError, BaseExceptionGroup) as error:
                faults.append(f"{raw['operationId']} {mode}: {error!r} {getattr(error, 'exceptions', '')}")
    assert faults == []
    assert sum(counts.values()) > 70
    if role in ("planner", "admin"):
        assert {200, 201, 400, 404, 412} <= set(counts)
