"""Files of heights: read as the formats say, refused with a remedy where they are none."""

import contextlib
import io
import struct
import zipfile
import zlib

import numpy as np
import pytest

from geo_service.terrain.raster import MOST_CELLS
from geo_service.terrain.reading import read_raster
from town_model import InputError

HEIGHTS = np.array([[1.5, 2.0, 3.25], [4.0, -9999.0, 6.0]], dtype="f4")


def tiff(
    heights=HEIGHTS,
    *,
    order="<",
    packing=1,
    predictor=1,
    kind="f4",
    tile=0,
    epsg=4549,
    nodata=b"-9999",
    bands=1,
    **odd,
):
    """A GeoTIFF by the letters of the two standards: one strip, or tiles of a size."""
    rows, columns = heights.shape
    stored = heights.astype(np.dtype(kind).newbyteorder(order))
    blocks = []
    if tile:
        for top in range(0, rows, tile):
            for left in range(0, columns, tile):
                block = np.zeros((tile, tile), dtype=stored.dtype)
                part = stored[top : top + tile, left : left + tile]
                block[: part.shape[0], : part.shape[1]] = part
                blocks.append(block)
    else:
        blocks = [stored]
    packed = []
    for block in blocks:
        raw = block.tobytes()
        if predictor == 2:
            whole = np.dtype(f"u{block.itemsize}").newbyteorder(order)
            raw = np.diff(block.view(whole), axis=1, prepend=whole.type(0)).astype(whole).tobytes()
        if predictor == 3:
            big = block.astype(block.dtype.newbyteorder(">"))
            planes = (
                np.frombuffer(big.tobytes(), dtype="u1")
                .reshape(*block.shape, -1)
                .transpose(0, 2, 1)
                .reshape(len(block), -1)
            )
            raw = np.diff(planes, axis=1, prepend=np.uint8(0)).astype("u1").tobytes()
        packed.append(zlib.compress(raw) if packing == 8 else raw)
    keys = (1, 1, 0, 1, *((3072 if epsg > 4500 else 2048), 0, 1, epsg)) if epsg else (1, 1, 0, 0)
    tags = {
        256: ("H", [columns]), 257: ("H", [rows]), 258: ("H", [stored.itemsize * 8]), 259: ("H", [packing]), 277: ("H", [bands]),
        317: ("H", [predictor]), 339: ("H", [{"f": 3, "i": 2, "u": 1}[np.dtype(kind).kind]]),
        33550: ("d", [2.0, 2.0, 0.0]), 33922: ("d", [0, 0, 0, 500_000.0, 3_500_000.0, 0]), 34735: ("H", keys),
    }  # fmt: skip
    if tile:
        tags |= {322: ("H", [tile]), 323: ("H", [tile])}
    else:
        tags[278] = ("H", [rows])
    tags |= odd.get("tags", {})
    at, starts = 8, []
    for one in packed:
        starts.append(at)
        at += len(one)
    tags |= {
        (324 if tile else 273): ("I", starts),
        (325 if tile else 279): ("I", [len(one) for one in packed]),
    }
    letters = {"H": 3, "I": 4, "d": 12}
    body, entries = b"", []
    for tag, (letter, values) in sorted(tags.items()):
        raw = struct.pack(order + letter * len(values), *values)
        entries.append((tag, letters[letter], len(values), raw))
    if nodata:
        entries.append((42113, 2, len(nodata) + 1, nodata + b"\0"))
    place = at + 2 + 12 * len(entries) + 4
    ifd = struct.pack(order + "H", len(entries))
    for tag, letter, count, raw in sorted(entries):
        if len(raw) <= 4:
            ifd += struct.pack(order + "HHI", tag, letter, count) + raw.ljust(4, b"\0")
        else:
            ifd += struct.pack(order + "HHII", tag, letter, count, place + len(body))
            body += raw
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, at)
    return head + b"".join(packed) + ifd + b"\0\0\0\0" + body


def read(tmp_path, content, name="dem.tif"):
    path = tmp_path / "upload"
    path.write_bytes(content)
    return read_raster(path, name=name, most_mb=20)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tile", [0, 16])
@pytest.mark.parametrize(
    ("packing", "predictor", "kind"),
    [(1, 1, "f4"), (8, 1, "f8"), (8, 2, "i2"), (8, 3, "f4"), (8, 2, "f4"), (1, 1, "i4")],
)
def test_a_geotiff_gives_its_heights_place_and_system(tmp_path, order, tile, packing, predictor, kind):
    whole = np.dtype(kind).kind == "i"
    heights = np.round(HEIGHTS) if whole else HEIGHTS
    found = read(
        tmp_path, tiff(heights, order=order, tile=tile, packing=packing, predictor=predictor, kind=kind)
    )
    assert np.array_equal(found.heights, np.where(heights == -9999, np.nan, heights), equal_nan=True)
    assert (found.epsg, found.bounds) == (4549, (500_000.0, 3_499_996.0, 500_006.0, 3_500_000.0))


def test_a_geotiff_of_points_lies_half_a_cell_off(tmp_path):
    """Values that stand on points (GTRasterType 2) are the middles of cells: half a cell to the west and north."""
    keys = (1, 1, 0, 2, 1025, 0, 1, 2, 3072, 0, 1, 4549)
    found = read(tmp_path, tiff(tags={34735: ("H", keys)}))
    assert (found.west, found.north) == (499_999.0, 3_500_001.0)


def test_a_geotiff_without_a_system_says_none(tmp_path):
    assert read(tmp_path, tiff(epsg=0)).epsg is None


def test_an_srtm_tile_lies_where_its_name_says(tmp_path):
    """1201 values a side stand on the corners of a degree: the first one on N44 E007."""
    values = np.full((1201, 1201), 7, dtype=">i2")
    values[0, 0], values[-1, -1], values[5, 6] = 100, 200, -32768
    tile = read(tmp_path, values.tobytes(), "N43E007.hgt")
    half = 1 / 2400
    assert (tile.west, tile.north) == pytest.approx((7 - half, 44 + half))
    assert tile.bounds == pytest.approx((7 - half, 43 - half, 8 + half, 44 + half))
    assert (tile.heights[0, 0], tile.heights[-1, -1], tile.epsg) == (100, 200, 4326)
    assert np.isnan(tile.heights[5, 6])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("N43E007.hgt", values.tobytes())
    assert np.array_equal(read(tmp_path, packed.getvalue(), "alps.zip").heights, tile.heights, equal_nan=True)


def test_a_tile_of_the_south_and_west(tmp_path):
    tile = read(tmp_path, np.zeros((1201, 1201), dtype=">i2").tobytes(), "s23w044.hgt")
    assert tile.bounds == pytest.approx((-44, -23, -43, -22), abs=1e-3)


@pytest.mark.parametrize("corner", ["corner", "center"])
def test_an_ascii_grid_counts_from_its_lower_left(tmp_path, corner):
    shift = 0 if corner == "corner" else 1
    text = f"NCOLS 3\nNROWS 2\nXLL{corner.upper()} {10 + shift}\nYLL{corner.upper()} {20 + shift}\nCELLSIZE 2\nNODATA_VALUE -1\n1 2 3\n4 -1 6\n"
    found = read(tmp_path, text.encode(), "hills.asc")
    assert found.bounds == (10, 20, 16, 24)
    assert np.array_equal(found.heights, [[1, 2, 3], [4, np.nan, 6]], equal_nan=True)
    assert found.epsg is None


VRT = b'<VRTDataset rasterXSize="2" rasterYSize="2"><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>'


@pytest.mark.parametrize(
    ("content", "name", "fault"),
    [
        (VRT, "dem.tif", "no raster of heights"),
        (VRT, "N43E007.hgt", "no SRTM tile"),
        (b"", "dem.tif", "no raster of heights"),
        (tiff(bands=3), "dem.tif", "several bands"),
        (tiff(tags={259: ("H", [7])}), "dem.tif", "DEFLATE"),
        (tiff(tags={256: ("I", [100_000]), 257: ("I", [100_000])}), "dem.tif", "million"),
        (tiff(tags={33550: ("d", [0.0, 2.0, 0.0])}), "dem.tif", "north at its top"),
        (tiff()[:-60], "dem.tif", "damaged"),
        (tiff(packing=8)[:40], "dem.tif", "damaged"),
        (b"PK\x03\x04 no archive", "N43E007.hgt.zip", "damaged"),
        (b"ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3\n4 5\n", "a.asc", "ASCII grid"),
        (b"ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize -1\n1 2 3\n4 5 6\n", "a.asc", "ASCII grid"),
        (b"ncols 99999\nnrows 99999\nxllcorner 0\nyllcorner 0\ncellsize 1\n1", "a.asc", "million"),
        (np.zeros(50, dtype=">i2").tobytes(), "N43E007.hgt", "no SRTM tile"),
    ],
)  # fmt: skip
def test_what_is_no_raster_is_refused_with_a_remedy(tmp_path, content, name, fault):
    with pytest.raises(InputError, match=fault):
        read(tmp_path, content, name)


def test_a_bomb_is_not_unpacked(tmp_path):
    """A strip that says 6 cells and would unpack to 200 MB gives its 6 cells; a ZIP tile of a wrong size is refused unread."""
    bomb = zlib.compress(HEIGHTS.tobytes() + bytes(200_000_000), 9)
    whole = tiff(packing=8)
    packed = zlib.compress(HEIGHTS.tobytes())
    at = whole.index(packed)
    assert len(bomb) > len(packed)
    swapped = tiff(tags={})  # the plain one, for its shape
    assert np.array_equal(read(tmp_path, swapped).heights, read(tmp_path, whole).heights, equal_nan=True)
    larger = bytearray(whole + bomb)
    entry = whole.index(struct.pack("<HHI", 273, 4, 1))
    larger[entry + 8 : entry + 12] = struct.pack("<I", len(whole))
    entry = whole.index(struct.pack("<HHI", 279, 4, 1))
    larger[entry + 8 : entry + 12] = struct.pack("<I", len(bomb))
    assert at == 8
    assert np.array_equal(
        read(tmp_path, bytes(larger)).heights, read(tmp_path, whole).heights, equal_nan=True
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("N43E007.hgt", bytes(90_000_000))
    with pytest.raises(InputError, match="one SRTM tile"):
        read(tmp_path, archive.getvalue(), "N43E007.hgt.zip")


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large.tif"
    path.write_bytes(tiff() + bytes(1_100_000))
    with pytest.raises(InputError, match="larger than 1 MB"):
        read_raster(path, most_mb=1)
    assert MOST_CELLS * 4 < 300_000_000


@pytest.mark.parametrize("seed", range(4))
def test_bytes_changed_at_random_are_read_or_refused(tmp_path, seed):
    rng = np.random.default_rng(seed)
    for sound in (tiff(), tiff(packing=8, predictor=3), tiff(tile=16, order=">")):
        for _ in range(150):
            broken = bytearray(sound)
            for at in rng.integers(0, len(sound), rng.integers(1, 5)).tolist():
                broken[at] = int(rng.integers(0, 256))
            with contextlib.suppress(InputError):
                assert read(tmp_path, bytes(broken)).heights.ndim == 2
