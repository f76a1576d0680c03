"""Colours and patterns of what a camera sees: one set for plan and section, told apart without colour vision, and their legend.

Colours of classes follow ColorBrewer's YlGnBu, set a little further apart: they grow darker from coarse to fine, so that their order also
shows in grey. What is not seen differs by pattern.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

from geo_service.papers.shapes import UNITS_PER_MM

#: From coarse to fine; a table with another number of classes takes its share of them.
RAMP = ("#fdfacb", "#aedba0", "#62b5ad", "#2277a3", "#225ea8", "#0b2462")
INK = "#25221d"
LINE = "#4a463f"
#: Fonts of drawings: the one of printed sheets first, then what a browser finds.
FONTS = "Noto Sans SC, Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
_PATTERNS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {  # ground, ink, and lines of a tile of 2 mm
        "dead_zone": ("#fbe3d6", "#9c3a0c", "M0 200L200 0M-50 50L50-50M150 250L250 150"),
        "hidden": ("#d5d1ca", "#6b655b", "M0 0L200 200M-50 150L50 250M150-50L250 50"),
        "dark": ("#c9c6d6", "#3d3867", "M0 100H200"),
        "blind": ("#eeeeee", "#777777", "M100 0V200"),
    }
)
_PLAIN: Mapping[str, str] = MappingProxyType(
    {"building": "#8d8478", "outside": "#ffffff", "out_of_range": "#ffffff", "too_few_pixels": "#ffffff"}
)


def units(mm: float) -> int:
    """Return millimetres as whole units of a drawing."""
    return round(mm * UNITS_PER_MM)


def class_colours(classes: Sequence[str]) -> dict[str, str]:
    """Return a colour a class.

    Args:
        classes: from coarse to fine.
    """
    last = max(len(classes) - 1, 1)
    return {name: RAMP[round(i * (len(RAMP) - 1) / last)] for i, name in enumerate(classes)}


def text_colour(fill: str) -> str:
    """Return black or white, whichever stands out more on a colour (relative luminance of WCAG 2)."""
    parts = [int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if light > 0.18 else "#ffffff"


def patterns() -> str:
    """Return the patterns as definitions of an SVG."""
    return "".join(
        f'<pattern id="p-{name}" width="200" height="200" patternUnits="userSpaceOnUse"><rect width="200" height="200" fill="{ground}"/>'
        f'<path d="{lines}" stroke="{ink}" stroke-width="28" fill="none"/></pattern>'
        for name, (ground, ink, lines) in _PATTERNS.items()
    )


def fill_of(state: str, observation_class: str | None, colours: Mapping[str, str]) -> str:
    """Return what fills a stretch or an area of a state and class."""
    if state == "seen" and observation_class is not None:
        return colours[observation_class]
    return f"url(#p-{state})" if state in _PATTERNS else _PLAIN.get(state, "#ffffff")


def text_width(words: str, size: float) -> float:
    """Return about how wide words are at a size of letters, in the same unit."""
    return sum(1.0 if letter > "\u2e80" else 0.56 for letter in words) * size


def text(
    x: float, y: float, words: str, *, size_mm: float = 2.5, anchor: str = "start", fill: str = INK, halo: bool = False
) -> str:  # fmt: skip
    """Return words at a place, in units; with a halo they can be read on any ground."""
    said = escape("".join(letter for letter in words if letter.isprintable()))
    edge = f' stroke="#ffffff" stroke-width="{units(0.6)}" stroke-linejoin="round" paint-order="stroke"' if halo else ""  # fmt: skip
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{units(size_mm)}" text-anchor="{anchor}" fill="{fill}"{edge}>{said}</text>'
    )  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """An entry of a legend: what fills its swatch, and its words."""

    fill: str
    words: str


def legend(entries: Sequence[Entry], width: int, *, top: int) -> tuple[str, int]:
    """Return a legend in rows below a drawing, and its height in units.

    Args:
        entries: in their order.
        width: of the drawing.
        top: where it begins.
    """
    box, gap, line, size = units(5), units(4), units(4.4), units(2.5)
    x, row, out = 0, 0, []
    for one in entries:
        wide = box + units(1) + round(text_width(one.words, size)) + gap
        if x and x + wide > width:
            x, row = 0, row + 1
        y = top + row * line
        out.append(
            f'<rect x="{x + 8}" y="{y + units(0.7)}" width="{box}" height="{units(2.9)}" fill="{one.fill}" stroke="{LINE}" stroke-width="12"/>'
            + text(x + box + units(1), y + units(3.1), one.words)
        )
        x += wide
    return "".join(out), (row + 1) * line if entries else 0


def svg(width: int, height: int, body: str, *, title: str, defs: str = "") -> str:
    """Return a whole drawing of a size in units, with its title for those who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width / UNITS_PER_MM:g}mm" height="{height / UNITS_PER_MM:g}mm"'
        f' viewBox="0 0 {width} {height}" font-family="{FONTS}" role="img"><title>{escape(title)}</title><defs>{patterns()}{defs}</defs>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{body}</svg>'
    )  # fmt: skip
