"""Optics: from a camera's view to the frame of flat ground that it shows, without any obstacle.

Formulas: rectilinear image of a plane at the target height (four half-planes and a limit of depth, which make one
trapezoid along the azimuth), cut by the range; equidistant lenses for views of 180° and more, with a vertical view that is the
same in every direction.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from camera_coverage.cameras import Eyes
from camera_coverage.frames import Floats, Frames
from camera_coverage.notes import Note
from camera_coverage.options import ViewOptions
from town_model import Text

#: An eye below the target height would look up at it; it is taken this much above it, and a note says so.
LEAST_DROP_M = 0.01
_TINY = 1e-6
_RADIAL = 1e-6  # radians
_LEAST_CUT_M = 1e-3  # a dead zone smaller than this is none


def chords_of(radius: Floats, half: Floats, tolerance_m: float) -> np.ndarray:
    """Return how many chords keep an arc of ``2·half`` radians within the tolerance of the circle."""
    step = 2 * np.arccos(np.clip(1 - tolerance_m / np.maximum(radius, 2 * tolerance_m), -1, 1))
    least = np.where(half >= np.pi, 8, 1)
    return np.maximum(np.ceil(2 * half / step - 1e-9).astype(np.int64), least)


def sectors(
    x: Floats, y: Floats, *, radius: Floats, azimuth_deg: Floats, hfov_deg: Floats, tolerance_m: float
) -> Frames:
    """Return frames that are plain sectors of a disk; 360° is the whole disk."""
    half = np.radians(np.minimum(hfov_deg, 360.0)) / 2
    half = np.where(hfov_deg >= 360.0, np.pi, half)
    none = np.full(len(x), np.inf)
    return Frames(
        x=x, y=y, heading=np.radians(90.0 - azimuth_deg), half=half, radius=radius,
        chords=chords_of(radius, half, tolerance_m), cut=np.zeros(len(x)), back=-none, far=none,
        slope=np.zeros(len(x)), offset=none,
    )  # fmt: skip


def depth_limit_m(pixels: Floats, hfov_deg: Floats, density_px_per_m: float) -> Floats:
    """Return the depth along the optical axis to which a rectilinear lens gives a pixel density; inf for none."""
    if density_px_per_m == 0:
        return np.full(len(pixels), np.inf)
    return pixels / (2 * density_px_per_m * np.tan(np.radians(np.minimum(hfov_deg, 179.9)) / 2))


def trapezoid(
    drop: Floats, tilt_deg: Floats, hfov_deg: Floats, vfov_deg: Floats, depth_m: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the ground view of a rectilinear lens as ``near ≤ x ≤ far, |y| ≤ slope·x + offset``.

    Args:
        drop: height of the eye above the target point, > 0.
        tilt_deg: below the horizon.
        hfov_deg: < 180.
        vfov_deg: < 180.
        depth_m: limit of depth along the optical axis.

    Returns:
        near, far, slope, offset; near > far where nothing is in view.
    """
    tau, half_v = np.radians(tilt_deg), np.radians(np.minimum(vfov_deg, 179.9)) / 2
    spread = np.tan(np.radians(np.minimum(hfov_deg, 179.9)) / 2)
    slope, offset = np.cos(tau) * spread, drop * np.sin(tau) * spread
    low, high = tau + half_v, tau - half_v  # lower and upper edge of the picture below the horizon
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(low >= np.pi, -np.inf, drop / np.tan(low))
        near = np.where(low <= 0, np.inf, near)  # the whole picture above the horizon
        far = np.where(high > 0, drop / np.tan(high), np.inf)
        limit = (depth_m - drop * np.sin(tau)) / np.cos(tau)
    level = np.cos(tau) < 1e-9  # straight down: every point lies at the same depth
    limit = np.where(level, np.where(depth_m >= drop, np.inf, -np.inf), limit)
    return near, np.minimum(far, limit), slope, offset


def rings(eyes: Eyes, drop: Floats) -> tuple[Floats, Floats]:
    """Return from where to where each view shows ground in every direction alike: panoramas with a stated vertical view.

    ``near = drop / tan(τ + VFOV/2)``, 0 from 90° on; ``far = drop / tan(τ − VFOV/2)``, inf where the upper edge is at or above the
    horizon. Other lenses have 0 and inf.

    Args:
        eyes: the views.
        drop: height of each eye above the target point, > 0.
    """
    low, high = (np.radians(eyes.tilt_deg + sign * eyes.vfov_deg / 2) for sign in (1, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(low >= np.pi / 2, 0.0, np.where(low <= 0, np.inf, drop / np.tan(low)))
        far = np.where(high <= 0, np.inf, np.where(high >= np.pi / 2, 0.0, drop / np.tan(high)))
    framed = eyes.lens == "panorama"
    return np.where(framed, near, 0.0), np.where(framed, far, np.inf)


def ground_frames(eyes: Eyes, options: ViewOptions) -> tuple[Frames, np.ndarray, np.ndarray]:
    """Return the frames of views, which of them show ground at all, and which need a further cut.

    The further cut is for cameras that look above the horizon: their trapezoid widens faster than the
    directions from the eye, so the sweep takes the sector around it and the trapezoid is cut out afterwards.
    """
    count = len(eyes.x)
    drop = np.maximum(eyes.mount_height_m - options.target_height_m, LEAST_DROP_M)
    density = options.density_px_per_m
    radius = eyes.max_range_m.copy()
    if options.night:
        radius = np.minimum(radius, eyes.ir_range_m)
    straight = eyes.lens == "rectilinear"
    depth = depth_limit_m(eyes.pixels, eyes.hfov_deg, density)
    if density > 0:
        slant = np.where(eyes.lens == "panorama", eyes.pixels / (np.radians(eyes.hfov_deg) * density), depth)
        ground = np.sqrt(np.maximum(slant**2 - drop**2, 0))
        radius = np.where(straight, radius, np.minimum(radius, ground))
    nearest, farthest = rings(eyes, drop)
    radius = np.minimum(radius, farthest)
    hfov = np.where(eyes.lens == "swivel", 360.0, eyes.hfov_deg)
    half = np.where(hfov >= 360, np.pi, np.radians(hfov) / 2)
    cut, back = np.zeros(count), np.full(count, -np.inf)
    far_line, slope, offset = np.full(count, np.inf), np.zeros(count), np.full(count, np.inf)
    sound = (radius > _TINY) & (nearest < radius - _TINY) & ~eyes.blind
    further = np.zeros(count, dtype=bool)
    if straight.any():
        near, far, a, b = trapezoid(drop, eyes.tilt_deg, eyes.hfov_deg, eyes.vfov_deg, depth)
        near = np.where(np.abs(near) < _TINY, _TINY, near)
        sound &= ~straight | ((near < far - _TINY) & (near < radius) & (far > -radius))
        # sides that miss the eye by less than the sweep tells directions apart go through it
        radial = np.abs(b) < _RADIAL * np.abs(near) * (1 + a * a)
        at_foot = (np.abs(b) < _LEAST_CUT_M) & (np.abs(near) < _LEAST_CUT_M)
        b = np.where(radial | at_foot, 0.0, b)
        near = np.where(at_foot, _TINY, near)
        up = straight & (b < 0)
        ahead = straight & (near > 0)
        around = straight & ~ahead
        with np.errstate(invalid="ignore"):
            corner = np.arctan2(a * near + b, near)
            reach = np.arccos(np.clip(near / np.maximum(radius, _TINY), -1, 1))
        half = np.where(ahead, np.minimum(corner, reach), half)
        half = np.where(up, np.arctan(a), half)
        half = np.where(around, np.pi, half)
        cut = np.where(ahead & (near > _LEAST_CUT_M), near, 0.0)
        back = np.where(around, near, back)
        far_line = np.where(straight, far, far_line)
        slope = np.where(straight & ~up, a, slope)
        offset = np.where(straight & ~up & (b > 0), b, np.inf)
        # eye outside of its own view (the whole view lies behind its foot): swept all round, cut out afterwards
        behind = straight & (far <= _TINY)
        further = sound & (up | behind)
        half = np.where(behind, np.pi, half)
        far_line, back = np.where(behind, np.inf, far_line), np.where(behind, -np.inf, back)
        offset = np.where(behind, np.inf, offset)
    frames = Frames(
        x=eyes.x, y=eyes.y, heading=np.radians(90.0 - eyes.azimuth_deg), half=half, radius=radius,
        chords=np.where(sound, chords_of(radius, half, options.arc_tolerance_m), 1), cut=cut, back=back,
        far=far_line, slope=slope, offset=offset,
    )  # fmt: skip
    return frames, sound, further


def groundless(eyes: Eyes, options: ViewOptions, index: pd.Index) -> list[Note]:
    """Return notes on views that show no level ground within their range, though their direction is known."""
    if options.terrain is not None:  # a slope may rise into any picture
        return []
    drop = np.maximum(eyes.mount_height_m - options.target_height_m, LEAST_DROP_M)
    near, far, _, _ = trapezoid(drop, eyes.tilt_deg, eyes.hfov_deg, eyes.vfov_deg, np.full(len(drop), np.inf))
    straight = eyes.lens == "rectilinear"
    around = rings(eyes, drop)
    near, far = np.where(straight, near, around[0]), np.where(straight, far, around[1])
    empty = (near >= far - _TINY) | (near >= eyes.max_range_m) | (far <= -eyes.max_range_m)
    return [
        Note(
            index[eyes.camera[i]],
            "no_ground",
            Text.of(
                "camera {camera}: tilted {tilt:g}° with a vertical view of {vfov:.0f}° it shows no ground within {range:g} m",
                camera=index[eyes.camera[i]],
                tilt=float(eyes.tilt_deg[i]),
                vfov=float(eyes.vfov_deg[i]),
                range=float(eyes.max_range_m[i]),
            ),
        )
        for i in np.flatnonzero(empty & ~eyes.blind)
    ]


def frame_boxes(frames: Frames) -> np.ndarray:
    """Return the boxes that hold each frame, in the coordinates of the eyes."""
    # the extreme points of a sector: the eye, both ends of the arc and the compass directions inside it
    turns = np.arange(4) * np.pi / 2
    away = np.abs(np.mod(turns[None, :] - frames.heading[:, None] + np.pi, 2 * np.pi) - np.pi)
    inside = away <= frames.half[:, None]
    left, right = frames.heading - frames.half, frames.heading + frames.half
    x = np.stack([np.cos(left), np.cos(right), np.zeros(len(frames))], 1)
    y = np.stack([np.sin(left), np.sin(right), np.zeros(len(frames))], 1)
    r = frames.radius
    east = np.where(inside[:, 0], 1, x.max(1)) * r
    north = np.where(inside[:, 1], 1, y.max(1)) * r
    west = np.where(inside[:, 2], -1, x.min(1)) * r
    south = np.where(inside[:, 3], -1, y.min(1)) * r
    return shapely.box(frames.x + west, frames.y + south, frames.x + east, frames.y + north)
