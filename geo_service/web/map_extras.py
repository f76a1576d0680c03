"""Further scripts of the map pages: editing, tiles and what else a room adds to the map without changing it.

A room appends a `MapExtra` to `EXTRAS` when its module is imported. Its scripts run after the map's own and find
`window.townMap`, with their settings (words, addresses) under ``townMap.settings[name]``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geo_service.web.access import Permission
from geo_service.web.assets import STATIC, asset, map_asset
from geo_service.web.sessions import may
from town_maps import asset_names
from town_model import InputError


@dataclass(frozen=True)
class MapExtra:
    """What a room adds to the maps of the pages.

    Args:
        name: its name, the key of its settings.
        scripts: names of files among the map's assets (``town-edit.js``) or the service's own (``duty.js``), in order.
        styles: names of style sheets, from the same two places.
        permission: who gets it; None for everybody who sees the map.
        pages: the maps that carry it, keys of `geo_service.web.maps.SHOWN`, ``own`` (a cadre's route) or ``row``; empty
            for all but ``own`` and ``row``.
        settings: returns what its scripts read, in the language of the request.
    """

    name: str
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    permission: Permission | None = None
    pages: tuple[str, ...] = ()
    settings: Callable[[], Mapping[str, Any]] | None = None

    def serves(self, page: str) -> bool:
        """Return whether a page of the present user carries it."""
        wanted = page in self.pages if self.pages else page not in ("own", "row")
        return wanted and (self.permission is None or may(self.permission))


EXTRAS: list[MapExtra] = []


def extras(page: str) -> tuple[MapExtra, ...]:
    """Return what the map of a page carries for the present user, in the order of registration.

    Args:
        page: the page, as in `MapExtra.pages`.
    """
    return tuple(one for one in EXTRAS if one.serves(page))


def file_address(name: str) -> str:
    """Return the address of a script or style sheet among the map's assets or the service's own files.

    Raises:
        InputError: neither has such a file.
    """
    if name in asset_names():
        return map_asset(name)
    if (STATIC / name).is_file():
        return asset(name)
    raise InputError("there is no script or style sheet {name!r}", name=name)
