"""Importing a file into a layer: read it, show what would happen, store it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geo_service.imports import status_sheets
from geo_service.imports.headers import Header, feature_header, find_header
from geo_service.imports.matching import Together, check_rules, known_rows, resolve_references, write_rows
from geo_service.imports.persons import header_kind
from geo_service.imports.privacy import is_office_phone, refuse_persons
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.parent import read_raw
from geo_service.imports.reading.raw import RawFile, RawTable
from geo_service.imports.report import ImportReport, ImportTable
from geo_service.imports.road_check import check_datum
from geo_service.imports.tables import TableReader
from town_model import InputError, Layer, Text
from town_model import layer as layer_of

if TYPE_CHECKING:
    from geo_service.store import Store

FaultyRows = Literal["skip", "refuse"]


def _header(
    raw: RawTable, layer: Layer, columns: Mapping[str, str | int] | None, header_row: int | None
) -> Header:
    if raw.fields is not None:
        return feature_header(raw.fields, layer, columns)
    return find_header(raw.rows, raw.numbers, layer, columns, header_row=header_row)


def choose_table(
    tables: list[RawTable],
    layer: Layer,
    *,
    columns: Mapping[str, str | int] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    file: str,
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
            header = _header(one, layer, columns, header_row)
        except InputError as error:  # the mapping does not fit this sheet; it may fit another
            refused = refused or error
            continue
        if best is None or (header.score, not one.hidden) > (best[1].score, not best[0].hidden):
            best = one, header
    if best is None:
        assert refused is not None
        raise refused
    return best


def open_file(path: Path, layer: Layer, *, limits: ReadLimits | None, name: str) -> RawFile:
    """Return what a file holds, read by the child process; features with columns on persons are refused.

    Args:
        path: the file.
        layer: the layer that it is for.
        limits: what reading may cost.
        name: name of the file in messages.

    Raises:
        InputError: the file cannot be read, or is about persons.
    """
    if layer.geometry == "raster":
        raise InputError(
            "the layer {layer} holds rasters: import them with geo-service import-terrain FILE, or on the page Terrain",
            layer=layer.name,
        )
    try:
        raw_file = read_raw(path, limits=limits)
    except InputError as error:
        raise InputError(own_name(error.messages, name)) from None
    for one in raw_file.tables:
        if one.fields is not None:
            refuse_persons(one, Header())
    if layer.name == status_sheets.LAYER:
        status_sheets.fit_status_sheets(raw_file, name)
    return raw_file


def own_name(messages: Sequence[Text], name: str) -> list[Text]:
    """Return messages with the name that the sender gave the file: an upload lies under a name of our own."""
    return [
        Text(one.template, one.params | ({"file": name} if "file" in one.params else {})) for one in messages
    ]


def read_file(
    path: Path | str,
    layer: str,
    *,
    datum: str | int | None = None,
    columns: Mapping[str, str | int] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
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
        header_row: number of the row right above the data; by default it is found.
        limits: what reading may cost.
        name: name of the file in messages; by default that of the path.

    Raises:
        InputError: the file as a whole cannot be used; the message says why and what to do.
    """
    declared = layer_of(layer)
    path = Path(path)
    file = name or path.name
    raw_file = open_file(path, declared, limits=limits, name=file)
    raw, header = choose_table(
        raw_file.tables, declared, columns=columns, sheet=sheet, header_row=header_row, file=file
    )
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
        if kind == "contact" and match.column and not is_office_phone(match.column, layer):
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
    columns: Mapping[str, str | int] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    actor: str,
    dry_run: bool = False,
    faulty_rows: FaultyRows = "skip",
    limits: ReadLimits | None = None,
    name: str | None = None,
    before_writing: Callable[[], None] | None = None,
    together_with: Together | None = None,
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
        header_row: see `read_file`.
        actor: who imports.
        dry_run: store nothing.
        faulty_rows: ``skip`` stores the other rows; ``refuse`` stores nothing when any row is refused.
        limits: what reading may cost.
        name: name of the file in messages and in the change log.
        before_writing: called when all is read and nothing is written; it may raise to stop.
        together_with: called with the connection and the report inside the transaction that writes the rows.

    Raises:
        InputError: the file as a whole cannot be used.
    """
    table = read_file(
        path,
        layer,
        datum=datum,
        columns=columns,
        sheet=sheet,
        header_row=header_row,
        limits=limits,
        name=name,
    )
    declared = layer_of(layer)
    report = ImportReport(table, dry_run=dry_run)
    resolve_references(store, table, declared)
    stored = known_rows(store, table, declared)
    check_rules(store, table, declared, stored)
    check_datum(store, report, declared)
    table.faults.sort(key=lambda one: (one.row, one.cell))
    report.refused = len(table.rows) - len(table.accepted)
    blocked = faulty_rows == "refuse" and report.refused > 0
    if before_writing is not None:
        before_writing()
    write_rows(
        store,
        report,
        declared,
        stored,
        actor=actor,
        count_only=dry_run or blocked,
        together_with=together_with,
    )
    return report


def dry_run(
    store: Store,
    path: Path | str,
    layer: str,
    *,
    datum: str | int | None = None,
    columns: Mapping[str, str | int] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
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
        header_row=header_row,
        actor="",
        dry_run=True,
        limits=limits,
        name=name,
    )
