"""Claims about pictures under the map: what is taken, what is kept of it, where it lies."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from geo_service.edits import pictures
from geo_service.edits.picture_files import read_picture
from geo_service.edits.pictures import (
    ControlPoint,
    add_picture,
    all_pictures,
    delete_picture,
    fit,
    mesh,
    picture_content,
    place_picture,
)
from geo_service.store import ConflictError
from geo_service.workspace import Workspace
from town_model import InputError

LON, LAT = 118.78, 32.04


def saved(kind, size=(64, 48), **options):
    target = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 40).convert("RGB").save(target, kind, **options)
    return target.getvalue()


def png(*chunks):
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def head(width, height):
    return b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)


class TestFiles:
    @pytest.mark.parametrize(
        ("kind", "options"),
        [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {"optimize": True})],
    )
    def test_size_and_every_pixel_are_those_that_another_library_reads(self, kind, options):
        content = saved(kind, **options)
        found = read_picture(content)
        assert (found.width, found.height, found.media_type) == (64, 48, f"image/{kind.lower()}")
        assert Image.open(io.BytesIO(found.content)).tobytes() == Image.open(io.BytesIO(content)).tobytes()

    def test_comments_places_and_what_hangs_behind_are_left_out(self):
        told = PngImagePlugin.PngInfo()
        told.add_text("Author", "SECRET-PERSON")
        exif = Image.Exif()
        exif[0x010E] = "SECRET-PLACE"
        for content in (
            saved("PNG", pnginfo=told) + b"<script>SECRET</script>",
            saved("JPEG", exif=exif, comment=b"SECRET") + b"PK\3\4SECRET",
        ):
            assert b"SECRET" in content and b"SECRET" not in read_picture(content).content

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"GIF89a" + b"\0" * 40,
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xd9",
            saved("PNG")[:-20],
            saved("JPEG")[:-40],
            saved("JPEG")[:100],
            png(head(4, 4), (b"IEND", b"")),
            png((b"IDAT", b""), head(4, 4), (b"IEND", b"")),
            png(head(0, 4), (b"IDAT", b""), (b"IEND", b"")),
        ],
    )
    def test_what_is_no_whole_picture_is_refused(self, content):
        with pytest.raises(InputError):
            read_picture(content)

    @pytest.mark.parametrize("size", [(40_000, 40_000), (12_001, 1), (11_000, 11_000)])
    def test_a_small_file_that_would_unpack_to_a_large_picture_is_refused_unread(self, size):
        with pytest.raises(InputError, match="pixels"):
            read_picture(png(head(*size), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")))


class TestStore:
    @pytest.fixture
    def workspace(self, tmp_path):
        with Workspace.create(tmp_path / "town") as made:
            made.store.place_town(LON, LAT, actor="t")
            yield made

    def test_a_picture_is_kept_listed_and_deleted_with_its_file(self, workspace):
        store, folder = workspace.store, workspace.folder
        made = add_picture(store, folder, "扫描图", saved("PNG"), actor="王")
        (file,) = (folder / "pictures").iterdir()
        assert (file.stat().st_mode & 0o777, (folder / "pictures").stat().st_mode & 0o777) == (0o600, 0o700)
        assert picture_content(folder, made) == file.read_bytes() and all_pictures(store) == [made]
        delete_picture(store, folder, made.id, actor="王")
        assert all_pictures(store) == [] and list((folder / "pictures").iterdir()) == []
        with pytest.raises(ConflictError):
            delete_picture(store, folder, made.id, actor="王")
        assert [one.action for one in store.audit_entries(actor="王", limit=2)] == [
            "picture_deleted",
            "picture_added",
        ]

    def test_its_corners_lie_where_two_points_say(self, workspace):
        """From corner to corner, 640 by 480 pixels: the other two corners follow, north up, pixels square."""
        store = workspace.store
        made = add_picture(store, workspace.folder, "", saved("PNG", (640, 480)), actor="王")
        metres_lat, metres_lon = 110_900.0, 111_320.0 * 0.8478
        wide, high = 640 / metres_lon, 480 / metres_lat
        points = [ControlPoint(0, 0, LON, LAT), ControlPoint(640, 480, LON + wide, LAT - high)]
        placed = place_picture(store, made.id, points, actor="王")
        found = fit(store, placed)
        places = mesh(store, placed, found)
        assert len(places) == 13 * 13
        assert places[0] == pytest.approx((LON, LAT), abs=1e-7) and places[-1] == pytest.approx(
            (LON + wide, LAT - high), abs=1e-7
        )
        # the ellipsoid and the grid's north are a few metres off the sphere by hand
        assert places[12] == pytest.approx((LON + wide, LAT), abs=1e-4)

    def test_points_that_do_not_place_it_are_not_stored(self, workspace):
        store = workspace.store
        made = add_picture(store, workspace.folder, "", saved("PNG"), actor="王")
        with pytest.raises(InputError):
            place_picture(store, made.id, [ControlPoint(1, 1, LON, LAT)] * 2, actor="王")
        assert all_pictures(store)[0].points == ()


def test_a_picture_that_the_store_cannot_take_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "add_audit", lambda *_, **__: 1 / 0)
    with Workspace.create(tmp_path / "station") as made:
        with pytest.raises(ZeroDivisionError):
            add_picture(made.store, made.folder, "图", saved("PNG"), actor="t")
        assert all_pictures(made.store) == [] and list((made.folder / "pictures").iterdir()) == []
