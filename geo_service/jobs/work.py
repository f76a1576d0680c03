"""Doing a job: the context that the work speaks through, and the heart that keeps its lease alive."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from geo_service.jobs import table
from geo_service.jobs.job import CANCELLED, DONE, FAILED, STATE_TEXTS, Job, JobOutcome
from geo_service.jobs.kinds import kind_of
from geo_service.jobs.table import Lease
from geo_service.store import ConflictError, StoreBusyError
from geo_service.store.database import now_utc, open_engine
from geo_service.workspace import Workspace
from town_model import Text, TownError

LOG = logging.getLogger(__name__)
BEAT_S = 0.4
_TELL_EVERY_S = 0.9  # pages ask once a second; each word costs the disk a synchronised write
_SHORT_WAIT_S = 0.2
_LEAST_SHARE = 0.08
_SMOOTHING = 0.3


class JobCancelledError(TownError):
    """The job was cancelled, or taken from this worker: the work ends here and stores nothing."""


class JobContext:
    """What the work of a job knows of its job, and how it tells how far it is.

    What is told is written by the job's heart: the work never waits for the store because of it, whatever locks
    the work holds itself.

    Args:
        workspace: the workspace.
        lease: the job that was taken.
    """

    def __init__(self, workspace: Workspace, lease: Lease) -> None:
        self.id = lease.job
        self.options: dict[str, Any] = dict(lease.options)
        self.actor = lease.actor
        self._store = workspace.store
        self._lease = lease
        self._stop = threading.Event()
        self._begun = time.monotonic()
        self._told: tuple[float, Text] | None = None
        self._left: float | None = None
        self._log: list[tuple[dt.datetime, Text]] = []
        self._step = ""

    def progress(self, share: float, words: Text) -> None:
        """Tell how far the work is; may be called as often as one likes. A new kind of step goes into the log, too.

        Args:
            share: how much is done, from 0 to 1.
            words: what is being done.

        Raises:
            JobCancelledError: the job was cancelled; let it pass, and store nothing more.
        """
        if self._stop.is_set():
            raise JobCancelledError("the job was cancelled")
        if not self._step:
            self._begun = time.monotonic()  # loading the solvers says nothing of how long they take
        if words.template != self._step:
            self._step = words.template
            self.log(words)
        self._told = (min(max(float(share), 0.0), 1.0), words)

    def should_stop(self) -> bool:
        """Whether the job was cancelled: for work that wants to end by itself."""
        return self._stop.is_set()

    def log(self, words: Text) -> None:
        """Add a line to the log of the job."""
        self._log.append((now_utc(), words))

    def stop(self) -> None:
        """Let the work end at its next look up."""
        self._stop.set()

    @property
    def has_news(self) -> bool:
        """Whether something was told that was not written yet."""
        return self._told is not None or bool(self._log)

    @contextlib.contextmanager
    def news(self) -> Iterator[Callable[[Connection], None]]:
        """Give a function that writes what was told since the last time; it counts as written unless the block raises."""
        told, lines = self._told, list(self._log)

        def write(connection: Connection) -> None:
            if told is not None:
                share, words = told
                left = self._estimate(share, time.monotonic())
                table.tell(connection, self._lease, share=share, words=words, seconds_left=left)
            table.write_log(connection, self.id, lines)

        yield write
        if self._told is told:
            self._told = None
        del self._log[: len(lines)]

    def _estimate(self, share: float, now: float) -> float | None:
        """Return the seconds left, from the share done in the time so far, smoothed so that it does not jump."""
        if share < _LEAST_SHARE or now - self._begun < 1.0:
            return None
        fresh = (now - self._begun) * (1.0 - share) / share
        self._left = fresh if self._left is None else (1 - _SMOOTHING) * self._left + _SMOOTHING * fresh
        return self._left

    def finish(self, state: str, *, words: Text, faults: tuple[Text, ...] = (), result_url: str = "") -> bool:
        """End the job; return False where it was taken from this worker meanwhile."""
        with self._store.writing() as connection:
            held = table.finish(
                connection, self._lease, state, words=words, faults=faults, result_url=result_url
            )
            if held:
                table.write_log(connection, self.id, self._log)
        return held


class _Heart(threading.Thread):
    """Writes what the work tells, renews its lease meanwhile, and hears when it is cancelled.

    It has a connection of its own that hardly ever waits: a writer that waits to commit keeps all readers out.
    """

    def __init__(self, workspace: Workspace, lease: Lease, job: JobContext) -> None:
        super().__init__(name=f"job-{lease.job}-heart", daemon=True)
        self._engine = open_engine(workspace.store.path, busy_timeout_s=_SHORT_WAIT_S)
        self._lease, self._job = lease, job
        self._lease_s = workspace.settings.job_lease_seconds
        self._renewed = time.monotonic() - _TELL_EVERY_S
        self._done = threading.Event()

    def run(self) -> None:
        pause = BEAT_S
        while not self._done.wait(pause):
            try:
                self.beat()
                pause = BEAT_S
            except OperationalError:
                pause = min(2 * pause, self._lease_s / 10)
                LOG.debug("job %s could not tell how far it is: the store is busy", self._lease.job)
        self._engine.dispose()

    def beat(self) -> None:
        """Look and write once."""
        with self._engine.begin() as connection:
            if table.is_cancelled(connection, self._lease):
                self._job.stop()
        now = time.monotonic()
        since = now - self._renewed
        if since < self._lease_s / 5 and not (self._job.has_news and since >= _TELL_EVERY_S):
            return
        with self._job.news() as write, self._engine.execution_options(write=True).begin() as connection:
            held = table.renew(connection, self._lease, lease_s=self._lease_s)
            if held:
                write(connection)
        self._renewed = now
        if not held:
            LOG.warning("job %s was taken from this worker", self._lease.job)
            self._job.stop()

    def rest(self) -> None:
        self._done.set()
        self.join()


def do(workspace: Workspace, lease: Lease) -> None:
    """Do a job that was taken, to its end, and note what came of it. Never raises for what the work does wrong."""
    job = JobContext(workspace, lease)
    heart = _Heart(workspace, lease, job)
    heart.start()
    outcome, state, words = JobOutcome(), DONE, Text("done")
    faults: tuple[Text, ...] = ()
    try:
        home, _, name = kind_of(lease.kind).run.partition(":")
        outcome = getattr(import_module(home), name)(workspace, job)
        words = outcome.words
        job.log(words)
    except JobCancelledError:
        state, words = CANCELLED, Text("cancelled")
    except TownError as error:
        state, words, faults = FAILED, Text("failed"), error.messages
    except Exception as error:
        LOG.exception("job %s (%s) failed", lease.job, lease.kind)
        state, words, faults = FAILED, Text("failed"), (_unexpected(error),)
    finally:
        heart.rest()
    _finish(job, state, words, faults, outcome.result_url)


def _unexpected(error: Exception) -> Text:
    if isinstance(error, MemoryError):
        return Text(
            "The memory of this machine does not suffice for it. Close other programs, then run it again."
        )
    return Text.of(
        "An unexpected error ({name}) ended it; the log of the server has the details. Run it again, and tell the administrator if it fails once more.",
        name=type(error).__name__,
    )


def _finish(job: JobContext, state: str, words: Text, faults: tuple[Text, ...], result_url: str) -> None:
    for _ in range(3):  # the work is done: its end must not be lost to a long writer
        try:
            if not job.finish(state, words=words, faults=faults, result_url=result_url):
                LOG.warning("job %s ended after it had been taken from this worker", job.id)
        except StoreBusyError:
            continue
        return
    LOG.error("the end of job %s could not be noted: the store is busy", job.id)


def worker_name() -> str:
    """Return a name for a worker that nobody else has, on any machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def take_next(workspace: Workspace, worker: str) -> Lease | None:
    """Take the next waiting job, after jobs of lost workers were made to wait again; None where there is none."""
    store = workspace.store
    with store.reading() as connection:
        if not table.has_work(connection):
            return None
    with store.writing() as connection:
        table.recover(connection)
        return table.take(connection, worker, lease_s=workspace.settings.job_lease_seconds)


def run_now(workspace: Workspace, number: int) -> Job:
    """Run a waiting job in the present process, to its end, and return it.

    Raises:
        InputError: there is no such job.
        ConflictError: it does not wait: it runs already, or has ended.
    """
    store = workspace.store
    worker = worker_name()
    with store.writing() as connection:
        job = table.read(connection, number)
        lease = table.take(connection, worker, lease_s=workspace.settings.job_lease_seconds, number=number)
    if lease is None:
        raise ConflictError(
            "job {number} does not wait: it is {state}", number=number, state=STATE_TEXTS[job.state]
        )
    do(workspace, lease)
    with store.reading() as connection:
        return table.read(connection, number)
