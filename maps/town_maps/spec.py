"""What a map page shows: its layers, their legends and where their data comes from."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from town_model import InputError

#: Styles that `assets/town-map-styles.js` knows.
STYLES = (
    "land_cover",
    "water",
    "villages",
    "admin_areas",
    "grids",
    "buildings",
    "obstacles",
    "roads",
    "place_names",
    "turn_restrictions",
    "housing_zones",
    "key_areas",
    "no_camera_zones",
    "coverage_day",
    "coverage_night",
    "certainty_day",
    "certainty_night",
    "privacy_masks",
    "targets_day",
    "targets_night",
    "gaps_day",
    "gaps_night",
    "patrol_routes",
    "patrol_places",
    "patrol_units",
    "patrol_points",
    "entrances",
    "notice_boards",
    "checkpoints",
    "street_lights",
    "mounting_points",
    "camera_sites",
    "proposals",
    "import_rows",
    "import_shapes",
)

#: Words of the page in English; a service passes its translations.
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "map": "Map",
        "layers": "Layers",
        "fold": "Fold the list of layers",
        "unfold": "Show the list of layers",
        "home": "Show the whole town",
        "close": "Close",
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
        "zoom_here": "Zoom to it",
        "zoom_to_see": "Zoom in to see it",
        "load_failed": "Could not be loaded",
        "number": "No. {id}",
        "tools": "Map tools",
        "measure_line": "Measure a distance",
        "measure_area": "Measure an area",
        "measure_hint": "Click points on the map; a double click ends. With the keyboard: Enter takes the middle of the map, Shift+Enter ends, Backspace takes a point back.",
        "undo_point": "Take the last point back",
        "start_anew": "Start anew",
        "line_length": "Length",
        "last_piece": "Last piece",
        "perimeter": "Perimeter",
        "area": "Area",
        "metres": "m",
        "kilometres": "km",
        "square_metres": "m²",
        "square_kilometres": "km²",
        "mu": "mu",
        "hectares": "ha",
        "coordinates": "Coordinates",
        "system": "Coordinate system",
        "gcj02": "GCJ-02 (Amap, Tencent maps)",
        "gauss": "CGCS2000, plane, zones of 3°",
        "place_clicked": "Place clicked",
        "click_map": "Click the map to read a place",
        "copy": "Copy",
        "copied": "Copied",
        "copy_failed": "Could not be copied: select the text and copy it by hand",
        "go_to": "Go to coordinates",
        "go": "Go",
        "bad_coordinates": "These are no coordinates of this system. Type them like this: {example}",
        "full_screen": "Full screen",
        "leave_full_screen": "Leave full screen",
        "link": "Copy a link to this view",
        "link_copied": "The link to this view was copied",
        "print": "Print the map",
        "north": "N",
        "scale_about": "Scale about 1:{n}",
        "printed_on": "Printed {date}",
        "shown_of": "{n} of {all} shown",
        "yes": "Yes",
        "no": "No",
        "needs_script": "This map needs JavaScript and a browser of 2020 or later. Please switch to the fast mode.",
    }
)

#: What maps with OpenStreetMap's data must say, with the address of the licence.
OSM_ATTRIBUTION = ("© OpenStreetMap contributors", "https://www.openstreetmap.org/copyright")

_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|//|\\|/\\)")


@dataclass(frozen=True)
class LegendItem:
    """One class of a layer: its value in the data, its title, and how many there are (None: not said)."""

    value: str
    title: str
    count: int | None = None


@dataclass(frozen=True)
class MapLayer:
    """One layer of a map page.

    Args:
        key: its name in the page and in `window.townMap`.
        title: its title, in the language of the page.
        group: the title of its group.
        style: one of `STYLES`.
        geometry: ``point``, ``line`` or ``polygon``, for the legend.
        url: address of its data on the page's own host; empty where the page carries the data itself.
        visible: whether it shows at first.
        legend: its classes; fewer than two need no list.
        count: how many features it has; None where the page may count them itself.
        min_zoom: the zoom from which it is asked for and drawn.
        by_view: ask for what the view shows (``?bbox=west,south,east,north&zoom=``), not for all.
        tiles: address of vector tiles that hold the layer, with {z}, {x} and {y}; `url` then gives only the headings of
            its values.

    Raises:
        InputError: an unknown style, a key that is no name, or an address on another host.
    """

    key: str
    title: str
    group: str
    style: str
    geometry: str = "polygon"
    url: str = ""
    visible: bool = False
    legend: tuple[LegendItem, ...] = ()
    count: int | None = None
    min_zoom: float = 0
    by_view: bool = False
    tiles: str = ""

    def __post_init__(self) -> None:
        if not _KEY.match(self.key):
            raise InputError(
                "{key!r} is no key of a map layer: use small letters, digits and _", key=self.key
            )
        if self.style not in STYLES:
            raise InputError("the map has no style {style!r} for layer {key}", style=self.style, key=self.key)
        if _ADDRESS.match(self.url.strip()) or _ADDRESS.match(self.tiles.strip()):
            raise InputError(
                "layer {key} asks another host for its data: {url!r}. Use an address of this server",
                key=self.key,
                url=self.url,
            )

    def description(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        told = asdict(self)
        told["legend"] = [{"class": one.value, "title": one.title, "count": one.count} for one in self.legend]
        return told


@dataclass(frozen=True)
class MapSpec:
    """What a map page shows.

    Args:
        title: the title in the panel and for assistive technology.
        layers: the layers, in the order of the panel.
        bounds: what to show first: west, south, east, north in degrees; None shows the world.
        language: ``zh`` or ``en``, for numbers and the document.
        words: the page's own words, by the keys of `WORDS`; those missing are English.
        attribution: sources that must be named: (words, address of the licence or empty).
        watermark: words that are drawn across the map, on screen and on paper; empty for none.
        settings: what further scripts of the page read from ``townMap.settings``, by the name of the script: what JSON can
            hold (their words, addresses on the page's own host).

    Raises:
        InputError: bounds that are no box on the globe, or two layers of one key.
    """

    title: str
    layers: tuple[MapLayer, ...]
    bounds: tuple[float, float, float, float] | None = None
    language: str = "zh"
    words: Mapping[str, str] = field(default_factory=dict)
    attribution: tuple[tuple[str, str], ...] = ()
    watermark: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.bounds is not None:
            west, south, east, north = self.bounds
            good = all(math.isfinite(one) for one in self.bounds)
            if not (good and -180 <= west <= east <= 180 and -90 <= south <= north <= 90):
                raise InputError(
                    "{bounds} is no box of west, south, east, north in degrees", bounds=self.bounds
                )
        keys = [one.key for one in self.layers]
        twice = sorted({one for one in keys if keys.count(one) > 1})
        if twice:
            raise InputError("the map has layers of the same key: {keys}", keys=", ".join(twice))
        for _, href in self.attribution:
            if href and not href.startswith(("https://", "http://")):
                raise InputError("{href!r} is no web address of a licence", href=href)

    def description(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        return {
            "title": self.title,
            "language": self.language,
            "bounds": self.bounds,
            "words": {**WORDS, **self.words},
            "attribution": [{"text": text, "href": href} for text, href in self.attribution],
            "watermark": self.watermark,
            "settings": dict(self.settings),
            "layers": [one.description() for one in self.layers],
        }
