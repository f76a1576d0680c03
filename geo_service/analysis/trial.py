"""A camera tried out: what it would see, and what would be left of the gaps, while an engineer drags it. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from camera_coverage import CoverageResult, GapTotal, TrialGround, analyse
from camera_coverage.causes import dead_zones, open_views
from camera_coverage.light import Light
from camera_coverage.overlays import polygonal
from geo_service.analysis import compliance
from geo_service.analysis.coverage import load_sight
from geo_service.analysis.kept import SIGHT_LAYERS, KeptTown, kept_town
from geo_service.analysis.law import LawOptions, load_private
from geo_service.analysis.models import with_models
from geo_service.analysis.scene import CAMERA_LAYERS, grid_views, require_town, with_grid_azimuths
from geo_service.store import Store
from geo_service.store.validation import Faults, check_columns, check_values
from town_model import LAYERS, Text, ValueRangeError

_LAYER = LAYERS["camera_sites"]
#: From finest to coarsest, as bands are drawn.
BAND_CLASSES = ("identify", "recognise", "observe", "detect", "monitor")
#: A camera this far from the town, in degrees, is a slip of the pen.
_FARTHEST_DEG = 1.0
_PRIVATE_LAYERS = ("buildings", "roads", "key_areas", "housing_zones")
_POSITION = ("lon", "lat")


@dataclass(frozen=True)
class CameraTrial:
    """What one camera would see and change; geometries in the metric CRS of the town.

    Args:
        bands: what it sees at each class of `BAND_CLASSES` or better, finest first: observation_class, area_m2, geometry.
        view: what it would see by day of open ground, whatever the pixels.
        dead_zone: ground below its picture.
        near_m: from its foot to the nearest ground in its picture; None where it sees none.
        gaps: of the town with this camera.
        before: of the town as it is stored.
        private: private ground that it sees clearly, in this light (at the class of the privacy masks).
        messages: what was assumed or set right, and which rules it would break.
    """

    bands: gpd.GeoDataFrame
    view: BaseGeometry
    dead_zone: BaseGeometry
    near_m: float | None
    gaps: GapTotal
    before: GapTotal
    private: BaseGeometry
    messages: list[Text]

    @property
    def private_m2(self) -> float:
        """How much private ground it sees clearly."""
        return float(self.private.area)


def try_camera(
    store: Store, values: Mapping[str, Any], *, camera: int | None = None, light: Light = "day"
) -> CameraTrial:
    """Return what a camera would see with other values, and what would be left of the town's gaps.

    The town is read and computed once for each of its revisions; a trial then costs the areas of one camera and the targets in
    their reach. A planned camera counts as if it were built.

    Args:
        store: the town.
        values: ``lon`` and ``lat`` (WGS-84) and columns of camera sites by name; they override those of the stored row.
        camera: row id of a stored camera; None for a new one.
        light: "day" or "night".

    Raises:
        ValueRangeError: values without meaning, or no such camera; all faults at once.
        InputError: the town has no data yet.
    """
    require_town(store)
    kept = kept_town(store)
    row = _row(store, values, camera)
    models = kept.remember(store, "models", CAMERA_LAYERS, lambda: store.frame("camera_models"))
    frame = with_grid_azimuths(with_models(row, models))
    ground = _ground(store, kept, light)
    views = kept.remember(store, "views", CAMERA_LAYERS, lambda: store.frame("camera_views"))
    _, walls, _ = kept.load(store)
    status = frame["status"].iloc[0]
    frame["status"] = "working" if status == "planned" else status
    trial = analyse(
        frame,
        scene=walls,
        options=kept.options(store),
        classes=BAND_CLASSES,
        night=(light == "night",),
        views=grid_views(views, frame) if camera is not None else None,
    )
    stands = camera if camera in ground.coverage.cameras.index else None
    bands = gpd.GeoDataFrame(
        {"observation_class": BAND_CLASSES},
        geometry=[trial.areas(one, light)[0] for one in BAND_CLASSES],
        crs=frame.crs,
    )
    bands.insert(1, "area_m2", bands.area)
    view = open_views(trial)[0]
    foot = shapely.Point(trial.eyes.x[0], trial.eyes.y[0])
    return CameraTrial(
        bands=bands,
        view=view,
        dead_zone=dead_zones(trial)[0],
        near_m=None if view.is_empty else float(shapely.distance(foot, view)),
        gaps=ground.try_camera(trial, instead_of=stands),
        before=ground.total,
        private=_private(store, kept, trial, light),
        messages=_messages(store, kept, trial, status),
    )


def _ground(store: Store, kept: KeptTown, light: Light) -> TrialGround:
    def make() -> TrialGround:
        sight = load_sight(store)
        return TrialGround(sight.targets, sight.coverage, light=light)

    found: TrialGround = kept.remember(store, f"trial ground {light}", SIGHT_LAYERS, make)
    return found


def _row(store: Store, values: Mapping[str, Any], camera: int | None) -> gpd.GeoDataFrame:
    """Return the row that is tried out, as the store would return it."""
    declared = [one for one in _LAYER.columns if one.name in values]
    faults = Faults(_LAYER, single=True)
    columns = {key: value for key, value in values.items() if key not in _POSITION}
    check_columns(_LAYER, [columns], faults)
    kept = {one.name: check_values(one, [values[one.name]], faults)[0] for one in declared}
    place = _position(values, faults, needed=camera is None)
    stored = None if camera is None else store.frame("camera_sites", ids=[camera])
    if stored is not None and stored.empty:
        faults.add(0, Text.of("there is no camera {camera}", camera=camera))
    town = store.town
    if (
        place is not None
        and town.lon is not None
        and town.lat is not None
        and max(abs(place[0] - town.lon), abs(place[1] - town.lat)) > _FARTHEST_DEG
    ):
        faults.add(
            0,
            Text.of(
                "the position lies far from the town ({lon:.4f}, {lat:.4f}): check longitude and latitude",
                lon=town.lon,
                lat=town.lat,
            ),
        )
    if faults.found:
        raise ValueRangeError(faults.found)
    if stored is None:
        plain = {one.name: one.default for one in _LAYER.columns}
        # an empty frame of the store knows the kinds of the columns
        empty = store.frame("camera_sites", ids=[])
        row = pd.DataFrame([plain | kept], index=[0]).reindex(columns=list(_LAYER.column_names))
        frame = gpd.GeoDataFrame(row, geometry=[shapely.Point()], crs=empty.crs)
    else:
        frame = stored.copy()
        for name, value in kept.items():
            frame[name] = pd.Series([value], index=frame.index, dtype=object).infer_objects()
    for one in _LAYER.columns:
        if one.kind in ("real", "integer", "ref"):
            frame[one.name] = pd.to_numeric(frame[one.name]).astype(float)
    if place is not None:
        x, y = _projection(town.epsg).transform(*place)
        frame = frame.set_geometry([shapely.Point(x, y)], crs=town.epsg)
    return frame


def _position(values: Mapping[str, Any], faults: Faults, *, needed: bool) -> tuple[float, float] | None:
    if not needed and not any(one in values for one in _POSITION):
        return None
    found = []
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        given = values.get(name)
        if isinstance(given, bool) or not isinstance(given, int | float) or not -most <= given <= most:
            faults.add(
                0,
                Text.of(
                    "{column} must be a number of degrees from {low:g} to {high:g}, not {value!r}",
                    column=name,
                    low=-most,
                    high=most,
                    value=given,
                ),
            )
            continue
        found.append(float(given))
    return (found[0], found[1]) if len(found) == 2 else None


@lru_cache(maxsize=8)
def _projection(epsg: int | None) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


def _private(store: Store, kept: KeptTown, trial: CoverageResult, light: Light) -> BaseGeometry:
    """Return the private ground that the camera sees clearly."""

    def make() -> tuple[np.ndarray, shapely.STRtree]:
        private, _ = load_private(store, LawOptions(), read=lambda layer: kept.rows(store, layer))
        parts = shapely.get_parts(private.to_numpy())
        return parts, shapely.STRtree(parts)

    parts, tree = kept.remember(store, "private", _PRIVATE_LAYERS, make)
    area = trial.areas(LawOptions().mask_class, light)[0]
    near = parts[tree.query(area, predicate="intersects")]
    seen: BaseGeometry = shapely.union_all(polygonal(shapely.intersection(near, area)))
    return seen


def _messages(store: Store, kept: KeptTown, trial: CoverageResult, status: str) -> list[Text]:
    zones = kept.remember(store, "zones", ("no_camera_zones",), lambda: store.frame("no_camera_zones"))
    name = trial.cameras["name"].iloc[0]
    called: Text | str = name if isinstance(name, str) and name else Text("a new one")
    texts = [Text(one.text.template, {**one.text.params, "camera": called}) for one in trial.notes]
    if status in ("faulty", "offline", "removed"):
        texts.append(Text("this camera is out of order or removed: it closes no gap until it works"))
    texts += [
        one.message
        for one in (
            *compliance.standing_findings(trial.cameras, zones),
            *compliance.looking_findings(trial, zones),
        )
    ]
    return texts
