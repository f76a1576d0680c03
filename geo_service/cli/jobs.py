"""`jobs` and `publish`: long work of the service, and which plan the units go by."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from geo_service import jobs, publications
from geo_service.cli.session import EXIT_FAILED, Session
from geo_service.day_times import local_day
from geo_service.jobs.job import FAILED, STATE_TEXTS, STATES, Job
from geo_service.other_days import other_days_text
from town_model import InputError, Text


def _document(session: Session, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "share": round(job.share, 4),
        "words": session.say(job.words),
        "seconds_left": job.seconds_left,
        "cancelling": job.cancelling,
        "actor": job.actor,
        "options": job.options,
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at and job.started_at.isoformat(),
        "ended_at": job.ended_at and job.ended_at.isoformat(),
        "faults": [session.say(one) for one in job.faults],
        "result_url": job.result_url,
        "log": [{"at": one.at.isoformat(), "words": session.say(one.words)} for one in job.log],
    }


def _line(session: Session, job: Job) -> str:
    state = session.say(STATE_TEXTS[job.state])
    words = session.say(job.fault or job.words)
    percent = f" {100 * job.share:.0f} %" if job.state == "running" else ""
    return f"#{job.id} {session.say(job.title)} · {state}{percent} · {job.actor} · {words}"


def _emit(session: Session, job: Job) -> None:
    log = [f"  {one.at.astimezone():%Y-%m-%d %H:%M:%S} {session.say(one.words)}" for one in job.log]
    faults = [f"  {session.say(one)}" for one in job.faults[1:]]
    session.emit(_document(session, job), [_line(session, job), *faults, *log])


@click.group("jobs")
def jobs_group() -> None:
    """Long work of the service: list, show, cancel, run again. 后台任务。"""


@jobs_group.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state. 只列出某种状态。")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="How many at most. 最多条数。",
)
@click.pass_obj
def jobs_list(session: Session, state: str | None, limit: int) -> None:
    """List the jobs, newest first. 列出任务。"""
    found = jobs.listing(session.workspace, states=None if state is None else [state], limit=limit)
    lines: list[str | Text] = [_line(session, one) for one in found]
    session.emit(
        {"jobs": [_document(session, one) for one in found]}, lines or [Text("There are no jobs yet")]
    )


@jobs_group.command("show")
@click.argument("number", type=int)
@click.pass_obj
def jobs_show(session: Session, number: int) -> None:
    """Show a job with its log. 查看任务和日志。"""
    _emit(session, jobs.get(session.workspace, number))


@jobs_group.command("cancel")
@click.argument("number", type=int)
@click.pass_obj
def jobs_cancel(session: Session, number: int) -> None:
    """Cancel a job. 取消任务。"""
    _emit(session, jobs.cancel(session.workspace, number, actor=session.actor))


@jobs_group.command("again")
@click.argument("number", type=int)
@click.option(
    "--now",
    is_flag=True,
    help="Run it in this command instead of waiting for the server's worker. 立即在本命令中运行。",
)
@click.pass_obj
def jobs_again(session: Session, number: int, now: bool) -> None:
    """Run a job again that has ended, or with --now one that waits. 重新运行任务。"""
    workspace = session.workspace
    waits = jobs.get(workspace, number).state == "queued"
    again = number if now and waits else jobs.retry(workspace, number, actor=session.actor)
    job = jobs.run_now(workspace, again) if now else jobs.get(workspace, again)
    _emit(session, job)
    if job.state == FAILED:
        raise click.exceptions.Exit(EXIT_FAILED)


@click.command("publish")
@click.argument("days", required=False)
@click.option("--plan", type=int, help="Number of the plan; the latest by default. 方案编号，默认最新。")
@click.option("--withdraw", type=int, help="Withdraw the publication of this number. 撤回此编号的发布。")
@click.pass_obj
def publish_command(session: Session, days: str | None, plan: int | None, withdraw: int | None) -> None:
    """Publish the patrol plan for DAYS such as 2026-05-04..2026-05-10; without DAYS list. 发布巡逻方案。"""
    store = session.workspace.store
    today = local_day()
    others: Text | None = None
    if withdraw is not None:
        if days is not None or plan is not None:
            raise InputError("give either days to publish for or --withdraw")
        publications.withdraw(store, withdraw, actor=session.actor)
    elif days is not None:
        first, last = _span(days)
        latest = store.latest_result("patrol")
        if plan is None and latest is None:
            raise InputError("there is no patrol plan yet: run geo-service patrol")
        chosen = plan if plan is not None or latest is None else latest.id
        assert chosen is not None
        publications.publish(store, chosen, first, last, actor=session.actor, today=today)
        others = other_days_text(store, chosen, first, last, session.language)
    found = publications.published(store, since=today)
    now = publications.in_force(store, today)
    document = {
        "in_force": now and now.id,
        "publications": [
            {
                "id": one.id,
                "plan": one.result,
                "first_day": one.first_day.isoformat(),
                "last_day": one.last_day.isoformat(),
                "published_at": one.published_at.isoformat(),
                "published_by": one.published_by,
            }
            for one in found
        ],
    }
    lines: list[str | Text] = [
        f"#{one.id} {one.first_day}..{one.last_day} · "
        + session.say("plan {number}", number=one.result)
        + (f" · {session.say('holds today')}" if one == now else "")
        for one in found
    ]
    if others is not None:
        lines.append(others)
    session.emit(document, lines or [Text("No plan is published: cadres see no routes.")])


def _span(days: str) -> tuple[dt.date, dt.date]:
    first, _, last = days.partition("..")
    try:
        return dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError as error:
        raise InputError(
            "{days} are no days: write them as 2026-05-04..2026-05-10", days=days[:60]
        ) from error


COMMANDS = (jobs_group, publish_command)
