"""The angular sweep: what an eye sees inside a frame when walls of full height stand around it.

All eyes of a batch are swept at once over flat arrays of (eye, wall) pairs; there is no loop over eyes. Each eye works in
its own axes: origin at the eye, x along its heading, y to the left. Along a direction ``u`` a wall on the line ``n·p = c``
lies at distance ``1 / (n·u / c)``, so the inverse distance is linear in ``u`` and the nearest wall is the largest one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from camera_coverage.frames import EYE_KEY, SAME_ANGLE, Flags, Floats, Frames, Ints, Pairs
from camera_coverage.overlays import polygonal

_SAME_POINT_M = 1e-7
_DOUBTFUL_M = 1e-4
_ROUNDED_M = 2e-9  # more than coordinates of 10,000 km are rounded by


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
    base = eye * EYE_KEY
    ends = np.arange(len(frames)) * EYE_KEY
    keys = np.concatenate([base + a0, base + a1, ends, ends + 2 * frames.half])
    order = np.argsort(keys)
    ranked = keys[order]
    fresh = np.empty(len(ranked), dtype=bool)
    fresh[0] = True
    np.greater(ranked[1:] - ranked[:-1], SAME_ANGLE, out=fresh[1:])
    group = np.cumsum(fresh) - 1
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = group
    events = ranked[fresh]
    walls = len(eye)
    first, last = place[:walls], place[walls : 2 * walls]
    owner = (events[:-1] // EYE_KEY).astype(np.int64)
    inside = np.ones(len(events) - 1, dtype=bool)
    inside[place[2 * walls + len(frames) :][:-1]] = (
        False  # between the last direction of an eye and the first of the next
    )
    start = events[:-1] - owner * EYE_KEY
    stop = events[1:] - owner * EYE_KEY
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
    lo = np.searchsorted(key, owner * EYE_KEY + start + SAME_ANGLE, side="right")
    hi = np.searchsorted(key, owner * EYE_KEY + stop - SAME_ANGLE, side="left")
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
    plain = plain_rings(px, py, starts, stops, cut=frames.cut[owner], round_=frames.half[owner] >= np.pi)
    solid = (np.add.reduceat(twice, starts) > 1e-9) & (size_of > 3)
    if not solid.all():
        keep = np.repeat(solid, size_of)
        px, py, who, owner, size_of = px[keep], py[keep], who[keep], owner[solid], size_of[solid]
        plain = plain[solid]
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
    doubtful = np.flatnonzero((pieces > 1) | (np.bincount(owner, ~plain, minlength=len(frames)) > 0))
    broken = doubtful[~shapely.is_valid(result[doubtful])]
    if len(broken):
        result[broken] = polygonal(np.asarray(shapely.make_valid(result[broken]), dtype=object))
    return result


def plain_rings(px: Floats, py: Floats, starts: Ints, stops: Ints, *, cut: Floats, round_: Flags) -> Flags:
    """Return the rings that cannot cross themselves, not even when their corners are rounded.

    All go once round the eye, or less, in the sense of the sweep. A border whose edges all lead on in the sense of the sweep cannot. Edges along a ray may lean back by rounding: then the ends
    of the two edges beside it overlap in direction, and must be farther apart than they are long there.
    """
    size = len(px)
    ax, ay, bx, by = px[:-1], py[:-1], px[1:], py[1:]
    cross, length, away = np.zeros(size), np.zeros(size), np.hypot(px, py)
    cross[:-1] = ax * by - ay * bx
    length[:-1] = np.hypot(bx - ax, by - ay)
    reach = away.copy()
    np.add(away[:-1], away[1:], out=reach[:-1])
    onward = cross > 2 * _ROUNDED_M * reach
    after, before = np.arange(size) + 1, np.arange(size) - 1
    after[stops - 1], before[starts] = starts, stops - 1
    # sides of the frame: from the eye and back to it, or along the near line, which all corners but the first and last are beyond
    side = np.zeros(size, dtype=bool)
    side[stops] = True
    narrow = ~round_ | (cut > 0)
    side[stops[narrow] - 1] = True
    side[starts[narrow & (cut <= 0)]] = True
    lean = np.flatnonzero(~onward & ~side)
    sound = np.zeros(len(lean), dtype=bool)
    to, one, two = lean + 1, before[lean], after[lean]
    known = np.flatnonzero(onward[one] & onward[two] & (away[lean] > _DOUBTFUL_M) & (away[to] > _DOUBTFUL_M))
    k, to = lean[known], to[known]
    turn = np.abs(cross[k]) / (away[k] * away[to]) + 2 * _ROUNDED_M * (1 / away[k] + 1 / away[to])
    room = length[k] - 4 * _ROUNDED_M
    fits = np.ones(len(k), dtype=bool)
    for beside in (one[known], two[known]):
        ends = 2 * turn * np.maximum(away[beside], away[beside + 1]) ** 2 * length[beside] / cross[beside]
        fits &= ends < length[beside] / 2
        room -= ends
    sound[known] = fits & (room > 0)
    faulty = np.zeros(size, dtype=bool)
    faulty[lean[~sound]] = True
    near = np.repeat(cut, stops - starts + 1)
    faulty |= (near > 0) & (px > near) & (px < near + _DOUBTFUL_M)
    plain: Flags = ~np.logical_or.reduceat(faulty, starts)
    return plain
