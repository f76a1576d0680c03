"""Jobs as their pages and scripts show them, and who may see which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app, g, url_for

from geo_service import jobs
from geo_service.jobs.job import DONE, QUEUED, RUNNING, STATE_TEXTS, Job
from geo_service.web import formats
from geo_service.web.access import Permission
from geo_service.web.languages import spoken
from geo_service.web.sessions import current_user, may
from geo_service.web.withheld import told_options
from geo_service.workspace import Workspace
from town_model import InputError, Text


@dataclass(frozen=True)
class Line:
    """A line of a job's log."""

    at: str
    words: Text


@dataclass(frozen=True, kw_only=True)
class JobView:
    """A job in words.

    Args:
        number: its number. kind: its kind. title: what is done. state: its state. state_words: the state in words.
        words: what it is doing, or what came of it. percent: how much is done. left: how long it still takes, in
            words; empty while nobody can say. actor: who asked for it. created, started, ended: when. took: how long.
        faults: why it failed. result_url: the page of its result. log: its log.
        living: whether it waits or runs. url: its page.
    """

    number: int
    kind: str
    title: Text
    state: str
    state_words: Text
    words: Text
    percent: int
    left: Text | str
    actor: str
    created: str
    started: str
    ended: str
    took: Text | str
    faults: tuple[Text, ...]
    result_url: str
    log: tuple[Line, ...]
    living: bool
    url: str


def view(job: Job) -> JobView:
    """Return a job in words."""
    stopping = Text("being cancelled")
    return JobView(
        number=job.id,
        kind=job.kind,
        title=job.title,
        state=job.state,
        state_words=stopping if job.cancelling else STATE_TEXTS[job.state],
        words=job.words,
        percent=100 if job.state == DONE else min(99, int(100 * job.share)),
        left=_left(job),
        actor=job.actor,
        created=formats.moment(job.created_at),
        started=formats.moment(job.started_at),
        ended=formats.moment(job.ended_at),
        took=_seconds((job.ended_at - job.started_at).total_seconds())
        if job.ended_at and job.started_at
        else "",
        faults=job.faults,
        result_url=job.result_url if job.state == DONE else "",
        log=tuple(Line(formats.moment(one.at), one.words) for one in job.log),
        living=job.is_living,
        url=url_for("jobs.show", number=job.id),
    )


def document(job: Job) -> dict[str, Any]:
    """Return a job for a script, in the language of this request."""
    told: dict[str, Any] = spoken(asdict(view(job)))
    times = {
        key: None if at is None else at.isoformat()
        for key, at in (("created", job.created_at), ("started", job.started_at), ("ended", job.ended_at))
    }
    return {
        **told,
        **times,
        "share": job.share,
        "seconds_left": job.seconds_left,
        "options": told_options(job.options),
    }


def _left(job: Job) -> Text | str:
    if job.state != RUNNING or job.seconds_left is None:
        return ""
    if job.seconds_left < 1:
        return Text("almost done")
    return Text.of("about {time} left", time=_seconds(job.seconds_left))


def _seconds(seconds: float) -> Text:
    if seconds < 90:
        return Text.of("{n} s", n=max(1, round(seconds)))
    if seconds < 5400:
        return Text.of("{n} min", n=round(seconds / 60))
    return Text.of("{n} h", n=f"{seconds / 3600:.1f}")


def workspace() -> Workspace:
    """Return the workspace of the running application."""
    found: Workspace = current_app.extensions["workspace"]
    return found


def seen_kinds() -> list[str]:
    """Return the kinds of jobs that the present user may ask for and see."""
    return [name for name, one in jobs.KINDS.items() if may(Permission(one.permission))]


def find(number: int) -> Job | None:
    """Return a job that the present user may see; None also where there is none."""
    try:
        job = jobs.get(workspace(), number)
    except InputError:
        return None
    return job if job.kind in seen_kinds() else None


def living(kinds: Collection[str] | None = None) -> JobView | None:
    """Return the job that runs or waits for one of some kinds, the first in turn; None where there is none.

    Args:
        kinds: the kinds; None for all that the present user may see.
    """
    seen = [one for one in seen_kinds() if kinds is None or one in kinds]
    found = jobs.listing(workspace(), kinds=seen, states=jobs.LIVING, limit=50) if seen else []
    return view(min(found, key=lambda one: (one.state == QUEUED, one.id))) if found else None


def own_living() -> JobView | None:
    """Return the present user's own job that runs or waits, for the frame of every page; None where there is none."""
    if "own_job" not in g:
        user = current_user()
        found = (
            jobs.listing(workspace(), actor=user.name, states=jobs.LIVING, kinds=seen_kinds(), limit=20)
            if user is not None and may(Permission.SEE_JOBS)
            else []
        )
        g.own_job = view(min(found, key=lambda one: (one.state == QUEUED, one.id))) if found else None
    own: JobView | None = g.own_job
    return own
