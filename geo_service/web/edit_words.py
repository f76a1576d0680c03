"""The words that the scripts for editing on the map say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from town_model import Text

WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "choose": Text("Click a feature of this layer on the map to change it, or add a new one."),
        "zoom_in": Text("This layer is large: zoom in until it shows, then click a feature."),
        "first_save": Text("Save or cancel what you have changed first."),
        "failed": Text("That did not work. Load the page again."),
        "offline": Text("The server cannot be reached. What you drew is still here: try again."),
        "new_one": Text("New feature"),
        "needed": Text("needed"),
        "save": Text("Save"),
        "cancel": Text("Cancel"),
        "remove": Text("Delete…"),
        "really": Text("Delete {name}? You can take this back."),
        "really_yes": Text("Delete"),
        "really_no": Text("Keep it"),
        "saved": Text("Saved as change {n}. Ctrl+Z takes it back."),
        "unchanged": Text("Nothing was changed."),
        "deleted": Text("Deleted, as change {n}. Ctrl+Z takes it back."),
        "undone": Text("Change {n} was taken back."),
        "not_saved": Text("Not saved yet."),
        "step_back": Text("One step back."),
        "nothing_back": Text("There is nothing to take back."),
        "gone": Text("Cancel closes the form."),
        "tap_point": Text("Click the place on the map. Esc cancels."),
        "tap_line": Text(
            "Click the corners of the line one by one. Enter or a double click ends it, Esc cancels."
        ),
        "tap_area": Text(
            "Click the corners of the area one by one. Enter or a double click ends it, Esc cancels."
        ),
        "tap_hole": Text("Click the corners of the hole. Enter ends it, Esc cancels."),
        "tap_part": Text("Click the corners of the further part. Enter ends it, Esc cancels."),
        "drawing_n": Text("{n} corners. Enter ends it, Ctrl+Z takes the last one back."),
        "two": Text("A line needs two points at least."),
        "three": Text("An area needs three corners at least."),
        "fill_in": Text("Fill in the form and save. The shape can still be changed."),
        "move_point": Text("Drag the point, or click its new place. Arrow keys move it by a little."),
        "reshape": Text(
            "Drag a corner; drag a small dot to make a new corner; double-click a corner to delete it."
        ),
        "choose_corner": Text("Choose a corner first. A line keeps two, an area three."),
        "crowded": Text("There are many corners here: zoom in to see their handles."),
        "corner": Text("Corner"),
        "middle": Text("New corner"),
        "point": Text("Point"),
        "line_or_area": Text("Is it a line or an area?"),
        "draw_line": Text("Line"),
        "draw_area": Text("Area"),
        "clash": Text("{who} changed this while you had it open. Nothing of yours was stored."),
        "somebody": Text("Somebody else"),
        "clash_map": Text("On the map: yours dashed, the other version solid. What shall hold?"),
        "column": Text("Column"),
        "before": Text("Before"),
        "theirs": Text("Stored now"),
        "mine": Text("Your version"),
        "take_theirs": Text("Take theirs"),
        "keep_mine": Text("Keep mine"),
        "merge": Text("Merge fields"),
        "kept_mine": Text("Your version is stored over the other one."),
        "merged": Text(
            "Both versions are put together below: yours where you changed something. Check and save."
        ),
        "history": Text("History ({n})"),
        "show_before": Text("Show before"),
        "undo_this": Text("Take back"),
        "rows_of": Text("{from}–{to} of {n}"),
        "no_rows": Text("No rows."),
        "number": Text("No."),
        "grid_choose": Text("Choose one cell on the map to split it, or several to merge them."),
        "grid_chosen": Text("{n} chosen: {names}"),
        "grid_draw": Text("Draw the line across the cell, from outside to outside. Enter ends it."),
        "grid_done": Text("Done, as change {n}. Ctrl+Z takes it back."),
        "picture_none": Text("No picture yet. Choose a PNG or JPEG file."),
        "picture_upload": Text("Uploading…"),
        "picture_on_picture": Text("Click a place on the picture that you know on the map."),
        "picture_on_map": Text("Now click the same place on the map, or type its longitude and latitude."),
        "picture_more": Text(
            "{n} control points. Two place the picture; further ones tell how well it fits."
        ),
        "picture_fit": Text("{kind}; off by {rms} m on average, {worst} m at most."),
        "picture_exact": Text(
            "{kind}; placed by exactly as many points as it needs, so nothing tells how well it fits."
        ),
        "picture_point": Text("Point {n}: off by {metres} m"),
        "picture_drop": Text("Remove"),
        "similarity": Text("Moved, turned and scaled"),
        "affine": Text("Affine"),
        "projective": Text("Projective"),
        "height_of": Text("{n} storeys: about {metres} m, estimated at {each} m each"),
    }
)
