"""JSON Schemas of what `sight` takes and gives."""

from __future__ import annotations

from typing import Any


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


_TEXT = {"type": "string"}
_WHOLE = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number"}
_MAYBE_NUMBER = {"type": ["number", "null"]}
_MAYBE_TEXT = {"type": ["string", "null"]}
_MAYBE_SHAPE = {
    "type": ["object", "null"],
    "description": "GeoJSON geometry in longitude, latitude; null where it is empty.",
}
_GAINED = _object({"area_m2": _NUMBER, "length_m": _NUMBER, "geometry": _MAYBE_SHAPE})
_SIDE = _object({"cameras": _WHOLE, "seen_m2": _NUMBER, "gap_area_m2": _NUMBER, "gap_length_m": _NUMBER})
_SIGHTING = _object(
    {
        "cameras": {
            "type": "array",
            "items": _object(
                {
                    "camera": _WHOLE,
                    "name": _TEXT,
                    "observation_class": _MAYBE_TEXT,
                    "distance_m": _NUMBER,
                    "px_per_m": _MAYBE_NUMBER,
                }
            ),
        },
        "cause": {
            "type": ["string", "null"],
            "description": "Why no working camera sees it at the class asked for; null where one does.",
        },
        "cause_words": _MAYBE_TEXT,
        "cause_camera": {"type": ["integer", "null"]},
        "cause_camera_name": _TEXT,
        "cure": _MAYBE_TEXT,
        "cure_words": _MAYBE_TEXT,
    }
)
#: Schemas of a camera tried out, of plan beside today, of who sees a place.
SIGHT: dict[str, Any] = {
    "camera_trial_order": {
        "type": "object",
        "properties": {
            "camera": {
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": 2**63 - 1,
                "description": "Number of a camera; null for a new one.",
            },
            "light": {"type": "string", "enum": ["day", "night"], "default": "day"},
            "values": {
                "type": "object",
                "description": "lon and lat in degrees, and columns of camera sites; they override those of the stored row.",
                "example": {"lon": 118.78, "lat": 32.04, "azimuth_deg": 90, "mount_height_m": 6},
            },
        },
        "required": ["values"],
        "additionalProperties": False,
    },
    "camera_trial": _object(
        {
            "bands": {
                "type": "array",
                "description": "Visible areas at each class or better, from the finest to the coarsest.",
                "items": _object({"observation_class": _TEXT, "area_m2": _NUMBER, "geometry": _MAYBE_SHAPE}),
            },
            "view": _object({"geometry": _MAYBE_SHAPE}),
            "dead_zone": _object({"area_m2": _NUMBER, "near_m": _MAYBE_NUMBER, "geometry": _MAYBE_SHAPE}),
            "gaps": _object(
                dict.fromkeys(("area_m2", "length_m", "before_area_m2", "before_length_m"), _NUMBER)
            ),
            "private_m2": _NUMBER,
            "private": _object({"geometry": _MAYBE_SHAPE}),
            "messages": {"type": "array", "items": _TEXT},
            "ms": _NUMBER,
        }
    ),
    "coverage_comparison": _object(
        {
            "light": {"enum": ["day", "night"]},
            "today": _SIDE,
            "plan": _SIDE,
            "gained": _GAINED,
            "lost": _GAINED,
            "targets": {
                "type": "array",
                "items": _object(
                    {
                        "target": _TEXT,
                        "name": _TEXT,
                        "share_today": _MAYBE_NUMBER,
                        "share_plan": _MAYBE_NUMBER,
                    }
                ),
            },
        }
    ),
    "who_sees": _object(
        {
            "lon": _NUMBER,
            "lat": _NUMBER,
            "targets": {"type": "array", "items": _TEXT},
            "required_class": _MAYBE_TEXT,
            "day": _SIGHTING,
            "night": _SIGHTING,
        }
    ),
}
