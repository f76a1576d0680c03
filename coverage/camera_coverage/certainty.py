"""How sure coverage is: what is surely seen, possibly seen and not seen, given how well the cameras are known.

Direction, tilt, height and view are taken as intervals (`spans`): surely seen is what lies in the picture and in plain sight for all
their values, possibly seen what does for any. The position runs through a grid of places, at most 3 m apart. Ground that no single camera
surely sees is not called sure, even where several together could not miss it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely

from camera_coverage.analysis import CoverageResult, area_keys
from camera_coverage.areas import unite_views, view_areas
from camera_coverage.frames import Flags
from camera_coverage.light import Light
from camera_coverage.options import ViewOptions
from camera_coverage.overlays import polygonal
from camera_coverage.spans import Spans, as_eyes, frames
from camera_coverage.standing import STEP_OFF_M
from camera_coverage.tolerances import COLUMNS, tolerances
from town_model import ColumnError

#: Changes whenever the same input may give other bands; part of every key.
_VERSION = "1"
_CORNERS = [(0.0, 0.0), (-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)]
_EDGES = [(0.0, -1.0), (0.0, 1.0), (-1.0, 0.0), (1.0, 0.0)]
_COARSE_M = 1.5  # half the least distance of two places at which an eye is tried


@dataclass(eq=False)
class CoverageBands:
    """What cameras surely and possibly see; computed by class and light when it is asked for.

    Args:
        coverage: of `analyse`.
        tolerance: by camera, the columns of `tolerances.COLUMNS`.
        computed: how many areas had to be computed, not taken from the cache of the coverage.
    """

    coverage: CoverageResult
    tolerance: pd.DataFrame
    computed: int = 0
    _bands: dict[tuple[bool, str | None, Light], np.ndarray] = field(default_factory=dict, repr=False)
    _open: dict[bool, tuple[Flags, np.ndarray]] = field(default_factory=dict, repr=False)

    def sure(self, observation_class: str | None, light: Light = "day") -> np.ndarray:
        """Return by camera what it sees whatever its true values are within the tolerances."""
        return self._of(observation_class, light, sure=True)

    def possible(self, observation_class: str | None, light: Light = "day") -> np.ndarray:
        """Return by camera what it may see with some values within the tolerances."""
        return self._of(observation_class, light, sure=False)

    def _of(self, observation_class: str | None, light: Light, *, sure: bool) -> np.ndarray:
        name = (sure, observation_class, light)
        if name not in self._bands:
            self._bands[name] = self._compute(observation_class, light, sure=sure)
        return self._bands[name]

    def _compute(self, observation_class: str | None, light: Light, *, sure: bool) -> np.ndarray:
        coverage = self.coverage
        night = light == "night"
        options = dataclasses.replace(coverage.options, observation_class=observation_class, night=night)
        stated = coverage.areas(observation_class, light)
        result = stated.copy()
        open_ = np.asarray((self.tolerance.to_numpy(dtype=float) > 0).any(axis=1), dtype=bool)
        open_[coverage.eyes.camera[coverage.eyes.blind]] = True
        keys = self._keys(options, sure=sure)
        known = coverage.cache.get([keys[i] for i in np.flatnonzero(open_)])
        for i in np.flatnonzero(open_).tolist():
            result[i] = known.get(keys[i])
        missing = np.array([one is None for one in result], dtype=bool)
        if not missing.any():
            return result
        fresh = self._fresh(options, missing, sure=sure)
        rows = np.flatnonzero(missing)
        whole = (
            shapely.intersection(fresh[rows], stated[rows])
            if sure
            else shapely.union(fresh[rows], stated[rows])
        )
        result[rows] = polygonal(np.asarray(whole, dtype=object))
        coverage.cache.put({keys[i]: result[i] for i in rows.tolist()})
        self.computed += len(rows)
        return result

    def _keys(self, options: ViewOptions, *, sure: bool) -> list[str]:
        """Return a key a camera: what its area depends on, in a reach widened by the tolerance of its position, and the tolerances."""
        coverage = self.coverage
        off = self.tolerance["position_tolerance_m"].to_numpy(dtype=float)[coverage.eyes.camera]
        keys = area_keys(coverage, options, further_m=3 * np.sqrt(2) * off)
        band = "sure" if sure else "possible"
        values = self.tolerance[list(COLUMNS)].to_numpy(dtype=float)
        return [
            f"{band}{_VERSION}:{one}:{','.join(f'{value:g}' for value in row)}"
            for one, row in zip(keys, values.tolist(), strict=True)
        ]

    def _fresh(self, options: ViewOptions, cameras: Flags, *, sure: bool) -> np.ndarray:
        """Return the band of some cameras, computed; the others are left empty."""
        coverage = self.coverage
        views = np.flatnonzero(cameras[coverage.eyes.camera])
        spans = Spans.of(coverage.eyes, self.tolerance, fixed=coverage.own >= 0).take(views)
        plain = self._plain_sight(cameras, sure=sure)[views]
        lamps = coverage.options.lamps
        seen = polygonal(shapely.intersection(plain, frames(spans, options, sure=sure)))
        if options.night and lamps is not None:
            day = dataclasses.replace(options, night=False)
            by_day = polygonal(shapely.intersection(plain, frames(spans, day, sure=sure)))
            lit = polygonal(lamps.lit(by_day, options.arc_tolerance_m))
            seen = polygonal(np.asarray(shapely.union(seen, lit), dtype=object))
        return unite_views(seen, coverage.eyes.camera[views], len(coverage.status))

    def _plain_sight(self, cameras: Flags, *, sure: bool) -> np.ndarray:
        """Return by view what nothing hides from the lowest eye at every place (sure), or from the highest at any (possible)."""
        coverage = self.coverage
        done, areas = self._open.get(sure, (np.zeros(len(coverage.status), dtype=bool), None))
        if areas is None:
            areas = np.full(len(coverage.eyes.x), shapely.Polygon(), dtype=object)
        views = np.flatnonzero((cameras & ~done)[coverage.eyes.camera])
        if len(views):
            areas[views] = self._swept(views, sure=sure)
            self._open[sure] = (done | cameras, areas)
        return areas

    def _swept(self, views: np.ndarray, *, sure: bool) -> np.ndarray:
        coverage, scene = self.coverage, self.coverage.scene
        spans = Spans.of(coverage.eyes, self.tolerance, fixed=coverage.own >= 0).take(views)
        options = dataclasses.replace(coverage.options, observation_class=None, night=False)
        view, east, north = [], [], []
        for grid, rows in (
            ([(0.0, 0.0)], np.flatnonzero(spans.shift <= 0)),
            (_CORNERS, np.flatnonzero((spans.shift > 0) & (spans.shift <= _COARSE_M))),
            (_CORNERS + _EDGES, np.flatnonzero(spans.shift > _COARSE_M)),
        ):
            for x, y in grid:
                view.append(rows)
                east.append(x * spans.shift[rows])
                north.append(y * spans.shift[rows])
        at, off_x, off_y = np.concatenate(view), np.concatenate(east), np.concatenate(north)
        there = np.ones(len(at), dtype=bool)
        if len(scene.parts):
            # a camera in the street does not move into a house; where it is stated to stand, it stays in the list
            base = spans.eyes.take(at)
            spots = shapely.points(base.x + off_x, base.y + off_y)
            inside, _ = scene.raw_tree.query(spots, predicate="dwithin", distance=STEP_OFF_M)
            there[inside] = False
            there |= (off_x == 0) & (off_y == 0)
        at, off_x, off_y = at[there], off_x[there], off_y[there]
        eyes = as_eyes(spans.take(at), sure=sure, east=off_x, north=off_y)
        areas = view_areas(eyes, scene, options, coverage.own[views][at], coverage.refused[views][at])
        order = np.argsort(at, kind="stable")
        at, areas = at[order], areas[order]
        first = np.searchsorted(at, np.arange(len(views) + 1))
        rank = np.arange(len(at)) - first[at]
        result = areas[first[:-1]].copy()
        if sure:
            for i in range(1, int(rank.max(initial=0)) + 1):
                rows = np.flatnonzero(rank == i)
                result[at[rows]] = shapely.intersection(result[at[rows]], areas[rows])
        else:
            table = np.full((len(views), int(rank.max(initial=0)) + 1), None, dtype=object)
            table[at, rank] = areas
            result = np.asarray(shapely.union_all(table, axis=1), dtype=object)
        return polygonal(result)


def coverage_bands(coverage: CoverageResult, *, tolerance: pd.DataFrame | None = None) -> CoverageBands:
    """Return what cameras surely and possibly see within their tolerances.

    Areas are kept in the cache of the coverage, so that after an edit only the bands of cameras that it touches are computed anew.

    Args:
        coverage: of `analyse`.
        tolerance: by camera id, the columns of `tolerances`; None takes `tolerances` of the cameras.

    Raises:
        ColumnError: the table lacks cameras or columns.
        ValueRangeError: tolerances without meaning.
    """
    table = tolerances(coverage.cameras) if tolerance is None else tolerance
    lacking = [name for name in COLUMNS if name not in table.columns]
    if lacking or not table.index.equals(coverage.cameras.index):
        raise ColumnError(
            "{name} lacks the columns {columns}", name="tolerance", columns=", ".join(lacking) or "camera"
        )
    return CoverageBands(coverage, table[list(COLUMNS)])
