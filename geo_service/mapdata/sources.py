"""Which layers a map can show, under which heading, and which permission each one asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from town_model import LAYERS, InputError, Text, TownError

VIEW_MAP = "view_map"
VIEW_CAMERAS = "view_cameras"
VIEW_GAPS = "view_gaps"
VIEW_PLANS = "view_plans"
#: Enough for the layer of patrol routes when it is asked for the villages of a cadre.
VIEW_OWN_ROUTES = "view_own_routes"

BASE = Text("Base map")
PLACES = Text("Places")
CAMERAS = Text("Cameras and coverage")
GAPS = Text("Blind spots")
PATROLS = Text("Patrols")


class MapAccessError(TownError):
    """A map layer was asked for without the permission that it needs. HTTP 403."""


@dataclass(frozen=True)
class MapSource:
    """Where a layer of the map comes from.

    Args:
        key: its key on the map.
        group: the heading under which it stands.
        permission: what the reader must be allowed to do.
        layer: the layer of the store; empty for a stored result.
        result: the kind of result, with the name of its frame.
        title: its title; None takes that of the layer.
        class_column: the column that chooses a feature's look.
        geometry: ``point``, ``line`` or ``polygon``.
        visible: whether it shows at first.
        fields: columns of the layer that the panel shows; None shows all that say something to a reader.
    """

    key: str
    group: Text
    permission: str
    layer: str = ""
    result: tuple[str, str] | None = None
    title: Text | None = None
    class_column: str = ""
    geometry: str = "polygon"
    visible: bool = False
    fields: tuple[str, ...] | None = None

    @property
    def sensitive(self) -> bool:
        """Whether it may not leave the inner workspace unasked: cameras, gaps, police routes and their points."""
        return self.result is not None or LAYERS[self.layer].sensitive


def _store(key: str, group: Text, geometry: str = "polygon", **more: object) -> MapSource:
    permission = VIEW_MAP
    if LAYERS[key].sensitive:
        permission = VIEW_PLANS if key.startswith(("patrol", "check")) else VIEW_CAMERAS
    return MapSource(key, group, permission, layer=key, geometry=geometry, **more)  # type: ignore[arg-type]


_NAMED = ("name",)

#: Layers in the order of the panel.
SOURCES: Mapping[str, MapSource] = MappingProxyType(
    {
        one.key: one
        for one in (
            MapSource(
                "gaps_day",
                GAPS,
                VIEW_GAPS,
                result=("gaps", "pieces"),
                title=Text("Blind by day"),
                class_column="priority",
                visible=True,
            ),
            MapSource(
                "gaps_night",
                GAPS,
                VIEW_GAPS,
                result=("gaps", "pieces"),
                title=Text("Blind by night"),
                class_column="priority",
            ),
            _store("camera_sites", CAMERAS, "point", class_column="status", visible=True),
            MapSource(
                "coverage_day",
                CAMERAS,
                VIEW_CAMERAS,
                result=("coverage", "visible_areas"),
                title=Text("Seen by day"),
                class_column="observation_class",
                visible=True,
            ),
            MapSource(
                "coverage_night",
                CAMERAS,
                VIEW_CAMERAS,
                result=("coverage", "visible_areas"),
                title=Text("Seen by night"),
                class_column="observation_class",
            ),
            MapSource(
                "targets_day",
                GAPS,
                VIEW_GAPS,
                result=("coverage", "targets"),
                title=Text("Targets by day"),
                class_column="state",
            ),
            MapSource(
                "targets_night",
                GAPS,
                VIEW_GAPS,
                result=("coverage", "targets"),
                title=Text("Targets by night"),
                class_column="state",
            ),
            MapSource(
                "privacy_masks",
                CAMERAS,
                VIEW_CAMERAS,
                result=("exposure", "masks"),
                title=Text("Proposed privacy masks"),
            ),
            MapSource(
                "certainty_day",
                CAMERAS,
                VIEW_CAMERAS,
                result=("coverage", "bands"),
                title=Text("How sure by day"),
                class_column="band",
            ),
            MapSource(
                "certainty_night",
                CAMERAS,
                VIEW_CAMERAS,
                result=("coverage", "bands"),
                title=Text("How sure by night"),
                class_column="band",
            ),
            _store("mounting_points", CAMERAS, "point"),
            MapSource(
                "patrol_routes",
                PATROLS,
                VIEW_PLANS,
                result=("patrol", "routes"),
                title=Text("Patrol routes"),
                class_column="unit",
                geometry="line",
            ),
            MapSource(
                "patrol_places",
                PATROLS,
                VIEW_PLANS,
                result=("patrol", "places"),
                title=Text("Patrolled places"),
                class_column="state",
                geometry="point",
            ),
            _store("patrol_units", PATROLS, "point", class_column="mode"),
            _store("patrol_points", PATROLS, "point"),
            _store("checkpoints", PATROLS, "point"),
            _store("key_areas", PLACES, class_column="priority", visible=True),
            _store("housing_zones", PLACES, visible=True),
            _store("entrances", PLACES, "point", class_column="kind"),
            _store("notice_boards", PLACES, "point", class_column="state"),
            _store("no_camera_zones", PLACES),
            _store("street_lights", PLACES, "point"),
            _store("grids", PLACES),
            _store("villages", PLACES, visible=True),
            _store("admin_areas", PLACES),
            _store("place_names", BASE, "point", class_column="kind", visible=True, fields=_NAMED),
            _store("roads", BASE, "line", class_column="highway", visible=True, fields=_NAMED),
            _store("turn_restrictions", BASE, "point"),
            _store("buildings", BASE, class_column="use", visible=True, fields=_NAMED),
            _store("obstacles", BASE, "line", class_column="kind", visible=True, fields=()),
            _store("water", BASE, class_column="kind", visible=True, fields=_NAMED),
            _store("land_cover", BASE, class_column="kind", visible=True, fields=_NAMED),
        )
    }
)

#: The page's own words, by the keys of `town_maps.WORDS`.
PAGE_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "map": Text("Map"),
        "layers": Text("Layers"),
        "fold": Text("Fold the list of layers"),
        "unfold": Text("Show the list of layers"),
        "home": Text("Show the whole town"),
        "close": Text("Close"),
        "zoom_in": Text("Zoom in"),
        "zoom_out": Text("Zoom out"),
        "zoom_here": Text("Zoom to it"),
        "zoom_to_see": Text("Zoom in to see it"),
        "load_failed": Text("Could not be loaded"),
        "number": Text("No. {id}"),
        "tools": Text("Map tools"),
        "measure_line": Text("Measure a distance"),
        "measure_area": Text("Measure an area"),
        "measure_hint": Text(
            "Click points on the map; a double click ends. With the keyboard: Enter takes the middle of the map, Shift+Enter ends, Backspace takes a point back."
        ),
        "undo_point": Text("Take the last point back"),
        "start_anew": Text("Start anew"),
        "line_length": Text("Length"),
        "last_piece": Text("Last piece"),
        "perimeter": Text("Perimeter"),
        "area": Text("Area"),
        "metres": Text("m"),
        "kilometres": Text("km"),
        "square_metres": Text("m²"),
        "square_kilometres": Text("km²"),
        "mu": Text("mu"),
        "hectares": Text("ha"),
        "coordinates": Text("Coordinates"),
        "system": Text("Coordinate system"),
        "gcj02": Text("GCJ-02 (Amap, Tencent maps)"),
        "gauss": Text("CGCS2000, plane, zones of 3°"),
        "place_clicked": Text("Place clicked"),
        "click_map": Text("Click the map to read a place"),
        "copy": Text("Copy"),
        "copied": Text("Copied"),
        "copy_failed": Text("Could not be copied: select the text and copy it by hand"),
        "go_to": Text("Go to coordinates"),
        "go": Text("Go"),
        "bad_coordinates": Text("These are no coordinates of this system. Type them like this: {example}"),
        "full_screen": Text("Full screen"),
        "leave_full_screen": Text("Leave full screen"),
        "link": Text("Copy a link to this view"),
        "link_copied": Text("The link to this view was copied"),
        "print": Text("Print the map"),
        "north": Text("N"),
        "scale_about": Text("Scale about 1:{n}"),
        "printed_on": Text("Printed {date}"),
        "shown_of": Text("{n} of {all} shown"),
        "yes": Text("Yes"),
        "no": Text("No"),
        "needs_script": Text(
            "This map needs JavaScript and a browser of 2020 or later. Please switch to the fast mode."
        ),
    }
)


def source(key: str) -> MapSource:
    """Return the source of a map layer.

    Raises:
        InputError: the map has no such layer.
    """
    try:
        return SOURCES[key]
    except KeyError:
        raise InputError(
            "the map has no layer {key!r}: use one of {known}", key=key, known=", ".join(SOURCES)
        ) from None


def allowed(one: MapSource, permissions: Collection[str], *, own: bool = False) -> bool:
    """Whether a reader with these permissions may see a layer; `own` when only the reader's own routes are asked."""
    if one.permission in permissions:
        return True
    return own and one.key in ("patrol_routes", "patrol_places") and VIEW_OWN_ROUTES in permissions


def check_access(one: MapSource, permissions: Collection[str], *, own: bool = False) -> None:
    """Refuse a reader who may not see a layer.

    Raises:
        MapAccessError: the permission is missing.
    """
    if not allowed(one, permissions, own=own):
        raise MapAccessError("you may not see the map layer {key}", key=one.key)
