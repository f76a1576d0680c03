"""The file as it comes from outside: what it is by its content, and its reading in a child process with limits."""

from __future__ import annotations

import bz2
import os
import pickle
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from geo_service.imports.osm.town import OsmTown
from geo_service.progress import Progress, silent
from town_model import InputError, Text, TownError

_HEAD = 65_536
_XML = (b"<?xml", b"<osm")


@dataclass(frozen=True)
class ReadLimits:
    """How much one file may ask of the machine.

    Args:
        file_mb: largest file in megabytes.
        memory_mb: memory of the reading process in megabytes (not held on Windows).
        seconds: longest time for reading.
    """

    file_mb: int = 2_000
    memory_mb: int = 8_000
    seconds: int = 600

    def __post_init__(self) -> None:
        """Refuse limits that nothing could keep."""
        if min(self.file_mb, self.memory_mb, self.seconds) <= 0:
            raise InputError("limits of an import must be above zero")


def read_osm(path: Path | str, progress: Progress = silent, *, limits: ReadLimits | None = None) -> OsmTown:
    """Return what an OpenStreetMap file says about a town; no store is touched.

    The file is read in a process of its own, so that a damaged or hostile one can neither crash the caller nor
    take all its memory.

    Args:
        path: an .osm, .osm.gz, .osm.bz2 or .osm.pbf file; its content decides, not its name.
        progress: is told how far the work is.
        limits: how much the file may ask of the machine.

    Raises:
        InputError: the file cannot be read, is damaged, no OpenStreetMap data, or beyond the limits.
    """
    source = Path(path).resolve()
    bounds = limits or ReadLimits()
    file_format = sniff(source)
    megabytes = source.stat().st_size / 1e6
    if megabytes > bounds.file_mb:
        raise InputError(
            "{file} has {size} MB, more than the {most} MB allowed: download a smaller area",
            file=source.name,
            size=round(megabytes),
            most=bounds.file_mb,
        )
    progress(0.0, Text("Reading the OpenStreetMap file"))
    town = _read_in_child(source, file_format, bounds)
    progress(1.0, Text("Reading the OpenStreetMap file"))
    return town


def sniff(path: Path) -> str:
    """Return libosmium's name of a file's format, by its content.

    Args:
        path: the file.

    Raises:
        InputError: it cannot be opened, or is none of the formats.
    """
    if path.exists() and not path.is_file():
        # a named pipe would keep us waiting for ever
        raise InputError("{file} cannot be opened: {why}", file=path.name, why="not a file")
    try:
        with path.open("rb") as source:
            head = source.read(_HEAD)
    except OSError as error:
        raise InputError(
            "{file} cannot be opened: {why}", file=path.name, why=error.strerror or ""
        ) from error
    if head[4:6] == b"\x0a\x09" and head[6:15] == b"OSMHeader":
        return "pbf"
    suffix = ""
    try:
        if head[:2] == b"\x1f\x8b":
            head, suffix = zlib.decompressobj(wbits=31).decompress(head, _HEAD), ".gz"
        elif head[:3] == b"BZh":
            head, suffix = _first_of_bz2(path), ".bz2"
    except (OSError, zlib.error, EOFError, ValueError):
        head = b""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(_XML) and b"<osmChange" not in text[:1000] and b"<osm" in text:
        return f"osm{suffix}"
    raise InputError(
        "{file} holds no OpenStreetMap data: choose an .osm, .osm.gz, .osm.bz2 or .osm.pbf file",
        file=path.name,
    )


def _first_of_bz2(path: Path) -> bytes:
    reader = bz2.BZ2Decompressor()
    with path.open("rb") as source:
        # the first block of bzip2 holds up to 900 kB, packed
        while not reader.eof:
            packed = source.read(_HEAD)
            if not packed:
                return b""
            text = reader.decompress(packed, _HEAD)
            if text:
                return text
    return b""


def _read_in_child(path: Path, file_format: str, limits: ReadLimits) -> OsmTown:
    with tempfile.TemporaryDirectory(prefix="geo-service-osm-") as folder:
        answer = Path(folder) / "town.pickle"
        command = [sys.executable, "-m", "geo_service.imports.osm.child", str(path), file_format, str(answer)]
        environment = dict(os.environ, GEO_SERVICE_CHILD_MB=str(limits.memory_mb), PYTHONWARNINGS="ignore")
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limits.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InputError(
                "{file} took longer than {seconds} s to read: download a smaller area",
                file=path.name,
                seconds=limits.seconds,
            ) from None
        if done.returncode == 0 and answer.is_file():
            # written by our own process, which runs with the rights that we have
            town = pickle.loads(answer.read_bytes())  # noqa: S301
            if isinstance(town, TownError):
                raise town
            if isinstance(town, OsmTown):
                return town
        raise InputError(
            "{file} could not be read: it is damaged, or too large for the {memory} MB that reading may take",
            file=path.name,
            memory=limits.memory_mb,
        )
