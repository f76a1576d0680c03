"""`clock`: how many minutes of a day each place is watched, patrolled, or neither."""

from __future__ import annotations

import datetime as dt

import click

from geo_service.analysis.clock import REQUIRED_SHARE, compute_clock
from geo_service.cli.session import Session
from geo_service.day_times import local_day, time_of_day
from town_model import Text


@click.command("clock")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day, which decides sunrise and sunset; today by default. 日期（决定日出日落），默认今天。",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    default=REQUIRED_SHARE,
    show_default=True,
    help="How much of a place cameras must see. 摄像机须看到该处的多大份额。",
)
@click.option(
    "--utc-offset",
    type=click.FloatRange(-12, 14),
    default=8.0,
    show_default=True,
    help="Hours ahead of UTC. 时区。",
)
@click.pass_obj
def clock_command(session: Session, date: dt.datetime | None, share: float, utc_offset: float) -> None:
    """Read cameras and patrols on one clock. 把监控和巡逻放在同一时钟上核算防控空档。"""
    store = session.workspace.store
    day = date.date() if date else local_day()
    with session.progress("Reading the clock") as told:
        number = compute_clock(
            store,
            actor=session.actor,
            date=day,
            required_share=share,
            utc_offset_h=utc_offset,
            progress=told,
        )
    result = session.stored(number)
    summary = result.summary
    places = result.frame("places")
    lines: list[str | Text] = [
        Text.of(
            "{date}: sunrise {sunrise}, sunset {sunset}",
            date=day.isoformat(),
            sunrise=time_of_day(summary["sunrise_s"]),
            sunset=time_of_day(summary["sunset_s"]),
        ),
        Text.of(
            "{places} places are open for {open} h a day in all: {watched} h watched by cameras, {patrolled} h patrolled, {unwatched} h neither",
            places=summary["places"],
            open=f"{summary['open_min'] / 60:,.0f}",
            watched=f"{summary['watched_min'] / 60:,.1f}",
            patrolled=f"{summary['patrolled_min'] / 60:,.1f}",
            unwatched=f"{summary['unwatched_min'] / 60:,.1f}",
        ),
    ]
    if summary["plan"] is None:
        lines.append(Text("there is no patrol plan yet: only cameras count"))
    late = places[places["unwatched_min"] >= 1]
    lines += session.emit_list(
        Text("Unwatched minutes a day, the most first:"),
        [
            session.say(
                "{place}: {minutes} min, the longest stretch {longest} min",
                place=row["name"] or row["place"],
                minutes=f"{row['unwatched_min']:.0f}",
                longest=f"{row['longest_unwatched_min']:.0f}",
            )
            for row in late.to_dict("records")
        ],
    )
    rows = places.astype(object).where(places.notna(), None).to_dict("records")
    session.emit({"result": number, "date": day.isoformat(), **summary, "by_place": rows}, lines)


COMMANDS = (clock_command,)
