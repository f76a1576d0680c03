"""The change log for its pages: batches with what they did, and the history of a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import pyproj
import shapely
from sqlalchemy import func, select

from geo_service.i18n import say
from geo_service.store import ChangeEntry, Store
from geo_service.store.database import aware
from geo_service.store.tables import batches, change_log
from geo_service.web import formats
from geo_service.web.layer_rows import PAGE_ROWS, column_words
from town_model import LAYERS, InputError, Layer, Text

KINDS = {
    "edit": Text("edit"),
    "import": Text("import of a file"),
    "import_osm": Text("import of a map"),
    "sample": Text("sample town"),
    "accept": Text("proposals accepted"),
    "undo": Text("undo"),
}
ACTIONS = {"insert": Text("added"), "update": Text("changed"), "delete": Text("deleted")}
SHOWN_ENTRIES = 200
_GLOBE = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class Batch:
    """One batch of the change log.

    Args:
        number: its number.
        at: when, with zone UTC.
        actor: who.
        kind: what kind of change.
        note: what for.
        counts: for each layer and action, its words and how many rows.
        undoes: number of the batch that it took back, or None.
        undone_by: number of the batch that took it back, or None.
    """

    number: int
    at: dt.datetime
    actor: str
    kind: Text | str
    note: str
    counts: tuple[tuple[str, str, int], ...]
    undoes: int | None
    undone_by: int | None


@dataclass(frozen=True)
class Step:
    """What one batch did to one row.

    Args:
        batch: number of the batch.
        row: number of the row.
        layer: name of its layer.
        layer_title: title of the layer.
        name: name of the row, empty where it has none.
        action: what was done, in words.
        differences: title, value before and value after of each column that changed.
        exists: whether the row was there after it.
        is_edit: whether the batch is an edit, not an import of many rows.
    """

    batch: int
    at: dt.datetime
    actor: str
    kind: Text | str
    row: int
    layer: str
    layer_title: str
    name: str
    action: Text | str
    differences: tuple[tuple[str, str, str], ...]
    exists: bool
    is_edit: bool


def batch_list(store: Store, language: str, *, page: int = 1) -> tuple[list[Batch], int]:
    """Return one page of the batches, newest first, and the number of pages.

    Raises:
        InputError: there is no such page.
    """
    with store.reading() as connection:
        total = connection.execute(select(func.count()).select_from(batches)).scalar_one()
        pages = max(1, ceil(total / PAGE_ROWS))
        if page > pages:
            raise InputError("there is no page {page}", page=page)
        part = select(batches).order_by(batches.c.id.desc()).limit(PAGE_ROWS).offset((page - 1) * PAGE_ROWS)
        return _batches(connection, part, language), pages


def one_batch(store: Store, language: str, number: int) -> Batch | None:
    """Return a batch; None where there is none of that number."""
    with store.reading() as connection:
        found = _batches(connection, select(batches).where(batches.c.id == number), language)
    return found[0] if found else None


def undone(undoes: Mapping[int, Sequence[int]], number: int) -> int | None:
    """Return the batch by which a batch is taken back; None where it holds.

    Args:
        undoes: by number of a batch, the numbers of those that undid it.
        number: the batch.

    >>> undone({1: [2], 2: [3]}, 1) is None, undone({1: [2], 2: [3]}, 2)
    (True, 3)
    """
    for one in sorted(undoes.get(number, ())):
        if undone(undoes, one) is None:
            return one
    return None


def steps(store: Store, language: str, entries: Sequence[ChangeEntry]) -> list[Step]:
    """Return entries of the change log in words.

    Args:
        store: where references lead.
        language: ``zh`` or ``en``.
        entries: entries of `Store.changes`.
    """
    names: dict[tuple[str, str, Any], str] = {}
    return [
        Step(
            batch=one.batch,
            at=one.at,
            actor=one.actor,
            kind=KINDS.get(one.kind, one.kind),
            row=one.row_id,
            layer=one.layer,
            layer_title=LAYERS[one.layer].title(language),
            name=str((one.after or one.before or {}).get("name") or ""),
            action=ACTIONS.get(one.action, one.action),
            differences=tuple(differences(store, LAYERS[one.layer], one.before, one.after, language, names)),
            exists=one.after is not None,
            is_edit=one.kind == "edit",
        )
        for one in entries
    ]


def differences(
    store: Store,
    declared: Layer,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    language: str,
    known: dict[tuple[str, str, Any], str] | None = None,
) -> list[tuple[str, str, str]]:
    """Return title, value before and value after of the columns in which two versions of a row differ.

    A row that was added or deleted differs in nothing: there is one version only.

    Args:
        store: where references lead.
        declared: the layer of the row.
        before: the older version, as the change log keeps it.
        after: the newer version.
        language: ``zh`` or ``en``.
        known: words found so far, kept by the caller over many rows.
    """
    if before is None or after is None:
        return []
    known = {} if known is None else known
    found = []
    for column in declared.columns:
        old, new = before.get(column.name), after.get(column.name)
        if old == new:
            continue
        for value in (old, new):
            if (declared.name, column.name, value) not in known:
                known[declared.name, column.name, value] = column_words(store, column, [value], language)[0]
        pair = (known[declared.name, column.name, old], known[declared.name, column.name, new])
        found.append((column.title(language), *pair))
    if before.get("geometry") != after.get("geometry"):
        found.append((say(Text("Position"), language), *_moved(before, after, language)))
    return found


def _moved(before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> tuple[str, str]:
    old, new = (shapely.from_wkb(one["geometry"]) if one.get("geometry") else None for one in (before, after))
    if isinstance(old, shapely.Point) and isinstance(new, shapely.Point):
        *_, metres = _GLOBE.inv(old.x, old.y, new.x, new.y)
        moved = say(Text.of("moved by {length}", length=formats.length(metres)), language)
        return _degrees(old), f"{_degrees(new)} ({moved})"
    return formats.DASH, say(Text("drawn anew"), language)


def _degrees(point: shapely.Point) -> str:
    return f"{point.x:.6f}, {point.y:.6f}"


def _batches(connection: Any, query: Any, language: str) -> list[Batch]:
    rows = list(connection.execute(query))
    numbers = [row.id for row in rows]
    tally = (
        select(change_log.c.batch, change_log.c.layer, change_log.c.action, func.count())
        .where(change_log.c.batch.in_(numbers))
        .group_by(change_log.c.batch, change_log.c.layer, change_log.c.action)
        .order_by(change_log.c.batch, change_log.c.layer, change_log.c.action)
    )
    counts: dict[int, list[tuple[str, str, int]]] = {}
    for batch, layer_name, action, count in connection.execute(tally):
        words = say(ACTIONS[action], language) if action in ACTIONS else action
        counts.setdefault(batch, []).append((LAYERS[layer_name].title(language), words, count))
    undoes: dict[int, list[int]] = {}
    pairs = select(batches.c.id, batches.c.undoes).where(batches.c.undoes.is_not(None))
    for number, taken_back in connection.execute(pairs):
        undoes.setdefault(taken_back, []).append(number)
    return [
        Batch(
            number=row.id,
            at=aware(row.at),
            actor=row.actor,
            kind=KINDS.get(row.kind, row.kind),
            note=row.note,
            counts=tuple(counts.get(row.id, ())),
            undoes=row.undoes,
            undone_by=undone(undoes, row.id),
        )
        for row in rows
    ]
