"""The description of a town's map for one reader: only layers that the reader may see are in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

import geopandas as gpd
import pandas as pd

from geo_service.analysis.targets import TARGET_LAYERS
from geo_service.i18n import say
from geo_service.mapdata.results import (
    BANDS,
    STATES,
    band_rows,
    coverage_rows,
    late,
    light,
    own_rows,
    result_data,
)
from geo_service.mapdata.rows import by_view, row_data
from geo_service.mapdata.sources import PAGE_WORDS, SOURCES, MapSource, allowed, check_access, source
from geo_service.mapdata.targets import SEEN, seen_states
from geo_service.mapdata.values import class_title, plain
from geo_service.store import Store
from town_maps import OSM_ATTRIBUTION, LegendItem, MapLayer, MapSpec
from town_model import EN_62676_4_2015, LAYERS, Text, layer

Bbox = tuple[float, float, float, float]
_OSM_LAYERS = ("roads", "buildings", "water", "land_cover")

_MARGIN, _LEAST_DEG = 0.05, 0.001


def layer_data(
    store: Store,
    key: str,
    *,
    language: str,
    permissions: Collection[str],
    bbox: Bbox | None = None,
    zoom: float | None = None,
    villages: Collection[int] | None = None,
) -> dict[str, Any]:
    """Return the data of one map layer, as the page reads it.

    Args:
        store: the town.
        key: a key of `SOURCES`.
        language: ``zh`` or ``en``.
        permissions: what the reader may do.
        bbox: only what meets this box (west, south, east, north in degrees); for layers of the store.
        zoom: leave out detail that cannot be seen at this zoom.
        villages: a cadre's villages by row id: only their own units' routes and places.

    Raises:
        InputError: there is no such layer.
        MapAccessError: the reader may not see it.
    """
    one = source(key)
    check_access(one, permissions, own=villages is not None)
    if one.result is not None:
        return result_data(store, one, language=language, villages=villages)
    return row_data(store, one, language=language, bbox=bbox, zoom=zoom)


def encode(data: dict[str, Any]) -> bytes:
    """Return layer data as bytes of JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def data_version(store: Store, key: str) -> str:
    """Return what changes whenever the data of a map layer may have changed, for an ETag."""
    one = source(key)
    if one.result is None:
        referred = {column.refers_to for column in LAYERS[one.layer].columns if column.refers_to}
        return f"{key}-{store.revision([one.layer, *sorted(referred)])}"
    stored = store.latest_result(one.result[0])
    shapes = f"-{store.revision(TARGET_LAYERS)}" if key.startswith("targets") else ""
    return f"{key}-r{stored.id if stored else 0}{shapes}"


def map_layers(
    store: Store,
    *,
    language: str,
    permissions: Collection[str],
    url: Callable[[str], str] | None = None,
    tiles: Callable[[str], str] | None = None,
    keys: Collection[str] | None = None,
    visible: Collection[str] | None = None,
    villages: Collection[int] | None = None,
) -> tuple[MapLayer, ...]:
    """Return the layers that a reader may see and that hold anything, in the order of the panel.

    Args:
        store: the town.
        language: ``zh`` or ``en``.
        permissions: what the reader may do.
        url: from a layer's key to the address of its data; None where the page carries the data.
        tiles: from a layer's key to the address of vector tiles, for layers that are too large to send whole; None asks
            for those by view.
        keys: only these layers.
        visible: which of them show at first; None takes the usual ones.
        villages: a cadre's villages by row id, for the patrol layers.
    """
    found = []
    for one in SOURCES.values():
        if (keys is not None and one.key not in keys) or not allowed(
            one, permissions, own=villages is not None
        ):
            continue
        theirs = None if villages is None else tuple(sorted({int(row) for row in villages}))
        counted = _counted(store, one.key, language, theirs, data_version(store, one.key))
        if counted is None:
            continue
        count, legend = counted
        min_zoom = by_view(store, one.layer) if url is not None and one.layer else None
        tiled = tiles(one.key) if tiles is not None and min_zoom is not None else ""
        found.append(
            MapLayer(
                key=one.key,
                title=say(one.title, language) if one.title else layer(one.layer).title(language),
                group=say(one.group, language),
                style=one.key,
                geometry=one.geometry,
                url=url(one.key) if url else "",
                visible=one.visible if visible is None else one.key in visible,
                legend=legend,
                count=count,
                min_zoom=0 if tiled else min_zoom or 0,
                by_view=min_zoom is not None,
                tiles=tiled,
            )
        )
    return tuple(found)


def map_spec(
    store: Store,
    *,
    language: str,
    permissions: Collection[str],
    url: Callable[[str], str] | None = None,
    tiles: Callable[[str], str] | None = None,
    title: str = "",
    watermark: str = "",
    keys: Collection[str] | None = None,
    visible: Collection[str] | None = None,
    villages: Collection[int] | None = None,
) -> MapSpec:
    """Return the description of the town's map for one reader.

    Args:
        store: the town.
        language: ``zh`` or ``en``.
        permissions: what the reader may do; layers beyond it are left out.
        url: from a layer's key to the address of its data; None where the page carries the data.
        tiles: from a layer's key to the address of vector tiles, as in `map_layers`.
        title: the title; empty takes the name of the town.
        watermark: words across the map.
        keys: only these layers.
        visible: which layers show at first; None takes the usual ones.
        villages: a cadre's villages by row id, for the patrol layers.
    """
    return MapSpec(
        title=title or store.town.name or say(Text("Map"), language),
        layers=map_layers(
            store,
            language=language,
            permissions=permissions,
            url=url,
            tiles=tiles,
            keys=keys,
            visible=visible,
            villages=villages,
        ),
        bounds=_bounds(store),
        language=language,
        words={key: say(words, language) for key, words in PAGE_WORDS.items()},
        attribution=attribution(store, language),
        watermark=watermark,
    )


def attribution(store: Store, language: str) -> tuple[tuple[str, str], ...]:
    """Return the sources that the map must name: OpenStreetMap where a row of the base map came from there."""
    if any(_from_osm(store, name, store.revision([name])) for name in _OSM_LAYERS):
        _, href = OSM_ATTRIBUTION
        return ((say(Text("© OpenStreetMap contributors"), language), href),)
    return ()


@lru_cache(maxsize=64)
def _from_osm(store: Store, name: str, revision: int) -> bool:
    del revision  # only there so that an answer ends with the next change
    ids = store.frame(name, crs="wgs84")["osm_id"] if store.count(name) else ()
    return any(isinstance(one, str) and one.strip() for one in ids)


def _bounds(store: Store) -> Bbox | None:
    # Rivers, trunk roads and farms may run far out of the town: its key places say where people look first.
    for names in (("key_areas", "housing_zones"), ("buildings",), ("roads",), tuple(LAYERS)):
        boxes = [box for one in names if LAYERS[one].geometry and (box := store.bounds(one)) is not None]
        if boxes:
            west, south, east, north = (
                pick(side) for pick, side in zip((min, min, max, max), zip(*boxes, strict=True), strict=True)
            )
            wide, high = max(_MARGIN * (east - west), _LEAST_DEG), max(_MARGIN * (north - south), _LEAST_DEG)
            return (
                max(-180.0, west - wide),
                max(-90.0, south - high),
                min(180.0, east + wide),
                min(90.0, north + high),
            )
    return None


@lru_cache(maxsize=256)
def _counted(
    store: Store, key: str, language: str, villages: tuple[int, ...] | None, version: str
) -> tuple[int | None, tuple[LegendItem, ...]] | None:
    """Return how many features a layer has, and its legend; None for a layer that holds nothing."""
    del version  # only there so that an answer ends when the data does
    one = source(key)
    if one.result is None:
        count = store.count(one.layer)
        return (count, _row_legend(store, one, language)) if count else None
    stored = store.latest_result(one.result[0])
    if stored is None or one.result[1] not in stored.frame_names:
        return None
    frame = stored.frame(one.result[1])
    if one.key.startswith("targets"):
        tally = seen_states(frame, light(one)).value_counts()
        items = [
            LegendItem(key, say(words, language), int(tally[key]))
            for key, words in SEEN.items()
            if key in tally
        ]
        return (int(tally.sum()), tuple(items)) if items else None
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    if one.key.startswith("coverage"):
        rows = coverage_rows(frame, light(one))
        there = {str(name) for name in rows["observation_class"]}
        items = [
            LegendItem(name, class_title(name, language))
            for name in EN_62676_4_2015.px_per_m
            if name in there
        ]
        return (int(rows["camera"].nunique()), tuple(items)) if items else None
    if one.key.startswith("certainty"):
        there = {str(name) for name in band_rows(frame, light(one))["band"]}
        items = [LegendItem(key, say(words, language)) for key, words in BANDS.items() if key in there]
        return (None, tuple(items)) if items else None
    if one.key.startswith("gaps"):
        rows = frame[frame["light"] == light(one)]
        tally = pd.Series([str(plain(value)) for value in rows["priority"]], dtype=object).value_counts()
        column = layer("key_areas").column("priority")
        items = [
            LegendItem(choice.value, column.choice_title(choice.value, language), int(tally[choice.value]))
            for choice in column.choices
            if choice.value in tally
        ]
        return (len(rows), tuple(items)) if len(rows) else None
    if one.key == "privacy_masks":
        return (len(frame), ()) if len(frame) else None
    if one.key == "patrol_routes":
        rows = own_rows(frame, villages)
        names = dict(zip(rows["unit"].astype(str), rows["unit_name"].astype(str), strict=True))
        return (len(names), tuple(LegendItem(key, words) for key, words in names.items())) if names else None
    states = pd.Series(late(frame, stored.frame("unreachable")), dtype=object).value_counts()
    if villages is not None:
        return (None, tuple(LegendItem(key, say(words, language)) for key, words in STATES.items()))
    items = [
        LegendItem(key, say(words, language), int(states[key]))
        for key, words in STATES.items()
        if key in states
    ]
    return (len(frame), tuple(items)) if len(frame) else None


def _row_legend(store: Store, one: MapSource, language: str) -> tuple[LegendItem, ...]:
    """Return the classes of a layer that its rows have, where telling them apart helps."""
    if one.key in ("roads", "buildings", "water", "place_names", "obstacles", "villages"):
        return ()
    if not one.class_column:
        return ()
    column = LAYERS[one.layer].column(one.class_column)
    tally = store.frame(one.layer, crs="wgs84")[one.class_column].astype(str).value_counts()
    return tuple(
        LegendItem(choice.value, column.choice_title(choice.value, language), int(tally[choice.value]))
        for choice in column.choices
        if choice.value in tally
    )
