"""Plan and today side by side: what planned cameras would add to what is seen today, on a map that is cut in two."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from geo_service.i18n import say
from geo_service.mapdata.values import class_title
from geo_service.web import maps
from geo_service.web.access import Permission, allow
from geo_service.web.camera_map_words import COMPARE_WORDS, SEEN_BY_WORDS
from geo_service.web.languages import language, words
from geo_service.web.map_extras import EXTRAS, MapExtra
from geo_service.web.sessions import may, store
from town_maps import inert_json
from town_model import OBSERVATION_TABLES

blueprint = Blueprint("plan_compare", __name__)
COMPARISON = "/api/v1/coverage/comparison"
WHO_SEES = "/api/v1/coverage/who-sees"


@blueprint.get("/map/compare")
@allow(Permission.SEE_GAPS)
def page() -> ResponseReturnValue:
    """Show the map with today on the left of a line and the plan on its right, and the figures beside it."""
    here = store()
    if here.town.epsg is None:
        return render_template("plan_compare.html", map=None, setup=None, planned=0)
    cameras = here.frame("camera_sites")
    planned = int((cameras["status"] == "planned").sum())
    told = {
        "words": {key: say(one, language()) for key, one in COMPARE_WORDS.items()},
        "url": COMPARISON,
    }
    return render_template(
        "plan_compare.html",
        map=maps.town_map(here, "compare"),
        setup=Markup(inert_json(told, element_id="plan-compare-setup")),  # noqa: S704 - inert by construction
        planned=planned,
        may_edit=may(Permission.EDIT),
    )


def _seen_by() -> dict[str, Any]:
    return {
        "url": WHO_SEES,
        "camera": url_for("camera_map.page") if may(Permission.EDIT) else "",
        "classes": {
            name: class_title(name, language())
            for name in OBSERVATION_TABLES[store().observation_table].px_per_m
        },
        "words": {key: words(one) for key, one in SEEN_BY_WORDS.items()},
    }


EXTRAS.append(
    MapExtra(
        "seen_by",
        scripts=("town-seen-by.js",),
        styles=("town-seen-by.css",),
        permission=Permission.SEE_GAPS,
        settings=_seen_by,
    )
)
