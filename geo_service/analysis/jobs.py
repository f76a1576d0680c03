"""Coverage, blind spots, patrol plans, varied days and the clock as jobs."""

from __future__ import annotations

import datetime as dt

from geo_service.analysis.beats import DEFAULT_UNITS
from geo_service.analysis.camera_health import compute_health
from geo_service.analysis.certainty import Tolerances, stated_tolerances
from geo_service.analysis.clock import REQUIRED_SHARE, compute_clock
from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.analysis.law import compute_law
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.response import compute_response
from geo_service.analysis.variation import compute_variation
from geo_service.day_times import local_day
from geo_service.duty.cameras import camera_credit
from geo_service.duty.choice import choose_day
from geo_service.i18n import say
from geo_service.jobs import JobContext, JobOutcome
from geo_service.progress import part
from geo_service.response_limits import read_limits
from geo_service.store import Store, StoredResult
from geo_service.workspace import Workspace
from town_model import Text


def coverage(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Compute what the cameras see."""
    compute_coverage(workspace.store, actor=job.actor, certainty=True, progress=job.progress)
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
    compute_coverage(store, actor=job.actor, certainty=True, progress=part(job.progress, 0.0, 0.5))
    compute_gaps(
        store,
        actor=job.actor,
        only_verified=workspace.settings.gaps_only_verified,
        progress=part(job.progress, 0.5, 1.0),
    )
    found = _latest(store, "gaps").summary["pieces"]
    return JobOutcome("/gaps", Text.of("{n} blind spots", n=found))


def certainty(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Compute what the cameras surely and possibly see, with tolerances that a planner stated."""
    store = workspace.store
    given = {name.replace("__", "."): value for name, value in job.options.items() if value is not None}
    stated = Tolerances.read(given, stated_tolerances(store))
    compute_coverage(store, actor=job.actor, certainty=True, tolerances=stated, progress=job.progress)
    found = _latest(store, "coverage").summary["certain"]
    words = Text.of(
        "by day {sure} m² are surely seen and {possible} m² more possibly; {count} cameras to check",
        sure=f"{found['sure_day_m2']:,.0f}",
        possible=f"{found['possible_day_m2']:,.0f}",
        count=found["to_check"],
    )
    return JobOutcome("/coverage/certainty", words)


def health(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Ask how many cameras were online and in order, and which repair gains most."""
    store, today = workspace.store, local_day()
    compute_health(
        store,
        actor=job.actor,
        today=today,
        days=int(job.options.get("days") or 30),
        goal=workspace.settings.goal_working_percent / 100,
        progress=job.progress,
    )
    found = _latest(store, "health")
    words = Text.of(
        "{working} of {cameras} cameras work; {out} to repair",
        working=found.summary["working"],
        cameras=found.summary["cameras"],
        out=len(found.frame("repairs")),
    )
    return JobOutcome("/cameras/health", words)


def camera_report(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Ask what cameras see of private ground, what breaks the law, and which are out of order."""
    store, today = workspace.store, local_day()
    compute_law(store, actor=job.actor, today=today, progress=part(job.progress, 0.0, 0.7))
    compute_health(
        store,
        actor=job.actor,
        today=today,
        goal=workspace.settings.goal_working_percent / 100,
        progress=part(job.progress, 0.7, 1.0),
    )
    words = Text.of(
        "{findings} findings; {out} cameras out of order",
        findings=sum(_latest(store, "exposure").summary["findings"].values()),
        out=len(_latest(store, "health").frame("repairs")),
    )
    return JobOutcome("/cameras/report", words)


def patrol(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Plan a day of patrols."""
    number = compute_patrol(
        workspace.store,
        actor=job.actor,
        planned=choose_day(
            workspace.store,
            date=job.options.get("date"),
            day_type=job.options.get("day_type"),
            duty_level=job.options.get("duty_level"),
            cameras=camera_credit(workspace.settings, job.options),
        ),
        time_limit_s=float(job.options.get("time_limit_s") or 30.0),
        seed=int(job.options.get("seed") or 0),
        say_name=_unit_names(workspace),
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


def variation(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Vary the plan over some days."""
    number = compute_variation(
        workspace.store,
        actor=job.actor,
        days=int(job.options.get("days") or 14),
        say_name=_unit_names(workspace),
        progress=job.progress,
        should_stop=job.should_stop,
    )
    summary = _latest(workspace.store, "patrol_days").summary
    job.log(Text.of("stored as plan {number}", number=number))
    words = Text.of(
        "{days} days, all audited; the longest window at a place is {after} min, with the one plan every day {before} min",
        days=summary["days"],
        before=round(summary["longest_window_before_s"] / 60),
        after=round(summary["longest_window_s"] / 60),
    )
    return JobOutcome("/patrol/days", words)


def clock(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Read cameras and patrols on one clock."""
    compute_clock(
        workspace.store,
        actor=job.actor,
        date=dt.date.fromisoformat(str(job.options["date"])),
        required_share=float(job.options.get("required_share") or REQUIRED_SHARE),
        days=int(job.options.get("days") or 1),
        say_name=_unit_names(workspace),
        progress=job.progress,
    )
    summary = _latest(workspace.store, "clock").summary
    words = Text.of(
        "{places} places, {hours} h a day neither watched nor patrolled",
        places=summary["places"],
        hours=f"{summary['unwatched_min'] / 60:,.1f}",
    )
    return JobOutcome("/clock", words)


def response(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Work out how soon somebody reaches each place."""
    compute_response(
        workspace.store,
        actor=job.actor,
        limits_min=read_limits(str(job.options.get("limits") or workspace.settings.response_limits_min)),
        stations=bool(job.options.get("stations", True)),
        progress=job.progress,
    )
    summary = _latest(workspace.store, "response").summary
    words = Text.of(
        "{places} places; within {limit} min, on average over the day, {share} of them",
        places=summary["places"],
        limit=f"{summary['limits_s'][1] / 60:g}",
        share=f"{100 * summary['shares'][1]:.0f}%",
    )
    return JobOutcome("/patrol/response", words)


def _unit_names(workspace: Workspace) -> dict[str, str]:
    return {str(words): say(words, workspace.settings.language) for *_, words in DEFAULT_UNITS}


def _latest(store: Store, kind: str) -> StoredResult:
    result = store.latest_result(kind)
    assert result is not None  # stored a moment ago
    return result
