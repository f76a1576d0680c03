"""Long work: jobs under leases in the store, done by a supervised worker process.

```python
number = submit(workspace, "patrol", actor="planner", options={"time_limit_s": 60})
get(workspace, number).words
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.jobs import table
from geo_service.jobs.job import LIVING, STATES, Job, JobOutcome, LogLine
from geo_service.jobs.kinds import KINDS, Kind, Option, kind_of
from geo_service.jobs.work import JobCancelledError, JobContext, run_now
from geo_service.store import ConflictError, audit
from geo_service.workspace import Workspace

__all__ = [
    "KINDS",
    "LIVING",
    "STATES",
    "Job",
    "JobCancelledError",
    "JobContext",
    "JobOutcome",
    "Kind",
    "LogLine",
    "Option",
    "cancel",
    "get",
    "kind_of",
    "listing",
    "retry",
    "run_now",
    "submit",
]


def submit(workspace: Workspace, kind: str, *, actor: str, options: Mapping[str, Any] | None = None) -> int:
    """Ask for a job and return its number; one that is equal and still waits or runs is returned instead.

    Args:
        workspace: the workspace.
        kind: a key of `KINDS`.
        actor: who asks.
        options: its options as plain values. What a user typed goes through `Kind.read_options` first.

    Raises:
        InputError: there is no such kind.
    """
    kind_of(kind)
    with workspace.store.writing() as connection:
        number, is_new = table.add(connection, kind, options or {}, actor=actor)
        if is_new:
            audit.add(connection, actor=actor, action="job_submitted", target=f"{kind} #{number}")
            table.prune(connection, days=workspace.settings.jobs_keep_days)
    return number


def get(workspace: Workspace, job_id: int) -> Job:
    """Return a job as it stands now, with its log.

    Raises:
        InputError: there is no such job.
    """
    with workspace.store.reading() as connection:
        return table.read(connection, job_id)


def listing(
    workspace: Workspace,
    *,
    kinds: Sequence[str] | None = None,
    states: Sequence[str] | None = None,
    actor: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Job]:
    """Return jobs without their logs, newest first.

    Args:
        workspace: the workspace.
        kinds: only jobs of these kinds.
        states: only jobs in these states.
        actor: only those that this user asked for.
        limit: how many at most.
        offset: how many of the newest to pass over.
    """
    with workspace.store.reading() as connection:
        return table.listing(connection, kinds=kinds, states=states, actor=actor, limit=limit, offset=offset)


def cancel(workspace: Workspace, job_id: int, *, actor: str) -> Job:
    """Cancel a job: at once while it waits, within moments while it runs; one that has ended stays as it is.

    Args:
        workspace: the workspace.
        job_id: its number.
        actor: who does so.

    Returns:
        The job as it stands then.

    Raises:
        InputError: there is no such job.
    """
    with workspace.store.writing() as connection:
        job = table.read(connection, job_id)
        if job.is_living and not job.cancelling:
            table.ask_to_cancel(connection, job_id)
            audit.add(connection, actor=actor, action="job_cancelled", target=f"{job.kind} #{job_id}")
        return table.read(connection, job_id)


def retry(workspace: Workspace, job_id: int, *, actor: str) -> int:
    """Run a job again that has ended: a new job with the same options; return its number.

    Raises:
        InputError: there is no such job.
        ConflictError: it has not ended yet.
    """
    job = get(workspace, job_id)
    if job.is_living:
        raise ConflictError("job {number} has not ended yet: cancel it first", number=job_id)
    return submit(workspace, job.kind, actor=actor, options=job.options)
