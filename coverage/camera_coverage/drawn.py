"""Cameras drawn at random within their tolerances: the evidence for the bands of `certainty`, and what they are measured against."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.areas import unite_views, view_areas
from camera_coverage.light import Light
from camera_coverage.spans import Spans
from camera_coverage.standing import STEP_OFF_M


def draw_design(draws: int, seed: int) -> np.ndarray:
    """Return draws × 6 numbers of −1 to 1: east, north, azimuth, tilt, height, view.

    The first draw is the stated value. Then each quantity alone at both ends, then joint extremes (all at an end), and
    every second of the rest anywhere in between. The same for all cameras, so that a result does not depend on the others.
    """
    rng = np.random.default_rng(seed)
    rows = [np.zeros(6)]
    for i in range(6):
        for end in (-1.0, 1.0):
            one = np.zeros(6)
            one[i] = end
            rows.append(one)
    while len(rows) < draws:
        joint = len(rows) % 2 == 0
        rows.append(rng.choice([-1.0, 1.0], 6) if joint else rng.uniform(-1, 1, 6))
    return np.array(rows[:draws])


def drawn_areas(
    coverage: CoverageResult,
    tolerance: pd.DataFrame,
    observation_class: str | None,
    light: Light = "day",
    *,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Return what each camera sees in each draw: a table of cameras × draws.

    Args:
        coverage: of `analyse`.
        tolerance: by camera, the columns of `tolerances.COLUMNS`.
        observation_class: class of the table, None for no pixel limit.
        light: "day" or "night".
        draws: how often each camera is drawn.
        seed: of the draws; equal seeds give equal areas.
    """
    base, scene = coverage.eyes, coverage.scene
    design = draw_design(draws, seed)
    count, cameras = len(base.x), len(coverage.status)
    rows = np.tile(np.arange(count), draws)
    turn = np.repeat(design, count, axis=0)
    spans = Spans.of(base, tolerance, fixed=coverage.own >= 0).take(rows)
    some = base.take(rows)
    x, y = some.x + turn[:, 0] * spans.shift, some.y + turn[:, 1] * spans.shift
    if len(scene.parts):
        # one in the street does not move into a house
        at, _ = scene.raw_tree.query(shapely.points(x, y), predicate="dwithin", distance=STEP_OFF_M)
        x[at], y[at] = some.x[at], some.y[at]

    def between(stated: np.ndarray, pair: tuple[np.ndarray, np.ndarray], share: np.ndarray) -> np.ndarray:
        low, high = pair
        return np.where(share < 0, stated + share * (stated - low), stated + share * (high - stated))

    wide, tall = spans.widened(turn[:, 5])
    eyes = dataclasses.replace(
        some,
        x=x,
        y=y,
        azimuth_deg=some.azimuth_deg + turn[:, 2] * spans.turn,
        tilt_deg=between(some.tilt_deg, spans.tilt, turn[:, 3]),
        mount_height_m=between(some.mount_height_m, spans.height, turn[:, 4]),
        hfov_deg=wide,
        vfov_deg=tall,
        blind=np.zeros(len(rows), dtype=bool),
    )
    options = dataclasses.replace(
        coverage.options, observation_class=observation_class, night=light == "night"
    )
    areas = view_areas(eyes, scene, options, coverage.own[rows], coverage.refused[rows])
    draw = np.repeat(np.arange(draws), count)
    united = unite_views(areas, eyes.camera + draw * cameras, cameras * draws)
    return np.asarray(united.reshape(draws, cameras).T, dtype=object)
