"""Roads, entrances and places without buildings on the map: the tables of the report on targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from camera_coverage import road_runs, unmodelled_shares, watched_entrances
from geo_service.store import Store

if TYPE_CHECKING:
    from geo_service.analysis.coverage import Sight

#: From this share of its built-up ground on a target counts as not modelled.
UNMODELLED = 0.5
_PLACES = ("housing_zones", "key_areas")
#: Categories of key areas round which the map need have no buildings.
OPEN_PLACES = frozenset({"wharf", "square", "park", "main_road", "bridge_tunnel"})


def road_table(sight: Sight) -> pd.DataFrame:
    """Return a row a public road, by name: what is seen of it, metres per kilometre, and its longest run that nobody sees.

    The longest unseen run by day or night stands first. Columns: those of `camera_coverage.road_runs`, and ``road`` (its key).
    """
    roads = sight.targets[sight.targets["kind"] == "road"]
    table = road_runs(roads, sight.coverage).rename_axis("road").reset_index()
    worst = table[["longest_unseen_day_m", "longest_unseen_night_m"]].max(axis=1)
    return pd.DataFrame(table.loc[worst.sort_values(ascending=False, kind="stable").index]).reset_index(
        drop=True
    )


def entrance_table(store: Store, sight: Sight) -> pd.DataFrame:
    """Return a row an entrance of a housing zone or key area; doors of dwellings are none.

    Columns: ``entrance`` (row id), ``name``, ``kind``, ``place`` (``key_areas/3``), ``place_name``, then those of
    `camera_coverage.watched_entrances` and the names of the cameras.
    """
    frame = store.frame("entrances")
    frame = frame[~frame["private_door"].eq(other=True)]
    area = pd.Series(None, index=frame.index, dtype=object)
    for layer, column in zip(_PLACES, ("housing_zone", "key_area"), strict=True):
        given = frame[column].notna()
        area[given] = [f"{layer}/{int(one)}" for one in frame.loc[given, column]]
    places = sight.targets[sight.targets["kind"].isin(("key_area", "housing_zone"))]
    found = watched_entrances(frame.assign(area=area), places, sight.coverage)
    cameras = sight.scene.cameras["name"].fillna("")
    for name in ("camera_in_day", "camera_out_day", "camera_in_night", "camera_out_night"):
        found[f"{name}_name"] = found[name].map(cameras)
    table = pd.DataFrame(
        {
            "entrance": frame.index,
            "name": frame["name"].fillna("").astype(str),
            "kind": frame["kind"].fillna("main").astype(str),
            "place": area,
            "place_name": area.map(places["name"]).fillna("").astype(str),
        },
        index=frame.index,
    ).join(found)
    return pd.DataFrame(table.reset_index(drop=True))


def unmodelled(store: Store, sight: Sight) -> pd.Series:
    """Return by target how much of its built-up ground has no building on the map within 50 m; NaN where it has no such ground.

    Built-up are housing zones, key areas other than `OPEN_PLACES`, and land that the map calls built-up.
    """
    land, areas = store.frame("land_cover"), store.frame("key_areas")
    built = [
        land.geometry[land["kind"] == "built_up"],
        store.frame("housing_zones").geometry,
        areas.geometry[~areas["category"].isin(OPEN_PLACES)],
    ]
    shapes = pd.concat([one for one in built if len(one)] or built[:1])
    buildings = sight.scene.obstacles
    buildings = buildings[buildings.index.str.startswith("buildings/")] if len(buildings) else buildings
    return unmodelled_shares(
        sight.targets, buildings, gpd.GeoSeries(shapes.to_numpy(), crs=sight.targets.crs)
    )
