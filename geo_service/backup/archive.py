"""What stands in a backup: a zip of members with known names, and a manifest with the size and hash of each other one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from geo_service.progress import Progress, silent
from geo_service.secret import FILE as SECRET
from geo_service.workspace import CONFIG, DATABASE
from town_model import InputError, Text

MANIFEST = "manifest.json"
KIND = "geo-service backup"
FORMAT = 1
# Folders of a workspace whose files are part of the town: scans that were placed under the map. Caches, exports and logs are not.
PARTS = ("pictures",)
# Largest size of each member in bytes; nothing else is taken from a file.
_LIMITS = {DATABASE: 1 << 40, CONFIG: 1 << 20, SECRET: 1 << 12}
_LARGEST_PICTURE = 1 << 30
_MOST_MEMBERS = 100_000
_PLAIN_NAME = re.compile(rf"(?:{'|'.join(PARTS)})/[0-9A-Za-z_][0-9A-Za-z_.-]{{0,119}}")
_LARGEST_MANIFEST = 1 << 24
_BLOCK = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    RuntimeError,
    KeyError,
    TypeError,
    struct.error,
)


def largest(name: str) -> int | None:
    """Return how large a member of a name may be, in bytes; None for a name that no backup has."""
    return _LIMITS.get(name, _LARGEST_PICTURE if _PLAIN_NAME.fullmatch(name) else None)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    Args:
        program: version of the program that wrote it.
        schema: schema version of its store.
        created: when, with zone.
        members: the members by name.
    """

    program: str
    schema: str
    created: datetime
    members: Mapping[str, Member]

    def to_json(self) -> bytes:
        """Return the manifest as it stands in the file."""
        members = {name: vars(one) for name, one in self.members.items()}
        return json.dumps(
            {
                "kind": KIND, "format": FORMAT, "program": self.program, "schema": self.schema,
                "created": self.created.isoformat(), "members": members,
            },
            indent=1,
        ).encode()  # fmt: skip


def pack(
    target: IO[bytes],
    files: Mapping[str, Path | bytes],
    *,
    program: str,
    schema: str,
    created: datetime,
    progress: Progress = silent,
) -> Manifest:
    """Write files as a backup.

    Args:
        target: where to; need not be seekable.
        files: member names, and the path or the content of each.
        program: version of this program.
        schema: schema version of the store.
        created: the time of the copy.
        progress: told how far it is.

    Returns:
        The manifest, which is the last member.
    """
    members = {}
    total = sum(len(one) if isinstance(one, bytes) else one.stat().st_size for one in files.values())
    done = 0
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            digest, size = hashlib.sha256(), 0
            with archive.open(_info(name, created), "w", force_zip64=True) as member:
                for block in _content(content):
                    member.write(block)
                    digest.update(block)
                    size, done = size + len(block), done + len(block)
                    progress(done / max(total, 1), Text("packing"))
            members[name] = Member(size=size, sha256=digest.hexdigest())
        manifest = Manifest(program=program, schema=schema, created=created, members=members)
        archive.writestr(_info(MANIFEST, created), manifest.to_json())
    return manifest


def unpack(file: Path, folder: Path, *, name: Path, free_bytes: int, progress: Progress = silent) -> Manifest:
    """Take the members of a backup into a folder; names, sizes and hashes must be those of the manifest.

    Args:
        file: the zip.
        folder: an empty folder.
        name: the file as messages call it.
        free_bytes: how much room there is.
        progress: told how far it is.

    Raises:
        InputError: the file is none of ours, of a newer format, too large for the disk, or damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            infos = {one.filename: one for one in archive.infolist()}
            manifest = _manifest(archive, infos, name)
            need = sum(one.size for one in manifest.members.values())
            if need > free_bytes:
                raise too_small_disk(free_bytes, need)
            done = 0
            for one, told in manifest.members.items():
                digest, size = hashlib.sha256(), 0
                (folder / one).parent.mkdir(mode=0o700, exist_ok=True)
                handle = os.open(
                    folder / one, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
                )
                with os.fdopen(handle, "wb") as target, archive.open(infos[one]) as member:
                    while block := member.read(_BLOCK):
                        size += len(block)
                        if size > told.size:
                            raise damaged(name, one)
                        target.write(block)
                        digest.update(block)
                        done += len(block)
                        progress(done / max(need, 1), Text("unpacking"))
                    target.flush()
                    os.fsync(target.fileno())
                if size != told.size or digest.hexdigest() != told.sha256:
                    raise damaged(name, one)
            return manifest
    except InputError:
        raise
    except _BROKEN as error:
        raise damaged(name, "zip") from error


def too_small_disk(free_bytes: int, need: int) -> InputError:
    """Return the error that says how much room is missing."""
    return InputError(
        "the disk has {free} MB free and the backup needs {need} MB: make room",
        free=free_bytes // 10**6,
        need=-(-need // 10**6),
    )


def damaged(file: Path, part: str) -> InputError:
    """Return the error that says which part of a backup is damaged."""
    return InputError(
        "{file} is damaged ({part}): take another backup; nothing was changed", file=file, part=part
    )


def foreign(file: Path) -> InputError:
    """Return the error that says that a file is no backup."""
    return InputError(
        "{file} is no backup of this program: name a file that 'geo-service backup' wrote", file=file
    )


def _manifest(archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo], file: Path) -> Manifest:
    if MANIFEST not in infos:
        raise foreign(file)
    if infos[MANIFEST].file_size > _LARGEST_MANIFEST:
        raise damaged(file, MANIFEST)
    with archive.open(infos[MANIFEST]) as member:
        try:
            said = json.loads(member.read(_LARGEST_MANIFEST))
        except (ValueError, RecursionError) as error:
            raise damaged(file, MANIFEST) from error
    if not isinstance(said, dict) or said.get("kind") != KIND:
        raise foreign(file)
    if said.get("format") != FORMAT:
        raise InputError(
            "{file} has format {found}, which this version does not know: install the version that wrote it",
            file=file, found=str(said.get("format"))[:20],
        )  # fmt: skip
    try:
        manifest = Manifest(
            program=str(said["program"]),
            schema=str(said["schema"]),
            created=datetime.fromisoformat(said["created"]).astimezone(UTC),
            members={name: Member(**one) for name, one in said["members"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise damaged(file, MANIFEST) from error
    # names are compared, never used as paths before: nothing can be written outside the folder
    present = sorted(one.filename for one in archive.infolist())
    if present != sorted([*manifest.members, MANIFEST]) or DATABASE not in present:
        raise damaged(file, MANIFEST)
    # on Windows two names that differ by case alone are one file
    if len({one.lower() for one in present}) != len(present) or len(present) > _MOST_MEMBERS:
        raise damaged(file, MANIFEST)
    for name, one in manifest.members.items():
        most = largest(name)
        if most is None:
            raise damaged(file, MANIFEST)
        if not (type(one.size) is int and 0 <= one.size <= most and one.size == infos[name].file_size):
            raise damaged(file, name)
    return manifest


def _info(name: str, created: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, created.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _content(content: Path | bytes) -> Iterator[Any]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as source:
        while block := source.read(_BLOCK):
            yield block
