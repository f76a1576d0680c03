"""Turning cameras: what they can reach, what they watch at one time, and for which share of the time each place is watched.

A PTZ camera with presets goes round them and stays at each for its dwell. A place is watched for the share of the round that the presets which
show it take together; getting from one to the next is not counted. Without presets nobody knows when it looks where: what counts as watched
is its stated direction.
"""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.areas import check_layers, prepare, view_areas
from camera_coverage.frames import Floats, Ints
from camera_coverage.gaps import NEAR_M, known_targets, target_keys, uncovered
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.options import ViewOptions
from camera_coverage.overlays import gather, measure, only, polygonal, touching
from camera_coverage.targets import groups
from camera_coverage.walls import Scene, build_scene
from town_model import ValueRangeError, check_same_crs

_LEAST_M2 = 1e-6
_NO_OPTIONS = ViewOptions()


def dwell_shares(views: pd.DataFrame) -> pd.Series:
    """Return the share of its camera's round that each preset takes.

    Args:
        views: ``camera`` and ``dwell_s`` (missing: as long as the others of the camera take on average).

    Raises:
        ValueRangeError: a dwell below zero.

    >>> dwell_shares(pd.DataFrame({"camera": [1, 1, 2], "dwell_s": [30.0, 10.0, None]})).tolist()
    [0.75, 0.25, 1.0]
    """
    given = (
        pd.to_numeric(views["dwell_s"], errors="coerce").astype(float)
        if "dwell_s" in views.columns
        else pd.Series(np.nan, index=views.index)
    )
    if (given < 0).any():
        raise ValueRangeError("the dwell of a preset must not be below zero")
    groups = given.groupby(views["camera"])
    filled = given.fillna(groups.transform("mean")).fillna(1.0)
    total = filled.groupby(views["camera"]).transform("sum")
    count = filled.groupby(views["camera"]).transform("size")
    return (filled / total.where(total > 0)).fillna(1.0 / count)


def turning_cameras(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    options: ViewOptions = _NO_OPTIONS,
    views: pd.DataFrame | None = None,
    scene: Scene | None = None,
) -> gpd.GeoDataFrame:
    """Return what each PTZ camera can reach, and how much of it it watches at one time.

    Args:
        cameras: see `visible_areas`; other kinds are passed over.
        obstacles: see `visible_areas`.
        options: class, light, target height.
        views: presets, with ``dwell_s``.
        scene: prepared obstacles, in place of ``obstacles``.

    Returns:
        By camera id: ``presets``, ``round_s`` (NaN where no dwell is known), ``reach_m2`` (turned to every side), ``preset_m2`` (seen at
        some time of the round), ``watched_m2`` (at one time, on average over the round; without presets the stated direction, NaN where
        that is unknown, too), and the reach as geometry.
    """
    turning, own, scene = _turning(cameras, obstacles, options, views, scene)
    around = _areas(turning, None, options, scene)[0]
    shapes, of = (_areas(turning, own, options, scene)) if len(own) else (np.empty(0, dtype=object), _none())
    count = np.bincount(of, minlength=len(turning))
    share = _shares(turning, own)
    mean = np.bincount(of, weights=share * shapely.area(shapes), minlength=len(turning))
    united = np.zeros(len(turning))
    if len(of):
        rows, unions = gather(of, shapes)
        united[rows] = shapely.area(unions)
    home = np.full(len(turning), np.nan)
    aimed, aims = _home(turning, own, options, scene)
    home[aimed] = shapely.area(aims)
    rounds = (
        own.groupby("camera")["dwell_s"].sum(min_count=1).reindex(turning.index).to_numpy(dtype=float)
        if "dwell_s" in own.columns
        else np.full(len(turning), np.nan)
    )
    return gpd.GeoDataFrame(
        {
            "presets": count,
            "round_s": rounds,
            "reach_m2": shapely.area(around),
            "preset_m2": np.where(count > 0, united, np.nan),
            "watched_m2": np.where(count > 0, mean, home),
        },
        geometry=around,
        index=turning.index,
        crs=cameras.crs,
    )


def watched_shares(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    options: ViewOptions = _NO_OPTIONS,
    views: pd.DataFrame | None = None,
    scene: Scene | None = None,
) -> gpd.GeoDataFrame:
    """Return for which share of the time PTZ cameras with presets watch the ground. Parameters as in `turning_cameras`.

    Returns:
        A row a piece of ground: ``camera``, ``share`` (above 0 to 1), ``area_m2``, geometry. Pieces of a camera do not overlap.
    """
    turning, own, scene = _turning(cameras, obstacles, options, views, scene)
    rows = _pieces(turning, own, options, scene)
    places = np.array([*(shape for _, _, shape in rows), None], dtype=object)[:-1]
    return gpd.GeoDataFrame(
        {
            "camera": [one for one, _, _ in rows],
            "share": np.array([one for _, one, _ in rows], dtype=float),
            "area_m2": shapely.area(places),
        },
        geometry=places,
        crs=cameras.crs,
    )


def shares_at_once(
    targets: gpd.GeoDataFrame,
    coverage: CoverageResult,
    *,
    views: pd.DataFrame | None = None,
    night_hours: str = NIGHT_HOURS,
) -> pd.DataFrame:
    """Return how much of each target is watched at one time at its required class, on average over the rounds of cameras that turn.

    Ground that a working camera watches all the time counts in full, other ground for the largest share of time of any single
    camera that turns: cameras keep no common time, so more than that cannot be relied on.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`, with the same views.
        views: presets, with ``dwell_s``.
        night_hours: what counts as night.

    Returns:
        By target id ``share_day_at_once`` and ``share_night_at_once``: 0 to 1, never above the share that is seen at some time; NaN as there.
    """
    read = known_targets(targets, coverage, night_hours)
    gaps = uncovered(read, coverage, target_keys(read, coverage, NEAR_M))
    size, unseen = measure(read.ground, read.areal), measure(gaps, read.areal)
    watched = size - unseen
    cameras = coverage.cameras[coverage.working]
    turning, own, _ = _turning(cameras, None, coverage.options, views, coverage.scene)
    turns = coverage.cameras.index.isin(turning.index) & coverage.working
    for name, light, all_rows in groups(read, np.ones(len(read.row), dtype=bool)):
        options = dataclasses.replace(coverage.options, observation_class=name, night=light == "night")
        areas = coverage.areas(name, light)
        rows = all_rows[touching(read.ground[all_rows], only(areas, turns))[0]]
        if not len(rows):
            continue
        always, pieces = _watched(turning, own, options, coverage.scene)
        rest, areal = read.ground[rows], read.areal[rows]
        fixed = np.concatenate([only(areas, coverage.working & ~turns), always])
        which, united = touching(rest, fixed)
        rest[which] = shapely.difference(rest[which], united)
        found = size[rows] - measure(rest, areal)
        near = shapely.STRtree(read.ground[rows])
        for shape, share in pieces:  # the longest watched first, so that each place counts for its longest
            some = np.sort(near.query(shape, predicate="intersects"))
            found[some] += share * measure(shapely.intersection(rest[some], shape), areal[some])
            rest[some] = shapely.difference(rest[some], shape)
        watched[rows] = np.minimum(found, watched[rows])
    with np.errstate(invalid="ignore", divide="ignore"):
        share_of = np.where(size > 0, np.clip(watched / size, 0, 1), np.nan)
    found_of = {each: np.full(len(targets), np.nan) for each in ("day", "night")}
    for each, column in found_of.items():
        here = read.light == each
        column[read.row[here]] = share_of[here]
    return pd.DataFrame(
        {f"share_{each}_at_once": column for each, column in found_of.items()}, index=targets.index
    )


def watched_at(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    at_s: float,
    options: ViewOptions = _NO_OPTIONS,
    views: pd.DataFrame | None = None,
    scene: Scene | None = None,
) -> gpd.GeoSeries:
    """Return what each PTZ camera watches at one time: its preset in turn, or else its stated direction.

    Parameters as in `turning_cameras`.

    Args:
        cameras: see there.
        obstacles: see there.
        at_s: seconds since all cameras began their round at their first preset, in the order of the views.
        options: see there.
        views: see there.
        scene: see there.

    Returns:
        By camera id; empty where neither presets nor a direction are known.
    """
    turning, own, scene = _turning(cameras, obstacles, options, views, scene)
    result = np.full(len(turning), shapely.Polygon(), dtype=object)
    if len(own):
        length = _dwells(own)
        total = length.groupby(own["camera"]).transform("sum")
        end = length.groupby(own["camera"]).cumsum()
        now = at_s % total
        chosen = own[(end - length <= now) & (now < end)].drop_duplicates("camera")
        some = turning.loc[turning.index.isin(chosen["camera"])]
        shapes, of = _areas(some, chosen, options, scene)
        result[turning.index.get_indexer(some.index)[of]] = shapes
    aimed, shapes = _home(turning, own, options, scene)
    result[aimed] = shapes
    return gpd.GeoSeries(result, index=turning.index, crs=cameras.crs)


def _home(
    turning: gpd.GeoDataFrame, own: pd.DataFrame, options: ViewOptions, scene: Scene
) -> tuple[Ints, np.ndarray]:
    """Return which cameras have a stated direction and no presets, and what they see there."""
    if "azimuth_deg" not in turning.columns:
        return _none(), np.empty(0, dtype=object)
    alone = ~turning.index.isin(own["camera"]) if len(own) else np.ones(len(turning), dtype=bool)
    aimed = np.flatnonzero(alone & turning["azimuth_deg"].notna().to_numpy())
    return aimed, _areas(turning.iloc[aimed].assign(kind="fixed"), None, options, scene)[0]


def _pieces(
    turning: gpd.GeoDataFrame, own: pd.DataFrame, options: ViewOptions, scene: Scene
) -> list[tuple[object, float, shapely.Geometry]]:
    """Return camera, share of time and ground of each piece that presets show; those of a camera do not overlap."""
    rows: list[tuple[object, float, shapely.Geometry]] = []
    if not len(own):
        return rows
    shapes, of = _areas(turning, own, options, scene)
    share = _shares(turning, own)
    for i in np.unique(of).tolist():  # few cameras turn, and few presets overlap
        pieces: list[tuple[shapely.Geometry, float]] = []
        for shape, part in zip(shapes[of == i], share[of == i].tolist(), strict=True):
            pieces = _with(pieces, shape, part)
        rows += [(turning.index[i], min(one, 1.0), shape) for shape, one in pieces]
    return rows


def _watched(
    turning: gpd.GeoDataFrame, own: pd.DataFrame, options: ViewOptions, scene: Scene
) -> tuple[np.ndarray, list[tuple[shapely.Geometry, float]]]:
    """Return what cameras that turn watch all the time, and pieces with their share of time, the longest watched first."""
    pieces = sorted(_pieces(turning, own, options, scene), key=lambda one: -one[1])
    return _home(turning, own, options, scene)[1], [(shape, share) for _, share, shape in pieces]


def _dwells(own: pd.DataFrame) -> pd.Series:
    """Return how long each preset lasts, in seconds; without any dwell, half a minute each."""
    share = dwell_shares(own)
    stated = (
        own.groupby("camera")["dwell_s"].transform(lambda one: one.astype(float).mean() * len(one))
        if "dwell_s" in own.columns
        else pd.Series(np.nan, index=own.index)
    )
    usual = 30.0 * own.groupby("camera")["camera"].transform("size")
    return share * stated.where(stated > 0).fillna(usual)


def _turning(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None,
    options: ViewOptions,
    views: pd.DataFrame | None,
    scene: Scene | None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, Scene]:
    """Return the PTZ cameras, their presets and the scene they stand in."""
    check_same_crs(cameras=cameras, obstacles=obstacles)
    check_layers(options, cameras)
    turns = (
        cameras["kind"].eq("ptz").to_numpy(dtype=bool, na_value=False)
        if "kind" in cameras.columns
        else np.zeros(len(cameras), dtype=bool)
    )
    turning = cameras[turns]
    return turning, _views_of(turning, views), scene or build_scene(obstacles)


def _views_of(cameras: gpd.GeoDataFrame, views: pd.DataFrame | None) -> pd.DataFrame:
    if views is None or not len(views):
        return pd.DataFrame({"camera": []})
    return views[views["camera"].isin(cameras.index)]


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


def _shares(cameras: gpd.GeoDataFrame, own: pd.DataFrame) -> Floats:
    """Return the shares of presets in the order of the eyes: by camera, then as the views stand."""
    if not len(own):
        return np.empty(0)
    order = np.argsort(cameras.index.get_indexer(pd.Index(own["camera"])), kind="stable")
    return dwell_shares(own).to_numpy(dtype=float)[order]


def _areas(
    cameras: gpd.GeoDataFrame, views: pd.DataFrame | None, options: ViewOptions, scene: Scene
) -> tuple[np.ndarray, Ints]:
    """Return what each view sees, and the row of its camera: of the views alone, where there are any."""
    if not len(cameras):
        return np.empty(0, dtype=object), _none()
    eyes, _, own, refused, _ = prepare(cameras, scene, views, options)
    rows = np.arange(len(eyes.camera))
    if views is not None:
        index = cameras.index.get_indexer(pd.Index(views["camera"]))
        rows = np.flatnonzero(np.isin(eyes.camera, index))
    return view_areas(eyes.take(rows), scene, options, own[rows], refused[rows]), eyes.camera[rows]


def _with(
    pieces: list[tuple[shapely.Geometry, float]], shape: shapely.Geometry, share: float
) -> list[tuple[shapely.Geometry, float]]:
    """Add a preset to pieces that do not overlap."""
    found: list[tuple[shapely.Geometry, float]] = []
    rest = shape
    for piece, before in pieces:
        both, only = polygonal(
            np.array([shapely.intersection(piece, shape), shapely.difference(piece, shape)], dtype=object)
        )
        found += [(both, before + share)] if both.area > _LEAST_M2 else []
        found += [(only, before)] if only.area > _LEAST_M2 else []
        rest = shapely.difference(rest, piece)
    (rest,) = polygonal(np.array([rest], dtype=object))
    return found + ([(rest, share)] if rest.area > _LEAST_M2 else [])
