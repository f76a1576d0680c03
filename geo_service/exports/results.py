"""Results as files: XLSX, GeoPackage, GeoJSON, KML and CSV, from the declarations of their frames."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geo_service.exports.cells import about_rows, neutral, origin, workbook
from geo_service.exports.files import whole_file
from geo_service.exports.frames import FRAMES, Table, table
from geo_service.exports.kml import kml
from geo_service.exports.layers import geojson
from geo_service.i18n import say
from geo_service.store import Store, StoredResult
from town_model import InputError, Text

#: Titles of the kinds of results that leave as files.
KIND_TITLES: dict[str, Text] = {
    "coverage": Text("Coverage"),
    "gaps": Text("Blind spots"),
    "exposure": Text("Law and private ground"),
    "health": Text("Camera health"),
    "clock": Text("Clock"),
    "response": Text("Response times"),
}
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "csv": "text/csv",
}
#: Formats that hold one table only.
ONE_TABLE = ("geojson", "csv")
_DIGITS = 7


def result_file(
    store: Store,
    results: StoredResult | Sequence[StoredResult],
    file_format: str,
    *,
    frames: Sequence[str] = (),
    language: str = "zh",
    names: bool = False,
) -> bytes:
    """Return one or more results as a file. The caller enters it in the audit record.

    Args:
        store: the town.
        results: stored results of kinds that have a declaration.
        file_format: a key of `MEDIA`.
        frames: names of frames; empty takes all that fit the format, and of `ONE_TABLE` the first.
        language: of titles and words, ``zh`` or ``en``.
        names: stored names and codes in place of titles and words, for scripts.

    Raises:
        InputError: an unknown format or frame, or no frame that the format could hold.
    """
    if file_format not in MEDIA:
        raise InputError(
            "{file} has an unknown format: use one of {known}", file=file_format, known=", ".join(MEDIA)
        )
    chosen = (results,) if isinstance(results, StoredResult) else tuple(results)
    tables = [one for result in chosen for one in _tables(store, result, frames, language, names)]
    if file_format in ("geojson", "kml"):
        tables = [one for one in tables if one.geometry is not None]
    if not tables:
        raise InputError("there is nothing in it that {format} could hold: use xlsx", format=file_format)
    if file_format in ONE_TABLE:
        if len(tables) > 1 and frames:
            raise InputError("{format} holds one table: name one of {known}", format=file_format, known=", ".join(one.name for one in tables))  # fmt: skip
        tables = tables[:1]
    write = _WRITERS[file_format]
    return write(tables, chosen, language)


def export_result(
    store: Store,
    kind: str,
    path: Path,
    *,
    frames: Sequence[str] = (),
    language: str = "zh",
    names: bool = False,
    overwrite: bool = False,
    actor: str = "system",
) -> int:
    """Write the latest result of a kind into a file whose ending names the format; note it in the audit record before it is there.

    Args:
        store: the town.
        kind: of the result.
        path: the file.
        frames: see `result_file`.
        language: see `result_file`.
        names: see `result_file`.
        overwrite: whether a file of that name may be replaced.
        actor: who exports.

    Returns:
        The size of the file in bytes.

    Raises:
        InputError: nothing was computed yet, the format is unknown, or the file cannot be written.
    """
    result = latest(store, kind)
    with whole_file(path, overwrite=overwrite) as part:
        made = result_file(
            store, result, path.suffix.lower().lstrip("."), frames=frames, language=language, names=names
        )
        part.write_bytes(made)
        store.audit(actor, "export_result", result_target(kind, frames, path.suffix.lstrip(".")))
    return len(made)


def latest(store: Store, kind: str) -> StoredResult:
    """Return the latest result of a kind that leaves as a file.

    Raises:
        InputError: there is no such kind, or none was computed yet.
    """
    if kind not in FRAMES:
        raise InputError(
            "there is no result {kind!r} for files: use one of {known}", kind=kind, known=", ".join(FRAMES)
        )
    found = store.latest_result(kind)
    if found is None:
        raise InputError("{kind} has not been computed yet", kind=KIND_TITLES[kind])
    return found


def result_target(kind: str, frames: Sequence[str], file_format: str) -> str:
    """Return what the audit record says of an export."""
    return f"{kind} {' '.join(frames)} → {file_format}".replace("  ", " ")


def formats_of(kind: str, name: str, frame: pd.DataFrame | gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the formats that can hold a frame."""
    placed = isinstance(frame, gpd.GeoDataFrame) or FRAMES[kind][name].place is not None
    return ("xlsx", "gpkg", "geojson", "kml", "csv") if placed else ("xlsx", "gpkg", "csv")


def _tables(
    store: Store, result: StoredResult, frames: Sequence[str], language: str, names: bool
) -> list[Table]:
    known = FRAMES.get(result.kind, {})
    unknown = [one for one in frames if one not in known]
    if unknown:
        raise InputError(
            "{kind} has no table {name!r}: use one of {known}",
            kind=result.kind,
            name=unknown[0],
            known=", ".join(known),
        )
    wanted = [one for one in known if one in result.frame_names and (not frames or one in frames)]
    return [
        table(store, result.kind, one, frame, language=language, names=names)
        for one in wanted
        if len((frame := result.frame(one)).columns)
    ]


def _about(results: Sequence[StoredResult], language: str) -> tuple[str, list[str], list[Sequence[Any]]]:
    rows: list[Sequence[Any]] = []
    for one in results:
        rows += [
            (say(Text("Kind of result"), language), say(KIND_TITLES.get(one.kind, Text(one.kind)), language)),
            *origin(one, language),
        ]
    rows.append((say(Text("Positions"), language), say(Text("a point of each row, WGS-84"), language)))
    return about_rows(rows, language)


def _xlsx(tables: Sequence[Table], results: Sequence[StoredResult], language: str) -> bytes:
    sheets: list[Any] = []
    used: set[str] = set()
    for one in tables:
        title = one.title if one.title not in used else f"{one.title} {len(used) + 1}"
        used.add(title)
        sheets.append((title, *_placed(one, language)))
    return workbook([*sheets, _about(results, language)])


def _placed(one: Table, language: str) -> tuple[list[str], list[list[Any]]]:
    """Return heads and rows with longitude and latitude of a point of each row."""
    if one.geometry is None:
        return one.heads, one.rows
    points = shapely.point_on_surface(one.geometry.to_numpy())
    points[shapely.is_empty(points)] = None
    x, y = shapely.get_x(points), shapely.get_y(points)
    heads = [*one.heads, say(Text("Longitude (°)"), language), say(Text("Latitude (°)"), language)]
    return heads, [
        [*row, *(None if at != at else round(at, _DIGITS) for at in place)]  # noqa: PLR0124 - NaN
        for row, place in zip(one.rows, zip(x.tolist(), y.tolist(), strict=True), strict=True)
    ]


def _csv(tables: Sequence[Table], _results: Sequence[StoredResult], language: str) -> bytes:
    heads, rows = _placed(tables[0], language)
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([neutral(one) for one in heads])
    writer.writerows([[neutral(one) for one in row] for row in rows])
    return target.getvalue().encode("utf-8-sig")


def _frame(one: Table) -> pd.DataFrame:
    frame = pd.DataFrame(one.rows, columns=pd.Index(_apart(one.heads)))
    for column in frame.columns:
        kept = frame[column].dropna()
        if kept.empty:
            frame[column] = frame[column].astype("str").where(frame[column].notna(), None)
        elif all(isinstance(value, bool) for value in kept):
            frame[column] = frame[column].astype("boolean")
        elif all(isinstance(value, int) and not isinstance(value, bool) for value in kept):
            frame[column] = frame[column].astype("Int64")
        elif len({isinstance(value, str) for value in kept}) > 1:  # names beside numbers: text
            frame[column] = [None if one is None else str(one) for one in frame[column].tolist()]
    return frame


def _apart(heads: Sequence[str]) -> list[str]:
    """Return names of fields that differ, also for readers that do not tell capital letters apart."""
    told: dict[str, int] = {}
    result = []
    for one in heads:
        told[one.casefold()] = told.get(one.casefold(), 0) + 1
        count = told[one.casefold()]
        result.append(one if count == 1 else f"{one} {count}")
    return result


def _geojson(tables: Sequence[Table], _results: Sequence[StoredResult], _language: str) -> bytes:
    one = tables[0]
    frame = gpd.GeoDataFrame(_frame(one), geometry=one.geometry, crs=4326)
    return geojson(
        frame.astype({name: object for name in frame.columns if name != "geometry"}), name=one.title
    )


def _gpkg(tables: Sequence[Table], _results: Sequence[StoredResult], _language: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="geo-service-export-") as folder:
        path = Path(folder) / "result.gpkg"
        for number, one in enumerate(tables):
            frame = _frame(one)
            made: Any = frame
            options: dict[str, Any] = {}
            if one.geometry is not None:
                made = gpd.GeoDataFrame(frame, geometry=one.geometry, crs=4326)
                options = {"geometry_type": "Unknown"}
            pyogrio.write_dataframe(made, path, layer=one.title, driver="GPKG", append=number > 0, **options)
        return path.read_bytes()


def _kml(tables: Sequence[Table], results: Sequence[StoredResult], language: str) -> bytes:
    title = say(KIND_TITLES.get(results[0].kind, Text(results[0].kind)), language)
    folders = [
        (one.title, one.heads, one.rows, one.labels, one.geometry)
        for one in tables
        if one.geometry is not None
    ]
    return kml(title, folders)


_WRITERS: dict[str, Callable[[Sequence[Table], Sequence[StoredResult], str], bytes]] = {
    "xlsx": _xlsx,
    "gpkg": _gpkg,
    "geojson": _geojson,
    "kml": _kml,
    "csv": _csv,
}
