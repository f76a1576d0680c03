"""The quick form for what was measured at a camera: values and their state "verified" in one edit, with the check for other editors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geo_service.i18n import say
from geo_service.store import ConflictError, Store, StoredResult
from geo_service.web import certainty_view, layer_forms, layer_rows
from geo_service.web.row_edits import Outcome, save_row
from town_model import LAYERS, Text

#: What can be measured from the ground with a phone, a tape and a compass.
MEASURED = ("azimuth_deg", "tilt_deg", "mount_height_m", "hfov_deg")
_DONE = {
    "saved": Text("Stored as measured on the spot. Here is the next camera."),
    "last": Text(
        "Stored as measured on the spot. That was the last camera of the list: compute again to see what doubt is gone."
    ),
    "partly": Text(
        "Stored, but the camera does not count as measured on the spot yet: some of its values are still from the ledger."
    ),
}


def needed(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what must be measured at a camera for it to count as measured: what its view depends on."""
    if row.get("kind") == "ptz" or (row.get("kind") == "fisheye" and (row.get("hfov_deg") or 360) >= 360):
        return ("mount_height_m",)
    if row.get("kind") == "fisheye":
        return ("azimuth_deg", "mount_height_m")
    return ("azimuth_deg", "tilt_deg", "mount_height_m")


def fields(
    row: Mapping[str, Any], outcome: Outcome | None, form: Mapping[str, str], language: str
) -> list[Any]:
    """Return the fields of the form, empty or as they were sent, beside what the ledger says, and their faults."""
    declared = LAYERS["camera_sites"]
    values = {name: form.get(name, "") if outcome else "" for name in MEASURED}
    made, _ = layer_forms.fields(
        declared, values, language=language, options={}, faults=outcome.faults if outcome else ()
    )
    stored = layer_forms.shown_values(declared, row)
    hints = {
        name: say(
            "entered so far: {value}",
            language,
            value=f"{stored[name]} {declared.column(name).unit or ''}".strip(),
        )
        if stored[name]
        else say("not entered so far", language)
        for name in MEASURED
    }
    by_name = {one.name: replace(one, hint=hints[one.name]) for one in made if one.name in MEASURED}
    return [by_name[name] for name in MEASURED]


def other_faults(outcome: Outcome | None, language: str) -> list[str]:
    """Return faults that belong to no field of the form."""
    if outcome is None:
        return []
    declared = LAYERS["camera_sites"]
    return [
        layer_forms.fault_words(one, declared, language)
        for one in outcome.faults
        if one.params.get("column") not in MEASURED
    ]


def enter(
    store: Store, camera: int, form: Mapping[str, str], *, actor: str, language: str, revision: int
) -> Outcome:
    """Store what was measured at a camera; what the form leaves empty stays as it was.

    Args:
        store: the town.
        camera: row of the camera.
        form: words by field.
        actor: who enters it.
        language: of the words of two versions that clash.
        revision: of the row when the form was opened.

    Raises:
        ConflictError: the camera is gone.
    """
    declared = LAYERS["camera_sites"]
    row = layer_rows.one_row(store, declared, camera)
    if row is None:
        raise ConflictError("layer {layer} has no row {row} any more", layer=declared.name, row=camera)
    sent = {name: words for name in MEASURED if (words := form.get(name, "").strip())}
    if not sent:
        return Outcome(camera, None, {}, int(row["revision"]), faults=(Text("enter at least one value"),))
    shown = layer_forms.shown_values(declared, row)
    whole = all(name in sent for name in needed(row))
    quality = {"data_quality": "verified"} if whole else {}
    return save_row(
        store,
        declared,
        camera,
        {**shown, **sent, **quality},
        actor=actor,
        language=language,
        revision=revision,
    )


def known(row: Mapping[str, Any]) -> bool:
    """Return whether a camera was measured on the spot already."""
    return row.get("data_quality") == "verified"


def position(row: Mapping[str, Any]) -> str:
    """Return longitude and latitude of a camera in words."""
    place = row.get("geometry")
    return "" if place is None else f"{place.x:.6f}, {place.y:.6f}"


def place_in_list(result: StoredResult | None, camera: int) -> certainty_view.Check | None:
    """Return a camera as it stands in the checking list."""
    found = certainty_view.checks(result) if result is not None else []
    return next((one for one in found if one.camera == camera), None)


def after(result: StoredResult | None, camera: int) -> int | None:
    """Return the camera after this one in the checking list; the first one for a camera that is not in it."""
    listed = [one.camera for one in certainty_view.checks(result)] if result is not None else []
    rest = listed[listed.index(camera) + 1 :] if camera in listed else listed
    return rest[0] if rest else None


def done_words(code: str) -> Text | None:
    """Return the words on what was just stored."""
    return _DONE.get(code)


def number(words: str) -> int | None:
    """Return the number of a change from an address; None where it is none."""
    return int(words) if words.isdecimal() and len(words) < 12 else None
