"""Frames: what an eye could see of open ground, in the axes of the eye, and what of a wall lies inside."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Directions closer than this are one: 1e-8 rad is a micrometre at 100 m, and more than coordinates of 5,000 km resolve.
SAME_ANGLE = 1e-8
EYE_KEY = 8.0  # more than a full turn: eye number · 8 + angle sorts by eye, then by angle


class Pairs(NamedTuple):
    """(eye, wall) pairs in the axes of the eyes: A is the end at the smaller angle, so ``ax·by − ay·bx > 0``."""

    eye: Ints
    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats


@dataclass(frozen=True)
class Frames:
    """What an eye could see of open ground: a convex frame, or a sector of a disk. One entry an eye; metres, radians.

    Args:
        x: east of the eye.
        y: north of the eye.
        heading: direction of the x axis, counter-clockwise from east.
        half: half the swept angle; π sweeps all round.
        radius: of the disk; the arc is a chain of ``chords`` chords inscribed into the swept angle.
        chords: number of chords.
        cut: ground nearer than this along x is out of view (0: none).
        back: for frames that reach behind the eye, how far (negative; −inf: no limit but the disk).
        far: ground farther than this along x is out of view.
        slope: sides of the frame: ``|y| ≤ slope·x + offset``.
        offset: see slope; inf: no sides but those of the swept angle.
    """

    x: Floats
    y: Floats
    heading: Floats
    half: Floats
    radius: Floats
    chords: Ints
    cut: Floats
    back: Floats
    far: Floats
    slope: Floats
    offset: Floats

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: slice | Ints | Flags) -> Frames:
        """Return the frames of some eyes."""
        return Frames(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def step(self) -> Floats:
        """Return the angle of one chord."""
        return 2 * self.half / self.chords

    def inverse_limit(self, eye: Ints, angle: Floats, ux: Floats, uy: Floats) -> Floats:
        """Return 1 / distance to the frame in direction ``u``, whose angle counts from the begin of the sweep."""
        step = self.step()[eye]
        limit = np.cos(np.mod(angle, step) - step / 2) / (self.radius[eye] * np.cos(step / 2))
        return np.maximum(limit, self._inverse_lines(eye, ux, uy))

    def _inverse_lines(self, eye: Ints, ux: Floats, uy: Floats) -> Floats:
        lines = np.maximum(ux / self.far[eye], ux / self.back[eye])
        return np.maximum(lines, (np.abs(uy) - self.slope[eye] * ux) / self.offset[eye])

    def corners(self) -> tuple[Floats, Floats, Floats]:
        """Return all corners of the frames, sorted: keys (eye · 8 + angle), x, y."""
        n = self.chords + 1
        eye = np.repeat(np.arange(len(self)), n).astype(np.int64)
        rank = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        angle = rank * self.step()[eye]
        local = angle - self.half[eye]
        ux, uy = np.cos(local), np.sin(local)
        r = self.radius[eye]
        lined = np.isfinite(self.far) | np.isfinite(self.offset) | np.isfinite(self.back)
        if not lined.any():
            return eye * EYE_KEY + angle, ux * r, uy * r
        keep = np.flatnonzero(self._inverse_lines(eye, ux, uy) <= 1 / r)
        parts = self._line_corners(np.flatnonzero(lined))
        e, x, y = (np.concatenate([np.empty(0), *(part[i] for part in parts)]) for i in range(3))
        e = e.astype(np.int64)
        angle = np.concatenate([angle[keep], np.arctan2(y, x) + self.half[e]])
        eye = np.concatenate([eye[keep], e])
        x, y = np.concatenate([ux[keep] * r[keep], x]), np.concatenate([uy[keep] * r[keep], y])
        swept = (angle > 0) & (angle < 2 * self.half[eye])
        key, x, y = (eye * EYE_KEY + angle)[swept], x[swept], y[swept]
        order = np.argsort(key)
        order = order[np.diff(key[order], prepend=-1.0) > SAME_ANGLE]
        return key[order], x[order], y[order]

    def _line_corners(self, rows: Ints) -> list[tuple[Ints, Floats, Floats]]:
        one = self.take(rows)
        reach = one.radius + 1.0
        far = np.minimum(one.far, reach)
        with np.errstate(divide="ignore", invalid="ignore"):
            apex = np.where(one.slope > 0, -one.offset / one.slope, -np.inf)
        sided = np.isfinite(one.offset)
        near = np.maximum.reduce([np.where(one.cut > 0, one.cut, one.back), apex, -reach])

        def side(x: Floats) -> Floats:
            return np.where(sided, one.slope * x + np.where(sided, one.offset, 0), reach)

        segments = [
            (sided, near, side(near), far, side(far)),
            (sided, near, -side(near), far, -side(far)),
            (one.far < reach, far, side(far), far, -side(far)),
            (np.isfinite(one.back) & (one.back > apex), near, side(near), near, -side(near)),
        ]
        lines = [np.flatnonzero(there) for there, *_ in segments]
        at = np.concatenate(lines)
        ax, ay, bx, by = (
            np.concatenate([segment[i][line] for segment, line in zip(segments, lines, strict=True)])
            for i in range(1, 5)
        )
        kept, t0, t1 = one.clip_to_disk(at, ax, ay, bx, by)
        at, ax, ay = rows[at[kept]], ax[kept], ay[kept]
        dx, dy = bx[kept] - ax, by[kept] - ay
        return [(at, ax + t * dx, ay + t * dy) for t in (t0, t1)]

    def clip_to_disk(
        self, eye: Ints, ax: Floats, ay: Floats, bx: Floats, by: Floats
    ) -> tuple[Ints, Floats, Floats]:
        """Clip segments to the chained arc.

        Returns:
            the rows that are left, and their parameters of begin and end.
        """
        dx, dy = bx - ax, by - ay
        r = self.radius[eye]
        aa, bb, cc = dx * dx + dy * dy, ax * dx + ay * dy, ax * ax + ay * ay - r * r
        under = bb * bb - aa * cc
        with np.errstate(invalid="ignore", divide="ignore"):
            root = np.sqrt(np.maximum(under, 0))
            t0, t1 = np.maximum((-bb - root) / aa, 0.0), np.minimum((root - bb) / aa, 1.0)
        rows = np.flatnonzero((under > 0) & (t0 < t1))
        t0, t1 = t0[rows], t1[rows]
        step = self.step()[eye[rows]]
        inner = (r[rows] * np.cos(step / 2)) ** 2
        outside = np.flatnonzero(
            np.maximum(ax[rows] ** 2 + ay[rows] ** 2, bx[rows] ** 2 + by[rows] ** 2) > inner * (1 - 1e-12)
        )
        if len(outside):
            at = rows[outside]
            px, py, qx, qy, half, st = ax[at], ay[at], dx[at], dy[at], self.half[eye[at]], step[outside]
            lo, hi = t0[outside], t1[outside]
            inner_r = np.sqrt(inner[outside])
            lo_new, hi_new = lo.copy(), hi.copy()
            for t in (lo, hi):
                # the circle's crossing names the chord up to its neighbours, which are tried as well
                chord = np.floor((np.arctan2(py + t * qy, px + t * qx) + half) / st)
                for near in (-1, 0, 1):
                    mid = (chord + near + 0.5) * st - half
                    nx, ny = np.cos(mid), np.sin(mid)
                    along = nx * qx + ny * qy
                    room = inner_r - (nx * px + ny * py)
                    with np.errstate(invalid="ignore", divide="ignore"):
                        s = room / along
                    np.minimum(hi_new, s, out=hi_new, where=along > 0)
                    np.maximum(lo_new, s, out=lo_new, where=along < 0)
                    hi_new[(along == 0) & (room < 0)] = -1.0
            t0[outside], t1[outside] = lo_new, hi_new
            good = t0 < t1
            rows, t0, t1 = rows[good], t0[good], t1[good]
        return rows, t0, t1

    def clip_to_lines(self, eye: Ints, ax: Floats, ay: Floats, bx: Floats, by: Floats) -> Pairs:
        """Clip segments to the straight sides of the frame; returns what is left."""
        dx, dy = bx - ax, by - ay
        t0, t1 = np.zeros(len(eye)), np.ones(len(eye))
        slope, offset = self.slope[eye], self.offset[eye]
        # each line as room(t) = room at A + t · change ≥ 0
        for room, change in (
            (self.far[eye] - ax, -dx),
            (ax - self.back[eye], dx),
            (offset + slope * ax - ay, slope * dx - dy),
            (offset + slope * ax + ay, slope * dx + dy),
        ):
            with np.errstate(invalid="ignore", divide="ignore"):
                s = -room / change
            np.maximum(t0, s, out=t0, where=change > 0)
            np.minimum(t1, s, out=t1, where=change < 0)
            t1[(change == 0) & (room < 0)] = -1.0
        rows = np.flatnonzero(t0 < t1)
        t0, t1, ax, ay, dx, dy = t0[rows], t1[rows], ax[rows], ay[rows], dx[rows], dy[rows]
        whole = t1 == 1
        return Pairs(
            eye[rows],
            ax + t0 * dx,
            ay + t0 * dy,
            np.where(whole, bx[rows], ax + t1 * dx),
            np.where(whole, by[rows], ay + t1 * dy),
        )
