"""The map as a vector drawing: areas, roads, symbols and names, in whole hundredths of a millimetre."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from geo_service.papers.bands import FONTS
from geo_service.papers.lettering import Names
from geo_service.papers.looks import LOOKS, PAPER, LayerLook, Look, Road, road_of, unit_look
from geo_service.papers.press import FONT
from geo_service.papers.shapes import UNITS_PER_MM, Frame, Shape

__all__ = ["Frame", "draw_map", "swatch"]

_DEFAULT = LayerLook(9)
_SYMBOLS = {
    "circle": "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
    "square": "M-1-1h2v2h-2z",
    "triangle": "M0-1L.95.75L-.95.75z",
    "diamond": "M0-1L1 0L0 1L-1 0z",
    "flag": "M-.6 1V-1H.9V.1H-.6",
    "gate": "M-1 1V-.4L0-1L1-.4V1H.45V.1H-.45V1z",
    "bar": "M-1-.4H1V.4H-1z",
}
_OPEN = {"plus": "M-1 0H1M0-1V1", "cross": "M-.8-.8L.8.8M.8-.8L-.8.8"}


def _u(mm: float) -> int:
    return round(mm * UNITS_PER_MM)


def _dash(lengths: Sequence[float]) -> str:
    return f' stroke-dasharray="{" ".join(str(_u(one)) for one in lengths)}"' if lengths else ""


class _Hatches:
    """Patterns, each once, by colour and kind."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def of(self, look: Look) -> str:
        """Return what fills an area of this look."""
        if not look.hatch:
            return look.fill or "none"
        key = (look.hatch, look.fill)
        return f"url(#{self._known.setdefault(key, f'h{len(self._known)}')})"

    def markup(self) -> str:
        side = _u(1.8)
        lines = {
            "forward": f"M0 {side}L{side} 0M-20 20L20-20M{side - 20} {side + 20}L{side + 20} {side - 20}",
            "back": f"M0 0L{side} {side}M-20 {side - 20}L20 {side + 20}M{side - 20}-20L{side + 20} 20",
        }
        lines["cross"] = lines["forward"] + lines["back"]
        found = []
        for (kind, colour), name in self._known.items():
            ink = (
                f'<path d="{lines[kind]}" stroke="{colour}" stroke-width="{_u(0.22)}" fill="none"/>'
                if kind in lines
                else f'<circle cx="{side // 4}" cy="{side // 4}" r="{_u(0.2)}" fill="{colour}"/>'
                f'<circle cx="{side * 3 // 4}" cy="{side * 3 // 4}" r="{_u(0.2)}" fill="{colour}"/>'
            )
            found.append(
                f'<pattern id="{name}" width="{side}" height="{side}" patternUnits="userSpaceOnUse">'
                f'<rect width="{side}" height="{side}" fill="{colour}" fill-opacity="0.2"/>{ink}</pattern>'
            )
        return "".join(found)


def _by_class(found: Sequence[Shape]) -> dict[str, list[Shape]]:
    sorted_: dict[str, list[Shape]] = {}
    for one in found:
        sorted_.setdefault(one.name, []).append(one)
    return sorted_


def _areas_and_lines(found: Sequence[Shape], look: Look, hatches: _Hatches) -> str:
    out = []
    areas = "".join(one.path() for one in found if one.kind == 2)
    lines = "".join(one.path() for one in found if one.kind == 1)
    outline = (
        f' stroke="{look.stroke}" stroke-width="{_u(look.width_mm)}"{_dash(look.dash_mm)} stroke-linejoin="round"'
        if look.stroke
        else ""
    )
    if areas:
        alpha = f' fill-opacity="{look.alpha}"' if look.alpha < 1 else ""
        out.append(f'<path d="{areas}" fill="{hatches.of(look)}"{alpha}{outline}/>')
    if lines:
        colour = look.stroke or look.fill
        wide = _u(max(look.width_mm * (1.7 if look.hatch else 1), 0.15))
        out.append(
            f'<path d="{lines}" fill="none" stroke="{colour}" stroke-width="{wide}"{_dash(look.dash_mm)}'
            ' stroke-linejoin="round" stroke-linecap="round"/>'
        )
    return "".join(out)


def _symbol(look: Look, x: float, y: float) -> str:
    # the path is drawn one unit in size and enlarged: widths of its lines are in shares of that
    size = _u(look.size_mm)
    place = f'transform="translate({x:.0f} {y:.0f})scale({size})"'
    edge = 0.16 / look.size_mm
    if look.shape in _OPEN:
        path = _OPEN[look.shape]
        return (
            f'<path {place} d="{path}" fill="none" stroke="#ffffff" stroke-width="{0.75 / look.size_mm:.3f}"/>'
            f'<path {place} d="{path}" fill="none" stroke="{look.fill}" stroke-width="{0.4 / look.size_mm:.3f}"/>'
        )
    path = _SYMBOLS[look.shape]
    rim = f'<path {place} d="{path}" fill="#ffffff" stroke="#ffffff" stroke-width="{4 * edge:.3f}" stroke-linejoin="round"/>'
    if look.ring:
        return f'{rim}<path {place} d="{path}" fill="#ffffff" stroke="{look.fill}" stroke-width="{2.6 * edge:.3f}"/>'
    return f'{rim}<path {place} d="{path}" fill="{look.fill}"/>'


def _roads(found: Sequence[Shape], levels: Mapping[str, Mapping[object, int]], scale: float) -> str:
    """Roads level by level, first all casings, then all fillings, so that junctions run together."""
    sorted_: dict[tuple[int, int, str], list[Shape]] = {}
    for one in found:
        road = road_of(one.name)
        if scale <= road.least_scale:
            level = int(levels.get("level", {}).get(one.row, 0))
            sorted_.setdefault((level, road.order, one.name), []).append(one)
    out = []
    for level in sorted({key[0] for key in sorted_}):
        groups = [(key, rows) for key, rows in sorted(sorted_.items()) if key[0] == level]
        drawn = [(road_of(key[2]), "".join(one.path() for one in rows)) for key, rows in groups]
        for turn in ("casing", "fill"):
            out += [_road(road, path, turn, scale) for road, path in drawn]
    return "".join(out)


def _road(road: Road, path: str, turn: str, scale: float) -> str:
    wide = max(road.metres * 1000 / scale, road.least_mm)
    if turn == "casing" and not road.casing:
        return ""
    colour = road.casing if turn == "casing" else road.fill
    more = min(0.35, 0.14 + wide * 0.1) if turn == "casing" else 0.0
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{_u(wide + more)}"'
        f'{_dash(road.dash_mm)} stroke-linejoin="round" stroke-linecap="{"butt" if road.dash_mm else "round"}"/>'
    )


def draw_map(
    layers: Mapping[str, Sequence[Shape]],
    frame: Frame,
    *,
    attributes: Mapping[str, Mapping[str, Mapping[object, int]]] | None = None,
    units: Sequence[str] = (),
    north_deg: float = 0.0,
) -> str:
    """Return the map as SVG, as large as its frame.

    Args:
        layers: what to draw, by the key of the layer.
        frame: the rectangle of paper and what it shows.
        attributes: what the look of a feature needs beside its class, by layer, attribute and id (levels of roads).
        units: patrol units in the order of the legend.
        north_deg: where true north lies, clockwise from the top, in degrees.
    """
    width, height = _u(frame.width_mm), _u(frame.height_mm)
    body, hatches = draw_layers(layers, frame, attributes=attributes, units=units)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{frame.width_mm}mm" height="{frame.height_mm}mm"'
        f' viewBox="0 0 {width} {height}" font-family="{FONTS}"><defs><clipPath id="frame">'
        f'<rect width="{width}" height="{height}"/></clipPath>{hatches}</defs>'
        f'<g clip-path="url(#frame)">'
        f"{body}</g>{north_arrow(width, north_deg)}"
        f'<rect width="{width}" height="{height}" fill="none" stroke="#4a463f" stroke-width="{_u(0.25)}"/></svg>'
    )


def draw_layers(
    layers: Mapping[str, Sequence[Shape]],
    frame: Frame,
    *,
    attributes: Mapping[str, Mapping[str, Mapping[object, int]]] | None = None,
    units: Sequence[str] = (),
    looks: Mapping[str, LayerLook] = LOOKS,
) -> tuple[str, str]:
    """Return paper, layers and names as SVG without a frame, and the definitions that they use. Parameters as of `draw_map`.

    Args:
        layers: what to draw.
        frame: the rectangle of paper.
        attributes: what looks need beside classes.
        units: patrol units.
        looks: how layers look.
    """
    width, height = _u(frame.width_mm), _u(frame.height_mm)
    hatches = _Hatches()
    names = Names(width, height)
    body = []
    order = sorted(layers, key=lambda key: looks.get(key, _DEFAULT).order)
    for key in order:
        look = looks.get(key, _DEFAULT)
        found = layers[key]
        if frame.scale > look.least_scale or not found:
            continue
        if key == "roads":
            body.append(_roads(found, (attributes or {}).get(key, {}), frame.scale))
            continue
        inner = []
        for name, some in _by_class(found).items():
            own = _own_look(key, look, name, units)
            if key == "patrol_routes":
                inner.append(
                    _areas_and_lines(some, Look(stroke="#ffffff", width_mm=own.width_mm + 0.5), hatches)
                )
            inner.append(_areas_and_lines([one for one in some if one.kind], own, hatches))
            if own.shape:
                inner += [_symbol(own, *one.parts[0][0]) for one in some if one.kind == 0]
        if inner:
            whole = "".join(inner)
            body.append(f'<g opacity="{look.opacity}">{whole}</g>' if look.opacity < 1 else whole)
    for key in sorted(layers, key=lambda key: looks.get(key, _DEFAULT).rank):
        look = looks.get(key, _DEFAULT)
        if look.name_mm and frame.scale <= look.least_scale:
            names.place(layers[key], look, along=key == "roads")
    paper = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    return f"{paper}{''.join(body)}{names.markup()}", hatches.markup()


def north_arrow(width: int, north_deg: float) -> str:
    """Return an arrow to true north for the upper right corner of a drawing of a width in units."""
    x, y = width - _u(9), _u(11)
    return (
        f'<g transform="translate({x} {y})"><circle r="{_u(7)}" fill="#ffffff" fill-opacity="0.82"/>'
        f'<g transform="rotate({north_deg:.2f})"><path d="M0-{_u(4)}L{_u(1.8)} {_u(3.6)}L0 {_u(2.2)}L-{_u(1.8)} {_u(3.6)}z"'
        f' fill="#25221d"/><text y="-{_u(4.4)}" font-size="{_u(2.6)}" text-anchor="middle" fill="#25221d">N</text></g></g>'
    )


def _own_look(key: str, look: LayerLook, name: str, units: Sequence[str]) -> Look:
    if key == "patrol_routes":
        return unit_look(units.index(name) if name in units else 0)
    return look.of(name)


def swatch(key: str, name: str, geometry: str, *, units: Sequence[str] = ()) -> str:
    """Return a piece of the map for the legend as SVG, 8 by 4.6 millimetres.

    Args:
        key: the layer.
        name: the class.
        geometry: ``point``, ``line`` or ``polygon``.
        units: patrol units in the order of the legend.
    """
    width, height = _u(8), _u(4.6)
    look = LOOKS.get(key, _DEFAULT)
    own = _own_look(key, look, name, units)
    hatches = _Hatches()
    middle = height // 2
    if key == "roads":
        path = f"M20 {middle}H{width - 20}"
        ink = "".join(_road(road_of("primary"), path, turn, 10_000) for turn in ("casing", "fill"))
    elif key == "place_names":
        ink = f'<text x="{width // 2}" y="{middle + 90}" font-size="260" text-anchor="middle" fill="{look.name_colour}">Aa</text>'
    elif own.shape:
        ink = _symbol(own, width / 2, middle)
    elif geometry == "line":
        ink = (
            f'<path d="M20 {middle}H{width - 20}" fill="none" stroke="{own.stroke or own.fill}"'
            f' stroke-width="{_u(max(own.width_mm, 0.4))}"{_dash(own.dash_mm)}/>'
        )
    else:
        stroke = (
            f' stroke="{own.stroke}" stroke-width="{_u(own.width_mm)}"{_dash(own.dash_mm)}'
            if own.stroke
            else ""
        )
        ink = (
            f'<rect x="30" y="40" width="{width - 60}" height="{height - 80}" fill="{hatches.of(own)}"'
            f' fill-opacity="{min(1.0, own.alpha * (look.opacity + (0.2 if look.opacity < 1 else 0)))}"{stroke}/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="8mm" height="4.6mm" viewBox="0 0 {width} {height}"'
        f' font-family="{escape(FONT)}"><defs>{hatches.markup()}</defs>{ink}</svg>'
    )


def round_length(longest: float) -> float:
    """Return the longest of 1, 2 and 5 times a power of ten that is not above a length.

    >>> round_length(730), round_length(260), round_length(99)
    (500.0, 200.0, 50.0)
    """
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest)
