"""Importing a file into a layer: read it, show what would happen, store it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geo_service.imports.headers import Header, feature_header, find_header
from geo_service.imports.matching import check_rules, known_rows, resolve_references, write_rows
from geo_service.imports.persons import header_kind
from geo_service.imports.privacy import refuse_persons
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.parent import read_raw
from geo_service.imports.reading.raw import RawTable
from geo_service.imports.report import ImportReport, ImportTable
from geo_service.imports.road_check import check_datum
from geo_service.imports.tables import TableReader
from town_model import InputError, Layer, Text
from town_model import layer as layer_of

if TYPE_CHECKING:
    from geo_service.store import Store

FaultyRows = Literal["skip", "refuse"]


def _header(raw: RawTable, layer: Layer, columns: Mapping[str, str] | None) -> Header:
    if raw.fields is not None:
        return feature_header(raw.fields, layer, columns)
    return find_header(raw.rows, raw.numbers, layer, columns)


def _choose(
    tables: list[RawTable], layer: Layer, columns: Mapping[str, str] | None, sheet: str | None, file: str
) -> tuple[RawTable, Header]:
    """Return the sheet under whose header the most columns are found, or the one that was asked for."""
    filled = [one for one in tables if one.rows]
    if not filled:
        raise InputError("{file} holds no rows", file=file)
    if sheet is not None:
        filled = [one for one in filled if one.name == sheet]
        if not filled:
            raise InputError(
                "{file} has no sheet {sheet!r}: it has {sheets}",
                file=file,
                sheet=sheet,
                sheets=", ".join(one.name for one in tables),
            )
    refused: InputError | None = None
    best: tuple[RawTable, Header] | None = None
    for one in filled:
        try:
            header = _header(one, layer, columns)
        except InputError as error:  # the mapping does not fit this sheet; it may fit another
            refused = refused or error
            continue
        if best is None or (header.score, not one.hidden) > (best[1].score, not best[0].hidden):
            best = one, header
    if best is None:
        assert refused is not None
        raise refused
    return best


def read_file(
    path: Path | str,
    layer: str,
    *,
    datum: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    limits: ReadLimits | None = None,
    name: str | None = None,
) -> ImportTable:
    """Return a file as rows of a layer, with every fault at its cell; nothing is stored.

    References to rows of other layers are left as the names that stand in the file.

    Args:
        path: the file.
        layer: name of the layer.
        datum: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or an EPSG code; needed unless the file carries its own.
        columns: our columns to those of the file, beside what is recognised; also ``lon``, ``lat``, ``position``, ``wkt``.
            An empty string leaves a column out.
        sheet: name of the sheet or layer of the file; by default the one that fits best.
        limits: what reading may cost.
        name: name of the file in messages; by default that of the path.

    Raises:
        InputError: the file as a whole cannot be used; the message says why and what to do.
    """
    declared = layer_of(layer)
    path = Path(path)
    if declared.geometry == "raster":
        raise InputError("the layer {layer} holds rasters, which are not imported this way", layer=layer)
    file = name or path.name
    try:
        raw_file = read_raw(path, limits=limits)
    except InputError as error:
        # an upload lies under a name of our own, which means nothing to its sender
        raise InputError(
            [
                Text(one.template, one.params | ({"file": file} if "file" in one.params else {}))
                for one in error.messages
            ]
        ) from None
    for one in raw_file.tables:
        if one.fields is not None:
            refuse_persons(one, Header())
    raw, header = _choose(raw_file.tables, declared, columns, sheet, file)
    for one in raw_file.tables:
        if one.fields is None and one.rows:
            refuse_persons(one, header if one is raw else Header())
    table = ImportTable(
        layer, file, raw_file.kind, raw.name, header.rows, header.matches, notes=list(raw_file.notes)
    )
    missing = [
        one for one in declared.columns if one.required and one.default is None and not header.match(one.name)
    ]
    if missing or not header.score:
        raise InputError(
            "{file}: no column was found for {missing}. The file has: {titles}. Name it with --columns ours=theirs",
            file=file,
            missing=", ".join(f"{one.name} ({one.zh})" for one in missing) or layer,
            titles=", ".join(one.title for one in header.matches) or "—",
        )
    for match in header.matches:
        kind = header_kind(match.title)
        if kind == "contact" and match.column:
            raise InputError(
                "{file}: the column “{title}” names contacts and cannot be taken: this system holds places only",
                file=file,
                title=match.title,
            )
        if not match.column:
            why = match.why
            if kind == "contact":
                why = Text.of("contacts of persons are not kept")
            elif kind == "capability":
                why = Text.of("what a camera recognises is not kept")
            table.left_out.append((match.title, why))
    others = [one.name for one in raw_file.tables if one is not raw and one.rows and one.name]
    if others:
        table.notes.append(
            Text.of("read from “{sheet}”; not read: {others}", sheet=raw.name, others=", ".join(others))
        )
    reader = TableReader(raw, header, declared, table)
    reader.read(datum)
    if not table.rows:
        raise InputError("{file} has a header but no rows of data", file=file)
    return table


def import_file(
    store: Store,
    path: Path | str,
    layer: str,
    *,
    datum: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    actor: str,
    dry_run: bool = False,
    faulty_rows: FaultyRows = "skip",
    limits: ReadLimits | None = None,
    name: str | None = None,
) -> ImportReport:
    """Import a file into a layer as one batch, and return what was done.

    Rows are recognised by the key of the layer and updated; a row without key is recognised by name and place. A cell
    that is empty, or refused, leaves what is stored. A town without position is placed at the middle of the rows.

    Args:
        store: the store.
        path: the file.
        layer: name of the layer.
        datum: see `read_file`.
        columns: see `read_file`.
        sheet: see `read_file`.
        actor: who imports.
        dry_run: store nothing.
        faulty_rows: ``skip`` stores the other rows; ``refuse`` stores nothing when any row is refused.
        limits: what reading may cost.
        name: name of the file in messages and in the change log.

    Raises:
        InputError: the file as a whole cannot be used.
    """
    table = read_file(path, layer, datum=datum, columns=columns, sheet=sheet, limits=limits, name=name)
    declared = layer_of(layer)
    report = ImportReport(table, dry_run=dry_run)
    resolve_references(store, table, declared)
    stored = known_rows(store, table, declared)
    check_rules(store, table, declared, stored)
    check_datum(store, report, declared)
    table.faults.sort(key=lambda one: (one.row, one.cell))
    report.refused = len(table.rows) - len(table.accepted)
    blocked = faulty_rows == "refuse" and report.refused > 0
    write_rows(store, report, declared, stored, actor=actor, count_only=dry_run or blocked)
    return report


def dry_run(
    store: Store,
    path: Path | str,
    layer: str,
    *,
    datum: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    limits: ReadLimits | None = None,
    name: str | None = None,
) -> ImportReport:
    """Return what an import would do, with all faults and positions; nothing is stored. See `import_file`."""
    return import_file(
        store,
        path,
        layer,
        datum=datum,
        columns=columns,
        sheet=sheet,
        actor="",
        dry_run=True,
        limits=limits,
        name=name,
    )
