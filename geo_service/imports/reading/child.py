"""The child process that opens a file: ``python -m geo_service.imports.reading.child REQUEST ANSWER``.

The request is a JSON file with path and limits, the answer a JSON file with cells and WKB, or with the one message
that says why the file cannot be read.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

from geo_service.imports.reading.kinds import file_kind
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.raw import RawFile, dump_file, dump_text
from town_model import InputError, Text

_LOOK_S = 0.5


def _limit_resources(limits: ReadLimits) -> None:
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:  # Windows: the wall clock of the parent and the counts remain
        return
    memory = limits.memory_mb << 20
    for what, soft in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, 2 << 30),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        top = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(what, (top, hard))


def read(path: Path, limits: ReadLimits) -> RawFile:
    """Return the content of a file, in this process. Only the child process and tests call it.

    Raises:
        InputError: with the one message that says why it cannot be read.
    """
    kind = file_kind(path, limits)
    try:
        if kind in {"xlsx", "xls", "csv"}:
            from geo_service.imports.reading import sheets  # noqa: PLC0415 - each kind pays for its own libraries

            return {"xlsx": sheets.read_xlsx, "xls": sheets.read_xls, "csv": sheets.read_csv}[kind](
                path, limits
            )
        if kind in {"geojson", "kml", "kmz"}:
            from geo_service.imports.reading import features  # noqa: PLC0415

            reader = {"geojson": features.read_geojson, "kml": features.read_kml, "kmz": features.read_kmz}
            return reader[kind](path, limits)
        from geo_service.imports.reading import gdal  # noqa: PLC0415

        return {"gpkg": gdal.read_gpkg, "shapefile": gdal.read_shapefile, "dxf": gdal.read_dxf}[kind](
            path, limits
        )
    except InputError:
        raise
    except (MemoryError, RecursionError):
        raise InputError("{file} needs too much memory to be read: split it", file=path.name) from None
    except Exception as error:  # noqa: BLE001 - the libraries raise all kinds on damaged files
        raise InputError(
            "{file} cannot be read as {kind}, it is damaged or was cut off ({detail})",
            file=path.name,
            kind=kind.upper(),
            detail=f"{type(error).__name__}: {error}"[:200],
        ) from None


def _orphaned(parent: int) -> bool:
    """Whether the process that asked is gone; Windows does not tell."""
    return os.name == "posix" and os.getppid() != parent


def _leave_nothing(folder: Path) -> None:
    """End this process at once, with the folder of request and answer: nobody else takes it away any more."""
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _watch(parent: int, folder: Path) -> None:
    while not _orphaned(parent):
        time.sleep(_LOOK_S)
    _leave_nothing(folder)


def main(arguments: list[str]) -> int:
    """Read the request, write the answer, return the exit code 0."""
    request: dict[str, Any] = json.loads(Path(arguments[0]).read_text("utf-8"))
    limits = ReadLimits(**request["limits"])
    parent, folder = int(request["parent"]), Path(arguments[0]).parent
    # a server that is stopped in the middle of an import cannot tell us
    threading.Thread(target=_watch, args=(parent, folder), daemon=True).start()
    _limit_resources(limits)
    answer: dict[str, Any]
    try:
        answer = {"file": dump_file(read(Path(request["path"]), limits))}
    except InputError as error:
        answer = {"faults": [dump_text(one) for one in error.messages]}
    except MemoryError:
        text = Text.of("{file} needs too much memory to be read: split it", file=Path(request["path"]).name)
        answer = {"faults": [dump_text(text)]}
    # half a surrogate pair, which JSON can write and no store can keep, becomes a question mark
    with Path(arguments[1]).open("w", encoding="utf-8", errors="replace") as target:
        json.dump(answer, target, ensure_ascii=False)
    if _orphaned(parent):
        _leave_nothing(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
