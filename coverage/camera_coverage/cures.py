"""Cures: what would let the camera that comes closest to watching a blind piece see it.

A cure is proposed only if a new computation of the camera's view, with the changed values and all obstacles, holds the inner
point of the piece. What the camera would lose elsewhere is not asked here: try the change on the map before it is ordered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.aiming import Case, aimed, cases, clearing_height, off_axis, resolved, spread
from camera_coverage.analysis import CoverageResult
from camera_coverage.asked import asked_areas
from camera_coverage.cameras import Eyes
from camera_coverage.frames import Flags, Floats, Ints
from camera_coverage.light import Light
from camera_coverage.optics import LEAST_DROP_M

#: Cure and what it means; a cure of several steps is named by the costliest of them, the first in this order.
CURES = {
    "new_camera": "no change to this camera within the limits shows the place: one more camera is needed",
    "raise": "the same camera mounted higher sees over what hides the place",
    "reach": "a camera of the same view and a longer range",
    "lens": "a longer lens gives the pixels that the class asks for",
    "pixels": "a sensor with more pixels gives what the class asks for",
    "light": "infrared light of this reach, or a street light at the place",
    "preset": "one more preset of a camera that turns",
    "turn": "turned by this angle it shows the place",
    "tilt": "tilted by this angle it shows the place",
    "position": "by the map this camera stands inside a building: its position must be checked",
    "direction": "nobody knows where this camera looks: its direction must be found out",
    "repair": "the camera is out of order: once repaired it sees the place",
    "verify": "the camera sees the place if its data are right: they must be verified on the spot",
}
#: The limits within which an existing camera is changed; beyond them a second one is needed.
TURN_LIMIT_DEG = 45.0
LEAST_HFOV_DEG = 5.0
HIGHEST_MOUNT_M = 12.0
LONGEST_RANGE_M = 200.0
LONGEST_IR_M = 150.0
#: A change that shows less of a piece than this is no cure of it.
LEAST_SHARE = 0.1
#: Of aim, lens, light, range and height at most so many may change.
MOST_STEPS = 2
_MARGIN_M = 0.1
#: The columns of a camera (or of one of its views) that a cure may change.
COLUMNS = (
    "azimuth_deg", "tilt_deg", "hfov_deg", "vfov_deg", "resolution_px_h", "resolution_px_v", "max_range_m", "ir_range_m",
    "mount_height_m",
)  # fmt: skip


@dataclass(frozen=True)
class Cures:
    """Cures of blind pieces, one entry a piece.

    Args:
        code: keys of `CURES`.
        params: new values by the names of `COLUMNS`, and ``turn_deg`` (clockwise above zero), ``tilt_change_deg``,
            ``focal_ratio`` (new focal length by old), ``view`` (which view of a camera with several).
        share: how much of the piece the cured camera sees, 0 to 1; NaN where no existing camera cures it.
    """

    code: np.ndarray
    params: np.ndarray
    share: Floats


def find_cures(
    coverage: CoverageResult,
    required_class: Sequence[str | None],
    light: Sequence[Light],
    *,
    cause: np.ndarray,
    camera: Ints,
    x: Floats,
    y: Floats,
    shapes: np.ndarray,
) -> Cures:
    """Return what would cure blind pieces, each by the camera by which its cause is judged.

    Args:
        coverage: of `analyse`.
        required_class: that each piece asks for.
        light: in which each is blind.
        cause: keys of `causes.CAUSES`.
        camera: row of the camera of each cause, −1 for none.
        x: of the inner point of each piece, east.
        y: of the inner point, north.
        shapes: the pieces.
    """
    count = len(cause)
    code = np.full(count, "new_camera", dtype=object)
    params = np.empty(count, dtype=object)
    params[:] = [{} for _ in range(count)]
    share = np.full(count, np.nan)
    dark = np.array([one == "night" for one in light], dtype=bool)
    density = np.array([coverage.options.classes.density(one) for one in required_class], dtype=float)
    for name, simple in (("out_of_order", "repair"), ("unverified", "verify")):
        rows = np.flatnonzero((cause == name) & (camera >= 0))
        code[rows] = simple
        seen = [coverage.areas(required_class[i], light[i])[camera[i]] for i in rows.tolist()]
        share[rows] = _share(shapes[rows], np.array([*seen, None], dtype=object)[:-1])
    rest = np.flatnonzero((camera >= 0) & ~np.isin(cause, ("out_of_order", "unverified", "no_camera_near")))
    if not len(rest):
        return Cures(code, params, share)
    case = cases(coverage, rest, camera[rest], x[rest], y[rest])
    inside = coverage.refused[case.view]
    code[case.piece[inside]] = "position"
    case = case.take(~inside)
    presets = _presets(coverage)
    for attempt in ("aim", "light", "raise", "raise and light"):
        # by day no light is missing
        asked, idle = (case.take(one) for one in (dark[case.piece], ~dark[case.piece]))
        asked, idle = (asked, idle) if "light" in attempt else (case, case.take(np.empty(0, dtype=np.int64)))
        if not len(asked.piece):
            continue
        case = asked
        tried, eyes, steps, within = _changed(coverage, density[case.piece], case, attempt)
        rows = np.flatnonzero(within & (steps <= MOST_STEPS))
        view, asked_of = case.view[rows], case.piece[rows]
        areas = asked_areas(
            eyes.take(rows), coverage.scene, coverage.options, coverage.own[view], coverage.refused[view],
            density_px_per_m=density[asked_of], dark=dark[asked_of],
        )  # fmt: skip
        piece = case.piece[rows]
        shown = _share(shapes[piece], areas)
        # a bare point has no size of which a share could be seen
        sees = shapely.intersects(areas, shapely.points(x[piece], y[piece])) & (
            (shown >= LEAST_SHARE) | (shapely.get_type_id(shapes[piece]) == 0)
        )
        done = rows[sees]
        for row, area_share in zip(done.tolist(), shown[sees].tolist(), strict=True):
            at = int(case.piece[row])
            params[at] = _params(coverage, case, tried, row)
            code[at] = _code(
                params[at],
                preset=bool(presets[case.view[row]]),
                blind=bool(coverage.eyes.blind[case.view[row]]),
            )
            share[at] = area_share
        left = np.ones(len(case.piece), dtype=bool)
        left[done] = False
        case = case.take(left).joined(idle)
    return Cures(code, params, share)


def _presets(coverage: CoverageResult) -> Flags:
    """Return which views are presets of a camera that turns: it can look anywhere."""
    if "presets" not in coverage.local:
        turns = np.zeros(len(coverage.status), dtype=bool)
        if "kind" in coverage.cameras.columns:
            turns = coverage.cameras["kind"].eq("ptz").to_numpy(dtype=bool, na_value=False)
        coverage.local["presets"] = turns[coverage.eyes.camera] & (coverage.eyes.lens == "rectilinear")
    return coverage.local["presets"]


def _on_walls(coverage: CoverageResult) -> Flags:
    """Return which views were moved off a wall: higher than the roof they would count as standing on it."""
    eyes, feet = coverage.eyes, coverage.cameras.geometry.to_numpy()[coverage.eyes.camera]
    return np.asarray((eyes.x != shapely.get_x(feet)) | (eyes.y != shapely.get_y(feet)))


def _share(shapes: np.ndarray, areas: np.ndarray) -> Floats:
    """Return how much of each shape lies in its area, by area or length."""
    inside = shapely.intersection(shapes, areas)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    whole = np.where(areal, shapely.area(shapes), shapely.length(shapes))
    part = np.where(areal, shapely.area(inside), shapely.length(inside))
    return np.clip(np.divide(part, whole, out=np.zeros(len(shapes)), where=whole > 0), 0, 1)


def _changed(
    coverage: CoverageResult, density: Floats, case: Case, attempt: str
) -> tuple[dict[str, Floats], Eyes, Ints, Flags]:
    """Return the changed values of each view, its changed eye, how many steps that takes, and whether all are within limits."""
    base = coverage.eyes.take(case.view)
    height = base.mount_height_m
    within = np.ones(len(height), dtype=bool)
    if attempt.startswith("raise"):
        height = np.maximum(height, clearing_height(coverage, case))
        height = np.where(height > base.mount_height_m, np.ceil(height * 2) / 2, height)
        within &= (height <= HIGHEST_MOUNT_M) & ~_on_walls(coverage)[case.view]
        height = np.where(within, height, base.mount_height_m)
        case = dataclasses.replace(case, drop=np.maximum(height + case.ground - case.target, LEAST_DROP_M))
    azimuth, tilt = aimed(coverage.eyes, case, base.azimuth_deg, base.tilt_deg, base.hfov_deg, base.vfov_deg)
    hfov, vfov, pixels = base.hfov_deg, base.vfov_deg, base.pixels
    rows = np.flatnonzero(density > 0)
    if len(rows):
        azimuth, tilt, hfov, vfov, pixels = (one.copy() for one in (azimuth, tilt, hfov, vfov, pixels))
        azimuth[rows], tilt[rows], hfov[rows], vfov[rows], pixels[rows] = _zoomed(
            coverage, density[rows], case.take(rows), base.take(rows), azimuth[rows], tilt[rows]
        )
        within &= (hfov >= np.minimum(base.hfov_deg, LEAST_HFOV_DEG)) & (pixels < np.inf)
    reach = np.where(
        case.distance + _MARGIN_M / 2 > base.max_range_m, np.ceil(case.distance + _MARGIN_M), base.max_range_m
    )
    light = base.ir_range_m
    if "light" in attempt:
        light = np.maximum(light, np.ceil(case.distance + _MARGIN_M))
        within &= light <= LONGEST_IR_M
    turn = np.where(base.blind, 0.0, np.abs(off_axis(azimuth, base.azimuth_deg)))
    swings = _presets(coverage)[case.view]
    lower = np.abs(tilt - base.tilt_deg)
    within &= swings | ((turn <= TURN_LIMIT_DEG) & (lower <= TURN_LIMIT_DEG))
    within &= (reach == base.max_range_m) | (reach <= LONGEST_RANGE_M)
    steps = (
        ((turn > 0) | (lower > 0)).astype(np.int64)
        + ((hfov != base.hfov_deg) | (pixels != base.pixels))
        + (light != base.ir_range_m)
        + (reach != base.max_range_m)
        + (height != base.mount_height_m)
    )
    values = {
        "azimuth_deg": azimuth, "tilt_deg": tilt, "hfov_deg": hfov, "vfov_deg": vfov, "pixels": pixels, "max_range_m": reach,
        "ir_range_m": light, "mount_height_m": height,
    }  # fmt: skip
    eyes = dataclasses.replace(base, **values, blind=np.zeros(len(turn), dtype=bool))
    return values, eyes, steps, within


def _zoomed(
    coverage: CoverageResult, density: Floats, case: Case, base: Eyes, azimuth: Floats, tilt: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return azimuth, tilt, view and pixels with which aimed views give a density at their places."""
    for _ in range(4):  # aimed at the place, the depth grows and the lens must be longer still
        hfov, pixels = resolved(base, case, azimuth, tilt, density)
        ratio = spread(hfov) / spread(base.hfov_deg)
        narrow = 2 * np.degrees(np.arctan(spread(base.vfov_deg) * ratio))
        vfov = np.where(hfov < base.hfov_deg, narrow, base.vfov_deg)
        again, lower = aimed(coverage.eyes, case, azimuth, tilt, hfov, vfov)
        # a longer lens shows less: where the place falls out of its picture it is aimed at the place
        moved = (again != azimuth) & (hfov < base.hfov_deg)
        before = azimuth, tilt
        azimuth = np.where(moved, np.round(azimuth + off_axis(case.bearing, azimuth)) % 360.0, again)
        if moved.any():
            lower = np.where(moved, aimed(coverage.eyes, case, azimuth, tilt, hfov, vfov)[1], lower)
        tilt = lower
        if np.array_equal(azimuth, before[0]) and np.array_equal(tilt, before[1]):
            break  # another round would give the same
    return azimuth, tilt, hfov, vfov, pixels


def _params(coverage: CoverageResult, case: Case, values: dict[str, Floats], row: int) -> dict[str, Any]:
    """Return what changes, by the names of the columns."""
    eyes, view = coverage.eyes, int(case.view[row])
    found: dict[str, Any] = {}
    for name, column in values.items():
        old, new = float(getattr(eyes, name)[view]), float(column[row])
        if new != old or (name == "azimuth_deg" and eyes.blind[view]):
            found["resolution_px_h" if name == "pixels" else name] = round(new, 3)
    if "azimuth_deg" in found and not eyes.blind[view]:
        found["turn_deg"] = round(float(off_axis(values["azimuth_deg"][row], eyes.azimuth_deg[view])), 3)
    if "tilt_deg" in found:
        found["tilt_change_deg"] = round(found["tilt_deg"] - float(eyes.tilt_deg[view]), 3)
    if "hfov_deg" in found:
        wide = spread(np.array([eyes.hfov_deg[view], found["hfov_deg"]]))
        found["focal_ratio"] = round(float(wide[0] / wide[1]), 2)
    first = int(np.searchsorted(eyes.camera, eyes.camera[view]))
    if np.count_nonzero(eyes.camera == eyes.camera[view]) > 1 or _presets(coverage)[view]:
        found["view"] = view - first
    return found


def _code(params: dict[str, Any], *, preset: bool, blind: bool) -> str:
    """Return the costliest step of a cure."""
    steps = (
        ("raise", "mount_height_m" in params),
        ("reach", "max_range_m" in params),
        ("lens", "hfov_deg" in params and not preset),
        ("pixels", "resolution_px_h" in params),
        ("light", "ir_range_m" in params),
        ("direction", blind),
        ("preset", preset and not params.keys().isdisjoint({"turn_deg", "tilt_deg", "hfov_deg"})),
        ("turn", "turn_deg" in params),
        ("tilt", "tilt_deg" in params),
    )
    return next((name for name, there in steps if there), "new_camera")


def apply_cure(
    cameras: gpd.GeoDataFrame,
    camera: Any,
    cure: str,
    params: dict[str, Any],
    *,
    views: pd.DataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame | None]:
    """Return cameras and views as they are once a cure is carried out; the frames given stay as they are.

    Args:
        cameras: as for `analyse`.
        camera: id of the camera.
        cure: key of `CURES`.
        params: of the cure.
        views: as for `analyse`.
    """
    cameras = cameras.copy()
    values = {name: params[name] for name in COLUMNS if name in params}
    if cure == "repair":
        values["status"] = "working"
    if cure == "verify":
        values["data_quality"] = "verified"
    if views is not None and "view" in params:
        views = views.copy()
        row = views.index[(views["camera"] == camera).to_numpy()][int(params["view"])]
        changed = {name: values.pop(name) for name in COLUMNS[:4] if name in values}
        if cure == "preset":  # the old ones stay
            more = views.loc[[row]].assign(**changed)
            more.index = pd.Index(["preset"])
            views = pd.concat([views, more])
        else:
            for column, new in changed.items():
                views.loc[row, column] = new
    if "focal_ratio" in params and "focal_length_mm" in cameras.columns and "hfov_deg" in values:
        values["focal_length_mm"] = cameras.loc[camera, "focal_length_mm"] * params["focal_ratio"]
    for name, value in values.items():
        if name in cameras.columns and isinstance(value, float):
            cameras[name] = cameras[name].astype(float)
        cameras.loc[camera, name] = value
    return cameras, views
