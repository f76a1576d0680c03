"""Blind pieces kept up to date edit by edit: after an edit only targets in reach of it are judged, by the cameras near them.

So what an edit costs does not grow with the town.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import STANDING, AreaCache, CoverageResult, MemoryCache, analyse
from camera_coverage.cameras import read_eyes
from camera_coverage.gaps import NEAR_M, judged_pieces, known_targets
from camera_coverage.light import NIGHT_HOURS
from camera_coverage.options import ViewOptions
from camera_coverage.pieces import closest_feet
from camera_coverage.walls import Scene

_MOST_FRESH = 200  # changed cameras, before all are put together anew
_MOST_LATE = 50  # changes, before what they found is put together
_MOVED_M = 2.0  # more than a camera is ever moved out of a building
_MOST_ENTRIES = 200_000  # in the memo, which is then let go and grows again


@dataclass(frozen=True)
class GapChange:
    """What an edit changed.

    Args:
        targets: ids of the targets that were judged anew; all others are as they were.
        pieces: their blind pieces, as `blind_spots` gives them.
    """

    targets: pd.Index
    pieces: gpd.GeoDataFrame


class LiveGaps:
    """The blind pieces of a town between edits of its cameras.

    Args:
        targets: as for `blind_spots`.
        cameras: as for `analyse`.
        scene: prepared obstacles.
        options: as for `analyse`.
        views: as for `analyse`.
        cache: areas of earlier runs.
        min_width_m: as for `blind_spots`.
        near_m: as for `blind_spots`.
        night_hours: as for `blind_spots`.

    Raises:
        CrsError, ColumnError, GeometryError, ValueRangeError: the input cannot be used.
    """

    _there: np.ndarray
    _fresh: gpd.GeoDataFrame
    _fresh_reach: np.ndarray

    def __init__(
        self,
        targets: gpd.GeoDataFrame,
        cameras: gpd.GeoDataFrame,
        *,
        scene: Scene,
        options: ViewOptions = ViewOptions(),  # noqa: B008 - frozen
        views: pd.DataFrame | None = None,
        cache: AreaCache | None = None,
        min_width_m: float = 0.5,
        near_m: float = NEAR_M,
        night_hours: str = NIGHT_HOURS,
    ) -> None:
        self.targets = targets
        self._scene, self._options, self._views = scene, options, views
        self._cache = MemoryCache() if cache is None else cache
        self._near_m, self._min_width_m = near_m, min_width_m
        self._memo: dict[Any, Any] = {}
        self._tree = shapely.STRtree(targets.geometry.to_numpy())
        self._bounds = shapely.bounds(targets.geometry.to_numpy())
        self._settle(cameras, self._reaches(cameras))
        coverage = self._analysed(cameras)
        self._read = known_targets(targets, coverage, night_hours)
        self._table = judged_pieces(
            targets, self._read, coverage, min_width_m=min_width_m, near_m=near_m, nearest=False
        ).frame()
        self._late: list[GapChange] = []

    @property
    def cameras(self) -> gpd.GeoDataFrame:
        """The cameras as they stand now, those that were changed last."""
        return self._joined(self._there, np.ones(len(self._fresh), dtype=bool))

    def pieces(self) -> gpd.GeoDataFrame:
        """Return all blind pieces, as `blind_spots` gives them; in the order of the targets."""
        self._catch_up()
        return self._with_nearest(self._table)

    def _catch_up(self) -> None:
        """Bring what later changes found into the table of all pieces, in the order of the targets."""
        if not self._late:
            return
        table = self._table
        for change in self._late:
            table = _stacked(table[~table["target"].isin(change.targets)], change.pieces)
        order = np.argsort(self.targets.index.get_indexer(table["target"]), kind="stable")
        self._table, self._late = table.iloc[order].reset_index(drop=True), []

    def change(
        self, rows: gpd.GeoDataFrame | None = None, *, removed: Collection[Hashable] = ()
    ) -> GapChange:
        """Put cameras in the place of those of the same id, add new ones, take others away; returns what that changed.

        Args:
            rows: cameras with the columns of the town's; their views stay as they were.
            removed: ids of cameras that are no longer there.

        Raises:
            ValueRangeError, ColumnError, CrsError, GeometryError: the rows cannot be used; nothing was changed.
        """
        fresh = self._base.iloc[:0] if rows is None else rows
        after = self._reaches(fresh)
        ids = pd.Index([*removed, *fresh.index])
        at = self._base.index.get_indexer(ids)
        at = at[at >= 0]
        at = at[self._there[at]]
        stale = self._fresh.index.isin(ids)
        touched = np.vstack([self._reach[at], self._fresh_reach[stale], after])
        affected = np.unique(self._tree.query(shapely.box(*touched.T))[1])
        there = self._there.copy()
        there[at] = False
        others = self._fresh[~stale]
        self._there, self._fresh = there, _stacked(others, fresh)
        self._fresh_reach = np.vstack([self._fresh_reach[~stale], after])
        if len(self._memo) > _MOST_ENTRIES:
            self._memo = {}
        near = self._joined(
            there & self._near(self._reach, affected), self._near(self._fresh_reach, affected)
        )
        found = self._find(affected, near)
        if len(self._fresh) > _MOST_FRESH:
            self._settle(self.cameras, np.vstack([self._reach[there], self._fresh_reach]))
        change = GapChange(self.targets.index[affected], found)
        self._late.append(change)
        if len(self._late) > _MOST_LATE:
            self._catch_up()
        return dataclasses.replace(change, pieces=self._with_nearest(found))

    def _settle(self, cameras: gpd.GeoDataFrame, reach: np.ndarray) -> None:
        """Make cameras the base to which later changes are kept apart: a frame of thousands is not copied for each."""
        self._base, self._reach = cameras, reach
        self._feet = cameras.geometry.to_numpy()
        self._standing = _standing(cameras)
        self._there = np.ones(len(cameras), dtype=bool)
        self._fresh = cameras.iloc[:0]
        self._fresh_reach = np.empty((0, 4))

    def _joined(self, base: np.ndarray, fresh: np.ndarray) -> gpd.GeoDataFrame:
        return _stacked(self._base[base], self._fresh[fresh])

    def _near(self, reach: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return which boxes meet those of some targets."""
        near = np.zeros(len(reach), dtype=bool)
        for x0, y0, x1, y1 in self._bounds[targets].tolist():
            near |= (reach[:, 0] <= x1) & (reach[:, 2] >= x0) & (reach[:, 1] <= y1) & (reach[:, 3] >= y0)
        return near

    def _analysed(self, cameras: gpd.GeoDataFrame) -> CoverageResult:
        return analyse(
            cameras,
            scene=self._scene,
            options=self._options,
            classes=(),
            views=self._own_views(cameras),
            cache=self._cache,
            memo=self._memo,
        )

    def _find(self, targets: np.ndarray, cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the blind pieces of some targets, ascending."""
        place = np.full(len(self.targets), -1, dtype=np.int64)
        place[targets] = np.arange(len(targets))
        read = self._read.take(np.flatnonzero(place[self._read.row] >= 0))
        return judged_pieces(
            self.targets.iloc[targets],
            dataclasses.replace(read, row=place[read.row]),
            self._analysed(cameras),
            min_width_m=self._min_width_m,
            near_m=self._near_m,
            nearest=False,  # of the whole town
        ).frame()

    def _own_views(self, cameras: gpd.GeoDataFrame) -> pd.DataFrame | None:
        return None if self._views is None else self._views[self._views["camera"].isin(cameras.index)]

    def _reaches(self, cameras: gpd.GeoDataFrame) -> np.ndarray:
        """Return the boxes in which cameras have a say."""
        if cameras.empty:
            return np.empty((0, 4))
        eyes = read_eyes(cameras, self._own_views(cameras))[0]
        result = np.full((len(cameras), 4), np.inf)
        result[:, 2:] = -np.inf
        boxes = shapely.bounds(eyes.boxes(np.maximum(eyes.max_range_m, self._near_m) + _MOVED_M))
        for side, widen in ((0, np.minimum), (1, np.minimum), (2, np.maximum), (3, np.maximum)):
            widen.at(result[:, side], eyes.camera, boxes[:, side])
        return result

    def _with_nearest(self, pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return pieces with the closest standing camera of the whole town."""
        base = self._there & self._standing
        late = _standing(self._fresh)
        feet = np.concatenate([self._feet[base], self._fresh.geometry.to_numpy()[late]])
        if not len(feet) or pieces.empty:
            return pieces
        ids = np.concatenate(
            [one.to_numpy(dtype=object) for one in (self._base.index[base], self._fresh.index[late])]
        )
        piece, foot, far = closest_feet(feet, pieces.geometry.to_numpy())
        nearest, distance = np.full(len(pieces), None, dtype=object), np.full(len(pieces), np.nan)
        nearest[piece], distance[piece] = ids[foot], far
        return pieces.assign(nearest_camera=nearest, distance_m=distance)


def _standing(cameras: gpd.GeoDataFrame) -> np.ndarray:
    """Return which cameras stand in the street."""
    if "status" not in cameras.columns:
        return np.ones(len(cameras), dtype=bool)
    return cameras["status"].fillna("working").isin(STANDING).to_numpy(dtype=bool)


def _stacked(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if one.empty or other.empty:
        return other if one.empty else one
    return gpd.GeoDataFrame(pd.concat([one, other[one.columns]]), crs=one.crs)
