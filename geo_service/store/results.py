"""Results of computations, kept with the revision of the store that they were computed from."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select, insert, select

from geo_service.store.database import aware, now_utc
from geo_service.store.payload import pack
from geo_service.store.tables import result_frames, results
from town_model import DEFAULT_OBSERVATION_TABLE, LAYERS, InputError

_SIGHT = (
    "camera_sites", "camera_views", "camera_models", "buildings", "obstacles", "street_lights", "terrain",
    "key_areas", "housing_zones", "roads", "no_camera_zones",
)  # fmt: skip
_BEATS = (
    "roads",
    "turn_restrictions",
    "key_areas",
    "housing_zones",
    "entrances",
    "patrol_points",
    "patrol_units",
    "villages",
)
# What each kind is computed from; a kind that is not listed depends on every layer.
RESULT_LAYERS: dict[str, tuple[str, ...]] = {
    "coverage": (*_SIGHT, "entrances", "land_cover"),
    "gaps": _SIGHT,
    "patrol": (*_BEATS, "patrol_rules", "unit_shifts"),
    "patrol_days": (*_BEATS, "patrol_rules", "unit_shifts"),
    "clock": tuple(dict.fromkeys((*_SIGHT, *_BEATS, "patrol_rules"))),
    "response": _BEATS,
    "exposure": _SIGHT,
    "health": (*_SIGHT, "camera_status_log"),
}
#: Kinds whose figures hang on the table of observation classes.
BY_CLASS = frozenset({"coverage", "gaps", "clock", "exposure", "health"})
TABLE_OPTION = "observation_table"
#: Given where cameras count in the intervals of a plan: it then hangs on what they see.
CAMERAS_OPTION = "cameras_count"


def by_table(kind: str, table: str) -> dict[str, str]:
    """Return what a result keeps of the table of observation classes."""
    return {TABLE_OPTION: table} if kind in BY_CLASS else {}


@dataclass(frozen=True)
class StoredResult:
    """A kept result.

    Args:
        id: its number.
        kind: ``coverage``, ``gaps``, ``patrol``, ``patrol_days``, ``clock``, ``response``, ``exposure``, ``health``.
        created_at: when, with zone UTC.
        created_by: who had it computed.
        store_revision: revision of the store that it was computed from.
        options: the options of the computation.
        summary: its figures.
        frame_names: names of its frames.
    """

    id: int
    kind: str
    created_at: dt.datetime
    created_by: str
    store_revision: int
    options: dict[str, Any]
    summary: dict[str, Any]
    frame_names: tuple[str, ...]
    _load: Callable[[int, str], pd.DataFrame | gpd.GeoDataFrame] = field(repr=False, compare=False)
    _revision: Callable[[Sequence[str]], int] = field(repr=False, compare=False)
    _table: str = field(default=DEFAULT_OBSERVATION_TABLE, repr=False, compare=False)

    def frame(self, name: str) -> pd.DataFrame | gpd.GeoDataFrame:
        """Return one of its frames, as it was given.

        Raises:
            InputError: it has no frame of that name.
        """
        if name not in self.frame_names:
            raise InputError(
                "result {kind} has no frame {name!r}: use one of {known}",
                kind=self.kind,
                name=name,
                known=", ".join(self.frame_names),
            )
        return self._load(self.id, name)

    @property
    def is_stale(self) -> bool:
        """Whether a layer that it was computed from, or the table of observation classes, has changed since."""
        if self.kind in BY_CLASS and self.options.get(TABLE_OPTION, DEFAULT_OBSERVATION_TABLE) != self._table:
            return True
        layers = RESULT_LAYERS.get(self.kind, tuple(LAYERS))
        if self.options.get(CAMERAS_OPTION):
            layers = tuple(dict.fromkeys((*layers, *_SIGHT)))
        return self._revision(layers) > self.store_revision


def save(
    connection: Connection,
    kind: str,
    *,
    actor: str,
    options: Mapping[str, Any],
    summary: Mapping[str, Any],
    frames: Mapping[str, bytes],
    store_revision: int,
) -> int:
    """Keep a result; its frames are packed already."""
    made = connection.execute(
        insert(results).values(
            kind=kind,
            created_at=now_utc(),
            created_by=actor,
            store_revision=store_revision,
            options=json.dumps(dict(options), ensure_ascii=False, default=_plain),
            summary=json.dumps(dict(summary), ensure_ascii=False, default=_plain),
        )
    ).inserted_primary_key
    assert made is not None
    rows = [{"result": made[0], "name": name, "payload": one} for name, one in frames.items()]
    if rows:
        connection.execute(insert(result_frames), rows)
    return int(made[0])


def pack_all(frames: Mapping[str, pd.DataFrame | gpd.GeoDataFrame]) -> dict[str, bytes]:
    """Return every frame as bytes."""
    return {name: pack(frame) for name, frame in frames.items()}


def latest(
    connection: Connection,
    kind: str,
    load: Callable[[int, str], pd.DataFrame | gpd.GeoDataFrame],
    revision: Callable[[Sequence[str]], int],
    table: str = DEFAULT_OBSERVATION_TABLE,
) -> StoredResult | None:
    """Return the newest result of a kind, or None."""
    query = select(results).where(results.c.kind == kind).order_by(results.c.id.desc()).limit(1)
    return _read(connection, query, load, revision, table)


def numbered(
    connection: Connection,
    number: int,
    load: Callable[[int, str], pd.DataFrame | gpd.GeoDataFrame],
    revision: Callable[[Sequence[str]], int],
    table: str = DEFAULT_OBSERVATION_TABLE,
) -> StoredResult | None:
    """Return the result of a number, or None."""
    return _read(connection, select(results).where(results.c.id == number), load, revision, table)


def _read(
    connection: Connection,
    query: Select[Any],
    load: Callable[[int, str], pd.DataFrame | gpd.GeoDataFrame],
    revision: Callable[[Sequence[str]], int],
    table: str = DEFAULT_OBSERVATION_TABLE,
) -> StoredResult | None:
    row = connection.execute(query).first()
    if row is None:
        return None
    names = connection.execute(
        select(result_frames.c.name).where(result_frames.c.result == row.id).order_by(result_frames.c.name)
    ).scalars()
    return StoredResult(
        id=row.id,
        kind=row.kind,
        created_at=aware(row.created_at),
        created_by=row.created_by,
        store_revision=row.store_revision,
        options=json.loads(row.options),
        summary=json.loads(row.summary),
        frame_names=tuple(names),
        _load=load,
        _revision=revision,
        _table=table,
    )


def load_payload(connection: Connection, result: int, name: str) -> bytes:
    """Return the bytes of a frame."""
    query = select(result_frames.c.payload).where(
        result_frames.c.result == result, result_frames.c.name == name
    )
    return bytes(connection.execute(query).scalar_one())


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray | set | frozenset):
        return list(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    raise TypeError(f"options and summary hold plain values, not {type(value).__name__}")
