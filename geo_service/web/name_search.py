"""Search over everything on the map that has a name: the field in the frame, its JSON, and the page without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from urllib.parse import quote

import geopandas as gpd
import shapely
from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.store import Store
from geo_service.store.names import NamedRow, plain_words
from geo_service.web import maps, my_routes, publication_view
from geo_service.web.access import Permission, allow
from geo_service.web.languages import language, words
from geo_service.web.sessions import audit_view, may, scope, store
from town_model import LAYERS, Text
from town_model.crs import WGS84

blueprint = Blueprint("search", __name__)

#: Layers in the order of the answer; whoever may not see one never hears of it.
SEARCHED = (
    "villages",
    "place_names",
    "key_areas",
    "housing_zones",
    "camera_sites",
    "roads",
    "buildings",
    "grids",
    "entrances",
    "patrol_points",
    "patrol_units",
    "checkpoints",
    "notice_boards",
    "no_camera_zones",
    "mounting_points",
    "street_lights",
    "water",
    "land_cover",
    "admin_areas",
)
PER_LAYER = 5
PER_LAYER_ON_PAGE = 30
_VIEW_PX = 600
_CLOSEST, _WIDEST = 17.5, 9.0


@dataclass(frozen=True)
class Hit:
    """One place that was found.

    Args:
        layer: key of the map layer.
        id: its id there.
        name: its name.
        code: its code; empty for none.
        hash: what brings the map there.
        url: the page whose map shows it, with `hash`.
    """

    layer: str
    id: str
    name: str
    code: str
    hash: str
    url: str


@dataclass(frozen=True)
class Group:
    """What was found in one layer.

    Args:
        layer: key of the map layer.
        title: its title.
        hits: the places, best first.
        more: whether there are others.
    """

    layer: str
    title: str
    hits: tuple[Hit, ...]
    more: bool


@blueprint.get("/api/v1/search")
@allow(Permission.SEE_GROUND)
def search_json() -> ResponseReturnValue:
    """Send the places whose name or code holds the words ``q``, by layer."""
    asked = plain_words(request.args.get("q", ""))
    found = groups(store(), asked, most=PER_LAYER)
    return jsonify({"query": asked, "groups": [asdict(one) for one in found]})


@blueprint.get("/search")
@allow(Permission.SEE_GROUND)
def search_page() -> ResponseReturnValue:
    """Show the places whose name or code holds the words ``q``."""
    asked = plain_words(request.args.get("q", ""))
    return render_template(
        "search.html", asked=asked, groups=groups(store(), asked, most=PER_LAYER_ON_PAGE) if asked else []
    )


def groups(town: Store, asked: str, *, most: int) -> list[Group]:
    """Return what the present user may see of the places with these words, layer by layer; whole names come first.

    Args:
        town: the town.
        asked: the words, as `plain_words` gives them.
        most: how many of a layer.
    """
    if not asked:
        return []
    found: list[tuple[int, Group]] = []
    own = _own_stops(asked, most)
    if own is not None:
        found.append((0, own))
    base = url_for("pages.overview" if may(Permission.SEE_MAP) else "pages.my_routes_page")
    seen_sensitive = []
    for name in SEARCHED:
        if not maps.may_see(name):
            continue
        rows = town.find_names(name, asked, limit=most + 1)
        if not rows:
            continue
        if LAYERS[name].sensitive:
            seen_sensitive.append(name)
        hits = tuple(_hit(one, base) for one in rows[:most])
        title = LAYERS[name].title(language())
        found.append((min(one.rank for one in rows), Group(name, title, hits, len(rows) > most)))
    for name in seen_sensitive:
        audit_view("search", name)
    # a layer with the whole name goes before others with a part of it; else they keep their order
    return [group for rank, group in sorted(found, key=lambda one: one[0] > 0)]


def _hit(row: NamedRow, base: str) -> Hit:
    fragment = view_hash(row.bbox, row.layer, str(row.id))
    name = row.name or words(Text("No. {id}"), id=row.id)
    return Hit(row.layer, str(row.id), name, row.code, fragment, base + fragment)


def view_hash(bbox: tuple[float, float, float, float], key: str, feature: str) -> str:
    """Return the part of a map's address that shows a box and chooses a feature.

    Args:
        bbox: west, south, east, north in degrees.
        key: key of the map layer.
        feature: its id on the map.
    """
    west, south, east, north = bbox
    lat = (south + north) / 2
    span = max(east - west, (north - south) / max(0.05, math.cos(math.radians(lat))), 1e-9)
    zoom = min(_CLOSEST, max(_WIDEST, math.log2(_VIEW_PX * 360 / 256 / span)))
    return f"#map={math.floor(zoom * 4) / 4:g}/{lat:.6f}/{(west + east) / 2:.6f}&sel={key}/{quote(feature, safe='/')}"


def _own_stops(asked: str, most: int) -> Group | None:
    """Return stops of the own routes, for those who see no other; each leads to the route that it is on."""
    if may(Permission.SEE_MAP) or not may(Permission.SEE_OWN_ROUTES):
        return None
    hits = []
    for hit in _stops(asked):
        hits.append(hit)
        if len(hits) > most:
            break
    if not hits:
        return None
    return Group("patrol_places", words(Text("Stops of the day")), tuple(hits[:most]), len(hits) > most)


def _stops(asked: str) -> Iterator[Hit]:
    result = publication_view.route_plan()
    if result is None:
        return
    units, visits, places = result.frame("units"), result.frame("visits"), result.frame("places")
    mine = units.loc[scope().covers(units), "unit"].astype(str)
    for unit in mine:
        lines = my_routes.my_lines(result, scope(), unit)
        stops = set(visits.loc[visits["unit"].astype(str) == unit, "place"])
        if lines is None or not stops or not len(lines):
            # the map of a unit without a way shows no stops
            continue
        # numbered as `maps.own_layer` does
        own = places[places["place"].isin(stops)].reset_index(drop=True)
        there = gpd.GeoDataFrame(own).to_crs(WGS84)
        for number, name, shape in zip(there.index, there["name"], there.geometry, strict=True):
            if asked.casefold() in plain_words(str(name)).casefold():
                point = shapely.point_on_surface(shape)
                fragment = view_hash((point.x, point.y, point.x, point.y), "patrol_places", str(number))
                url = url_for("pages.my_routes_page", unit=unit) + fragment
                yield Hit("patrol_places", str(number), str(name), "", fragment, url)
