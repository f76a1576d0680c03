"""What the pages for editing on the map are told: layers that can be drawn, the attribute table, histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import shapely
from flask import url_for
from markupsafe import Markup
from sqlalchemy import Select, String, cast, func, or_, select

from geo_service import mapdata
from geo_service.edits.shapes import as_geojson
from geo_service.i18n import say
from geo_service.mapdata.rows import by_view
from geo_service.store import Store
from geo_service.store.frames import bbox_condition
from geo_service.store.tables import LAYER_TABLES
from geo_service.web import change_list, formats, layer_rows, maps
from geo_service.web.api import read_bbox
from geo_service.web.edit_words import WORDS
from geo_service.web.languages import language, shown, words
from town_maps import MapLayer, inert_json
from town_model import LAYERS, InputError, Layer

_ROUND_TOWN_DEG = 0.02
_MOST_ROWS = 200
_LONGEST_FILTER = 100


def is_drawn(declared: Layer) -> bool:
    """Whether rows of a layer can be drawn on the map."""
    return declared.geometry not in (None, "raster") and declared.name in mapdata.SOURCES


def edit_map(store: Store) -> maps.MapParts:
    """Return the map for editing: also layers that hold nothing yet, and a view of the place where the town lies."""
    spec = mapdata.map_spec(
        store,
        language=language(),
        permissions=maps.map_permissions(),
        url=lambda key: url_for("api.map_layer", key=key),
        visible={"camera_sites", "key_areas", "housing_zones", *maps.GROUND},
    )
    there = {one.key: one for one in spec.layers}
    layers = tuple(
        there.get(one.key) or _empty_layer(store, one)
        for one in mapdata.SOURCES.values()
        if one.key in there or (one.layer and maps.may_see(one.key))
    )
    bounds = spec.bounds
    town = store.town
    if bounds is None and town.lon is not None and town.lat is not None:
        far = _ROUND_TOWN_DEG
        bounds = (town.lon - far, town.lat - far, town.lon + far, town.lat + far)
    return maps.map_parts(replace(spec, layers=layers, bounds=bounds))


def setup(store: Store, language: str, *, chosen: str = "", row: str = "") -> Markup:
    """Return what the scripts of the page read, as inert JSON.

    Args:
        store: the town.
        language: ``zh`` or ``en``.
        chosen: name of the layer to begin with.
        row: number of the row to begin with, as it came.
    """
    groups = [
        {
            "title": say(title, language),
            "layers": [
                {
                    "name": one.name,
                    "title": one.title(language),
                    "geometry": one.geometry,
                    "by_view": by_view(store, one.name),
                }
                for one in layers
                if is_drawn(one)
            ],
        }
        for title, layers in layer_rows.GROUPS
    ]
    told = {
        "groups": [one for one in groups if one["layers"]],
        "chosen": chosen if chosen in LAYERS and is_drawn(LAYERS[chosen]) else "",
        "row": int(row) if row.isdecimal() and len(row) <= 15 else None,
        "words": {key: say(one, language) for key, one in WORDS.items()},
        "address": "/api/edit",
    }
    return Markup(inert_json(told, element_id="town-edit-setup"))  # noqa: S704 - inert by construction


def read_position(form: Mapping[str, str]) -> tuple[float, float]:
    """Return longitude and latitude of a form, in degrees.

    Raises:
        InputError: they are none.
    """
    try:
        lon, lat = (float(form.get(name, "").strip()) for name in ("lon", "lat"))
    except ValueError:
        lon = lat = 999.0
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError("give longitude and latitude in decimal degrees, such as 118.78 and 32.04")
    return lon, lat


def history(store: Store, language: str, declared: Layer, row_id: int) -> list[dict[str, Any]]:
    """Return what was done to a row, newest first, with its shape before each change.

    Args:
        store: the town.
        language: ``zh`` or ``en``.
        declared: the layer.
        row_id: the row; it may be gone.
    """
    entries = store.changes(layer=declared.name, row_id=row_id, limit=50)
    told = []
    for at, (entry, step) in enumerate(
        zip(entries, change_list.steps(store, language, entries), strict=True)
    ):
        before = (entry.before or {}).get("geometry")
        after = (entry.after or {}).get("geometry")
        moved = before is not None and before != after
        told.append(
            {
                "batch": step.batch,
                "when": formats.moment(step.at),
                "who": step.actor,
                "what": f"{shown(step.kind)} · {shown(step.action)}",
                "differences": [list(one) for one in step.differences],
                "before": as_geojson(shapely.from_wkb(before)) if moved else None,
                # the newest change of a row can be taken back; an import only as a whole, on its own page
                "undo": at == 0 and entry.kind in ("edit", "undo"),
            }
        )
    return told


def rows(store: Store, language: str, declared: Layer, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return a part of the attribute table of a layer.

    Args:
        store: the town.
        language: ``zh`` or ``en``.
        declared: the layer.
        asked: ``offset``, ``limit``, ``sort`` (a column, with - in front for downwards), ``filter`` (part of any
            cell), ``bbox``, or ``id`` (the part that holds that row).

    Raises:
        InputError: a parameter cannot be read.
    """
    table = LAYER_TABLES[declared.name]
    wanted, params = _wanted(declared, asked)
    order = asked.get("sort", "")
    name = order.removeprefix("-")
    if name and name not in {"id", *declared.column_names}:
        raise InputError("layer {layer} has no column {columns}", layer=declared.name, columns=name)
    key = table.c[name or "id"]
    wanted = wanted.order_by(key.is_(None), key.desc() if order.startswith("-") else key, table.c.id)
    limit = min(_whole(asked, "limit", 100), _MOST_ROWS)
    offset = _whole(asked, "offset", 0)
    with store.reading() as connection:
        total = connection.execute(select(func.count()).select_from(wanted.subquery()), params).scalar_one()
        ids = [int(one) for one in connection.execute(wanted.limit(limit).offset(offset), params).scalars()]
    frame = store.frame(declared.name, ids=ids, crs="wgs84").reindex(ids)
    cells = [layer_rows.column_words(store, one, frame[one.name], language) for one in declared.columns]
    return {
        "columns": [
            {"name": one.name, "title": one.title(language), "number": one.kind in ("integer", "real")}
            for one in declared.columns
        ],
        "total": int(total),
        "offset": offset,
        "rows": [
            {"id": number, "cells": list(row)}
            for number, row in zip(ids, zip(*cells, strict=True), strict=True)
        ],
    }


def _wanted(declared: Layer, asked: Mapping[str, str]) -> tuple[Select[Any], dict[str, float]]:
    table = LAYER_TABLES[declared.name]
    wanted = select(table.c.id)
    params: dict[str, float] = {}
    box = read_bbox(asked.get("bbox"))
    if box is not None:
        wanted = wanted.where(bbox_condition(declared.name))
        params = dict(zip(("west", "south", "east", "north"), box, strict=True))
    part = asked.get("filter", "").strip()[:_LONGEST_FILTER]
    if part:
        found: list[Any] = [cast(table.c.id, String) == part]
        for one in declared.columns:
            if one.kind == "choice":
                fits = [
                    choice.value
                    for choice in one.choices
                    if part.lower() in f"{choice.zh} {choice.en}".lower()
                ]
                found.append(table.c[one.name].in_(fits))
            elif one.kind in ("text", "hours"):
                found.append(table.c[one.name].icontains(part, autoescape=True))
            elif one.kind in ("integer", "real"):
                found.append(cast(table.c[one.name], String) == part)
        wanted = wanted.where(or_(*found))
    return wanted, params


def _whole(asked: Mapping[str, str], name: str, default: int) -> int:
    value = asked.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or len(value) > 9:
        raise InputError("{name} must be a whole number, not {value!r}", name=name, value=value)
    return int(value)


def _empty_layer(store: Store, one: mapdata.MapSource) -> MapLayer:
    """Return a layer of the map that holds nothing yet, so that what is drawn into it shows."""
    return MapLayer(
        key=one.key,
        title=words(one.title) if one.title else LAYERS[one.layer].title(language()),
        group=words(one.group),
        style=one.key,
        geometry=one.geometry,
        url=url_for("api.map_layer", key=one.key),
        visible=one.key in maps.GROUND,
        count=None if store.count(one.layer) else 0,
    )
