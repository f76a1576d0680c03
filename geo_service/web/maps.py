"""The maps of the pages: which layers a reader finds on which page, and the parts for the template."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
import shapely
from flask import url_for
from markupsafe import Markup

from geo_service import mapdata
from geo_service.store import Store, StoredResult
from geo_service.web.access import Permission
from geo_service.web.assets import map_asset
from geo_service.web.formats import clock
from geo_service.web.languages import language, words
from geo_service.web.map_extras import extras, file_address
from geo_service.web.sessions import may
from town_maps import MapLayer, MapSpec, layer_json, page_parts
from town_model import Text
from town_model.crs import WGS84

#: Layers of the ground that everybody who is logged in may see; nothing of them is sensitive.
GROUND = (
    "villages",
    "grids",
    "admin_areas",
    "place_names",
    "roads",
    "buildings",
    "obstacles",
    "water",
    "land_cover",
)
_MAP_PERMISSIONS = {
    Permission.SEE_MAP: (mapdata.VIEW_MAP, mapdata.VIEW_CAMERAS),
    Permission.SEE_GAPS: (mapdata.VIEW_GAPS,),
    Permission.SEE_PLAN: (mapdata.VIEW_PLANS,),
}
#: Outlines that only divide are a click away.
_ALWAYS = ("key_areas", "housing_zones", *(one for one in GROUND if one not in ("grids", "admin_areas")))
#: What shows at first on each page; the other layers are a click away.
SHOWN: dict[str, tuple[str, ...]] = {
    "overview": ("gaps_day", "camera_sites", "coverage_day", *_ALWAYS),
    "gaps_day": ("gaps_day", "camera_sites", *_ALWAYS),
    "gaps_night": ("gaps_night", "camera_sites", *_ALWAYS),
    "patrol": ("patrol_routes", "patrol_places", *_ALWAYS),
    "clock": ("patrol_points", *_ALWAYS),
    "days": ("patrol_points", *_ALWAYS),
    "response": ("patrol_points", *_ALWAYS),
    "compare": ("camera_sites", *_ALWAYS),
}


@dataclass(frozen=True)
class MapParts:
    """The parts of a map as markup that is known to be safe: it is made from constants and inert JSON.

    Args:
        head: links to style sheets.
        body: the map's element and its description.
        script: the scripts.
    """

    head: Markup
    body: Markup
    script: Markup


def map_permissions() -> set[str]:
    """Return what the present user may see on a map, in the words of `geo_service.mapdata`."""
    return {one for held, given in _MAP_PERMISSIONS.items() if may(held) for one in given}


def may_see(key: str) -> bool:
    """Return whether the present user may see a layer of the map; False also where there is no such layer."""
    if key not in mapdata.SOURCES:
        return False
    return mapdata.allowed(mapdata.source(key), map_permissions()) or (
        key in GROUND and may(Permission.SEE_GROUND)
    )


def town_map(store: Store, page: str, *, unit: str | None = None) -> MapParts | None:
    """Return the map of a page for the present user; None while the town has no position.

    Args:
        store: the town.
        page: a key of `SHOWN`.
        unit: on the patrol page, the unit whose routes show; None shows all.
    """
    if store.town.epsg is None:
        return None
    spec = mapdata.map_spec(
        store,
        language=language(),
        permissions=map_permissions(),
        url=lambda key: _address(key, unit),
        tiles=_tiles,
        visible=SHOWN[page],
    )
    if unit is not None:
        layers = [
            replace(one, legend=(), count=None) if one.key == "patrol_routes" else one for one in spec.layers
        ]
        spec = replace(spec, layers=tuple(layers))
    return map_parts(spec, page=page)


def own_map(store: Store, lines: gpd.GeoDataFrame, *, unit: str, preview: bool = False) -> MapParts | None:
    """Return the small map of one own route: the ground, the route, its stops and nothing else.

    Args:
        store: the town.
        lines: the rows of the routes that are shown, for the first view.
        unit: key of the unit.
        preview: whether they are those of the latest plan, published or not.
    """
    if store.town.epsg is None:
        return None
    ground = mapdata.map_spec(
        store,
        language=language(),
        permissions={mapdata.VIEW_MAP},
        url=lambda key: _address(key, None),
        tiles=_tiles,
        keys=GROUND,
        visible=_ALWAYS,
    )
    group = words(Text("My routes"))
    own = tuple(
        MapLayer(
            key=key,
            title=words(title),
            group=group,
            style=key,
            geometry=geometry,
            url=url_for("api.my_map_layer", key=key, unit=unit, preview=1 if preview else None),
            visible=True,
        )
        for key, title, geometry in (
            ("patrol_routes", Text("Way"), "line"),
            ("patrol_places", Text("Stops of the day"), "point"),
        )
    )
    box = lines.to_crs(WGS84).total_bounds.tolist() if len(lines) else None
    bounds = tuple(box) if box and all(pd.notna(box)) else ground.bounds
    return map_parts(replace(ground, layers=own + ground.layers, bounds=bounds), page="own")


def own_layer(result: StoredResult, lines: gpd.GeoDataFrame, key: str) -> dict[str, object]:
    """Return a layer of the small map, from own rows alone.

    Args:
        result: the plan.
        lines: the rows of its frame ``routes`` that the user may see, of one unit.
        key: ``patrol_routes`` or ``patrol_places``.
    """
    if key == "patrol_routes":
        ground = lines.reset_index(drop=True).to_crs(WGS84)
        return layer_json(
            key,
            ground,
            classes=["route"] * len(ground),
            values=[[str(name)] for name in ground["unit_name"]],
            fields=[{"key": "unit_name", "title": words(Text("Unit")), "unit": ""}],
            label="unit_name",
        )
    visits = result.frame("visits")
    visits = visits[visits["unit"].isin(set(lines["unit"]))].sort_values("arrive_s")
    places = result.frame("places")
    # numbered among the own ones: the number in the whole plan would tell how many others there are
    places = places[places["place"].isin(set(visits["place"]))].reset_index(drop=True)
    points = shapely.point_on_surface(places["geometry"].to_numpy())
    ground = gpd.GeoDataFrame(places[["place", "name"]], geometry=points, crs=lines.crs).to_crs(WGS84)
    return layer_json(
        key,
        ground,
        classes=["kept"] * len(ground),
        values=[
            [str(name), _times(visits, place)]
            for name, place in zip(ground["name"], ground["place"], strict=True)
        ],
        fields=[
            {"key": "name", "title": words(Text("Place")), "unit": ""},
            {"key": "visits", "title": words(Text("Arrive")), "unit": ""},
        ],
        label="name",
    )


def map_parts(spec: MapSpec, *, page: str = "") -> MapParts:
    """Return the parts of a map for a template, with what other rooms add to the map of this page.

    Args:
        spec: what the map shows.
        page: the page, as in `geo_service.web.map_extras.MapExtra.pages`.
    """
    added = extras(page)
    settings = {one.name: dict(one.settings()) for one in added if one.settings is not None}
    parts = page_parts(
        replace(spec, settings={**spec.settings, **settings}),
        asset_url=map_asset,
        scripts=[file_address(name) for one in added for name in one.scripts],
        styles=[file_address(name) for one in added for name in one.styles],
    )
    return MapParts(Markup(parts.head), Markup(parts.body), Markup(parts.script))  # noqa: S704


def only_classes(data: dict[str, object], classes: Collection[str]) -> dict[str, object]:
    """Return layer data with the features of some classes only.

    Args:
        data: a layer as `town_maps.layer_json` gives it.
        classes: the classes that stay.
    """
    features: list[list[object]] = data["features"]  # type: ignore[assignment]
    return data | {"features": [one for one in features if one[1] in classes]}


def _tiles(key: str) -> str:
    address = url_for("tiles.town_tile", z=0, x=0, y=0, layers=key)
    return address.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")


def _address(key: str, unit: str | None) -> str:
    return url_for("api.map_layer", key=key, unit=unit if key == "patrol_routes" else None)


def _times(visits: pd.DataFrame, place: object) -> str:
    return ", ".join(clock(one) for one in visits.loc[visits["place"] == place, "arrive_s"])
