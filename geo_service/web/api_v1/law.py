"""What the law report found, planned cameras as their own group, and planned sites with their steps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from geo_service import sites
from geo_service.analysis.law import GROUPS, group_of, message_of
from geo_service.analysis.rows import each
from geo_service.sites import Site
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1.answers import send
from geo_service.web.api_v1.operations import Answer, Operation, Parameter, operation, value_of
from geo_service.web.languages import words
from geo_service.web.law_view import LawQuery, select_findings
from geo_service.web.publication_view import today
from geo_service.web.sessions import audit_view, store
from geo_service.words import ARTICLES, SEVERITIES, SITE_STATES
from town_model import InputError, Text

blueprint = Blueprint("law", __name__)

_TAG = "law"


def _one_of(name: str, known: tuple[str, ...]) -> Parameter:
    def read(given: str) -> str:
        if given not in known:
            raise InputError(
                "{parameter} must be one of {known}, not {value!r}",
                parameter=name,
                known=", ".join(known),
                value=given[:60],
            )
        return given

    return Parameter(name, _WORDS[name], {"type": "string", "enum": list(known)}, read, known[0])


_WORDS = {
    "group": Text("Cameras that stand, or planned ones."),
    "article": Text("Number of the article of State Council Order 799."),
    "severity": Text("How grave a finding is."),
    "state": Text("State of a site."),
}
GROUP = _one_of("group", GROUPS)
ARTICLE = _one_of("article", tuple(str(one) for one in ARTICLES))
SEVERITY = _one_of("severity", tuple(SEVERITIES))
STATE = _one_of("state", tuple(SITE_STATES))

_TEXT, _WHOLE = {"type": "string"}, {"type": "integer", "minimum": 0}
_DAY = {"type": ["string", "null"], "format": "date"}


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _list(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(members)}


_FIGURES = _object(
    {
        "cameras": _WHOLE, "clean": _WHOLE, "exposing": _WHOLE, "exposed_m2": {"type": "number"}, "exposed_night_m2": {"type": "number"},
        "facade_m": {"type": "number"}, "facade_night_m": {"type": "number"}, "masks": _WHOLE,
        "findings": {"type": "object", "additionalProperties": _WHOLE}, "articles": {"type": "object", "additionalProperties": _WHOLE},
    }
)  # fmt: skip
_REPORT = _object(
    {
        "result": _WHOLE,
        "stale": {"type": "boolean"},
        "groups": _object(dict.fromkeys(GROUPS, _FIGURES)),
        "findings": _list(
            {
                "camera": _WHOLE, "camera_name": _TEXT, "group": _TEXT, "article": _WHOLE, "article_words": _TEXT, "severity": _TEXT,
                "message": _TEXT, "remedy": _TEXT,
            }
        ),
    }
)  # fmt: skip
_SITES = _object(
    {
        "sites": _list(
            {
                "camera": _WHOLE, "name": _TEXT, "state": _TEXT, "state_words": _TEXT, "next_step": _TEXT, "purpose": _TEXT, "place": _TEXT,
                "unit": _TEXT, "phone": _TEXT, "object_at": _TEXT, "notice_from": _DAY, "notice_until": _DAY, "handled_on": _DAY, "built_on": _DAY,
                "missing": {"type": "array", "items": _TEXT},
                "steps": _list({"state": _TEXT, "day": _DAY, "entered_at": {"type": "string", "format": "date-time"}, "entered_by": _TEXT}),
                "objections": _list(
                    {"received_on": _DAY, "place": _TEXT, "concern": _TEXT, "count": _WHOLE, "outcome": _TEXT, "settled_on": _DAY}
                ),
            }
        )
    }
)  # fmt: skip


@blueprint.get("/api/v1/law")
@allow(Permission.SEE_GAPS)
@operation(
    Operation(
        words=Text("What the latest law report found, camera by camera, each with its article and remedy"),
        tag=_TAG,
        query=(GROUP, ARTICLE, SEVERITY),
        answers={200: Answer(Text("Figures by group, and the findings asked for."), _REPORT)},
    )
)
def report() -> ResponseReturnValue:
    """Send what the law report found."""
    law = store().latest_result("exposure")
    if law is None or "groups" not in law.summary:
        abort(404)
    query = LawQuery(
        group=value_of(GROUP, ""), article=value_of(ARTICLE, ""), severity=value_of(SEVERITY, "")
    )
    audit_view("view_camera_report", "api")
    found = [
        {
            "camera": int(one.camera), "camera_name": one.camera_name, "group": group_of(one.status), "article": int(one.article),
            "article_words": words(ARTICLES[one.article]), "severity": one.severity, "message": words(message_of(one)),
            "remedy": words(Text(one.remedy)),
        }
        for one in each(select_findings(law, query))
    ]  # fmt: skip
    return send({"result": law.id, "stale": law.is_stale, "groups": law.summary["groups"], "findings": found})


@blueprint.get("/api/v1/sites")
@allow(Permission.SEE_SENSITIVE)
@operation(
    Operation(
        words=Text("Planned camera sites: state, next step, notice, who did which step, objections as counts and places"),
        tag=_TAG,
        query=(STATE,),
        answers={200: Answer(Text("The sites."), _SITES)},
    )
)  # fmt: skip
def listing() -> ResponseReturnValue:
    """Send the planned sites."""
    wanted = value_of(STATE, "")
    audit_view("view_sites", "api")
    found = [_described(one) for one in sites.list_sites(store()) if wanted in ("", one.state)]
    return send({"sites": found})


def _described(site: Site) -> dict[str, Any]:
    notice = site.notice
    days = ("notice_from", "notice_until", "handled_on", "built_on")
    return {
        "camera": site.camera,
        "name": site.name,
        "state": site.state,
        "state_words": words(SITE_STATES[site.state]),
        "next_step": words(site.next_step(today())),
        **{name: notice.get(name) or "" for name in ("purpose", "place", "unit", "phone", "object_at")},
        **{name: notice[name].isoformat() if notice.get(name) else None for name in days},
        "missing": list(site.missing),
        "steps": [
            {"state": one.state, "day": one.day.isoformat() if one.day else None, "entered_at": one.at.isoformat(), "entered_by": one.actor}
            for one in site.steps
        ],
        "objections": [
            {
                "received_on": one.received_on.isoformat(), "place": one.place, "concern": one.concern, "count": one.count, "outcome": one.outcome,
                "settled_on": one.settled_on.isoformat() if one.settled_on else None,
            }
            for one in site.objections
        ],
    }  # fmt: skip
