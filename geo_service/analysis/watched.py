"""How much of each place cameras see by day and by night: what the clock and the intervals of patrols count with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from camera_coverage import CoverageResult, analyse, coverage_summary
from geo_service.analysis.kept import kept_town
from geo_service.analysis.scene import Obstacles, Scene, load_scene
from geo_service.progress import Progress, part, silent
from geo_service.store import Store
from town_model import Text

KINDS = ("key_area", "housing_zone")


@dataclass(frozen=True)
class Watched:
    """What cameras see of the places that they can watch.

    Args:
        targets: key areas and housing zones as targets, whatever their hours: the sun alone decides what is day.
        coverage: of all cameras but removed ones; planned ones keep their status and so do not count as working.
        scene: those cameras.
    """

    targets: gpd.GeoDataFrame
    coverage: CoverageResult
    scene: Scene

    def shares(self, *also: str) -> pd.DataFrame:
        """Return by place id ``share_day`` and ``share_night``.

        Args:
            also: statuses whose cameras count as if they worked: ``planned``, ``faulty``, ``offline``.
        """
        coverage = self.coverage
        if also:
            status = np.where(np.isin(coverage.status, also), "working", coverage.status)
            coverage = replace(coverage, status=status, local={})
        return coverage_summary(self.targets, coverage)[["share_day", "share_night"]]


def load_watched(store: Store, *, progress: Progress = silent) -> Watched:
    """Return what the cameras of a town see of its key areas and housing zones as they stand now.

    Raises:
        InputError: the town has no position, or a camera has values without meaning.
    """
    kept = kept_town(store)
    scene, walls, targets = kept.load(store)
    around = Obstacles(scene.obstacles, scene.obstacle_names, scene.unknown_heights)
    scene = load_scene(store, around, left_out=("removed",))
    targets = targets[targets["kind"].isin(KINDS)].assign(hours="")
    told = part(progress, 0.1, 1.0)
    told(0.0, Text("computing visible areas"))
    cache = kept.cache(store)
    coverage = analyse(
        scene.cameras,
        scene=walls,
        options=kept.options(store),
        classes=sorted({"observe", *targets["required_class"].unique()}),
        views=scene.views,
        cache=cache,
    )
    cache.flush()
    return Watched(targets, coverage, scene)
