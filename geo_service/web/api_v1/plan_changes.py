"""A patrol plan changed by hand: the verdict at once, and the changed plan stored beside the former one."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from geo_service.analysis.plan_change import MOST_CHANGES, PlanChange, StopChange, change_plan, save_change
from geo_service.i18n import say_error
from geo_service.store import StoredResult
from geo_service.web import errors
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1.answers import send
from geo_service.web.api_v1.bodies import read_json
from geo_service.web.api_v1.operations import JSON, PROBLEM, Answer, Operation, operation
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit, audit_view, store, user_name
from town_model import DAY_S, InputError, Text

blueprint = Blueprint("plan_changes", __name__)

_MEMBERS = {"shift", "seq", "place", "to_shift", "at_s"}
_TEXT, _NUMBER, _WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer", "minimum": 0}
_NAME = {"type": ["string", "null"], "maxLength": 200}


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


_STATE = _object(
    {
        "breaches": _WHOLE,
        "places_late": _WHOLE,
        "longest_window_min": _NUMBER,
    }
)
_VERDICT = {
    "result": _WHOLE,
    "warnings": {"type": "array", "items": _TEXT, "description": "What is worse than before, in words."},
    "better": {"type": "array", "items": _TEXT},
    "dropped": {"type": "array", "items": _TEXT, "description": "Places of stops that no longer fit."},
    "before": _STATE,
    "after": _STATE,
    "stops": {
        "type": "array",
        "description": "The new times of the changed shifts.",
        "items": _object(
            {"shift": _TEXT, "place": _TEXT, "name": _TEXT, "arrive_s": _NUMBER, "depart_s": _NUMBER}
        ),
    },
}
#: Schemas of changes and of their verdict.
PLAN_CHANGES: dict[str, Any] = {
    "plan_change_order": {
        "type": "object",
        "properties": {
            "changes": {
                "type": "array",
                "maxItems": MOST_CHANGES,
                "items": {
                    "type": "object",
                    "properties": {
                        "shift": {**_NAME, "description": "The shift whose stop is changed; null for a stop that is added."},
                        "seq": {"type": ["integer", "null"], "description": "Which of its stops, as in the table visits."},
                        "place": {**_NAME, "description": "The place of a stop that is added."},
                        "to_shift": {**_NAME, "description": "The shift that is to go there; null leaves the stop out."},
                        "at_s": {"type": ["number", "null"], "minimum": 0, "maximum": DAY_S, "description": "Not before when, in seconds of the day."},
                    },
                    "additionalProperties": False,
                },
            },
            "confirm": {"type": "boolean", "default": False, "description": "Store it in spite of its warnings."},
        },
        "required": ["changes"],
        "additionalProperties": False,
    },
    "plan_change": _object(_VERDICT),
}  # fmt: skip
_WRONG = Answer(Text("The unit cannot do that, or the data changed since; the answer says what."), "problem", PROBLEM)  # fmt: skip


@blueprint.post("/api/v1/plans/patrol/<int:number>/trial")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("What becomes of a stored patrol plan when stops are moved, added or left out; nothing is stored"),
        tag="plans",
        body="plan_change_order",
        answers={200: Answer(Text("New times, what is worse and better, the burglar's best window before and after."), "plan_change"), 422: _WRONG},
    )
)  # fmt: skip
def trial(number: int) -> ResponseReturnValue:
    """Send the verdict on a change."""
    result = _plan(number)
    changes, _ = _order(read_json((JSON,)))
    audit_view("view_plan", f"trial {number}")
    try:
        found = change_plan(store(), result, changes)
    except InputError as error:
        return errors.answer(422, say_error(error, language()), texts=error.messages)
    return send(_verdict(result.id, found))


@blueprint.post("/api/v1/plans/patrol/<int:number>/changes")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("Store a changed patrol plan as a new one; the former stays, also where it is published"),
        tag="plans",
        body="plan_change_order",
        answers={
            201: Answer(Text("The verdict, with the number of the new plan."), "plan_change"),
            409: Answer(Text("The change has warnings and was not confirmed, or another plan was stored since."), "problem", PROBLEM),
            422: _WRONG,
        },
    )
)  # fmt: skip
def change(number: int) -> ResponseReturnValue:
    """Store a changed plan."""
    result = _plan(number)
    changes, confirmed = _order(read_json((JSON,)))
    latest = store().latest_result("patrol")
    if latest is None or latest.id != result.id:
        return errors.answer(409, [words(Text("another plan was stored meanwhile: open the page again"))])
    if not changes:
        return errors.answer(422, [words(Text("there is no change to store"))])
    try:
        found = change_plan(store(), result, changes)
        if found.warnings and not confirmed:
            return errors.answer(
                409,
                [
                    words(Text("this change has warnings: confirm it to store it")),
                    *map(words, found.warnings),
                ],
            )
        made = save_change(store(), result, found, actor=user_name())
    except InputError as error:
        return errors.answer(422, say_error(error, language()), texts=error.messages)
    audit("plan_changed", f"plan {number} -> {made}: {len(changes)} changes, {len(found.warnings)} warnings")
    return send(_verdict(made, found), status=201)


def _plan(number: int) -> StoredResult:
    result = store().result(number)
    if result is None or result.kind != "patrol" or "legs" not in result.frame_names:
        abort(404)
    return result


def _order(body: Any) -> tuple[list[StopChange], bool]:
    """Return the changes of a body, and whether its warnings are accepted."""
    if (
        not isinstance(body, dict)
        or not isinstance(body.get("changes"), list)
        or set(body) - {"changes", "confirm"}
    ):
        raise InputError("the body must be an object with changes, and confirm where wanted")
    if not isinstance(body.get("confirm", False), bool):
        raise InputError("confirm must be true or false")
    return [_change(number, one) for number, one in enumerate(body["changes"], 1)], body.get("confirm", False)


def _change(number: int, one: Any) -> StopChange:
    if not isinstance(one, dict) or set(one) - _MEMBERS:
        raise InputError("change {n} must be an object with shift, seq, place, to_shift and at_s", n=number)
    names = {key: one.get(key) for key in ("shift", "place", "to_shift")}
    seq, at = one.get("seq"), one.get("at_s")
    good = all(value is None or isinstance(value, str) for value in names.values())
    good &= seq is None or (isinstance(seq, int) and not isinstance(seq, bool))
    good &= at is None or (isinstance(at, int | float) and not isinstance(at, bool) and math.isfinite(at))
    good &= (names["shift"] is None) != (names["place"] is None) and (names["shift"] is None) == (seq is None)
    if not good or (names["shift"] is None and names["to_shift"] is None):
        raise InputError("change {n} must name a stop (shift and seq) or a place, and to_shift with at_s where it goes", n=number)  # fmt: skip
    return StopChange(
        names["shift"], seq, names["place"], names["to_shift"], None if at is None else float(at)
    )


def _verdict(number: int, found: PlanChange) -> dict[str, Any]:
    plan, names = found.day.plan, found.day.asked["name"]
    stops = plan.visits[plan.visits["unit"].isin(found.shifts)].sort_values(["unit", "arrive_s"])
    return {
        "result": number,
        "warnings": [words(one) for one in found.warnings],
        "better": [words(one) for one in found.better],
        "dropped": [str(place) for _, place in found.dropped],
        "before": _state(found.before, found.windows["before_s"]),
        "after": _state(plan.breaches, found.windows["after_s"]),
        "stops": [
            {
                "shift": str(shift),
                "place": str(place),
                "name": str(names.get(place, place)),
                "arrive_s": round(float(arrive), 1),
                "depart_s": round(float(depart), 1),
            }
            for shift, place, arrive, depart in stops[["unit", "place", "arrive_s", "depart_s"]].itertuples(
                index=False, name=None
            )
        ],
    }


def _state(breaches: pd.DataFrame, windows: pd.Series) -> dict[str, Any]:
    longest = windows.max() if len(windows) else 0.0
    return {
        "breaches": len(breaches),
        "places_late": int(breaches["place"].nunique()) if len(breaches) else 0,
        "longest_window_min": round(float(longest) / 60, 1),
    }
