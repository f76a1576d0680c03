"""A form's way into the store: saved, refused with its faults, or held back because somebody else was first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely
from flask import abort, request
from shapely.geometry.base import BaseGeometry

from geo_service.edits.shapes import weld
from geo_service.i18n import say
from geo_service.mapdata.values import plain
from geo_service.store import ConflictError, Store
from geo_service.web import layer_forms
from geo_service.web.formats import DASH
from geo_service.web.layer_rows import column_words, one_row
from town_model import LAYERS, Column, InputError, Layer, Text


def form_revision() -> int:
    """Return the revision of a row that the form of this request was shown with; a request without one is refused."""
    sent = request.form.get("revision", "")
    if not sent.isdecimal() or len(sent) > 15:
        abort(400)
    return int(sent)


@dataclass(frozen=True)
class Clash:
    """One column in which the versions of two editors are held against each other, in words.

    Args:
        title: title of the column.
        before: what both saw when they began.
        theirs: what is stored now.
        mine: what the form holds; a dash where it left the column as it was.
        differs: whether the form would overwrite a change of the other one.
        name: name of the column; ``geometry`` for a shape.
    """

    title: str
    before: str
    theirs: str
    mine: str
    differs: bool
    name: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a form.

    Args:
        row_id: the row; None for a new one that was refused.
        batch: number of the change; None where nothing was stored.
        values: what the fields show.
        revision: the revision that the next attempt goes by.
        faults: what is wrong.
        clashes: columns that somebody or this form changed, where somebody else was first.
    """

    row_id: int | None
    batch: int | None
    values: Mapping[str, str]
    revision: int | None = None
    faults: tuple[Text, ...] = ()
    clashes: tuple[Clash, ...] = field(default=())

    @property
    def refused(self) -> bool:
        """Whether nothing was stored although something was to be."""
        return bool(self.faults or self.clashes)


def add_row(
    store: Store,
    declared: Layer,
    form: Mapping[str, str],
    *,
    actor: str,
    shape: BaseGeometry | None = None,
    views_of: int | None = None,
) -> Outcome:
    """Insert a row that a form describes.

    Args:
        store: the town.
        declared: the layer.
        form: words by column.
        actor: who does so.
        shape: its line or area, longitude and latitude; the position of a point stands in the form.
        views_of: the camera whose presets and lenses a new camera shall have, too.
    """
    sent = layer_forms.sent_values(declared, form)
    values, faults = layer_forms.row_values(declared, sent, sent, town=_position(store))
    if shape is not None:
        values["geometry"] = weld(store, declared, shape)
    try:
        with store.change(actor=actor, kind="edit") as change:
            (row_id,) = change.insert(declared.name, [values])
            _raise_any(faults)
            if views_of is not None and declared.name == "camera_sites":
                change.insert("camera_views", [{**one, "camera": row_id} for one in _views(store, views_of)])
    except InputError as error:
        return Outcome(None, None, sent, faults=_together(faults, error))
    return Outcome(row_id, change.batch_id, sent)


def _views(store: Store, camera: int) -> list[dict[str, Any]]:
    frame = store.frame("camera_views")
    columns = LAYERS["camera_views"].column_names
    rows = frame.loc[frame["camera"] == camera, list(columns)].astype(object)
    return [{str(name): plain(value) for name, value in one.items()} for one in rows.to_dict("records")]


def save_row(
    store: Store,
    declared: Layer,
    row_id: int,
    form: Mapping[str, str],
    *,
    actor: str,
    language: str,
    revision: int,
    shape: BaseGeometry | None = None,
) -> Outcome:
    """Store what a form changes of a row, unless somebody else changed the row since the form was opened.

    Args:
        store: the town.
        declared: the layer.
        row_id: the row.
        form: words by column.
        actor: who does so.
        language: language of the words of two versions that clash.
        revision: revision of the row when the form was opened.
        shape: its line or area as the map holds it, longitude and latitude; None leaves it as it is.

    Raises:
        ConflictError: the row is gone.
    """
    sent = layer_forms.sent_values(declared, form)
    row = _present(store, declared, row_id)
    if row["revision"] != revision:
        return _held_back(store, declared, row_id, sent, revision, row, language, shape)
    changed = layer_forms.changed_columns(sent, layer_forms.shown_values(declared, row))
    values, faults = layer_forms.row_values(declared, sent, changed, town=_position(store))
    if shape is not None and not _same(shape, row.get("geometry")):
        values["geometry"] = weld(store, declared, shape, row_id=row_id)
    try:
        with store.change(actor=actor, kind="edit") as change:
            change.update(declared.name, row_id, values, expected_revision=revision)
            _raise_any(faults)
    except InputError as error:
        return Outcome(row_id, None, sent, revision, faults=_together(faults, error))
    except ConflictError:
        # somebody saved between our reading and our writing
        row = _present(store, declared, row_id)
        return _held_back(store, declared, row_id, sent, revision, row, language, shape)
    return Outcome(row_id, change.batch_id, sent, change.batch_id or revision)


def delete_row(store: Store, declared: Layer, row_id: int, *, actor: str, revision: int) -> int | None:
    """Delete a row as it was seen, and return the number of the change.

    Raises:
        ConflictError: the row is gone, was changed since, or others refer to it.
    """
    with store.change(actor=actor, kind="edit") as change:
        change.update(declared.name, row_id, {}, expected_revision=revision)
        change.delete(declared.name, row_id)
    return change.batch_id


def _held_back(
    store: Store,
    declared: Layer,
    row_id: int,
    sent: Mapping[str, str],
    revision: int,
    row: Mapping[str, Any],
    language: str,
    shape: BaseGeometry | None = None,
) -> Outcome:
    """Return both versions of a row, and a form that keeps the other's changes where this one has none."""
    theirs = layer_forms.shown_values(declared, row)
    older = _version(store, declared, row_id, revision)
    before = layer_forms.shown_values(declared, older)
    mine = layer_forms.changed_columns(sent, before)
    clashes = []
    for column in layer_forms.form_columns(declared):
        name = column.name
        if name not in mine and theirs[name] == before[name]:
            continue
        old, stored, wanted = (
            _in_words(store, column, one, language) for one in (before[name], theirs[name], sent[name])
        )
        overwrites = name in mine and theirs[name] not in (before[name], sent[name])
        clashes.append(
            Clash(column.title(language), old, stored, wanted if name in mine else DASH, overwrites, name)
        )
    clashes += _shape_clash(declared, (older or {}).get("geometry"), row.get("geometry"), shape, language)
    merged = {**theirs, **{name: sent[name] for name in mine}}
    return Outcome(row_id, None, merged, int(row["revision"]), clashes=tuple(clashes))


def _shape_clash(
    declared: Layer, before: object, theirs: object, mine: BaseGeometry | None, language: str
) -> list[Clash]:
    """Hold the shapes of two editors against each other; points do so by their two columns."""
    if declared.geometry in (None, "point"):
        return []
    changed = mine is not None and not _same(mine, before)
    if not changed and _same(theirs, before):
        return []
    same, anew = say(Text("as before"), language), say(Text("drawn anew"), language)
    return [
        Clash(
            say(Text("Shape"), language),
            DASH,
            same if _same(theirs, before) else anew,
            anew if changed else DASH,
            changed and not _same(theirs, before) and not _same(mine, theirs),
            "geometry",
        )
    ]


def _same(one: object, other: object) -> bool:
    if not isinstance(one, BaseGeometry) or not isinstance(other, BaseGeometry):
        return one is other
    return bool(shapely.equals_exact(one, other, tolerance=0.0))


def _in_words(store: Store, column: Column, words: str, language: str) -> str:
    value = layer_forms.parse(column, words)
    if column.kind in ("ref", "real", "integer") and isinstance(value, str):
        return words
    return column_words(store, column, [value], language)[0]


def _version(store: Store, declared: Layer, row_id: int, revision: int) -> dict[str, Any] | None:
    """Return a row as it was after a batch, from the change log."""
    for entry in store.changes(layer=declared.name, row_id=row_id, limit=None):
        if entry.batch <= revision and entry.after is not None:
            row = dict(entry.after)
            if row.get("geometry"):
                row["geometry"] = shapely.from_wkb(row["geometry"])
            return row
    return None


def _present(store: Store, declared: Layer, row_id: int) -> dict[str, Any]:
    row = one_row(store, declared, row_id)
    if row is None:
        raise ConflictError("layer {layer} has no row {row} any more", layer=declared.name, row=row_id)
    return row


def _position(store: Store) -> tuple[float, float] | None:
    town = store.town
    return None if town.lon is None or town.lat is None else (town.lon, town.lat)


def _raise_any(faults: list[Text]) -> None:
    if faults:
        raise InputError(faults)


def _together(faults: list[Text], error: InputError) -> tuple[Text, ...]:
    """Return the faults of form and store; where the form says what is wrong with a position, the store need not."""
    known = {"geometry is missing"} if any(one.params.get("column") in ("lon", "lat") or one.template.startswith("the position") for one in faults) else set()  # fmt: skip
    return (*faults, *(one for one in error.messages if one not in faults and one.template not in known))
