"""One tile of a background: its bytes, its kind by its first bytes, and what may go wrong on the way to it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Protocol

from town_model import Text, TownError

MAX_ZOOM = 22
MAX_BYTES = 3_000_000


@dataclass(frozen=True)
class Tile:
    """A picture of 256 × 256 or 512 × 512 pixels.

    Args:
        content: its bytes.
        media_type: ``image/png``, ``image/jpeg``, ``image/webp`` or ``image/gif``.
    """

    content: bytes
    media_type: str


class TileFaultError(TownError):
    """A tile could not be had; the map shows nothing there.

    Args:
        template: what to tell people.
        code: one word for the note in the answer's header.
        fields: the named fields of the message.
    """

    def __init__(self, template: str, /, *, code: str, **fields: object) -> None:
        super().__init__(template, **fields)
        self.code = code


class TileSource(Protocol):
    """Where tiles come from; safe for several threads."""

    #: Words that name the makers, from the source itself; empty where it says nothing.
    attribution: str
    min_zoom: int
    max_zoom: int
    #: Further pictures that lie over the first, such as the names of Tianditu.
    parts: tuple[str, ...]

    def tile(self, part: str, z: int, x: int, y: int) -> Tile | None:
        """Return a tile; None where the source has none.

        Args:
            part: one of `parts`.
            z: zoom level.
            x: column, counted from the west.
            y: row, counted from the north.

        Raises:
            TileFaultError: it could not be had.
        """
        ...

    def facts(self) -> list[tuple[Text, Text | str]]:
        """Return what an administrator may want to know, as headings with values."""
        ...


def valid_address(z: int, x: int, y: int) -> bool:
    """Whether there can be a tile of this zoom, column and row."""
    return 0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def image_type(content: bytes) -> str | None:
    """Return the media type of a picture by its first bytes; None for what no browser should get as a picture.

    >>> image_type(b"GIF89a")
    'image/gif'
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return None


def picture(content: bytes) -> Tile:
    """Return a tile from bytes.

    Raises:
        TileFaultError: they are no picture that a browser shows, or far too many.
    """
    kind = image_type(content)
    if kind is None:
        raise TileFaultError("the tile is no PNG, JPEG, WebP or GIF picture", code="no-picture")
    if len(content) > MAX_BYTES:
        raise TileFaultError("the tile is larger than {size} bytes", code="too-large", size=MAX_BYTES)
    return Tile(content, kind)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _blank() -> bytes:
    header = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0\0\0\0\0"))
        + _chunk(b"IEND", b"")
    )


#: One transparent pixel: what the map gets where there is no tile.
BLANK = Tile(_blank(), "image/png")
