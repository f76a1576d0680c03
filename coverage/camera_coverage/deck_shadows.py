"""Ground that decks hide: what their parts sweep when they are stretched away from the eye, see `decks`."""

from __future__ import annotations

import numpy as np
import shapely

from camera_coverage.cameras import Eyes
from camera_coverage.decks import OWN_DECK_M, Decks
from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.optics import LEAST_DROP_M
from camera_coverage.overlays import gather, polygonal, without

_LEAST_M2 = 1e-9
_NEAREST_M = 1e-3


def behind_decks(
    areas: np.ndarray, eyes: Eyes, decks: Decks, target_height_m: float, foot_m: Floats | None = None
) -> np.ndarray:
    """Return areas without what decks hide.

    Args:
        areas: what each eye sees past all other obstacles.
        eyes: the eyes.
        decks: with heights above the ground, or above what ``foot_m`` counts from.
        target_height_m: above the ground.
        foot_m: ground at the foot of each eye, above what the heights of the decks count from; targets are taken to stand on that level.
    """
    if not len(decks.parts) or not len(areas):
        return areas
    foot = np.zeros(len(areas)) if foot_m is None else foot_m
    bounds = shapely.bounds(areas)  # what hides stands between the eye and what it sees
    boxes = shapely.box(
        np.fmin(bounds[:, 0], eyes.x), np.fmin(bounds[:, 1], eyes.y),
        np.fmax(bounds[:, 2], eyes.x), np.fmax(bounds[:, 3], eyes.y),
    )  # fmt: skip
    eye, deck = decks.tree.query(boxes)
    # an eye on a deck is mounted on it and looks past it, as from a roof
    off = shapely.distance(decks.parts[deck], shapely.points(eyes.x[eye], eyes.y[eye]))
    keep = ~shapely.is_empty(areas[eye]) & (off > OWN_DECK_M)
    eye, deck = eye[keep], deck[keep]
    height = (eyes.mount_height_m + foot)[eye]
    target = np.minimum(target_height_m + foot[eye], height - LEAST_DROP_M)
    keep = (decks.base_m[deck] < height) & (decks.top_m[deck] > target)
    eye, deck, height, target = eye[keep], deck[keep], height[keep], target[keep]
    if not len(eye):
        return areas
    drop = height - target
    begin = np.where(decks.base_m[deck] > target, drop / (height - decks.base_m[deck]), 1.0)
    with np.errstate(divide="ignore"):
        end = np.where(
            decks.top_m[deck] < height, drop / np.maximum(height - decks.top_m[deck], 1e-9), np.inf
        )
    owner, shapes = _shadows(eyes, decks.parts[deck], eye, begin, end)
    if not len(owner):
        return areas
    rows, hidden = gather(owner, shapes)
    return without(areas, rows, hidden)


def _shadows(eyes: Eyes, parts: np.ndarray, eye: Ints, begin: Floats, end: Floats) -> tuple[Ints, np.ndarray]:
    """Return what parts sweep when they are stretched from their eye between two factors: eye, polygon."""
    solid = shapely.get_type_id(parts) == 3
    rings, of = shapely.get_rings(parts[solid], return_index=True)
    chains = np.concatenate([rings, parts[~solid]])
    pair = np.concatenate([np.flatnonzero(solid)[of], np.flatnonzero(~solid)])
    coords, chain = shapely.get_coordinates(chains, return_index=True)
    at = np.flatnonzero(chain[1:] == chain[:-1])
    pair = pair[chain[at]]
    foot = np.stack([eyes.x[eye[pair]], eyes.y[eye[pair]]], 1)
    a, b = coords[at] - foot, coords[at + 1] - foot
    cross = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    off = np.maximum(cross / np.maximum(np.hypot(*(b - a).T), 1e-12), _NEAREST_M)
    # no farther than needed to leave the reach of the eye, so that coordinates stay small
    far = np.minimum(end[pair], begin[pair] + 4 * eyes.max_range_m[eye[pair]] / off)
    k, m = begin[pair][:, None], far[:, None]
    quads = np.asarray(
        shapely.polygons(np.stack([a * k, b * k, b * m, a * m], 1) + foot[:, None, :]), dtype=object
    )
    wide = shapely.area(quads) > _LEAST_M2
    rows = np.flatnonzero(solid)
    ends = [_stretched(eyes, parts[rows], eye[rows], begin[rows])]
    owner = [eye[pair[wide]], eye[rows]]
    finite = rows[np.isfinite(end[rows])]
    near = finite[_reaches(eyes, parts[finite], eye[finite], end[finite])]
    ends.append(_stretched(eyes, parts[near], eye[near], end[near]))
    owner.append(eye[near])
    shapes = np.concatenate([quads[wide], *ends])
    broken = np.flatnonzero(~shapely.is_valid(shapes))
    shapes[broken] = polygonal(np.asarray(shapely.make_valid(shapes[broken]), dtype=object))
    return np.concatenate(owner), shapes


def _reaches(eyes: Eyes, parts: np.ndarray, eye: Ints, factor: Floats) -> Flags:
    away = shapely.distance(parts, shapely.points(eyes.x[eye], eyes.y[eye]))
    return np.asarray(away * factor <= eyes.max_range_m[eye])


def _stretched(eyes: Eyes, parts: np.ndarray, eye: Ints, factor: Floats) -> np.ndarray:
    """Return parts stretched away from their eye by a factor."""
    coords, of = shapely.get_coordinates(parts, return_index=True)
    foot = np.stack([eyes.x[eye], eyes.y[eye]], 1)[of]
    return np.asarray(
        shapely.set_coordinates(parts.copy(), foot + (coords - foot) * factor[of][:, None]), dtype=object
    ).reshape(-1)
