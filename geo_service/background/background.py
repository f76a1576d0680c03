"""The background that the settings choose, opened and checked."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from geo_service.background.kept import KeptTiles
from geo_service.background.remote import (
    TIANDITU,
    TIANDITU_MAX_ZOOM,
    RemoteTiles,
    address_faults,
    tianditu_addresses,
)
from geo_service.background.stored import FolderTiles, MbtilesFile, PmtilesFile
from geo_service.background.tile import Tile, TileFaultError, TileSource, valid_address
from geo_service.settings import Settings
from town_model import InputError, Text

KINDS: dict[str, Text] = {
    "none": Text("none: the map draws its own ground"),
    "xyz": Text("folder of tiles"),
    "mbtiles": Text("MBTiles file"),
    "pmtiles": Text("PMTiles file"),
    "tianditu": Text("Tianditu"),
    "remote": Text("tile server"),
}
DATUMS: dict[str, Text] = {
    "wgs84": Text("WGS-84"),
    "cgcs2000": Text("CGCS2000, the same as WGS-84 on a map"),
    "gcj02": Text("GCJ-02, shifted by some 500 m"),
}
FRESH_S = 30 * 86_400
TIANDITU_WORDS = "天地图 © 国家基础地理信息中心"
FOLDER = "tiles"


@dataclass(frozen=True)
class Trial:
    """What came of asking for one tile.

    Args:
        part: which picture, such as ``base`` or ``names``.
        address: zoom, column and row.
        tile: the tile; None where the source has none there.
        took_ms: how long it took, in milliseconds.
        fault: what went wrong, or None.
    """

    part: str
    address: tuple[int, int, int]
    tile: Tile | None
    took_ms: float
    fault: Text | None


class Background:
    """The background of a workspace: at most one.

    Args:
        kind: a key of `KINDS`.
        datum: a key of `DATUMS`.
        source: where the tiles come from; None without a background, or where `faults` say why.
        attribution: words that name the makers.
        zooms: least and greatest zoom at which there are tiles.
        faults: why there is none although one was chosen.
        version: changes with the settings, for addresses that a browser may keep.
    """

    def __init__(
        self,
        kind: str,
        datum: str,
        source: TileSource | None,
        *,
        attribution: str = "",
        zooms: tuple[int, int] = (0, 0),
        faults: tuple[Text, ...] = (),
        version: str = "",
    ) -> None:
        self.kind = kind
        self.datum = datum
        self.source = source
        self.attribution = attribution
        self.min_zoom, self.max_zoom = zooms
        self.faults = faults
        self.version = version

    @property
    def parts(self) -> tuple[str, ...]:
        """The pictures that lie over each other, from below."""
        return self.source.parts if self.source else ()

    @property
    def shifted(self) -> bool:
        """Whether what the tiles show lies hundreds of metres beside its place."""
        return self.datum == "gcj02"

    def tile(self, part: str, z: int, x: int, y: int) -> Tile | None:
        """Return a tile; None where there is none.

        Args:
            part: one of `parts`.
            z: zoom level.
            x: column, counted from the west.
            y: row, counted from the north.

        Raises:
            TileFaultError: it could not be had.
        """
        if (
            self.source is None
            or part not in self.parts
            or not valid_address(z, x, y)
            or not self.min_zoom <= z <= self.max_zoom
        ):
            return None
        return self.source.tile(part, z, x, y)

    def trials(self, z: int, x: int, y: int) -> list[Trial]:
        """Ask for one tile of each part, to see whether the background works."""
        found = []
        for part in self.parts:
            start = time.perf_counter()
            tile, fault = None, None
            try:
                tile = self.tile(part, z, x, y)
            except TileFaultError as error:
                fault = error.messages[0]
            found.append(Trial(part, (z, x, y), tile, (time.perf_counter() - start) * 1000, fault))
        return found


def open_background(settings: Settings, folder: Path) -> Background:
    """Return the background that the settings choose.

    A file or folder that is not there does not keep the service from starting: it shows its own ground, and
    `Background.faults` say what is missing.

    Args:
        settings: the settings of the workspace.
        folder: the folder of the workspace; relative paths count from it.

    Raises:
        InputError: settings of the background contradict each other or lack something; all are named.
    """
    kind = settings.background
    faults = _contradictions(settings)
    if faults:
        raise InputError(faults)
    datum = "cgcs2000" if kind == "tianditu" else settings.background_datum
    if kind == "none":
        return Background(kind, datum, None)
    version = hashlib.sha256(
        "\0".join(
            (
                kind,
                settings.background_path,
                settings.background_url,
                settings.background_style,
                str(settings.background_tms),
            )
        ).encode()
    ).hexdigest()[:12]
    try:
        source = _source(settings, folder, version)
    except InputError as error:
        return Background(kind, datum, None, faults=tuple(error.messages), version=version)
    low = max(source.min_zoom, settings.background_min_zoom)
    high = min(source.max_zoom, settings.background_max_zoom)
    if low > high:
        fault = Text.of(
            "the background has tiles of zoom {low} to {high} only, beyond background_min_zoom and background_max_zoom",
            low=source.min_zoom,
            high=source.max_zoom,
        )
        return Background(kind, datum, None, faults=(fault,), version=version)
    words = settings.background_attribution or source.attribution
    return Background(kind, datum, source, attribution=words, zooms=(low, high), version=version)


def _contradictions(settings: Settings) -> list[Text]:
    kind = settings.background
    faults: list[Text] = []
    if settings.background_min_zoom > settings.background_max_zoom:
        faults.append(Text("background_min_zoom must not exceed background_max_zoom"))
    if kind in ("xyz", "mbtiles", "pmtiles") and not settings.background_path.strip():
        faults.append(Text.of("background = {kind!r} needs background_path", kind=kind))
    if kind == "remote":
        if settings.background_url:
            faults += address_faults(settings.background_url)
        else:
            faults.append(Text.of("background = {kind!r} needs background_url", kind=kind))
        if "{key}" in settings.background_url and not settings.background_key:
            faults.append(Text("background_url holds key in braces, but background_key is empty"))
    if kind == "tianditu":
        if not settings.background_key:
            faults.append(
                Text("background = 'tianditu' needs background_key: apply for a server key at Tianditu")
            )
        host = settings.background_url
        if host and address_faults(host.rstrip("/") + "/{z}/{x}/{y}"):
            faults.append(
                Text.of("background_url must be scheme and host of a Tianditu node, not {url!r}", url=host)
            )
    return faults


def _source(settings: Settings, folder: Path, version: str) -> TileSource:
    kind = settings.background
    path = folder / settings.background_path
    if kind == "xyz":
        return FolderTiles(path, tms=settings.background_tms)
    if kind == "mbtiles":
        return MbtilesFile(path)
    if kind == "pmtiles":
        return PmtilesFile(path)
    kept = KeptTiles(
        folder / FOLDER / "kept" / version,
        max_bytes=settings.background_cache_mb * 1_000_000,
        fresh_s=FRESH_S,
    )
    if kind == "tianditu":
        templates = tianditu_addresses(settings.background_url or TIANDITU, settings.background_style)
        zooms, words = (1, TIANDITU_MAX_ZOOM), TIANDITU_WORDS
    else:
        template = settings.background_url
        templates = {"base": template.replace("{y}", "{-y}") if settings.background_tms else template}
        zooms, words = (settings.background_min_zoom, settings.background_max_zoom), ""
    return RemoteTiles(
        templates,
        key=settings.background_key,
        kept=kept,
        timeout_s=settings.background_timeout_s,
        at_once=max(1, min(4, settings.threads // 2)),
        zooms=zooms,
        attribution=words,
    )
