"""The table of jobs, which is the truth about them: asked for, taken under a lease, renewed, ended.

A worker takes a job by one conditional update under the write lock, so no job is ever taken twice. While it works it
renews its lease; every later word of a worker that no longer holds the lease is void.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, insert, or_, select, update

from geo_service.jobs import messages
from geo_service.jobs.job import CANCELLED, DONE, FAILED, LIVING, QUEUED, RUNNING, Job, LogLine
from geo_service.jobs.kinds import KINDS, Kind
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import job_log, jobs
from town_model import InputError, Text

#: A job whose worker was lost is begun again by itself as long as it was begun fewer times than this.
MOST_ATTEMPTS = 2
_GRACE_S = 5.0
_LOG_LINES = 500
_WAITING = Text("waiting for its turn")
_LOST = Text("its worker process ended in the middle of it")
LOST_FAULT = Text("The process that worked on it ended unexpectedly. Nothing is lost: run it again.")


@dataclass(frozen=True)
class Lease:
    """A job that a worker has taken.

    Args:
        job: its number. kind: its kind. options: its options. actor: who asked for it.
        worker: who holds it.
    """

    job: int
    kind: str
    options: dict[str, Any]
    actor: str
    worker: str


def add(connection: Connection, kind: str, options: Mapping[str, Any], *, actor: str) -> tuple[int, bool]:
    """Ask for a job; return its number and whether it is new: an equal one that still waits or runs stands for it."""
    packed = json.dumps(dict(options), ensure_ascii=False, sort_keys=True)
    found = connection.execute(
        select(jobs.c.id)
        .where(jobs.c.state.in_(LIVING), jobs.c.kind == kind, jobs.c.options == packed)
        .where(jobs.c.cancel_asked.is_(False))
    ).scalar()
    if found is not None:
        return int(found), False
    made = connection.execute(
        insert(jobs).values(
            kind=kind, options=packed, actor=actor, state=QUEUED, share=0.0, words=messages.pack(_WAITING), faults="[]",
            result_url="", cancel_asked=False, attempts=0, worker="", lease_noticed=False, created_at=now_utc(),
        )
    ).inserted_primary_key  # fmt: skip
    assert made is not None
    return int(made[0]), True


def read(connection: Connection, number: int) -> Job:
    """Return a job with its log.

    Raises:
        InputError: there is no such job.
    """
    row = connection.execute(select(jobs).where(jobs.c.id == number)).first()
    if row is None:
        raise InputError("there is no job {number}", number=number)
    lines = connection.execute(
        select(job_log.c.at, job_log.c.words).where(job_log.c.job == number).order_by(job_log.c.id)
    )
    return _job(row, tuple(LogLine(aware(at), messages.unpack(words)) for at, words in lines))


def listing(
    connection: Connection,
    *,
    kinds: Sequence[str] | None = None,
    states: Sequence[str] | None = None,
    actor: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Job]:
    """Return jobs without their logs, newest first."""
    query: Select[Any] = select(jobs).order_by(jobs.c.id.desc()).limit(limit).offset(offset)
    if kinds is not None:
        query = query.where(jobs.c.kind.in_(kinds))
    if states is not None:
        query = query.where(jobs.c.state.in_(states))
    if actor is not None:
        query = query.where(jobs.c.actor == actor)
    return [_job(row) for row in connection.execute(query)]


def take(connection: Connection, worker: str, *, lease_s: float, number: int | None = None) -> Lease | None:
    """Take the oldest waiting job (or a given one) under a lease; None where none waits.

    Args:
        connection: holds the write lock.
        worker: who takes it.
        lease_s: how long the lease holds unless it is renewed, in seconds.
        number: only this job.
    """
    waiting = select(jobs.c.id).where(jobs.c.state == QUEUED).order_by(jobs.c.id).limit(1)
    now = now_utc()
    row = connection.execute(
        update(jobs)
        .where(jobs.c.state == QUEUED)
        .where(jobs.c.id == (waiting.scalar_subquery() if number is None else number))
        .values(
            state=RUNNING, worker=worker, lease_until=now + dt.timedelta(seconds=lease_s), lease_noticed=False, share=0.0,
            seconds_left=None, told_at=None, attempts=jobs.c.attempts + 1, started_at=now, words=messages.pack(Text("starting")),
        )
        .returning(jobs.c.id, jobs.c.kind, jobs.c.options, jobs.c.actor)
    ).first()  # fmt: skip
    return None if row is None else Lease(row.id, row.kind, json.loads(row.options), row.actor, worker)


def has_work(connection: Connection) -> bool:
    """Whether a job waits, or the lease of one has run out."""
    work = or_(jobs.c.state == QUEUED, (jobs.c.state == RUNNING) & (jobs.c.lease_until < now_utc()))
    return bool(connection.execute(select(exists().where(work))).scalar())


def renew(connection: Connection, lease: Lease, *, lease_s: float) -> bool:
    """Renew a lease; return False where it is lost."""
    until = now_utc() + dt.timedelta(seconds=lease_s)
    done = connection.execute(update(jobs).where(_held(lease)).values(lease_until=until, lease_noticed=False))
    return bool(done.rowcount)


def is_cancelled(connection: Connection, lease: Lease) -> bool:
    """Whether somebody asked that the work stop."""
    return bool(connection.execute(select(jobs.c.cancel_asked).where(jobs.c.id == lease.job)).scalar())


def tell(
    connection: Connection, lease: Lease, *, share: float, words: Text, seconds_left: float | None
) -> None:
    """Note how far the work is."""
    connection.execute(
        update(jobs)
        .where(_held(lease))
        .values(share=share, words=messages.pack(words), seconds_left=seconds_left, told_at=now_utc())
    )


def write_log(connection: Connection, number: int, lines: Sequence[tuple[dt.datetime, Text]]) -> None:
    """Add lines, given with their times in UTC, to the log of a job; beyond `_LOG_LINES` nothing is added."""
    there = connection.execute(select(job_log.c.id).where(job_log.c.job == number)).all()
    rows = [
        {"job": number, "at": at, "words": messages.pack(words)}
        for at, words in lines[: max(0, _LOG_LINES - len(there))]
    ]
    if rows:
        connection.execute(insert(job_log), rows)


def finish(
    connection: Connection,
    lease: Lease,
    state: str,
    *,
    words: Text,
    faults: Sequence[Text] = (),
    result_url: str = "",
) -> bool:
    """End a job; return False where the lease was lost, and then nothing changes."""
    values: dict[str, Any] = {"share": 1.0} if state == DONE else {}
    done = connection.execute(
        update(jobs)
        .where(_held(lease))
        .values(
            state=state, words=messages.pack(words), faults=messages.pack_all(faults), result_url=result_url, seconds_left=None,
            ended_at=now_utc(), lease_until=None, worker="", **values,
        )
    )  # fmt: skip
    return bool(done.rowcount)


def ask_to_cancel(connection: Connection, number: int) -> None:
    """Cancel a job: at once while it waits, as soon as the work looks up while it runs; one that ended stays as it is."""
    connection.execute(
        update(jobs)
        .where(jobs.c.id == number, jobs.c.state == QUEUED)
        .values(
            state=CANCELLED, ended_at=now_utc(), cancel_asked=True, words=messages.pack(Text("cancelled"))
        )
    )
    connection.execute(
        update(jobs).where(jobs.c.id == number, jobs.c.state == RUNNING).values(cancel_asked=True)
    )


def give_back(connection: Connection, worker: str) -> int:
    """Let a worker that must end hand back what it holds, to be begun again; return how many jobs those are."""
    rows = connection.execute(select(jobs).where(jobs.c.state == RUNNING, jobs.c.worker == worker)).all()
    for row in rows:
        # an end that the server asked for is no failure of the job
        _take_from_worker(connection, row, attempts=max(0, row.attempts - 1))
    return len(rows)


def take_from(connection: Connection, worker: str) -> int:
    """Take what a worker holds that has died; return how many jobs those are."""
    rows = connection.execute(select(jobs).where(jobs.c.state == RUNNING, jobs.c.worker == worker)).all()
    for row in rows:
        _take_from_worker(connection, row, attempts=row.attempts)
    return len(rows)


def recover(connection: Connection) -> int:
    """Take the jobs whose leases ran out from their workers, and return how many those are.

    A lease that ran out is noticed first, and given a few seconds more: its worker may have waited for the same
    write lock that the caller holds now, and then renews it next.
    """
    now = now_utc()
    rows = connection.execute(select(jobs).where(jobs.c.state == RUNNING, jobs.c.lease_until < now)).all()
    taken = 0
    for row in rows:
        if row.lease_noticed:
            _take_from_worker(connection, row, attempts=row.attempts)
            taken += 1
        else:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == row.id)
                .values(lease_noticed=True, lease_until=now + dt.timedelta(seconds=_GRACE_S))
            )
    return taken


def prune(connection: Connection, *, days: int) -> int:
    """Remove jobs that ended longer ago than some days, with their logs; return how many."""
    before = now_utc() - dt.timedelta(days=days)
    return connection.execute(delete(jobs).where(jobs.c.ended_at < before)).rowcount


def _take_from_worker(connection: Connection, row: Any, *, attempts: int) -> None:
    kind = KINDS.get(row.kind)
    if row.cancel_asked:
        values = {"state": CANCELLED, "ended_at": now_utc(), "words": messages.pack(Text("cancelled"))}
    elif kind is not None and kind.resumable and attempts < MOST_ATTEMPTS:
        values = {"state": QUEUED, "words": messages.pack(Text("interrupted; it starts again by itself"))}
    else:
        values = {
            "state": FAILED,
            "ended_at": now_utc(),
            "words": messages.pack(_LOST),
            "faults": messages.pack_all([LOST_FAULT]),
        }
    connection.execute(
        update(jobs)
        .where(jobs.c.id == row.id, jobs.c.state == RUNNING, jobs.c.worker == row.worker)
        .values(worker="", lease_until=None, seconds_left=None, attempts=attempts, **values)
    )
    write_log(connection, row.id, [(now_utc(), _LOST)])


def _held(lease: Lease) -> Any:
    return (jobs.c.id == lease.job) & (jobs.c.state == RUNNING) & (jobs.c.worker == lease.worker)


def _job(row: Any, log: tuple[LogLine, ...] = ()) -> Job:
    kind = KINDS.get(row.kind) or Kind(title=Text("{code}", {"code": row.kind}), run="", resumable=False)
    left = row.seconds_left
    if left is not None and row.told_at is not None:
        left = max(0.0, left - (now_utc() - row.told_at).total_seconds())
    return Job(
        id=row.id,
        kind=row.kind,
        title=kind.title,
        options=json.loads(row.options),
        actor=row.actor,
        state=row.state,
        share=row.share,
        words=messages.unpack(row.words),
        seconds_left=left if row.state == RUNNING else None,
        cancelling=row.cancel_asked and row.state == RUNNING,
        attempts=row.attempts,
        created_at=aware(row.created_at),
        started_at=None if row.started_at is None else aware(row.started_at),
        ended_at=None if row.ended_at is None else aware(row.ended_at),
        faults=messages.unpack_all(row.faults),
        result_url=row.result_url,
        resumable=kind.resumable,
        log=log,
    )
