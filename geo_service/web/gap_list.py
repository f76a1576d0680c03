"""The list of blind spots: filtered, sorted and cut into pages on the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import ceil

import geopandas as gpd
import pandas as pd

from geo_service.cause_words import cause_words
from geo_service.cure_words import CURES, cure_text
from geo_service.store import StoredResult
from geo_service.web import codes, formats
from geo_service.words import CAUSES, TARGET_KINDS
from town_model import InputError, Text

PAGE_ROWS = 50
SORTS = ("priority", "target", "light", "cause", "size", "distance")
TITLES: dict[str, dict[str, Text]] = {
    "priority": codes.PRIORITIES,
    "kind": TARGET_KINDS,
    "light": codes.LIGHTS,
    "cause": CAUSES,
    "cure": CURES,
}
_FILTERS = {"priority": "priority", "kind": "target_kind", "light": "light", "cause": "cause", "cure": "cure"}
_FIELDS = {
    "priority": Text("priority"),
    "kind": Text("kind of place"),
    "light": Text("light"),
    "cause": Text("cause"),
    "cure": Text("cure"),
    "sort": Text("order"),
    "order": Text("order"),
}
_COLUMN_OF = {"target": "target_name", "distance": "distance_m"}
_CHOICES: dict[str, tuple[str, ...]] = {
    **{name: tuple(titles) for name, titles in TITLES.items()},
    "sort": SORTS,
    "order": ("up", "down"),
}


@dataclass(frozen=True)
class GapQuery:
    """Which blind spots are asked for, and in which order; empty text is no limit.

    Args:
        priority: ``1``, ``2`` or ``3``.
        kind: kind of the target.
        light: ``day`` or ``night``.
        cause: code of the cause.
        cure: code of the cure.
        sort: one of `SORTS`.
        order: ``up`` or ``down``; by default the way that puts what matters first.
        page: number of the page, from 1.
    """

    priority: str = ""
    kind: str = ""
    light: str = ""
    cause: str = ""
    cure: str = ""
    sort: str = "priority"
    order: str = "up"
    page: int = 1

    def __post_init__(self) -> None:
        faults = [
            Text.of(
                "{value!r} is no {field}: use one of {known}",
                value=value,
                field=_FIELDS[name],
                known=", ".join(known),
            )
            for name, known in _CHOICES.items()
            if (value := getattr(self, name)) and value not in known
        ]
        if self.page < 1:
            faults.append(Text.of("there is no page {page}", page=self.page))
        if faults:
            raise InputError(faults)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> GapQuery:
        """Return the query that the parameters of a request ask for; unknown parameters are left aside.

        Args:
            given: parameters by name.

        Raises:
            InputError: a value is none of those known.
        """
        page = given.get("page") or "1"
        if not page.isdecimal() or len(page) > 6:
            raise InputError("there is no page {page}", page=page)
        words = {name: given[name] for name in _CHOICES if given.get(name)}
        if "order" not in words:
            words["order"] = "down" if words.get("sort") == "size" else "up"
        return cls(**words, page=int(page))

    def params(self, **changes: str | int) -> dict[str, str | int]:
        """Return the parameters of an address that asks for this, with some of them changed."""
        values = asdict(replace(self, **changes))  # type: ignore[arg-type]
        return {
            key: value
            for key, value in values.items()
            if (value and value != getattr(GapQuery(), key)) or (key == "order" and values["sort"] == "size")
        }

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(self.priority or self.kind or self.light or self.cause or self.cure)


@dataclass(frozen=True)
class GapRow:
    """One blind spot as the table shows it.

    Args:
        number: row number of the piece in the result.
        priority: code of the priority, for its colour.
        layer: key of the map layer that draws it.
    """

    number: int
    priority: str
    priority_words: Text | str
    target: str
    kind: Text | str
    light: str
    light_words: Text | str
    cause: Text
    cure: Text | str
    size: Text | str
    camera: str
    distance: Text | str
    layer: str
    camera_id: int | None = None


@dataclass(frozen=True)
class GapPage:
    """One page of the list.

    Args:
        rows: the blind spots of this page.
        total: how many the query finds.
        all: how many there are.
        pages: how many pages the query fills, at least 1.
        sums: for each light in which there is something: the light, the area apart from roads, the length of roads.
        choices: what each filter can be set to: values that occur, with their titles.
    """

    rows: tuple[GapRow, ...]
    total: int
    all: int
    pages: int
    sums: tuple[tuple[Text | str, Text | str, Text | str], ...]
    choices: dict[str, dict[str, Text]]


def with_cures(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return pieces with the columns of cures, which results of earlier releases lack."""
    if "cure" in pieces.columns:
        return pieces
    return pieces.assign(cure="", cure_params=None, cause_camera_name=None, cure_share=None)


def size_of(pieces: pd.DataFrame) -> pd.Series:
    """Return the size by which pieces are sorted: metres for those of roads, square metres for the others."""
    return pieces["length_m"].where(pieces["target_kind"] == "road", pieces["area_m2"])


def select(pieces: gpd.GeoDataFrame, query: GapQuery) -> gpd.GeoDataFrame:
    """Return the pieces that a query asks for, in its order; all pages of them.

    Args:
        pieces: the frame ``pieces`` of a gap result.
        query: filters and order.
    """
    keep = pd.Series(data=True, index=pieces.index)
    pieces = with_cures(pieces)
    for name, column in _FILTERS.items():
        if value := getattr(query, name):
            keep &= pieces[column].astype(str) == value
    found = pieces[keep]
    keys = pd.DataFrame(
        {
            "first": size_of(found)
            if query.sort == "size"
            else found[_COLUMN_OF.get(query.sort, query.sort)].map(lambda value: value),
            "priority": found["priority"].astype(str),
            "size": size_of(found),
        },
        index=found.index,
    )
    order = keys.sort_values(
        ["first", "priority", "size"],
        ascending=[query.order == "up", True, False],
        kind="stable",
        na_position="last",
    )
    return found.loc[order.index]


def gap_page(result: StoredResult, query: GapQuery) -> GapPage:
    """Return one page of the list of blind spots.

    Args:
        result: the latest result of kind ``gaps``.
        query: what is asked for.

    Raises:
        InputError: the query asks for a page behind the last one.
    """
    pieces = with_cures(result.frame("pieces"))
    found = select(pieces, query)
    pages = max(1, ceil(len(found) / PAGE_ROWS))
    if query.page > pages:
        raise InputError("there is no page {page}", page=query.page)
    part = found.iloc[(query.page - 1) * PAGE_ROWS : query.page * PAGE_ROWS]
    return GapPage(
        rows=tuple(_rows(part)),
        total=len(found),
        all=len(pieces),
        pages=pages,
        sums=tuple(_sums(found)),
        choices={
            name: {value: words for value, words in titles.items() if value in there}
            for name, titles in TITLES.items()
            if (there := {*pieces[_FILTERS[name]].astype(str), getattr(query, name)})
        },
    )


def chosen_result(result: StoredResult, query: GapQuery) -> StoredResult:
    """Return a result whose pieces are those that a query asks for, all pages of them, for an export.

    Args:
        result: the latest result of kind ``gaps``.
        query: filters and order.
    """
    chosen = select(result.frame("pieces"), query).reset_index(drop=True)
    return replace(result, frame_names=("pieces",), _load=lambda _number, _name: chosen.copy())


def _sums(found: gpd.GeoDataFrame) -> list[tuple[Text | str, Text | str, Text | str]]:
    """Sum by light: ground that is blind by day is mostly blind by night, too, and must not count twice."""
    road = found["target_kind"] == "road"
    return [
        (
            codes.LIGHTS[light],
            formats.area(float(found.loc[here & ~road, "area_m2"].sum())),
            formats.length(float(found.loc[here & road, "length_m"].sum())),
        )
        for light in codes.LIGHTS
        if (here := found["light"] == light).any()
    ]


def _rows(part: gpd.GeoDataFrame) -> list[GapRow]:
    return [
        GapRow(
            number=int(row.Index),
            priority=str(row.priority),
            priority_words=codes.priority(row.priority),
            target=str(row.target_name),
            kind=codes.kind(row.target_kind),
            light=str(row.light),
            light_words=codes.light(row.light),
            cause=cause_words(row.cause, row.cause_name, row.cause_ref),
            cure=cure_text(row.cure, row.cure_params, row.cause_camera_name, row.cure_share)
            if row.cure
            else "",
            size=formats.length(row.length_m) if row.target_kind == "road" else formats.area(row.area_m2),
            camera=formats.DASH
            if formats.is_missing(row.nearest_camera_name)
            else str(row.nearest_camera_name),
            distance=formats.length(row.distance_m),
            layer=f"gaps_{row.light}",
            camera_id=None if formats.is_missing(row.nearest_camera) else int(row.nearest_camera),
        )
        for row in part.itertuples()
    ]
