"""Plan and today side by side: what planned cameras would add to what working ones see of the targets."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from camera_coverage import CoverageResult, GapTotal, analyse, closed_gaps, target_gaps
from camera_coverage.light import Light
from geo_service.analysis.coverage import SHOWN_CLASS
from geo_service.analysis.kept import kept_town
from geo_service.analysis.scene import Obstacles, load_scene
from geo_service.store import Store


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Args:
        cameras: that watch.
        seen_m2: ground that they see at the class `SHOWN_CLASS`.
        gaps: what of the targets they leave unseen.
    """

    cameras: int
    seen_m2: float
    gaps: GapTotal


@dataclass(frozen=True)
class Difference:
    """Ground of targets that one side sees at the required class and the other does not.

    Args:
        total: areas and lengths, target by target.
        areas: the ground of targets that are polygons, in the metric CRS.
        lines: of targets that are lines.
    """

    total: GapTotal
    areas: BaseGeometry
    lines: BaseGeometry


@dataclass(frozen=True)
class Comparison:
    """Plan and today.

    Args:
        today: working cameras.
        plan: working and planned cameras.
        gained: what the plan adds.
        lost: what it takes away.
        targets: by target id, those that are judged in this light: name, share_today, share_plan.
    """

    today: Side
    plan: Side
    gained: Difference
    lost: Difference
    targets: pd.DataFrame


def compare_plan(store: Store, *, light: Light = "day") -> Comparison:
    """Return what the town's planned cameras would add to today.

    Args:
        store: the town.
        light: "day" or "night".

    Raises:
        InputError: the town has no data yet, or a camera has values without meaning.
    """
    kept = kept_town(store)
    scene, walls, targets = kept.load(store)
    around = Obstacles(scene.obstacles, scene.obstacle_names, scene.unknown_heights)
    planned = load_scene(store, around, left_out=("removed",))
    cache = kept.cache(store)
    sides = [
        analyse(
            cameras,
            scene=walls,
            options=kept.options(store),
            classes=sorted({SHOWN_CLASS, *targets["required_class"].unique()}),
            night=(light == "night",),
            views=planned.views[planned.views["camera"].isin(cameras.index)],
            cache=cache,
            memo=kept.memo,
        )
        for cameras in (
            planned.cameras[planned.cameras["status"] != "planned"],
            planned.cameras.assign(status=planned.cameras["status"].replace("planned", "working")),
        )
    ]
    cache.flush()
    today, plan = (target_gaps(targets, one, light=light) for one in sides)
    shares = pd.DataFrame(
        {
            "name": targets["name"].reindex(today.index),
            "share_today": today["share"],
            "share_plan": plan["share"],
        }
    )
    return Comparison(
        _side(sides[0], today, light),
        _side(sides[1], plan, light),
        _difference(today, sides[1], sides[0], light),
        _difference(plan, sides[0], sides[1], light),
        shares,
    )


def _side(coverage: CoverageResult, gaps: gpd.GeoDataFrame, light: Light) -> Side:
    seen = coverage.visible(SHOWN_CLASS, light).to_numpy()
    areal = gaps["areal"].to_numpy(dtype=bool)
    unseen = gaps["unseen"].to_numpy(dtype=float)
    return Side(
        int(coverage.working.sum()),
        float(shapely.area(shapely.disjoint_subset_union_all(seen))),
        GapTotal(float(unseen[areal].sum()), float(unseen[~areal].sum())),
    )


def _difference(
    gaps: gpd.GeoDataFrame, one: CoverageResult, other: CoverageResult, light: Light
) -> Difference:
    """Return what of the gaps of one side the cameras see that work on the other side alone."""
    cameras = set(one.cameras.index[one.working]) - set(other.cameras.index[other.working])
    closed = closed_gaps(gaps, one, cameras, light=light).to_numpy()
    areal = gaps["areal"].to_numpy(dtype=bool)
    return Difference(
        GapTotal(float(shapely.area(closed[areal]).sum()), float(shapely.length(closed[~areal]).sum())),
        shapely.union_all(closed[areal]),
        shapely.union_all(closed[~areal]),
    )
