"""What stays in memory between two looks at a town: its scene, its targets, and what was seen of them.

All of it can be made anew from the store at any time. Frames are kept under the revisions of the layers that they were read
from, areas and gaps under hashes of all that they depend on, so an edit by anybody, in any process, shows in the next look.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import geopandas as gpd
import shapely

import camera_coverage
from geo_service.analysis.scene import (
    CAMERA_LAYERS,
    OBSTACLE_LAYERS,
    Obstacles,
    Scene,
    load_obstacles,
    load_scene,
)
from geo_service.analysis.targets import TARGET_LAYERS, load_targets
from geo_service.store import Store
from geo_service.terrain import town_terrain
from town_model import OBSERVATION_TABLES

#: All that visible areas and gaps are computed from.
SIGHT_LAYERS = (*CAMERA_LAYERS, *OBSTACLE_LAYERS, *TARGET_LAYERS, "street_lights", "terrain")
# Beyond so many entries what is kept is let go as a whole, and grows again from what is asked for.
_LEAST_ENTRIES = 60_000
_TURNS = 100  # entries a camera or target: its steps, classes and lights, its pieces, and some edits of each

_lock = threading.Lock()
_towns: WeakKeyDictionary[Store, KeptTown] = WeakKeyDictionary()


def kept_town(store: Store) -> KeptTown:
    """Return what is kept of a store: one object a store, let go together with it."""
    with _lock:
        if store not in _towns:
            _towns[store] = KeptTown()
        return _towns[store]


class KeptTown:
    """Scene, targets, areas and gaps of one town. Safe for threads; frames that it hands out must not be changed."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._remembering = threading.RLock()
        self._frames: dict[str, tuple[Any, Any]] = {}
        self._memo: dict[Any, Any] = {}
        self._areas: dict[str, shapely.Geometry] = {}
        self._waiting: dict[str, shapely.Geometry] = {}

    def _current(self, name: str, state: Any, make: Callable[[], Any]) -> Any:
        found = self._frames.get(name)
        if found is None or found[0] != state:
            found = self._frames[name] = (state, make())
        return found[1]

    def load(self, store: Store) -> tuple[Scene, camera_coverage.Scene, gpd.GeoDataFrame]:
        """Return scene, prepared obstacles and targets of the town as they stand now.

        Raises:
            InputError: the town has no position yet.
        """
        with self._reading:
            # Revisions are asked for before the rows: rows that change in between are read again the next time.
            epsg, revisions = store.revisions(
                tuple(dict.fromkeys((*CAMERA_LAYERS, *OBSTACLE_LAYERS, *TARGET_LAYERS)))
            )
            state = {
                name: (epsg, max(revisions[layer] for layer in layers))
                for name, layers in (
                    ("cameras", CAMERA_LAYERS),
                    ("obstacles", OBSTACLE_LAYERS),
                    ("targets", TARGET_LAYERS),
                )
            }

            def read(layer: str) -> Any:
                return self._rows(store, layer, (epsg, revisions[layer]))

            obstacles: Obstacles = self._current(
                "obstacles", state["obstacles"], lambda: load_obstacles(store)
            )
            walls: camera_coverage.Scene = self._current(
                "walls", state["obstacles"], lambda: camera_coverage.build_scene(obstacles.frame)
            )
            scene: Scene = self._current(
                "scene",
                (state["cameras"], state["obstacles"]),
                lambda: load_scene(store, obstacles, read=read),
            )
            targets: gpd.GeoDataFrame = self._current(
                "targets",
                state["targets"],
                lambda: load_targets(store, read=read),
            )
            if len(self._memo) > max(_LEAST_ENTRIES, _TURNS * len(targets)):
                self._memo = {}
            if len(self._areas) > max(_LEAST_ENTRIES, _TURNS * len(scene.cameras)):
                self._areas = {}
            return scene, walls, targets

    def rows(self, store: Store, layer: str) -> Any:
        """Return the rows of a layer as they stand now, from memory while none of them changed."""
        with self._reading:
            return self._rows(store, layer, _state(store, layer))

    def _rows(self, store: Store, layer: str, state: tuple[int | None, int]) -> Any:
        """Return the rows of a layer, read anew only where this layer changed."""
        return self._current(f"rows of {layer}", state, lambda: store.frame(layer))

    def lamps(self, store: Store) -> camera_coverage.StreetLights | None:
        """Return the street lights of the town as they stand now; None where it has none."""
        with self._reading:
            return self._lamps(store, _state(store, "street_lights"))

    def _lamps(self, store: Store, state: tuple[int | None, int]) -> camera_coverage.StreetLights | None:
        found: camera_coverage.StreetLights | None = self._current(
            "lamps", state, lambda: _lamps(store.frame("street_lights"))
        )
        return found

    def terrain(self, store: Store) -> camera_coverage.Terrain | None:
        """Return the ground of the town as it stands now; None where no raster says it."""
        with self._reading:
            return self._terrain(store, _state(store, "terrain"))

    def _terrain(self, store: Store, state: tuple[int | None, int]) -> camera_coverage.Terrain | None:
        found: camera_coverage.Terrain | None = self._current("terrain", state, lambda: town_terrain(store))
        return found

    def options(self, store: Store) -> camera_coverage.ViewOptions:
        """Return how the town is looked at as it stands now."""
        with self._reading:
            epsg, revisions = store.revisions(("street_lights", "terrain"))
            return camera_coverage.ViewOptions(
                classes=OBSERVATION_TABLES[store.observation_table],
                street_lights=self._lamps(store, (epsg, revisions["street_lights"])),
                terrain=self._terrain(store, (epsg, revisions["terrain"])),
            )

    def remember(self, store: Store, name: str, layers: Sequence[str], make: Callable[[], Any]) -> Any:
        """Return what `make` gives, from memory while no row of some layers changed.

        Args:
            store: the town.
            name: of what is remembered, one a purpose.
            layers: all that it depends on.
            make: makes it anew.
        """
        state = (store.town.epsg, store.revision(layers))
        with self._remembering:
            return self._current(name, state, make)

    @property
    def memo(self) -> dict[Any, Any]:
        """What `camera_coverage` keeps of gaps; a run holds on to the dictionary that it began with."""
        return self._memo

    def cache(self, store: Store) -> AreaCache:
        """Return the cache of visible areas for one run."""
        return AreaCache(store, self._areas, self._waiting)


def _state(store: Store, layer: str) -> tuple[int | None, int]:
    """Return what the rows of a layer are kept under."""
    epsg, revisions = store.revisions((layer,))
    return epsg, revisions[layer]


def _lamps(frame: gpd.GeoDataFrame) -> camera_coverage.StreetLights | None:
    return None if frame.empty else camera_coverage.StreetLights.read(frame)


class AreaCache:
    """Visible areas in memory and in the store, under the hash of their inputs: editing one camera costs one area.

    Args:
        store: the town.
        near: areas in memory.
        waiting: areas that are not in the store yet, of this run and of earlier ones.
    """

    def __init__(
        self,
        store: Store,
        near: dict[str, shapely.Geometry],
        waiting: dict[str, shapely.Geometry] | None = None,
    ) -> None:
        self._store = store
        self._near = near
        self._waiting = {} if waiting is None else waiting

    def get(self, keys: Sequence[str]) -> Mapping[str, shapely.Geometry]:
        """Return those of the keys that are known."""
        known = {key: self._near[key] for key in keys if key in self._near}
        far = [key for key in keys if key not in known]
        if far:
            found = self._store.cache_get(far)
            areas = dict(zip(found, shapely.from_wkb(list(found.values())), strict=True))
            self._near.update(areas)
            known.update(areas)
        return known

    def put(self, items: Mapping[str, shapely.Geometry]) -> None:
        """Keep new areas; `flush` brings them into the store."""
        self._near.update(items)
        self._waiting.update(items)

    def flush(self, *, least: int = 1) -> None:
        """Bring new areas into the store, in one transaction.

        Args:
            least: fewer than so many wait for the next time; a process that ends before has lost some milliseconds of work.
        """
        if len(self._waiting) >= least:
            fresh = dict(self._waiting)
            for key in fresh:
                self._waiting.pop(key, None)
            self._store.cache_put(dict(zip(fresh, shapely.to_wkb(list(fresh.values())), strict=True)))
