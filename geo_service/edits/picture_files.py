"""Picture files as they come from outside: PNG and JPEG, measured without decoding, kept without what is no picture.

The server never unpacks a picture, so that a small file cannot become a large one here; the browser's memory is spared
by a limit on pixels that the file's own header states. Of the file only what draws the picture is kept: comments,
places and times of the camera, previews and whatever hangs on behind are left out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from town_model import InputError

MOST_BYTES = 25 * 1024 * 1024
MOST_PIXELS = 30_000_000
LONGEST_SIDE = 12_000
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"sRGB"})
_PNG_HEADER = struct.Struct(">II5B")
# baseline, extended and progressive frames; lossless and hierarchical ones no browser shows
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_JPEG_KEPT = _JPEG_FRAMES | {0xC4, 0xDB, 0xDD, 0xDA, 0xE0, 0xEE}
_EOI, _SOS = 0xD9, 0xDA


@dataclass(frozen=True)
class PictureFile:
    """A picture file.

    Args:
        media_type: ``image/png`` or ``image/jpeg``.
        width: width in pixels.
        height: height in pixels.
        content: its bytes, of which every part draws.
    """

    media_type: str
    width: int
    height: int
    content: bytes


def read_picture(content: bytes) -> PictureFile:
    """Return a picture from the bytes of a file.

    Raises:
        InputError: it is no PNG or JPEG, is damaged, or too large.
    """
    if len(content) > MOST_BYTES:
        raise InputError("the picture is larger than {most} MB", most=MOST_BYTES // 2**20)
    try:
        if content.startswith(_PNG):
            found = _png(content)
        elif content.startswith(b"\xff\xd8\xff"):
            found = _jpeg(content)
        else:
            raise InputError("this file is no picture: take a PNG or a JPEG")
    except (struct.error, IndexError):
        raise InputError("the picture is damaged: save it anew as PNG or JPEG") from None
    sides = (found.width, found.height)
    if min(sides) < 1 or max(sides) > LONGEST_SIDE or found.width * found.height > MOST_PIXELS:
        raise InputError(
            "the picture has {width} × {height} pixels: at most {side} on a side and {most} million in all",
            width=found.width,
            height=found.height,
            side=LONGEST_SIDE,
            most=MOST_PIXELS // 1_000_000,
        )
    return found


def _png(content: bytes) -> PictureFile:
    kept = [_PNG]
    at = len(_PNG)
    size: tuple[int, int] | None = None
    drawn = False
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        name = content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content) or (size is None) != (name == b"IHDR"):
            raise struct.error
        if name == b"IHDR":
            width, height, *_ = _PNG_HEADER.unpack_from(content, at + 8)
            size = (width, height)
        drawn = drawn or name == b"IDAT"
        if name in _PNG_KEPT:
            kept.append(content[at:end])
        at = end
        if name == b"IEND":
            break
    if not drawn or size is None:
        raise struct.error
    return PictureFile("image/png", *size, b"".join(kept))


def _jpeg(content: bytes) -> PictureFile:
    kept = [content[:2]]
    at = 2
    size: tuple[int, int] | None = None
    while True:
        if content[at] != 0xFF:
            raise struct.error
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker == _EOI:
            kept.append(b"\xff\xd9")
            break
        (length,) = struct.unpack_from(">H", content, at)
        end = at + length
        if length < 2 or end > len(content):
            raise struct.error
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            size = (width, height)
        if marker in _JPEG_KEPT:
            kept.append(b"\xff" + bytes([marker]) + content[at:end])
        at = end
        if marker == _SOS:
            if size is None:
                raise struct.error
            at = _scan_end(content, at)
            kept.append(content[end:at])
    if size is None or len(kept) < 3:
        raise struct.error
    return PictureFile("image/jpeg", *size, b"".join(kept))


def _scan_end(content: bytes, at: int) -> int:
    """Return where the packed data of a scan end: at the next marker that is no restart and no stuffed byte."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise struct.error
        following = content[at + 1]
        if following not in (0x00, 0xFF) and not 0xD0 <= following <= 0xD7:
            return at
        at += 1 if following == 0xFF else 2
