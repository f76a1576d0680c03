"""Words for the codes of results, in one place: causes of blind spots, kinds of targets, day and night.

Pages, exports, maps and the command line all say them from here.
"""

from __future__ import annotations

from town_model import Text

#: The codes of `camera_coverage.blind_spots`, in its order of precedence.
CAUSES: dict[str, Text] = {
    "out_of_order": Text("camera out of order"),
    "dark": Text("dark"),
    "too_few_pixels": Text("too few pixels"),
    "hidden": Text("hidden"),
    "dead_zone": Text("dead zone below the camera"),
    "outside_view": Text("outside the view"),
    "out_of_range": Text("out of range"),
    "no_camera_near": Text("no camera near"),
    "unverified": Text("only unverified data"),
}
TARGET_KINDS: dict[str, Text] = {
    "key_area": Text("key area"),
    "housing_zone": Text("inside a housing zone"),
    "road_strip": Text("road round a housing zone"),
    "road": Text("road"),
}


def cause_text(code: str) -> Text:
    """Return the words of a cause; a code without words stands for itself."""
    return CAUSES.get(str(code)) or Text("{code}", {"code": str(code)})
