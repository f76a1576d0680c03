"""`doctor`: is this installation and this workspace sound?"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geo_service.store import Store, sqlite_safety
from geo_service.workspace import Workspace
from town_maps import MapSpec, stand_alone, vendored
from town_model import Text, TownError

PACKAGES = (
    "geo-service",
    "numpy",
    "scipy",
    "shapely",
    "geopandas",
    "pyproj",
    "pyogrio",
    "osmium",
    "sqlalchemy",
    "flask",
    "folium",
    "waitress",
)
FREE_BYTES = 1_000_000_000
_PRIVATE = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Args:
        name: short English key for scripts.
        ok: whether it is well.
        words: what was seen, and what to do where it is not well.
    """

    name: str
    ok: bool
    words: Text


def examine(folder: Path | None) -> list[Check]:
    """Return all checks of the installation and, where a folder is given, of its workspace.

    Args:
        folder: a workspace, or None for the installation alone.
    """
    checks = [*_installation()]
    if folder is not None:
        checks += _workspace(folder)
    return checks


def _installation() -> Iterator[Check]:
    version = platform.python_version()
    yield Check(
        "python",
        sys.version_info >= (3, 11),
        Text.of("Python {version} on {system}", version=version, system=platform.platform(terse=True)),
    )
    versions = ", ".join(f"{one} {importlib.metadata.version(one)}" for one in PACKAGES)
    yield Check("packages", ok=True, words=Text.of("packages: {versions}", versions=versions))
    safety = sqlite_safety()
    yield Check("sqlite", safety.usable, safety.message)
    year = dt.datetime.now(tz=dt.UTC).year
    yield Check(
        "clock",
        year >= 2026,
        Text.of("the clock says {year}", year=year)
        if year >= 2026
        else Text.of("the clock says {year}: set it right", year=year),
    )
    names = ", ".join(f"{one.name} {one.version}" for one in vendored())
    try:
        stand_alone(MapSpec(title="", layers=()), {})
        yield Check(
            "map_assets",
            ok=True,
            words=Text.of("map assets as published, nothing fetched from other hosts: {names}", names=names),
        )
    except TownError as error:
        yield Check(
            "map_assets", ok=False, words=Text.of("map assets are broken: {reason}", reason=error.messages[0])
        )


def _workspace(folder: Path) -> Iterator[Check]:
    try:
        workspace = Workspace.open(folder)
    except TownError as error:
        yield Check("workspace", ok=False, words=error.messages[0])
        return
    with workspace:
        yield Check("workspace", ok=True, words=Text.of("workspace {folder} opens", folder=workspace.folder))
        yield from _store(workspace.store)
        free = shutil.disk_usage(workspace.folder).free
        words = Text.of("{free} GB free on the disk", free=f"{free / 1e9:.1f}")
        yield Check(
            "disk",
            free > FREE_BYTES,
            words
            if free > FREE_BYTES
            else Text.of("only {free} GB free on the disk: make room", free=f"{free / 1e9:.1f}"),
        )
        if os.name == "posix":
            yield _permissions(workspace.folder)


def _store(store: Store) -> Iterator[Check]:
    faults = store.check()
    if not faults:
        yield Check("store", ok=True, words=Text("the store and its spatial indexes are consistent"))
    for fault in faults:
        yield Check("store", ok=False, words=fault)
    faults = store.verify_audit()
    if not faults:
        yield Check("audit", ok=True, words=Text("the audit record is whole"))
    for fault in faults:
        yield Check("audit", ok=False, words=fault)


def _permissions(folder: Path) -> Check:
    open_to_others = [
        one.name
        for one in folder.iterdir()
        if one.is_file() and one.name in PRIVATE_FILES and one.stat().st_mode & _PRIVATE
    ]
    if open_to_others:
        return Check(
            "permissions",
            ok=False,
            words=Text.of(
                "other users of this computer can read {files}: chmod 600", files=", ".join(open_to_others)
            ),
        )
    return Check("permissions", ok=True, words=Text("secrets are readable by their owner alone"))


PRIVATE_FILES = ("secret.key", "demo-logins.json")
