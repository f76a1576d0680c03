"""`doctor`: is this installation and this workspace sound?"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pylopdf_fonts_zh_cn

from geo_service.health_checks import Check, examine_workspace
from geo_service.store import sqlite_safety
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
    "cryptography",
    "typst",
)
_PAGES = Path(__file__).with_name("web")
# what makes a browser ask another host: an address in a page, a style or a script that is fetched without a click
_REMOTE = re.compile(
    r"""(?:src|srcset|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//[^"'\s>]+"""
    r"""|<link[^>]*href\s*=\s*["'](?:https?:)?//[^"']+"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]+"""
    r"""|@import\s+["'](?:https?:)?//[^"']+"""
    r"""|(?:fetch|import|open|Worker|importScripts)\s*\(\s*["'](?:https?:)?//[^"']+""",
    re.IGNORECASE,
)

__all__ = ["Check", "examine", "remote_references"]


def examine(folder: Path | None) -> list[Check]:
    """Return all checks of the installation and, where a folder is given, of its workspace.

    Args:
        folder: a workspace, or None for the installation alone.
    """
    checks = [*_installation()]
    if folder is not None:
        checks += examine_workspace(folder)
    return checks


def remote_references(folder: Path) -> list[str]:
    """Return what pages, styles and scripts below a folder would fetch from other hosts, with the file.

    Args:
        folder: a folder with templates and assets.
    """
    return [
        f"{file.relative_to(folder).as_posix()}: {found[0][:80]}"
        for file in sorted(folder.rglob("*"))
        if file.suffix in {".html", ".css", ".js", ".svg"}
        for found in _REMOTE.finditer(file.read_text(encoding="utf-8", errors="replace"))
    ]


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
    remote = remote_references(_PAGES)
    yield Check(
        "pages",
        not remote,
        Text.of("pages ask other hosts: {found}; install the program anew", found=", ".join(remote[:5]))
        if remote
        else Text("pages, styles and scripts ask no other host"),
    )
    font = Path(str(pylopdf_fonts_zh_cn.sans_path()))
    yield Check(
        "fonts",
        font.is_file(),
        Text.of("Chinese font for printing: {font}", font=font.name)
        if font.is_file()
        else Text.of("the Chinese font for printing is missing: install the program anew"),
    )
