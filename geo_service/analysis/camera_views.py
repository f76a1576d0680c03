"""All that is known of single cameras, for their pages and sheets: what they see, sections, what they watch, findings, certainty."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Proj

from camera_coverage import CoverageResult, Section, ViewOptions, analyse, coverage_summary, section
from camera_coverage.causes import dead_zones
from camera_coverage.light import Light
from geo_service.analysis.kept import kept_town
from geo_service.analysis.law import message_of
from geo_service.analysis.rows import each
from geo_service.analysis.scene import Obstacles, Scene, load_scene
from geo_service.exports.cells import plain
from geo_service.store import Store
from town_model import InputError, Text, ValueRangeError

#: Classes of the plan and the section, from coarse to fine.
CLASSES = ("monitor", "detect", "observe", "recognise", "identify")
_MOST_LENGTH_M = 1000.0


@dataclass(frozen=True, kw_only=True)
class ViewChoice:
    """How a camera is looked at.

    Args:
        light: "day" or "night".
        bearing_deg: true azimuth of the section; None: along the axis of `view`.
        view: which of the camera's views (presets, eyes) the section follows.
        target_height_m: height that must be seen; None: as coverage is computed.

    Raises:
        ValueRangeError: a value without meaning.
    """

    light: Light = "day"
    bearing_deg: float | None = None
    view: int = 0
    target_height_m: float | None = None

    def __post_init__(self) -> None:
        if self.bearing_deg is not None and not -360 <= self.bearing_deg <= 720:
            raise ValueRangeError("a bearing lies between 0 and 360°, not {value}", value=self.bearing_deg)
        if self.target_height_m is not None and not 0 <= self.target_height_m <= 50:
            raise ValueRangeError("a target height lies between 0 and 50 m, not {value}", value=self.target_height_m)  # fmt: skip
        if self.light not in ("day", "night"):
            raise ValueRangeError("light is day or night, not {value!r}", value=self.light)


@dataclass(frozen=True)
class Watched:
    """A target that a camera sees something of at the class the target asks for.

    Args:
        target: its id.
        name: its name.
        kind: its kind.
        required_class: what it asks for.
        measure: ``area_m2`` or ``length_m``.
        size: of its open ground.
        share_day: what this camera alone sees of it by day; None where the day does not count.
        share_night: by night.
    """

    target: str
    name: str
    kind: str
    required_class: str
    measure: str
    size: float
    share_day: float | None
    share_night: float | None

    @property
    def seen(self) -> float:
        """What it sees in the better light, in the unit of the measure."""
        return self.size * max(self.share_day or 0.0, self.share_night or 0.0)


@dataclass(frozen=True)
class Judged:
    """A finding of the law report."""

    article: int
    severity: str
    words: Text
    remedy: Text


@dataclass(frozen=True)
class CameraView:
    """One camera.

    Args:
        camera: its row id.
        values: its row in the ledger.
        place: where it stands, metric.
        lon: WGS-84.
        lat: WGS-84.
        convergence_deg: true azimuth less grid azimuth.
        bands: what it sees at each class of `CLASSES` or better, from coarse to fine, in the light that was chosen.
        area_m2: of the bands by light.
        dead_zone: ground below its picture.
        masks: proposed privacy masks of the latest law report.
        section: the vertical section.
        axes_deg: true azimuths of its views.
        obstacle_names: by id.
        watched: targets, most seen first.
        findings: of the latest law report; None where there is none.
        law_at: when that was computed.
        law_stale: whether the town has changed since.
        checking: its row in the latest checking list (how sure coverage is), where that was computed.
        critical: what its failure would cost, where it would cost something.
        notes: what was assumed or set right.
    """

    camera: int
    values: dict[str, Any]
    place: shapely.Point
    lon: float
    lat: float
    convergence_deg: float
    bands: dict[str, shapely.Geometry]
    area_m2: dict[str, dict[str, float]]
    dead_zone: shapely.Geometry
    masks: tuple[shapely.Geometry, ...]
    section: Section
    axes_deg: tuple[float, ...]
    obstacle_names: dict[str, str]
    watched: tuple[Watched, ...]
    findings: tuple[Judged, ...] | None = None
    law_at: dt.datetime | None = None
    law_stale: bool = False
    checking: dict[str, Any] | None = None
    critical: dict[str, Any] | None = None
    notes: tuple[Text, ...] = field(default=())


@dataclass(frozen=True)
class _Told:
    """What stored results say, by camera."""

    findings: dict[int, list[Judged]] | None
    law_at: dt.datetime | None
    law_stale: bool
    masks: dict[int, list[shapely.Geometry]]
    checking: dict[int, dict[str, Any]]
    critical: dict[int, dict[str, Any]]


class CameraViews:
    """The cameras of a town, one by one.

    Args:
        store: the town.
        choice: how they are looked at.

    Raises:
        InputError: the town has no position yet.
    """

    def __init__(self, store: Store, choice: ViewChoice = ViewChoice()) -> None:
        self.store, self.choice = store, choice
        kept = kept_town(store)
        scene, self._walls, self._targets = kept.load(store)
        around = Obstacles(scene.obstacles, scene.obstacle_names, scene.unknown_heights)
        self._scene: Scene = load_scene(store, around, left_out=())
        options = kept.options(store)
        if choice.target_height_m is not None:
            options = dataclasses.replace(options, target_height_m=choice.target_height_m)
        self._options: ViewOptions = options
        self._cache = kept.cache(store)
        self._told = _told(store)

    @property
    def cameras(self) -> gpd.GeoDataFrame:
        """All cameras of the ledger, also planned and removed ones, by row id."""
        return self._scene.cameras

    def ids(self, chosen: Sequence[int] | None = None, *, status: Sequence[str] = ()) -> list[int]:
        """Return the ids of the cameras that are asked for; None takes all but removed ones.

        Args:
            chosen: row ids.
            status: only cameras of these statuses.

        Raises:
            InputError: some are not there.
        """
        there = self.cameras
        if chosen is None:
            kept = there[~there["status"].eq("removed")]
            return [int(one) for one in (kept[kept["status"].isin(status)] if status else kept).index]
        missing = [one for one in chosen if one not in there.index]
        if missing:
            raise InputError("there is no camera {camera}", camera=", ".join(map(str, missing[:5])))
        return list(dict.fromkeys(int(one) for one in chosen))

    def each(self, chosen: Sequence[int]) -> Iterator[CameraView]:
        """Give the views of some cameras, one after the other."""
        for one in chosen:
            yield self.one(one)
        self._cache.flush()

    def one(self, camera: int) -> CameraView:
        """Return the view of one camera.

        Raises:
            InputError: there is none of this id.
            ValueRangeError: the view that was asked for is not there, or the camera has values without meaning.
        """
        (camera,) = self.ids([camera])
        row = self.cameras.loc[[camera]]
        views = self._scene.views
        views = views[views["camera"] == camera] if not views.empty else views
        # a camera that is out of order or planned is shown as if it worked: that is what one asks its sheet for
        alone = analyse(
            row.assign(status="working"), scene=self._walls, options=self._options, classes=CLASSES,
            views=views, cache=self._cache,
        )  # fmt: skip
        place = row.geometry.iloc[0]
        point = row.geometry.to_crs(4326).iloc[0]
        turn = float(Proj(row.crs).get_factors(point.x, point.y).meridian_convergence)
        axes = tuple(
            float((one + turn) % 360)
            for one, blind, lens in zip(
                alone.eyes.azimuth_deg, alone.eyes.blind, alone.eyes.lens, strict=True
            )
            if not blind and lens == "rectilinear"
        )
        light = self.choice.light
        told = self._told
        return CameraView(
            camera=camera, values=_values(self.store, camera), place=place, lon=float(point.x), lat=float(point.y),
            convergence_deg=turn,
            bands={name: alone.areas(name, light)[0] for name in CLASSES},
            area_m2={
                one: {name: float(shapely.area(alone.areas(name, one)[0])) for name in CLASSES}
                for one in ("day", "night")
            },
            dead_zone=dead_zones(alone)[0], masks=tuple(told.masks.get(camera, ())),
            section=self._section(row, views, turn, alone), axes_deg=axes, obstacle_names=self._scene.obstacle_names,
            watched=self._watched(alone),
            findings=None if told.findings is None else tuple(told.findings.get(camera, ())),
            law_at=told.law_at, law_stale=told.law_stale, checking=told.checking.get(camera),
            critical=told.critical.get(camera), notes=tuple(note.text for note in alone.notes if note.subject == camera),
        )  # fmt: skip

    def _section(
        self, row: gpd.GeoDataFrame, views: pd.DataFrame, turn: float, alone: CoverageResult
    ) -> Section:
        choice = self.choice
        bearing = None if choice.bearing_deg is None else choice.bearing_deg - turn
        if not 0 <= choice.view < len(alone.eyes.x):
            raise ValueRangeError("this camera has no view {number}", number=choice.view + 1)
        reach = float(alone.eyes.max_range_m[choice.view])
        return section(
            row, camera=row.index[0], bearing_deg=bearing, view=choice.view, classes=CLASSES,
            length_m=_MOST_LENGTH_M if reach > _MOST_LENGTH_M else None,
            options=dataclasses.replace(self._options, night=choice.light == "night"), views=views, scene=self._walls,
        )  # fmt: skip

    def _watched(self, alone: CoverageResult) -> tuple[Watched, ...]:
        if self._targets.empty:
            return ()
        near = shapely.intersects(self._targets.geometry.to_numpy(), alone.areas(CLASSES[0], "day")[0])
        near |= shapely.intersects(self._targets.geometry.to_numpy(), alone.areas(CLASSES[0], "night")[0])
        some = self._targets[near]
        if some.empty:
            return ()
        shares = coverage_summary(some, alone)
        found = [
            Watched(
                str(target), str(name or ""), str(kind), str(one["required_class"]), str(one["measure"]), float(one["size"]),
                _share(one["share_day"]), _share(one["share_night"]),
            )
            for (target, one), name, kind in zip(shares.to_dict("index").items(), some["name"], some["kind"], strict=True)
        ]  # fmt: skip
        return tuple(sorted((one for one in found if one.seen > 0), key=lambda one: (one.measure, -one.seen)))


def _share(value: Any) -> float | None:
    return None if value is None or np.isnan(value) else float(value)


def _values(store: Store, camera: int) -> dict[str, Any]:
    frame = store.frame("camera_sites", ids=[camera])
    values = pd.DataFrame(frame.drop(columns="geometry")).astype(object).iloc[0].to_dict()
    return {str(key): plain(value) for key, value in values.items()}


def _told(store: Store) -> _Told:
    law, coverage = store.latest_result("exposure"), store.latest_result("coverage")
    findings: dict[int, list[Judged]] | None = None
    masks: dict[int, list[shapely.Geometry]] = {}
    if law is not None:
        findings = {}
        for one in each(law.frame("findings")):
            if one.camera == one.camera and one.camera is not None:
                judged = Judged(int(one.article), one.severity, message_of(one), Text(one.remedy))
                findings.setdefault(int(one.camera), []).append(judged)
        for one in each(law.frame("masks")):
            masks.setdefault(int(one.camera), []).append(one.geometry)
    return _Told(
        findings,
        law.created_at if law else None,
        bool(law and law.is_stale),
        masks,
        _by_camera(coverage, "checking"),
        _by_camera(coverage, "critical"),
    )


def _by_camera(result: Any, name: str) -> dict[int, dict[str, Any]]:
    if result is None or name not in result.frame_names:
        return {}
    frame = result.frame(name)
    if "camera" not in frame.columns:
        return {}
    return {
        int(row["camera"]): {str(k): v for k, v in row.items()}
        for row in pd.DataFrame(frame).to_dict("records")
    }
