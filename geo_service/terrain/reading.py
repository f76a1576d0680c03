"""Reading a raster file of unknown origin: an allow-list of formats by their first bytes, read by this program alone."""

from __future__ import annotations

from pathlib import Path

from geo_service.terrain.geotiff import read_geotiff
from geo_service.terrain.grids import read_asc, read_hgt, unzipped_tile
from geo_service.terrain.raster import Raster
from town_model import InputError

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_raster(path: Path, *, name: str = "", most_mb: int) -> Raster:
    """Return the heights of a file: GeoTIFF, SRTM tile (.hgt, also zipped) or ESRI ASCII grid (.asc).

    Args:
        path: the file.
        name: what people call it, where the file on disk is called otherwise.
        most_mb: how large it may be, in megabytes.

    Raises:
        InputError: none of these, damaged or too large.
    """
    called = name or path.name
    if not path.is_file():
        raise InputError("there is no file {file}", file=path)
    if path.stat().st_size > most_mb * 1_000_000:
        raise InputError(
            "{file} is larger than {most} MB: cut it to the town first", file=called, most=most_mb
        )
    content = path.read_bytes()
    if content.startswith(b"PK\x03\x04"):
        called, content = unzipped_tile(called, content)
    if content.startswith(_TIFF):
        return read_geotiff(called, content)
    if called.lower().endswith(".hgt"):
        return read_hgt(called, content)
    if content[:200].lstrip().lower().startswith(b"ncols"):
        return read_asc(called, content)
    raise InputError(
        "{file} is no raster of heights: take a GeoTIFF, an SRTM tile (.hgt, .hgt.zip) or an ESRI ASCII grid (.asc)",
        file=called,
    )
