"""Refresh or verify the vendored files: ``python -m town_maps.vendor verify`` or ``… refresh PACKAGE-VERSION.tgz``.

A developer's tool. ``npm pack leaflet@1.9.4`` fetches a package as it was published; this module takes from it
what `ASSETS.toml` lists and writes the new version and hashes there. It never uses the network itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path

from town_maps.assets import FOLDER, Vendored, vendored

_HEADER = "# Files of others, as they were published (npm packages). Refresh: docs/developers/maps.md.\n"


def faults(folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the vendored files: missing, changed, or not recorded."""
    found: list[str] = []
    recorded: set[str] = set()
    for package in vendored():
        for path, _, digest in package.files:
            recorded.add(path)
            file = folder / path
            if not file.is_file():
                found.append(f"{path}: missing")
            elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                found.append(f"{path}: is not what {package.name} {package.version} published")
        if package.licence_file not in {path for path, _, _ in package.files}:
            found.append(f"{package.name}: its licence text is not recorded")
    for file in folder.rglob("*"):
        name = file.relative_to(folder).as_posix()
        own = name.startswith("town-map") or name == "ASSETS.toml"
        if file.is_file() and not own and name not in recorded:
            found.append(f"{name}: not recorded in ASSETS.toml")
    return sorted(found)


def refresh(archive: Path, folder: Path = FOLDER) -> str:
    """Take the listed files of one package from its archive and record version and hashes.

    Args:
        archive: what ``npm pack`` wrote.
        folder: the folder of the assets.

    Returns:
        Name and version of what was taken.

    Raises:
        KeyError: `ASSETS.toml` lists no such package, or the archive lacks a listed file.
    """
    with tarfile.open(archive) as source:

        def content(name: str) -> bytes:
            member = source.extractfile(f"package/{name}")
            if member is None:
                raise KeyError(name)
            return member.read()

        about = json.loads(content("package.json"))
        kept = list(vendored())
        place = next((i for i, one in enumerate(kept) if one.name == about["name"]), None)
        if place is None:
            raise KeyError(f"ASSETS.toml lists no package {about['name']}")
        old = kept[place]
        files = []
        for path, origin, _ in old.files:
            bytes_ = content(origin)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(bytes_)
            files.append((path, origin, hashlib.sha256(bytes_).hexdigest()))
        kept[place] = Vendored(
            old.name, about["version"], about["license"], old.licence_file, old.homepage, tuple(files)
        )
    (folder / "ASSETS.toml").write_text(_written(kept), encoding="utf-8")
    return f"{about['name']} {about['version']}"


def _written(packages: list[Vendored]) -> str:
    def quoted(words: str) -> str:
        if re.search(r'["\\\n]', words):
            raise ValueError(f"cannot be written to ASSETS.toml: {words!r}")
        return f'"{words}"'

    lines = [_HEADER]
    for one in packages:
        lines.append("[[package]]")
        lines += [
            f"{key} = {quoted(getattr(one, key))}"
            for key in ("name", "version", "licence", "licence_file", "homepage")
        ]
        for path, origin, digest in one.files:
            lines += ["", "[[package.file]]", f"path = {quoted(path)}", f"origin = {quoted(origin)}"]
            lines.append(f"sha256 = {quoted(digest)}")
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Verify, or refresh from archives; the exit code says whether all is well."""
    if arguments[:1] == ["refresh"]:
        for one in arguments[1:]:
            print(refresh(Path(one)))
    found = faults()
    for one in found:
        print(one)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
