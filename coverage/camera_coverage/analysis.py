"""The coverage of a town: visible areas of all cameras, by class and light, computed once and kept under their keys."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage.areas import check_layers, prepare, unite_views
from camera_coverage.asked import asked_areas
from camera_coverage.cameras import Eyes
from camera_coverage.frames import Flags, Ints
from camera_coverage.light import Light
from camera_coverage.notes import Note, notes_frame
from camera_coverage.options import ViewOptions
from camera_coverage.walls import Scene, build_scene
from town_model import check_same_crs

#: Changes whenever the same input may give another area; part of every key.
METHOD_VERSION = "5"

#: Cameras that stand in the street; planned and removed ones do not.
STANDING = ("working", "faulty", "offline")
_EYE_FIELDS = (
    "x", "y", "mount_height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "vfov_deg", "pixels", "max_range_m", "ir_range_m",
)  # fmt: skip


class AreaCache(Protocol):
    """Where visible areas are kept between runs: geometries under the keys of their inputs."""

    def get(self, keys: Sequence[str]) -> Mapping[str, shapely.Geometry]:
        """Return those of the keys that are known."""

    def put(self, items: Mapping[str, shapely.Geometry]) -> None:
        """Keep new areas."""


class MemoryCache:
    """An `AreaCache` in memory."""

    def __init__(self) -> None:
        self.items: dict[str, shapely.Geometry] = {}

    def get(self, keys: Sequence[str]) -> Mapping[str, shapely.Geometry]:
        """Return those of the keys that are known."""
        return {key: self.items[key] for key in keys if key in self.items}

    def put(self, items: Mapping[str, shapely.Geometry]) -> None:
        """Keep new areas."""
        self.items.update(items)


def _digests(
    eyes: Eyes, scene: Scene, own: Ints, refused: Flags, options: ViewOptions, cameras: int
) -> list[str]:
    """Return a digest a camera: its views, and the ground and the obstacles in their reach."""
    terrain = options.terrain
    ground: list[bytes] = []
    if terrain is not None:
        # tops count from the lowest ground under a whole building, which may lie out of reach
        scene, ground = terrain.scene(scene), terrain.prints(eyes.x, eyes.y, eyes.max_range_m)
    table = np.column_stack([*(getattr(eyes, name) for name in _EYE_FIELDS), eyes.blind, own >= 0, refused])
    around = eyes.boxes()
    decks = scene.decks.near(around)
    if len(scene.parts):
        view, part = scene.raw_tree.query(around)
        order = np.lexsort((part, view))
        part = part[order]
        first = np.searchsorted(view[order], np.arange(len(eyes.x) + 1))
        prints = scene.prints
    else:
        part, first, prints = np.empty(0, dtype=np.int64), np.zeros(len(eyes.x) + 1, dtype=np.int64), []
    hashes = [hashlib.blake2b(METHOD_VERSION.encode(), digest_size=16) for _ in range(cameras)]
    for i, camera in enumerate(eyes.camera.tolist()):  # hashing is sequential by nature
        one = hashes[camera]
        one.update(str(eyes.lens[i]).encode())
        one.update(table[i].tobytes())
        one.update(ground[i] if ground else b"")
        one.update(decks[i])
        one.update(b"".join(prints[j] for j in part[first[i] : first[i + 1]].tolist()))
    return [one.hexdigest() for one in hashes]


def _lamp_digests(eyes: Eyes, options: ViewOptions, cameras: int) -> list[str]:
    """Return a digest a camera of the street lights within its reach; empty where none is."""
    if options.lamps is None:
        return [""] * cameras
    around = eyes.boxes()
    result = [b""] * cameras
    prints = options.lamps.prints(around, options.arc_tolerance_m)
    for camera, one in zip(eyes.camera.tolist(), prints, strict=True):
        result[camera] += one
    return [one.hex() for one in result]


def _keys(digests: Sequence[str], lamps: Sequence[str], options: ViewOptions) -> list[str]:
    begun = f":{options.density_px_per_m:g}:" + ("night" if options.night else "day")
    ended = f":{options.target_height_m:g}:{options.arc_tolerance_m:g}"
    if not options.night:
        return [one + begun + ended for one in digests]
    return [one + begun + lit + ended for one, lit in zip(digests, lamps, strict=True)]


def camera_keys(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    options: ViewOptions = ViewOptions(),  # noqa: B008 - frozen
    views: pd.DataFrame | None = None,
    scene: Scene | None = None,
) -> pd.Series:
    """Return the key of each visible area: equal keys mean equal areas.

    A key covers the camera and its views, the obstacles, street lights and terrain within its range, the options and the version of the
    method. Parameters as in `visible_areas`.
    """
    scene = scene or build_scene(obstacles)
    eyes, _, own, refused, _ = prepare(cameras, scene, views, options)
    digests = _digests(eyes, scene, own, refused, options, len(cameras))
    keys = _keys(digests, _lamp_digests(eyes, options, len(cameras)), options)
    return pd.Series(keys, index=cameras.index, dtype=object)


def area_keys(coverage: CoverageResult, options: ViewOptions, *, further_m: np.ndarray) -> list[str]:
    """Return the keys of areas that depend on more ground than `camera_keys` looks at.

    Args:
        coverage: of `analyse`.
        options: class and light of the areas.
        further_m: how much farther than its range each view depends on what stands there.
    """
    eyes, cameras = coverage.eyes, len(coverage.status)
    around = dataclasses.replace(eyes, max_range_m=eyes.max_range_m + further_m)
    digests = _digests(around, coverage.scene, coverage.own, coverage.refused, coverage.options, cameras)
    return _keys(digests, _lamp_digests(around, coverage.options, cameras), options)


@dataclass(eq=False)
class CoverageResult:
    """What all cameras of a town see; further classes are computed when they are asked for.

    Args:
        cameras: the frame that was analysed.
        scene: the obstacles.
        options: target height, table of classes, tolerance; class and light vary.
        eyes: the views.
        status: of each camera.
        own: obstacle under each view, −1 for none.
        refused: views that count as seeing nothing.
        digests: one a camera, see `camera_keys`.
        lamp_digests: one a camera, of the street lights within its reach.
        notes: what was assumed, moved or left out.
        cache: where areas come from and go to.
        computed: how many areas had to be computed, not taken from the cache.
        memo: what `blind_spots` and `coverage_summary` keep between them; may be shared by successive results.
        local: what the causes keep for this result alone.
    """

    cameras: gpd.GeoDataFrame
    scene: Scene
    options: ViewOptions
    eyes: Eyes
    status: np.ndarray
    own: Ints
    refused: Flags
    digests: list[str]
    lamp_digests: list[str]
    notes: list[Note]
    cache: AreaCache
    computed: int = 0
    memo: dict[Any, Any] = field(default_factory=dict)
    local: dict[str, Any] = field(default_factory=dict, repr=False)
    _areas: dict[tuple[str | None, bool], np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def working(self) -> Flags:
        """Which cameras work."""
        return np.asarray(self.status == "working")

    @property
    def standing(self) -> Flags:
        """Which cameras stand in the street, working or not."""
        return np.isin(self.status, STANDING)

    @property
    def labels(self) -> list[bytes]:
        """Return of each camera its id and what all that it sees or could see follows from."""
        if "labels" not in self.local:
            said = zip(self.cameras.index, self.digests, self.lamp_digests, self.status, strict=True)
            self.local["labels"] = [
                f"{name!r} {one} {lit} {state};".encode() for name, one, lit, state in said
            ]
        found: list[bytes] = self.local["labels"]
        return found

    def take(self, rows: Ints) -> CoverageResult:
        """Return the coverage by some cameras alone, rows ascending; it shares cache and memo."""
        place = np.full(len(self.status), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        views = np.flatnonzero(place[self.eyes.camera] >= 0)
        eyes = self.eyes.take(views)
        chosen = rows.tolist()
        return dataclasses.replace(
            self,
            cameras=self.cameras.iloc[rows],
            eyes=dataclasses.replace(eyes, camera=place[eyes.camera]),
            status=self.status[rows],
            own=self.own[views],
            refused=self.refused[views],
            digests=[self.digests[i] for i in chosen],
            lamp_digests=[self.lamp_digests[i] for i in chosen],
            computed=0,
            local={},
            _areas={name: areas[rows] for name, areas in self._areas.items()},
        )

    def areas(self, observation_class: str | None, light: Light = "day") -> np.ndarray:
        """Return the visible areas of all cameras as an array, by row."""
        name = (observation_class, light == "night")
        if name not in self._areas:
            self.compute([name])
        return self._areas[name]

    def compute(self, names: Sequence[tuple[str | None, bool]]) -> None:
        """Bring visible areas of some classes, by day (False) or night (True), up to date; the cache is asked once for all."""
        asked = {one: self._keys(*one) for one in names if one not in self._areas}
        known = self.cache.get([key for keys in asked.values() for key in keys]) if asked else {}
        found = {
            name: np.array([known.get(key) for key in keys] + [None], dtype=object)[:-1]
            for name, keys in asked.items()
        }
        missing = {
            name: np.array([one is None for one in areas], dtype=bool) for name, areas in found.items()
        }
        fresh = [(name, rows) for name, rows in missing.items() if rows.any()]
        if fresh:
            views = [np.flatnonzero(rows[self.eyes.camera]) for _, rows in fresh]
            count, at = [len(one) for one in views], np.concatenate(views)
            areas = asked_areas(
                self.eyes.take(at), self.scene, self.options, self.own[at], self.refused[at],
                density_px_per_m=np.repeat([self.options.classes.density(name) for (name, _), _ in fresh], count),
                dark=np.repeat([night for (_, night), _ in fresh], count),
            )  # fmt: skip
            for ((name, rows), of), some in zip(
                zip(fresh, views, strict=True), np.split(areas, np.cumsum(count)[:-1]), strict=True
            ):
                united = unite_views(some, self.eyes.camera[of], len(rows))
                found[name][rows] = united[rows]
                self.cache.put({asked[name][i]: united[i] for i in np.flatnonzero(rows).tolist()})
                self.computed += int(rows.sum())
        self._areas.update(found)

    def _keys(self, observation_class: str | None, night: bool) -> list[str]:
        options = dataclasses.replace(self.options, observation_class=observation_class, night=night)
        return _keys(self.digests, self.lamp_digests, options)

    def visible(
        self,
        observation_class: str | None,
        light: Light = "day",
        *,
        which: Literal["working", "standing", "all"] = "working",
    ) -> gpd.GeoSeries:
        """Return the visible areas by camera.

        Args:
            observation_class: class of the table, None for no pixel limit.
            light: "day" or "night".
            which: cameras that work, that stand in the street, or all rows (planned ones too).
        """
        rows = {
            "working": self.working,
            "standing": self.standing,
            "all": np.ones(len(self.status), dtype=bool),
        }[which]
        areas = self.areas(observation_class, light)[rows]
        return gpd.GeoSeries(areas, index=self.cameras.index[rows], crs=self.cameras.crs)

    def frame(self, classes: Sequence[str | None] | None = None) -> gpd.GeoDataFrame:
        """Return one row a camera, class and light: camera, status, observation_class, light, area_m2, geometry.

        Args:
            classes: by default those that were asked for so far.
        """
        chosen = (
            self._areas if classes is None else [(one, night) for one in classes for night in (False, True)]
        )
        parts = []
        for observation_class, night in chosen:
            light: Light = "night" if night else "day"
            areas = self.areas(observation_class, light)
            parts.append(
                gpd.GeoDataFrame(
                    {
                        "camera": self.cameras.index,
                        "status": self.status,
                        "observation_class": observation_class,
                        "light": light,
                        "area_m2": shapely.area(areas),
                    },
                    geometry=areas,
                    crs=self.cameras.crs,
                )
            )
        if not parts:
            return gpd.GeoDataFrame(
                columns=["camera", "status", "observation_class", "light", "area_m2", "geometry"],
                geometry="geometry",
                crs=self.cameras.crs,
            )
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=self.cameras.crs)

    def summary(self) -> dict[str, Any]:
        """Return what was analysed, in numbers."""
        return {
            "cameras": len(self.status),
            "working": int(self.working.sum()),
            "out_of_order": int((self.standing & ~self.working).sum()),
            "obstacles": len(self.scene.index),
            "obstacles_of_unknown_height": int(np.isinf(self.scene.height_m).sum()),
            "areas_computed": self.computed,
            "notes": notes_frame(self.notes)["code"].value_counts().to_dict(),
        }


def analyse(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    options: ViewOptions = ViewOptions(),  # noqa: B008 - frozen
    classes: Sequence[str | None] = ("detect", "observe", "recognise", "identify"),
    night: Sequence[bool] = (False, True),
    views: pd.DataFrame | None = None,
    scene: Scene | None = None,
    cache: AreaCache | None = None,
    memo: dict[Any, Any] | None = None,
) -> CoverageResult:
    """Return the coverage of a town, by class and light, of working and of all cameras.

    With a cache, only areas whose inputs changed are computed; with a memo as well, `blind_spots` and
    `coverage_summary` judge only targets whose surroundings changed.

    Args:
        cameras: see `visible_areas`.
        obstacles: see `visible_areas`.
        options: target height, table of classes, tolerance; its class and light are not used here.
        classes: computed at once; others follow when they are asked for.
        night: lights to compute at once.
        views: see `visible_areas`.
        scene: prepared obstacles (`build_scene`), in place of ``obstacles``; keep it between runs.
        cache: areas of earlier runs, such as a `MemoryCache`.
        memo: a dictionary kept between runs.
    """
    check_same_crs(cameras=cameras, obstacles=obstacles)
    check_layers(options, cameras)
    for one in classes:
        options.classes.density(one)
    scene = scene or build_scene(obstacles)
    eyes, status, own, refused, notes = prepare(cameras, scene, views, options)
    result = CoverageResult(
        cameras=cameras, scene=scene, options=options, eyes=eyes, status=status, own=own, refused=refused,
        digests=_digests(eyes, scene, own, refused, options, len(cameras)),
        lamp_digests=_lamp_digests(eyes, options, len(cameras)), notes=notes,
        cache=MemoryCache() if cache is None else cache, memo={} if memo is None else memo,
    )  # fmt: skip
    result.compute([(one, dark) for one in classes for dark in night])
    return result
