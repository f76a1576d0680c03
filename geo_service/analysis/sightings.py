"""Who sees a place, by day and by night, or why nobody does; and what planned cameras would add to today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from camera_coverage import CoverageResult, analyse, spot_cause, who_sees
from camera_coverage.cameras import DEFAULTS
from camera_coverage.gaps import NEAR_M
from camera_coverage.light import Light
from geo_service.analysis.cures import cure_values
from geo_service.analysis.kept import kept_town
from geo_service.analysis.scene import require_town
from geo_service.store import Store
from town_model import ValueRangeError

LIGHTS: tuple[Light, Light] = ("day", "night")
_MOVED_M = 2.0  # more than a camera is ever moved out of a building


@dataclass(frozen=True)
class Sighting:
    """Who sees a place in one light.

    Args:
        cameras: working cameras that see it, nearest first: camera (row id), name, observation_class (the finest that it is seen
            at; None below the coarsest), distance_m, px_per_m.
        cause: why nobody sees it at the class that is asked of it; None where somebody does.
        cause_ref: id of the hiding obstacle (``buildings/12``), or of the camera.
        cause_name: its name, or ``#12``.
        camera: row id of the camera by which the cause is judged.
        camera_name: its name.
        cure: what would let this camera see the place, a key of `camera_coverage.cures.CURES`; None where somebody sees it.
        cure_params: of the cure, azimuths from true north.
    """

    cameras: pd.DataFrame
    cause: str | None = None
    cause_ref: Any = None
    cause_name: str = ""
    camera: int | None = None
    camera_name: str = ""
    cure: str | None = None
    cure_params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlaceSightings:
    """Who sees a place.

    Args:
        day: by day.
        night: by night.
        required_class: the finest class that the targets at the place ask for; None outside of all targets.
        targets: names of these targets.
    """

    day: Sighting
    night: Sighting
    required_class: str | None
    targets: list[str]


def see_place(store: Store, lon: float, lat: float) -> PlaceSightings:
    """Return who sees a place, by day and by night, or why nobody does.

    Args:
        store: the town.
        lon: longitude in degrees, WGS-84.
        lat: latitude in degrees, WGS-84.

    Raises:
        ValueRangeError: no place on the globe.
        InputError: the town has no data yet.
    """
    require_town(store)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueRangeError(
            "there is no place {lon}, {lat}: longitude lies within ±180, latitude within ±90",
            lon=lon,
            lat=lat,
        )
    kept = kept_town(store)
    scene, walls, targets = kept.load(store)
    x, y = Transformer.from_crs(4326, store.town.epsg, always_xy=True).transform(lon, lat)
    if not (np.isfinite(x) and np.isfinite(y)):
        raise ValueRangeError("{lon}, {lat} lies too far from the town", lon=lon, lat=lat)
    point = shapely.Point(x, y)
    asked = targets.iloc[targets.sindex.query(point.buffer(_MOVED_M), predicate="intersects")]
    asked = asked[shapely.distance(asked.geometry.to_numpy(), point) <= _MOVED_M]
    reach = scene.cameras["max_range_m"].astype(float).fillna(DEFAULTS["max_range_m"]).clip(lower=NEAR_M)
    near = scene.cameras[scene.cameras.distance(point) <= reach + _MOVED_M]
    cache = kept.cache(store)
    coverage = analyse(
        near,
        scene=walls,
        options=kept.options(store),
        classes=(),
        views=scene.views[scene.views["camera"].isin(near.index)],
        cache=cache,
    )
    table = coverage.options.classes.px_per_m
    wanted = max(asked["required_class"], key=table.__getitem__, default=None)
    found = who_sees(point, coverage)
    sightings = [_sighting(point, coverage, found, light, wanted, scene.obstacle_names) for light in LIGHTS]
    cache.flush()
    names = [one for one in asked["name"].fillna("").astype(str) if one]
    return PlaceSightings(sightings[0], sightings[1], wanted, list(dict.fromkeys(names)))


def _sighting(
    point: shapely.Point,
    coverage: CoverageResult,
    found: pd.DataFrame,
    light: Light,
    required_class: str | None,
    obstacle_names: Mapping[str, str],
) -> Sighting:
    names = coverage.cameras["name"].fillna("")
    seeing = found[found[light] & (found["status"] == "working")].sort_values("distance_m")
    cameras = pd.DataFrame(
        {
            "camera": seeing.index,
            "name": names.reindex(seeing.index).to_numpy(),
            "observation_class": seeing["finest_class"].to_numpy(dtype=object),
            "distance_m": seeing["distance_m"].to_numpy(),
            "px_per_m": seeing["px_per_m"].to_numpy(),
        }
    )
    why = spot_cause(point, coverage, required_class=required_class, light=light)
    if why is None:
        return Sighting(cameras)
    called = {**names.to_dict(), **obstacle_names}
    judged: Any = why.camera
    params = cure_values([judged], [why.cure_params], coverage.cameras)
    return Sighting(
        cameras,
        cause=why.cause,
        cause_ref=why.ref,
        cause_name=str(called.get(why.ref, "")),
        camera=None if judged is None else int(judged),
        camera_name="" if judged is None else str(called[judged]),
        cure=why.cure,
        cure_params=params[0],
    )
