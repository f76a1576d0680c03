"""Plain grids: SRTM tiles (.hgt, also zipped) and ESRI ASCII grids (.asc)."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np

from geo_service.terrain.raster import Raster, check_size
from town_model import InputError

_TILE = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
_SIDES = {2 * side * side: side for side in (1201, 3601)}
_VOID = -32768
_HEADER = {"ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter", "cellsize", "nodata_value"}
_LONGEST_HEADER = 4096


def read_hgt(name: str, content: bytes) -> Raster:
    """Return an SRTM tile: its name says where it lies (N43E007.hgt), its size how fine it is.

    Raises:
        InputError: the name or the size is not that of a tile.
    """
    place = _TILE.search(name)
    side = _SIDES.get(len(content))
    if place is None or side is None:
        raise InputError(
            "{file} is no SRTM tile: the name must say the place, such as N32E118.hgt, and the file hold 1201 or 3601 values a side",
            file=name,
        )
    south = int(place[2]) * (1 if place[1].upper() == "N" else -1)
    west = int(place[4]) * (1 if place[3].upper() == "E" else -1)
    stored = np.frombuffer(content, dtype=">i2").reshape(side, side)
    heights = stored.astype(np.float32)
    heights[stored == _VOID] = np.nan
    step = 1 / (side - 1)  # values stand on the corners of a degree
    return Raster(heights, west - step / 2, south + 1 + step / 2, step, step, 4326)


def unzipped_tile(name: str, content: bytes) -> tuple[str, bytes]:
    """Return name and content of the one tile in a ZIP file.

    Raises:
        InputError: damaged, too large, or not one tile.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = [one for one in archive.infolist() if one.filename.lower().endswith(".hgt")]
            if len(found) != 1 or found[0].file_size not in _SIDES:
                raise InputError("{file} must hold one SRTM tile (.hgt)", file=name)
            with archive.open(found[0]) as stream:
                return found[0].filename.rsplit("/", 1)[-1], stream.read(found[0].file_size)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError("{file} is damaged or was cut off", file=name) from error


def read_asc(name: str, content: bytes) -> Raster:
    """Return an ESRI ASCII grid; it does not say its coordinate system.

    Raises:
        InputError: header or values are not those of such a grid.
    """
    try:
        words, at = _header(content)
        columns, rows, cell = int(words["ncols"]), int(words["nrows"]), words["cellsize"]
        check_size(columns, rows)
        half = cell / 2
        west = words["xllcorner"] if "xllcorner" in words else words["xllcenter"] - half
        south = words["yllcorner"] if "yllcorner" in words else words["yllcenter"] - half
        values = np.array(content[at:].split(), dtype=np.float64)
        sound = values.size == columns * rows and cell > 0 and bool(np.isfinite([west, south, cell]).all())
    except InputError:
        raise
    except (KeyError, ValueError, UnicodeDecodeError, OverflowError):
        sound = False
    if not sound:
        raise InputError(
            "{file} is no ESRI ASCII grid: a header (ncols, nrows, xllcorner, yllcorner, cellsize) and as many values as cells",
            file=name,
        )
    heights = values.reshape(rows, columns)
    if "nodata_value" in words:
        heights = np.where(heights == words["nodata_value"], np.nan, heights)
    return Raster(heights.astype(np.float32), west, south + rows * cell, cell, cell, None)


def _header(content: bytes) -> tuple[dict[str, float], int]:
    """Return the words of the header and where the values begin."""
    words: dict[str, float] = {}
    at = 0
    while len(words) < len(_HEADER):
        end = content.find(b"\n", at)
        parts = content[at:end].split() if 0 < end < _LONGEST_HEADER else []
        if len(parts) != 2 or parts[0].decode("ascii").lower() not in _HEADER:
            break
        words[parts[0].decode("ascii").lower()] = float(parts[1])
        at = end + 1
    return words, at
