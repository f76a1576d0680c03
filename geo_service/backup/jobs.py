"""A backup as a job."""

from __future__ import annotations

from geo_service.backup.shelf import daily_is_due, make_backup
from geo_service.jobs import JobContext, JobOutcome
from geo_service.workspace import Workspace
from town_model import Text


def backup(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Make a backup; with the option ``daily`` that of the day, unless it is there."""
    daily = bool(job.options.get("daily"))
    if daily and not daily_is_due(workspace):
        return JobOutcome("/admin/backups", Text("the backup of today is there"))
    report = make_backup(workspace, actor=job.actor, daily=daily, progress=job.progress)
    words = Text.of(
        "Backup written: {file} ({size_kb} KB)", file=report.file.name, size_kb=-(-report.size // 1000)
    )
    return JobOutcome("/admin/backups", words)
