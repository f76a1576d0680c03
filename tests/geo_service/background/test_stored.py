"""Folders, MBTiles and PMTiles: the right tile, nothing beside them, plain words about what is wrong."""

import gzip
import random

import pytest
from pmtiles.tile import TileType

from geo_service.background.stored import FolderTiles, MbtilesFile, PmtilesFile
from geo_service.background.tile import MAX_BYTES, TileFaultError
from town_model import InputError


@pytest.fixture
def folder(tmp_path, png):
    def write(tiles):
        for (z, x, y), content in tiles.items():
            place = tmp_path / "tiles" / str(z) / str(x)
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{y}.png").write_bytes(content)
        return tmp_path / "tiles"

    return write


class TestFolder:
    def test_rows_count_from_the_north_as_browsers_ask(self, folder, png):
        tiles = FolderTiles(folder({(1, 0, 0): png(1), (1, 0, 1): png(2)}))
        assert tiles.tile("base", 1, 0, 0).content == png(1)
        assert tiles.tile("base", 1, 0, 1).content == png(2)
        assert (tiles.min_zoom, tiles.max_zoom) == (1, 1)

    def test_rows_of_gdal_count_from_the_south(self, folder, png):
        tiles = FolderTiles(folder({(1, 0, 0): png(1), (1, 0, 1): png(2)}), tms=True)
        assert tiles.tile("base", 1, 0, 0).content == png(2)

    def test_a_tile_that_is_not_there_is_none(self, folder, png):
        assert FolderTiles(folder({(1, 0, 0): png(1)})).tile("base", 1, 1, 1) is None

    def test_a_link_out_of_the_folder_is_not_followed(self, folder, png, tmp_path):
        place = folder({(1, 0, 0): png(1)})
        (tmp_path / "secret.png").write_bytes(png(7))
        try:
            (place / "1" / "0" / "1.png").symlink_to(tmp_path / "secret.png")
        except OSError:
            pytest.skip("this system lets nobody make links")
        assert FolderTiles(place).tile("base", 1, 0, 1) is None

    def test_what_is_no_picture_is_never_sent(self, folder):
        tiles = FolderTiles(folder({(1, 0, 0): b"<script>alert(1)</script>"}))
        with pytest.raises(TileFaultError, match="no PNG"):
            tiles.tile("base", 1, 0, 0)

    def test_a_missing_or_empty_folder_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"nowhere.* is not there"):
            FolderTiles(tmp_path / "nowhere")
        with pytest.raises(InputError, match="holds no tiles"):
            FolderTiles(tmp_path)


class TestMbtiles:
    def test_rows_of_the_file_count_from_the_south(self, mbtiles, png):
        # MBTiles 1.3: tile_row follows the TMS scheme, so row 0 of zoom 1 is the southern one
        tiles = MbtilesFile(mbtiles({(1, 0, 0): png(1), (1, 0, 1): png(2)}, format="png"))
        assert tiles.tile("base", 1, 0, 1).content == png(1)
        assert tiles.tile("base", 1, 0, 0).content == png(2)

    def test_the_attribution_of_the_file_comes_without_its_markup(self, mbtiles, png):
        path = mbtiles({(3, 0, 0): png(1)}, attribution='<a href="http://x/">测绘院</a> &copy; 2026')
        assert MbtilesFile(path).attribution == "测绘院 © 2026"

    def test_nothing_is_written_beside_the_file(self, mbtiles, png, tmp_path):
        path = mbtiles({(1, 0, 0): png(1)})
        before = path.read_bytes()
        MbtilesFile(path).tile("base", 1, 0, 1)
        assert [one.name for one in tmp_path.iterdir()] == [path.name] and path.read_bytes() == before

    @pytest.mark.parametrize("name", ["镇 底图#1?.mbtiles", "100%.mbtiles"])
    def test_names_with_signs_of_addresses_are_only_names(self, mbtiles, png, name):
        assert MbtilesFile(mbtiles({(1, 0, 0): png(1)}, name=name)).max_zoom == 1

    def test_vector_tiles_are_refused(self, mbtiles, png):
        with pytest.raises(InputError, match="vector tiles"):
            MbtilesFile(mbtiles({(1, 0, 0): png(1)}, format="pbf"))

    def test_a_file_of_another_kind_is_refused(self, tmp_path):
        (tmp_path / "x.mbtiles").write_bytes(b"not a database, not at all" * 100)
        with pytest.raises(InputError, match="no MBTiles file"):
            MbtilesFile(tmp_path / "x.mbtiles")


class TestPmtiles:
    def test_each_tile_is_found_also_behind_leaf_directories(self, pmtiles, png):
        # more entries than a root directory of 16 kB holds, so that the writer makes leaves
        chance = random.Random(7)
        places = {(12, chance.randrange(4096), chance.randrange(4096)) for _ in range(6000)}
        picture = png(5)
        tiles = {at: picture + chance.randbytes(chance.randrange(1, 40)) for at in sorted(places)}
        read = PmtilesFile(pmtiles(tiles))
        assert read.header["leaf_directory_length"] > 0
        for at in chance.sample(sorted(places), 200):
            assert read.tile("base", *at).content == tiles[at]
        assert all(read.tile("base", 12, x, 9) is None for x in range(200) if (12, x, 9) not in places)

    def test_its_zooms_and_attribution_come_from_the_file(self, pmtiles, png):
        read = PmtilesFile(
            pmtiles({(3, 1, 1): png(1), (5, 2, 2): png(2)}, metadata={"attribution": "<b>省测绘</b>"})
        )
        assert (read.min_zoom, read.max_zoom, read.attribution) == (3, 5, "省测绘")

    def test_vector_tiles_are_refused(self, pmtiles):
        with pytest.raises(InputError, match="vector tiles"):
            PmtilesFile(pmtiles({(0, 0, 0): gzip.compress(b"\x1a\0")}, tile_type=TileType.MVT))

    @pytest.mark.parametrize("content", [b"", b"PMTiles", b"PMTiles\x03" + bytes(119), b"x" * 200])
    def test_a_damaged_file_is_refused_in_plain_words(self, tmp_path, content):
        (tmp_path / "x.pmtiles").write_bytes(content)
        with pytest.raises(InputError, match=r"no PMTiles 3 file, or is damaged|packed"):
            PmtilesFile(tmp_path / "x.pmtiles")


def test_a_picture_beyond_the_limit_is_not_sent(mbtiles, png):
    read = MbtilesFile(mbtiles({(0, 0, 0): png(1) + bytes(MAX_BYTES)}))
    with pytest.raises(TileFaultError, match="larger than"):
        read.tile("base", 0, 0, 0)
