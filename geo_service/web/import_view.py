"""Uploads, guesses and reports in the words of the import pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from geo_service.imports import uploaded
from geo_service.imports.datums import DATUM_NAMES
from geo_service.imports.guesses import FileGuess
from geo_service.imports.headers import POSITION_NAMES
from geo_service.imports.stored_report import as_text, load_guess
from geo_service.imports.uploads import OSM, Upload
from geo_service.web import formats, layer_rows
from geo_service.web.languages import language, words
from town_model import LAYERS, Layer, Text

STATES = {
    "uploaded": Text("not checked yet"),
    "checked": Text("checked, not stored"),
    "stored": Text("stored"),
    "refused": Text("cannot be used"),
    "discarded": Text("thrown away"),
    "expired": Text("file removed, never stored"),
}
SEVERITIES = {
    "refused_row": Text("row refused"),
    "refused_cell": Text("cell refused"),
    "warning": Text("warning"),
}
POSITIONS = {
    "lon": Text("longitude"),
    "lat": Text("latitude"),
    "position": Text("both coordinates in one cell"),
    "wkt": Text("geometry as WKT"),
}
DATUMS = {
    "wgs84": Text("WGS-84 (satellite receivers, OpenStreetMap)"),
    "cgcs2000": Text("CGCS2000 (surveys of the state)"),
    "gcj02": Text("GCJ-02 (Amap, Tencent)"),
    "bd09": Text("BD-09 (Baidu)"),
}
FAULT_ROWS = 50


@dataclass(frozen=True)
class Choice:
    """One entry of a select."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class ColumnLine:
    """One column of a file on the page: what it is called, what it holds, what it is taken for and why."""

    index: int
    address: str
    title: str
    samples: tuple[str, ...]
    why: str
    taken: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class FaultLine:
    """One fault on the page."""

    row: int
    cell: str
    title: str
    value: str
    severity: str
    severity_words: Text
    message: str
    remedy: str


@dataclass(frozen=True)
class FaultPage:
    """One page of the faults of a report, of one severity or all."""

    rows: tuple[FaultLine, ...]
    total: int
    kept: int
    page: int
    pages: int
    severity: str
    counts: tuple[tuple[str, Text, int], ...]


@dataclass(frozen=True)
class UploadLine:
    """One upload in the list."""

    number: int
    file: str
    layer: str
    size: str
    at: str
    actor: str
    state: str
    state_words: Text
    outcome: Text | str
    batch: int | None


def layer_title(name: str) -> str:
    """Return what an upload is for, in words."""
    if name == OSM:
        return words(Text("OpenStreetMap"))
    return LAYERS[name].title(language()) if name in LAYERS else name


def layer_choices(chosen: str = "") -> list[tuple[str, list[Choice]]]:
    """Return the layers that a file may hold, in groups."""
    found = []
    for title, layers in layer_rows.GROUPS:
        choices = [
            Choice(one.name, one.title(language()), one.name == chosen)
            for one in layers
            if one.geometry != "raster"
        ]
        if choices:
            found.append((words(title), choices))
    return found


def size_words(size: int) -> str:
    """Return the size of a file in words.

    >>> size_words(20_214), size_words(3_400_000)
    ('20 KB', '3.4 MB')
    """
    return f"{max(1, round(size / 1000)):,} KB" if size < 1_000_000 else f"{size / 1e6:,.1f} MB"


def state_of(upload: Upload) -> str:
    """Return the state of an upload; an open one whose file is gone is ``expired``."""
    if upload.state in {"uploaded", "checked"} and upload.path is None:
        return "expired"
    return upload.state


def line(upload: Upload) -> UploadLine:
    """Return an upload for the list."""
    state = state_of(upload)
    return UploadLine(
        number=upload.id,
        file=upload.file,
        layer=layer_title(upload.layer),
        size=size_words(upload.size),
        at=formats.moment(upload.at),
        actor=upload.actor,
        state=state,
        state_words=STATES[state],
        outcome=_outcome(upload),
        batch=upload.batch,
    )


def _outcome(upload: Upload) -> Text | str:
    report = upload.report
    if not report or "message" in report:
        return as_text(report["message"]) if report else ""
    if upload.is_osm:
        return Text.of(
            "{inserted} new, {proposed} proposals", inserted=report["inserted"], proposed=report["proposed"]
        )
    return Text.of(
        "{inserted} new, {updated} changed, {unchanged} unchanged, {refused} refused",
        inserted=report["inserted"],
        updated=report["updated"],
        unchanged=report["unchanged"],
        refused=report["refused"],
    )


def column_lines(upload: Upload, guess: FileGuess) -> list[ColumnLine]:
    """Return the columns of a file with what each may be taken for."""
    declared = LAYERS[upload.layer]
    chosen = {index: name for name, index in upload.options["columns"].items()}
    targets = _targets(declared)
    found = []
    for one in guess.columns:
        now = chosen.get(one.index, "")
        why = one.why if now == one.column else Text("as chosen")
        choices = [Choice("", words(Text("— leave out —")), not now)]
        choices += [Choice(name, title, name == now) for name, title in targets]
        found.append(
            ColumnLine(one.index, one.address, one.title, one.samples, words(why), bool(now), tuple(choices))
        )
    return found


def _targets(declared: Layer) -> list[tuple[str, str]]:
    now = language()
    places = []
    if declared.geometry is not None:
        names = POSITION_NAMES if declared.geometry == "point" else ("wkt",)
        places = [(name, words(POSITIONS[name])) for name in names]
    return places + [
        (one.name, one.title(now) + (" *" if one.required and one.default is None else ""))
        for one in declared.columns
    ]


def datum_choices(upload: Upload) -> tuple[list[Choice], str]:
    """Return the datums to choose from, and the EPSG code that was chosen; empty where none was."""
    now = str(upload.options.get("datum") or "")
    own = now if now and now not in DATUMS else ""
    choices = [Choice("", words(Text("— please choose —")), not now)]
    choices += [Choice(key, words(title), key == now) for key, title in DATUMS.items()]
    choices.append(Choice("epsg", words(Text("another system, by its EPSG code")), bool(own)))
    return choices, own


def read_options(form: Mapping[str, str], upload: Upload) -> dict[str, Any]:
    """Return the options of an import as a form says them; what makes no sense stays as it was.

    Args:
        form: ``datum``, ``epsg``, ``column-<place>``, ``faulty_rows``, ``accept_proposals``.
        upload: the upload with its options so far.
    """
    options = dict(upload.options)
    if upload.is_osm:
        options["accept_proposals"] = form.get("accept_proposals") == "1"
        return options
    declared, guess = LAYERS[upload.layer], load_guess(upload.guess)
    known = {*declared.column_names, *POSITION_NAMES}
    datum = form.get("datum", "")
    if datum == "epsg":
        datum = form.get("epsg", "").strip()[:20]
    options["datum"] = "" if guess.datum_fixed else datum
    if any(name.startswith("column-") for name in form):
        columns: dict[str, int] = {}
        for one in guess.columns:
            ours = form.get(f"column-{one.index}", "")
            if ours in known and ours not in columns:
                columns[ours] = one.index
        options["columns"] = columns
    if form.get("faulty_rows") in {"skip", "refuse"}:
        options["faulty_rows"] = form["faulty_rows"]
    return options


def lacking(upload: Upload) -> list[str]:
    """Return what must be chosen before a file can be checked, in words."""
    titles = dict(_targets(LAYERS[upload.layer])) if upload.layer in LAYERS else {}
    return [
        words(Text("choose the datum of the coordinates"))
        if one == "datum"
        else words(
            Text("choose the column of the file for “{column}”"), column=titles.get(one, one).rstrip(" *")
        )
        for one in uploaded.lacking(upload)
    ]


def doubled(form: Mapping[str, str], upload: Upload) -> list[str]:
    """Return the titles of our columns that a form takes from more than one column of the file."""
    if upload.is_osm:
        return []
    chosen = [words_ for name, words_ in form.items() if name.startswith("column-") and words_]
    titles = dict(_targets(LAYERS[upload.layer]))
    return sorted({titles[one] for one in chosen if chosen.count(one) > 1 and one in titles})


def fault_page(upload: Upload, *, severity: str = "", page: int = 1) -> FaultPage:
    """Return one page of the faults of a report.

    Args:
        upload: the upload.
        severity: only these; empty for all. For OpenStreetMap ``refused_row`` and ``warning``.
        page: number of the page, from 1; beyond the last it is the last.
    """
    report = upload.report
    faults = [_osm_fault(one) if upload.is_osm else _fault(one) for one in report.get("faults", [])]
    if upload.is_osm:
        skipped = report.get("skipped", 0)
        tally = {"refused_row": skipped, "warning": report.get("fault_count", 0) - skipped}
        titles = {"refused_row": Text("left out"), "warning": Text("stored otherwise than drawn")}
    else:
        tally, titles = report.get("severities", {}), SEVERITIES
    counts = tuple((key, title, int(tally.get(key, 0))) for key, title in titles.items() if tally.get(key))
    if severity not in titles:
        severity = ""
    shown = [
        replace(one, severity_words=titles[one.severity])
        for one in faults
        if not severity or one.severity == severity
    ]
    pages = max(1, ceil(len(shown) / FAULT_ROWS))
    page = min(page, pages)
    total = int(tally.get(severity, 0)) if severity else sum(count for *_, count in counts)
    part = shown[(page - 1) * FAULT_ROWS : page * FAULT_ROWS]
    return FaultPage(tuple(part), total, len(shown), page, pages, severity, counts)


def _fault(one: Mapping[str, Any]) -> FaultLine:
    return FaultLine(
        row=int(one["row"]),
        cell=str(one["cell"]),
        title=str(one["title"]),
        value=str(one["value"]),
        severity=str(one["severity"]),
        severity_words=SEVERITIES[str(one["severity"])],
        message=words(as_text(one["message"])),
        remedy=words(as_text(one["remedy"])),
    )


def _osm_fault(one: Mapping[str, Any]) -> FaultLine:
    severity = "warning" if one["stored"] else "refused_row"
    return FaultLine(
        row=0,
        cell=str(one["osm_id"]),
        title=LAYERS[one["layer"]].title(language()) if one["layer"] in LAYERS else str(one["layer"]),
        value="",
        severity=severity,
        severity_words=SEVERITIES[severity],
        message=words(as_text(one["reason"])),
        remedy=words(as_text(one["remedy"])),
    )


def left_out(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return title and reason of the columns that were not taken."""
    return [(str(title), words(as_text(why))) for title, why in report.get("left_out", [])]


def skipped(report: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return number and reason of the rows that are no data."""
    return [(int(row), words(as_text(why))) for row, why in report.get("skipped_rows", [])]


def notes(report: Mapping[str, Any]) -> list[str]:
    """Return what else was noticed."""
    return [words(as_text(one)) for one in report.get("notes", [])]


def medians(report: Mapping[str, Any]) -> list[tuple[str, Text | str]]:
    """Return each datum with the median distance of the points to the next road under it."""
    told = report.get("datum_medians_m") or {}
    return [(str(DATUM_NAMES.get(name, name)), formats.length(float(value))) for name, value in told.items()]


def osm_layers(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, int]]]:
    """Return title and counts of the layers of an OpenStreetMap file."""
    return [(LAYERS[name].title(language()), counts) for name, counts in report.get("layers", {}).items()]
