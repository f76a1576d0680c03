"""The supervisor in the server: keeps one worker process alive, and ends it with the server."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Self

from geo_service.jobs import table
from geo_service.jobs.work import worker_name
from geo_service.store import StoreBusyError
from geo_service.workspace import Workspace

LOG = logging.getLogger(__name__)
PROGRAM = (sys.executable, "-P", "-m", "geo_service.jobs.worker")  # -P: nothing of the present folder
LONGEST_BACK_OFF_S = 60.0
_SETTLED_S = 60.0
_END_S = 15.0
# one numeric thread: the other core stays for the pages
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "GDAL_NUM_THREADS"),
    "1",
)


class Supervisor:
    """Keeps a worker process of a workspace alive from `start` to `stop`.

    Args:
        workspace: the workspace; the worker opens it anew.
        program: how a worker is started; its arguments are the folder and its name.
        back_off_s: how long to wait before a worker that died is started again, in seconds; doubled each time up to a
            minute as long as workers die soon.
    """

    def __init__(
        self, workspace: Workspace, *, program: Sequence[str] = PROGRAM, back_off_s: float = 1.0
    ) -> None:
        self._workspace = workspace
        self._program = tuple(program)
        self._back_off_s = back_off_s
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="job-supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        """Process number of the worker; None while there is none."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker; a job in hand goes back to be begun again by the next one."""
        self._ended.set()
        with self._lock:
            process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()  # which tells it to end
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _keep(self) -> None:
        pause = self._back_off_s
        while not self._ended.is_set():
            name, begun = worker_name(), time.monotonic()
            with self._lock:
                if self._ended.is_set():
                    return
                self._process = process = self._spawn(name)
            self._wait(process)
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            if self._ended.is_set():
                return
            LOG.error("the worker process ended by itself (exit code %s)", process.returncode)
            self._release(name)
            if time.monotonic() - begun > _SETTLED_S:
                pause = self._back_off_s
            self._ended.wait(pause)
            pause = min(2 * pause, LONGEST_BACK_OFF_S)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            try:
                process.wait(timeout=_END_S if self._ended.is_set() else 1.0)
            except subprocess.TimeoutExpired:
                if self._ended.is_set() and process.poll() is None:
                    process.kill()
                    process.wait()
                    return
            else:
                return

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        flags = {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS} if os.name == "nt" else {}  # type: ignore[attr-defined,unused-ignore]
        return subprocess.Popen(  # noqa: S603 - this very program
            [*self._program, str(self._workspace.folder), name],
            stdin=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD},
            **flags,
        )

    def _release(self, name: str) -> None:
        try:
            with self._workspace.store.writing() as connection:
                taken = table.take_from(connection, name)
        except StoreBusyError:
            return  # its lease will run out
        if taken:
            LOG.warning("the job in its hand was taken from it")
