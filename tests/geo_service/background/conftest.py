"""Tiny tile sets made by hand, and a tile server on this machine."""

import http.server
import sqlite3
import struct
import threading
import time
import zlib

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer


def png(red, green=0, blue=0):
    """A picture of one pixel, by the PNG specification."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes([0, red, green, blue])))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(name="png")
def _png():
    return png


@pytest.fixture
def mbtiles(tmp_path):
    """A function that writes an MBTiles file of tiles by (zoom, column, row from the south)."""

    def write(tiles, name="town.mbtiles", **metadata):
        path = tmp_path / name
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE metadata (name text, value text)")
            connection.execute(
                "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
            )
            connection.executemany("INSERT INTO metadata VALUES (?, ?)", metadata.items())
            connection.executemany(
                "INSERT INTO tiles VALUES (?, ?, ?, ?)", [(*at, content) for at, content in tiles.items()]
            )
        connection.close()
        return path

    return write


@pytest.fixture
def pmtiles(tmp_path):
    """A function that writes a PMTiles file of tiles by (zoom, column, row from the north)."""

    def write(tiles, *, tile_type=TileType.PNG, name="town.pmtiles", metadata=None):
        path = tmp_path / name
        with path.open("wb") as sink:
            writer = Writer(sink)
            for number, content in sorted((zxy_to_tileid(*at), content) for at, content in tiles.items()):
                writer.write_tile(number, content)
            header = {"tile_type": tile_type, "tile_compression": Compression.NONE}
            for key in (
                "min_lon_e7",
                "min_lat_e7",
                "max_lon_e7",
                "max_lat_e7",
                "center_lon_e7",
                "center_lat_e7",
                "center_zoom",
            ):
                header[key] = 0
            writer.finalize(header, metadata or {})
        return path

    return write


class Upstream:
    """A tile server: answers with `reply(path)`, a tuple of status, headers and body; remembers what was asked."""

    def __init__(self):
        self.asked = []
        self.agents = []
        self.reply = lambda _path: (200, {}, png(9))
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.agents.append(dict(self.headers))
                status, headers, body = outer.reply(self.path)
                try:
                    self.send_response(status)
                    for key, value in headers.items():
                        self.send_header(key, value)
                    self.end_headers()
                    for piece in body if isinstance(body, list) else [body]:
                        if isinstance(piece, float):
                            outer.gate.wait(piece)
                        else:
                            self.wfile.write(piece)
                            self.wfile.flush()
                except OSError:
                    pass  # who asked has gone

            def log_message(self, *_):
                pass

        self.gate = threading.Event()  # ends every wait when the test ends
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def base(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.gate.set()
        self.server.shutdown()
        self.thread.join(timeout=10)
        self.server.server_close()


@pytest.fixture
def upstream():
    made = Upstream()
    yield made
    made.stop()


@pytest.fixture
def until():
    """A function that waits, two seconds at most, until something holds."""

    def wait(holds):
        end = time.monotonic() + 2
        while not holds():
            assert time.monotonic() < end
            threading.Event().wait(0.01)

    return wait
