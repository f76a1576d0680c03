"""The files that a map page needs beside its data: Leaflet as it was published, and this library's own scripts.

`ASSETS.toml` records where each vendored file comes from, under which licence, and its hash. Nothing here
reads the network; ``python -m town_maps.vendor`` is the developer's tool that refreshes the files.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from town_model import InputError

FOLDER = Path(__file__).with_name("assets")

#: Scripts in the order in which a page loads them; `page.js` is what Folium writes from constants.
SCRIPTS = (
    "leaflet/leaflet.js",
    "town-map-styles.js",
    "town-map-draw.js",
    "town-map-labels.js",
    "town-map-data.js",
    "town-map-tiles.js",
    "town-map-hit.js",
    "town-map-panel.js",
    "town-map-hooks.js",
    "town-map-geodesy.js",
    "town-map-measure.js",
    "town-map-coordinates.js",
    "town-map-link.js",
    "town-map-paper.js",
    "town-map-tools.js",
    "town-map.js",
    "page.js",
)
#: Style sheets in the order in which a page loads them; `page.css` is what Folium writes from constants.
STYLES = ("leaflet/leaflet.css", "page.css", "town-map.css")
#: Files that Folium writes rather than this folder.
WRITTEN = ("page.js", "page.css")

_MIME = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".txt": "text/plain"}
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_URL = re.compile(rb"url\(\s*['\"]?(images/[A-Za-z0-9._-]+)['\"]?\s*\)")


@dataclass(frozen=True)
class Asset:
    """One file of a map page.

    Args:
        name: its name below the address of the assets, such as ``leaflet/leaflet.js``.
        content: its bytes.
        media_type: its media type, such as ``text/javascript``.
    """

    name: str
    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Vendored:
    """What `ASSETS.toml` records of one package.

    Args:
        name: the npm package.
        version: its version.
        licence: SPDX name of its licence.
        licence_file: its licence text below `FOLDER`.
        homepage: where people read about it.
        files: path below `FOLDER`, path inside the package, and SHA-256 of each file.
    """

    name: str
    version: str
    licence: str
    licence_file: str
    homepage: str
    files: tuple[tuple[str, str, str], ...]


def vendored() -> tuple[Vendored, ...]:
    """Return the packages that `ASSETS.toml` records."""
    with (FOLDER / "ASSETS.toml").open("rb") as source:
        packages = tomllib.load(source)["package"]
    return tuple(
        Vendored(
            name=one["name"],
            version=one["version"],
            licence=one["licence"],
            licence_file=one["licence_file"],
            homepage=one["homepage"],
            files=tuple((file["path"], file["origin"], file["sha256"]) for file in one["file"]),
        )
        for one in packages
    )


def asset_names() -> tuple[str, ...]:
    """Return the names of all files that a page may ask for."""
    kept = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*")
        if path.suffix in _MIME and path.is_file()
    }
    return tuple(sorted(kept | set(WRITTEN)))


@cache
def asset(name: str) -> Asset:
    """Return a file of a map page.

    Args:
        name: one of `asset_names`.

    Raises:
        InputError: there is no such file.
    """
    if name not in asset_names():
        raise InputError("the map pages have no file {name!r}", name=name)
    if name in WRITTEN:
        from town_maps.folium_page import written_files  # noqa: PLC0415 (Folium is slow to import)

        content = written_files()[name].encode()
    else:
        content = (FOLDER / name).read_bytes()
    suffix = Path(name).suffix
    media_type = _MIME.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(name, content, media_type)


def inlined_style(name: str) -> str:
    """Return a style sheet with the images it refers to written into it, for a stand-alone file."""
    folder = Path(name).parent

    def embed(match: re.Match[bytes]) -> bytes:
        image = asset((folder / match.group(1).decode()).as_posix())
        return b"url(data:" + image.media_type.encode() + b";base64," + base64.b64encode(image.content) + b")"

    return _URL.sub(embed, asset(name).content).decode().replace("\r\n", "\n")


def inlined_script(name: str) -> str:
    """Return a script as a stand-alone file carries it: without the address of its source map.

    Line ends are those that a browser sees, so that the hash in the page's policy fits.
    """
    return _SOURCE_MAP.sub("", asset(name).content.decode().replace("\r\n", "\n"))
