"""Layers of the map as the page gets them, turned into places on a sheet of paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

#: Hundredths of a millimetre: drawings are written in whole ones.
UNITS_PER_MM = 100
_MICRO = 1e-6
# vertices closer together than so many units cannot be told apart on paper
_APART = 4
_LEAST_SIDE = 12


@lru_cache(maxsize=16)
def transformer(source: int, target: int, *, always_xy: bool = True) -> Transformer:
    """Return the way from one coordinate system to another by EPSG codes; finding it costs more than a small map."""
    return Transformer.from_crs(source, target, always_xy=always_xy)


@dataclass(frozen=True)
class Frame:
    """A rectangle of paper that shows a rectangle of ground, true to scale.

    Args:
        width_mm: its width.
        height_mm: its height.
        scale: the number n of 1:n.
        x: easting of its middle in the town's metric coordinate system, in metres.
        y: northing of its middle, in metres.
        epsg: that coordinate system.
    """

    width_mm: float
    height_mm: float
    scale: float
    x: float
    y: float
    epsg: int

    @property
    def width_m(self) -> float:
        """Metres on the ground from edge to edge, east to west."""
        return self.width_mm / 1000 * self.scale

    @property
    def height_m(self) -> float:
        """Metres on the ground from edge to edge, north to south."""
        return self.height_mm / 1000 * self.scale

    def units(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return metric coordinates as units of the drawing, from its top left corner; shape (n, 2)."""
        per_metre = 1000 / self.scale * UNITS_PER_MM
        return np.column_stack(
            [
                (x - self.x) * per_metre + self.width_mm / 2 * UNITS_PER_MM,
                (self.y - y) * per_metre + self.height_mm / 2 * UNITS_PER_MM,
            ]
        )

    def box(self) -> tuple[float, float, float, float]:
        """Return what it shows as west, south, east, north in degrees (WGS-84)."""
        back = transformer(self.epsg, 4326, always_xy=True)
        x, y = self.width_m / 2, self.height_m / 2
        # sides of the rectangle are a little bent in degrees: take points along them
        along = np.linspace(-1, 1, 9)
        xs = np.concatenate([along * x, along * x, np.full(9, -x), np.full(9, x)]) + self.x
        ys = np.concatenate([np.full(9, -y), np.full(9, y), along * y, along * y]) + self.y
        lon, lat = back.transform(xs, ys)
        return float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))


@dataclass(frozen=True)
class Shape:
    """A feature on paper.

    Args:
        row: its id.
        name: its class.
        kind: 0 point, 1 line, 2 area.
        parts: vertices of each part in whole units, shape (n, 2).
        values: what the page says of it, by field.
    """

    row: Any
    name: str
    kind: int
    parts: tuple[NDArray[np.int64], ...]
    values: Mapping[str, Any]

    def path(self) -> str:
        """Return its parts as the data of an SVG path."""
        return "".join(_path(part, closed=self.kind == 2) for part in self.parts)


def shapes(data: Mapping[str, Any], frame: Frame) -> list[Shape]:
    """Return the features of a layer that touch the sheet, without what is too small to be seen.

    Args:
        data: a layer as `town_maps.layer_json` gives it.
        frame: the sheet.
    """
    rows = [(at, part) for at, one in enumerate(data["features"]) for part in one[3]]
    if not rows:
        return []
    sizes = np.array([len(part) // 2 for _, part in rows])
    owner = np.repeat(np.arange(len(rows)), sizes)
    steps = np.concatenate([np.asarray(part, dtype=np.int64) for _, part in rows]).reshape(-1, 2)
    places = _running_sums(steps, sizes) + np.asarray(data["origin"], dtype=np.int64)
    forward = transformer(4326, frame.epsg, always_xy=True)
    x, y = forward.transform(places[:, 0] * _MICRO, places[:, 1] * _MICRO)
    units = np.rint(frame.units(np.asarray(x), np.asarray(y))).astype(np.int64)
    kept = _told_apart(units, owner)
    units, owner = units[kept], owner[kept]
    ends = np.searchsorted(owner, np.arange(len(rows)), side="right")
    starts = np.r_[0, ends[:-1]]
    parts: dict[int, list[NDArray[np.int64]]] = {}
    for (at, _), start, end in zip(rows, starts.tolist(), ends.tolist(), strict=True):
        parts.setdefault(at, []).append(units[start:end])
    limit = (frame.width_mm * UNITS_PER_MM, frame.height_mm * UNITS_PER_MM)
    keys = [one["key"] for one in data["fields"]]
    found = []
    for at, own in parts.items():
        row, name, kind, _, values = data["features"][at]
        low, high = _box(own)
        if (high < 0).any() or low[0] > limit[0] or low[1] > limit[1]:
            continue
        if kind == 2 and (high - low).max() < _LEAST_SIDE:
            continue
        found.append(Shape(row, str(name), kind, tuple(own), dict(zip(keys, values, strict=False))))
    return found


def _running_sums(steps: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return vertices from steps; each part begins anew."""
    total = np.cumsum(steps, axis=0)
    begin = np.r_[0, np.cumsum(sizes)[:-1]]
    before = np.where((begin > 0)[:, None], total[begin - 1], 0)
    sums: NDArray[np.int64] = total - np.repeat(before, sizes, axis=0)
    return sums


def _told_apart(units: NDArray[np.int64], owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a vertex lies away from the one before it; first and last of each part stay."""
    edge = owner[1:] != owner[:-1]
    far = np.abs(np.diff(units, axis=0)).max(axis=1) >= _APART
    kept: NDArray[np.bool_] = np.r_[True, far | edge] | np.r_[edge, True]
    return kept


def _box(parts: Iterable[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    together = np.concatenate(list(parts))
    return together.min(axis=0), together.max(axis=0)


def _path(part: NDArray[np.int64], *, closed: bool) -> str:
    if closed and len(part) > 1 and (part[0] == part[-1]).all():
        part = part[:-1]
    if len(part) < 2:
        return ""
    steps = np.diff(part, axis=0).ravel().tolist()
    return f"M{part[0, 0]} {part[0, 1]}l{' '.join(map(str, steps))}{'z' if closed else ''}"
