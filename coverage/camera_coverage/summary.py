"""Coverage in numbers: by target, and at a point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.causes import BEHIND_TERRAIN, TERRAIN, dead_zones, hiding_obstacles, open_views
from camera_coverage.gaps import NEAR_M, known_targets, target_keys, uncovered
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.optics import LEAST_DROP_M, rings
from camera_coverage.overlays import lineals, measure
from camera_coverage.targets import Targets, groups
from town_model import GeometryError

_SEEN_M2, _SEEN_M = 1e-3, 1e-3  # less of a target is rounding


def coverage_summary(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return how much of each target working cameras see at its required class.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`.
        night_hours: what counts as night.

    Returns:
        By target id: ``name``, ``kind``, ``priority``, ``required_class``, ``measure`` ("area_m2" or "length_m"), ``size`` of the
        open ground (footprints taken out), ``share_day`` and ``share_night`` (0 to 1; NaN where the hours do not reach
        into that light, or the target has no open ground), ``cameras`` (working ones that see any of it, in any of its
        lights) and ``longest_uncovered_m`` (lines: the longest unseen run in any of its lights; NaN for areas).
    """
    read = known_targets(targets, coverage, night_hours)
    gaps = uncovered(read, coverage, target_keys(read, coverage, NEAR_M))
    whole, unseen = measure(read.ground, read.areal), measure(gaps, read.areal)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(whole > 0, np.clip(1 - unseen / whole, 0, 1), np.nan)
    count = len(targets)
    shares = {light: np.full(count, np.nan) for light in ("day", "night")}
    for light, column in shares.items():
        here = read.light == light
        column[read.row[here]] = share[here]
    size, areal = np.full(count, np.nan), np.ones(count, dtype=bool)
    size[read.row], areal[read.row] = whole, read.areal
    longest = np.full(count, np.nan)
    lines = np.flatnonzero(~read.areal)
    parts, owner = shapely.get_parts(lineals(gaps[lines]), return_index=True)
    runs = np.zeros(len(lines))
    np.maximum.at(runs, owner, shapely.length(parts))
    for i, run in zip(read.row[lines].tolist(), runs.tolist(), strict=True):
        longest[i] = np.fmax(longest[i], run)
    wanted = np.full(count, coverage.options.observation_class, dtype=object)
    wanted[read.row] = read.required_class

    def carried(column: str, default: object) -> np.ndarray:
        if column in targets.columns:
            return targets[column].to_numpy(dtype=object)
        return np.full(count, default, dtype=object)

    return pd.DataFrame(
        {
            "name": carried("name", ""),
            "kind": carried("kind", ""),
            "priority": carried("priority", None),
            "required_class": wanted,
            "measure": np.where(areal, "area_m2", "length_m"),
            "size": size,
            "share_day": shares["day"],
            "share_night": shares["night"],
            "cameras": _watching(read, coverage, count),
            "longest_uncovered_m": longest,
        },
        index=targets.index,
    )


def _watching(read: Targets, coverage: CoverageResult, count: int) -> np.ndarray:
    """Return how many working cameras see any of each target."""
    found: list[np.ndarray] = []
    working = np.flatnonzero(coverage.working)
    for name, light, here in groups(read, np.ones(len(read.row), dtype=bool)):
        areas = coverage.areas(name, light)[working]
        target, camera = shapely.STRtree(areas).query(read.ground[here], predicate="intersects")
        # a view that ends at a wall on the border of a target meets it, and sees nothing of it
        shared = shapely.intersection(read.ground[here[target]], areas[camera])
        some = np.where(
            read.areal[here[target]], shapely.area(shared) > _SEEN_M2, shapely.length(shared) > _SEEN_M
        )
        target, camera = target[some], camera[some]
        found.append(read.row[here[target]] * len(coverage.status) + working[camera])
    pairs = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    return np.bincount(pairs // max(len(coverage.status), 1), minlength=count)


def pixel_density(coverage: CoverageResult, x: float, y: float) -> np.ndarray:
    """Return the pixels per metre that each view gives at a point, by the formulas of the manual; NaN outside its picture."""
    eyes = coverage.eyes
    target, terrain = coverage.options.target_height_m, coverage.options.terrain
    drop = np.maximum(eyes.mount_height_m - target, LEAST_DROP_M)
    if terrain is not None:
        rise = terrain.ground(np.array([x]), np.array([y])) - terrain.ground(eyes.x, eyes.y)
        drop = np.where(terrain.known(eyes.x, eyes.y), drop - rise, drop)
    heading = np.radians(90.0 - eyes.azimuth_deg)
    dx, dy = x - eyes.x, y - eyes.y
    ahead = dx * np.cos(heading) + dy * np.sin(heading)
    aside = np.abs(dy * np.cos(heading) - dx * np.sin(heading))
    tilt = np.radians(eyes.tilt_deg)
    depth = ahead * np.cos(tilt) + drop * np.sin(tilt)
    slant = np.sqrt(dx**2 + dy**2 + drop**2)
    half = np.tan(np.radians(np.minimum(eyes.hfov_deg, 179.9)) / 2)
    up = np.tan(np.radians(np.minimum(eyes.vfov_deg, 179.9)) / 2)
    edge = 1e-6  # borders belong to the picture
    framed = (
        (depth > 0)
        & (aside <= depth * half + edge)
        & (np.abs(drop * np.cos(tilt) - ahead * np.sin(tilt)) <= depth * up + edge)
    )
    around = (eyes.hfov_deg >= 360) | (
        np.arctan2(aside, ahead) <= np.radians(eyes.hfov_deg) / 2 + edge / np.maximum(slant, edge)
    )
    nearest, farthest = rings(eyes, drop)
    away = np.hypot(dx, dy)
    around &= (away >= nearest - edge) & (away <= farthest + edge)
    with np.errstate(divide="ignore"):
        straight = np.where(framed, eyes.pixels / (2 * depth * half), np.nan)
    panorama = np.where(around, eyes.pixels / (np.radians(eyes.hfov_deg) * slant), np.nan)
    swivel = eyes.pixels / (2 * slant * half)
    return np.where(eyes.lens == "panorama", panorama, np.where(eyes.lens == "swivel", swivel, straight))


def who_sees(point: shapely.Point, coverage: CoverageResult, *, near_m: float = NEAR_M) -> pd.DataFrame:
    """Return which cameras see a point, at which class, by day and by night, and why the near ones do not.

    Args:
        point: in the coordinate system of the coverage.
        coverage: of `analyse`.
        near_m: cameras within this distance are listed even where they do not see the point.

    Returns:
        Rows by camera id, seeing cameras first, then by distance: ``status``, ``distance_m``, ``px_per_m`` (NaN where the
        point is not in the picture), ``finest_class`` (None below the coarsest), ``day``, ``night`` (whether this camera sees the
        point, if it works), ``reason`` ("seen", or a cause as in `blind_spots`), ``hidden_by`` (obstacle id for "hidden", or "terrain").

    Raises:
        GeometryError: no point.
    """
    if shapely.get_type_id(point) != 0 or point.is_empty:
        raise GeometryError("the place to ask for must be a point with coordinates")
    x, y = point.x, point.y
    feet = coverage.cameras.geometry.to_numpy()
    distance = shapely.distance(feet, point)
    day = shapely.intersects(coverage.areas(None, "day"), point)
    night = shapely.intersects(coverage.areas(None, "night"), point)
    count = len(feet)
    views = pixel_density(coverage, x, y)
    density = np.full(count, np.nan)
    np.fmax.at(density, coverage.eyes.camera, views)
    in_view = shapely.intersects(open_views(coverage), point)
    density = np.where(in_view, density, np.nan)
    reach = np.zeros(count)
    np.maximum.at(reach, coverage.eyes.camera, coverage.eyes.max_range_m)
    reason = np.where(
        day,
        "seen",
        np.where(
            in_view,
            "hidden",
            np.where(
                shapely.intersects(dead_zones(coverage), point),
                "dead_zone",
                np.where(distance <= reach, "outside_view", "out_of_range"),
            ),
        ),
    ).astype(object)
    reason[day & ~coverage.working] = "out_of_order"
    hidden = np.flatnonzero(reason == "hidden")
    behind = np.full(count, None, dtype=object)
    blocks = hiding_obstacles(coverage, hidden, np.full(len(hidden), x), np.full(len(hidden), y))
    obstacle_ids = coverage.scene.index.to_numpy(dtype=object)
    behind[hidden[blocks == BEHIND_TERRAIN]] = TERRAIN
    behind[hidden[blocks >= 0]] = obstacle_ids[blocks[blocks >= 0]]
    table = coverage.options.classes.px_per_m
    finest: list[str | None] = []
    for value in density:
        met = [name for name, px in table.items() if value >= px * (1 - 1e-9)]
        finest.append(max(met, key=table.__getitem__) if met else None)
    frame = pd.DataFrame(
        {
            "status": coverage.status,
            "distance_m": distance,
            "px_per_m": density,
            "finest_class": pd.array(finest, dtype=object),
            "day": day,
            "night": night,
            "reason": reason,
            "hidden_by": behind,
        },
        index=coverage.cameras.index,
    )
    frame = frame[coverage.standing & (day | (distance <= near_m))]
    return frame.sort_values(["day", "distance_m"], ascending=[False, True])
