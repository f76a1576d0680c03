"""How layers look on paper: the colours and hatches of the map page, with widths in millimetres.

The page's looks stand in ``town-map-styles.js``; a test holds that no layer of the map is without looks here and that
the colours are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PAPER = "#f5f1e8"


@dataclass(frozen=True)
class Look:
    """One class of a layer.

    Args:
        fill: colour of areas and symbols; empty for none.
        stroke: colour of lines and outlines; empty for none.
        width_mm: width of lines and outlines.
        alpha: how strongly areas are filled.
        dash_mm: lengths of dashes and gaps.
        hatch: ``forward``, ``back``, ``cross``, ``dots`` or empty.
        shape: the symbol of a point.
        size_mm: half its size.
        ring: whether its middle stays open.
    """

    fill: str = ""
    stroke: str = ""
    width_mm: float = 0.2
    alpha: float = 1.0
    dash_mm: tuple[float, ...] = ()
    hatch: str = ""
    shape: str = ""
    size_mm: float = 1.3
    ring: bool = False


@dataclass(frozen=True)
class LayerLook:
    """A layer.

    Args:
        order: what is drawn later covers what is drawn earlier.
        classes: looks by class; ``default`` serves the others.
        opacity: of the layer as a whole, so that overlaps do not add up.
        name_mm: height of its names; 0 for none.
        name_colour: their colour.
        rank: whose names come first where there is no room for all.
        least_scale: from which scale on it is drawn, as the number n of 1:n.
    """

    order: float
    classes: Mapping[str, Look] = field(default_factory=dict)
    opacity: float = 1.0
    name_mm: float = 0.0
    name_colour: str = "#4a4238"
    rank: int = 9
    least_scale: float = float("inf")

    def of(self, name: str) -> Look:
        """Return the look of a class."""
        return self.classes.get(name) or self.classes.get("default") or Look()


def _area(fill: str, stroke: str, width_mm: float = 0.12) -> Look:
    return Look(fill=fill, stroke=stroke, width_mm=width_mm)


def _mark(shape: str, fill: str, size_mm: float = 1.3, *, ring: bool = False) -> Look:
    return Look(fill=fill, shape=shape, size_mm=size_mm, ring=ring)


_GAPS = {
    "1": Look("#c2410c", "#c2410c", 0.45, 0.85, hatch="cross"),
    "2": Look("#dd8a0a", "#dd8a0a", 0.35, 0.62, hatch="forward"),
    "3": Look("#b8940a", "#b8940a", 0.28, 0.7, (1.0, 0.6), hatch="dots"),
    "default": Look("#dd8a0a", "#dd8a0a", 0.35, 0.62, hatch="forward"),
}


_TARGETS = {
    "all": Look("#0b6e66", "#0b6e66", 0.35, 0.4),
    "part": Look("#b7791f", "#9a6210", 0.35, 0.75, (1.8, 0.8), hatch="forward"),
    "none": Look("#8c1d40", "#8c1d40", 0.35, 0.75, (0.5, 0.8), hatch="dots"),
    "default": Look("#b7791f", "#9a6210", 0.35, 0.75, hatch="forward"),
}


def _coverage(light: str, middle: str, fine: str, strong: str) -> dict[str, Look]:
    kinds = {"monitor": light, "detect": light, "observe": middle, "recognise": fine}
    kinds |= {"identify": strong, "inspect": strong, "default": middle}
    return {name: Look(fill=colour, stroke="") for name, colour in kinds.items()}


def _bands(sure: str, possible: str) -> dict[str, Look]:
    return {
        "sure": Look(sure, sure, 0.25, 0.45),
        "possible": Look(possible, possible, 0.2, 0.18, (0.9, 0.6), hatch="forward"),
        "default": Look(possible, possible, 0.2, 0.18),
    }


LOOKS: Mapping[str, LayerLook] = MappingProxyType(
    {
        "land_cover": LayerLook(
            1,
            {
                "park": _area("#d5e6c6", "#c2d8b0"),
                "forest": _area("#c6dcb6", "#b2cca1"),
                "grass": _area("#e0ebd2", "#d2e0c1"),
                "farmland": _area("#f1ebd3", "#e6dfc3"),
                "square": _area("#ece5da", "#dfd6c8"),
                "built_up": _area("#efe9de", "#e9e2d5"),
                "default": _area("#e8ecd9", "#dbe0c9"),
            },
        ),
        "water": LayerLook(
            2,
            {
                "stream": _area("#b0d3e6", "#9cc5dc", 0.35),
                "river": _area("#a9cfe4", "#93bfd8", 0.8),
                "default": _area("#a9cfe4", "#93bfd8", 0.3),
            },
            name_mm=2.4,
            name_colour="#3f7699",
            rank=4,
        ),
        "villages": LayerLook(
            3,
            {"default": Look(stroke="#9a7ba6", width_mm=0.35, dash_mm=(2.4, 1.0, 0.5, 1.0))},
            name_mm=3.2,
            name_colour="#7a5c86",
            rank=2,
        ),
        "buildings": LayerLook(
            4,
            {
                **dict.fromkeys(("public", "school", "hospital"), _area("#d9c9b8", "#b9a48d")),
                "default": _area("#e0d5c7", "#c8b9a7", 0.1),
            },
            name_mm=1.9,
            name_colour="#75675a",
            rank=8,
            least_scale=30_000,
        ),
        "obstacles": LayerLook(
            5,
            {
                "wall": _area("#b9ada0", "#8c7f72", 0.25),
                "fence": Look(stroke="#a2978a", width_mm=0.18, dash_mm=(0.9, 0.4)),
                "hedge": _area("#b6cfa5", "#8fae7c", 0.4),
                "trees": _area("#bfd6ae", "#a8c496", 0.4),
                "default": _area("#c4bab0", "#9a8f82", 0.2),
            },
            least_scale=10_000,
        ),
        "roads": LayerLook(6, name_mm=2.1, name_colour="#6a6055", rank=6),
        "place_names": LayerLook(7, {"default": Look()}, name_mm=3.0, rank=1),
        "grids": LayerLook(8, {"default": Look(stroke="#52606d", width_mm=0.3, dash_mm=(1.5, 0.8))}),
        "admin_areas": LayerLook(3, {"default": Look(stroke="#7a7384", width_mm=0.4, dash_mm=(3.0, 0.8))}),
        "housing_zones": LayerLook(
            20,
            {"default": Look("#b59a3c", "#8f7a2a", 0.4, 0.1, (1.8, 1.0))},
            name_mm=2.5,
            name_colour="#6b5b1e",
            rank=3,
        ),
        "key_areas": LayerLook(
            21,
            {
                "1": Look("#a8447a", "#98356a", 0.6, 0.16),
                "2": Look("#a8447a", "#98356a", 0.4, 0.11),
                "3": Look("#a8447a", "#98356a", 0.3, 0.07, (1.0, 0.8)),
                "default": Look("#a8447a", "#98356a", 0.4, 0.11),
            },
            name_mm=2.5,
            name_colour="#8a2f58",
            rank=0,
        ),
        "no_camera_zones": LayerLook(
            22, {"default": Look("#4b5563", "#4b5563", 0.35, dash_mm=(0.5, 0.7), hatch="back")}
        ),
        "coverage_day": LayerLook(30, _coverage("#5cc4b8", "#40b1a5", "#259f93", "#0d8f82"), opacity=0.36),
        "coverage_night": LayerLook(31, _coverage("#9a98e6", "#7c77db", "#5e57d1", "#4338ca"), opacity=0.36),
        "certainty_day": LayerLook(32, _bands("#0b7d72", "#b7791f")),
        "certainty_night": LayerLook(33, _bands("#3730a3", "#9a5b8f")),
        "privacy_masks": LayerLook(35, {"default": Look("#7a3e12", "#7a3e12", 0.3, 0.2, hatch="forward")}),
        "targets_day": LayerLook(36, _TARGETS),
        "targets_night": LayerLook(37, _TARGETS),
        "gaps_day": LayerLook(40, _GAPS),
        "gaps_night": LayerLook(41, _GAPS),
        "patrol_routes": LayerLook(50),
        "patrol_points": LayerLook(51, {"default": _mark("diamond", "#1f5f8b")}),
        "patrol_places": LayerLook(
            52,
            {
                "kept": _mark("circle", "#1f5f8b", 1.2),
                "late": _mark("triangle", "#c2410c", 1.6),
                "unreachable": _mark("cross", "#7f1d1d", 1.5),
                "default": _mark("circle", "#1f5f8b", 1.2),
            },
            name_mm=2.3,
            name_colour="#1f3f63",
            rank=5,
        ),
        "patrol_units": LayerLook(
            53,
            {
                "foot": _mark("circle", "#0072b2", 1.5, ring=True),
                "car": _mark("square", "#0072b2", 1.5),
                "motorcycle": _mark("diamond", "#0072b2", 1.7),
                "default": _mark("square", "#0072b2", 1.5),
            },
            name_mm=2.3,
            name_colour="#1f3f63",
            rank=5,
        ),
        "entrances": LayerLook(
            60,
            {"main": _mark("gate", "#6b4f1d"), "default": _mark("gate", "#8d7444", 1.1)},
            least_scale=15_000,
        ),
        "notice_boards": LayerLook(
            61,
            {
                "good": _mark("flag", "#2f6f4f", 1.5),
                "damaged": _mark("flag", "#b45309", 1.5, ring=True),
                "planned": _mark("flag", "#64748b", 1.5, ring=True),
                "default": _mark("flag", "#2f6f4f", 1.5),
            },
        ),
        "turn_restrictions": LayerLook(
            61, {"default": _mark("triangle", "#9f1239", 0.9, ring=True)}, least_scale=10_000
        ),
        "checkpoints": LayerLook(62, {"default": _mark("bar", "#1e3a5f", 1.7)}),
        "street_lights": LayerLook(
            63,
            {
                "working": _mark("circle", "#d9a514", 0.7),
                "dark": _mark("circle", "#6b7280", 0.7, ring=True),
                "default": _mark("circle", "#d9a514", 0.7),
            },
            least_scale=10_000,
        ),
        "mounting_points": LayerLook(64, {"default": _mark("plus", "#475569", 1.1)}, least_scale=15_000),
        "camera_sites": LayerLook(
            70,
            {
                "working": _mark("circle", "#0f766e"),
                "faulty": _mark("triangle", "#c2410c", 1.6),
                "offline": _mark("square", "#57534e", 1.2),
                "planned": _mark("diamond", "#1d4ed8", 1.5, ring=True),
                "removed": _mark("cross", "#78716c", 1.2),
                "default": _mark("circle", "#0f766e"),
            },
        ),
    }
)


@dataclass(frozen=True)
class Road:
    """A class of roads: metres on the ground, least width on paper, order, colours, and the smallest scale."""

    metres: float
    least_mm: float
    order: int
    fill: str = "#ffffff"
    casing: str = "#cfc6b8"
    least_scale: float = 25_000
    dash_mm: tuple[float, ...] = ()


_PATH = Road(1.6, 0.2, 1, "#b69f86", "", 10_000, (0.9, 0.6))
ROADS: Mapping[str, Road] = MappingProxyType(
    {
        "motorway": Road(18, 0.9, 9, "#fbe2ac", "#cfa862", 1e9),
        "trunk": Road(17, 0.85, 9, "#fbe2ac", "#cfa862", 1e9),
        "primary": Road(14, 0.75, 8, "#fdf0cd", "#d9bf86", 1e9),
        "secondary": Road(11.5, 0.6, 7, "#fff9e8", "#d6c7a4", 400_000),
        "tertiary": Road(9.5, 0.5, 6, least_scale=120_000),
        "unclassified": Road(7.5, 0.35, 5, least_scale=60_000),
        "residential": Road(7, 0.32, 4, least_scale=50_000),
        "living_street": Road(6.5, 0.3, 4, "#fbfaf7", least_scale=40_000),
        "service": Road(4.5, 0.22, 3, least_scale=20_000),
        "pedestrian": Road(8, 0.35, 3, "#f3e7ea", "#d8c3c9", 30_000),
        "track": Road(3, 0.22, 2, "#f4ead6", "#cdb995", 25_000),
        "construction": Road(7, 0.3, 2, "#efeae0", "#c9c0b2"),
        **dict.fromkeys(("path", "footway", "cycleway", "steps", "bridleway", "corridor"), _PATH),
    }
)


def road_of(highway: str) -> Road:
    """Return the looks of a class of roads; those of links are narrower."""
    if highway.endswith("_link") and highway[:-5] in ROADS:
        main = ROADS[highway[:-5]]
        return Road(main.metres * 0.6, main.least_mm * 0.7, main.order, main.fill, main.casing, 120_000)
    return ROADS.get(highway, ROADS["unclassified"])


UNIT_COLOURS = ("#0067a5", "#c44e00", "#008060", "#a83f86", "#7a5a00", "#5b3fa0", "#b3283d", "#3f6b7d")
_UNIT_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (3, 1.3),
    (0.8, 1.3),
    (3.5, 1, 0.8, 1),
    (1.8, 1),
    (0.5, 0.8, 2, 0.8),
)


def unit_look(place: int) -> Look:
    """Return the look of the route of the unit at a place of the legend: colour and dash together."""
    turn = (place + place // len(UNIT_COLOURS)) % len(_UNIT_DASHES)
    return Look(stroke=UNIT_COLOURS[place % len(UNIT_COLOURS)], width_mm=0.75, dash_mm=_UNIT_DASHES[turn])
