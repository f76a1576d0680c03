"""Backgrounds on the disk of this machine: a folder of tiles, an MBTiles file, a PMTiles file."""

from __future__ import annotations

import gzip
import json
import mmap
import re
import sqlite3
import threading
import zlib
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any

from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from geo_service.background.tile import MAX_BYTES, MAX_ZOOM, Tile, TileFaultError, picture
from town_model import InputError, Text

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_MARKUP = re.compile(r"<[^>]*>")
_DEEPEST = 4


def plain_words(markup: object) -> str:
    """Return the words of an attribution without its markup, at most 200 characters."""
    return unescape(_MARKUP.sub("", str(markup or ""))).strip()[:200]


class FolderTiles:
    """Tiles as files ``<z>/<x>/<y>.png`` (or .jpg, .jpeg, .webp).

    Args:
        folder: the folder of the zoom levels.
        tms: whether rows count from the south, as GDAL writes them by default.

    Raises:
        InputError: there is no such folder, or it holds no zoom level.
    """

    parts: tuple[str, ...] = ("base",)
    attribution = ""

    def __init__(self, folder: Path, *, tms: bool = False) -> None:
        if not folder.is_dir():
            raise InputError(
                "the tile folder {path} is not there: copy it, or correct background_path", path=folder
            )
        levels = [
            int(one.name)
            for one in folder.iterdir()
            if one.is_dir() and one.name.isdecimal() and int(one.name) <= MAX_ZOOM
        ]
        if not levels:
            raise InputError(
                "{path} holds no tiles: it must have folders such as 15/27190/13200.png", path=folder
            )
        self.folder = folder.resolve()
        self.tms = tms
        self.min_zoom, self.max_zoom = min(levels), max(levels)

    def tile(self, part: str, z: int, x: int, y: int) -> Tile | None:
        """Return a tile; see `TileSource`."""
        del part
        row = (1 << z) - 1 - y if self.tms else y
        # only whole numbers come into the path, so that nothing beside the folder can be named
        place = self.folder / str(int(z)) / str(int(x))
        for suffix in SUFFIXES:
            path = place / f"{int(row)}{suffix}"
            try:
                # a link may lead out of the folder: what it leads to must lie in it
                if path.is_file() and path.resolve().is_relative_to(self.folder):
                    with path.open("rb") as source:
                        return picture(source.read(MAX_BYTES + 1))
            except OSError as error:
                raise TileFaultError("the tile cannot be read", code="unreadable") from error
        return None

    def facts(self) -> list[tuple[Text, Text | str]]:
        """Return what is known of the folder."""
        return [
            (Text("Folder"), str(self.folder)),
            (Text("Rows counted from"), Text("the south") if self.tms else Text("the north")),
        ]


class MbtilesFile:
    """An MBTiles 1.3 file, opened so that nothing is ever written beside it.

    Args:
        path: the file.

    Raises:
        InputError: it is not there, is no MBTiles file, or holds vector tiles.
    """

    parts: tuple[str, ...] = ("base",)

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise InputError("the file {path} is not there: copy it, or correct background_path", path=path)
        self.path = path.resolve()
        self._lock = threading.Lock()
        try:
            # immutable: the file may lie on a disk that cannot be written to
            self._connection = sqlite3.connect(
                self.path.as_uri() + "?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            about = dict(self._connection.execute("SELECT name, value FROM metadata"))
            known = self._connection.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
        except sqlite3.Error as error:
            raise InputError("{path} is no MBTiles file: {reason}", path=path, reason=str(error)) from error
        if known[0] is None:
            raise InputError("{path} holds no tiles", path=path)
        self.format = str(about.get("format", "")).lower()
        if self.format == "pbf":
            raise InputError(
                "{path} holds vector tiles: a background needs pictures (PNG, JPEG or WebP)", path=path
            )
        self.name = str(about.get("name", ""))
        self.attribution = plain_words(about.get("attribution"))
        self.min_zoom, self.max_zoom = int(known[0]), min(int(known[1]), MAX_ZOOM)

    def tile(self, part: str, z: int, x: int, y: int) -> Tile | None:
        """Return a tile; rows of the file count from the south."""
        del part
        try:
            with self._lock:
                found = self._connection.execute(
                    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                    (z, x, (1 << z) - 1 - y),
                ).fetchone()
        except sqlite3.Error as error:
            raise TileFaultError("the tile cannot be read", code="unreadable") from error
        return None if found is None or not isinstance(found[0], bytes) else picture(found[0])

    def facts(self) -> list[tuple[Text, Text | str]]:
        """Return what is known of the file."""
        return [(Text("File"), str(self.path)), (Text("Name"), self.name), (Text("Format"), self.format)]


class PmtilesFile:
    """A PMTiles 3 file with pictures; only the parts that are asked for are read.

    Args:
        path: the file.

    Raises:
        InputError: it is not there, is no PMTiles 3 file, or holds vector tiles.
    """

    parts: tuple[str, ...] = ("base",)

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise InputError("the file {path} is not there: copy it, or correct background_path", path=path)
        self.path = path.resolve()
        self._directory = lru_cache(maxsize=64)(self._read_directory)
        try:
            with self.path.open("rb") as source:
                self._bytes = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
            self.header: Any = deserialize_header(self._bytes[:127])
            packed = self.header["internal_compression"]
            described = self._described() if packed is Compression.GZIP else {}
        # whatever the library stumbles over in a damaged file
        except Exception as error:
            raise InputError("{path} is no PMTiles 3 file, or is damaged", path=path) from error
        if packed is not Compression.GZIP:
            raise InputError("{path} is packed in a way that is not read here: pack it with gzip", path=path)
        if self.header["tile_type"] not in (TileType.PNG, TileType.JPEG, TileType.WEBP):
            raise InputError(
                "{path} holds vector tiles: a background needs pictures (PNG, JPEG or WebP)", path=path
            )
        self.attribution = plain_words(described.get("attribution") if isinstance(described, dict) else "")
        self.min_zoom = int(self.header["min_zoom"])
        self.max_zoom = min(int(self.header["max_zoom"]), MAX_ZOOM)

    def _described(self) -> Any:
        """Return what the file says of itself; its first directory is read too, to see that it can be."""
        self._directory(self.header["root_offset"], self.header["root_length"])
        start = self.header["metadata_offset"]
        about = self._bytes[start : start + self.header["metadata_length"]]
        return json.loads(gzip.decompress(about)) if about else {}

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        return deserialize_directory(self._bytes[offset : offset + length])

    def tile(self, part: str, z: int, x: int, y: int) -> Tile | None:
        """Return a tile; see `TileSource`."""
        del part
        number = zxy_to_tileid(z, x, y)
        offset, length = self.header["root_offset"], self.header["root_length"]
        try:
            for _ in range(_DEEPEST):
                found = find_tile(self._directory(offset, length), number)
                if found is None:
                    return None
                if found.run_length:
                    start = self.header["tile_data_offset"] + found.offset
                    content = self._bytes[start : start + found.length]
                    packed = self.header["tile_compression"] is Compression.GZIP
                    return picture(_unpacked(content) if packed else content)
                offset, length = self.header["leaf_directory_offset"] + found.offset, found.length
        except (OSError, EOFError, ValueError, IndexError, zlib.error) as error:
            raise TileFaultError("the tile cannot be read", code="unreadable") from error
        return None

    def facts(self) -> list[tuple[Text, Text | str]]:
        """Return what is known of the file."""
        return [(Text("File"), str(self.path)), (Text("Format"), self.header["tile_type"].name)]


def _unpacked(content: bytes) -> bytes:
    """Return the content of a gzip member, not more than a tile may be: a small file may unpack to a huge one."""
    return zlib.decompressobj(wbits=31).decompress(content, MAX_BYTES + 1)
