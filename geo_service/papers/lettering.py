"""Names on a printed map: the most important first, each only where it covers no other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np
import shapely

from geo_service.papers.looks import LayerLook
from geo_service.papers.shapes import UNITS_PER_MM, Shape

_MOST = 1500
_LONGEST = 24
_CELL = 1000

Box = tuple[float, float, float, float]


class Names:
    """The names of one sheet.

    Args:
        width: of the sheet, in units.
        height: of the sheet, in units.
    """

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._taken: dict[tuple[int, int], list[Box]] = {}
        self._markup: list[str] = []
        self._said: dict[str, list[tuple[float, float]]] = {}

    def place(self, found: Sequence[Shape], look: LayerLook, *, along: bool = False) -> None:
        """Write the names of a layer where there is room.

        Args:
            found: its features.
            look: how its names look.
            along: whether they lie along their lines.
        """
        size = look.name_mm * UNITS_PER_MM
        named = [one for one in found if one.values.get("name")]
        if along:
            named.sort(key=_long, reverse=True)
        for one in named[:_MOST]:
            words = str(one.values["name"])[:_LONGEST]
            width = sum(1.0 if letter > "\u2e80" else 0.56 for letter in words) * size
            for x, y, turn in _along(one, width) if along else _middle(one, size):
                if self._near(words, x, y) or self._write(words, x, y, turn, width, size, look):
                    break

    def markup(self) -> str:
        """Return all names as SVG."""
        return "".join(self._markup)

    def _near(self, words: str, x: float, y: float) -> bool:
        """Whether the same name stands close by already: a street has many pieces."""
        return any(math.hypot(x - a, y - b) < 60 * UNITS_PER_MM for a, b in self._said.get(words, ()))

    def _write(
        self, words: str, x: float, y: float, turn: float, width: float, size: float, look: LayerLook
    ) -> bool:
        """Write a name where there is room for it, and return whether there was."""
        wide, high = _turned(width, size * 1.2, turn)
        box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        inside = box[0] > 0 and box[1] > 0 and box[2] < self._width and box[3] < self._height
        if not inside or any(
            _meets(box, other) for cell in _cells(box) for other in self._taken.get(cell, ())
        ):
            return False
        for cell in _cells(box):
            self._taken.setdefault(cell, []).append(box)
        self._said.setdefault(words, []).append((x, y))
        place = f'x="{x:.0f}" y="{y + size * 0.36:.0f}" font-size="{size:.0f}" text-anchor="middle"'
        rotate = f' transform="rotate({turn:.1f} {x:.0f} {y:.0f})"' if turn else ""
        # characters that XML cannot hold at all are not for paper either
        said = escape("".join(letter for letter in words if letter.isprintable()))
        self._markup.append(
            f'<text {place}{rotate} fill="{look.name_colour}" stroke="#faf7f0" stroke-width="{size * 0.24:.0f}"'
            f' stroke-linejoin="round" paint-order="stroke">{said}</text>'
        )
        return True


def _meets(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for i in range(int(box[0] // _CELL), int(box[2] // _CELL) + 1):
        for j in range(int(box[1] // _CELL), int(box[3] // _CELL) + 1):
            yield i, j


def _turned(width: float, height: float, degrees: float) -> tuple[float, float]:
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    return width * cosine + height * sine, width * sine + height * cosine


def _long(shape: Shape) -> float:
    return sum(float(np.hypot(*np.diff(part, axis=0).T).sum()) for part in shape.parts if len(part) > 1)


def _middle(shape: Shape, size: float) -> list[tuple[float, float, float]]:
    """Where the name of a point or an area may stand, and how far it is turned, in degrees."""
    if shape.kind == 0:
        x, y = shape.parts[0][0]
        return [(float(x), float(y) - (0.95 * size if shape.name else 0), 0.0)]
    rings = [part for part in shape.parts if len(part) > 3]
    if shape.kind != 2 or not rings:
        return []
    largest = max(rings, key=lambda part: float(np.prod(np.ptp(part, axis=0))))
    ring = shapely.make_valid(shapely.Polygon(largest))
    point = shapely.point_on_surface(ring)
    return [] if point.is_empty else [(point.x, point.y, 0.0)]


def _along(shape: Shape, width: float) -> list[tuple[float, float, float]]:
    """Where the name of a line may stand: at its middle or its quarters, where it is long and straight enough."""
    part = max(shape.parts, key=len)
    if len(part) < 2:
        return []
    line = shapely.LineString(part)
    if line.length < width * 1.1:
        return []
    found = []
    for share in (0.5, 0.25, 0.75):
        start, end = (line.interpolate(line.length * share + side * width / 2) for side in (-1, 1))
        if math.hypot(end.x - start.x, end.y - start.y) < width * 0.93:
            continue
        turn = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
        turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
        found.append(((start.x + end.x) / 2, (start.y + end.y) / 2, turn))
    return found
