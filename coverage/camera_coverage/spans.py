"""Frames of views that are known within tolerances: what lies in the picture for certain, and what at all can lie in it.

Interval geometry of flat ground without obstacles. Each limit of the picture (near and far edge, both sides, depth for the pixel
density, range) is taken at its worst over all values within the tolerances for the sure frame, and at its best for the possible one.
The sure frame lies in the frame of every realisation, the possible one holds it; both are exact where one limit does not depend on
another, and never wrong in the other direction.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from camera_coverage.cameras import Eyes
from camera_coverage.frames import Floats
from camera_coverage.optics import LEAST_DROP_M, chords_of, depth_limit_m, rings
from camera_coverage.options import ViewOptions
from camera_coverage.overlays import polygonal
from camera_coverage.swings import (
    EMPTY,
    STEP,
    all_places,
    always,
    any_place,
    disks,
    ever,
    move,
    quads,
    trapezoids,
)

_PART = np.radians(10.0)
_STEEP_DEG = 88.0
_LEAST_HEIGHT_M = 0.5
_FAR = 1e7


@dataclass(frozen=True)
class Spans:
    """The least and the largest value of each quantity of each view; metres and degrees.

    Args:
        eyes: the views as stated; a direction that is not known is known to 180°.
        shift: half side of the square in which the eye stands.
        turn: half width of the direction.
        height: least and largest mount height.
        tilt: least and largest tilt.
        hfov: least and largest horizontal view.
        vfov: least and largest vertical view, which follows the horizontal one.
    """

    eyes: Eyes
    shift: Floats
    turn: Floats
    height: tuple[Floats, Floats]
    tilt: tuple[Floats, Floats]
    hfov: tuple[Floats, Floats]
    vfov: tuple[Floats, Floats]

    @classmethod
    def of(cls, eyes: Eyes, tolerance: pd.DataFrame, *, fixed: np.ndarray) -> Spans:
        """Return the spans of views.

        Args:
            eyes: the views as stated.
            tolerance: by camera, the columns of `tolerances.COLUMNS`.
            fixed: views whose position counts as known: those on a roof or at a wall.
        """
        half = {name: tolerance[name].to_numpy(dtype=float)[eyes.camera] for name in tolerance.columns}
        straight = eyes.lens == "rectilinear"
        whole = ~straight & (eyes.hfov_deg >= 360)
        off = np.where(whole, 0.0, half["hfov_tolerance_deg"])
        most = np.where(straight, 179.0, 360.0)
        hfov = tuple(
            np.clip(eyes.hfov_deg + sign * off, np.minimum(1.0, eyes.hfov_deg), most) for sign in (-1, 1)
        )
        off = half["tilt_tolerance_deg"] * (straight | ((eyes.lens == "panorama") & (eyes.vfov_deg < 360)))
        return cls(
            eyes=eyes,
            shift=np.where(fixed, 0.0, half["position_tolerance_m"]),
            turn=np.where(eyes.blind, 180.0, np.minimum(half["azimuth_tolerance_deg"], 180.0)),
            height=(
                np.maximum(eyes.mount_height_m - half["mount_height_tolerance_m"], np.minimum(_LEAST_HEIGHT_M, eyes.mount_height_m)),
                eyes.mount_height_m + half["mount_height_tolerance_m"],
            ),
            tilt=(np.clip(eyes.tilt_deg - off, -90, 90), np.clip(eyes.tilt_deg + off, -90, 90)),
            hfov=(hfov[0], hfov[1]),
            vfov=(_vertical(eyes, hfov[0]), _vertical(eyes, hfov[1])),
        )  # fmt: skip

    def take(self, rows: np.ndarray) -> Spans:
        """Return the spans of some views."""
        pair = {
            name: tuple(one[rows] for one in getattr(self, name))
            for name in ("height", "tilt", "hfov", "vfov")
        }
        return Spans(self.eyes.take(rows), self.shift[rows], self.turn[rows], **pair)

    def widened(self, share: Floats) -> tuple[Floats, Floats]:
        """Return the views at a share of −1 to 1 of their tolerance, the vertical one with the horizontal."""
        stated = self.eyes.hfov_deg
        wide = stated + np.abs(share) * (np.where(share < 0, self.hfov[0], self.hfov[1]) - stated)
        return wide, _vertical(self.eyes, wide)


def _vertical(eyes: Eyes, hfov: Floats) -> Floats:
    """Return the vertical view when the horizontal one is another: both follow one focal length."""
    with np.errstate(invalid="ignore", divide="ignore"):
        grown = _tan(hfov) / _tan(eyes.hfov_deg)
    tall = np.degrees(2 * np.arctan(_tan(eyes.vfov_deg) * grown))
    return np.where(
        hfov == eyes.hfov_deg, eyes.vfov_deg, np.where(eyes.lens == "rectilinear", tall, eyes.vfov_deg)
    )


def _tan(angle: Floats) -> Floats:
    return np.asarray(np.tan(np.radians(np.minimum(angle, 179.0)) / 2), dtype=float)


def _drops(spans: Spans, options: ViewOptions) -> tuple[Floats, Floats]:
    low, high = (np.maximum(one - options.target_height_m, LEAST_DROP_M) for one in spans.height)
    return low, high


def _radius(spans: Spans, options: ViewOptions, *, sure: bool) -> Floats:
    """Return the least or the largest ground distance that a view reaches."""
    eyes = spans.eyes
    radius = eyes.max_range_m.copy()
    if options.night:
        radius = np.minimum(radius, eyes.ir_range_m)
    density = options.density_px_per_m
    if density > 0:
        drop = _drops(spans, options)[1 if sure else 0]
        wide = spans.hfov[1 if sure else 0]
        slant = np.where(
            eyes.lens == "panorama",
            eyes.pixels / (np.radians(wide) * density),
            depth_limit_m(eyes.pixels, wide, density),
        )
        ground = np.sqrt(np.maximum(slant**2 - drop**2, 0))
        radius = np.where(eyes.lens == "rectilinear", radius, np.minimum(radius, ground))
    return np.minimum(radius, _ring(spans, options, sure=sure)[1])


def _ring(spans: Spans, options: ViewOptions, *, sure: bool) -> tuple[Floats, Floats]:
    """Return from where to where panoramas with a stated vertical view show ground, on the safe side."""
    low, high = _drops(spans, options)
    flat, steep = (dataclasses.replace(spans.eyes, tilt_deg=one) for one in spans.tilt)
    if sure:
        return rings(flat, high)[0], rings(steep, low)[1]
    return rings(steep, low)[0], rings(flat, high)[1]


def _edges(spans: Spans, options: ViewOptions, *, sure: bool) -> tuple[Floats, Floats]:
    """Return near and far edge of the picture along the axis, on the safe side; near > far where nothing is shown."""
    drops = _drops(spans, options)
    near_i, far_i = (
        (0, 1) if sure else (1, 0)
    )  # a lower view begins nearer, and a flatter one reaches farther
    half_v = [np.radians(np.minimum(one, 179.9)) / 2 for one in spans.vfov]
    tau = [np.radians(one) for one in spans.tilt]
    v = half_v[0] if sure else half_v[1]
    low, high = tau[near_i] + v, tau[far_i] - v
    choose, other = (np.maximum, np.minimum) if sure else (np.minimum, np.maximum)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = choose(drops[0] / np.tan(low), drops[1] / np.tan(low))
        near = np.where(low >= np.pi, -_FAR, np.where(low <= 0, np.inf, near))
        far = other(drops[0] / np.tan(high), drops[1] / np.tan(high))
        far = np.where(high > 0, far, _FAR)
    density = options.density_px_per_m
    if density > 0:
        depth = depth_limit_m(spans.eyes.pixels, spans.hfov[1 if sure else 0], density)
        far = np.minimum(far, _depth_line(depth, drops, tau, sure=sure))
    return near, far


def _depth_line(depth: Floats, drops: tuple[Floats, Floats], tau: list[Floats], *, sure: bool) -> Floats:
    """Return x up to which ``x·cos τ + drop·sin τ ≤ depth`` for all, or for any, tilt and height: least at sin τ = drop / depth."""
    found = []
    for drop in drops:
        with np.errstate(divide="ignore", invalid="ignore"):
            turn = np.arcsin(np.clip(drop / depth, -1, 1))
        for angle in (tau[0], tau[1], np.clip(turn, tau[0], tau[1])):
            cos = np.maximum(np.cos(angle), 1e-9)
            found.append((depth - drop * np.sin(angle)) / cos)
    return np.min(found, axis=0) if sure else np.max(found[0:2] + found[3:5], axis=0)


def frames(spans: Spans, options: ViewOptions, *, sure: bool) -> np.ndarray:
    """Return the frame of each view as a polygon: the sure one, or the possible one.

    Args:
        spans: the views.
        options: class, light, target height.
        sure: which of the two.
    """
    count = len(spans.turn)
    result = np.full(count, EMPTY, dtype=object)
    radius = _radius(spans, options, sure=sure)
    there = radius > 1e-6
    straight = spans.eyes.lens == "rectilinear"
    rows = np.flatnonzero(there & straight & (~sure | (spans.turn < 180)))
    if len(rows):
        result[rows] = _straight(spans.take(rows), options, radius[rows], sure=sure)
    rows = np.flatnonzero(there & ~straight)
    if len(rows):
        result[rows] = _round(spans.take(rows), options, radius[rows], sure=sure)
    return move(result, spans.eyes.x, spans.eyes.y)


def _straight(spans: Spans, options: ViewOptions, radius: Floats, *, sure: bool) -> np.ndarray:
    near, far = _edges(spans, options, sure=sure)
    turn = np.radians(spans.turn)
    steps = np.where(turn > 0, np.maximum(np.ceil(2 * turn / STEP - 1e-9), 1), 0).astype(np.int64)
    inset = np.cos(turn / np.maximum(steps, 1))
    shapes = _kernels(spans, options, near, far, radius, inset, sure=sure)
    heading = np.radians(90.0 - spans.eyes.azimuth_deg)
    there = ~shapely.is_empty(shapes)
    result = np.full(len(near), EMPTY, dtype=object)
    for some in np.unique(steps):
        rows = np.flatnonzero((steps == some) & there)
        if len(rows) and sure:
            turns = turn[rows][:, None] * (np.linspace(-1, 1, some + 1) if some else np.zeros(1))
            result[rows] = always(shapes[rows], heading[rows][:, None] + turns, spans.shift[rows])
    if sure:
        return result
    # so many parts that each turns by no more than 10° and is narrower than the half plane ahead
    wide = np.radians(np.minimum(_half_width(spans), 180.0))
    room = np.clip(np.pi / 2 - wide, np.radians(0.5), _PART)
    parts = np.where(turn > 0, np.ceil(turn / room - 1e-9), 1).astype(np.int64)
    for some in np.unique(parts):
        rows = np.flatnonzero((parts == some) & there)
        if not len(rows):
            continue
        half = turn[rows] / some
        plain = wide[rows] + half <= np.pi / 2 + 1e-9
        table = [
            ever(
                shapes[rows], heading[rows] + half * (2 * k + 1 - some), half, spans.shift[rows],
                np.where(plain, near[rows], 0.0), np.where(plain, far[rows], _FAR), radius[rows],
            )
            for k in range(some)
        ]  # fmt: skip
        result[rows] = shapely.union_all(np.stack(table, 1), axis=1)
    return result


def _kernels(
    spans: Spans,
    options: ViewOptions,
    near: Floats,
    far: Floats,
    radius: Floats,
    inset: Floats,
    *,
    sure: bool,
) -> np.ndarray:
    """Return the frames along the x axis, before they turn; limits that hold the foot are drawn in, or out, for the steps of turning."""
    drops, tau = _drops(spans, options), [np.radians(one) for one in spans.tilt]
    spread = _tan(spans.hfov[0 if sure else 1])
    disk = disks(radius, options.arc_tolerance_m, inner=sure)
    if sure:
        far = np.where(far > 0, far * inset, far)
        near = np.where(near < 0, near * inset, near)
    near, far = np.maximum(near, -1.5 * radius), np.minimum(far, 1.5 * radius)
    good = near < far - 1e-6
    near, far = np.where(good, near, 0.0), np.where(good, far, 1.0)
    if sure:
        shape = disk
        for angle in tau:
            # the lower eye sees less to its sides when it looks down, the higher one when it looks up
            offset = np.where(angle >= 0, drops[0], drops[1]) * np.sin(angle) * spread
            offset = np.where(offset > 0, offset * inset, offset)
            shape = shapely.intersection(shape, trapezoids(near, far, np.cos(angle) * spread, offset))
    else:
        wide = []
        for x in (near, far):
            across = [x * np.cos(a) + drop * np.sin(a) for a in tau for drop in drops]
            for drop in drops:
                best = np.arctan2(drop, x)
                across.append(np.where((best > tau[0]) & (best < tau[1]), np.hypot(x, drop), -np.inf))
            wide.append(np.max(across, axis=0) * spread)
        # the sides bulge inward between near and far: the straight line between them is on the safe side
        shape = quads(near, wide[0], far, wide[1])
        shape = shapely.intersection(shape, disk)
    shape = np.asarray(shape, dtype=object)
    shape[~good | (shapely.get_type_id(shape) != 3)] = EMPTY
    return shape


def _round(spans: Spans, options: ViewOptions, radius: Floats, *, sure: bool) -> np.ndarray:
    """Return the sectors of panoramas, and the disks of cameras that turn."""
    eyes, sign = spans.eyes, -1 if sure else 1
    swivel = eyes.lens == "swivel"
    wide = np.where(swivel, 360.0, spans.hfov[0 if sure else 1])
    half = np.radians(np.where(wide >= 360, 360.0, wide + 2 * sign * spans.turn)) / 2
    whole = half >= np.pi - 1e-9
    whole_disks = disks(radius, options.arc_tolerance_m, inner=sure)
    result = np.full(len(half), EMPTY, dtype=object)
    result[whole] = whole_disks[whole]
    for i in np.flatnonzero(~whole & (half > 1e-9)):  # few cameras see a part of the round only
        n = int(chords_of(radius[[i]], half[[i]], options.arc_tolerance_m)[0])
        r = radius[i] if sure else radius[i] / np.cos(half[i] / n)
        angle = np.radians(90.0 - eyes.azimuth_deg[i]) + np.linspace(-half[i], half[i], n + 1)
        ring = np.stack([np.append(r * np.cos(angle), 0.0), np.append(r * np.sin(angle), 0.0)], 1)
        result[i] = shapely.Polygon(ring)
    moved = np.flatnonzero((spans.shift > 0) & (whole | (half <= np.pi / 2)))
    result[moved] = (all_places if sure else any_place)(result[moved], spans.shift[moved])
    # what is not convex: the square in which the foot lies fits into a circle
    moved = np.flatnonzero((spans.shift > 0) & ~whole & (half > np.pi / 2))
    reach = spans.shift[moved] * np.sqrt(2) / (1 if sure else np.cos(np.pi / 64))
    result[moved] = shapely.buffer(result[moved], sign * reach, quad_segs=16)
    near = _ring(spans, options, sure=sure)[0]
    hole = np.minimum(near - sign * spans.shift * np.sqrt(2), 2 * radius + spans.shift * 4)
    below = np.flatnonzero((near > 0) & (hole > 1e-6))
    holes = disks(hole[below], options.arc_tolerance_m, inner=not sure)
    result[below] = polygonal(np.asarray(shapely.difference(result[below], holes), dtype=object))
    return result


def _half_width(spans: Spans) -> Floats:
    """Return the largest angle off its axis at which any view shows ground, seen from the foot; 180 where the foot itself may be in view."""
    steep = spans.tilt[1] + spans.vfov[1] / 2 >= _STEEP_DEG
    level = spans.tilt[0] - spans.vfov[1] / 2 <= -_STEEP_DEG
    low = np.radians(np.clip(spans.tilt[1] + spans.vfov[1] / 2, 0.0, _STEEP_DEG))
    # at its near corners: y / x = spread · (cos τ + sin τ · drop / x), where drop / x is at most tan(low)
    rise, (flat, down) = np.tan(low), (np.radians(one) for one in spans.tilt)
    wide = [np.cos(one) + np.sin(one) * rise for one in (flat, down, np.clip(np.arctan(rise), flat, down))]
    half = np.degrees(np.arctan(np.maximum(np.max(wide, axis=0), 1.0) * _tan(spans.hfov[1])))
    return np.where(steep | level, 180.0, half)


def as_eyes(spans: Spans, *, sure: bool, east: Floats, north: Floats) -> Eyes:
    """Return eyes that see all that the frames can show, at the least or largest height and off their place: for what is hidden.

    Args:
        spans: the views.
        sure: the least height, else the largest.
        east: how far each is moved.
        north: how far each is moved.
    """
    eyes = spans.eyes
    straight = eyes.lens == "rectilinear"
    half = _half_width(spans) + spans.turn + 0.01
    round_half = np.where(eyes.lens == "swivel", 180.0, spans.hfov[1] / 2 + spans.turn)
    half = np.minimum(np.where(straight, half, round_half), 180.0)
    # ground in the picture of an eye at one place may be in plain sight from another one alone, in another direction and distance
    away = np.zeros(len(half)) if sure else 2 * np.sqrt(2) * spans.shift
    half = np.where(away > 0, 180.0, half)
    return dataclasses.replace(
        eyes,
        x=eyes.x + east,
        y=eyes.y + north,
        mount_height_m=spans.height[0 if sure else 1],
        hfov_deg=2 * half,
        vfov_deg=np.full(len(half), 360.0),
        tilt_deg=np.zeros(len(half)),
        lens=np.full(len(half), "panorama"),
        max_range_m=eyes.max_range_m + away,
        blind=np.zeros(len(half), dtype=bool),
    )
