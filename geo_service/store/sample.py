"""Rows that refer to each other by name, such as those of the sample town, loaded as one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geo_service.store.changes import Change
from geo_service.store.store import Store
from town_model import LAYERS, InputError, Layer, Text

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def load_order(layers: Sequence[str]) -> list[str]:
    """Return layers in an order in which every one comes after those that it refers to.

    Raises:
        InputError: a layer is not declared.
    """
    unknown = sorted(set(layers) - set(LAYERS))
    if unknown:
        raise InputError("the sample has layers that are not declared: {layers}", layers=", ".join(unknown))
    done: list[str] = []

    def visit(name: str) -> None:
        for one in LAYERS[name].columns:
            if one.refers_to in layers and one.refers_to not in done:
                visit(one.refers_to)
        if name not in done:
            done.append(name)

    for name in layers:
        visit(name)
    return done


def load_sample(store: Store, sample: Rows, *, name: str | None = None, actor: str = "sample") -> int:
    """Load layers whose ``ref`` columns hold names of rows, in one batch of kind ``sample``.

    The town is placed at the middle of its buildings, or of everything where it has none, unless it has a position.

    Args:
        store: the store.
        sample: rows by layer, with ``geometry`` in WGS-84 longitude and latitude; it may have a ``name``.
        name: name of the town; None takes that of the sample, or keeps the present one.
        actor: who loads it.

    Returns:
        The number of the batch.

    Raises:
        InputError: a layer or a name that is referred to does not exist, or is there more than once; all such faults
            of a layer are named.
    """
    order = load_order(list(sample))
    name = name or getattr(sample, "name", None)
    if store.town.epsg is None:
        lon, lat = _middle(sample)
        store.place_town(lon, lat, name, actor=actor)
    elif name is not None:
        store.name_town(name)
    known: dict[str, dict[str, list[int]]] = {}
    with store.change(actor=actor, kind="sample") as change:
        for layer_name in order:
            declared = LAYERS[layer_name]
            rows = _with_ids(declared, sample[layer_name], known)
            ids = change.insert(layer_name, rows)
            known[layer_name] = _by_name(rows, ids)
        return _batch(change)


def _batch(change: Change) -> int:
    if change.batch_id is None:
        raise InputError("the sample has no rows")
    return change.batch_id


def _by_name(rows: Sequence[Mapping[str, Any]], ids: Sequence[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, row_id in zip(rows, ids, strict=True):
        for key in {row.get("name"), row.get("code")} - {None, ""}:
            found.setdefault(str(key), []).append(row_id)
    return found


def _with_ids(
    declared: Layer, rows: Sequence[Mapping[str, Any]], known: Mapping[str, Mapping[str, Sequence[int]]]
) -> list[dict[str, Any]]:
    links = [one for one in declared.columns if one.kind == "ref"]
    faults: list[Text] = []
    resolved = []
    for number, row in enumerate(rows):
        copy = dict(row)
        for one in links:
            asked = copy.get(one.name)
            if not isinstance(asked, str) or not asked:
                continue
            ids = known.get(one.refers_to, {}).get(asked, ())
            if len(ids) == 1:
                copy[one.name] = ids[0]
            else:
                faults.append(
                    Text.of(
                        "{layer} row {row}: layer {refers_to} has {count} rows named {name}",
                        layer=declared.name,
                        row=number + 1,
                        refers_to=one.refers_to,
                        count=len(ids),
                        name=asked,
                    )
                )
        resolved.append(copy)
    if faults:
        raise InputError(faults)
    return resolved


def _middle(sample: Rows) -> tuple[float, float]:
    layers = ["buildings"] if sample.get("buildings") else [one for one in sample if LAYERS[one].geometry]
    shapes = [row["geometry"] for one in layers for row in sample[one] if row.get("geometry") is not None]
    if not shapes:
        raise InputError("the sample has no rows with a place")
    west, south, east, north = shapely.total_bounds(np.asarray(shapes, dtype=object)).tolist()
    return (west + east) / 2, (south + north) / 2
