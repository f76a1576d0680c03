"""A camera tried out, plan beside today, and who sees a place: computed while one waits, nothing is stored."""

from __future__ import annotations

import json
import math
import time
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from flask import Blueprint
from flask.typing import ResponseReturnValue
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from camera_coverage import GapTotal
from camera_coverage.light import Light
from geo_service.analysis.comparison import Difference, Side, compare_plan
from geo_service.analysis.rows import each
from geo_service.analysis.sightings import Sighting, see_place
from geo_service.analysis.trial import CameraTrial, try_camera
from geo_service.cause_words import cause_words
from geo_service.cure_words import cure_text
from geo_service.i18n import say_error
from geo_service.web import errors
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1.answers import send
from geo_service.web.api_v1.bodies import read_json
from geo_service.web.api_v1.operations import JSON, Answer, Operation, Parameter, operation, value_of
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit_view, store
from town_model import InputError, Text, ValueRangeError

blueprint = Blueprint("sight", __name__)

_TAG = "coverage"
_DIGITS = 7  # of a degree: a centimetre
_MEMBERS = frozenset({"camera", "light", "values"})


def _read_light(given: str) -> Light:
    if given == "day":
        return "day"
    if given == "night":
        return "night"
    raise InputError("{parameter} must be day or night, not {value!r}", parameter="light", value=given)


def _read_degrees(name: str, most: float, given: str) -> float:
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not -most <= number <= most:
        raise InputError(
            "{parameter} must be a number of degrees from {low:g} to {high:g}, not {value!r}",
            parameter=name,
            low=-most,
            high=most,
            value=given,
        )
    return number


LIGHT = Parameter(
    "light", Text("By day or by night."), {"type": "string", "enum": ["day", "night"], "default": "day"}, _read_light, "day"
)  # fmt: skip
LON = Parameter(
    "lon", Text("Longitude in degrees (WGS-84)."), {"type": "number", "minimum": -180, "maximum": 180},
    lambda given: _read_degrees("lon", 180.0, given), 118.78, required=True,
)  # fmt: skip
LAT = Parameter(
    "lat", Text("Latitude in degrees (WGS-84)."), {"type": "number", "minimum": -90, "maximum": 90},
    lambda given: _read_degrees("lat", 90.0, given), 32.04, required=True,
)  # fmt: skip


@blueprint.post("/api/v1/coverage/trial")
@allow(Permission.EDIT)
@operation(
    Operation(
        words=Text("What a camera would see with other values, and what would be left of the gaps; nothing is stored"),
        tag=_TAG,
        body="camera_trial_order",
        answers={200: Answer(Text("Visible areas by class, dead zone, gaps before and after."), "camera_trial")},
    )
)  # fmt: skip
def trial() -> ResponseReturnValue:
    """Send what a camera would see and change."""
    begun = time.perf_counter()
    camera, light, values = _order(read_json((JSON,)))
    try:
        found = try_camera(store(), values, camera=camera, light=light)
    except ValueRangeError as error:
        return errors.answer(422, say_error(error, language()), texts=error.messages)
    return send(_trial(found, begun))


@blueprint.get("/api/v1/coverage/comparison")
@allow(Permission.SEE_GAPS)
@operation(
    Operation(
        words=Text("What planned cameras would add to what working ones see of the targets"),
        tag=_TAG,
        query=(LIGHT,),
        answers={200: Answer(Text("Today, the plan, what is gained and lost."), "coverage_comparison")},
    )
)
def comparison() -> ResponseReturnValue:
    """Send plan and today side by side."""
    light: Light = value_of(LIGHT, "day")
    here = store()
    found = compare_plan(here, light=light)
    audit_view("view_gaps", "comparison")
    targets = [
        {"target": row.Index, "name": row.name, "share_today": _number(row.share_today), "share_plan": _number(row.share_plan)}
        for row in each(found.targets)
    ]  # fmt: skip
    back = _to_degrees(here.town.epsg)
    return send(
        {
            "light": light,
            "today": _side(found.today),
            "plan": _side(found.plan),
            "gained": _difference(found.gained, back),
            "lost": _difference(found.lost, back),
            "targets": targets,
        }
    )


@blueprint.get("/api/v1/coverage/who-sees")
@allow(Permission.SEE_GAPS)
@operation(
    Operation(
        words=Text("Which cameras see a place, by day and by night, or why none does"),
        tag=_TAG,
        query=(LON, LAT),
        answers={200: Answer(Text("Cameras with class, distance and pixels per metre; the cause where none sees it."), "who_sees")},
    )
)  # fmt: skip
def who_sees() -> ResponseReturnValue:
    """Send who sees a place."""
    lon, lat = value_of(LON), value_of(LAT)
    if lon is None or lat is None:
        raise InputError("name the place: lon and lat in degrees")
    found = see_place(store(), lon, lat)
    audit_view("ask_who_sees", f"{lon:.5f} {lat:.5f}")
    return send(
        {
            "lon": lon,
            "lat": lat,
            "targets": found.targets,
            "required_class": found.required_class,
            "day": _sighting(found.day),
            "night": _sighting(found.night),
        }
    )


def _order(body: Any) -> tuple[int | None, Light, dict[str, Any]]:
    """Return camera, light and values of the body of a trial."""
    if not isinstance(body, dict) or not isinstance(body.get("values", {}), dict):
        raise InputError("the body must be an object with camera, light and values")
    unknown = sorted(set(body) - _MEMBERS)
    if unknown:
        raise InputError("a trial has no member {column}", column=", ".join(unknown)[:80])
    camera = body.get("camera")
    if camera is not None and (
        isinstance(camera, bool) or not isinstance(camera, int) or not 0 <= camera < 2**63
    ):
        raise InputError("camera must be the number of a camera, or null for a new one")  # fmt: skip
    return camera, _read_light(str(body.get("light", "day"))), body.get("values", {})


def _trial(found: CameraTrial, begun: float) -> dict[str, Any]:
    back = _to_degrees(found.bands.crs.to_epsg())
    return {
        "bands": [
            {"observation_class": name, "area_m2": round(area, 1), "geometry": _geojson(shape, back)}
            for name, area, shape in zip(
                found.bands["observation_class"],
                found.bands["area_m2"].tolist(),
                found.bands.geometry.to_numpy(),
                strict=True,
            )
        ],
        "view": {"geometry": _geojson(found.view, back)},
        "dead_zone": {
            "area_m2": round(float(found.dead_zone.area), 1),
            "near_m": None if found.near_m is None else round(found.near_m, 2),
            "geometry": _geojson(found.dead_zone, back),
        },
        "gaps": {
            "area_m2": round(found.gaps.area_m2, 1),
            "length_m": round(found.gaps.length_m, 1),
            "before_area_m2": round(found.before.area_m2, 1),
            "before_length_m": round(found.before.length_m, 1),
        },
        "private_m2": round(found.private_m2, 1),
        "private": {"geometry": _geojson(found.private, back)},
        "messages": [words(one) for one in found.messages],
        "ms": round(1000 * (time.perf_counter() - begun), 1),
    }


def _sighting(found: Sighting) -> dict[str, Any]:
    cameras = [
        {
            "camera": int(row.camera),
            "name": row.name,
            "observation_class": row.observation_class,
            "distance_m": round(row.distance_m, 1),
            "px_per_m": None if math.isnan(row.px_per_m) else round(row.px_per_m, 1),
        }
        for row in each(found.cameras)
    ]
    cause = (
        None if found.cause is None else words(cause_words(found.cause, found.cause_name, found.cause_ref))
    )
    return {
        "cameras": cameras,
        "cause": found.cause,
        "cause_words": cause,
        "cause_camera": found.camera,
        "cause_camera_name": found.camera_name,
        "cure": found.cure,
        "cure_words": None if found.cure is None else words(cure_text(found.cure, found.cure_params, found.camera_name)),
    }  # fmt: skip


def _side(found: Side) -> dict[str, Any]:
    return {"cameras": found.cameras, "seen_m2": round(found.seen_m2, 1), **_gaps(found.gaps, "gap_")}


def _gaps(total: GapTotal, prefix: str = "") -> dict[str, float]:
    return {
        f"{prefix}area_m2": round(total.area_m2, 1),
        f"{prefix}length_m": round(total.length_m, 1),
    }


def _difference(found: Difference, back: Transformer) -> dict[str, Any]:
    shape = shapely.geometrycollections([one for one in (found.areas, found.lines) if not one.is_empty])
    return {**_gaps(found.total), "geometry": _geojson(shape, back)}


def _number(share: float) -> float | None:
    return None if math.isnan(share) else round(share, 4)


@lru_cache(maxsize=8)  # making one costs more than a trial
def _to_degrees(epsg: int | None) -> Transformer:
    return Transformer.from_crs(epsg, 4326, always_xy=True)


def _geojson(shape: BaseGeometry, back: Transformer) -> Any:
    """Return a geometry in longitude, latitude as GeoJSON; None for an empty one."""
    if shape.is_empty:
        return None
    placed = shapely.transform(
        shape, lambda xy: np.round(np.stack(back.transform(xy[:, 0], xy[:, 1]), 1), _DIGITS)
    )
    return json.loads(shapely.to_geojson(placed))
