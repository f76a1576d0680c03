"""Doing a job: the context that the work speaks through, and the heart that keeps its lease alive."""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
import socket
import threading
import time
from importlib import import_module
from typing import Any

from geo_service.jobs import table
from geo_service.jobs.job import CANCELLED, DONE, FAILED, STATE_TEXTS, Job, JobOutcome
from geo_service.jobs.kinds import kind_of
from geo_service.jobs.table import Lease
from geo_service.store import ConflictError, StoreBusyError
from geo_service.store.database import now_utc
from geo_service.workspace import Workspace
from town_model import Text, TownError

LOG = logging.getLogger(__name__)
BEAT_S = 0.5
_TELL_EVERY_S = 0.5
_LEAST_SHARE = 0.03
_SMOOTHING = 0.3


class JobCancelledError(TownError):
    """The job was cancelled, or taken from this worker: the work ends here and stores nothing."""


class JobContext:
    """What the work of a job knows of its job, and how it tells how far it is.

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
        self._told = -_TELL_EVERY_S
        self._left: float | None = None
        self._log: list[tuple[dt.datetime, Text]] = []

    def progress(self, share: float, words: Text) -> None:
        """Tell how far the work is; may be called as often as one likes.

        Args:
            share: how much is done, from 0 to 1.
            words: what is being done.

        Raises:
            JobCancelledError: the job was cancelled; let it pass, and store nothing more.
        """
        if self._stop.is_set():
            raise JobCancelledError("the job was cancelled")
        now = time.monotonic()
        share = min(max(float(share), 0.0), 1.0)
        if now - self._told < _TELL_EVERY_S or self._store.is_writing:
            return
        self._told = now
        try:
            with self._store.writing() as connection:
                table.tell(
                    connection, self._lease, share=share, words=words, seconds_left=self._estimate(share, now)
                )
                self._flush(connection)
        except StoreBusyError:
            LOG.info("job %s could not tell how far it is: the store is busy", self.id)

    def should_stop(self) -> bool:
        """Whether the job was cancelled: for work that wants to end by itself."""
        return self._stop.is_set()

    def log(self, words: Text) -> None:
        """Add a line to the log of the job."""
        self._log.append((now_utc(), words))

    def stop(self) -> None:
        """Let the work end at its next look up."""
        self._stop.set()

    def _flush(self, connection: Any) -> None:
        lines, self._log = self._log, []
        table.write_log(connection, self.id, lines)

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
                self._flush(connection)
        return held


class _Heart(threading.Thread):
    """Renews the lease of a job while the work is busy, and hears when it is cancelled."""

    def __init__(self, workspace: Workspace, lease: Lease, job: JobContext) -> None:
        super().__init__(name=f"job-{lease.job}-heart", daemon=True)
        self._store, self._lease, self._job = workspace.store, lease, job
        self._lease_s = workspace.settings.job_lease_seconds
        self._done = threading.Event()

    def run(self) -> None:
        renewed = time.monotonic()
        while not self._done.wait(BEAT_S):
            try:
                with self._store.reading() as connection:
                    if table.is_cancelled(connection, self._lease):
                        self._job.stop()
                if time.monotonic() - renewed >= self._lease_s / 5:
                    with self._store.writing() as connection:
                        held = table.renew(connection, self._lease, lease_s=self._lease_s)
                    renewed = time.monotonic()
                    if not held:
                        LOG.warning("job %s was taken from this worker", self._lease.job)
                        self._job.stop()
            except StoreBusyError:
                LOG.info("the lease of job %s could not be renewed yet: the store is busy", self._lease.job)

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
