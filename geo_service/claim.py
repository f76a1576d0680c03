"""The claim of a server on its workspace: a second server, or a restore, sees that somebody works there."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

CLAIM = "serve.lock"


def claimed_by(folder: Path) -> str | None:
    """Return who serves a workspace at the moment, as the number of the process; None for nobody."""
    try:
        with (folder / CLAIM).open("r+") as file:
            if _lock(file):
                return None
            file.seek(1)
            return file.read(20).strip() or "?"
    except OSError:
        return None


@contextlib.contextmanager
def claim(folder: Path) -> Iterator[bool]:
    """Claim a workspace for this process while the block runs; gives False where another one serves it already."""
    try:
        file = (folder / CLAIM).open("a+")
    except OSError:
        yield True
        return
    with file:
        mine = _lock(file)
        if mine:
            file.truncate(0)
            # the first byte carries the lock: on Windows nobody else may read what is locked
            file.write(f" {os.getpid()}\n")
            file.flush()
        yield mine


def _lock(file: IO[str]) -> bool:
    """Lock the first byte of an open file for this process, without waiting."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - there is none elsewhere

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
