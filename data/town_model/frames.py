"""Checks that every library makes at its door, in one place. All faults are collected before one error is raised."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely

from town_model.errors import ColumnError, CrsError, GeometryError
from town_model.text import Text

_SHOWN = 5


def _some(labels: Iterable[object]) -> str:
    rows = [str(one) for one in labels]
    return ", ".join(rows[:_SHOWN]) + (f" … ({len(rows)})" if len(rows) > _SHOWN else "")


def check_frame(
    frame: gpd.GeoDataFrame,
    name: str,
    *,
    columns: Iterable[str] = (),
    geometry_types: Iterable[str] = (),
    allow_empty: bool = False,
) -> None:
    """Refuse a frame that a metric computation cannot use.

    Args:
        frame: the frame.
        name: what it is called in the message.
        columns: columns that it must have.
        geometry_types: allowed types, e.g. ``("Point",)``; empty allows all.
        allow_empty: whether missing and empty geometries may pass.

    Raises:
        CrsError: no coordinate system, or one that is not projected in metres.
        ColumnError: a column is missing, or the index has duplicates.
        GeometryError: missing, empty, non-finite, invalid or wrong geometries, by index.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        raise ColumnError("{name} must be a GeoDataFrame, not {kind}", name=name, kind=type(frame).__name__)
    if frame.crs is None:
        raise CrsError("{name} has no coordinate system: set the one of the town", name=name)
    if not frame.crs.is_projected or frame.crs.axis_info[0].unit_name != "metre":
        raise CrsError(
            "{name} is in {crs}, not in metres: convert it to the coordinate system of the town first",
            name=name,
            crs=frame.crs.name,
        )
    faults: list[Text] = []
    missing = [one for one in columns if one not in frame.columns]
    if missing:
        faults.append(Text.of("{name} lacks the columns {columns}", name=name, columns=", ".join(missing)))
    if not frame.index.is_unique:
        rows = frame.index[frame.index.duplicated()].unique()
        faults.append(Text.of("{name} has the same id more than once: {rows}", name=name, rows=_some(rows)))
    if faults:
        raise ColumnError(faults)
    geometry = frame.geometry.to_numpy()
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if not allow_empty and empty.any():
        faults.append(Text.of("{name} has no geometry at {rows}", name=name, rows=_some(frame.index[empty])))
    there = np.flatnonzero(~empty)
    coordinates, owner = shapely.get_coordinates(geometry[there], return_index=True)
    broken = np.unique(there[owner[~np.isfinite(coordinates).all(axis=1)]])
    if len(broken):
        faults.append(
            Text.of(
                "{name} has coordinates that are no numbers at {rows}",
                name=name,
                rows=_some(frame.index[broken]),
            )
        )
    sound = np.setdiff1d(there, broken)
    invalid = sound[~shapely.is_valid(geometry[sound])]
    if len(invalid):
        faults.append(
            Text.of(
                "{name} has invalid geometries at {rows}: repair them (make_valid)",
                name=name,
                rows=_some(frame.index[invalid]),
            )
        )
    allowed = set(geometry_types)
    if allowed:
        kinds = frame.geometry.geom_type.to_numpy()
        wrong = [frame.index[i] for i in there if kinds[i] not in allowed]
        if wrong:
            faults.append(
                Text.of(
                    "{name} must hold {allowed} only: see {rows}",
                    name=name,
                    allowed=", ".join(sorted(allowed)),
                    rows=_some(wrong),
                )
            )
    if faults:
        raise GeometryError(faults)


def check_same_crs(**frames: gpd.GeoDataFrame | gpd.GeoSeries | None) -> None:
    """Refuse frames that are not all in one coordinate system; None is passed over.

    Raises:
        CrsError: two of them differ.
    """
    given = [(name, frame) for name, frame in frames.items() if frame is not None]
    for name, frame in given[1:]:
        if frame.crs != given[0][1].crs:
            raise CrsError(
                "{name} is in {crs}, but {first} is in {first_crs}: convert one of them",
                name=name,
                crs=frame.crs and frame.crs.name,
                first=given[0][0],
                first_crs=given[0][1].crs and given[0][1].crs.name,
            )
