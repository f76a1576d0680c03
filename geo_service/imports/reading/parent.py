"""Reading a file through the child process, from the side that waits for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.raw import RawFile, load_file, load_text
from town_model import InputError

_KEPT = (
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "HOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "COVERAGE_PROCESS_START",
)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # one thread: each would cost address space, and a file is read on one anyway
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "GDAL_NUM_THREADS"), "1")
    return kept | threads | {"OGR_SKIP": "OGR_VRT", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def read_raw(path: Path, *, limits: ReadLimits | None = None) -> RawFile:
    """Return the cells and geometries of a file, read by a child process that is killed when it takes too long.

    Args:
        path: the file.
        limits: what it may cost.

    Raises:
        InputError: with the one message that says why the file cannot be read.
    """
    limits = limits or ReadLimits()
    path = Path(path).resolve()
    with tempfile.TemporaryDirectory(prefix="geo-import-") as folder:
        request, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
        asked = {"path": str(path), "limits": asdict(limits), "parent": os.getpid()}
        request.write_text(json.dumps(asked), encoding="utf-8")
        command = [sys.executable, "-m", "geo_service.imports.reading.child", str(request), str(answer)]
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
                command,
                env=_environment(),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=limits.wall_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InputError(
                "{file} took longer than {seconds:g} s to read: split it",
                file=path.name,
                seconds=limits.wall_s,
            ) from None
        values: dict[str, Any] | None = None
        if done.returncode == 0 and answer.is_file():
            values = json.loads(answer.read_text("utf-8"))
    if values is None:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise InputError(
            "{file} broke the reader, which was stopped (exit code {code}): the file is damaged or needs too much memory or time. {detail}",
            file=path.name,
            code=done.returncode,
            detail=(last[0] if last else "")[:200],
        )
    if "faults" in values:
        raise InputError([load_text(one) for one in values["faults"]])
    return load_file(values["file"])
