"""Proposals on the map, beside their list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from flask import url_for

from geo_service import mapdata
from geo_service.store import Store
from geo_service.web import maps, proposal_list
from geo_service.web.languages import language, words
from town_maps import LegendItem, MapLayer, layer_json
from town_model import Text
from town_model.crs import WGS84

KEY = "proposals"
_BESIDE = ("roads", "buildings", "water", "land_cover", "villages", "place_names", "key_areas", "housing_zones")  # fmt: skip
_ROUND_DEG = 0.001


def proposal_map(store: Store, page: proposal_list.ProposalPage) -> maps.MapParts | None:
    """Return the map of the proposals that wait; None while the town has no position or none waits.

    Args:
        store: the town.
        page: the list beside it.
    """
    waiting = [one for one in store.proposals() if one.geometry is not None]
    shown = [one for one in waiting if not page.layer or one.layer == page.layer]
    if store.town.epsg is None or not shown:
        return None
    spec = mapdata.map_spec(
        store,
        language=language(),
        permissions=maps.map_permissions(),
        url=lambda key: url_for("api.map_layer", key=key),
        keys=_BESIDE,
        visible=_BESIDE,
    )
    own = MapLayer(
        key=KEY,
        title=words(Text("Proposals")),
        group=words(Text("Proposals")),
        style=KEY,
        geometry="polygon",
        url=url_for("imports.proposals", layer=page.layer or None),
        visible=True,
        legend=tuple(
            LegendItem(name, title, count)
            for name, title, count in page.counts
            if not page.layer or name == page.layer
        ),
        count=len(shown),
    )
    box = shapely.total_bounds(np.array([one.geometry for one in shown], dtype=object)).tolist()
    bounds = (box[0] - _ROUND_DEG, box[1] - _ROUND_DEG, box[2] + _ROUND_DEG, box[3] + _ROUND_DEG)
    return maps.map_parts(replace(spec, layers=(own, *spec.layers), bounds=bounds), page=KEY)


def proposals_json(store: Store, layer: str) -> dict[str, Any]:
    """Return the proposals that wait, for the map.

    Args:
        store: the town.
        layer: only those for this layer; empty for all.
    """
    shown = [
        one for one in store.proposals() if one.geometry is not None and (not layer or one.layer == layer)
    ]
    lines = [proposal_list.line(one, None, language()) for one in shown]
    ground = gpd.GeoDataFrame(
        geometry=[one.geometry for one in shown], index=[one.id for one in shown], crs=WGS84
    )
    return layer_json(
        KEY,
        ground,
        classes=[one.layer for one in shown],
        values=[[one.name, one.layer, one.category or None, one.reason] for one in lines],
        fields=[
            {"key": "name", "title": words(Text("Name")), "unit": ""},
            {"key": "layer", "title": words(Text("Layer")), "unit": ""},
            {"key": "category", "title": words(Text("Category")), "unit": ""},
            {"key": "reason", "title": words(Text("Why")), "unit": ""},
        ],
        label="name",
    )
