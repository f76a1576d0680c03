"""What is done with an uploaded file: receive it, read it anew, check it without storing, store it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from geo_service.imports.files import import_file, own_name
from geo_service.imports.guesses import FileGuess, guess_file, missing_columns
from geo_service.imports.headers import POSITION_NAMES
from geo_service.imports.osm.report import OsmReport
from geo_service.imports.osm.source import ReadLimits as OsmLimits
from geo_service.imports.osm.source import sniff
from geo_service.imports.osm.storing import check_osm, import_osm
from geo_service.imports.osm.town import OsmTown
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.report import ImportReport
from geo_service.imports.stored_report import (
    MOST_FAULTS,
    MOST_PLACES,
    load_guess,
    pack,
    plain,
    table_places,
    table_report,
)
from geo_service.imports.uploads import OSM, Upload, Uploads, is_osm_name, plain_name, remove, write
from geo_service.progress import Progress, silent
from geo_service.settings import Settings
from geo_service.store.database import now_utc
from geo_service.workspace import Workspace
from town_model import LAYERS, InputError, Text

#: Files below this size are checked while their sender waits, larger ones by a job.
SMALL_BYTES = 3_000_000
_DRAWN = ("roads", "buildings", "water")


def limits(settings: Settings) -> ReadLimits:
    """Return what reading a table or vector file may cost."""
    return ReadLimits(
        file_mb=settings.upload_max_mb,
        memory_mb=settings.import_memory_mb,
        rows=settings.import_max_rows,
        cpu_s=settings.import_seconds,
        wall_s=settings.import_seconds,
    )


def osm_limits(settings: Settings) -> OsmLimits:
    """Return what reading an OpenStreetMap file may cost."""
    return OsmLimits(file_mb=settings.osm_max_mb)


def receive(workspace: Workspace, path: Path, *, name: str, layer: str, actor: str) -> Upload:
    """Take a file that lies in the folder of uploads: say what it is, or throw it away.

    Args:
        workspace: the workspace.
        path: where it lies.
        name: the name that its sender gave it.
        layer: the layer that it is for, or `OSM`; a file that is called as OpenStreetMap's are is taken for one.
        actor: who sent it.

    Returns:
        The upload; its options are those that the guess suggests.

    Raises:
        InputError: it cannot be read, or is about persons; nothing of it is kept.
    """
    shown = plain_name(name)
    uploads = Uploads(workspace)
    try:
        if layer == OSM or is_osm_name(name):
            _check_size(path, shown, workspace.settings.osm_max_mb)
            _sniff(path, shown)
            number = uploads.add(path, name=name, layer=OSM, actor=actor, guess={})
            return _found(uploads, number)
        if layer not in LAYERS or LAYERS[layer].geometry == "raster":
            raise InputError("choose what the file holds: a layer, or OpenStreetMap")  # noqa: TRY301
        guess = guess_file(path, layer, store=workspace.store, limits=limits(workspace.settings), name=shown)
        number = uploads.add(path, name=name, layer=layer, actor=actor, guess=plain(guess))
        uploads.change(number, options=suggested(guess))
        return _found(uploads, number)
    except BaseException:
        remove(path)
        raise


def suggested(guess: FileGuess) -> dict[str, Any]:
    """Return the options of an import as a guess suggests them."""
    return {
        "sheet": guess.sheet,
        "header_row": guess.header_row,
        "datum": "" if guess.datum_fixed else guess.datum,
        "columns": guess.mapping(),
    }


def read_anew(workspace: Workspace, upload: Upload, *, sheet: str, header_row: int | None) -> None:
    """Guess the columns of an upload under another sheet or header; a datum that was chosen stays.

    Raises:
        InputError: there is no such sheet or row.
    """
    guess = guess_file(
        _path(upload),
        upload.layer,
        store=workspace.store,
        sheet=sheet,
        header_row=header_row,
        limits=limits(workspace.settings),
        name=upload.file,
    )
    options = suggested(guess)
    options["datum"] = options["datum"] or upload.options.get("datum", "")
    Uploads(workspace).change(
        upload.id, guess=plain(guess), options=options, report={}, places=None, state="uploaded"
    )


def lacking(upload: Upload) -> list[str]:
    """Return what must be chosen before a file can be checked: names of our columns, and ``datum``."""
    if upload.is_osm:
        return []
    declared, guess = LAYERS[upload.layer], load_guess(upload.guess)
    lacks = missing_columns(declared, upload.options["columns"], has_shapes=guess.has_shapes)
    if declared.geometry is not None and not guess.datum_fixed and not upload.options.get("datum"):
        lacks.append("datum")
    return lacks


def _refuse_lacking(upload: Upload) -> None:
    if lacks := lacking(upload):
        raise InputError("first choose {what}", what=", ".join(lacks))


def check(workspace: Workspace, upload: Upload, *, progress: Progress = silent) -> Upload:
    """Do everything but store, and keep the report and where the rows lie.

    Args:
        workspace: the workspace.
        upload: the file.
        progress: told how far it is.

    Returns:
        The upload with its report.

    Raises:
        InputError: something must be chosen first, or the file cannot be used with these options.
    """
    _refuse_lacking(upload)
    uploads = Uploads(workspace)
    if upload.is_osm:
        report, town = check_osm(
            workspace.store,
            _path(upload),
            progress=progress,
            limits=osm_limits(workspace.settings),
            name=upload.file,
        )
        uploads.change(upload.id, state="checked", report=osm_report(report), places=_osm_places(town))
    else:
        progress(0.05, Text("Reading the file"))
        told = import_file(
            workspace.store, _path(upload), upload.layer, actor=upload.actor, dry_run=True, **_options(workspace, upload)
        )  # fmt: skip
        uploads.change(upload.id, state="checked", report=table_report(told), places=table_places(told))
    return _found(uploads, upload.id)


def store(workspace: Workspace, upload: Upload, *, actor: str, progress: Progress = silent) -> Upload:
    """Store an upload and delete its file; rows and record are written together or not at all.

    Args:
        workspace: the workspace.
        upload: the file.
        actor: who has it stored.
        progress: told how far it is; it may raise to stop before anything is written.

    Returns:
        The upload with its report; its state stays where faulty rows are refused as a whole.

    Raises:
        InputError: something must be chosen first, or the file cannot be used with these options.
    """
    _refuse_lacking(upload)
    uploads = Uploads(workspace)
    ended: dict[str, Any] = {"state": "stored", "kept_as": None, "stored_at": now_utc(), "stored_by": actor}
    if upload.is_osm:

        def note(connection: Connection, report: OsmReport) -> None:
            write(connection, upload.id, **ended, batch=report.batch, report=osm_report(report))

        told = import_osm(
            workspace.store,
            _path(upload),
            actor=actor,
            accept_proposals=bool(upload.options.get("accept_proposals")),
            progress=progress,
            limits=osm_limits(workspace.settings),
            name=upload.file,
            together_with=note,
        )
        del told
    else:
        _store_table(workspace, upload, actor=actor, progress=progress, ended=ended)
    done = _found(uploads, upload.id)
    if done.state == "stored":
        remove(upload.path)
    return done


def _store_table(
    workspace: Workspace, upload: Upload, *, actor: str, progress: Progress, ended: Mapping[str, Any]
) -> None:
    def note(connection: Connection, report: ImportReport) -> None:
        write(connection, upload.id, **ended, batch=report.batch, report=table_report(report))

    progress(0.05, Text("Reading the file"))
    told = import_file(
        workspace.store,
        _path(upload),
        upload.layer,
        actor=actor,
        faulty_rows="refuse" if upload.options.get("faulty_rows") == "refuse" else "skip",
        before_writing=_stop_here(progress),
        together_with=note,
        **_options(workspace, upload),
    )
    if told.batch is not None:
        return
    uploads = Uploads(workspace)
    if told.stored:  # everything was there already: nothing was written, and nothing is left to do
        uploads.change(upload.id, **ended, report=table_report(told))
    else:
        uploads.change(upload.id, state="checked", report=table_report(told), places=table_places(told))


def _stop_here(progress: Progress) -> Callable[[], None]:
    return lambda: progress(0.7, Text("Writing the rows"))


def osm_report(report: OsmReport) -> dict[str, Any]:
    """Return the report of an OpenStreetMap file as plain values.

    Args:
        report: of a check, or of what was stored.
    """
    return {
        "counts": dict(report.counts),
        "layers": {name: vars(one) for name, one in report.layers.items()},
        "inserted": report.inserted,
        "proposed": report.proposed,
        "accepted": report.accepted,
        "fault_count": len(report.faults),
        "skipped": len(report.skipped),
        "faults": [
            {
                "osm_id": one.osm_id,
                "layer": one.layer,
                "stored": one.stored,
                "reason": plain(one.reason),
                "remedy": plain(one.remedy),
            }
            for one in sorted(report.faults, key=lambda one: one.stored)[:MOST_FAULTS]
        ],
    }


def _osm_places(town: OsmTown) -> bytes:
    told: dict[str, list[Any]] = {}
    for name in _DRAWN:
        rows = town.rows.get(name, [])[:MOST_PLACES]
        told[name] = [
            [at, str(row.get("highway") or "default"), str(row.get("name") or ""), row["geometry"].wkb_hex]
            for at, row in enumerate(rows)
        ]
    told["proposals"] = [
        [at, one.layer, str(one.properties.get("name") or ""), one.geometry.wkb_hex]
        for at, one in enumerate(town.proposals[:MOST_PLACES])
    ]
    return pack(told)


def _options(workspace: Workspace, upload: Upload) -> dict[str, Any]:
    """Return the options of an upload as `import_file` takes them: every column of ours is said."""
    declared, guess = LAYERS[upload.layer], load_guess(upload.guess)
    chosen: Mapping[str, int] = upload.options["columns"]
    columns: dict[str, str | int] = dict.fromkeys((*declared.column_names, *POSITION_NAMES), "")
    columns.update(chosen)
    return {
        "datum": upload.options.get("datum") or None,
        "columns": columns,
        "sheet": upload.options["sheet"] if guess.sheet else None,
        "header_row": upload.options.get("header_row"),
        "limits": limits(workspace.settings),
        "name": upload.file,
    }


def _path(upload: Upload) -> Path:
    if upload.path is None:
        raise InputError("the file {file} is not kept any more: upload it again", file=upload.file)
    return upload.path


def _found(uploads: Uploads, number: int) -> Upload:
    found = uploads.get(number)
    if found is None:
        raise InputError("there is no upload {number}", number=number)
    return found


def _check_size(path: Path, name: str, most_mb: int) -> None:
    size = path.stat().st_size
    if size == 0:
        raise InputError("{file} is empty", file=name)
    if size > most_mb * 1e6:
        raise InputError(
            "{file} has {size:.0f} MB, more than the {limit:g} MB allowed", file=name, size=size / 1e6, limit=most_mb
        )  # fmt: skip


def _sniff(path: Path, name: str) -> None:
    try:
        sniff(path)
    except InputError as error:
        raise InputError(own_name(error.messages, name)) from None
