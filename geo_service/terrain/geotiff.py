"""GeoTIFF files of heights, read by this program itself: one band, plain or packed, nothing that refers to another file.

No GDAL opens them, so that no disguised file can make it read others. Sizes are checked before anything is unpacked.
Source of the tags: TIFF 6.0 and the OGC GeoTIFF standard 1.1.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from geo_service.terrain.raster import Raster, check_size
from town_model import InputError

_FORMATS = {
    1: "B",
    2: "c",
    3: "H",
    4: "I",
    5: "II",
    6: "b",
    8: "h",
    9: "i",
    11: "f",
    12: "d",
    16: "Q",
    17: "q",
}
_WIDTH, _HEIGHT, _BITS, _PACKING, _BANDS, _ROWS_PER_STRIP = 256, 257, 258, 259, 277, 278
_STRIPS, _STRIP_SIZES, _PREDICTOR = 273, 279, 317
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES = 322, 323, 324, 325
_SAMPLE, _SCALE, _TIEPOINT, _MATRIX, _KEYS, _NODATA = 339, 33550, 33922, 34264, 34735, 42113
_GEOGRAPHIC_KEY, _PROJECTED_KEY, _POINT_KEY = 2048, 3072, 1025
_OWN_SYSTEM = 32767
_PLAIN, _LZW, _DEFLATE, _OLD_DEFLATE = 1, 5, 8, 32946
_MOST_VALUES = 4_000_000
_TYPES = {
    (1, 8): "u1",
    (1, 16): "u2",
    (1, 32): "u4",
    (2, 8): "i1",
    (2, 16): "i2",
    (2, 32): "i4",
    (3, 32): "f4",
    (3, 64): "f8",
}


class _DamagedError(Exception):
    """The bytes do not hold together."""


def read_geotiff(name: str, content: bytes) -> Raster:
    """Return the heights of a GeoTIFF.

    Raises:
        InputError: damaged, too large, turned, without a place, of several bands, or packed in a way that is not read here.
    """
    try:
        order, tags = _tags(content)
        return _raster(name, content, order, tags)
    except InputError:
        raise
    except (
        _DamagedError,
        struct.error,
        IndexError,
        KeyError,
        ValueError,
        OverflowError,
        zlib.error,
    ) as error:
        raise InputError("{file} is damaged or was cut off", file=name) from error


def _tags(content: bytes) -> tuple[str, dict[int, Any]]:
    order = {b"II": "<", b"MM": ">"}[content[:2]]
    (version,) = struct.unpack_from(order + "H", content, 2)
    if version == 42:
        (at,), count_as, entry, inline = struct.unpack_from(order + "I", content, 4), "H", "HHI", 4
    elif version == 43:
        (at,), count_as, entry, inline = struct.unpack_from(order + "Q", content, 8), "Q", "HHQ", 8
    else:
        raise _DamagedError
    (count,) = struct.unpack_from(order + count_as, content, at)
    at += struct.calcsize(order + count_as)
    if count > 1000:
        raise _DamagedError
    tags: dict[int, Any] = {}
    head = struct.calcsize(order + entry)
    for _ in range(count):
        tag, kind, number = struct.unpack_from(order + entry, content, at)
        letters = _FORMATS.get(kind)
        if letters is not None:
            if number > _MOST_VALUES:
                raise _DamagedError
            size = struct.calcsize(order + letters) * number
            place = at + head
            if size > inline:
                (place,) = struct.unpack_from(order + ("I" if inline == 4 else "Q"), content, place)
            if place + size > len(content):
                raise _DamagedError
            raw = content[place : place + size]
            tags[tag] = raw if kind == 2 else struct.unpack(order + letters * number, raw)
        at += head + inline
    return order, tags


def _one(tags: dict[int, Any], tag: int, default: int) -> int:
    return int(tags[tag][0]) if tag in tags else default


def _raster(name: str, content: bytes, order: str, tags: dict[int, Any]) -> Raster:
    columns, rows = _one(tags, _WIDTH, 0), _one(tags, _HEIGHT, 0)
    check_size(columns, rows)
    if _one(tags, _BANDS, 1) != 1:
        raise InputError("{file} has several bands: a raster of heights has one", file=name)
    kind = _TYPES.get((_one(tags, _SAMPLE, 1), _one(tags, _BITS, 1)))
    packing = _one(tags, _PACKING, _PLAIN)
    if kind is None or packing not in (_PLAIN, _LZW, _DEFLATE, _OLD_DEFLATE):
        raise InputError(
            "{file} is packed in a way that is not read here: save it anew as GeoTIFF with 32-bit numbers, packed by DEFLATE or not at all",
            file=name,
        )
    heights = _cells(content, order, tags, (columns, rows), np.dtype(kind), packing).astype(np.float32)
    if _NODATA in tags:
        mark = float(tags[_NODATA].split(b"\0")[0])
        heights[heights == np.float32(mark)] = np.nan
    west, north, width, height = _place(name, tags)
    keys = _keys(tags)
    if keys.get(_POINT_KEY) == 2:  # values stand on points, not in cells
        west, north = west - width / 2, north + height / 2
    code = keys.get(_PROJECTED_KEY, keys.get(_GEOGRAPHIC_KEY, _OWN_SYSTEM))
    return Raster(heights, west, north, width, height, code if 1024 <= code < _OWN_SYSTEM else None)


def _place(name: str, tags: dict[int, Any]) -> tuple[float, float, float, float]:
    """Return west, north and the size of a cell."""
    if _SCALE in tags and _TIEPOINT in tags:
        width, height = tags[_SCALE][:2]
        column, row, _, x, y = tags[_TIEPOINT][:5]
        west, north = x - column * width, y + row * height
    elif _MATRIX in tags:
        a, b, _, west, d, e, _, north = tags[_MATRIX][:8]
        if b or d:
            raise InputError("{file} is turned: save it anew with north at its top", file=name)
        width, height = a, -e
    else:
        raise InputError(
            "{file} does not say where it lies: save it anew as GeoTIFF with its place", file=name
        )
    if not (np.isfinite([west, north, width, height]).all() and width > 0 and height > 0):
        raise InputError("{file} is turned: save it anew with north at its top", file=name)
    return float(west), float(north), float(width), float(height)


def _keys(tags: dict[int, Any]) -> dict[int, int]:
    words: Sequence[int] = tags.get(_KEYS, ())
    groups = [words[i : i + 4] for i in range(4, len(words) - 3, 4)]
    return {int(key): int(value) for key, where, _, value in groups if where == 0}


def _cells(
    content: bytes, order: str, tags: dict[int, Any], size: tuple[int, int], kind: np.dtype[Any], packing: int
) -> np.ndarray:
    columns, rows = size
    if _TILES in tags:
        across, down = _one(tags, _TILE_WIDTH, 0), _one(tags, _TILE_HEIGHT, 0)
        starts, sizes = tags[_TILES], tags[_TILE_SIZES]
    else:
        across, down = columns, min(_one(tags, _ROWS_PER_STRIP, rows), rows)
        starts, sizes = tags[_STRIPS], tags[_STRIP_SIZES]
    check_size(across, down)
    wide = -(-columns // across)
    result = np.zeros((rows, columns), dtype=kind)
    for number, (start, length) in enumerate(zip(starts, sizes, strict=True)):
        top, left = number // wide * down, number % wide * across
        if top >= rows:
            raise _DamagedError
        here = down if _TILES in tags else min(down, rows - top)
        block = _block(content[start : start + length], order, tags, (here, across), kind, packing)
        part = block[: rows - top, : columns - left]
        result[top : top + part.shape[0], left : left + part.shape[1]] = part
    return result


def _block(
    raw: bytes, order: str, tags: dict[int, Any], shape: tuple[int, int], kind: np.dtype[Any], packing: int
) -> np.ndarray:
    """Return one strip or tile; one that was left out of the file is nothing but zeros."""
    size = shape[0] * shape[1] * kind.itemsize
    if not raw:
        return np.zeros(shape, dtype=kind)
    if packing in (_DEFLATE, _OLD_DEFLATE):
        raw = zlib.decompressobj().decompress(raw, size)
    elif packing == _LZW:
        raw = _unpack_lzw(raw, size)
    if len(raw) < size:
        raise _DamagedError
    predictor = _one(tags, _PREDICTOR, 1)
    if predictor == 3:  # bytes of a row, differenced, the most significant ones of all numbers first
        planes = np.cumsum(
            np.frombuffer(raw[:size], dtype=np.uint8).reshape(shape[0], -1), axis=1, dtype=np.uint8
        )
        packed = planes.reshape(shape[0], kind.itemsize, shape[1]).transpose(0, 2, 1)
        return np.ascontiguousarray(packed).view(kind.newbyteorder(">")).reshape(shape).astype(kind)
    stored = kind.newbyteorder("<" if order == "<" else ">")
    block = np.frombuffer(raw[:size], dtype=stored).reshape(shape).astype(kind)
    if predictor == 2:
        whole = f"u{kind.itemsize}"  # numbers of any kind are differenced as whole ones
        return np.cumsum(block.view(whole), axis=1, dtype=whole).view(kind)
    if predictor != 1:
        raise _DamagedError
    return block


def _unpack_lzw(raw: bytes, size: int) -> bytes:
    """Return what LZW codes stand for, no more than asked for (TIFF 6.0, section 13)."""
    out = bytearray()
    table: list[bytes] = []
    bits = held = 0
    width, before = 9, b""
    for byte in raw:
        held, bits = (held << 8 | byte) & 0xFFFFFF, bits + 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits & ((1 << width) - 1)
        if code == 257 or len(out) >= size:
            break
        if code == 256:
            table, width, before = [bytes([one]) for one in range(256)] + [b"", b""], 9, b""
            continue
        if not before:
            word = table[code]
        else:
            word = table[code] if code < len(table) else before + before[:1]
            table.append(before + word[:1])
            if len(table) > 4097:
                raise _DamagedError
        out += word
        before = word
        width = 9 if len(table) < 511 else 10 if len(table) < 1023 else 11 if len(table) < 2047 else 12
    return bytes(out[:size])
