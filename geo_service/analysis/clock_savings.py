"""What one camera more or less makes of the unwatched minutes of a day, each alone: computed anew, not estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.overlays import polygonal
from camera_coverage.redundancy import share_changes
from geo_service.analysis.asked_day import PRIORITY_WEIGHT
from geo_service.analysis.law import LawOptions, load_private
from geo_service.analysis.rows import each
from geo_service.analysis.watched import Watched
from geo_service.store import Store
from geo_service.watch_clock import Daylight, unwatched_minutes
from geo_service.watch_clock.clock import SHARE_SLACK

#: What a camera is asked for: what would be lost without it, or gained by its repair or by building it.
KINDS = ("working", "broken", "planned")
COLUMNS = (
    "camera", "camera_name", "kind", "saved_min", "weighted_min", "places", "first_place", "light", "share_without",
    "share_with", "private_m2",
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """All that a clock was read from.

    Args:
        shares: of working cameras, by place. visits: of the plan. places: as `unwatched_minutes` wants them, with ``name`` and ``priority``.
        light: the day. required_share: from which share on a place is watched. table: what `unwatched_minutes` gave.
    """

    shares: pd.DataFrame
    visits: pd.DataFrame
    places: pd.DataFrame
    light: Daylight
    required_share: float
    table: pd.DataFrame

    @property
    def weights(self) -> pd.Series:
        """The weight of each place by its priority, as in patrol plans."""
        return self.places["priority"].map(PRIORITY_WEIGHT).fillna(1.0).astype(float)

    def again(
        self, places: list[str], *, shares: pd.DataFrame | None = None, visits: pd.DataFrame | None = None
    ) -> pd.Series:
        """Return the unwatched minutes of some places with other shares or other visits."""
        stays = self.visits if visits is None else visits
        table = unwatched_minutes(
            self.shares if shares is None else shares,
            stays[stays["place"].isin(places)],
            self.places.loc[places],
            self.light,
            required_share=self.required_share,
        )
        found: pd.Series = table["unwatched_min"]
        return found


def camera_savings(store: Store, watched: Watched, reading: Reading) -> pd.DataFrame:
    """Return a row a camera that changes what is seen of some place, those that save most first.

    Columns (`COLUMNS`): ``camera``, ``camera_name``, ``kind`` (one of `KINDS`), ``saved_min`` (minutes a day, over all places, that are
    unwatched without it and not with it), ``weighted_min`` (each place by the weight of its priority), ``places`` (how many gain),
    ``first_place`` (where it changes most), ``light``, ``share_without`` and ``share_with`` (of that place), ``private_m2`` (private
    ground that it sees at the class of privacy masks).

    Args:
        store: the town.
        watched: its cameras and places.
        reading: the clock as it stands.
    """
    changes = share_changes(watched.targets, watched.coverage)
    changes = changes[changes["target"].isin(reading.places.index)]
    if changes.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    names = watched.scene.cameras["name"].fillna("")
    status = pd.Series(watched.coverage.status, index=watched.coverage.cameras.index)
    private = private_ground_seen(store, watched, changes["camera"].unique())
    rows = []
    for camera in changes["camera"].unique().tolist():
        mine = changes[changes["camera"] == camera]
        kind = {"working": "working", "planned": "planned"}.get(str(status[camera]), "broken")
        gains = _gains(reading, mine, works=kind == "working")
        weighted = gains * reading.weights.reindex(gains.index)
        first = _first(mine, weighted, reading)
        rows.append(
            (
                camera, names[camera], kind, float(gains.sum()), float(weighted.sum()), int((gains > 1 / 60).sum()),
                reading.places.loc[first.target, "name"] or first.target, first.light, first.without, first.with_it, private[camera],
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(
        ["weighted_min", "saved_min", "camera"],
        ascending=[False, False, True],
        kind="stable",
        ignore_index=True,
    )


def together(store: Store, watched: Watched, reading: Reading) -> dict[str, dict[str, float]]:
    """Return what all cameras of a kind save together, which is more than each by itself where a place needs several.

    Returns:
        Under ``broken`` and ``planned``, where there are such cameras: ``cameras``, ``saved_min``, ``weighted_min``, ``places`` and
        ``private_m2`` (private ground in the view of any of them).
    """
    found = {}
    status, index = watched.coverage.status, watched.coverage.cameras.index
    for kind, states in (("broken", ("faulty", "offline")), ("planned", ("planned",))):
        mine = np.flatnonzero(np.isin(status, states))
        if not len(mine):
            continue
        gains = reading.table["unwatched_min"] - reading.again(
            [str(one) for one in reading.places.index], shares=watched.shares(*states)
        )
        found[kind] = {
            "cameras": len(mine),
            "saved_min": float(gains.sum()),
            "weighted_min": float((gains * reading.weights).sum()),
            "places": int((gains > 1 / 60).sum()),
            "private_m2": sum(
                private_ground_seen(store, watched, index[mine].to_numpy(), at_once=True).values()
            ),
        }
    return found


def _gains(reading: Reading, changes: pd.DataFrame, *, works: bool) -> pd.Series:
    """Return by place how many minutes a day a camera saves; only places that it turns from not watched to watched are read anew."""
    level = reading.required_share - SHARE_SLACK
    turned = changes[(changes["without"] < level) & (changes["with_it"] >= level)]
    places = list(dict.fromkeys(turned["target"]))
    if not places:
        return pd.Series(dtype=float)
    other = reading.shares.reindex(places)
    for one in each(turned):
        other.loc[one.target, f"share_{one.light}"] = one.without if works else one.with_it
    then = reading.again(places, shares=other)
    now = reading.table.loc[places, "unwatched_min"]
    gains: pd.Series = then - now if works else now - then
    return gains


def _first(changes: pd.DataFrame, weighted: pd.Series, reading: Reading) -> Any:
    """Return the change of the place where the camera matters most: by minutes, then by share."""
    minutes = weighted.reindex(changes["target"]).fillna(0.0).to_numpy()
    step = (changes["with_it"] - changes["without"]).to_numpy()
    level = reading.required_share - SHARE_SLACK
    turns = ((changes["without"] < level) & (changes["with_it"] >= level)).to_numpy()
    return list(each(changes))[int(np.lexsort((step, turns, minutes))[-1])]


def private_ground_seen(
    store: Store, watched: Watched, cameras: np.ndarray, *, at_once: bool = False
) -> Mapping[int, float]:
    """Return by camera the private ground in m² that it sees by day at the class of privacy masks.

    Args:
        store: the town.
        watched: its cameras.
        cameras: ids of cameras.
        at_once: count ground that several of them see once: for the first alone.
    """
    options = LawOptions()
    ground, _ = load_private(store, options)
    parts = shapely.get_parts(ground.to_numpy())
    rows = watched.coverage.cameras.index.get_indexer(cameras)
    areas = watched.coverage.areas(options.mask_class, "day")[rows]
    if not len(parts):
        return dict.fromkeys(cameras.tolist(), 0.0)
    camera, part = shapely.STRtree(parts).query(areas, predicate="intersects")
    pieces = polygonal(shapely.intersection(areas[camera], parts[part]))
    if at_once:
        return {int(cameras[0]): float(shapely.union_all(pieces).area)}
    seen = shapely.area(pieces)
    return dict(zip(cameras.tolist(), np.bincount(camera, seen, minlength=len(areas)).tolist(), strict=True))


def village_minutes(
    villages: gpd.GeoDataFrame, places: gpd.GeoSeries, visits: pd.DataFrame, legs: gpd.GeoDataFrame | None
) -> pd.DataFrame:
    """Return the patrol minutes of each village, those with the fewest by household first.

    Columns: ``village`` (row id), ``village_name``, ``households`` (NaN: not entered), ``stay_min`` (stays at its places), ``way_min``
    (on its roads; a stretch that leaves it counts by length), ``patrol_min`` (both) and ``per_100`` (for 100 households).

    Args:
        villages: rows of the layer.
        places: where the places lie, by id.
        visits: of a plan.
        legs: of the plan, geometry in the same CRS; None where it has none.
    """
    shapes = villages.geometry.to_numpy()
    stay, way = np.zeros(len(villages)), np.zeros(len(villages))
    known = visits[visits["place"].isin(places.index)]
    if len(known) and len(shapes):
        tree = shapely.STRtree(shapes)
        points = shapely.point_on_surface(places.loc[known["place"]].to_numpy())
        visit, village = tree.query(points, predicate="intersects")
        first = np.unique(visit, return_index=True)[1]  # on a border it counts once
        seconds = (known["depart_s"] - known["arrive_s"]).to_numpy(dtype=float)
        stay = np.bincount(village[first], seconds[visit[first]], minlength=len(shapes)) / 60
    if legs is not None and len(legs) and len(shapes):
        lines, index = np.unique(shapely.to_wkb(legs.geometry.to_numpy()), return_inverse=True)
        drawn = shapely.from_wkb(lines)
        seconds = np.bincount(index, (legs["leave_s"] - legs["enter_s"]).to_numpy(dtype=float))
        line, village = shapely.STRtree(shapes).query(drawn, predicate="intersects")
        inside = shapely.length(shapely.intersection(drawn[line], shapes[village]))
        share = np.divide(inside, shapely.length(drawn[line]), out=np.zeros_like(inside), where=inside > 0)
        way = np.bincount(village, share * seconds[line], minlength=len(shapes)) / 60
    households = pd.to_numeric(villages["households"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_100 = np.where(households > 0, 100 * (stay + way) / households, np.nan)
    table = pd.DataFrame(
        {
            "village": villages.index.to_numpy(),
            "village_name": villages["name"].fillna("").to_numpy(),
            "households": households,
            "stay_min": stay,
            "way_min": way,
            "patrol_min": stay + way,
            "per_100": per_100,
        }
    )
    return table.sort_values(
        ["per_100", "patrol_min", "village"], na_position="last", kind="stable", ignore_index=True
    )
