"""`sites`: planned camera sites, their notices, objections and steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from geo_service import sites
from geo_service.cli.session import Session
from geo_service.day_times import local_day
from geo_service.exports.files import whole_file
from geo_service.exports.sites import sites_workbook
from geo_service.papers.site_notice import notices_pdf
from geo_service.sites import Site
from geo_service.words import SITE_STATES
from town_model import InputError, Text, layer

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_PURPOSES = [one.value for one in layer("site_notices").column("purpose").choices]
_CONCERNS = [one.value for one in layer("site_objections").column("concern").choices]


@click.group("sites")
def sites_group() -> None:
    """Planned camera sites: notices, objections as counts and places, steps. 拟建点位：公示、异议和进度。"""


@sites_group.command("list")
@click.option(
    "--state", type=click.Choice(list(SITE_STATES)), help="Only sites in this state. 只列某一进度。"
)
@click.option(
    "--xlsx",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write them into a workbook, too. 同时导出 Excel。",
)
@click.pass_obj
def sites_list(session: Session, state: str | None, xlsx: Path | None) -> None:
    """List planned sites with their next steps. 列出拟建点位和下一步。"""
    found = [one for one in sites.list_sites(session.workspace.store) if state in (None, one.state)]
    if xlsx is not None:
        with whole_file(xlsx, overwrite=False) as part:
            part.write_bytes(sites_workbook(found, session.language, today=local_day()))
            session.workspace.store.audit(session.actor, "export_sites", xlsx.name)
    lines: list[str | Text] = [
        Text.of(
            "{site} [{state}]: {next}",
            site=one.name,
            state=SITE_STATES[one.state],
            next=one.next_step(local_day()),
        )
        for one in found
    ]
    session.emit(
        {"sites": [_record(session, one) for one in found]}, lines or [Text("there are no planned sites")]
    )


@sites_group.command("notice")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--site",
    "names",
    multiple=True,
    help="Name or number of a site; all of them without it. 点位名称或行号，不给则全部。",
)
@click.option(
    "--language",
    type=click.Choice(("zh", "en")),
    default="zh",
    show_default=True,
    help="Language of the notice. 公示的语言。",
)
@click.pass_obj
def sites_notice(session: Session, file: Path, names: tuple[str, ...], language: str) -> None:
    """Write public notices into a PDF, a page a site. 把公示写成 PDF，每个点位一页。"""
    store = session.workspace.store
    if names:
        chosen = [sites.find_site(store, one) for one in names]
    else:
        chosen = [one for one in sites.list_sites(store) if not one.missing and one.state != "built"]
    with whole_file(file, overwrite=False) as part:
        part.write_bytes(notices_pdf(chosen, store=store, language=language))
        store.audit(session.actor, "print_notice", f"{file.name} ({len(chosen)})")
    session.emit(
        {"file": str(file), "notices": len(chosen)},
        [Text.of("{count} notices written to {file}", count=len(chosen), file=file)],
    )


def _notice_options(command: Any) -> Any:
    for option in reversed(
        (
            click.option("--purpose", type=click.Choice(_PURPOSES), help="What it is for. 设置目的。"),
            click.option(
                "--place",
                help="Public place in plain words; by default from the map. 设置地点，不给则按地图取名。",
            ),
            click.option("--unit", help="Office that sets it up. 设置单位。"),
            click.option("--phone", help="Phone of the office, no mobile. 单位办公电话。"),
            click.option("--object-at", help="Office and address that take objections. 异议受理处。"),
            click.option("--from", "notice_from", type=_DAY, help="First day of the notice. 公示开始。"),
            click.option("--until", "notice_until", type=_DAY, help="Last day of the notice. 公示截止。"),
        )
    ):
        command = option(command)
    return command


@sites_group.command("prepare")
@click.argument("site")
@_notice_options
@click.pass_obj
def sites_prepare(session: Session, /, site: str, **given: Any) -> None:
    """Keep what a notice says, to print it. 保存公示内容，供打印。"""
    found = sites.find_site(session.workspace.store, site)
    sites.prepare(
        session.workspace.store, {found.camera: _notice(session, found, given)}, actor=session.actor
    )
    _tell(session, found)


@sites_group.command("notify")
@click.argument("site")
@_notice_options
@click.pass_obj
def sites_notify(session: Session, /, site: str, **given: Any) -> None:
    """Enter that a notice is posted. 登记已张贴公示。"""
    found = sites.find_site(session.workspace.store, site)
    sites.notify(
        session.workspace.store,
        {found.camera: _notice(session, found, given)},
        actor=session.actor,
        least_days=session.workspace.settings.notice_days,
    )
    _tell(session, found)


@sites_group.command("object")
@click.argument("site")
@click.option(
    "--place", required=True, help="Public place concerned; never who objects. 涉及的公共地点，不写提出人。"
)
@click.option(
    "--concern",
    type=click.Choice(_CONCERNS),
    default="other",
    show_default=True,
    help="What it is about. 事由。",
)
@click.option(
    "--count", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many. 件数。"
)
@click.option("--on", type=_DAY, help="Day; today by default. 日期，默认今天。")
@click.pass_obj
def sites_object(
    session: Session, site: str, *, place: str, concern: str, count: int, on: dt.datetime | None
) -> None:
    """Count objections to a site. 登记异议件数。"""
    store = session.workspace.store
    found = sites.find_site(store, site)
    sites.object_to(
        store,
        found.camera,
        received_on=_past(on),
        place=place,
        concern=concern,
        count=count,
        actor=session.actor,
    )
    _tell(session, found)


@sites_group.command("settle")
@click.argument("site")
@click.argument("outcome", type=click.Choice(["adopted", "answered", "withdrawn"]))
@click.option("--on", type=_DAY, help="Day; today by default. 日期，默认今天。")
@click.pass_obj
def sites_settle(session: Session, site: str, outcome: str, on: dt.datetime | None) -> None:
    """Settle the oldest open objections of a site. 登记最早一笔待处理异议的处理结果。"""
    store = session.workspace.store
    found = sites.find_site(store, site)
    waiting = [one for one in found.objections if one.outcome == "open"]
    if not waiting:
        raise InputError("{site} has no open objections", site=found.name)
    sites.settle(store, waiting[-1].id, outcome=outcome, on=_past(on), actor=session.actor)
    _tell(session, found)


@sites_group.command("handled")
@click.argument("site")
@click.option("--on", type=_DAY, help="Day; today by default. 日期，默认今天。")
@click.pass_obj
def sites_handled(session: Session, site: str, on: dt.datetime | None) -> None:
    """Enter that the objections are handled. 登记异议已处理完毕。"""
    _enter(session, site, sites.handle, on)


@sites_group.command("built")
@click.argument("site")
@click.option("--on", type=_DAY, help="Day; today by default. 日期，默认今天。")
@click.pass_obj
def sites_built(session: Session, site: str, on: dt.datetime | None) -> None:
    """Enter that a site is built; its camera is then in use. 登记建成，摄像机转为在用。"""
    _enter(session, site, sites.build, on)


@sites_group.command("back")
@click.argument("site")
@click.pass_obj
def sites_back(session: Session, site: str) -> None:
    """Take the last entry of a site back. 撤销上一次登记。"""
    found = sites.find_site(session.workspace.store, site)
    sites.take_back(session.workspace.store, found.camera, actor=session.actor)
    _tell(session, found)


def _notice(session: Session, site: Site, given: dict[str, Any]) -> dict[str, Any]:
    values = {
        name: value.date() if isinstance(value, dt.datetime) else value
        for name, value in given.items()
        if value is not None
    }
    if not site.notice.get("place") and "place" not in values:
        values["place"] = sites.public_place(session.workspace.store, site.camera)
    return values


def _past(on: dt.datetime | None) -> dt.date:
    day = local_day() if on is None else on.date()
    if day > local_day():
        raise InputError("{day} has not come yet: enter what was done, not what will be", day=day.isoformat())
    return day


def _enter(session: Session, site: str, step: Callable[..., Any], on: dt.datetime | None) -> None:
    """Enter a step of a site that was done on a day."""
    found = sites.find_site(session.workspace.store, site)
    step(session.workspace.store, found.camera, on=_past(on), today=local_day(), actor=session.actor)
    _tell(session, found)


def _tell(session: Session, site: Site) -> None:
    now = sites.site_of(session.workspace.store, site.camera)
    words = Text.of(
        "{site} [{state}]: {next}",
        site=now.name,
        state=SITE_STATES[now.state],
        next=now.next_step(local_day()),
    )
    session.emit(_record(session, now), [words])


def _record(session: Session, site: Site) -> dict[str, Any]:
    return {
        "camera": site.camera,
        "name": site.name,
        "state": site.state,
        "next_step": session.say(site.next_step(local_day())),
        **site.notice,
        "missing": list(site.missing),
        "steps": [{"state": one.state, "day": one.day, "entered_at": one.at, "entered_by": one.actor} for one in site.steps],
        "objections": [
            {"received_on": one.received_on, "place": one.place, "concern": one.concern, "count": one.count, "outcome": one.outcome, "settled_on": one.settled_on}
            for one in site.objections
        ],
    }  # fmt: skip


COMMANDS = (sites_group,)
