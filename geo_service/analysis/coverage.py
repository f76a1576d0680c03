"""Coverage and blind spots of a town: from the store to `camera_coverage` and back as stored results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage import (
    CoverageResult,
    Pieces,
    analyse,
    blind_pieces,
    class_shares,
    coverage_summary,
    critical_cameras,
    redundancy,
    shares_at_once,
    verified_shares,
)
from camera_coverage.shares import CLASSES
from geo_service.analysis.certainty import Tolerances, certainty_of, stated_tolerances
from geo_service.analysis.cures import cure_values
from geo_service.analysis.kept import AreaCache, kept_town
from geo_service.analysis.scene import Scene
from geo_service.analysis.target_tables import UNMODELLED, entrance_table, road_table, unmodelled
from geo_service.analysis.turning import turning_frames
from geo_service.progress import Progress, silent
from geo_service.store import Store
from town_model import Text

SHOWN_CLASS = "observe"
MIN_WIDTH_M = 0.5
# the areas of a few edits are written together: a commit costs as much as computing them
_FEW_AREAS = 64
_KINDS = ("key_area", "housing_zone", "road_strip", "road")
_PIECE_COLUMNS = (
    "target", "target_name", "target_kind", "light", "priority", "required_class", "cause", "cause_ref", "cause_name",
    "cause_camera", "cause_camera_name", "cure", "cure_params", "cure_share", "nearest_camera", "nearest_camera_name",
    "distance_m", "area_m2", "length_m", "geometry",
)  # fmt: skip
_TARGET_COLUMNS = ["layer", "row", "name", "kind", "priority", "required_class"]


@dataclass(frozen=True)
class Sight:
    """A town's scene, targets and coverage.

    Args:
        scene: cameras and obstacles.
        targets: what is to be watched.
        coverage: what is seen.
        cache: where areas come from and go to.
    """

    scene: Scene
    targets: gpd.GeoDataFrame
    coverage: CoverageResult
    cache: AreaCache


def load_sight(store: Store, *, progress: Progress = silent) -> Sight:
    """Return the coverage of a town as its data stands now, areas and gaps from what is kept where nothing changed.

    Frames of the result are shared with later calls: do not change them.

    Raises:
        InputError: the town has no data yet, or a camera has values without meaning.
    """
    progress(0.0, Text("reading the town"))
    kept = kept_town(store)
    scene, walls, targets = kept.load(store)
    classes = sorted({SHOWN_CLASS, *targets["required_class"].unique()})
    progress(0.1, Text("computing visible areas"))
    cache = kept.cache(store)
    coverage = analyse(
        scene.cameras,
        scene=walls,
        options=kept.options(store),
        classes=classes,
        views=scene.views,
        cache=cache,
        memo=kept.memo,
    )
    cache.flush(least=_FEW_AREAS)
    return Sight(scene, targets, coverage, cache)


def compute_coverage(
    store: Store,
    *,
    actor: str,
    certainty: bool = False,
    tolerances: Tolerances | None = None,
    progress: Progress = silent,
) -> int:
    """Compute what the cameras see and how much of each target; store it as ``coverage``; return the result's number.

    Args:
        store: the town.
        actor: who asks.
        certainty: also how sure it is, given how well the cameras are known: shares surely and possibly seen, and the list
            of cameras to check on the spot. Once a town has been asked so, every later result says it again: whoever
            computes anew does not expect to lose the bands.
        tolerances: how well the cameras are known; None takes those that the newest result was computed with.
        progress: told how far it is.

    Raises:
        InputError: the town has no data yet, or a camera has values without meaning.
    """
    revision = store.revision()
    sight = load_sight(store, progress=progress)
    progress(0.5, Text("measuring the targets"))
    names = sight.scene.cameras["name"].fillna("")
    areas = sight.coverage.frame()
    areas.insert(1, "camera_name", areas["camera"].map(names))
    targets = target_table(sight)
    targets["share_unmodelled"] = targets["target"].map(unmodelled(store, sight))
    progress(0.6, Text("asking what each failure would cost"))
    critical = critical_table(sight)
    more: dict[str, pd.DataFrame] = {"checking": pd.DataFrame()}
    stated = tolerances or stated_tolerances(store)
    before = store.latest_result("coverage")
    figures: dict[str, Any] = {}
    certainty = certainty or (before is not None and "certain" in before.summary)
    if certainty:
        progress(0.7, Text("asking how sure it is"))
        sure = certainty_of(sight.targets, sight.coverage, stated, SHOWN_CLASS)
        sight.cache.flush()
        targets = targets.join(sure.shares, on="target")
        more = {"checking": sure.checking, "bands": sure.bands}
        figures["certain"] = sure.figures
        if before is not None and "certain" in before.summary:
            figures["certain_before"] = before.summary["certain"]
    turning, turns = turning_frames(sight.scene, sight.coverage, SHOWN_CLASS)
    if turns:
        at_once = shares_at_once(sight.targets, sight.coverage, views=sight.scene.views)
        targets = targets.join(at_once, on="target")
        figures["turning"] = turns
    summary = coverage_figures(sight, targets) | {
        "critical_cameras": len(critical),
        "certainty": certainty,
        **figures,
    }
    progress(0.9, Text("storing the result"))
    frames = {
        "visible_areas": areas,
        "targets": targets,
        "critical": critical,
        "roads": road_table(sight),
        "entrances": entrance_table(store, sight),
        **more,
        **turning,
        "notes": _notes(sight, names),
    }
    return store.save_result(
        "coverage",
        actor=actor,
        options={
            "shown_class": SHOWN_CLASS,
            "class_order": sorted(table := sight.coverage.options.classes.px_per_m, key=table.__getitem__),
            "tolerances": stated.numbers(),
        },
        summary=summary,
        frames=frames,
        store_revision=revision,
    )


def target_table(sight: Sight) -> pd.DataFrame:
    """Return a row a target: its size, and the shares seen by day and night, by one and by more cameras, at the class it asks for.

    Then the shares by class, the share that verified cameras see, and the longest unseen run of lines.
    """
    shares = coverage_summary(sight.targets, sight.coverage)
    columns = ["measure", "size", "share_day", "share_night", "cameras", "longest_uncovered_m"]
    deeper = redundancy(sight.targets, sight.coverage, levels=3)
    columns_deeper = ["share_day_2", "share_day_3", "share_night_2", "share_night_3"]
    table = pd.DataFrame(sight.targets[_TARGET_COLUMNS]).join(shares[columns]).join(deeper[columns_deeper])
    table = table.join(class_shares(sight.targets, sight.coverage))
    table = table.join(verified_shares(sight.targets, sight.coverage))
    return pd.DataFrame(table.rename_axis("target").reset_index())


def critical_table(sight: Sight) -> pd.DataFrame:
    """Return a row a working camera whose failure would cost something (N−1), the gravest first.

    Columns: ``camera``, ``camera_name``, ``lost_area_m2``, ``lost_length_m``, ``worst_share``, ``highest_priority``,
    ``targets`` (how many lose something) and ``worst_target`` (its name).
    """
    table = critical_cameras(sight.targets, sight.coverage).reset_index()
    names = sight.targets["name"].fillna("").astype(str)
    table.insert(1, "camera_name", table["camera"].map(sight.scene.cameras["name"].fillna("")))
    table["worst_target"] = [names.get(one[0], "") for one in table["targets"]]
    table["targets"] = [len(one) for one in table["targets"]]
    return table


def coverage_figures(sight: Sight, targets: pd.DataFrame) -> dict[str, Any]:
    """Return the figures that summaries and pages lead with."""
    figures: dict[str, Any] = {
        "shown_class": SHOWN_CLASS,
        "cameras": len(sight.scene.cameras),
        "working": int((sight.scene.cameras["status"] == "working").sum()),
        "buildings": int(sight.scene.obstacles.index.str.startswith("buildings/").sum())
        if len(sight.scene.obstacles)
        else 0,
        "buildings_without_height": sight.scene.unknown_heights,
        "obstacles_left_out": [sight.scene.obstacle_names[one] for one in sight.scene.contradictory],
        "street_lights": len(lamps.points) if (lamps := sight.coverage.options.lamps) else 0,
        "areas_computed": sight.coverage.computed,
        "shares": {},
    }
    for light in ("day", "night"):
        seen = sight.coverage.visible(SHOWN_CLASS, light, which="working")
        figures[f"seen_{light}_m2"] = float(shapely.area(shapely.disjoint_subset_union_all(seen.to_numpy())))
        if light == "day":
            figures["seeing"] = int((~seen.is_empty).sum())
    for kind, rows in targets.groupby("kind"):
        figures["shares"][kind] = {
            "count": len(rows),
            "size": float(rows["size"].sum()),
            "day": _share(rows["share_day"], rows["size"]),
            "night": _share(rows["share_night"], rows["size"]),
            "day_twice": _share(rows["share_day_2"], rows["size"]),
            "night_twice": _share(rows["share_night_2"], rows["size"]),
            "day_thrice": _share(rows["share_day_3"], rows["size"]),
            "night_thrice": _share(rows["share_night_3"], rows["size"]),
            "unmodelled": int((rows.get("share_unmodelled", pd.Series(dtype=float)) >= UNMODELLED).sum()),
            "classes": {
                light: {name: _share(rows[f"share_{light}_{name}"], rows["size"]) for name in CLASSES}
                for light in ("day", "night")
            },
            **{f"{light}_verified": _verified(rows, light) for light in ("day", "night")},
            **{
                f"{light}_{band}": _share(rows[column], rows["size"])
                for light in ("day", "night")
                for band in ("sure", "possible", "at_once")
                if (column := f"share_{light}_{band}") in rows
            },
        }
    return figures


def _share(share: pd.Series, size: pd.Series) -> float | None:
    """Return a share weighted by size over the targets that are judged in this light; None where there are none."""
    judged = share.notna()
    total = float(size[judged].sum())
    return float((share[judged] * size[judged]).sum()) / total if total > 0 else None


def _verified(rows: pd.DataFrame, light: str) -> float | None:
    """Return how much of what is seen rests on data that were verified on the spot; None where nothing is seen."""
    seen = float((rows[f"share_{light}"] * rows["size"]).sum())
    return float((rows[f"share_{light}_verified"] * rows["size"]).sum()) / seen if seen > 0 else None


def _notes(sight: Sight, names: pd.Series) -> pd.DataFrame:
    rows = [
        {
            "camera": one.subject,
            "camera_name": names.get(one.subject, str(one.subject)),
            "code": one.code,
            "template": one.text.template,
            "params": one.text.params,
        }
        for one in sight.coverage.notes
    ]
    return pd.DataFrame(rows, columns=["camera", "camera_name", "code", "template", "params"])


def compute_gaps(
    store: Store,
    *,
    actor: str,
    min_width_m: float = MIN_WIDTH_M,
    only_verified: bool = False,
    progress: Progress = silent,
) -> int:
    """Find where working cameras see nothing, why, and what would cure it; store it as ``gaps``; return the result's number.

    Args:
        store: the town.
        actor: who asks.
        min_width_m: narrower slivers are dropped and counted.
        only_verified: ground that only cameras see whose data nobody verified counts as blind, too.
        progress: told how far it is.

    Raises:
        InputError: the town has no data yet, or a camera has values without meaning.
    """
    revision = store.revision()
    sight = load_sight(store, progress=progress)
    progress(0.5, Text("looking for blind spots"))
    pieces, summary = gap_pieces(sight, min_width_m=min_width_m, only_verified=only_verified)
    progress(0.9, Text("storing the result"))
    return store.save_result(
        "gaps",
        actor=actor,
        options={"min_width_m": min_width_m, "only_verified": only_verified},
        summary=summary,
        frames={"pieces": pieces},
        store_revision=revision,
    )


def gap_pieces(
    sight: Sight,
    *,
    min_width_m: float = MIN_WIDTH_M,
    only_verified: bool = False,
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Return the blind pieces, most urgent first, with causes and cures, and their figures.

    Args:
        sight: the coverage of a town.
        min_width_m: narrower slivers are dropped and counted.
        only_verified: ground that only cameras see whose data nobody verified counts as blind, too.
    """
    found = blind_pieces(sight.targets, sight.coverage, min_width_m=min_width_m, only_verified=only_verified)
    sight.cache.flush(least=_FEW_AREAS)
    cameras: dict[Any, str] = sight.scene.cameras["name"].fillna("").to_dict()
    # thousands of rows in one order of all columns: a frame is made once, at the end
    order = _most_urgent_first(found, sight.targets)
    columns = {name: values[order] for name, values in found.columns.items()}
    refs, judged = columns["cause_ref"].tolist(), columns["cause_camera"].tolist()
    hiding = sight.scene.obstacle_names
    columns |= {
        "target_name": sight.targets["name"].to_numpy(dtype=object)[found.row[order]],
        "cause_name": _objects([hiding.get(one) or cameras.get(one, "") for one in refs]),
        "cause_camera_name": _named(judged, cameras),
        "nearest_camera_name": _named(columns["nearest_camera"].tolist(), cameras),
        "cure_params": _objects(cure_values(judged, columns["cure_params"].tolist(), sight.scene.cameras)),
    }
    slivers = found.slivers
    figures = {
        "pieces": len(order),
        "min_width_m": min_width_m,
        "only_verified": only_verified,
        "slivers": int(slivers["count"]),
        "slivers_area_m2": float(slivers["area_m2"]),
        "lights": _lights(columns),
    }
    pieces = gpd.GeoDataFrame(
        {name: columns[name] for name in _PIECE_COLUMNS}, geometry="geometry", crs=found.crs
    )
    return pieces, figures


def _most_urgent_first(found: Pieces, targets: gpd.GeoDataFrame) -> np.ndarray:
    """Return the order of blind pieces: by the priority and the kind of their targets, then the largest first."""
    size = np.nan_to_num(found.columns["area_m2"]) + np.nan_to_num(found.columns["length_m"])
    place = {kind: i for i, kind in enumerate(_KINDS)}
    kind = np.array([place.get(one, len(place)) for one in targets["kind"].tolist()], dtype=np.int64)
    ranks = {one: i for i, one in enumerate(sorted(targets["priority"].dropna().unique()))}
    rank = np.array([ranks.get(one, len(ranks)) for one in targets["priority"].tolist()], dtype=np.int64)
    return np.lexsort((-size, kind[found.row], rank[found.row]))


def _lights(columns: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the figures of the blind pieces by light."""
    light = columns["light"]
    area, length = np.nan_to_num(columns["area_m2"]), np.nan_to_num(columns["length_m"])
    figures = {}
    for one in sorted(set(light.tolist())):
        mine = light == one
        figures[str(one)] = {
            "pieces": int(mine.sum()),
            "area_m2": float(area[mine].sum()),
            "length_m": float(length[mine].sum()),
            "causes": dict(Counter(columns["cause"][mine].tolist()).most_common()),
            "cures": dict(Counter(columns["cure"][mine].tolist()).most_common()),
        }
    return figures


def _named(ids: Iterable[Any], names: Mapping[Any, Any]) -> np.ndarray:
    """Return the name of each id, NaN where there is none."""
    return _objects(list(map(names.get, ids, repeat(np.nan))))


def _objects(values: list[Any]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result
