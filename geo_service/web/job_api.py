"""Jobs for scripts: list, look, ask, cancel."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.jobs.job import STATES
from geo_service.web import job_view
from geo_service.web.access import Permission, allow
from geo_service.web.sessions import audit, user_name
from town_model import InputError

blueprint = Blueprint("job_api", __name__)
_MOST = 200


@blueprint.get("/api/v1/jobs")
@allow(Permission.SEE_JOBS)
def index() -> ResponseReturnValue:
    """List the jobs that the user may see, newest first."""
    seen = job_view.seen_kinds()
    kind, state = request.args.get("kind"), request.args.get("state")
    if state is not None and state not in STATES:
        raise InputError(
            "state must be one of {known}, not {value!r}", known=", ".join(STATES), value=state[:40]
        )
    found = jobs.listing(
        job_view.workspace(),
        kinds=[one for one in seen if kind in (None, one)],
        states=None if state is None else [state],
        limit=_number("limit", 50, 1, _MOST),
        offset=_number("offset", 0, 0, 10**9),
    )
    return jsonify({"jobs": [job_view.document(one) for one in found]})


@blueprint.get("/api/v1/jobs/<int:number>")
@allow(Permission.SEE_JOBS)
def one(number: int) -> ResponseReturnValue:
    """Send a job with its log."""
    return _send(number, 200)


@blueprint.post("/api/v1/jobs")
@allow(Permission.SEE_JOBS)
def submit() -> ResponseReturnValue:
    """Ask for a job: ``{"kind": "patrol", "options": {"time_limit_s": 60}}``."""
    body = request.get_json()
    if not isinstance(body, dict) or not isinstance(body.get("kind"), str):
        raise InputError("send an object such as {example}", example='{"kind": "coverage", "options": {}}')
    options = body.get("options", {})
    if not isinstance(options, dict) or set(body) - {"kind", "options"}:
        raise InputError("send an object such as {example}", example='{"kind": "coverage", "options": {}}')
    kind = jobs.kind_of(body["kind"])
    if body["kind"] not in job_view.seen_kinds():
        audit("refused", f"{request.path} {body['kind']}")
        abort(403)
    number = jobs.submit(
        job_view.workspace(), body["kind"], actor=user_name(), options=kind.read_options(options)
    )
    answer = _send(number, 202)
    answer.headers["Location"] = url_for("job_api.one", number=number)
    return answer


@blueprint.post("/api/v1/jobs/<int:number>/cancel")
@allow(Permission.SEE_JOBS)
def cancel(number: int) -> ResponseReturnValue:
    """Cancel a job."""
    if job_view.find(number) is None:
        abort(404)
    jobs.cancel(job_view.workspace(), number, actor=user_name())
    return _send(number, 200)


def _send(number: int, status: int) -> Response:
    job = job_view.find(number)
    if job is None:
        abort(404)
    answer = jsonify(job_view.document(job))
    answer.status_code = status
    return answer


def _number(name: str, default: int, low: int, high: int) -> int:
    words = request.args.get(name)
    if words is None:
        return default
    if not (words.isascii() and words.isdecimal() and len(words) <= 10 and low <= int(words) <= high):
        raise InputError(
            "{name} must be a whole number from {low} to {high}, not {value!r}",
            name=name,
            low=low,
            high=high,
            value=words[:40],
        )
    return int(words)
