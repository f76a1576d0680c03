"""Goals met or missed, for programs; the tables behind them are frames of the result ``coverage``."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from geo_service.analysis.goals import Goals, judge_goals, newest_report
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1.answers import send
from geo_service.web.api_v1.operations import Answer, Operation, operation
from geo_service.web.sessions import audit_view, store
from town_model import Text

blueprint = Blueprint("goals", __name__)

_SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
#: Schema of the goals.
GOALS: dict[str, Any] = {
    "coverage_goals": {
        "type": "object",
        "properties": {
            "computed": {
                "type": ["string", "null"],
                "description": "When coverage was computed; null before that.",
            },
            "stale": {"type": "boolean", "description": "Whether the town changed since."},
            "goals": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "goal": {"enum": ["key_places", "entrances", "working"]},
                        "light": {"enum": ["day", "night", None]},
                        "wanted": _SHARE,
                        "reached": {"type": "integer", "minimum": 0},
                        "of": {"type": "integer", "minimum": 0},
                        "share": _SHARE,
                        "met": {
                            "type": ["boolean", "null"],
                            "description": "Null where there is nothing to judge.",
                        },
                        "missed": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {"name": {"type": "string"}, "share": _SHARE},
                                "required": ["name", "share"],
                            },
                        },
                    },
                    "required": ["goal", "light", "wanted", "reached", "of", "share", "met", "missed"],
                },
            },
            "shares": {
                "type": "object",
                "description": "Figures by kind of place, as in the summary of the result.",
            },
        },
        "required": ["computed", "stale", "goals", "shares"],
    }
}


@blueprint.get("/api/v1/coverage/goals")
@allow(Permission.SEE_GAPS)
@operation(
    Operation(
        words=Text("Goals of the build-out, met or missed by the newest coverage"),
        tag="coverage",
        answers={200: Answer(Text("Goals, and figures by kind of place."), "coverage_goals")},
    )
)
def goals() -> ResponseReturnValue:
    """Send the goals met or missed."""
    result = newest_report(store())
    audit_view("view_targets", "")
    if result is None:
        return send({"computed": None, "stale": False, "goals": [], "shares": {}})
    verdicts = judge_goals(result, Goals.of(current_app.extensions["workspace"].settings))
    return send(
        {
            "computed": result.created_at.isoformat(),
            "stale": result.is_stale,
            "goals": [one.as_json() for one in verdicts],
            "shares": result.summary["shares"],
        }
    )
