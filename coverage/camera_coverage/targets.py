"""Targets: the ground that should be watched."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.light import NIGHT_HOURS, Light, lights_of
from camera_coverage.overlays import gather, lineal
from camera_coverage.walls import Scene
from town_model import Text, ValueRangeError, check_frame, check_same_crs


def road_strips(
    zones: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, *, distance_m: float = 50.0
) -> gpd.GeoDataFrame:
    """Return the public roads round housing zones: lines within a distance of each zone, outside of it.

    Args:
        zones: polygons by id; ``name``, ``priority``, ``required_class``, ``hours`` are carried over.
        roads: lines of public roads; tunnels (column ``tunnel``) are left out.
        distance_m: from the border of the zone.

    Returns:
        One row a zone that has such roads, by the index of the zones: ``kind`` "road_strip", ``length_m``, lines.
    """
    check_frame(zones, "zones", geometry_types=("Polygon", "MultiPolygon"))
    check_frame(roads, "roads", geometry_types=("LineString", "MultiLineString"))
    check_same_crs(zones=zones, roads=roads)
    lines = roads.geometry.to_numpy()
    if "tunnel" in roads.columns:
        lines = lines[~roads["tunnel"].eq(other=True).to_numpy(dtype=bool, na_value=False)]
    area = zones.geometry.to_numpy()
    ring = shapely.difference(shapely.buffer(area, distance_m), area)
    zone, road = shapely.STRtree(lines).query(ring, predicate="intersects")
    pieces = shapely.intersection(lines[road], ring[zone])
    rows, strips = [], []
    for one in np.unique(zone).tolist():
        strip = lineal(shapely.union_all(pieces[zone == one]))
        if not shapely.is_empty(strip):
            rows.append(one)
            strips.append(strip)
    kept = [name for name in ("name", "priority", "required_class", "hours") if name in zones.columns]
    frame = gpd.GeoDataFrame(zones.iloc[rows][kept], geometry=strips, crs=zones.crs)
    return frame.assign(kind="road_strip", length_m=frame.length)


@dataclass(frozen=True)
class Targets:
    """Targets as arrays, one entry a target and light.

    Args:
        row: of the target in its frame.
        light: "day" or "night".
        required_class: class that is asked for.
        ground: open ground to be watched.
        areal: measured in square metres, otherwise in metres.
    """

    row: np.ndarray
    light: np.ndarray
    required_class: np.ndarray
    ground: np.ndarray
    areal: np.ndarray

    @cached_property
    def ground_wkb(self) -> list[bytes]:
        """The ground as bytes, for keys."""
        found: list[bytes] = shapely.to_wkb(self.ground).tolist()
        return found

    @cached_property
    def prefixes(self) -> dict[Any, Any]:
        """Hashes begun with what a key says of the ground, kept for the next run."""
        return {}

    def take(self, rows: np.ndarray) -> Targets:
        """Return some entries."""
        return Targets(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


def open_ground(geometry: np.ndarray, scene: Scene) -> np.ndarray:
    """Return geometries without the ground inside footprints."""
    result = geometry.copy()
    solid = scene.merged.parts[scene.merged.solid]
    if not len(solid) or not len(geometry):
        return result
    target, part = shapely.STRtree(solid).query(geometry, predicate="intersects")
    rows, blocks = gather(target, solid[part])
    result[rows] = shapely.difference(geometry[rows], blocks)
    return result


def read_targets(
    targets: gpd.GeoDataFrame, scene: Scene, *, default_class: str | None, night_hours: str = NIGHT_HOURS
) -> Targets:
    """Return targets by light, with the open ground that is to be watched.

    Raises:
        CrsError, ColumnError, GeometryError: the frame cannot be used.
        ValueRangeError: hours that cannot be read, by target.
    """
    check_frame(
        targets, "targets", geometry_types=("Polygon", "MultiPolygon", "LineString", "MultiLineString")
    )
    faults: list[Text] = []
    rows: list[int] = []
    lights: list[Light] = []
    hours = targets["hours"] if "hours" in targets.columns else pd.Series("", index=targets.index)
    for i, text in enumerate(hours.fillna("").astype(str)):
        try:
            found = lights_of(text, night_hours)
        except ValueRangeError as error:
            faults += [
                Text.of("target {target}: {fault}", target=targets.index[i], fault=one)
                for one in error.messages
            ]
            continue
        rows += [i] * len(found)
        lights += found
    if faults:
        raise ValueRangeError(faults)
    row = np.array(rows, dtype=np.int64)
    wanted = np.full(len(targets), default_class, dtype=object)
    if "required_class" in targets.columns:
        given = targets["required_class"].notna().to_numpy()
        wanted[given] = targets["required_class"].to_numpy(dtype=object)[given]
    geometry = targets.geometry.to_numpy()
    ground = open_ground(geometry, scene)
    areal = np.isin(shapely.get_type_id(geometry), (3, 6))
    return Targets(
        row=row,
        light=np.array(lights, dtype=object),
        required_class=wanted[row],
        ground=ground[row],
        areal=areal[row],
    )


def groups(targets: Targets, missing: np.ndarray) -> list[tuple[str | None, Light, np.ndarray]]:
    """Return the missing targets by class and light."""
    rows = np.flatnonzero(missing)
    if not len(rows):
        return []
    alike: dict[tuple[str | None, Light], list[int]] = {}
    for row, name, light in zip(
        rows.tolist(), targets.required_class[rows].tolist(), targets.light[rows].tolist(), strict=True
    ):
        alike.setdefault((name, light), []).append(row)
    return [(name, light, np.array(some, dtype=np.int64)) for (name, light), some in alike.items()]
