"""A job as its readers see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from town_model import Text

QUEUED, RUNNING, DONE, FAILED, CANCELLED = STATES = ("queued", "running", "done", "failed", "cancelled")
LIVING = (QUEUED, RUNNING)
STATE_TEXTS = {
    QUEUED: Text("waiting"),
    RUNNING: Text("running"),
    DONE: Text("done"),
    FAILED: Text("failed"),
    CANCELLED: Text("cancelled"),
}


@dataclass(frozen=True)
class LogLine:
    """A line of a job's log: when, with zone UTC, and what."""

    at: dt.datetime
    words: Text


@dataclass(frozen=True, kw_only=True)
class Job:
    """Long work that was asked for, as it stood when it was read.

    Args:
        id: its number.
        kind: what is done, a key of `geo_service.jobs.KINDS`.
        title: what is done, in words.
        options: the options of the work.
        actor: who asked for it.
        state: ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
        share: how much is done, from 0 to 1.
        words: what it is doing, or what came of it.
        seconds_left: about how long it still takes; None while nobody can say.
        cancelling: whether it was asked to stop and has not yet.
        attempts: how often it was begun.
        created_at: when it was asked for, with zone UTC.
        started_at: when it was begun last; None before.
        ended_at: when it ended; None before.
        faults: why it failed; empty unless it did.
        result_url: the page of its result; empty where there is none.
        resumable: whether it may be begun again by itself when its worker is lost.
        log: its log, oldest first; empty in a listing.
    """

    id: int
    kind: str
    title: Text
    options: dict[str, Any]
    actor: str
    state: str
    share: float
    words: Text
    seconds_left: float | None
    cancelling: bool
    attempts: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    faults: tuple[Text, ...]
    result_url: str
    resumable: bool
    log: tuple[LogLine, ...] = ()

    @property
    def is_living(self) -> bool:
        """Whether it waits or runs."""
        return self.state in LIVING

    @property
    def fault(self) -> Text | None:
        """Why it failed, the first reason; None unless it did."""
        return self.faults[0] if self.faults else None


@dataclass(frozen=True)
class JobOutcome:
    """What came of a job.

    Args:
        result_url: the page that shows its result; empty where there is none.
        words: one sentence.
    """

    result_url: str = ""
    words: Text = Text("done")  # noqa: RUF009 - frozen
