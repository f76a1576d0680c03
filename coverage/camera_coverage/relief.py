"""Relief: what uneven ground changes of a view that was computed for level ground.

The exact machinery takes the ground for level, at the height of the camera's foot, with obstacles as high above it as their tops
are. Each cell of the raster within reach is then judged twice by its middle, on that level ground and at its true height: picture,
pixels and line of sight. Cells that are seen on level ground alone are taken out of the exact area, cells that are seen in
truth alone are added; where heights make no difference the exact area stands as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.terrain import Terrain
from camera_coverage.walls import Walls

_LEVEL_M = 1e-6  # ground that differs by less is level
_SLACK = 1e-9
_RADIAL_M2 = 1e-9
_EDGE_M = 1e-6  # borders belong to the picture
_FULL = 2 * np.pi


@dataclass(frozen=True)
class Lens:
    """The picture of one eye; angles in radians.

    Args:
        kind: "rectilinear", "panorama" or "swivel".
        heading: direction of the view, counter-clockwise from east.
        tilt: below the horizon.
        hfov: horizontal view.
        vfov: vertical view.
        pixels: across the horizontal view.
        density: pixels per metre that are asked for; 0 for none.
    """

    kind: str
    heading: float
    tilt: float
    hfov: float
    vfov: float
    pixels: float
    density: float

    def shows(self, dx: Floats, dy: Floats, drop: Floats | float) -> Flags:
        """Return whether places are in the picture with enough pixels, by the formulas of the manual.

        Args:
            dx: east of the eye.
            dy: north of the eye.
            drop: of the place below the eye.
        """
        c, s = np.cos(self.heading), np.sin(self.heading)
        ahead, aside = dx * c + dy * s, np.abs(dy * c - dx * s)
        spread = np.tan(min(self.hfov, np.radians(179.9)) / 2)
        if self.kind == "rectilinear":
            rise = np.tan(min(self.vfov, np.radians(179.9)) / 2)
            depth = ahead * np.cos(self.tilt) + drop * np.sin(self.tilt)
            framed = (depth > 0) & (aside <= depth * spread + _EDGE_M)
            framed &= np.abs(drop * np.cos(self.tilt) - ahead * np.sin(self.tilt)) <= depth * rise + _EDGE_M
            return framed & (self.density * 2 * depth * spread <= self.pixels)
        slant = np.sqrt(dx**2 + dy**2 + np.square(drop))
        if self.kind == "swivel":
            return np.asarray(self.density * 2 * slant * spread <= self.pixels)
        around = np.full(dx.shape, self.hfov >= _FULL)
        if self.hfov < _FULL:
            around = np.arctan2(aside, ahead) <= self.hfov / 2
        low, high = self.tilt + self.vfov / 2, self.tilt - self.vfov / 2
        away = np.hypot(dx, dy)
        if low < np.pi / 2:
            around &= drop <= away * np.tan(low) + _EDGE_M
        if high > -np.pi / 2:
            around &= drop >= away * np.tan(high) - _EDGE_M
        return around & (self.density * self.hfov * slant <= self.pixels)


class Eye(NamedTuple):
    """One eye on its ground.

    Args:
        x: east.
        y: north.
        foot_m: ground at its foot.
        height_m: of the eye, above what the raster counts from.
        reach_m: ground distance.
        own: obstacle on which it stands, −1 for none.
        lens: its picture.
    """

    x: float
    y: float
    foot_m: float
    height_m: float
    reach_m: float
    own: int
    lens: Lens


class Change(NamedTuple):
    """What true heights change: boxes of cells to add and to take out, and the height that no ground in reach overtops."""

    add: np.ndarray
    remove: np.ndarray
    highest_m: float


class Rays(NamedTuple):
    """Rays round an eye: how many there are all round, how many are drawn, the angle of the first, the step along them."""

    around: int
    drawn: int
    start: float
    step: float
    steps: int

    @property
    def angle(self) -> float:
        """Angle between rays."""
        return _FULL / self.around


def relief_change(eye: Eye, terrain: Terrain, walls: Walls, target_height_m: float) -> Change:
    """Return what true heights change of the view of an eye.

    Args:
        eye: with its picture and reach.
        terrain: the ground.
        walls: single obstacles with the absolute heights of their tops.
        target_height_m: above the ground.
    """
    none = np.empty(0, dtype=object)
    columns, rows = terrain.window(eye.x, eye.y, eye.reach_m + terrain.cell_m)
    ground = terrain.heights(columns, rows)
    ground[np.abs(ground - eye.foot_m) < _LEVEL_M] = eye.foot_m
    highest = float(ground.max()) + target_height_m
    if (ground == eye.foot_m).all():
        return Change(none, none, highest)
    a, _, c, _, e, f = terrain.affine
    dx = np.broadcast_to(a * (columns + 0.5) + c - eye.x, ground.shape)
    dy = np.broadcast_to((e * (rows + 0.5) + f - eye.y)[:, None], ground.shape)
    far = np.hypot(dx, dy)
    near = far <= eye.reach_m + np.hypot(a, e)
    level = eye.height_m - eye.foot_m - target_height_m
    drop = eye.height_m - ground - target_height_m
    # on level ground a cell counts as it is there, though it be unlike the ground at the foot
    flat = near & eye.lens.shows(dx, dy, level)
    true = near & eye.lens.shows(dx, dy, drop)
    i, j = np.nonzero(flat | true)
    if not len(i):
        return Change(none, none, highest)
    x, y, d = dx[i, j], dy[i, j], np.maximum(far[i, j], 1e-6)
    rays = _rays(x, y, eye, terrain)
    behind_walls = _wall_lines(eye, rays, walls)
    place = np.mod(np.arctan2(y, x) - rays.start, _FULL) / rays.angle
    # a wall stands between eye and cell as soon as the ray meets it before the middle of the cell
    nearest = np.rint(place).astype(np.int64) % rays.around
    line = behind_walls[np.minimum(nearest, rays.drawn - 1), _bins(d / rays.step, rays)]
    flat[i, j] &= -level / d >= line - _SLACK
    horizon = line
    if terrain.hides:
        ridges = _ground_lines(eye, rays, terrain)
        # ground hides what lies beyond it by a cell at least: nearer, it is the ground of the cell itself
        bins = _bins((d - terrain.cell_m) / rays.step, rays)
        left = np.floor(place).astype(np.int64) % rays.around
        share = place - np.floor(place)
        right = (left + 1) % rays.around
        left, right = np.minimum(left, rays.drawn - 1), np.minimum(right, rays.drawn - 1)
        with np.errstate(invalid="ignore"):
            between = (1 - share) * ridges[left, bins] + share * ridges[right, bins]
        horizon = np.maximum(line, np.where(np.isnan(between), -np.inf, between))
    true[i, j] &= -drop[i, j] / d >= horizon - _SLACK
    add, remove = true & ~flat, flat & ~true
    # the border of the exact area runs through cells beside those that change: their rest goes the same way
    add |= true & near & _beside(add)
    remove |= ~true & near & _beside(remove)
    return Change(_boxes(add, columns, rows, terrain), _boxes(remove, columns, rows, terrain), highest)


def _rays(x: Floats, y: Floats, eye: Eye, terrain: Terrain) -> Rays:
    """Return rays to all cells that matter, at the rim half a cell apart, with two steps a cell."""
    reach = eye.reach_m + 2 * terrain.cell_m
    around = max(int(np.ceil(_FULL * reach / (0.5 * terrain.cell_m))), 16)
    step = terrain.cell_m / 2
    count = int(np.ceil(reach / step)) + 1
    turn = np.angle(np.exp(1j * (np.arctan2(y, x) - eye.lens.heading)))
    low, high = float(turn.min()), float(turn.max())
    angle = _FULL / around
    drawn = int(np.ceil((high - low) / angle)) + 4
    if drawn >= around:
        return Rays(around, around, eye.lens.heading, step, count)
    return Rays(around, drawn, eye.lens.heading + low - 2 * angle, step, count)


def _bins(place: Floats, rays: Rays) -> Ints:
    """Return the last step before a place along a ray; 0 is the eye itself."""
    return np.clip(np.floor(place + _SLACK).astype(np.int64), 0, rays.steps)


def _ground_lines(eye: Eye, rays: Rays, terrain: Terrain) -> np.ndarray:
    """Return by ray and step the steepest line of sight that ground up to there allows (rise over distance)."""
    angle = rays.start + rays.angle * np.arange(rays.drawn)
    s = rays.step * np.arange(1, rays.steps + 1)
    column, row = terrain.place(np.float64(eye.x), np.float64(eye.y))  # type: ignore[arg-type]
    ground = terrain.between(
        column + np.outer(np.cos(angle) / terrain.affine[0], s),
        row + np.outer(np.sin(angle) / terrain.affine[4], s),
    )
    lines = np.full((rays.drawn, rays.steps + 1), -np.inf)
    lines[:, 1:] = (ground - eye.height_m) / s
    return np.maximum.accumulate(lines, axis=1)


def _wall_lines(eye: Eye, rays: Rays, walls: Walls) -> np.ndarray:
    """Return by ray and step the steepest line of sight that obstacles up to there allow."""
    lines = np.full((rays.drawn, rays.steps + 1), -np.inf)
    if not len(walls.parts):
        return lines
    r = eye.reach_m + 2 * rays.step
    _, segment = walls.near(np.array([shapely.box(eye.x - r, eye.y - r, eye.x + r, eye.y + r)], dtype=object))
    part = walls.part[segment]
    if eye.own >= 0:
        segment = segment[walls.member[part] != eye.own]
    ax, ay = walls.ax[segment] - eye.x, walls.ay[segment] - eye.y
    bx, by = walls.bx[segment] - eye.x, walls.by[segment] - eye.y
    cross = ax * by - ay * bx
    some = np.flatnonzero(np.abs(cross) > _RADIAL_M2)
    segment, ax, ay, bx, by, cross = segment[some], ax[some], ay[some], bx[some], by[some], cross[some]
    turn = np.arctan2(cross, ax * bx + ay * by)
    begin = np.where(turn > 0, np.arctan2(ay, ax), np.arctan2(by, bx))
    begin = np.mod(begin - rays.start, _FULL) / rays.angle
    first = np.ceil(begin).astype(np.int64)
    count = np.floor(begin + np.abs(turn) / rays.angle).astype(np.int64) - first + 1
    which = np.repeat(np.arange(len(segment)), np.maximum(count, 0))
    count = np.maximum(count, 0)
    rank = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    ray = (first[which] + rank) % rays.around
    kept = ray < rays.drawn
    which, ray = which[kept], ray[kept]
    angle = rays.start + rays.angle * ray
    across = np.cos(angle) * (by - ay)[which] - np.sin(angle) * (bx - ax)[which]
    with np.errstate(divide="ignore", invalid="ignore"):
        s = cross[which] / across
    sound = np.isfinite(s) & (s > 0) & (s < rays.step * rays.steps)
    ray, s, which = ray[sound], s[sound], which[sound]
    top = walls.height_m[walls.part[segment[which]]]
    np.maximum.at(lines, (ray, np.ceil(s / rays.step).astype(np.int64)), (top - eye.height_m) / s)
    return np.maximum.accumulate(lines, axis=1)


def _beside(cells: Flags) -> Flags:
    """Return cells that touch given ones, and these."""
    wide = cells.copy()
    wide[1:] |= cells[:-1]
    wide[:-1] |= cells[1:]
    result = wide.copy()
    result[:, 1:] |= wide[:, :-1]
    result[:, :-1] |= wide[:, 1:]
    return result


def _boxes(cells: Flags, columns: Ints, rows: Ints, terrain: Terrain) -> np.ndarray:
    """Return runs of cells along rows as boxes; equal runs of neighbouring rows make one."""
    edge = np.diff(np.pad(cells.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, begin = np.nonzero(edge == 1)
    _, end = np.nonzero(edge == -1)
    if not len(row):
        return np.empty(0, dtype=object)
    order = np.lexsort((row, end, begin))
    row, begin, end = row[order], begin[order], end[order]
    fresh = np.ones(len(row), dtype=bool)
    fresh[1:] = (np.diff(row) != 1) | (np.diff(begin) != 0) | (np.diff(end) != 0)
    top = np.flatnonzero(fresh)
    bottom = np.append(top[1:], len(row)) - 1
    a, _, c, _, e, f = terrain.affine
    boxes: np.ndarray = np.asarray(
        shapely.box(
            a * (columns[0] + begin[top]) + c,
            e * (rows[0] + row[bottom] + 1) + f,
            a * (columns[0] + end[top]) + c,
            e * (rows[0] + row[top]) + f,
        ),
        dtype=object,
    )
    return boxes
