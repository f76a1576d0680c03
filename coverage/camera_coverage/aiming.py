"""Aiming: how far a view must be turned, tilted, zoomed or raised to show a place, in closed form."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.cameras import Eyes
from camera_coverage.decks import OWN_DECK_M
from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.optics import LEAST_DROP_M

#: Pixels across of common sensors.
WIDTHS = (1280, 1920, 2560, 3840, 5120, 7680)
_MARGIN_DEG = 0.05
_STEEPEST_DEG = 85.0


@dataclass(frozen=True)
class Case:
    """A piece and the view of its camera that would be changed; arrays, one entry a piece."""

    piece: Ints
    view: Ints
    distance: Floats
    bearing: Floats
    drop: Floats
    ground: Floats
    target: Floats

    def take(self, rows: Ints | Flags) -> Case:
        """Return some entries."""
        return Case(**{one.name: getattr(self, one.name)[rows] for one in dataclasses.fields(self)})

    def joined(self, other: Case) -> Case:
        """Return these entries and others."""
        return Case(
            **{
                one.name: np.concatenate([getattr(self, one.name), getattr(other, one.name)])
                for one in dataclasses.fields(self)
            }
        )


def cases(coverage: CoverageResult, piece: Ints, camera: Ints, x: Floats, y: Floats) -> Case:
    """Return for each piece the view of its camera that must be turned least."""
    eyes, terrain = coverage.eyes, coverage.options.terrain
    first = np.searchsorted(eyes.camera, camera)
    count = np.searchsorted(eyes.camera, camera, side="right") - first
    at = np.repeat(np.arange(len(piece)), count)
    view = np.repeat(first, count) + np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    dx, dy = x[at] - eyes.x[view], y[at] - eyes.y[view]
    ground, target = np.zeros(len(at)), np.full(len(at), coverage.options.target_height_m)
    if terrain is not None:
        known = terrain.known(eyes.x[view], eyes.y[view])
        ground = np.where(known, terrain.ground(eyes.x[view], eyes.y[view]), 0.0)
        target = target + np.where(known, terrain.ground(x[at], y[at]), 0.0)
    drop = np.maximum(eyes.mount_height_m[view] + ground - target, LEAST_DROP_M)
    case = Case(piece[at], view, np.hypot(dx, dy), np.degrees(np.arctan2(dx, dy)), drop, ground, target)
    away = np.abs(off_axis(case.bearing, eyes.azimuth_deg[view]))
    excess = np.maximum(away - half_view(eyes, case, eyes.tilt_deg[view], eyes.hfov_deg[view]), 0.0)
    order = np.lexsort((away, excess, at))
    return case.take(order[np.diff(at[order], prepend=-1) > 0])


def off_axis(bearing: Floats, azimuth: Floats) -> Floats:
    """Return how far a bearing lies clockwise of an azimuth, −180 to 180."""
    return np.asarray((bearing - azimuth + 180.0) % 360.0 - 180.0)


def spread(angle_deg: Floats) -> Floats:
    """Return the tangent of half an angle of view."""
    return np.asarray(np.tan(np.radians(np.minimum(angle_deg, 179.0)) / 2))


def half_view(eyes: Eyes, case: Case, tilt_deg: Floats, hfov_deg: Floats) -> Floats:
    """Return how far aside of the axis, in degrees on the ground, the distance of a case is still in the picture.

    From ``|y| ≤ (x·cos τ + g·sin τ)·tan(HFOV/2)`` with x = d·cos φ, y = d·sin φ: φ = α + arcsin(B / A), where
    tan α = cos τ·tan(HFOV/2), A = d / cos α, B = g·sin τ·tan(HFOV/2).
    """
    wide = spread(hfov_deg)
    tau = np.radians(tilt_deg)
    alpha = np.arctan(wide * np.cos(tau))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = case.drop * np.sin(tau) * wide * np.cos(alpha) / np.maximum(case.distance, 1e-9)
    straight = np.degrees(alpha + np.arcsin(np.clip(ratio, -1.0, 1.0)))
    straight = np.where(ratio >= 1, 180.0, straight)
    lens = eyes.lens[case.view]
    return np.where(lens == "swivel", 180.0, np.where(lens == "panorama", hfov_deg / 2, straight))


def aimed(
    eyes: Eyes, case: Case, azimuth: Floats, tilt: Floats, hfov: Floats, vfov: Floats
) -> tuple[Floats, Floats]:
    """Return azimuth and tilt after the least turn, in whole degrees, that brings the place into the picture."""
    straight = eyes.lens[case.view] == "rectilinear"
    # a panorama with a stated vertical view tilts, too; its picture is as high in every direction
    tilts = straight | ((eyes.lens[case.view] == "panorama") & (vfov < 360))
    blind = eyes.blind[case.view]
    aside = off_axis(case.bearing, azimuth)
    for _ in range(2):  # the tilt changes how wide the picture is
        half = half_view(eyes, case, tilt, hfov)
        over = np.abs(aside) - half
        turn = np.where(over > 0, np.minimum(np.ceil(over + _MARGIN_DEG), 180.0), 0.0) * np.sign(aside)
        left = np.where(blind | ~straight, 0.0, np.abs(aside - turn))
        # in the upright plane of the axis the place lies this far below the horizon
        below = np.degrees(np.arctan2(case.drop, case.distance * np.cos(np.radians(left))))
        low, high = below - vfov / 2, below + vfov / 2
        lowered = np.where(
            tilt < low, np.ceil(low + _MARGIN_DEG), np.where(tilt > high, np.floor(high - _MARGIN_DEG), tilt)
        )
        tilt = np.where(tilts, np.minimum(lowered, np.maximum(_STEEPEST_DEG, tilt)), tilt)
    return np.where(blind, case.bearing % 360.0, np.where(turn == 0, azimuth, (azimuth + turn) % 360.0)), tilt


def resolved(base: Eyes, case: Case, azimuth: Floats, tilt: Floats, density: Floats) -> tuple[Floats, Floats]:
    """Return the view and the pixels across that give a density at the place: the widest that does, else those there are."""
    aside, tau = np.radians(off_axis(case.bearing, azimuth)), np.radians(tilt)
    depth = case.distance * np.cos(aside) * np.cos(tau) + case.drop * np.sin(tau)
    slant = np.hypot(case.distance, case.drop)
    depth = np.where(base.lens == "rectilinear", depth, slant)
    widest = 2 * np.degrees(np.arctan(base.pixels / (2 * density * np.maximum(depth, 1e-9))))
    panorama = base.lens == "panorama"
    few = ~panorama & (widest < base.hfov_deg - 1e-9)
    hfov = np.where(few, np.floor(widest * 10) / 10, base.hfov_deg)
    needed = density * np.radians(base.hfov_deg) * slant
    wide = np.array([*WIDTHS, np.inf])
    more = wide[np.searchsorted(wide, needed * (1 + 1e-9))]
    return hfov, np.where(panorama & (needed > base.pixels), more, base.pixels)


def clearing_height(coverage: CoverageResult, case: Case) -> Floats:
    """Return the least mount height from which the line of sight passes over all obstacles; inf where none does.

    An obstacle of height hw that the line leaves at the share u of the distance asks for H > (hw − t·u) / (1 − u). A deck, with free
    air below, asks for it only where the line would otherwise run through it: see `camera_coverage.decks`.
    """
    eyes, terrain = coverage.eyes, coverage.options.terrain
    scene = coverage.scene if terrain is None else terrain.scene(coverage.scene)
    result = np.zeros(len(case.piece))
    decks = scene.decks
    if not len(scene.parts) and not len(decks.parts):
        return result
    ex, ey = eyes.x[case.view], eyes.y[case.view]
    bearing = np.radians(case.bearing)
    x, y = ex + case.distance * np.sin(bearing), ey + case.distance * np.cos(bearing)
    rays = np.asarray(
        shapely.linestrings(np.stack([np.stack([ex, x], 1), np.stack([ey, y], 1)], 2)), dtype=object
    )
    feet = np.asarray(shapely.points(ex, ey), dtype=object)
    away = np.maximum(case.distance, 1e-9)
    if len(scene.parts):
        ray, part = scene.raw_tree.query(rays, predicate="intersects")
        keep = (scene.height_m[part] > case.target[ray]) & (
            scene.member[part] != coverage.own[case.view[ray]]
        )
        ray, part = ray[keep], part[keep]
        leave = shapely.hausdorff_distance(feet[ray], shapely.intersection(rays[ray], scene.parts[part]))
        needed = _over(scene.height_m[part], np.minimum(leave / away[ray], 1.0), case.take(ray))
        np.maximum.at(result, ray, needed)
    if not len(decks.parts):
        return result
    ray, part = decks.tree.query(rays, predicate="intersects")
    keep = (decks.top_m[part] > case.target[ray]) & (
        shapely.distance(decks.parts[part], feet[ray]) > OWN_DECK_M
    )
    ray, part = ray[keep], part[keep]
    met = shapely.intersection(rays[ray], decks.parts[part])
    near = np.minimum(shapely.distance(feet[ray], met) / away[ray], 1.0)
    far = np.minimum(shapely.hausdorff_distance(feet[ray], met) / away[ray], 1.0)
    top, base, target = decks.top_m[part], decks.base_m[part], case.target[ray]
    over = _over(top, far, case.take(ray))
    # a height that clears one deck may run into a higher one: each pass clears at least one more
    for _ in range(len(np.unique(part))):
        eye = np.maximum(result, eyes.mount_height_m[case.view])[ray] + case.ground[ray]
        with np.errstate(invalid="ignore"):
            first, last = eye + (target - eye) * near, eye + (target - eye) * far
        blocked = (np.minimum(first, last) < top) & (np.maximum(first, last) > base) & (over > result[ray])
        if not blocked.any():
            break
        np.maximum.at(result, ray[blocked], over[blocked])
    return result


def _over(top_m: Floats, share: Floats, case: Case) -> Floats:
    """Return the mount height from which the line passes over an edge at a share of the distance; inf at the target itself."""
    with np.errstate(invalid="ignore", divide="ignore"):
        needed = (top_m - case.target * share) / (1 - share) + 0.01 - case.ground
    return np.asarray(np.where(share < 1 - 1e-9, needed, np.inf))
