"""Coverage, blind spots and patrol plans as jobs."""

from __future__ import annotations

from geo_service.analysis.beats import DEFAULT_UNITS
from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.analysis.patrol import compute_patrol
from geo_service.i18n import say
from geo_service.jobs import JobContext, JobOutcome
from geo_service.progress import part
from geo_service.store import Store, StoredResult
from geo_service.workspace import Workspace
from town_model import Text


def coverage(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Compute what the cameras see."""
    compute_coverage(workspace.store, actor=job.actor, progress=job.progress)
    summary = _latest(workspace.store, "coverage").summary
    words = Text.of(
        "{seeing} of {cameras} cameras see something; {working} are working",
        seeing=summary["seeing"],
        cameras=summary["cameras"],
        working=summary["working"],
    )
    return JobOutcome("/", words)


def gaps(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Compute what the cameras see and where they see nothing: both, so that the two never disagree."""
    store = workspace.store
    compute_coverage(store, actor=job.actor, progress=part(job.progress, 0.0, 0.5))
    compute_gaps(store, actor=job.actor, progress=part(job.progress, 0.5, 1.0))
    found = _latest(store, "gaps").summary["pieces"]
    return JobOutcome("/gaps", Text.of("{n} blind spots", n=found))


def patrol(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Plan a day of patrols."""
    number = compute_patrol(
        workspace.store,
        actor=job.actor,
        time_limit_s=float(job.options.get("time_limit_s") or 30.0),
        seed=int(job.options.get("seed") or 0),
        say_name={str(words): say(words, workspace.settings.language) for *_, words in DEFAULT_UNITS},
        progress=job.progress,
        should_stop=job.should_stop,
    )
    summary = _latest(workspace.store, "patrol").summary
    job.log(Text.of("stored as plan {number}", number=number))
    words = Text.of(
        "{visits} visits to {places} places; {late} places too late",
        visits=summary["visits"],
        places=summary["places"],
        late=summary["breached_places"],
    )
    return JobOutcome("/patrol", words)


def _latest(store: Store, kind: str) -> StoredResult:
    result = store.latest_result(kind)
    assert result is not None  # stored a moment ago
    return result
