"""`routes`: sheets, workbook, card and GPX of a patrol plan, a published day or a varied day."""

from __future__ import annotations

from pathlib import Path

import click

from geo_service.analysis.days import DAYS_KIND
from geo_service.cli.session import Session
from geo_service.exports.files import whole_file
from geo_service.exports.patrol import plan_workbook
from geo_service.exports.route_gpx import route_gpx
from geo_service.papers import route_card, route_pdf
from geo_service.papers.route_days import RouteDay, route_day
from geo_service.store import StoredResult
from town_model import InputError, Text

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("routes")
@click.option("--pdf", type=_FILE, help="Sheets, a page a unit. 各队路线单（PDF）。")
@click.option(
    "--xlsx", type=_FILE, help="Visits, units, places, breaches. 到访、力量、地点、超时空档（Excel）。"
)
@click.option("--card", type=_FILE, help="Card of one unit for a phone (PNG). 一支力量的路线卡（PNG）。")
@click.option("--gpx", type=_FILE, help="Way and stops of one unit. 一支力量的路线（GPX）。")
@click.option("--unit", default="", help="Name or key of a unit. 巡逻力量的名称或编号。")
@click.option("--day", default="", help="The plan published for this day, as 2026-05-04. 该日已发布的计划。")
@click.option(
    "--varied", default="", help="One of the varied days, from 1, or all (--xlsx). 变化方案第几天，或 all。"
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there. 覆盖已有文件。")
@click.pass_obj
def routes_command(
    session: Session,
    *,
    pdf: Path | None,
    xlsx: Path | None,
    card: Path | None,
    gpx: Path | None,
    unit: str,
    day: str,
    varied: str,
    overwrite: bool,
) -> None:
    """Write patrol routes as sheets, workbook, card or GPX. 导出巡逻路线单、表格、路线卡或 GPX。"""
    store = session.workspace.store
    given = [one for one in (pdf, xlsx, card, gpx) if one is not None]
    if len(given) != 1:
        raise InputError("name one file to write: --pdf, --xlsx, --card or --gpx")
    if day and varied:
        raise InputError("choose --day or --varied, not both")
    if varied == "all":
        days = store.latest_result(DAYS_KIND)
        if days is None:
            raise InputError("there are no varied days yet: vary the plan first")
        if xlsx is None:
            raise InputError("all varied days go into a workbook only: use --xlsx, or name one with --varied")
        chosen = RouteDay(days)
    else:
        chosen = route_day(store, published=day, varied=varied)
    plan, language = chosen.plan, session.language
    key = _unit(plan, unit) if unit or card or gpx else ""
    if pdf is not None:
        made = route_pdf(
            store, plan, [key] if key else (), day=chosen.day, language=language, user=session.actor
        )
    elif xlsx is not None:
        made = plan_workbook(plan, language, day=chosen.day)
    elif card is not None:
        made = route_card(store, plan, key, day=chosen.day, language=language)
    else:
        made = route_gpx(plan, key, day=chosen.day)
    target = given[0]
    with whole_file(target, overwrite=overwrite) as part:
        part.write_bytes(made)
        store.audit(session.actor, "export_plan" if xlsx else "print_route", f"{target.name} {key}".strip())
    session.emit({"file": str(target), "unit": key or None}, [Text.of("Written: {file}", file=target)])


def _unit(plan: StoredResult, asked: str) -> str:
    """Return the key of a unit that is named by its key or its name."""
    units = plan.frame("units")
    known = dict(zip(units["unit_name"].astype(str), units["unit"].astype(str), strict=True))
    if asked in known.values():
        return asked
    if asked not in known:
        raise InputError("name the unit with --unit, one of {known}", known=", ".join(known))
    return str(known[asked])


COMMANDS = (routes_command,)
