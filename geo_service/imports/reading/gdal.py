"""GeoPackage, zipped Shapefile and DXF through GDAL, with every other driver switched off. Runs in the child process.

GDAL reads `OGR_SKIP` once, when it is loaded, so it has to stand in the environment before pyogrio is imported: a
disguised VRT could read local files and fetch addresses.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from geo_service.imports.reading.kinds import check_archive
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.raw import Cell, RawFile, RawTable
from town_model import InputError, Text

DRIVERS = {"gpkg": "GPKG", "shapefile": "ESRI Shapefile", "dxf": "DXF"}
# every vector driver of GDAL that reads files or addresses; what a newer GDAL adds is caught by _check_drivers
_KNOWN = [
    "OGR_VRT",
    "VRT",
    "GDALG",
    "HTTP",
    "WFS",
    "OAPIF",
    "OGCAPI",
    "CSW",
    "EEDA",
    "Elasticsearch",
    "Carto",
    "AmigoCloud",
    "PLSCENES",
    "NGW",
    "PCIDSK",
    "PDS4",
    "VICAR",
    "PDF",
    "MBTiles",
    "MapInfo File",
    "LVBAG",
    "S57",
    "DGN",
    "CSV",
    "GML",
    "GPX",
    "LIBKML",
    "KML",
    "GeoJSON",
    "GeoJSONSeq",
    "ESRIJSON",
    "TopoJSON",
    "OGR_GMT",
    "SQLite",
    "WAsP",
    "OpenFileGDB",
    "FlatGeobuf",
    "GeoRSS",
    "VFK",
    "PGDUMP",
    "OSM",
    "GPSBabel",
    "OGR_PDS",
    "EDIGEO",
    "Idrisi",
    "ODS",
    "XLSX",
    "XLS",
    "SXF",
    "Selafin",
    "JML",
    "VDV",
    "MVT",
    "MapML",
    "GTFS",
    "PMTiles",
    "JSONFG",
    "MiraMonVector",
    "ADBC",
    "AVCBin",
    "AVCE00",
    "AIVector",
    "Parquet",
    "Arrow",
    "PostgreSQL",
    "MySQL",
    "ODBC",
    "MSSQLSpatial",
    "OCI",
    "netCDF",
    "CAD",
    "GPKG",
    "ESRI Shapefile",
    "DXF",
]


def switch_off_drivers(kind: str) -> None:
    """Leave GDAL only the driver of one kind of file, and no network. Must run before pyogrio is imported."""
    allowed = DRIVERS.get(kind)
    os.environ["OGR_SKIP"] = ",".join(one for one in _KNOWN if one != allowed)
    os.environ["GDAL_SKIP"] = "VRT,GDALG,HTTP,WMS,WMTS,WCS,OGCAPI,EEDAI,DAAS,STACIT,STACTA"
    os.environ["GDAL_HTTP_PROXY"] = "http://127.0.0.1:9"
    os.environ["GDAL_HTTP_TIMEOUT"] = "1"
    os.environ["GDAL_HTTP_MAX_RETRY"] = "0"
    os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = "{none}"
    os.environ["GDAL_DRIVER_PATH"] = "disable"
    os.environ["OGR_SQLITE_LOAD_EXTENSIONS"] = ""


def _check_drivers(pyogrio: Any, kind: str) -> None:
    left = set(pyogrio.list_drivers()) - {DRIVERS[kind], "MEM", "Memory"}
    if left & {"OGR_VRT", "HTTP", "WFS", "GDALG"}:
        raise InputError(
            "this GDAL cannot be locked down ({drivers}): the file was not opened", drivers=", ".join(left)
        )


def _cells(column: np.ndarray[Any, Any], limits: ReadLimits) -> list[Cell]:
    if column.dtype.kind == "M":
        days: list[Cell] = []
        for one in column.astype("datetime64[us]").tolist():
            midnight = isinstance(one, dt.datetime) and one.time() == dt.time()
            days.append(one.date() if midnight else one)
        return days
    values: list[Cell] = []
    for one in column.tolist():
        if one is None or (isinstance(one, float) and one != one):  # noqa: PLR0124 - GDAL's null in a number column
            values.append(None)
        elif isinstance(one, bool | int | float):
            values.append(one)
        elif isinstance(one, bytes):
            values.append(None)
        else:
            text = str(one)
            values.append(text[: limits.text] if text.strip() else None)
    return values


def _layer(
    pyogrio: Any, address: str, layer: str | None, limits: ReadLimits, file: str, **options: Any
) -> RawTable:
    meta, _, geometry, columns = pyogrio.raw.read(
        address, layer=layer, max_features=limits.rows + 1, force_2d=True, **options
    )
    count = len(geometry) if geometry is not None else (len(columns[0]) if len(columns) else 0)
    if count > limits.rows:
        raise InputError("{file} has more than {limit} features: split it", file=file, limit=limits.rows)
    if len(columns) > limits.columns:
        raise InputError(
            "{file} has more than {limit} columns: delete those that are not needed",
            file=file,
            limit=limits.columns,
        )
    by_column = [_cells(one, limits) for one in columns]
    return RawTable(
        name=layer or "",
        rows=[list(row) for row in zip(*by_column, strict=True)] if by_column else [[] for _ in range(count)],
        numbers=list(range(1, count + 1)),
        fields=[str(one) for one in meta["fields"]],
        geometry=[None] * count
        if geometry is None
        else [None if one is None else bytes(one) for one in geometry],
        crs=str(meta["crs"] or ""),
    )


_INDEX = re.compile(
    r"""\s*CREATE\s+VIRTUAL\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?("[^"]*"|\[[^\]]*\]|`[^`]*`|'[^']*'|\w+)\s*USING\s+rtree\s*\(.*""",
    re.IGNORECASE | re.DOTALL,
)


def _refuse_code(path: Path, file: str) -> None:
    """Refuse a database whose schema does more than hold data.

    GDAL's SQLite brings SpatiaLite, whose virtual tables read any file of this machine when they are looked at, and a
    view may call its functions. Of virtual tables only the spatial index is ever needed.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.text_factory = lambda data: data.decode("utf-8", "replace")
        rows = database.execute("SELECT type, name, rootpage, sql FROM sqlite_master").fetchall()
    for kind, name, page, sql in rows:
        if kind == "view" or (kind == "table" and not page and not _INDEX.fullmatch(str(sql))):
            raise InputError(
                "{file} holds a view or virtual table ({name}), which may read other files: it is refused. Save the layer as a new GeoPackage",
                file=file,
                name=str(name)[:80],
            )


def read_gpkg(path: Path, limits: ReadLimits) -> RawFile:
    """Return the layers of a GeoPackage. It is read as a copy under our own name, with no journal beside it."""
    switch_off_drivers("gpkg")
    import pyogrio  # noqa: PLC0415 - only after the drivers are switched off
    import pyogrio.raw  # noqa: PLC0415

    _check_drivers(pyogrio, "gpkg")
    raw = RawFile("gpkg")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "data.gpkg"
        shutil.copyfile(path, plain)
        _refuse_code(plain, path.name)
        address = f"GPKG:{plain}"
        layers = pyogrio.list_layers(address)
        if not len(layers):
            raise InputError("{file} is a database without layers", file=path.name)
        raw.tables += [_layer(pyogrio, address, str(name), limits, path.name) for name in layers[:, 0]]
    return raw


def _codec(data: bytes) -> str:
    name = data.decode("ascii", "replace").strip().upper().replace("ANSI ", "CP")
    if name in {"936", "CP936", "GBK", "GB2312", "GB18030", "54936"}:
        return "GB18030"
    if name in {"65001", "UTF8", "UTF-8", "CP65001"}:
        return "UTF-8"
    return name


def read_shapefile(path: Path, limits: ReadLimits) -> RawFile:
    """Return the layers of a zipped Shapefile. Members are unpacked under our own names, so none leads outside."""
    switch_off_drivers("shapefile")
    import pyogrio  # noqa: PLC0415 - only after the drivers are switched off
    import pyogrio.raw  # noqa: PLC0415

    _check_drivers(pyogrio, "shapefile")
    parts: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for one in check_archive(path, limits):
        name = PurePosixPath(one.filename.replace("\\", "/"))
        if name.suffix.lower() in {".shp", ".shx", ".dbf", ".prj", ".cpg"} and name.parts[:1] != (
            "__MACOSX",
        ):
            parts.setdefault(str(name.with_suffix("")), {})[name.suffix.lower()] = one
    raw = RawFile("shapefile")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        for index, (stem, members) in enumerate(sorted(parts.items())):
            if ".shp" not in members:
                continue
            if ".dbf" not in members:
                raise InputError(
                    "{file}: the Shapefile {name} lacks its .dbf: pack .shp, .shx, .dbf and .prj together",
                    file=path.name,
                    name=stem,
                )
            for suffix, member in members.items():
                with archive.open(member) as source, (Path(folder) / f"{index}{suffix}").open("wb") as target:
                    shutil.copyfileobj(source, target)
            encoding = ""
            if ".cpg" in members:
                encoding = _codec((Path(folder) / f"{index}.cpg").read_bytes())
                (Path(folder) / f"{index}.cpg").unlink()
            if not encoding:
                encoding = _guess_encoding((Path(folder) / f"{index}.dbf").read_bytes())
                raw.notes.append(
                    Text.of(
                        "the Shapefile {name} does not name its encoding: read as {encoding}",
                        name=stem,
                        encoding=encoding,
                    )
                )
            table = _layer(
                pyogrio, str(Path(folder) / f"{index}.shp"), None, limits, path.name, encoding=encoding
            )
            table.name = PurePosixPath(stem).name
            raw.tables.append(table)
    return raw


def _guess_encoding(data: bytes) -> str:
    try:
        data[32:].decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def read_dxf(path: Path, limits: ReadLimits) -> RawFile:
    """Return the entities of a DXF drawing; it carries no coordinate system."""
    switch_off_drivers("dxf")
    import pyogrio  # noqa: PLC0415 - only after the drivers are switched off
    import pyogrio.raw  # noqa: PLC0415

    _check_drivers(pyogrio, "dxf")
    with tempfile.TemporaryDirectory() as folder:
        # GDAL finds the driver by the ending
        plain = Path(folder) / "drawing.dxf"
        shutil.copyfile(path, plain)
        table = _layer(pyogrio, str(plain), None, limits, path.name)
    table.crs = ""
    return RawFile("dxf", [table])
