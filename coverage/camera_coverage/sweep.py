"""The angular sweep: what an eye sees inside a frame when walls of full height stand around it.

All eyes of a batch are swept at once over flat arrays of (eye, wall) pairs; there is no loop over eyes. Each eye works in
its own axes: origin at the eye, x along its heading, y to the left. Along a direction ``u`` a wall on the line ``n·p = c``
lies at distance ``1 / (n·u / c)``, so the inverse distance is linear in ``u`` and the nearest wall is the largest one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from camera_coverage.overlays import polygonal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Directions closer than this are one: 1e-8 rad is a micrometre at 100 m, and more than coordinates of 5,000 km resolve.
_SAME_ANGLE = 1e-8
_SAME_POINT_M = 1e-7
_DOUBTFUL_M = 1e-4
_KEY = 8.0  # more than a full turn: eye number · 8 + angle sorts by eye, then by angle


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
            return eye * _KEY + angle, ux * r, uy * r
        keep = self._inverse_lines(eye, ux, uy) <= 1 / r
        parts = [(eye[keep], ux[keep] * r[keep], uy[keep] * r[keep])]
        parts += self._line_corners(np.flatnonzero(lined))
        eye, x, y = (np.concatenate([part[i] for part in parts]) for i in range(3))
        eye = eye.astype(np.int64)
        angle = np.arctan2(y, x) + self.half[eye]
        swept = (angle > 0) & (angle < 2 * self.half[eye])
        key, x, y = (eye * _KEY + angle)[swept], x[swept], y[swept]
        order = np.argsort(key)
        order = order[np.diff(key[order], prepend=-1.0) > _SAME_ANGLE]
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
        found = []
        for there, ax, ay, bx, by in segments:
            at = np.flatnonzero(there)
            if not len(at):
                continue
            kept, t0, t1 = one.clip_to_disk(at, ax[at], ay[at], bx[at], by[at])
            at = at[kept]
            dx, dy = bx[at] - ax[at], by[at] - ay[at]
            found += [(rows[at], ax[at] + t * dx, ay[at] + t * dy) for t in (t0, t1)]
        return found

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


class Pairs(NamedTuple):
    """(eye, wall) pairs in the axes of the eyes: A is the end at the smaller angle, so ``ax·by − ay·bx > 0``."""

    eye: Ints
    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats


class Spans(NamedTuple):
    """Directions that walls cover, from the begin of the sweep; inverse-distance line, least inverse distance."""

    eye: Ints
    a0: Floats
    a1: Floats
    mx: Floats
    my: Floats
    least: Floats


class Runs(NamedTuple):
    """Neighbouring directions with one nearest wall (−1: the frame)."""

    winner: Ints
    start: Floats
    stop: Floats
    owner: Ints


def sweep(frames: Frames, pairs: Pairs) -> NDArray[np.object_]:
    """Return what each eye sees of its frame, as polygons in the coordinates of the eyes.

    Args:
        frames: one frame an eye.
        pairs: walls of each eye; they must not cross each other, touching is fine.

    Returns:
        Shapely polygons or multipolygons, one an eye, empty where nothing is seen.
    """
    spans = _angles(frames, _clip(frames, pairs))
    return _polygons(frames, *_outline(frames, spans, _nearest(frames, spans)))


def _clip(frames: Frames, pairs: Pairs) -> Pairs:
    eye, ax, ay, bx, by = pairs
    half = frames.half[eye]
    narrow = half < np.pi / 2
    if narrow.any():
        # beyond one and the same side of a narrow view, or beyond its reach along the axis
        s, c = np.sin(half), np.cos(half)
        out = narrow & (
            ((ax * s - ay * c < 0) & (bx * s - by * c < 0)) | ((ax * s + ay * c < 0) & (bx * s + by * c < 0))
        )
        keep = np.flatnonzero(~out)
        eye, ax, ay, bx, by = eye[keep], ax[keep], ay[keep], bx[keep], by[keep]
    lined = np.isfinite(frames.far) | np.isfinite(frames.offset) | np.isfinite(frames.back)
    if lined.any():
        if not lined.all():
            straight = lined[eye]
            e2, a2, b2, c2, d2 = frames.clip_to_lines(
                eye[straight], ax[straight], ay[straight], bx[straight], by[straight]
            )
            rest = ~straight
            eye, ax, ay, bx, by = (
                np.concatenate([old[rest], new])
                for old, new in zip((eye, ax, ay, bx, by), (e2, a2, b2, c2, d2), strict=True)
            )
        else:
            eye, ax, ay, bx, by = frames.clip_to_lines(eye, ax, ay, bx, by)
    rows, t0, t1 = frames.clip_to_disk(eye, ax, ay, bx, by)
    eye, ax, ay, bx, by = eye[rows], ax[rows], ay[rows], bx[rows], by[rows]
    dx, dy = bx - ax, by - ay
    cut = t1 < 1
    bx, by = np.where(cut, ax + t1 * dx, bx), np.where(cut, ay + t1 * dy, by)
    cut = t0 > 0
    return Pairs(eye, np.where(cut, ax + t0 * dx, ax), np.where(cut, ay + t0 * dy, ay), bx, by)


def _angles(frames: Frames, pairs: Pairs) -> Spans:
    eye, ax, ay, bx, by = pairs
    half = frames.half[eye]
    a0, a1 = np.arctan2(ay, ax) + half, np.arctan2(by, bx) + half
    cross = ax * by - ay * bx
    mx, my = (by - ay) / cross, (ax - bx) / cross
    least = 1 / np.sqrt(np.maximum(ax * ax + ay * ay, bx * bx + by * by))
    over = np.flatnonzero(a0 > a1)  # across the seam behind the eye: its two parts
    if len(over):
        eye = np.concatenate([eye, eye[over]])
        mx, my, least = (np.concatenate([one, one[over]]) for one in (mx, my, least))
        a0, a1 = np.concatenate([a0, np.full(len(over), -1.0)]), np.concatenate([a1, a1[over]])
        a1[over] = 9.0
    full = 2 * frames.half[eye]
    a0, a1 = np.maximum(a0, 0.0), np.minimum(a1, full)
    keep = np.flatnonzero(a1 > a0)
    return Spans(eye[keep], a0[keep], a1[keep], mx[keep], my[keep], least[keep])


def _nearest(frames: Frames, spans: Spans) -> Runs:
    eye, a0, a1, mx, my, _ = spans
    base = eye * _KEY
    ends = np.arange(len(frames)) * _KEY
    keys = np.concatenate([base + a0, base + a1, ends, ends + 2 * frames.half])
    order = np.argsort(keys)
    ranked = keys[order]
    fresh = np.empty(len(ranked), dtype=bool)
    fresh[0] = True
    np.greater(ranked[1:] - ranked[:-1], _SAME_ANGLE, out=fresh[1:])
    group = np.cumsum(fresh) - 1
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = group
    events = ranked[fresh]
    walls = len(eye)
    first, last = place[:walls], place[walls : 2 * walls]
    owner = (events[:-1] // _KEY).astype(np.int64)
    inside = np.ones(len(events) - 1, dtype=bool)
    inside[place[2 * walls + len(frames) :][:-1]] = (
        False  # between the last direction of an eye and the first of the next
    )
    start = events[:-1] - owner * _KEY
    stop = events[1:] - owner * _KEY
    mid = (start + stop) / 2 - frames.half[owner]
    ux, uy = np.cos(mid), np.sin(mid)
    n = np.maximum(last - first, 0)
    wall = np.repeat(np.arange(walls), n)
    gap = np.arange(len(wall)) + np.repeat(first - (np.cumsum(n) - n), n)
    inverse = mx[wall] * ux[gap] + my[wall] * uy[gap]
    best = np.zeros(len(ux))
    np.maximum.at(best, gap, inverse)
    won = np.flatnonzero(inverse == best[gap])
    winner = np.full(len(ux), -1, dtype=np.int64)
    winner[gap[won]] = wall[won]
    gaps = np.flatnonzero(inside)
    winner, start, stop, owner = winner[gaps], start[gaps], stop[gaps], owner[gaps]
    turn = np.ones(len(gaps), dtype=bool)
    turn[1:] = (winner[1:] != winner[:-1]) | (owner[1:] != owner[:-1])
    begin = np.flatnonzero(turn)
    end = np.append(begin[1:], len(gaps)) - 1
    return Runs(winner[begin], start[begin], stop[end], owner[begin])


def _outline(frames: Frames, spans: Spans, runs: Runs) -> tuple[Floats, Floats, Ints]:
    """Return the outer border of what is seen, eye by eye in the sense of the sweep: local x, y, eye."""
    _, _, _, mx, my, reach = spans
    winner, start, stop, owner = runs
    key, cx, cy = frames.corners()
    free = winner < 0
    lo = np.searchsorted(key, owner * _KEY + start + _SAME_ANGLE, side="right")
    hi = np.searchsorted(key, owner * _KEY + stop - _SAME_ANGLE, side="left")
    between = np.where(free, np.maximum(hi - lo, 0), 0)
    count = between + 2
    at = np.cumsum(count) - count
    total = int(count.sum())
    x, y = np.empty(total), np.empty(total)
    dist = np.empty((2, len(winner)))
    walled = np.flatnonzero(~free)
    open_ = np.flatnonzero(free)
    for side, angle in ((0, start), (1, stop)):
        local = angle - frames.half[owner]
        ux, uy = np.cos(local), np.sin(local)
        inverse = np.empty(len(winner))
        w = winner[walled]
        inverse[walled] = np.maximum(mx[w] * ux[walled] + my[w] * uy[walled], reach[w])
        inverse[open_] = frames.inverse_limit(owner[open_], angle[open_], ux[open_], uy[open_])
        d = dist[side] = 1 / inverse
        put = at if side == 0 else at + count - 1
        x[put], y[put] = d * ux, d * uy
    rank = np.arange(int(between.sum())) - np.repeat(np.cumsum(between) - between, between)
    put = np.repeat(at + 1, between) + rank
    corner = np.repeat(lo, between) + rank
    x[put], y[put] = cx[corner], cy[corner]
    eye = np.repeat(owner, count)
    # where one run ends and the next begins at the same point, one of the two is enough
    keep = np.ones(total, dtype=bool)
    same = (owner[1:] == owner[:-1]) & (np.abs(dist[0, 1:] - dist[1, :-1]) < _SAME_POINT_M)
    keep[at[1:][same]] = False
    closing = np.flatnonzero(frames.half >= np.pi)  # all round: the last point is the first again
    first_run = np.searchsorted(owner, closing, side="left")
    last_run = np.searchsorted(owner, closing, side="right") - 1
    same = np.abs(dist[0, first_run] - dist[1, last_run]) < _SAME_POINT_M
    keep[(at + count - 1)[last_run[same]]] = False
    return x[keep], y[keep], eye[keep]


def _polygons(frames: Frames, x: Floats, y: Floats, eye: Ints) -> NDArray[np.object_]:
    """Close the borders into rings: over the eye, or along the near line of the frame where it has one."""
    total = len(x)
    first = np.ones(total, dtype=bool)
    first[1:] = eye[1:] != eye[:-1]
    last = np.append(first[1:], True)
    cut = frames.cut[eye]
    seen = (cut <= 0) | (x > cut + 1e-9)
    before = np.append(False, seen[:-1]) & ~first
    after = np.append(seen[1:], False) & ~last
    begins = seen & ~before
    # the border begins and ends at the eye, which lies on the far side of the near line
    enters = begins & (cut > 0)
    leaves = seen & ~after & (cut > 0)
    apex = begins & (cut <= 0) & (frames.half[eye] < np.pi)
    ends = seen & ~after
    # per point: [crossing of the near line | the eye], the point, [crossing], [closing point]
    lead, trail = enters | apex, leaves
    count = np.where(seen, 1 + lead + trail, 0) + ends
    at = np.cumsum(count) - count
    size = int(count.sum())
    px, py = np.empty(size), np.empty(size)
    rows = np.flatnonzero(seen)
    px[at[rows] + lead[rows]], py[at[rows] + lead[rows]] = x[rows], y[rows]
    rows = np.flatnonzero(apex)
    px[at[rows]] = py[at[rows]] = 0.0
    for crosses, other, edge in ((enters, -1, first), (leaves, 1, last)):
        rows = np.flatnonzero(crosses)
        there = (rows + other) % total
        x2, y2 = np.where(edge[rows], 0.0, x[there]), np.where(edge[rows], 0.0, y[there])
        t = (cut[rows] - x[rows]) / (x2 - x[rows])
        where = at[rows] + (lead[rows] + 1 if other > 0 else 0)
        px[where], py[where] = cut[rows], y[rows] + t * (y2 - y[rows])
    starts = at[np.flatnonzero(begins)]
    stops = (at + count - 1)[np.flatnonzero(ends)]
    px[stops], py[stops] = px[starts], py[starts]
    owner = eye[np.flatnonzero(begins)]
    who = np.repeat(owner, stops - starts + 1)
    size_of = stops - starts + 1
    if not len(starts):
        return np.full(len(frames), shapely.Polygon(), dtype=object)
    twice = np.zeros(size)
    twice[:-1] = px[:-1] * py[1:] - px[1:] * py[:-1]
    twice[stops] = 0.0
    edge = np.full(size, np.inf)
    edge[:-1] = (px[1:] - px[:-1]) ** 2 + (py[1:] - py[:-1]) ** 2
    edge[stops] = np.inf
    doubtful = np.unique(owner[np.minimum.reduceat(edge, starts) < _DOUBTFUL_M**2])
    solid = (np.add.reduceat(twice, starts) > 1e-9) & (size_of > 3)
    if not solid.all():
        keep = np.repeat(solid, size_of)
        px, py, who, owner, size_of = px[keep], py[keep], who[keep], owner[solid], size_of[solid]
    c, s = np.cos(frames.heading)[who], np.sin(frames.heading)[who]
    coords = np.empty((len(px), 2))
    coords[:, 0] = frames.x[who] + px * c - py * s
    coords[:, 1] = frames.y[who] + px * s + py * c
    offsets = np.append(0, np.cumsum(size_of))
    rings = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, coords, (offsets, np.arange(len(size_of) + 1))
    )
    result = np.full(len(frames), shapely.Polygon(), dtype=object)
    pieces = np.bincount(owner, minlength=len(frames))
    single = pieces[owner] == 1
    result[owner[single]] = rings[single]
    if not single.all():
        many, index = np.unique(owner[~single], return_inverse=True)
        result[many] = shapely.multipolygons(rings[~single], indices=index)
    # directions that were taken as one may cross by micrometres where a border has edges as short as that
    broken = doubtful[~shapely.is_valid(result[doubtful])]
    if len(broken):
        result[broken] = polygonal(np.asarray(shapely.make_valid(result[broken]), dtype=object))
    return result
