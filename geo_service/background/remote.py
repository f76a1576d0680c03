"""Tiles of another server, fetched by this one: the key and what people look at stay inside."""

from __future__ import annotations

import http.client
import logging
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from geo_service.background.kept import KeptTiles
from geo_service.background.tile import MAX_BYTES, Tile, TileFaultError, image_type, picture
from town_model import InputError, Text

LOG = logging.getLogger(__name__)

#: Where Tianditu answers; a provincial node may stand in its place.
TIANDITU = "https://t0.tianditu.gov.cn"
#: What lies below and above, by the choice of the operator: streets, pictures from above, relief.
TIANDITU_LAYERS: Mapping[str, tuple[str, str]] = {
    "vec": ("vec", "cva"),
    "img": ("img", "cia"),
    "ter": ("ter", "cta"),
}
TIANDITU_MAX_ZOOM = 18
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = frozenset(("z", "x", "y", "-y", "key"))
_WAIT_S = 2.0
_REST_AFTER, _REST_S = 3, 20.0
_AGENT = "Mozilla/5.0 (compatible; geo-service)"


def tianditu_addresses(host: str, style: str) -> dict[str, str]:
    """Return the address templates of Tianditu's base and names, in its Web Mercator tile matrix set ``w``.

    Args:
        host: scheme and host.
        style: a key of `TIANDITU_LAYERS`.
    """
    return {
        part: f"{host.rstrip('/')}/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
        "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
        for part, layer in zip(("base", "names"), TIANDITU_LAYERS[style], strict=True)
    }


def address_faults(template: str) -> list[Text]:
    """Return what is wrong with an address template.

    Args:
        template: such as ``https://tiles.example/{z}/{x}/{y}.png``.
    """
    faults = []
    bare = _PLACEHOLDER.sub("0", template)
    try:
        parts = urlsplit(bare)
        good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not parts.username
            and parts.port != 0
        )
    except ValueError:
        good = False
    if not good or any(ord(one) <= 32 or ord(one) == 127 for one in template):
        faults.append(
            Text.of(
                "background_url must begin with http:// or https:// and a host, not {url!r}", url=template
            )
        )
    elif "{" in urlsplit(template).netloc:
        faults.append(Text("background_url must name one host: no placeholder in it"))
    named = set(_PLACEHOLDER.findall(template))
    if unknown := sorted(named - _KNOWN):
        faults.append(
            Text.of(
                "background_url has unknown placeholders: {unknown}. Known are z, x, y, -y and key",
                unknown=", ".join(unknown),
            )
        )
    if not ({"z", "x"} <= named and named & {"y", "-y"}):
        faults.append(Text("background_url must hold z, x and y, each in braces"))
    return faults


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever answers for the host must not send us on to another one, least of all inside this network."""

    def redirect_request(self, *_: object) -> None:
        return None


class RemoteTiles:
    """Tiles of the one server that the settings name.

    Args:
        templates: address templates by part.
        key: what stands for ``{key}``; never logged and never sent to a browser.
        kept: tiles on disk.
        timeout_s: seconds that one tile may take altogether.
        at_once: how many tiles are asked for at the same time, so that pages find a free thread.
        zooms: least and greatest zoom.
        attribution: words that name the makers.
        clock: seconds of a clock that never goes back.

    Raises:
        InputError: a template is none.
    """

    def __init__(
        self,
        templates: Mapping[str, str],
        *,
        key: str,
        kept: KeptTiles,
        timeout_s: float,
        at_once: int,
        zooms: tuple[int, int],
        attribution: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        faults = [fault for one in templates.values() for fault in address_faults(one)]
        if faults:
            raise InputError(faults)
        self.parts = tuple(templates)
        self.attribution = attribution
        self.min_zoom, self.max_zoom = zooms
        self.host = urlsplit(next(iter(templates.values()))).netloc
        self.kept = kept
        self._templates = dict(templates)
        self._key = key
        self._timeout_s = timeout_s
        self._slots = threading.BoundedSemaphore(at_once)
        self._clock = clock
        self._failed = 0
        self._rest_until = 0.0
        self._lock = threading.Lock()
        # proxies of the environment would be another host
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)

    def facts(self) -> list[tuple[Text, Text | str]]:
        """Return what is known of the server; never its key."""
        return [(Text("Server"), self.host), (Text("Kept on disk"), f"{self.kept.size() / 1e6:.1f} MB")]

    def tile(self, part: str, z: int, x: int, y: int) -> Tile | None:
        """Return a tile from disk or from the server; an old one where the server does not answer."""
        name = f"{part}/{z}/{x}/{y}"
        found = self.kept.get(name)
        if found and found[1] and image_type(found[0]):
            return picture(found[0])
        try:
            tile = self._fetch(part, z, x, y)
        except TileFaultError:
            if found and image_type(found[0]):
                return picture(found[0])
            raise
        if tile is not None:
            self.kept.put(name, tile.content)
        return tile

    def _fetch(self, part: str, z: int, x: int, y: int) -> Tile | None:
        if self._clock() < self._rest_until:
            raise TileFaultError(
                "the tile server {host} did not answer; it is asked again soon",
                code="resting",
                host=self.host,
            )
        if not self._slots.acquire(timeout=_WAIT_S):
            raise TileFaultError("too many tiles are being asked for", code="busy")
        try:
            content = self._read(self._address(part, z, x, y))
        except urllib.error.HTTPError as error:
            self._note(good=True)  # it answers: no reason to rest
            with error:
                if error.code in (204, 404):
                    return None
                LOG.warning("tile server %s answered %s", self.host, error.code)
                if 300 <= error.code < 400:
                    raise TileFaultError(
                        "the tile server {host} sends us on to another address, which is not followed",
                        code="redirect",
                        host=self.host,
                    ) from None
                if error.code in (401, 403, 418):
                    raise TileFaultError(
                        "the tile server {host} refuses us (HTTP {status}): check the key",
                        code=f"http-{error.code}",
                        host=self.host,
                        status=error.code,
                    ) from None
                raise TileFaultError(
                    "the tile server {host} answers with an error (HTTP {status})",
                    code=f"http-{error.code}",
                    host=self.host,
                    status=error.code,
                ) from None
        except TileFaultError:
            self._note(good=False)
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._note(good=False)
            slow = isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError)
            # not the error's own words: they may repeat the address with its key
            LOG.warning("tile server %s: %s", self.host, type(error).__name__)
            raise TileFaultError(
                "the tile server {host} cannot be reached",
                code="timeout" if slow else "unreachable",
                host=self.host,
            ) from None
        finally:
            self._slots.release()
        self._note(good=True)
        return picture(content) if content else None

    def _address(self, part: str, z: int, x: int, y: int) -> str:
        values = {"z": z, "x": x, "y": y, "-y": (1 << z) - 1 - y, "key": quote(self._key, safe="")}
        return _PLACEHOLDER.sub(lambda one: str(values[one[1]]), self._templates[part])

    def _read(self, address: str) -> bytes:
        """Return what an address answers, within the time and size that one tile may take."""
        until = self._clock() + self._timeout_s
        request = urllib.request.Request(address, headers={"User-Agent": _AGENT, "Accept": "image/*"})  # noqa: S310 - http and https alone pass `address_faults`
        with self._opener.open(request, timeout=self._timeout_s) as answer:
            pieces, size = [], 0
            while piece := answer.read1(65_536):
                pieces.append(piece)
                size += len(piece)
                if size > MAX_BYTES:
                    raise TileFaultError(
                        "the tile is larger than {size} bytes", code="too-large", size=MAX_BYTES
                    )
                if self._clock() > until:
                    raise TimeoutError
        return b"".join(pieces)

    def _note(self, *, good: bool) -> None:
        """After some failures in a row let the server rest, so that pages do not wait for it again and again."""
        with self._lock:
            self._failed = 0 if good else self._failed + 1
            if self._failed >= _REST_AFTER:
                self._rest_until = self._clock() + _REST_S
                self._failed = 0
