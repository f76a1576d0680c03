"""How sure coverage is: what is surely seen, possibly seen and not seen, given how well the cameras are known.

Each camera is drawn many times within its tolerances. Surely seen is what it sees in every draw, possibly seen what it sees in
any. Ground that no single camera surely sees is not called sure, even where several together could not miss it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.areas import unite_views, view_areas
from camera_coverage.cameras import Eyes
from camera_coverage.gaps import groups, known_targets
from camera_coverage.light import NIGHT_HOURS, Light
from camera_coverage.overlays import measure, only, polygonal, touching
from camera_coverage.standing import STEP_OFF_M
from camera_coverage.tolerances import COLUMNS, tolerances
from town_model import ColumnError, ValueRangeError

DRAWS = 33
_LEAST_HEIGHT_M = 0.5
#: How much a place of each priority weighs in the checking list.
_WEIGHTS = {1: 3.0, 2: 2.0, 3: 1.0}


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


@dataclass(eq=False)
class CoverageBands:
    """What cameras surely and possibly see; computed by class and light when it is asked for.

    Args:
        coverage: of `analyse`.
        tolerance: by camera, the columns of `tolerances.COLUMNS`.
        draws: how often each camera is drawn.
        seed: of the draws.
    """

    coverage: CoverageResult
    tolerance: pd.DataFrame
    draws: int
    seed: int
    _bands: dict[tuple[str | None, Light], tuple[np.ndarray, np.ndarray]] = field(
        default_factory=dict, repr=False
    )

    def sure(self, observation_class: str | None, light: Light = "day") -> np.ndarray:
        """Return by camera what it sees in every draw."""
        return self._of(observation_class, light)[0]

    def possible(self, observation_class: str | None, light: Light = "day") -> np.ndarray:
        """Return by camera what it sees in any draw."""
        return self._of(observation_class, light)[1]

    def _of(self, observation_class: str | None, light: Light) -> tuple[np.ndarray, np.ndarray]:
        name = (observation_class, light)
        if name not in self._bands:
            self._bands[name] = self._compute(observation_class, light)
        return self._bands[name]

    def _compute(self, observation_class: str | None, light: Light) -> tuple[np.ndarray, np.ndarray]:
        coverage = self.coverage
        cameras = len(coverage.status)
        options = dataclasses.replace(
            coverage.options, observation_class=observation_class, night=light == "night"
        )
        eyes, own, refused = self._drawn()
        areas = view_areas(eyes, coverage.scene, options, own, refused)
        views = len(coverage.eyes.x)
        draw = np.repeat(np.arange(self.draws), views)
        united = unite_views(areas, eyes.camera + draw * cameras, cameras * self.draws)
        table = united.reshape(self.draws, cameras).T
        sure = table[:, 0].copy()
        possible: np.ndarray = np.asarray(shapely.union_all(table, axis=1), dtype=object)
        for i in range(1, self.draws):
            sure = polygonal(shapely.intersection(sure, table[:, i]))
        return sure, polygonal(possible)

    def _drawn(self) -> tuple[Eyes, np.ndarray, np.ndarray]:
        """Return all eyes in all draws, one draw after the other."""
        base, scene = self.coverage.eyes, self.coverage.scene
        design = draw_design(self.draws, self.seed)
        count = len(base.x)
        rows = np.tile(np.arange(count), self.draws)
        turn = np.repeat(design, count, axis=0)
        half = {name: self.tolerance[name].to_numpy()[base.camera][rows] for name in COLUMNS}
        x = base.x[rows] + turn[:, 0] * half["position_tolerance_m"]
        y = base.y[rows] + turn[:, 1] * half["position_tolerance_m"]
        own, refused = self.coverage.own[rows], self.coverage.refused[rows]
        # a camera on a roof stays on its roof, one in the street does not move into a house
        stays = own >= 0
        if len(scene.parts):
            at, _ = scene.raw_tree.query(shapely.points(x, y), predicate="dwithin", distance=STEP_OFF_M)
            stays[np.unique(at)] = True
        x[stays], y[stays] = base.x[rows][stays], base.y[rows][stays]
        straight = (base.lens == "rectilinear")[rows]
        hfov, vfov = base.hfov_deg[rows], base.vfov_deg[rows]
        wide = hfov + turn[:, 5] * half["hfov_tolerance_deg"]
        whole = ~straight & (hfov >= 360)
        wide = np.where(whole, hfov, np.clip(wide, 1.0, np.where(straight, 179.0, 360.0)))
        with np.errstate(invalid="ignore", divide="ignore"):
            grown = np.tan(np.radians(np.minimum(wide, 179.0)) / 2) / np.tan(
                np.radians(np.minimum(hfov, 179.0)) / 2
            )
        tall = np.degrees(2 * np.arctan(np.tan(np.radians(np.minimum(vfov, 179.0)) / 2) * grown))
        eyes = dataclasses.replace(
            base,
            camera=base.camera[rows],
            x=x,
            y=y,
            mount_height_m=np.maximum(
                base.mount_height_m[rows] + turn[:, 4] * half["mount_height_tolerance_m"], _LEAST_HEIGHT_M
            ),
            azimuth_deg=base.azimuth_deg[rows] + turn[:, 2] * half["azimuth_tolerance_deg"],
            tilt_deg=np.clip(
                base.tilt_deg[rows] + turn[:, 3] * half["tilt_tolerance_deg"] * straight, -90.0, 90.0
            ),
            hfov_deg=wide,
            vfov_deg=np.where(straight, tall, vfov),
            pixels=base.pixels[rows],
            max_range_m=base.max_range_m[rows],
            ir_range_m=base.ir_range_m[rows],
            lens=base.lens[rows],
            blind=base.blind[rows],
        )
        return eyes, own, refused


def coverage_bands(
    coverage: CoverageResult, *, tolerance: pd.DataFrame | None = None, draws: int = DRAWS, seed: int = 0
) -> CoverageBands:
    """Return what cameras surely and possibly see within their tolerances.

    Args:
        coverage: of `analyse`.
        tolerance: by camera id, the columns of `tolerances`; None takes `tolerances` of the cameras.
        draws: how often each camera is drawn; at least 13 (the stated value, and each quantity alone at both ends).
        seed: of the draws; equal seeds give equal bands.

    Raises:
        ColumnError: the table lacks cameras or columns.
        ValueRangeError: too few draws, or tolerances without meaning.
    """
    if draws < 13:
        raise ValueRangeError("at least 13 draws are needed, not {draws}", draws=draws)
    table = tolerances(coverage.cameras) if tolerance is None else tolerance
    lacking = [name for name in COLUMNS if name not in table.columns]
    if lacking or not table.index.equals(coverage.cameras.index):
        raise ColumnError(
            "{name} lacks the columns {columns}", name="tolerance", columns=", ".join(lacking) or "camera"
        )
    return CoverageBands(coverage, table, draws, seed)


def certain_shares(
    targets: gpd.GeoDataFrame, bands: CoverageBands, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return which share of each target working cameras surely and possibly see at its required class.

    Args:
        targets: as for `blind_spots`.
        bands: of `coverage_bands`.
        night_hours: what counts as night.

    Returns:
        By target id: ``share_day_sure``, ``share_day_possible``, ``share_night_sure``, ``share_night_possible`` (0 to 1; NaN where a
        light is not judged). The share of `coverage_summary` lies between the two.

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    coverage = bands.coverage
    read = known_targets(targets, coverage, night_hours)
    size = measure(read.ground, read.areal)
    table = {
        f"share_{light}_{band}": np.full(len(targets), np.nan)
        for light in ("day", "night")
        for band in ("sure", "possible")
    }
    for name, light, rows in groups(read, np.ones(len(read.row), dtype=bool)):
        for band, areas in (("sure", bands.sure(name, light)), ("possible", bands.possible(name, light))):
            seen = _seen(read.ground[rows], only(areas, coverage.working))
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.clip(measure(seen, read.areal[rows]) / size[rows], 0, 1)
            table[f"share_{light}_{band}"][read.row[rows]] = share
    return pd.DataFrame(table, index=targets.index)


def _seen(ground: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Return what of each piece of ground lies in any of the areas."""
    rows, united = touching(ground, areas)
    result = np.full(len(ground), shapely.Polygon(), dtype=object)
    result[rows] = shapely.intersection(ground[rows], united)
    return result


def checking_list(
    targets: gpd.GeoDataFrame, bands: CoverageBands, *, night_hours: str = NIGHT_HOURS
) -> pd.DataFrame:
    """Return the cameras whose check on the spot would remove most doubt, first things first (核查清单).

    In doubt is the ground of a target that a camera possibly sees, and that no working camera surely sees.

    Args:
        targets: as for `blind_spots`; ``priority`` weighs 3, 2, 1 for 1, 2, 3 (and 1 where it is missing).
        bands: of `coverage_bands`.
        night_hours: what counts as night.

    Returns:
        By camera id, only working cameras with ground in doubt: ``doubt_area_m2``, ``doubt_length_m`` (the larger of day and
        night, summed over targets), ``targets`` (ids, most doubtful first), ``score`` (sum over targets of weight × share of the target
        in doubt); ordered by score.

    Raises:
        CrsError, ColumnError, GeometryError: the targets cannot be used.
    """
    coverage = bands.coverage
    read = known_targets(targets, coverage, night_hours)
    weight = np.ones(len(targets))
    if "priority" in targets.columns:
        weight = (
            pd.to_numeric(targets["priority"], errors="coerce")
            .map(_WEIGHTS)
            .fillna(1.0)
            .to_numpy(dtype=float)
        )
    parts = []
    for name, light, rows in groups(read, np.ones(len(read.row), dtype=bool)):
        areas = only(bands.possible(name, light), coverage.working)
        # lines are cut by polygons only: pieces of one skew line have rounded ends and do not overlap
        known = only(bands.sure(name, light), coverage.working)
        some = np.flatnonzero(~shapely.is_empty(areas))
        target, camera = shapely.STRtree(areas[some]).query(read.ground[rows], predicate="intersects")
        camera = some[camera]
        areal = read.areal[rows[target]]
        which, united = touching(areas[camera], known)
        open_area = areas[camera].copy()
        open_area[which] = shapely.difference(open_area[which], united)
        doubt = measure(shapely.intersection(read.ground[rows[target]], open_area), areal)
        size = measure(read.ground[rows], read.areal[rows])[target]
        parts.append(
            pd.DataFrame(
                {
                    "camera": camera,
                    "target": read.row[rows[target]],
                    "areal": areal,
                    "doubt": doubt,
                    "share": np.divide(doubt, size, out=np.zeros_like(doubt), where=size > 0),
                }
            )
        )
    pairs = (
        pd.concat(parts) if parts else pd.DataFrame(columns=["camera", "target", "areal", "doubt", "share"])
    )
    pairs = pairs[pairs["doubt"] > 1e-3].groupby(["camera", "target", "areal"], as_index=False).max()
    pairs["score"] = pairs["share"] * weight[pairs["target"].to_numpy(dtype=np.int64)]
    ids = targets.index.to_numpy(dtype=object)
    rows_out = [
        {
            "camera": coverage.cameras.index[camera],
            "doubt_area_m2": float(mine.loc[mine["areal"], "doubt"].sum()),
            "doubt_length_m": float(mine.loc[~mine["areal"], "doubt"].sum()),
            "score": float(mine["score"].sum()),
            "targets": ids[mine["target"].to_numpy(dtype=np.int64)].tolist(),
        }
        for camera, mine in pairs.sort_values("score", ascending=False)
        .astype({"areal": bool})
        .groupby("camera")
    ]
    columns = ["camera", "doubt_area_m2", "doubt_length_m", "score", "targets"]
    frame = pd.DataFrame(rows_out, columns=columns)
    return frame.sort_values("score", ascending=False, kind="stable").set_index("camera")
