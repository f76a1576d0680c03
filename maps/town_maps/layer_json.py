"""Layers as compact JSON for the page: whole micro-degrees, each vertex as its step from the one before it.

One layer is ``{"key", "origin": [lon, lat], "label", "fields": [{"key", "title", "unit"}], "attributes",
"features": [[id, class, kind, parts, values], …]}`` with kind 0 point, 1 line, 2 polygon; each part is a flat list
of whole numbers: its first pair counts from the origin, every other from the pair before, in millionths of a
degree (0.11 m). Rings of polygons are wound so that filling by winding number leaves the holes open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from town_model import CrsError

_KINDS = {0: 0, 4: 0, 1: 1, 2: 1, 5: 1, 3: 2, 6: 2}
_MICRO = 1e6


def encode_parts(
    geometry: NDArray[np.object_], origin: tuple[int, int]
) -> tuple[list[list[list[int]]], list[int]]:
    """Return the parts of each geometry as steps, and its kind; a geometry that is missing or mixed has no parts.

    Args:
        geometry: shape (n,), longitude and latitude in degrees.
        origin: longitude and latitude from which the first vertex of each part counts, in micro-degrees.
    """
    count = len(geometry)
    kinds = np.array([_KINDS.get(int(one), -1) for one in shapely.get_type_id(geometry)], dtype=np.int64)
    kinds[shapely.is_empty(geometry) | shapely.is_missing(geometry)] = -1
    wound = np.asarray(geometry, dtype=object).copy()
    wound[kinds < 0] = None
    wound[kinds == 2] = shapely.orient_polygons(wound[kinds == 2])
    parts, owner = shapely.get_parts(wound, return_index=True)
    polygons = kinds[owner] == 2
    rings, ring_of = shapely.get_rings(parts[polygons], return_index=True)
    pieces = np.concatenate([parts[~polygons], rings])
    owners = np.concatenate([owner[~polygons], owner[polygons][ring_of]])
    order = np.argsort(owners, kind="stable")
    pieces, owners = pieces[order], owners[order]
    coordinates, piece = shapely.get_coordinates(pieces, return_index=True)
    whole = np.rint(coordinates * _MICRO).astype(np.int64)
    # A vertex that rounds onto the one before it says nothing.
    first = np.r_[True, piece[1:] != piece[:-1]] if len(piece) else np.zeros(0, dtype=bool)
    if len(piece):
        kept = first | np.r_[True, (whole[1:] != whole[:-1]).any(axis=1)]
        whole, piece, first = whole[kept], piece[kept], first[kept]
    steps = np.empty_like(whole)
    steps[1:] = whole[1:] - whole[:-1]
    steps[first] = whole[first] - np.array(origin)
    ends = np.searchsorted(piece, np.arange(len(pieces)), side="right") * 2
    flat = steps.ravel().tolist()
    told: list[list[list[int]]] = [[] for _ in range(count)]
    start = 0
    for who, end in zip(owners.tolist(), ends.tolist(), strict=True):
        told[who].append(flat[start:end])
        start = end
    return told, np.maximum(kinds, 0).tolist()


def layer_json(
    key: str,
    frame: gpd.GeoDataFrame,
    *,
    classes: Sequence[str] | None = None,
    values: Sequence[Sequence[Any]] | None = None,
    fields: Sequence[Mapping[str, str]] = (),
    label: str = "",
    attributes: Mapping[str, Mapping[Any, Any]] | None = None,
) -> dict[str, Any]:
    """Return a layer as the page reads it.

    Args:
        key: the key of the layer.
        frame: the features, longitude and latitude in degrees; the index is their id.
        classes: the class of each feature, which chooses its look and its line in the legend.
        values: what the panel shows of each feature, one value a field.
        fields: ``key``, ``title`` and ``unit`` of each value.
        label: the key of the field that is the feature's name on the map.
        attributes: what the look of a feature needs beside its class, by attribute and id.

    Raises:
        CrsError: the frame is not in longitude and latitude.
    """
    if frame.crs is None or not frame.crs.is_geographic:
        raise CrsError("layer {key} of a map must be in longitude and latitude", key=key)
    geometry = frame.geometry.to_numpy()
    box = shapely.total_bounds(geometry) if len(frame) else np.full(4, np.nan)
    if not np.isfinite(box).all():
        box = np.zeros(4)
    origin = (
        int(np.rint((box[0] + box[2]) / 2 * _MICRO)),
        int(np.rint((box[1] + box[3]) / 2 * _MICRO)),
    )
    parts, kinds = encode_parts(geometry, origin)
    names = list(classes) if classes is not None else ["default"] * len(frame)
    told = values if values is not None else [[] for _ in range(len(frame))]
    ids = [one.item() if isinstance(one, np.generic) else one for one in frame.index]
    return {
        "key": key,
        "origin": list(origin),
        "label": label,
        "fields": [dict(one) for one in fields],
        "attributes": {name: dict(table) for name, table in (attributes or {}).items()},
        "features": [
            [ids[i], names[i], kinds[i], parts[i], list(told[i])] for i in range(len(frame)) if parts[i]
        ],
    }
