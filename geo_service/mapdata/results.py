"""Layers of the map that come from stored results: what cameras see, blind spots, patrol routes and places."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.cure_words import cure_words
from geo_service.day_times import time_of_day
from geo_service.i18n import say
from geo_service.mapdata.sources import MapSource
from geo_service.mapdata.targets import target_data
from geo_service.mapdata.values import class_title, heading, plain
from geo_service.stop_words import middles
from geo_service.store import Store, StoredResult
from geo_service.words import CAUSES, TARGET_KINDS
from town_maps import layer_json
from town_model import Text, layer
from town_model.crs import WGS84

#: Arcs come with a tolerance of a centimetre; a map needs no more than this.
SIMPLIFY_M = 0.25

STATES = {
    "kept": Text("visited in time"),
    "late": Text("visited too late"),
    "unreachable": Text("cannot be reached"),
}
BANDS = {
    "sure": Text("surely seen"),
    "possible": Text("possibly seen; elsewhere not seen"),
}
_LEAST_PIECE_M2 = 0.05
_POLICE = frozenset({"police", "auxiliary"})


def result_data(
    store: Store, one: MapSource, *, language: str, villages: Collection[int] | None = None
) -> dict[str, Any]:
    """Return a layer of the latest result for the map; without features where nothing was computed yet.

    Args:
        store: the town.
        one: the layer.
        language: ``zh`` or ``en``.
        villages: only routes of these villages' own units (never of the police), by row id.
    """
    if one.result is None:
        raise TypeError(f"{one.key} is no result")
    kind, name = one.result
    stored = store.latest_result(kind)
    if one.key.startswith("targets"):
        return target_data(store, one.key, stored, language=language, light=light(one))
    if stored is None or name not in stored.frame_names:
        return layer_json(one.key, gpd.GeoDataFrame(geometry=[], crs=WGS84))
    frame = stored.frame(name)
    if not isinstance(frame, gpd.GeoDataFrame):
        # a computation that found nothing may have kept a frame without places
        return layer_json(one.key, gpd.GeoDataFrame(geometry=[], crs=WGS84))
    if one.key.startswith("coverage"):
        return _coverage(one, frame)
    if one.key.startswith("certainty"):
        return _bands(one, frame)
    if one.key.startswith("gaps"):
        return _gaps(one, frame, language)
    if one.key == "privacy_masks":
        return _masks(one, frame, language)
    if one.key == "patrol_routes":
        return _routes(one, frame, language, villages)
    return _places(one, stored, language, villages)


def light(one: MapSource) -> str:
    """Return whether a layer is of the day or the night."""
    return "night" if one.key.endswith("night") else "day"


def coverage_rows(frame: gpd.GeoDataFrame, of_light: str) -> gpd.GeoDataFrame:
    """Return the visible areas of the cameras in working order in one light."""
    return frame[(frame["light"] == of_light) & (frame["status"] == "working")]


def own_rows(frame: gpd.GeoDataFrame, villages: Collection[int] | None) -> gpd.GeoDataFrame:
    """Return the rows of the villages' own units; all where no villages are given."""
    if villages is None:
        return frame
    theirs = {int(one) for one in villages}
    village = [not pd.isna(one) and int(one) in theirs for one in frame["village"].tolist()]
    return frame[np.array(village, dtype=bool) & ~frame["kind"].isin(_POLICE).to_numpy()]


def late(places: pd.DataFrame, unreachable: pd.DataFrame) -> list[str]:
    """Return the state of each patrolled place, a key of `STATES`."""
    lost = {str(one) for one in unreachable["place"]} if len(unreachable) else set()
    over = (places["worst_gap_s"] > places["max_gap_s"] + 0.5).to_numpy()
    return [
        "unreachable" if str(place) in lost else "late" if beyond else "kept"
        for place, beyond in zip(places["place"], over, strict=True)
    ]


def _ground(frame: gpd.GeoDataFrame, *, simplify_m: float = 0.0) -> gpd.GeoDataFrame:
    if simplify_m and len(frame):
        coarse = shapely.simplify(frame.geometry.to_numpy(), simplify_m)
        frame = frame.set_geometry(gpd.GeoSeries(coarse, index=frame.index, crs=frame.crs))
    return frame.to_crs(WGS84)


def _coverage(one: MapSource, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    rows = coverage_rows(frame, light(one))
    return layer_json(
        one.key, _ground(rows, simplify_m=SIMPLIFY_M), classes=rows["observation_class"].astype(str).tolist()
    )


def band_rows(frame: gpd.GeoDataFrame, of_light: str) -> gpd.GeoDataFrame:
    """Return what is surely and what is only possibly seen in one light."""
    return frame[(frame["light"] == of_light) & ~frame.geometry.is_empty]


def _bands(one: MapSource, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    rows = band_rows(frame, light(one)).explode(ignore_index=True)
    rows = rows[rows.geometry.area > _LEAST_PIECE_M2]
    return layer_json(
        one.key, _ground(rows, simplify_m=SIMPLIFY_M), classes=rows["band"].astype(str).tolist()
    )


def _gaps(one: MapSource, frame: gpd.GeoDataFrame, language: str) -> dict[str, Any]:
    rows = frame[frame["light"] == light(one)]
    priorities = layer("key_areas").column("priority")
    words = {
        "target_name": [plain(value) for value in rows["target_name"]],
        "target_kind": _said(rows["target_kind"], TARGET_KINDS, language),
        "priority": [priorities.choice_title(str(plain(value)), language) for value in rows["priority"]],
        "required_class": [
            None if plain(value) is None else class_title(str(value), language)
            for value in rows["required_class"]
        ],
        "cause": _said(rows["cause"], CAUSES, language),
        "cause_name": [plain(value) for value in rows["cause_name"]],
        "cure": [one or None for one in cure_words(rows, language)],
        "nearest_camera_name": [plain(value) for value in rows["nearest_camera_name"]],
        "distance_m": _whole(rows["distance_m"]),
        "area_m2": _whole(rows["area_m2"]),
        "length_m": _whole(rows["length_m"]),
    }
    fields = [
        heading("target_name", Text("Blind place"), language),
        heading("target_kind", Text("Kind"), language),
        heading("priority", Text("Priority"), language),
        heading("required_class", Text("Required class"), language),
        heading("cause", Text("Cause"), language),
        heading("cause_name", Text("Because of"), language),
        heading("cure", Text("Cure"), language),
        heading("nearest_camera_name", Text("Nearest camera"), language),
        heading("distance_m", Text("Distance to it"), language, "m"),
        heading("area_m2", Text("Area"), language, "m²"),
        heading("length_m", Text("Length"), language, "m"),
    ]
    return layer_json(
        one.key,
        _ground(rows, simplify_m=SIMPLIFY_M),
        classes=[str(plain(value)) for value in rows["priority"]],
        values=list(zip(*words.values(), strict=True)),
        fields=fields,
        label="target_name",
    )


def _masks(one: MapSource, frame: gpd.GeoDataFrame, language: str) -> dict[str, Any]:
    """Return the proposed privacy masks; azimuths outward to whole degrees, as people set them."""
    around = (frame["to_deg"] - frame["from_deg"]).to_numpy(dtype=float) >= 360
    start, end = np.floor(frame["from_deg"]), np.ceil(frame["to_deg"])
    cells = {
        "camera_name": [plain(value) or f"#{camera}" for value, camera in zip(frame["camera_name"], frame["camera"], strict=True)],
        "azimuths": [
            "0°–360°" if whole else f"{first:.0f}°–{last:.0f}°" for first, last, whole in zip(start, end, around, strict=True)
        ],
        "distances": [f"{near:.0f}–{far:.0f}" for near, far in zip(frame["near_m"], frame["far_m"], strict=True)],
        "private_m2": _whole(frame["private_m2"]),
        "lost_m2": _whole(frame["lost_m2"]),
    }  # fmt: skip
    fields = [
        heading("camera_name", Text("Camera"), language),
        heading("azimuths", Text("Azimuths from true north"), language),
        heading("distances", Text("Distance"), language, "m"),
        heading("private_m2", Text("Private ground hidden"), language, "m²"),
        heading("lost_m2", Text("Other ground hidden"), language, "m²"),
    ]
    return layer_json(
        one.key,
        _ground(frame),
        classes=["default"] * len(frame),
        values=list(zip(*cells.values(), strict=True)),
        fields=fields,
        label="camera_name",
    )


def _routes(
    one: MapSource, frame: gpd.GeoDataFrame, language: str, villages: Collection[int] | None
) -> dict[str, Any]:
    rows = own_rows(frame, villages)
    units = layer("patrol_units")
    cells = {
        "unit_name": [plain(value) for value in rows["unit_name"]],
        "mode": [units.column("mode").choice_title(str(value), language) for value in rows["mode"]],
        "kind": [units.column("kind").choice_title(str(value), language) for value in rows["kind"]],
        "length_m": _whole(rows["length_m"]),
    }
    fields = [
        heading("unit_name", Text("Patrol unit"), language),
        heading("mode", Text("Mode"), language),
        heading("kind", Text("Force"), language),
        heading("length_m", Text("Length"), language, "m"),
    ]
    return layer_json(
        one.key,
        _by(_ground(rows), "unit"),
        classes=rows["unit"].astype(str).tolist(),
        values=list(zip(*cells.values(), strict=True)),
        fields=fields,
        label="unit_name",
    )


def _places(
    one: MapSource, stored: StoredResult, language: str, villages: Collection[int] | None
) -> dict[str, Any]:
    rows = stored.frame("places")
    visits = stored.frame("visits")
    if villages is not None:
        own = own_rows(stored.frame("units"), villages)["unit"].astype(str)
        visits = visits[visits["unit"].astype(str).isin(set(own))]
        rows = rows[rows["place"].astype(str).isin(set(visits["place"].astype(str)))]
    states = late(rows, stored.frame("unreachable"))
    times: dict[str, list[str]] = {}
    for place, name, arrive, depart in sorted(
        zip(
            visits["place"].astype(str),
            visits["unit_name"],
            visits["arrive_s"],
            visits["depart_s"],
            strict=True,
        ),
        key=lambda visit: visit[2],
    ):
        times.setdefault(place, []).append(f"{time_of_day(arrive)}-{time_of_day(depart)} {name}")
    cells = {
        "name": [plain(value) for value in rows["name"]],
        "state": [say(STATES[state], language) for state in states],
        "visits": ["\n".join(times.get(str(place), [])) or None for place in rows["place"]],
        "worst_gap_min": _whole(rows["worst_gap_s"] / 60),
        "max_gap_min": _whole(rows["max_gap_s"] / 60),
    }
    fields = [
        heading("name", Text("Patrolled place"), language),
        heading("state", Text("Result"), language),
        heading("visits", Text("Visit times"), language),
        heading("worst_gap_min", Text("Longest time without a visit"), language, "min"),
        heading("max_gap_min", Text("Longest time allowed"), language, "min"),
    ]
    ground = _ground(rows)
    points = middles(ground.geometry.to_numpy())
    ground = ground.set_geometry(gpd.GeoSeries(points, index=ground.index, crs=ground.crs))
    return layer_json(
        one.key,
        _by(ground, "place"),
        classes=states,
        values=list(zip(*cells.values(), strict=True)),
        fields=fields,
        label="name",
    )


def _by(frame: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    """Let the features be known by a key where it is one, so that a page can point at them."""
    keys = frame[column].astype(str)
    return frame.set_axis(pd.Index(keys.tolist()), axis=0) if keys.is_unique else frame


def _said(cells: pd.Series, words: dict[str, Text], language: str) -> list[Any]:
    return [say(words[str(value)], language) if str(value) in words else plain(value) for value in cells]


def _whole(cells: pd.Series) -> list[Any]:
    numbers = pd.to_numeric(cells, errors="coerce").astype(float).tolist()
    return [
        None if not np.isfinite(value) else plain(round(value, 1)) if value < 10 else round(value)
        for value in numbers
    ]
