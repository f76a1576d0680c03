"""Tiles of a server kept on disk, up to a size: the least lately used go first."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

_SWEEP_TO = 0.8


class KeptTiles:
    """A folder of tiles as they came; several threads may use it, and several processes.

    Args:
        folder: where they lie; made when the first one comes.
        max_bytes: their size together.
        fresh_s: age in seconds up to which a tile need not be asked for again.
        clock: seconds since the epoch.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int, fresh_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self.fresh_s = fresh_s
        self._clock = clock
        self._lock = threading.Lock()
        self._size: int | None = None

    def get(self, key: str) -> tuple[bytes, bool] | None:
        """Return the bytes kept under a key, and whether they are fresh; None where there are none.

        Args:
            key: a relative path of whole numbers and plain words.
        """
        path = self.folder / key
        try:
            content = path.read_bytes()
            made = path.stat().st_mtime
            # the time of access orders the sweep; many file systems do not keep it by themselves
            os.utime(path, (self._clock(), made))
        except OSError:
            return None
        return content, self._clock() - made <= self.fresh_s

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key; a full disk keeps nothing and is no fault."""
        if len(content) > self.max_bytes:
            return
        path = self.folder / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
            with os.fdopen(handle, "wb") as sink:
                sink.write(content)
            now = self._clock()
            os.utime(name, (now, now))
            Path(name).replace(path)
        except OSError:
            return
        with self._lock:
            if self._size is None:
                self._size = self.size()
            else:
                self._size += len(content)
            if self._size > self.max_bytes:
                self._size = self._sweep()

    def size(self) -> int:
        """Return the bytes that are kept."""
        return sum(size for _, size, _ in self._files())

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for place, _, names in os.walk(self.folder):
            for name in names:
                path = Path(place, name)
                try:
                    about = path.stat()
                except OSError:
                    continue
                found.append((about.st_atime, about.st_size, path))
        return found

    def _sweep(self) -> int:
        files = sorted(self._files(), key=lambda one: one[0])
        left = sum(size for _, size, _ in files)
        for _, size, path in files:
            if left <= self.max_bytes * _SWEEP_TO:
                break
            path.unlink(missing_ok=True)
            left -= size
        return left
