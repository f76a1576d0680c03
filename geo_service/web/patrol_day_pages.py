"""The animated day of the patrol plan: its data, and the scripts that the map of its page carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from geo_service.analysis.plan_change import return_to_former
from geo_service.web.access import Permission, allow
from geo_service.web.languages import language, words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.packing import packed
from geo_service.web.patrol_day import tracks
from geo_service.web.sessions import audit, audit_view, store, user_name
from town_model import Text

blueprint = Blueprint("patrol_day", __name__)


@blueprint.get("/patrol/day/<int:number>.json")
@allow(Permission.SEE_PLAN)
def day_json(number: int) -> ResponseReturnValue:
    """Send where each unit of a stored plan is at any moment."""
    result = store().result(number)
    if result is None or result.kind != "patrol":
        abort(404)
    audit_view("view_plan", f"day {number}")
    return packed(jsonify(tracks(result, language())))


@blueprint.post("/patrol/back")
@allow(Permission.EDIT)
def back() -> ResponseReturnValue:
    """Return to the plan from which the latest one was changed by hand."""
    made = return_to_former(store(), actor=user_name())
    audit("plan_returned", f"plan {made}")
    return redirect(url_for("pages.patrol"), 303)


def _settings() -> Mapping[str, Any]:
    result = store().latest_result("patrol")
    return {
        "url": url_for("patrol_day.day_json", number=result.id)
        if result is not None and "legs" in result.frame_names
        else None,
        "words": {
            "play": words(Text("Play")),
            "stop": words(Text("Stop")),
            "onward": words(Text("10 min on")),
            "at": words(Text.of("at {place} until {time}", place="{place}", time="{time}")),
            "on_way": words(Text.of("on the way to {place}", place="{place}")),
            "home": words(Text("on the way back")),
            "waiting": words(Text("waiting")),
            "off": words(Text("off duty")),
            "failed": words(Text("The day could not be loaded. Please open the page again.")),
        },
    }


EXTRAS.append(
    MapExtra(
        "patrolDay",
        scripts=("patrol-day.js",),
        permission=Permission.SEE_PLAN,
        pages=("patrol",),
        settings=_settings,
    )
)
