"""Sheets of many cameras as a job: drawn by the worker, kept for a while in the folder of exports."""

from __future__ import annotations

import re
from pathlib import Path

from geo_service.exports.files import whole_file
from geo_service.jobs import JobContext, JobOutcome
from geo_service.papers.camera_sheet import SheetOptions, camera_sheets
from geo_service.workspace import Workspace
from town_model import Text

#: From so many sheets on they are a job: fewer take a second or two.
MOST_AT_ONCE = 4
_KEPT = 10
_NAME = re.compile(r"camera-sheets-(\d+)\.pdf")


def sheets_file(workspace: Workspace, number: int) -> Path:
    """Return the file that the job of a number writes."""
    return workspace.folder / "exports" / f"camera-sheets-{number}.pdf"


def sheets(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Make the sheets that the job asks for; the newest few such files are kept."""
    ids = job.options.get("cameras")
    options = SheetOptions(
        language=str(job.options.get("language") or workspace.settings.language),
        datum=str(job.options.get("datum") or "wgs84"),
        user=job.actor,
    )
    made, pages = camera_sheets(workspace.store, ids, options=options, progress=job.progress)
    target = sheets_file(workspace, job.id)
    target.parent.mkdir(exist_ok=True)
    with whole_file(target, overwrite=True) as part:
        part.write_bytes(made)
    _sweep(target.parent)
    return JobOutcome(f"/cameras/sheets/{job.id}", Text.of("{pages} camera sheets are ready", pages=pages))


def _sweep(folder: Path) -> None:
    """Remove all such files but the newest: they hold what is secret, and can be made again."""
    found = [(int(match[1]), one) for one in folder.iterdir() if (match := _NAME.fullmatch(one.name))]
    for _, one in sorted(found, reverse=True)[_KEPT:]:
        one.unlink(missing_ok=True)
