"""The pages of jobs: the list, and one job with its progress, to cancel or run again."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import jobs
from geo_service.jobs.job import STATE_TEXTS
from geo_service.web import job_view
from geo_service.web.access import Permission, allow
from geo_service.web.layer_rows import PAGE_ROWS, read_page
from geo_service.web.sessions import audit, may, user_name

blueprint = Blueprint("jobs", __name__)
_NO_OPTIONS = frozenset({"csrf_token", "kind"})


def install(app: Flask) -> None:
    """Let the frame of every page tell of the user's own job that runs."""

    @app.context_processor
    def _own_job() -> dict[str, object]:
        return {"own_job": job_view.own_living(), "follow_jobs": may(Permission.SEE_JOBS)}


@blueprint.get("/jobs")
@allow(Permission.SEE_JOBS)
def index() -> ResponseReturnValue:
    """Show the jobs that the user may see, newest first."""
    page = read_page(request.args.get("page"))
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    mine = request.args.get("mine", "")
    seen = job_view.seen_kinds()
    found = jobs.listing(
        job_view.workspace(),
        kinds=[one for one in seen if kind in ("", one)],
        states=[state] if state else None,
        actor=user_name() if mine else None,
        limit=PAGE_ROWS + 1,
        offset=(page - 1) * PAGE_ROWS,
    )
    return render_template(
        "jobs.html",
        jobs=[job_view.view(one) for one in found[:PAGE_ROWS]],
        more=len(found) > PAGE_ROWS,
        page=page,
        chosen={"state": state, "kind": kind, "mine": mine},
        filtered={key: one for key, one in (("state", state), ("kind", kind), ("mine", mine)) if one},
        states=STATE_TEXTS,
        kinds={one: jobs.KINDS[one].title for one in seen},
        keep_days=job_view.workspace().settings.jobs_keep_days,
    )


@blueprint.post("/jobs")
@allow(Permission.SEE_JOBS)
def submit() -> ResponseReturnValue:
    """Ask for a job by a form: its kind, and its options by their names."""
    name = request.form.get("kind", "")
    kind = jobs.kind_of(name)
    if name not in job_view.seen_kinds():
        audit("refused", f"{request.path} {name}")
        abort(403)
    options = kind.read_options({key: words for key, words in request.form.items() if key not in _NO_OPTIONS})
    number = jobs.submit(job_view.workspace(), name, actor=user_name(), options=options)
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.get("/jobs/<int:number>")
@allow(Permission.SEE_JOBS)
def show(number: int) -> ResponseReturnValue:
    """Show a job; its script keeps the page up to date."""
    job = job_view.find(number)
    if job is None:
        abort(404)
    return render_template("job.html", job=job_view.view(job))


@blueprint.post("/jobs/<int:number>/cancel")
@allow(Permission.SEE_JOBS)
def cancel(number: int) -> ResponseReturnValue:
    """Cancel a job."""
    if job_view.find(number) is None:
        abort(404)
    jobs.cancel(job_view.workspace(), number, actor=user_name())
    return redirect(url_for("jobs.show", number=number), 303)


@blueprint.post("/jobs/<int:number>/again")
@allow(Permission.SEE_JOBS)
def again(number: int) -> ResponseReturnValue:
    """Run a job again that has ended."""
    if job_view.find(number) is None:
        abort(404)
    new = jobs.retry(job_view.workspace(), number, actor=user_name())
    return redirect(url_for("jobs.show", number=new), 303)
