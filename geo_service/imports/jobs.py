"""The jobs on uploaded files: check a large one, store one, fill an empty workspace with the sample town."""

from __future__ import annotations

from sqlalchemy import select

from geo_service.demo import compute, load
from geo_service.imports import uploaded
from geo_service.imports.uploads import Upload, Uploads
from geo_service.jobs import JobContext, JobOutcome
from geo_service.progress import part
from geo_service.store.tables import LAYER_TABLES, batches
from geo_service.workspace import Workspace
from town_model import InputError, Text


def check(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Check the upload that the option ``upload`` names; a file that cannot be read at all is thrown away."""
    upload = _upload(workspace, job)
    if upload.state == "stored":
        return _outcome(upload)
    return _outcome(uploaded.check(workspace, upload, progress=job.progress))


def store(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Store the upload that the option ``upload`` names; one that is stored already stays as it is."""
    upload = _upload(workspace, job)
    if upload.state == "stored":
        return _outcome(upload)
    return _outcome(uploaded.store(workspace, upload, actor=job.actor, progress=job.progress))


def sample(workspace: Workspace, job: JobContext) -> JobOutcome:
    """Fill an empty workspace with the fictional sample town, and compute coverage, blind spots and patrols."""
    data = workspace.store
    if is_empty(workspace):
        job.progress(0.02, Text("making the sample town"))
        load(data, actor=job.actor)
    elif not _began_sample(workspace):
        raise InputError("the workspace holds data: the sample town goes into an empty one only")
    missing = [kind for kind in ("coverage", "gaps", "patrol") if data.latest_result(kind) is None]
    compute(data, missing, part(job.progress, 0.15, 1.0), actor=job.actor)
    return JobOutcome(result_url="/", words=Text("The sample town is there."))


def _began_sample(workspace: Workspace) -> bool:
    """Whether the sample town was loaded before: by this job, whose worker was lost since."""
    with workspace.store.reading() as connection:
        found = connection.execute(select(batches.c.id).where(batches.c.kind == "sample").limit(1)).first()
    return found is not None


def is_empty(workspace: Workspace) -> bool:
    """Return whether no layer of a workspace holds a row."""
    return not any(workspace.store.count(name) for name in LAYER_TABLES)


def _upload(workspace: Workspace, job: JobContext) -> Upload:
    found = Uploads(workspace).get(int(job.options["upload"]))
    if found is None:
        raise InputError("there is no upload {number}", number=job.options["upload"])
    return found


def _outcome(upload: Upload) -> JobOutcome:
    report = upload.report
    if upload.state == "stored":
        words = Text.of("{file}: {count} new rows stored", file=upload.file, count=report.get("inserted", 0))
    elif "proposed" in report:
        words = Text.of("{file}: checked, nothing is stored yet", file=upload.file)
    else:
        words = Text.of(
            "{file}: checked, {refused} rows refused, nothing is stored yet",
            file=upload.file,
            refused=report.get("refused", 0),
        )
    return JobOutcome(result_url=f"/imports/{upload.id}", words=words)
