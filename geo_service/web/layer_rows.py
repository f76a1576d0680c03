"""What the pages of layers show: the list of layers, a page of a table, one row in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from geo_service.i18n import say
from geo_service.mapdata.values import plain
from geo_service.store import RowQuery, Store
from geo_service.store.search import SEARCHED, find_ids
from geo_service.store.tables import LAYER_TABLES
from geo_service.web import formats
from town_model import Column, InputError, Layer, Text
from town_model.layers import base_map, cameras, duty, patrols, places, sites, supervision

PAGE_ROWS = 50
#: How many columns a table shows at first.
FIRST_COLUMNS = 9
GROUPS: tuple[tuple[Text, tuple[Layer, ...]], ...] = (
    (Text("Key places and housing zones"), places.LAYERS),
    (Text("Cameras and lights"), cameras.LAYERS + sites.LAYERS),
    (Text("Patrol points and units"), patrols.LAYERS + duty.LAYERS),
    (Text("Satisfaction"), supervision.LAYERS),
    (Text("Ground and base map"), base_map.LAYERS),
)
_LONGEST_SEARCH = 100
# names of other systems, which nobody reads in a table
_LAST = frozenset({"osm_id", "note"})
_TELLING = frozenset({"choice", "boolean", "ref", "hours"})


@dataclass(frozen=True)
class LayerLine:
    """One layer in the list of layers."""

    name: str
    title: str
    help: str
    count: int
    has_template: bool
    has_geometry: bool


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    title: str
    words: str
    is_number: bool


@dataclass(frozen=True)
class Row:
    """One row of a table: its id, what names it, and its other cells."""

    number: int
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class TablePage:
    """One page of the table of a layer.

    Args:
        heads: titles of the columns with units, and whether they hold numbers.
        rows: the rows of this page.
        total: how many the search finds.
        all: how many there are.
        page: number of this page, from 1.
        pages: how many pages there are, at least 1.
        hidden: how many columns are left out.
        searchable: whether rows have a name or a code.
    """

    heads: tuple[tuple[str, bool], ...]
    rows: tuple[Row, ...]
    total: int
    all: int
    page: int
    pages: int
    hidden: int
    searchable: bool


def is_editable(declared: Layer) -> bool:
    """Whether new rows of a layer can be made in a form: it holds points, or nothing on the map."""
    return declared.geometry in (None, "point")


def layer_groups(store: Store, language: str, *, sensitive: bool) -> list[tuple[str, tuple[LayerLine, ...]]]:
    """Return all layers in their groups, with their counts.

    Args:
        store: the town.
        language: ``zh`` or ``en``.
        sensitive: whether the reader may see sensitive layers.
    """
    return [
        (
            say(title, language),
            tuple(
                LayerLine(
                    name=one.name,
                    title=one.title(language),
                    help=one.help_zh if language.startswith("zh") else one.help_en,
                    count=store.count(one.name),
                    has_template=one.geometry != "raster",
                    has_geometry=one.geometry is not None,
                )
                for one in layers
                if sensitive or not one.sensitive
            ),
        )
        for title, layers in GROUPS
    ]


def read_page(words: str | None) -> int:
    """Return the number of a page that a request asks for.

    Raises:
        InputError: it is no number of a page.
    """
    if words is None or words == "":
        return 1
    if not words.isdecimal() or len(words) > 6 or int(words) < 1:
        raise InputError("there is no page {page}", page=words)
    return int(words)


def table_page(
    store: Store,
    declared: Layer,
    language: str,
    *,
    search: str = "",
    page: int = 1,
    all_columns: bool = False,
) -> TablePage:
    """Return a page of the table of a layer, with values in words.

    Args:
        store: the town.
        declared: the layer.
        language: ``zh`` or ``en``.
        search: part of a name or code; empty finds all.
        page: number of the page, from 1.
        all_columns: show every column, also those in which no row of the page has a value.

    Raises:
        InputError: there is no such page.
    """
    search = search.strip()[:_LONGEST_SEARCH]
    total, ids = _found(store, declared, search, page)
    pages = max(1, ceil(total / PAGE_ROWS))
    if page > pages:
        raise InputError("there is no page {page}", page=page)
    frame = store.frame(declared.name, ids=ids, crs="wgs84")
    columns = [one for one in declared.columns if one.name != "name"]
    shown = columns if all_columns else _first(columns, frame)
    words = {one.name: column_words(store, one, frame[one.name], language) for one in shown}
    names = row_names(frame, language)
    rows = tuple(
        Row(
            number=number,
            name=names[number],
            cells=tuple(
                Cell(one.title(language), words[one.name][at], one.kind in ("integer", "real"))
                for one in shown
            ),
        )
        for at, number in enumerate(frame.index.tolist())
    )
    return TablePage(
        heads=tuple((one.title(language), one.kind in ("integer", "real")) for one in shown),
        rows=rows,
        total=total,
        all=store.count(declared.name) if search else total,
        page=page,
        pages=pages,
        hidden=len(columns) - len(shown),
        searchable=bool(_searched(declared)),
    )


def column_words(store: Store, column: Column, cells: Iterable[Any], language: str) -> list[str]:
    """Return the cells of a column as a reader sees them; a dash where there is nothing.

    Args:
        store: where references lead.
        column: the column.
        cells: its values, of a frame or of the change log.
        language: ``zh`` or ``en``.
    """
    given = list(cells)
    names: Mapping[int, str] = {}
    if column.kind == "ref":
        wanted = {int(one) for one in given if plain(one) is not None}
        names = dict(choices_of(store, column.refers_to, ids=wanted)) if wanted else {}
    return [_words(column, one, language, names) for one in given]


def row_names(frame: pd.DataFrame, language: str) -> dict[int, str]:
    """Return what names each row of a frame: its name, else its number."""
    names = frame["name"].tolist() if "name" in frame.columns else [None] * len(frame)
    return {
        int(number): row_name(number, name, language)
        for number, name in zip(frame.index.tolist(), names, strict=True)
    }


def row_name(number: int, name: object, language: str) -> str:
    """Return what names a row: its name, else its number."""
    return str(plain(name) or "").strip() or say(Text.of("No. {id}", id=number), language)


def choices_of(store: Store, layer_name: str, *, ids: Collection[int] | None = None) -> list[tuple[int, str]]:
    """Return id and name of the rows of a layer, in order of their names.

    Args:
        store: the town.
        layer_name: name of the layer.
        ids: only these rows; None takes all.
    """
    table = LAYER_TABLES[layer_name]
    query = select(table.c.id, table.c.name if "name" in table.c else table.c.id)
    with store.reading() as connection:
        rows = list(connection.execute(query if ids is None else query.where(table.c.id.in_(sorted(ids)))))
    named = [(int(number), str(name) if name is not None else str(number)) for number, name in rows]
    return sorted(named, key=lambda one: (one[1], one[0]))


def form_options(store: Store, declared: Layer) -> dict[str, Sequence[tuple[int, str]]]:
    """Return the rows that the reference columns of a layer may point to, by layer."""
    return {name: choices_of(store, name) for name in {one.refers_to for one in declared.columns} - {""}}


def one_row(store: Store, declared: Layer, row_id: int) -> dict[str, Any] | None:
    """Return a row by column, with ``revision`` and its geometry in longitude, latitude; None where there is none."""
    frame = store.frame(declared.name, ids=[row_id], crs="wgs84")
    if frame.empty:
        return None
    row: dict[str, Any] = {str(key): value for key, value in frame.iloc[0].items()}
    row["revision"] = int(row["revision"])
    return row


def row_words(store: Store, declared: Layer, row: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return title and value of every column of a row, and the position of a point, in words."""
    found = [
        (one.title(language), column_words(store, one, [row.get(one.name)], language)[0])
        for one in declared.columns
    ]
    place = row.get("geometry")
    if isinstance(place, shapely.Point) and not place.is_empty:
        found.append((say(Text("Position"), language), f"{place.x:.6f}, {place.y:.6f}"))
    return found


def extent(store: Store, declared: Layer, row_id: int) -> Text | str:
    """Return what the geometry of a row is: its kind, and its length or area on the ground."""
    frame = store.frame(declared.name, ids=[row_id])
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty or frame.geometry.iloc[0] is None:
        return formats.DASH
    return shape_words(frame.geometry.iloc[0])


def shape_words(shape: BaseGeometry) -> Text | str:
    """Return a shape in metres in words: a line with its length, an area with its size."""
    if shape.geom_type in ("LineString", "MultiLineString"):
        return Text.of("line, {length}", length=formats.length(shape.length))
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return Text.of(
            "area of {area}, {length} round it",
            area=formats.area(shape.area),
            length=formats.length(shape.length),
        )
    return Text("point")


def _words(column: Column, value: Any, language: str, names: Mapping[int, str]) -> str:
    cell = plain(value)
    if cell is None or cell == "":
        return formats.DASH
    if column.kind == "choice":
        return column.choice_title(str(cell), language)
    if column.kind == "boolean":
        return say(Text("Yes") if cell else Text("No"), language)
    if column.kind == "ref":
        return names.get(int(cell), str(int(cell)))
    if column.kind in ("date", "datetime"):
        words = str(cell).replace("T", " ")
        return words[:10] if column.kind == "date" else words[:16] if len(words) > 10 else f"{words} 00:00"
    return str(cell)


def _searched(declared: Layer) -> tuple[str, ...]:
    return tuple(one for one in SEARCHED if one in declared.column_names)


def _found(store: Store, declared: Layer, search: str, page: int) -> tuple[int, list[int]]:
    """Return how many rows a search finds, and the ids of one page of them."""
    query = RowQuery(words=search)
    if search.isdecimal() and len(search) < 19 and not _searched(declared):
        query = RowQuery(ids=(int(search),))
    with store.reading() as connection:
        return find_ids(connection, declared, query, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS)


def _first(columns: Sequence[Column], frame: pd.DataFrame) -> list[Column]:
    """Return the columns that tell most: those with words of choices first, then those with values on this page."""
    filled = [one for one in columns if any(plain(cell) is not None for cell in frame[one.name])]
    ranked = sorted(filled, key=lambda one: (one.name in _LAST, not one.required, one.kind not in _TELLING))
    kept = {one.name for one in ranked[:FIRST_COLUMNS]}
    return [one for one in columns if one.name in kept]
