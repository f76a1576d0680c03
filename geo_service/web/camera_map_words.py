"""The words that the scripts for cameras on the map say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from town_model import Text

WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "presets": Text("Presets"),
        "eyes": Text("Lenses"),
        "preset_new": Text("Add a preset"),
        "eye_new": Text("Add a lens"),
        "preset_none": Text("Without presets it counts as seeing all that it can turn to."),
        "eye_none": Text("Without single lenses it counts as one picture all round its direction."),
        "preset_saved": Text("Saved by their own forms. Save what you changed here first."),
        "pick": Text("Choose a camera in the list or on the map, or place a new one."),
        "pick_one": Text("Choose a camera …"),
        "place_hint": Text(
            "Click where the camera shall stand. Enter takes the middle of the map, Esc cancels."
        ),
        "drag_hint": Text(
            "Drag the camera, its direction, its reach or its tilt. Arrow keys do the same, Shift takes larger steps."
        ),
        "new_camera": Text("New camera"),
        "chip_same": Text("Blind spots: no change"),
        "chip": Text("Blind spots: {area}, {length}"),
        "new_name": Text("Planned camera {n}"),
        "copy_name": Text("{name} (plan)"),
        "handle_place": Text("Camera position: arrow keys move it"),
        "handle_turn": Text("Direction {n}°: arrow keys turn it"),
        "handle_reach": Text("Reach {n} m: arrow keys change it"),
        "handle_tilt": Text("Tilt {n}°: arrow keys change it"),
        "lens": Text("Lens given by"),
        "lens_angles": Text("view angles"),
        "lens_focal": Text("sensor and focal length"),
        "lens_gives": Text("{n}° wide"),
        "model_own": Text("Models of the town"),
        "model_general": Text("General models"),
        "model_none": Text("none"),
        "more_fields": Text("Further details"),
        "in_day": Text("In daylight"),
        "at_night": Text("At night"),
        "light": Text("Light"),
        "gap_area": Text("Blind area of the town's targets"),
        "gap_length": Text("Blind length of the town's roads"),
        "from_to": Text("{before} → {after}"),
        "no_change": Text("no change"),
        "less": Text("{n} less"),
        "more": Text("{n} more"),
        "class_from": Text("from {n} px/m"),
        "dead_zone": Text("Dead zone below the camera"),
        "dead_to": Text("up to {n} m from its foot"),
        "view_outline": Text("View without obstacles"),
        "private": Text("Private ground in view"),
        "nothing_seen": Text("This camera sees nothing at any class."),
        "summary": Text("Blind spots {area}, {length}."),
        "step_undone": Text("One step back: {what}."),
        "step_redone": Text("Done again: {what}."),
        "nothing_again": Text("There is nothing to do again."),
        "did_place": Text("the position"),
        "did_turn": Text("the direction"),
        "did_reach": Text("the reach"),
        "did_tilt": Text("the tilt"),
        "did_model": Text("the model"),
        "did_lens": Text("the lens"),
        "save_planned": Text("Save as planned"),
        "save_camera": Text("Change the camera itself"),
        "close": Text("Close"),
        "discard": Text("Discard the changes to {name}?"),
        "discard_yes": Text("Discard"),
        "saved_planned": Text("Saved as planned, change {n}. Ctrl+Z takes it back."),
        "compare": Text("Compare the plan with today"),
        "assumed": Text("What was assumed"),
        "m2": Text("{n} m²"),
        "m": Text("{n} m"),
    }
)
#: Of the page that compares the plan with today.
COMPARE_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "today": Text("Today"),
        "plan": Text("Plan"),
        "divide": Text("Move the line between today and the plan"),
        "gained": Text("Gained by the plan"),
        "lost": Text("Lost by the plan"),
        "figure": Text("Figure"),
        "change": Text("Change"),
        "cameras": Text("Cameras that watch"),
        "seen_m2": Text("Ground seen (m²)"),
        "gap_area": Text("Blind area (m²)"),
        "gap_length": Text("Blind roads (m)"),
        "figures": Text("The whole town"),
        "shares": Text("Share seen as required, by target"),
        "target": Text("Target"),
        "unchanged": Text("{n} further targets do not change."),
        "none_changes": Text("No target changes."),
        "computing": Text("Computing …"),
        "failed": Text("That did not work. Load the page again."),
        "offline": Text("The server cannot be reached. Try again."),
        "show": Text("Show on the map"),
        "m2": Text("{n} m²"),
        "m": Text("{n} m"),
        "area_and_length": Text("{area}, {length}"),
    }
)
#: Of the question on the map who sees a place.
SEEN_BY_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "title": Text("Who sees this place?"),
        "hint": Text(
            "Click a place on the map. With the keyboard: Enter takes the middle of the map, Esc ends."
        ),
        "close": Text("Close"),
        "day": Text("In daylight"),
        "night": Text("At night"),
        "nobody": Text("No working camera sees it."),
        "not_enough": Text("No camera sees it well enough."),
        "cure": Text("What would cure it: {cure}"),
        "camera": Text("Camera"),
        "class": Text("Class"),
        "distance": Text("Distance"),
        "density": Text("px/m"),
        "below": Text("below all classes"),
        "metres": Text("{n} m"),
        "drag": Text("Drag and turn it on the map"),
        "put": Text("Place a camera here"),
        "asking": Text("Asking …"),
        "failed": Text("That did not work. Load the page again."),
        "offline": Text("The server cannot be reached. Try again."),
    }
)
