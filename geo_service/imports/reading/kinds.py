"""What a file is: by its first bytes, and by its ending only where bytes cannot tell."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from geo_service.imports.reading.limits import ReadLimits
from town_model import InputError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    b"%PDF": "PDF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"MZ": "EXE",
    b"\x7fELF": "ELF",
    b"AutoCAD Binary DXF": "binary DXF",
    b"AC10": "DWG",
}
READABLE = "XLSX, XLS, CSV, GeoJSON, GeoPackage (.gpkg), zipped Shapefile (.zip), KML, KMZ, DXF"


def decode_start(head: bytes) -> str:
    """Return the first bytes of a text file as text, whatever its encoding, for looking at only."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return head.decode("utf-8", "replace").lstrip("\ufeff")


def check_archive(path: Path, limits: ReadLimits) -> list[zipfile.ZipInfo]:
    """Return the members of a ZIP after checking sizes, ratios, names and encryption.

    Raises:
        InputError: it is damaged, too large unpacked, packed suspiciously tight, encrypted, or names a place outside
            itself.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise InputError("{file} is damaged or was cut off: save or copy it again", file=path.name) from None
    if not members:
        raise InputError("{file} is an archive without content", file=path.name)
    if len(members) > 5000:
        raise InputError(
            "{file} holds {count} packed files, more than 5000", file=path.name, count=len(members)
        )
    for one in members:
        parts = PurePosixPath(one.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in one.filename or "\0" in one.filename:
            raise InputError(
                "{file} holds a packed file that leads outside the archive ({member}): it is refused",
                file=path.name,
                member=one.filename,
            )
        if one.flag_bits & 0x1:
            raise InputError("{file} is protected by a password: save it without one", file=path.name)
        if one.file_size > 1_000_000 and one.file_size > limits.ratio * max(one.compress_size, 1):
            raise InputError(
                "{file} unpacks to more than {ratio:g} times its size, as a zip bomb does: it is refused",
                file=path.name,
                ratio=limits.ratio,
            )
    total = sum(one.file_size for one in members)
    if total > limits.unpacked_mb * 1e6:
        raise InputError(
            "{file} unpacks to {size:.0f} MB, more than the {limit:g} MB allowed",
            file=path.name,
            size=total / 1e6,
            limit=limits.unpacked_mb,
        )
    return members


def _archive_kind(path: Path, limits: ReadLimits) -> str:
    names = [one.filename.lower() for one in check_archive(path, limits)]
    if "[content_types].xml" in names and any(one.startswith("xl/") for one in names):
        if any(one.endswith("workbook.bin") for one in names):
            raise InputError("{file} is a binary workbook (.xlsb): save it as .xlsx", file=path.name)
        return "xlsx"
    plain = [one for one in names if not one.startswith("__macosx/")]
    if any(one.endswith(".shp") for one in plain):
        return "shapefile"
    if any(one.endswith(".kml") for one in plain):
        return "kmz"
    if "content.xml" in names:
        raise InputError("{file} is an OpenDocument file: save it as .xlsx", file=path.name)
    raise InputError(
        "{file} is an archive without workbook, Shapefile (.shp) or KML inside: readable are {kinds}",
        file=path.name,
        kinds=READABLE,
    )


def _text_kind(path: Path, text: str) -> str:
    start = text.lstrip().lower()
    ending = path.suffix.lower()
    if start.startswith("<"):
        if "<ogrvrt" in start or "<vrtdataset" in start or "<ogrwarped" in start or "<gdal" in start:
            raise InputError(
                "{file} is a GDAL description file (VRT) that points to other files: it is refused. Give the data itself",
                file=path.name,
            )
        if "<kml" in start or "<!doctype kml" in start:
            return "kml"
        if "<html" in start or "<table" in start or "<!doctype html" in start:
            raise InputError(
                "{file} is a web page saved as a table: open it in WPS or Excel and save it as .xlsx",
                file=path.name,
            )
        if "excel.sheet" in start or "urn:schemas-microsoft-com:office:spreadsheet" in start:
            raise InputError(
                "{file} is an XML spreadsheet of 2003: open it in WPS or Excel and save it as .xlsx",
                file=path.name,
            )
        raise InputError(
            "{file} is XML of an unknown kind: readable are {kinds}", file=path.name, kinds=READABLE
        )
    if start.startswith("{") or (start.startswith("[") and ending in {".json", ".geojson"}):
        return "geojson"
    lines = [one.strip() for one in text.lstrip().splitlines()[:400]]
    if ending == ".dxf" or (lines[:1] in (["0"], ["999"]) and "SECTION" in lines):
        if "SECTION" not in lines:
            raise InputError("{file} is no DXF drawing, or it is damaged", file=path.name)
        return "dxf"
    if ending in {".csv", ".txt", ".tsv", ".xls", ".xlsx", ".et", ""}:
        return "csv"
    raise InputError(
        "{file} does not hold what its ending says: readable are {kinds}", file=path.name, kinds=READABLE
    )


def file_kind(path: Path, limits: ReadLimits) -> str:
    """Return what a file is: one of the kinds of `RawFile`.

    Raises:
        InputError: the file is missing, empty, too large, encrypted, damaged, or of a kind that is not read.
    """
    if not path.is_file():
        raise InputError("there is no file {file}", file=str(path))
    size = path.stat().st_size
    if size == 0:
        raise InputError("{file} is empty", file=path.name)
    if size > limits.file_mb * 1e6:
        raise InputError(
            "{file} has {size:.0f} MB, more than the {limit:g} MB allowed",
            file=path.name,
            size=size / 1e6,
            limit=limits.file_mb,
        )
    with path.open("rb") as source:
        head = source.read(65_536)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive_kind(path, limits)
    if head.startswith(_OLE):
        data = path.read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise InputError("{file} is protected by a password: save it without one", file=path.name)
        if not any(one.encode("utf-16-le") in data for one in ("Workbook", "Book")):
            raise InputError("{file} is an Office file, but no workbook", file=path.name)
        return "xls"
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg"
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise InputError(
                "{file} is a {foreign} file: readable are {kinds}",
                file=path.name,
                foreign=name,
                kinds=READABLE,
            )
    text = decode_start(head)
    if not text.strip():
        raise InputError("{file} is empty", file=path.name)
    if "\0" in text:
        raise InputError(
            "{file} is damaged, or of an unknown kind: readable are {kinds}", file=path.name, kinds=READABLE
        )
    return _text_kind(path, text)
