"""Intervals by area and hour: the rules, what they give each place on a day, and the form that asks for a plan."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.duty.cameras import PERCENTS, THRESHOLDS, camera_credit
from geo_service.duty.choice import PlannedFor, choose_day
from geo_service.duty.intervals import INTERVAL, town_rules
from geo_service.jobs import KINDS
from geo_service.web import patrol_rules_view
from geo_service.web.access import Permission, allow
from geo_service.web.job_view import workspace
from geo_service.web.languages import language, words
from geo_service.web.publication_view import today
from geo_service.web.sessions import audit_view, may, store, user_name
from town_model import LAYERS, InputError, Text

blueprint = Blueprint("patrol_rules", __name__)
_LAYER = "patrol_rules"


def _asked() -> PlannedFor:
    """Return the day that a request asks about, with the cameras that count in it; tomorrow and none by default."""
    counted = {"cameras_count": request.args.get("cameras_count") or None}
    planned = choose_day(
        store(),
        date=request.args.get("date") or today() + dt.timedelta(days=1),
        day_type=request.args.get("day_type") or None,
        duty_level=request.args.get("duty_level") or None,
        cameras=camera_credit(workspace().settings, counted),
    )
    assert planned is not None  # there is always a date
    return planned


def _form() -> dict[str, Any]:
    """Return what the form that asks for a plan is filled with."""
    options = KINDS["patrol"].options or {}
    return {
        "day": patrol_rules_view.day_form(_asked(), language()),
        "numbers": {name: options[name] for name in ("time_limit_s", "seed")},
        "percents": {
            name: (options[name], getattr(workspace().settings, f"patrol_{name}")) for name in PERCENTS
        }
        | {f"{name}_percent": (options[f"{name}_percent"], usual[0]) for name, usual in THRESHOLDS.items()},
    }


@blueprint.app_context_processor
def _patrol_form() -> dict[str, Any]:
    """Give templates the form as a function: only the page of the plan asks for it."""
    return {"patrol_form": _form, "plan_intervals": lambda result: patrol_rules_view.planned_lines(result, language())}  # fmt: skip


@blueprint.get("/patrol/rules")
@allow(Permission.SEE_PLAN)
def index() -> ResponseReturnValue:
    """Show the rules of intervals, and what they give each place on a day."""
    planned = _asked()
    audit_view("view_plan", "rules")
    rules, built_in = patrol_rules_view.rule_lines(store(), planned, language())
    places, without = patrol_rules_view.place_lines(store(), planned, language())
    return render_template(
        "patrol_rules.html",
        day=patrol_rules_view.day_form(planned, language()),
        rules=rules,
        built_in=built_in,
        places=places,
        without=("、" if language() == "zh" else ", ").join(without),
        may_edit=may(Permission.EDIT),
        layers=[
            (name, LAYERS[name].title(language())) for name in ("patrol_rules", "day_rules", "unit_shifts")
        ],
    )


@blueprint.post("/patrol/rules/copy")
@allow(Permission.EDIT)
def copy() -> ResponseReturnValue:
    """Copy the built-in rules into the table of the town, to be edited there."""
    town = store()
    if any(one.demand == INTERVAL for one in town_rules(town)):
        raise InputError("the town has patrol rules already: delete them first, or add to them")
    note = words(Text("Copy of the built-in patrol rules"))
    with town.change(actor=user_name(), note=note) as change:
        change.insert(_LAYER, patrol_rules_view.preset_rows(language()))
    return redirect(url_for("patrol_rules.index"), 303)


@blueprint.get("/patrol/day-type.json")
@allow(Permission.SEE_PLAN)
def day_type() -> ResponseReturnValue:
    """Send which type of day a date is, and why."""
    planned = _asked()
    day = patrol_rules_view.day_form(planned, language())
    return jsonify(
        {"date": day.date, "day_type": day.day_type, "reasons": [words(one) for one in day.reasons]}
    )
