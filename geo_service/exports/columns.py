"""Titles and words for the columns of results, each declared once for all files: by name, or by a pattern for families of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geo_service.day_times import time_of_day
from geo_service.i18n import say
from geo_service.words import CAMERA_STATES, CLOCK_STATES, SEVERITIES, TARGET_KINDS, class_words
from town_model import LAYERS, Text, layer

Say = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Shown:
    """How a column is shown.

    Args:
        title: its heading.
        say: makes a value of what is stored and the language; None leaves it.
        digits: to which numbers are rounded; None leaves them.
    """

    title: Text
    say: Say | None = None
    digits: int | None = None


def codes(words: Mapping[str, Text]) -> Say:
    """Return what says codes by a table; a code without words stands for itself."""
    return lambda value, language: say(words[str(value)], language) if str(value) in words else str(value)


def _class(value: Any, language: str) -> str:
    return class_words(str(value), language)


def _priority(value: Any, language: str) -> str:
    whole = str(int(value)) if isinstance(value, float) else str(value)
    return layer("key_areas").column("priority").choice_title(whole, language)


def _layer(value: Any, language: str) -> str:
    return LAYERS[str(value)].title(language) if str(value) in LAYERS else str(value)


def _quality(value: Any, language: str) -> str:
    return layer("camera_sites").column("data_quality").choice_title(str(value), language)


def _yes(value: Any, language: str) -> str:
    return say(Text("Yes") if value else Text("No"), language)


def _entrance(value: Any, language: str) -> str:
    return layer("entrances").column("kind").choice_title(str(value), language)


def clock_words(seconds: Any, _language: str) -> str:
    """Return seconds of a day as ``HH:MM``."""
    return time_of_day(float(seconds))


_STATE = codes(CAMERA_STATES)
_LIGHT = codes({"day": Text("day"), "night": Text("night")})
_BAND = codes({"sure": Text("surely seen"), "possible": Text("possibly seen"), "unseen": Text("not seen")})
_MEASURE = codes({"area_m2": Text("area (m²)"), "length_m": Text("length (m)")})
ENTRANCE_KIND = Shown(Text("Kind"), _entrance)

#: By name; the same name means the same in every frame, unless a frame says otherwise.
COLUMNS: dict[str, Shown] = {
    "at_s": Shown(Text("Time of day"), clock_words),
    "area_m2": Shown(Text("Area (m²)"), digits=1),
    "article": Shown(Text("Article")),
    "azimuth_tolerance_deg": Shown(Text("Azimuth known to (°)"), digits=1),
    "band": Shown(Text("Certainty"), _BAND),
    "best_share": Shown(Text("Largest share of a target"), digits=4),
    "camera": Shown(Text("Row id of the camera")),
    "camera_name": Shown(Text("Camera")),
    "cameras": Shown(Text("Cameras")),
    "cause_text": Shown(Text("Cause")),
    "cause_camera": Shown(Text("Row id of the camera that decides")),
    "cause_camera_name": Shown(Text("Camera that decides")),
    "cause_name": Shown(Text("Caused by")),
    "class_day": Shown(Text("Class by day"), _class),
    "class_night": Shown(Text("Class by night"), _class),
    "cure_share": Shown(Text("Share cured"), digits=4),
    "cure_text": Shown(Text("Cure")),
    "data_quality": Shown(Text("Data quality"), _quality),
    "day": Shown(Text("Day")),
    "directed": Shown(Text("Direction known"), _yes),
    "distance_m": Shown(Text("Distance (m)"), digits=1),
    "doubt_area_m2": Shown(Text("Areas in doubt (m²)"), digits=1),
    "doubt_length_m": Shown(Text("Roads in doubt (m)"), digits=1),
    "entrance": Shown(Text("Row id of the entrance")),
    "end_s": Shown(Text("To"), clock_words),
    "far_m": Shown(Text("To distance (m)"), digits=1),
    "finding": Shown(Text("Finding")),
    "first_target": Shown(Text("Most at")),
    "from_deg": Shown(Text("From azimuth (°)"), digits=1),
    "gained_area_m2": Shown(Text("Areas seen again (m²)"), digits=1),
    "gained_length_m": Shown(Text("Roads seen again (m)"), digits=1),
    "hfov_tolerance_deg": Shown(Text("Horizontal view known to (°)"), digits=1),
    "hour": Shown(Text("Hour")),
    "highest_priority": Shown(Text("Highest priority"), _priority),
    "in_order_days": Shown(Text("Days in order")),
    "kind": Shown(Text("Kind"), codes(TARGET_KINDS)),
    "last_at": Shown(Text("Newest record")),
    "layer": Shown(Text("Layer"), _layer),
    "ledger_state": Shown(Text("State in the ledger"), _STATE),
    "length_m": Shown(Text("Length (m)"), digits=1),
    "limit_s": Shown(Text("Within (s; empty: later or never)")),
    "light": Shown(Text("Light"), _LIGHT),
    "lines": Shown(Text("Pieces on the map")),
    "longest_uncovered_m": Shown(Text("Longest unseen stretch (m)"), digits=1),
    "longest_unseen_day_m": Shown(Text("Longest unseen stretch by day (m)"), digits=1),
    "longest_unseen_night_m": Shown(Text("Longest unseen stretch by night (m)"), digits=1),
    "longest_unwatched_min": Shown(Text("Longest unwatched (min)"), digits=1),
    "lost_area_m2": Shown(Text("Areas lost (m²)"), digits=1),
    "lost_length_m": Shown(Text("Roads lost (m)"), digits=1),
    "lost_m2": Shown(Text("Other ground hidden (m²)"), digits=1),
    "maintained_by": Shown(Text("Maintained by")),
    "masks": Shown(Text("Masks")),
    "mean_s": Shown(Text("Mean (s)"), digits=1),
    "measure": Shown(Text("Measured as"), _MEASURE),
    "minutes": Shown(Text("Minutes"), digits=1),
    "mount_height_tolerance_m": Shown(Text("Mount height known to (m)"), digits=1),
    "name": Shown(Text("Name")),
    "near_m": Shown(Text("From distance (m)"), digits=1),
    "nearest_camera": Shown(Text("Row id of the nearest camera")),
    "nearest_camera_name": Shown(Text("Nearest camera")),
    "note": Shown(Text("Remark")),
    "observation_class": Shown(Text("Observation class"), _class),
    "online_days": Shown(Text("Days online")),
    "open_min": Shown(Text("Open (min)"), digits=1),
    "out_of_order": Shown(Text("Out of order")),
    "out_since": Shown(Text("Out of order since")),
    "patrolled_min": Shown(Text("Patrolled (min)"), digits=1),
    "places": Shown(Text("More places in time")),
    "place_name": Shown(Text("Place")),
    "position_tolerance_m": Shown(Text("Position known to (m)"), digits=1),
    "priority": Shown(Text("Priority"), _priority),
    "preset_m2": Shown(Text("Seen in some preset (m²)"), digits=1),
    "preset_shares": Shown(Text("Presets and their share of the time")),
    "presets": Shown(Text("Presets")),
    "private_m2": Shown(Text("Private ground hidden (m²)"), digits=1),
    "rank": Shown(Text("Rank")),
    "reach_m2": Shown(Text("Can turn to (m²)"), digits=1),
    "reached_share": Shown(Text("Share of the day in which somebody comes"), digits=4),
    "recorded_days": Shown(Text("Days with records")),
    "remedy": Shown(Text("Remedy"), lambda value, language: say(Text(str(value)), language)),
    "responders": Shown(Text("On duty at least")),
    "required_class": Shown(Text("Required class"), _class),
    "road": Shown(Text("Road")),
    "round_s": Shown(Text("Round (s)"), digits=1),
    "row": Shown(Text("Row id")),
    "saved_s": Shown(Text("Saved in all (s)"), digits=1),
    "score": Shown(Text("Weight of the doubt"), digits=3),
    "seen_day_m": Shown(Text("Seen by day (m)"), digits=1),
    "seen_night_m": Shown(Text("Seen by night (m)"), digits=1),
    "seen_per_km_day": Shown(Text("Seen by day per km (m)"), digits=1),
    "seen_per_km_night": Shown(Text("Seen by night per km (m)"), digits=1),
    "severity": Shown(Text("Severity"), codes(SEVERITIES)),
    "share_in_order": Shown(Text("Share in order"), digits=4),
    "share_online": Shown(Text("Share online"), digits=4),
    "share_unmodelled": Shown(Text("Share where buildings are missing from the map"), digits=4),
    "size": Shown(Text("Size (m² or m)"), digits=1),
    "start_s": Shown(Text("From"), clock_words),
    "state": Shown(Text("State"), _STATE),
    "status": Shown(Text("Status"), _STATE),
    "target": Shown(Text("Key of the target")),
    "target_kind": Shown(Text("Kind of target"), codes(TARGET_KINDS)),
    "target_name": Shown(Text("Target")),
    "targets": Shown(Text("Targets")),
    "targets_gained": Shown(Text("Targets seen better")),
    "tilt_tolerance_deg": Shown(Text("Tilt known to (°)"), digits=1),
    "to_deg": Shown(Text("To azimuth (°)"), digits=1),
    "unwatched_min": Shown(Text("Unwatched (min)"), digits=1),
    "watched_m2": Shown(Text("Watched at one time (m²)"), digits=1),
    "watched_min": Shown(Text("Watched (min)"), digits=1),
    "worst_at_s": Shown(Text("Slowest at"), clock_words),
    "worst_s": Shown(Text("Slowest (s)"), digits=1),
    "worst_share": Shown(Text("Largest share of a target"), digits=4),
    "worst_target": Shown(Text("Most at")),
}  # fmt: skip
CLOCK_STATE = Shown(Text("State"), codes(CLOCK_STATES))
_CLASSES = "monitor|detect|observe|recognise|identify|inspect"
_LIGHTS = {"day": Text("day"), "night": Text("night")}
_WAYS = {"in": Text("inward"), "out": Text("outward")}
_SHARES = {
    "2": Text("Seen by two cameras, {light}"), "3": Text("Seen by three cameras, {light}"),
    "sure": Text("Surely seen, {light}"), "possible": Text("Possibly seen, {light}"),
    "verified": Text("Seen by verified cameras, {light}"), "at_once": Text("Watched at one time, {light}"),
}  # fmt: skip
Family = Callable[[re.Match[str]], Shown]
#: Families of names: a pattern, and what makes the column of a match.
FAMILIES: tuple[tuple[re.Pattern[str], Family], ...] = (
    (
        re.compile(r"share_(day|night)"),
        lambda m: Shown(Text.of("Share seen, {light}", light=_LIGHTS[m[1]]), digits=4),
    ),
    (
        re.compile(r"share_(day|night)_(2|3|sure|possible|verified|at_once)"),
        lambda m: Shown(Text.of(_SHARES[m[2]].template, light=_LIGHTS[m[1]]), digits=4),
    ),
    (
        re.compile(rf"share_(day|night)_({_CLASSES})"),
        lambda m: Shown(
            Text.of("Seen at class {name}, {light}", name=class_text(m[2]), light=_LIGHTS[m[1]]), digits=4
        ),
    ),
    (
        re.compile(rf"private_({_CLASSES})(_night)?_m2"),
        lambda m: Shown(
            Text.of(
                "Private ground by night, {name} (m²)" if m[2] else "Private ground, {name} (m²)",
                name=class_text(m[1]),
            ),
            digits=1,
        ),
    ),
    (
        re.compile(rf"facade_({_CLASSES})(_night)?_m"),
        lambda m: Shown(
            Text.of("Façades by night, {name} (m)" if m[2] else "Façades, {name} (m)", name=class_text(m[1])),
            digits=1,
        ),
    ),
    (
        re.compile(r"(in|out)_(day|night)"),
        lambda m: Shown(Text.of("Class {way}, {light}", way=_WAYS[m[1]], light=_LIGHTS[m[2]]), _class),
    ),
    (
        re.compile(r"camera_(in|out)_(day|night)_name"),
        lambda m: Shown(Text.of("Camera {way}, {light}", way=_WAYS[m[1]], light=_LIGHTS[m[2]])),
    ),
)
_CLASS_TEXTS = {
    "monitor": Text("monitor"), "detect": Text("detect"), "observe": Text("observe"), "recognise": Text("recognise"),
    "identify": Text("identify"), "inspect": Text("inspect"),
}  # fmt: skip


def class_text(name: str) -> Text:
    """Return an observation class as words of either language."""
    return _CLASS_TEXTS[name]


def shown(name: str, own: Mapping[str, Shown] | None = None) -> Shown | None:
    """Return how a column is shown; None where nobody said.

    Args:
        name: of the column.
        own: what a frame says of its own columns.
    """
    found = (own or {}).get(name) or COLUMNS.get(name)
    if found is not None:
        return found
    for pattern, make in FAMILIES:
        if match := pattern.fullmatch(name):
            return make(match)
    return None
