"""The working of a section: the ground as a chain of straight pieces, and all that limits the view as functions of distance."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from camera_coverage.cameras import Eyes
from camera_coverage.frames import Flags, Floats
from camera_coverage.optics import LEAST_DROP_M, depth_limit_m
from camera_coverage.options import ViewOptions
from camera_coverage.rays import lit_stretches, through
from camera_coverage.stretches import Crossing, Limit, Stretch
from camera_coverage.walls import Scene

_TINY = 1e-9
_BISECTIONS = 60
_MOST_PIECES = 4000


@dataclass(frozen=True)
class Cut:
    """One section while it is worked out.

    Args:
        eye: the one view.
        options: target height, terrain, light.
        off: angle from the optical axis, radians.
        reach_m: range, at night that of its own light.
        eye_m: height of the eye above its foot.
        s: distances at which anything may change.
        g: height of the ground there, above that of the foot.
        begin: near side of each obstacle.
        end: its far side.
        top: its top above the foot.
        member: row of the obstacle.
        hides: whether it is not the one that the camera stands on.
        solid: whether it is a footprint.
        index: ids of the obstacles.
        depth: reach of each class in depth of the picture.
        names: the classes, from coarse to fine.
        lit: stretches that street lights light.
        decks: obstacles with free air below them: row, begin, end, lower edge, top.
    """

    eye: Eyes
    options: ViewOptions
    off: float
    reach_m: float
    eye_m: float
    s: Floats
    g: Floats
    begin: Floats
    end: Floats
    top: Floats
    member: np.ndarray
    hides: Flags
    solid: Flags
    index: pd.Index
    depth: Floats
    names: tuple[str, ...]
    lit: tuple[tuple[float, float], ...]
    decks: tuple[tuple[int, float, float, float, float], ...] = ()

    @classmethod
    def of(
        cls,
        eye: Eyes,
        scene: Scene,
        options: ViewOptions,
        own: int,
        bearing: float,
        off: float,
        length: float,
        reach: float,
        names: Sequence[str],
    ) -> Cut:
        """Return the cut of a view at the angle `off` from its axis, `length` metres long, by day `reach` its range."""
        x, y = float(eye.x[0]), float(eye.y[0])
        angle = np.radians(90.0 - bearing)
        ux, uy = float(np.cos(angle)), float(np.sin(angle))
        chain, g, foot, terrain = np.array([0.0, length]), np.zeros(2), 0.0, options.terrain
        if terrain is not None and terrain.known(eye.x, eye.y)[0]:
            foot = float(terrain.ground(eye.x, eye.y)[0])
            pieces = min(_MOST_PIECES, int(np.ceil(2 * length / terrain.cell_m)))
            chain = np.linspace(0, length, pieces + 1)
            g = terrain.ground(x + chain * ux, y + chain * uy) - foot
            scene = terrain.scene(scene)
        ray = shapely.LineString([(x, y), (x + length * ux, y + length * uy)])
        part, begin, end = through(scene.parts, scene.raw_tree, ray)
        deck, near, beyond = through(scene.decks.parts, scene.decks.tree, ray)
        solid = shapely.get_type_id(scene.parts[part]) == 3
        top = np.asarray(scene.height_m[part], dtype=float) - foot
        lit = lit_stretches(options, ray) if options.night else ()
        far = [min(one, length) for one in (reach, float(eye.max_range_m[0]))]
        s = np.unique(np.concatenate([chain, begin, end, near, beyond, far, np.ravel(lit).clip(0, length)]))
        return cls(
            eye=eye, options=options, off=np.radians(off), reach_m=reach,
            eye_m=max(float(eye.mount_height_m[0]), options.target_height_m + LEAST_DROP_M),
            s=s, g=np.interp(s, chain, g), begin=begin, end=end, top=top, member=scene.member[part],
            hides=scene.member[part] != own, solid=solid, index=scene.index,
            depth=_depths(eye, options, names), names=tuple(names), lit=lit,
            decks=tuple(zip(
                scene.decks.member[deck].tolist(), near.tolist(), beyond.tolist(),
                (scene.decks.base_m[deck] - foot).tolist(), (scene.decks.top_m[deck] - foot).tolist(), strict=True,
            )),
        )  # fmt: skip

    def drop(self, s: Floats) -> Floats:
        """How far the target point lies below the eye."""
        return np.asarray(self.eye_m - self.options.target_height_m - np.interp(s, self.s, self.g))

    def lens_rooms(self, s: Floats) -> Floats:
        """Room to the limits of the picture, ≥ 0 inside: lower edge, upper edge, sides; shape (3, n)."""
        drop, one = self.drop(s), np.ones(len(s))
        if str(self.eye.lens[0]) != "rectilinear":
            around = str(self.eye.lens[0]) == "swivel" or self.eye.hfov_deg[0] >= 360
            inside = around or abs(self.off) <= np.radians(self.eye.hfov_deg[0]) / 2 + _TINY
            low, high = (np.radians(each) for each in self.edges())
            lower = s * np.tan(low) - drop if low < np.pi / 2 - _TINY else one
            upper = drop - s * np.tan(high) if high > _TINY - np.pi / 2 else one
            return np.stack([lower, upper, one if inside else -one])
        tau = np.radians(self.eye.tilt_deg[0])
        wide, high = (np.tan(np.radians(min(float(one[0]), 179.9)) / 2) for one in (self.eye.hfov_deg, self.eye.vfov_deg))  # fmt: skip
        ahead = s * np.cos(self.off)
        depth = ahead * np.cos(tau) + drop * np.sin(tau)
        below = drop * np.cos(tau) - ahead * np.sin(tau)
        sides = np.minimum(depth * wide - s * abs(np.sin(self.off)), depth)
        return np.stack([depth * high - below, depth * high + below, sides])

    def pixel_rooms(self, s: Floats) -> Floats:
        """Room to the depth of each class, ≥ 0 within; shape (classes, n)."""
        drop = self.drop(s)
        if str(self.eye.lens[0]) == "rectilinear":
            tau = np.radians(self.eye.tilt_deg[0])
            far = s * np.cos(self.off) * np.cos(tau) + drop * np.sin(tau)
        else:
            far = np.hypot(s, drop)
        return np.asarray(self.depth[:, None] - far[None, :])

    def horizon(self) -> Floats:
        """Return by piece of ground the steepest line of sight that all before it allows (rise over distance)."""
        steepest = np.full(len(self.s), -np.inf)
        away = np.maximum(self.s, _TINY)
        terrain = self.options.terrain
        if terrain is not None and terrain.hides and np.any(self.g):
            steepest[1:] = ((self.g - self.eye_m) / away)[1:]
        for at in (self.begin, self.end):
            blocking = self.hides & (at > _TINY)
            where = np.searchsorted(self.s, at[blocking] - _TINY)
            np.maximum.at(steepest, where, (self.top[blocking] - self.eye_m) / at[blocking])
        return np.maximum.accumulate(steepest)[:-1]

    def sight_rooms(self, s: Floats, horizon: Floats) -> Floats:
        """How far the target point lies above the line of sight over all before it, ≥ 0 where it is seen."""
        with np.errstate(invalid="ignore"):
            line = np.where(np.isinf(horizon), horizon, horizon * s)
        return np.asarray(-self.drop(s) - line)

    def deck_rooms(self, s: Floats) -> Floats:
        """How far the line of sight passes under or over each deck, ≥ 0 where it does; shape (decks, n)."""
        found = [np.full(len(s), np.inf)]
        slope = -self.drop(s) / np.maximum(s, _TINY)
        for _, begin, end, base, top in self.decks:
            one, other = self.eye_m + slope * begin, self.eye_m + slope * np.minimum(end, s)
            room = np.maximum(base - np.maximum(one, other), np.minimum(one, other) - top)
            found.append(np.where(s <= begin, np.inf, room))
        return np.stack(found)

    def deck_corners(self) -> list[Any]:
        """Functions whose signs change where the line of sight runs through a corner of a deck."""
        return [
            lambda s, _h, far=far, high=high: (self.eye_m - high) * s - self.drop(s) * far
            for _, begin, end, base, top in self.decks
            for far in (begin, end)
            for high in (base, top)
            if np.isfinite(high)
        ]

    def picture(self) -> tuple[float, float]:
        """Return where the lower and the upper edge of the picture meet the target height."""
        rooms = self.lens_rooms(self.s)
        low, high = rooms[0] >= -_TINY, rooms[1] >= -_TINY
        if rooms[2, -1] < -_TINY and not (rooms[2] >= -_TINY).any():
            return np.inf, np.inf
        drop = self.drop(self.s)
        if not np.ptp(drop) and str(self.eye.lens[0]) != "swivel":  # level: the closed form
            lower, upper = (np.tan(np.radians(one)) for one in self.edges())
            near = 0.0 if self.edges()[0] >= 90 - _TINY else drop[0] / lower if lower > 0 else np.inf
            return float(near), float(drop[0] / upper) if upper > _TINY else np.inf
        near = 0.0 if low[0] else self._first(0, rising=True)
        return near, self._first(1, rising=False) if high[0] or high.any() else 0.0

    def _first(self, which: int, *, rising: bool) -> float:
        rooms = self.lens_rooms(self.s)[which]
        turn = (rooms[:-1] < 0) & (rooms[1:] >= 0) if rising else (rooms[:-1] >= 0) & (rooms[1:] < 0)
        at = np.flatnonzero(turn)
        if not len(at):
            return np.inf
        i = at[0] if rising else at[-1]
        return float(self.s[i] + (self.s[i + 1] - self.s[i]) * rooms[i] / (rooms[i] - rooms[i + 1]))

    def edges(self) -> tuple[float, float]:
        """Return the depressions of the lower and the upper edge of the picture in this cut, in degrees."""
        if str(self.eye.lens[0]) == "swivel":
            return 90.0, -90.0
        if str(self.eye.lens[0]) == "panorama":  # the same in every direction
            middle, side = float(self.eye.tilt_deg[0]), float(self.eye.vfov_deg[0]) / 2
            return min(middle + side, 90.0), max(middle - side, -90.0)
        tau, half = float(self.eye.tilt_deg[0]), min(float(self.eye.vfov_deg[0]), 179.9) / 2
        ahead = max(float(np.cos(self.off)), 0.0)

        def turned(angle: float) -> float:
            if abs(angle) >= 90 - _TINY:
                return float(np.copysign(90.0, angle))
            return float(np.degrees(np.arctan(ahead * np.tan(np.radians(angle)))))

        return turned(tau + half), turned(tau - half)

    def limits(self) -> tuple[Limit, ...]:
        """Return how far each class reaches by pixels alone."""
        rooms = self.pixel_rooms(self.s)
        found = []
        for i, name in enumerate(self.names):
            inside = rooms[i] >= 0
            if inside[-1]:
                far = np.inf
            elif not inside.any():
                far = 0.0
            else:
                at = int(np.flatnonzero(inside)[-1])
                far = float(self._root(self.s[at], self.s[at + 1], lambda s, i=i: self.pixel_rooms(s)[i])[0])
            found.append(Limit(name, self.options.classes.px_per_m[name], far))
        return tuple(found)

    @staticmethod
    def _root(low: float | Floats, high: float | Floats, room: object) -> Floats:
        """Return where a function changes its sign between two places, by halving."""
        a, b = np.atleast_1d(np.asarray(low, dtype=float)), np.atleast_1d(np.asarray(high, dtype=float))
        first = room(a) >= 0  # type: ignore[operator]
        for _ in range(_BISECTIONS):
            middle = (a + b) / 2
            same = (room(middle) >= 0) == first  # type: ignore[operator]
            a, b = np.where(same, middle, a), np.where(same, b, middle)
        return np.asarray((a + b) / 2)

    def stretches(self, *, blind: bool) -> tuple[Stretch, ...]:
        """Return the whole length, cut wherever its state changes."""
        if blind:
            return (Stretch(0.0, float(self.s[-1]), "blind", None),)
        horizon = self.horizon()
        low, high = self.s[:-1], self.s[1:]
        cuts = [self.s]
        rooms: list[Any] = [lambda s, _h, i=i: self.lens_rooms(s)[i] for i in range(3)]
        rooms += [lambda s, _h, i=i: self.pixel_rooms(s)[i] for i in range(len(self.names))]
        rooms += [self.sight_rooms, *self.deck_corners()]
        for room in rooms:
            turn = np.flatnonzero((room(low, horizon) >= 0) != (room(high, horizon) >= 0))
            if len(turn):
                some = horizon[turn]
                cuts.append(self._root(low[turn], high[turn], lambda s, some=some, room=room: room(s, some)))
        s = np.unique(np.concatenate(cuts))
        s = s[np.concatenate([[True], np.diff(s) > _TINY])]
        middle = (s[:-1] + s[1:]) / 2
        states, classes = self._states(middle, horizon)
        found: list[Stretch] = []
        for begin, end, state, name in zip(s[:-1].tolist(), s[1:].tolist(), states, classes, strict=True):
            if found and (found[-1].state, found[-1].observation_class) == (state, name):
                found[-1] = dataclasses.replace(found[-1], end_m=end)
            else:
                found.append(Stretch(begin, end, state, name))
        return tuple(found)

    def _states(self, s: Floats, horizon: Floats) -> tuple[list[str], list[str | None]]:
        lens, pixels = self.lens_rooms(s), self.pixel_rooms(s)
        piece = np.clip(np.searchsorted(self.s, s) - 1, 0, len(horizon) - 1)
        sight = (self.sight_rooms(s, horizon[piece]) >= 0) & (self.deck_rooms(s) >= 0).all(axis=0)
        inside = np.zeros(len(s), dtype=bool)
        for begin, end in zip(self.begin[self.solid], self.end[self.solid], strict=True):
            inside |= (s > begin) & (s < end)
        light = np.ones(len(s), dtype=bool)
        if self.options.night:
            light = s <= self.reach_m
            for begin, end in self.lit:
                light |= (s >= begin) & (s <= end)
        far = float(self.eye.max_range_m[0])
        finest = (pixels >= 0).sum(axis=0)
        state = np.select(
            [inside, lens[2] < 0, lens[0] < 0, lens[1] < 0, s > far, finest == 0, ~light, ~sight],
            [
                "building",
                "outside",
                "dead_zone",
                "outside",
                "out_of_range",
                "too_few_pixels",
                "dark",
                "hidden",
            ],
            "seen",
        )
        names = [
            self.names[count - 1] if one == "seen" else None
            for one, count in zip(state.tolist(), finest.tolist(), strict=True)
        ]
        return state.tolist(), names

    def crossings(self) -> tuple[Crossing, ...]:
        """Return the obstacles, nearest first, with how far each alone hides the target height."""
        found = []
        for i in np.argsort(self.begin, kind="stable").tolist():
            begin, end, top = float(self.begin[i]), float(self.end[i]), float(self.top[i])
            base = float(np.interp([begin, end], self.s, self.g).min())
            own = not bool(self.hides[i])
            shadow = end if own else self._shadow_end(begin, end, top)
            found.append(Crossing(self.index[self.member[i]], begin, end, base, top, own, shadow))
        for row, begin, end, base, top in self.decks:
            ground = float(np.interp([begin, end], self.s, self.g).min())
            # no line of sight passes above the lower edge where that is as high as the eye
            shadow = end if base >= self.eye_m else self._shadow_end(begin, end, top)
            found.append(Crossing(self.index[row], begin, end, base, top, False, shadow, base - ground))  # noqa: FBT003
        return tuple(sorted(found, key=lambda one: one.begin_m))

    def _shadow_end(self, begin: float, end: float, top: float) -> float:
        line = max((top - self.eye_m) / max(one, _TINY) for one in (begin, end))
        if np.isinf(line):
            return np.inf
        if not np.any(self.g):  # level: the closed form d·(H − t) / (H − w)
            if line >= 0:
                return np.inf
            return max(end, -float(self.drop(np.array([end]))[0]) / line)
        s = np.concatenate([[end], self.s[self.s > end]])
        rooms = self.sight_rooms(s, np.full(len(s), line))
        clear = np.flatnonzero(rooms >= 0)
        if not len(clear):
            return np.inf
        i = int(clear[0])
        if i == 0:
            return end
        return float(s[i - 1] + (s[i] - s[i - 1]) * rooms[i - 1] / (rooms[i - 1] - rooms[i]))


def _depths(eye: Eyes, options: ViewOptions, names: Sequence[str]) -> Floats:
    """Return how deep each class reaches: along the axis for a rectilinear lens, slant for the others."""
    found = []
    for name in names:
        density = options.classes.density(name)
        if str(eye.lens[0]) == "panorama":
            found.append(float(eye.pixels[0]) / (np.radians(float(eye.hfov_deg[0])) * density))
        else:
            found.append(float(depth_limit_m(eye.pixels, eye.hfov_deg, density)[0]))
    return np.array(found)
