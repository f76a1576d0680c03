"""The map of a dry run: the rows of a file where they would lie, on the town as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from flask import url_for

from geo_service import mapdata
from geo_service.imports.stored_report import load_fault, unpack
from geo_service.imports.uploads import Upload
from geo_service.store import Store
from geo_service.web import maps
from geo_service.web.languages import language, words
from town_maps import LegendItem, MapLayer, layer_json
from town_model import LAYERS, Text
from town_model.crs import WGS84

ROWS = "import_rows"
_BESIDE = ("roads", "buildings", "water", "land_cover", "villages", "place_names", "key_areas")
_ROUND_DEG = 0.001
#: Layers of an OpenStreetMap file: style and geometry.
_OSM_LAYERS = {"proposals": "polygon", "roads": "line", "buildings": "polygon", "water": "polygon"}
_KEY = "file_"
CLASSES = {
    "sound": Text("can be stored"),
    "warning": Text("can be stored, but look at it"),
    "refused": Text("refused"),
}
PROPOSAL_CLASSES = ("key_areas", "housing_zones")


def dry_run_map(store: Store, upload: Upload, places: bytes | None) -> maps.MapParts | None:
    """Return the map of a dry run; None where nothing of the file has a place.

    Args:
        store: the town, whose ground and rows of the same layer lie below.
        upload: the upload.
        places: where its rows lie, as `Uploads.places` gives it.
    """
    told = unpack(places)
    shapes = [one[3] for rows in told.values() for one in rows]
    sound = [one[3] for rows in told.values() for one in rows if one[1] != "refused"]
    if not shapes:
        return None
    own = tuple(_layer(upload, key, rows) for key, rows in told.items() if rows)
    beside = () if upload.is_osm and store.town.epsg is None else _BESIDE
    keys = {*beside, *(() if upload.is_osm else (upload.layer,))}
    spec = mapdata.map_spec(
        store,
        language=language(),
        permissions=maps.map_permissions(),
        url=lambda key: url_for("api.map_layer", key=key),
        keys=keys if store.town.epsg is not None else (),
        visible=set() if upload.is_osm else keys,
    )
    box = shapely.total_bounds(np.array(sound or shapes, dtype=object)).tolist()
    west, south, east, north = (
        box[0] - _ROUND_DEG,
        box[1] - _ROUND_DEG,
        box[2] + _ROUND_DEG,
        box[3] + _ROUND_DEG,
    )
    bounds = (max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north))
    return maps.map_parts(replace(spec, layers=own + spec.layers, bounds=bounds), page="import")


def rows_json(upload: Upload, places: bytes | None, key: str) -> dict[str, Any] | None:
    """Return a layer of the file for the map; None where the file has no such layer.

    Args:
        upload: the upload.
        places: where its rows lie.
        key: key of the layer on the map.
    """
    rows = unpack(places).get(key.removeprefix(_KEY))
    if not rows:
        return None
    ground = gpd.GeoDataFrame(
        {"name": [one[2] for one in rows]},
        geometry=[one[3] for one in rows],
        index=[one[0] for one in rows],
        crs=WGS84,
    )
    if key == ROWS:
        return _table_json(upload, rows, ground)
    return layer_json(
        key,
        ground,
        classes=[one[1] for one in rows],
        values=[[one[2]] for one in rows],
        fields=[{"key": "name", "title": words(Text("Name")), "unit": ""}],
        label="name",
    )


def _table_json(upload: Upload, rows: list[Any], ground: gpd.GeoDataFrame) -> dict[str, Any]:
    faults: dict[int, list[str]] = {}
    for one in upload.report.get("faults", []):
        faults.setdefault(int(one["row"]), []).append(_fault_words(one))
    return layer_json(
        ROWS,
        ground,
        classes=[one[1] for one in rows],
        values=[[one[0], one[2] or None, "; ".join(faults.get(one[0], [])) or None] for one in rows],
        fields=[
            {"key": "row", "title": words(Text("Row")), "unit": ""},
            {"key": "name", "title": words(Text("Name")), "unit": ""},
            {"key": "faults", "title": words(Text("Faults")), "unit": ""},
        ],
        label="name",
    )


def _fault_words(one: Mapping[str, Any]) -> str:
    return load_fault(one).say(language())


def _layer(upload: Upload, key: str, rows: list[Any]) -> MapLayer:
    tally = Counter(one[1] for one in rows)
    style, title, geometry = key, words(Text("Rows of the file")), "polygon"
    legend: tuple[LegendItem, ...] = ()
    if key == ROWS:
        legend = tuple(
            LegendItem(one, words(title_), tally[one]) for one, title_ in CLASSES.items() if one in tally
        )
        geometry = {"point": "point", "line": "line"}.get(LAYERS[upload.layer].geometry or "", "polygon")
        style = ROWS if geometry == "point" else "import_shapes"
    elif key == "proposals":
        title, geometry = words(Text("Proposals")), "polygon"
        legend = tuple(
            LegendItem(one, LAYERS[one].title(language()), tally[one])
            for one in PROPOSAL_CLASSES
            if one in tally
        )
    else:
        title, geometry = LAYERS[key].title(language()), _OSM_LAYERS[key]
    shown = key if key == ROWS else _KEY + key
    return MapLayer(
        key=shown,
        title=title,
        group=words(Text("In the file")),
        style=style,
        geometry=geometry,
        url=url_for("imports.map_layer", upload_id=upload.id, key=shown),
        visible=True,
        legend=legend,
        count=len(rows),
    )
