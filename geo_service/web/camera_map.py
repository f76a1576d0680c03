"""Cameras under the hand: the page on which an engineer drags, turns and changes a camera and sees at once what it sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from camera_coverage.cameras import DEFAULT_HFOV_DEG, DEFAULTS
from camera_coverage.turning import dwell_shares
from geo_service.analysis.law import LawOptions
from geo_service.analysis.rows import each
from geo_service.i18n import say
from geo_service.mapdata.values import class_title, plain
from geo_service.store import Store
from geo_service.web import edit_view
from geo_service.web.access import Permission, allow
from geo_service.web.camera_map_words import WORDS
from geo_service.web.edit_words import WORDS as EDIT_WORDS
from geo_service.web.languages import language
from geo_service.web.layer_rows import row_name
from geo_service.web.sessions import store
from town_data import camera_models
from town_maps import inert_json
from town_model import LAYERS, OBSERVATION_TABLES, InputError, Text

blueprint = Blueprint("camera_map", __name__)
#: Longer lists of cameras help nobody: these are chosen on the map or found by the search.
MOST_LISTED = 1000
#: Fields that stand first in the panel; whatever else a camera has comes below, folded.
FIRST = (
    "name",
    "kind",
    "model",
    "mount_height_m",
    "azimuth_deg",
    "tilt_deg",
    "hfov_deg",
    "vfov_deg",
    "sensor_width_mm",
    "sensor_height_mm",
    "focal_length_mm",
    "resolution_px_h",
    "resolution_px_v",
    "max_range_m",
    "ir_range_m",
    "lon",
    "lat",
)
#: What belongs to the one camera that stands, not to a plan made after it.
OWN_OF_A_CAMERA = ("code", "filing_date", "in_use_since", "sign_posted", "retention_days", "data_quality")
#: The HTTP interface answers what a camera would see; nothing is stored.
TRIAL = "/api/v1/coverage/trial"
_MODEL_COLUMNS = tuple(one.name for one in LAYERS["camera_models"].columns if one.name != "price_yuan")


@blueprint.get("/map/camera")
@allow(Permission.EDIT)
def page() -> ResponseReturnValue:
    """Show the map with a camera under the hand, or with none yet."""
    here = store()
    if here.town.epsg is None:
        return render_template("camera_map.html", map=None, setup=None)
    setup = _setup(here, language(), row=request.args.get("id", ""), place=_place(request.args))
    return render_template("camera_map.html", map=edit_view.edit_map(here), setup=setup)


@blueprint.get("/api/edit/camera_sites/presets")
@allow(Permission.EDIT)
def presets() -> ResponseReturnValue:
    """Send the presets and lenses of all cameras, as the page knows them: a plan that was saved has those of its camera."""
    return jsonify(_presets(store(), language()))


def _place(asked: Mapping[str, str]) -> tuple[float, float] | None:
    """Return where a new camera shall stand; None where the address does not say."""
    try:
        return edit_view.read_position(asked)
    except InputError:
        return None


def _setup(store: Store, language: str, *, row: str, place: tuple[float, float] | None) -> Markup:
    """Return what the scripts of the page read, as inert JSON."""
    cameras = store.frame("camera_sites")
    status = LAYERS["camera_sites"].column("status")
    listed = cameras.sort_values("name") if len(cameras) <= MOST_LISTED else cameras.iloc[:0]
    told = {
        "row": int(row) if row.isdecimal() and len(row) <= 15 else None,
        "place": place,
        "cameras": [
            [int(at), row_name(int(at), name, language), str(state)]
            for at, name, state in zip(listed.index, listed["name"], listed["status"], strict=True)
        ],
        "presets": _presets(store, language),
        "presetsAddress": url_for("camera_map.presets"),
        "newPreset": url_for("layers.new", layer_name="camera_views"),
        "privateFrom": say(
            Text.of("at {name} or better", name=class_title(LawOptions().mask_class, language)), language
        ),
        "planned": int((cameras["status"] == "planned").sum()),
        "models": [_model(store_row, at) for at, store_row in _town_models(store)]
        + [_model(one, None) for one in camera_models()],
        "first": list(FIRST),
        "own": list(OWN_OF_A_CAMERA),
        "defaults": {**DEFAULTS, "hfov_deg": DEFAULT_HFOV_DEG},
        "classes": {
            name: [class_title(name, language), density]
            for name, density in OBSERVATION_TABLES[store.observation_table].px_per_m.items()
        },
        "statuses": {one.value: status.choice_title(one.value, language) for one in status.choices},
        "words": {key: say(one, language) for key, one in {**EDIT_WORDS, **WORDS}.items()},
        "address": "/api/edit",
        "trial": TRIAL,
        "compare": url_for("plan_compare.page"),
    }
    return Markup(inert_json(told, element_id="camera-map-setup"))  # noqa: S704 - inert by construction


def _presets(store: Store, language: str) -> dict[int, list[tuple[str, str, str]]]:
    """Return name, settings and address of the form of each preset or eye, by camera."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    frame = store.frame("camera_views")
    shares = dwell_shares(frame) if len(frame) else pd.Series(dtype=float)
    for one in each(frame.assign(row=frame.index, share=shares)):
        some = found.setdefault(int(one.camera), [])
        name = one.name if isinstance(one.name, str) and one.name else f"#{len(some) + 1}"
        settings = [] if pd.isna(one.azimuth_deg) else [f"{one.azimuth_deg:g}°"]
        if not pd.isna(one.dwell_s):
            settings.append(f"{one.dwell_s:g} s")
            settings.append(say(Text.of("{share} of the time", share=f"{100 * one.share:.0f}%"), language))
        some.append(
            (
                name,
                " · ".join(settings),
                url_for("layers.row", layer_name="camera_views", row_id=int(one.row)),
            )
        )
    return found


def _town_models(store: Store) -> list[tuple[int, dict[str, Any]]]:
    frame = store.frame("camera_models")
    return [(int(str(at)), dict(one)) for at, one in frame.iterrows()]


def _model(row: dict[str, Any], at: int | None) -> dict[str, Any]:
    """Return a model as the panel takes it: its number in the town, or None for one of the general catalogue."""
    kept = {name: plain(row[name]) for name in _MODEL_COLUMNS if name in row and not pd.isna(row[name])}
    return {"id": at, **kept}
