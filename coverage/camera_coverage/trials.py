"""Trials: what one camera, moved or new, would change about the gaps of a town, without computing the town again.

What all other cameras leave unseen is computed once a camera; each step then takes the new area out of the targets in its
reach alone. The totals are those of a full computation.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from camera_coverage.analysis import CoverageResult
from camera_coverage.gaps import NEAR_M, known_targets, target_keys, uncovered
from camera_coverage.light import NIGHT_HOURS, Light
from camera_coverage.overlays import lineals, measure, only, polygonal, touching
from camera_coverage.targets import groups
from town_model import ValueRangeError


@dataclass(frozen=True)
class GapTotal:
    """How much of all targets no working camera sees at the required class.

    Args:
        area_m2: of targets that are polygons.
        length_m: of targets that are lines.
    """

    area_m2: float
    length_m: float


class TrialGround:
    """The targets of a town in one light and what its working cameras leave of them, ready for trials of one camera.

    Safe for threads: what it keeps is only ever added to.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`; the town as it stands.
        light: "day" or "night".
        night_hours: what counts as night.
    """

    def __init__(
        self,
        targets: gpd.GeoDataFrame,
        coverage: CoverageResult,
        *,
        light: Light,
        night_hours: str = NIGHT_HOURS,
    ) -> None:
        self.coverage = coverage
        self.light = light
        read = known_targets(targets, coverage, night_hours)
        gaps = uncovered(read, coverage, target_keys(read, coverage, NEAR_M))
        here = np.flatnonzero(read.light == light)
        self._read = read.take(here)
        self._gaps = gaps[here]
        self._tree = shapely.STRtree(self._read.ground)
        self._groups = [
            (name, rows) for name, _, rows in groups(self._read, np.ones(len(self._read.row), dtype=bool))
        ]
        self._wanted = np.empty(len(self._read.row), dtype=np.int64)
        for number, (_, rows) in enumerate(self._groups):
            self._wanted[rows] = number
        self._sizes = measure(self._gaps, self._read.areal)
        self._without: dict[Hashable, tuple[np.ndarray, np.ndarray]] = {}

    @property
    def total(self) -> GapTotal:
        """The gaps of the town as it stands."""
        return self._total(self._sizes)

    def try_camera(self, trial: CoverageResult, *, instead_of: Hashable = None) -> GapTotal:
        """Return the gaps of the town with the cameras of a trial in the place of one of its own.

        Args:
            trial: of `analyse`: one camera, or a few, over the same obstacles with the same options; those that work watch.
            instead_of: id of the camera that they replace; None for none.

        Raises:
            ValueRangeError: the town has no such camera.
        """
        gaps, sizes = self._gaps, self._sizes
        if instead_of is not None:
            gaps, sizes = self._left_by_others(instead_of)
        sizes = sizes.copy()
        for number, (name, _) in enumerate(self._groups):
            areas = trial.areas(name, self.light)[trial.working]
            areas = areas[~shapely.is_empty(areas)]
            if not len(areas):
                continue
            rows = np.unique(self._tree.query(areas, predicate="intersects")[1])
            rows = rows[(self._wanted[rows] == number) & (sizes[rows] > 0)]
            seen = shapely.union_all(areas) if len(areas) > 1 else areas[0]
            shapely.prepare(seen)
            rows = rows[shapely.intersects(gaps[rows], seen)]
            sizes[rows] = measure(shapely.difference(gaps[rows], seen), self._read.areal[rows])
        return self._total(sizes)

    def _total(self, sizes: np.ndarray) -> GapTotal:
        areal = self._read.areal
        return GapTotal(float(sizes[areal].sum()), float(sizes[~areal].sum()))

    def _left_by_others(self, camera: Hashable) -> tuple[np.ndarray, np.ndarray]:
        """Return the gaps, and their sizes, as they would be without one camera."""
        if camera not in self._without:
            coverage = self.coverage
            row = coverage.cameras.index.get_indexer([camera])[0]
            if row < 0:
                raise ValueRangeError("there is no camera {camera}", camera=camera)
            gaps, sizes = self._gaps, self._sizes
            if coverage.working[row]:
                gaps, sizes = gaps.copy(), sizes.copy()
                others = coverage.working.copy()
                others[row] = False
                for number, (name, _) in enumerate(self._groups):
                    areas = coverage.areas(name, self.light)
                    rows = self._tree.query(areas[row], predicate="intersects")
                    rows = rows[self._wanted[rows] == number]
                    left = self._read.ground[rows]
                    which, united = touching(left, only(areas, others))
                    left[which] = shapely.difference(left[which], united)
                    areal = self._read.areal[rows]
                    left[areal] = polygonal(left[areal])
                    gaps[rows], sizes[rows] = left, measure(left, areal)
            self._without[camera] = (gaps, sizes)
        return self._without[camera]


def target_gaps(
    targets: gpd.GeoDataFrame, coverage: CoverageResult, *, light: Light, night_hours: str = NIGHT_HOURS
) -> gpd.GeoDataFrame:
    """Return what no working camera sees of each target at its required class, in one light, without asking why.

    Args:
        targets: as for `blind_spots`.
        coverage: of `analyse`.
        light: "day" or "night".
        night_hours: what counts as night.

    Returns:
        By target id, targets whose hours reach into the light: ``required_class``, ``areal`` (measured in square metres, otherwise
        in metres), ``size``, ``unseen``, ``share`` (seen, 0 to 1; NaN without open ground) and the unseen ground.
    """
    read = known_targets(targets, coverage, night_hours)
    gaps = uncovered(read, coverage, target_keys(read, coverage, NEAR_M))
    here = np.flatnonzero(read.light == light)
    read, gaps = read.take(here), gaps[here]
    size, unseen = measure(read.ground, read.areal), measure(gaps, read.areal)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(size > 0, np.clip(1 - unseen / size, 0, 1), np.nan)
    return gpd.GeoDataFrame(
        {
            "required_class": read.required_class,
            "areal": read.areal,
            "size": size,
            "unseen": unseen,
            "share": share,
        },
        index=targets.index[read.row],
        geometry=gaps,
        crs=targets.crs,
    )


def closed_gaps(
    gaps: gpd.GeoDataFrame, coverage: CoverageResult, cameras: Collection[Hashable], *, light: Light
) -> gpd.GeoSeries:
    """Return what some cameras see of gaps: what they close.

    Args:
        gaps: of `target_gaps`.
        coverage: of `analyse`, with these cameras.
        cameras: their ids; those that work count.
        light: "day" or "night".

    Returns:
        By the index of the gaps, polygons or lines.
    """
    chosen = coverage.working & coverage.cameras.index.isin(list(cameras))
    shapes, areal = gaps.geometry.to_numpy(), gaps["areal"].to_numpy(dtype=bool)
    wanted = gaps["required_class"].to_numpy(dtype=object)
    closed = np.full(len(shapes), shapely.LineString(), dtype=object)
    closed[areal] = shapely.Polygon()
    # lines are cut by polygons alone: two lines that were rounded apart share nothing
    for name in dict.fromkeys(wanted.tolist()):
        rows = (
            np.flatnonzero(wanted == name)
            if name is not None
            else np.flatnonzero(gaps["required_class"].isna())
        )
        which, united = touching(shapes[rows], only(coverage.areas(name, light), chosen))
        rows = rows[which]
        shared = shapely.intersection(shapes[rows], united)
        flat = areal[rows]
        shared[flat], shared[~flat] = polygonal(shared[flat]), lineals(shared[~flat])
        closed[rows] = shared
    return gpd.GeoSeries(closed, index=gaps.index, crs=gaps.crs)
